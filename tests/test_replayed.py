"""What was judged of the errors that real changes are told."""

from __future__ import annotations

from migration_lint.rulebook.files import builtin_files
from migration_lint.rulebook.load import load
from tests.benchmarks.replayed import JUDGED, REFUSED, judgements

JUDGEMENTS = list(judgements(JUDGED.read_text(encoding="utf-8")))


def test_every_judged_rule_is_there() -> None:
    known = {rule.name for rule in load(builtin_files())} | {REFUSED}
    assert sorted({each.place.rule for each in JUDGEMENTS} - known) == []


def test_nothing_is_judged_twice() -> None:
    places = [each.place for each in JUDGEMENTS]
    assert len(set(places)) == len(places)
