"""Which names a project's own function may go by, as MariaDB has it: those are not the server's."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from migration_lint.operations import Dialect
from migration_lint.reading import read_script_text
from migration_lint.reading.sql.shipped import is_harmless

from ..benchmarks.functions import MYSQL_FILE, STORED_OF_MYSQL
from .mariadb import MariaDB

_UNKNOWN = (1305, 1630)  # the name is taken for a stored function's


def called(statement: str, dialect: Dialect = "mariadb") -> tuple[str, ...]:
    head = 'from alembic import op\nrevision, down_revision = "1", None\ndef upgrade():\n'
    text = f"{head}    op.execute({statement!r})\n"
    return tuple(name for each in read_script_text(text, dialect).upgrade for name in each.calls)


@pytest.mark.parametrize(
    "name",
    "json_purge mbr_wipe internal_cleanup st_purge wsrep_x vec_drop get_dd_rows group_replication_x".split()
    + "array_append jsonb_set purge_rows migrate replay merge sequence `left` `values`".split(),
)
def test_a_stored_function_is_called_by_such_a_name(mariadb: MariaDB, name: str) -> None:
    mariadb.run(
        "CREATE OR REPLACE TABLE kept (a int)",
        "INSERT INTO kept VALUES (1)",
        f"DROP FUNCTION IF EXISTS {name}",
        f"CREATE FUNCTION {name}() RETURNS int BEGIN DELETE FROM kept; RETURN 1; END",
        f"DO {name}()",
        f"DROP FUNCTION {name}",
    )
    with mariadb.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM kept").scalar() == 0
    assert called(f"DO {name}()") == (name.strip("`"),)


def test_one_of_a_schema_is_called_whatever_the_server_has(mariadb: MariaDB) -> None:
    mariadb.run(
        "CREATE OR REPLACE TABLE kept (a int)",
        "INSERT INTO kept VALUES (1)",
        "DROP FUNCTION IF EXISTS test.upper",
        "CREATE FUNCTION test.upper() RETURNS int BEGIN DELETE FROM kept; RETURN 1; END",
        "DO test.upper()",
        "DROP FUNCTION test.upper",
    )
    with mariadb.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM kept").scalar() == 0
    assert called("DO test.upper()") == ("upper",)
    assert called("DO upper('a')") == called("DO `upper`('a')") == ()


def test_no_word_of_the_grammar_is_the_server_s_own_where_a_function_may_have_it(mariadb: MariaDB) -> None:
    words = MYSQL_FILE.read_text(encoding="utf-8").split("[keywords]")[1].split()
    syntax = MYSQL_FILE.read_text(encoding="utf-8").split("[harmless syntax]")[1].split("[")[0].split()
    with mariadb.engine.connect() as connection:
        for word in words:
            said = set()
            for arguments in ("", "1", "1, 1"):
                try:
                    connection.exec_driver_sql(f"SELECT {word}({arguments})")
                except sa.exc.DBAPIError as error:
                    said.add(error.orig.args[0] if error.orig is not None else None)
            if said.intersection(_UNKNOWN):
                assert word not in syntax
            assert word not in STORED_OF_MYSQL or not is_harmless(word, "mariadb")


@pytest.mark.parametrize(
    "call",
    [
        "SELECT json_schema_valid('{}', '{}')",
        "SELECT ST_AsText(ST_GeomFromText('POINT(1 1)'))",
        "SELECT IF(1, LEFT('abc', 2), REPLACE('a', 'a', 'b'))",
        "SELECT a, row_number() OVER (ORDER BY a) FROM kept",
        "INSERT INTO kept (a) VALUES (1) ON DUPLICATE KEY UPDATE a = VALUES(a)",
        "SELECT CAST(a AS DECIMAL(10, 2)), CONVERT(a, CHAR(3)) FROM kept",
        "SELECT INSERT('abc', 1, 1, 'x'), CHAR(65), DATE('2020-01-01'), MOD(5, 2)",
        "SELECT j.a FROM JSON_TABLE('[1]', '$[*]' COLUMNS (a INT PATH '$')) AS j",
    ],
)
def test_what_the_server_has_is_harmless(call: str) -> None:
    assert called(call) == called(call, "mysql") == ()
