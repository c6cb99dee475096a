"""What a change of a column's type costs, by one table for each dialect.

`judge` looks the pair up; the tables in `postgresql` and `mysql` hold what servers were seen to do. The
suite in `tests/live` makes each pair of types that the tables know on a real server, and holds every answer
against what the server did.
"""

from __future__ import annotations

from migration_lint.catalog.types import canonical
from migration_lint.effects.types.terms import NOWHERE, UNKNOWN, Around, TypeJudgement
from migration_lint.operations import Dialect

__all__ = ["Around", "TypeJudgement", "judge"]


def judge(
    old: str | None,
    new: str | None,
    dialect: Dialect,
    version: tuple[int, ...] = (),
    around: Around = NOWHERE,
    default_schema: str | None = None,
) -> TypeJudgement:
    """What it costs to make a column of type `old` (SQL text; None: not known) one of type `new`.

    `version` is the server's, `(15,)`; empty: any that is still in use.
    """
    if old is None or new is None:
        return UNKNOWN
    one, other = (canonical(each, dialect, default_schema) for each in (old, new))
    if dialect == "postgresql":
        from migration_lint.effects.types import postgresql

        return postgresql.judge(one, other, version, around, _collation(old) != _collation(new))
    if dialect in ("mysql", "mariadb"):
        from migration_lint.effects.types import mysql

        return mysql.judge(old, new, dialect, version, around)
    return TypeJudgement("same") if one == other else UNKNOWN


def _collation(type: str) -> str:
    before, found, after = type.lower().partition(" collate ")
    return after.strip() if found else ""
