"""Which statements set off a trigger that takes rows of another table, as PostgreSQL has it."""

from __future__ import annotations

from typing import Any

import pytest

from migration_lint.catalog.model import Catalog
from migration_lint.catalog.replay import Journal, replay
from migration_lint.reading import read_script_text

from .conftest import Server

TABLES = (
    "CREATE TABLE t (id int PRIMARY KEY, b int)",
    "CREATE TABLE u (id int PRIMARY KEY, b int)",
)
ROWS = ("INSERT INTO t SELECT i, i FROM generate_series(1, 4) i", "INSERT INTO u SELECT id, b FROM t")
EACH, ALL = "FOR EACH ROW", "DELETE FROM t;"
OF_ROW = "DELETE FROM t WHERE id = OLD.id;"
OLD_TABLE = "REFERENCING OLD TABLE AS gone FOR EACH STATEMENT"
#: When the trigger fires, what it runs, and the statement.
CASES = (
    ("UPDATE OF id", EACH, ALL, "UPDATE u SET b = 1"),
    ("UPDATE OF id, b", EACH, ALL, "UPDATE u SET b = 1 WHERE id = 3"),
    ("UPDATE OF b", EACH, ALL, "UPDATE u SET (id, b) = (7, 1) WHERE id = 3"),
    ("UPDATE OF b", EACH, ALL, "UPDATE u SET id = 9 WHERE b = 3"),
    ("UPDATE OF b", EACH, ALL, "INSERT INTO u VALUES (1, 2) ON CONFLICT (id) DO UPDATE SET b = 3"),
    ("UPDATE OF id", EACH, ALL, "INSERT INTO u VALUES (1, 2) ON CONFLICT (id) DO UPDATE SET b = 3"),
    ("INSERT OR UPDATE OF id", EACH, ALL, "INSERT INTO u VALUES (8, 2)"),
    ("UPDATE", f"{EACH} WHEN (false)", ALL, "UPDATE u SET b = 1"),
    ("UPDATE", f"{EACH} WHEN (true)", ALL, "UPDATE u SET b = 1"),
    ("DELETE", EACH, OF_ROW, "DELETE FROM u"),
    ("DELETE", EACH, OF_ROW, "DELETE FROM u WHERE id = 1"),
    ("UPDATE", EACH, OF_ROW, "UPDATE u SET b = 1"),
    ("UPDATE", EACH, OF_ROW, "UPDATE u SET b = 1 WHERE id = 1"),
    ("INSERT", EACH, "DELETE FROM t WHERE id = NEW.id;", "INSERT INTO u VALUES (5, 1)"),
    ("DELETE", OLD_TABLE, "DELETE FROM t WHERE id IN (SELECT id FROM gone);", "DELETE FROM u"),
    ("DELETE", OLD_TABLE, "DELETE FROM t WHERE id IN (SELECT g.id FROM gone AS g);", "DELETE FROM u"),
    ("DELETE", OLD_TABLE, "DELETE FROM t USING gone WHERE gone.id = t.id;", "DELETE FROM u"),
    ("DELETE", OLD_TABLE, "DELETE FROM t WHERE id IN (SELECT id FROM gone);", "DELETE FROM u WHERE id = 1"),
    ("DELETE", OLD_TABLE, "DELETE FROM t WHERE b IN (SELECT b + 3 FROM gone);", "DELETE FROM u"),
)


def said(made: tuple[str, ...], statement: str) -> bool:
    catalog, journal = Catalog("postgresql"), Journal()
    for revision, texts in (("a1", made), ("b2", (statement,))):
        body = "".join(f"    op.execute({text!r})\n" for text in texts)
        script = f"from alembic import op\ndef upgrade():\n{body}"
        replay(catalog, revision, read_script_text(script, "postgresql").upgrade, journal)
    table = catalog.table(None, "t")
    effects = {each.effect for each in journal.entries if table is not None and each.table == table.identity}
    return not effects.isdisjoint(("rows_taken", "rows_perhaps_taken"))


@pytest.mark.parametrize(("event", "how", "runs", "statement"), CASES)
def test_as_the_server_has_it(
    event: str, how: str, runs: str, statement: str, postgresql: Server, connection: Any
) -> None:
    function = (
        f"CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {runs} RETURN NULL; END $$",
        f"CREATE TRIGGER tr AFTER {event} ON u {how} EXECUTE FUNCTION f()",
    )
    for each in (*TABLES, *ROWS, *function, statement):
        connection.execute(each)
    (left,) = connection.execute("SELECT count(*) FROM t").fetchone()
    assert said((*TABLES, *function), statement) == (left == 0)
