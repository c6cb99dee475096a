"""Alembic's directives as operations: what `op.…` and `batch_op.…` do to the schema.

Names that could not be worked out make an operation opaque where it could drop, rename or retype
something; where it can only add (a column, an index), it becomes `other_ddl`, which troubles nobody.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Literal

from migration_lint.operations import (
    ANY_TABLE,
    HOLE,
    NUMBERED,
    Constraint,
    ConstraintKind,
    Dialect,
    Operation,
)
from migration_lint.reading.models import pasted
from migration_lint.reading.models.alembic_api import BATCH_OPERATIONS, OP_CLASSES, bind, bind_class
from migration_lint.reading.models.alembic_batch import opened
from migration_lint.reading.models.column_types import sql_type
from migration_lint.reading.models.creating import column_indexes, create_table_operations
from migration_lint.reading.models.expressions import (
    column_names,
    default_text,
    expression_text,
    known_name,
    name_of,
    table_name,
)
from migration_lint.reading.models.kept import kept
from migration_lint.reading.models.naming import conventional
from migration_lint.reading.models.restating import restated
from migration_lint.reading.models.schema import attach, index_of, type_check
from migration_lint.reading.models.sqlalchemy_types import SqlType, render_default
from migration_lint.reading.models.statements import statement
from migration_lint.reading.python.interpreter import Interpreter
from migration_lint.reading.python.recorder import Condition
from migration_lint.reading.python.running import Arguments
from migration_lint.reading.python.values import (
    Batch,
    Bound,
    Choice,
    ColumnModel,
    Connection,
    Dict,
    Dotted,
    Element,
    Function,
    Instance,
    List,
    MigrationContext,
    ServerDefault,
    SqlText,
    TableModel,
    Unknown,
    Value,
    alternatives,
    reaches,
    whole,
)

#: The parameters that hold names, and so decide what an operation touches.
_NAMES = (
    "table_name", "column_name", "schema", "new_column_name", "old_table_name", "new_table_name",
    "index_name", "constraint_name", "source_table", "referent_table", "source_schema", "referent_schema",
    "column", "type_",
)  # fmt: skip


class Call:
    """One call of a directive with its arguments by name."""

    __slots__ = ("args", "batch", "dialect", "emit", "extra", "rest", "run")

    def __init__(
        self,
        run: Interpreter,
        dialect: Dialect,
        args: dict[str, Value],
        rest: tuple[Value, ...],
        extra: dict[str, Value],
        batch: bool,
        emit: Callable[[Operation], None],
    ) -> None:
        self.run = run
        self.dialect: Dialect = dialect
        self.args = args
        self.rest = rest
        self.extra = extra
        self.batch = batch
        self.emit = emit

    def name(self, parameter: str) -> str | None:
        """A name that may hold holes; None where it is absent."""
        return name_of(self.args.get(parameter, self.extra.get(parameter)))

    def flag(self, parameter: str) -> bool:
        """Whether a boolean argument is true, or may be."""
        value = self.args.get(parameter, self.extra.get(parameter, False))
        return value is not None and self.run.truth(value) is not False

    def sure(self, parameter: str) -> bool:
        """Whether a boolean argument is certainly true."""
        return self.run.truth(self.extra.get(parameter, False)) is True

    def kept(self) -> tuple[str, ...]:
        """What the call says of a constraint besides what an operation has fields for."""
        named: dict[str, Value] = {
            name: self.args[name] for name in ("initially", "match") if name in self.args
        }
        return kept(self.run, {**named, **self.extra})

    def reason(self, parameter: str) -> str:
        """Why a name is not known."""
        value = self.args.get(parameter, self.extra.get(parameter))
        why = value.reason if isinstance(value, Unknown) else self.run.hole_reason
        return f"`{parameter}`: {why}"

    def target(self, table: str = "table_name", schema: str = "schema") -> tuple[str, str | None, bool]:
        """The table, its schema, and whether both are known."""
        name, where = self.name(table), self.name(schema)
        if where is None:
            where = self.run.sql_session.schema  # what raw SQL set counts for the names of directives too
        return name or HOLE, where, bool(name) and HOLE not in (name or HOLE) and HOLE not in (where or "")

    def touched(self, table: str, schema: str | None) -> tuple[str, ...]:
        """What an opaque operation lists for a table."""
        return (ANY_TABLE,) if not table.strip(HOLE) else (f"{schema}.{table}" if schema else table,)

    def opaque(self, reason: str, tables: tuple[str, ...]) -> None:
        """Say that what the call does could not be worked out."""
        self.emit(Operation(kind="opaque", reason=reason, tables=tables))

    def harmless(self, action: str, reason: str, tables: tuple[str, ...]) -> None:
        """Emit an addition to a table, or under a name, that could not be worked out."""
        self.emit(Operation(kind="other_ddl", action=action, reason=reason, tables=tables))


def issue(
    run: Interpreter, dialect: Dialect, directive: str, arguments: Arguments, batch: Batch | None
) -> Value:
    """Carry out one directive; what it returns to the script."""
    if batch is not None and directive not in BATCH_OPERATIONS:
        run.recorder.opaque(f"a batch has no `{directive}`")
        return Unknown("a batch has no such method")
    bound = bind(directive, arguments.args, arguments.kwargs, batch is not None)
    args = dict(bound.arguments)
    if batch is not None:
        args.setdefault("table_name", batch.table)
        args.setdefault("schema", batch.schema)
        args.setdefault("source_table", batch.table)
        args.setdefault("source_schema", batch.schema)
    answer = _ANSWERS.get(directive)
    if answer is not None:
        return answer(run, dialect, args, tuple(bound.rest), dict(bound.extra))
    if arguments.more:
        for parameter in ("table_name", "column_name", "old_table_name", "new_table_name", "source_table"):
            args.setdefault(parameter, Unknown("it is spread from a value that is not known"))
    perform(run, dialect, directive, args, tuple(bound.rest), dict(bound.extra), batch)
    return _made_table(run, args, bound.rest) if directive == "create_table" else None


def perform(
    run: Interpreter,
    dialect: Dialect,
    directive: str,
    args: dict[str, Value],
    rest: tuple[Value, ...],
    extra: dict[str, Value],
    batch: Batch | None = None,
    emit: Callable[[Operation], None] | None = None,
) -> None:
    """Emit the operations of a directive, once for every value that its names may have."""
    handler = _HANDLERS[directive]
    rows: list[dict[str, Value]] = [args]
    for parameter in _NAMES:
        value = args.get(parameter)
        if isinstance(value, Choice):
            rows = [{**row, parameter: each} for row in rows for each in value.values]
            if len(rows) > 64:
                rows = [{**args, parameter: Unknown("it can have more values than are followed")}]
                break
    for number, row in enumerate(rows):
        condition = None
        if len(rows) > 1:
            line = getattr(run.recorder.place, "lineno", 0)
            condition = Condition(f"{line}:choice{number}", "which of several values a name has is not known")
            run.recorder.conditions.append(condition)
        try:
            given = {name: _plain_name(value) for name, value in row.items()}
            if extra.get("quote") is False or extra.get("quote_schema") is False:
                given, extra = _unquoted(run, dialect, directive, given, extra)
            issued = emit or _emitter(run, batch)
            handler(Call(run, dialect, given, rest, extra, batch is not None, issued))
            for why in dict.fromkeys(pasted.directed(dialect, directive, {**extra, **given}, rest).why):
                issued(pasted.opaque(why))
            if directive not in ("execute", "drop_column", "drop_table", "rename_table"):
                for operation in pasted.escaping(run, dialect, (*given.values(), *rest, *extra.values())):
                    issued(operation)
        finally:
            if condition is not None:
                run.recorder.conditions.pop()


def _unquoted(
    run: Interpreter, dialect: Dialect, directive: str, args: dict[str, Value], extra: dict[str, Value]
) -> tuple[dict[str, Value], dict[str, Value]]:
    """The arguments with names as the server has them that are written without quotes: `quote=False`."""
    named = "index_name" if directive.endswith("_index") else "table_name"
    if extra.get("quote") is False and named in args:
        args = {**args, named: pasted.unquoted(run, dialect, args[named])}
    if extra.get("quote_schema") is False:
        args, extra = (
            {**given, "schema": pasted.unquoted(run, dialect, given["schema"])}
            if "schema" in given
            else given
            for given in (args, extra)
        )
    return args, extra


def _emitter(run: Interpreter, batch: Batch | None) -> Callable[[Operation], None]:
    def emit(operation: Operation) -> None:
        if batch is None:
            run.recorder.emit(operation)
        else:
            made = run.recorder.emit(replace(operation, batch=True))
            if made is not None:
                batch.waiting.append(made)

    return emit


def _plain_name(value: Value) -> Value:
    """A member of an enumeration that is a str stands for its value."""
    if isinstance(value, Instance) and isinstance(value.names.get("value"), str):
        return value.names["value"]
    return value


def _made_table(run: Interpreter, args: dict[str, Value], rest: tuple[Value, ...]) -> Value:
    made = TableModel(args.get("table_name"), args.get("schema"), List(rest))
    attach(run, made)
    return made


# Tables


def _create_table(call: Call) -> None:
    table, _, known = call.target()
    schema = name_of(call.extra.get("schema", call.args.get("schema")))
    items = list(call.rest)
    flat: list[Value] = []
    more = False
    for item in items:
        if isinstance(item, List):
            flat += item.every()
            more = more or not item.exact
        else:
            flat.append(item)
    if not known or HOLE in (schema or ""):
        call.harmless("create table", call.reason("table_name"), call.touched(table, schema))
        return
    for operation in create_table_operations(
        call.run,
        call.dialect,
        table,
        schema,
        flat,
        incomplete=more,
        if_exists=call.flag("if_not_exists"),
        options=call.extra,
    ):
        if operation.kind == "create_enum":
            # SQLAlchemy issues it once while a script runs (`ENUM._check_for_name_in_memos`).
            if (operation.schema, operation.name) in call.run.recorder.types:
                continue
            if not call.run.recorder.conditions:
                call.run.recorder.types.add((operation.schema, operation.name))
            # Unlike `MetaData.create_all`, the directive does not look first whether it is there.
            operation = replace(operation, if_exists=False)
        made = [conventional(call.run, each, table, schema) for each in operation.constraints]
        call.emit(replace(operation, constraints=tuple(made)))


def _drop_table(call: Call) -> None:
    table, schema, known = call.target()
    if not known:
        call.opaque(f"a table is dropped, and {call.reason('table_name')}", call.touched(table, schema))
        return
    call.emit(Operation(kind="drop_table", table=table, schema=schema, if_exists=call.flag("if_exists")))


def _rename_table(call: Call) -> None:
    table, schema, known = call.target("old_table_name")
    new_name = call.name("new_table_name") or HOLE
    if not known or HOLE in new_name:
        parameter = "old_table_name" if not known else "new_table_name"
        call.opaque(f"a table is renamed, and {call.reason(parameter)}", call.touched(table, schema))
        return
    call.emit(Operation(kind="rename_table", table=table, schema=schema, new_name=new_name))


def _table_comment(call: Call) -> None:
    table, schema, known = call.target()
    if known:
        call.emit(Operation(kind="set_comment", table=table, schema=schema))
    else:
        call.emit(Operation(kind="other_ddl", action="comment on", tables=call.touched(table, schema)))


# Columns


def _add_column(call: Call) -> None:
    table, schema, known = call.target()
    column = call.args.get("column")
    if not known or not isinstance(column, ColumnModel) or HOLE in column.column.name:
        parameter = "column" if known else "table_name"
        call.harmless("add column", call.reason(parameter), call.touched(table, schema))
        return
    # An enumeration gets no CREATE TYPE here: of Alembic's operations only `create_table` issues one.
    call.emit(
        Operation(
            kind="add_column",
            table=table,
            schema=schema,
            column=column.column.name,
            columns=(column.column,),
            constraints=tuple(
                [
                    conventional(call.run, each, table, schema)
                    for each in column.constraints
                    if _is_added(call, each)
                ]
            ),
            if_exists=call.flag("if_not_exists"),
            inline=call.flag("inline_references"),
        )
    )
    for operation in column_indexes(call.dialect, column, table, schema):
        call.emit(operation)


def _is_added(call: Call, constraint: Constraint) -> bool:
    """Whether Alembic makes a constraint of a column that it adds."""
    if constraint.kind == "primary_key":
        # A table that SQLite makes anew has it; where it is altered, the column only gets NOT NULL.
        anew = call.batch and call.dialect == "sqlite"
        return anew or (call.flag("inline_primary_key") and call.dialect not in ("mssql", "oracle"))
    return True


def _column_target(call: Call, what: str) -> tuple[str, str | None, str] | None:
    table, schema, known = call.target()
    column = call.name("column_name") or HOLE
    given = call.args.get("column_name")
    if isinstance(given, ColumnModel):
        column = given.column.name
    if not known or HOLE in column:
        parameter = "column_name" if known else "table_name"
        call.opaque(f"{what}, and {call.reason(parameter)}", call.touched(table, schema))
        return None
    return table, schema, column


def _drop_column(call: Call) -> None:
    target = _column_target(call, "a column is dropped")
    if target is None:
        return
    table, schema, column = target
    call.emit(
        Operation(
            kind="drop_column",
            table=table,
            schema=schema,
            column=column,
            if_exists=call.flag("if_exists"),
            cascade=call.flag("cascade"),
        )  # fmt: skip
    )


def _alter_column(call: Call) -> None:
    args = call.args
    target = _alter_target(call)
    if target is None:
        return
    table, schema, column = target
    existing = args.get("existing_type")
    existing_type = None if existing is None else sql_type(call.run, call.dialect, existing).text
    existing_nullable = args.get("existing_nullable")
    nullable_now = existing_nullable if isinstance(existing_nullable, bool) else None
    common = Operation(
        kind="set_nullable", table=table, schema=schema, column=column,
        existing_type=existing_type, existing_nullable=nullable_now,
    )  # fmt: skip
    stated, said = restated(call, column, existing_type)
    emit = call.emit
    if stated is not None:

        def emit(operation: Operation) -> None:
            nonlocal stated
            call.emit(operation if stated is None else replace(operation, stated=stated, said=said))
            stated = None

    if call.dialect == "postgresql":  # its implementation puts the type before all else
        _retype(call, common, emit)
    if args.get("nullable") is not None:
        emit(replace(common, nullable=call.run.truth(args["nullable"])))
    default = args.get("server_default", False)
    if default is not False:
        emit(_filled(call, common, default))
    if call.dialect != "postgresql":
        _retype(call, common, emit)
    if args.get("comment", False) is not False:
        emit(replace(common, kind="set_comment"))
    new_name = args.get("new_column_name")
    if new_name is None:
        return
    name = name_of(new_name) or HOLE
    if HOLE in name:
        call.opaque(
            f"column {column} is renamed, and {call.reason('new_column_name')}", call.touched(table, schema)
        )
    elif name != column:
        emit(replace(common, kind="rename_column", new_name=name))


def _retype(call: Call, common: Operation, emit: Callable[[Operation], None]) -> None:
    """The new type of a column; the CHECK that goes with the old one, and the one that comes with the new."""
    args, table, schema, column = call.args, common.table or "", common.schema, common.column or ""
    if args.get("type_") is None:
        return
    existing = args.get("existing_type")
    made = sql_type(call.run, call.dialect, args["type_"])
    given = None if existing is None else sql_type(call.run, call.dialect, existing)
    if given is not None and given.check and call.dialect not in ("mysql", "mariadb"):
        call.emit(_of_type_check(call, "drop_constraint", given, table, schema, column))
    using = expression_text(call.run, call.dialect, call.extra.get("postgresql_using"))
    reason = None if made.text is not None else made.reason or "the new type could not be worked out"
    emit(replace(common, kind="alter_type", type=made.text, using=using, reason=reason))
    if made.check and (call.batch or call.dialect != "sqlite"):  # SQLite adds none to a table
        call.emit(_of_type_check(call, "add_constraint", made, table, schema, column))


def _of_type_check(
    call: Call,
    kind: Literal["add_constraint", "drop_constraint"],
    of: SqlType,
    table: str,
    schema: str | None,
    column: str,
) -> Operation:
    """The CHECK of a column's type, which Alembic drops with the old type and adds with the new one."""
    constraint = type_check(of, column, call.dialect)
    return Operation(kind=kind, table=table, schema=schema, name=constraint.name, constraints=(constraint,))


def _alter_target(call: Call) -> tuple[str, str | None, str] | None:
    """As `_column_target`; a column that is not known matters only where it is retyped or renamed."""
    breaking = call.args.get("type_") is not None or call.args.get("new_column_name") is not None
    if breaking:
        return _column_target(call, "a column is altered")
    table, schema, known = call.target()
    column = call.name("column_name") or HOLE
    if known and HOLE not in column:
        return table, schema, column
    parameter = "column_name" if known else "table_name"
    call.harmless("alter column", call.reason(parameter), call.touched(table, schema))
    return None


def _filled(call: Call, common: Operation, default: Value) -> Operation:
    """What `server_default` makes of a column: of an identity, Alembic adds, changes or drops it."""
    existing = call.args.get("existing_server_default")
    for each in (default, existing if default is None else default):
        if isinstance(each, ServerDefault) and each.generated in NUMBERED:
            return replace(
                common, kind="set_generated", generated=None if default is None else each.generated
            )
    text = None if default is None else _server_default(call, default)
    return replace(common, kind="set_default", default=text)


def _server_default(call: Call, value: Value) -> str:
    if isinstance(value, ServerDefault):
        return value.text or "?"
    return default_text(call.run, call.dialect, value)


# Indexes and constraints


def _create_index(call: Call) -> None:
    table, schema, known = call.target()
    if not known:
        call.harmless("create index", call.reason("table_name"), call.touched(table, schema))
        return
    keywords = {**call.extra, **({"unique": call.args["unique"]} if "unique" in call.args else {})}
    index = index_of(
        call.run, call.dialect, call.args.get("index_name"), call.args.get("columns", List()), keywords
    )
    call.emit(
        Operation(
            kind="create_index",
            table=table,
            schema=schema,
            name=index.name,
            index=index,
            if_exists=call.flag("if_not_exists"),
        )  # fmt: skip
    )


def _drop_index(call: Call) -> None:
    name = call.name("index_name")
    table, schema = call.name("table_name"), call.name("schema")
    if name is None or HOLE in name or HOLE in (table or "") or HOLE in (schema or ""):
        call.harmless("drop index", call.reason("index_name"), call.touched(table or HOLE, schema))
        return
    concurrently = call.sure("postgresql_concurrently")
    call.emit(
        Operation(
            kind="drop_index",
            table=table,
            schema=schema,
            name=name,
            if_exists=call.flag("if_exists"),
            action="concurrently" if concurrently else None,
        )  # fmt: skip
    )


def _add_constraint(
    call: Call, constraint: Constraint, table: str = "table_name", schema: str = "schema"
) -> None:
    name, where, known = call.target(table, schema)
    if not known:
        call.harmless("add constraint", call.reason(table), call.touched(name, where))
        return
    made = conventional(call.run, constraint, name, where)
    call.emit(Operation(kind="add_constraint", table=name, schema=where, name=made.name, constraints=(made,)))


def _constraint_name(call: Call) -> str | None:
    return known_name(call.args.get("constraint_name"))


def _create_primary_key(call: Call) -> None:
    columns = column_names(call.run, call.args.get("columns", List()))
    made = Constraint("primary_key", _constraint_name(call), columns, deferrable=call.sure("deferrable"))
    _add_constraint(call, replace(made, kept=call.kept()))


def _create_unique_constraint(call: Call) -> None:
    columns = column_names(call.run, call.args.get("columns", List()))
    made = Constraint("unique", _constraint_name(call), columns, deferrable=call.sure("deferrable"))
    _add_constraint(call, replace(made, kept=call.kept()))


def _create_check_constraint(call: Call) -> None:
    condition = call.args.get("condition")
    expression = expression_text(call.run, call.dialect, condition)
    _add_constraint(
        call,
        Constraint(
            "check",
            _constraint_name(call),
            expression=expression,
            not_valid=call.sure("postgresql_not_valid"),
            deferrable=call.sure("deferrable"),
            kept=call.kept(),
        ),
    )


def _create_exclude_constraint(call: Call) -> None:
    deferrable = call.sure("deferrable")
    _add_constraint(call, Constraint("exclude", _constraint_name(call), deferrable=deferrable))


def _create_foreign_key(call: Call) -> None:
    args = call.args
    _add_constraint(
        call,
        Constraint(
            "foreign_key",
            _constraint_name(call),
            column_names(call.run, args.get("local_cols", List())),
            known_name(args.get("referent_table")),
            known_name(args.get("referent_schema")),
            column_names(call.run, args.get("remote_cols", List())),
            known_name(args.get("ondelete")),
            known_name(args.get("onupdate")),
            not_valid=call.sure("postgresql_not_valid"),
            deferrable=call.run.truth(args.get("deferrable", False)) is True,
            kept=call.kept(),
        ),
        "source_table",
        "source_schema",
    )


_CONSTRAINT_KINDS: dict[str, ConstraintKind] = {
    "primary": "primary_key",
    "foreignkey": "foreign_key",
    "unique": "unique",
    "check": "check",
}


def _drop_constraint(call: Call) -> None:
    table, schema, known = call.target()
    if not known:
        call.harmless("drop constraint", call.reason("table_name"), call.touched(table, schema))
        return
    kind = _CONSTRAINT_KINDS.get(str(call.args.get("type_")), "unknown")
    name = _constraint_name(call)
    call.emit(
        Operation(
            kind="drop_constraint",
            table=table,
            schema=schema,
            name=name,
            if_exists=call.flag("if_exists"),
            constraints=(Constraint(kind, name),),
        )  # fmt: skip
    )


def _bulk_insert(call: Call) -> None:
    name = table_name(call.args.get("table"))
    rows = statement(call.run, call.dialect, (call.args.get("rows"),))
    tables = () if name is None else (name,)
    call.emit(Operation(kind="dml", action="insert", tables=tables, values=rows.texts))


def _execute(call: Call) -> None:
    from migration_lint.reading.models.database import execute

    given = call.args.get("sqltext")
    execute(call.run, call.dialect, given, call.batch)
    options = call.args.get("execution_options")
    named = options is None or (isinstance(options, Dict) and options.exact)
    translates = not named or (isinstance(options, Dict) and "schema_translate_map" in options)
    if translates and not all(isinstance(each, (str, SqlText)) for each in alternatives(given)):
        call.opaque("`execution_options` may put other schemas for those that it names", (ANY_TABLE,))


_HANDLERS: dict[str, Callable[[Call], None]] = {
    "create_table": _create_table, "drop_table": _drop_table, "rename_table": _rename_table,
    "create_table_comment": _table_comment, "drop_table_comment": _table_comment,
    "add_column": _add_column, "drop_column": _drop_column, "alter_column": _alter_column,
    "create_index": _create_index, "drop_index": _drop_index, "create_primary_key": _create_primary_key,
    "create_unique_constraint": _create_unique_constraint,
    "create_check_constraint": _create_check_constraint,
    "create_exclude_constraint": _create_exclude_constraint, "create_foreign_key": _create_foreign_key,
    "drop_constraint": _drop_constraint, "bulk_insert": _bulk_insert, "execute": _execute,
}  # fmt: skip


# Directives that answer the script instead of changing the schema


def _batch(
    run: Interpreter,
    dialect: Dialect,
    args: dict[str, Value],
    rest: tuple[Value, ...],
    extra: dict[str, Value],
) -> Value:
    return opened(run, dialect, args)


def _inline_literal(
    run: Interpreter,
    dialect: Dialect,
    args: dict[str, Value],
    rest: tuple[Value, ...],
    extra: dict[str, Value],
) -> Value:
    """A literal; the text of one that is no text's, such as a number's, is pasted as it is."""
    value, given = args.get("value"), args.get("type_")
    if whole(value) and (given is None or _is_text(sql_type(run, dialect, given).text)):
        return SqlText(render_default("literal", value, dialect))
    return SqlText(str(value) if isinstance(value, (int, float)) else value)


def _is_text(type: str | None) -> bool:
    return type is not None and ("CHAR" in type.upper() or "TEXT" in type.upper())


def _run_async(
    run: Interpreter,
    dialect: Dialect,
    args: dict[str, Value],
    rest: tuple[Value, ...],
    extra: dict[str, Value],
) -> Value:
    return run.call(args.get("async_function"), Arguments([Connection(), *rest], extra))


def _invoke(
    run: Interpreter,
    dialect: Dialect,
    args: dict[str, Value],
    rest: tuple[Value, ...],
    extra: dict[str, Value],
) -> Value:
    for each in alternatives(args.get("operation")):
        if isinstance(each, Element):
            for operation in each.operations:
                run.recorder.emit(operation)
        elif (carry_out := run.library.implementation(run, each)) is not None:
            run.call(carry_out, Arguments([Dotted("alembic.op"), each], {}))
        else:
            run.recorder.opaque("what `op.invoke` is given could not be worked out")
    return Unknown("what `op.invoke` gives is not known")


_Answer = Callable[[Interpreter, Dialect, dict[str, Value], tuple[Value, ...], dict[str, Value]], Value]
_ANSWERS: dict[str, _Answer] = {
    "get_bind": lambda run, dialect, args, rest, extra: Connection(),
    "get_context": lambda run, dialect, args, rest, extra: MigrationContext(),
    "f": lambda run, dialect, args, rest, extra: args.get("name"),
    "inline_literal": _inline_literal,
    "batch_alter_table": _batch,
    "run_async": _run_async,
    "invoke": _invoke,
}


#: Methods of `op.get_context().impl` that only tell or compare something, or write to the output.
_HARMLESS_OF_IMPL = frozenset(
    """
    adjust_reflected_dialect_options autogen_column_reflect cast_for_batch_migrate compare_check_constraint
    compare_indexes compare_server_default compare_type compare_unique_constraint
    correct_for_autogen_constraints correct_for_autogen_foreignkeys create_column_comment
    create_table_comment drop_table_comment emit_begin get_by_dialect prep_table_for_batch
    render_ddl_sql_expr render_type requires_recreate_in_batch start_migrations version_table_impl
    """.split()
)


def implementation(run: Interpreter, dialect: Dialect, method: str, a: Arguments) -> None:
    """A method of `op.get_context().impl`, which takes SQLAlchemy's objects where `op` takes names."""
    first = run.resolve(a.args[0]) if a.args else None
    if method in ("execute", "static_output", "_exec"):
        from migration_lint.reading.models.database import execute

        execute(run, dialect, a.get(0, "sql", a.kwargs.get("text")))
        return
    if method in (
        "drop_table",
        "create_table",
        "create_index",
        "drop_index",
        "add_constraint",
        "drop_constraint",
    ):
        from migration_lint.reading.models.elements import element_operations

        kind = "".join(part.title() for part in method.split("_"))
        found = element_operations(run, dialect, kind, first, Arguments([], {}))
        if found is None:
            run.recorder.opaque(f"what `impl.{method}` is given could not be worked out")
        for operation in found or ():
            run.recorder.emit(operation)
        return
    renamed = {"name": "new_column_name"} if method == "alter_column" else {}
    kwargs = {renamed.get(name, name): value for name, value in a.kwargs.items()}
    if method in ("drop_column", "add_column", "alter_column", "rename_table", "bulk_insert"):
        bound = bind(method, a.args, kwargs, False)
        # `add_column` is one statement: the indexes of the column are made by the directive.
        alone = _without_indexes(run) if method == "add_column" else None
        perform(
            run, dialect, method, dict(bound.arguments), tuple(bound.rest), dict(bound.extra), None, alone
        )
    elif method == "emit_commit":
        run.sql_session = run.sql_session.committed()
    elif method not in _HARMLESS_OF_IMPL:
        run.recorder.opaque(f"`impl.{method}` is not known")


def _without_indexes(run: Interpreter) -> Callable[[Operation], None]:
    def emit(operation: Operation) -> None:
        if operation.kind != "create_index":
            run.recorder.emit(operation)

    return emit


def operation_element(run: Interpreter, dialect: Dialect, name: str, a: Arguments) -> Value:
    """`ops.DropColumnOp(…)`: the operations that invoking it will perform."""
    if name not in OP_CLASSES:
        return Unknown(f"what `{name}` does is not known", reach=True)
    directive = OP_CLASSES[name]
    if not directive:
        inner: list[Operation] = []
        for value in a.values():
            for item in run.items(value).every() if isinstance(value, (List, tuple)) else (value,):
                if isinstance(item, Element):
                    inner += item.operations
                elif reaches(item):
                    return Unknown(f"what `{name}` holds is not known", reach=True)
        return Element(tuple(inner))
    bound = bind_class(name, a.args, a.kwargs)
    args = dict(bound.arguments)
    args.setdefault("source_table", args.get("table_name"))
    args.setdefault("source_schema", args.get("schema"))
    found: list[Operation] = []
    rest = tuple(bound.rest)
    if directive == "create_table" and "columns" in args:
        rest = tuple(run.items(args["columns"]).every())
    if directive == "execute":
        from migration_lint.reading.models.database import operations_of

        return Element(tuple(operations_of(run, dialect, args.get("sqltext"))))
    perform(run, dialect, directive, args, rest, dict(bound.extra), None, found.append)
    return Element(tuple(found))


def configured(run: Interpreter, a: Arguments) -> None:
    """`context.configure(…)`: a function that it is given is called when a migration has run."""
    given = a.kwargs.get("on_version_apply")
    heads = Unknown("which revisions a database has is not known")
    told = {"ctx": MigrationContext(), "step": heads, "heads": heads, "run_args": heads}
    for each in given if isinstance(given, (tuple, List)) else [given]:
        if isinstance(each, (Function, Bound)):
            run.call(each, Arguments([], dict(told)))
        elif reaches(each):
            run.recorder.opaque("what `on_version_apply` calls could not be worked out")
