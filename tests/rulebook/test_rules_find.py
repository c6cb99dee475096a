"""Every example of every rule, through the whole of a check and of parity."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from migration_lint.check.pipeline import run_check, run_parity
from migration_lint.rulebook.example import expand
from migration_lint.rulebook.files import builtin_files
from migration_lint.rulebook.load import load
from migration_lint.rulebook.rule import Example, Rule

RULES = load(builtin_files())
EXAMPLES = [(rule, example) for rule in RULES for example in rule.examples]


def write(folder: Path, files: Mapping[str, str]) -> Path:
    for path, text in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return folder


@pytest.mark.parametrize(
    ("rule", "example"), EXAMPLES, ids=[f"{rule.name}-{example.name}" for rule, example in EXAMPLES]
)
def test_an_example_finds_what_it_says(rule: Rule, example: Example, tmp_path: Path) -> None:
    trees = expand(example)
    switched_on: dict[str, str] = {}
    if rule.severity[-1].then == "off":
        switched_on["migration-lint.toml"] = f'[severity]\n{rule.name} = "warning"\n'
    before = write(tmp_path / "before", {**switched_on, **trees.before})
    after = write(tmp_path / "after", {**switched_on, **trees.after})

    checked = run_check(after, base=f"{before}/", head=f"{after}/", environ={}, use_cache=False)
    held = run_parity(after, head=f"{after}/", environ={}, use_cache=False)

    messages = (each.message for each in (*checked.findings, *held.findings) if each.rule == rule.name)
    found = list(dict.fromkeys(messages))
    assert len(found) == example.finds, found


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule.name))
def test_a_rule_has_an_example_that_fires_and_one_that_is_silent(rule: Rule) -> None:
    finds = [example.finds for example in rule.examples]
    assert 0 in finds
    assert any(finds)
