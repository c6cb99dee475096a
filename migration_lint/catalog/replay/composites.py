"""Composite types: made, and with other attributes than before."""

from __future__ import annotations

from migration_lint.catalog.journal import Entry
from migration_lint.catalog.model import Composite, Key
from migration_lint.catalog.outcome import TableName
from migration_lint.catalog.replay.run import Run
from migration_lint.operations import Operation

#: What `alter_composite` does, by the statement.
ALTERING = frozenset(f"alter type {verb} attribute" for verb in ("add", "drop", "rename", "alter"))


def create_composite(run: Run, operation: Operation) -> None:
    """CREATE TYPE … AS, whose operation tells of its attributes as of columns."""
    attributes = tuple((each.name, each.type) for each in operation.columns)
    _put(run, operation, Composite(_schema(run, operation), operation.name or "", attributes))


def alter_composite(run: Run, operation: Operation) -> None:
    """ADD, DROP, RENAME and ALTER ATTRIBUTE; of a type that no revision makes, that alone is known."""
    known = run.catalog.composites.get(key_of(run, operation))
    composite = known or Composite(_schema(run, operation), operation.name or "")
    attributes, fold = dict(composite.attributes), run.catalog.fold
    name = next((each for each in attributes if fold(each) == fold(operation.column or "")), None)
    match (operation.action or "").split()[2]:
        case "add":
            attributes.setdefault(operation.column or "", operation.type)
        case "drop" if name is not None:
            del attributes[name]
        case "rename" if name is not None:
            new = operation.new_name or ""
            attributes = {new if each == name else each: of for each, of in attributes.items()}
        case "alter" if name is not None:
            attributes[name] = operation.type
        case verb if known is None or known.unheard:
            unheard = f"{operation.column}: {verb} {operation.new_name or operation.type or ''}".rstrip()
            composite = composite._replace(unheard=(*composite.unheard, unheard))
    _put(run, operation, composite._replace(attributes=tuple(attributes.items())))


def rename_composite(run: Run, key: Key, schema: str, name: str) -> None:
    """A type is renamed or moved: if it is a composite, so is that, with the tables that are made of it."""
    new = run.catalog.key(schema, name)
    composite = run.catalog.composites.take(key)
    if composite is not None:
        run.catalog.composites[new] = composite._replace(schema=schema, name=name)
    for child in list(run.catalog.children(key)):
        known = run.catalog.parents[child]
        run.catalog.parents[child] = tuple(new if each == key else each for each in known)


def drop_composite(run: Run, operation: Operation) -> None:
    """DROP TYPE, whatever it is."""
    composite = run.catalog.composites.take(key_of(run, operation))
    if composite is not None:
        _note(run, operation, composite)


def respell(run: Run, key: Key, spelled: str) -> None:
    """What is made of a type calls it otherwise from here on."""
    catalog = run.catalog

    def now(type: str | None) -> str | None:
        if type is None or catalog.key_of_type(type) != key:
            return type
        return f"{spelled}[]" if (catalog.canonical(type) or "").endswith("[]") else spelled

    for at, composite in list(catalog.composites.items()):
        attributes = tuple((name, now(of)) for name, of in composite.attributes)
        if attributes != composite.attributes:
            catalog.composites[at] = composite._replace(attributes=attributes)
    for at, domain in list(catalog.domains.items()):
        if now(domain.type) != domain.type:
            catalog.domains[at] = domain._replace(type=now(domain.type))


def key_of(run: Run, operation: Operation) -> Key:
    return run.catalog.key(operation.schema, operation.name or "")


def _schema(run: Run, operation: Operation) -> str:
    return operation.schema or run.catalog.default_schema


def _put(run: Run, operation: Operation, composite: Composite) -> None:
    run.catalog.composites[key_of(run, operation)] = composite
    _note(run, operation, composite)


def _note(run: Run, operation: Operation, composite: Composite) -> None:
    name = TableName(composite.schema, composite.name)
    run.journal.entries.append(Entry(run.revision, operation, "type_changed", name=name))
