"""Sequences: made, altered and dropped, by themselves and with the column that owns them."""

from __future__ import annotations

import re

from migration_lint.catalog.journal import Entry
from migration_lint.catalog.model import CatalogColumn, Key, Sequence, Table
from migration_lint.catalog.outcome import TableName
from migration_lint.catalog.replay.run import Run
from migration_lint.catalog.sequences import asked, numbering, owned_by
from migration_lint.operations import NUMBERED, Operation, altered

#: What the numbers of a type end with.
_MOST = {"smallint": 2**15 - 1, "int2": 2**15 - 1, "integer": 2**31 - 1, "int": 2**31 - 1, "int4": 2**31 - 1}
_SET = r"(?i)\bsetval\s*\(\s*'([^']+)'(?:::\w+)?\s*,\s*-?\d+\s*[,)]"
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
    made = Sequence(run.unique(f"{run.revision}:{schema}.{operation.name}"), schema, operation.name)
    sequence = made if verb == "create" else sequences.get(key, made._replace(identity=f":{schema}.{key[1]}"))
    sequence = _with_options(run, sequence, operation)
    new = TableName(run.new_schema(operation, sequence.schema), operation.new_name or sequence.name)
    if new != (sequence.schema, sequence.name):
        rename_sequence(run, operation, key, sequence, new)
    else:
        sequences[key] = sequence
        _note(run, operation, sequence)


def rename_sequence(run: Run, operation: Operation, key: Key, sequence: Sequence, new: TableName) -> None:
    """Another name, or another schema: a default that knows the sequence, and not its name alone, follows."""
    catalog = run.catalog
    catalog.sequences.take(key)
    catalog.sequences[catalog.key(*new)] = sequence._replace(schema=new.schema, name=new.name)
    _note(run, operation, sequence)
    path = [f'"{each}"' for each in new if each != catalog.default_schema]
    quoted = f"'{'.'.join(path)}'" if path else f"'{new.name}'"
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
            catalog.sequences[key] = Sequence(
                f"{column.identity}\n:{name}", table.schema, name, column.identity
            )


def alter_numbers(run: Run, operation: Operation) -> None:
    """ALTER COLUMN … RESTART and SET MAXVALUE, of an identity."""
    table = run.catalog.get(run.key(operation))
    column = None if table is None else table.columns.get(run.catalog.fold(operation.column or ""))
    key = None if column is None else numbering(run.catalog, column)
    sequence = None if key is None else run.catalog.sequences.get(key)
    if key is not None and sequence is not None:
        run.catalog.sequences[key] = _with_options(run, sequence, operation)
        _note(run, operation, sequence)


def set_value(run: Run, operation: Operation) -> None:
    """setval with a number that the statement names."""
    for name in re.findall(_SET, operation.sql or ""):
        key = run.catalog.key_of(name.replace('"', ""))
        sequence = run.catalog.sequences.get(key)
        if sequence is not None:
            run.catalog.sequences[key] = sequence._replace(restarts=sequence.restarts + 1)
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
    if re.search(r"\brestart\b", said):
        sequence = sequence._replace(restarts=sequence.restarts + 1)
    if "owned by none" in operation.values:
        return sequence._replace(owner="")
    for owner in operation.tables:
        table = run.catalog.get(run.catalog.key_of(owner))
        column = None if table is None else table.columns.get(run.catalog.fold(operation.column or ""))
        sequence = sequence._replace(owner="" if column is None else column.identity)
    return sequence


def _note(run: Run, operation: Operation, sequence: Sequence) -> None:
    name = TableName(sequence.schema, sequence.name)
    run.journal.entries.append(Entry(run.revision, operation, "sequence_changed", name=name))
