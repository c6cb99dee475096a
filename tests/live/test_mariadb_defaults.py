"""Which defaults MariaDB takes for the same, by what it says of the column then."""

from __future__ import annotations

import pytest

from migration_lint.catalog.expressions import canonical_expression

from .mariadb import MariaDB

SAME = (
    ("now()", "current_timestamp()"),
    ("CURRENT_TIMESTAMP", "current_timestamp()"),
    ("current_timestamp() ON UPDATE current_timestamp()", "CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP"),
)
OTHER = (("now()", "'2020-01-01'"), ("current_timestamp()", "CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP"))


@pytest.mark.parametrize(("one", "other"), SAME + OTHER)
def test_as_the_server_has_it(mariadb: MariaDB, one: str, other: str) -> None:
    said = []
    for default in (one, other):
        mariadb.run(f"CREATE OR REPLACE TABLE defaulted (a timestamp NULL DEFAULT {default})")
        with mariadb.engine.connect() as connection:
            said.append(connection.exec_driver_sql("SHOW CREATE TABLE defaulted").all())
    mariadb.run("DROP TABLE defaulted")
    assert (said[0] == said[1]) == ((one, other) in SAME)
    assert (canonical_expression(one) == canonical_expression(other)) == ((one, other) in SAME)
