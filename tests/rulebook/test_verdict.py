"""From an occurrence to what the rules say: severities, choices, templates."""

from __future__ import annotations

import pytest

from migration_lint.errors import CannotJudge
from migration_lint.facts.model import (
    ColumnFacts,
    ColumnOutcome,
    ContractsFacts,
    DatabaseFacts,
    Occurrence,
    OutcomeFacts,
    RevisionFacts,
    TableFacts,
)
from migration_lint.rulebook.files import builtin_files
from migration_lint.rulebook.load import load
from migration_lint.rulebook.template import compiled
from migration_lint.rulebook.verdict import Rulebook, RuleVerdict, check_levels, verdicts
from migration_lint.settings import Settings

DONE, DEFAULTS = OutcomeFacts(), Settings()
RULEBOOK = Rulebook.of(load(builtin_files()))

BEHIND = ContractsFacts(
    False, ("worker.producer", "api.consumer"), ("worker.producer", "api.consumer"), ("worker",), ("api",)
)


def column(
    event: str,
    contracts: ContractsFacts = BEHIND,
    outcome: OutcomeFacts = DONE,
    **column: str | None,
) -> Occurrence:
    """Something that happens to deployment_events.hint."""
    facts = ColumnOutcome(
        TableFacts("deployment_events", "public", "deployment_events", existed=True, protected=True),
        ColumnFacts("hint")._replace(**column),
        contracts,
        RevisionFacts("0002", new=True),
        outcome,
        DatabaseFacts("postgresql"),
    )
    return Occurrence(event, facts, "migrations/versions/0002.py", 12)


def said(occurrence: Occurrence, settings: Settings = DEFAULTS) -> list[RuleVerdict]:
    return list(verdicts(RULEBOOK, occurrence, settings.level))


def test_a_dropped_column_is_found_with_message_fix_and_order() -> None:
    [verdict] = said(column("column_dropped"))
    assert verdict._replace(rule=verdict.rule._replace(examples=()))[1:] == (
        "error",
        "deployment_events.hint is dropped, but worker.producer and api.consumer did not change with it",
        "remove hint from worker.producer and api.consumer in this change, "
        "once no code behind it names the column any more",
        ("order: deploy api, then worker, then this migration",),
    )
    assert verdict.rule.name == "contract-column-dropped"


def test_nothing_is_found_when_the_contracts_are_updated() -> None:
    assert not said(column("column_dropped", BEHIND._replace(updated=True, behind=())))


def test_a_kept_name_lowers_the_severity_and_changes_the_sentence() -> None:
    [verdict] = said(column("column_renamed", outcome=OutcomeFacts(kept=True), new_name="hint_text"))
    assert verdict.severity == "warning"
    assert verdict.message.startswith(
        "deployment_events.hint becomes hint_text, with the old name kept beside it"
    )


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("text", "varchar(9)", "deployment_events.hint changes from text to varchar(9), but "),
        (None, "varchar(9)", "deployment_events.hint becomes varchar(9), but "),
        ("text", None, "deployment_events.hint gets another type, one that could not be worked out, but "),
    ],
)
def test_a_type_that_is_not_known_is_not_named(old: str | None, new: str | None, message: str) -> None:
    [verdict] = said(column("column_retyped", old_type=old, new_type=new))
    assert verdict.message.startswith(message)


def test_the_configuration_decides_the_severity() -> None:
    assert not said(column("column_dropped"), Settings(severity={"contract-column-dropped": "off"}))
    [verdict] = said(
        column("column_renamed", outcome=OutcomeFacts(kept=True), new_name="h"),
        Settings(severity={"contract-column-renamed": "error"}),
    )
    assert verdict.severity == "error"


def test_a_severity_for_a_rule_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(CannotJudge) as error:
        check_levels(
            RULEBOOK,
            {"contract-colum-dropped": "off", "contract-removed": "off"},
            "pyproject.toml",
            {"severity.contract-colum-dropped": 7},
        )
    assert str(error.value).startswith(
        "pyproject.toml:7: severity is given to contract-colum-dropped, and there is no such rule or group\n"
        "  fix: did you mean contract-column-dropped"
    )


def test_names_are_put_into_a_message_as_they_are_and_can_forge_nothing() -> None:
    hostile = "{contracts.behind} {{ \x1b[31m\nerror: x\u202e"
    [verdict] = said(column("column_dropped", name=hostile))
    assert verdict.message.startswith(
        r"deployment_events.{contracts.behind} {{ \x1b[31m\x0aerror: x\x202e is dropped"
    )


def test_lists_are_spoken() -> None:
    shown = compiled("{{{behind}}}")
    for behind, text in (
        ((), "none"),
        (("a",), "a"),
        (("a", "b"), "a and b"),
        (("a", "b", "c"), "a, b and c"),
    ):
        assert shown(ContractsFacts(False, behind)) == f"{{{text}}}"


def test_every_rule_speaks_on_each_of_its_events_whatever_its_choices() -> None:
    """Loading checks types; here every text of every rule is really rendered once."""
    from migration_lint.facts.model import EVENTS

    for rule in RULEBOOK.rules:
        for event in rule.on:
            sample = EVENTS[event](**{name: _sample(name) for name in EVENTS[event]._fields})
            for choice in (*rule.message, *rule.fix, *rule.notes):
                text = compiled(choice.then)(sample)
                assert text
                assert "None" not in text.replace("server_default=None", "")  # code that is to be written


def _sample(name: str) -> object:
    from migration_lint.facts import model

    samples: dict[str, object] = {
        "table": TableFacts("t", "public", "t", "u", "", "u"),
        "column": ColumnFacts("c", "d", "int4", "int8", False, True, "0", "1"),
        "contracts": BEHIND,
        "contract": model.ContractFacts("api.consumer", "consumer", "api", "contracts/api.yaml"),
        "revision": RevisionFacts("0002", "migrations/versions/0002.py"),
        "outcome": OutcomeFacts(reason="the table's name is not known"),
        "side": model.SideFacts("consumer", ("worker.producer",)),
        "disagreement": model.DisagreementFacts("hint", "hint: {type: text}", "no hint"),
        "disparity": model.DisparityFacts("hint", "text", "int4", "worker.producer", "[1]"),
        "difference": model.DifferenceFacts(
            "the model has t.c (INTEGER), and no migration adds it",
            "add_column",
            "c",
            "INTEGER",
            writes='op.add_column("t", sa.Column("c", sa.Integer()))',
        ),
        "removal": model.RemovalFacts("table"),
        "need": model.NeedFacts("unique (a, b)", "uniq"),
        "value": model.ValueFacts("upload", "archive", "source"),
        "view": model.ViewFacts("autopsies", ("kind",), "old_autopsies"),
        "downgrade": model.DowngradeFacts("runs", True, ("type mood",), ("audit.note",)),
        "order": model.OrderFacts(("0003",)),
        "module": model.ImportFacts("shop.models", ("Order",)),
        "dependents": model.DependentsFacts(("ix_t_c",), ("t_c_key",), ("v",), shared=("t_c_key",)),
        "heads": model.HeadsFacts(("a",), ("a", "b"), "alembic.ini"),
        "suppression": model.SuppressionFacts("some-rule", "", "# migration-lint: ignore"),
        "operation": model.OperationFacts(
            "drop_table",
            constraint="unique",
            tables=("t",),
            reserved=("user",),
            too_long=("t" * 64,),
            stops="triggers do not run",
        ),
        "database": DatabaseFacts("postgresql"),
        "effect": model.EffectFacts(
            "ALTER TABLE", "ACCESS EXCLUSIVE", "everything", ("u",), why="it is long"
        ),
        "type_change": model.TypeChangeFacts("rewrite", True, True, "they are stored differently"),
        "transaction": model.TransactionFacts(True, ("u",), since=3, used_value="ok"),
        "code": model.CodeFacts(table='"t"', column='"c"', sql_table="t", sql_column="c"),
    }
    return samples[name]
