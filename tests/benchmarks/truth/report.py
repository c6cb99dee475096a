"""All of it as text, or for machines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from tests.benchmarks.truth.lists import lists
from tests.benchmarks.truth.one_more import Waiting
from tests.benchmarks.truth.project import Project, totals
from tests.benchmarks.truth.tables import by_kind, by_project, summary


def render(
    projects: Sequence[Project],
    versions: Iterable[str],
    waiting: Waiting | str | None = None,
    times: bool = True,
) -> str:
    """All of it as text. `versions` says what the scripts were run with.

    `waiting` is how long one more revision takes, or why that is not known; without `times` the text is the
    same on every machine.
    """
    lines = [*by_project(projects, times), "", *by_kind(projects), "", *summary(projects, times)]
    lines += versions
    if isinstance(waiting, Waiting):
        lines += ["", *waiting.lines()]
    elif waiting is not None:
        lines += ["", f"one new revision could not be timed: {waiting}"]
    for title, rows in lists(projects):
        rows = list(rows)
        lines += ["", f"{title}: {len(rows)}", *(f"  {row}" for row in rows)]
    return "\n".join(lines) + "\n"


def as_json(projects: Sequence[Project], waiting: Waiting | str | None = None) -> dict[str, Any]:
    """The same for machines."""
    return {
        "totals": totals(projects),
        "one new revision": waiting._asdict() if isinstance(waiting, Waiting) else waiting,
        "lists": {title: list(rows) for title, rows in lists(projects)},
        "projects": [
            {
                "name": p.name,
                "scripts": p.scripts,
                "reading": p.reading,
                "parsing": p.parsing,
                "missed": [
                    {"script": script, "direction": direction, "operation": fact._asdict(), "near": near}
                    for script, direction, each in p.compared
                    for fact, near in each.missed
                ],
            }
            for p in projects
        ],
    }
