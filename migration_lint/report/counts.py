"""Findings in numbers: by rule and by file, for a list that is too long to be read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from migration_lint.check.finding import SEVERITIES, Finding, Severity
from migration_lint.report.screen import visible

MOST_FILES = 20


def by_rule(findings: Iterable[Finding]) -> list[str]:
    """A line for each rule: how many, how grave, which; the most frequent first."""
    counted = Counter((each.rule, each.severity) for each in findings)
    rows = sorted(counted.items(), key=lambda row: (-row[1], SEVERITIES.index(row[0][1]), row[0][0]))
    return _aligned([(number, severity, rule) for (rule, severity), number in rows])


def by_file(findings: Sequence[Finding]) -> list[str]:
    """A line for each of the files with the most findings, and one that counts the others."""
    counted = Counter(each.path for each in findings)
    rows = sorted(counted.items(), key=lambda row: (-row[1], row[0]))
    lines = _aligned([(number, "", path) for path, number in rows[:MOST_FILES]])
    if len(rows) > MOST_FILES:
        rest = sum(number for _, number in rows[MOST_FILES:])
        lines.append(
            f"  and {counted_of(rest, 'finding')} in {counted_of(len(rows) - MOST_FILES, 'more file')}"
        )
    return lines


def counted_of(number: int, noun: str) -> str:
    """`1 file`, `1,246 findings`"""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def _aligned(rows: Sequence[tuple[int, Severity | str, str]]) -> list[str]:
    numbers = [f"{number:,}" for number, _, _ in rows]
    width = max(map(len, numbers), default=0)
    words = max((len(word) for _, word, _ in rows), default=0)
    return [
        f"  {shown.rjust(width)}  {f'{word.ljust(words)}  ' if words else ''}{visible(name)}"
        for shown, (_, word, name) in zip(numbers, rows, strict=True)
    ]
