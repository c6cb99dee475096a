"""`contract init --statistics`: who uses a table by the word of its server, against the contracts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .projects import CONSUMER, PRODUCER, PROJECT, report, write

INSERT = "INSERT INTO deployment_events (kind, exit_code, hint) VALUES ($1, $2, $3)"
SELECT = "SELECT id, kind, exit_code, hint FROM deployment_events WHERE kind = $1"
REPORT = "SELECT kind, count(*) FROM deployment_events GROUP BY kind"
WHOLE = "SELECT * FROM deployment_events"
OTHER = "SELECT id FROM deployments"

RAN = [
    ("worker", INSERT, 40),
    ("api", SELECT, 900),
    ("reporting", REPORT, 7),
    ("reporting", OTHER, 7),
    ("", WHOLE, 1),
]
LISTED = """\
worker writes kind, exit_code and hint (1 statement, 40 calls)
  as worker.producer says
somebody whom the file does not name reads id, kind, exit_code and hint (1 statement, 1 call)
  no contract names it as a consumer of deployment_events
api reads id, kind, exit_code and hint (1 statement, 900 calls)
  as api.consumer says
reporting reads kind (1 statement, 7 calls)
  no contract names it as a consumer of deployment_events
"""


def _csv(name: str) -> str:
    rows = [f'"{sql}",{who},{calls}' for who, sql, calls in RAN]
    return "\n".join([f"query,{name},calls", *rows, ""])


def _csvlog() -> str:
    lines = []
    for who, sql, calls in RAN:
        row = [""] * 26
        row[1], row[13], row[22] = "app", f'"statement: {sql}"', who
        lines += [",".join(row).replace("app,", ",", 1)] * calls
    return "\n".join(lines)


RECORDS = [{"query": sql, "application_name": who, "calls": calls} for who, sql, calls in RAN]
FILES = {
    "dump.csv": _csv("application_name"),
    "roles.csv": _csv("rolname"),
    "dump.json": json.dumps(RECORDS),
    "lines.json": "\n".join(map(json.dumps, RECORDS)),
    "rows.json": json.dumps({"rows": RECORDS}),
    "postgresql.csv": _csvlog(),
    "jsonlog.json": "\n".join(
        json.dumps({"message": f"execute <unnamed>: {sql}", "application_name": who})
        for who, sql, calls in RAN
        for _ in range(calls)
    ),
    "postgresql.log": "\n".join(
        f"2026-11-30 09:00:00 UTC [7] {f'app={who} ' if who else ''}LOG:  duration: 0.1 ms  statement: "
        + sql.replace(" FROM", "\n\tFROM")
        for who, sql, calls in RAN
        for _ in range(calls)
    ),
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(write(tmp_path, PROJECT))
    return tmp_path


@pytest.mark.parametrize("name", FILES)
def test_each_form_of_statistics_tells_the_same(
    name: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(project, {name: FILES[name]})
    before = sorted(project.rglob("*"))
    told = report(capsys, "contract", "init", "deployment_events", "--statistics", name)
    assert told == f"exit status 1\n\n{LISTED}"
    assert sorted(project.rglob("*")) == before


def test_columns_that_no_contract_of_theirs_declares_are_told(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    narrow = PROJECT[CONSUMER].replace("      hint: {type: text, nullable: false}\n", "")
    write(project, {CONSUMER: narrow, "dump.csv": f'query,application_name\n"{SELECT}",api\n'})
    assert report(capsys, "contract", "init", "deployment_events", "--statistics", "dump.csv") == (
        "exit status 1\n\n"
        "api reads id, kind, exit_code and hint (1 statement, 1 call)\n"
        "  api.consumer does not declare hint\n"
        "worker.producer: no statement of it is in dump.csv\n"
    )


def test_what_cannot_be_read_or_is_hidden_is_said(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    dump = (
        "query,rolname\n"
        f'"{INSERT}",worker\n"{SELECT}",api\n'
        "<insufficient privilege>,other\n"
        '"SELECT kind FROM deployment_events WHERE (((",other\n'
    )
    write(project, {"dump.csv": dump})
    told = report(capsys, "contract", "init", "deployment_events", "--statistics", "dump.csv")
    assert told.startswith("exit status 0\n\n")
    assert "\nnot read: SELECT kind FROM deployment_events WHERE (((: " in told
    assert "one entry hides its statement: dump dump.csv as a role with pg_read_all_stats" in told


@pytest.mark.parametrize(
    ("files", "table", "said"),
    [
        ({"dump.csv": ""}, "deployment_events", "no statement is in it"),
        ({}, "deployment_events", "it cannot be read"),
        ({"dump.csv": FILES["dump.csv"]}, "deployment_event", "did you mean deployment_events?"),
    ],
)
def test_what_shows_nothing_is_an_error(
    files: dict[str, str], table: str, said: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(project, files)
    told = report(capsys, "contract", "init", table, "--statistics", "dump.csv")
    assert told.startswith("exit status 2")
    assert said in told
    assert (project / PRODUCER).read_text() == PROJECT[PRODUCER]


def test_it_lists_and_drafts_nothing(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(project, {"dump.csv": FILES["dump.csv"]})
    told = report(
        capsys, "contract", "init", "deployment_events", "--statistics", "dump.csv", "--consumer", "reporting"
    )
    assert told.startswith("exit status 2")
    assert "--statistics only lists" in told
    assert not (project / "contracts/reporting.consumer.yaml").exists()
