"""What a table of SQLite loses in batch mode, as Alembic on SQLite itself says."""

from __future__ import annotations

import warnings

import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations

from migration_lint.catalog.journal import Journal
from migration_lint.catalog.model import Catalog
from migration_lint.catalog.replay import replay
from migration_lint.catalog.replay.reflection import triggers_on, unseen
from migration_lint.reading import read_script_text
from migration_lint.reading.sql import read_sql

TABLE = "CREATE TABLE t (id INTEGER {} PRIMARY KEY, a TEXT, b INTEGER, CONSTRAINT ck_b CHECK (b > 0){})"
PLAIN = TABLE.format("NOT NULL", "")
TRIGGER = "CREATE TRIGGER tr AFTER INSERT ON t BEGIN DELETE FROM t WHERE b IS NULL; END"

#: What stands beside the table, by name; "": the table itself.
BESIDE = {
    "i_plain": "CREATE INDEX i_plain ON t (a, b)",
    "i_unique": "CREATE UNIQUE INDEX i_unique ON t (a)",
    "i_where": "CREATE INDEX i_where ON t (a) WHERE b IS NOT NULL",
    "i_where_below": "CREATE INDEX i_where_below ON t (a)\nWHERE (b IS NOT NULL) AND a > 'z'",
    "i_where_of_lines": "CREATE UNIQUE INDEX i_where_of_lines ON t (a) WHERE b > 1\n    AND a IS NOT NULL",
    "i_where_close": "CREATE UNIQUE INDEX i_where_close ON t (a) WHERE(b > 1)",
    "i_where_closer": "CREATE UNIQUE INDEX i_where_closer ON t (a)WHERE b > 1",
    "i_where_behind": "CREATE UNIQUE INDEX i_where_behind ON t (a) /* in part */ WHERE b > 1",
    "i_ascending": "CREATE INDEX i_ascending ON t (b ASC)",
    "i_desc": "CREATE INDEX i_desc ON t (a, b DESC)",
    "i_collated": "CREATE INDEX i_collated ON t (a COLLATE NOCASE)",
    "i_lower": "CREATE INDEX i_lower ON t (lower(a))",
    "i_mixed": "CREATE INDEX i_mixed ON t (b, lower(a))",
    "tr": TRIGGER,
}
BATCHES = {
    'batch.alter_column("b", nullable=False, existing_type=sa.Integer())': True,
    'batch.alter_column("b", type_=sa.BigInteger())': True,
    'batch.create_unique_constraint("uq_b", ["b"])': True,
    'batch.add_column(sa.Column("c", sa.Text()))': False,
    'batch.create_index("i_new", ["b"])': False,
}


def _definitions(connection: sa.Connection) -> dict[str, str]:
    rows = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
    # ASC is what is meant where neither is said, and a line may end before WHERE.
    return {
        name: sql.replace('"', "").replace(" ASC", "").replace(")\nWHERE", ") WHERE") for name, sql in rows
    }


def _really_lost(statements: list[str], batch: str) -> set[str]:
    """The names of what is gone, or is defined otherwise, once Alembic has run the batch."""
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for statement in statements:
            connection.exec_driver_sql(statement)
        before = _definitions(connection)
        op = Operations(MigrationContext.configure(connection))
        with op.batch_alter_table("t") as made:
            eval(batch, {"batch": made, "sa": sa})
        after = _definitions(connection)
    return {name for name, sql in before.items() if name != "t" and after.get(name) != sql}


@pytest.mark.parametrize("batch", BATCHES)
def test_what_is_beside_the_table_is_lost_as_alembic_loses_it(batch: str) -> None:
    statements = [PLAIN, *BESIDE.values()]
    catalog = Catalog("sqlite", None)
    for number, statement in enumerate(statements):
        replay(catalog, f"a{number}", read_sql(statement, "sqlite").operations)
    head = "from alembic import op\nimport sqlalchemy as sa\n\n\ndef upgrade():\n"
    script = f'{head}    with op.batch_alter_table("t") as batch:\n        {batch}\n'
    (table,) = catalog.tables()
    told = {each.what.split()[-1] for each in unseen(table, triggers_on(catalog, catalog.key(None, "t")))}
    journal = Journal()
    replay(catalog, "b", read_script_text(script, "sqlite").upgrade, journal)
    (left,) = catalog.tables()

    lost = _really_lost(statements, batch)
    assert bool(lost) is BATCHES[batch]
    if lost:
        assert told == lost
        assert not list(unseen(left, triggers_on(catalog, catalog.key(None, "t"))))  # told once
    gone = {
        entry.before.name for entry in journal.entries if entry.effect == "index_dropped" and entry.before
    }
    assert gone == {name for name in lost if name.startswith("i_")}


#: Calls for an index of Alembic's, and what making its table anew leaves of it otherwise.
CREATED = {
    '"i", "t", ["a"], unique=True, sqlite_where=sa.text("b > 1")': "",
    '"i", "t", ["a"], sqlite_where=sa.column("b") == 1': "",
    '"i", "t", ["a"], postgresql_ops={"a": op.f("text_ops")}, mysql_length={"a": op.get_bind}': "",
    '"i", "t", [sa.text("a")]': "",
    '"i", "t", [sa.text("a ASC")]': "",
    '"i", "t", [sa.text("a DESC")]': "the order or collation of index i",
    '"i", "t", ["a"], sqlite_where=sa.text("b > 1\\n AND a > 2")': "a part of the WHERE of index i",
    '"i", "t", [sa.text("a DESC")], sqlite_where=sa.text("b > 1\\nAND a > 2")': (
        "the order or collation and a part of the WHERE of index i"
    ),
}


@pytest.mark.parametrize("call", CREATED)
def test_an_index_of_alembic_s_is_lost_as_alembic_loses_it(call: str) -> None:
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        connection.exec_driver_sql(PLAIN)
        op = Operations(MigrationContext.configure(connection))
        eval(f"op.create_index({call})", {"op": op, "sa": sa})
        before = _definitions(connection)
        with op.batch_alter_table("t") as batch:
            batch.alter_column("b", nullable=False, existing_type=sa.Integer())
        assert (before["i"] == _definitions(connection)["i"]) is (CREATED[call] == "")

    catalog = Catalog("sqlite", None)
    replay(catalog, "a", read_sql(PLAIN, "sqlite").operations)
    head = "from alembic import op\nimport sqlalchemy as sa\n\n\ndef upgrade():\n"
    replay(catalog, "b", read_script_text(f"{head}    op.create_index({call})\n", "sqlite").upgrade)
    (found,) = catalog.tables()
    assert [each.what for each in unseen(found, ())] == ([CREATED[call]] if CREATED[call] else [])


@pytest.mark.parametrize(
    ("table", "part"),
    [
        (TABLE.format("NOT NULL", ", CHECK (a <> '')"), "CHECK (a <> '')"),
        (TABLE.format("NOT NULL", ", CONSTRAINT ck_a CHECK (a <> '')"), ""),
        (PLAIN.replace("PRIMARY KEY", "PRIMARY KEY AUTOINCREMENT"), "AUTOINCREMENT"),
        (PLAIN, ""),
    ],
)
def test_what_is_in_the_table_is_lost_as_alembic_loses_it(table: str, part: str) -> None:
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        connection.exec_driver_sql(table)
        with Operations(MigrationContext.configure(connection)).batch_alter_table("t") as batch:
            batch.alter_column("b", nullable=False, existing_type=sa.Integer())
        assert (part in _definitions(connection)["t"]) is (part == "")

    catalog = Catalog("sqlite", None)
    replay(catalog, "a", read_sql(table, "sqlite").operations)
    (found,) = catalog.tables()
    assert [each.what for each in unseen(found, ())] == ([part] if part else [])


def test_what_a_batch_is_given_the_table_for_is_no_matter_of_what_is_seen() -> None:
    head = "from alembic import op\nimport sqlalchemy as sa\n\n\ndef upgrade():\n"
    copied = 'sa.Table("t", sa.MetaData(), sa.Column("id", sa.Integer()))'
    for given in (f"copy_from={copied}", 'table_args=(sa.CheckConstraint("a > 1"),)'):
        script = (
            f'{head}    with op.batch_alter_table("t", {given}) as batch:\n        batch.drop_column("a")\n'
        )
        assert not any(each.reflected for each in read_script_text(script, "sqlite").upgrade)
    plain = f'{head}    with op.batch_alter_table("t") as batch:\n        batch.drop_column("a")\n'
    assert [each.reflected for each in read_script_text(plain, "sqlite").upgrade] == [True]
    assert [each.reflected for each in read_script_text(plain, "postgresql").upgrade] == [False]
