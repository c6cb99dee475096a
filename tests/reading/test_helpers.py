"""Packages that are not in the tree, read from the folders and wheels that the configuration names."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from migration_lint.cli import main

from ..projects import VERSIONS, Runner, script, write

DROPPED, OPAQUE = "contract-column-dropped", "contract-opaque-operation"
TABLES = "from alembic import op\n\n\ndef gone():\n    op.drop_column('deployment_events', 'hint')\n"
CALLS = {f"{VERSIONS}/b2.py": script("gone()", more="from acme.tables import gone")}
PACKAGE = {"acme/__init__.py": "", "acme/tables.py": TABLES}


def wheel(files: dict[str, str]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    return data.getvalue()


def said(*names: str) -> dict[str, str]:
    return {"migration-lint.toml": f"helpers = {list(names)!r}\n"}


@pytest.fixture
def runner(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Runner:
    return Runner(tmp_path, capsys)


PLACES = {
    "a folder beside the project": ("../libs", {f"libs/{path}": text for path, text in PACKAGE.items()}),
    "a package beside the project": (
        "../libs/acme",
        {f"libs/{path}": text for path, text in PACKAGE.items()},
    ),
    "a wheel beside the project": ("../acme-1-py3-none-any.whl", {"acme-1-py3-none-any.whl": wheel(PACKAGE)}),
    "a folder that git ignores": (
        ".venv/lib/site-packages",
        {f"after/.venv/lib/site-packages/{path}": text for path, text in PACKAGE.items()},
    ),
    "a package among others": (
        ".venv/lib/site-packages/acme",
        {f"after/.venv/lib/site-packages/{path}": text for path, text in PACKAGE.items()},
    ),
    "a wheel in the project": (
        "vendor/acme.whl",
        {f"{tree}/vendor/acme.whl": wheel(PACKAGE) for tree in ("before", "after")},
    ),
}


@pytest.mark.parametrize("place", PLACES)
def test_what_a_helper_does_is_read(place: str, runner: Runner) -> None:
    name, files = PLACES[place]
    write(runner.folder, files)
    assert runner.change(CALLS, said(name)).rules >= {DROPPED}


def test_show_reads_them_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, {"acme.whl": wheel(PACKAGE), **{f"project/{path}": text for path, text in CALLS.items()}})
    write(tmp_path / "project", said("../acme.whl"))
    monkeypatch.chdir(tmp_path / "project")
    assert main(["show"]) == 0
    assert "drop_column deployment_events.hint" in capsys.readouterr().out


def test_a_module_of_the_project_goes_before(runner: Runner) -> None:
    write(runner.folder, {"acme.whl": wheel(PACKAGE)})
    mine = {"acme/__init__.py": "", "acme/tables.py": "def gone():\n    pass\n"}
    found = runner.change({**CALLS, **mine}, said("../acme.whl"))
    assert not found.rules & {DROPPED, OPAQUE}


def test_a_wheel_that_changes_with_the_change(runner: Runner) -> None:
    """What an old revision calls is another wheel's now: the revision is edited."""
    harmless = wheel({**PACKAGE, "acme/tables.py": "def gone():\n    pass\n"})
    before = {**CALLS, **said("vendor/acme.whl")}
    write(runner.folder / "before", {"vendor/acme.whl": harmless})
    write(runner.folder / "after", {"vendor/acme.whl": wheel(PACKAGE)})
    assert DROPPED in runner.change({}, before).rules


def test_a_change_does_not_choose_what_its_own_helpers_do(runner: Runner) -> None:
    harmless = wheel({**PACKAGE, "acme/tables.py": "def gone():\n    pass\n"})
    write(runner.folder, {"acme.whl": wheel(PACKAGE), "other.whl": harmless})
    assert DROPPED in runner.change({**CALLS, **said("../other.whl")}, said("../acme.whl")).rules


WRONG = {
    "nothing there": ({}, "`helpers` names '../acme.whl', which is not there"),
    "no wheel": (
        {"acme.whl": "text"},
        "`helpers` names '../acme.whl', which cannot be read: File is not a zip",
    ),
    "a broken wheel": (
        {"acme.whl": wheel(PACKAGE)[:-40]},
        "`helpers` names '../acme.whl', which cannot be read",
    ),
    "a bomb": (
        {"acme.whl": wheel({f"acme/{number}.py": "#" * 3_000_000 for number in range(30)})},
        "`helpers` names '../acme.whl', which holds more than a package of helpers would",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_read_stops_the_run(name: str, runner: Runner) -> None:
    files, message = WRONG[name]
    write(runner.folder, files)
    found = runner.change(CALLS, said("../acme.whl"))
    assert found.status == 2
    assert message in found.error
