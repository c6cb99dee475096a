"""What squawk and what migration-lint report on the same revisions, and where they disagree."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from tests.benchmarks.squawk.explained import SUBJECTS, THEIRS
from tests.benchmarks.squawk.histories import ROOT, History, Sql, rendered

VERSION = "2.70.0"
SERVER = "15"


class Reported(NamedTuple):
    """The subjects that each side reports on one revision, and how often."""

    script: str
    theirs: Counter[str]  # squawk's rules
    ours: Counter[str]  # our rules


class Compared(NamedTuple):
    """One history."""

    name: str
    scripts: int
    unrendered: int
    revisions: tuple[Reported, ...]  # those that could be rendered


class Row(NamedTuple):
    """How many revisions of a history each side reports a subject on."""

    subject: str  # squawk's rule, or ours where squawk has none
    both: int
    theirs: int  # squawk alone
    ours: int  # migration-lint alone


def squawk() -> str:
    """The program. Raises FileNotFoundError where it is not installed."""
    path = Path(sys.executable).with_name("squawk")
    if not path.exists():
        raise FileNotFoundError(f"squawk is not there: pip install squawk-cli=={VERSION}")
    return str(path)


def compare(name: str, histories: Iterable[History]) -> Compared:
    """Both on the revisions of the histories, of which one that is in several counts once."""
    seen: dict[str, Reported] = {}
    scripts, failed = set[str](), set[str]()
    for history in histories:
        sql = rendered(history)
        scripts.update(each.script for each in sql)
        failed.update(each.script for each in sql if each.text is None)
        theirs, ours = _theirs(sql), _ours(history)
        for each in sql:
            if each.text is not None and each.script not in seen:
                found = ours.get(each.script, Counter())
                seen[each.script] = Reported(each.script, theirs[each.script], found)
    return Compared(name, len(scripts), len(failed), tuple(seen[each] for each in sorted(seen)))


def _theirs(sql: Sequence[Sql]) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = {each.script: Counter() for each in sql}
    with tempfile.TemporaryDirectory(prefix="squawk-") as folder:
        names: dict[str, str] = {}
        for number, each in enumerate(sql):
            if each.text is not None:
                path = Path(folder, f"{number:04}.sql")
                path.write_text(each.text)
                names[path.name] = each.script
        if not names:
            return found
        ran = subprocess.run(
            [squawk(), "--reporter", "Json", "--pg-version", SERVER, *sorted(names)],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        for each in json.loads(ran.stdout or "[]"):
            found[names[Path(each["file"]).name]][each["rule_name"]] += 1
    return found


def _ours(history: History) -> dict[str, Counter[str]]:
    configuration = history.project / "migration-lint.toml"
    said = configuration.read_text() if configuration.exists() else ""
    if "server-version" not in said:
        configuration.write_text(f'server-version = "{SERVER}"\n{said}')
    ran = subprocess.run(
        [sys.executable, "-m", "migration_lint", "check", ".", "--all", "--head", ".", "--format", "json"],
        cwd=history.project,
        env={**os.environ, "PYTHONPATH": str(ROOT), "MIGRATION_LINT_CACHE": "off"},
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode == 2:
        raise RuntimeError(f"{history.name} cannot be judged:\n{ran.stdout}{ran.stderr}")
    found: dict[str, Counter[str]] = {}
    for each in json.loads(ran.stdout)["findings"]:
        found.setdefault(each["path"], Counter())[each["rule"]] += 1
    return found


def rows(compared: Compared) -> list[Row]:
    """The subjects of a history, squawk's first."""
    about = {rule: subject for subject, rules in SUBJECTS.items() for rule in rules}
    made: Counter[tuple[str, str]] = Counter()
    for each in compared.revisions:
        theirs = set(each.theirs)
        ours = {about.get(rule, rule) for rule in each.ours}
        # A rule of ours that is about several of squawk's subjects answers to each of them.
        ours |= {subject for subject in theirs if not set(each.ours).isdisjoint(SUBJECTS.get(subject, ()))}
        for subject in theirs | ours:
            side = (
                "both" if subject in theirs and subject in ours else "theirs" if subject in theirs else "ours"
            )
            made[subject, side] += 1
    subjects = sorted(
        {subject for subject, _ in made}, key=lambda name: (name not in SUBJECTS and name not in THEIRS, name)
    )
    return [Row(each, *(made[each, side] for side in ("both", "theirs", "ours"))) for each in subjects]
