"""Input that people really break: each gets its own message, and the right exit status.

What is printed is compared whole with `input/<name>.txt`. `UPDATE_EXPECTED=1 pytest tests/test_input.py`
writes these files anew: read the difference.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from .projects import (
    CONSUMER,
    FIRST,
    PRODUCER,
    PROJECT,
    VERSIONS,
    Files,
    Repository,
    report,
    revision,
    script,
    write,
)

Report = Callable[..., str]

EXPECTED = Path(__file__).parent / "input"

P, C = PROJECT[PRODUCER], PROJECT[CONSUMER]
SECOND = f"{VERSIONS}/b2.py"
RULE = """\
summary: A column is dropped on a Friday.
severity: error
on: drop_column
when: {when}
message: "{{table}}.{{column}} is dropped"
why: |
  Nobody is there on Saturday.
fix: "wait until Monday"
examples:
  - name: it is dropped
    upgrade: op.drop_column("deployment_events", "hint")
    finds: 1
  - name: nothing is dropped
    upgrade: op.add_column("deployment_events", sa.Column("x", sa.Text()))
    finds: 0
"""


def conflict(text: str, start: str, theirs: str) -> str:
    """A text in which git could not merge the line that begins with `start`."""
    (line,) = (line for line in text.splitlines(keepends=True) if line.startswith(start))
    return text.replace(line, f"<<<<<<< HEAD\n{line}=======\n{line.rstrip()} # {theirs}\n>>>>>>> topic\n")


def assert_told(told: str, name: str) -> None:
    """What was printed is what the file of that name holds."""
    file = EXPECTED / f"{name.replace(' ', '-')}.txt"
    assert "Traceback" not in told
    assert "internal error" not in told
    if os.environ.get("UPDATE_EXPECTED"):
        file.write_text(told, encoding="utf-8")
    assert told == file.read_text(encoding="utf-8")


@pytest.fixture
def judged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Report:
    """Judges files laid over the project, against the project; what is printed comes back whole."""

    def judged(after: Files, before: Files = PROJECT) -> str:
        monkeypatch.chdir(tmp_path)
        write(tmp_path / "before", before)
        write(tmp_path / "after", {**before, **after})
        return report(capsys, "check", "after", "--base", "before", "--head", "after")

    return judged


BROKEN: dict[str, Files] = {
    "a migration with a syntax error": {SECOND: script('op.drop_column("deployment_events", "hint"')},
    "a missing down_revision": {
        SECOND: "from alembic import op\n\nrevision = 'b2'\n\n\ndef upgrade():\n    pass\n"
    },
    "an unknown down_revision": revision("pass", "b2", "a0"),
    "a revision id twice": {**revision("pass"), f"{VERSIONS}/copy.py": script("pass")},
    "a migration without a revision id": {SECOND: "from alembic import op\n"},
    "a migration that is not UTF-8": {SECOND: script("op.execute(\"SELECT 'größe'\")").encode("latin-1")},
    "a migration with a null byte": {SECOND: script("pass").encode() + b"\0"},
    "two heads": {**revision("pass", "b2"), **revision("pass", "b3")},
    "a contract with a tab": {CONSUMER: C.replace("      kind:", "\tkind:")},
    "a contract with a duplicate key": {CONSUMER: C + "      kind: {type: text}\n"},
    "a contract with a misspelt key": {
        CONSUMER: C.replace("nullable: true", "nulable: true").replace("service:", "servise:")
    },
    "a contract with a misspelt role": {CONSUMER: C.replace("role: consumer", "role: consumers")},
    "a contract with an unknown format": {CONSUMER: C.replace("lint/v1", "lint/v2")},
    "a contract that is not UTF-8": {CONSUMER: C.replace("service: api", "service: größe").encode("latin-1")},
    "a contract with a merge conflict": {CONSUMER: conflict(C, "      kind:", "nullable: true")},
    "a migration with a merge conflict": {SECOND: conflict(script("pass"), "    pass", "down")},
    "a configuration with a merge conflict": {
        "migration-lint.toml": conflict('fail-on = "error"\n', "fail-on", "warning")
    },
    "an alembic.ini with a merge conflict": {
        "alembic.ini": conflict(PROJECT["alembic.ini"], "script_location", "alembic")
    },
    "a migration whose upgrade is misspelt": {SECOND: script("pass").replace("upgrade", "upgarde")},
    "a contract with a date that is none": {CONSUMER: C + '    retired: {cause: "2026-02-30"}\n'},
    "a contract that acknowledges no revision": {
        **revision("pass"),
        CONSUMER: C + "    acknowledges: {b22: nobody reads it}\n",
    },
    "an empty contract": {CONSUMER: ""},
    "a contract of comments": {CONSUMER: "# to be written\n"},
    "a contract that is a list": {CONSUMER: "- contract\n"},
    "two contracts of one id": {"contracts/copy.yaml": C},
    "everything at once": {
        PRODUCER: P.replace("service:", "servise:").replace("type: int4", "typ: int4"),
        CONSUMER: C.replace("role: consumer", "role: reader"),
    },
    "a rule with a misspelt fact": {
        "migration-lint.toml": 'rules = ["lint"]\n',
        "lint/friday.yaml": RULE.format(when="table.proteced and column.existed"),
    },
    "a rule with a value that cannot be": {
        "migration-lint.toml": 'rules = ["lint"]\n',
        "lint/friday.yaml": RULE.format(when='operation.direction == "up"'),
    },
    "a folder of rules that is misspelt": {
        "migration-lint.toml": 'rules = ["lnt"]\n',
        "lint/friday.yaml": RULE.format(when="column.existed"),
    },
    "a folder of rules that is not there": {"migration-lint.toml": 'rules = ["lint"]\n'},
    "a configuration with a misspelt key": {"migration-lint.toml": 'dialekt = "mysql"\n'},
    "a configuration with a misspelt rule": {
        "migration-lint.toml": 'severity.contract-column-droped = "off"\n'
    },
    "a pyproject.toml with a misspelt key": {
        "pyproject.toml": '[project]\nname = "x"\n\n[tool.migration-lint]\nprotect = ["t"]\n'
    },
    "a configuration twice": {
        "pyproject.toml": '[tool.migration-lint]\nfail-on = "warning"\n',
        "migration-lint.toml": 'fail-on = "error"\n',
    },
    "an empty alembic.ini": {"alembic.ini": ""},
    "an alembic.ini whose scripts are not there": {"alembic.ini": "[alembic]\nscript_location = alembic\n"},
    "an alembic.ini that cannot be read": {"alembic.ini": "script_location = migrations\n"},
}


@pytest.mark.parametrize("broken", BROKEN)
def test_broken_input(broken: str, judged: Report) -> None:
    assert_told(judged(BROKEN[broken]), broken)


# -- what is broken before the change too


def test_a_configured_environment_that_is_not_there(judged: Report) -> None:
    before = {**PROJECT, "migration-lint.toml": 'alembic = "db/alembic.ini"\n'}
    assert_told(judged({}, before), "a configured environment that is not there")


def test_an_empty_alembic_ini_and_no_scripts(judged: Report) -> None:
    before = {**PROJECT, FIRST: None, "alembic.ini": ""}
    assert_told(judged({"README.md": "x"}, before), "an empty alembic.ini and no scripts")


def test_no_alembic_environment_at_all(judged: Report) -> None:
    before = {"README.md": "Nothing here.\n"}
    assert_told(judged({"README.md": "Still nothing.\n"}, before), "no alembic environment at all")


def test_contracts_but_no_migrations(judged: Report) -> None:
    before = {PRODUCER: P, CONSUMER: C}
    assert_told(judged({CONSUMER: C + "      extra: {type: text}\n"}, before), "contracts but no migrations")


def test_contracts_that_no_pattern_names(judged: Report) -> None:
    before = {f"svc/{path}": text for path, text in {**PROJECT, PRODUCER: P, CONSUMER: C}.items()}
    assert_told(judged({"README.md": "x"}, before), "contracts that no pattern names")


def test_a_contract_that_is_broken_in_base_alone(judged: Report) -> None:
    before = {**PROJECT, CONSUMER: C.replace("role: consumer", "rolle: consumer")}
    assert_told(judged({CONSUMER: C}, before), "a contract that is broken in base alone")


# -- what is asked for


def test_a_base_folder_that_does_not_exist(judged: Report, capsys: pytest.CaptureFixture[str]) -> None:
    judged({})
    assert_told(
        report(capsys, "check", "after", "--base", "befor", "--head", "after"),
        "a base folder that does not exist",
    )


def test_a_head_folder_that_does_not_exist(judged: Report, capsys: pytest.CaptureFixture[str]) -> None:
    judged({})
    assert_told(
        report(capsys, "check", "after", "--base", "before", "--head", "afer"),
        "a head folder that does not exist",
    )


def test_a_base_that_is_no_commit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    repository = Repository.new(tmp_path / "repository", PROJECT)
    monkeypatch.chdir(repository.path)
    assert_told(report(capsys, "check", "--base", "mian"), "a base that is no commit")


def test_a_folder_that_is_no_repository(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(write(tmp_path, PROJECT))
    assert_told(report(capsys, "check"), "a folder that is no repository")


def test_a_repository_without_a_commit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Repository(tmp_path).git("init", "--quiet", "--initial-branch=main")
    assert_told(report(capsys, "check"), "a repository without a commit")
