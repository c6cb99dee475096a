"""Which dialect an environment's scripts are written in, as far as its files say it."""

from __future__ import annotations

from collections.abc import Mapping

from migration_lint.operations import DIALECTS, Dialect

#: What else dialects are called, in folders and in addresses.
_ALSO: Mapping[str, Dialect] = {
    "postgres": "postgresql",
    "pg": "postgresql",
    "sqlite3": "sqlite",
    "sqlserver": "mssql",
}
_NAMES: Mapping[str, Dialect] = {**{name: name for name in DIALECTS}, **_ALSO}


def dialect_called(name: str) -> Dialect | None:
    """The dialect of this name, whatever its case."""
    return _NAMES.get(name.lower())
