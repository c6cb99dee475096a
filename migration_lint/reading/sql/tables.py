"""CREATE, DROP and RENAME TABLE."""

from __future__ import annotations

from migration_lint.data_class import dataclass, field, replace
from migration_lint.operations import HOLE, Column, Constraint, Index, Operation, Output
from migration_lint.reading.sql.columns import read_column
from migration_lint.reading.sql.constraints import at_table_constraint, read_table_constraint
from migration_lint.reading.sql.cursor import Cursor, QualifiedName, Unreadable
from migration_lint.reading.sql.data import read_data, writes_inside
from migration_lint.reading.sql.outputs import read_outputs
from migration_lint.reading.sql.queries import tables_read

_SORTS = frozenset({"GLOBAL", "LOCAL", "TEMPORARY", "TEMP", "UNLOGGED", "FOREIGN", "EXTERNAL", "PRIVATE"})
_BODY = frozenset({"PARTITION", "OF", "AS", "LIKE", "SELECT", "WITH", "USING", "(", "INHERITS", "CLONE"})

#: What INCLUDING ALL copies, as the catalog is told of it.
_COPIED = ("constraints", "defaults", "generated", "identity", "indexes")


@dataclass(frozen=False)
class _Body:
    """What CREATE TABLE says of a table behind its name."""

    columns: list[Column] = field(default_factory=list)
    constraints: list[Constraint] = field(default_factory=list)
    indexes: list[Index] = field(default_factory=list)
    like: list[str] = field(default_factory=list)
    outputs: tuple[Output, ...] = ()
    including: dict[str, str] = field(default_factory=dict)  # of a table in `like`: what is copied of it
    inherits: list[str] = field(default_factory=list)
    incomplete: bool = False
    charset: str | None = None
    strict: bool = False  # SQLite
    written: list[Operation] = field(default_factory=list)  # what the query changes in a WITH
    defined: bool = False  # `( … )` with the columns was read; what stands in later ones are options

    def derives(self, at: Cursor, how: str) -> None:
        """The next name is that of a table whose columns are this table's too."""
        self.like.append(at.table_name().dotted)
        self.inherits.append(self.like[-1])
        self.including[self.like[-1]] = how

    def copies(self, at: Cursor) -> None:
        """Behind LIKE: the table, and INCLUDING and EXCLUDING what; MySQL copies all there is."""
        self.like.append(at.table_name().dotted)
        words = {"all"} if at.dialect in ("mysql", "mariadb") else {"columns"}
        while at.word in ("INCLUDING", "EXCLUDING"):
            adds = at.word == "INCLUDING"
            at.skip()
            word = at.word.lower()
            at.skip()
            if not adds and word == "all":
                words = {"columns"}
            elif not adds and "all" in words:
                words = (words - {"all"}) | set(_COPIED) - {word}
            else:
                words = words | {word} if adds else words - {word}
        self.including[self.like[-1]] = " ".join(sorted(words))

    def selects(self, at: Cursor) -> None:
        """What comes is a query, to the end of the statement."""
        self.like.extend(tables_read(at, at.index, at.length))
        self.incomplete = True
        self.outputs = () if self.defined else read_outputs(at, ())
        if writes_inside(at):
            self.written = read_data(at, makes=False)
        at.skip_all()

    def complete(self, at: Cursor) -> None:
        """Nothing comes any more: what a key says of its columns, and whether anything is known."""
        if not self.columns and not self.like:
            self.incomplete = True
        if at.dialect == "sqlite" and not self.strict:
            return  # whose keys take NULL, but for the number of the row
        primary = {
            column for each in self.constraints if each.kind == "primary_key" for column in each.columns
        }
        self.columns = [
            replace(column, nullable=False) if column.name in primary and column.nullable else column
            for column in self.columns
        ]


def read_create_table(at: Cursor, sorts: frozenset[str], replacing: bool = False) -> list[Operation]:
    """Behind CREATE … TABLE; `sorts` are the words between. Raises Unreadable."""
    if_exists = at.if_not_exists()
    name = at.name()
    temporary = bool(sorts & {"TEMPORARY", "TEMP"}) or (at.dialect == "mssql" and name.name.startswith("#"))
    temporary |= at.dialect == "sqlite" and (name.schema or "").lower() == "temp"
    if not temporary and name.schema is None:
        name = QualifiedName(at.schema, name.name)
    if temporary and name.schema in ("pg_temp", "temp", "tempdb"):
        name = QualifiedName(None, name.name)
    body = _Body()
    while not at.done:
        _read_part(at, body)
    body.complete(at)
    if at.dialect == "sqlite" and name.schema is not None:  # a key refers to a table beside its own
        body.constraints = [
            replace(each, referred_schema=name.schema) if each.kind == "foreign_key" else each
            for each in body.constraints
        ]
    like = tuple(dict.fromkeys(body.like))
    operations = [
        Operation(
            kind="create_table",
            table=name.name,
            schema=name.schema,
            columns=tuple(body.columns),
            constraints=tuple(body.constraints),
            like=like,
            including=tuple(body.including.get(each, "") for each in like) if body.including else (),
            inherits=tuple(dict.fromkeys(body.inherits)),
            outputs=body.outputs,
            incomplete=body.incomplete,
            charset=body.charset,
            if_exists=if_exists,
            temporary=temporary,
        )
    ]
    if replacing and at.dialect == "mariadb":
        operations.insert(0, replaced(name, temporary))
    operations += [
        Operation(kind="create_index", table=name.name, schema=name.schema, name=index.name, index=index)
        for index in body.indexes
    ]
    return [*operations, *body.written]


def replaced(name: QualifiedName, temporary: bool = False) -> Operation:
    """What CREATE OR REPLACE does first, where a table may be in the way."""
    return Operation(
        kind="drop_table",
        action="replace",
        table=name.name,
        schema=name.schema,
        if_exists=True,
        temporary=temporary,
    )


def _read_part(at: Cursor, body: _Body) -> None:
    """One clause behind the name. Raises Unreadable."""
    if at.take("PARTITION", "OF"):
        body.derives(at, "partition")  # its columns are the parent's
        if at.word == "(":
            _read_items(at, body)
        at.skip_all()
    elif at.take("OF"):
        body.inherits.append(at.name(default=at.schema).dotted)
        body.incomplete = body.defined = True
        if at.word == "(":
            _read_items(at, body)
    elif at.take("INHERITS"):
        at.expect("(")
        while not at.done and at.word != ")":
            body.derives(at, "inherits")
            at.take(",")
        at.take(")")
    elif at.take("LIKE"):
        body.copies(at)
    elif at.word in ("AS", "SELECT") or (at.word == "WITH" and at.ahead(1).word != "("):
        body.selects(at)
    elif at.take("WITH"):
        at.skip_group()  # storage parameters
    elif at.word == "(" and at.ahead(1).word in ("SELECT", "WITH"):
        body.selects(at)
    elif at.word == "(" and not body.defined:
        body.defined = True
        _read_items(at, body)
    elif at.word == "(":
        at.skip_group()
    elif at.dialect == "sqlite" and at.take("STRICT"):
        body.strict = True
    elif at.dialect in ("mysql", "mariadb") and at.word in ("CHARSET", "CHARACTER", "COLLATE"):
        body.charset = take_charset(at) or body.charset
    else:
        at.skip()


def take_charset(at: Cursor) -> str | None:
    """CHARACTER SET, CHARSET or COLLATE with its value: the character set; None: it is not known.

    Behind the value stands what follows it, COLLATE behind CHARACTER SET included.
    """
    collated = at.take("COLLATE")
    if not collated and not (at.take("CHARSET") or at.take("CHARACTER", "SET")):
        at.skip()
        return None
    at.take("=")
    value = at.token.value.lower()
    known = at.token.kind in ("word", "name", "string") and at.word != "DEFAULT" and HOLE not in value
    at.skip()
    return value.partition("_")[0] if known else None


def _read_items(at: Cursor, body: _Body) -> None:
    """`( … )` with columns and constraints. Raises Unreadable."""
    at.expect("(")
    while not at.done and at.word != ")":
        if at.word == "LIKE":
            at.skip()
            body.copies(at)
            at.skip_item()
        elif at.word == "PERIOD" and at.ahead(1).word == "FOR":
            at.skip_item()
        elif at_table_constraint(at):
            found = read_table_constraint(at)
            if isinstance(found, Index):
                body.indexes.append(found)
            elif found is not None:
                body.constraints.append(found)
            if at.dialect == "sqlite" and at_table_constraint(at):
                continue  # which needs no comma between them
            at.skip_item()
        elif at.at_name():
            column, inline = read_column(at)
            body.columns.append(column)
            body.constraints.extend(inline)
        else:
            body.incomplete = True
            at.skip()
            at.skip_item()
        at.take(",")
    at.take(")")


def read_drop_table(at: Cursor, temporary: bool = False) -> list[Operation]:
    """Behind DROP … TABLE. Raises Unreadable."""
    if_exists = at.if_exists()
    names = [at.table_name()]
    while at.take(","):
        names.append(at.table_name())
    cascade = False
    while not at.done:
        if at.take("CASCADE"):
            cascade = not at.take("CONSTRAINTS") or cascade
        elif not at.take_any(("RESTRICT", "PURGE", "WAIT", "NOWAIT", "FORCE")):
            if at.dialect == "mariadb" and at.token.kind == "number":
                at.skip()
                continue
            raise Unreadable(
                f"the end of DROP TABLE expected, not {at.here()}", tuple(n.dotted for n in names)
            )
    return [
        Operation(
            kind="drop_table",
            table=name.name,
            schema=name.schema,
            if_exists=if_exists,
            cascade=cascade,
            temporary=temporary or (at.dialect == "mssql" and name.name.startswith("#")),
        )
        for name in names
    ]


def read_rename_table(at: Cursor) -> list[Operation]:
    """Behind RENAME [TABLE]: MySQL's `a TO b, c TO d`, Oracle's `a TO b`. Raises Unreadable."""
    operations: list[Operation] = []
    if_exists = at.if_exists()
    while True:
        old = at.table_name()
        while at.take_any(("WAIT", "NOWAIT")):
            if at.token.kind == "number":
                at.skip()
        at.expect("TO")
        operations += renamed(at, old, if_exists)
        if not at.take(","):
            break
    if not at.done:
        raise Unreadable(f"the end of RENAME TABLE expected, not {at.here()}")
    return operations


def renamed(at: Cursor, old: QualifiedName, if_exists: bool = False) -> list[Operation]:
    """The operations that turn a name into the one that comes next, which may say another schema.

    On MySQL and MariaDB a name without one lands in the current database. Raises Unreadable.
    """
    new = at.name()
    if new.schema is None and old.schema is not None and at.dialect in ("mysql", "mariadb"):
        new = QualifiedName(at.schema or "", new.name)
    operations: list[Operation] = []
    schema = old.schema
    if new.schema is not None and new.schema != old.schema:
        operations.append(
            Operation(
                kind="move_table",
                table=old.name,
                schema=old.schema,
                new_schema=new.schema,
                if_exists=if_exists,
            )
        )
        schema = new.schema
    if new.name != old.name or not operations:
        operations.append(
            Operation(
                kind="rename_table", table=old.name, schema=schema, new_name=new.name, if_exists=if_exists
            )
        )
    return operations


def take_sorts(at: Cursor) -> frozenset[str]:
    """The words between CREATE or DROP and TABLE."""
    found: set[str] = set()
    while at.word in _SORTS:
        found.add(at.word)
        at.skip()
    return frozenset(found)
