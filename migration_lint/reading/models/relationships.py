"""Rows that go with others, or out of a list of theirs: what the ORM's relationships delete.

With `delete` in its cascade, a relationship deletes what belongs to an object that a session deletes; with
`delete-orphan`, also what is taken out of it.
https://docs.sqlalchemy.org/en/20/orm/cascades.html
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from migration_lint.named_tuple import NamedTuple
from migration_lint.reading.models import table
from migration_lint.reading.models.annotations import mapped_annotations
from migration_lint.reading.models.context import context
from migration_lint.reading.models.expressions import table_name
from migration_lint.reading.models.orm import mapped_table
from migration_lint.reading.python.interpreter import Interpreter
from migration_lint.reading.python.running import Arguments
from migration_lint.reading.python.values import (
    Class,
    ColumnModel,
    Dict,
    Function,
    Relationship,
    Unknown,
    Value,
    lookup,
    whole,
)

_DELETES = frozenset(("all", "delete"))
_ORPHANS = "delete-orphan"


#: Methods of lists, sets and dictionaries that take something out of them.
LOSING = frozenset(
    """
    clear remove pop popitem discard difference_update intersection_update symmetric_difference_update
    """.split()
)


class Belonging(NamedTuple):
    """The rows of a table that belong to those of another, by an attribute of its class."""

    attribute: str
    table: str | None  # None: it could not be worked out
    cascade: frozenset[str]
    key: str | None  # the column that refers to the owner, where it is the only one

    @property
    def goes_with(self) -> bool:
        """Whether they are deleted with their owner."""
        return not _DELETES.isdisjoint(self.cascade)

    @property
    def goes_alone(self) -> bool:
        """Whether they are deleted when they are taken out of it."""
        return _ORPHANS in self.cascade


def belongings(run: Interpreter, owner: str) -> Iterator[Belonging]:
    """What the class of a table has relationships to, said by it or by the other side."""
    of = context(run).mapped.get(owner)
    if of is None:
        return
    for name, value in _relationships(run, of):
        yield _belonging(run, owner, name, _target(run, of, name, value), value.options)
    for other in list(of.frame.locals.values()):
        if isinstance(other, Class) and other is not of:
            for name, value in _relationships(run, other):
                back = run.resolve(value.options.plain().get("backref"))
                named = isinstance(back, Relationship) and whole(back.argument)
                if named and _target(run, other, name, value) is of:
                    yield _belonging(run, owner, back.argument, other, back.options)


def _relationships(run: Interpreter, of: Class) -> Iterator[tuple[str, Relationship]]:
    for name in list(of.names.plain()):
        value = lookup(of, name, run.resolve)
        if isinstance(value, Relationship):
            yield name, value


def _target(run: Interpreter, of: Class, name: str, value: Relationship) -> Class | None:
    """The class that a relationship leads to, by what it is given or by its annotation."""
    given = run.resolve(value.argument)
    if isinstance(given, Function):
        given = run.resolve(run.call(given, Arguments([], {})))
    if isinstance(given, Class):
        return given
    names = [given] if whole(given) else []
    annotation = mapped_annotations(of).get(name) if given is None else None
    for node in ast.walk(annotation) if annotation is not None else ():
        if isinstance(node, ast.Name):
            names.append(node.id)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            names.append(node.value)
    last = [each.rpartition(".")[2] for each in names]
    found = [run.resolve(of.frame.locals.get(each)) for each in last]
    found += [each for each in context(run).mapped.values() if each.name in last]
    return next((each for each in found if isinstance(each, Class) and "__tablename__" in each.names), None)


def _belonging(run: Interpreter, owner: str, name: str, target: Class | None, options: Dict) -> Belonging:
    said = options.plain().get("cascade", "")
    cascade = (
        frozenset(each.strip() for each in said.split(",")) if whole(said) else frozenset(("all", _ORPHANS))
    )
    mapped = None if target is None else mapped_table(run, target)
    parent = owner.rpartition(".")[2]
    keys = [
        each.column.name
        for each in (mapped.items.every() if mapped is not None else ())
        if isinstance(each, ColumnModel)
        and any(one.kind == "foreign_key" and one.referred_table == parent for one in each.constraints)
    ]
    found = None if mapped is None else table_name(mapped)
    return Belonging(name, found, cascade, keys[0] if len(keys) == 1 and whole(keys[0]) else None)


def _relationship(run: Interpreter, a: Arguments) -> Value:
    return Relationship(
        a.get(0, "argument"), Dict(a.kwargs, rest=Unknown("it is spread")) if a.more else Dict(a.kwargs)
    )


table.SQLALCHEMY.update(
    {
        name: lambda run, dialect, a: _relationship(run, a)
        for name in ("relationship", "dynamic_loader", "backref")
    }
)
