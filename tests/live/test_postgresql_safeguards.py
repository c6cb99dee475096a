"""What rules/data-loss says of triggers, policies, rules, keys and CASCADE, seen on a real server."""

from __future__ import annotations

from typing import Any

import pytest

from migration_lint.facts.effect import OWN_VALUES_SINCE

from .conftest import Server

psycopg = pytest.importorskip("psycopg", reason="psycopg is not installed")


@pytest.fixture(autouse=True)
def _tables(connection: Any) -> None:
    connection.execute("CREATE TABLE team (id int PRIMARY KEY)")
    connection.execute("CREATE TABLE audit (id int PRIMARY KEY, note text, team_id int REFERENCES team)")
    connection.execute("INSERT INTO audit VALUES (1, 'n')")


def rows(connection: Any, query: str = "SELECT count(*) FROM audit") -> Any:
    return connection.execute(query).fetchone()[0]


def test_without_triggers_a_row_comes_in_that_refers_to_nothing(connection: Any) -> None:
    connection.execute("ALTER TABLE audit DISABLE TRIGGER ALL")
    connection.execute("INSERT INTO audit VALUES (2, 'n', 7)")
    assert rows(connection) == 2


def test_without_a_policy_nobody_but_the_owner_finds_a_row(connection: Any) -> None:
    connection.execute("ALTER TABLE audit ENABLE ROW LEVEL SECURITY")
    connection.execute("CREATE ROLE reads_audit")
    connection.execute("GRANT ALL ON audit TO reads_audit")
    connection.execute(f"GRANT USAGE ON SCHEMA {rows(connection, 'SELECT current_schema()')} TO reads_audit")
    assert rows(connection) == 1
    connection.execute("SET LOCAL ROLE reads_audit")
    assert rows(connection) == 0


def test_a_rule_throws_rows_away(connection: Any) -> None:
    connection.execute("CREATE RULE no_more AS ON INSERT TO audit DO INSTEAD NOTHING")
    connection.execute("INSERT INTO audit VALUES (3, 'n')")
    assert rows(connection) == 1


def test_a_sequence_that_restarts_gives_a_number_again(connection: Any) -> None:
    connection.execute("CREATE SEQUENCE numbers")
    first = rows(connection, "SELECT nextval('numbers')")
    connection.execute("ALTER SEQUENCE numbers RESTART")
    assert rows(connection, "SELECT nextval('numbers')") == first


def test_cascade_of_a_sequence_takes_the_defaults_that_count_by_it(connection: Any) -> None:
    connection.execute("CREATE SEQUENCE numbers")
    connection.execute("ALTER TABLE audit ADD COLUMN n int DEFAULT nextval('numbers')")
    connection.execute("DROP SEQUENCE numbers CASCADE")
    connection.execute("INSERT INTO audit (id) VALUES (4)")
    assert rows(connection, "SELECT n FROM audit WHERE id = 4") is None


def test_cascade_of_a_function_takes_the_triggers_that_call_it(connection: Any) -> None:
    connection.execute("CREATE FUNCTION same() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'")
    connection.execute("CREATE TRIGGER watched BEFORE UPDATE ON audit FOR EACH ROW EXECUTE FUNCTION same()")
    connection.execute("DROP FUNCTION same() CASCADE")
    assert rows(connection, "SELECT count(*) FROM pg_trigger WHERE tgname = 'watched'") == 0


def test_without_its_key_a_row_comes_in_twice(connection: Any) -> None:
    connection.execute("ALTER TABLE audit DROP CONSTRAINT audit_pkey")
    connection.execute("INSERT INTO audit VALUES (1, 'n')")
    assert rows(connection) == 2


def test_a_published_table_without_an_identity_takes_no_update(connection: Any) -> None:
    connection.execute("CREATE PUBLICATION changes FOR TABLE audit")
    connection.execute("ALTER TABLE audit REPLICA IDENTITY NOTHING")
    with pytest.raises(psycopg.Error, match="replica identity"):
        connection.execute("UPDATE audit SET note = 'm'")


@pytest.mark.parametrize("limit", ["0", "DEFAULT", "'0s'"])
def test_a_limit_of_nothing_is_none(connection: Any, limit: str) -> None:
    connection.execute("SET lock_timeout = '2s'")
    connection.execute(f"SET LOCAL lock_timeout = {limit}")
    assert rows(connection, "SHOW lock_timeout") == "0"


def test_a_value_of_an_enum_that_the_transaction_makes_can_be_used(
    connection: Any, postgresql: Server
) -> None:
    connection.execute("CREATE TYPE mood AS ENUM ('sad')")
    connection.execute("ALTER TYPE mood ADD VALUE 'glad'")
    if postgresql.version < OWN_VALUES_SINCE[0]:
        with pytest.raises(psycopg.Error, match="unsafe use of new value"):
            connection.execute("SELECT 'glad'::mood")
        return
    assert rows(connection, "SELECT 'glad'::mood") == "glad"
