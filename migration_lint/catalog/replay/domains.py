"""Domains: types that are others with a default and conditions of their own."""

from __future__ import annotations

from migration_lint.catalog.journal import Entry
from migration_lint.catalog.model import Domain, Key
from migration_lint.catalog.outcome import TableName
from migration_lint.catalog.replay.run import Run, same_name
from migration_lint.operations import Constraint, Operation


def create_domain(run: Run, operation: Operation) -> None:
    """CREATE DOMAIN, whose operation tells of its values as of a column."""
    schema, (column,) = operation.schema or run.catalog.default_schema, operation.columns
    run.catalog.domains[_key(run, operation)] = Domain(
        schema,
        operation.name or "",
        column.type,
        column.default,
        column.nullable,
        operation.constraints,
    )
    name = TableName(schema, operation.name or "")
    run.journal.entries.append(Entry(run.revision, operation, "domain_changed", name=name))


def alter_domain(run: Run, operation: Operation) -> None:
    """ALTER DOMAIN: what is read or written by its type is so from here on.

    One that nothing here created is implied: of it no more is known than what its alterations say.
    """
    key = _key(run, operation)
    if not operation.values:
        return
    schema = operation.schema or run.catalog.default_schema
    domain = run.catalog.domains.get(key) or Domain(schema, operation.name or "", None)
    match operation.values[0]:
        case "set default":
            domain = domain._replace(default=operation.default)
        case "set nullable":
            domain = domain._replace(nullable=bool(operation.nullable))
        case "add constraint":
            domain = domain._replace(constraints=(*domain.constraints, *operation.constraints))
        case "drop constraint":
            domain = _without(run, domain, operation.constraints[0])
    run.catalog.domains[key] = domain
    name = TableName(domain.schema, domain.name)
    run.journal.entries.append(Entry(run.revision, operation, "domain_changed", name=name))


def _without(run: Run, domain: Domain, dropped: Constraint) -> Domain:
    """The server calls the first one that has no name after the domain."""
    made_up = f"{domain.name}_check"
    left = tuple(
        each for each in domain.constraints if not same_name(run.catalog, each.name or made_up, dropped.name)
    )
    return domain._replace(constraints=left)


def rename_domain(run: Run, key: Key, schema: str, name: str) -> None:
    """A type is renamed or moved: if it is a domain, so is that."""
    domain = run.catalog.domains.take(key)
    if domain is not None:
        run.catalog.domains[run.catalog.key(schema, name)] = domain._replace(schema=schema, name=name)


def _key(run: Run, operation: Operation) -> Key:
    return run.catalog.key(operation.schema, operation.name or "")
