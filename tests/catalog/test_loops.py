"""Loops of other servers' procedures: what they delete in all of their rounds."""

from __future__ import annotations

import pytest

from migration_lint.catalog.model import Catalog
from migration_lint.catalog.replay import Journal, replay
from migration_lint.operations import Dialect
from migration_lint.reading import read_script_text

TABLE = "CREATE TABLE t (id int PRIMARY KEY, a int NOT NULL)"
MYSQL = (
    "CREATE PROCEDURE p() BEGIN DECLARE v INT; DECLARE done INT DEFAULT 0; "
    "DECLARE c CURSOR FOR SELECT id FROM t{}; DECLARE CONTINUE HANDLER FOR NOT FOUND SET done = 1; OPEN c; "
    "l: LOOP FETCH c INTO v; IF done THEN LEAVE l; END IF; DELETE FROM t WHERE id = v; END LOOP; CLOSE c; END"
)
ORACLE = "BEGIN FOR r IN (SELECT id FROM t{}) LOOP DELETE FROM t WHERE id = r.id; END LOOP; END;"


@pytest.mark.parametrize(("narrowed", "effect"), [("", "rows_taken"), (" WHERE a > 5", "some_rows_taken")])
@pytest.mark.parametrize("dialect", ["mysql", "mariadb", "oracle"])
def test_a_loop_takes_what_its_query_gives(dialect: Dialect, narrowed: str, effect: str) -> None:
    body = [ORACLE.format(narrowed)] if dialect == "oracle" else [MYSQL.format(narrowed), "CALL p()"]
    catalog, journal = Catalog(dialect), Journal()
    for revision, statements in (("a1", [TABLE]), ("b2", body)):
        calls = "".join(f"    op.execute({each!r})\n" for each in statements)
        operations = read_script_text(f"from alembic import op\ndef upgrade():\n{calls}", dialect).upgrade
        replay(catalog, revision, operations, journal)
    assert [each.effect for each in journal.entries if "rows" in each.effect] == [effect]
