"""Examples of rule files: from a few lines to two folders."""

from __future__ import annotations

import ast

from migration_lint.rulebook.example import FIRST, SECOND, expand
from migration_lint.rulebook.files import builtin_files
from migration_lint.rulebook.load import load
from migration_lint.rulebook.rule import Example, ExampleState

NOTHING = ExampleState("", {}, {})


def test_an_example_changes_only_what_it_says() -> None:
    change = ExampleState(
        'op.drop_column("deployment_events", "hint")',
        {
            "worker.producer": {"columns": {"hint": None}},
            "api.consumer": {"acknowledges": {"0002": "never read"}},
        },
        {},
    )
    before, after = expand(Example("a drop", 0, NOTHING, change))
    assert set(after) - set(before) == {SECOND}
    assert {path for path in before if before[path] != after[path]} == {
        "contracts/worker.producer.yaml",
        "contracts/api.consumer.yaml",
    }
    assert '    op.drop_column("deployment_events", "hint")\n' in after[SECOND]
    assert "hint" not in after["contracts/worker.producer.yaml"]
    assert after["contracts/api.consumer.yaml"] == (
        before["contracts/api.consumer.yaml"] + '    acknowledges: {"0002": "never read"}\n'
    )


def test_the_state_before_can_differ_and_carries_over() -> None:
    before_state = ExampleState('op.create_table("u")', {"api.consumer": None}, {"README": "one"})
    change = ExampleState("", {"worker.producer": {"table": None}}, {"README": None, "x.py": "y = 1\n"})
    before, after = expand(Example("x", 0, before_state, change))
    assert 'op.create_table("u")' in before[FIRST]
    assert "contracts/api.consumer.yaml" not in {*before, *after}
    assert before["README"] == "one"
    assert "README" not in after
    assert after["x.py"] == "y = 1\n"
    assert after["contracts/worker.producer.yaml"].endswith("tables: {}\n")


def test_a_whole_text_takes_the_place_of_a_contract() -> None:
    before, after = expand(Example("x", 0, NOTHING, ExampleState("", {"api.consumer": "id: other"}, {})))
    assert after["contracts/api.consumer.yaml"] == "id: other\n"
    assert set(before) == set(after)


def test_every_script_of_every_example_is_python() -> None:
    for rule in load(builtin_files()):
        for example in rule.examples:
            for tree in expand(example):
                for path, text in tree.items():
                    if path.endswith(".py"):
                        ast.parse(text, path)
