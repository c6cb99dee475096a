"""A `Catalog` → the facts that it holds; and what the server has, taken over into it."""

from __future__ import annotations

from migration_lint.catalog.expressions import canonical_expression
from migration_lint.catalog.model import (
    Catalog,
    CatalogColumn,
    Enum,
    Sequence,
    Table,
    View,
    ViewColumn,
    column_identity,
    table_identity,
)
from migration_lint.data_class import replace
from migration_lint.operations import Constraint
from tests.benchmarks.catalog_suite.facts import (
    UNKNOWN,
    Column,
    Fact,
    Facts,
    Name,
    Relation,
    facts_of,
    mentioned,
)


class Ours:
    """The catalog of one file, and the facts of each table, worked out once for each value of it."""

    def __init__(self, catalog: Catalog, kinds: frozenset[str]) -> None:
        self.catalog, self.kinds = catalog, kinds
        self._known: dict[int, tuple[Table, Facts]] = {}

    def facts(self) -> Facts:
        catalog = self.catalog
        found: Facts = {Fact("enumeration", Name(*key)): enum.values for key, enum in catalog.enums.items()}
        if "sequence" in self.kinds:
            found.update({Fact("sequence", Name(*key)): True for key in catalog.sequences})
        for table in catalog.tables():
            if table.implied and not table.columns:
                continue
            known = self._known.get(id(table))
            if known is None:
                facts = facts_of(self._relation(table), catalog.fold, self.kinds)
                known = self._known[id(table)] = (table, facts)
            found.update(known[1])
            key = catalog.key(table.schema, table.name)
            for parent in catalog.parents.get(key, ()):
                found[Fact("parent", Name(*key), Name(*parent))] = True
        for key in catalog.views:
            given = catalog.relation(key)
            columns = () if given is None else given.columns.values()
            view = Relation(Name(*key), True, tuple(Column(each.name, self._type(each)) for each in columns))
            found.update(facts_of(view, catalog.fold, self.kinds))
        return found

    def _type(self, column: CatalogColumn) -> str:
        return self.catalog.canonical(column.type) or UNKNOWN

    def _relation(self, table: Table) -> Relation:
        columns = tuple(map(self._column, table.columns.values()))
        constraints = tuple(self._constraint(each, table) for each in table.constraints)
        name = Name(*self.catalog.key(table.schema, table.name))
        return Relation(name, False, columns, constraints, indexes=table.indexes)

    def _column(self, each: CatalogColumn) -> Column:
        """On PostgreSQL a serial column is one with a default; elsewhere it is all that numbers rows."""
        by_default = each.generated == "serial" and self.catalog.dialect == "postgresql"
        return Column(
            each.name,
            self._type(each),
            UNKNOWN if each.nullable is None else not each.nullable,
            by_default or canonical_expression(each.default) not in (None, "null"),
            None if by_default else "identity" if each.generated == "serial" else each.generated,
        )

    def _constraint(self, each: Constraint, table: Table) -> Constraint:
        """The constraint with all that it leaves to the server to find out."""
        if each.kind == "check":
            names = (column.name for column in table.columns.values())
            return replace(each, columns=mentioned(names, each.expression or "", self.catalog.fold))
        if each.kind != "foreign_key":
            return each
        key = self.catalog.key(each.referred_schema, each.referred_table or "")
        referred = each.referred_columns
        if not referred and self.catalog.dialect != "sqlite":  # which finds the key when it needs one
            referred = self._key_of(self.catalog.get(key))
        return replace(each, referred_schema=key[0], referred_table=key[1], referred_columns=referred)

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

    def take(self, name: Name, relation: Relation | None) -> None:
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
                ViewColumn(column_identity(table_identity("", *key), "", each.name), each.name, "", each.type)
                for each in relation.columns
            )
            names = tuple(each.name for each in outputs)
            catalog.views[key] = View(*name, relation.reads, names, outputs, "server")
            return
        catalog.rows[key] = self._taken(relation, old)
        if relation.parents:
            catalog.parents[key] = tuple((parent.schema, parent.name) for parent in relation.parents)

    def _taken(self, relation: Relation, old: Table | None) -> Table:
        identity = table_identity("server", *relation.name) if old is None else old.identity
        columns: dict[str, CatalogColumn] = {}
        for each in relation.columns:
            folded = self.catalog.fold(each.name)
            known = None if old is None else old.columns.get(folded)
            own = column_identity(identity, "server", each.name) if known is None else known.identity
            columns[folded] = CatalogColumn(
                own,
                each.name,
                each.type,
                not each.not_null,
                each.text if each.default else None,
                each.generated,
                expression=each.text if each.generated in ("stored", "virtual") else None,
            )
        return Table(identity, *relation.name, columns, relation.constraints, relation.indexes)

    def take_enum(self, name: Name, values: tuple[str, ...] | None) -> None:
        self.catalog.enums.pop(name, None)
        if values is not None:
            self.catalog.enums[name] = Enum(*name, values)

    def take_sequence(self, name: Name, there: bool) -> None:
        self.catalog.sequences.pop(name, None)
        if there:
            self.catalog.sequences[name] = Sequence(table_identity("server", *name), *name)
