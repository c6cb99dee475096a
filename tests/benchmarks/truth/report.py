"""The table and the lists."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from migration_lint.operations import KINDS
from tests.benchmarks.truth.comparing import GRAVE, Comparison
from tests.benchmarks.truth.one_more import History, Waiting


@dataclass
class Project:
    """What was found in one project."""

    name: str
    scripts: int = 0
    unread: list[str] = field(default_factory=list)  # scripts that the product does not take for revisions
    unrun: list[tuple[str, str]] = field(default_factory=list)  # scripts without any run, and why
    compared: list[tuple[str, str, Comparison]] = field(default_factory=list)  # script, direction
    errors: Counter[str] = field(default_factory=Counter)  # of directions that no run brought to its end
    statements: int = 0  # of raw SQL, for which there is a second opinion
    disagreements: list[tuple[str, str]] = field(default_factory=list)  # script, what the opinions are
    history: History | None = None  # the largest
    reading: float = 0.0  # seconds of processor time
    parsing: float = 0.0


_HEAD = (
    "",
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


def render(projects: Sequence[Project], waiting: Waiting | str | None = None) -> str:
    """All of it as text; `waiting` is how long one more revision takes, or why that is not known."""
    lines = [*_by_project(projects), "", *_by_kind(projects), "", *_summary(projects)]
    if isinstance(waiting, Waiting):
        lines += ["", *waiting.lines()]
    elif waiting is not None:
        lines += ["", f"one new revision could not be timed: {waiting}"]
    for title, rows in _lists(projects):
        rows = list(rows)
        lines += ["", f"{title}: {len(rows)}", *(f"  {row}" for row in rows)]
    return "\n".join(lines) + "\n"


def _all(projects: Iterable[Project]) -> Iterator[Comparison]:
    return (each for project in projects for _, _, each in project.compared)


def _by_project(projects: Sequence[Project]) -> Iterator[str]:
    yield from _table(
        ("project", "revisions", "directions", "ran", "operations", "missed grave", "missed", "covered",
         "extra", "opaque", "revisions with opaque", "files/s", "× parse"),
        [_project_row(project) for project in projects if project.scripts],
    )  # fmt: skip


def _project_row(project: Project) -> tuple[Any, ...]:
    missed = [fact.kind for _, _, each in project.compared for fact, _ in each.missed]
    grave = sum(kind in GRAVE for kind in missed)
    opaque = {script for script, _, each in project.compared if each.opaque}
    return (
        project.name[-40:],
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
        f"{project.scripts / project.reading:.0f}" if project.reading else "",
        f"{project.reading / project.parsing:.1f}" if project.parsing else "",
    )


def _by_kind(projects: Sequence[Project]) -> Iterator[str]:
    counts = {name: Counter[str]() for name in _HEAD[1:]}
    for each in _all(projects):
        counts["ran"] += each.truth
        counts["matched"] += each.matched
        counts["of these conditional"] += each.conditional
        counts["imprecise"].update(fact.kind for fact, _ in each.imprecise)
        counts["covered"].update(fact.kind for fact in each.covered)
        counts["missed"].update(fact.kind for fact, _ in each.missed)
        counts["extra"].update(read.fact.kind for read in each.extra)
        counts["extra cond."].update(read.fact.kind for read in each.extra_conditional)
        counts["after a failure"].update(read.fact.kind for read in each.extra_after_failure)
    kinds = [*GRAVE, *(kind for kind in KINDS if kind not in GRAVE)]
    yield from _table(
        _HEAD,
        [
            (kind, *(counts[name][kind] for name in _HEAD[1:]))
            for kind in kinds
            if any(counts[name][kind] for name in _HEAD[1:])
        ],
    )


def totals(projects: Sequence[Project]) -> dict[str, float]:
    """The figures that have an aim."""
    missed = [fact.kind for each in _all(projects) for fact, _ in each.missed]
    grave = sum(kind in GRAVE for kind in missed)
    revisions = sum(project.scripts for project in projects)
    operations = sum(sum(each.truth.values()) for each in _all(projects))
    opaque = sum(len({script for script, _, each in project.compared if each.opaque}) for project in projects)
    reading, parsing = sum(each.reading for each in projects), sum(each.parsing for each in projects)
    return {
        "projects": sum(project.scripts > 0 for project in projects),
        "revisions": revisions,
        "directions": sum(len(project.compared) for project in projects),
        "directions that ran": sum(each.ran for each in _all(projects)),
        "operations": operations,
        "missed drops, renames and type changes": grave,
        "other operations missed": len(missed) - grave,
        "missed per 1,000 operations": round(1000 * len(missed) / operations, 2) if operations else 0.0,
        "covered by an opaque operation": sum(len(each.covered) for each in _all(projects)),
        "extra without a condition": sum(len(each.extra) for each in _all(projects)),
        "extra after a failure in a try": sum(len(each.extra_after_failure) for each in _all(projects)),
        "not in every run, and says no condition": sum(len(each.unmarked) for each in _all(projects)),
        "opaque operations": sum(len(each.opaque) for each in _all(projects)),
        "revisions with opaque operations": opaque,
        "opaque revisions in %": round(100 * opaque / revisions, 2) if revisions else 0.0,
        "statements of raw SQL with a second opinion": sum(project.statements for project in projects),
        "of these read otherwise": sum(len(project.disagreements) for project in projects),
        "files per second": round(revisions / reading) if reading else 0,
        "files per second, ast.parse": round(revisions / parsing) if parsing else 0,
        "reading in times the parse": round(reading / parsing, 2) if parsing else 0.0,
    }


def _summary(projects: Sequence[Project]) -> Iterator[str]:
    for name, value in totals(projects).items():
        yield f"{name:46}{value:>10,}"


def _lists(projects: Sequence[Project]) -> Iterator[tuple[str, Iterable[str]]]:
    rows = [(p.name, *each) for p in projects for each in p.compared]
    for title, grave in (
        ("missed drops, renames and type changes", True),
        ("other operations missed", False),
    ):
        yield (
            title,
            (
                f"{script} {direction}: {fact}  {near}"
                for _, script, direction, each in rows
                for fact, near in each.missed
                if (fact.kind in GRAVE) is grave
            ),
        )
    yield (
        "imprecise",
        (
            f"{script} {direction}: {fact}  {near}"
            for _, script, direction, each in rows
            for fact, near in each.imprecise
            if fact.kind in GRAVE or fact.name is not None
        ),
    )
    yield (
        "covered by an opaque operation",
        (f"{script} {direction}: {fact}" for _, script, direction, each in rows for fact in each.covered),
    )
    yield (
        "extra without a condition",
        (
            f"{script}:{read.operation.line} {direction}: {read.fact}"
            for _, script, direction, each in rows
            for read in each.extra
        ),
    )
    yield (
        "not in every run, and says no condition",
        (
            f"{script}:{read.operation.line} {direction}: {read.fact}"
            for _, script, direction, each in rows
            for read in each.unmarked
        ),
    )
    yield (
        "extra after a failure in a try",
        (
            f"{script}:{read.operation.line} {direction}: {read.fact}"
            for _, script, direction, each in rows
            for read in each.extra_after_failure
        ),
    )
    yield (
        "raw SQL read otherwise by the second opinion",
        (f"{script}: {said}" for p in projects for script, said in p.disagreements),
    )
    opaque = [
        (operation, script, direction) for _, script, direction, each in rows for operation in each.opaque
    ]
    yield (
        "opaque operations",
        (
            f"{script}:{operation.line} {direction}: {operation.reason} {_tables(operation.tables)}".rstrip()
            for operation, script, direction in opaque
        ),
    )
    revisions: dict[str, set[str]] = {}
    for operation, script, _ in opaque:
        revisions.setdefault(operation.reason or "", set()).add(script)
    yield (
        "reasons of opaque operations (operations, revisions)",
        (
            f"{count:6} {len(revisions[reason]):6}  {reason}"
            for reason, count in Counter(operation.reason or "" for operation, _, _ in opaque).most_common()
        ),
    )
    yield "not taken for a revision", (script for p in projects for script in p.unread)
    yield "scripts without a run", (f"{script}: {why}" for p in projects for script, why in p.unrun)
    errors: Counter[str] = sum((p.errors for p in projects), Counter())
    yield (
        "why no run of a direction came to its end",
        (f"{count:6} {error}" for error, count in errors.most_common(60)),
    )


def _tables(tables: Sequence[str]) -> str:
    return f"({', '.join(tables)})" if tables else ""


def as_json(projects: Sequence[Project], waiting: Waiting | str | None = None) -> dict[str, Any]:
    """The same for machines."""
    return {
        "totals": totals(projects),
        "one new revision": waiting._asdict() if isinstance(waiting, Waiting) else waiting,
        "lists": {title: list(rows) for title, rows in _lists(projects)},
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


def _table(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> Iterator[str]:
    cells = [tuple(head), *(tuple(str(cell) for cell in row) for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    for row in cells:
        yield "  ".join(
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
