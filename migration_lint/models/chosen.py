"""Which of a project's models are those of a database, where it has several databases."""

from __future__ import annotations

from migration_lint.catalog.model import Catalog
from migration_lint.sources.sqlalchemy.mapping import ModelTable
from migration_lint.sources.sqlalchemy.metadata import Collections


def chosen(
    collections: Collections, environment: str, catalog: Catalog
) -> tuple[list[ModelTable], list[ModelTable]]:
    """The tables of models that are for one database, and those that are for none that is known to be it.

    `environment` is the path of its env.py, which hands a `target_metadata` to Alembic. Where that is not
    known, a MetaData is of this database unless migrations make none of its tables, and some of another's.
    """
    homes = collections.of_environment(environment)
    groups = collections.groups()
    everything = [table for group in groups for table in group]
    if homes is not None:
        mine = collections.within(homes)
    else:
        made = [
            group
            for group in groups
            if any(catalog.table(each.schema, each.name) is not None for each in group)
        ]
        mine = [table for group in made or groups for table in group]
    kept = set(mine)
    return mine, [table for table in everything if table not in kept]
