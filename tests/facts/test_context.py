"""What stands around an operation, read off a catalog."""

from __future__ import annotations

import pytest

from migration_lint.catalog.emptying import is_every_row
from migration_lint.catalog.model import Catalog
from migration_lint.catalog.replay import replay
from migration_lint.facts.context import (
    counterpart,
    dependents,
    duplicates,
    is_unindexed,
    made_again,
    primary_key,
)
from migration_lint.facts.names import given_names, reserved, too_long
from migration_lint.operations import Column, Constraint, Dialect, Index, Operation
from migration_lint.reading.sql import read_sql

SCHEMA = """
    CREATE TABLE team (id bigint PRIMARY KEY);
    CREATE TABLE audit (
        id bigint PRIMARY KEY,
        kind text NOT NULL,
        day date,
        note varchar(20),
        size int CHECK (size > 0),
        team_id bigint CONSTRAINT audit_team_fk REFERENCES team (id),
        CONSTRAINT audit_once UNIQUE (kind, day)
    );
    CREATE INDEX audit_day ON audit (day);
    CREATE INDEX audit_open ON audit (kind) WHERE day IS NULL;
    CREATE INDEX audit_lower ON audit (lower(note));
    CREATE VIEW days AS SELECT id, day FROM audit;
    CREATE VIEW everything AS SELECT * FROM audit;
"""


def operations(sql: str, dialect: Dialect = "postgresql") -> list[Operation]:
    return list(read_sql(sql, dialect)[0])


def catalog() -> Catalog:
    made = Catalog("postgresql")
    replay(made, "a1", operations(SCHEMA))
    return made


@pytest.mark.parametrize(
    ("column", "indexes", "constraints", "views", "shared"),
    [
        ("day", ("audit_day", "audit_open"), ("audit_once",), ("days", "everything"), ("audit_once",)),
        ("kind", ("audit_open",), ("audit_once",), ("everything",), ("audit_once",)),
        ("note", ("audit_lower",), (), ("everything",), ()),
        ("size", (), ("check (size > 0)",), ("everything",), ()),
        ("team_id", (), ("audit_team_fk",), ("everything",), ()),
    ],
)
def test_what_hangs_on_a_column(
    column: str,
    indexes: tuple[str, ...],
    constraints: tuple[str, ...],
    views: tuple[str, ...],
    shared: tuple[str, ...],
) -> None:
    there = catalog()
    found = dependents(there, there.table(None, "audit"), column)
    assert (found.indexes, found.constraints, found.views, found.shared) == (
        indexes,
        constraints,
        views,
        shared,
    )


def test_what_hangs_on_a_table() -> None:
    there = catalog()
    found = dependents(there, there.table(None, "team"), None)
    assert found.references == ("audit",)
    assert found.constraints == ("primary key (id)",)
    assert dependents(there, None, None).indexes == ()


@pytest.mark.parametrize(
    ("statement", "every"),
    [
        ("DELETE FROM audit", True),
        ("UPDATE audit SET note = ''", True),
        ("TRUNCATE audit", True),
        ("DELETE FROM audit WHERE id = 1", False),
        ("DELETE FROM audit USING team WHERE team.id = audit.team_id", False),
        ("UPDATE audit SET note = (SELECT 'x' FROM team WHERE id = 1)", True),
        ("INSERT INTO audit (id) VALUES (1)", False),
        ("DELETE FROM audit -- WHERE id = 1", True),
        ("DELETE FROM audit WHERE id = 1 OR true", True),
        ("DELETE FROM audit WHERE 1 = 1", True),
        ("DELETE FROM audit WHERE '1'", True),
        ("DELETE FROM audit WHERE 1 = 1 ORDER BY id LIMIT 9", False),
    ],
)
def test_a_statement_is_about_every_row_or_not(statement: str, every: bool) -> None:
    [operation] = operations(statement)
    assert is_every_row(operation, Catalog()) is every


@pytest.mark.parametrize(
    ("revision", "found"),
    [
        ("ALTER TABLE audit ADD notes varchar(20); ALTER TABLE audit DROP note", "notes"),
        ("ALTER TABLE audit DROP note; ALTER TABLE audit ADD user_note varchar(20)", "user_note"),
        ("ALTER TABLE audit DROP note; ALTER TABLE audit ADD website_url varchar(20)", ""),
        ("ALTER TABLE audit DROP team_id; ALTER TABLE audit ADD group_id bigint", "group_id"),
        ("ALTER TABLE audit ADD notes text; ALTER TABLE audit DROP note", ""),
        ("ALTER TABLE team ADD notes varchar(20); ALTER TABLE audit DROP note", ""),
        ("ALTER TABLE audit ADD notes varchar(20), ADD note2 varchar(20), DROP note", ""),
        (
            "ALTER TABLE audit ADD notes varchar(20); UPDATE audit SET notes = note;"
            " ALTER TABLE audit DROP note",
            "",
        ),
    ],
)
def test_the_column_that_a_dropped_one_may_have_been_meant_to_become(revision: str, found: str) -> None:
    steps = operations(revision)
    [drop] = [each for each in steps if each.kind == "drop_column"]
    assert counterpart(drop, steps, catalog()) == found


def test_what_is_made_again_later_on() -> None:
    there = catalog()
    drop, make, other = operations(
        "DROP INDEX audit_day; CREATE INDEX audit_day ON audit (day); DROP TABLE team"
    )
    assert made_again(drop, [make], there)
    assert not made_again(drop, [other], there)
    assert not made_again(other, [drop, make], there)


@pytest.mark.parametrize(
    ("index", "same"),
    [
        (Index("new", ("day",)), ("audit_day",)),
        (Index("new", ("kind", "day")), ("audit_once",)),
        (Index("new", ("day", "kind")), ()),
        (Index("new", ("day",), unique=True), ()),
        (Index("new", ("kind",), where="day is null"), ("audit_open",)),
        (Index("new", ("kind",)), ()),
        (Index("new", ("id",)), ("primary key (id)",)),
        (Index("new", ("?",), expressions=True), ()),
    ],
)
def test_indexes_that_do_the_same(index: Index, same: tuple[str, ...]) -> None:
    there = catalog()
    assert duplicates(index, there.table(None, "audit"), there) == same


def test_foreign_keys_without_an_index() -> None:
    there = catalog()
    audit = there.table(None, "audit")
    assert is_unindexed(Constraint("foreign_key", columns=("team_id",)), audit, there)
    assert not is_unindexed(Constraint("foreign_key", columns=("day",)), audit, there)
    assert not is_unindexed(Constraint("foreign_key", columns=("day", "kind")), audit, there)
    assert is_unindexed(Constraint("foreign_key", columns=("kind", "note")), audit, there)
    assert primary_key(audit) == ("id",)
    assert primary_key(None) == ()


@pytest.mark.parametrize(
    ("dialect", "name", "long"),
    [
        ("postgresql", "a" * 63, False),
        ("postgresql", "a" * 64, True),
        ("postgresql", "ä" * 32, True),
        ("mysql", "ä" * 64, False),
        ("mysql", "a" * 65, True),
        ("sqlite", "a" * 900, False),
    ],
)
def test_names_that_are_too_long(dialect: Dialect, name: str, long: bool) -> None:
    made = Operation(kind="rename_table", table="t", new_name=name)
    assert bool(too_long(given_names(made, dialect), dialect)) is long


def test_a_name_that_the_reader_cut_off_is_found_where_it_was_written() -> None:
    [made] = operations(f"CREATE TABLE {'a' * 70} (id int)")
    assert too_long(given_names(made, "postgresql"), "postgresql") == ("a" * 70,)


@pytest.mark.parametrize(
    ("dialect", "name", "quoted"),
    [
        ("postgresql", "user", True),
        ("postgresql", "teamId", True),
        ("postgresql", "team id", True),
        ("postgresql", "team_id2", False),
        ("mysql", "rank", True),
        ("mariadb", "teamId", False),
        ("sqlite", "order", True),
    ],
)
def test_names_that_have_to_be_quoted(dialect: Dialect, name: str, quoted: bool) -> None:
    made = Operation(kind="add_column", table="t", columns=(Column(name),))
    assert bool(reserved(made, dialect)) is quoted


@pytest.mark.parametrize(
    ("revision", "again"),
    [
        ("ALTER TABLE audit DROP note; ALTER TABLE audit ADD note text", True),
        ("ALTER TABLE audit DROP initial; ALTER TABLE audit ADD initial text", False),
        (
            "SELECT id, note FROM audit; ALTER TABLE audit DROP note; ALTER TABLE audit ADD note text;"
            " UPDATE audit SET note = 'x' WHERE id = 1",
            False,
        ),
        (
            "SELECT id, note FROM audit; ALTER TABLE audit DROP note; ALTER TABLE audit ADD note text;"
            " UPDATE team SET id = 1",
            True,
        ),
        (
            "ALTER TABLE audit DROP note; ALTER TABLE audit ADD note text; UPDATE audit SET note = 'x'",
            True,
        ),
    ],
)
def test_a_column_whose_values_come_back_is_not_only_made_again(revision: str, again: bool) -> None:
    there = catalog()
    replay(
        there,
        "a2",
        operations("ALTER TABLE audit ADD initial text GENERATED ALWAYS AS (left(kind, 1)) STORED"),
    )
    steps = operations(revision)
    at = next(n for n, each in enumerate(steps) if each.kind == "drop_column")
    assert made_again(steps[at], steps[at + 1 :], there, steps[:at]) is again
