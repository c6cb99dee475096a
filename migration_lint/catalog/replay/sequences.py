"""Sequences: made, altered and dropped, by themselves and with the column that owns them."""

from __future__ import annotations

import re

from migration_lint.catalog.journal import Entry
from migration_lint.catalog.model import CatalogColumn, Key, Sequence, Table, revision_of
from migration_lint.catalog.outcome import TableName
from migration_lint.catalog.replay.run import Run
from migration_lint.catalog.sequences import asked, numbering, owned_by
from migration_lint.operations import NUMBERED, Operation, altered

#: What the numbers of a type end with.
_MOST = {"smallint": 2**15 - 1, "int2": 2**15 - 1, "integer": 2**31 - 1, "int": 2**31 - 1, "int4": 2**31 - 1}
_QUOTED = re.compile(r"'[^']*'")


def change_sequence(run: Run, operation: Operation) -> None:
    """CREATE, ALTER and DROP SEQUENCE."""
    key = run.key(altered(operation, {"table": operation.name}))
    verb = (operation.action or "").split()[0]
    sequences = run.catalog.sequences
    if not operation.name or (verb == "create" and key in sequences and operation.if_exists):
        return
    if verb == "drop":
        lose_sequence(run, operation, key)
        return
    schema = operation.schema or run.catalog.default_schema
    if verb == "create":
        identity = run.unique(f"{run.revision}:{schema}.{operation.name}")
        fresh = operation.sql is not None and not operation.if_exists and not operation.conditional
        sequence = Sequence(identity, schema, operation.name, fresh=fresh)
    else:
        sequence = sequences.get(key, Sequence(f":{schema}.{key[1]}", schema, operation.name))
    owner = sequence.owner
    sequence = _with_options(run, sequence, operation)
    if owner and owner != sequence.owner:
        _leave_to_default(run, owner, sequence)
    new = TableName(run.new_schema(operation, sequence.schema), operation.new_name or sequence.name)
    if new != (sequence.schema, sequence.name):
        rename_sequence(run, operation, key, sequence, new)
    else:
        sequences[key] = sequence
        _note(run, operation, sequence)


def _leave_to_default(run: Run, owner: str, sequence: Sequence) -> None:
    """A serial column that no longer owns its sequence asks it by its default, as it did before."""
    for table in list(run.catalog.tables()):
        for column in table.columns.values():
            if column.identity == owner and column.generated == "serial" and column.default is None:
                default = f"nextval('{_quoted(run, TableName(sequence.schema, sequence.name))}'::regclass)"
                run.with_column(table, column._replace(default=default))
                return


def _quoted(run: Run, name: TableName) -> str:
    """The name of a sequence, as it stands in a text behind nextval."""
    path = [f'"{each}"' for each in name if each != run.catalog.default_schema]
    return ".".join(path) if path else name.name


def rename_sequence(run: Run, operation: Operation, key: Key, sequence: Sequence, new: TableName) -> None:
    """Another name, or another schema: a default that knows the sequence, and not its name alone, follows."""
    catalog = run.catalog
    catalog.sequences.take(key)
    catalog.sequences[catalog.key(*new)] = sequence._replace(schema=new.schema, name=new.name)
    _note(run, operation, sequence)
    quoted = f"'{_quoted(run, new)}'"
    for table in list(catalog.tables()):
        for folded, column in table.columns.items():
            found = asked(catalog, column.default)
            if found is not None and found.key == key and not found.by_name:
                default = _QUOTED.sub(lambda _: quoted, column.default or "", count=1)
                table = table._replace(columns={**table.columns, folded: column._replace(default=default)})
                run.put(table)


def lose_sequence(run: Run, operation: Operation, key: Key) -> None:
    """It is gone, and who asks for it fails."""
    sequence = run.catalog.sequences.take(key)
    if sequence is None:
        schema = operation.schema or run.catalog.default_schema
        sequence = Sequence("", schema, operation.name or key[1])
    _note(run, operation, sequence)


def lose_sequences(run: Run, operation: Operation, column: CatalogColumn) -> None:
    """Those that a column owns go with it."""
    for key in list(owned_by(run.catalog, column.identity)) if run.catalog.sequences else ():
        lose_sequence(run, operation, key)


def number(run: Run, table: Table) -> None:
    """Give each column that has one of its own its sequence, under the name that PostgreSQL makes up."""
    catalog = run.catalog
    for column in table.columns.values() if catalog.dialect == "postgresql" else ():
        if column.generated in NUMBERED and not any(owned_by(catalog, column.identity)):
            name = f"{table.name}_{column.name}_seq"
            key = catalog.key(table.schema, name)
            identity = f"{column.identity}\n:{name}"
            if revision_of(column.identity) != run.revision:  # it is not the one that it had before
                identity += f" of {run.revision}"
            catalog.sequences[key] = Sequence(identity, table.schema, name, column.identity, fresh=True)


def alter_numbers(run: Run, operation: Operation) -> None:
    """ALTER COLUMN … RESTART and SET MAXVALUE, of an identity."""
    table = run.catalog.get(run.key(operation))
    column = None if table is None else table.columns.get(run.catalog.fold(operation.column or ""))
    key = None if column is None else numbering(run.catalog, column)
    sequence = None if key is None else run.catalog.sequences.get(key)
    if key is not None and sequence is not None:
        run.catalog.sequences[key] = _with_options(run, sequence, operation)
        _note(run, operation, sequence)


def _with_options(run: Run, sequence: Sequence, operation: Operation) -> Sequence:
    said = re.sub(r"\s+", " ", (operation.sql or "").lower())
    most = re.search(r"\bmaxvalue (\d+)", said)
    type = re.search(r"\bas (\w+)", said)
    if most is not None:
        sequence = sequence._replace(most=int(most[1]))
    elif re.search(r"\bno maxvalue\b", said):
        sequence = sequence._replace(most=None)
    elif type is not None and type[1] in _MOST:
        sequence = sequence._replace(most=_MOST[type[1]])
    if re.search(r"\bincrement (?:by )?-?\d", said):
        sequence = sequence._replace(rising=re.search(r"\bincrement (?:by )?-", said) is None)
    if re.search(r"\bcycle\b", said):
        sequence = sequence._replace(cycles=re.search(r"\bno cycle\b", said) is None)
    if re.search(r"\b(?:re)?start (?:with )?(?!1\b|with\b)[^; ]", said):
        sequence = sequence._replace(fresh=False)
    if re.search(r"\brestart\b", said):
        sequence = sequence._replace(restarts=sequence.restarts + 1)
    if "owned by none" in operation.values:
        return sequence._replace(owner="")
    if operation.tables:
        tables = [run.catalog.get(run.catalog.key_of(each)) for each in operation.tables]
        table = next((each for each in tables if each is not None), None)  # on a search path
        column = None if table is None else table.columns.get(run.catalog.fold(operation.column or ""))
        sequence = sequence._replace(owner="" if column is None else column.identity)
    return sequence


def _note(run: Run, operation: Operation, sequence: Sequence) -> None:
    name = TableName(sequence.schema, sequence.name)
    run.journal.entries.append(Entry(run.revision, operation, "sequence_changed", name=name))
