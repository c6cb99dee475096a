"""Mistakes that people make, and what they are told: `mistakes.md` has them all, with what was said at first.

Each is one small slip in a project that is right. What is printed names what was written, says what is wrong
with it, and what to do. `python -m tests.test_mistakes` writes what is said now; what was said before stays.
"""

from __future__ import annotations

import io
import os
import re
import tempfile
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple

import pytest

from migration_lint.cli import main

from .projects import CONSUMER, PROJECT, Files, Repository, acknowledging, revision, script, write
from .test_usage import MISTAKES as COMMANDS
from .test_usage import UNUSUAL

TABLE = Path(__file__).parent / "mistakes.md"
VERSIONS = "migrations/versions"
DROP = revision('op.drop_column("deployment_events", "hint")')
CONFIGURATION = "migration-lint.toml"


class Mistake(NamedTuple):
    """Files over a project that is right, and a command."""

    files: Files = {}
    command: str = "check --base main"
    about: str = ""  # what the finding says that is about it, where it is not the first one


def contract(old: str, new: str, command: str = "check --all", about: str = "") -> Mistake:
    """Another text in a contract."""
    assert old in PROJECT[CONSUMER]
    return Mistake({CONSUMER: PROJECT[CONSUMER].replace(old, new)}, command, about)


def configured(text: str) -> Mistake:
    return Mistake({CONFIGURATION: text}, "check --all")


def migrated(body: str, down: str = "a1", about: str = "") -> Mistake:
    return Mistake(revision(body, "b2", down), about=about)


def written(text: str, name: str = "b2") -> Mistake:
    return Mistake({f"{VERSIONS}/{name}.py": text})


def ruled(old: str, new: str) -> Mistake:
    """A rule of the project's own with a slip in it."""
    assert old in RULE
    return Mistake(
        {CONFIGURATION: 'rules = ["lint"]\n', "lint/shop-todo.yaml": RULE.replace(old, new)}, "rules"
    )


RULE = """\
summary: A column is called todo.
severity: warning
on: add_column
when: column.name == "todo"
message: "{table}.{column} says nothing"
why: Nobody knows what is in it.
fix: Say what is in it.
examples:
  - name: todo
    upgrade: op.add_column("deployment_events", sa.Column("todo", sa.Text()))
    finds: 1
"""
CONFLICT = "<<<<<<< HEAD\n      kind: {type: text}\n=======\n      kind: {type: varchar}\n>>>>>>> topic\n"
PLAIN = script('op.drop_column("deployment_events", "hint")')

MISTAKES: Mapping[str, Mistake] = {
    **{f"`{line}`": Mistake(UNUSUAL, line) for line in COMMANDS},
    # Configuration
    "a key is misspelt": configured("protectd = []\n"),
    "a value is misspelt": configured('require = "agree"\n'),
    "a text in the place of a list": configured('protected = "billing.*"\n'),
    "a protected table that is misspelt": configured('protected = ["deploymnt_events"]\n'),
    "a rule that is misspelt": configured('severity.contract-colum-dropped = "off"\n'),
    "a severity that is none": configured('severity.design-serial = "warn"\n'),
    "a folder of rules that is not there": configured('rules = ["lint-rules"]\n'),
    "a baseline that is not there": configured('baseline = "old.yaml"\n'),
    "start-after names no revision": configured('start-after = "a2"\n'),
    "a version without quotes": configured("server-version = 10.10\n"),
    "a path that leads out": configured('contracts = ["../contracts/*.yaml"]\n'),
    "contracts in a folder that is misspelt": configured('contracts = ["contrcts/*.yaml"]\n'),
    "a database that is misspelt": configured('[databases.main]\nalembic = "alembc.ini"\n'),
    "TOML that is none": configured("protected = [\n"),
    "the file is called migration_lint.toml": Mistake(
        {"migration_lint.toml": "protected = []\n"}, "check --all"
    ),
    # Contracts
    "a merge conflict in a contract": contract("      kind: {type: text, nullable: false}\n", CONFLICT),
    "a key of a contract is misspelt": contract("service: api", "servce: api"),
    "a role that is none": contract("role: consumer", "role: reader"),
    "a tab in YAML": contract("  deployment_events:", "\tdeployment_events:"),
    "a contract without an id": contract("id: api.consumer\n", ""),
    "a contract for a table that is misspelt": contract(
        "  deployment_events:", "  deploymnt_events:", "check --base main", "deploymnt"
    ),
    "a type that is misspelt": contract("type: int4", "type: itn4", "parity", "itn4"),
    "nullable: maybe": contract("nullable: true", "nullable: maybe"),
    "two contracts with one id": Mistake({"contracts/copy.yaml": PROJECT[CONSUMER]}, "check --all"),
    "a column twice": contract("      hint: {", "      kind: {type: text}\n      hint: {"),
    "a date that is none under retired": Mistake(
        {CONSUMER: PROJECT[CONSUMER] + '    retired: {cause: "2026-13-02"}\n'}, "check --all"
    ),
    "an acknowledgement of a revision that is misspelt": Mistake(
        {**DROP, CONSUMER: acknowledging(PROJECT[CONSUMER], "b22")}
    ),
    "an acknowledgement without a reason": Mistake(
        {**DROP, CONSUMER: acknowledging(PROJECT[CONSUMER], "b2", '"."')}
    ),
    "a column that the schema does not have": contract("      hint: {", "      hnt: {", "parity", "hnt"),
    "code that is bound at a path that is misspelt": Mistake(
        {
            CONSUMER: PROJECT[CONSUMER]
            + "    code: [{path: src/event.py, symbol: read, statement: select}]\n",
            "src/events.py": "def read(c):\n    c.execute('SELECT id, kind FROM deployment_events')\n",
        },
        "parity",
        "event.py",
    ),
    "a contract that is empty": Mistake({"contracts/empty.yaml": ""}, "check --all"),
    # Migrations
    "`def upgarde`": written(PLAIN.replace("def upgrade", "def upgarde")),
    "a table that is misspelt": migrated('op.drop_table("deploymnt_events")'),
    "a column that is misspelt": migrated('op.drop_column("deployment_events", "hnt")'),
    "a parent that is misspelt": migrated("pass", down="a11"),
    "a revision id twice": Mistake(revision("pass", "a1", "a0")),
    "a script without down_revision": written(PLAIN.replace("down_revision = 'a1'\n", "")),
    "Python that is none": written(PLAIN.replace("def upgrade():", "def upgrade()")),
    "a merge conflict in a script": written(PLAIN.replace("def upgrade", "<<<<<<< HEAD\ndef upgrade")),
    "a script beside the folder of versions": Mistake({"migrations/version/b2.py": PLAIN}),
    "two heads": Mistake({**revision("pass", "b2"), **revision("pass", "c3")}),
    "SQL that is misspelt": migrated('op.execute("ALTER TABEL deployment_events DROP COLUMN hint")'),
    # What keeps a check quiet, and rules
    "a suppression without a reason": migrated(
        'op.create_index("i", "deployment_events", ["kind"])  # migration-lint: ignore[lock-index-created]',
        about="suppression-",
    ),
    "a suppression of a rule that is misspelt": migrated(
        'op.create_index("i", "deployment_events", ["kind"])  # migration-lint: ignore[lock-index-made] why',
        about="suppression-",
    ),
    "a suppression of a contract rule": migrated(
        'op.drop_column("deployment_events", "hint")  # migration-lint: ignore[contract-column-dropped] why',
        about="suppression-",
    ),
    "a fact that is misspelt": ruled("column.name", "column.nme"),
    "an event that is misspelt": ruled("on: add_column", "on: ad_column"),
    "a placeholder that is misspelt": ruled("{table}", "{tabel}"),
}


def told(mistake: Mistake, folder: Path) -> str:
    """The exit status, and in one line what is said of a mistake, with what to do."""
    made = Repository.new(folder / "project", PROJECT)
    made.git("checkout", "--quiet", "-b", "topic")
    made.commit(DROP if mistake.files is UNUSUAL else {})
    write(made.path, mistake.files)
    before, out, err = Path.cwd(), io.StringIO(), io.StringIO()
    os.chdir(made.path)
    try:
        with redirect_stdout(out), redirect_stderr(err):
            status = main(mistake.command.split())
    finally:
        os.chdir(before)
    notes = [line for line in out.getvalue().splitlines() if line.startswith("note: ")]
    blocks = [each for each in (err.getvalue() or out.getvalue()).split("\n\n") if mistake.about in each]
    lines = [line for line in (blocks or [""])[0].splitlines() if not re.match(r" *\d* *\|", line)]
    said = " ".join(part.strip() for part in (*lines, *(note for note in notes if note not in lines)))
    said = re.sub(r"[0-9a-f]{7,40}", "…", said.replace(str(folder), ""))
    return f"{status}: {said}".replace("|", "\\|")


HEAD = """\
# Mistakes, and what is said

Each line: the exit status, the message, what to do. `python -m tests.test_mistakes` writes the last column.

| mistake | said at first | said now |
|---|---|---|
"""


def rows() -> dict[str, list[str]]:
    """Mistake → what was said before, and what is said now."""
    text = TABLE.read_text(encoding="utf-8") if TABLE.exists() else ""
    found = re.findall(r"^\| (.+?) \| (.*) \| (.*) \|$", text, re.MULTILINE)
    return {mistake: [before, now] for mistake, before, now in found}


def test_the_table_has_all_of_them() -> None:
    assert list(rows())[1:] == list(MISTAKES)


@pytest.mark.parametrize("name", MISTAKES)
def test_what_is_said(name: str, tmp_path: Path) -> None:
    assert told(MISTAKES[name], tmp_path) == rows()[name][1], "look at it: python -m tests.test_mistakes"


def renew() -> None:
    """Write what is said now."""
    before = {mistake: said for mistake, (said, _) in rows().items()}
    lines = [HEAD]
    for name, mistake in MISTAKES.items():
        with tempfile.TemporaryDirectory() as folder:
            lines.append(f"| {name} | {before.get(name, '')} | {told(mistake, Path(folder))} |\n")
    TABLE.write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    os.environ.update(MIGRATION_LINT_CACHE="off", GIT_CONFIG_GLOBAL=os.devnull, GIT_CONFIG_NOSYSTEM="1")
    renew()
