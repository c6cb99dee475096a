"""What needs a newer Python than the one that reads it is said once."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from .projects import PROJECT, VERSIONS, Runner, revision, script, write

pytestmark = pytest.mark.skipif(sys.version_info >= (3, 12), reason="this Python reads what is written here")

HERE = f"Python {sys.version_info[0]}.{sys.version_info[1]}"
NEWER = """\
from alembic import op

type Name = str


def gone():
    op.drop_column("deployment_events", "hint")
"""
CALLS = "from acme.tables import gone"
INI = {"alembic.ini": PROJECT["alembic.ini"] + "prepend_sys_path = .\n"}
MODULES = {"acme/__init__.py": "", "acme/tables.py": NEWER, **INI}


@pytest.fixture
def runner(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Runner:
    return Runner(tmp_path, capsys)


def test_a_module_that_a_new_script_calls(runner: Runner) -> None:
    scripts = {
        f"{VERSIONS}/{name}.py": script("gone()", name, down, CALLS)
        for name, down in (("b2", "a1"), ("c3", "b2"), ("d4", "c3"))
    }
    found = runner.change({**MODULES, **scripts})
    assert found.status == 2
    assert found.error.count("Python 3.12") == 2  # what it needs, and what to do
    assert (
        f"acme/tables.py:3:6: needs Python 3.12, which brought the `type` statement, and this is {HERE}"
        in found.error
    )
    assert "run migration-lint with Python 3.12" in found.error


def test_several_modules(runner: Runner) -> None:
    more = {"acme/others.py": NEWER}
    text = script("gone()\nothers.gone()", more=f"{CALLS}\nfrom acme import others")
    found = runner.change({**MODULES, **more, f"{VERSIONS}/b2.py": text})
    assert found.status == 2
    assert f"acme/others.py:3:6: needs Python 3.12, as one more file does, and this is {HERE}" in found.error


def test_every_revision(runner: Runner) -> None:
    head = write(
        runner.folder / "head", {**PROJECT, **MODULES, f"{VERSIONS}/b2.py": script("gone()", more=CALLS)}
    )
    found = runner.check(head, "--all")
    assert (found.status, found.error.count("needs Python 3.12")) == (2, 1)


def test_a_module_that_only_an_old_script_calls(runner: Runner) -> None:
    before = {**MODULES, f"{VERSIONS}/b2.py": script("gone()", more=CALLS)}
    found = runner.change(revision("pass", "c3", "b2"), before)
    assert found.status == 0


def test_a_module_of_which_nothing_is_called(runner: Runner) -> None:
    # Its top runs all the same.
    found = runner.change({**MODULES, f"{VERSIONS}/b2.py": script("pass", more=CALLS)})
    assert found.status == 2
    assert "acme/tables.py:3:6: needs Python 3.12" in found.error


def test_scripts(runner: Runner) -> None:
    scripts = {
        f"{VERSIONS}/{name}.py": script("pass", name, down, "type Name = str")
        for name, down in (("b2", "a1"), ("c3", "b2"), ("d4", "c3"))
    }
    found = runner.change(scripts)
    assert found.status == 2
    said = f"{VERSIONS}/b2.py:7:6: needs Python 3.12, as 2 more files do, and this is {HERE}"
    assert said in found.error
    assert found.error.count("needs Python") == 1


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="this Python reads it")
def test_what_python_2_has_otherwise(runner: Runner) -> None:
    text = "def gone():\n    try:\n        pass\n    except ValueError, error:\n        pass\n"
    found = runner.change(
        {**MODULES, "acme/tables.py": text, f"{VERSIONS}/b2.py": script("gone()", more=CALLS)}
    )
    assert found.status == 2
    assert "acme/tables.py:4:" in found.error
    assert "is `except A as b:`" in found.error
