"""One migration script: what it says about itself, and its code when somebody asks for it."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from migration_lint.errors import Problem
from migration_lint.history.source import decode, parse
from migration_lint.lazy_pattern import lazy_pattern
from migration_lint.named_tuple import NamedTuple

#: Which files are revisions: alembic/script/base.py, `_only_source_rev_file`.
_REVISION_FILE = lazy_pattern(r"(?!\.\#|__init__)(.*\.py)$")


class ScriptRecord(NamedTuple):
    """All that the history needs to know of a script, to be kept beside a content id."""

    revision: str
    down_revisions: tuple[str, ...] = ()
    message: str = ""
    line: int = 0
    down_line: int = 0
    depends_line: int = 0
    dialects: tuple[str, ...] = ()
    branch_labels: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    engines: tuple[str, ...] = ()
    may_depend_on: tuple[str, ...] | None = None

    def to_json(self) -> list[Any]:
        """A list for `from_json`, which ends where only defaults would follow: most hold the first few."""
        kept = list(self)
        for default in reversed(self._field_defaults.values()):
            if kept[-1] != default:
                break
            kept.pop()
        return [list(value) if isinstance(value, tuple) else value for value in kept]

    @classmethod
    def from_json(cls, kept: list[Any]) -> ScriptRecord:
        """What `to_json` wrote. Raises TypeError for what it cannot have written."""
        values: list[Any] = [tuple(value) if isinstance(value, list) else value for value in kept]
        return cls(*values)


class Script:
    """One revision.

    `down_revisions`, `branch_labels` and `depends_on` are as written, in order: `depends_on` may hold
    branch labels (`History.parents` has them resolved); labels that are computed are left out.
    `may_depend_on` is None where `depends_on` is known; of a computed one, texts of which it may be made.
    `line` is where `revision` is assigned, 0 where the file's name is all that says it.
    `message` is the first line of the docstring. `engines` are the databases that it has a function for each:
    see `engines`. `dialects` are those that its text shows: see `dialects`.

    `problems` is what is wrong with these attributes. Such a script's code can still be read, so
    whoever wants only that may go on; a history with such a script in it cannot be judged.
    """

    __slots__ = (
        "_load",
        "_module",
        "branch_labels",
        "content_id",
        "depends_on",
        "down_revisions",
        "line",
        "may_depend_on",
        "path",
        "problems",
        "record",
        "revision",
    )

    def __init__(
        self,
        path: str,
        content_id: str,
        record: ScriptRecord,
        load: Callable[[], bytes],
        *,
        module: ast.Module | None = None,
        problems: tuple[Problem, ...] = (),
    ) -> None:
        """`load` gives the file's bytes when they are needed. A `record` holds for the bytes alone, unless
        `named_by_file`."""
        self.path = path
        self.content_id = content_id
        self.record = record
        self.revision = record.revision
        self.down_revisions = record.down_revisions
        self.branch_labels = record.branch_labels
        self.depends_on = record.depends_on
        self.may_depend_on = record.may_depend_on
        self.line = record.line
        self.problems = problems
        self._load = load
        self._module = module

    @property
    def message(self) -> str:
        return self.record.message

    @property
    def down_line(self) -> int:
        return self.record.down_line

    @property
    def depends_line(self) -> int:
        return self.record.depends_line

    @property
    def engines(self) -> tuple[str, ...]:
        return self.record.engines

    @property
    def dialects(self) -> tuple[str, ...]:
        return self.record.dialects

    @property
    def named_by_file(self) -> bool:
        """The id is the file's name, as before Alembic 0.2: a record of it holds for this path only."""
        return self.line == 0

    def data(self) -> bytes:
        """The file's bytes."""
        return self._load()

    def source(self) -> str:
        """The file's text; its lines end in `\\n` and count as the tree of `module()` counts them.

        Raises CannotJudge where it cannot be decoded.
        """
        return decode(self.path, self._load())

    def module(self) -> ast.Module:
        """The syntax tree, parsed at most once until `forget()`. Raises CannotJudge where it cannot be."""
        if self._module is None:
            self._module = parse(self.path, self._load())
        return self._module

    def forget(self) -> None:
        """Let the syntax tree go: it takes some sixty times the memory of the file."""
        self._module = None

    def __repr__(self) -> str:
        return f"Script({self.path!r}, revision={self.revision!r})"


def is_revision_file(name: str, *, sourceless: bool = False) -> bool:
    """Whether Alembic takes a file of this name, in a folder of versions, for a revision."""
    if sourceless and name.endswith((".pyc", ".pyo")):
        name = name[:-1]
    if name.endswith(".py") and "\n" not in name:  # as most names do: the same without a pattern
        return not name.startswith((".#", "__init__"))
    return bool(_REVISION_FILE.match(name))
