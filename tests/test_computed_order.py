"""Revisions whose `depends_on` is computed: what the order is taken for, and of which it has to be stated."""

from __future__ import annotations

from pathlib import Path

import pytest

from .projects import VERSIONS, Runner, report, script, write

INI = {"alembic.ini": "[alembic]\nscript_location = migrations\n"}
COMPUTED = """
from app.modules import is_installed

_depends_on = ["a1"]
if is_installed("shop"):
    _depends_on.append("s1")
depends_on = tuple(_depends_on)
"""
#: A branch that makes a table, and a revision beside it that changes it if it is there.
SHOP = {f"{VERSIONS}/s1.py": script('op.create_table("orders", sa.Column("id", sa.Integer()))', "s1", None)}
SAMPLES = f"{VERSIONS}/a0_samples.py"
CHANGES = 'op.alter_column("orders", "id", new_column_name="number")'
BEFORE = {**SHOP, SAMPLES: script(CHANGES, "a0", None, COMPUTED)}
NEW = {f"{VERSIONS}/b2.py": script('op.add_column("orders", sa.Column("x", sa.Text()))', "b2", "a1")}
STATED = '[depends-on]\n"a0" = ["a1", "s1"]\n'


@pytest.fixture
def runner(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Runner:
    return Runner(tmp_path, capsys)


def test_a_script_of_base_is_taken_to_depend_on_all_that_it_may(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = {**INI, **BEFORE, f"{VERSIONS}/a1.py": script("pass", "a1", None)}
    before, after = write(tmp_path / "before", files), write(tmp_path / "after", {**files, **NEW})
    said = report(capsys, "check", after, "--base", before, "--head", after)
    assert "exit status 0" in said
    note = (
        f"{SAMPLES}:12: `depends_on` is computed: a0 is taken to run after a1 and s1, all that stand there."
    )
    assert said.count(note) == 1
    assert '"a0" = ["a1", "s1"] in [tool.migration-lint.depends-on]' in said


def test_what_it_does_comes_behind_what_it_may_depend_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By its id it would come first, and rename a column of a table that is not there yet."""
    files = {**INI, **BEFORE, f"{VERSIONS}/a1.py": script("pass", "a1", None)}
    new = {f"{VERSIONS}/b2.py": script('op.drop_column("orders", "number")', "b2", "a1")}
    before, after = write(tmp_path / "before", files), write(tmp_path / "after", {**files, **new})
    said = report(capsys, "check", after, "--base", before, "--head", after)
    assert "orders.number" in said
    assert "no migration makes" not in said


@pytest.mark.parametrize("before", [SHOP, {**BEFORE, SAMPLES: script("pass", "a0", None, COMPUTED)}])
def test_one_that_the_change_adds_or_edits_has_to_be_stated(before: dict[str, str], runner: Runner) -> None:
    verdict = runner.change({SAMPLES: BEFORE[SAMPLES]}, before)
    assert verdict.status == 2
    assert "`depends_on` is computed" in verdict.error
    assert 'state what to take: "a0" = ["a1", "s1"] in [tool.migration-lint.depends-on]' in verdict.error


def test_a_statement_in_the_configuration_is_enough(runner: Runner) -> None:
    assert not runner.change({SAMPLES: BEFORE[SAMPLES], "migration-lint.toml": STATED}, SHOP).error


@pytest.mark.parametrize(
    ("stated", "said"),
    [
        ('"a0" = ["a1", "s2"]', "`depends-on` of revision 'a0' names 's2', which is no revision"),
        ('"a0" = ["s1"]\n"a9" = []', "depends-on names a9, which is no revision"),
        ('"a0" = ["s1"]\n"s1" = []', "depends-on names s1, which says itself what it depends on"),
        ('"a0" = "s1"', "depends-on cannot be"),
    ],
)
def test_a_statement_that_means_nothing_is_refused(stated: str, said: str, runner: Runner) -> None:
    settings = f"[depends-on]\n{stated}\n"
    verdict = runner.change({"migration-lint.toml": settings, SAMPLES: BEFORE[SAMPLES]}, SHOP)
    assert verdict.status == 2
    assert said in verdict.error


def test_what_would_be_a_circle_is_no_dependency(runner: Runner) -> None:
    """A text may name what stands on the revision itself, in a message or a label."""
    more = COMPUTED.replace('"shop"', '"s1 of the shop"').replace('["a1"]', '["a1", "d4", "a0"]')
    before = {
        **SHOP,
        SAMPLES: script(CHANGES, "a0", None, more),
        f"{VERSIONS}/d4.py": script("pass", "d4", "a0"),
    }
    assert not runner.change(NEW, before).error


@pytest.mark.parametrize("computed", ['os.environ["NEEDS"].split()', 'json.load(open("needs.json"))'])
def test_what_nothing_shows_is_not_suggested(computed: str, runner: Runner) -> None:
    above = f"import json\nimport os\ndepends_on = {computed}"
    new = {f"{VERSIONS}/b2.py": script("pass", "b2", "a1", above)}
    found = runner.change(new)
    assert found.status == 2
    assert '"b2" = ["<the revision that runs first>"]' in found.error
    assert "or [] if there is none" in found.error
