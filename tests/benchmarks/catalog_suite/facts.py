"""What a catalog holds, as single facts that can be told apart and counted."""

from __future__ import annotations

from typing import NamedTuple


class Name(NamedTuple):
    """Of a table, a view or an enumeration."""

    schema: str
    name: str


class Fact(NamedTuple):
    kind: str
    of: Name
    what: object = None  # the column, the columns of a key, …


#: The kinds, in the order in which they are shown; those of renames are made by the judge.
KINDS = (
    "table",
    "table renamed",
    "column",
    "column renamed",
    "type",
    "not null",
    "default",
    "generated",
    "key",
    "foreign key",
    "check",
    "parent",
    "view",
    "view renamed",
    "column of a view",
    "enumeration",
)

#: Fact → its value. Only what is there: a column that allows NULL has no fact "not null".
Facts = dict[Fact, object]

UNKNOWN = "?"
