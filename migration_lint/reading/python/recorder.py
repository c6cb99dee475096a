"""Collects operations, each with its place and its path condition."""

from __future__ import annotations

import ast
from typing import Any, Literal

from migration_lint.named_tuple import NamedTuple
from migration_lint.operations import ANY_TABLE, Operation, altered

Loop = Literal["for", "while"]


class Condition(NamedTuple):
    """One conjunct of a path condition: an arm of a branch whose test is unknown."""

    branch: str
    reason: str
    loop: Loop | None = None  # that of a loop, which comes to all entries: no test of one is among it


class Recorder:
    """Collects the operations of one direction of one script.

    `place` is the call in the script that is running: an operation that a helper in another file issues
    stands where the script calls the helper, because that is the line that a reader of the change sees.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.operations: list[Operation] = []
        self.place: ast.expr | ast.stmt | None = None
        self.conditions: list[Condition] = []
        self.autocommit = 0
        self.types: set[tuple[str | None, str | None]] = set()  # that `op.create_table` has made on the way
        self.application = False  # the top of a module runs that is no helper of migrations
        self.calm = 0  # above 0: what is found is thrown away (a module that is imported does nothing)

    def position(self) -> int:
        """How many operations there are: what `cut` takes."""
        return len(self.operations)

    def cut(self, position: int) -> None:
        """Forget all operations from a position on: they are found again."""
        del self.operations[position:]

    def emit(self, operation: Operation) -> Operation | None:
        """Add one operation. Gives it as it was added, with its place; None where nothing is added."""
        if self.calm:
            return None
        node = self.place
        changed: dict[str, Any] = {"path": self.path}
        if node is not None:
            changed["line"] = node.lineno
            changed["column_offset"] = node.col_offset
            changed["end_line"] = node.end_lineno or node.lineno
            changed["end_column_offset"] = node.end_col_offset or node.col_offset
        condition = self.conditions[-1] if self.conditions else None
        if condition is not None:
            changed["conditional"] = True
            changed["branch"] = condition.branch if operation.branch is None else operation.branch
            if operation.reason is None:
                changed["reason"] = condition.reason
        if self.autocommit:
            changed["autocommit"] = True
        made = altered(operation, changed)
        self.operations.append(made)
        return made

    def postpone(self, waiting: list[Operation]) -> None:
        """Move operations that were added to the end: they run only now."""
        known = {id(each) for each in waiting}
        left, start = len(known), len(self.operations)
        while left and start:  # from the end, where they stand: a script may hold thousands of batches
            start -= 1
            left -= id(self.operations[start]) in known
        later = self.operations[start:]
        there = {id(each) for each in later}
        self.operations[start:] = [
            *(each for each in later if id(each) not in known),
            *(each for each in waiting if id(each) in there),
        ]

    def withdraw(self, given: list[Operation]) -> None:
        """Take back operations that were added."""
        known = {id(each) for each in given}
        self.operations[:] = [each for each in self.operations if id(each) not in known]

    def unread(self, reason: str) -> None:
        """Code runs that cannot be read.

        It may do anything, but for what an application does when it is imported: web frameworks, protocols
        and forms of all kinds are made there, and nothing of it is about this database unless it is handed
        to it.
        """
        if not self.application:
            self.opaque(reason)

    def opaque(self, reason: str, tables: tuple[str, ...] = (ANY_TABLE,)) -> None:
        """Add an operation that could not be worked out."""
        self.emit(Operation(kind="opaque", reason=reason, tables=tables))
