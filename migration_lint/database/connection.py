"""A connection to a live database, and what goes wrong with it, without a password in any message."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from migration_lint.database.address import ASKED, parse_url, shown, without_secrets
from migration_lint.errors import CannotJudge, Problem
from migration_lint.operations import Dialect

if TYPE_CHECKING:
    from sqlalchemy.engine import URL, Connection, Engine

SECONDS = 10  # to wait for a connection


@contextmanager
def connected(text: str) -> Iterator[Connection]:
    """A connection to the database of a URL. Raises CannotJudge where it cannot be asked."""
    url = parse_url(text)
    from sqlalchemy import create_engine
    from sqlalchemy.exc import SQLAlchemyError

    try:
        engine = create_engine(url, connect_args=_patience(url))
    except ModuleNotFoundError as error:
        raise _refused(
            f"the driver {error.name} is not installed", f"pip install {error.name}, or name another driver"
        ) from None
    except (SQLAlchemyError, TypeError) as error:
        raise _refused(without_secrets(_first_line(error), url), "correct the URL") from None
    try:
        with engine.connect() as connection:
            yield connection
    except (SQLAlchemyError, OSError) as error:
        cause = getattr(error, "orig", None) or error
        raise _refused(
            f"{shown(url)} cannot be asked: {without_secrets(_first_line(cause), url)}",
            "see that the server runs, and that the user may connect and read the tables",
        ) from None
    finally:
        engine.dispose()


def _patience(url: URL) -> dict[str, Any]:
    driver = url.get_driver_name()
    if driver in ("psycopg", "psycopg2", "pymysql", "mysqldb", "mariadbconnector"):
        return {"connect_timeout": SECONDS}
    return {"timeout": SECONDS} if driver in ("asyncpg", "pysqlite") else {}


def dialect_of(engine: Engine) -> Dialect:
    """What is asked."""
    if getattr(engine.dialect, "is_mariadb", False):
        return "mariadb"
    return ASKED[engine.dialect.name]


def agree(found: Dialect, configured: Dialect) -> None:
    """Raises CannotJudge where a database is not of the configured dialect."""
    family = {"mysql", "mariadb"}
    if found != configured and not {found, configured} <= family:
        raise CannotJudge(
            Problem(
                f"the database is {found}, and the configuration says {configured}",
                "--database-url",
                fix=f'set dialect = "{found}" in the configuration, or name another database',
            )
        )


def _refused(message: str, fix: str) -> CannotJudge:
    return CannotJudge(Problem(message, "--database-url", fix=fix))


def _first_line(error: object) -> str:
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)
