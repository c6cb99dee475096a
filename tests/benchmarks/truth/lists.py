"""The lists: every miss, everything that is covered, extra or opaque, and what could not be run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from tests.benchmarks.truth.comparing import GRAVE
from tests.benchmarks.truth.project import Project


def lists(projects: Sequence[Project]) -> Iterator[tuple[str, Iterable[str]]]:
    """Each list: its title and its rows."""
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
