"""Operations applied to a catalog, one revision at a time.

A replay never fails. What an operation speaks of and the catalog does not know is *implied*: added as
far as the operation describes it, and marked as incomplete. A step that may or may not run is done if
it can be, and its entry in the journal says so; the other arm of the same condition still finds what
the first one took away (see `Journal`).

What an operation finds in its way is settled so that nothing is lost: creating a table that exists adds
the columns it lacks and takes over the types that the newer statement gives; renaming onto a name that
is taken drops what had it.

run           the state of one revision's replay, and finding what an operation speaks of
creation      tables made, and made again
copying       what a table has from others: LIKE, inheritance, partitions
inheritance   INHERIT, ATTACH PARTITION, OF, and what ends them
tables        tables dropped, renamed, moved
columns, constraints, indexes, enums, domains, views, schemas
rows          what changes no catalog, but is told in the journal
names         which table a statement means
routines      what runs when it is called or met, kept
recreation    a table made anew, as what that changes
firing        whether a statement sets off a trigger, and of which rows that speaks
following     what an operation sets off: what it calls, what the tables that it meets run
dependants    what hangs on a table, a type, a routine or a schema, and goes or changes with it
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from migration_lint.catalog.journal import Journal
from migration_lint.catalog.model import Catalog
from migration_lint.catalog.replay import (
    columns,
    constraints,
    creation,
    enums,
    indexes,
    reflection,
    routines,
    rows,
    schemas,
    tables,
    views,
)
from migration_lint.catalog.replay.following import is_answered, set_off
from migration_lint.catalog.replay.names import resolved
from migration_lint.catalog.replay.run import Run
from migration_lint.operations import Kind, Operation, altered

__all__ = ["Journal", "replay", "steps"]


#: What is made of an operation that may run or not: what runs, or None.
Decide = Callable[[Operation], "Operation | None"]


def replay(
    catalog: Catalog,
    revision: str,
    operations: Iterable[Operation],
    journal: Journal | None = None,
    decide: Decide | None = None,
) -> None:
    """Apply the operations of one revision to `catalog`, in place, each as it is decided.

    Pass one `journal` for all revisions whose effects matter, and none for those that base had already.
    """
    for _ in steps(catalog, revision, operations, journal, decide):
        pass


def steps(
    catalog: Catalog,
    revision: str,
    operations: Iterable[Operation],
    journal: Journal | None = None,
    decide: Decide | None = None,
) -> Iterator[Operation]:
    """The same, one operation at a time: each is given out while `catalog` is as it finds it."""
    run = Run(catalog, revision, Journal() if journal is None else journal)
    for operation in operations:
        yield from _step(run, operation, set(), decide)


def _step(run: Run, operation: Operation, seen: set[object], decide: Decide | None) -> Iterator[Operation]:
    """An operation, and what follows from it."""
    operation = resolved(run, operation)
    if decide is not None and operation.conditional:
        decided = decide(operation)
        if decided is None:
            return
        operation = decided
    if operation.autocommit != run.autocommit:  # what was there for the transaction alone is gone
        run.autocommit = operation.autocommit
        run.temporary.clear()
    following = set_off(run, operation, seen)
    if operation.kind == "opaque" and is_answered(run, operation):
        operation = altered(operation, {"kind": "dml", "reason": None, "tables": (), "action": "call"})
    yield operation
    if operation.stated is not None:
        columns.restate(run, operation)
    if operation.reflected:
        reflection.forget(run, operation)
    _APPLY[operation.kind](run, operation)
    for each in following:
        yield from _step(run, each, seen, decide)


def _nothing(run: Run, operation: Operation) -> None:
    """A catalog holds nothing of it, or what follows from the operation says all."""


#: What each kind of operation does to a catalog: every kind has its row.
_APPLY: dict[Kind, Callable[[Run, Operation], None]] = {
    "create_table": creation.create_table,
    "drop_table": tables.drop_table,
    "rename_table": tables.rename_table,
    "recreate_table": tables.recreate_table,
    "set_comment": _nothing,
    "move_table": tables.rename_table,
    "add_column": columns.add_column,
    "drop_column": columns.drop_column,
    "rename_column": columns.rename_column,
    "alter_type": columns.alter_type,
    "set_nullable": columns.set_nullable,
    "set_default": columns.set_default,
    "set_generated": columns.set_generated,
    "create_index": indexes.create_index,
    "drop_index": indexes.drop_index,
    "rename_index": indexes.rename_index,
    "add_constraint": constraints.add_constraint,
    "drop_constraint": constraints.drop_constraint,
    "rename_constraint": constraints.rename_constraint,
    "validate_constraint": constraints.validate_constraint,
    "create_enum": enums.create_enum,
    "alter_enum": enums.alter_enum,
    "drop_enum": enums.drop_enum,
    "create_view": views.create_view,
    "drop_view": views.drop_view,
    "rename_schema": schemas.rename_schema,
    "drop_schema": schemas.drop_schema,
    "other_ddl": routines.other,
    "dml": rows.dml,
    "opaque": rows.opaque,
}
