"""What is there of all that some revisions touch, and what is the same in spite of them."""

from __future__ import annotations

from migration_lint.catalog.model import Catalog
from migration_lint.catalog.recording import Recording, record
from migration_lint.facts.present import Changed
from migration_lint.reading.sql import read_sql

SCHEMA = """
    CREATE TABLE team (id bigint PRIMARY KEY);
    CREATE TABLE audit (id bigint, kind text, day date, CONSTRAINT audit_once UNIQUE (kind, day));
    CREATE INDEX audit_day ON audit (day);
    CREATE VIEW days AS SELECT id, day FROM audit;
    CREATE TYPE mood AS ENUM ('glad');
"""


def recorded(catalog: Catalog, sql: str) -> Recording:
    return record(catalog, "a1", read_sql(sql, catalog.dialect)[0])


def test_everything_that_a_revision_makes_by_name() -> None:
    there = Catalog("postgresql")
    found = Changed(recorded(there, SCHEMA).written()).present(there)
    made = {"table audit", "audit.id", "audit.day", "index audit_day", "view days", "type mood"}
    assert {"table team", "team.id", *made} <= found.keys()
    assert found["audit_once on audit"] == ("audit", "unique", ("kind", "day"))


def test_what_a_revision_leaves_alone_is_left_out() -> None:
    there = Catalog("postgresql")
    recorded(there, SCHEMA)
    found = Changed(recorded(there, "ALTER TABLE team ADD name text").written()).present(there)
    assert set(found) == {"table team", "team.id", "team.name", "primary key (id) on team"}


def test_what_no_revision_made_is_not_there_to_be_taken_away() -> None:
    there = Catalog("postgresql")
    sql = "ALTER TABLE old ADD CONSTRAINT once UNIQUE (a, b); CREATE INDEX i ON old (c)"
    found = Changed(recorded(there, sql).written()).present(there)
    assert sorted(found) == ["index i", "once on old"]


def test_a_name_of_an_index_that_another_table_has_is_not_lost() -> None:
    there = Catalog("mysql")
    recorded(there, "CREATE TABLE one (a int); CREATE INDEX by_a ON one (a)")
    changed = Changed(recorded(there, "CREATE TABLE two (a int)").written())
    assert changed.without_others(["index by_a", "index by_b", "table two"], there) == (
        "index by_b",
        "table two",
    )
