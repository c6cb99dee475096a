"""What source code does to tables: the statements that its symbols hold, and the values that they bind."""

from __future__ import annotations

from typing import Literal

from migration_lint.named_tuple import NamedTuple

Kind = Literal["insert", "select", "update", "delete", "other"]


class Field(NamedTuple):
    """A field of a record as JSON has it. `optional`: it may be left out."""

    name: str
    type: str
    optional: bool = False


class Record(NamedTuple):
    """A type of the project. `same`: the type that it only gives a name to; then it has no fields."""

    name: str
    fields: tuple[Field, ...] = ()
    same: str = ""


class Bound(NamedTuple):
    """A value that goes into a column, or that a column is read into."""

    column: str
    text: str
    """The expression as it stands in the source; a SQL literal with its quotes."""
    line: int
    type: str = ""
    """Its type in the language, where it can be told: `*int32`, `[]string`, `str | None`."""
    literal: str | None = None
    """The value, where the statement or the code writes a constant; NULL is the text `NULL`."""
    values: tuple[str, ...] = ()
    """All that it can be, where its type lists that: an enumeration, a type of literals."""
    encoding: str = ""
    """What the code does to it on the way: `json`, `text` (joined, formatted), `base64`, `iso8601`."""
    of: str = ""
    """For `json`: the type that is encoded, or decoded into, where it can be told."""
    called: str = ""
    """The name that it goes by in the code: `reason` of `a.reason`, `&e.reason` and `:reason`."""
    read: bool = False
    """The column is read into it: of a SELECT, and of what RETURNING gives back."""
    checked: bool = False
    """The code asks, before, whether it is anything: it may be NULL by its type, and never be it here."""
    unknown: str = ""
    """Why it is not known what goes into the column, or what becomes of it, as a clause."""
    records: tuple[Record, ...] = ()
    """The project's own types that `of`, or else `type`, is made of."""


class TableUse(NamedTuple):
    """What one statement does with one table."""

    table: str
    """As written, quotes taken off: `t` or `schema.t`."""
    kind: Kind
    columns: tuple[str, ...] = ()
    """In the statement's order. insert: its list; update: SET; select: what it reads into its result."""
    star: bool = False
    """`SELECT *` or `t.*`; an INSERT without a column list."""
    conflict: tuple[str, ...] | None = None
    """ON CONFLICT (…), or ON DUPLICATE KEY (empty); None where there is none."""
    conflict_where: str | None = None
    updated: tuple[str, ...] = ()
    """The columns of DO UPDATE SET."""
    returning: tuple[str, ...] = ()
    """`*` among them for RETURNING *."""
    named: tuple[str, ...] = ()
    """Further columns that it names: in conditions, joins, orders, groups and expressions."""
    bound: tuple[Bound, ...] = ()
    unresolved: str = ""
    """What of its columns could not be worked out, as a clause; empty where they are known."""
    miscounted: tuple[str, ...] = ()
    """Where numbers have to be the same and are not: `7 columns and 6 values`."""


class Statement(NamedTuple):
    """One SQL statement, as far as it could be put together."""

    path: str
    line: int
    end_line: int
    symbol: str
    """Qualified as the language says it: `upsertRow`, `Store.Get`, `Repo.save`; empty at the top level."""
    sql: str
    """With `{expression}` for what could not be known."""
    uses: tuple[TableUse, ...] = ()
    unresolved: str = ""
    """Why the statement, or a part of it, is not known; empty if all of it is.

    With `uses`, it speaks of another part than their columns: a condition, a further table.
    """
    constant: str = ""
    """The constant that holds its text, where the symbol uses one: the statement goes by its name too."""
    by_model: bool = False
    """It is made through a model or a table object, and its columns are those that this has."""


class Symbol(NamedTuple):
    """A function, method, or a constant that holds SQL."""

    name: str
    line: int
    end_line: int


class Source(NamedTuple):
    """What one file holds."""

    path: str
    language: str
    symbols: tuple[Symbol, ...] = ()
    statements: tuple[Statement, ...] = ()
    problem: str = ""
    """Why it may hold more than was read: a syntax error, its size."""
    models: tuple[Statement, ...] = ()
    """What the models of the file declare, as the statements that are made through each: one to read all that
    it has, one to insert and one to change it. Nobody runs them just so."""
