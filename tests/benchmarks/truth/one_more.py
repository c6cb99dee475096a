"""How long a verdict on one new revision of a real history takes: the real command, in whole processes.

The history gets a contract on one of its tables and a revision that adds a column to it. Compared is, as in
`tests.benchmarks.speed`, with Python's bare start and with `ast.parse` of the same scripts.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from migration_lint.history.script_text import read_script
from migration_lint.operations import Column, Dialect
from migration_lint.reading.script import Directions
from tests.benchmarks.speed import Stand, Subject, Unexpected, measured
from tests.benchmarks.truth.running import texts_of

#: Types that a contract can say in the words in which the reader renders them.
_PLAIN = re.compile(r"integer|bigint|text|boolean|varchar\(\d+\)", re.IGNORECASE)
RUNS = 5
_CHANGE = "one new revision"


class History(NamedTuple):
    """The scripts of one folder, as they were read."""

    project: Path
    folder: Path
    readings: Mapping[Path, Directions]
    dialect: Dialect


class Waiting(NamedTuple):
    """Medians in seconds."""

    name: str
    revisions: int
    start: float
    parse: float
    cold: float
    warm: float

    def lines(self) -> Iterator[str]:
        yield f"one new revision, in the history of {self.revisions:,} of {self.name}:"
        for name, seconds in (("cold", self.cold), ("warm", self.warm)):
            yield (
                f"  {name}  {seconds * 1000:8.0f} ms  {seconds / self.start:8.2f} × Python's start and click"
                f"  {seconds / self.parse:8.2f} × ast.parse of all scripts"
            )


def largest(
    project: Path, readings: Mapping[Path, Directions], dialects: Mapping[Path, Dialect], least: int = 2
) -> History | None:
    """The folder with the most revisions; None where no folder has `least`."""
    counts = Counter(script.parent for script in readings)
    for folder, count in counts.most_common(1):
        if count >= least:
            inside = {script: read for script, read in readings.items() if script.parent == folder}
            return History(project, folder, inside, dialects[folder])
    return None


def waiting(history: History, runs: int = RUNS) -> Waiting | str:
    """How long checks of it take; a text where they cannot be timed."""
    with tempfile.TemporaryDirectory(prefix="truth-waiting-") as place:
        subject = subject_of(history, Path(place, "repository"))
        if subject is None:
            return "no table is there to put a contract on"
        try:
            medians = measured(Stand(Path(place), subject), runs)
        except Unexpected as unexpected:
            return " ".join(str(unexpected).split())[-300:]
        return Waiting(
            history.project.name,
            len(history.readings),
            medians["start + import click"],
            medians["ast.parse of the same files"],
            medians[f"cold check, {_CHANGE}"],
            medians[f"warm check, {_CHANGE}"],
        )


def subject_of(history: History, place: Path) -> Subject | None:
    """A repository with the history, made in `place`; None where no table is there for a contract."""
    found = _table(history)
    if found is None:
        return None
    table, column = found
    for path in texts_of(history.project):
        copy = place / path.relative_to(history.project)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    folder = history.folder.relative_to(history.project).as_posix()
    entry = f'tables:\n  {table}:\n    columns:\n      {column.name}: {{type: "{column.type}"}}\n'
    files = {
        "timed.ini": f"[alembic]\nscript_location = {folder}\nversion_locations = {folder}\n",
        "migration-lint.toml": f'alembic = "timed.ini"\ndialect = "{history.dialect}"\n',
    }
    for service, role in (("writer", "producer"), ("reader", "consumer")):
        files[f"contracts/{service}.{role}.yaml"] = (
            f"contract: migration-lint/v1\nid: {service}.{role}\nservice: {service}\nrole: {role}\n{entry}"
        )
    _git(place, "init", "--quiet", "--initial-branch=main")
    base = _commit(place, files)
    heads = _heads(history)
    column_of = f'op.add_column("{table}", sa.Column("truth_note", sa.Integer()))'
    changed = _commit(place, {f"{folder}/truth_change.py": _script("truthchange", heads, column_of)})
    _git(place, "checkout", "--quiet", "-b", "other", base)
    other_table = 'op.create_table("truth_other", sa.Column("id", sa.Integer()))'
    other = _commit(place, {f"{folder}/truth_other.py": _script("truthother", heads, other_table)})
    scripts = [place / path.relative_to(history.project) for path in history.readings]
    return Subject(place, scripts, base, other, ((_CHANGE, changed),), statuses=(0, 1))


def _table(history: History) -> tuple[str, Column] | None:
    """The table that most operations speak of, of those that stay; and a column of it that stays as it is."""
    spoken = Counter[str]()
    made: dict[str, list[Column]] = {}
    gone: set[tuple[str, str | None]] = set()
    for reading in history.readings.values():
        for operation in reading.upgrade:
            if operation.table is None or operation.schema:
                continue
            spoken[operation.table] += 1
            if operation.kind == "create_table":
                made.setdefault(operation.table, []).extend(operation.columns)
            elif operation.kind in ("drop_table", "rename_table", "move_table"):
                gone.add((operation.table, None))
            elif operation.kind in ("drop_column", "rename_column", "alter_type"):
                gone.add((operation.table, operation.column))
    for table, _ in spoken.most_common():
        for column in made.get(table, ()):
            kept = not gone & {(table, None), (table, column.name)}
            if kept and table.isidentifier() and _PLAIN.fullmatch(column.type or ""):
                return table, column
    return None


def _heads(history: History) -> list[str]:
    scripts = [read_script(path.name, path.name, path.read_bytes()) for path in history.readings]
    below = {down for script in scripts for down in script.down_revisions}
    return [script.revision for script in scripts if script.revision and script.revision not in below]


def _script(revision: str, heads: Sequence[str], upgrade: str) -> str:
    return (
        f"import sqlalchemy as sa\nfrom alembic import op\n\nrevision = {revision!r}\n"
        f"down_revision = {tuple(heads)!r}\n\n\ndef upgrade():\n    {upgrade}\n\n\n"
        "def downgrade():\n    pass\n"
    )


def _commit(place: Path, files: Mapping[str, str]) -> str:
    for path, text in files.items():
        (place / path).parent.mkdir(parents=True, exist_ok=True)
        (place / path).write_text(text, encoding="utf-8")
    _git(place, "add", "--all", "--force")
    _git(place, "-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "--quiet", "-m", "more")
    return _git(place, "rev-parse", "HEAD")


def _git(place: Path, *arguments: str) -> str:
    done = subprocess.run(("git", *arguments), cwd=place, capture_output=True, text=True, check=True)
    return done.stdout.strip()
