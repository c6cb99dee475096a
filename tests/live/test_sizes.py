"""`sizes` on real servers, and a check with the file that it writes."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from migration_lint.settings.model import SIZES_FILE
from migration_lint.sizes.document import Document, parse_sizes

from ..projects import report, write
from .conftest import Server, emptied
from .mariadb import MariaDB
from .mariadb import emptied as emptied_mariadb

ROWS = 5_000


def measured(capsys: pytest.CaptureFixture[str], url: str, during: float = 0.1) -> tuple[str, Document]:
    text = report(capsys, "sizes", "--database-url", url, "--during", str(during)).partition("\n")[2]
    return text, parse_sizes(SIZES_FILE, text.encode())


@contextmanager
def writing(write: Callable[[], None]) -> Iterator[None]:
    """Somebody writes rows all the while."""
    done = threading.Event()

    def go() -> None:
        while not done.is_set():
            write()
            time.sleep(0.02)

    writer = threading.Thread(target=go)
    writer.start()
    try:
        yield
    finally:
        done.set()
        writer.join()


@pytest.fixture
def filled(engine: sa.Engine) -> sa.Engine:
    with engine.begin() as connection:
        emptied(connection)
        for statement in (
            "CREATE TABLE audit (id int PRIMARY KEY, note text)",
            f"INSERT INTO audit SELECT n, repeat('x', 400) FROM generate_series(1, {ROWS}) n",
            "CREATE INDEX ON audit (note)",
            "CREATE TABLE plans (id int)",
            "CREATE TABLE days (day int, note text) PARTITION BY RANGE (day)",
            "CREATE TABLE days_1 PARTITION OF days FOR VALUES FROM (0) TO (10)",
            "CREATE TABLE days_2 PARTITION OF days FOR VALUES FROM (10) TO (20)",
            "INSERT INTO days SELECT mod(n, 20), repeat('x', 400) FROM generate_series(1, 2000) n",
            "CREATE VIEW notes AS SELECT note FROM audit",
        ):
            connection.exec_driver_sql(statement)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")
    return engine


def test_postgresql_is_measured(
    postgresql: Server, filled: sa.Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    url = filled.url.render_as_string(hide_password=False)

    def one() -> None:
        with filled.begin() as connection:
            connection.exec_driver_sql("UPDATE plans SET id = 1")
            connection.exec_driver_sql("INSERT INTO plans SELECT generate_series(1, 10)")
            # What a session has counted is told by the time that it ends.
        filled.dispose()

    with writing(one):
        text, found = measured(capsys, url, during=1.5)
    tables = {each.name: each.size for each in found.tables}
    with filled.connect() as connection:
        size = connection.exec_driver_sql("SELECT pg_table_size('audit')").scalar()
        days = connection.exec_driver_sql("SELECT pg_table_size('days_1') + pg_table_size('days_2')").scalar()
    own = {name for name in tables if name.startswith("public.")}  # others share the server
    assert own == {f"public.{name}" for name in ("audit", "plans", "days", "days_1", "days_2")}
    # What others have written before may be counted only now.
    assert tables["public.audit"][:3] == (ROWS, size, 2)
    assert tables["public.days"][:2] == (2000, days)
    assert (tables["public.plans"].writes or 0) > 10
    assert found.server.startswith(f"PostgreSQL {postgresql.version}")
    assert "secret" not in text


SCRIPT = """\
import sqlalchemy as sa
from alembic import op

revision = {0!r}
down_revision = {1!r}


def upgrade():
    {2}


def downgrade():
    pass
"""
MADE = (
    'op.create_table("audit", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("note", sa.Text()))'
)
REQUIRED = 'op.alter_column("audit", "note", nullable=False, existing_type=sa.Text())'


def checked(
    folder: Path, capsys: pytest.CaptureFixture[str], sizes: str, change: str, configuration: str
) -> str:
    files = {
        "alembic.ini": "[alembic]\nscript_location = migrations\n",
        "migration-lint.toml": configuration,
        SIZES_FILE: sizes,
        "migrations/versions/a1.py": SCRIPT.format("a1", None, MADE),
    }
    write(folder / "base", files)
    write(folder / "head", {**files, "migrations/versions/b2.py": SCRIPT.format("b2", "a1", change)})
    base, head = str(folder / "base"), str(folder / "head")
    return report(capsys, "check", head, "--base", base, "--head", head)


def test_a_check_with_what_was_measured(
    filled: sa.Engine, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text, _ = measured(capsys, filled.url.render_as_string(hide_password=False))
    small = checked(tmp_path / "1", capsys, text, REQUIRED, "")
    assert "validation-not-null" not in small
    slowly = "[durations]\nlong = 20\nread = 0.1\nwrite = 0.1\nbuild = 0.1\n"
    slow = checked(tmp_path / "2", capsys, text, REQUIRED, slowly)
    assert "error[validation-not-null]" in slow
    assert "wait while all rows of audit are read, about 2" in slow
    assert "MB read at 0.1 MB/s)" in slow


def test_mariadb_is_measured(mariadb: MariaDB, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with mariadb.engine.connect() as connection:
        emptied_mariadb(connection)
        for statement in (
            "CREATE TABLE audit (id int PRIMARY KEY, note text, KEY i (note(20)))",
            f"INSERT INTO audit SELECT seq, repeat('x', 400) FROM seq_1_to_{ROWS}",
            "ANALYZE TABLE audit",
        ):
            connection.exec_driver_sql(statement)
        (rows, size) = connection.exec_driver_sql(
            "SELECT table_rows, data_length FROM information_schema.tables WHERE table_name = 'audit'"
        ).one()
    url = mariadb.engine.url.render_as_string(hide_password=False)
    text, found = measured(capsys, url)
    assert [each._replace(line=0) for each in found.tables] == [("audit", (rows, size, 2, None), 0)]
    assert found.server.startswith("MariaDB 10") or found.server.startswith("MariaDB 1")
    printed = checked(
        tmp_path,
        capsys,
        text,
        'op.alter_column("audit", "id", type_=sa.BigInteger(), existing_nullable=False)',
        'dialect = "mariadb"\nserver-version = "10.6"\n\n[durations]\nwrite = 0.01\n',
    )
    assert "error[lock-table-copied]" in printed
    assert " MB written at 0.01 MB/s, 2 indexes built at " in printed


def test_sqlite_is_measured(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "shop.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE audit (id integer PRIMARY KEY, note text)")
        connection.executemany("INSERT INTO audit (note) VALUES (?)", [("x" * 400,)] * 1000)
        connection.execute("CREATE INDEX i ON audit (note)")
    _, found = measured(capsys, f"sqlite:///{path}")
    (audit,) = found.tables
    assert audit.name == "audit"
    assert (audit.size.rows, audit.size.indexes, audit.size.writes) == (1000, 1, None)
    assert 400_000 < audit.size.bytes <= path.stat().st_size


def test_no_database_is_named(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MIGRATION_LINT_DATABASE_URL", raising=False)
    assert report(capsys, "sizes").startswith("exit status 2\n\nerror: no database is named")
