"""Rows that all go by what a contract declares: a DELETE by the only value that a producer writes."""

from __future__ import annotations

from collections.abc import Iterator

from migration_lint.catalog.journal import Entry
from migration_lint.catalog.model import Catalog, Table
from migration_lint.catalog.outcome import Outcome, TableName
from migration_lint.check.pairs import alive
from migration_lint.check.protection import Contracts
from migration_lint.check.schema import Schema
from migration_lint.contracts.model import TableDeclaration
from migration_lint.operations import Constraint


def declared_outcomes(schema: Schema, contracts: Contracts) -> Iterator[Outcome]:
    """One for each table of which a DELETE takes every row that one of its producers says it writes."""
    entries = [each for each in schema.journal.entries if each.effect == "some_rows_taken"]
    if not entries:
        return
    from migration_lint.contracts.inserts import inserting

    for name in contracts.base.tables():
        before = schema.before.table(*name)
        after = None if before is None else alive(schema, before)
        own = [] if after is None else [each for each in entries if each.table == after.identity]
        if before is None or after is None or not own:
            continue
        declared = [each.before for each in inserting(contracts.base, contracts.head, name, after.full_name)]
        taking = next((each for each in own if _takes(each, after, declared, schema)), None)
        if taking is not None:
            yield _outcome(taking, before.full_name, after)


def _takes(entry: Entry, table: Table, declared: list[TableDeclaration], schema: Schema) -> bool:
    from migration_lint.catalog.deletion import deletions

    own = schema.after.key(table.schema, table.name)
    base = next((each.base for each in schema.rewritten if each.revision == entry.revision), ())
    if any(each.kind == "dml" and each.sql == entry.operation.sql for each in base):
        return False
    for producer in declared:
        said = _said(producer, table, schema.after)
        if not said:
            continue
        catalog = schema.after.copy()
        catalog.rows[own] = table._replace(constraints=(*said, *table.constraints))
        if any(catalog.key_of(each.table) == own for each in deletions(entry.operation, catalog)):
            return True
    return False


def _said(producer: TableDeclaration, table: Table, catalog: Catalog) -> list[Constraint]:
    """What a producer declares of the values of its rows, as CHECKs."""
    found = []
    for each in producer.columns:
        column = table.columns.get(catalog.fold(each.name))
        if column is None or not each.values:
            continue
        mark = "`" if catalog.dialect in ("mysql", "mariadb") else '"'
        name = f"{mark}{column.name}{mark}"
        values = ", ".join("'" + value.replace("'", "''") + "'" for value in each.values)
        null = "" if column.nullable is False or each.nullable is False else f" OR {name} IS NULL"
        found.append(Constraint("check", expression=f"{name} IN ({values}){null}"))
    return found


def _outcome(entry: Entry, name: TableName, after: Table) -> Outcome:
    return Outcome(
        kind="table_emptied",
        table=name,
        new_table=after.full_name,
        steps=(entry.step,),
        revision=entry.revision,
        operation=entry.operation,
        path=entry.operation.path,
        conditional=entry.operation.conditional,
    )
