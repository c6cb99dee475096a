"""Classes, objects, functions and modules of the project, where a library stands behind them."""

from __future__ import annotations

from migration_lint.reading.models import sessions, table
from migration_lint.reading.models.column_types import enum_members, make_of_class
from migration_lint.reading.models.connection import AGAIN
from migration_lint.reading.models.context import context
from migration_lint.reading.models.orm import mapped_column, mapped_table
from migration_lint.reading.models.relationships import LOSING
from migration_lint.reading.models.sqlalchemy import PACKAGES
from migration_lint.reading.models.strangers import unread_base
from migration_lint.reading.models.trust import CALLBACK, trusted
from migration_lint.reading.project import environment
from migration_lint.reading.python.classes import meta_of
from migration_lint.reading.python.escapes import acts, hand_over
from migration_lint.reading.python.interpreter import Interpreter
from migration_lint.reading.python.running import Arguments
from migration_lint.reading.python.values import (
    MEMBER,
    BoundFunction,
    Class,
    ColumnModel,
    Connection,
    Data,
    Dict,
    Dotted,
    Function,
    Instance,
    List,
    MetaDataModel,
    Method,
    Module,
    Outside,
    Row,
    TableModel,
    Unknown,
    Value,
    lookup,
    reaches,
)


@table.attribute(Class)
def _of_class(run: Interpreter, of: Class, name: str) -> Value:
    members = enum_members(run, of)
    if name == "__iter__":
        if members:
            return List(_member(of, n, v) for n, v in members.items())
        return Unknown(f"what `{of.name}` holds is not known")
    if members:
        if name in members:
            return _member(of, name, members[name])
        if name == "__members__":
            return Dict({n: _member(of, n, v) for n, v in members.items()})
    if name in ("__table__", "metadata", "registry"):
        table = mapped_table(run, of)
        if name == "__table__" and table is not None:
            return table
        if name == "metadata":
            inherited = lookup(of, "metadata", run.resolve)
            if inherited is None:
                # `class Base(DeclarativeBase)`: one for it and all that derive from it.
                inherited = _root(run, of).names["metadata"] = MetaDataModel(reflected=True)
                context(run).modules.made(inherited, _root(run, of).frame.module)
            return inherited
    if name == "__name__":
        return of.name
    if name == "__subclasses__":
        return BoundFunction(Dotted("builtins.type.__subclasses__"), (of,))
    inherited = lookup(of, name, run.resolve)
    if inherited is not None:
        return inherited
    given = _of_meta(run, of, name)
    if given is not None:
        return given
    if lookup(of, "__tablename__", run.resolve) is not None:
        if name == "query":
            return sessions.query(run, [of])
        return mapped_column(run, of, name, None) or Method(Data(), name)
    unread = unread_base(run, of)
    return Unknown(f"`{of.name}.{name}` is not known") if unread is None else Dotted(f"{unread}.{name}")


def _of_meta(run: Interpreter, of: Class, name: str) -> Value | None:
    """What a metaclass of the project gives for an attribute of its class; None where it gives none."""
    meta = meta_of(run, of)
    found = None if meta is None else lookup(meta, name, run.resolve)
    if isinstance(found, Function):
        return (
            run.call(found, Arguments([of], {})) if found.kind == "property" else BoundFunction(found, (of,))
        )
    if found is not None:
        return found
    other = None if meta is None or name.startswith("__") else lookup(meta, "__getattr__", run.resolve)
    return (
        run.call(BoundFunction(other, (of,)), Arguments([name], {})) if isinstance(other, Function) else None
    )


def _subclasses(run: Interpreter, a: Arguments) -> Value:
    """`type.__subclasses__(of)`: those that were made, and perhaps others."""
    of = a.get(0, "self")
    found = [each for each in run.classes if any(run.resolve(base) is of for base in each.bases)]
    return List(found, rest=Unknown("whether there are more classes is not known"))


def _of_library(run: Interpreter, a: Arguments) -> Value:
    """A method that an object of the project has from a library, which calls others of it."""
    for each in a.values():
        hand_over(run, each)
    return Unknown("what a library gives is not known", reach=any(map(reaches, a.values())))


table.names({"builtins.type.__subclasses__": _subclasses, "<made>.of_library": _of_library})


@table.attribute(Module)
def _of_module(run: Interpreter, of: Module, name: str) -> Value:
    inner = context(run).modules.module(run, f"{of.name.removesuffix('.__init__')}.{name}")
    if inner is not None:
        return inner
    if not name.startswith("__"):
        made = of.frame.locals.get("__getattr__")
        if isinstance(made, Function):
            return run.call(made, Arguments([name], {}))
    origin = environment.star_import(context(run).files, of.path)
    if origin is not None:
        return Dotted(f"{origin}.{name}")
    # An import of it fails, so that nothing after it runs.
    certain = environment.certainly_lacks(context(run).files, of.path, name)
    return Unknown(f"`{of.name}` has no `{name}`", reach=not certain)


@table.attribute(Instance)
def _of_instance(run: Interpreter, of: Instance, name: str) -> Value:
    members = enum_members(run, of.of)
    if members and name in ("value", "name"):
        return of.names.get(name)
    other = lookup(of.of, "__getattr__", run.resolve)
    if isinstance(other, Function) and not name.startswith("__"):
        return run.call(BoundFunction(other, (of,)), Arguments([name], {}))
    base = next((run.resolve(b) for b in of.of.bases if isinstance(run.resolve(b), (Dotted, Unknown))), None)
    if isinstance(base, Dotted) and base.path.startswith("alembic.operations"):
        return Method(of, name)
    if (
        isinstance(base, Dotted)
        and base.path.partition(".")[0] in PACKAGES
        and (base.path.rpartition(".")[2] == "Session")
    ):
        return run.library.attribute(run, Connection(session=True), name)
    unread = unread_base(run, of)
    if unread is not None:
        return Dotted(f"{unread}.{name}")
    if isinstance(base, Dotted) and trusted(base.path) == CALLBACK:
        return BoundFunction(Dotted("<made>.of_library"), (of,))
    made = lookup(of.of, "__init__", run.resolve) if members else None
    # A member of an enumeration is made anew wherever it is named: what was put on it is not kept.
    reach = reaches(of) or (isinstance(made, Function) and acts(run, made))
    return Unknown(f"`{of.of.name}` has no `{name}` that could be read", reach=reach)


def member(run: Interpreter, of: Class, name: str) -> Value | None:
    """A member of an enumeration of the project by its name; None where it is none."""
    found = lookup(of, name, run.resolve)
    if isinstance(found, Function) and found.kind == "declared":
        return run.call(found, Arguments([of], {}))
    if isinstance(found, ColumnModel):
        return mapped_column(run, of, name, found)
    if not of.bases or name.startswith("_") or name not in of.names:
        return None
    members = enum_members(run, of)
    return _member(of, name, members[name]) if name in members else None


def make(run: Interpreter, of: Class, arguments: Arguments) -> Value | None:
    """An object of a project's class that stands for something modelled, or None."""
    made = make_of_class(run, context(run).dialect, of, arguments)
    if made is not None:
        return made
    members = enum_members(run, of)
    if members and len(arguments.args) == 1:
        for name, value in members.items():
            if run.equal(value, arguments.args[0]) is True:
                return _member(of, name, value)
        return Unknown(f"which member of `{of.name}` it is, is not known")
    return None


def _root(run: Interpreter, of: Class, depth: int = 12) -> Class:
    """The project's class that a class derives from in the end, by its first bases."""
    above = run.resolve(of.bases[0]) if of.bases else None
    return _root(run, above, depth - 1) if isinstance(above, Class) and depth else of


def _member(of: Class, name: str, value: Value) -> Instance:
    """A member of an enumeration."""
    names = Dict({"name": name, "value": value})
    names.site = MEMBER
    return Instance(of, names)


@table.attribute(Function)
def _of_function(run: Interpreter, of: Function, name: str) -> Value:
    return of.name if name in ("__name__", "__qualname__") else Method(of, name)


@table.attribute(BoundFunction)
def _of_bound(run: Interpreter, of: BoundFunction, name: str) -> Value:
    if of.function == Dotted("sqlalchemy.orm.Session"):  # a sessionmaker
        return Method(Connection(session=True), name)
    return of.function if name == "func" else Method(of, name)


@table.attribute(Unknown)
def _of_unknown(run: Interpreter, of: Unknown, name: str) -> Value:
    kind = Unknown if isinstance(of, Outside) else type(of)
    return kind(of.reason, reach=of.reach)


@table.attribute(Method)
def _of_method(run: Interpreter, of: Method, name: str) -> Value:
    if isinstance(of.of, Connection) and of.name in AGAIN:
        return run.library.attribute(run, of.of, name)  # `connection.connection`: a property, or a call
    if isinstance(of.of, Row) and name in LOSING:
        return Method(of, name)  # of what a relationship brings
    if isinstance(of.of, (Data, TableModel)):
        return Method(Data(), name)  # a column, or what belongs to one: `table.c.name.label`
    return Method(of, name)
