"""The comparison as Markdown: a table of what each reports, and a line for every kind of disagreement."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

from tests.benchmarks.squawk.comparing import VERSION, Compared, rows
from tests.benchmarks.squawk.explained import OURS, THEIRS, Verdict


class Unexplained(Exception):
    """Kinds of disagreement that `explained.py` has no line for."""


def render(compared: Compared) -> str:
    """The page of one history. Raises Unexplained."""
    found = rows(compared)
    missing = [
        f"squawk alone reports {row.subject}" for row in found if row.theirs and row.subject not in THEIRS
    ]
    missing += [f"we alone report {row.subject}" for row in found if row.ours and row.subject not in OURS]
    if missing:
        raise Unexplained("; ".join(missing))
    lines = [
        f"# {compared.name}: squawk {VERSION} and migration-lint",
        "",
        f"{compared.scripts} revisions. Alembic cannot render {compared.unrendered} of them offline: squawk "
        "sees nothing of those, and they are not counted. The numbers are revisions.",
        "",
        "| | both | squawk alone | migration-lint alone |",
        "|---|---|---|---|",
        *(f"| {row.subject} | {row.both} | {row.theirs} | {row.ours} |" for row in found),
        "",
        "## Where they disagree",
        "",
    ]
    for side, told in (("squawk", THEIRS), ("migration-lint", OURS)):
        for row in found:
            count = row.theirs if side == "squawk" else row.ours
            if count:
                verdict, why = told[row.subject]
                lines.append(f"- {side} alone, {row.subject}, {count}: *{verdict}.* {why}")
    return "\n".join([*lines, "", *_totals(compared)]) + "\n"


def _totals(compared: Compared) -> Iterator[str]:
    found = rows(compared)

    def count(side: str, verdict: Verdict) -> int:
        told = THEIRS if side == "squawk" else OURS
        return sum(
            row.theirs if side == "squawk" else row.ours
            for row in found
            if row.subject in told and told[row.subject].verdict == verdict
        )

    yield "| | squawk alone | migration-lint alone |"
    yield "|---|---|---|"
    for verdict in get_args(Verdict):
        yield f"| {verdict} | {count('squawk', verdict)} | {count('migration-lint', verdict)} |"
