"""The vocabulary that reading produces and everything after it consumes.

Names are as the database holds them: a name that raw SQL wrote without quotes is already folded the
way the dialect folds it (PostgreSQL and Oracle: to lower case). `schema` is None where the script
names none; what that means (`default-schema`, a changed search path) is settled by whoever replays.

Types, defaults and expressions are SQL text in the dialect that was read, as SQLAlchemy would render
them or as the raw SQL wrote them. None stands for "not said" or "not worked out"; the field's line
below says which.

A name may hold `HOLE`: text that the reader could not work out stands there. Such names occur only
in operations of kind `opaque` (in `tables`), never elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal, get_args

from migration_lint.data_class import dataclass, fields_of
from migration_lint.named_tuple import NamedTuple

Dialect = Literal["postgresql", "mysql", "mariadb", "sqlite", "mssql", "oracle"]
DIALECTS: tuple[Dialect, ...] = get_args(Dialect)

Kind = Literal[
    "create_table",
    "drop_table",
    "rename_table",
    "move_table",
    "recreate_table",
    "add_column",
    "drop_column",
    "rename_column",
    "alter_type",
    "set_nullable",
    "set_default",
    "set_generated",
    "set_comment",
    "create_index",
    "drop_index",
    "rename_index",
    "add_constraint",
    "drop_constraint",
    "rename_constraint",
    "validate_constraint",
    "create_enum",
    "alter_enum",
    "drop_enum",
    "create_view",
    "drop_view",
    "rename_schema",
    "drop_schema",
    "other_ddl",
    "dml",
    "opaque",
]
KINDS: tuple[Kind, ...] = get_args(Kind)

#: What an operation is done to. `comment`: a table's or a column's; `statement`: one that changes no table's
#: shape, and of which no more is known; `anything`: what could not be worked out may touch all of it.
Subject = Literal[
    "table",
    "column",
    "index",
    "constraint",
    "enum",
    "view",
    "schema",
    "comment",
    "rows",
    "statement",
    "anything",
]

#: What becomes of it.
Change = Literal[
    "made", "gone", "renamed", "moved", "remade", "retyped", "altered", "checked", "written", "unknown"
]

#: What cannot be had back: rows, or what stood in a column of theirs.
Lost = Literal["nothing", "values", "rows", "unknown"]


class Traits(NamedTuple):
    """What holds of all operations of a kind."""

    subject: Subject
    change: Change
    said: str  # in a sentence
    undone_by: Kind | None = None  # None: nothing that a catalog holds has to be undone, or nothing undoes it
    destroys: Lost = "nothing"
    repeatable: bool = False  # it leaves nothing behind that stands in the way of a second run
    shape: bool = True  # it changes what a catalog holds, so that a downgrade has something to do about it


#: Every kind has its row. Who takes several kinds alike asks for what they have in common (`kinds_of`).
TRAITS: Mapping[Kind, Traits] = {
    "create_table": Traits("table", "made", "create table", "drop_table"),
    "drop_table": Traits("table", "gone", "drop table", "create_table", "rows"),
    "rename_table": Traits("table", "renamed", "rename table", "rename_table"),
    "move_table": Traits("table", "moved", "move table", "move_table"),
    "recreate_table": Traits("table", "remade", "recreate table", "recreate_table"),
    "add_column": Traits("column", "made", "add column", "drop_column"),
    "drop_column": Traits("column", "gone", "drop column", "add_column", "values"),
    "rename_column": Traits("column", "renamed", "rename column", "rename_column"),
    "alter_type": Traits("column", "retyped", "alter type", "alter_type", repeatable=True),
    "set_nullable": Traits("column", "altered", "set nullable", "set_nullable", repeatable=True),
    "set_default": Traits("column", "altered", "set default", "set_default", repeatable=True),
    "set_generated": Traits("column", "altered", "set generated", "set_generated"),
    "set_comment": Traits("comment", "altered", "set comment", "set_comment", repeatable=True, shape=False),
    "create_index": Traits("index", "made", "create index", "drop_index"),
    "drop_index": Traits("index", "gone", "drop index", "create_index"),
    "rename_index": Traits("index", "renamed", "rename index", "rename_index"),
    "add_constraint": Traits("constraint", "made", "add constraint", "drop_constraint"),
    "drop_constraint": Traits("constraint", "gone", "drop constraint", "add_constraint"),
    "rename_constraint": Traits("constraint", "renamed", "rename constraint", "rename_constraint"),
    "validate_constraint": Traits("constraint", "checked", "validate constraint", shape=False),
    "create_enum": Traits("enum", "made", "create enum", "drop_enum"),
    "alter_enum": Traits("enum", "altered", "alter enum", "alter_enum", repeatable=True),
    "drop_enum": Traits("enum", "gone", "drop type", "create_enum"),
    "create_view": Traits("view", "made", "create view", "drop_view"),
    "drop_view": Traits("view", "gone", "drop view", "create_view"),
    "rename_schema": Traits("schema", "renamed", "rename schema", "rename_schema"),
    "drop_schema": Traits("schema", "gone", "drop schema", destroys="rows"),
    "other_ddl": Traits("statement", "unknown", "other ddl", repeatable=True, shape=False),
    "dml": Traits("rows", "written", "dml", destroys="unknown", repeatable=True, shape=False),
    "opaque": Traits("anything", "unknown", "opaque", destroys="unknown", repeatable=True, shape=False),
}


def kinds_of(*subjects: Subject, to: Iterable[Change] = ()) -> frozenset[Kind]:
    """The kinds that are done to one of some subjects, or to any, and with `to` make only that of it."""
    changes = frozenset(to)
    return frozenset(
        kind
        for kind, traits in TRAITS.items()
        if (not subjects or traits.subject in subjects) and (not changes or traits.change in changes)
    )


ConstraintKind = Literal["primary_key", "unique", "foreign_key", "check", "exclude", "not_null", "unknown"]

#: Stands inside a text for a part that could not be worked out. A private-use character: it cannot
#: occur in a name or in SQL that anybody writes, and a tokenizer can treat it as a letter.
HOLE = "\ue000"

#: In `Operation.tables` of an opaque operation: it may touch any table at all.
ANY_TABLE = "*"


#: How the server makes a column's values: numbers of its own (a sequence; GENERATED BY DEFAULT AS IDENTITY,
#: AUTO_INCREMENT; GENERATED ALWAYS AS IDENTITY, which an INSERT may not write), or out of other columns.
Generated = Literal["serial", "identity", "identity_always", "stored", "virtual"]

#: Those that number rows.
NUMBERED: frozenset[Generated | None] = frozenset(("serial", "identity", "identity_always"))


#: Statements of which a catalog holds no more than what they set off.
STATEMENTS = kinds_of("statement", "rows")

#: The first words of those of them that a catalog takes note of: types, triggers, routines, sequences, ….
DEFINING = ("create ", "alter ", "drop ")

#: What may write rows.
WRITING = kinds_of("rows", "anything")

_PARTS_TAKEN_OUT: Mapping[str, Lost] = {
    "drop": "rows",
    "truncate": "rows",
    "exchange": "rows",
    "discard": "rows",
    "detach": "nothing",
    "convert": "nothing",
}

#: In front of the name of an event of MySQL's, where one is called: what enables it runs it.
EVENT = "the event "

#: By these actions of ALTER TABLE rows leave the table, mostly those of a partition, and so much of them is
#: lost. A detached or converted partition lives on as a table; what SWITCH moves is in the other table.
LEAVING: Mapping[str, Lost] = {
    "alter table switch": "nothing",
    "alter table discard": "rows",  # as the file does in which they are
    "alter table engine blackhole": "rows",
    **{
        f"alter table {verb} {part}": lost
        for verb, lost in _PARTS_TAKEN_OUT.items()
        for part in ("partition", "subpartition")
    },
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column as `create_table` or `add_column` makes it."""

    name: str
    type: str | None = None  # None: not worked out
    nullable: bool = True
    default: str | None = None  # the server's default as SQL text; None: there is none
    generated: Generated | None = None
    comment: str | None = None
    expression: str | None = None  # of a generated column, where it is known
    enumerated: bool = False  # its type is a named enumeration of SQLAlchemy's, so that it has to be made


@dataclass(frozen=True, slots=True)
class Constraint:
    """A table constraint; inline ones (`primary_key=True`, `REFERENCES …`) are listed as such too."""

    kind: ConstraintKind
    name: str | None = None  # None: unnamed, or the name could not be worked out
    columns: tuple[str, ...] = ()
    referred_table: str | None = None
    referred_schema: str | None = None
    referred_columns: tuple[str, ...] = ()
    on_delete: str | None = None
    on_update: str | None = None
    expression: str | None = None  # of a CHECK; the items of an EXCLUDE
    using_index: str | None = None
    not_valid: bool = False
    deferrable: bool = False
    unenforced: bool = False  # NOT ENFORCED: it refuses nothing
    no_inherit: bool = False  # NO INHERIT: what inherits from the table does not have it
    by_convention: str | None = None  # what the naming convention of env.py calls it, where one does
    kept: tuple[
        str, ...
    ] = ()  # what else is said of it, as Alembic's keyword arguments: `initially="DEFERRED"`;
    #   HOLE: something that has none, or that could not be worked out

    @property
    def on_deleted(self) -> str:
        """What a foreign key does when a row it refers to is deleted: `CASCADE`, whatever case it is in."""
        return (self.on_delete or "NO ACTION").upper()

    @property
    def on_updated(self) -> str:
        """What a foreign key does when a key it refers to changes, likewise."""
        return (self.on_update or "NO ACTION").upper()


@dataclass(frozen=True, slots=True)
class Index:
    """An index; `columns` holds plain column names, and the SQL text of each expression."""

    name: str | None
    columns: tuple[str, ...] = ()
    expressions: bool = False  # at least one entry of `columns` is an expression
    unique: bool = False
    where: str | None = None
    using: str | None = None
    include: tuple[str, ...] = ()
    concurrently: bool = False
    nulls_not_distinct: bool = False
    only: bool = False  # ON ONLY: of a partitioned table alone, without its partitions
    # As that of a constraint: `postgresql_ops={"note": "gin_trgm_ops"}`. HOLE: more is said of its columns.
    kept: tuple[str, ...] = ()
    seen_where: str | None = None  # SQLite: what SQLAlchemy sees of `where`, "" for nothing; None: all of it


@dataclass(frozen=True, slots=True)
class Output:
    """A column that a view gives out."""

    name: str  # `*`: each column of `table`
    table: str | None = None  # where it is a column of a table: that, as `like` names it; None: any of them
    column: str | None = None  # as the table calls it; None: it is worked out
    type: str | None = None  # where it is cast to one
    text: str = ""  # the expression


@dataclass(frozen=True, slots=True)
class Trigger:
    """What a trigger, or the function that one runs, does to the row of an INSERT that fires it."""

    fires: tuple[str, ...] = ()  # before, after, instead; insert, update, …; row: of a trigger
    fills: tuple[str, ...] = ()  # the columns that it sets; `*`: any
    raises: bool = False  # it may refuse the row
    nulls: tuple[str, ...] = ()  # the columns that it sets to NULL, in some case
    skips: bool = False  # it may return NULL, for which the row of a BEFORE trigger is left out
    when: str = ""  # the condition under which it fires at all; columns of NEW are called "new.…" in it
    #: What it does under a condition, or not to NEW alone, each as `reading.sql.row_acts` says.
    acts: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Body:
    """What the body of a routine or a trigger names."""

    names: tuple[str, ...] = ()  # whatever may be a table, a column of one, or a function
    writes: tuple[str, ...] = ()  # the tables that it writes into, and `table.column` where those are listed
    fields: tuple[str, ...] = ()  # the columns of NEW
    in_order: bool = False  # one is filled without a list of columns
    raises: bool = False
    reads: tuple[str, ...] = ()  # the tables that it reads, or deletes from, with their schemas
    calls: tuple[str, ...] = ()  # the functions that it calls and that no server ships


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One thing that a revision does. Which fields a kind fills is in the comments.

    An object holds what is said of it, and finds the rest in its class (see `_hold`).
    """

    kind: Kind
    path: str = ""  # of the file that holds the place: the script, or a module that it calls into
    line: int = 0  # from 1; 0: no place
    column_offset: int = 0  # from 0, in characters
    end_line: int = 0
    end_column_offset: int = 0

    table: str | None = None  # all that concern one table; create_view, drop_view: the view's name
    schema: str | None = None
    column: str | None = None  # add_ drop_ rename_column, alter_type, set_nullable, set_default,
    #   set_generated, set_comment
    name: str | None = None  # of the index, constraint, enum; drop_schema, rename_schema: the schema;
    #   opaque: of the enum, where it concerns the tables that have one for a type
    new_name: str | None = None  # every rename; alter_enum RENAME TO / RENAME VALUE: the new one
    new_schema: str | None = None  # move_table; "": the one where a name without a schema is looked for
    type: str | None = None  # alter_type: the new type (None: not worked out); drop/rename_column: unused
    existing_type: str | None = None  # alter_type and other alter_column calls: as the script says
    using: str | None = None  # alter_type: the USING expression, of MODIFY and CHANGE that of a generated
    #   column; SET EXPRESSION: the new one;
    #   create_view: its query; dml built by Core: the condition of an update or delete, where it is known
    nullable: bool | None = None  # set_nullable
    existing_nullable: bool | None = None
    default: str | None = None  # set_default: the new default; None: dropped
    generated: Generated | None = None  # set_generated: how its values are made; None: no longer; alter_type
    #   by MODIFY or CHANGE in SQL: likewise
    stated: Column | None = None  # MySQL: the whole column as the MODIFY or CHANGE of an alter_column call
    #   has it, on the first operation of the call; its type is None where some part could not be worked out
    said: tuple[str, ...] = ()  # with `stated`: the parameters of the call that say something of the column;
    #   dml built by Core: the columns that an update sets to something that is worked out of a row
    columns: tuple[Column, ...] = ()  # create_table; add_column: exactly one; recreate_table: those that it
    #   states, with all that they are; dml built by Core: those that an update sets to NULL
    constraints: tuple[Constraint, ...] = ()  # create_table, add_column (inline), add_ / drop_constraint: one
    index: Index | None = None  # create_index, and create_table's inline ones come as operations of their own
    values: tuple[str, ...] = ()  # create_enum: all; alter_enum: the value added, or the one renamed, or all;
    # dml built by Core: short texts that stand in it as values;
    # create_view: its columns as far as they are known, `*` for all of a table's; recreate_table: those that
    # stay as they are
    beside: tuple[str, ...] = ()  # alter_enum add_value: "before" or "after", and the value that it means
    outputs: tuple[Output, ...] = ()  # create_view, create_table AS: all that it gives out; (): not known
    action: str | None = (
        None  # alter_enum: add_value, rename_value, set_values, rename, move; other_ddl: first SQL words;
    )
    # dml: the first word, where it is known; in a batch: recreate, where its table is made anew whatever is
    # done to it; drop_table: `replace` where CREATE OR REPLACE does it, whatever
    # temporary table hides that name
    every_row: bool = False  # dml built by Core: an update or delete without a WHERE; an insert of all rows
    #   of a table
    incomplete: bool = False  # create_table: there are columns that could not be worked out; recreate_table:
    #   what it does not state stays as it is, and else is gone
    charset: str | None = (
        None  # MySQL and MariaDB, of a table's text: create_table, CONVERT TO; None: not said
    )
    like: tuple[str, ...] = ()  # create_table LIKE / AS / INHERITS; create_view: tables that it reads
    including: tuple[str, ...] = ()  # create_table LIKE: of each of `like`, in order, what is copied beside
    #   columns, as words: "constraints defaults"; (): that is not said
    only: bool = False  # ALTER TABLE ONLY: what inherits from the table stays as it is
    if_exists: bool = False  # IF EXISTS / IF NOT EXISTS / checkfirst
    cascade: bool = False
    temporary: bool = False  # create_table TEMPORARY, or made and dropped inside the session
    conditional: bool = False  # runs only if something that could not be worked out is so
    branch: str | None = None  # conditional: shared by the operations of one arm: "12:then", "12:else"
    autocommit: bool = False  # inside autocommit_block
    inline: bool = False  # add_column: the one statement holds its foreign key too (`inline_references`)
    batch: bool = False  # inside batch_alter_table
    reflected: bool = (
        False  # batch: where SQLite needs it, the table is made anew of what SQLAlchemy sees of it
    )
    sql: str | None = None  # the statement, where it was raw SQL
    together: str | None = None  # dml of raw SQL in a loop: what all rounds do, where each says less
    reason: str | None = None  # opaque: why it could not be worked out; conditional: on what it hangs
    search_path: tuple[str, ...] = ()  # the schemas in which an unqualified name is looked for, where raw SQL
    #   has set them; `schema` is the first; HOLE: one that is not known
    inherits: tuple[str, ...] = ()  # create_table: the tables of which it is a child or a partition
    calls: tuple[str, ...] = ()  # functions that it runs, as the database holds their names: those that no
    #   server ships as harmless and that the script does not make itself
    does: tuple[Operation, ...] = ()  # what makes a routine, trigger, rule or view: what each run of that
    #   does beyond reading data; recreate_table: the indexes that it makes; without places
    trigger: Trigger | None = None  # what makes a trigger, or a function that may be one's
    body: Body | None = None  # what makes a trigger or a routine: what that names; None: not read
    via: str | None = None  # what ran it, where a replay found it: the function, trigger or rule of an
    #   earlier revision, or the table or type on which the one that it concerns depends
    tables: tuple[str, ...] = ()  # opaque: what it may touch ("schema.table", HOLE for unknown parts,
    #   or ANY_TABLE); dml and other_ddl: tables named


def _hold(self: Operation, **said: Any) -> None:
    """A constructor that sets only the fields that are given: to set all fifty took a tenth of reading."""
    if "kind" not in said or not _NAMES.issuperset(said):
        unknown = ", ".join(sorted(said.keys() - _NAMES))
        raise TypeError(f"an operation has no {unknown}" if unknown else "an operation has a kind")
    self.__dict__.update(said)


Operation.__init__ = _hold  # type: ignore[method-assign]
_NAMES = frozenset(fields_of(Operation))


def destroyed_by(operation: Operation) -> Lost:
    """What goes with an operation and cannot be had back."""
    if operation.kind == "other_ddl":
        return LEAVING.get(operation.action or "", "nothing")
    return TRAITS[operation.kind].destroys


def altered(operation: Operation, changed: Mapping[str, Any]) -> Operation:
    """`dataclasses.replace`, at a fraction of its price."""
    made = object.__new__(Operation)
    made.__dict__.update(operation.__dict__)
    made.__dict__.update(changed)
    return made


#: What an operation holds when nothing is said, to leave it out of JSON.
_DEFAULTS = fields_of(Operation)
_PARTS: dict[type[Any], Mapping[str, Any]] = {
    of: fields_of(of) for of in (Column, Constraint, Index, Output, Trigger, Body)
}
_SINGLE: dict[str, type[Column] | type[Index] | type[Trigger] | type[Body]] = {
    "index": Index,
    "stated": Column,
    "trigger": Trigger,
    "body": Body,
}
_NESTED: dict[str, type[Column] | type[Constraint] | type[Output]] = {
    "columns": Column,
    "constraints": Constraint,
    "outputs": Output,
}
_LISTS_OF_OPERATIONS = frozenset({"does"})


def to_json(operation: Operation) -> dict[str, Any]:
    """The operation as a JSON object that leaves out whatever does not apply."""
    result: dict[str, Any] = {}
    said = operation.__dict__
    for name, default in _DEFAULTS.items():
        if name in said and said[name] != default:
            result[name] = _plain(said[name])
        elif name == "default" and operation.kind == "set_default":
            result[name] = operation.default
    return result


def from_json(data: dict[str, Any]) -> Operation:
    """The reverse of `to_json`. Raises TypeError or KeyError on anything that `to_json` cannot write."""
    made: dict[str, Any] = {}
    for name, value in data.items():
        if name in _LISTS_OF_OPERATIONS:
            made[name] = tuple(map(from_json, value))
        elif name in _NESTED:
            made[name] = tuple(_rebuild(_NESTED[name], item) for item in value)
        elif name in _SINGLE:
            made[name] = _rebuild(_SINGLE[name], value)
        else:
            made[name] = tuple(value) if isinstance(value, list) else value
    return Operation(**made)


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Operation):
        return to_json(value)
    if isinstance(value, (Column, Constraint, Index, Output, Trigger, Body)):
        return {
            name: _plain(getattr(value, name))
            for name, default in _PARTS[type(value)].items()
            if name == "name" or getattr(value, name) != default
        }
    return value


def _rebuild(made_of: type[Any], item: dict[str, Any]) -> Any:
    return made_of(**{key: frozen(value) for key, value in item.items()})


def frozen(value: Any) -> Any:
    """Lists as tuples, and those in them."""
    return tuple(map(frozen, value)) if isinstance(value, list) else value
