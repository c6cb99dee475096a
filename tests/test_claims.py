"""What rules about data, compatibility and design say of PostgreSQL, asked of a real one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from .database import servers

psycopg = pytest.importorskip("psycopg", reason="psycopg is not installed")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    try:
        with servers.postgresql() as url:
            yield url.replace("postgresql+psycopg://", "postgresql://")
    except servers.NoServer as missing:
        pytest.skip(str(missing))


@pytest.fixture
def run(server: str) -> Iterator[Any]:
    """Runs a statement, and gives its rows; all is taken back in the end."""
    with psycopg.connect(server) as connection:

        def execute(statement: str) -> list[tuple[Any, ...]]:
            found = connection.execute(statement)
            return list(found.fetchall()) if found.description else []

        yield execute
        connection.rollback()


def test_a_key_over_other_columns_goes_with_a_column(run: Any) -> None:
    """data-key-dropped-along"""
    run("CREATE TABLE audit (kind text, day date, CONSTRAINT audit_once UNIQUE (kind, day))")
    run("CREATE INDEX audit_both ON audit (day, kind)")
    run("ALTER TABLE audit DROP COLUMN day")
    assert run("SELECT indexname FROM pg_indexes WHERE tablename = 'audit'") == []
    assert run("SELECT conname FROM pg_constraint WHERE conrelid = 'audit'::regclass") == []


@pytest.mark.parametrize(
    "change", ["ALTER TABLE audit DROP COLUMN note", "ALTER TABLE audit ALTER COLUMN note TYPE text"]
)
def test_a_view_is_in_the_way_of_a_column_that_it_reads(run: Any, change: str) -> None:
    """data-view-in-the-way"""
    run("CREATE TABLE audit (id int, note varchar(20))")
    run("CREATE VIEW notes AS SELECT note FROM audit")
    with pytest.raises(psycopg.DatabaseError):
        run(change)


def test_cascade_drops_views_and_columns_that_no_script_lists(run: Any) -> None:
    """data-dropped-with-cascade"""
    run("CREATE TYPE mood AS ENUM ('sad')")
    run("CREATE TABLE audit (id int, mood mood)")
    run("CREATE VIEW moods AS SELECT mood FROM audit")
    run("DROP TYPE mood CASCADE")
    assert run("SELECT column_name FROM information_schema.columns WHERE table_name = 'audit'") == [("id",)]
    assert run("SELECT 1 FROM pg_views WHERE viewname = 'moods'") == []


def test_a_required_column_fails_where_there_is_a_row(run: Any) -> None:
    """compat-required-column-added"""
    run("CREATE TABLE audit (id int)")
    run("ALTER TABLE audit ADD COLUMN empty date NOT NULL")
    run("ALTER TABLE audit ALTER COLUMN empty DROP NOT NULL")
    run("INSERT INTO audit VALUES (1)")
    with pytest.raises(psycopg.errors.NotNullViolation):
        run("ALTER TABLE audit ADD COLUMN day date NOT NULL")


def test_the_sequence_of_a_serial_column_stays_integer_and_an_identity_s_follows(run: Any) -> None:
    """design-sequence-too-small"""
    run("CREATE TABLE audit (id serial)")
    run("CREATE TABLE other (id int GENERATED ALWAYS AS IDENTITY)")
    run("ALTER TABLE audit ALTER COLUMN id TYPE bigint")
    run("ALTER TABLE other ALTER COLUMN id TYPE bigint")
    found = run("SELECT sequencename, data_type::text FROM pg_sequences ORDER BY 1")
    assert found == [("audit_id_seq", "integer"), ("other_id_seq", "bigint")]
    run("ALTER SEQUENCE audit_id_seq AS bigint")


def test_a_long_name_is_cut_off(run: Any) -> None:
    """design-identifier-too-long"""
    run(f"CREATE TABLE {'a' * 70} (id int)")
    assert run("SELECT relname::text FROM pg_class WHERE relname LIKE 'aaaa%'") == [("a" * 63,)]


def test_json_has_no_equality(run: Any) -> None:
    """design-json-as-text"""
    run("CREATE TABLE audit (extra json)")
    with pytest.raises(psycopg.errors.UndefinedFunction):
        run("SELECT DISTINCT extra FROM audit")


def test_a_view_under_the_old_name_takes_rows(run: Any) -> None:
    """compat-table-renamed: its safe form"""
    run("CREATE TABLE audit (id int)")
    run("ALTER TABLE audit RENAME TO audit_log")
    run("CREATE VIEW audit AS SELECT * FROM audit_log")
    run("INSERT INTO audit VALUES (1)")
    assert run("SELECT id FROM audit_log") == [(1,)]


def test_without_a_key_a_published_table_takes_no_update(server: str) -> None:
    """design-primary-key-missing"""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("CREATE TABLE keyless (id int)")
        connection.execute("CREATE PUBLICATION everything FOR TABLE keyless")
        connection.execute("INSERT INTO keyless VALUES (1)")
        try:
            with pytest.raises(psycopg.DatabaseError, match="replica identity"):
                connection.execute("UPDATE keyless SET id = 2")
        finally:
            connection.execute("DROP PUBLICATION everything")
            connection.execute("DROP TABLE keyless")
