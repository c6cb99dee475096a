"""Rows that are written, and what nobody can read: no change to a catalog, but told in the journal."""

from __future__ import annotations

import re

from migration_lint.catalog.emptying import takes_rows
from migration_lint.catalog.journal import Entry
from migration_lint.catalog.model import Key, Table
from migration_lint.catalog.outcome import TableName
from migration_lint.catalog.reach import may_touch
from migration_lint.catalog.replay.constraints import referring
from migration_lint.catalog.replay.run import Run
from migration_lint.operations import Operation, altered

# A text, which `re` compiles when it is first needed.
_CASCADES = r"\bcascade\b"
_WRITES = r"\b(?:insert|update|merge|replace|into|copy)\b"


def take_rows(run: Run, operation: Operation) -> None:
    """Note the tables whose rows go: those that are named, and those that TRUNCATE … CASCADE reaches."""
    alters = operation.kind == "other_ddl"
    left = [
        run.catalog.key_of(written)
        for written in operation.tables[: 1 if alters else None]
        if not run.is_temporary(altered(operation, {"table": written}))
    ]
    cascades = operation.action == "truncate" and re.search(_CASCADES, operation.sql or "", re.I)
    done: set[Key] = set()
    while left:
        key = left.pop(0)
        table = run.catalog.get(key)
        if key in done or key in run.catalog.views:
            continue
        done.add(key)
        if table is None:
            table = run.imply(Operation(kind="dml", table=key[1], schema=key[0]), key)
        run.note(operation, "rows_taken", table)
        if not alters:
            left += run.catalog.children(key)
        if cascades:
            left += [run.catalog.key(*each.full_name) for each in referring(run, key)]


def leave_parents(run: Run, operation: Operation, key: Key) -> None:
    """Note that the rows of a partition that is dropped go from the tables that it is a part of."""
    for parent in run.catalog.parents.get(key, ()) if key in run.catalog.partitions else ():
        table = run.catalog.get(parent)
        if table is not None:
            run.note(operation, "rows_taken", table)
            leave_parents(run, operation, parent)


def dml(run: Run, operation: Operation) -> None:
    if takes_rows(operation, run.catalog.dialect):
        take_rows(run, operation)
    if operation.sql is not None and not re.search(_WRITES, operation.sql, re.I):
        return
    named = []
    for written in dict.fromkeys((*operation.tables, *([operation.table] if operation.table else ()))):
        if "." not in written and run.catalog.fold_table(written) in run.temporary:
            continue
        key = run.catalog.key_of(written)
        if written == operation.table and operation.schema:
            key = run.key(operation)
        row = run.catalog.rows.get(key)
        if row is not None:
            named.append(row.identity if isinstance(row, Table) else row[0])
    if named:
        note_written(run, operation, tuple(dict.fromkeys(named)))


def note_written(run: Run, operation: Operation, identities: tuple[str, ...]) -> None:
    """Rows were written by a statement that names the tables of these identities."""
    run.journal.entries.append(Entry(run.revision, operation, "written", identities[0], others=identities))


def opaque(run: Run, operation: Operation) -> None:
    gone = run.catalog.gone
    if gone:  # it may have made again what was dropped
        touches = may_touch(operation, run.catalog)
        for key in [key for key in gone if touches(TableName(*key))]:
            gone.discard(key)
    run.journal.entries.append(Entry(run.revision, operation, "opaque"))
