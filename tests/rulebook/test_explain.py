"""`explain` and `rules`: what people read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from migration_lint.errors import CannotJudge
from migration_lint.facts.model import EVENTS
from migration_lint.rulebook.explain import (
    explain,
    explain_json,
    facts_text,
    find,
    rules_json,
    rules_text,
)
from migration_lint.rulebook.files import RuleFile, builtin_files
from migration_lint.rulebook.load import load
from migration_lint.rulebook.verdict import Rulebook

HERE = Path(__file__).parent
RULEBOOK = Rulebook.of(load(builtin_files()))


@pytest.mark.parametrize("name", ["contract-column-dropped", "history-edited-revision"])
def test_explain_is_as_stored(name: str) -> None:
    stored = (HERE / "explained" / f"{name}.txt").read_text(encoding="utf-8")
    assert explain(find(name, RULEBOOK.by_name)) == stored


def test_the_list_of_rules_is_as_stored() -> None:
    assert rules_text(RULEBOOK.rules) == (HERE / "explained" / "rules.txt").read_text(encoding="utf-8")


def test_a_group_s_severity_counts_for_each_of_its_rules_but_those_that_are_named() -> None:
    shown = rules_text(RULEBOOK.rules, {"design": "warning", "design-serial": "error"})
    levels = dict(line.split()[:2] for line in shown.split("\n") if line.startswith("  design-"))
    assert levels["design-json-as-text"] == "warning"
    assert levels["design-serial"] == "error"


def test_the_list_shows_the_severity_that_the_configuration_gives() -> None:
    line = next(
        line
        for line in rules_text(RULEBOOK.rules, {"contract-removed": "off"}).split("\n")
        if " contract-removed " in line
    )
    assert line.split()[:2] == ["contract-removed", "off"]


def test_a_misspelt_name_gets_the_nearest() -> None:
    with pytest.raises(CannotJudge) as error:
        find("contract-colum-droped", RULEBOOK.by_name)
    assert str(error.value).startswith(
        "there is no rule contract-colum-droped\n  fix: did you mean contract-column-dropped"
    )
    with pytest.raises(CannotJudge, match="`migration-lint rules` lists all of them"):
        find("xyz", RULEBOOK.by_name)


def test_json_is_json() -> None:
    assert json.loads(json.dumps(rules_json(RULEBOOK.rules)))[0]["name"] == RULEBOOK.rules[0].name
    shown = json.loads(json.dumps(explain_json(find("contract-column-dropped", RULEBOOK.by_name))))
    assert shown["severities"] == ["error", "warning"]
    assert shown["message"] == [
        {"then": "{table}.{column} is dropped, but {contracts.behind} did not change with it"}
    ]


def test_a_project_s_own_rules_are_explained_and_listed_too() -> None:
    text = (HERE.parent.parent / "rules/history/history-edited-revision.yaml").read_bytes()
    rules = load([*builtin_files(), RuleFile("lint/own/frozen-script.yaml", text, False)])
    own = find("frozen-script", Rulebook.of(rules).by_name)
    assert "The rule is lint/own/frozen-script.yaml" in explain(own)
    listed = rules_text(rules, {"frozen-script": "info"})
    assert "\nown\n  frozen-script                   info     " in listed
    assert listed.endswith(f"{len(rules)} rules, 1 of them this project's own\n")


def test_every_event_and_every_fact_is_said_what_it_means() -> None:
    text = facts_text()
    for event in EVENTS:
        assert event in text
    for line in text.split("\n    "):
        assert not line.rstrip().endswith("):"), line
