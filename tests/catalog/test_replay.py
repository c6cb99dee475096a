"""What a catalog holds after operations, and that it survives being stored."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from migration_lint.catalog.expressions import canonical_expression
from migration_lint.catalog.model import Catalog, Table, revision_of
from migration_lint.catalog.outcome import TableName
from migration_lint.catalog.replay import replay
from migration_lint.catalog.stored import catalog_from_json, catalog_to_json
from migration_lint.operations import Column, Constraint, Dialect, Index, Kind, Operation


def op(kind: Kind, table: str | None = "t", column: str | None = None, **fields: Any) -> Operation:
    return Operation(kind=kind, table=table, column=column, **fields)


def create(*columns: str, table: str = "t", **fields: Any) -> Operation:
    return op("create_table", table, columns=tuple(Column(*text.split(" ", 1)) for text in columns), **fields)


def replayed(*operations: Operation, dialect: Dialect = "postgresql") -> Catalog:
    """One revision for each operation: r1, r2, …"""
    catalog = Catalog(dialect)
    for number, operation in enumerate(operations, 1):
        replay(catalog, f"r{number}", [operation])
    return catalog


def table(catalog: Catalog, name: str = "t", schema: str | None = None) -> Table:
    found = catalog.table(schema, name)
    assert found is not None
    return found


def columns(catalog: Catalog, name: str = "t") -> list[str]:
    return [f"{column.name} {column.type}" for column in table(catalog, name).columns.values()]


def test_columns_after_each_kind_of_step() -> None:
    catalog = replayed(
        create("id int4", "a text", "b text"),
        op("add_column", columns=(Column("c", "date"),)),
        op("drop_column", column="b"),
        op("rename_column", column="a", new_name="z"),
        op("alter_type", column="z", type="jsonb"),
    )
    assert columns(catalog) == ["id int4", "z jsonb", "c date"]


def test_identity_outlives_names() -> None:
    catalog = replayed(
        create("a text"),
        op("rename_column", column="a", new_name="b"),
        op("rename_table", new_name="u"),
        op("move_table", "u", new_schema="s"),
    )
    moved = table(catalog, "u", "s")
    assert revision_of(moved.identity) == revision_of(moved.columns["b"].identity) == "r1"
    assert moved.all_names == (TableName("public", "t"), TableName("public", "u"), TableName("s", "u"))
    assert moved.identity == table(replayed(create("a text"))).identity


def test_what_one_revision_makes_twice_has_two_identities() -> None:
    catalog = Catalog()
    replay(catalog, "r1", [create("a text")])
    first = table(catalog)
    replay(catalog, "r1", [create("a text"), op("drop_table"), create("a text")])
    again = [
        create("a text"),
        op("drop_column", column="a"),
        op("add_column", columns=(Column("a", "text"),)),
    ]
    other = Catalog()
    replay(other, "r1", again)
    assert table(other).identity == first.identity
    assert table(other).columns["a"].identity != first.columns["a"].identity


def test_a_table_that_nothing_created_is_implied_and_incomplete() -> None:
    catalog = replayed(op("alter_type", column="a", type="int8", existing_type="int4"))
    found = table(catalog)
    assert (found.complete, found.implied, columns(catalog)) == (False, True, ["a int8"])
    assert table(replayed(create("a int4"))).complete


def test_creating_an_implied_table_completes_it() -> None:
    found = table(replayed(op("alter_type", column="a", type="int8"), create("a int8", "b text")))
    assert (found.complete, list(found.columns)) == (True, ["a", "b"])


@pytest.mark.parametrize("fields", [{"if_exists": True}, {"conditional": True}])
def test_creating_what_may_exist_leaves_it_alone(fields: dict[str, Any]) -> None:
    assert columns(replayed(create("a int4"), create("a text", "b text", **fields))) == ["a int4"]


def test_creating_what_exists_takes_what_is_new() -> None:
    catalog = replayed(create("a int4", "c date"), create("a text", "b text"))
    assert columns(catalog) == ["a text", "c date", "b text"]
    assert table(catalog).uncertain


def test_keys_are_not_null() -> None:
    keyed = create("a int4", constraints=(Constraint("primary_key", None, ("a",)),))
    assert table(replayed(keyed)).columns["a"].nullable is False
    added = op("add_constraint", constraints=(Constraint("primary_key", None, ("a",)),))
    assert table(replayed(create("a int4"), added)).columns["a"].nullable is False


def test_dropping_a_column_takes_its_indexes_and_constraints() -> None:
    found = table(
        replayed(
            create("a int4", "b int4", constraints=(Constraint("unique", "u", ("a", "b")),)),
            op("create_index", index=Index("i", ("lower(a)",), expressions=True)),
            op("create_index", index=Index("w", ("b",), where="a > 0")),
            op("create_index", index=Index("k", ("b",), where="b <> 'a'")),
            op("drop_column", column="a"),
        )
    )
    assert ([index.name for index in found.indexes], found.constraints) == (["k"], ())


def test_renaming_a_column_renames_it_in_indexes_and_constraints() -> None:
    found = table(
        replayed(
            create("a int4", constraints=(Constraint("check", "c", (), expression="a > 0 OR 'a' = 'a'"),)),
            op("create_index", index=Index("i", ("a",), unique=True, where="a IS NOT NULL")),
            op("rename_column", column="a", new_name="b"),
        )
    )
    assert found.constraints[0].expression == "b > 0 OR 'a' = 'a'"
    assert found.indexes[0] == Index("i", ("b",), unique=True, where="b IS NOT NULL")
    assert found.is_unique_on(("b",), "b is not null", fold=str)
    assert not found.is_unique_on(("b",), fold=str)


def test_constraint_made_of_an_index() -> None:
    found = table(
        replayed(
            create("a int4"),
            op("create_index", index=Index("i", ("a",), unique=True)),
            op("add_constraint", constraints=(Constraint("unique", "u", using_index="i"),)),
        )
    )
    assert found.indexes == ()
    assert found.is_unique_on(("a",), fold=str)


def test_an_index_is_found_without_its_table_even_after_a_rename() -> None:
    operations = (
        create("a int4"),
        op("create_index", index=Index("i", ("a",))),
        op("drop_index", None, name="nothing"),
        op("rename_table", new_name="u"),
        op("drop_index", None, name="i"),
    )
    assert table(replayed(*operations), "u").indexes == ()


@pytest.mark.parametrize(
    "constraint", [Constraint("unique", None, ("a",)), Constraint("primary_key", None, ("a",))]
)
def test_mysql_unique_constraint_is_dropped_by_its_index_or_by_its_name(constraint: Constraint) -> None:
    named = Constraint(constraint.kind, "x", ("a",))
    made = create("a int4", constraints=(named,))
    by_name = op("drop_constraint", constraints=(Constraint("unknown", "x"),))
    assert table(replayed(made, by_name, dialect="mysql")).constraints == ()
    assert table(replayed(made, op("drop_index", name="x"), dialect="mysql")).constraints == ()


def test_drop_table_cascade_takes_foreign_keys_and_views() -> None:
    foreign = Constraint("foreign_key", "fk", ("a",), referred_table="t", referred_columns=("id",))
    catalog = replayed(
        create("id int4"),
        create("a int4", table="u", constraints=(foreign,)),
        op("create_view", "v", like=("t",)),
        op("create_view", "w", like=("v",)),
        op("drop_table", cascade=True),
    )
    assert table(catalog, "u").constraints == ()
    assert catalog.views == {}


def test_foreign_keys_and_views_follow_a_renamed_table() -> None:
    foreign = Constraint("foreign_key", "fk", ("a",), referred_table="t", referred_columns=("id",))
    catalog = replayed(
        create("id int4"),
        create("a int4", table="u", constraints=(foreign,)),
        op("create_view", "v", like=("t",)),
        op("rename_table", new_name="t2"),
        op("drop_table", "t2", cascade=True),
    )
    assert table(catalog, "u").constraints == ()
    assert catalog.views == {}


@pytest.mark.parametrize(
    ("sql", "expected", "complete"),
    [
        ("CREATE TABLE u (LIKE t INCLUDING ALL)", ["a int4", "b text"], True),
        ("CREATE TABLE u LIKE t", ["a int4", "b text"], True),
        ("CREATE TABLE u AS SELECT * FROM t WHERE a > 1", ["a int4", "b text"], True),
        ("CREATE TABLE u AS SELECT a AS c FROM t", [], False),
        (None, [], False),
    ],
)
def test_table_made_like_another(sql: str | None, expected: list[str], complete: bool) -> None:
    catalog = replayed(create("a int4", "b text"), create(table="u", like=("t",), incomplete=True, sql=sql))
    assert (columns(catalog, "u"), table(catalog, "u").complete) == (expected, complete)


def test_schemas() -> None:
    catalog = replayed(
        create("a int4"), create("a int4", schema="s"), op("rename_schema", None, name="s", new_name="z")
    )
    assert catalog.table("s", "t") is None
    assert table(catalog, "t", "z").former == (TableName("s", "t"),)
    replay(catalog, "r9", [op("drop_schema", None, name="z", cascade=True)])
    assert [found.full_name for found in catalog.tables()] == [TableName("public", "t")]


def test_stored_and_read_back() -> None:
    catalog = replayed(
        create("a int4", "b text", constraints=(Constraint("unique", None, ("a", "b")), Constraint("check"))),
        op("create_index", index=Index("i", ("a",), unique=True, where="a > 0")),
        op("create_index", index=Index(None)),
        op("rename_table", new_name="u"),
        create("x mood", table="gone"),
        op("drop_table", "gone"),
        op("create_view", "v", like=("u",)),
        op("create_enum", None, name="mood", values=("ok",)),
        op("drop_column", "elsewhere", "x"),
    )
    stored = json.loads(json.dumps(catalog_to_json(catalog)))
    assert catalog_from_json(*stored) == catalog
    assert catalog_from_json(*catalog_to_json(catalog_from_json(*stored))) == catalog


def test_a_copy_goes_its_own_way() -> None:
    catalog = replayed(create("a int4"))
    other = catalog.copy()
    replay(other, "r2", [op("drop_column", column="a"), op("create_view", "v")])
    assert columns(catalog) == ["a int4"]
    assert catalog.views == {}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("'0'", "0"),
        ("now()", "CURRENT_TIMESTAMP"),
        ("'[]'::jsonb", "'[]'"),
        ("((kind = 'x'::text))", "KIND = 'x'"),
        ("'a'::character varying(50)", "'a'"),
        ('"kind" = 1', "kind=1"),
    ],
)
def test_expressions_that_are_the_same(one: str, other: str) -> None:
    assert canonical_expression(one) == canonical_expression(other)


@pytest.mark.parametrize(("one", "other"), [("'A'", "'a'"), ("0", "1"), ("''", None), ("(a) = (b)", "a = b")])
def test_expressions_that_are_not(one: str, other: str | None) -> None:
    assert canonical_expression(one) != canonical_expression(other)


@pytest.mark.parametrize(
    ("dialect", "one", "same"),
    [
        ("postgresql", '"Kind" > 0', False),
        ("sqlite", '"Kind" > 0', True),
        ("mysql", "`Kind` > 0", True),
        ("mariadb", "`kind` > 0", True),
        ("oracle", '"KIND" > 0', True),
        ("oracle", '"Kind" > 0', False),
    ],
)
def test_names_in_quotes_mean_what_the_server_reads(dialect: Dialect, one: str, same: bool) -> None:
    fold = Catalog(dialect).fold
    assert (canonical_expression(one, fold) == canonical_expression("Kind > 0", fold)) == same


def test_a_thousand_revisions_are_quick() -> None:
    history = []
    for number in range(1000):
        name = f"t{number // 4}"
        made = create("id int4", "a text", "b text", "c text", "d date", table=name)
        steps = [
            [made, op("create_index", name, index=Index(f"i{number}", ("a",)))],
            [op("add_column", name, columns=(Column("e", "int4"),)), op("drop_column", name, "b")],
            [op("alter_type", name, "c", type="jsonb"), op("set_nullable", name, "c", nullable=False)],
            [op("rename_column", name, "a", new_name="z"), op("drop_index", None, name=f"i{number - 3}")],
        ][number % 4]
        history.append((f"r{number}", steps))
    best = 1.0
    for _ in range(3):
        catalog, started = Catalog(), time.process_time()
        for revision, operations in history:
            replay(catalog, revision, operations)
        best = min(best, time.process_time() - started)
    assert len(catalog.rows) == 250
    assert best < 0.2  # about 0.02 s on an idle machine; the bound only catches what is quadratic
