"""IF EXISTS and IF NOT EXISTS in a revision that has run: PostgreSQL runs the history with and without.

The edit is none where both come to the same tables, and one where the first version is refused.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg
import pytest

from migration_lint.check.pipeline import run_check

from ..projects import script, write

FIRST = """
CREATE TABLE t (a int, b text); CREATE INDEX i ON t (a); CREATE VIEW v AS SELECT a FROM t;
ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0); CREATE TABLE gone (a int); DROP TABLE gone
"""

#: What the edited revision runs; `IF` stands for the words that the edit adds.
STATEMENTS = (
    "CREATE TABLE IF u (id int, EXCLUDE USING gist (int4range(id, id) WITH &&))",
    "CREATE TABLE IF t (a int)",
    "CREATE TABLE IF v (a int)",
    "CREATE TABLE IF gone (a int)",
    "CREATE INDEX IF j ON t (b)",
    "CREATE INDEX IF i ON t (b)",
    "CREATE UNIQUE INDEX IF i2 ON t (lower(b)) WHERE a > 1",
    "ALTER TABLE t ADD COLUMN IF z int DEFAULT 1",
    "ALTER TABLE t ADD COLUMN IF b int",
    "DROP TABLE IF t CASCADE",
    "DROP TABLE IF gone",
    "DROP TABLE IF nowhere",
    "DROP VIEW IF nowhere",
    "DROP TYPE IF nowhere",
    "DROP SEQUENCE IF nowhere",
    "DROP FUNCTION IF nowhere()",
    "DROP INDEX IF i",
    "DROP INDEX IF j",
    "ALTER TABLE t DROP COLUMN IF b",
    "ALTER TABLE t DROP COLUMN IF z",
    "ALTER TABLE t DROP CONSTRAINT IF c",
    "ALTER TABLE t DROP CONSTRAINT IF d",
)
_TABLES = """
SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'public'
UNION ALL SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL SELECT 'constraint', conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid > 0
ORDER BY 1, 2, 3
"""


def versions(statement: str) -> tuple[str, str]:
    """Without the words and with them."""
    words = "IF NOT EXISTS" if statement.startswith("CREATE") or " ADD " in statement else "IF EXISTS"
    return statement.replace("IF ", ""), statement.replace("IF", words)


def outcome(connection: Any, statement: str) -> object:
    """What the history comes to, by the server; None: it is refused."""
    try:
        with connection.transaction(force_rollback=True):
            connection.execute(FIRST)
            connection.execute(statement)
            return connection.execute(_TABLES).fetchall()
    except psycopg.DatabaseError:
        return None


def is_found(folder: Path, before: str, after: str) -> bool:
    files = {
        "migration-lint.toml": 'dialect = "postgresql"\n',
        "alembic.ini": "[alembic]\nscript_location = migrations\n",
        "migrations/versions/a1.py": script(f"op.execute({FIRST!r})", "a1", None),
    }
    base, head = (
        write(folder / name, {**files, "migrations/versions/b2.py": script(f"op.execute({text!r})")})
        for name, text in (("before", before), ("after", after))
    )
    report = run_check(folder, base=f"{base}/", head=f"{head}/", environ={}, use_cache=False)
    return "history-edited-revision" in [each.rule for each in report.findings]


@pytest.mark.parametrize("statement", STATEMENTS)
def test_the_words_are_an_edit_where_they_decide_something(
    statement: str, connection: Any, tmp_path: Path
) -> None:
    without, with_them = versions(statement)
    same = outcome(connection, without) == outcome(connection, with_them)
    assert is_found(tmp_path, without, with_them) is not same


@pytest.mark.parametrize(
    ("without", "with_them"),
    [
        ('op.create_index("j", "t", ["b"])', 'op.create_index("j", "t", ["b"], if_not_exists=True)'),
        ('op.drop_index("i", table_name="t")', 'op.drop_index("i", table_name="t", if_exists=True)'),
        ('op.drop_table("t")', 'op.drop_table("t", if_exists=True)'),
        ('op.drop_column("t", "b")', 'op.drop_column("t", "b", if_exists=True)'),
    ],
)
def test_the_arguments_of_alembic(without: str, with_them: str, tmp_path: Path) -> None:
    files = {
        "alembic.ini": "[alembic]\nscript_location = migrations\n",
        "migrations/versions/a1.py": script(f"op.execute({FIRST!r})", "a1", None),
    }
    base, head = (
        write(tmp_path / name, {**files, "migrations/versions/b2.py": script(text)})
        for name, text in (("before", without), ("after", with_them))
    )
    found = run_check(tmp_path, base=f"{base}/", head=f"{head}/", environ={}, use_cache=False).findings
    assert "history-edited-revision" not in [each.rule for each in found]
    back = run_check(tmp_path, base=f"{head}/", head=f"{base}/", environ={}, use_cache=False).findings
    assert "history-edited-revision" in [each.rule for each in back]
