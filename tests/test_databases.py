"""Databases of a project: what their revisions stand on that comes from elsewhere, what is said of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from .projects import FIRST, PROJECT, VERSIONS, Runner, report, script, write

OWN = "migration-lint.toml"
DROP = 'op.drop_column("deployment_events", "hint")'
BEGUN = {
    FIRST: PROJECT[FIRST].replace("down_revision = None", 'down_revision = None\ndepends_on = "f00dbeef01"')
}


@pytest.fixture
def runner(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Runner:
    return Runner(tmp_path, capsys)


def test_what_stood_on_another_package_before_is_noted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / "before", {**PROJECT, **BEGUN})
    write(tmp_path / "after", {**PROJECT, **BEGUN, f"{VERSIONS}/b2.py": script(DROP)})
    found = report(
        capsys, "check", tmp_path / "after", "--base", tmp_path / "before", "--head", tmp_path / "after"
    )
    assert "error[contract-column-dropped]" in found
    assert (
        "note: alembic.ini: revisions stand on f00dbeef01, not in this tree: what those make is not known. "
        "Where other packages bring them, say so: "
        'elsewhere = ["f00dbeef01"] in [tool.migration-lint.databases.migrations]\n'
    ) in found


def test_what_newly_stands_on_nothing_is_stated(runner: Runner) -> None:
    added = {f"{VERSIONS}/b2.py": script("pass", more='depends_on = ("f00dbeef01", "f00dbeef02")')}
    found = runner.change(added)
    assert found.status == 2
    assert (
        "names 'f00dbeef01', which is no revision of alembic.ini\n"
        "  fix: restore the script of 'f00dbeef01', or correct the id; where another package brings it, "
        'state elsewhere = ["f00dbeef01"] in [tool.migration-lint.databases.migrations]\n'
    ) in found.error
    assert "f00dbeef02" in found.error
    stated = {OWN: '[databases.migrations]\nelsewhere = ["f00dbeef01", "f00dbeef02"]\n'}
    assert runner.change({**added, **stated}).status == 0


def test_a_script_that_goes_is_no_revision_of_another_package(runner: Runner) -> None:
    more = {f"{VERSIONS}/b2.py": script("pass"), f"{VERSIONS}/c3.py": script("pass", "c3", "b2")}
    found = runner.change({f"{VERSIONS}/b2.py": None}, more)
    assert found.status == 2
    assert "names 'b2', which is no revision" in found.error


def test_a_near_name_is_a_slip_unless_it_is_stated(runner: Runner) -> None:
    slip = {
        FIRST: PROJECT[FIRST].replace('"a1"', '"a1b2c3d4e5"'),
        f"{VERSIONS}/b2.py": script("pass", down="a1b2c3d4e6"),
    }
    project = write(runner.folder / "project", {**PROJECT, **slip})
    found = runner.check(project, "--all")
    assert found.status == 2
    assert "did you mean 'a1b2c3d4e5'? Otherwise restore the script" in found.error
    write(project, {OWN: '[databases.migrations]\nelsewhere = ["a1b2c3d4e6"]\n'})
    assert runner.check(project, "--all").status == 0


def test_a_revision_of_another_database_of_the_tree_is_none_of_another_package(runner: Runner) -> None:
    other = {
        "module/alembic.ini": "[alembic]\nscript_location = migrations\n",
        "module/migrations/versions/m1.py": script("pass", "m1", None, more='depends_on = "a1"'),
    }
    assert runner.change(other).status == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[databases.migration]\nelsewhere = ["x"]\n', "databases names migration, and no database is"),
        ("[databases.migrations]\nelswhere = []\n", 'unknown key "elswhere" in databases.migrations'),
        ("[databases.migrations]\nelsewhere = 3\n", "databases.migrations.elsewhere cannot be 3"),
        ("databases = 3\n", "databases cannot be 3"),
        ('[databases.x]\nalembic = "nowhere"\n', "`alembic` names 'nowhere', which is not in"),
    ],
)  # fmt: skip
def test_what_the_configuration_may_not_say(runner: Runner, text: str, said: str) -> None:
    found = runner.change({OWN: text})
    assert found.status == 2
    assert said in found.error


def test_a_database_is_not_left_out_by_losing_its_name(runner: Runner) -> None:
    before = {
        "alembic.ini": None, "db/env.py": "from alembic import context\n", FIRST: None,
        "db/scripts/a1.py": PROJECT[FIRST], OWN: '[databases.shop]\nalembic = "db/scripts"\n',
    }  # fmt: skip
    found = runner.change({OWN: "", "db/scripts/b2.py": script(DROP)}, before)
    assert "contract-column-dropped" in found.rules
