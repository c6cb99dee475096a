"""What a model may ask of the reading that it is part of, beside the interpreter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from migration_lint.operations import Dialect
from migration_lint.reading.project.modules import ProjectFiles
from migration_lint.reading.python.interpreter import Interpreter
from migration_lint.reading.python.running import Library
from migration_lint.reading.python.values import Class, List

if TYPE_CHECKING:
    from migration_lint.reading.models.left_behind import LeftBehind
    from migration_lint.reading.models.modules import OwnModules
    from migration_lint.reading.models.own_operations import OwnOperations


class Context(Protocol):
    """One direction of one script, for one dialect."""

    dialect: Dialect
    files: ProjectFiles
    modules: OwnModules
    operations: OwnOperations
    left: LeftBehind
    fetched: List  # what the last statement gives that a cursor has run; none, where that is not known
    mapped: dict[str, Class]  # the classes that were mapped, by their tables

    def again(self, files: ProjectFiles) -> Library:
        """A fresh context for code that is read beside the script."""
        ...


def context(run: Interpreter) -> Context:
    """The context of the script that is being read, whose library is `libraries.Libraries`."""
    library: Any = run.library
    found: Context = library
    return found
