"""A `Catalog` → the facts that it holds; and what the server has, taken over into it."""

from __future__ import annotations

import re

from migration_lint.catalog.expressions import canonical_expression
from migration_lint.catalog.model import (
    Catalog,
    CatalogColumn,
    Enum,
    Key,
    Table,
    View,
    ViewColumn,
    column_identity,
    table_identity,
)
from migration_lint.operations import Constraint, Index
from tests.benchmarks.catalog_suite.facts import UNKNOWN, Fact, Facts, Name
from tests.benchmarks.catalog_suite.server import Relation, Server, count

_ON_DELETE = {"c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT", "r": "RESTRICT"}
_KINDS = {"p": "primary_key", "u": "unique", "f": "foreign_key", "c": "check"}


class Ours:
    """The catalog of one file, and the facts of each table, worked out once for each value of it."""

    def __init__(self) -> None:
        self.catalog = Catalog("postgresql")
        self._known: dict[int, tuple[Table, Facts]] = {}

    def facts(self) -> Facts:
        catalog = self.catalog
        found: Facts = {Fact("enumeration", Name(*key)): enum.values for key, enum in catalog.enums.items()}
        for table in catalog.tables():
            if table.implied and not table.columns:
                continue
            known = self._known.get(id(table))
            if known is None:
                known = self._known[id(table)] = (table, self._of_table(table))
            found.update(known[1])
            key = catalog.key(table.schema, table.name)
            for parent in catalog.parents.get(key, ()):
                found[Fact("parent", Name(*key), Name(*parent))] = True
        for key in catalog.views:
            of = Name(*key)
            found[Fact("view", of)] = True
            given = catalog.relation(key)
            for column in given.columns.values() if given is not None else ():
                found[Fact("column of a view", of, column.name)] = self._type(column)
        return found

    def _type(self, column: CatalogColumn) -> str:
        return self.catalog.canonical(column.type) or UNKNOWN

    def _of_table(self, table: Table) -> Facts:
        catalog, of = self.catalog, Name(table.schema, table.name)
        found: Facts = {Fact("table", of): True}
        for column in table.columns.values():
            found[Fact("column", of, column.name)] = True
            found[Fact("type", of, column.name)] = self._type(column)
            if column.nullable is not True:
                found[Fact("not null", of, column.name)] = True if column.nullable is False else UNKNOWN
            if column.generated == "serial" or canonical_expression(column.default) not in (None, "null"):
                found[Fact("default", of, column.name)] = True
            if column.generated not in (None, "serial"):
                found[Fact("generated", of, column.name)] = column.generated
        for each in table.constraints:
            if each.kind == "foreign_key":
                schema, name = catalog.key(each.referred_schema, each.referred_table or "")
                referred = each.referred_columns or self._key_of(catalog.get((schema, name)))
                count(found, Fact("foreign key", of, (each.columns, Name(schema, name), referred)))
            elif each.kind == "check":
                count(found, Fact("check", of, _mentioned(table, each.expression or "")))
            elif each.kind in ("primary_key", "unique"):
                count(found, Fact("key", of, (each.kind[0], each.columns)))
        return found

    def _key_of(self, table: Table | None) -> tuple[str, ...]:
        """What a foreign key refers to that names no columns."""
        constraints = () if table is None else table.constraints
        return next((each.columns for each in constraints if each.kind == "primary_key"), ())

    def unsure(self, name: Name) -> bool:
        """Whether the catalog itself says that it does not know all of a table or view."""
        view = self.catalog.views.get(name)
        if view is not None:
            return view.outputs is None
        table = self.catalog.get(name)
        return table is not None and (not table.complete or table.uncertain)

    def identity(self, name: Name, column: str | None = None) -> str | None:
        """Of a table or of one of its columns; None: it is not there."""
        table = self.catalog.get(name)
        if table is None or column is None:
            return None if table is None else table.identity
        found = table.columns.get(self.catalog.fold(column))
        return None if found is None else found.identity

    def take(self, server: Server, name: Name, relation: Relation | None) -> None:
        """Have of one name what the server has; None: nothing."""
        catalog, key = self.catalog, name
        old = catalog.get(key)
        catalog.rows.pop(key, None)
        catalog.views.pop(key, None)
        catalog.parents.pop(key, None)
        if relation is None:
            catalog.gone.add(key)
            return
        catalog.gone.discard(key)
        if relation.is_view:
            outputs = tuple(
                ViewColumn(column_identity(table_identity("", *key), "", column[1]), column[1], "", column[2])
                for column in relation.columns
            )
            names = tuple(each.name for each in outputs)
            catalog.views[key] = View(*name, server.reads(relation.oid), names, outputs, "server")
            return
        catalog.rows[key] = self._taken(server, relation, old)
        if relation.parents:
            catalog.parents[key] = tuple(Key(parent) for parent in relation.parents)  # type: ignore[misc]

    def _taken(self, server: Server, relation: Relation, old: Table | None) -> Table:
        identity = table_identity("server", *relation.name) if old is None else old.identity
        defaults = server.defaults(relation.oid)
        columns: dict[str, CatalogColumn] = {}
        for _, name, type, not_null, default, generated in relation.columns:
            text = defaults.get(name)
            known = None if old is None else old.columns.get(name)
            own = column_identity(identity, "server", name) if known is None else known.identity
            written = text if default else None
            expression = text if generated in ("stored", "virtual") else None
            columns[name] = CatalogColumn(
                own, name, type, not not_null, written, generated, expression=expression
            )
        constraints = tuple(_constraint(each) for each in relation.constraints)
        indexes = tuple(
            Index(name, tuple(keys), expressions=expressions, unique=unique, where=where)
            for name, unique, where, expressions, keys in server.indexes(relation.oid)
        )
        return Table(identity, *relation.name, columns, constraints, indexes)

    def take_enum(self, name: Name, values: tuple[str, ...] | None) -> None:
        self.catalog.enums.pop(name, None)
        if values is not None:
            self.catalog.enums[name] = Enum(*name, values)


def _constraint(row: list[object]) -> Constraint:
    kind, columns, schema, table, referred, on_delete, name, valid, expression = row
    return Constraint(
        _KINDS[str(kind)],  # type: ignore[arg-type]
        str(name),
        tuple(columns),  # type: ignore[arg-type]
        None if table is None else str(table),
        None if schema is None else str(schema),
        tuple(referred),  # type: ignore[arg-type]
        _ON_DELETE.get(str(on_delete)),
        expression=None if expression is None else str(expression),
        not_valid=not valid,
    )


def _mentioned(table: Table, expression: str) -> frozenset[str]:
    """The columns that stand in a condition."""
    outside = re.sub(r"'(?:[^']|'')*'", "''", expression)
    names = {quoted.replace('""', '"') for quoted in re.findall(r'"((?:[^"]|"")+)"', outside)}
    names |= {word.lower() for word in re.findall(r"[^\W\d][\w$]*", re.sub(r'"[^"]*"', "", outside))}
    return frozenset(column.name for column in table.columns.values() if column.name in names)
