"""What was judged of the findings on published histories, and the shares that are stored of it."""

from __future__ import annotations

from migration_lint.rulebook.files import builtin_files
from migration_lint.rulebook.load import load
from tests.benchmarks.noise import JUDGED, STORED, judgements, table

JUDGEMENTS = list(judgements(JUDGED.read_text(encoding="utf-8")))


def test_every_judged_rule_is_there() -> None:
    known = {rule.name for rule in load(builtin_files())}
    assert sorted({each.place.rule for each in JUDGEMENTS} - known) == []


def test_nothing_is_judged_twice() -> None:
    draws = [
        (each.place, draw)
        for each in JUDGEMENTS
        for draw in (("before", "after") if each.drawn == "both" else (each.drawn,))
    ]
    assert len(set(draws)) == len(draws)


def test_shares_are_the_stored_ones() -> None:
    assert table(JUDGEMENTS) == STORED.read_text(encoding="utf-8")
