"""Projects to judge: one small tree, ways to write it down, and the command line run in this process."""

from __future__ import annotations

import json
import subprocess
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from migration_lint.cli import main

Files = Mapping[str, "str | bytes | None"]  # path → what it holds; None: there is no such file

VERSIONS = "migrations/versions"
FIRST = f"{VERSIONS}/a1_deployment_events.py"
PRODUCER = "contracts/worker.producer.yaml"
CONSUMER = "contracts/api.consumer.yaml"

#: A table of four columns, the revision that makes it, and one contract a side.
PROJECT: dict[str, str] = {
    "alembic.ini": "[alembic]\nscript_location = migrations\n",
    FIRST: """\
import sqlalchemy as sa
from alembic import op

revision = "a1"
down_revision = None


def upgrade():
    op.create_table(
        "deployment_events",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("exit_code", sa.Integer()),
        sa.Column("hint", sa.Text(), nullable=False, server_default=""),
    )
""",
    PRODUCER: """\
contract: migration-lint/v1
id: worker.producer
service: worker
role: producer
tables:
  deployment_events:
    columns:
      kind: {type: text, nullable: false}
      exit_code: {type: int4, nullable: true}
      hint: {type: text, nullable: false}
""",
    CONSUMER: """\
contract: migration-lint/v1
id: api.consumer
service: api
role: consumer
tables:
  deployment_events:
    columns:
      id: {type: uuid, nullable: false, from: database}
      kind: {type: text, nullable: false}
      exit_code: {type: int4, nullable: true}
      hint: {type: text, nullable: false}
""",
}


def script(body: str, revision: str = "b2", down: str | tuple[str, ...] | None = "a1", more: str = "") -> str:
    """A migration script whose `upgrade` is `body`; `more` stands at the top level above it."""
    code = textwrap.dedent(body).strip("\n")
    above = textwrap.dedent(more).strip("\n")
    return (
        "import sqlalchemy as sa\nfrom alembic import op\n\n"
        f"revision = {revision!r}\ndown_revision = {down!r}\n"
        + (f"\n{above}\n" if above else "")
        + f"\n\ndef upgrade():\n{textwrap.indent(code, '    ')}\n"
    )


def revision(body: str, name: str = "b2", down: str | tuple[str, ...] | None = "a1") -> dict[str, str]:
    """One more revision, as a file of the tree."""
    return {f"{VERSIONS}/{name}.py": script(body, name, down)}


def acknowledging(contract: str, revision: str, reason: str = "nobody has used it since May") -> str:
    """A contract of one table that acknowledges a revision."""
    return f"{contract}    acknowledges:\n      {revision}: {reason}\n"


def write(folder: Path, files: Files) -> Path:
    """Lays files over a folder."""
    for path, text in files.items():
        place = folder / path
        if text is None:
            place.unlink(missing_ok=True)
            continue
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


class Told(NamedTuple):
    """One finding: its rule, its severity, the contracts that it says are behind, the sentence."""

    rule: str
    severity: str
    behind: frozenset[str]
    message: str


class Verdict(NamedTuple):
    """The exit status, what was found, and what was said where nothing could be judged."""

    status: int
    findings: tuple[Told, ...]
    error: str

    @property
    def rules(self) -> set[str]:
        return {finding.rule for finding in self.findings}

    @property
    def behind(self) -> set[str]:
        return {contract for finding in self.findings for contract in finding.behind}


class Runner:
    """Judges changes in a folder of its own."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._capsys = capsys

    def change(self, after: Files, before: Files | None = None) -> Verdict:
        """The verdict on the folders `before` and `after`; `after` is laid over `before`, over PROJECT."""
        base = write(self.folder / "before", {**PROJECT, **(before or {})})
        head = write(self.folder / "after", {**PROJECT, **(before or {}), **after})
        return self.check(head, "--base", base, "--head", head)

    def check(self, *arguments: str | Path) -> Verdict:
        return self._run("check", *arguments)

    def parity(self, files: Files) -> Verdict:
        """What `parity` says of PROJECT with `files` laid over it."""
        return self._run("parity", write(self.folder / "project", {**PROJECT, **files}))

    def _run(self, *arguments: str | Path) -> Verdict:
        self._capsys.readouterr()
        status = main([*map(str, arguments), "--format", "json"])
        out, err = self._capsys.readouterr()
        found = json.loads(out)["findings"] if out else []
        told = tuple(
            Told(
                each["rule"],
                each["severity"],
                frozenset(contract["id"] for contract in each["contracts"]),
                each["message"],
            )
            for each in found
        )
        return Verdict(status, told, err)


def report(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> str:
    """The exit status, and whole, what a command prints for people."""
    capsys.readouterr()
    status = main(list(map(str, arguments)))
    out, err = capsys.readouterr()
    return f"exit status {status}\n\n{out}{err}"


class Repository:
    """A real repository."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def git(self, *arguments: str) -> str:
        done = subprocess.run(
            ["git", "-c", "user.name=A", "-c", "user.email=a@example.org", *arguments],
            cwd=self.path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    @classmethod
    def new(cls, path: Path, files: Files) -> Repository:
        """A repository with one commit, on main."""
        path.mkdir(parents=True)
        made = cls(path)
        made.git("init", "--quiet", "--initial-branch=main")
        made.commit(files)
        return made

    def commit(self, files: Files) -> str:
        """Commits files on the branch that is checked out; the commit's id comes back."""
        write(self.path, files)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "a commit")
        return self.git("rev-parse", "HEAD")
