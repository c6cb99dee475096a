"""Which INSERTs a new trigger of SQLite's refuses: SQLite runs it, and the check says so, and of no other."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from migration_lint.check.pipeline import run_check

from .projects import write

TABLES = (
    "CREATE TABLE t (a int, b int NOT NULL DEFAULT 1, c text)",
    "CREATE TABLE u (a int, b int)",
)
ON_INSERT = "CREATE TRIGGER tr {} INSERT ON t BEGIN {}; END"
TRIGGERS = {
    "writes into a table that is not there": ON_INSERT.format("AFTER", "INSERT INTO nowhere VALUES (NEW.a)"),
    "reads a table that is not there": ON_INSERT.format("AFTER", "INSERT INTO u SELECT x, 1 FROM nowhere"),
    "reads one that is": ON_INSERT.format("AFTER", "INSERT INTO u SELECT a, abs(b) FROM t WHERE b > 3"),
    "sets a column that is not there": ON_INSERT.format("AFTER", "UPDATE u SET z = 1"),
    "is of an UPDATE": "CREATE TRIGGER tr BEFORE UPDATE OF b ON t BEGIN SELECT RAISE(ABORT, 'no'); END",
    "never fires": "CREATE TRIGGER tr BEFORE INSERT ON t WHEN false BEGIN SELECT RAISE(ABORT, 'no'); END",
    "refuses": ON_INSERT.format("BEFORE", "SELECT RAISE(ABORT, 'no')"),
    "refuses this row": ON_INSERT.format("BEFORE", "SELECT RAISE(ABORT, 'no') WHERE NEW.a = 1"),
    "refuses another row": ON_INSERT.format("BEFORE", "SELECT RAISE(ABORT, 'no') WHERE NEW.a > 8"),
    "refuses a case": ON_INSERT.format("BEFORE", "SELECT CASE WHEN NEW.a > 8 THEN RAISE(ABORT, 'no') END"),
    "sets what is NOT NULL": ON_INSERT.format("AFTER", "UPDATE t SET b = NULL WHERE rowid = NEW.rowid"),
    "sets it to a value": ON_INSERT.format("AFTER", "UPDATE t SET b = 5 WHERE rowid = NEW.rowid"),
    "takes the row": ON_INSERT.format("AFTER", "DELETE FROM t WHERE rowid = NEW.rowid"),
    "takes older rows": ON_INSERT.format("AFTER", "DELETE FROM t WHERE a < NEW.a - 100"),
    "takes those like it before": ON_INSERT.format("BEFORE", "DELETE FROM t WHERE a = NEW.a"),
}


def is_taken(trigger: str) -> bool:
    connection = sqlite3.connect(":memory:")
    try:
        for statement in (*TABLES, trigger):
            connection.execute(statement)
        connection.execute("INSERT INTO t (a) VALUES (1)")
        return bool(connection.execute("SELECT count(*) FROM t").fetchone()[0])
    except sqlite3.DatabaseError:
        return False
    finally:
        connection.close()


def script(revision: str, down: str | None, statements: tuple[str, ...]) -> str:
    body = "".join(f"    op.execute({each!r})\n" for each in statements)
    head = f"from alembic import op\nrevision, down_revision = {revision!r}, {down!r}\n"
    return f"{head}\n\ndef upgrade():\n{body}"


@pytest.mark.parametrize("name", TRIGGERS)
def test_as_sqlite_has_it(name: str, tmp_path: Path) -> None:
    contract = "contract: migration-lint/v1\nid: w.producer\nservice: w\nrole: producer\ntables:\n  t:\n"
    base = {
        "migration-lint.toml": 'dialect = "sqlite"\n',
        "alembic.ini": "[alembic]\nscript_location = m\n",
        "m/versions/a1.py": script("a1", None, TABLES),
        "contracts/p.yaml": f"{contract}    columns:\n"
        "      a: {type: integer, nullable: false, values: ['1']}\n    consumers: none\n",
    }
    write(tmp_path / "base", base)
    write(tmp_path / "head", {**base, "m/versions/b2.py": script("b2", "a1", (TRIGGERS[name],))})
    report = run_check(
        tmp_path / "head",
        base=str(tmp_path / "base"),
        head=str(tmp_path / "head"),
        environ={},
        use_cache=False,
    )
    found = "contract-insert-refused" in {each.rule for each in report.findings}
    assert found == (not is_taken(TRIGGERS[name]))
