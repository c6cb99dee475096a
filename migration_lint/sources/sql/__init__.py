"""SQL text, with holes, to what it does to tables. sqlglot is imported here and nowhere else.

reading = read(("INSERT INTO t (a) VALUES ($1)",), "postgresql")
reading.statements[0].uses[0].use.columns
"""

from __future__ import annotations

from migration_lint.sources.sql.markers import Hole, Marker, Piece, looks_like_sql, shown
from migration_lint.sources.sql.statements import Fill, Output, ParsedUse, SqlReading, SqlStatement, read

__all__ = [
    "Fill",
    "Hole",
    "Marker",
    "Output",
    "ParsedUse",
    "Piece",
    "SqlReading",
    "SqlStatement",
    "looks_like_sql",
    "read",
    "shown",
]
