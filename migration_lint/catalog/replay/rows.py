"""Rows that are written, and what nobody can read: no change to a catalog, but told in the journal."""

from __future__ import annotations

import re

from migration_lint.catalog.journal import Entry
from migration_lint.catalog.model import Table
from migration_lint.catalog.outcome import TableName
from migration_lint.catalog.reach import may_touch
from migration_lint.catalog.replay.run import Run
from migration_lint.operations import Operation

# A text, which `re` compiles when it is first needed.
_WRITES = r"\b(?:insert|update|merge|replace|into|copy)\b"


def dml(run: Run, operation: Operation) -> None:
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
