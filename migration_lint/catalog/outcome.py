"""What a change does, on balance, to a table that was there before it.

An *operation* is a line of a script; an *outcome* is what all the lines of a change add up to. A column
that is added and dropped again inside the change has operations and no outcome.
"""

from __future__ import annotations

from typing import Literal

from migration_lint.named_tuple import NamedTuple
from migration_lint.operations import Operation

OutcomeKind = Literal[
    "column_dropped",
    "column_renamed",
    "column_retyped",
    "column_recreated",
    "table_dropped",
    "table_renamed",
    "table_moved",
    "table_recreated",
    "table_emptied",  # of all its rows, or of a partition's
    "access_narrowed",  # rows, or rights to them, are kept from roles that had them; `partial`: from some
    "opaque",
]


class TableName(NamedTuple):
    """A table's full name; `schema` is never None: the default schema stands where none was written."""

    schema: str
    name: str


class Step(NamedTuple):
    """One operation of one revision that contributed to an outcome."""

    revision: str
    operation: Operation


class Outcome(NamedTuple):
    """One breaking outcome for one element (a table, or a column of it)."""

    kind: OutcomeKind
    table: TableName  # as base calls it
    new_table: TableName | None  # as head calls it; None: it is gone
    column: str | None = None  # as base calls it
    new_column: str | None = None  # as head calls it; None: it is gone, or the outcome is the table's
    old_type: str | None = None  # canonical; None: not known
    new_type: str | None = None
    steps: tuple[Step, ...] = ()  # in order; empty where only the catalogs show it
    revision: str = ""  # whose id an acknowledgement must name; "": none can
    operation: Operation | None = None  # where the finding stands; None: no operation of head does it
    path: str = ""  # the script that a finding names when there is no operation
    kept: bool = False  # the old name still answers: a view under it, or the old column beside the new
    conditional: bool = False
    partial: bool = False  # rows go, and whether all of them cannot be told
    reason: str = (
        ""  # why it is not known what becomes of it, "": it is known; access_narrowed: what is taken
    )
