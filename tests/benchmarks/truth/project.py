"""What was found in a project, and the figures of many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from tests.benchmarks.truth.comparing import GRAVE, Comparison
from tests.benchmarks.truth.one_more import History


@dataclass
class Project:
    """What was found in one project."""

    name: str
    scripts: int = 0
    dialects: tuple[str, ...] = ()
    unread: list[str] = field(default_factory=list)  # scripts that the product does not take for revisions
    unrun: list[tuple[str, str]] = field(default_factory=list)  # scripts without any run, and why
    compared: list[tuple[str, str, Comparison]] = field(default_factory=list)  # script, direction
    errors: Counter[str] = field(default_factory=Counter)  # of directions that no run brought to its end
    statements: int = 0  # of raw SQL, for which there is a second opinion
    disagreements: list[tuple[str, str]] = field(default_factory=list)  # script, what the opinions are
    history: History | None = None  # the largest
    reading: float = 0.0  # seconds of processor time
    parsing: float = 0.0
    modules: int = 0  # that the scripts draw on
    parsing_modules: float = 0.0


def compared(projects: Iterable[Project]) -> Iterator[Comparison]:
    """Every direction of every script."""
    return (each for project in projects for _, _, each in project.compared)


def totals(projects: Sequence[Project], times: bool = True) -> dict[str, float]:
    """The figures that have an aim; how fast was read only where `times` are wanted."""
    missed = [fact.kind for each in compared(projects) for fact, _ in each.missed]
    grave = sum(kind in GRAVE for kind in missed)
    revisions = sum(project.scripts for project in projects)
    operations = sum(sum(each.truth.values()) for each in compared(projects))
    opaque = sum(len({script for script, _, each in project.compared if each.opaque}) for project in projects)
    reading, parsing = sum(each.reading for each in projects), sum(each.parsing for each in projects)
    parsing_all = parsing + sum(each.parsing_modules for each in projects)
    figures: dict[str, float] = {
        "projects": sum(project.scripts > 0 for project in projects),
        "revisions": revisions,
        "directions": sum(len(project.compared) for project in projects),
        "directions that ran": sum(each.ran for each in compared(projects)),
        "operations": operations,
        "missed drops, renames and type changes": grave,
        "other operations missed": len(missed) - grave,
        "missed per 1,000 operations": round(1000 * len(missed) / operations, 2) if operations else 0.0,
        "covered by an opaque operation": sum(len(each.covered) for each in compared(projects)),
        "extra without a condition": sum(len(each.extra) for each in compared(projects)),
        "extra after a failure in a try": sum(len(each.extra_after_failure) for each in compared(projects)),
        "not in every run, and says no condition": sum(len(each.unmarked) for each in compared(projects)),
        "opaque operations": sum(len(each.opaque) for each in compared(projects)),
        "revisions with opaque operations": opaque,
        "opaque revisions in %": round(100 * opaque / revisions, 2) if revisions else 0.0,
        "statements of raw SQL with a second opinion": sum(project.statements for project in projects),
        "of these read otherwise": sum(len(project.disagreements) for project in projects),
    }
    if times:
        figures["files per second"] = round(revisions / reading) if reading else 0
        figures["files per second, ast.parse"] = round(revisions / parsing) if parsing else 0
        figures["modules that scripts draw on"] = sum(each.modules for each in projects)
        figures["reading in times the parse of both"] = round(reading / parsing_all, 2) if parsing else 0.0
        figures["reading in times the parse of the scripts"] = round(reading / parsing, 2) if parsing else 0.0
    return figures
