"""Compares the tables of models with those of a catalog, as Alembic's autogenerate does, and further."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from migration_lint.catalog.expressions import canonical_expression
from migration_lint.catalog.model import Catalog, CatalogColumn, Table
from migration_lint.data_class import replace
from migration_lint.models.difference import DifferenceKind, ModelDifference, ModelPlace
from migration_lint.models.types import Types, source_of
from migration_lint.named_tuple import NamedTuple
from migration_lint.operations import Constraint, Index
from migration_lint.reading.models.naming import DEFAULT, Convention, constraint_name, index_name
from migration_lint.sources.sqlalchemy.mapping import ModelColumn, ModelTable
from migration_lint.sources.sqlalchemy.models import Models
from migration_lint.sources.sqlalchemy.terms import Made, Pairs, text_of

#: Where a migration makes a table, or a column of it.
Where = Callable[[Table, str], ModelPlace | None]

_Part = TypeVar("_Part")
_Other = TypeVar("_Other")

#: Tables that migration tools keep for themselves.
_OWN = frozenset(("alembic_version",))


def compare(
    models: Models, tables: Sequence[ModelTable], catalog: Catalog, where: Where
) -> Iterator[ModelDifference]:
    """What models have otherwise than a catalog, table by table; `tables`: those that are for its database.

    Services that share a table have a model each, and none has to have all of it.
    """
    types = Types(models, catalog.dialect)
    seen: dict[str, list[ModelTable]] = {}
    for model in tables:
        seen.setdefault(".".join(catalog.key(model.schema, model.name)), []).append(model)
    for several in seen.values():
        pairs = [
            _Pair(models, model, catalog.table(model.schema, model.name), catalog, types, where)
            for model in several
        ]
        yield from _together([list(pair.differences()) for pair in pairs])
    for table in catalog.tables():
        key = ".".join(catalog.key(table.schema, table.name))
        if key not in seen and table.name not in _OWN and not table.implied and not table.uncertain:
            written = table.name if table.schema == catalog.default_schema else f"{table.schema}.{table.name}"
            place = where(table, "") or ModelPlace("", 0)
            yield ModelDifference(
                "remove_table", written, "", "", "", f'op.drop_table("{table.name}")', place
            )


def _together(found: Sequence[Sequence[ModelDifference]]) -> Iterator[ModelDifference]:
    """The differences of all models of one table, each once: of what is left over, what none of them has."""
    told: set[tuple[str, ...]] = set()
    for number, own in enumerate(found):
        others = [{each.key for each in other} for other in (*found[:number], *found[number + 1 :])]
        for each in own:
            if each.key in told or not (each.is_needed or all(each.key in other for other in others)):
                continue
            told.add(each.key)
            yield each


class _Pair(NamedTuple):
    """A table as a model has it, and as the migrations make it."""

    models: Models
    model: ModelTable
    table: Table | None
    catalog: Catalog
    types: Types
    where: Where

    def differences(self) -> Iterator[ModelDifference]:
        for why in self._unread:
            yield self._told("not_read", "", model=why)
        if self.table is None:
            yield self._told("add_table", "", writes=self._create_table())
            return
        yield from self._columns(self.table)
        yield from self._constraints_and_indexes(self.table)

    @property
    def _unread(self) -> tuple[str, ...]:
        """Why the table may have more by its models than was read."""
        whose = (each for each in self.models.all_mapped() if self.model in each.tables)
        reasons = dict.fromkeys(why for each in whose for why in each.unresolved)
        return (*self.model.unresolved, *reasons)

    # -- columns

    def _columns(self, table: Table) -> Iterator[ModelDifference]:
        fold = self.catalog.fold
        names = {fold(each.name) for each in self.model.columns.values()}
        for column in self.model.columns.values():
            there = table.columns.get(fold(column.name))
            if there is None:
                if table.complete and not table.implied:
                    made = f'op.add_column("{self.model.name}", {self._column(column)})'
                    yield self._told(
                        "add_column", column.name, model=self._shown(column), writes=made, at=column
                    )
                continue
            if not there.uncertain:
                yield from self._column_differences(table, column, there)
        for folded, there in table.columns.items():
            if folded not in names and not self._unread and not there.uncertain:
                dropped = f'op.drop_column("{self.model.name}", "{there.name}")'
                yield self._told("remove_column", there.name, schema=there.type or "", writes=dropped)

    def _column_differences(
        self, table: Table, column: ModelColumn, there: CatalogColumn
    ) -> Iterator[ModelDifference]:
        made = self.types.of(column)
        ours, theirs = self.catalog.canonical(made.text), self.catalog.canonical(there.type)
        if ours is not None and theirs is not None and ours != theirs:
            writes = self._alter(column, f"type_={source_of(column.type) or made.text}")
            yield self._told("modify_type", column.name, made.text or "", there.type or "", writes, column)
        enum = self.catalog.enum_of(there.type)
        if enum is not None and made.enum_values and set(made.enum_values) != set(enum.values):
            values = ", ".join(enum.values)
            yield self._told("enum_values", column.name, ", ".join(made.enum_values), values, "", column)
        nullable = there.nullable
        if nullable is not None and any(
            each.kind == "primary_key" and there.name in each.columns for each in table.constraints
        ):
            nullable = False
        if nullable is not None and column.nullable is not None and nullable != column.nullable:
            writes = self._alter(column, f"nullable={column.nullable}")
            yield self._told(
                "modify_nullable", column.name, _null(column.nullable), _null(nullable), writes, column
            )
        yield from self._default(column, there)

    def _default(self, column: ModelColumn, there: CatalogColumn) -> Iterator[ModelDifference]:
        if there.generated is not None or column.computed is not None or column.identity is not None:
            return
        if column.server_default is None:
            if there.default is not None:
                writes = self._alter(column, "server_default=None")
                yield self._told("modify_default", column.name, "none", there.default, writes, column)
            return
        said = self.types.default(column)
        if said is None:
            return
        fold = self.catalog.fold
        there_too = canonical_expression(there.default, fold)
        if there.default is None or canonical_expression(said, fold) != there_too:
            writes = self._alter(column, f"server_default=sa.text({said!r})")
            yield self._told("modify_default", column.name, said, there.default or "none", writes, column)

    # -- constraints and indexes

    @property
    def _convention(self) -> Convention:
        given = (
            self.model.metadata.keyword("naming_convention")
            if isinstance(self.model.metadata, Made)
            else None
        )
        if not isinstance(given, Pairs):
            return DEFAULT
        texts = {text_of(key): text_of(value) for key, value in given.pairs if key is not None}
        return {key: value for key, value in texts.items() if key is not None and value is not None}

    def _constraints_and_indexes(self, table: Table) -> Iterator[ModelDifference]:
        """Unique constraints, foreign keys and indexes."""
        ours = [
            self._named(each) for each in self.model.constraints if each.kind in ("unique", "foreign_key")
        ]
        theirs = [each for each in table.constraints if each.kind in ("unique", "foreign_key")]
        left, right = _unmatched(ours, theirs, self._same_constraint)
        indexes = [self._named_index(each) for each in self.model.indexes]
        left_indexes, right_indexes = _unmatched(indexes, list(table.indexes), self._same_index)
        if self.catalog.dialect in ("mysql", "mariadb"):  # a unique constraint is a unique index there
            left, right_indexes = _unmatched(left, right_indexes, self._is_unique_index)
            left_indexes, right = _unmatched(left_indexes, right, self._is_of_constraint)
        yield from self._constraints(left, right)
        yield from self._indexes(left_indexes, right_indexes)

    def _is_unique_index(self, constraint: Constraint, index: Index) -> bool:
        fold = self.catalog.fold
        return (
            constraint.kind == "unique"
            and index.unique
            and not index.expressions
            and [*map(fold, constraint.columns)] == [*map(fold, index.columns)]
            and (constraint.name is None or index.name is None or constraint.name == index.name)
        )

    def _is_of_constraint(self, index: Index, constraint: Constraint) -> bool:
        return self._is_unique_index(constraint, index)

    def _constraints(
        self, left: Sequence[Constraint], right: Sequence[Constraint]
    ) -> Iterator[ModelDifference]:
        """What only the model has, and what only the schema has."""
        for each in left:
            name = f'"{each.name}"' if each.name else "None"
            yield self._told(
                "add_constraint", each.name or "", model=_constraint(each), writes=self._create(each, name)
            )
        for each in right if not self._unread else ():
            kind = "unique" if each.kind == "unique" else "foreignkey"
            dropped = f'op.drop_constraint("{each.name or "?"}", "{self.model.name}", type_="{kind}")'
            yield self._told("remove_constraint", each.name or "", schema=_constraint(each), writes=dropped)

    def _named(self, constraint: Constraint) -> Constraint:
        name = constraint_name(
            self._convention, self.catalog.dialect, constraint, self.model.name, self.model.schema
        )
        return constraint if name is None else replace(constraint, name=name)

    def _same_constraint(self, ours: Constraint, theirs: Constraint) -> bool:
        fold = self.catalog.fold
        if ours.kind != theirs.kind or {*map(fold, ours.columns)} != {*map(fold, theirs.columns)}:
            return False
        name = theirs.name or theirs.by_convention
        if ours.kind == "unique":
            return ours.name is None or name is None or ours.name == name
        return (
            fold(ours.referred_table or "") == fold(theirs.referred_table or "")
            and (not theirs.referred_columns or set(ours.referred_columns) == set(theirs.referred_columns))
            and ours.on_deleted == theirs.on_deleted
            and ours.on_updated == theirs.on_updated
        )

    def _indexes(self, left: Sequence[Index], right: Sequence[Index]) -> Iterator[ModelDifference]:
        """What only the model has, and what only the schema has."""
        for each in left:
            columns = ", ".join(f'"{name}"' for name in each.columns)
            made = f'op.create_index("{each.name}", "{self.model.name}", [{columns}], unique={each.unique})'
            yield self._told("add_index", each.name or "", model=_index(each), writes=made)
        for each in right if not self._unread else ():
            dropped = f'op.drop_index("{each.name}", table_name="{self.model.name}")'
            yield self._told("remove_index", each.name or "", schema=_index(each), writes=dropped)

    def _named_index(self, index: Index) -> Index:
        if index.name is not None:
            return index
        name = index_name(
            self._convention, self.catalog.dialect, index.columns, self.model.name, self.model.schema
        )
        return replace(index, name=name)

    def _same_index(self, ours: Index, theirs: Index) -> bool:
        if ours.name is not None and theirs.name is not None and ours.name != theirs.name:
            return False
        if ours.unique != theirs.unique:
            return False
        if ours.expressions or theirs.expressions:
            return True  # what an expression means, the server says in its own words
        fold = self.catalog.fold
        return [*map(fold, ours.columns)] == [*map(fold, theirs.columns)]

    # -- words

    def _told(
        self, kind: DifferenceKind, element: str, model: str = "", schema: str = "", writes: str = "",
        at: ModelColumn | None = None,
    ) -> ModelDifference:  # fmt: skip
        place = at.place if at is not None else self.model.place
        other = self.where(self.table, element) if self.table is not None else None
        return ModelDifference(
            kind,
            self.model.written,
            element,
            model,
            schema,
            writes,
            ModelPlace(place.path, place.line),
            other,
        )

    def _shown(self, column: ModelColumn) -> str:
        made = self.types.of(column).text or "of a type that is not known"
        return f"{made}, {_null(column.nullable)}" if column.nullable is not None else made

    def _column(self, column: ModelColumn) -> str:
        parts = [f'"{column.name}"', source_of(column.type) or self.types.of(column).text or "sa.NullType()"]
        default = self.types.default(column) if column.server_default is not None else None
        if default is not None:
            parts.append(f"server_default=sa.text({default!r})")
        parts.append(f"nullable={column.nullable is not False}")
        return f"sa.Column({', '.join(parts)})"

    def _alter(self, column: ModelColumn, change: str) -> str:
        return f'op.alter_column("{self.model.name}", "{column.name}", {change})'

    def _create(self, each: Constraint, name: str) -> str:
        columns = ", ".join(f'"{column}"' for column in each.columns)
        if each.kind == "unique":
            return f'op.create_unique_constraint({name}, "{self.model.name}", [{columns}])'
        referred = ", ".join(f'"{column}"' for column in each.referred_columns)
        rule = f', ondelete="{each.on_delete}"' if each.on_delete else ""
        names = f'{name}, "{self.model.name}", "{each.referred_table}"'
        return f"op.create_foreign_key({names}, [{columns}], [{referred}]{rule})"

    def _create_table(self) -> str:
        lines = [f"    {self._column(each)}," for each in self.model.columns.values()]
        keys = ", ".join(f'"{each.name}"' for each in self.model.primary_key)
        lines += [f"    sa.PrimaryKeyConstraint({keys}),"] if keys else []
        return "\n".join([f'op.create_table("{self.model.name}",', *lines, ")"])


def _unmatched(
    ours: Sequence[_Part], theirs: Sequence[_Other], same: Callable[[_Part, _Other], bool]
) -> tuple[list[_Part], list[_Other]]:
    """What has no counterpart, on each side."""
    left, right = [], list(theirs)
    for each in ours:
        found = next((other for other in right if same(each, other)), None)
        if found is None:
            left.append(each)
        else:
            right.remove(found)
    return left, right


def _null(nullable: bool | None) -> str:
    return "nullable" if nullable else "not null"


def _constraint(each: Constraint) -> str:
    columns = ", ".join(each.columns)
    if each.kind == "unique":
        return f"unique ({columns})"
    rule = f" on delete {each.on_delete.lower()}" if each.on_delete else ""
    return f"a foreign key ({columns}) to {each.referred_table} ({', '.join(each.referred_columns)}){rule}"


def _index(each: Index) -> str:
    return f"({', '.join(each.columns)}){', unique' if each.unique else ''}"
