"""What rules/transaction says of transactions and of waiting for locks, seen on a real server."""

from __future__ import annotations

import threading
import time

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from migration_lint.effects.environment import running
from migration_lint.effects.transaction import Transaction
from migration_lint.effects.words import MODES, LockMode, blocks

from .alembic_run import claims, run
from .conftest import emptied

TABLE = (
    'op.create_table("audit", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("note", sa.Text()))'
)
TWICE = "op.execute(\"INSERT INTO audit VALUES (1, 'same'), (2, 'same')\")"
COLUMN = 'op.add_column("audit", sa.Column("region", sa.Text()))'
INDEX = (
    "with op.get_context().autocommit_block():\n"
    '    op.create_index("audit_note", "audit", ["note"], unique=True, postgresql_concurrently=True)'
)


@pytest.fixture(autouse=True)
def _rows_there_twice(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        emptied(connection)
    with engine.connect() as connection:
        run(connection, f"{TABLE}\n{TWICE}\n")
        connection.commit()


def attempt(engine: sa.Engine, code: str) -> str:
    """Runs a revision; gives what the server said to it, "" if nothing."""
    with engine.connect() as connection:
        try:
            run(connection, code)
            connection.commit()
        except DBAPIError as refused:
            return str(refused)
    return ""


def test_what_came_before_a_failed_index_is_committed_and_stops_the_second_attempt(engine: sa.Engine) -> None:
    revision = f"{COLUMN}\n{INDEX}\n"
    assert "could not create unique index" in attempt(engine, revision)
    assert 'column "region" of relation "audit" already exists' in attempt(engine, revision)


def test_if_not_exists_takes_an_invalid_index_for_the_index(engine: sa.Engine) -> None:
    assert "could not create unique index" in attempt(engine, INDEX)
    assert attempt(engine, INDEX.replace("unique=True", "unique=True, if_not_exists=True")) == ""
    with engine.connect() as connection:
        valid = connection.exec_driver_sql(
            "SELECT indisvalid FROM pg_index WHERE indexrelid = 'audit_note'::regclass"
        ).scalar()
    assert valid is False


def reads_within(engine: sa.Engine, milliseconds: int) -> bool:
    """Whether somebody else can read the table within that time."""
    with engine.connect() as connection:
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{milliseconds}ms'")
        try:
            connection.exec_driver_sql("SELECT count(*) FROM audit").scalar()
        except DBAPIError:
            return False
    return True


def test_a_lock_is_held_until_the_transaction_ends(engine: sa.Engine) -> None:
    with engine.begin() as connection:
        run(connection, f"{COLUMN}\nop.execute(\"UPDATE audit SET region = 'eu'\")")
        assert not reads_within(engine, 50)
    assert reads_within(engine, 5000)


@pytest.mark.parametrize("limit", ["", "op.execute(\"SET LOCAL lock_timeout = '50ms'\")\n"])
def test_who_comes_after_a_statement_that_waits_waits_too(engine: sa.Engine, limit: str) -> None:
    said: list[str] = []
    with engine.connect() as report:
        report.exec_driver_sql("SELECT count(*) FROM audit").scalar()
        migration = threading.Thread(target=lambda: said.append(attempt(engine, limit + COLUMN)))
        migration.start()
        if limit:
            migration.join()
            assert "canceling statement due to lock timeout" in said[0]
            assert reads_within(engine, 5000)
        else:
            until = time.monotonic() + 20
            while not waiting(engine) and time.monotonic() < until:
                time.sleep(0.01)
            assert not reads_within(engine, 50)
    migration.join()
    assert said[0] == "" or limit


def waiting(engine: sa.Engine) -> bool:
    """Whether somebody waits for a lock."""
    with engine.connect() as connection:
        return bool(connection.exec_driver_sql("SELECT count(*) FROM pg_locks WHERE NOT granted").scalar())


#: Statements of one transaction, of which each takes another lock on other tables.
SEVERAL = """\
op.create_index("audit_id", "audit", ["id"])
op.create_foreign_key("audit_team", "audit", "team", ["id"], ["id"], postgresql_not_valid=True)
op.add_column("mood", sa.Column("a", sa.Integer()))
op.create_check_constraint("said", "audit", "id > 0", postgresql_not_valid=True)
op.execute("LOCK TABLE team IN EXCLUSIVE MODE")
"""
BESIDE = """\
op.create_table("team", sa.Column("id", sa.Integer(), primary_key=True))
op.create_table("mood", sa.Column("id", sa.Integer(), primary_key=True))
op.execute("INSERT INTO team VALUES (1), (2)")
"""


def test_what_is_said_to_be_held_is_what_the_server_holds(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        run(connection, BESIDE)
        connection.commit()
        transaction = Transaction(running("", "postgresql"))
        transaction.begin_revision("0002.py")
        for claim in claims(f"{TABLE}\n{BESIDE}", SEVERAL):
            transaction.after(claim.operation, claim.effects, ("public", claim.operation.table or ""))
            last = claim.operation
        connection.exec_driver_sql("SELECT 1")  # begins the transaction that `run` leaves open
        run(connection, SEVERAL)
        rows = connection.exec_driver_sql(
            "SELECT relname,"
            " replace(upper(regexp_replace(mode, '([a-z])([A-Z])', '\\1 \\2', 'g')), ' LOCK', '')"
            " FROM pg_locks JOIN pg_class ON pg_class.oid = relation"
            " WHERE pid = pg_backend_pid() AND relkind = 'r' AND relnamespace = 'public'::regnamespace"
        ).all()
        connection.rollback()
    strongest: dict[str, LockMode] = {}
    for table, mode in rows:
        strongest[table] = max(strongest.get(table, mode), mode, key=MODES.index)
    held = {each.table[1]: each.mode for each in transaction.before(last).held}
    assert held == {table: mode for table, mode in strongest.items() if blocks(mode) != "nothing"}
    assert held == {"audit": "ACCESS EXCLUSIVE", "team": "EXCLUSIVE", "mood": "ACCESS EXCLUSIVE"}
