"""Which statements take all rows of a table by way of something else, as MariaDB has it.

Triggers, functions, procedures with handlers, and DELETE of several tables: MySQL's have the same grammar.
"""

from __future__ import annotations

from time import sleep
from typing import NamedTuple

import pytest
import sqlalchemy as sa

from migration_lint.catalog.model import Catalog
from migration_lint.catalog.replay import Journal, replay
from migration_lint.reading import read_script_text

from .mariadb import MariaDB

TABLES = ("CREATE TABLE t (id int PRIMARY KEY, a int NOT NULL)", "CREATE TABLE u (id int PRIMARY KEY, a int)")
ROWS = ("INSERT INTO t VALUES (1, 1), (2, 2), (3, 3)", "INSERT INTO u VALUES (1, 1)")


class Case(NamedTuple):
    """A statement, and what an earlier revision made."""

    statement: str
    made: tuple[str, ...] = ()


def trigger(event: str, body: str) -> str:
    return f"CREATE TRIGGER tr {event} ON u FOR EACH ROW {body}"


def function(body: str) -> str:
    return f"CREATE FUNCTION f() RETURNS int BEGIN {body} RETURN 1; END"


ALL, PART = "DELETE FROM t", "DELETE FROM t WHERE a > 2"
INSERTED = "INSERT INTO u VALUES (7, 7)"
DELETES = function(f"{ALL};")
HANDLED = (
    "CREATE PROCEDURE p() BEGIN DECLARE EXIT HANDLER FOR SQLSTATE '42S02', 1051 {}; "
    "SELECT 1 FROM nowhere; END"
)
#: A table that each row of `t` refers to.
PARENT = (
    "CREATE TABLE w (id int PRIMARY KEY, b int)",
    "INSERT INTO w VALUES (1, 1), (2, 2), (3, 3)",
    "DROP TABLE t",
    "CREATE TABLE t (id int PRIMARY KEY, a int NOT NULL, "
    "FOREIGN KEY (a) REFERENCES w (id) ON DELETE CASCADE)",
    ROWS[0],
)
EVERY = (
    Case("REPLACE INTO w SELECT * FROM w", PARENT),
    Case("REPLACE w (id) SELECT id FROM w AS v WHERE v.id IS NOT NULL", PARENT),
    Case("REPLACE INTO w (id) SELECT id FROM t", PARENT),
    Case(INSERTED, (trigger("AFTER INSERT", ALL),)),
    Case(INSERTED, (trigger("BEFORE INSERT", f"BEGIN IF NEW.a > 5 THEN {ALL}; END IF; END"),)),
    Case(
        INSERTED,
        (
            "CREATE PROCEDURE p() BEGIN DELETE FROM t; END",
            trigger("AFTER INSERT", "CALL p()"),
        ),
    ),
    Case("REPLACE INTO u VALUES (1, 7)", (trigger("AFTER DELETE", ALL),)),
    Case("INSERT INTO u VALUES (1, 7) ON DUPLICATE KEY UPDATE a = 8", (trigger("AFTER UPDATE", ALL),)),
    Case("UPDATE u SET a = 9", (trigger("AFTER UPDATE", ALL),)),
    Case("DELETE FROM u WHERE id = 1", (trigger("AFTER DELETE", ALL),)),
    Case("SELECT f()", (DELETES,)),
    Case("DO f()", (DELETES,)),
    Case("SET @x = f()", (DELETES,)),
    Case("INSERT INTO u SELECT 7, f()", (DELETES,)),
    Case("CALL p()", (HANDLED.format(ALL),)),
    Case("CALL p()", (HANDLED.format(f"BEGIN {ALL}; END"),)),
    Case("DELETE FROM s USING t AS s"),
    Case("DELETE FROM s USING t s WHERE s.a IS NOT NULL"),
    Case("DELETE s, v FROM u AS v, t AS s"),
    Case("DELETE t.* FROM t"),
    Case("DELETE FROM test.t"),
    Case("DELETE s FROM t s LEFT JOIN u ON u.id = s.id"),
    Case("DELETE s FROM t s JOIN t v ON s.id = v.id"),
    Case("CALL p()", ("CREATE PROCEDURE p() BEGIN FOR r IN (SELECT id FROM t) DO "
                      "DELETE FROM t WHERE id = r.id; END FOR; END",)),
    Case("CALL p()", ("CREATE PROCEDURE p() BEGIN FOR i IN 1 .. 9 DO DELETE FROM t LIMIT 2; END FOR; END",)),
    Case("EXECUTE IMMEDIATE CONCAT('TRUNCATE ', CHAR(116))"),
    Case("EXECUTE IMMEDIATE CONCAT('TRUNCATE ', TRIM(LOWER(' T ')))"),
    Case("ANALYZE DELETE FROM t"),
    Case("ANALYZE FORMAT = JSON DELETE FROM t"),
    Case("ALTER TABLE p EXCHANGE PARTITION p0 WITH TABLE t", (
        "CREATE TABLE p (id int PRIMARY KEY, a int NOT NULL) PARTITION BY HASH (id) PARTITIONS 1",
    )),
)  # fmt: skip
SOME = (
    Case(INSERTED, (trigger("AFTER INSERT", PART),)),
    Case(INSERTED, (trigger("AFTER DELETE", ALL),)),
    Case(INSERTED, (trigger("AFTER UPDATE", ALL),)),
    Case("UPDATE u SET a = 9", (trigger("AFTER INSERT", ALL),)),
    Case("SELECT a FROM u", (trigger("AFTER INSERT", ALL),)),
    Case("SELECT f()", (function(f"{PART};"),)),
    Case("CALL p()", (HANDLED.format(PART),)),
    Case("SELECT concat_ws(',', a, left('x', 1), if(a, 1, 2)) FROM u"),
    Case("DO sleep(0)"),
    Case("SET @x = ifnull(now(), 'x')"),
    Case("DELETE v FROM u v, t s WHERE s.id = v.id"),
    Case("DELETE FROM v USING u AS v INNER JOIN t ON t.id = v.id"),
    Case("DELETE s FROM t s JOIN t v ON s.a = v.a AND s.id > v.id"),
    Case("DELETE s FROM t s INNER JOIN u ON u.id = s.id AND u.a = 1"),
    Case("DELETE s FROM t s LEFT JOIN u ON u.id = s.id WHERE u.id IS NOT NULL"),
    Case(
        "CALL p()",
        (
            "CREATE PROCEDURE p() BEGIN FOR r IN (SELECT id FROM t WHERE a > 2) DO "
            "DELETE FROM t WHERE id = r.id; END FOR; END",
        ),
    ),
    Case("EXECUTE IMMEDIATE CONCAT('TRUNCATE ', CHAR(117))"),
    Case("REPLACE INTO w VALUES (1, 7)", PARENT),
    Case("REPLACE w SET id = 1", PARENT),
    Case("REPLACE INTO w SELECT * FROM w WHERE b > 2", PARENT),
    Case("REPLACE INTO w SELECT * FROM w LIMIT 2", PARENT),
    Case("INSERT INTO w SELECT * FROM w ON DUPLICATE KEY UPDATE b = 7", PARENT),
    Case("UPDATE w SET b = REPLACE(b, 1, 2)", PARENT),
    Case("EXPLAIN DELETE FROM t"),
    Case("ANALYZE TABLE t"),
    Case("ALTER TABLE t ENGINE = Aria"),
)


def said(case: Case) -> bool:
    """Whether the product says that the rows of `t` go, or that they may."""
    catalog, journal = Catalog("mariadb"), Journal()
    for revision, texts in (("a1", (*TABLES, *case.made)), ("b2", (case.statement,))):
        runs = "".join(f"    op.execute({text!r})\n" for text in texts)
        operations = read_script_text(f"from alembic import op\ndef upgrade():\n{runs}", "mariadb").upgrade
        assert [each.reason for each in operations if each.kind == "opaque" and not each.calls] == []
        replay(catalog, revision, operations, journal)
    assert [each for each in journal.entries if each.operation.kind == "opaque"] == []
    table = catalog.table(None, "t")
    effects = {each.effect for each in journal.entries if table is not None and each.table == table.identity}
    return not effects.isdisjoint(("rows_taken", "rows_perhaps_taken"))


def emptied(connection: sa.Connection) -> None:
    for kind, name in (
        ("TABLE", "p"),
        ("TABLE", "t"),
        ("TABLE", "u"),
        ("TABLE", "w"),
        ("FUNCTION", "f"),
        ("PROCEDURE", "p"),
    ):
        connection.exec_driver_sql(f"DROP {kind} IF EXISTS {name}")


@pytest.mark.parametrize("case", EVERY + SOME, ids=str)
def test_as_the_server_has_it(case: Case, mariadb: MariaDB) -> None:
    with mariadb.engine.connect() as connection:
        emptied(connection)
        try:
            mariadb.run(*TABLES, *ROWS, *case.made, case.statement)
            gone = connection.exec_driver_sql("SELECT count(*) FROM t WHERE id < 4").scalar() == 0
        finally:
            emptied(connection)
    assert gone == (case in EVERY)
    assert said(case) == gone


DAILY = "CREATE EVENT e ON SCHEDULE EVERY 1 SECOND"


@pytest.mark.parametrize(
    "case",
    [
        Case("ALTER EVENT e ENABLE", (f"{DAILY} DISABLE DO {ALL}",)),
        Case(
            "ALTER EVENT e ENABLE",
            ("CREATE PROCEDURE p() BEGIN DELETE FROM t; END", f"{DAILY} DISABLE DO CALL p()"),
        ),
        Case("ALTER EVENT e ENABLE", (f"{DAILY} DISABLE DO {PART}",)),
        Case("ALTER EVENT f RENAME TO e ENABLE", (f"{DAILY.replace(' e ', ' f ')} DISABLE DO {ALL}",)),
        Case("ALTER EVENT e COMMENT 'kept'", (f"{DAILY} DISABLE DO {ALL}",)),
        Case(f"{DAILY} DISABLE DO {ALL}"),
        Case(f"{DAILY} DO {ALL}"),
    ],
    ids=str,
)
def test_an_event_runs_once_it_is_enabled(case: Case, mariadb: MariaDB) -> None:
    with mariadb.engine.connect() as connection:
        emptied(connection)
        try:
            mariadb.run("SET GLOBAL event_scheduler = ON", *TABLES, *ROWS, *case.made, case.statement)
            for _ in range(8):
                sleep(0.25)
                gone = connection.exec_driver_sql("SELECT count(*) FROM t").scalar() == 0
                if gone:
                    break
        finally:
            mariadb.run("DROP EVENT IF EXISTS e", "SET GLOBAL event_scheduler = OFF")
            emptied(connection)
    assert said(case) == gone
