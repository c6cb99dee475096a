"""What SQLAlchemy's constructs mean to the interpreter: types, columns, tables, constraints, statements.

Everything of SQLAlchemy that is not modelled here is taken for a Core expression (`Data`): it can select
or change rows, and cannot change the schema, because what can is in `sqlalchemy.schema` and is modelled.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Literal

from migration_lint.operations import HOLE, Column, Constraint, Dialect, Index, Operation
from migration_lint.reading.models.sqlalchemy_types import (
    EnumClass,
    SqlType,
    is_type,
    render,
    render_default,
    with_variant,
)
from migration_lint.reading.python.assignments import extend
from migration_lint.reading.python.containers import inside
from migration_lint.reading.python.interpreter import Interpreter
from migration_lint.reading.python.running import Arguments, Items
from migration_lint.reading.python.subscripts import Open
from migration_lint.reading.python.values import (
    Bound,
    Choice,
    Class,
    ColumnModel,
    Connection,
    ConstraintModel,
    Data,
    Dict,
    Dotted,
    Element,
    Function,
    IndexModel,
    Instance,
    List,
    MetaDataModel,
    Method,
    SequenceModel,
    ServerDefault,
    SqlFunction,
    SqlText,
    TableModel,
    Unknown,
    Value,
    alternatives,
    lookup,
    whole,
)

Model = Callable[[Interpreter, Dialect, Arguments], Value]

_NO_ARGUMENTS = Arguments([], {})

#: What stands for an argument that is not known, to those who need not know it.
_SOMETHING = object()
#: The types that SQLAlchemy has the server number where they are the primary key: SERIAL, AUTO_INCREMENT.
_SERIAL = frozenset(("INTEGER", "BIGINT", "SMALLINT"))
_NUMBERED = frozenset(("INTEGER", "BIGINT", "SMALLINT", "MEDIUMINT", "TINYINT", "INT"))


def name_of(value: Value) -> str | None:
    """A name as a str that may hold holes; None where it is absent."""
    if isinstance(value, str):
        return value
    return None if value is None or value is False else HOLE


def known_name(value: Value) -> str | None:
    """A name that is known to the last character, or None."""
    return value if whole(value) else None


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
    args = [_type_argument(run, dialect, each) for each in a.args]
    kwargs = {name: _type_argument(run, dialect, value) for name, value in a.kwargs.items()}
    if a.more:
        args.append(_SOMETHING)
    made = render(path, args, kwargs, dialect)
    if run.truth(a.kwargs.get("create_constraint", False)) is True:
        enum = path.endswith("Enum")
        native = made.native_enum and dialect in ("postgresql", "mysql", "mariadb")
        return replace(made, check=not native if enum else dialect != "postgresql")
    return _indexed(run, dialect, path, made, a)


def _indexed(
    run: Interpreter, dialect: Dialect, path: str, made: SqlType, a: Arguments = _NO_ARGUMENTS
) -> SqlType:
    """GeoAlchemy2's types have `spatial_index`, which is on unless it is said otherwise."""
    if dialect != "postgresql" or not path.startswith("geoalchemy2."):
        return made
    asked = a.get(0 if path.endswith(".Raster") else 3, "spatial_index", True)
    return made if run.truth(asked) is False else replace(made, spatial=True)


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
        if not name.startswith("_") and not isinstance(value, (Function, Bound, Class))
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


def make_of_class(run: Interpreter, dialect: Dialect, of: Class, a: Arguments) -> Value | None:
    """An object of a project's class that derives from a type of SQLAlchemy: the type it stands for."""
    base = _library_base(run, of)
    if base is None:
        return None
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
        run.call(Bound(init, (instance,)), a)
    from migration_lint.reading.python.values import DialectModel

    for method, arguments in (("load_dialect_impl", [DialectModel()]), ("get_col_spec", [])):
        function = lookup(of, method, run.resolve)
        if isinstance(function, Function):
            made = run.call(Bound(function, (instance,)), Arguments(list(arguments), {}))
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


# Defaults and expressions


def expression_text(run: Interpreter, dialect: Dialect, value: Value) -> str | None:
    """A SQL expression as text, or None where it could not be worked out."""
    if isinstance(value, (SqlText, SqlFunction)):
        return known_name(value.text)
    return value if whole(value) else None


def default_text(run: Interpreter, dialect: Dialect, value: Value) -> str:
    """A `server_default` as SQL; one that is not known is still one, and stands as `?`."""
    if isinstance(value, SqlText):
        return known_name(value.text) or "?"
    if isinstance(value, SqlFunction):
        return value.text
    if value is True or value is False:
        return render_default("boolean", value, dialect)
    if whole(value):
        return render_default("literal", value, dialect)
    if isinstance(value, (int, float)):
        return str(value)
    return "?"


# Columns, constraints, indexes


def _column(run: Interpreter, dialect: Dialect, a: Arguments) -> Value:
    args = list(a.args)
    name: Value = a.kwargs.get("name")
    if args and isinstance(args[0], (str, Choice, Unknown)):
        name = args.pop(0)
    given_type: Value = a.kwargs.get("type_")
    if (
        args
        and given_type is None
        and not isinstance(args[0], (ConstraintModel, ServerDefault, SequenceModel))
    ):
        given_type = args.pop(0)
    if isinstance(name, Choice):
        return Choice(
            tuple(
                _column(run, dialect, Arguments([each, given_type, *args], a.kwargs, a.more))
                for each in name.values
            )
        )
    rendered = (
        SqlType(None, reason="it has no type") if given_type is None else sql_type(run, dialect, given_type)
    )
    primary = run.truth(a.kwargs.get("primary_key", False)) is True
    nullable = run.truth(a.kwargs["nullable"]) if "nullable" in a.kwargs else not primary
    default: str | None = None
    generated: Literal["serial", "identity", "stored", "virtual"] | None = None
    if a.kwargs.get("server_default") is not None:
        default = default_text(run, dialect, a.kwargs["server_default"])
    constraints: list[Constraint] = []
    for item in (*args, a.kwargs.get("server_default"), a.kwargs.get("default")):
        if isinstance(item, ServerDefault):
            default = item.text
            generated = item.generated
    column_name = name if isinstance(name, str) else HOLE if isinstance(name, Unknown) else ""
    for item in args:
        if isinstance(item, ConstraintModel):
            constraints.append(replace(item.constraint, columns=item.constraint.columns or (column_name,)))
    if rendered.check:
        constraints.append(Constraint("check", rendered.enum_name, columns=(column_name,)))
    if primary:
        constraints.append(Constraint("primary_key", columns=(column_name,)))
    auto_increment = _auto_increment(dialect, rendered, constraints, a) if default is None else None
    if primary and auto_increment is not None and dialect == "postgresql":
        generated = generated or "serial"
    index: bool | Literal["spatial"] = run.truth(a.kwargs.get("index", False)) is not False
    if rendered.spatial:
        index = "spatial"
    if run.truth(a.kwargs.get("unique", False)) is not False:
        constraints.append(Constraint("unique", columns=(column_name,)))
    if rendered.enum_name is not None and rendered.text is None:
        rendered = replace(rendered, text=rendered.enum_name)
    return ColumnModel(
        Column(
            column_name,
            rendered.text,
            nullable is not False,
            default,
            generated,
            known_name(a.kwargs.get("comment")),
        ),
        tuple(constraints),
        index,
        rendered
        if rendered.enum_name is not None and rendered.native_enum and rendered.create_type
        else None,
        name.reason if isinstance(name, Unknown) else None,
        auto_increment=auto_increment,
    )


def _auto_increment(
    dialect: Dialect, type: SqlType, constraints: Iterable[Constraint], a: Arguments
) -> Literal["alone", "always"] | None:
    """When SQLAlchemy has the server number a column of the primary key: `_autoincrement_column` of it."""
    types = _NUMBERED if dialect in ("mysql", "mariadb") else _SERIAL if dialect == "postgresql" else ()
    asked = a.kwargs.get("autoincrement", "auto")
    if (type.text or "").upper().removesuffix(" UNSIGNED") not in types:
        return None
    if asked is True:
        return "always"
    keyed = any(each.kind == "foreign_key" for each in constraints)
    return "alone" if asked == "auto" and not keyed else None


def _foreign_key(run: Interpreter, dialect: Dialect, a: Arguments) -> Value:
    target = a.get(0, "column")
    table: str | None = None
    schema: str | None = None
    columns: tuple[str, ...] = ()
    if isinstance(target, str):
        *path, last = target.split(".")
        columns = (last,)
        table = path[-1] if path else None
        schema = ".".join(path[:-1]) or None
    elif isinstance(target, ColumnModel):
        columns = (target.column.name,)
    return ConstraintModel(
        Constraint(
            "foreign_key",
            known_name(a.kwargs.get("name")),
            (),
            table,
            schema,
            columns,
            known_name(a.kwargs.get("ondelete")),
            known_name(a.kwargs.get("onupdate")),
            not_valid=run.truth(a.kwargs.get("postgresql_not_valid", False)) is True,
        )
    )


def column_names(run: Interpreter, value: Value) -> tuple[str, ...]:
    """The names of columns that are given as a list of names or of columns."""
    return tuple(name for name in map(column_name_of, run.items(value).every()) if name is not None)


def column_name_of(value: Value) -> str | None:
    """The name of one column, given as a name, a column or an expression."""
    if isinstance(value, str):
        return value
    if isinstance(value, ColumnModel):
        return value.column.name
    if isinstance(value, (SqlText, SqlFunction)):
        return known_name(value.text)
    return None


def _foreign_key_constraint(run: Interpreter, dialect: Dialect, a: Arguments) -> Value:
    local = column_names(run, a.get(0, "columns", List()))
    remote = column_names(run, a.get(1, "refcolumns", List()))
    table = remote[0].split(".")[-2] if remote and remote[0].count(".") else None
    schema = ".".join(remote[0].split(".")[:-2]) or None if remote else None
    return ConstraintModel(
        Constraint(
            "foreign_key",
            known_name(a.kwargs.get("name")),
            local,
            table,
            schema,
            tuple(each.rpartition(".")[2] for each in remote),
            known_name(a.kwargs.get("ondelete")),
            known_name(a.kwargs.get("onupdate")),
        )
    )


def _key(kind: Literal["primary_key", "unique"]) -> Model:
    def model(run: Interpreter, dialect: Dialect, a: Arguments) -> Value:
        return ConstraintModel(
            Constraint(kind, known_name(a.kwargs.get("name")), column_names(run, List(a.args)))
        )

    return model


def _check(run: Interpreter, dialect: Dialect, a: Arguments) -> Value:
    expression = expression_text(run, dialect, a.get(0, "sqltext"))
    return ConstraintModel(Constraint("check", known_name(a.kwargs.get("name")), expression=expression))


def _exclude(run: Interpreter, dialect: Dialect, a: Arguments) -> Value:
    return ConstraintModel(Constraint("exclude", known_name(a.kwargs.get("name"))))


def index_columns(run: Interpreter, value: Value) -> tuple[tuple[str, ...], bool]:
    """The entries of an index, and whether one of them is an expression."""
    items = run.items(value)
    expressions = not items.exact
    names = []
    for item in items.every():
        name = column_name_of(item)
        expressions = expressions or not isinstance(item, (str, ColumnModel))
        names.append(name if name is not None else "?")
    return tuple(names), expressions


def index_of(
    run: Interpreter, dialect: Dialect, name: Value, columns: Value, kwargs: dict[str, Value]
) -> Index:
    """An index from its name, its columns and Alembic's or SQLAlchemy's keywords."""
    entries, expressions = index_columns(run, columns)
    where = kwargs.get(f"{dialect}_where", kwargs.get("postgresql_where"))
    using = kwargs.get(f"{dialect}_using", kwargs.get("postgresql_using"))
    return Index(
        known_name(name),
        entries,
        expressions,
        run.truth(kwargs.get("unique", False)) is True,
        None if where is None else expression_text(run, dialect, where) or "?",
        known_name(using) or _prefix(dialect, kwargs),
        column_names(run, kwargs["postgresql_include"]) if "postgresql_include" in kwargs else (),
        run.truth(kwargs.get("postgresql_concurrently", False)) is True,
        run.truth(kwargs.get("postgresql_nulls_not_distinct", False)) is True,
    )


def _prefix(dialect: Dialect, kwargs: dict[str, Value]) -> str | None:
    """MySQL: what CREATE INDEX begins with besides: `fulltext` or `spatial`."""
    prefix = known_name(kwargs.get(f"{dialect}_prefix", kwargs.get("mysql_prefix")))
    return None if prefix is None or dialect not in ("mysql", "mariadb") else prefix.lower()


def _index(run: Interpreter, dialect: Dialect, a: Arguments) -> Value:
    table = next(
        (each.table for each in a.args if isinstance(each, ColumnModel) and hasattr(each, "table")), None
    )
    return IndexModel(index_of(run, dialect, a.get(0, "name"), List(a.args[1:]), a.kwargs), table)


# Tables


def _table(run: Interpreter, dialect: Dialect, a: Arguments) -> Value:
    metadata = a.get(1, "metadata")
    schema = a.kwargs.get("schema")
    if schema is None and isinstance(metadata, MetaDataModel):
        schema = metadata.schema
    reflected = "autoload_with" in a.kwargs or run.truth(a.kwargs.get("autoload", False)) is not False
    made = TableModel(
        a.get(0, "name"), schema, _open_list(a.args[2:]) if a.more else List(a.args[2:]), None, reflected
    )
    if isinstance(metadata, MetaDataModel):
        made.metadata = metadata
        extend(run, metadata.tables, Items((made,)))
    return made


def _light_table(run: Interpreter, dialect: Dialect, a: Arguments) -> Value:
    return TableModel(a.get(0, "name"), a.kwargs.get("schema"), List(a.args[1:]))


def _light_column(run: Interpreter, dialect: Dialect, a: Arguments) -> Value:
    name = a.get(0, "text")
    return ColumnModel(Column(name)) if isinstance(name, str) else Data()


def _metadata(run: Interpreter, dialect: Dialect, a: Arguments) -> Value:
    # One that a module makes gets tables from whatever else declares them there: modules are walked lazily.
    return MetaDataModel(_open_list() if run.recorder.calm else List(), a.kwargs.get("schema"))


def _open_list(
    items: Iterable[Value] = (), reason: str = "what else a MetaData or table holds is not known"
) -> List:
    """A list that may hold more than what was seen."""
    return List(items, rest=Unknown(reason))


def mapped_table(run: Interpreter, of: Class) -> TableModel | None:
    """The table of a class that is mapped by SQLAlchemy's ORM, or None."""
    name = lookup(of, "__tablename__", run.resolve)
    if isinstance(name, Function):
        name = run.call(name, Arguments([of], {}))
    if name is None:
        return None
    items = List()
    for attribute, value in of.names.plain().items():
        if isinstance(value, ColumnModel):
            column = value.column if value.column.name else replace(value.column, name=attribute)
            made = ColumnModel(column, value.constraints, value.index, value.enum)
            made.auto_increment = value.auto_increment
            items.append(made)
        elif isinstance(value, (Data, Unknown)) and not attribute.startswith("_"):
            items.rest = Unknown("which columns a mapped class has is not known")
    if any(_brings_columns(run, run.resolve(base)) for base in of.bases):
        items.rest = Unknown("which columns a mapped class has is not known")
    schema: Value = None
    rest = lookup(of, "__table_args__", run.resolve)
    for each in run.items(rest).every() if isinstance(rest, (tuple, List)) else (rest,):
        if isinstance(each, Dict):
            schema = inside(each.get("schema", schema))
        elif isinstance(each, (ConstraintModel, IndexModel)):
            items.append(each)
    return TableModel(name, schema, items)


def _brings_columns(run: Interpreter, base: Value, depth: int = 8) -> bool:
    """Whether a class that a mapped class derives from may add columns to its table."""
    if isinstance(base, Dotted):
        return base.path.partition(".")[0] not in ("sqlalchemy", "builtins", "object", "abc", "typing")
    if not isinstance(base, Class) or depth == 0:
        return True
    return any(
        isinstance(value, (ColumnModel, Data, Unknown, Function, Bound)) and not name.startswith("_")
        for name, value in base.names.plain().items()
    ) or any(_brings_columns(run, run.resolve(each), depth - 1) for each in base.bases)


def tables_of(of: MetaDataModel) -> Dict:
    """`MetaData.tables`: the known ones by name; where there may be more, any of them."""
    known = {
        (f"{t.schema}.{t.name}" if whole(t.schema) else t.name): t
        for t in of.tables.every()
        if isinstance(t, TableModel) and whole(t.name)
    }
    if not (of.reflected or of.tables.open or len(known) < len(of.tables)):
        return Dict(known)

    def made(key: Value) -> Value:
        schema, _, name = key.rpartition(".") if whole(key) else ("", "", key)
        return TableModel(name, schema or of.schema, _open_list(), of, reflected=True)

    return Open(known, made)


def declared(run: Interpreter, of: MetaDataModel, value: Value) -> None:
    """Add the table of a class to the MetaData that it is mapped under."""
    if isinstance(value, Class) and lookup(value, "metadata", run.resolve) is of:
        table = mapped_table(run, value)
        known = table is None or any(
            run.equal(table.name, each.name) is not False
            for each in of.tables.every()
            if isinstance(each, TableModel)
        )
        if table is not None and not known:
            table.metadata = of
            extend(run, of.tables, Items((table,)))


def table_name(value: Value) -> str | None:
    """The full name of a table as opaque operations list it, with holes; None where it is no table."""
    if isinstance(value, TableModel):
        name = name_of(value.name)
        schema = name_of(value.schema)
        return None if name is None else f"{schema}.{name}" if schema else name
    return None


def statement(run: Interpreter, dialect: Dialect, values: Iterable[Value]) -> Data:
    """A data statement over whatever tables the values name. Text in it is run with it."""
    tables: list[str] = []
    for value in values:
        value = run.resolve(value)
        if isinstance(value, Class):
            value = mapped_table(run, value) or value
        name = table_name(value)
        if name is not None:
            tables.append(name)
        elif isinstance(value, Data):
            tables += value.tables
        elif isinstance(value, SqlText) and whole(value.text) and "(" in value.text:
            _run_text(run, dialect, value.text)
    return Data(tuple(dict.fromkeys(tables)), statement=True)


def _run_text(run: Interpreter, dialect: Dialect, text: str) -> None:
    """Emit what a part of a query does besides giving values: the functions that it calls."""
    from migration_lint.reading.sql import read_sql

    for operation in read_sql(f"SELECT {text}", dialect, run.sql_session).operations:
        if operation.kind != "dml" or operation.calls:
            run.recorder.emit(operation)


def _statement(name: str) -> Model:
    def make(run: Interpreter, dialect: Dialect, a: Arguments) -> Value:
        alone = len(a.args) == 1 and not a.kwargs and not a.more  # once a WHERE could be given here
        return as_statement(name, statement(run, dialect, a.values()).tables, every_row=alone)

    return make


def as_statement(name: str, tables: tuple[str, ...], *, every_row: bool) -> Data:
    """The data statement that Core's function or method of that name makes."""
    action = name if name in ("insert", "update", "delete", "select") else None
    return Data(tables, True, action, every_row and name in ("update", "delete"))


def create_table_operations(
    run: Interpreter,
    dialect: Dialect,
    name: str,
    schema: str | None,
    items: Iterable[Value],
    *,
    incomplete: bool = False,
    if_exists: bool = False,
    temporary: bool = False,
) -> list[Operation]:
    """The operations of a CREATE TABLE: its enumerations, itself, and the indexes of its columns."""
    columns: list[Column] = []
    constraints: list[Constraint] = []
    before: list[Operation] = []
    after: list[Operation] = []
    numbered: dict[str, str] = {}
    for slot in items:
        item = inside(slot)
        incomplete = incomplete or item is not slot
        for each in alternatives(item):
            if isinstance(each, ColumnModel):
                if HOLE in each.column.name or not each.column.name:
                    incomplete = True
                    continue
                if isinstance(item, Choice):
                    incomplete = True
                columns.append(each.column)
                if each.auto_increment is not None:
                    numbered[each.column.name] = each.auto_increment
                constraints += each.constraints
                before += enum_operations(each, dialect)
                after += column_indexes(each, name, schema)
            elif isinstance(each, ConstraintModel):
                constraints.append(each.constraint)
            elif isinstance(each, IndexModel):
                after.append(
                    Operation(
                        kind="create_index", table=name, schema=schema, index=each.index, name=each.index.name
                    )
                )
            elif isinstance(each, (Unknown, Data, Dotted, Method)):
                incomplete = True
    keys = {
        column
        for constraint in constraints
        if constraint.kind == "primary_key"
        for column in constraint.columns
    }
    constraints = _one_key(constraints)
    columns = [replace(c, nullable=False) if c.name in keys else c for c in columns]
    columns = [_numbered(c, keys, numbered.get(c.name)) for c in columns]
    made = Operation(
        kind="create_table",
        table=name,
        schema=schema,
        columns=tuple(columns),
        constraints=tuple(constraints),
        incomplete=incomplete,
        if_exists=if_exists,
        temporary=temporary,
    )
    return [*before, made, *after]


def _one_key(constraints: list[Constraint]) -> list[Constraint]:
    """With the one primary key that SQLAlchemy makes of all `primary_key=True`, unless it is written out."""
    keys = [each for each in constraints if each.kind == "primary_key"]
    if len(keys) < 2:
        return constraints
    columns = tuple(dict.fromkeys(column for each in keys for column in each.columns))
    written = [each for each in keys if each.name is not None or len(each.columns) > 1]
    one = written[0] if len(written) == 1 else replace(keys[0], columns=columns)
    one = one if one.columns else replace(one, columns=columns)
    return [*(each for each in constraints if each.kind != "primary_key"), one]


def _numbered(column: Column, keys: set[str], auto_increment: str | None) -> Column:
    """A column of a new table, numbered by the server or not: alone in the primary key it is by itself."""
    if column.name in keys and (auto_increment == "always" or (auto_increment and len(keys) == 1)):
        return replace(column, generated=column.generated or "serial")
    return replace(column, generated=None) if column.generated == "serial" else column


def enum_operations(column: ColumnModel, dialect: Dialect) -> list[Operation]:
    """The CREATE TYPE that SQLAlchemy issues before a table with a column of an enumeration."""
    enum = column.enum
    if not isinstance(enum, SqlType) or dialect != "postgresql" or enum.enum_name is None:
        return []
    return [
        Operation(
            kind="create_enum",
            name=enum.enum_name,
            schema=enum.enum_schema,
            values=enum.enum_values,
            if_exists=True,
        )
    ]


def column_indexes(column: ColumnModel, table: str, schema: str | None) -> list[Operation]:
    """The CREATE INDEX of a column with `index=True`; with `unique=True` the index is the unique one.

    That of a spatial column is GeoAlchemy2's.
    """
    if not column.index:
        return []
    if column.index == "spatial":
        index = Index(f"idx_{table}_{column.column.name}", (column.column.name,), using="gist")
        return [Operation(kind="create_index", table=table, schema=schema, name=index.name, index=index)]
    unique = any(constraint.kind == "unique" for constraint in column.constraints)
    # `column_0_label` of SQLAlchemy's default naming convention: the schema is part of it.
    label = f"{schema}_{table}" if schema else table
    index = Index(f"ix_{label}_{column.column.name}", (column.column.name,), unique=unique)
    return [Operation(kind="create_index", table=table, schema=schema, name=index.name, index=index)]


# DDL elements


def _element(kind: str) -> Model:
    def model(run: Interpreter, dialect: Dialect, a: Arguments) -> Value:
        operations = element_operations(run, dialect, kind, a.get(0, "element"), a)
        return (
            Unknown(f"what `{kind}` is given could not be worked out", reach=True)
            if operations is None
            else Element(tuple(operations))
        )

    return model


def element_operations(
    run: Interpreter, dialect: Dialect, kind: str, value: Value, a: Arguments
) -> list[Operation] | None:
    """The operations of `CreateTable(t)`, `DropTable(t)` and their kin; None where they are not known."""
    value = run.resolve(value)
    if isinstance(value, Class):
        value = mapped_table(run, value)
    guarded = any(
        run.truth(a.kwargs.get(name, False)) is not False for name in ("if_exists", "if_not_exists")
    )
    if kind in ("CreateTable", "DropTable") and isinstance(value, TableModel):
        name, schema = known_name(value.name), known_name(value.schema)
        if name is None or (value.schema is not None and schema is None):
            return None
        if kind == "DropTable":
            return [Operation(kind="drop_table", table=name, schema=schema, if_exists=guarded)]
        return create_table_operations(
            run, dialect, name, schema, value.items.every(),
            incomplete=not value.items.exact or value.reflected, if_exists=guarded,
        )  # fmt: skip
    if kind in ("CreateIndex", "DropIndex") and isinstance(value, IndexModel):
        table = value.table
        where = (None, None) if table is None else (known_name(table.name), known_name(table.schema))
        return [
            Operation(
                kind="create_index" if kind == "CreateIndex" else "drop_index",
                table=where[0],
                schema=where[1],
                name=value.index.name,
                index=value.index if kind == "CreateIndex" else None,
                if_exists=guarded,
            )
        ]
    if kind in ("AddConstraint", "DropConstraint") and isinstance(value, ConstraintModel):
        table = value.table
        if table is None or known_name(table.name) is None:
            return None
        return [
            Operation(
                kind="add_constraint" if kind == "AddConstraint" else "drop_constraint",
                table=known_name(table.name),
                schema=known_name(table.schema),
                name=value.constraint.name,
                constraints=(value.constraint,),
                cascade=run.truth(a.kwargs.get("cascade", False)) is True,
            )
        ]
    if kind in ("CreateSequence", "DropSequence", "CreateSchema", "SetTableComment", "DropTableComment"):
        return [Operation(kind="other_ddl", action=_words(kind))]
    if kind == "DropSchema" and whole(value):
        cascade = run.truth(a.kwargs.get("cascade", False)) is not False
        return [Operation(kind="drop_schema", name=value, cascade=cascade, if_exists=guarded)]
    return None


def _words(name: str) -> str:
    return "".join(f" {c.lower()}" if c.isupper() else c for c in name).strip()


def _function(run: Interpreter, dialect: Dialect, name: str, a: Arguments) -> Value:
    """`sa.func.name(…)`. Whatever it becomes a part of, a query most often, runs it."""
    from migration_lint.reading.sql.fragments import may_change

    if may_change(name, dialect):
        _run_text(run, dialect, f"{name}()")
    if name.lower() in (
        "now",
        "current_timestamp",
        "current_date",
        "current_time",
        "localtimestamp",
        "localtime",
    ):
        return SqlFunction(render_default("function", name.lower(), dialect))
    texts = [
        expression_text(run, dialect, each) or (str(each) if isinstance(each, (int, float)) else None)
        for each in a.args
    ]
    if all(text is not None for text in texts):
        return SqlFunction(f"{name}({', '.join(text for text in texts if text is not None)})")
    return Data(statement=True)


def _computed(run: Interpreter, dialect: Dialect, a: Arguments) -> Value:
    persisted = run.truth(a.kwargs.get("persisted")) if a.kwargs.get("persisted") is not None else None
    stored = persisted is True or (persisted is None and dialect == "postgresql")
    return ServerDefault(
        "stored" if stored else "virtual", expression_text(run, dialect, a.get(0, "sqltext"))
    )


def _text(run: Interpreter, dialect: Dialect, a: Arguments) -> Value:
    value = a.get(0, "text", a.kwargs.get("statement"))
    if isinstance(value, Choice):
        return Choice(tuple(SqlText(each) for each in value.values))
    return SqlText(value)


def _ddl(run: Interpreter, dialect: Dialect, a: Arguments) -> Value:
    value, context = a.get(0, "statement"), a.get(1, "context")
    if isinstance(value, str) and "%" in value:
        # `DDL` fills `%(name)s` from its context, and `%(table)s` from what it is attached to.
        value = run.binary(
            ast.Mod(),
            value,
            context
            if isinstance(context, Dict)
            else Dict(rest=Unknown("what DDL is filled with is not known")),
        )
    return SqlText(value)


_STATEMENTS = (
    "select",
    "insert",
    "update",
    "delete",
    "union",
    "union_all",
    "exists",
    "values",
    "with_loader_criteria",
)

MODELS: dict[str, Model] = {
    "Column": _column, "mapped_column": _column, "Field": _column, "ForeignKey": _foreign_key,
    "ForeignKeyConstraint": _foreign_key_constraint, "PrimaryKeyConstraint": _key("primary_key"),
    "UniqueConstraint": _key("unique"), "CheckConstraint": _check, "ExcludeConstraint": _exclude,
    "Index": _index, "Table": _table, "table": _light_table, "TableClause": _light_table,
    "column": _light_column,
    "MetaData": _metadata, "text": _text, "DDL": _ddl, "literal_column": _text,
    "Identity": lambda run, dialect, a: ServerDefault("identity"), "Computed": _computed,
    "FetchedValue": lambda run, dialect, a: ServerDefault("virtual"),
    "DefaultClause": lambda run, dialect, a: a.get(0, "arg"),
    "Sequence": lambda run, dialect, a: SequenceModel(a.get(0, "name"), a.kwargs.get("schema")),
    "true": lambda run, dialect, a: SqlText(render_default("boolean", True, dialect)),
    "false": lambda run, dialect, a: SqlText(render_default("boolean", False, dialect)),
    "null": lambda run, dialect, a: SqlText("NULL"),
    "quoted_name": lambda run, dialect, a: a.get(0, "value"),
    "inspect": lambda run, dialect, a: Data(), "declarative_base": lambda run, dialect, a: _base(run),
    "automap_base": lambda run, dialect, a: Unknown("a reflected mapping is not known"),
    "create_engine": lambda run, dialect, a: Connection(),
    "Session": lambda run, dialect, a: Connection(session=True),
    "sessionmaker": lambda run, dialect, a: Bound(Dotted("sqlalchemy.orm.Session")),
    "create_session": lambda run, dialect, a: Connection(session=True),
    "scoped_session": lambda run, dialect, a: Connection(session=True),
    "AsyncSession": lambda run, dialect, a: Connection(session=True),
    "async_sessionmaker": lambda run, dialect, a: Bound(Dotted("sqlalchemy.orm.Session")),
    "SQLAlchemy": lambda run, dialect, a: Dotted("sqlalchemy"),
    **{name: _statement(name) for name in _STATEMENTS},
    **{name: _element(name) for name in (
        "CreateTable", "DropTable", "CreateIndex", "DropIndex", "AddConstraint", "DropConstraint",
        "CreateSequence", "DropSequence", "CreateSchema", "DropSchema",
        "SetTableComment", "DropTableComment")},
}  # fmt: skip


def _base(run: Interpreter) -> Value:
    return Class("Base", (), {"metadata": MetaDataModel(_open_list())}, run.script.frame)


def call(run: Interpreter, dialect: Dialect, path: str, a: Arguments) -> Value:
    """Call something of SQLAlchemy, or of a package that lays its names open (sqlmodel, flask_sqlalchemy)."""
    parts = path.split(".")
    name = parts[-1]
    if "func" in parts[:-1]:
        return _function(run, dialect, ".".join(parts[parts.index("func") + 1 :]), a)
    model = MODELS.get(name)
    if model is not None:
        return model(run, dialect, a)
    if is_type(path):
        return call_type(run, dialect, path, a)
    if name == "AsAutoString":
        return SqlType("VARCHAR")
    return statement(run, dialect, a.values())


def table_method(run: Interpreter, dialect: Dialect, of: TableModel, name: str, a: Arguments) -> Value:
    """Call a method of a table."""
    if name in ("create", "drop"):
        checked = run.truth(a.get(1, "checkfirst", False)) is not False
        kind = "CreateTable" if name == "create" else "DropTable"
        operations = element_operations(run, dialect, kind, of, Arguments([], {"if_exists": checked}))
        if operations is None and name == "create" and isinstance(of.name, Unknown):
            # A table that is there already stays as it is, whichever it is.
            operations = [Operation(kind="other_ddl", action="create table")]
        if operations is None:
            named = table_name(of)
            run.recorder.opaque(
                "the name of a table could not be worked out",
                (named,) if named is not None else ("*",),
            )
        for operation in operations or ():
            run.recorder.emit(operation)
        return None
    if name in ("append_column", "append_constraint"):
        extend(run, of.items, Items((a.get(0, "column"),)))
        return None
    if name in ("insert", "update", "delete", "select", "join", "outerjoin", "alias"):
        alone = not a.args and not a.kwargs and not a.more
        return as_statement(name, statement(run, dialect, (of, *a.values())).tables, every_row=alone)
    if name == "to_metadata" or name == "tometadata":
        return of
    return Data()


def table_attribute(run: Interpreter, of: TableModel, name: str) -> Value:
    """An attribute of a table."""
    if name in ("c", "columns"):
        known = {c.column.name: c for c in of.items.every() if isinstance(c, ColumnModel)}
        return Dict(known, rest=Data())
    if name in ("name", "schema"):
        return of.name if name == "name" else of.schema
    if name == "metadata":
        return of.metadata or MetaDataModel(reflected=True)
    if name in ("indexes", "constraints"):
        kind = IndexModel if name == "indexes" else ConstraintModel
        found = [item for item in of.items.every() if isinstance(item, kind)]
        for item in found:
            item.table = of
        return _open_list(found) if of.reflected or of.items.open else List(found)
    return Method(of, name)


def metadata_method(run: Interpreter, dialect: Dialect, of: MetaDataModel, name: str, a: Arguments) -> Value:
    """Call a method of a MetaData."""
    if name == "reflect":
        with run.store.change(of):
            of.reflected = True
        return None
    if name in ("create_all", "drop_all"):
        chosen = a.get(1, "tables")
        known = chosen is not None and not run.items(chosen).open
        for table in run.items(chosen).every() if known else of.tables.every():
            each = run.resolve(table)
            model = mapped_table(run, each) if isinstance(each, Class) else each
            if isinstance(model, TableModel):
                table_method(
                    run, dialect, model, name.removesuffix("_all"), Arguments([], {"checkfirst": True})
                )
        if (of.reflected or of.tables.open) and not known and name == "drop_all":
            run.recorder.opaque("which tables a MetaData drops is not known")
        return None
    return Unknown("what a MetaData gives is not known")


def type_method(run: Interpreter, dialect: Dialect, of: SqlType, name: str, a: Arguments) -> Value:
    """Call a method of a type: `Enum.create(bind)`, `with_variant`."""
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
        return None
    if name == "with_variant":
        names = [each for each in a.args[1:] if whole(each)] + [
            v for v in (a.kwargs.get("dialect_name"),) if whole(v)
        ]
        return with_variant(of, sql_type(run, dialect, a.get(0, "type_")), names, dialect)
    if name in ("copy", "as_generic", "adapt", "dialect_impl", "evaluates_none"):
        return of
    return Data()
