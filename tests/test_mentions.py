"""The figures of writers and readers in public projects are those of the list that was judged."""

from __future__ import annotations

from .benchmarks.mentions import PROJECTS, STORED, figures, judged


def test_the_figures_are_as_stored() -> None:
    assert figures() == STORED.read_text(encoding="utf-8")


def test_each_line_is_judged_once_and_what_is_no_use_says_why() -> None:
    rows = judged()
    assert len({mention for mention, _, _ in rows}) == len(rows)
    assert {mention.project for mention, _, _ in rows} == set(PROJECTS)
    assert all(reason for _, verdict, reason in rows if verdict != "right")
