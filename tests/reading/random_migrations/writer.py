"""The text of a migration and of its helper module while it is being written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from random import Random
from typing import NamedTuple, TypeVar

from migration_lint.operations import Operation

T = TypeVar("T")

HELPER = "shop_tables"
_IMPORTS = ("import sqlalchemy as sa", "from alembic import op", "from sqlalchemy.dialects import postgresql")


class Migration(NamedTuple):
    """A script, its helper module, and what its author knows of it."""

    source: str
    helper: str
    statements: dict[str, tuple[Operation, ...]]  # the text of each raw statement → what it does
    unknown: bool  # something hangs on what only a run knows


class _Module:
    def __init__(self) -> None:
        self.imports: dict[str, None] = dict.fromkeys(_IMPORTS)
        self.lines: list[str] = []


class Writer:
    """Where lines go. Every choice comes from `random`."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.unknown = False
        self.statements: dict[str, tuple[Operation, ...]] = {}
        self._main, self._helper = _Module(), _Module()
        self._module = self._main
        self._lines: list[str] = []
        self._indent = 0
        self._names = 0

    # Choices

    def chance(self, percent: int) -> bool:
        return self.random.randrange(100) < percent

    def pick(self, options: Sequence[T]) -> T:
        return options[self.random.randrange(len(options))]

    def fresh(self, prefix: str) -> str:
        """A name that nothing else has."""
        self._names += 1
        return f"{prefix}{self._names}"

    # Text

    @property
    def in_helper(self) -> bool:
        return self._module is self._helper

    def use(self, statement: str) -> None:
        """An import at the top of the module that is being written."""
        self._module.imports[statement] = None

    def emit(self, line: str) -> None:
        self._lines.append("    " * self._indent + line)

    @contextmanager
    def block(self, header: str) -> Iterator[None]:
        """Lines below a header; never empty."""
        self.emit(header)
        self._indent += 1
        before = len(self._lines)
        yield
        if len(self._lines) == before:
            self.emit("pass")
        self._indent -= 1

    @contextmanager
    def at_top(self) -> Iterator[None]:
        """Lines at the top of the module that is being written, after all that stands there."""
        kept = self._lines, self._indent
        self._lines, self._indent = [], 0
        yield
        self._module.lines += [*self._lines, ""]
        self._lines, self._indent = kept

    @contextmanager
    def at_helper(self) -> Iterator[None]:
        """Lines at the top of the project's own helper module."""
        kept, self._module = self._module, self._helper
        with self.at_top():
            yield
        self._module = kept

    def from_helper(self, name: str) -> str:
        """An expression for a name of the helper module, as the script reaches it."""
        form = self.random.randrange(5)
        if form == 0:
            self.use(f"from {HELPER} import *")
            return name
        if form == 1:
            self.use(f"import {HELPER}")
            return f"{HELPER}.{name}"
        if form == 2:
            self.use(f"import {HELPER} as tables")
            return f"tables.{name}"
        if form == 3:
            self.use(f"from {HELPER} import {name} as {name}_")
            return f"{name}_"
        self.use(f"from {HELPER} import {name}")
        return name

    def finished(self) -> Migration:
        """What was written. The current lines are the body of `upgrade`."""
        head = ["from __future__ import annotations", "", *self._main.imports, ""]
        revision = ['revision = "a1"', "down_revision = None", ""]
        body = [f"    {line}" for line in self._lines] or ["    pass"]
        source = [*head, *revision, *self._main.lines, "", "def upgrade():", *body, ""]
        source += ["", "def downgrade():", "    pass", ""]
        helper = [*self._helper.imports, "", *self._helper.lines]
        return Migration("\n".join(source), "\n".join(helper) + "\n", self.statements, self.unknown)
