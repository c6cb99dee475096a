"""What setval and TRUNCATE … RESTART IDENTITY make of the numbers of a sequence."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from migration_lint.catalog.journal import Entry
from migration_lint.catalog.model import Key, Sequence
from migration_lint.catalog.outcome import TableName
from migration_lint.catalog.replay.run import Run
from migration_lint.catalog.sequences import numbering, owned_by
from migration_lint.operations import HOLE, Operation

# Texts, which `re` compiles when they are first needed.
_CALLED = r"(?i)\bsetval\s*\("
_NAMED = r"(?is)\s*'([^']+)'\s*(?:::\s*[\w.]+)?\s*"
_OF_COLUMN = r"(?is)\s*(?:pg_catalog\.)?pg_get_serial_sequence\s*\(\s*'([^']+)'\s*,\s*'([^']+)'\s*\).*"
_RESTARTS = r"(?i)\brestart\s+identity\b"
#: What may stand in a value that no row decides.
_CONSTANT = (
    r"(?i)(?:\s|[-+*/%(),.]|\d|::\s*\w+|'\s*\d+\s*'"
    r"|\b(?:select|least|greatest|coalesce|abs|cast|as|bigint|int|int4|int8|integer|smallint|null)\b)+"
)
_PIECES = r"'(?:[^']|'')*'|\"[^\"]*\"|[(),]|[^'\"(),]+"


def set_value(run: Run, operation: Operation) -> None:
    """setval with a number that the statement names, of the sequences that it may mean.

    One that is worked out of rows, or handed in, is taken to be beyond the numbers that there are.
    """
    sequences = run.catalog.sequences
    if operation.sql is None:  # built by Core, it may call setval, too
        for key, sequence in list(sequences.items()):
            sequences[key] = sequence._replace(fresh=False)
    for called, value in _settings(operation.sql or ""):
        constant = re.fullmatch(_CONSTANT, value) is not None
        for key in list(_meant(run, called)):
            sequence = sequences[key]
            if constant:
                begins = re.fullmatch(r"\s*[01]\s*", value) is not None
                _put(run, operation, key, sequence._replace(fresh=sequence.fresh and begins))
                _restart(run, operation, key)
            else:
                _put(run, operation, key, sequence._replace(fresh=False))


def restart_numbers(run: Run, operation: Operation, truncated: Iterable[Key]) -> None:
    """TRUNCATE … RESTART IDENTITY: the sequences that columns of its tables own begin again.

    That is told where they number the rows of a table that keeps its rows.
    """
    if re.search(_RESTARTS, operation.sql or "") is None:
        return
    emptied, catalog = set(truncated), run.catalog
    owned = {
        key
        for each in emptied
        if (table := catalog.get(each)) is not None
        for column in table.columns.values()
        for key in owned_by(catalog, column.identity)
    }
    for table in list(catalog.tables()) if owned else ():
        if catalog.key(table.schema, table.name) in emptied:
            continue
        asked = {numbering(catalog, column) for column in table.columns.values()}
        for key in sorted(key for key in asked if key in owned and key is not None):
            _restart(run, operation, key)


def _settings(sql: str) -> Iterator[tuple[str, str]]:
    """The first two arguments of each setval."""
    for found in re.finditer(_CALLED, sql):
        arguments, depth = [""], 1
        for piece in re.findall(_PIECES, sql[found.end() :]):
            depth += {"(": 1, ")": -1}.get(piece, 0)
            if depth == 0:
                break
            if piece == "," and depth == 1:
                arguments.append("")
            else:
                arguments[-1] += piece
        if len(arguments) > 1:
            yield arguments[0], arguments[1]


def _meant(run: Run, called: str) -> Iterator[Key]:
    """The sequences that the first argument of setval may be: all, where nobody can tell."""
    catalog = run.catalog
    named, of_column = re.fullmatch(_NAMED, called), re.fullmatch(_OF_COLUMN, called)
    if named is not None and HOLE not in called:
        key = catalog.key_of(named[1].replace('"', ""))
        yield from (key,) if key in catalog.sequences else ()
    elif of_column is not None and HOLE not in called:
        table = catalog.get(catalog.key_of(of_column[1].replace('"', "")))
        column = None if table is None else table.columns.get(catalog.fold(of_column[2]))
        yield from () if column is None else owned_by(catalog, column.identity)
    else:
        yield from catalog.sequences


def _restart(run: Run, operation: Operation, key: Key) -> None:
    sequence = run.catalog.sequences[key]
    _put(run, operation, key, sequence._replace(restarts=sequence.restarts + 1))


def _put(run: Run, operation: Operation, key: Key, sequence: Sequence) -> None:
    run.catalog.sequences[key] = sequence
    name = TableName(sequence.schema, sequence.name)
    run.journal.entries.append(Entry(run.revision, operation, "sequence_changed", name=name))
