"""How each dialect tells names apart: scripts, contracts, the catalog and configuration all ask here.

A name is held as the database holds it, with one exception: Oracle's upper case, which is what it makes of
a name without quotes, is held in lower case, as SQLAlchemy has it. `"EVENTS"`, `EVENTS` and `events` are one
table there. So is `"events"` to us: a contract cannot say of a name that it was quoted.
"""

from __future__ import annotations

from migration_lint.named_tuple import NamedTuple
from migration_lint.operations import HOLE, Dialect

#: PostgreSQL's names, in bytes (NAMEDATALEN - 1).
_LONGEST_NAME = 63


class Identifiers(NamedTuple):
    """The names of one database."""

    dialect: Dialect = "postgresql"
    tables_by_case: bool = False  # MySQL and MariaDB, lower_case_table_names = 0: `A` and `a` are two tables

    def unquoted(self, name: str) -> str:
        """A name that a statement wrote without quotes, as it is held."""
        if self.dialect == "postgresql":
            if name.isascii():
                return name.lower() if len(name) <= _LONGEST_NAME else shortened(name.lower())
            return shortened("".join(c.lower() if c.isascii() else c for c in name))
        return name.lower() if self.dialect == "oracle" else name

    def quoted(self, name: str) -> str:
        """A name that a statement wrote in quotes, as it is held."""
        if self.dialect == "postgresql":
            return shortened(name)
        return _without_upper(name) if self.dialect == "oracle" else name

    def fold(self, name: str) -> str:
        """What is equal for two columns, indexes or other names inside a table that mean the same."""
        if self.dialect == "postgresql":
            return name
        return _without_upper(name) if self.dialect == "oracle" else name.lower()

    def fold_table(self, name: str) -> str:
        """What is equal for two tables, or two schemas, that mean the same."""
        return name if self.tables_by_case else self.fold(name)


#: Of a database of which nothing is said.
POSTGRESQL = Identifiers()


def shortened(name: str) -> str:
    """PostgreSQL cuts every name, quoted or not, to 63 bytes."""
    if len(name) < 16 or HOLE in name:
        return name
    name = name[:_LONGEST_NAME]
    while len(name.encode("utf-8", "surrogatepass")) > _LONGEST_NAME:
        name = name[:-1]
    return name


def _without_upper(name: str) -> str:
    """Oracle: a name all in upper case is the one without quotes; any other keeps its case."""
    return name.lower() if name == name.upper() else name
