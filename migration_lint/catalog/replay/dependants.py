"""What hangs on a table, a column, a type, a routine, an extension or a schema, and goes or changes with it.

It is found in the catalog just before the operation, as operations that follow from it: each of them has
dependants of its own, which are found when its turn comes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from migration_lint.catalog.composites import types_within
from migration_lint.catalog.expressions import cast_to, mentions
from migration_lint.catalog.model import AMBIENT, CatalogColumn, Composite, Key, Table, is_implied
from migration_lint.catalog.replay.calls import called, called_in_schema
from migration_lint.catalog.replay.composites import ALTERING
from migration_lint.catalog.replay.run import Run
from migration_lint.catalog.sequences import asked, numbering, owned_by
from migration_lint.named_tuple import NamedTuple
from migration_lint.operations import ANY_TABLE, Column, Index, Kind, Operation, altered

#: Reach the children of a table, on whatever line they are.
_INHERITED = frozenset({"drop_column", "rename_column", "alter_type", "add_column", "set_nullable"})
#: What children are made of, so that they go with it.
_WHOLE = frozenset({"drop_table", "drop_enum"})
#: What ALTER TYPE … CASCADE does to the tables that are made of the type.
_ON_TABLES: dict[str, Kind] = {
    "alter type add attribute": "add_column",
    "alter type drop attribute": "drop_column",
    "alter type rename attribute": "rename_column",
    "alter type alter attribute": "alter_type",
}

# Texts, which `re` compiles when they are first needed.
_OPERATOR = r"[-+*/<>=~!@#%^&|`?]+"
_APART = r"(?<=[-+*/<>=~!@#%^&|`?]) (?=[-+*/<>=~!@#%^&|`?])"  # as a view holds its query
#: Of text search, with a configuration that is none of the server's own.
_CONFIGURED = (
    r"(?i)\bto_tsvector\s*\(\s*'(?!(?:pg_catalog\.)?(?:arabic|armenian|basque|catalan|danish|dutch|english|"
    r"estonian|finnish|french|german|greek|hindi|hungarian|indonesian|irish|italian|lithuanian|nepali|norwegian|"
    r"portuguese|romanian|russian|serbian|simple|spanish|swedish|tamil|turkish|yiddish)')[^']*'"
)


class Dependant(NamedTuple):
    """An operation that follows from another one because of what hangs on what that changes."""

    operation: Operation
    via: str
    sure: bool = True


def dependants(run: Run, operation: Operation, seen: set[object]) -> Iterator[Dependant]:
    """What follows from an operation by way of what hangs on what it changes; `seen`: see `set_off`."""
    if run.is_temporary(operation):
        return
    if operation.kind in _INHERITED | _WHOLE and run.catalog.parents:
        yield from _inherited(run, operation, seen)
    find = _CASCADING.get(operation.action or "" if operation.kind == "other_ddl" else operation.kind)
    if find is not None and operation.cascade:
        yield from find(run, operation)


def _inherited(run: Run, operation: Operation, seen: set[object]) -> Iterator[Dependant]:
    """The same in the children and partitions of a table; tables made of a type go with that."""
    whole = operation.kind in _WHOLE
    name = (operation.name if operation.kind == "drop_enum" else operation.table) or ""
    if operation.only:
        return
    for child in list(run.catalog.children(run.catalog.key(operation.schema, name))):
        table = run.catalog.get(child)
        reached = ("drop_table" if whole else operation.kind, operation.column, child)
        if table is None or reached in seen or _stays(run, operation, child):
            continue
        seen.add(reached)
        via = f"{name}, from which {table.name} has it"
        if whole and (operation.cascade or operation.kind == "drop_table"):
            yield Dependant(_on(operation, table, kind="drop_table", name=None, action=None), via)
        elif not whole and (operation.kind == "add_column" or operation.column is not None):
            yield Dependant(_on(operation, table), via)


def _stays(run: Run, operation: Operation, child: Key) -> bool:
    """Whether a column that a parent loses stays: it is the child's own, or another parent has it, too."""
    if operation.kind != "drop_column":
        return False
    catalog = run.catalog
    table, folded = catalog.get(child), catalog.fold(operation.column or "")
    column = None if table is None else table.columns.get(folded)
    if column is None or is_implied(column.identity):
        return False
    parent = run.key(operation)
    others = [catalog.get(each) for each in catalog.parents.get(child, ()) if each != parent]
    return not column.inherited or any(each is not None and folded in each.columns for each in others)


def _owned(run: Run, table: Table | None, columns: Iterable[CatalogColumn]) -> Iterator[Dependant]:
    """The defaults elsewhere that ask the sequences which go with columns."""
    keys = {key for column in columns for key in owned_by(run.catalog, column.identity)}
    for found in _numbered(run, keys.__contains__, f"the sequence of {table.name if table else ''}"):
        own = table is not None and run.catalog.key(table.schema, table.name) == run.key(found.operation)
        if not own or found.operation.column not in {each.name for each in columns}:
            yield found


def _of_table(run: Run, operation: Operation) -> Iterator[Dependant]:
    """The columns of the type that its rows are, and what asks its sequences."""
    yield from _of_type(run, operation)
    table = run.catalog.table(operation.schema, operation.table or "")
    if table is not None and run.catalog.sequences:
        yield from _owned(run, table, [*table.columns.values()])


def _of_column(run: Run, operation: Operation) -> Iterator[Dependant]:
    """The columns that are worked out from one, and what asks its sequences."""
    table = run.catalog.table(operation.schema, operation.table or "")
    dropped = None if table is None else table.columns.get(run.catalog.fold(operation.column or ""))
    if dropped is not None and run.catalog.sequences:
        yield from _owned(run, table, [dropped])
    for column in table.columns.values() if table is not None else ():
        generated = column.generated in ("stored", "virtual") and column.name != operation.column
        if generated and (column.expression is None or mentions(column.expression, operation.column or "")):
            yield Dependant(_dropped(table, column.name), f"the column {operation.column}")


def _of_type(run: Run, operation: Operation) -> Iterator[Dependant]:
    """The columns of a type that goes, and the domains over it, which are types themselves."""
    name = (operation.name if operation.kind == "drop_enum" else operation.table) or ""
    gone = run.catalog.key(operation.schema, name)
    yield from _of_types(run, lambda key: key == gone, f"the type {name}")


def _of_types(run: Run, goes: Callable[[Key], bool], via: str) -> Iterator[Dependant]:
    catalog = run.catalog
    for table in catalog.tables():
        for column in table.columns.values():
            if column.type is not None and goes(catalog.key_of_type(column.type)):
                dropped = _dropped(table, column.name)
                yield Dependant(altered(dropped, {"cascade": True, "if_exists": True}), via)
    for key, composite in catalog.composites.items():
        for name, of in composite.attributes:
            if of is not None and not goes(key) and goes(catalog.key_of_type(of)):
                yield Dependant(_attribute_dropped(composite, name), via)
    for domain in catalog.domains.values():
        if domain.type is not None and goes(catalog.key_of_type(domain.type)):
            yield Dependant(
                Operation(
                    kind="drop_enum",
                    action="drop domain",
                    name=domain.name,
                    schema=domain.schema,
                    cascade=True,
                ),
                via,
            )


def _of_attribute(run: Run, operation: Operation) -> Iterator[Dependant]:
    """The tables that are made of a composite type, and what takes an attribute out of one of its values."""
    catalog, name = run.catalog, operation.column or ""
    key = catalog.key(operation.schema, operation.name or "")
    via = f"the type {operation.name}"
    kind = _ON_TABLES[operation.action or ""]
    for child in list(catalog.children(key)):
        table = catalog.get(child)
        if table is not None:
            columns = (Column(name, operation.type),) if kind == "add_column" else ()
            yield Dependant(_on(operation, table, kind=kind, name=None, action=None, columns=columns), via)
    if kind != "drop_column":
        return
    for table in list(catalog.tables()):
        if not any(key in types_within(catalog, column.type) for column in table.columns.values()):
            continue
        for column in table.columns.values():
            if column.generated in ("stored", "virtual") and mentions(column.expression, name):
                yield Dependant(_dropped(table, column.name), via)
        at = catalog.key(table.schema, table.name)
        for view in list(catalog.views.values()):
            if at in map(catalog.key_of, view.reads) and mentions(view.made, name):
                dropped = Operation(kind="drop_view", table=view.name, schema=view.schema, cascade=True)
                yield Dependant(dropped, via)


def _of_sequence(run: Run, operation: Operation) -> Iterator[Dependant]:
    """The defaults that ask a sequence."""
    key = run.catalog.key(operation.schema, operation.name or "")
    yield from _numbered(run, lambda sequence: sequence == key, f"the sequence {operation.name}")


def _numbered(run: Run, goes: Callable[[Key], bool], via: str) -> Iterator[Dependant]:
    for table in run.catalog.tables():
        for column in table.columns.values():
            found = asked(run.catalog, column.default)
            sequence = None if found is not None and found.by_name else numbering(run.catalog, column)
            if sequence is not None and goes(sequence):
                yield Dependant(_without_default(table, column), via)


def _of_routine(run: Run, operation: Operation) -> Iterator[Dependant]:
    name = operation.name or ""
    via = f"the function {name}"
    yield from _evaluating(run, lambda text: name in called(text, every=True), via)
    yield from _running(run, name, via)


def _evaluating(run: Run, asks: Callable[[str], bool], via: str) -> Iterator[Dependant]:
    """The generated columns, defaults, constraints and indexes whose expressions ask what goes."""
    for table in run.catalog.tables():
        for column in table.columns.values():
            generated = column.generated in ("stored", "virtual")
            if generated and (column.expression is None or asks(column.expression)):
                yield Dependant(_dropped(table, column.name), via, column.expression is not None)
            elif column.default is not None and asks(column.default):
                yield Dependant(_without_default(table, column), via)
        for constraint in table.constraints:
            if constraint.expression is not None and asks(constraint.expression):
                dropped = Operation(
                    kind="drop_constraint",
                    table=table.name,
                    schema=table.schema,
                    name=constraint.name,
                    constraints=(constraint,),
                )
                yield Dependant(dropped, via)
        for index in table.indexes:
            texts = (index.where, *(index.columns if index.expressions else ()))
            if any(text is not None and asks(text) for text in texts):
                yield _without_index(table, index, via)


def _running(run: Run, name: str, via: str) -> Iterator[Dependant]:
    """The views and triggers that run a routine."""
    for key, hooks in run.catalog.hooks.items():
        for hook in hooks:
            if not any(name in each.calls for each in hook.does):
                continue
            if hook.kind == "view":
                yield Dependant(Operation(kind="drop_view", table=key[1], schema=key[0], cascade=True), via)
            elif hook.kind == "trigger":
                tables = (f"{key[0]}.{key[1]}",)
                yield Dependant(
                    Operation(
                        kind="other_ddl", action="drop trigger", name=hook.name, schema=key[0], tables=tables
                    ),
                    via,
                )
            elif key == AMBIENT and hook.kind != "event trigger":
                reason = f"what depends on the {hook.kind} {hook.name} goes with the function {name}"
                yield Dependant(Operation(kind="opaque", reason=reason, tables=(ANY_TABLE,)), via)


def _of_schema(run: Run, operation: Operation) -> Iterator[Dependant]:
    """What hangs, outside of a schema, on what is in it; all in it goes with the schema itself."""
    if run.catalog.dialect != "postgresql":
        return
    schema = run.catalog.key(operation.name, "")[0]
    for found in _reaching_into(run, schema, f"the schema {schema}"):
        if run.catalog.key(found.operation.schema, "")[0] != schema or found.operation.kind == "opaque":
            yield found


def _reaching_into(run: Run, schema: str, via: str) -> Iterator[Dependant]:
    from migration_lint.reading.sql.calls import is_passed_over

    catalog = run.catalog
    inside = {
        name: all(catalog.key(each.schema, "")[0] == schema for each in found)
        for name, found in catalog.routines.items()
        if any(catalog.key(each.schema, "")[0] == schema for each in found)
    }

    def goes(key: Key) -> bool:
        """Of another schema than the default one, what no script makes is an extension's."""
        made = any(key in part for part in (catalog.enums, catalog.domains, catalog.rows, catalog.views))
        return key[0] == schema and (made or schema != catalog.default_schema)

    def asks(text: str) -> bool:
        """Of functions without a schema: what the server ships, and what others have too, is not meant."""
        return bool(called_in_schema(text, schema)) or any(
            inside.get(name, False) and not is_passed_over(name, catalog.dialect)
            for name in called_in_schema(text, "")
        )

    yield from _of_types(run, goes, via)
    for child, parents in list(catalog.parents.items()):
        table = catalog.get(child)
        if table is not None and any(parent[0] == schema for parent in parents):
            dropped = Operation(kind="drop_table", table=table.name, schema=table.schema, cascade=True)
            yield Dependant(dropped, via)
    yield from _numbered(run, lambda sequence: sequence[0] == schema, via)
    yield from _evaluating(run, asks, via)
    for name, only in inside.items():
        yield from (each._replace(sure=each.sure and only) for each in _running(run, name, via))


def _of_extension(run: Run, operation: Operation) -> Iterator[Dependant]:
    """What is made of the types, functions, operators, access methods and views that an extension owns."""
    from migration_lint.reading.sql.shipped import extension

    catalog = run.catalog
    owned = extension(operation.name or "")
    if owned is None:
        return
    via = f"the extension {operation.name}"

    def goes(key: Key) -> bool:
        """In whatever schema it is; what a script made under such a name is not the extension's."""
        made = any(key in part for part in (catalog.enums, catalog.domains, catalog.composites, catalog.rows))
        return key[1].partition("(")[0] in owned.types and not made

    def asks(text: str) -> bool:
        names = {name for name in called(text, every=True) if name not in catalog.routines}
        return (
            not owned.functions.isdisjoint(names)
            or any(name.startswith(owned.prefixes) for name in names)
            or any(goes(catalog.key_of_type(each)) for each in cast_to(text))
            or not owned.operators.isdisjoint(re.findall(_OPERATOR, re.sub(_APART, "", text)))
            or (bool(owned.dictionaries) and re.search(_CONFIGURED, text) is not None)
        )

    yield from _of_types(run, goes, via)
    yield from _evaluating(run, asks, via)
    for table in catalog.tables():
        for index in table.indexes:
            if index.using in owned.methods:
                yield _without_index(table, index, via)
    for view in list(catalog.views.values()):
        types = [each.type for each in view.outputs or () if each.type is not None]
        if (
            asks(view.made)
            or any(goes(catalog.key_of_type(each)) for each in types)
            or any(each.rpartition(".")[2] in owned.relations for each in view.reads)
        ):
            dropped = Operation(
                kind="drop_view", table=view.name, schema=view.schema, if_exists=True, cascade=True
            )
            yield Dependant(dropped, via)
    for name, routines in list(catalog.routines.items()):
        for routine in routines:
            parts = re.findall(r"[\w.]+", routine.signature)
            if any(goes(catalog.key_of_type(each)) for each in parts):
                dropped = Operation(
                    kind="other_ddl",
                    action="drop function",
                    name=name,
                    schema=routine.schema,
                    values=(routine.signature,),
                    cascade=True,
                )
                yield Dependant(dropped, via)


#: What CASCADE takes along, by the kind of what says it, or by the words of a statement that has none.
_CASCADING: dict[str, Callable[[Run, Operation], Iterator[Dependant]]] = {
    "drop_column": _of_column,
    "drop_enum": _of_type,
    "drop_table": _of_table,
    "drop_view": _of_type,
    "drop_schema": _of_schema,
    "drop sequence": _of_sequence,
    "drop extension": _of_extension,
    **dict.fromkeys(ALTERING, _of_attribute),
    **dict.fromkeys(("drop function", "drop procedure", "drop routine", "drop aggregate"), _of_routine),
}


def _on(operation: Operation, table: Table, **changes: object) -> Operation:
    return altered(
        operation,
        {"table": table.name, "schema": table.schema, "search_path": (), "calls": (), "does": (), **changes},
    )


def _dropped(table: Table | None, column: str) -> Operation:
    return Operation(
        kind="drop_column",
        table=None if table is None else table.name,
        schema=None if table is None else table.schema,
        column=column,
    )


def _attribute_dropped(composite: Composite, name: str) -> Operation:
    return Operation(
        kind="other_ddl",
        action="alter type drop attribute",
        name=composite.name,
        schema=composite.schema,
        column=name,
        cascade=True,
    )


def _without_index(table: Table, index: Index, via: str) -> Dependant:
    dropped = Operation(kind="drop_index", table=table.name, schema=table.schema, name=index.name)
    return Dependant(dropped, via)


def _without_default(table: Table, column: CatalogColumn) -> Operation:
    return Operation(kind="set_default", table=table.name, schema=table.schema, column=column.name)
