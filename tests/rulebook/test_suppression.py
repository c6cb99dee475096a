"""Comments that silence a rule, and those that only look as if they did."""

from __future__ import annotations

import textwrap
from typing import NamedTuple

import pytest

from migration_lint.facts.model import SuppressionEvent
from migration_lint.rulebook.files import builtin_files
from migration_lint.rulebook.load import load
from migration_lint.rulebook.suppression import apply, read_suppressions
from migration_lint.rulebook.verdict import Rulebook

RULES = Rulebook.of(load(builtin_files())).by_name
RULE = "history-edited-revision"


class Found(NamedTuple):
    """A finding, as far as suppressions look at it."""

    rule: str
    path: str
    line: int
    end_line: int


def judged(script: str, *findings: tuple[str, int, int]) -> tuple[list[int], list[str]]:
    """Lines of the findings that are left, and the events about the comments."""
    data = textwrap.dedent(script).encode()
    comments = read_suppressions("0002.py", data)
    applied = apply([Found(rule, "0002.py", *lines) for rule, *lines in findings], comments, RULES)
    assert len(applied.kept) + len(applied.suppressed) == len(findings)
    return [finding.line for finding in applied.kept], [each.event for each in applied.occurrences]


@pytest.mark.parametrize(
    ("script", "lines"),
    [
        (f"op.x()  # migration-lint: ignore[{RULE}] it ran nowhere", (1, 1)),
        (f"# migration-lint: ignore[{RULE}] it ran nowhere\nop.x()", (2, 2)),
        (f"# migration-lint: ignore[{RULE}] it ran nowhere\n# and more\n\nop.x()", (4, 4)),
        (f"op.x(\n    1,  # migration-lint: ignore[{RULE}] it ran nowhere\n    2,\n)", (1, 4)),
        (f"op.x(\n    1,\n)  # migration-lint: ignore[{RULE}] it ran nowhere", (1, 3)),
        (f"op.x(\n    # migration-lint: ignore[{RULE}] it ran nowhere\n    1,\n)", (1, 4)),
        (f"#migration-lint:ignore[ {RULE} , suppression ]it ran nowhere\nop.x()", (2, 2)),
        (f"def f():\n    # migration-lint: ignore[{RULE}] it ran nowhere\n    op.x()", (3, 3)),
    ],
)
def test_a_comment_silences_the_statement_it_stands_on_or_above(script: str, lines: tuple[int, int]) -> None:
    kept, events = judged(script, (RULE, *lines))
    assert kept == []
    assert events in ([], ["suppression_unknown_rule"])


@pytest.mark.parametrize(
    ("script", "lines"),
    [
        (f"op.x()  # migration-lint: ignore[{RULE}] only this line\nop.y()", (2, 2)),
        (f"op.x()\nop.y()  # migration-lint: ignore[{RULE}] only this line", (1, 1)),
        (f"# migration-lint: ignore[{RULE}] not the block\nwith op.b() as b:\n    b.x()", (3, 3)),
        (f"text = '''\n# migration-lint: ignore[{RULE}] no comment\n'''\nop.x()", (4, 4)),
    ],
)
def test_a_comment_silences_nothing_else(script: str, lines: tuple[int, int]) -> None:
    kept, events = judged(script, (RULE, *lines))
    assert kept == [lines[0]]
    assert events in (["suppression_unused"], [])


def test_only_the_rules_that_it_names_are_silenced() -> None:
    kept, events = judged(
        f"op.x()  # migration-lint: ignore[{RULE}] it ran nowhere",
        (RULE, 1, 1),
        ("history-multiple-heads", 1, 1),
    )
    assert (kept, events) == ([1], [])


@pytest.mark.parametrize(
    ("comment", "events"),
    [
        (f"# migration-lint: ignore[{RULE}]", ["suppression_without_reason"]),
        ("# migration-lint: ignore[contract-column-dropped] nobody reads it", ["suppression_forbidden"]),
        ("# migration-lint: ignore[suppression-unused] never mind", ["suppression_forbidden"]),
        ("# migration-lint: ignore[history-edited-revison] it ran nowhere", ["suppression_unknown_rule"]),
        (f"# migration-lint: ignore[{RULE}, {RULE}, nonsense] x", ["suppression_unknown_rule"]),
        ("# migration-lint: ignore", ["suppression_malformed"]),
        ("# migration-lint: ignore[] because", ["suppression_malformed"]),
        (f"# migrationlint: ignore[{RULE}] because", ["suppression_malformed"]),
        (f"# migration_lint: ignore[{RULE}] because", ["suppression_malformed"]),
        (f"# Migration-Lint: ignore[{RULE}] because", ["suppression_malformed"]),
        (f"# migration-lint: ingore[{RULE}] because", ["suppression_malformed"]),
        (f"# migration-lint ignore[{RULE}] because", ["suppression_malformed"]),
        (f"# noqa migration-lint: ignore[{RULE}] because", ["suppression_malformed"]),
        ("# migration-lint was run on this, and pylint too", []),
        ("# pylint: disable=x", []),
    ],
)
def test_a_comment_that_cannot_do_what_it_says_is_reported(comment: str, events: list[str]) -> None:
    rule = "contract-column-dropped" if "contract" in comment else RULE
    kept, found = judged(f"{comment}\nop.x()", (rule, 2, 2))
    assert found == events
    assert kept == ([] if "nonsense" in comment else [2])


def test_the_place_and_the_words_of_a_comment_are_in_its_occurrence() -> None:
    comments = read_suppressions("0002.py", b"op.x()  # migration-lint: ignore[history-edited-revison] why\n")
    [occurrence] = apply([], comments, RULES).occurrences
    assert isinstance(occurrence.facts, SuppressionEvent)
    assert occurrence.facts.suppression.nearest == RULE
    assert (occurrence.path, occurrence.line, occurrence.column) == ("0002.py", 1, 9)


def test_a_script_that_cannot_be_read_to_its_end_is_no_crash() -> None:
    for data in (
        b"op.x(  # migration-lint: ignore[a] b",
        b"\xff # migration-lint: x",
        b"'''migration-lint:",
        b"  \n x",
    ):
        read_suppressions("0002.py", data)
