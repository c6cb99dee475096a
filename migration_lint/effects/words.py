"""The words that effects are told in."""

from __future__ import annotations

from typing import Literal, get_args

#: What a change of a column's type makes the server do; `impossible`: it refuses the statement.
Work = Literal["same", "metadata", "index_rebuild", "scan", "rewrite", "impossible"]

#: PostgreSQL's table locks, the weakest first: https://www.postgresql.org/docs/current/explicit-locking.html
LockMode = Literal[
    "ACCESS SHARE",
    "ROW SHARE",
    "ROW EXCLUSIVE",
    "SHARE UPDATE EXCLUSIVE",
    "SHARE",
    "SHARE ROW EXCLUSIVE",
    "EXCLUSIVE",
    "ACCESS EXCLUSIVE",
]
MODES: tuple[LockMode, ...] = get_args(LockMode)

#: What of others' work has to wait.
Blocks = Literal["nothing", "writes", "everything"]

#: MySQL's and MariaDB's ways to alter a table, the cheapest first.
Algorithm = Literal["instant", "nocopy", "inplace", "copy"]
ALGORITHMS: tuple[Algorithm, ...] = get_args(Algorithm)


def blocks(mode: LockMode) -> Blocks:
    """What has to wait for a lock: writes take ROW EXCLUSIVE, reads ACCESS SHARE."""
    if mode == "ACCESS EXCLUSIVE":
        return "everything"
    return "writes" if mode in ("SHARE", "SHARE ROW EXCLUSIVE", "EXCLUSIVE") else "nothing"
