"""Operations of the project's own, registered beside Alembic's directives."""

from __future__ import annotations

from migration_lint.reading.python.interpreter import Interpreter
from migration_lint.reading.python.values import Value


class OwnOperations:
    """What the modules and the script of one direction register."""

    def __init__(self) -> None:
        #: By name, and whether it is one of a batch: the class and its method.
        self.directives: dict[tuple[str, bool], tuple[Value, str]] = {}
        #: The functions that carry out operations, by class.
        self.implementations: list[tuple[Value, Value]] = []
        self.searched = False  # whether the modules that register directives were walked

    def implementation(self, run: Interpreter, of: Value) -> Value | None:
        """The function that carries out operations of a class; None where there is none."""
        found = (each for each in reversed(self.implementations) if run.resolve(each[0]) is of)
        return next((function for _, function in found), None)
