"""What a change of type costs on MariaDB, as the table says and as the server does it.

The server is asked with ALGORITHM=…: it refuses the statement where it would have to do more than that.
"""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from migration_lint.effects.types import Around, judge
from migration_lint.effects.types.mysql import parts

from .mariadb import NO_MYSQL, MariaDB, cheapest, emptied

MANY = ",".join(f"'v{n}'" for n in range(256))
TYPES = [
    "tinyint(1)", "tinyint", "tinyint unsigned", "smallint", "smallint unsigned", "mediumint", "int", "int unsigned",
    "int(5)", "bigint", "bigint unsigned", "decimal(10,2)", "decimal(12,2)", "decimal(12,4)", "float", "float(10,2)",
    "double", "char(10)", "char(20)", "varchar(10)", "varchar(20)", "tinytext", "text", "mediumtext", "longtext",
    "binary(10)", "varbinary(10)", "varbinary(20)", "varbinary(127)", "varbinary(128)", "varbinary(300)", "blob",
    "longblob", "enum('a','b')", "enum('a','b','c')", "enum('b','a')", f"enum('a','b',{MANY})", "set('a','b')",
    "set('a','b','c')", "set('a','b','c','d','e','f','g','h','i')", "date", "datetime", "datetime(3)", "datetime(6)",
    "timestamp", "time", "time(3)", "year", "bit(1)", "bit(8)",
]  # fmt: skip
#: Of a table in each character set, lengths around those at which a value's length takes another byte.
LENGTHS = (31, 32, 63, 64, 85, 86, 127, 128, 255, 256)
CHARSETS = ("latin1", "utf8mb3", "utf8mb4")
RECODED = [
    "varchar(20) CHARACTER SET ascii",
    "varchar(20) CHARACTER SET latin1",
    "varchar(20) CHARACTER SET utf8mb3",
    "varchar(40) CHARACTER SET utf8mb3",
    "varchar(70) CHARACTER SET utf8mb3",
    "varchar(20) CHARACTER SET utf8mb4",
    "varchar(40) CHARACTER SET utf8mb4",
    "varchar(70) CHARACTER SET utf8mb4",
    "varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
    "char(20) CHARACTER SET utf8mb3",
    "char(20) CHARACTER SET utf8mb4",
    "text CHARACTER SET utf8mb3",
    "text CHARACTER SET utf8mb4",
    "enum('a') CHARACTER SET utf8mb3",
    "enum('a') CHARACTER SET utf8mb4",
]
WORK = {"instant": "metadata", "nocopy": "index_rebuild", "inplace": "rewrite", "copy": "rewrite"}


def differences(
    server: MariaDB, pairs: list[tuple[str, str]], charset: str, indexed: bool = False
) -> list[object]:
    """The pairs of which the table says something else than the server does."""
    found: list[object] = []
    with server.engine.connect() as connection:
        for old, new in pairs:
            key = "(3)" if "text" in old or "blob" in old else ""
            setup = [
                f"CREATE TABLE t (c {old}) DEFAULT CHARSET={charset}",
                *([f"CREATE INDEX i ON t (c{key})"] if indexed else []),
                "INSERT INTO t VALUES (NULL)",
            ]
            taken = cheapest(connection, f"ALTER TABLE t MODIFY c {new}", setup)
            judged = judge(old, new, "mariadb", server.version, Around("c", indexed=indexed))
            did = "impossible" if taken is None else WORK[taken.algorithm]
            said = {"same": "metadata"}.get(judged.work, judged.work)
            if said != did and (judged.certain or said == "metadata"):
                found.append((old, new, said, did))
            if taken is not None and taken.lock != ("SHARED" if taken.algorithm == "copy" else "NONE"):
                found.append((old, new, taken))
    return found


def test_the_server_does_what_the_table_says(mariadb: MariaDB) -> None:
    pairs = [(old, new) for old in TYPES for new in TYPES]
    assert differences(mariadb, pairs, "utf8mb4") == []


@pytest.mark.parametrize("charset", CHARSETS)
def test_a_longer_varchar(mariadb: MariaDB, charset: str) -> None:
    """With the character set in the type it is certain; without, it is so where all agree."""
    pairs = [(old, new) for old in LENGTHS for new in LENGTHS]
    written = [
        (f"varchar({old}) CHARACTER SET {charset}", f"varchar({new}) CHARACTER SET {charset}")
        for old, new in pairs
    ]
    assert differences(mariadb, written, charset) == []
    assert differences(mariadb, [(f"varchar({old})", f"varchar({new})") for old, new in pairs], charset) == []


@pytest.mark.parametrize("indexed", [False, True])
def test_another_character_set(mariadb: MariaDB, indexed: bool) -> None:
    pairs = [(old, new) for old in RECODED for new in RECODED]
    assert differences(mariadb, pairs, "utf8mb4", indexed) == []


#: Values at the edge of what a type holds.
VALUES = {
    "tinyint": ["-128", "127"],
    "tinyint unsigned": ["255"],
    "smallint": ["-32768", "32767"],
    "smallint unsigned": ["65535"],
    "mediumint": ["-8388608", "8388607"],
    "int": ["-2147483648", "2147483647"],
    "int unsigned": ["4294967295"],
    "bigint": ["-9223372036854775808", "9223372036854775807"],
    "bigint unsigned": ["18446744073709551615"],
    "decimal(10,2)": ["-99999999.99"],
    "decimal(12,2)": ["-9999999999.99"],
    "decimal(12,4)": ["-99999999.9999"],
    "decimal(20,0)": ["-99999999999999999999"],
    "char(10)": ["x" * 10],
    "char(20)": ["x" * 20],
    "varchar(10)": ["é" * 10, "x "],
    "varchar(20)": ["é" * 20, "x "],
    "tinytext": ["x" * 255],
    "text": ["x" * 65535],
    "mediumtext": ["x" * 65536],
    "enum('a','b')": ["a", "b"],
    "enum('a','b','c')": ["c"],
    "enum('b','a')": ["a", "b"],
    "set('a','b')": ["a,b"],
    "set('a','b','c')": ["a,b,c"],
    "date": ["2026-03-01"],
    "datetime": ["1000-01-01 00:00:01"],
    "datetime(3)": ["2026-03-01 10:00:00.123"],
    "datetime(6)": ["2026-03-01 10:00:00.123456"],
    "time": ["838:59:59"],
    "time(3)": ["838:59:59.123"],
    "year": ["2155"],
    "bit(1)": ["1"],
    "varbinary(10)": ["x" * 10],
    "varbinary(20)": ["x" * 20],
}


def test_what_is_called_lossless_keeps_every_value(mariadb: MariaDB) -> None:
    """And where it is called lossy, a value at the edge is lost, or refused."""
    wrong = []
    with mariadb.engine.connect() as connection:
        for old, values in VALUES.items():
            for new in VALUES:
                if old == new:
                    continue
                judged = judge(old, new, "mariadb", mariadb.version)
                kept = all(_kept(connection, old, new, value) for value in values)
                family = parts(old, "mariadb").family, parts(new, "mariadb").family
                # What takes another form in between is called lossy, whether or not it comes back the same.
                if (judged.lossy and kept and family[0] == family[1]) or (not judged.lossy and not kept):
                    wrong.append((old, new, judged.lossy, kept))
    assert not wrong


def _kept(connection: sa.Connection, old: str, new: str, value: str) -> bool:
    emptied(connection)
    connection.exec_driver_sql(f"CREATE TABLE t (c {old}) DEFAULT CHARSET=utf8mb4")
    connection.exec_driver_sql("INSERT INTO t VALUES (%s)", (value,) if old != "bit(1)" else (1,))
    before = connection.exec_driver_sql("SELECT hex(c), c + 0 FROM t").one()
    try:
        connection.exec_driver_sql(f"ALTER TABLE t MODIFY c {new}")
        connection.exec_driver_sql(f"ALTER TABLE t MODIFY c {old}")
    except sa.exc.DBAPIError:
        return False
    return bool(connection.exec_driver_sql("SELECT hex(c), c + 0 FROM t").one() == before)


def test_mysql() -> None:
    pytest.skip(NO_MYSQL)
