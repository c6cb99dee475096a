"""What a catalog holds, as single facts that can be told apart and counted."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable
from typing import NamedTuple

from migration_lint.operations import Constraint, Index


class Name(NamedTuple):
    """Of a table, a view, an enumeration or a sequence."""

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
    "index",
    "foreign key",
    "check",
    "parent",
    "view",
    "view renamed",
    "column of a view",
    "enumeration",
    "sequence",
)

#: Fact → its value. Only what is there: a column that allows NULL has no fact "not null".
Facts = dict[Fact, object]

UNKNOWN = "?"


class Column(NamedTuple):
    """A column of a table or a view."""

    name: str
    type: str
    not_null: bool | str = False
    default: bool = False
    generated: str | None = None
    text: str | None = None  # the default, or the expression of a generated column
    number: Hashable = None  # the same after a rename; None: that is not known


class Relation(NamedTuple):
    """A table or a view. The columns of a CHECK are those that stand in it."""

    name: Name
    is_view: bool
    columns: tuple[Column, ...]
    constraints: tuple[Constraint, ...] = ()
    parents: tuple[Name, ...] = ()
    indexes: tuple[Index, ...] = ()
    reads: tuple[str, ...] = ()  # of a view: the tables and views
    oid: Hashable = None  # the same after a rename; None: that is not known


def facts_of(relation: Relation, fold: Callable[[str], str], kinds: frozenset[str]) -> Facts:
    """The facts of one table or view, of these kinds; `fold` makes names of columns equal that mean the same.

    A unique index is a key where indexes are among the kinds: such servers make no difference.
    """
    of = relation.name
    found: Facts = {}
    if relation.is_view:
        found[Fact("view", of)] = True
        for column in relation.columns:
            found[Fact("column of a view", of, fold(column.name))] = column.type
        return found
    found[Fact("table", of)] = True
    for column in relation.columns:
        name = fold(column.name)
        found[Fact("column", of, name)] = True
        found[Fact("type", of, name)] = column.type
        if column.not_null:
            found[Fact("not null", of, name)] = column.not_null
        if column.default:
            found[Fact("default", of, name)] = True
        if column.generated:
            found[Fact("generated", of, name)] = column.generated
    for each in relation.constraints:
        columns = tuple(map(fold, each.columns))
        if each.kind == "foreign_key":
            to = Name(each.referred_schema or "", each.referred_table or "")
            _count(found, Fact("foreign key", of, (columns, to, tuple(map(fold, each.referred_columns)))))
        elif each.kind == "check":
            _count(found, Fact("check", of, frozenset(columns)))
        elif each.kind in ("primary_key", "unique"):
            found[Fact("key", of, (each.kind[0], columns))] = True
    for parent in relation.parents:
        found[Fact("parent", of, parent)] = True
    if "index" in kinds:
        _count_indexes(found, relation, fold)
    for each in relation.constraints:
        if (
            each.kind == "primary_key"
        ):  # a key of the same columns says nothing more, and SQLite leaves it out
            found.pop(Fact("key", of, ("u", tuple(map(fold, each.columns)))), None)
    return found


def _count_indexes(found: Facts, relation: Relation, fold: Callable[[str], str]) -> None:
    """But for those that a server makes for a foreign key, if there is no other."""
    foreign = [tuple(map(fold, each.columns)) for each in relation.constraints if each.kind == "foreign_key"]
    for index in relation.indexes:
        names = {fold(each.name) for each in relation.columns} | {"rowid"}
        # An expression is one, whatever its spelling.
        columns = tuple(each if each in names else "?" for each in map(fold, index.columns))
        if index.unique:
            found[Fact("key", relation.name, ("u", columns))] = True
        elif not any(columns[: len(each)] == each for each in foreign):
            _count(found, Fact("index", relation.name, columns))


def _count(facts: Facts, fact: Fact) -> None:
    """One more of what there may be several of."""
    before = facts.get(fact, 0)
    assert isinstance(before, int)
    facts[fact] = before + 1


def mentioned(names: Iterable[str], expression: str, fold: Callable[[str], str]) -> tuple[str, ...]:
    """Those of some columns that stand in a condition."""
    outside = re.sub(r"'(?:[^']|'')*'", "''", expression)
    quoted = re.findall(r'"((?:[^"]|"")+)"|`((?:[^`]|``)+)`|\[([^\]]+)\]', outside)
    words = {(one or two or three).replace('""', '"').replace("``", "`") for one, two, three in quoted}
    words |= {word.lower() for word in re.findall(r"[^\W\d][\w$]*", re.sub(r'"[^"]*"', "", outside))}
    folded = {*map(fold, words)}
    return tuple(name for name in names if fold(name) in folded)
