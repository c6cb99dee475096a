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
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import count
from os.path import commonprefix
from typing import Any, Literal

from migration_lint.named_tuple import NamedTuple
from migration_lint.operations import HOLE, Column, Constraint, Generated, Index, Operation
from migration_lint.reading.sql.state import SqlSession

#: Any abstract value. There is no narrower type: constants of the script stand for themselves.
Value = Any

#: How many entries a container may hold, with those inside of it, to be looked through at once.
MOST_ENTRIES = 50_000
#: How many alternatives are followed before a value counts as unknown.
MOST_CHOICES = 24


class Nothing:
    """Bottom: no value at all, as beyond the slots of a closed container."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "NOTHING"


NOTHING = Nothing()


class Numbers:
    """Increasing numbers of heap objects: what an arm allocates has a number above the arm's mark.

    What the top of a module makes has one below all marks, whenever the module is first asked for: an
    import is
    not part of the arm in which it happens.
    """

    def __init__(self) -> None:
        self._running = count(1)
        self._imported = count(-(2**62))
        self.importing = 0

    def next(self) -> int:
        """The number for the next allocation."""
        return next(self._imported if self.importing else self._running)

    def mark(self) -> int:
        """A number above those of all objects allocated so far."""
        return next(self._running)


NUMBERS = Numbers()


class Unknown:
    """A value that could not be worked out. `reach`: it may hold `op` or a connection.

    Two are the same whatever their reasons are: the first one is told.
    """

    __slots__ = ("line", "reach", "reason")

    def __init__(self, reason: str, line: int = 0, reach: bool = False) -> None:
        self.reason = reason
        self.line = line
        self.reach = reach

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Unknown) and type(other) is type(self) and self.reach == other.reach

    def __hash__(self) -> int:
        return hash(self.reach)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.reason!r}, reach={self.reach})"


class Internals(Unknown):
    """A part of a function: its code, its defaults, its cells. What changes it changes the function."""

    __slots__ = ()


class Outside(Unknown):
    """A text that comes from outside, as from an environment variable.

    It is not known, so that it decides nothing; `text` counts where it becomes a name or SQL.
    """

    __slots__ = ("text",)

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(reason)
        self.text = text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Outside) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)


class Choice:
    """One of several values, none of which is a Choice itself."""

    __slots__ = ("values",)

    def __init__(self, values: tuple[Value, ...]) -> None:
        self.values = values

    def __repr__(self) -> str:
        return f"Choice{self.values!r}"


class Maybe:
    """A slot of a container that may be empty: an entry that is there only under a condition."""

    __slots__ = ("value",)

    def __init__(self, value: Value) -> None:
        self.value = value

    def __repr__(self) -> str:
        return f"Maybe({self.value!r})"


class List(list[Value]):
    """A list on the heap: slots, then a rest, then slots again.

    A slot is a value, or a `Maybe` where it may be empty. `rest` is a value that may stand any number of
    times
    between the slots in front of it, which are the list itself, and those behind it, `tail`; NOTHING where
    there is no such. Sets are lists without duplicates.
    """

    __slots__ = ("gives", "later", "number", "rest", "site", "summary", "tail")

    def __init__(self, items: Any = (), *, rest: Value = NOTHING, tail: Iterable[Value] = ()) -> None:
        super().__init__(items)
        self.gives: Value = None  # of a generator: what it returns
        self.later: Value = None  # a `Later`, where Python makes it an entry at a time
        self.rest = rest
        self.tail: list[Value] = list(tail)
        self.number = NUMBERS.next()
        self.site: object = None
        self.summary = False

    __hash__ = object.__hash__  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        return self is other

    @property
    def open(self) -> bool:
        """Whether it may hold more entries than its slots (it has a rest)."""
        return self.rest is not NOTHING

    @property
    def exact(self) -> bool:
        """Whether it is known which entries it has, and where they stand."""
        return self.rest is NOTHING and not any(type(each) is Maybe for each in self)

    def every(self) -> list[Value]:
        """All values that it may hold, in order."""
        rest = () if self.rest is NOTHING else (self.rest,)
        return [each.value if type(each) is Maybe else each for each in (*self, *rest, *self.tail)]

    def snapshot(self) -> Value:
        """What it holds now; `restore` brings that back."""
        return tuple(self), self.rest, tuple(self.tail)

    def restore(self, snapshot: Value) -> None:
        """Hold what `snapshot` gave."""
        self[:], self.rest, self.tail = snapshot[0], snapshot[1], list(snapshot[2])


class Dict(dict[Value, Value]):
    """A dictionary on the heap. An entry is a value, or a `Maybe` where it may not be there.

    `rest` is what an entry holds under a key that was not seen; NOTHING where there are no such keys.
    """

    __slots__ = ("number", "rest", "site", "summary")

    def __init__(self, items: Any = (), *, rest: Value = NOTHING) -> None:
        super().__init__(items)
        if rest is NOTHING and isinstance(items, Dict):
            rest = items.rest
        self.rest: Value = rest
        self.number = NUMBERS.next()
        self.site: object = None
        self.summary = False

    __hash__ = object.__hash__  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        return self is other

    @property
    def open(self) -> bool:
        """Whether more keys may follow than those that were seen."""
        return self.rest is not NOTHING

    @property
    def exact(self) -> bool:
        """Whether it is known which keys it has."""
        return self.rest is NOTHING and not any(type(each) is Maybe for each in self.values())

    def every(self) -> list[Value]:
        """All values that it may hold, in order."""
        rest = () if self.rest is NOTHING else (self.rest,)
        return [each.value if type(each) is Maybe else each for each in (*self.values(), *rest)]

    def plain(self) -> dict[Value, Value]:
        """What was seen, whether it may be missing or not."""
        return {key: each.value if type(each) is Maybe else each for key, each in self.items()}

    def snapshot(self) -> Value:
        """What it holds now; `restore` brings that back."""
        return dict(self), self.rest

    def restore(self, snapshot: Value) -> None:
        """Hold what `snapshot` gave."""
        self.clear()
        self.update(snapshot[0])
        self.rest = snapshot[1]


class Columns(Dict):
    """The columns of a table by name: they are its attributes, and what iterating gives."""

    __slots__ = ()


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


class NameScope(Dict):
    """The names of one running function, class body or module. A name that one way binds is there after
    it."""

    __slots__ = ()


class Frame:
    """One running function, class body or module, with its names."""

    __slots__ = (
        "began",
        "called",
        "conditions",
        "file",
        "globals_declared",
        "locals",
        "module",
        "nonlocals",
        "on_yield",
        "operations",
        "parent",
        "unsure",
        "yielded",
    )

    def __init__(self, module: Module, parent: Frame | None, names: NameScope | None = None) -> None:
        self.module = module
        self.called: tuple[Value, Value] | None = None  # the function that runs here, and its arguments
        # When it was called: the steps left, the conditions that it runs under, the operations found.
        self.began = self.conditions = self.operations = 0
        self.unsure = 0  # steps that calls of it in uncertain branches have taken
        self.file = module.path
        self.parent = parent
        self.locals: NameScope = NameScope() if names is None else names
        self.globals_declared: set[str] | None = None
        self.nonlocals: set[str] | None = None
        self.on_yield: Callable[[Value], Value] | None = None
        self.yielded: List | None = None


class Inside(Frame):
    """The names of a comprehension. `:=` in it binds in the function around it."""

    __slots__ = ()


class Module:
    """A module of the project, or the script itself."""

    __slots__ = ("frame", "name", "path", "postpones")

    def __init__(self, name: str, path: str, postpones: bool = False) -> None:
        self.name = name
        self.path = path
        self.postpones = postpones  # annotations: `from __future__ import annotations`
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


class Structural:
    """Equal where the type and all its parts are: of values that never change."""

    __slots__: tuple[str, ...] = ()

    def _parts(self) -> tuple[Value, ...]:
        return tuple([getattr(self, name) for name in self.__slots__])

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        return (
            isinstance(other, Structural)
            and type(other) is type(self)
            and all(map(same, self._parts(), other._parts()))
        )

    def __hash__(self) -> int:
        return hash((type(self), len(self.__slots__)))

    def __repr__(self) -> str:
        return f"{type(self).__name__}{self._parts()!r}"


class BoundFunction(Structural):
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

    __slots__ = ("bases", "dataclass", "fields", "frame", "meta", "name", "names", "node")

    def __init__(
        self,
        name: str,
        bases: tuple[Value, ...],
        names: dict[str, Value],
        frame: Frame,
        dataclass: bool = False,
        node: ast.ClassDef | None = None,
        fields: tuple[str, ...] | None = None,
        meta: Value = None,
    ) -> None:
        self.name = name
        self.meta = meta  # its metaclass, where it names one
        self.bases = bases
        self.names = names if isinstance(names, NameScope) else NameScope(names)
        self.frame = frame
        self.dataclass = dataclass
        self.node = node
        self.fields = fields  # of `namedtuple("P", "a b")`


class Instance:
    """An object of a class of the project. Two of one class are the same where they share their
    attributes."""

    __slots__ = ("names", "of")

    def __init__(self, of: Class, names: dict[str, Value]) -> None:
        self.of = of
        self.names = names if isinstance(names, Dict) else Dict(names)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Instance) and self.names is other.names

    def __hash__(self) -> int:
        return hash(self.names)


class Method(Structural):
    """A method of a modelled object, waiting for its call."""

    __slots__ = ("name", "of")

    def __init__(self, of: Value, name: str) -> None:
        self.of = of
        self.name = name


class Relationship(Method):
    """`relationship(…)` or `backref(…)` of a mapped class, with what it is given."""

    __slots__ = ("argument", "options")

    def __init__(self, argument: Value, options: Dict) -> None:
        super().__init__(Data(), "property")
        self.argument = argument
        self.options = options


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


class Connection(Structural):
    """Whatever takes SQL: a connection, an engine, a session, a DBAPI cursor."""

    __slots__ = ("session",)

    def __init__(self, session: bool = False) -> None:
        self.session = session


class MigrationContext(Structural):
    """`op.get_context()`."""

    __slots__ = ()


class DialectModel(Structural):
    """A SQLAlchemy dialect object."""

    __slots__ = ()


class Batch:
    """`batch_op`: operations on one table, which run when its block ends.

    A name that is not a plain str was not worked out. `perhaps` are those of `waiting` that run only where
    one of the others has the table made anew.
    """

    __slots__ = ("always", "perhaps", "reflected", "schema", "table", "waiting")

    def __init__(self, table: Value, schema: Value, waiting: list[Operation] | None = None) -> None:
        self.table = table
        self.schema = schema
        self.waiting: list[Operation] = [] if waiting is None else waiting
        self.perhaps: list[Operation] = []
        self.reflected = False  # SQLite: the table is made anew of what SQLAlchemy sees of it
        self.always = False  # and that whatever is done to it


class BatchImplementation(Structural):
    """`batch_op.impl`: what a project's own directive of a batch asks which table it is about."""

    __slots__ = ("of",)

    def __init__(self, of: Batch) -> None:
        self.of = of


class Implementation(Structural):
    """`op.get_context().impl`: what every directive ends in."""

    __slots__ = ()


class Template(Structural):
    """`string.Template(…)`."""

    __slots__ = ("text",)

    def __init__(self, text: Value) -> None:
        self.text = text


class Expression(Structural):
    """`re.compile(…)`."""

    __slots__ = ("flags", "pattern")

    def __init__(self, pattern: Value, flags: Value) -> None:
        self.pattern = pattern
        self.flags = flags


class Autocommit(Structural):
    """The context manager that `autocommit_block()` gives."""

    __slots__ = ()


class Data(Structural):
    """Something that can only read or change rows: a Core or ORM expression, a result, a row.

    Whatever is done with it gives Data again. `tables` are those that it names.
    """

    __slots__ = (
        "action",
        "columns",
        "condition",
        "deleted",
        "emptied",
        "every_row",
        "sets",
        "statement",
        "tables",
        "texts",
    )

    def __init__(
        self,
        tables: tuple[str, ...] = (),
        statement: bool = False,
        action: str | None = None,
        every_row: bool = False,
        columns: tuple[str, ...] = (),
        texts: tuple[str, ...] = (),
        emptied: tuple[str, ...] = (),
        deleted: tuple[str, ...] = (),
        condition: str | None = None,
        sets: tuple[str, ...] = (),
    ) -> None:
        self.tables = tables
        # Of an expression, its text, and of an update or delete that of its WHERE; None: not known, or none.
        self.condition = condition
        self.sets = sets  # the columns that an update sets to something that is worked out of a row
        self.deleted = deleted  # those of which a part of it, a CTE, deletes every row
        self.texts = texts  # short ones that stand in it as values
        self.emptied = emptied  # the columns that an update sets to NULL
        self.statement = statement  # executing it is a data statement
        self.action = action  # of a statement: `insert`, `update`, `delete`, `select`
        #: An update, delete or select to which nothing was added that narrows it down; an insert of such a
        #: select.
        self.every_row = every_row
        self.columns = columns  # of a select: those that it gives, as far as they are known; `*` for all

    def _parts(self) -> tuple[Value, ...]:
        names = [name for of in type(self).__mro__ for name in getattr(of, "__slots__", ())]
        return tuple([getattr(self, name) for name in names])


class Driven(Data):
    """What a driver's method gives that is not listed: rows, a number, or an object that runs SQL in turn."""

    __slots__ = ()


class Parameter(Data):
    """`bindparam(…)`: what a statement is given when it is run, or `value`, where that is not NOTHING."""

    __slots__ = ("name", "value")

    def __init__(self, name: str, value: Value) -> None:
        super().__init__(condition=f":{name}")
        self.name = name
        self.value = value


class Rows(Data):
    """What a query gives: a result, or a list of rows; `every_row` where it leaves none of a table out."""

    __slots__ = ("where",)

    def __init__(
        self,
        tables: tuple[str, ...],
        every_row: bool = False,
        columns: tuple[str, ...] = (),
        texts: tuple[str, ...] = (),
        where: str | None = None,
    ) -> None:
        super().__init__(tables, True, "select", every_row, columns, texts)
        self.where = where  # the condition that its rows fulfil; None: not known, or none

    def narrowed(self) -> Rows:
        """The same where some are left out."""
        return type(self)(self.tables, columns=self.columns, texts=self.texts)

    def row(self, depth: int) -> Row:
        """Each of them in turn; `depth`: how many path conditions held where it was asked for."""
        return Row(self.tables, self.every_row, self.columns, depth, self.where)


class Query(Rows):
    """A query of a session that is not run yet: `session.query(…)`."""

    __slots__ = ()


class Row(Data):
    """A row, or the object of a mapped class that it became; `every_row`: it is each of its table in turn."""

    __slots__ = ("depth", "where")

    def __init__(
        self,
        tables: tuple[str, ...],
        every_row: bool = False,
        columns: tuple[str, ...] = (),
        depth: int = 0,
        where: str | None = None,
    ) -> None:
        super().__init__(tables, every_row=every_row, columns=columns)
        self.depth = depth
        self.where = where  # it is each row that fulfils that condition

    def some(self) -> Row:
        """The same, of those that something chose."""
        return Row(self.tables, False, self.columns, self.depth)

    def parts(self) -> tuple[Row, ...] | None:
        """What it holds, where it is no object: of several tables, or some of the columns of one."""
        columns = self.columns
        if not columns or (len(columns) == 1 and columns[0] == "*"):
            return None
        if len(self.tables) not in (1, len(columns)):
            return None
        tables = self.tables if len(self.tables) > 1 else self.tables * len(columns)
        return tuple(
            Row((table,), self.every_row, (column,), self.depth, self.where)
            for table, column in zip(tables, columns, strict=True)
        )


class Pasted(NamedTuple):
    """What a hole in a text stands for: a row, or one of its columns; `many`: those of a list, joined."""

    value: Row | Method
    many: bool = False


class RowText(str):
    """A text into which what rows hold was pasted: `holes` says of each hole in it what it is, if known."""

    def __new__(cls, text: str, holes: tuple[Pasted | None, ...]) -> RowText:
        made = super().__new__(cls, text)
        made.holes = holes
        return made

    holes: tuple[Pasted | None, ...]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RowText) and str(self) == str(other) and self.holes == other.holes

    __hash__ = str.__hash__

    def __str__(self) -> str:
        return "".join(self)


def pasted_value(value: Value) -> Pasted | None:
    """What the text of a value says of rows; None: nothing, or more than the one thing."""
    if isinstance(value, List) and value.open and not value and not value.tail:
        found = pasted_value(value.rest)
        return None if found is None else found._replace(many=True)
    if isinstance(value, RowText):
        return value.holes[0] if len(value.holes) == 1 and value.strip("'\"") == HOLE else None
    of = value.of if isinstance(value, Method) else value
    return Pasted(value) if isinstance(of, Row) and isinstance(value, (Row, Method)) else None


def pasted(parts: Sequence[str]) -> str:
    """Texts one after the other, with what is known of their holes."""
    text = "".join(parts)
    if not any(isinstance(each, RowText) for each in parts):
        return text
    holes: list[Pasted | None] = []
    for each in parts:
        holes += each.holes if isinstance(each, RowText) else [None] * each.count(HOLE)
    return RowText(text, tuple(holes))


def chosen(value: Value) -> Value:
    """One of the rows that a value is, or a part of one, where something chose which."""
    if isinstance(value, RowText):
        return str(value)
    if isinstance(value, Method) and isinstance(value.of, Row):
        return Method(value.of.some(), value.name)
    return value.some() if isinstance(value, Row) else value


class ReflectedColumn(Data):
    """A column that a table has in the database, and that nothing is known of."""

    __slots__ = ()


class SqlText(Structural):
    """`sa.text(…)` or `sa.DDL(…)`."""

    __slots__ = ("text",)

    def __init__(self, text: Value) -> None:
        self.text = text


class GivenText(SqlText):
    """A text with its parameters, of which some hold what rows do: `text(…).bindparams(id=row.id)`."""

    __slots__ = ("given",)

    def __init__(self, text: Value, given: Dict) -> None:
        super().__init__(text)
        self.given = given


class SqlFunction(Structural):
    """`sa.func.now()` and the like: `text` as it is written in SQL."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


class ServerDefault(Structural):
    """`sa.Identity()`, `sa.Computed(…)`, a sequence: what fills the column."""

    __slots__ = ("generated", "pasted", "text")

    def __init__(
        self,
        generated: Generated,
        text: str | None = None,
        pasted: tuple[str, ...] = (),
    ) -> None:
        self.generated = generated
        self.text = text
        self.pasted = pasted  # as a `ModelRecord` has it


class ModelRecord:
    """A modelled object on the heap whose attributes a script may set.

    `pasted` says what is wrong in texts that it puts into a statement as they are.
    """

    __slots__ = ("number", "pasted", "site", "summary")

    def __init__(self) -> None:
        self.pasted: tuple[str, ...] = ()
        self.number = NUMBERS.next()
        self.site: object = None
        self.summary = False

    def snapshot(self) -> Value:
        """What it holds now; `restore` brings that back."""
        return tuple([getattr(self, name) for name in self.__slots__])

    def restore(self, snapshot: Value) -> None:
        """Hold what `snapshot` gave."""
        for name, value in zip(self.__slots__, snapshot, strict=True):
            setattr(self, name, value)


class ColumnModel(ModelRecord):
    """`sa.Column(…)`."""

    __slots__ = ("auto_increment", "column", "constraints", "enum", "index", "said", "table", "unique")

    def __init__(
        self,
        column: Column,
        constraints: tuple[Constraint, ...] = (),
        index: bool | Literal["spatial"] = False,
        enum: Value = None,
        auto_increment: str | None = None,
        unique: bool = False,
        said: frozenset[str] = frozenset(),
    ) -> None:
        super().__init__()
        self.column = column
        self.constraints = constraints
        self.index = index
        self.enum = enum  # the SqlType where it is an enumeration of its own
        # The server numbers it as any part of the primary key, `always`, or only as the whole, `alone`.
        self.auto_increment = auto_increment
        self.unique = unique  # its index
        # Which of `type`, `nullable` it was given, that annotations may say instead; and whether it is one of
        # the server's own: `system`.
        self.said = said
        self.table: TableModel | None = None

    def copy(self) -> ColumnModel:
        """The same column, on no table."""
        made = ColumnModel(
            self.column, self.constraints, self.index, self.enum, self.auto_increment, self.unique, self.said
        )
        made.pasted = self.pasted
        return made


class ConstraintModel(ModelRecord):
    """`sa.UniqueConstraint(…)` and its kin; `table` where it hangs on one already."""

    __slots__ = ("constraint", "table")

    def __init__(self, constraint: Constraint, table: TableModel | None = None) -> None:
        super().__init__()
        self.constraint = constraint
        self.table = table


class IndexModel(ModelRecord):
    """`sa.Index(…)`."""

    __slots__ = ("index", "table")

    def __init__(self, index: Index, table: TableModel | None = None) -> None:
        super().__init__()
        self.index = index
        self.table = table


class TableModel(ModelRecord):
    """`sa.Table(…)`, or the table of a mapped class."""

    __slots__ = ("items", "listeners", "metadata", "name", "options", "reflected", "schema")

    def __init__(
        self,
        name: Value,
        schema: Value,
        items: List,
        metadata: MetaDataModel | None = None,
        reflected: bool = False,
        options: Dict | None = None,
    ) -> None:
        super().__init__()
        self.name = name
        self.schema = schema
        self.items = items
        self.metadata = metadata
        self.reflected = reflected
        self.options = Dict() if options is None else options  # its other keywords: `postgresql_inherits` …
        self.listeners = List()  # (event, function) each


class MetaDataModel(ModelRecord):
    """`sa.MetaData()`. `reflected`: it may hold any table there is."""

    __slots__ = ("convention", "elements", "listeners", "reflected", "schema", "tables")

    def __init__(
        self,
        tables: List | None = None,
        schema: Value = None,
        reflected: bool = False,
        convention: Value = None,
    ) -> None:
        super().__init__()
        self.tables: List = List() if tables is None else tables
        self.schema = schema
        self.reflected = reflected
        self.convention = convention  # its `naming_convention`
        self.elements = List()  # views that it makes beside its tables
        self.listeners = List()  # (event, function) each


class Element(Structural):
    """A DDL element to be executed, as the operations that it will be: `DropTable(t)`, `DropColumnOp(…)`."""

    __slots__ = ("operations", "table")

    def __init__(self, operations: tuple[Operation, ...], table: Value = None) -> None:
        self.operations = operations
        self.table = table  # that it makes, where it is a view or a table of a query


class SequenceModel(ModelRecord):
    """`sa.Sequence(…)`."""

    __slots__ = ("name", "schema")

    def __init__(self, name: Value, schema: Value = None) -> None:
        super().__init__()
        self.name = name
        self.schema = schema


class SessionState(ModelRecord):
    """What the SQL of a script has left to what comes after it: part of the state that forks and joins."""

    __slots__ = ("session",)

    def __init__(self, session: SqlSession) -> None:
        super().__init__()
        self.session = session


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


class OpenFile(ModelRecord):
    """An open text file: its whole text, and what is left of it to be read; unknown where it was not had."""

    __slots__ = ("left", "path", "text")

    def __init__(self, text: Value, path: str | None = None) -> None:
        super().__init__()
        self.text = text
        self.left = text
        self.path = path  # None: which file it is is not known


def whole(value: Value) -> bool:
    """Whether a str is known to the last character."""
    return isinstance(value, str) and HOLE not in value


def hashable(value: Value) -> bool:
    """Whether a value is concrete enough to be a dictionary key."""
    if isinstance(value, str):
        return HOLE not in value
    if type(value) is tuple:
        return handy(value) and all(map(hashable, value))
    return isinstance(value, (int, float, bytes, type(None), Dotted))


def handy(value: Value) -> bool:
    """Whether a nested value is small enough to be walked, hashed and compared.

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
    """The join of two values; `first` itself where `second` adds nothing to it."""
    if first is second or second is NOTHING:
        return first
    if first is NOTHING:
        return second
    if not isinstance(first, Choice) and not isinstance(second, Choice):
        return first if same(first, second) else Choice((first, second))
    ours = alternatives(first)
    found = distinct((*ours, *alternatives(second)))
    if len(found) == len(ours):
        return first
    if len(found) > MOST_CHOICES:
        return Unknown("it can have more values than are followed", reach=any(map(reaches, found)))
    return Choice(tuple(found))


def join_all(values: Iterable[Value], empty: Value = NOTHING) -> Value:
    """The join of all of them; `empty` where there is none."""
    result: Value = NOTHING
    for value in values:
        result = join(result, value)
    return empty if result is NOTHING else result


def widen(before: Value, after: Value) -> Value:
    """The widening of two values: it covers both, and every chain of widenings is finite.

    What a text begins and ends with is kept (`c0`, `c1` → `c⟨…⟩`); of anything else that keeps changing, only
    whether a database can be reached with it.
    """
    joined = join(before, after)
    if joined is before:
        return before
    values = alternatives(joined)
    if all(isinstance(each, str) for each in values):
        common = _common(values)
        return before if common == before else common
    kept = [each for each in values if not isinstance(each, (int, float, str, bytes))]
    grown = Unknown("it changes while a loop runs", reach=any(map(reaches, kept)))
    if len(kept) < len(values) and len(kept) <= MOST_CHOICES // 2:
        grown = join_all((*kept, grown))
    return before if same(grown, before) else grown


def _common(texts: Sequence[str]) -> str:
    """The common prefix and suffix of some texts, with a hole between."""
    start = commonprefix(texts)
    rest = [text[len(start) :] for text in texts]
    end = commonprefix([text[::-1] for text in rest])[::-1]
    return f"{start.rstrip(HOLE)}{HOLE}{end.lstrip(HOLE)}"


def distinct(values: Iterable[Value]) -> list[Value]:
    """The values without duplicates, as `same` tells them."""
    found: dict[Value, list[Value]] = {}
    kept: list[Value] = []
    for value in values:
        alike = found.setdefault(_key(value), [])
        if not any(same(value, each) for each in alike):
            alike.append(value)
            kept.append(value)
    return kept


def _key(value: Value) -> Value:
    """A hash key: equal for values that are `same`."""
    kind = type(value)
    if kind in _COMPARED:
        return kind, value
    if kind is tuple:
        return kind, len(value)
    site = getattr(value, "site", None)
    return (kind, site) if site is not None else (kind, 0)


def same(first: Value, second: Value) -> bool:
    """Whether two values are certainly equal: one object, or equal in type and in all parts."""
    if first is second:
        return True
    kind = type(first)
    if kind is not type(second):
        return False
    if kind in _COMPARED:
        return bool(first == second)
    if kind is tuple:
        return len(first) == len(second) and handy(first) and all(map(same, first, second))
    if kind is dict:
        return list(first) == list(second) and all(map(same, first.values(), second.values()))
    if kind is Maybe:
        return same(first.value, second.value)
    if kind is Instance:
        return first.of is second.of and (
            first.names is second.names
            or (
                first.names.site == MEMBER == second.names.site
                and same(dict(first.names), dict(second.names))
            )
        )
    if kind is Function:
        return _same_function(first, second)
    if kind is Choice:
        return join(first, second) is first and join(second, first) is second
    return bool(first == second)


def _same_function(first: Function, second: Function) -> bool:
    """Whether two functions are of one definition and close over the same names."""
    return (
        first.node is second.node
        and first.frame is second.frame
        and first.kind == second.kind
        and first.owner is second.owner
        and len(first.defaults) == len(second.defaults)
        and all(map(same, first.defaults, second.defaults))
        and same(first.keyword_defaults, second.keyword_defaults)
    )


#: The site of the attributes of an enumeration's members: these are made anew wherever one is named.
MEMBER = "member"

#: Constants that are told apart by their value alone.
_COMPARED = frozenset((str, int, float, bytes, bool, complex, type(None), Dotted))

#: Dotted names under which `op` and its relatives go; given to a stranger, they can do anything.
_OP_PATHS = ("alembic", "alembic.op", "alembic.context", "sys.modules")


#: What most entries of long lists are: nothing can be reached with it.
_PLAIN = frozenset((str, int, float, bool, bytes, type(None)))


def reaches(value: Value, depth: int = 4, *, unknown: bool = True, connection: bool = True) -> bool:
    """Whether code that is given the value could change the schema through it.

    `unknown`: what is not known may be something that does; `connection`: a connection is.
    """
    if type(value) in _PLAIN:
        return False
    if isinstance(value, (list, tuple)) and (depth == 4 or len(value) > 100) and not handy(value):
        return unknown
    if isinstance(value, (MigrationContext, Batch, Implementation)):
        return True
    if isinstance(value, Connection):
        return connection
    if isinstance(value, Unknown):
        return value.reach and unknown
    if isinstance(value, Dotted):
        return value.path in _OP_PATHS or value.path.startswith("alembic.op.")
    if depth <= 0:
        return False
    inside: Iterable[Value] = ()
    if isinstance(value, (List, Dict)):
        inside = value.every()
    elif isinstance(value, (list, tuple, set, frozenset)):
        inside = value
    elif isinstance(value, dict):
        inside = value.values()
    elif isinstance(value, Choice):
        inside = value.values
    elif isinstance(value, Maybe):
        return reaches(value.value, depth, unknown=unknown, connection=connection)
    elif isinstance(value, BoundFunction):
        inside = (value.function, *value.args, *value.kwargs.values())
    elif isinstance(value, Method):
        inside = (value.of,)
    elif isinstance(value, Instance):
        inside = value.names.every()
    return any(
        reaches(item, depth - 1, unknown=unknown, connection=connection)
        for item in inside
        if type(item) not in _PLAIN
    )


def lookup(of: Class, name: str, resolve: Callable[[Value], Value] | None = None, depth: int = 12) -> Value:
    """An attribute of a class or of the project's classes that it derives from; None where there is none."""
    if name in of.names:
        found = of.names[name]
        return found.value if type(found) is Maybe else found
    if depth:
        for base in of.bases:
            owner = resolve(base) if resolve is not None else base
            if isinstance(owner, Class):
                found = lookup(owner, name, resolve, depth - 1)
                if found is not None:
                    return found
    return None


def ancestors(of: Class, resolve: Callable[[Value], Value]) -> Iterator[Value]:
    """A class and what it derives from, its first base before the second: classes, or what else is a base."""
    waiting: list[Value] = [of]
    seen: set[Class] = set()
    while waiting and len(seen) < _MOST_ANCESTORS:
        each = resolve(waiting.pop())
        if not isinstance(each, Class):
            yield each
        elif each not in seen:
            seen.add(each)
            yield each
            waiting += reversed(each.bases)


#: How many classes above one are looked at.
_MOST_ANCESTORS = 100


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
