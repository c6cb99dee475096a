"""The values that the interpreter computes with.

A constant is itself: a str, an int, a tuple. What is only partly known stays as known as it is:

- a str that holds `operations.HOLE` is known but for the parts that the holes stand for;
- `Choice` is one of a few values;
- `List` and `Dict` may say that they hold more, or fewer, entries than were seen;
- `Unknown` is nothing but a reason and a place.

Everything else is a model of something that scripts handle: a library's object by its dotted name, a
function or class of the script, a connection, a table, a statement.

These classes are written out: to have `dataclasses` make forty of them takes as long as all other imports
that reading one new migration needs.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from typing import Any, Literal

from migration_lint.operations import HOLE, Column, Constraint, Index, Operation

#: Any abstract value. There is no narrower type: constants of the script stand for themselves.
Value = Any

#: How many entries a container may hold, with those inside of it, to be looked through at once.
MOST_ENTRIES = 50_000
#: How many alternatives are followed before a value counts as unknown.
MOST_CHOICES = 24


class Unknown:
    """A value that could not be worked out. `reach`: it may hold `op` or a connection."""

    __slots__ = ("line", "reach", "reason")

    def __init__(self, reason: str, line: int = 0, reach: bool = False) -> None:
        self.reason = reason
        self.line = line
        self.reach = reach


class Outside(Unknown):
    """A text that comes from outside, as from an environment variable.

    It is not known, so that it decides nothing; `text` counts where it becomes a name or SQL.
    """

    __slots__ = ("text",)

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(reason)
        self.text = text


class Choice:
    """One of several values, none of which is a Choice itself."""

    __slots__ = ("values",)

    def __init__(self, values: tuple[Value, ...]) -> None:
        self.values = values


class List(list[Value]):
    """A list. `maybe`: entries that are here may be missing; `more`: there may be entries beyond these.

    `born`: as a dictionary's.
    """

    __slots__ = ("born", "maybe", "more")

    def __init__(self, items: Any = (), *, maybe: bool = False, more: bool = False) -> None:
        super().__init__(items)
        self.maybe = maybe
        self.more = more
        self.born: Value = None


class Dict(dict[Value, Value]):
    """A dictionary. `more`: there may be keys beyond these; `perhaps`: the keys that may not be there.

    `born`: under which conditions it was made (`Interpreter.moment`), where somebody noted them.
    """

    __slots__ = ("born", "more", "perhaps")

    def __init__(self, items: Any = (), *, more: bool = False) -> None:
        super().__init__(items)
        self.more = more
        self.perhaps: set[Value] = set(items.perhaps) if isinstance(items, Dict) else set()
        self.born: Value = None


class Dotted:
    """Something of a module that is imported, by its full dotted name: `alembic.op.drop_column`."""

    __slots__ = ("path",)

    def __init__(self, path: str) -> None:
        self.path = path

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Dotted) and self.path == other.path

    def __hash__(self) -> int:
        return hash(self.path)

    def __repr__(self) -> str:
        return f"Dotted({self.path!r})"


class Frame:
    """The names of one running function, class body or module."""

    __slots__ = (
        "began",
        "called",
        "conditions",
        "escaped",
        "file",
        "globals_declared",
        "left_loop",
        "locals",
        "module",
        "nonlocals",
        "on_yield",
        "operations",
        "parent",
        "returns",
        "unsure",
        "yielded",
    )

    def __init__(self, module: Module, parent: Frame | None, names: dict[str, Value] | None = None) -> None:
        self.module = module
        self.called: tuple[Value, Value] | None = None  # the function that runs here, and its arguments
        # When it was called: the steps left, the conditions that it runs under, the operations found.
        self.began = self.conditions = self.operations = 0
        self.unsure = 0  # how many steps it took where it may not come to
        self.file = module.path
        self.parent = parent
        self.locals: dict[str, Value] = {} if names is None else names
        self.returns: list[Value] = []  # by returns that may not be reached
        self.escaped: str | None = None  # why the rest of the function may not run
        self.left_loop: str | None = None  # why the rest of the loop's body may not run
        self.globals_declared: set[str] | None = None
        self.nonlocals: set[str] | None = None
        self.on_yield: Callable[[Value], Value] | None = None
        self.yielded: List | None = None


class Module:
    """A module of the project, or the script itself."""

    __slots__ = ("frame", "name", "path")

    def __init__(self, name: str, path: str) -> None:
        self.name = name
        self.path = path
        self.frame = Frame(self, None)


class Function:
    """A function, method or lambda of the project, with the names it closes over."""

    __slots__ = ("defaults", "frame", "is_generator", "keyword_defaults", "kind", "name", "node", "owner")

    def __init__(
        self,
        name: str,
        node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda,
        frame: Frame,
        defaults: list[Value],
        keyword_defaults: dict[str, Value],
        kind: str = "function",
        owner: Class | None = None,
        is_generator: bool | None = None,
    ) -> None:
        self.name = name
        self.node = node
        self.frame = frame
        self.defaults = defaults
        self.keyword_defaults = keyword_defaults
        self.kind = kind  # function | static | class | property | context
        self.owner = owner
        self.is_generator = is_generator  # None: nobody has looked yet


class Bound:
    """A function with its first argument: a method, or `functools.partial` with any arguments."""

    __slots__ = ("args", "function", "kwargs")

    def __init__(
        self, function: Value, args: tuple[Value, ...] = (), kwargs: dict[str, Value] | None = None
    ) -> None:
        self.function = function
        self.args = args
        self.kwargs: dict[str, Value] = {} if kwargs is None else kwargs


class Class:
    """A class of the project."""

    __slots__ = ("bases", "dataclass", "fields", "frame", "name", "names", "node")

    def __init__(
        self,
        name: str,
        bases: tuple[Value, ...],
        names: dict[str, Value],
        frame: Frame,
        dataclass: bool = False,
        node: ast.ClassDef | None = None,
        fields: tuple[str, ...] | None = None,
    ) -> None:
        self.name = name
        self.bases = bases
        self.names = names
        self.frame = frame
        self.dataclass = dataclass
        self.node = node
        self.fields = fields  # of `namedtuple("P", "a b")`


class Instance:
    """An object of a class of the project."""

    __slots__ = ("names", "of")

    def __init__(self, of: Class, names: dict[str, Value]) -> None:
        self.of = of
        self.names = names  # a Dict where attributes may be set that then may not be there


class Method:
    """A method of a modelled object, waiting for its call."""

    __slots__ = ("name", "of")

    def __init__(self, of: Value, name: str) -> None:
        self.of = of
        self.name = name


class Super:
    """What `super()` gives inside a method."""

    __slots__ = ("after", "of")

    def __init__(self, after: Class, of: Value) -> None:
        self.after = after
        self.of = of

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Super) and self.after == other.after and self.of == other.of

    def __hash__(self) -> int:
        return hash((self.after, self.of))

    def __repr__(self) -> str:
        return f"Super({self.after!r}, {self.of!r})"


# What Alembic and SQLAlchemy hand out.


class Connection:
    """Whatever takes SQL: a connection, an engine, a session, a DBAPI cursor."""

    __slots__ = ("session",)

    def __init__(self, session: bool = False) -> None:
        self.session = session


class MigrationContext:
    """`op.get_context()`."""

    __slots__ = ()


class DialectModel:
    """A SQLAlchemy dialect object."""

    __slots__ = ()


class Batch:
    """`batch_op`: operations on one table, which run when its block ends.

    A name that is not a plain str was not worked out.
    """

    __slots__ = ("schema", "table", "waiting")

    def __init__(self, table: Value, schema: Value, waiting: list[Operation] | None = None) -> None:
        self.table = table
        self.schema = schema
        self.waiting: list[Operation] = [] if waiting is None else waiting


class Implementation:
    """`op.get_context().impl`: what every directive ends in."""

    __slots__ = ()


class Template:
    """`string.Template(…)`."""

    __slots__ = ("text",)

    def __init__(self, text: Value) -> None:
        self.text = text


class Entity:
    """A view, function or the like as alembic_utils describes it."""

    __slots__ = ("kind", "schema", "signature")

    def __init__(self, kind: str, schema: Value, signature: Value) -> None:
        self.kind = kind  # the class's name: PGView, PGFunction, …
        self.schema = schema
        self.signature = signature


class Autocommit:
    """The context manager that `autocommit_block()` gives."""

    __slots__ = ()


class Data:
    """Something that can only read or change rows: a Core or ORM expression, a result, a row.

    Whatever is done with it gives Data again. `tables` are those that it names.
    """

    __slots__ = ("action", "every_row", "statement", "tables")

    def __init__(
        self,
        tables: tuple[str, ...] = (),
        statement: bool = False,
        action: str | None = None,
        every_row: bool = False,
    ) -> None:
        self.tables = tables
        self.statement = statement  # executing it is a data statement
        self.action = action  # of a statement: `insert`, `update`, `delete`, `select`
        self.every_row = every_row  # an update or delete to which nothing was added that narrows it down


class SqlText:
    """`sa.text(…)` or `sa.DDL(…)`."""

    __slots__ = ("text",)

    def __init__(self, text: Value) -> None:
        self.text = text


class SqlFunction:
    """`sa.func.now()` and the like: `text` as it is written in SQL."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


class ServerDefault:
    """`sa.Identity()`, `sa.Computed(…)`, a sequence: what fills the column."""

    __slots__ = ("generated", "text")

    def __init__(
        self, generated: Literal["serial", "identity", "stored", "virtual"], text: str | None = None
    ) -> None:
        self.generated = generated
        self.text = text


class ColumnModel:
    """`sa.Column(…)`."""

    __slots__ = ("auto_increment", "column", "constraints", "enum", "index", "problem")

    def __init__(
        self,
        column: Column,
        constraints: tuple[Constraint, ...] = (),
        index: bool = False,
        enum: Value = None,
        problem: str | None = None,
        auto_increment: str | None = None,
    ) -> None:
        self.column = column
        self.constraints = constraints
        self.index = index
        self.enum = enum  # the SqlType where it is an enumeration of its own
        self.problem = problem  # why the name is not known
        # The server numbers it as any part of the primary key, `always`, or only as the whole, `alone`.
        self.auto_increment = auto_increment


class ConstraintModel:
    """`sa.UniqueConstraint(…)` and its kin; `table` where it hangs on one already."""

    __slots__ = ("constraint", "table")

    def __init__(self, constraint: Constraint, table: TableModel | None = None) -> None:
        self.constraint = constraint
        self.table = table


class IndexModel:
    """`sa.Index(…)`."""

    __slots__ = ("index", "table")

    def __init__(self, index: Index, table: TableModel | None = None) -> None:
        self.index = index
        self.table = table


class TableModel:
    """`sa.Table(…)`, or the table of a mapped class."""

    __slots__ = ("items", "metadata", "name", "reflected", "schema")

    def __init__(
        self,
        name: Value,
        schema: Value,
        items: List,
        metadata: MetaDataModel | None = None,
        reflected: bool = False,
    ) -> None:
        self.name = name
        self.schema = schema
        self.items = items
        self.metadata = metadata
        self.reflected = reflected


class MetaDataModel:
    """`sa.MetaData()`. `reflected`: it may hold any table there is."""

    __slots__ = ("reflected", "schema", "tables")

    def __init__(self, tables: List | None = None, schema: Value = None, reflected: bool = False) -> None:
        self.tables: List = List() if tables is None else tables
        self.schema = schema
        self.reflected = reflected


class Element:
    """A DDL element to be executed, as the operations that it will be: `DropTable(t)`, `DropColumnOp(…)`."""

    __slots__ = ("operations",)

    def __init__(self, operations: tuple[Operation, ...]) -> None:
        self.operations = operations


class SequenceModel:
    """`sa.Sequence(…)`."""

    __slots__ = ("name", "schema")

    def __init__(self, name: Value, schema: Value = None) -> None:
        self.name = name
        self.schema = schema


class FilePath:
    """A path inside the tree, relative to its root; what `__file__` and `Path` give."""

    __slots__ = ("path",)

    def __init__(self, path: str) -> None:
        self.path = path

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FilePath) and self.path == other.path

    def __hash__(self) -> int:
        return hash(self.path)

    def __repr__(self) -> str:
        return f"FilePath({self.path!r})"


class OpenFile:
    """An open text file: its whole text, or None where it could not be had."""

    __slots__ = ("text",)

    def __init__(self, text: Value) -> None:
        self.text = text


def whole(value: Value) -> bool:
    """Whether a str is known to the last character."""
    return isinstance(value, str) and HOLE not in value


def hashable(value: Value) -> bool:
    """Whether a value is known well enough to be looked up as a key."""
    if isinstance(value, str):
        return HOLE not in value
    if type(value) is tuple:
        return handy(value) and all(map(hashable, value))
    return isinstance(value, (int, float, bytes, type(None), Dotted))


def handy(value: Value) -> bool:
    """Whether what tuples and lists hold, all told, is little enough to be walked, hashed and compared.

    One that holds another twice, which holds another twice, and so on, is small and takes for ever.
    """
    left = MOST_ENTRIES
    waiting: list[Value] = [value]
    while waiting and left > 0:
        each = waiting.pop()
        left -= 1
        if isinstance(each, (list, tuple)):
            left -= len(each)
            if left > 0:
                waiting += each
    return left > 0


def alternatives(value: Value) -> tuple[Value, ...]:
    """The values that it may be."""
    return value.values if isinstance(value, Choice) else (value,)


def join(first: Value, second: Value) -> Value:
    """A value that is either one of two."""
    if first is second:
        return first
    if not isinstance(first, Choice) and not isinstance(second, Choice):
        return first if same(first, second) else Choice((first, second))
    found = distinct((*alternatives(first), *alternatives(second)))
    if len(found) == 1:
        return found[0]
    if len(found) > MOST_CHOICES:
        return Unknown("it can have more values than are followed", reach=any(reaches(v) for v in found))
    return Choice(tuple(found))


def distinct(values: Iterable[Value]) -> list[Value]:
    """The values without those that are certainly one of those before them (`same`)."""
    found: dict[Value, Value] = {}
    for value in values:
        found.setdefault(_key(value), value)
    return list(found.values())


def _key(value: Value) -> Value:
    """What two values have in common that are `same`."""
    kind = type(value)
    if kind in _COMPARED:
        return kind, value
    if kind is Unknown:
        return kind, value.reach, value.reason
    if kind is tuple and handy(value):
        return kind, tuple(map(_key, value))
    return id(value)


def same(first: Value, second: Value) -> bool:
    """Whether two values are certainly one: the same object, or equal constants of one type."""
    if first is second:
        return True
    if type(first) is not type(second):
        return False
    if isinstance(first, (str, int, float, bytes, bool, Dotted)):
        return bool(first == second)
    if isinstance(first, tuple):
        return len(first) == len(second) and handy(first) and all(map(same, first, second))
    if isinstance(first, Outside) and first.text != second.text:
        return False
    return isinstance(first, Unknown) and first.reach == second.reach and first.reason == second.reason


#: Constants that are told apart by their value alone.
_COMPARED = frozenset((str, int, float, bytes, bool, Dotted))

#: Dotted names under which `op` and its relatives go; given to a stranger, they can do anything.
_OP_PATHS = ("alembic", "alembic.op", "alembic.context", "sys.modules")


#: What most entries of long lists are: nothing can be reached with it.
_PLAIN = frozenset((str, int, float, bool, bytes, type(None)))


def reaches(value: Value, depth: int = 4) -> bool:
    """Whether whoever is given the value could change the schema with it."""
    if isinstance(value, (list, tuple)) and (depth == 4 or len(value) > 100) and not handy(value):
        return True
    if isinstance(value, (Connection, MigrationContext, Batch, Implementation)):
        return True
    if isinstance(value, Unknown):
        return value.reach
    if isinstance(value, Dotted):
        return value.path in _OP_PATHS or value.path.startswith("alembic.op.")
    if depth <= 0:
        return False
    if isinstance(value, (list, tuple, set, frozenset)):
        return any(reaches(item, depth - 1) for item in value if type(item) not in _PLAIN)
    if isinstance(value, dict):
        return any(reaches(item, depth - 1) for item in value.values() if type(item) not in _PLAIN)
    if isinstance(value, Choice):
        return any(reaches(item, depth - 1) for item in value.values)
    if isinstance(value, Bound):
        return any(reaches(item, depth - 1) for item in (value.function, *value.args, *value.kwargs.values()))
    if isinstance(value, Method):
        return reaches(value.of, depth - 1)
    if isinstance(value, Instance):
        return any(reaches(item, depth - 1) for item in value.names.values())
    return False


def lookup(of: Class, name: str, resolve: Callable[[Value], Value] | None = None, depth: int = 12) -> Value:
    """An attribute of a class or of the project's classes that it derives from; None where there is none."""
    if name in of.names:
        return of.names[name]
    if depth:
        for base in of.bases:
            owner = resolve(base) if resolve is not None else base
            if isinstance(owner, Class):
                found = lookup(owner, name, resolve, depth - 1)
                if found is not None:
                    return found
    return None


def fields_of(of: Class) -> tuple[str, ...] | None:
    """The fields of a dataclass or named tuple in order; None for any other class."""
    if of.fields is not None:
        return of.fields
    if of.dataclass or any(
        isinstance(base, Dotted) and base.path.endswith("NamedTuple") for base in of.bases
    ):
        return tuple(_annotated(of))
    return None


def _annotated(of: Class) -> list[str]:
    inherited = [name for base in of.bases if isinstance(base, Class) for name in _annotated(base)]
    body = of.node.body if of.node is not None else []
    return inherited + [
        statement.target.id
        for statement in body
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name)
    ]


#: Types of constants, which stand for themselves.
CONSTANTS = (str, int, float, bytes, bool, type(None), complex)
