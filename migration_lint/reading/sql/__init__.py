"""SQL text → operations, by a reader of our own for what migrations write.

    tokens → statements → cursor → tables, alter_table, indexes, types, views, data, blocks, … → reader

`read_sql` is all that others use.
"""

from __future__ import annotations

from typing import NamedTuple

from migration_lint.operations import Dialect, Operation
from migration_lint.reading.sql.reader import Reading
from migration_lint.reading.sql.routines import Routines

__all__ = ["Routines", "SqlResult", "read_sql"]


class SqlResult(NamedTuple):
    """What a text of SQL does.

    `schema` is what an unqualified table name means after the text ran; None: the default schema,
    HOLE: nobody knows.
    """

    operations: tuple[Operation, ...]
    schema: str | None


def read_sql(
    text: str, dialect: Dialect, schema: str | None = None, routines: Routines | None = None
) -> SqlResult:
    """The operations of every statement of `text`, in order, each with its statement's text in `sql`.

    `text` may hold HOLE for parts that are not known. `schema` is what a search path changed earlier
    makes unqualified names mean; None: nothing was said. `routines`, where given, remembers the functions
    and procedures that the text makes, so that a later text's call of one is read. Operations have no
    place: the caller adds it. Never raises on any text: what cannot be read is of kind "opaque".
    """
    reading = Reading(dialect, schema, routines)
    operations = reading.read_text(text)
    return SqlResult(tuple(operations), reading.schema)
