"""What runs with an INSERT beside it, and what a change takes away from under that.

The functions of triggers, defaults and checks name tables, columns and other functions, and no server looks
at those before the function runs.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from migration_lint.catalog.composites import made_of
from migration_lint.catalog.insertion import insertion
from migration_lint.catalog.model import Catalog, CatalogColumn, Key, Table
from migration_lint.catalog.sequences import asked, numbering, runs_out
from migration_lint.catalog.triggers import fired_by_insert
from migration_lint.named_tuple import NamedTuple
from migration_lint.operations import Body

_CALL = r"([^\W\d][\w$]*|\"[^\"]+\")\s*\("


#: Where servers keep tables of their own, and how those are called elsewhere.
_SYSTEM_SCHEMAS = frozenset(("pg_catalog", "information_schema", "sys", "mysql", "performance_schema"))
_SYSTEM_TABLES = ("#", "@", "pg_", "sqlite_", "dual", "all_", "user_", "dba_", "v$", "inserted", "deleted")


class Called(NamedTuple):
    """What a trigger, a default or a check runs."""

    by: str  # "the trigger t"
    helpers: tuple[str, ...]  # functions that are called in turn, or by an expression; folded
    bodies: tuple[Body, ...]  # those of all functions, as far as they are read
    of_row: bool = False  # a trigger's: it knows NEW
    transitions: frozenset[str] = frozenset()  # the tables that a trigger has of the rows that set it off


class Reason(NamedTuple):
    """Why what runs with an INSERT may refuse it."""

    because: str
    beside: frozenset[str]  # the names of the tables and functions that make it so


def called_by_insert(
    table: Table, written: Collection[str], catalog: Catalog, former: Collection[str] = ()
) -> Iterator[Called]:
    """What runs when an INSERT writes these columns; `former` are functions that are none any more.

    All names are folded.
    """
    known = catalog.routines.keys() | set(former)
    for fired in fired_by_insert(catalog, catalog.key(table.schema, table.name)):
        own = [body for name in fired.functions for body in _bodies(catalog, name)]
        own += [fired.hook.body] if fired.hook.body is not None else []
        tables = frozenset(each[6:] for each in fired.times if each.startswith("table "))
        closed = _closed(f"the trigger {fired.hook.name}", own, (), catalog, known)
        yield closed._replace(of_row=True, transitions=tables)
    for by, text in _expressions(table, written):
        found = asked(catalog, text)
        if found is not None and found.by_name:
            yield Called(by, (), (Body((found.key[1],)),))
        if not known:
            continue
        names = dict.fromkeys(catalog.fold(each.strip('"')) for each in re.findall(_CALL, text))
        first = tuple(name for name in names if name in known)
        yield _closed(by, [body for name in first for body in _bodies(catalog, name)], first, catalog, known)


def _expressions(table: Table, written: Collection[str]) -> Iterator[tuple[str, str]]:
    """The defaults that fill what is left out, and the checks, each behind what it is called."""
    for name, column in table.columns.items():
        if name not in written and column.default is not None:
            yield f"the default of {column.name}", column.default
    for check in table.constraints:
        if check.kind == "check" and check.expression is not None and not check.unenforced:
            yield f"CHECK ({check.expression})", check.expression


def _closed(
    by: str, own: list[Body], first: tuple[str, ...], catalog: Catalog, known: Collection[str]
) -> Called:
    """With all that the functions call in turn."""
    bodies, helpers = [*own], [*first]
    for body in bodies:  # which grows
        for name in map(catalog.fold, body.names):
            if name in known and name not in helpers:
                helpers.append(name)
                bodies += _bodies(catalog, name)
    return Called(by, tuple(helpers), tuple(bodies))


def _bodies(catalog: Catalog, name: str) -> list[Body]:
    return [each.body for each in catalog.routines.get(name, ()) if each.body is not None]


def _raises(catalog: Catalog, name: str) -> bool:
    return any(body.raises for body in _bodies(catalog, name))


def cannot_pass(called: Called, table: Table, catalog: Catalog) -> Iterator[Reason]:
    """What of it cannot be shown to pass, as things are."""
    for name in called.helpers:
        if _raises(catalog, name):
            yield Reason(f"{name}, which {called.by} calls, may raise", frozenset((name,)))
    for body in called.bodies:
        makes_tables = any(name.lower() in ("temp", "temporary") for name in body.names)
        for written in () if makes_tables else body.writes:
            table_is_there = "." not in written or _is_there(written.partition(".")[0], catalog)
            if table_is_there and not _is_there(written, catalog):
                because = f"{written}, into which {called.by} writes, is not there"
                yield Reason(because, frozenset((catalog.fold(written.partition(".")[0]),)))
        if called.of_row and not makes_tables:
            yield from _lacking(called, body, catalog)
        for field in body.fields if called.of_row else ():
            if not _has(table, field, catalog):
                because = f"{table.name}.{field}, which {called.by} names, is not there"
                yield Reason(because, frozenset((table.identity,)))


def _lacking(called: Called, body: Body, catalog: Catalog) -> Iterator[Reason]:
    """The tables and functions that a body names and that no revision makes."""
    made = {catalog.fold(name) for each in called.bodies for name in each.writes}
    for read in body.reads:
        schema, _, name = read.rpartition(".")
        own = catalog.fold(name)
        system = schema.lower() in _SYSTEM_SCHEMAS or name.lower().startswith(_SYSTEM_TABLES)
        if system or own in called.transitions or own in made or _named(catalog, {own}):
            continue
        because = f"{name}, which {called.by} reads, is not there"
        yield Reason(because, frozenset((own,)))
    types = (catalog.enums, catalog.domains, catalog.composites, catalog.rows)
    for name in map(catalog.fold, body.calls):
        if catalog.routines.get(name) or any(key[1] == name for each in types for key in each):
            continue
        because = f"{name}, which {called.by} calls, is not there: no revision makes it"
        yield Reason(because, frozenset((name,)))


def _is_there(written: str, catalog: Catalog) -> bool:
    """Whether a table has this name, and the column behind the dot, if there is one."""
    name, _, column = written.partition(".")
    there = [catalog.get(key) for key in _named(catalog, {catalog.fold(name)})]
    return any(not column or _has(each, column, catalog) for each in there)


def _has(table: Table | None, column: str, catalog: Catalog) -> bool:
    if catalog.dialect == "sqlite" and column.lower() in ("rowid", "oid", "_rowid_"):
        return True
    return table is None or not table.complete or catalog.fold(column) in table.columns


def _named(catalog: Catalog, names: Collection[str]) -> list[Key]:
    """The tables and views of these folded names, in whatever schema."""
    return [key for each in (catalog.rows, catalog.views) for key in each if key[1] in names]


def taken_away(
    called: Called, before: Catalog, after: Catalog, replaced: Collection[str]
) -> Iterator[Reason]:
    """What it names that is gone at head, or is otherwise, though it can be called still.

    `replaced` are the functions that the change makes anew or drops, folded.
    """
    asked = {before.fold(each) for body in called.bodies for each in body.calls if called.of_row}
    read = {before.fold(each.rpartition(".")[2]) for body in called.bodies for each in body.reads}
    for name in called.helpers:
        if name in asked and name not in after.routines:
            continue  # it is said to be not there
        if name in before.routines and name in replaced and not _raises(after, name):
            what = "is another one" if name in after.routines else "is gone"
            yield Reason(f"{name}, which {called.by} calls, {what}", frozenset((name,)))
    for key in before.sequences if before.sequences else ():
        if key not in after.sequences and any(key[1] in body.names for body in called.bodies):
            yield Reason(f"{key[1]}, which {called.by} asks for a number, is gone", frozenset((key[1],)))
    names = {before.fold(name) for body in called.bodies for name in body.names}
    for key, composite in before.composites.items() if before.composites else ():
        if key[1] in names and after.composites.get(key) != composite:
            because = f"{key[1]}, which {called.by} names, is another type"
            yield Reason(because, frozenset((key[1],)))
    written = {before.fold(each) for body in called.bodies for each in body.writes}
    in_order = any(body.in_order for body in called.bodies)
    for key in _named(before, names):
        was, now = before.relation(key), after.relation(key)
        name, beside = (
            key[1],
            frozenset((key[1], *(each.identity for each in (was, now) if each is not None))),
        )
        if key not in after.rows and key not in after.views:
            if name not in written and not (
                called.of_row and name in read
            ):  # else it is said to be not there
                yield Reason(f"{name}, which {called.by} names, is gone", beside)
        elif was is not None and now is not None:
            listed = {each.partition(".")[2] for each in written if each.startswith(f"{name}.")}
            use = _Use(names, name in written, in_order and name in written, listed, key in before.views)
            for what in _changed(was, now, before, after, use):
                yield Reason(f"{name}.{what}, and {called.by} names {name}", beside)


def numbers_end(table: Table, written: Collection[str], before: Catalog, after: Catalog) -> Iterator[Reason]:
    """Sequences that number what an INSERT leaves out, and that the change makes give other numbers."""
    known = {each.identity: each for each in before.sequences.values()}
    for name, column in table.columns.items() if after.sequences else ():
        key = None if name in written else numbering(after, column)
        now = None if key is None else after.sequences.get(key)
        was = None if now is None else known.get(now.identity)
        if now is not None and was is not None and now != was:
            because = runs_out(was, now, table, column, after.fold)
            if because:
                yield Reason(because, frozenset((now.name, was.name)))
        elif now is not None and was is None and now.fresh and _has_numbers(table, column, before, after):
            yield Reason(f"{now.name} begins anew, and {column.name} is unique", frozenset((now.name,)))


def _has_numbers(table: Table, column: CatalogColumn, before: Catalog, after: Catalog) -> bool:
    """Whether a column that was there before is unique, so that it does not take a number again."""
    if not table.is_unique_on((column.name,), fold=after.fold):
        return False
    there = (each for earlier in before.tables() for each in earlier.columns.values())
    return any(each.identity == column.identity for each in there)


class _Use(NamedTuple):
    """How a table is used; all names are folded."""

    names: Collection[str]  # that may be its columns
    writes: bool
    in_order: bool  # without a list of columns
    listed: Collection[str]  # the columns that are
    of_view: bool  # nobody knows the types of all of its columns


def _changed(was: Table, now: Table, before: Catalog, after: Catalog, use: _Use) -> Iterator[str]:
    """Columns that are gone, hold another type, or have to be written."""
    for name, column in was.columns.items():
        other = now.columns.get(name)
        if not use.in_order and name not in use.names:
            continue
        if other is None and name not in use.listed:
            yield f"{column.name} is gone"
        elif other is None or (use.of_view and None in (column.type, other.type)):
            continue
        elif _of_type(before, column) != _of_type(after, other):
            yield f"{column.name} is of another type"
    for name, column in now.columns.items() if use.writes else ():
        former = was.columns.get(name)
        had_to = former is not None and _must(was, former, before)
        if name not in use.listed and not had_to and _must(now, column, after):
            yield f"{column.name} has to be written"


def _of_type(catalog: Catalog, column: CatalogColumn) -> tuple[str | None, str]:
    return catalog.canonical(column.type), made_of(catalog, column.type)


def _must(table: Table, column: CatalogColumn, catalog: Catalog) -> bool:
    found = insertion(table, column, catalog)
    return found is not None and found.writing == "must"
