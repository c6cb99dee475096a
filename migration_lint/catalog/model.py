"""What exists at one point of a history: tables, views and enums.

Everything in a `Catalog` is immutable but the catalog itself, so that `copy` costs a few dictionary
copies, and a table that a change leaves alone is the same object before and after it. What is written to
it can be recorded, and written to a copy: see `catalog/parts.py`.

An *identity* says which thing this is, whatever it is called by now. A table's is the revision that
created it with the name it was created under; a column's is its table's identity with the revision
that added it and its first name. The same scripts give equal identities in base and in head. What no
revision created, because an operation only mentions it, is *implied*: its identity names no revision.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

from migration_lint.catalog.expressions import canonical_expression
from migration_lint.catalog.outcome import TableName
from migration_lint.catalog.parts import KeySet, Mapped, Write
from migration_lint.catalog.types import DEFAULT_SCHEMAS, canonical, is_shipped, listed_values
from migration_lint.data_class import fields_of
from migration_lint.identifiers import Identifiers
from migration_lint.named_tuple import NamedTuple
from migration_lint.operations import (
    Body,
    Constraint,
    Dialect,
    Index,
    Operation,
    Trigger,
)

if TYPE_CHECKING:
    from migration_lint.settings import Settings

#: How a schema and a name are looked up: folded as the dialect folds them.
Key = tuple[str, str]


class CatalogColumn(NamedTuple):
    identity: str
    name: str
    type: str | None  # SQL text; None: not known
    nullable: bool | None  # None: not known
    default: str | None
    generated: str | None  # serial, identity, stored or virtual
    uncertain: bool = False  # a step that may or may not run has touched it
    comment: str | None = None
    expression: str | None = None  # of a generated column, where it is known
    inherited: bool = False  # it comes from parents alone, and goes with the last one that has it


class Table(NamedTuple):
    identity: str
    schema: str
    name: str
    columns: dict[str, CatalogColumn]  # by folded name, in order; never changed in place
    constraints: tuple[Constraint, ...] = ()
    indexes: tuple[Index, ...] = ()
    complete: bool = True  # False: there may be columns that no operation named
    uncertain: bool = False  # a step that may or may not run has touched it
    former: tuple[TableName, ...] = ()  # the names it had before, the oldest first
    charset: str | None = None  # MySQL and MariaDB: of its text columns; None: not known

    @property
    def full_name(self) -> TableName:
        return TableName(self.schema, self.name)

    @property
    def all_names(self) -> tuple[TableName, ...]:
        return (*self.former, TableName(self.schema, self.name))

    @property
    def implied(self) -> bool:
        """Whether no operation created it: it was there before, or is made elsewhere."""
        return is_implied(self.identity)

    def is_unique_on(
        self, columns: Iterable[str], where: str | None = None, *, fold: Callable[[str], str]
    ) -> bool:
        """Whether a unique index, unique constraint or primary key is on just these columns.

        `where` is the condition of a partial index, compared apart from spacing, case and casts. What is
        DEFERRABLE does not count: two rows that are alike may be there until the transaction ends, and
        PostgreSQL's ON CONFLICT does not take it.
        """
        wanted = frozenset(map(fold, columns))
        if where is None and any(
            each.kind in ("primary_key", "unique")
            and not each.deferrable
            and frozenset(map(fold, each.columns)) == wanted
            for each in self.constraints
        ):
            return True
        return any(
            index.unique
            and not index.expressions
            and frozenset(map(fold, index.columns)) == wanted
            and canonical_expression(index.where, fold) == canonical_expression(where, fold)
            for index in self.indexes
        )


class ViewColumn(NamedTuple):
    """A column that a view gives out."""

    identity: str  # whatever it is called by now
    name: str
    source: str = ""  # the identity of the column that it is; "": it is worked out, or not known
    type: str | None = None  # when the view was made; None: not known
    text: str = ""  # the expression
    default: str | None = None  # of what is written through the view


class View(NamedTuple):
    schema: str
    name: str
    reads: tuple[str, ...] = ()  # tables as the definition names them
    columns: tuple[str, ...] = ()  # as far as they are known; `*` for all of a table's
    outputs: tuple[ViewColumn, ...] | None = None  # all that it gives out; None: not known
    made: str = ""  # what its definition is told by: the SQL where it is known, else the place that made it


class Routine(NamedTuple):
    """A function or procedure; several may share a name."""

    schema: str | None  # None: the first of the search path in which it was made
    signature: str  # the types of its parameters as written; "": none, or not known
    does: tuple[Operation, ...]  # what each call does beyond reading data
    trigger: Trigger | None = None  # what it does to the row of a trigger that runs it
    body: Body | None = None  # what it names; None: not read


class Hook(NamedTuple):
    """What runs when a table is read or written, or, without a table, whatever happens."""

    kind: str  # trigger, rule, view, policy, event trigger, operator, cast, …
    name: str
    does: tuple[Operation, ...]
    trigger: Trigger | None = None
    body: Body | None = None  # what a trigger names that runs no function
    enabled: bool = True
    made: str = ""  # of a policy: the statements that make and alter it, `;` and a new line between them


class Enum(NamedTuple):
    schema: str
    name: str
    values: tuple[str, ...] = ()


class Domain(NamedTuple):
    """A type that is another one with a default and conditions of its own."""

    schema: str
    name: str
    type: str | None  # None: not known
    default: str | None = None
    nullable: bool = True
    constraints: tuple[Constraint, ...] = ()  # whose expressions call the value VALUE


class Composite(NamedTuple):
    """A type that is made of attributes, which have names and types."""

    schema: str
    name: str
    attributes: tuple[tuple[str, str | None], ...] = ()  # in order; a type of None is not known
    unheard: tuple[str, ...] = ()  # what was done to attributes that no revision made


class Sequence(NamedTuple):
    """What gives numbers."""

    identity: str  # whatever it is called by now
    schema: str
    name: str
    owner: str = ""  # the identity of the column with which it goes; "": none
    most: int | None = None  # the highest number; None: what its type holds
    rising: bool = True
    cycles: bool = False
    restarts: int = 0  # how often it was made to begin again
    fresh: bool = False  # it begins with its first number, whatever numbers there are


#: Of hooks that hang on no table.
AMBIENT: Key = ("", "")

_Held = TypeVar("_Held")

#: What a catalog holds, each under its name there.
PARTS = (
    "rows",
    "views",
    "enums",
    "domains",
    "composites",
    "sequences",
    "routines",
    "hooks",
    "parents",
    "partitions",
    "schemas",
    "gone",
)


class Catalog:
    """Tables, views and enums by schema and name; routines, and what is attached to tables and runs them.

    `identifiers` says how names are looked up. `default_schema` stands where no schema was written; None:
    the dialect's own.
    """

    __slots__ = (
        "_exact",
        "composites",
        "default_schema",
        "dialect",
        "domains",
        "enums",
        "gone",
        "hooks",
        "identifiers",
        "index_tables",
        "parents",
        "partitions",
        "routines",
        "rows",
        "schemas",
        "sequences",
        "views",
    )

    def __init__(
        self,
        dialect: Dialect = "postgresql",
        default_schema: str | None = None,
        *,
        tables_by_case: bool = False,
    ) -> None:
        self.dialect = dialect
        self.identifiers = Identifiers(dialect, tables_by_case)
        self.default_schema = DEFAULT_SCHEMAS[dialect] if default_schema is None else default_schema
        self._exact = dialect == "postgresql"  # names are what they are: most need no folding
        #: A table, or the list that `row_of` made of one and that nobody has needed since.
        self.rows: Mapped[Key, Table | list[Any]] = Mapped()
        self.views: Mapped[Key, View] = Mapped()
        self.enums: Mapped[Key, Enum] = Mapped()
        self.domains: Mapped[Key, Domain] = Mapped()
        self.composites: Mapped[Key, Composite] = Mapped()
        self.sequences: Mapped[Key, Sequence] = Mapped()
        self.routines: Mapped[str, tuple[Routine, ...]] = Mapped()
        self.hooks: Mapped[Key, tuple[Hook, ...]] = Mapped()
        #: What a table is a child or a partition of, or the type of which it is made.
        self.parents: Mapped[Key, tuple[Key, ...]] = Mapped()
        #: Those of them that are partitions.
        self.partitions: KeySet[Key] = KeySet()
        #: Those that a revision made; what is in it tells of another one.
        self.schemas: KeySet[str] = KeySet()
        #: Names whose table an operation dropped or renamed: known not to be there, as opposed to unheard of.
        self.gone: KeySet[Key] = KeySet()
        #: Where an index of a name may be; only a shortcut, made on first use.
        self.index_tables: dict[str, Key] | None = None

    @classmethod
    def of(cls, settings: Settings) -> Catalog:
        """An empty catalog of the database that a configuration speaks of."""
        return cls(
            settings.dialect,
            settings.default_schema or None,
            tables_by_case=settings.identifiers.tables_by_case,
        )

    def copy(self) -> Catalog:
        """A catalog that may go its own way. Tables are shared."""
        other = Catalog(self.dialect, self.default_schema, tables_by_case=self.identifiers.tables_by_case)
        for name in PARTS:
            setattr(other, name, getattr(self, name).copy())
        if self.index_tables is not None:
            other.index_tables = self.index_tables.copy()
        return other

    def record(self, writes: list[Write] | None) -> None:
        """Have whatever is written from now on added to a list; with None to none any more."""
        for name in PARTS:
            getattr(self, name).record(name, writes)

    def write(self, writes: Iterable[Write]) -> None:
        """Do what was recorded of a catalog that was equal to this one."""
        self.index_tables = None
        for name, key, value in writes:
            getattr(self, name).write(key, value)

    def fold(self, name: str) -> str:
        """What is equal for two names inside a table that mean the same."""
        return name if self._exact else self.identifiers.fold(name)

    def fold_table(self, name: str) -> str:
        """What is equal for two tables or schemas that mean the same."""
        return name if self._exact else self.identifiers.fold_table(name)

    def key(self, schema: str | None, name: str) -> Key:
        """Where to look a name up. `schema` None or empty: the default schema."""
        if self._exact:
            return schema or self.default_schema, name
        fold = self.identifiers.fold_table
        return fold(schema or self.default_schema), fold(name)

    def key_of(self, written: str) -> Key:
        """The key of `table` or `schema.table` in one text."""
        schema, dot, name = written.rpartition(".")
        return self.key(schema if dot else None, name)

    def fold_written(self, written: str) -> str:
        """A table in one text, of which parts may not be known, as the keys that it means are folded."""
        return ".".join(map(self.fold_table, written.split(".")))

    def canonical(self, type: str | None) -> str | None:
        """The one spelling of a type in this catalog's dialect; None stays None."""
        return None if type is None else canonical(type, self.dialect, self.default_schema)

    def enum_of(self, type: str | None) -> Enum | None:
        """The enum that a column's type is, or that its entries are; None where there is none of its name.

        That of a domain is the one over which it is made. One without a name stands in the type itself, as
        on MySQL.
        """
        values = listed_values(type, self.dialect) if type is not None else ()
        if values:
            return Enum("", "", values)
        domains = self.domains_of(type)
        under = domains[-1].type if domains else type
        return self.enums.get(self.key_of_type(under)) if self.enums and under is not None else None

    def key_of_type(self, type: str) -> Key:
        """Where to look up what a type, or that of an array's entries, is called."""
        spelled = (self.canonical(type) or "").removesuffix("[]")
        shipped = self.dialect == "postgresql" and is_shipped(spelled)
        return self._key_of_spelled(f"pg_catalog.{spelled}" if shipped else spelled)

    def _key_of_spelled(self, spelled: str) -> Key:
        return self.key_of(spelled.replace('"', ""))

    def domains_of(self, type: str | None) -> tuple[Domain, ...]:
        """The domain that a column's type is, the one over which that is made, and so on; () for none."""
        found: list[Domain] = []
        while self.domains and type is not None:
            domain = self.domains.get(self._key_of_spelled(self.canonical(type) or ""))
            if domain is None or domain in found:
                break
            found.append(domain)
            type = domain.type
        return tuple(found)

    def get(self, key: Key) -> Table | None:
        row = self.rows.get(key)
        if isinstance(row, list):
            row = _table_from(row)
            self.rows.remember(key, row)
        return row

    def table(self, schema: str | None, name: str) -> Table | None:
        """The table of this name, if there is one."""
        return self.get(self.key(schema, name))

    def view(self, schema: str | None, name: str) -> View | None:
        return self.views.get(self.key(schema, name))

    def identity_at(self, key: Key) -> str | None:
        """The identity of the table that a key leads to, without building it."""
        row = self.rows.get(key)
        if row is None:
            return None
        identity: str = row[0]  # of a Table as of its stored list
        return identity

    def may_name(self, key: Key, name: str) -> bool:
        """Whether a folded name may occur in a table; the answer is only sure where it is no."""
        row = self.rows[key]
        if isinstance(row, Table):
            return True
        written = json.dumps(name, ensure_ascii=False)[1:-1]
        return written in row[3] if self._exact else written.lower() in row[3].lower()

    def tables(self) -> Iterator[Table]:
        """All tables, in the order of their creation."""
        for key in list(self.rows):
            table = self.get(key)
            if table is not None:
                yield table

    def columns_as_written(self) -> dict[str, tuple[str, ...]]:
        """The columns of each table of which all are known, by every name that a statement may give it."""
        found: dict[str, tuple[str, ...]] = {}
        for table in self.tables():
            if table.complete:
                columns = tuple(column.name for column in table.columns.values())
                found[f"{table.schema}.{table.name}"] = columns
                if table.schema == self.default_schema:
                    found[table.name] = columns
        return found

    def relation(self, key: Key) -> Table | None:
        """The table at a key, or the view as if it were one; None: neither is there, or its columns are not
        known."""
        view = None if key in self.rows else self.views.get(key)
        if view is None:
            return self.get(key)
        if view.outputs is None:
            return None
        columns = {
            self.fold(each.name): CatalogColumn(each.identity, each.name, self._type(each), None, None, None)
            for each in view.outputs
        }
        return Table(view_identity(key), view.schema, view.name, columns)

    def _type(self, column: ViewColumn) -> str | None:
        """The type of a view's column by now: a database that does not keep it takes that of its source."""
        found = self.source_of(column.source) if column.source else None
        return column.type if found is None else found.type

    def source_of(self, identity: str) -> CatalogColumn | None:
        """The column of an identity, in whatever table; None: there is none."""
        table = identity.rpartition("\n")[0]
        for key, _, found in self.names():
            if found == table:
                known = self.get(key)
                columns = () if known is None else known.columns.values()
                return next((each for each in columns if each.identity == identity), None)
        return None

    def children(self, key: Key) -> Iterator[Key]:
        """The tables that inherit from one, are partitions of it, or are made of its type."""
        for child, parents in self.parents.items():
            if key in parents:
                yield child

    def rename_attached(self, old: Key, new: Key, keep: bool) -> None:
        """What hangs on a table goes with it to its new name; `keep`: and stays under the old one, too."""
        _move(self.hooks, old, new, keep)
        _move(self.parents, old, new, keep)
        if old in self.partitions:
            self.partitions.add(new)
            if not keep:
                self.partitions.discard(old)
        for child, parents in self.parents.items():
            if old in parents:
                self.parents[child] = tuple(new if parent == old else parent for parent in parents)

    def names(self) -> Iterator[tuple[Key, TableName, str]]:
        """Key, name and identity of each table, without building any."""
        for key, row in self.rows.items():
            if isinstance(row, Table):
                yield key, TableName(row.schema, row.name), row.identity
            else:
                yield key, TableName(row[1], row[2]), row[0]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Catalog):
            return NotImplemented
        return (
            (self.identifiers, self.default_schema) == (other.identifiers, other.default_schema)
            and list(self.tables()) == list(other.tables())
            and self.rows.keys() == other.rows.keys()
            and self.views == other.views
            and self.enums == other.enums
            and self.domains == other.domains
            and self.composites == other.composites
            and self.sequences == other.sequences
            and self.routines == other.routines
            and self.hooks == other.hooks
            and self.parents == other.parents
            and self.partitions == other.partitions
            and self.gone == other.gone
        )


def _move(part: Mapped[Key, _Held], old: Key, new: Key, keep: bool) -> None:
    if old in part:
        part[new] = part[old]
        if not keep and new != old:
            del part[old]


def is_implied(identity: str) -> bool:
    """Whether no revision made the table, or the column, of this identity."""
    return identity.rpartition("\n")[2].startswith(":")


def table_identity(revision: str, schema: str, name: str) -> str:
    return f"{revision}:{schema}.{name}"


def view_identity(key: Key) -> str:
    """A view's, whoever makes it: a table that an operation implied under the same name is another thing."""
    return f"view {table_identity('', *key)}"


def column_identity(table: str, revision: str, name: str) -> str:
    return f"{table}\n{revision}:{name}"


def revision_of(identity: str) -> str:
    """The revision that made the table, or the column, of this identity; empty: none did."""
    return identity.rpartition("\n")[2].partition(":")[0]


# --- a table to and from a plain list; of the rest of a catalog: catalog/stored.py

CONSTRAINT_FIELDS = list(fields_of(Constraint))
_INDEX_FIELDS = list(fields_of(Index))


def row_of(table: Table) -> list[Any]:
    # The rest is a text of its own: most runs look into very few of the tables that a history made.
    rest = [
        [
            [folded, _within(table.identity, column.identity), *column[1:]]
            for folded, column in table.columns.items()
        ],
        [plain(constraint, CONSTRAINT_FIELDS) for constraint in table.constraints],
        [plain(index, _INDEX_FIELDS) for index in table.indexes],
        table.complete,
        table.uncertain,
        [list(name) for name in table.former],
        table.charset,
    ]
    return [table.identity, table.schema, table.name, json.dumps(rest, ensure_ascii=False)]


def _within(table: str, column: str) -> str:
    """A column's identity without that of its table, which most begin with."""
    return column[len(table) :] if column.startswith(f"{table}\n") else column


def index_names(row: Table | list[Any]) -> list[str | None]:
    """The names of a table's indexes, without building it."""
    if isinstance(row, Table):
        return [index.name for index in row.indexes]
    return [item[0] for item in json.loads(row[3])[2]]


def _table_from(row: list[Any]) -> Table:
    identity, schema, name, rest = row
    columns, constraints, indexes, complete, uncertain, former, charset = json.loads(rest)
    return Table(
        identity,
        schema,
        name,
        {
            folded: CatalogColumn(f"{identity}{own}" if own[:1] == "\n" else own, *fields)
            for folded, own, *fields in columns
        },
        tuple(Constraint(**fields_from(item, CONSTRAINT_FIELDS)) for item in constraints),
        tuple(Index(**fields_from(item, _INDEX_FIELDS)) for item in indexes),
        complete,
        uncertain,
        tuple(TableName(*item) for item in former),
        charset,
    )


def plain(item: Constraint | Index, names: list[str]) -> list[Any]:
    values = [getattr(item, name) for name in names]
    while len(values) > 1 and (values[-1] is None or values[-1] is False or values[-1] == ()):
        values.pop()
    return [list(value) if isinstance(value, tuple) else value for value in values]


def fields_from(values: list[Any], names: list[str]) -> dict[str, Any]:
    return {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in zip(names, values, strict=False)
    }
