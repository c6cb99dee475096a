"""SQL text → operations, by a reader of our own for what migrations write.

    tokens → statements → cursor → tables, alter_table, indexes, types, views, data, blocks, … → reader

`read_sql` is all that others use.
"""

from __future__ import annotations

from migration_lint.named_tuple import NamedTuple
from migration_lint.operations import Dialect, Operation
from migration_lint.reading.sql.state import SqlSession

__all__ = ["SqlResult", "SqlSession", "read_sql"]

_NEW = SqlSession()


class SqlResult(NamedTuple):
    """What a text of SQL does, and the session that it leaves to the next text of the same connection."""

    operations: tuple[Operation, ...]
    session: SqlSession


def read_sql(text: str, dialect: Dialect, session: SqlSession | None = None) -> SqlResult:
    """The operations of every statement of `text`, in order, each with its statement's text in `sql`.

    `text` may hold HOLE for parts that are not known. `session` is what earlier texts of the same connection
    left; None: there was none. Operations have no place: the caller adds it. Never raises on any text: what
    cannot be read is of kind "opaque".
    """
    from migration_lint.reading.sql.reader import (
        TextReading,
    )  # with all that reads statements: most scripts have none

    session = session or _NEW
    reading = TextReading(dialect, session.in_one_text())
    if session.values:
        reading.values = {name: list(texts) for name, texts in session.values}
    operations = reading.read_text(text)
    return SqlResult(tuple(operations), reading.left().after_one_text(session.autocommit))
