"""Each folder of `parity/` is the example's project with some files laid over it, and what `parity` says.

    parity/<name>/files/         the files that differ from examples/deployment_events/project; for those in
                                 SQLAlchemy, from that with the example's `in_sqlalchemy/project` over it
    parity/<name>/expected.txt   the exit status and, whole, what the command prints

`UPDATE_EXPECTED=1 pytest tests/test_parity.py` writes every `expected.txt` anew: read the difference.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from .projects import report, write

ROOT = Path(__file__).parents[1]
PROJECT = ROOT / "examples/deployment_events/project"
CASES = Path(__file__).parent / "parity"
IN_SQLALCHEMY = ROOT / "examples/deployment_events/in_sqlalchemy/project"


@pytest.mark.parametrize("case", sorted(path.name for path in CASES.iterdir()))
def test_case(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    project = shutil.copytree(PROJECT, tmp_path / "project")
    if case.startswith("sqlalchemy-"):
        shutil.copytree(IN_SQLALCHEMY, project, dirs_exist_ok=True)
    if (CASES / case / "files").exists():
        shutil.copytree(CASES / case / "files", project, dirs_exist_ok=True)
    monkeypatch.chdir(project)
    found = report(capsys, "parity")
    expected = CASES / case / "expected.txt"
    if os.environ.get("UPDATE_EXPECTED"):
        expected.write_text(found, encoding="utf-8")
    assert found == expected.read_text(encoding="utf-8")


OBJECTS = "{json: {type: object, properties: {kind: {type: string}}, required: [kind]}}"


def test_a_library_that_fails_holds_nothing_up_and_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = "def from_schema(schema):\n    raise AttributeError('no attribute more')\n"
    write(tmp_path / "library", {"hypothesis_jsonschema.py": broken})
    monkeypatch.syspath_prepend(tmp_path / "library")
    shutil.copytree(PROJECT, tmp_path / "before")
    after = shutil.copytree(PROJECT, tmp_path / "after")
    said = "{json: {type: array, items: {type: string}}}"
    for path, encoding in (
        ("worker.producer", OBJECTS),
        ("api.consumer", "{json: {type: object, additionalProperties: true}}"),
    ):
        file = after / f"contracts/{path}.yaml"
        text = file.read_text()
        assert said in text
        kept = [line for line in text.splitlines(keepends=True) if "examples:" not in line]
        file.write_text("".join(kept).replace(said, encoding))
    monkeypatch.chdir(tmp_path)
    undecided = (
        "warning[sides-encoding-undecided]: it is undecided whether api.consumer can read all that "
        "worker.producer writes into deployment_events.last_lines, because hypothesis-jsonschema fails with "
        "AttributeError: no attribute more\n"
    )
    for command in (("parity", "after"), ("check", "after", "--base", "before", "--head", "after")):
        told = report(capsys, *command)
        assert undecided in told
        assert "sides-encoding-clash" not in told
