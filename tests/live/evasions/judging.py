"""What the database says of a case that is carried out, and what `check` says of its files."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path
from typing import Any, NamedTuple

import psycopg

from migration_lint.cli import main
from tests.live.evasions.cases import Case, history
from tests.live.evasions.running import Alembic
from tests.projects import write

#: The columns of the table under contract, as a client finds it.
_COLUMNS = """
SELECT attname, format_type(atttypid, atttypmod), relkind
FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
WHERE attrelid = to_regclass('deployment_events') AND attnum > 0 AND NOT attisdropped
"""


class Outcome(NamedTuple):
    """How a case ends: for the table, for the upgrade, and at the gate."""

    broken: bool  # a column is gone, or of another type
    error: str  # what ended the upgrade
    passed: bool  # the gate lets it through


class Gate:
    """What `check` says of a case, beside the history that it follows on."""

    def __init__(self, folder: Path) -> None:
        self.before = write(folder, history())

    def passes(self, after: Path) -> bool:
        """Whether `check` finds nothing that a contract says, and judges it."""
        said = io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(io.StringIO()):
            status = main(["check", str(after), "--base", str(self.before), "--head", str(after)])
        return status != 2 and "error[contract-" not in said.getvalue()


class Judge:
    """A server with the history in one database, of which each case gets a copy."""

    def __init__(self, url: str, folder: Path, alembic: Alembic) -> None:
        self._url = url
        self._folder = folder
        self._gate = Gate(folder / "before")
        self._alembic = alembic
        self._server = psycopg.connect(_driven(url), autocommit=True)
        self._server.execute("CREATE DATABASE history")
        alembic.start(self._gate.before, self._at("history"))
        failed = alembic.finish()
        assert not failed, failed
        self._columns = self._found("history")
        self._number = 0
        self._next = self._copied()

    def of(self, case: Case) -> Outcome:
        """Carries the case out, and has it checked."""
        database = self._next
        after = project(case, self._folder / database)
        self._alembic.start(after, self._at(database))
        self._next = self._copied()  # meanwhile, as is the check
        try:
            passed = self._gate.passes(after)
        finally:
            error = self._alembic.finish()
        columns = self._found(database)
        self._server.execute(f"DROP DATABASE {database} WITH (FORCE)")
        return Outcome(bool(self._columns - columns), error, passed)

    def _at(self, database: str) -> str:
        return self._url.replace("/postgres?", f"/{database}?")

    def _copied(self) -> str:
        self._number += 1
        name = f"case{self._number}"
        self._server.execute(f"CREATE DATABASE {name} TEMPLATE history STRATEGY file_copy")
        return name

    def _found(self, database: str) -> set[tuple[Any, ...]]:
        with psycopg.connect(_driven(self._at(database)), autocommit=True) as connection:
            return set(connection.execute(_COLUMNS).fetchall())


def project(case: Case, folder: Path) -> Path:
    """The project after the change, in a new folder."""
    return write(folder, {**history(), **case.files})


def _driven(url: str) -> str:
    """A URL of SQLAlchemy's as the driver has it."""
    return url.replace("+psycopg", "")
