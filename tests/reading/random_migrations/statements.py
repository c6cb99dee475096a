"""Operations as expressions that carry them out when they are evaluated, and as blocks of a batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from migration_lint.operations import Operation
from tests.reading.random_migrations import calls, sql
from tests.reading.random_migrations.plan import FIELDS
from tests.reading.random_migrations.texts import spelled
from tests.reading.random_migrations.writer import Writer

_BATCHED = (
    "drop_column", "add_column", "rename_column", "alter_type", "set_nullable", "set_default",
    "add_constraint", "drop_constraint", "create_index",
)  # fmt: skip


def expression(w: Writer, operation: Operation) -> str:
    """An expression that carries out one operation, whose names are spelled anew."""
    if calls.has_method(operation) and w.chance(50):
        if w.chance(12):
            found = _invoked(w, operation)
            if found is not None:
                return found
        if w.chance(20) and operation.kind == "drop_table":
            return _table_object(w, operation)
        values = calls.values_of(w, operation, FIELDS[operation.kind])
        return calls.written(w, calls.call(w, operation, values), calls.receiver(w))
    if operation.kind in ("create_enum", "drop_enum") and w.chance(40):
        return _enum_object(w, operation)
    return raw(w, [operation])


def raw(w: Writer, operations: Sequence[Operation]) -> str:
    """An expression that carries out operations by SQL that is known where it stands."""
    if len(operations) == 1 and w.chance(25):
        (operation,) = operations
        template = sql.template(w, operations)
        w.statements[sql.filled(template, operation)] = (operation,)
        fields = {part.field for part in template if isinstance(part, sql.Field)}
        values = {field: spelled(w, sql.value_of(operation, field)) for field in fields}
        return executed(w, put_together(w, template, values))
    text, done = sql.inline(w, operations)
    w.statements[text] = done
    return executed(w, spelled(w, text))


def parametrised(w: Writer, operations: Sequence[Operation], names: dict[str, str], *, as_sql: bool) -> str:
    """An expression for any of a group's operations, which takes its fields from variables."""
    if not as_sql:
        return calls.written(w, calls.call(w, operations[0], names), calls.receiver(w))
    template = sql.template(w, operations)
    for operation in operations:
        w.statements[sql.filled(template, operation)] = (operation,)
    return executed(w, put_together(w, template, names))


def put_together(w: Writer, template: sql.Template, values: dict[str, str]) -> str:
    """A statement in pieces as an expression: the names are put into the text."""
    parts = [part if isinstance(part, str) else values[part.field] for part in template]
    is_text = [isinstance(part, str) for part in template]
    pairs = list(zip(parts, is_text, strict=True))
    form = w.random.randrange(7)
    plain = "".join(part for part, text in pairs if text)
    if form == 0 and all(part.isidentifier() for part, text in pairs if not text) and "\\" not in repr(plain):
        text = "".join(_braced(part) if text else "{" + part + "}" for part, text in pairs)
        return "f" + repr(text)
    if form == 1:
        text = "".join(_braced(part) if text else "{}" for part, text in pairs)
        return f"{text!r}.format({', '.join(part for part, text in pairs if not text)})"
    if form == 2:
        text = "".join(part.replace("%", "%%") if text else "%s" for part, text in pairs)
        values_of = ", ".join(part for part, text in pairs if not text)
        return f"({text!r} % ({values_of},))" if values_of else f"({text!r} % ())"
    if form == 3:
        return "''.join([" + ", ".join(repr(part) if text else part for part, text in pairs) + "])"
    if form == 4:
        text = "".join(part if text else f"@{number}@" for number, (part, text) in enumerate(pairs))
        made = repr(text)
        for number, (part, is_literal) in enumerate(pairs):
            if not is_literal:
                made += f".replace('@{number}@', {part})"
        return made
    if form == 5:
        text = "".join(
            _braced(part) if text else f"{{p{number}}}" for number, (part, text) in enumerate(pairs)
        )
        named = ", ".join(f"p{number}={part}" for number, (part, text) in enumerate(pairs) if not text)
        return f"{text!r}.format({named})"
    return "(" + " + ".join(repr(part) if text else part for part, text in pairs) + ")"


def _braced(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def executed(w: Writer, text: str) -> str:
    """An expression that sends a text to the database."""
    form = w.random.randrange(16)
    if form == 0:
        return f"op.execute(sa.text({text}))"
    if form == 1:
        return f"op.get_bind().execute(sa.text({text}))"
    if form == 2:
        name = w.fresh("connection")
        w.emit(f"{name} = op.get_bind()")
        return f"{name}.execute(sa.text({text}))"
    if form == 3:
        return f"op.get_bind().exec_driver_sql({text})"
    if form == 4:
        w.use("from alembic.operations import ops")
        return f"op.invoke(ops.ExecuteSQLOp({text}))"
    if form == 5:
        w.use("from sqlalchemy import text as sql")
        return f"op.execute(sql({text}))"
    if form == 6:
        w.use("from sqlalchemy.orm import Session")
        return f"Session(bind=op.get_bind()).execute(sa.text({text}))"
    if form == 7:
        return f"op.get_context().bind.execute(sa.text({text}))"
    if form == 8:
        name = w.fresh("run")
        w.emit(f"{name} = op.execute")
        return f"{name}({text})"
    if form == 9:
        return f"op.execute(sqltext={text})"
    if form == 10:
        return f"op.execute(sa.DDL(({text}).replace('%', '%%')))"
    if form == 11:
        return f"op.get_bind().connection.cursor().execute({text})"
    if form == 12:
        return f"[op.execute(each) for each in [{text}]]"
    return f"{calls.receiver(w)}.execute({text})"


def _invoked(w: Writer, operation: Operation) -> str | None:
    kind = operation.kind
    if kind not in ("drop_column", "drop_table", "rename_column", "rename_table", "alter_type"):
        return None
    values = calls.values_of(w, operation, FIELDS[kind])
    schema = "" if operation.schema is None else f", schema={spelled(w, operation.schema, 1)}"
    w.use("from alembic.operations import ops")
    made = {
        "drop_column": "ops.DropColumnOp({table}, {column}%s)",
        "drop_table": "ops.DropTableOp({table}%s)",
        "rename_table": "ops.RenameTableOp({table}, {new_name}%s)",
        "rename_column": "ops.AlterColumnOp({table}, {column}, modify_name={new_name}%s)",
        "alter_type": "ops.AlterColumnOp({table}, {column}, modify_type={type}%s)",
    }[kind] % schema.replace("{", "{{").replace("}", "}}")
    text = made.format(**values)
    if w.chance(30):
        name = w.fresh("operation")
        w.emit(f"{name} = {text}")
        text = name
    return f"op.invoke({text})"


def _table_object(w: Writer, operation: Operation) -> str:
    assert operation.table is not None
    schema = "" if operation.schema is None else f", schema={operation.schema!r}"
    name = spelled(w, operation.table)
    table = f"sa.Table({name}, sa.MetaData(), sa.Column('id', sa.Integer){schema})"
    form = w.random.randrange(5)
    if form == 0:
        w.unknown = True
        return f"{table}.drop(op.get_bind(), checkfirst=True)"
    if form == 1:
        return f"{table}.drop(op.get_bind(), checkfirst=False)"
    if form == 2:
        return f"op.execute(sa.schema.DropTable({table}))"
    if form == 3:
        metadata = w.fresh("metadata")
        w.emit(f"{metadata} = sa.MetaData()")
        w.emit(f"sa.Table({name}, {metadata}, sa.Column('id', sa.Integer){schema})")
        return f"{metadata}.drop_all(op.get_bind(), checkfirst=False)"
    made = w.fresh("table")
    w.emit(f"{made} = {table}")
    return f"{made}.drop(bind=op.get_bind(), checkfirst=False)"


def _enum_object(w: Writer, operation: Operation) -> str:
    assert operation.name is not None
    schema = "" if operation.schema is None else f", schema={operation.schema!r}"
    kind = w.pick(["sa.Enum", "postgresql.ENUM"])
    method = "create" if operation.kind == "create_enum" else "drop"
    made = f"{kind}('a', 'b', name={spelled(w, operation.name)}{schema})"
    return f"{made}.{method}(op.get_bind(), checkfirst=False)"


def batch(w: Writer, operations: Sequence[Operation]) -> None:
    """Operations on one table, within `batch_alter_table`."""
    first = operations[0]
    assert first.table is not None
    name = w.fresh("batch")
    schema = "" if first.schema is None else f", schema={spelled(w, first.schema, 1)}"
    more = w.pick(["", "", ", recreate='never'"])
    start = f"op.batch_alter_table({spelled(w, first.table)}{schema}{more})"
    form = w.random.randrange(4)
    if form == 0:
        w.use("import contextlib")
        manager = w.fresh("altering")
        w.emit("@contextlib.contextmanager")
        with w.block(f"def {manager}():"), w.block(f"with {start} as b:"):
            w.emit("yield b")
        start = f"{manager}()"
    with w.block(f"with {start} as {name}:"):
        for operation in operations:
            values = calls.values_of(
                w, operation, [each for each in FIELDS[operation.kind] if each != "table"]
            )
            w.emit(calls.written(w, calls.call(w, operation, values, batch=True), name))


def batched(operations: Sequence[Operation]) -> bool:
    """Whether a batch can hold all of them."""
    places = {(each.schema, each.table) for each in operations}
    return len(places) == 1 and all(each.kind in _BATCHED for each in operations)


def on_one_table(operations: Sequence[Operation]) -> list[Operation]:
    """The same operations, all on the first one's table."""
    return [replace(each, table=operations[0].table, schema=operations[0].schema) for each in operations]
