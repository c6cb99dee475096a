"""What the models of a service map: tables, columns and what their attributes stand for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from migration_lint.operations import Constraint, Index
from migration_lint.sources.sqlalchemy.terms import Class, Made, Place, Term


@dataclass(frozen=True, slots=True)
class ModelColumn:
    """A column as its model declares it."""

    name: str
    place: Place
    key: str  # what Core and dictionaries of values call it
    type: Term | None = None  # as SQLAlchemy is given it; None: not said
    nullable: bool | None = None  # None: not worked out
    primary_key: bool = False
    default: Term | None = None  # what Python fills in
    server_default: Term | None = None
    onupdate: Term | None = None
    unique: bool = False
    index: bool = False
    references: tuple[Made, ...] = ()  # its ForeignKey(…)
    checks: tuple[Made, ...] = ()
    computed: Made | None = None
    identity: Made | None = None
    sequence: Made | None = None
    autoincrement: object = "auto"  # as it is written; None: not known
    annotation: str = ""  # the type of Python that it is declared with: `str | None`
    deferred: bool = False
    sort_order: int = 0
    comment: str | None = None

    @property
    def from_server(self) -> bool:
        """Whether the server gives it a value that an INSERT leaves out."""
        return self.server_default is not None or self.computed is not None or self.identity is not None


@dataclass(slots=True, eq=False)
class ModelTable:
    """A table as models declare it. Filled while its classes are read, and never after."""

    name: str
    schema: str | None
    place: Place
    columns: dict[str, ModelColumn] = field(default_factory=dict)  # by name
    constraints: list[Constraint] = field(default_factory=list)
    indexes: list[Index] = field(default_factory=list)
    metadata: Term | None = None
    comment: str | None = None
    unresolved: list[str] = field(default_factory=list)
    """Why there may be more columns than were read, as clauses."""

    @property
    def written(self) -> str:
        return f"{self.schema}.{self.name}" if self.schema else self.name

    def by_key(self, key: str) -> ModelColumn | None:
        return next((each for each in self.columns.values() if each.key == key), None)

    @property
    def primary_key(self) -> tuple[ModelColumn, ...]:
        return tuple(each for each in self.columns.values() if each.primary_key)


@dataclass(frozen=True, slots=True)
class ColumnAttribute:
    """An attribute that stands for columns: more than one where a joined subclass has its parent's key."""

    columns: tuple[tuple[ModelTable, ModelColumn], ...]
    deferred: bool = False


@dataclass(frozen=True, slots=True)
class RelationAttribute:
    """An attribute that stands for rows of another table."""

    target: Term | None  # a class, its name as text, or a function that gives it
    many: bool | None  # None: that depends on which side has the foreign key
    lazy: str
    made: Made
    reverse_of: tuple[Mapped, RelationAttribute] | None = None
    """The class whose `backref` it is, and the relationship there."""


@dataclass(frozen=True, slots=True)
class ExpressionAttribute:
    """An attribute that is worked out of columns."""

    kind: Literal["column_property", "hybrid", "synonym", "composite", "proxy"]
    term: Term


Attribute = ColumnAttribute | RelationAttribute | ExpressionAttribute


@dataclass(slots=True, eq=False)
class Mapped:
    """A mapped class. `tables`: its own, and those of the classes that it inherits from by a join."""

    of: Class
    tables: tuple[ModelTable, ...]
    attributes: dict[str, Attribute]
    parent: Mapped | None = None
    discriminator: str = ""  # the column that tells subclasses apart
    unresolved: list[str] = field(default_factory=list)

    @property
    def table(self) -> ModelTable:
        return self.tables[0]

    def columns(self) -> list[tuple[str, ColumnAttribute]]:
        return [(name, each) for name, each in self.attributes.items() if isinstance(each, ColumnAttribute)]
