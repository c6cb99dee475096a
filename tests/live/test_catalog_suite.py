"""The judge of what is read and replayed, on a small suite of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.benchmarks.catalog_suite import psql
from tests.benchmarks.catalog_suite.__main__ import judged, table, told
from tests.benchmarks.catalog_suite.judge import Result

from .conftest import Server

SUITE = Path(__file__).with_name("catalog_suite")


def test_statements_as_psql_takes_them() -> None:
    text = (SUITE / "tables.sql").read_text()
    found = [(each.line, each.text.split("\n")[0]) for each in psql.statements(text)]
    assert found[0] == (3, "CREATE SCHEMA shop")
    assert (18, "ALTER TABLE shop.customers RENAME COLUMN mail TO email") in found
    assert not any(text.startswith(("COPY", "one")) for _, text in found)


@pytest.mark.parametrize("file", sorted(SUITE.glob("*.sql")), ids=lambda file: file.stem)
def test_it_agrees_with_the_server(file: Path, postgresql: Server) -> None:
    total = Result()
    for _, result in judged(postgresql.url, [file]):
        total.add(result)
    assert total.lost == []
    assert [told(each) for each in total.differences if each.verdict == "wrong"] == []
    assert total.refused <= 4, table(total)
    assert all(each.sql.startswith("DROP OWNED") for each in total.differences), table(total)


def test_what_is_not_read_as_it_happens_is_wrong(postgresql: Server, tmp_path: Path) -> None:
    """The server's own catalog is written to, which no reading of SQL follows."""
    file = tmp_path / "a.sql"
    file.write_text(
        "CREATE TABLE t (a int, b int);\n"
        "SET allow_system_table_mods = on;\n"
        "UPDATE pg_class SET relname = 'u' WHERE relname = 't';\n"
    )
    ((_, result),) = judged(postgresql.url, [file])
    assert ("table renamed", 3) in {
        (each.fact.kind, each.line) for each in result.differences if each.verdict != "agrees"
    }
