"""What a contract says against what something else shows: a disparity, and the two places of it."""

from __future__ import annotations

from typing import Literal, get_args

from migration_lint.catalog.outcome import TableName
from migration_lint.named_tuple import NamedTuple

#: What a contract is held against: another contract, head's catalog, a live database, source code, the lock.
Against = Literal["contract", "migrations", "database", "code", "lock"]

SideEvent = Literal[
    "column_unwritten",
    "side_type_differs",
    "null_unexpected",
    "encoding_clash",
    "encoding_undecided",
    "example_undecodable",
    "value_unexpected",
    "side_order_differs",
]
SchemaEvent = Literal[
    "table_missing",
    "column_missing",
    "schema_type_differs",
    "schema_null_differs",
    "need_missing",
    "column_unfilled",
    "column_unwritable",
    "value_unwritable",
    "retired_back",
    "schema_unknown",
]
CodeEvent = Literal[
    "binding_missing",
    "statement_unresolved",
    "statement_unbound",
    "library_unread",
    "column_undeclared",
    "column_unused",
    "statement_order_differs",
    "statement_star",
    "conflict_unmet",
    "code_encoding_differs",
    "code_type_differs",
    "code_value_unexpected",
    "code_value_unresolved",
    "code_null_unexpected",
    "code_columns_swapped",
    "statement_miscounted",
]
LockEvent = Literal["vendored_tampered", "vendored_missing", "vendored_disowned"]
ParityEvent = SideEvent | SchemaEvent | CodeEvent | LockEvent

PARITY_EVENTS: tuple[ParityEvent, ...] = (
    *get_args(SideEvent),
    *get_args(SchemaEvent),
    *get_args(CodeEvent),
    *get_args(LockEvent),
)


class Place(NamedTuple):
    """A place in a file, and what stands there."""

    path: str
    line: int = 0  # from 1; 0: the file as a whole
    id: str = ""  # of the contract, where it is one
    text: str = ""  # "writes hint: {type: text, nullable: false}"


class Disparity(NamedTuple):
    """One thing that a contract and something else say differently. It has two places, or more."""

    event: ParityEvent
    table: TableName
    contract: str  # id of the contract that it is about
    place: Place  # the one to look at first
    others: tuple[Place, ...]
    element: str  # a column, a need, a symbol, or the table
    declared: str = ""  # what the contract says
    found: str = ""  # what the other place says
    other: str = ""  # id of the other contract, if there is one
    example: str = ""  # what shows it: a counterexample, a value
    against: Against = "contract"
    certain: bool = True  # False: it is so unless something is otherwise that nobody here can see

    @property
    def key(self) -> tuple[str, ...]:
        """What stays the same where lines move, or a table is renamed: it tells new ones from old."""
        return (
            self.event, self.contract, self.element,
            self.declared, self.found, self.other, self.against,
        )  # fmt: skip
