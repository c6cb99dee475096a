"""The tables: what was found by project, by kind of operation, and all together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from migration_lint.operations import KINDS
from tests.benchmarks.truth.comparing import GRAVE
from tests.benchmarks.truth.project import Project, totals

_FOUND = (
    "ran",
    "matched",
    "of these conditional",
    "imprecise",
    "covered",
    "missed",
    "extra",
    "extra cond.",
    "after a failure",
)


def by_project(projects: Sequence[Project], times: bool) -> Iterator[str]:
    """One row a project; how fast it was read only where `times` are wanted."""
    yield from _table(
        ("project", "dialect", "revisions", "directions", "ran", "operations", "missed grave", "missed",
         "covered", "extra", "opaque", "revisions with opaque", *(("files/s", "× parse") if times else ())),
        [_project_row(project, times) for project in projects if project.scripts],
    )  # fmt: skip


def _project_row(project: Project, times: bool) -> tuple[Any, ...]:
    missed = [fact.kind for _, _, each in project.compared for fact, _ in each.missed]
    grave = sum(kind in GRAVE for kind in missed)
    opaque = {script for script, _, each in project.compared if each.opaque}
    return (
        project.name[-40:],
        " ".join(project.dialects),
        project.scripts,
        len(project.compared),
        sum(each.ran for _, _, each in project.compared),
        sum(sum(each.truth.values()) for _, _, each in project.compared),
        grave,
        len(missed) - grave,
        sum(len(each.covered) for _, _, each in project.compared),
        sum(len(each.extra) for _, _, each in project.compared),
        sum(len(each.opaque) for _, _, each in project.compared),
        len(opaque),
        *(_speed(project) if times else ()),
    )


def _speed(project: Project) -> tuple[str, str]:
    return (
        f"{project.scripts / project.reading:.0f}" if project.reading else "",
        f"{project.reading / project.parsing:.1f}" if project.parsing else "",
    )


def by_kind(projects: Sequence[Project]) -> Iterator[str]:
    """One row a kind of operation and direction; `covered` by an opaque operation. Then their sums."""
    counts = {direction: _counted(projects, direction) for direction in dict.fromkeys(_directions(projects))}
    graves, others = "drops, renames, types", "other kinds"
    rows: list[tuple[Any, ...]] = []
    for title, kinds in (
        *((kind, (kind,)) for kind in (*GRAVE, *(kind for kind in KINDS if kind not in GRAVE))),
        (graves, GRAVE),
        (others, tuple(kind for kind in KINDS if kind not in GRAVE)),
    ):
        for direction, found in counts.items():
            row = [sum(found[name][kind] for kind in kinds) for name in _FOUND]
            if any(row):
                rows.append((title, direction, *row))
    yield from _table(("", "", *_FOUND), rows)


def _directions(projects: Sequence[Project]) -> Iterator[str]:
    return (direction for project in projects for _, direction, _ in project.compared)


def _counted(projects: Sequence[Project], wanted: str) -> dict[str, Counter[str]]:
    counts = {name: Counter[str]() for name in _FOUND}
    for project in projects:
        for _, direction, each in project.compared:
            if direction != wanted:
                continue
            counts["ran"] += each.truth
            counts["matched"] += each.matched
            counts["of these conditional"] += each.conditional
            counts["imprecise"].update(fact.kind for fact, _ in each.imprecise)
            counts["covered"].update(fact.kind for fact in each.covered)
            counts["missed"].update(fact.kind for fact, _ in each.missed)
            counts["extra"].update(read.fact.kind for read in each.extra)
            counts["extra cond."].update(read.fact.kind for read in each.extra_conditional)
            counts["after a failure"].update(read.fact.kind for read in each.extra_after_failure)
    return counts


def summary(projects: Sequence[Project], times: bool) -> Iterator[str]:
    """The figures that have an aim; how fast was read only where `times` are wanted."""
    for name, value in totals(projects, times).items():
        yield f"{name:46}{value:>10,}"


def _table(head: Sequence[str], rows: Sequence[Sequence[Any]], words: int = 2) -> Iterator[str]:
    cells = [tuple(head), *(tuple(str(cell) for cell in row) for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    for row in cells:
        yield "  ".join(
            cell.ljust(width) if column < words else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
