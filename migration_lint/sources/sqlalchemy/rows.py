"""What writing and reading rows through a model does to its table: which columns, with which values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from migration_lint.sources.model import Bound
from migration_lint.sources.sqlalchemy.entities import (
    Entities,
    Entity,
)
from migration_lint.sources.sqlalchemy.given import (
    Entry,
)
from migration_lint.sources.sqlalchemy.mapping import (
    ColumnAttribute,
    Mapped,
    ModelColumn,
    ModelTable,
    RelationAttribute,
)
from migration_lint.sources.sqlalchemy.models import (
    Models,
)
from migration_lint.sources.sqlalchemy.terms import (
    Parameter,
    Place,
)
from migration_lint.sources.sqlalchemy.uses import (
    Uses,
)
from migration_lint.sources.sqlalchemy.values import (
    Given,
    Values,
)

_EAGER = frozenset(("joined", "selectin", "subquery", "immediate"))


@dataclass(slots=True)
class Changed:
    """What a function does to instances of one class: a new one, or attributes of one that is there."""

    place: Place
    mapped: Mapped
    entries: list[Entry] = field(default_factory=list)


class Rows:
    """Works out the uses of tables for what is handed over."""

    def __init__(self, models: Models, entities: Entities, values: Values) -> None:
        self._models = models
        self._entities = entities
        self._values = values

    def new_instance(self, changed: Changed) -> Uses:
        """What the unit of work inserts for a new instance: all but what the server fills in by itself."""
        mapped, uses = changed.mapped, Uses()
        given, open_ones = self.given(mapped, changed.entries, changed.place)
        given = {**self._set_by_constructor(mapped, changed.place), **given}
        for table in reversed(mapped.tables):
            use = uses.of(table, "insert")
            use.unresolved |= dict.fromkeys(mapped.unresolved)
            left: list[str] = []
            for column in _columns_of(mapped, table):
                values = given.get((id(table), column.name))
                if values:
                    use.columns[column.name] = None
                    use.bound += (bound for each in values for bound in self._values.written(each))
                elif column.computed is not None:
                    use.returning[column.name] = None
                elif column.primary_key and column.default is None:
                    if table is not mapped.tables[-1]:
                        use.columns[column.name] = None  # the key that its parent's row got
                    else:
                        left.append(column.name)
                        use.returning[column.name] = None
                elif column.from_server and column.default is None:
                    left.append(column.name)
                    use.returning[column.name] = None
                else:
                    use.columns[column.name] = None
                    use.bound += self._unset(column, changed, open_ones)
            if open_ones and left:
                use.unresolved[f"{open_ones[0]}: it may set {', '.join(left)}"] = None
        return uses

    def _unset(self, column: ModelColumn, changed: Changed, open_ones: list[str]) -> list[Bound]:
        """What goes into a column that the code is not seen to set."""
        line = changed.place.line
        if open_ones:
            return [Bound(column.name, column.name, line, unknown=open_ones[0])]
        if column.default is None and (
            column.nullable is not True or column.name == changed.mapped.discriminator
        ):
            return []  # something else fills it in: a relationship, the mapper, a listener
        return [self._values.default(column, line)]

    def given(
        self, mapped: Mapped, entries: list[Entry], place: Place
    ) -> tuple[dict[tuple[int, str], list[Given]], list[str]]:
        """Values by table and column, and why there may be more."""
        given: dict[tuple[int, str], list[Given]] = {}
        open_ones: list[str] = []
        for each in entries:
            if each.why:
                open_ones.append(each.why)
                continue
            attribute = mapped.attributes.get(str(each.key)) if isinstance(each.key, str) else None
            line = each.place.line if each.place is not None else place.line
            if isinstance(attribute, ColumnAttribute):
                for table, column in attribute.columns:
                    given.setdefault((id(table), column.name), []).append(
                        Given(column, each.value, each.place, line)
                    )
            elif isinstance(attribute, RelationAttribute):
                for table, column in self._entities.joined_by(mapped, attribute):
                    if table in mapped.tables and not column.primary_key:
                        given.setdefault((id(table), column.name), []).append(
                            Given(column, Parameter(column.name), each.place, line)
                        )
        return given, open_ones

    def _set_by_constructor(self, mapped: Mapped, place: Place) -> dict[tuple[int, str], list[Given]]:
        """The columns that a constructor of the class's own sets."""
        found: dict[tuple[int, str], list[Given]] = {}
        classes = self._models.machine.classes
        for name, attribute in mapped.columns():
            for _, function, _statement in classes.assigned(mapped.of, name):
                if function.name == "__init__":
                    for table, column in attribute.columns:
                        found[(id(table), column.name)] = [Given(column, Parameter(name), None, place.line)]
        return found

    def update(self, uses: Uses, entity: Entity, entries: list[Entry], place: Place) -> None:
        """What sets columns of rows that are there."""
        mapped = entity.mapped
        if mapped is not None:
            given, open_ones = self.given(mapped, entries, place)
            tables = mapped.tables
        else:
            given, open_ones = self.of_core(entity, entries, place)
            tables = (entity.table,)
        for table in tables:
            columns = {each.name: each for each in table.columns.values()}
            set_here = {name: values for (of, name), values in given.items() if of == id(table)}
            if not set_here and not (open_ones and table is tables[0]):
                continue
            use = uses.of(table, "update")
            for name, values in set_here.items():
                use.columns[name] = None
                use.bound += (bound for each in values for bound in self._values.written(each))
            for name, column in columns.items():
                if column.onupdate is not None and name not in use.columns:
                    use.columns[name] = None
            if mapped is not None:
                use.named |= dict.fromkeys(each.name for each in table.primary_key)
            use.unresolved |= dict.fromkeys(open_ones)

    def of_core(
        self, entity: Entity, entries: list[Entry], place: Place
    ) -> tuple[dict[tuple[int, str], list[Given]], list[str]]:
        """Values that are handed to a statement of Core, which goes by columns as well as by attributes."""
        given: dict[tuple[int, str], list[Given]] = {}
        open_ones: list[str] = []
        for each in entries:
            if each.why:
                open_ones.append(each.why)
                continue
            pairs = (
                [pair] if isinstance(each.key, str) and (pair := entity.column(each.key)) is not None
                else self._entities.column(each.key) if not isinstance(each.key, str) else []
            )  # fmt: skip
            line = each.place.line if each.place is not None else place.line
            for table, column in pairs:
                given.setdefault((id(table), column.name), []).append(
                    Given(column, each.value, each.place, line)
                )
            if not pairs and isinstance(each.key, str):
                # said under the name that the code has: it is no column of the model
                strange = ModelColumn(each.key, place, each.key)
                given.setdefault((id(entity.table), each.key), []).append(
                    Given(strange, each.value, each.place, line)
                )
        return given, open_ones

    def insert(self, uses: Uses, entity: Entity, entries: list[Entry], place: Place) -> None:
        """An INSERT of Core: what is given, and what the columns' defaults in Python add."""
        given, open_ones = self.of_core(entity, entries, place)
        use = uses.of(entity.table, "insert")
        written = {name: values for (of, name), values in given.items() if of == id(entity.table)}
        # the compiler goes by the table, whatever the order in which values are given
        for name in sorted(written, key=lambda each: _position(entity.table, each)):
            use.columns[name] = None
            use.bound += (bound for each in written[name] for bound in self._values.written(each))
        for column in entity.table.columns.values():
            if column.default is not None and column.name not in use.columns:
                use.columns[column.name] = None
                use.bound.append(self._values.default(column, place.line))
        if not given and not open_ones:
            open_ones = ["its values are not seen to be handed over"]
        use.unresolved |= dict.fromkeys((*open_ones, *_strange(entity.table, written)))

    def read_entity(self, uses: Uses, entity: Entity, line: int, depth: int = 0) -> None:
        """All that reading an instance reads, what its relationships always load with it, too."""
        for table in entity.mapped.tables if entity.mapped is not None else (entity.table,):
            uses.of(table, "select").unresolved |= dict.fromkeys(
                entity.mapped.unresolved if entity.mapped else ()
            )
        for table, column in entity.columns():
            use = uses.of(table, "select")
            use.columns[column.name] = None
            bound = self._values.read(column, line)
            if bound is not None:
                use.bound.append(bound)
        if entity.mapped is None or depth > 2:
            return
        tell_apart(uses, entity.mapped)
        for each in entity.mapped.attributes.values():
            if isinstance(each, RelationAttribute) and each.lazy in _EAGER:
                target = self._models.target(each)
                if target is not None and target.table not in uses.tables():
                    self.read_entity(uses, Entity(target.table, target), line, depth + 1)


def count_entity(uses: Uses, entity: Entity) -> None:
    """What `Query.count` names: a SELECT of all columns stands inside, and no relationship loads anything."""
    for table in entity.mapped.tables if entity.mapped is not None else (entity.table,):
        more = dict.fromkeys(entity.mapped.unresolved if entity.mapped else ())
        uses.of(table, "select").unresolved |= more
    for pair in entity.columns():
        uses.naming(pair)
    if entity.mapped is not None:
        tell_apart(uses, entity.mapped)


def _strange(table: ModelTable, names: Iterable[str]) -> Iterator[str]:
    """Why SQLAlchemy refuses an INSERT of columns that a table of its models does not have."""
    if not table.unresolved:
        missing = [name for name in names if name not in table.columns]
        if missing:
            yield f"the model of {table.name} has no {', '.join(missing)}"


def tell_apart(uses: Uses, mapped: Mapped) -> None:
    """A class that shares its table with its parent is told from it by a column."""
    if mapped.parent is not None and mapped.table is mapped.parent.table and mapped.discriminator:
        uses.of(mapped.table, "select").named[mapped.discriminator] = None


def _columns_of(mapped: Mapped, table: ModelTable) -> list[ModelColumn]:
    """The columns of a table that a class maps, each once."""
    found: dict[str, ModelColumn] = {}
    for _, attribute in mapped.columns():
        for there, column in attribute.columns:
            if there is table:
                found[column.name] = column
    return [found[name] for name in table.columns if name in found]


def _position(table: ModelTable, name: str) -> int:
    names = list(table.columns)
    return names.index(name) if name in table.columns else len(names)
