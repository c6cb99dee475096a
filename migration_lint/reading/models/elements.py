"""SQLAlchemy's DDL elements: `CreateTable(t)`, `DropIndex(i)` and their kin."""

from __future__ import annotations

from migration_lint.operations import Dialect, Operation
from migration_lint.reading.models import pasted, table
from migration_lint.reading.models.context import context
from migration_lint.reading.models.creating import create_table_operations
from migration_lint.reading.models.expressions import known_name
from migration_lint.reading.models.orm import mapped_table
from migration_lint.reading.models.strangers import call_unknown
from migration_lint.reading.models.table import SqlAlchemyModel as Model
from migration_lint.reading.python.interpreter import Interpreter
from migration_lint.reading.python.running import Arguments
from migration_lint.reading.python.values import (
    Class,
    ConstraintModel,
    Element,
    IndexModel,
    SequenceModel,
    TableModel,
    Unknown,
    Value,
    whole,
)


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
    found = _element_operations(run, dialect, kind, value, a)
    if found is not None and kind in ("CreateTable", "CreateIndex", "AddConstraint"):
        found += [pasted.opaque(why) for why in pasted.held(value)]
    return found


def _element_operations(
    run: Interpreter, dialect: Dialect, kind: str, value: Value, a: Arguments
) -> list[Operation] | None:
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


def emit_element(run: Interpreter, kind: str, of: Value) -> None:
    """Emit what a DDL element of that class does with an object, where it is known."""
    for operation in element_operations(run, context(run).dialect, kind, of, Arguments([], {})) or ():
        run.recorder.emit(operation)


@table.method(IndexModel)
def _method_of_index(run: Interpreter, of: IndexModel, name: str, a: Arguments) -> Value:
    if name not in ("create", "drop"):
        return call_unknown(run, Unknown("it could not be worked out"), a)
    emit_element(run, f"{name.title()}Index", of)
    return None


@table.method(SequenceModel)
def _method_of_sequence(run: Interpreter, of: SequenceModel, name: str, a: Arguments) -> Value:
    if name not in ("create", "drop"):
        return call_unknown(run, Unknown("it could not be worked out"), a)
    emit_element(run, f"{name.title()}Sequence", of)
    return None


@table.method(Element)
def _method_of_element(run: Interpreter, of: Element, name: str, a: Arguments) -> Value:
    return of if name == "execute_if" else call_unknown(run, Unknown("it could not be worked out"), a)


@table.altered(Element)
def _alter_element(of: Element, name: str, value: Value, perhaps: bool) -> bool:
    return False


table.SQLALCHEMY.update({name: _element(name) for name in (
    "CreateTable", "DropTable", "CreateIndex", "DropIndex", "AddConstraint", "DropConstraint",
    "CreateSequence", "DropSequence", "CreateSchema", "DropSchema", "SetTableComment", "DropTableComment",
)})  # fmt: skip
