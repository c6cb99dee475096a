"""What a table has from others: by LIKE, from those that it inherits from, and as a partition.

PostgreSQL's manual, CREATE TABLE: a partition has the keys, foreign keys and checks of its table, a child the
checks alone, a copy what INCLUDING says; all of them are NOT NULL where their model is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from migration_lint.catalog.expressions import canonical_expression
from migration_lint.catalog.model import Catalog, CatalogColumn, Key, Table
from migration_lint.catalog.replay.run import Run, default_names
from migration_lint.data_class import replace
from migration_lint.operations import NUMBERED, Constraint, Index, Operation

_CHECKS = frozenset({"check"})
_KEYS = frozenset({"primary_key", "unique", "exclude"})
_OF_CHILD = frozenset({"default", "generated", "constraints", "inherited"})
_OF_PARTITION = _OF_CHILD | {"identity", "indexes", "foreign"}
_ALL = frozenset({"default", "generated", "identity", "constraints", "indexes"})


def parts_copied(including: str) -> frozenset[str]:
    """What the words of `Operation.including` copy of a table, beside columns, their types and NOT NULL."""
    words = including.split()
    if "partition" in words:
        return _OF_PARTITION
    if "inherits" in words:
        return _OF_CHILD
    return _ALL if "all" in words else frozenset("default" if each == "defaults" else each for each in words)


def copied_column(column: CatalogColumn, identity: str, parts: frozenset[str]) -> CatalogColumn:
    """A column as another table has it, under an identity of its own."""
    part = "default" if column.generated in (None, "serial") else "generated"
    if column.generated in NUMBERED and column.generated != "serial":
        part = "identity"
    kept = part in parts
    return CatalogColumn(
        identity,
        column.name,
        column.type,
        column.nullable,
        column.default if kept else None,
        column.generated if kept else None,
        expression=column.expression if kept else None,
        inherited="inherited" in parts,
    )


def merged_column(own: CatalogColumn, parent: CatalogColumn, partition: bool = False) -> CatalogColumn:
    """A column that a child states and has from its parent, too; a partition has none of its own."""
    said = own.default is not None or own.generated is not None
    return own._replace(
        type=own.type or parent.type,
        nullable=False if False in (own.nullable, parent.nullable) else own.nullable,
        default=own.default if said else parent.default,
        generated=own.generated if said else parent.generated,
        expression=own.expression if said else parent.expression,
        inherited=partition or own.inherited,
    )


def copied_constraints(
    catalog: Catalog, source: Table, parts: frozenset[str], own: Iterable[Constraint]
) -> tuple[Constraint, ...]:
    """The constraints of `source` that come with these parts, and that `own` does not hold already."""
    kinds = _CHECKS if "constraints" in parts else frozenset[str]()
    kinds |= _KEYS if "indexes" in parts else frozenset()
    kinds |= {"foreign_key"} if "foreign" in parts else frozenset()
    there = list(own)
    found: list[Constraint] = []
    for each in source.constraints:
        if each.kind not in kinds or (each.no_inherit and "inherited" in parts):
            continue
        if any(same_constraint(catalog, each, other) for other in there):
            continue
        name = each.name or next(iter(default_names(source.name, each)))
        # What an index is behind gets a name of its own.
        made = replace(each, name=None if each.kind in _KEYS else name, by_convention=None, using_index=None)
        found.append(made)
        there.append(made)
    return tuple(found)


def copied_indexes(source: Table, parts: frozenset[str]) -> tuple[Index, ...]:
    """The indexes of `source` that come with these parts, under names that the server makes up."""
    return tuple(replace(each, name=None) for each in source.indexes) if "indexes" in parts else ()


def same_constraint(catalog: Catalog, one: Constraint, other: Constraint) -> bool:
    """Whether two constraints, of whatever name, ask the same."""
    return (
        one.kind == other.kind
        and one.columns == other.columns
        and one.referred_columns == other.referred_columns
        and catalog.key(one.referred_schema, one.referred_table or "")
        == catalog.key(other.referred_schema, other.referred_table or "")
        and canonical_expression(one.expression, catalog.fold)
        == canonical_expression(other.expression, catalog.fold)
    )


def attached(run: Run, parent: Key, child: Key) -> None:
    """A table becomes a partition: it gets the keys, foreign keys and indexes that it lacks."""
    of, table = run.catalog.get(parent), run.catalog.get(child)
    if of is None or table is None:
        return
    added = copied_constraints(run.catalog, of, _OF_PARTITION - {"constraints"}, table.constraints)
    columns = {
        folded: column._replace(inherited=True) if folded in of.columns else column
        for folded, column in table.columns.items()
    }
    run.put(table._replace(columns=columns, constraints=(*table.constraints, *added)))
    for each in list(run.catalog.children(child)):
        attached(run, child, each)


def comes_from_parents(run: Run, child: Key, folded: str) -> bool:
    """Whether some parent of a table has a column of this name."""
    parents = map(run.catalog.get, run.catalog.parents.get(child, ()))
    return any(each is not None and folded in each.columns for each in parents)


def heirs(run: Run, operation: Operation) -> Iterator[Table]:
    """The tables that an ALTER TABLE reaches beside its own: children and partitions, but for ONLY."""
    catalog = run.catalog
    if operation.only or not catalog.parents:
        return
    for child in list(catalog.children(run.key(operation))):
        table = catalog.get(child)
        if table is not None:
            yield table


def is_partition(run: Run, table: Table) -> bool:
    """Whether a table is another's partition."""
    return run.catalog.key(table.schema, table.name) in run.catalog.partitions
