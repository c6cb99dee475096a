"""Alembic's directives as operations: what `op.…` and `batch_op.…` do to the schema.

Names that could not be worked out make an operation opaque where it could drop, rename or retype
something; where it can only add (a column, an index), it becomes `other_ddl`, which troubles nobody.
"""

from __future__ import annotations

from collections.abc import Callable

from migration_lint.data_class import replace
from migration_lint.operations import ANY_TABLE, Dialect, Operation
from migration_lint.reading.models import column_directives, constraint_directives, pasted, table_directives
from migration_lint.reading.models.alembic_api import BATCH_OPERATIONS, OP_CLASSES, bind, bind_class
from migration_lint.reading.models.answering import ANSWERS
from migration_lint.reading.models.directive_call import DirectiveCall
from migration_lint.reading.models.expressions import table_name
from migration_lint.reading.models.schema import attach
from migration_lint.reading.models.statements import statement
from migration_lint.reading.python.interpreter import Interpreter
from migration_lint.reading.python.recorder import Condition
from migration_lint.reading.python.running import Arguments
from migration_lint.reading.python.values import (
    Batch,
    BoundFunction,
    Choice,
    Dict,
    Element,
    Function,
    Instance,
    List,
    MigrationContext,
    SqlText,
    TableModel,
    Unknown,
    Value,
    alternatives,
    reaches,
)

#: The parameters that hold names, and so decide what an operation touches.
_NAMES = (
    "table_name", "column_name", "schema", "new_column_name", "old_table_name", "new_table_name",
    "index_name", "constraint_name", "source_table", "referent_table", "source_schema", "referent_schema",
    "column", "type_",
)  # fmt: skip


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
    answer = ANSWERS.get(directive)
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
    for parameter in _NAMES if any(isinstance(value, Choice) for value in args.values()) else ():
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
            handler(DirectiveCall(run, dialect, given, rest, extra, batch is not None, issued))
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
            made = run.recorder.emit(
                replace(
                    operation,
                    batch=True,
                    reflected=batch.reflected,
                    action="recreate" if batch.always and operation.action is None else operation.action,
                )
            )
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


def _bulk_insert(call: DirectiveCall) -> None:
    name = table_name(call.args.get("table"))
    rows = statement(call.run, call.dialect, (call.args.get("rows"),))
    tables = () if name is None else (name,)
    call.emit(Operation(kind="dml", action="insert", tables=tables, values=rows.texts))


def _execute(call: DirectiveCall) -> None:
    from migration_lint.reading.models.database import execute

    given = call.args.get("sqltext")
    execute(call.run, call.dialect, given, call.batch)
    options = call.args.get("execution_options")
    named = options is None or (isinstance(options, Dict) and options.exact)
    translates = not named or (isinstance(options, Dict) and "schema_translate_map" in options)
    if translates and not all(isinstance(each, (str, SqlText)) for each in alternatives(given)):
        call.opaque("`execution_options` may put other schemas for those that it names", (ANY_TABLE,))


#: The function that carries out each directive.
_HANDLERS: dict[str, Callable[[DirectiveCall], None]] = {
    **table_directives.HANDLERS,
    **column_directives.HANDLERS,
    **constraint_directives.HANDLERS,
    "bulk_insert": _bulk_insert,
    "execute": _execute,
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
        if isinstance(each, (Function, BoundFunction)):
            run.call(each, Arguments([], dict(told)))
        elif reaches(each):
            run.recorder.opaque("what `on_version_apply` calls could not be worked out")
