"""What an INSERT through a view writes: a table, whose columns have the names that the view gives them.

PostgreSQL's manual, CREATE VIEW: one that reads one table or view, without DISTINCT, GROUP BY, LIMIT and the
like, takes INSERTs into those of its columns that are columns of that table.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from migration_lint.catalog.expressions import renamed_all
from migration_lint.catalog.model import Catalog, CatalogColumn, Key, Table, View
from migration_lint.data_class import replace
from migration_lint.operations import Constraint

#: What keeps a view from being written through; or it may.
_NOT_UPDATABLE = r"(?i)\b(distinct|group|having|limit|offset|fetch|union|intersect|except|with|over)\b"


def written_through(catalog: Catalog, key: Key) -> Table | None:
    """The table into which an INSERT at a key writes, as that INSERT sees it; None: that is not known.

    It has the schema and the name of the table itself, whatever the INSERT calls it.
    """
    view = None if key in catalog.rows else catalog.views.get(key)
    if view is None:
        return catalog.get(key)
    if view.outputs is None or len(view.reads) != 1 or re.search(_NOT_UPDATABLE, view.made):
        return None
    if any(hook.kind in ("trigger", "rule") for hook in catalog.hooks.get(key, ())):
        return None  # they say what is done instead
    source = catalog.key_of(view.reads[0])
    table, read = written_through(catalog, source), catalog.relation(source)
    return None if table is None or read is None else _seen_through(catalog, view, table, read)


def _seen_through(catalog: Catalog, view: View, table: Table, read: Table) -> Table:
    """A table with the names that a view has for what it gives out of it; `read`: what the view reads."""
    inner = {column.identity: name for name, column in read.columns.items()}
    names = {inner[output.source]: output.name for output in view.outputs or () if output.source in inner}
    defaults = {catalog.fold(output.name): output.default for output in view.outputs or ()}
    columns: dict[str, CatalogColumn] = {}
    for name, column in table.columns.items():
        seen = names.get(name, column.name)
        default = defaults.get(catalog.fold(seen))
        made = column._replace(name=seen)
        columns[catalog.fold(seen)] = made if default is None else made._replace(default=default)
    called = {table.columns[name].name: seen for name, seen in names.items() if name in table.columns}
    constraints = tuple(_renamed(each, called) for each in table.constraints)
    return table._replace(columns=columns, constraints=constraints)


def _renamed(constraint: Constraint, names: Mapping[str, str]) -> Constraint:
    return replace(
        constraint,
        columns=tuple(names.get(each, each) for each in constraint.columns),
        expression=renamed_all(constraint.expression, names),
    )
