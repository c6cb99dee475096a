"""What a comparison comes to: outcomes, shifts and notes."""

from __future__ import annotations

from typing import Literal

from migration_lint.catalog.outcome import Outcome, Step, TableName
from migration_lint.named_tuple import NamedTuple
from migration_lint.operations import Constraint, Index

ShiftKind = Literal["nullable", "default", "values", "index_dropped", "constraint_dropped"]
NoteKind = Literal["added_and_dropped", "renamed_and_back", "retyped_and_back", "rebuilt"]


class Shift(NamedTuple):
    """A difference that breaks only who relies on it: contracts have rules of their own for these."""

    kind: ShiftKind
    table: TableName  # as base calls it
    new_table: TableName  # as head calls it
    column: str | None = None  # as base calls it
    new_column: str | None = None
    old: str | None = None  # nullable: "null" / "not null"; default: SQL text; values: the value lost
    new: str | None = None  # values: what it is called now; None: not known, or there is none
    lost: Index | Constraint | None = None  # index_dropped, constraint_dropped
    step: Step | None = None


class Note(NamedTuple):
    """Steps of the change that come to nothing."""

    kind: NoteKind
    table: TableName  # as base calls it; of a table that base has not: its first name
    column: str | None = None
    steps: tuple[Step, ...] = ()


class Difference(NamedTuple):
    outcomes: tuple[Outcome, ...]
    shifts: tuple[Shift, ...]
    notes: tuple[Note, ...]
