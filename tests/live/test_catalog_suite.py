"""The judge of what is read and replayed, on a small suite of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.benchmarks.catalog_suite.__main__ import table, told
from tests.benchmarks.catalog_suite.judge import Result
from tests.benchmarks.catalog_suite.languages import mysqltest, psql, tcl
from tests.benchmarks.catalog_suite.servers import Opener
from tests.benchmarks.catalog_suite.servers.postgresql import opener
from tests.benchmarks.catalog_suite.suites import SUITES, judged
from tests.database.servers import NoServer

from .conftest import Server

SUITE = Path(__file__).with_name("catalog_suite")


def test_statements_as_psql_takes_them() -> None:
    text = (SUITE / "tables.sql").read_text()
    found = [(each.line, each.text.split("\n")[0]) for each in psql.statements(text)]
    assert found[0] == (3, "CREATE SCHEMA shop")
    assert (18, "ALTER TABLE shop.customers RENAME COLUMN mail TO email") in found
    assert not any(text.startswith(("COPY", "one")) for _, text in found)


def test_statements_as_mysqltest_takes_them() -> None:
    """What is said to mysqltest is dropped; a variable is put in, another delimiter counts."""
    text = (SUITE / "mariadb" / "tables.test").read_text()
    found = [(each.line, each.text.split("\n")[0]) for each in mysqltest.statements(text)]
    assert found[0] == (4, "CREATE TABLE customers (")
    assert (15, "ALTER TABLE customers ADD COLUMN note VARCHAR(20)") in found
    assert (19, "CREATE TRIGGER counted BEFORE INSERT ON customers FOR EACH ROW") in found
    assert (41, "INSERT INTO customers (mail) VALUES ('it''s; one')") in found
    assert not any(text.startswith(("--", "let", "echo", "not SQL")) for _, text in found)


def test_statements_in_tcl() -> None:
    """The SQL in braces, and a new database where the file makes one."""
    sections = [
        [(each.line, each.text.split("\n")[0]) for each in section]
        for section in tcl.sections((SUITE / "sqlite" / "tables.test").read_text())
    ]
    assert [len(each) for each in sections] == [13, 2]
    assert sections[0][0] == (5, "CREATE TABLE customers (")
    assert (19, "CREATE TRIGGER counted AFTER INSERT ON customers BEGIN") in sections[0]
    assert sections[1] == [(48, "CREATE TABLE customers (id INTEGER)"), (49, "DROP TABLE customers")]


@pytest.mark.parametrize("file", sorted(SUITE.glob("*.sql")), ids=lambda file: file.stem)
def test_it_agrees_with_the_server(file: Path, postgresql: Server) -> None:
    total = _judged("postgresql", opener(postgresql.url), file)
    assert total.refused <= 4, table(total)
    assert all(each.sql.startswith("DROP OWNED") for each in total.differences), table(total)


@pytest.mark.parametrize("dialect", ["mariadb", "sqlite"])
def test_it_agrees_with(dialect: str) -> None:
    """With MariaDB, and with SQLite."""
    try:
        with SUITES[dialect].opened() as fresh:
            for file in sorted((SUITE / dialect).glob("*.test")):
                total = _judged(dialect, fresh, file)
                assert total.refused <= 2, (file, table(total))
                assert [told(each) for each in total.differences] == []
    except NoServer as missing:
        pytest.skip(str(missing))


def _judged(dialect: str, fresh: Opener, file: Path) -> Result:
    """What is found in a file of which nothing is read wrongly."""
    ((_, result),) = judged(SUITES[dialect], fresh, [file])
    assert result.lost == []
    assert [told(each) for each in result.differences if each.verdict == "wrong"] == []
    return result


def test_what_is_not_read_as_it_happens_is_wrong(postgresql: Server, tmp_path: Path) -> None:
    """The server's own catalog is written to, which no reading of SQL follows."""
    file = tmp_path / "a.sql"
    file.write_text(
        "CREATE TABLE t (a int, b int);\n"
        "SET allow_system_table_mods = on;\n"
        "UPDATE pg_class SET relname = 'u' WHERE relname = 't';\n"
    )
    ((_, result),) = judged(SUITES["postgresql"], opener(postgresql.url), [file])
    assert ("table renamed", 3) in {
        (each.fact.kind, each.line) for each in result.differences if each.verdict != "agrees"
    }
