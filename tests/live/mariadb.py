"""A MariaDB, and the cheapest way in which it takes a statement."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from io import StringIO
from typing import NamedTuple

import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy.dialects import mysql

from migration_lint.effects.words import ALGORITHMS, Algorithm

from ..database import servers

LOCKS = ("NONE", "SHARED", "EXCLUSIVE")
#: The other one of the two has no package that Debian, or the Python Package Index, installs.
NO_MYSQL = "what MySQL does otherwise than MariaDB is its manual's word: there is no MySQL to be had"


#: Thousands of tables are made and dropped, each in a file of its own.
MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


class MariaDB(NamedTuple):
    """A running server; `version` as in a configuration."""

    version: tuple[int, ...]
    engine: sa.Engine

    def run(self, *statements: str) -> None:
        with self.engine.connect() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement.replace("%", "%%"))
            connection.commit()


class Taken(NamedTuple):
    """The cheapest algorithm, and with it the weakest lock, that the server takes a statement with."""

    algorithm: Algorithm
    lock: str


@pytest.fixture(scope="session")
def mariadb() -> Iterator[MariaDB]:
    """One for all tests. Each makes its own tables anew."""
    try:
        with servers.mariadb(MEMORY) as url:
            engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
            with engine.connect() as connection:
                connection.exec_driver_sql("SET GLOBAL innodb_flush_log_at_trx_commit = 0")
                said = str(connection.exec_driver_sql("SELECT version()").scalar())
            numbers = re.match(r"(\d+)\.(\d+)\.(\d+)", said)
            assert numbers is not None, said
            try:
                yield MariaDB(tuple(map(int, numbers.groups())), engine)
            finally:
                engine.dispose()
    except servers.NoServer as missing:
        pytest.skip(str(missing))


def emptied(connection: sa.Connection) -> None:
    """Drops every table of the database."""
    connection.exec_driver_sql("SET foreign_key_checks = 0")
    for (name,) in connection.exec_driver_sql("SHOW TABLES").all():
        connection.exec_driver_sql(f"DROP TABLE `{name}`")
    connection.exec_driver_sql("SET foreign_key_checks = 1")


def cheapest(connection: sa.Connection, statement: str, before: Iterable[str] = ()) -> Taken | None:
    """How the server takes a statement after others, in an empty database; None: not at all.

    A statement that is refused leaves everything as it was.
    """
    # DROP INDEX takes neither of the two words.
    statement = re.sub(r"^DROP INDEX (\S+) ON (\S+)", r"ALTER TABLE \2 DROP INDEX \1", statement)
    if before:
        emptied(connection)
    for each in before:
        connection.exec_driver_sql(each.replace("%", "%%"))
    said = re.search(r",?\s*\bLOCK\s*=\s*(\w+)", statement)
    if said is not None:  # what the statement asks for is what it gets, or an error
        statement = statement.replace(said[0], "")
    for algorithm in ALGORITHMS:
        for lock in LOCKS if said is None else [said[1]]:
            try:
                connection.exec_driver_sql(_asking(statement, algorithm, lock).replace("%", "%%"))
            except sa.exc.DBAPIError:
                continue
            return Taken(algorithm, lock)
    return None


def _asking(statement: str, algorithm: Algorithm, lock: str) -> str:
    """The statement with ALGORITHM and LOCK, which stand before PARTITION BY and ORDER BY."""
    comma = "" if re.match(r"(?i)create\b", statement) else ","
    asked = f"{comma} ALGORITHM={algorithm.upper()}{comma} LOCK={lock}"
    last = re.search(r"(?i)^(alter table \S+) ((?:partition|order) by .*)$", statement)
    if last is None:
        return statement + asked
    between = "," if last[2].lower().startswith("order") else ""
    return f"{last[1]}{asked.replace(',', '', 1)}{between} {last[2]}"


def rendered(code: str) -> list[str]:
    """The statements that Alembic makes of the calls."""
    buffer = StringIO()
    context = MigrationContext.configure(
        dialect_name="mariadb", opts={"as_sql": True, "output_buffer": buffer}
    )
    exec(code, {"op": Operations(context), "sa": sa, "mysql": mysql})
    return [each.strip() for each in buffer.getvalue().split(";") if each.strip()]
