"""What the text of a script says about itself. Most runs know that of most scripts from their records."""

from __future__ import annotations

import ast
import reprlib

from migration_lint.errors import Problem
from migration_lint.history.computed import texts_behind
from migration_lint.history.constants import Constants, Unclear, Value
from migration_lint.history.dialects import dialects_in
from migration_lint.history.engines import engines_in
from migration_lint.history.script import Script, ScriptRecord
from migration_lint.history.source import parse
from migration_lint.lazy_pattern import lazy_pattern
from migration_lint.wording import OF_MANY, near

#: Names of files that are ids: alembic/script/base.py, `_legacy_rev`.
_LEGACY_NAME = lazy_pattern(r"([a-f0-9]+)\.py$")

#: alembic/script/revision.py, `_revision_illegal_chars`: they mean something on Alembic's command line.
_ILLEGAL = "@-+:"


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
