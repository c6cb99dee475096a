"""Column types: SQLAlchemy's, its companions', and the project's own."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Literal

from migration_lint.data_class import replace
from migration_lint.operations import Dialect, Operation
from migration_lint.reading.models import pasted, table
from migration_lint.reading.models.context import context
from migration_lint.reading.models.sqlalchemy_types import EnumClass, SqlType, is_type, render, with_variant
from migration_lint.reading.python.interpreter import Interpreter
from migration_lint.reading.python.running import Arguments
from migration_lint.reading.python.values import (
    BoundFunction,
    Choice,
    Class,
    Data,
    Dict,
    Dotted,
    Function,
    Instance,
    List,
    MetaDataModel,
    Method,
    SqlText,
    Unknown,
    Value,
    lookup,
    whole,
)

_NO_ARGUMENTS = Arguments([], {})
#: What stands for an argument that is not known, to those who need not know it.
_SOMETHING = object()


def sql_type(run: Interpreter, dialect: Dialect, value: Value) -> SqlType:
    """A column type of whatever a script gives for one."""
    if isinstance(value, SqlType):
        return value
    if isinstance(value, Dotted):
        found = run.library.find(run, value.path)
        if isinstance(found, Dotted):
            if is_type(found.path):
                return _indexed(run, dialect, found.path, render(found.path, (), {}, dialect))
            return SqlType(None, reason=f"the type {found.path} is not known")
        return sql_type(run, dialect, found)
    if isinstance(value, Class):
        return sql_type(run, dialect, run.call(value, Arguments([], {})))
    if isinstance(value, Choice):
        found_types = {sql_type(run, dialect, each) for each in value.values}
        return (
            found_types.pop() if len(found_types) == 1 else SqlType(None, reason="it is one of several types")
        )
    if isinstance(value, Unknown):
        return SqlType(None, reason=value.reason)
    return SqlType(None, reason="the type could not be worked out")


def call_type(run: Interpreter, dialect: Dialect, path: str, a: Arguments) -> SqlType:
    """A type's constructor is called."""
    if not a.more and _PLAIN.issuperset(map(type, (*a.args, *a.kwargs.values()))):
        made, wrong = _of_constants(dialect, path, *a.args, **a.kwargs)
        _tell(run, wrong)
    else:
        made = _of_values(run, dialect, path, a)
    if run.truth(a.kwargs.get("create_constraint", False)) is True:
        enum = path.endswith("Enum")
        native = made.native_enum and dialect in ("postgresql", "mysql", "mariadb")
        return replace(made, check=not native if enum else dialect in ("mysql", "mariadb", "sqlite"))
    return _indexed(run, dialect, path, made, a)


#: What can be looked up: a history makes the same types again and again.
_PLAIN = frozenset((str, int, float, bool, type(None)))


@lru_cache(maxsize=4096, typed=True)
def _of_constants(
    dialect: Dialect, path: str, /, *args: Value, **kwargs: Value
) -> tuple[SqlType, tuple[str, ...]]:
    """The type that constants make, and what is wrong in those that are texts."""

    def given(value: Value) -> object:
        return _SOMETHING if isinstance(value, str) and not whole(value) else value

    made = render(path, [given(each) for each in args], {k: given(v) for k, v in kwargs.items()}, dialect)
    return made, _wrong(dialect, path, Arguments(list(args), kwargs), made)


def _of_values(run: Interpreter, dialect: Dialect, path: str, a: Arguments) -> SqlType:
    args = [_type_argument(run, dialect, each) for each in a.args]
    kwargs = {name: _type_argument(run, dialect, value) for name, value in a.kwargs.items()}
    if a.more:
        args.append(_SOMETHING)
    made = render(path, args, kwargs, dialect)
    _tell(run, _wrong(dialect, path, a, made))
    return made


def _indexed(
    run: Interpreter, dialect: Dialect, path: str, made: SqlType, a: Arguments = _NO_ARGUMENTS
) -> SqlType:
    """GeoAlchemy2's types have `spatial_index`, which is on unless it is said otherwise."""
    if dialect != "postgresql" or not path.startswith("geoalchemy2."):
        return made
    asked = a.get(0 if path.endswith(".Raster") else 3, "spatial_index", True)
    return made if run.truth(asked) is False else replace(made, spatial=True)


def _tell(run: Interpreter, wrong: Iterable[str]) -> None:
    for why in wrong:
        run.recorder.emit(pasted.opaque(why))


def _wrong(dialect: Dialect, path: str, a: Arguments, made: SqlType) -> tuple[str, ...]:
    """What is wrong in the texts that a type is made with, which are pasted wherever it is written."""
    if not any(isinstance(each, (str, SqlText)) for each in a.values()):
        return ()
    found = pasted.TextJudgement(dialect)
    found.type("type", made)
    for each in a.values():
        if isinstance(each, SqlText):
            found.value("type", "expression", each)
    if path.endswith(".DOMAIN"):
        found.arguments(pasted.CONSTRUCTS["DOMAIN"], a.kwargs)
    return tuple(found.why)


def _type_argument(run: Interpreter, dialect: Dialect, value: Value) -> object:
    if isinstance(value, SqlType) or whole(value) or isinstance(value, (int, float, type(None))):
        return value
    if isinstance(value, Dotted):
        found = run.library.find(run, value.path)
        if isinstance(found, Dotted):
            return render(found.path, (), {}, dialect) if is_type(found.path) else _SOMETHING
        value = found
    if isinstance(value, Class):
        members = enum_members(run, value)
        if members:
            return EnumClass(value.name, tuple(members))
        made = sql_type(run, dialect, value)
        return made if made.text is not None else _SOMETHING
    if isinstance(value, (List, tuple)):
        known = run.constant(value)
        return known if known is not None else _SOMETHING
    if isinstance(value, Dict) and value.exact:
        return {key: _type_argument(run, dialect, item) for key, item in value.items()}
    if isinstance(value, MetaDataModel) and whole(value.schema):
        return value
    return _SOMETHING


def enum_members(run: Interpreter, of: Class) -> dict[str, Value]:
    """The members of an `enum.Enum` of the project, by name; nothing where it is no enumeration."""
    if not _is_enum(run, of):
        return {}
    return {
        name: value
        for name, value in of.names.plain().items()
        if not name.startswith("_") and not isinstance(value, (Function, BoundFunction, Class))
    }


def _is_enum(run: Interpreter, of: Class, depth: int = 8) -> bool:
    for base in of.bases:
        found = run.resolve(base)
        if isinstance(found, Dotted) and found.path.rpartition(".")[2] in (
            "Enum",
            "StrEnum",
            "IntEnum",
            "Flag",
        ):
            return True
        if isinstance(found, Class) and depth and _is_enum(run, found, depth - 1):
            return True
    return False


#: Attributes by which a class has its SQL written in another way than that of its base.
_WRITTEN = ("__visit_name__", "_compiler_dispatch", "compile")


def make_of_class(run: Interpreter, dialect: Dialect, of: Class, a: Arguments) -> Value | None:
    """An object of a project's class that derives from a type of SQLAlchemy: the type it stands for."""
    base = _library_base(run, of)
    if base is None:
        return None
    for name in _WRITTEN:
        written = lookup(of, name, run.resolve)
        if whole(written) and name == "_compiler_dispatch":
            return SqlType(written)  # of a function that `@compiles` registers
        if written is not None:
            return SqlType(None, reason=f"what SQLAlchemy writes for {of.name} is its own")
    last = base.rpartition(".")[2]
    if last in ("TypeDecorator", "UserDefinedType"):
        made = _decided_type(run, dialect, of, a)
        if made is None and last == "TypeDecorator":
            impl = lookup(of, "impl", run.resolve)
            if isinstance(impl, (Dotted, Class)):
                impl = run.call(impl, a if lookup(of, "__init__", run.resolve) is None else Arguments([], {}))
            made = None if impl is None else sql_type(run, dialect, impl)
        if made is None:
            made = SqlType(None, reason=f"what type {of.name} is could not be worked out")
        # What a `SchemaType` brings besides, a CHECK constraint as a rule, its own events decide.
        return replace(made, check=True) if _is_schema_type(run, of) else made
    if is_type(base):
        return call_type(
            run, dialect, base, a if lookup(of, "__init__", run.resolve) is None else Arguments([], {})
        )
    return None


def _is_schema_type(run: Interpreter, of: Class, depth: int = 8) -> bool:
    for base in map(run.resolve, of.bases):
        if isinstance(base, Dotted) and base.path.endswith(".SchemaType"):
            return True
        if isinstance(base, Class) and depth and _is_schema_type(run, base, depth - 1):
            return True
    return False


def _decided_type(run: Interpreter, dialect: Dialect, of: Class, a: Arguments) -> SqlType | None:
    instance = Instance(of, {})
    init = lookup(of, "__init__", run.resolve)
    if isinstance(init, Function):
        run.call(BoundFunction(init, (instance,)), a)
    from migration_lint.reading.python.values import DialectModel

    for method, arguments in (("load_dialect_impl", [DialectModel()]), ("get_col_spec", [])):
        function = lookup(of, method, run.resolve)
        if isinstance(function, Function):
            made = run.call(BoundFunction(function, (instance,)), Arguments(list(arguments), {}))
            if whole(made):
                return SqlType(made)
            found = sql_type(run, dialect, made)
            return found if found.text is not None else None
    return None


def _library_base(run: Interpreter, of: Class, depth: int = 8) -> str | None:
    for base in of.bases:
        found = run.resolve(base)
        if isinstance(found, Dotted):
            last = found.path.rpartition(".")[2]
            if is_type(found.path) or last in ("TypeDecorator", "UserDefinedType"):
                return found.path
        if isinstance(found, Class) and depth:
            above = _library_base(run, found, depth - 1)
            if above is not None:
                return above
    return None


@table.method(SqlType)
def type_method(run: Interpreter, of: SqlType, name: str, a: Arguments) -> Value:
    """Call a method of a type: `Enum.create(bind)`, `with_variant`."""
    dialect = context(run).dialect
    if name in ("create", "drop"):
        if dialect == "postgresql" and of.native_enum:
            kind: Literal["create_enum", "drop_enum"] = "create_enum" if name == "create" else "drop_enum"
            run.recorder.emit(
                Operation(
                    kind=kind,
                    name=of.enum_name or of.text,
                    schema=of.enum_schema,
                    values=of.enum_values if name == "create" else (),
                    if_exists=run.truth(a.get(1, "checkfirst", of.asks)) is not False,
                )
            )
            for operation in pasted.escaping(run, dialect, (of,)) if name == "create" else ():
                run.recorder.emit(operation)
        return None
    if name == "with_variant":
        names = [each for each in a.args[1:] if whole(each)] + [
            v for v in (a.kwargs.get("dialect_name"),) if whole(v)
        ]
        return with_variant(of, sql_type(run, dialect, a.get(0, "type_")), names, dialect)
    if name in ("copy", "as_generic", "adapt", "dialect_impl", "evaluates_none"):
        return of
    return Data()


@table.attribute(SqlType)
def _of_type(run: Interpreter, of: SqlType, name: str) -> Value:
    values = {"name": of.enum_name, "enums": List(of.enum_values), "schema": of.enum_schema}
    return values[name] if name in values else Method(of, name)


@table.called(SqlType)
def _call_type(run: Interpreter, of: SqlType, a: Arguments) -> Value:
    return of


table.SQLALCHEMY["AsAutoString"] = lambda run, dialect, a: SqlType("VARCHAR")


@table.altered(SqlType)
def _alter_type(of: SqlType, name: str, value: Value, perhaps: bool) -> bool:
    return False
