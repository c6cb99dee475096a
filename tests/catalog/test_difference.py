"""What a change adds up to: each test gives base's history, the change, and the outcomes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from migration_lint.catalog.difference import Difference, Rewritten, difference, difference_by_revision
from migration_lint.catalog.journal import Journal
from migration_lint.catalog.model import Catalog
from migration_lint.catalog.outcome import Outcome, TableName
from migration_lint.catalog.recording import record
from migration_lint.catalog.replay import replay
from migration_lint.operations import ANY_TABLE, HOLE, Column, Constraint, Dialect, Index, Kind, Operation

Revision = tuple[str, Sequence[Operation]]
EVENTS = TableName("public", "events")


# --- builders


def create(table: str, *columns: str, if_exists: bool = False, **fields: Any) -> Operation:
    """`create("events", "id int4", "hint text")`."""
    made = tuple(Column(*text.split(" ", 1)) for text in columns)
    return Operation(kind="create_table", table=table, columns=made, if_exists=if_exists, **fields)


def op(kind: Kind, table: str | None = "events", column: str | None = None, **fields: Any) -> Operation:
    return Operation(kind=kind, table=table, column=column, **fields)


def add(column: str, table: str = "events", **fields: Any) -> Operation:
    return op("add_column", table, columns=(Column(*column.split(" ", 1)),), **fields)


def drop(column: str, table: str = "events", **fields: Any) -> Operation:
    return op("drop_column", table, column, **fields)


def rename(column: str, new: str, table: str = "events", **fields: Any) -> Operation:
    return op("rename_column", table, column, new_name=new, **fields)


def retype(column: str, type: str | None, table: str = "events", **fields: Any) -> Operation:
    return op("alter_type", table, column, type=type, **fields)


def rename_table(old: str, new: str, **fields: Any) -> Operation:
    return op("rename_table", old, new_name=new, **fields)


def drop_table(table: str = "events", **fields: Any) -> Operation:
    return op("drop_table", table, **fields)


def insert(*tables: str, sql: str | None = None) -> Operation:
    return op("dml", None, tables=tables, sql=sql or f"INSERT INTO {tables[0]} SELECT * FROM {tables[-1]}")


CREATED = create("events", "id int4", "kind text", "hint text")
BASE: list[Revision] = [("r1", [CREATED])]


def judge(
    *change: Revision,
    base: Sequence[Revision] = BASE,
    head: Sequence[Revision] | None = None,
    protected: Sequence[str] = ("events",),
    rewritten: Sequence[Rewritten] = (),
    dialect: Dialect = "postgresql",
) -> Difference:
    """The difference that `change` makes on top of `base`, or `head` in the place of base."""
    before = Catalog(dialect)
    for revision, operations in base:
        replay(before, revision, operations)
    after, journal = (before.copy(), Journal()) if head is None else (Catalog(dialect), Journal())
    old = {revision for revision, _ in base} - {script.revision for script in rewritten}
    for revision, operations in (*(head or ()), *change):
        replay(after, revision, operations, None if revision in old else journal)
    schema = before.default_schema
    names = [TableName(*name.split(".")) if "." in name else TableName(schema, name) for name in protected]
    return difference(before, after, journal, names.__contains__, named=names, rewritten=rewritten)


def told(outcomes: Sequence[Outcome]) -> list[str]:
    """Each outcome in a line: `column_renamed events.hint -> events.tip int4 -> int8 (kept) by r2`."""
    lines = []
    for outcome in outcomes:

        def name(table: TableName | None, column: str | None) -> str:
            if table is None:
                return "nothing"
            text = table.name if table.schema in ("public", "main", "") else ".".join(table)
            return text if column is None else f"{text}.{column}"

        line = f"{outcome.kind} {name(outcome.table, outcome.column)}"
        if outcome.kind in ("column_renamed", "table_renamed", "table_moved"):
            line += f" -> {name(outcome.new_table, outcome.new_column)}"
        if outcome.kind == "column_retyped":
            line += f" {outcome.old_type} -> {outcome.new_type}"
        line += " (kept)" if outcome.kept else ""
        line += " (conditional)" if outcome.conditional else ""
        lines.append(line + (f" by {outcome.revision}" if outcome.revision else ""))
    return lines


def outcomes(*change: Revision, **how: Any) -> list[str]:
    return told(judge(*change, **how).outcomes)


# --- the five breaking operations


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        (rename("hint", "tip"), "column_renamed events.hint -> events.tip by r2"),
        (retype("id", "BIGINT"), "column_retyped events.id int4 -> int8 by r2"),
        (drop("hint"), "column_dropped events.hint by r2"),
        (drop_table(), "table_dropped events by r2"),
        (rename_table("events", "happenings"), "table_renamed events -> happenings by r2"),
        (op("move_table", new_schema="archive"), "table_moved events -> archive.events by r2"),
        (op("rename_schema", None, name="public", new_name="old"), "table_moved events -> old.events by r2"),
        (op("drop_schema", None, name="public", cascade=True), "table_dropped events by r2"),
    ],
)
def test_each_breaking_operation_is_one_outcome_with_its_operation(
    operation: Operation, expected: str
) -> None:
    found = judge(("r2", [operation])).outcomes
    assert told(found) == [expected]
    assert found[0].operation is operation
    assert [step.operation for step in found[0].steps] == [operation]


@pytest.mark.parametrize(
    "operation",
    [
        retype("id", "INTEGER"),
        retype("id", "int", existing_type="BIGINT"),
        op("set_comment", column="id"),
        add("more text"),
        drop("nothing", if_exists=True),
        drop("hint", table="other"),
        drop_table("nothing", if_exists=True),
        create("events", "id int8", if_exists=True),
        op("drop_schema", None, name="public"),
    ],
)
def test_what_changes_nothing_for_the_table_is_no_outcome(operation: Operation) -> None:
    assert outcomes(("r2", [operation])) == []


def test_renaming_and_retyping_one_column_is_two_outcomes() -> None:
    assert outcomes(("r2", [retype("hint", "jsonb"), rename("hint", "tip")])) == [
        "column_renamed events.hint -> events.tip by r2",
        "column_retyped events.hint text -> jsonb by r2",
    ]


def test_an_unprotected_table_has_no_outcomes() -> None:
    assert outcomes(("r2", [drop("hint"), drop_table()]), protected=["other"]) == []


def test_a_type_that_could_not_be_worked_out_is_another_type() -> None:
    found = judge(("r2", [retype("id", None)])).outcomes
    assert told(found) == ["column_retyped events.id int4 -> None by r2"]


# --- evasion inside one change


def test_table_renamed_then_altered_under_its_new_name() -> None:
    change = [("r2", [rename_table("events", "happenings")]), ("r3", [drop("hint", "happenings")])]
    found = judge(*change).outcomes
    assert told(found) == [
        "table_renamed events -> happenings by r2",
        "column_dropped events.hint by r3",
    ]
    assert found[1].new_table == TableName("public", "happenings")


def test_column_renamed_then_dropped_under_its_new_name() -> None:
    assert outcomes(("r2", [rename("hint", "tip")]), ("r3", [drop("tip")])) == [
        "column_dropped events.hint by r3"
    ]


@pytest.mark.parametrize("revisions", [["r2", "r2"], ["r2", "r3"]])
def test_column_dropped_and_added_again(revisions: list[str]) -> None:
    first, second = revisions
    change = [("r2", [drop("hint"), add("hint text")])] if first == second else None
    change = change or [(first, [drop("hint")]), (second, [add("hint text")])]
    found = judge(*change).outcomes
    assert told(found) == ["column_recreated events.hint by r2"]
    assert len(found[0].steps) == 2


def test_column_added_again_with_another_type_is_a_new_type_as_well() -> None:
    assert outcomes(("r2", [drop("hint"), add("hint int4")])) == [
        "column_recreated events.hint by r2",
        "column_retyped events.hint text -> int4 by r2",
    ]


def test_table_dropped_and_created_again() -> None:
    assert outcomes(("r2", [drop_table(), create("events", "id int4", "kind text")])) == [
        "table_recreated events by r2",
        "column_dropped events.hint by r2",
    ]


def test_another_table_takes_the_name() -> None:
    base = [*BASE, ("r1b", [create("other", "id int4", "kind text", "hint text")])]
    assert outcomes(("r2", [drop_table(), rename_table("other", "events")]), base=base) == [
        "table_recreated events by r2"
    ]


def test_column_renamed_away_and_an_empty_one_added_in_its_place() -> None:
    assert outcomes(("r2", [rename("hint", "tip"), add("hint text")])) == [
        "column_renamed events.hint -> events.tip by r2"
    ]


def test_swapped_columns() -> None:
    change = ("r2", [rename("kind", "tmp"), rename("hint", "kind"), rename("tmp", "hint")])
    assert outcomes(change) == [
        "column_renamed events.kind -> events.hint by r2",
        "column_renamed events.hint -> events.kind by r2",
    ]


def test_dropped_column_whose_name_another_one_takes() -> None:
    assert outcomes(("r2", [drop("hint"), rename("kind", "hint")])) == [
        "column_renamed events.kind -> events.hint by r2",
        "column_dropped events.hint by r2",
    ]


def test_edited_create_table_that_lost_a_column() -> None:
    edited = create("events", "id int4", "kind text")
    script = Rewritten("r1", "versions/r1.py", (CREATED,), (edited,))
    found = judge(head=[("r1", [edited])], rewritten=[script]).outcomes
    assert told(found) == ["column_dropped events.hint by r1"]
    assert found[0].operation is edited
    assert found[0].path == "versions/r1.py"


def test_edited_create_table_with_another_type() -> None:
    edited = create("events", "id int8", "kind text", "hint text")
    script = Rewritten("r1", "versions/r1.py", (CREATED,), (edited,))
    found = judge(head=[("r1", [edited])], rewritten=[script]).outcomes
    assert told(found) == ["column_retyped events.id int4 -> int8 by r1"]
    assert found[0].operation is edited


def test_edited_create_table_that_can_no_longer_be_read() -> None:
    edited = create("events", "id int4", incomplete=True)
    script = Rewritten("r1", "versions/r1.py", (CREATED,), (edited,))
    assert outcomes(head=[("r1", [edited])], rewritten=[script]) == [
        "column_dropped events.kind (conditional) by r1",
        "column_dropped events.hint (conditional) by r1",
    ]


def test_edited_create_table_whose_type_can_no_longer_be_read() -> None:
    edited = op("create_table", columns=(Column("id"), Column("kind", "text"), Column("hint", "text")))
    script = Rewritten("r1", "versions/r1.py", (CREATED,), (edited,))
    assert outcomes(head=[("r1", [edited])], rewritten=[script]) == [
        "column_retyped events.id int4 -> None by r1"
    ]


def test_edited_revision_that_now_drops_a_column_of_another_revision() -> None:
    base = [*BASE, ("r2", [add("more text")])]
    dropping = drop("hint")
    script = Rewritten("r2", "versions/r2.py", (add("more text"),), (add("more text"), dropping))
    found = judge(base=base, head=[*BASE, ("r2", [add("more text"), dropping])], rewritten=[script]).outcomes
    assert told(found) == ["column_dropped events.hint by r2"]
    assert found[0].operation is dropping


def test_deleted_revision_that_added_a_column() -> None:
    adding = add("more text")
    script = Rewritten("r2", "versions/r2.py", (adding,), None)
    found = judge(base=[*BASE, ("r2", [adding])], head=BASE, rewritten=[script]).outcomes
    assert told(found) == ["column_dropped events.more by r2"]
    assert (found[0].operation, found[0].path) == (None, "versions/r2.py")


def test_deleted_revision_that_renamed_a_column() -> None:
    renaming = rename("hint", "tip")
    script = Rewritten("r2", "versions/r2.py", (renaming,), None)
    base = [*BASE, ("r2", [renaming])]
    assert outcomes(base=base, head=BASE, rewritten=[script]) == [
        "column_renamed events.tip -> events.hint by r2"
    ]


def test_deleted_revision_that_created_the_table() -> None:
    script = Rewritten("r1", "versions/r1.py", (CREATED,), None)
    found = judge(head=[], rewritten=[script]).outcomes
    assert told(found) == ["table_dropped events by r1"]
    assert found[0].path == "versions/r1.py"


def test_edit_that_changes_no_table() -> None:
    noted = op("set_comment", column="id")
    script = Rewritten("r1", "versions/r1.py", (CREATED,), (CREATED, noted))
    assert judge(head=[("r1", [CREATED, noted])], rewritten=[script]) == ((), (), ())


@pytest.mark.parametrize(
    "done",
    [drop("old", "legacy"), drop_table("legacy"), rename_table("legacy", "other"), op("drop_view", "legacy")],
)
def test_an_edited_revision_is_not_blamed_for_what_it_did_in_base_already(done: Operation) -> None:
    """`legacy` is made by no script, r2 changed it long ago, and is now edited elsewhere."""
    script = Rewritten("r2", "versions/r2.py", (done,), (done, add("more text")))
    base = [*BASE, ("r2", [done])]
    head = [*BASE, ("r2", [done, add("more text")])]
    assert outcomes(base=base, head=head, rewritten=[script], protected=["legacy", "events"]) == []
    assert outcomes(("r2", [done]), protected=["legacy"]) != []


# --- squash


def squashed(*columns: str) -> list[str]:
    base = [
        ("r1", [create("events", "id int4", "hint int4")]),
        ("r2", [retype("hint", "TEXT"), add("kind text")]),
    ]
    made = create("events", *columns)
    rewritten = [Rewritten(revision, f"versions/{revision}.py", tuple(ops), None) for revision, ops in base]
    return outcomes(base=base, head=[("s1", [made])], rewritten=rewritten)


def test_squash_to_an_equal_baseline() -> None:
    assert squashed("kind text", "id INTEGER", "hint text") == []


def test_squash_to_a_baseline_that_differs_is_the_baselines_doing() -> None:
    assert squashed("id int4", "hint int4") == [
        "column_retyped events.hint text -> int4 by s1",
        "column_dropped events.kind by s1",
    ]


# --- net effects


def test_column_added_and_dropped_inside_the_change() -> None:
    found = judge(("r2", [add("more text")]), ("r3", [drop("more")]))
    assert found.outcomes == ()
    assert [(note.kind, note.column) for note in found.notes] == [("added_and_dropped", "more")]


@pytest.mark.parametrize(
    ("there", "back", "kind"),
    [
        (rename("hint", "tip"), rename("tip", "hint"), "renamed_and_back"),
        (rename_table("events", "e2"), rename_table("e2", "events"), "renamed_and_back"),
        (retype("id", "int8"), retype("id", "int4"), "retyped_and_back"),
    ],
)
def test_there_and_back_is_a_note(there: Operation, back: Operation, kind: str) -> None:
    found = judge(("r2", [there]), ("r3", [back]))
    assert found.outcomes == ()
    assert [(note.kind, len(note.steps)) for note in found.notes] == [(kind, 2)]


def test_table_created_and_dropped_inside_the_change() -> None:
    found = judge(("r2", [create("fresh", "id int4"), drop_table("fresh")]), protected=["fresh"])
    assert found.outcomes == ()
    assert [note.kind for note in found.notes] == ["added_and_dropped"]


# --- rebuilding a table or a column


NEW = create("events_new", "id int4", "kind text", "hint text")


def test_rebuilt_table_with_the_same_columns() -> None:
    change = [NEW, insert("events_new", "events"), drop_table(), rename_table("events_new", "events")]
    found = judge(("r2", change))
    assert found.outcomes == ()
    assert [note.kind for note in found.notes] == ["rebuilt"]


def test_rebuilt_table_that_lost_a_column() -> None:
    smaller = create("events_new", "id int8", "kind text")
    change = [smaller, insert("events_new", "events"), drop_table(), rename_table("events_new", "events")]
    found = judge(("r2", change)).outcomes
    assert told(found) == ["column_retyped events.id int4 -> int8 by r2", "column_dropped events.hint by r2"]
    assert found[1].operation is smaller


def test_rebuilt_the_other_way_round() -> None:
    change = [rename_table("events", "old"), CREATED, insert("events", "old"), drop_table("old")]
    assert outcomes(("r2", change)) == []


def test_rebuilt_with_the_old_table_kept_as_a_backup() -> None:
    change = [
        rename_table("events", "old"),
        create("events", "id int4", "kind text"),
        insert("events", "old"),
    ]
    assert outcomes(("r2", change)) == ["column_dropped events.hint by r2"]


def test_rebuilt_without_copying_the_rows_is_data_loss() -> None:
    change = [NEW, drop_table(), rename_table("events_new", "events")]
    assert outcomes(("r2", change)) == ["table_recreated events by r2"]


def test_rebuilt_by_create_table_as_select_everything() -> None:
    made = create("e2", like=("events",), incomplete=True, sql="CREATE TABLE e2 AS SELECT * FROM events")
    assert outcomes(("r2", [made, drop_table(), rename_table("e2", "events")])) == []


def test_rebuilt_by_create_table_as_select_of_what_nobody_can_say() -> None:
    made = create(
        "e2", like=("events",), incomplete=True, sql="CREATE TABLE e2 AS SELECT id, f(kind) FROM events"
    )
    assert outcomes(("r2", [made, drop_table(), rename_table("e2", "events")])) == [
        "table_emptied events by r2",
        "column_dropped events.id (conditional) by r2",
        "column_dropped events.kind (conditional) by r2",
        "column_dropped events.hint (conditional) by r2",
    ]


def test_rebuilt_column() -> None:
    update = op("dml", None, tables=("events",), sql="UPDATE events SET id_new = id")
    change = [add("id_new int8"), update, drop("id"), rename("id_new", "id")]
    assert outcomes(("r2", change)) == ["column_retyped events.id int4 -> int8 by r2"]


def test_rebuilt_column_without_its_values() -> None:
    change = [add("hint_new text"), drop("hint"), rename("hint_new", "hint")]
    assert outcomes(("r2", change)) == ["column_recreated events.hint by r2"]


def test_column_whose_values_went_to_another_table() -> None:
    archive = op("dml", None, tables=("archive",), sql="INSERT INTO archive (hint, hint_new) VALUES ('', '')")
    base = [*BASE, ("r1b", [create("archive", "hint text", "hint_new text")])]
    change = [add("hint_new text"), archive, drop("hint"), rename("hint_new", "hint")]
    assert outcomes(("r2", change), base=base) == ["column_recreated events.hint by r2"]


def test_column_filled_only_after_the_old_one_is_gone() -> None:
    update = op("dml", None, tables=("events",), sql="UPDATE events SET hint = '' WHERE hint IS NULL")
    assert outcomes(("r2", [drop("hint"), add("hint text"), update])) == [
        "column_recreated events.hint by r2"
    ]


# --- kept names


def test_renamed_table_with_a_view_under_its_old_name() -> None:
    view = op("create_view", "events", like=("happenings",), values=("*",))
    assert outcomes(("r2", [rename_table("events", "happenings"), view])) == [
        "table_renamed events -> happenings (kept) by r2"
    ]


def test_dropped_table_with_a_view_under_its_name() -> None:
    view = op("create_view", "events", values=("id", "kind", "hint"))
    assert outcomes(("r2", [drop_table(), view])) == ["table_dropped events (kept) by r2"]


@pytest.mark.parametrize("columns", [(), ("id", "kind"), ("*",)])
def test_a_view_that_may_lack_a_column_keeps_nothing(columns: tuple[str, ...]) -> None:
    view = op("create_view", "events", like=("others",), values=columns)
    assert outcomes(("r2", [rename_table("events", "happenings"), view])) == [
        "table_renamed events -> happenings by r2"
    ]


def test_renamed_column_with_the_old_one_computed_beside_it() -> None:
    computed = op("add_column", columns=(Column("hint", "text", generated="stored"),))
    assert outcomes(("r2", [rename("hint", "tip"), computed])) == [
        "column_renamed events.hint -> events.tip (kept) by r2"
    ]


def test_new_column_beside_the_old_one_is_no_outcome() -> None:
    assert outcomes(("r2", [add("tip text")])) == []


# --- conditions


def when(operation: Operation, branch: str = "12:then") -> Operation:
    return replace(operation, conditional=True, branch=branch)


def otherwise(operation: Operation) -> Operation:
    return when(operation, "12:else")


@pytest.mark.parametrize(
    ("then", "other", "expected"),
    [
        (
            rename("hint", "tip"),
            drop("hint"),
            [
                "column_renamed events.hint -> events.tip (conditional) by r2",
                "column_dropped events.hint (conditional) by r2",
            ],
        ),
        (
            drop("hint"),
            rename("hint", "tip"),
            [
                "column_renamed events.hint -> events.tip (conditional) by r2",
                "column_dropped events.hint (conditional) by r2",
            ],
        ),
        (drop("hint"), drop("hint"), ["column_dropped events.hint (conditional) by r2"]),
        (
            rename("hint", "tip"),
            rename("hint", "tip"),
            ["column_renamed events.hint -> events.tip (conditional) by r2"],
        ),
        (
            drop("hint"),
            retype("hint", "jsonb"),
            [
                "column_dropped events.hint (conditional) by r2",
                "column_retyped events.hint text -> jsonb (conditional) by r2",
            ],
        ),
        (
            retype("id", "int8"),
            retype("id", "int4"),
            ["column_retyped events.id int4 -> int8 (conditional) by r2"],
        ),
        (
            rename_table("events", "e2"),
            drop_table(),
            [
                "table_renamed events -> e2 (conditional) by r2",
                "table_dropped events (conditional) by r2",
            ],
        ),
        (
            drop_table(),
            drop("hint"),
            [
                "table_dropped events (conditional) by r2",
                "column_dropped events.hint (conditional) by r2",
            ],
        ),
        (
            add("tip text"),
            rename("hint", "tip"),
            ["column_renamed events.hint -> events.tip (conditional) by r2"],
        ),
        (create("events", "id int4"), add("more text"), []),
    ],
)
def test_both_arms_of_a_condition_count(then: Operation, other: Operation, expected: list[str]) -> None:
    assert outcomes(("r2", [when(then), otherwise(other)])) == expected


def test_conditional_rename_and_another_condition_that_takes_it_back() -> None:
    change = [when(rename("hint", "tip")), when(rename("tip", "hint"), "20:then")]
    assert outcomes(("r2", change)) == ["column_renamed events.hint -> events.tip (conditional) by r2"]


def test_conditional_rename_then_a_drop_of_the_old_name_in_the_next_revision() -> None:
    assert outcomes(("r2", [when(rename("hint", "tip"))]), ("r3", [drop("hint")])) == [
        "column_renamed events.hint -> events.tip (conditional) by r2",
        "column_dropped events.hint (conditional) by r3",
    ]


def test_conditional_step_on_a_column_that_is_not_there() -> None:
    assert outcomes(("r2", [when(drop("nothing")), when(rename("nothing", "more"))])) == []


# --- temporary tables


def test_a_temporary_table_hides_the_real_one() -> None:
    change = [create("events", "id int4", temporary=True), drop("id"), drop_table()]
    assert outcomes(("r2", change)) == []


def test_after_the_temporary_table_comes_the_real_one() -> None:
    change = [create("events", "id int4", temporary=True), drop_table(), drop_table()]
    assert outcomes(("r2", change)) == ["table_dropped events by r2"]


def test_a_temporary_table_that_only_may_have_been_made_hides_nothing() -> None:
    change = [when(create("events", "id int4", temporary=True)), drop_table()]
    assert outcomes(("r2", change)) == ["table_dropped events by r2"]


# --- tables that no script made


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        (drop("x", "legacy"), "column_dropped legacy.x by r2"),
        (drop("x", "legacy", if_exists=True), "column_dropped legacy.x by r2"),
        (rename("x", "y", "legacy"), "column_renamed legacy.x -> legacy.y by r2"),
        (retype("x", "int8", "legacy"), "column_retyped legacy.x None -> int8 by r2"),
        (
            retype("x", "int8", "legacy", existing_type="INTEGER"),
            "column_retyped legacy.x int4 -> int8 by r2",
        ),
        (drop_table("legacy"), "table_dropped legacy by r2"),
        (drop_table("legacy", if_exists=True), "table_dropped legacy by r2"),
        (rename_table("legacy", "modern"), "table_renamed legacy -> modern by r2"),
        (op("drop_schema", None, name="public", cascade=True), "table_dropped legacy by r2"),
        (op("rename_schema", None, name="public", new_name="p2"), "table_moved legacy -> p2.legacy by r2"),
        (op("opaque", None, tables=("legacy",)), "opaque legacy by r2"),
    ],
)
def test_a_table_made_elsewhere_is_judged_by_what_is_done_to_it(operation: Operation, expected: str) -> None:
    assert outcomes(("r2", [operation]), protected=["legacy"]) == [expected]


def test_a_type_that_is_the_same_as_the_existing_one() -> None:
    change = ("r2", [retype("x", "INT", "legacy", existing_type="INTEGER")])
    assert outcomes(change, protected=["legacy"]) == []


def test_creating_a_table_that_may_exist_does_not_hide_it() -> None:
    change = [create("legacy", "id int4", if_exists=True), drop("x", "legacy")]
    assert outcomes(("r2", change), protected=["legacy"]) == ["column_dropped legacy.x by r2"]


def test_a_table_of_this_change_is_nobodys_yet() -> None:
    change = [create("fresh", "id int4", "x text"), drop("x", "fresh"), rename_table("fresh", "fresher")]
    assert outcomes(("r2", change), protected=["fresh", "fresher"]) == []


def test_a_table_that_history_dropped_is_gone() -> None:
    base = [*BASE, ("r1b", [drop_table()])]
    assert outcomes(("r2", [drop_table(if_exists=True)]), base=base) == []


def test_the_name_that_history_lets_go_is_not_confused_with_a_newer_table() -> None:
    base = [*BASE, ("r1b", [rename_table("events", "old"), create("events", "id int4")])]
    assert outcomes(("r2", [drop("hint", "old")]), base=base) == []
    assert outcomes(("r2", [drop("hint", "old")]), base=base, protected=["old"]) == [
        "column_dropped old.hint by r2"
    ]


# --- types with names, cascades


ENUM_BASE: list[Revision] = [
    (
        "r1",
        [
            op("create_enum", None, name="mood", values=("ok", "sad")),
            create("events", "id int4", "mood mood", "moods mood[]"),
        ],
    )
]


def test_drop_type_cascade_drops_its_columns() -> None:
    change = ("r2", [op("drop_enum", None, name="mood", cascade=True)])
    assert outcomes(change, base=ENUM_BASE) == [
        "column_dropped events.mood by r2",
        "column_dropped events.moods by r2",
    ]


def test_a_renamed_type_is_the_columns_new_type() -> None:
    change = ("r2", [op("alter_enum", None, name="mood", action="rename", new_name="Feeling")])
    assert outcomes(change, base=ENUM_BASE) == [
        'column_retyped events.mood mood -> "Feeling" by r2',
        'column_retyped events.moods mood[] -> "Feeling"[] by r2',
    ]


def test_the_enum_dance_is_no_new_type_but_a_lost_value_is_told() -> None:
    change = [
        op("alter_enum", None, name="mood", action="rename", new_name="mood_old"),
        op("create_enum", None, name="mood", values=("ok",)),
        retype("mood", "mood"),
        retype("moods", "mood[]"),
        op("drop_enum", None, name="mood_old"),
    ]
    found = judge(("r2", change), base=ENUM_BASE)
    assert found.outcomes == ()
    assert [(shift.kind, shift.column, shift.old) for shift in found.shifts] == [
        ("values", "mood", "sad"),
        ("values", "moods", "sad"),
    ]


# --- opaque operations


@pytest.mark.parametrize(
    ("tables", "hit"),
    [
        ((ANY_TABLE,), True),
        ((), True),
        (("events",), True),
        (("public.events",), True),
        ((f"{HOLE}.events",), True),
        ((f"ev{HOLE}",), True),
        ((HOLE,), True),
        ((f"{HOLE}events",), True),
        (("other", "events"), True),
        (("other.events",), False),
        ((f"other.{HOLE}",), False),
        ((f"audit_{HOLE}",), False),
        (("other",), False),
    ],
)
def test_opaque_operation_counts_for_the_tables_that_it_may_touch(tables: tuple[str, ...], hit: bool) -> None:
    operation = op("opaque", None, tables=tables, reason="a loop over rows")
    assert outcomes(("r2", [operation])) == (["opaque events by r2"] if hit else [])


def test_opaque_operation_on_a_table_under_its_new_name() -> None:
    change = [rename_table("events", "happenings"), op("opaque", None, tables=("happenings",))]
    assert outcomes(("r2", change)) == ["table_renamed events -> happenings by r2", "opaque events by r2"]


def test_opaque_operation_and_a_table_that_this_change_creates() -> None:
    change = [create("fresh", "id int4"), op("opaque", None, tables=(ANY_TABLE,))]
    assert outcomes(("r2", change), protected=["fresh"]) == []


# --- views


def test_a_protected_view_that_is_dropped() -> None:
    base = [*BASE, ("r1b", [op("create_view", "recent", like=("events",))])]
    assert outcomes(("r2", [op("drop_view", "recent")]), base=base, protected=["recent"]) == [
        "table_dropped recent by r2"
    ]


def test_a_protected_view_that_goes_with_its_table() -> None:
    base = [*BASE, ("r1b", [op("create_view", "recent", like=("events",))])]
    assert outcomes(("r2", [drop_table(cascade=True)]), base=base, protected=["recent"]) == [
        "table_dropped recent by r2"
    ]


def test_a_view_made_anew_as_it_was_is_no_outcome() -> None:
    made = op("create_view", "recent", sql="CREATE VIEW recent AS SELECT count(*) FROM events")
    base = [*BASE, ("r1b", [made])]
    assert outcomes(("r2", [op("drop_view", "recent"), made]), base=base, protected=["recent"]) == []


def test_a_view_made_anew_that_gives_out_what_is_not_known_may_be_another() -> None:
    base = [*BASE, ("r1b", [op("create_view", "recent")])]
    change = [op("drop_view", "recent"), op("create_view", "recent")]
    assert outcomes(("r2", change), base=base, protected=["recent"]) == [
        "table_recreated recent (conditional) by r2"
    ]


# --- shifts


def shifts(
    *operations: Operation, base: Sequence[Revision]
) -> list[tuple[str, str | None, str | None, str | None]]:
    found = judge(("r2", operations), base=base)
    assert all(shift.step is not None and shift.step.revision == "r2" for shift in found.shifts)
    return [(shift.kind, shift.column, shift.old, shift.new) for shift in found.shifts]


def test_nullability_and_defaults() -> None:
    base = [
        ("r1", [op("create_table", columns=(Column("x", "text", False, "''"), Column("at", "date", True)))])
    ]
    assert shifts(op("set_nullable", column="x", nullable=True), base=base) == [
        ("nullable", "x", "not null", "null")
    ]
    assert shifts(op("set_default", column="x", default=None), base=base) == [("default", "x", "''", None)]
    assert shifts(op("set_default", column="x", default="''::text"), base=base) == []
    assert shifts(op("set_default", column="at", default="now()"), base=base) == [
        ("default", "at", None, "now()")
    ]


UNIQUE = Index("u", ("id", "kind"), unique=True, where="kind = 'x'")
INDEXED: list[Revision] = [*BASE, ("r1b", [op("create_index", index=UNIQUE, name="u")])]


@pytest.mark.parametrize(
    ("operations", "lost"),
    [
        ([op("drop_index", None, name="u")], True),
        (
            [op("drop_index", name="u"), op("create_index", index=Index("v", UNIQUE.columns, unique=True))],
            True,
        ),
        (
            [
                op("drop_index", name="u"),
                op("create_index", index=Index("v", ("kind", "id"), unique=True, where="(KIND = 'x'::text)")),
            ],
            False,
        ),
        ([op("rename_index", None, name="u", new_name="v")], False),
        ([rename("kind", "sort")], False),
        ([drop("kind")], True),
    ],
)
def test_an_index_is_lost_when_nothing_does_its_work(operations: list[Operation], lost: bool) -> None:
    found = judge(("r2", operations), base=INDEXED).shifts
    assert [(shift.kind, shift.lost) for shift in found] == ([("index_dropped", UNIQUE)] if lost else [])


def test_a_constraint_that_the_database_named_itself() -> None:
    unique = Constraint("unique", None, ("id", "kind"))
    base = [("r1", [op("create_table", columns=CREATED.columns, constraints=(unique,))])]
    change = op("drop_constraint", constraints=(Constraint("unknown", "events_id_kind_key"),))
    assert [shift.lost for shift in judge(("r2", [change]), base=base).shifts] == [unique]


# --- names that fold


def test_names_fold_as_the_dialect_folds_them() -> None:
    change = ("r2", [drop("HINT", "Events")])
    assert outcomes(change, dialect="mysql") == ["column_dropped events.hint by r2"]
    # On PostgreSQL "HINT" of "Events" is another column of another table.
    assert outcomes(change) == []


# --- every revision as if new


def test_every_revision_judged_as_if_new() -> None:
    history: list[Revision] = [
        ("r1", [create("autopsies", "id int4", "hint text")]),
        ("r2", [drop("hint", "autopsies")]),
        ("r3", [rename_table("autopsies", "events"), add("kind text", "events")]),
        ("r4", [create("other", "id int4"), drop("id", "other")]),
        ("r5", [rename("kind", "sort")]),
        ("r6", [op("opaque", None, tables=(ANY_TABLE,))]),
        ("r7", [drop_table()]),
        ("r8", [op("opaque", None, tables=(ANY_TABLE,))]),
    ]
    catalog = Catalog()
    recordings = [record(catalog, *revision) for revision in history]
    found = [
        line
        for each in difference_by_revision(Catalog(), recordings, [EVENTS].__contains__)
        for line in told(each.outcomes)
    ]
    assert found == [
        "column_dropped autopsies.hint by r2",
        "table_renamed autopsies -> events by r3",
        "column_renamed events.kind -> events.sort by r5",
        "opaque events by r6",
        "table_dropped events by r7",
    ]
