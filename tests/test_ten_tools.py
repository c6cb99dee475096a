"""The table of what ten tools check: each rule that it names tells of its example."""

from __future__ import annotations

from pathlib import Path

import pytest

from migration_lint.rulebook.files import builtin_files
from migration_lint.rulebook.load import load

from .benchmarks.ten_tools.__main__ import STORED, rendered, wrong
from .benchmarks.ten_tools.judging import Check, checks

CHECKS = checks()


@pytest.mark.parametrize(
    "check", [each for each in CHECKS if not each.because], ids=lambda each: str(each.check)
)
def test_the_rules_tell_of_the_example(check: Check, tmp_path: Path) -> None:
    assert wrong(check, tmp_path) == ""


def test_every_check_says_where_it_is_or_why_it_is_not() -> None:
    rules = {rule.name for rule in load(builtin_files())}
    for each in CHECKS:
        assert sum(map(bool, (each.here, each.off, each.because))) == 1, each.check
        assert rules.issuperset(each.here + each.off), each.check
        assert bool(each.example) != bool(each.because), each.check
    assert len({each.check for each in CHECKS}) == len(CHECKS)


def test_the_stored_table_is_this_one() -> None:
    """`python -m tests.benchmarks.ten_tools --write` stores it."""
    assert STORED.read_text(encoding="utf-8") == rendered()
