"""What every name and value outside the script means: looked up in the one table that all models fill."""

from __future__ import annotations

from collections.abc import Mapping

from migration_lint.operations import Dialect
from migration_lint.reading.models import (
    builtins,
    collections,
    companions,
    compiled,
    connection,
    database,
    directives,
    dotted,
    elements,
    events,
    files,
    functional,
    internals,
    iterating,
    objects,
    regular_expressions,
    rows,
    schema,
    sessions,
    sqlalchemy,
    strangers,
    table,
    tables,
    text,
)
from migration_lint.reading.models.arguments import counted
from migration_lint.reading.models.left_behind import LeftBehind
from migration_lint.reading.models.modules import OwnModules
from migration_lint.reading.models.own_operations import OwnOperations
from migration_lint.reading.models.sqlalchemy import PACKAGES
from migration_lint.reading.models.sqlalchemy_types import is_type
from migration_lint.reading.project.modules import ProjectFiles
from migration_lint.reading.python.interpreter import Interpreter
from migration_lint.reading.python.later import delayed, viewed
from migration_lint.reading.python.running import Arguments
from migration_lint.reading.python.values import (
    Class,
    Dict,
    Dotted,
    FilePath,
    Instance,
    Internals,
    List,
    Method,
    Module,
    OpenFile,
    Row,
    Unknown,
    Value,
    reaches,
)

#: The models that are there from the beginning: each fills the table when it is imported.
MODELS = (
    builtins, iterating, collections, text, files, functional, objects, dotted, sqlalchemy, schema, tables,
    elements, rows, events, compiled, connection, directives, companions, internals, regular_expressions,
)  # fmt: skip

#: Values whose methods are Python's own: they make no SQL of their arguments.
_PLAIN = (str, List, Dict, tuple, FilePath, OpenFile)
#: Attributes that nothing in the database hangs on.
_OUTSIDE = frozenset("bind default dispatch doc info key naming_convention onupdate sort_order".split())


#: Internals of SQLAlchemy and Alembic that are modelled.
#: What Python works out an entry at a time: from containers alone, and with functions of anybody's.
_VIEWS = frozenset(f"builtins.{name}" for name in ("enumerate", "iter", "reversed", "zip"))
_WORKED_OUT_LATER = frozenset(
    ("builtins.map", "builtins.filter", "itertools.chain", "itertools.chain.from_iterable",
     "itertools.starmap", "itertools.accumulate")
)  # fmt: skip

_COPYING = frozenset(("_copy", "_exec"))

#: Modelled functions that give a number, or tell something: nothing of their arguments is in that.
_TELLING = frozenset(
    "len int float bool str repr hasattr isinstance issubclass callable any all hash id range".split()
)


def _holding(made: Value, path: str, a: Arguments) -> Value:
    """What a model of a name gives: where that is not known, it may hold what the call was given."""
    if type(made) is not Unknown or made.reach or path.removeprefix("builtins.") in _TELLING:
        return made
    if path.partition(".")[0] in PACKAGES or not any(map(reaches, a.values())):
        return made
    return Unknown(made.reason, made.line, reach=True)


#: Types whose methods are called by the type's name, too: `list.append(rows, row)`.
_TYPES = (
    "builtins.list", "builtins.dict", "builtins.set", "builtins.tuple", "builtins.str", "collections.deque",
    "collections.OrderedDict", "collections.defaultdict",
)  # fmt: skip


def _unbound(run: Interpreter, path: str, a: Arguments) -> Value | None:
    """What a method gives that is called by its type's name; None where it is none."""
    of, _, name = path.rpartition(".")
    if of not in _TYPES or not a.args or not isinstance(a.args[0], (List, Dict, tuple, str, Internals)):
        return None
    return run.call(run.attribute(a.args[0], name), a._replace(args=a.args[1:]))


class Libraries:
    """The names of Python, Alembic, SQLAlchemy and the project's own modules, for one dialect."""

    def __init__(self, dialect: Dialect, files: ProjectFiles) -> None:
        self.dialect: Dialect = dialect
        self.files = files
        self.modules = OwnModules(files)
        self.foreign: Mapping[str, Value] = self.modules.foreign
        self.operations = OwnOperations()
        self.left = LeftBehind()
        self.mapped: dict[str, Class] = {}
        self.fetched = List()  # what the last statement gives that a cursor has run, where that is known

    def again(self, files: ProjectFiles) -> Libraries:
        """The same for something that is read beside the script."""
        return Libraries(self.dialect, files)

    def outside(self, name: str) -> str | None:
        """See `running.Library`."""
        return self.files.outside.get(name)

    def builtin(self, name: str) -> Value | None:
        """See `running.Library`."""
        return builtins.builtin(name)

    def find(self, run: Interpreter, path: str) -> Value:
        """See `running.Library`."""
        return self.modules.find(run, path)

    def imported(self, run: Interpreter, path: str) -> None:
        """See `running.Library`."""
        if self.left.something and not run.recorder.calm:
            file = self.files.find(path)
            if file is not None and self.left.holds(file):
                run.recorder.unread(f"`{path}` is imported, and the script itself may have written it")
        self.modules.imported(run, path)

    def call(self, run: Interpreter, path: str, arguments: Arguments) -> Value:
        """See `running.Library`."""
        table.load(path)
        if internals.made_again(run, path, arguments):
            path = "<made>.again"
        model = table.NAMES.get(path)
        unbound = None if model is not None else _unbound(run, path, arguments)
        if unbound is not None:
            return unbound
        if model is not None:

            def make() -> Value:
                return _holding(model(run, arguments), path, arguments)

            if path in _VIEWS:
                return viewed(run, make, arguments.values())
            return delayed(run, make) if path in _WORKED_OUT_LATER else make()
        of_library = table.library_of(path)
        if of_library is None:
            of_library = sqlalchemy.call if is_type(path) else strangers.call_stranger
        return of_library(run, path, arguments)

    def attribute(self, run: Interpreter, of: Value, name: str) -> Value:
        """See `running.Library`."""
        found = internals.internal(run, of, name)
        if found is not None:
            return found
        model = table.attribute.of(of)
        found = Method(of, name) if model is None else model(run, of, name)
        past = internals.beyond(run, of, name) if isinstance(found, Method) and name not in _COPYING else None
        return found if past is None else past

    def method(self, run: Interpreter, of: Value, name: str, arguments: Arguments) -> Value:
        """See `running.Library`."""
        model = table.method.of(of) or strangers.call_method
        return model(run, of, name, arguments if isinstance(of, _PLAIN) else counted(arguments))

    def call_object(self, run: Interpreter, of: Value, arguments: Arguments) -> Value:
        """See `running.Library`."""
        return (table.called.of(of) or strangers.call_something)(run, of, arguments)

    def alter(self, run: Interpreter, of: Value, name: str, value: Value, weak: bool) -> None:
        """See `running.Library`."""
        if isinstance(of, Row):
            sessions.altered(run, of, name, value)
            return
        if isinstance(of, Method) and isinstance(of.of, Row) and of.name == name:
            sessions.altered(run, of.of, name, value)  # what a relationship brings, in its place
        model = table.altered.of(of)
        if not isinstance(of, (Dotted, Method)) and (model is not None or name.startswith("__")):
            run.store.stirred = True  # of a function, `__code__` and the like
        if model is not None and not model(of, name, value, weak) and name not in _OUTSIDE:
            run.recorder.unread(f"`{name}` is set on a value whose attribute was read before")

    def entry(self, run: Interpreter, of: Dotted, key: Value) -> Value:
        """See `running.Library`."""
        model = table.ENTRIES.get(of.path)
        if model is not None:
            return model(run, key)
        if reaches(key):
            return Unknown(f"what an entry of `{of.path}` holds is not known", reach=True)
        return of if of.path.startswith("typing") else self.attribute(run, of, "[]")

    def set_entry(self, run: Interpreter, of: Dotted, key: Value, value: Value) -> bool:
        """See `running.Library`."""
        model = table.SET_ENTRIES.get(of.path)
        if model is not None:
            model(run, key, value)
        return model is not None

    def implementation(self, run: Interpreter, operation: Value) -> Value | None:
        """See `running.Library`."""
        is_own = isinstance(operation, Instance)
        return self.operations.implementation(run, operation.of) if is_own else None

    def harmless(self, path: str) -> bool:
        """See `running.Library`."""
        return strangers.harmless(path)

    def carried(self, of: Module) -> frozenset[str] | None:
        """See `running.Library`."""
        return self.files.carried(of.name.removesuffix(".__init__"))

    def call_back(self, run: Interpreter, function: Value) -> None:
        """See `running.Library`."""
        database.call_back(run, function)

    def member(self, run: Interpreter, of: Class, name: str) -> Value | None:
        """See `running.Library`."""
        return objects.member(run, of, name)

    def make(self, run: Interpreter, of: Class, arguments: Arguments) -> Value | None:
        """See `running.Library`."""
        return objects.make(run, of, arguments)

    def unreadable(self, run: Interpreter, path: str) -> bool:
        """See `running.Library`."""
        return strangers.unreadable(run, path)
