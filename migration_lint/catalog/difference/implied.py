"""Tables and columns that base's scripts never made, as far as the change speaks of them."""

from __future__ import annotations

from migration_lint.catalog.difference.comparison import Comparison
from migration_lint.catalog.model import CatalogColumn, Key, Table, table_identity
from migration_lint.catalog.outcome import TableName


def unheard_of(comparison: Comparison) -> list[tuple[Table, Table | None]]:
    """Protected tables that base's scripts never made, as far as the change speaks of them."""
    found: dict[Key, tuple[TableName, str]] = {}
    known = {comparison.base.key(*name): name for name in comparison.named}
    created: set[Key] = set()
    for entry in comparison.entries:
        key = comparison.base.key(*entry.name)
        if key in comparison.base.rows or key in found or key in created:
            continue
        if entry.effect == "table_implied":
            # `DROP TABLE IF EXISTS` of what nobody has heard of takes a contract to mean anything.
            unsure = entry.operation.if_exists or entry.operation.conditional
            expected = key in known or (
                not unsure and (entry.table in comparison.protected or comparison.is_protected(entry.name))
            )
            if expected and not comparison.was_in_base(entry):
                found[key] = entry.name, entry.table
        elif entry.effect == "table_created":
            sure = not (entry.operation.if_exists or entry.operation.conditional)
            if sure or key not in known or key in comparison.base.gone:
                created.add(key)
            else:
                found[key] = known[key], table_identity("", *key)
        elif entry.effect == "table_renamed" and entry.new_name is not None:
            created.add(comparison.base.key(*entry.new_name))
        elif entry.effect in ("schema_dropped", "schema_renamed"):
            for other, name in known.items():
                if other[0] == key[0] and other not in {
                    *comparison.base.rows,
                    *comparison.base.views,
                    *comparison.base.gone,
                }:
                    found.setdefault(other, (name, table_identity("", *other)))
    result: list[tuple[Table, Table | None]] = []
    for key, (name, identity) in found.items():
        same = comparison.head_key(identity, key)
        table = Table(identity, name.schema, name.name, {}, complete=False)
        result.append((table, None if same is None else comparison.head.get(same)))
    return result


def with_implied(comparison: Comparison, table: Table) -> Table:
    """The table with the columns that only the change's operations tell of."""
    columns = table.columns
    identities = {column.identity for column in columns.values()}
    related = [table.identity]
    other = comparison.head.get(comparison.base.key(table.schema, table.name))
    if other is not None and other.identity != table.identity and table.implied:
        related.append(other.identity)
    for identity in related:
        for entry in comparison.by_table.get(identity, ()):
            column = entry.before
            if entry.effect != "column_implied" or not isinstance(column, CatalogColumn):
                continue
            folded = comparison.base.fold(column.name)
            if folded in columns or column.identity in identities or comparison.was_in_base(entry):
                continue
            columns = {**columns, folded: column}
    return table if columns is table.columns else table._replace(columns=columns)
