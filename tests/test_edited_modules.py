"""Revisions whose own text stays, beside modules of the application that a change edits: they warn.

They do something else where what they use of a module is another, and nowhere else; a module that this Python
does not parse is compared by its statements, and where not even those can be told, that is said once.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from .projects import PROJECT, VERSIONS, Runner, Told, Verdict, report, script, write

MODELS = """\
from sqlalchemy import Column, Integer, Text
from sqlalchemy.orm import DeclarativeBase, relationship


class Base(DeclarativeBase):
    pass


class Group(Base):
    __tablename__ = "groups"
    id = Column(Integer, primary_key=True)
    name = Column(Text)
    members = relationship("Member")

    def rename(self):
        self.name = "x"


class Member(Base):
    __tablename__ = "members"
    id = Column(Integer, primary_key=True)


def count(rows):
    try:
        return len(rows)
    except (TypeError, ValueError):
        return 0


def fill(session):
    try:
        session.query(Group).update({"name": "y"})
    except (TypeError, ValueError):
        pass
"""
NEWER = MODELS.replace("(TypeError, ValueError)", "TypeError, ValueError")
USES_MODEL = """\
from sqlalchemy.orm import Session
from app.models import Group
session = Session(bind=op.get_bind())
for group in session.query(Group):
    group.name = "z"
"""
USES_MEMBERS = USES_MODEL + "    group.note = [each.id for each in group.members]\n"
CALLS_METHOD = USES_MODEL + "    group.rename()\n"
DELETES = USES_MODEL + "    session.delete(group)\n"
CALLS = "from app.models import fill\nfill(op.get_bind())\n"
NOTE = "    note = Column(Text)\n"
IN_GROUP = ("    name = Column(Text)\n", "    name = Column(Text)\n" + NOTE)
IN_MEMBER = ('"members"\n', '"members"\n' + NOTE)
RELATED = ("    members =", '    others = relationship("Member")\n    members =')
IN_METHOD = ('self.name = "x"', 'self.name = "w"')
IN_COUNT = ("return 0", "return -1")
IN_FILL = ('"name": "y"', '"name": "v"')
TYPED = (
    "\n\nclass Base",
    "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    import os\n\n\nclass Base",
)
ANNOTATED = ("def fill(session):", "def fill(session: Member) -> None:")

Edit = tuple[str, str]

#: (what the revision does, what is edited in the module)
NOTHING: dict[str, tuple[str, Edit]] = {
    "a column of another model": (USES_MODEL, IN_MEMBER),
    "a relationship that it does not follow": (USES_MODEL, RELATED),
    "a method that it does not call": (USES_MODEL, IN_METHOD),
    "a function that it does not call": (CALLS, IN_COUNT),
    "imports for annotations": (CALLS, TYPED),
    "annotations": (CALLS, ANNOTATED),
}  # fmt: skip
SOMETHING: dict[str, tuple[str, Edit]] = {
    "a column of its model": (USES_MODEL, IN_GROUP),
    "a column of a model that it goes on to": (USES_MEMBERS, IN_MEMBER),
    "a column of a model whose rows are deleted with its own": (DELETES, IN_MEMBER),
    "a method that it calls": (CALLS_METHOD, IN_METHOD),
    "a function that it calls": (CALLS, IN_FILL),
    "a model that its function asks": (CALLS, IN_GROUP),
}


@pytest.fixture
def runner(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Runner:
    return Runner(tmp_path, capsys)


def is_found(runner: Runner, body: str, before: str, after: str) -> bool:
    files = {"app/__init__.py": "", "app/models.py": before, f"{VERSIONS}/b2.py": script(body)}
    verdict = runner.change({"app/models.py": after}, files)
    assert verdict.status == 0
    return verdict.rules & {"history-edited-revision"} != set()


@pytest.mark.parametrize("edit", NOTHING)
def test_an_edit_beside_what_it_uses(edit: str, runner: Runner) -> None:
    body, (there, new) = NOTHING[edit]
    assert there in MODELS
    assert not is_found(runner, body, MODELS, MODELS.replace(there, new))


@pytest.mark.parametrize("edit", SOMETHING)
def test_an_edit_of_what_it_uses(edit: str, runner: Runner) -> None:
    body, (there, new) = SOMETHING[edit]
    assert there in MODELS
    assert is_found(runner, body, MODELS, MODELS.replace(there, new))


newer = pytest.mark.skipif(sys.version_info >= (3, 14), reason="this Python parses what is written here")


@newer
@pytest.mark.parametrize("body", [USES_MODEL, CALLS])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        (MODELS, NEWER),
        (NEWER, MODELS),
        (NEWER, NEWER.replace(*IN_COUNT)),
        (MODELS, NEWER + '\n\ndef shown(name):\n    return t"{name}"\n'),
    ],
)
def test_a_module_that_needs_a_newer_python(body: str, before: str, after: str, runner: Runner) -> None:
    assert not is_found(runner, body, before, after)


@newer
@pytest.mark.parametrize(("body", "edit"), [(CALLS, IN_FILL), (CALLS, IN_GROUP)])
def test_what_it_uses_of_one_that_needs_a_newer_python(body: str, edit: Edit, runner: Runner) -> None:
    assert is_found(runner, body, NEWER, NEWER.replace(*edit))


def test_what_cannot_be_compared_is_said_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = {**PROJECT, "app/__init__.py": "", "app/models.py": MODELS}
    for revision, down in (("b2", "a1"), ("c3", "b2")):
        files[f"{VERSIONS}/{revision}.py"] = script(CALLS, revision, down)
    base = write(tmp_path / "before", files)
    head = write(tmp_path / "after", {**files, "app/models.py": MODELS + 'x = """\n'})
    said = report(capsys, "check", head, "--base", base, "--head", head)
    assert "exit status 0" in said
    assert said.count("app/models.py:36: syntax error") == 1
    assert "whether what 2 revisions do with it is still the same is not known" in said


USERS = {"app/__init__.py": "", "app/models.py": MODELS} | {
    f"{VERSIONS}/{revision}.py": script(CALLS, revision, down)
    for revision, down in (("b2", "a1"), ("c3", "b2"), ("d4", "c3"))
}
EDITED = {"app/models.py": MODELS.replace(*IN_FILL)}
SILENT = "  # migration-lint: ignore[history-edited-revision] nobody runs it any more\n"


def silenced(*revisions: str) -> dict[str, str]:
    line = "revision = {!r}\n"
    paths = {f"{VERSIONS}/{each}.py": line.format(each) for each in revisions}
    return {path: USERS[path].replace(at, at.rstrip() + SILENT) for path, at in paths.items()}


def edited(verdict: Verdict) -> list[Told]:
    return [each for each in verdict.findings if each.rule == "history-edited-revision"]


@pytest.mark.parametrize(
    ("silent", "names"),
    [
        ((), ["b2", "c3", "d4"]),
        (("b2",), ["c3", "d4"]),
        (("c3",), ["b2", "d4"]),
        (("b2", "d4"), ["c3"]),
        (("b2", "c3", "d4"), []),
    ],
)
def test_revisions_that_use_what_is_edited_are_told_together(
    silent: tuple[str, ...], names: list[str], runner: Runner
) -> None:
    told = edited(runner.change(EDITED, {**USERS, **silenced(*silent)}))
    assert len(told) == bool(names)
    for each in told:
        assert each.severity == "warning"
        assert [name for name in ("b2", "c3", "d4") if name in each.message] == names


def test_a_revision_that_is_edited_itself_is_told_beside_them(runner: Runner) -> None:
    itself = {
        f"{VERSIONS}/c3.py": script(CALLS + 'op.drop_column("deployment_events", "hint")\n', "c3", "b2")
    }
    told = edited(runner.change({**EDITED, **itself}, USERS))
    assert sorted(each.severity for each in told) == ["error", "warning"]
    (warning,) = (each for each in told if each.severity == "warning")
    assert "c3" not in warning.message


def test_a_rule_that_does_not_name_the_others_tells_each(runner: Runner) -> None:
    rule = """\
summary: Somebody has to look at it.
severity: info
on: revision_edited
message: "somebody has to look at {revision}"
why: Ours is a careful project.
fix: ask for somebody
examples:
  - name: a new revision
    upgrade: op.execute("SELECT 1")
    finds: 0
  - name: an edited one
    files:
      migrations/versions/0001_deployment_events.py: |
        revision = "0001"
        down_revision = None


        def upgrade():
            pass
    finds: 1
"""
    more = {"rules/ours.yaml": rule, "migration-lint.toml": 'rules = ["rules"]\n'}
    verdict = runner.change(EDITED, {**USERS, **more})
    assert [each.message for each in verdict.findings if each.rule == "ours"] == [
        f"somebody has to look at {each}" for each in ("b2", "c3", "d4")
    ]
