"""What a JSON report says an owner could write to acknowledge a change."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from migration_lint.cli import main

from .projects import CONSUMER, PRODUCER, PROJECT, acknowledging, revision, write

DROP = revision('op.drop_column("deployment_events", "hint")')
C = PROJECT[CONSUMER]
ENTRY = {"table": "deployment_events", "revision": "b2"}


def told(
    folder: Path, capsys: pytest.CaptureFixture[str], contract: str = C, more: dict[str, Any] | None = None
) -> tuple[int, dict[str, Any]]:
    """What a change that drops a column is told of the consumer, whose contract is this one at head."""
    base = write(folder / "base", PROJECT)
    head = write(folder / "head", {**PROJECT, **DROP, CONSUMER: contract, **(more or {})})
    return judged(capsys, base, head)


def judged(capsys: pytest.CaptureFixture[str], base: Path, head: Path) -> tuple[int, dict[str, Any]]:
    capsys.readouterr()
    status = main(["check", str(head), "--base", str(base), "--head", str(head), "--format", "json"])
    found = json.loads(capsys.readouterr().out)["acknowledging"]
    return status, {each["contract"]: each for each in found}


BRACES = """\
contract: migration-lint/v1
id: api.consumer
service: api
role: consumer
tables:
  deployment_events: {columns: {hint: {type: text, nullable: false}}}
"""


@pytest.mark.parametrize(
    ("contract", "added"),
    [
        (C, ["    acknowledges:", "      b2: <why this is safe>"]),
        (acknowledging(C, "a1"), ["      b2: <why this is safe>"]),
        (f"{C}    acknowledges:\n      a1:   aligned\n", ["      b2:   <why this is safe>"]),
        (f"{C}    acknowledges: {{a1: agreed}}\n",
         ["    acknowledges: {a1: agreed, b2: <why this is safe>}"]),
        (f"{C}    # of last year\n  audit:\n    columns: {{}}\n",
         ["    acknowledges:", "      b2: <why this is safe>"]),
        (C.replace("\n", "\r\n"), ["    acknowledges:\r", "      b2: <why this is safe>\r"]),
        (BRACES, ["  deployment_events: {columns: {hint: {type: text, nullable: false}}, "
                  "acknowledges: {b2: <why this is safe>}}"]),
    ],
    ids=["no section", "a section", "aligned", "braces", "in the middle", "DOS lines", "an entry in braces"],
)  # fmt: skip
def test_the_lines_to_add_are_in_the_report_without_a_reason(
    contract: str, added: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, found = told(tmp_path, capsys, contract)
    assert status == 1
    entry = found["api.consumer"]
    assert (entry["path"], entry["entries"]) == (CONSUMER, [ENTRY])
    lines = entry["patch"].split("\n")
    assert [line[1:] for line in lines if line.startswith("+") and not line.startswith("+++")] == added


def test_with_a_reason_of_both_sides_the_change_passes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, found = told(tmp_path, capsys)
    assert (status, set(found)) == (1, {"api.consumer", "worker.producer"})
    whole = "".join(each["patch"] for each in found.values())
    for text, expected in ((whole, 2), (whole.replace("<why this is safe>", "approved by ann"), 0)):
        head = write(tmp_path / f"head{expected}", {**PROJECT, **DROP})
        subprocess.run(["git", "apply"], cwd=head, input=text, text=True, check=True)
        capsys.readouterr()
        assert main(["check", str(head), "--base", str(tmp_path / "base"), "--head", str(head)]) == expected


def test_what_is_acknowledged_or_followed_is_not_offered(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    followed = {PRODUCER: PROJECT[PRODUCER].replace("      hint: {type: text, nullable: false}\n", "")}
    assert told(tmp_path, capsys, acknowledging(C, "b2"), followed) == (0, {})


def test_what_would_change_nothing_is_not_offered(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It was acknowledged before the change, and edited since: only a new revision can be acknowledged."""
    files = {**PROJECT, **revision('op.execute("SELECT 1")'), CONSUMER: acknowledging(C, "b2")}
    base = write(tmp_path / "base", files)
    head = write(tmp_path / "head", {**files, **DROP})
    status, found = judged(capsys, base, head)
    assert (status, set(found)) == (1, {"worker.producer"})


def test_where_the_text_has_no_place_for_it_the_names_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A document of another format says it elsewhere."""
    write(tmp_path, PROJECT)
    capsys.readouterr()
    main(["contract", "export", "api.consumer", "--project", str(tmp_path), "--format", "odcs"])
    document = capsys.readouterr().out
    assert document
    files = {**PROJECT, CONSUMER: document}
    base, head = write(tmp_path / "base", files), write(tmp_path / "head", {**files, **DROP})
    _, found = judged(capsys, base, head)
    assert (found["api.consumer"]["entries"], found["api.consumer"]["patch"]) == ([ENTRY], "")
