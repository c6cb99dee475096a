"""One migration script: what it says about itself, and its code when somebody asks for it."""

from __future__ import annotations

import ast
import reprlib
from collections.abc import Callable
from typing import Any

from migration_lint.errors import Problem
from migration_lint.history.computed import texts_behind
from migration_lint.history.constants import Constants, Unclear, Value
from migration_lint.history.dialects import dialects_in
from migration_lint.history.engines import engines_in
from migration_lint.history.source import decode, parse
from migration_lint.lazy_pattern import lazy_pattern
from migration_lint.named_tuple import NamedTuple
from migration_lint.wording import OF_MANY, near

# Which files are revisions: alembic/script/base.py, `_only_source_rev_file` and `_legacy_rev`.
_REVISION_FILE = lazy_pattern(r"(?!\.\#|__init__)(.*\.py)$")
_LEGACY_NAME = lazy_pattern(r"([a-f0-9]+)\.py$")

#: alembic/script/revision.py, `_revision_illegal_chars`: they mean something on Alembic's command line.
_ILLEGAL = "@-+:"


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


def read_script(path: str, content_id: str, data: bytes) -> Script:
    """Read one script, parsing it once.

    Raises CannotJudge where there is no syntax tree to be had: bytes that are no text, broken syntax.
    Revision attributes that are missing or cannot be worked out are in the result's `problems`.
    """
    module = parse(path, data)
    body = module.body
    constants = Constants(body, data)
    problems: list[Problem] = []
    revision = _revision(path, constants, problems)
    record = ScriptRecord(
        revision=revision,
        down_revisions=_ids(path, constants, "down_revision", problems),
        branch_labels=_ids(path, constants, "branch_labels", problems),
        depends_on=_ids(path, constants, "depends_on", problems),
        may_depend_on=_may_depend_on(body, constants),
        message=_message(body),
        line=constants.line("revision"),
        down_line=constants.line("down_revision"),
        depends_line=constants.line("depends_on"),
        engines=tuple(engines_in(data)),
        dialects=tuple(dialects_in(data)),
    )
    if revision and not record.down_line:
        message = f"revision {revision!r} has no `down_revision`"
        fix = "add `down_revision = …` with the id of the revision before it, or None if it is the first"
        problems.append(Problem(message, path, record.line, fix=fix))
    return Script(path, content_id, record, lambda: data, module=module, problems=tuple(problems))


def _revision(path: str, constants: Constants, problems: list[Problem]) -> str:
    if not constants.line("revision"):
        legacy = _LEGACY_NAME.match(path.rpartition("/")[2])
        if legacy:
            return legacy.group(1)
        fix = "add `revision = …`, or move the file out of the folder of revisions: Alembic refuses it there"
        meant = near("revision", [name for name in constants.names() if name != "down_revision"], OF_MANY)
        if meant:
            fix = f"rename `{meant}` to `revision`"
        line = constants.line(meant) if meant else 0
        return _wrong(problems, Problem("the file has no `revision`", path, line, fix=fix))
    value = constants.value("revision")
    line = constants.line("revision")
    if isinstance(value, Unclear):
        return _wrong(problems, _unclear(path, "revision", value.line))
    if not isinstance(value, str) or not value:
        message = f"`revision` is {reprlib.repr(value)}, which is no revision id"
        return _wrong(problems, Problem(message, path, line, fix='write the id as a text: `revision = "…"`'))
    illegal = sorted(set(value).intersection(_ILLEGAL))
    if illegal:
        held = ", ".join(f"`{character}`" for character in illegal)
        message = f"revision id {value!r} holds {held}, which Alembic does not allow in an id"
        problems.append(Problem(message, path, line, fix="use letters, digits and underscores"))
    return value


def _ids(path: str, constants: Constants, name: str, problems: list[Problem]) -> tuple[str, ...]:
    line = constants.line(name)
    if not line:
        return ()
    value: Value = constants.value(name)
    if value is None:
        return ()
    if isinstance(value, Unclear):
        # A label matters only where `depends_on` names it, and a name that nobody has is a problem there.
        # What `depends_on` may hold, `_may_depend_on` has.
        if name == "down_revision":
            problems.append(_unclear(path, name, value.line))
        return ()
    items = value if isinstance(value, tuple) else (value,)
    if name == "depends_on" and items == ("",):
        return ()  # Alembic asks whether it is true before it looks at what it holds
    texts = [item for item in items if isinstance(item, str)]
    if len(texts) != len(items):
        wrong = next(item for item in items if not isinstance(item, str))
        message = f"`{name}` holds {reprlib.repr(wrong)}, which is neither a text nor None"
        problems.append(Problem(message, path, line, fix="write each id as a text"))
    return tuple(dict.fromkeys(texts))


def _may_depend_on(body: list[ast.stmt], constants: Constants) -> tuple[str, ...] | None:
    """The texts of which a computed `depends_on` may be made; None where it is known, or there is none."""
    if not constants.line("depends_on") or not isinstance(constants.value("depends_on"), Unclear):
        return None
    return tuple(texts_behind(body, "depends_on"))


def _unclear(path: str, name: str, line: int) -> Problem:
    message = f"`{name}` is computed in a way that cannot be worked out without running the script"
    return Problem(message, path, line, fix=f"write `{name}` out as a constant")


def _wrong(problems: list[Problem], problem: Problem) -> str:
    problems.append(problem)
    return ""


def _message(body: list[ast.stmt]) -> str:
    # ast.get_docstring imports `inspect` to clean the text up
    if body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        text = body[0].value.value
        if isinstance(text, str):
            return text.strip().partition("\n")[0].rstrip()
    return ""
