"""Revisions replayed from texts of SQL: what they leave, and what follows from their operations."""

from __future__ import annotations

import json

from migration_lint.catalog.model import Catalog
from migration_lint.catalog.replay import steps
from migration_lint.catalog.stored import catalog_from_json, catalog_to_json
from migration_lint.operations import Dialect
from migration_lint.reading.sql import read_sql


def after(*texts: str, dialect: Dialect = "postgresql") -> Catalog:
    """The catalog that revisions with these texts leave, as a cache keeps it."""
    catalog = Catalog(dialect)
    for number, text in enumerate(texts):
        for _ in steps(catalog, f"a{number}", read_sql(text, dialect).operations):
            pass
    return catalog_from_json(*json.loads(json.dumps(catalog_to_json(catalog))))


def follows(catalog: Catalog, text: str, dialect: Dialect = "postgresql") -> list[str]:
    """What follows from the operations of a text, a line each."""
    return [
        " ".join(
            part
            for part in (
                each.kind,
                each.table and (each.table if each.column is None else f"{each.table}.{each.column}"),
                each.new_name,
                ",".join(each.tables),
                "perhaps" if each.conditional else "",
            )
            if part
        )
        for each in steps(catalog.copy(), "b", read_sql(text, dialect).operations)
        if each.via is not None
    ]
