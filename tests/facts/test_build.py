"""Facts from what the catalog, the contracts and the reader say."""

from __future__ import annotations

from typing import get_args

import pytest

from migration_lint.catalog.outcome import Outcome, OutcomeKind, TableName
from migration_lint.contracts.judgement import Behind, Disagreement, Judgement
from migration_lint.facts.build import (
    Background,
    behind_line,
    column_occurrence,
    contract_removed_occurrence,
    disagreement_occurrence,
    one_line,
    operation_occurrence,
    outcome_occurrence,
    side_missing_occurrences,
)
from migration_lint.facts.model import (
    EVENTS,
    ColumnEvent,
    ColumnFacts,
    ColumnOperation,
    ColumnOutcome,
    ContractFacts,
    ContractLine,
    DatabaseFacts,
    OtherOperation,
    RevisionFacts,
    Role,
    TableOperation,
    TableOutcome,
)
from migration_lint.operations import KINDS, Column, Constraint, Index, Operation
from migration_lint.rulebook.files import builtin_files
from migration_lint.rulebook.load import load
from migration_lint.rulebook.verdict import Rulebook, verdicts
from migration_lint.settings import Settings

EVENTS_TABLE = TableName("public", "deployment_events")
BACKGROUND = Background(
    DatabaseFacts("postgresql", (15,)),
    "public",
    {"0002": RevisionFacts("0002", "migrations/versions/0002.py", new=True)},
    {
        "worker.producer": ContractFacts("worker.producer", "producer", "worker", "contracts/worker.yaml"),
        "api.consumer": ContractFacts("api.consumer", "consumer", "api", "contracts/api.yaml"),
    },
)
DROP = Operation(
    kind="drop_column",
    path="migrations/versions/0002.py",
    line=12,
    column_offset=4,
    end_line=12,
    end_column_offset=47,
    table="deployment_events",
    column="hint",
)
BEHIND = Judgement(
    (
        Behind(
            "api.consumer", "consumer", "contracts/api.yaml", 14, "hint: {type: text}", "no entry for hint"
        ),
    ),
    (),
    ("worker.producer", "api.consumer"),
)


def test_a_dropped_column_becomes_an_occurrence_with_both_places() -> None:
    outcome = Outcome(
        kind="column_dropped",
        table=EVENTS_TABLE,
        new_table=EVENTS_TABLE,
        column="hint",
        revision="0002",
        operation=DROP,
    )
    occurrence = outcome_occurrence(outcome, BEHIND, BACKGROUND)
    assert occurrence[2:] == (
        "migrations/versions/0002.py",
        12,
        5,
        12,
        48,
        "0002",
        "deployment_events",
        (
            ContractLine(
                "contracts/api.yaml",
                14,
                "api.consumer",
                "still reads hint: {type: text}; expected: no entry for hint",
            ),
        ),
    )
    assert isinstance(occurrence.facts, ColumnOutcome)
    assert occurrence.facts.contracts.behind == ("api.consumer",)
    assert occurrence.facts.contracts.producers == ("worker",)
    assert occurrence.facts.revision.new
    [verdict] = verdicts(Rulebook.of(load(builtin_files())), occurrence, Settings().level)
    assert verdict.message == "deployment_events.hint is dropped, but api.consumer did not change with it"


def test_a_table_that_moves_has_both_names() -> None:
    outcome = Outcome(
        kind="table_moved",
        table=EVENTS_TABLE,
        new_table=TableName("history", "deployment_events"),
        path="a.py",
    )
    occurrence = outcome_occurrence(outcome, BEHIND, BACKGROUND)
    assert isinstance(occurrence.facts, TableOutcome)
    table = occurrence.facts.table
    assert (table.label, table.new_label, table.new_name) == (
        "deployment_events",
        "history.deployment_events",
        "",
    )
    assert not occurrence.facts.outcome.by_operation
    assert (occurrence.path, occurrence.line, occurrence.revision) == ("a.py", 0, None)


def test_every_outcome_and_every_operation_has_its_event() -> None:
    for kind in get_args(OutcomeKind):
        outcome = Outcome(kind=kind, table=EVENTS_TABLE, new_table=None, column="hint")
        occurrence = outcome_occurrence(outcome, BEHIND, BACKGROUND)
        assert type(occurrence.facts) is EVENTS[occurrence.event]
    for kind in KINDS:
        operation = Operation(kind=kind, table="t", column="c")
        occurrence = operation_occurrence(operation, RevisionFacts("0002", "x.py"), BACKGROUND)
        assert (occurrence.event, type(occurrence.facts)) == (kind, EVENTS[kind])
        assert occurrence.path == "x.py"


def test_each_missing_side_is_an_occurrence() -> None:
    outcome = Outcome(
        kind="table_dropped", table=EVENTS_TABLE, new_table=None, revision="0002", operation=DROP
    )
    judgement = Judgement((), ("producer", "consumer"), ())
    assert [each.event for each in side_missing_occurrences(outcome, judgement, BACKGROUND)] == [
        "side_missing"
    ] * 2


def test_contract_events_stand_in_the_contract() -> None:
    disagreement = Disagreement(
        "api.consumer",
        "consumer",
        "contracts/api.yaml",
        9,
        EVENTS_TABLE,
        "hint",
        "hint: {type: int4}",
        "hint: {type: text}",
    )
    occurrence = disagreement_occurrence(disagreement, BACKGROUND)
    assert (occurrence.path, occurrence.line) == ("contracts/api.yaml", 9)
    removed = contract_removed_occurrence(
        BACKGROUND.contracts["api.consumer"], EVENTS_TABLE, True, BACKGROUND
    )
    [verdict] = verdicts(Rulebook.of(load(builtin_files())), removed, Settings().level)
    assert verdict.message == (
        "the contract api.consumer is removed, but deployment_events, which it covers, is still there"
    )


def test_a_softer_change_says_what_the_column_becomes() -> None:
    def said(event: ColumnEvent, column: ColumnFacts) -> str:
        occurrence = column_occurrence(
            event, EVENTS_TABLE, column, BEHIND, BACKGROUND, operation=DROP, revision="0002"
        )
        assert (occurrence.line, occurrence.revision) == (12, "0002")
        return next(verdicts(Rulebook.of(load(builtin_files())), occurrence, Settings().level)).message

    hint, late = ColumnFacts("hint"), ", but api.consumer did not change with it"
    for event, column, message in (
        ("nullability_changed", hint._replace(new_nullable=False), f"hint no longer allows NULL{late}"),
        ("nullability_changed", hint._replace(new_nullable=True), f"hint now allows NULL{late}"),
        ("default_changed", hint._replace(old_default="''"), "hint loses its default ''"),
        ("default_changed", hint._replace(new_default="1"), "hint gets the default 1"),
    ):
        assert said(event, column) == f"deployment_events.{message}"


def test_an_opaque_operation_names_the_tables_that_it_may_touch() -> None:
    outcome = Outcome(kind="opaque", table=EVENTS_TABLE, new_table=EVENTS_TABLE, operation=DROP)
    for also, label in (
        (("a",), "deployment_events and a"),
        (("a", "b"), "deployment_events, a and b"),
        (("a", "b", "c"), "deployment_events and 3 more protected tables"),
    ):
        tables = [TableName("public", name) for name in also]
        occurrence = outcome_occurrence(outcome, BEHIND, BACKGROUND, tables)
        assert isinstance(occurrence.facts, TableOutcome)
        assert (occurrence.facts.table.label, occurrence.table) == (label, "deployment_events")


@pytest.mark.parametrize(
    ("role", "found", "expected", "text"),
    [
        ("producer", "t:", "u:", "still writes t; expected: u"),
        ("consumer", "no entry for c", "c: {type: text}", "no entry for c; expected: c: {type: text}"),
        (
            "consumer",
            "c: {type: text}",
            "acknowledges:\n  4f1c: <why>",
            "reads c: {type: text}; to be added: acknowledges: {4f1c: <why>}",
        ),
    ],
)
def test_a_contract_s_line_says_what_stands_there_and_what_should(
    role: Role, found: str, expected: str, text: str
) -> None:
    assert behind_line(Behind("x", role, "x.yaml", 3, found, expected)).text == text


def test_operations_tell_what_they_do() -> None:
    def facts(operation: Operation) -> TableOperation | ColumnOperation | OtherOperation:
        made = operation_occurrence(operation, RevisionFacts("0002"), BACKGROUND).facts
        assert isinstance(made, (TableOperation, ColumnOperation, OtherOperation))
        return made

    index = Index("uniq", ("a", "b"), unique=True, concurrently=True)
    told = facts(Operation(kind="create_index", table="t", index=index)).operation
    assert (told.name, told.columns, told.unique, told.concurrently) == ("uniq", ("a", "b"), True, True)

    foreign = Constraint("foreign_key", "fk", ("a",), "u", not_valid=True)
    told = facts(Operation(kind="add_constraint", table="t", constraints=(foreign,))).operation
    assert (told.name, told.constraint, told.not_valid) == ("fk", "foreign_key", True)

    added = facts(
        Operation(kind="add_column", table="t", schema="audit", columns=(Column("c", "int4", False),))
    )
    assert isinstance(added, ColumnOperation)
    assert (added.column.name, added.column.new_type, added.column.new_nullable) == ("c", "int4", False)
    assert (added.table.label, added.operation.columns) == ("audit.t", ("c",))

    renamed = facts(Operation(kind="rename_table", table="t", new_name="u"))
    assert isinstance(renamed, TableOperation)
    assert (renamed.table.schema, renamed.table.new_label) == ("public", "u")


def test_yaml_becomes_one_line_that_means_the_same() -> None:
    import yaml

    for text in (
        "acknowledges:\n  4f1c: reason",
        "t:\n  columns:\n    a: {type: int4}\n    b: {type: text, nullable: false}",
        "t:\n  columns: {}",
        "hint: {type: text}",
    ):
        line = one_line(text)
        assert "\n" not in line
        assert yaml.safe_load(line) == yaml.safe_load(text)
