"""A database's URL: checked, and said without its secrets."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from migration_lint.errors import CannotJudge, MissingExtra, Problem
from migration_lint.operations import Dialect

if TYPE_CHECKING:
    from sqlalchemy.engine import URL

#: Dialects that can be asked, by the name that SQLAlchemy gives them.
ASKED: dict[str, Dialect] = {
    "postgresql": "postgresql",
    "mysql": "mysql",
    "mariadb": "mariadb",
    "sqlite": "sqlite",
}

EXAMPLE = "postgresql+psycopg://user@host/database"


def parse_url(text: str) -> URL:
    """A URL as SQLAlchemy takes it. Raises CannotJudge for any other text, without repeating it.

    Raises MissingExtra where SQLAlchemy, which reads databases, is not installed.
    """
    try:
        from sqlalchemy.engine import make_url
        from sqlalchemy.exc import ArgumentError
    except ModuleNotFoundError:
        raise MissingExtra("database", "reading a live database") from None

    try:
        url = make_url(text)
        backend = url.get_backend_name()
    except (ArgumentError, ValueError):
        # What is wrong may be the password itself: it stays out of the message.
        raise _refused("the URL of the database cannot be read", f"write it like {EXAMPLE}") from None
    if backend not in ASKED:
        raise _refused(
            f"databases of the kind {backend} are not read", f"name one of {', '.join(ASKED)}, like {EXAMPLE}"
        )
    if backend == "sqlite" and url.database not in (None, "", ":memory:"):
        path = Path(str(url.database).removeprefix("file:").partition("?")[0])
        if not path.is_file():
            # To connect would make an empty one.
            raise _refused(f"the database {path} does not exist", "name the file of an existing database")
    return url


def shown(url: URL) -> str:
    """The URL without password and query, which may hold secrets too."""
    from sqlalchemy.engine import URL

    return URL.create(url.drivername, url.username, None, url.host, url.port, url.database).render_as_string()


def without_secrets(text: str, url: URL) -> str:
    """A driver's message without the password and the values of the query, should it repeat them."""
    from urllib.parse import quote, quote_plus

    secrets = [str(url.password)] if url.password else []
    secrets += [
        each
        for value in url.query.values()
        for each in ([value] if isinstance(value, str) else value)
        if len(each) > 3
    ]
    for secret in secrets:
        for spelled in (secret, quote(secret), quote_plus(secret)):
            text = text.replace(spelled, "***")
    return text


def _refused(message: str, fix: str) -> CannotJudge:
    return CannotJudge(Problem(message, "--database-url", fix=fix))
