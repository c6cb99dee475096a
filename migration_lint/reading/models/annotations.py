"""`Mapped[…]`: what the annotations of a mapped class say of its columns."""

from __future__ import annotations

import ast

from migration_lint.data_class import replace
from migration_lint.reading.models.column_types import call_type, enum_members, sql_type
from migration_lint.reading.models.context import context
from migration_lint.reading.models.schema import automatic
from migration_lint.reading.models.sqlalchemy_types import SqlType
from migration_lint.reading.python.interpreter import Interpreter
from migration_lint.reading.python.running import Arguments
from migration_lint.reading.python.values import Class, ColumnModel, Dict, Dotted, Value, lookup

#: Types of Python → those of SQLAlchemy (`sqlalchemy.sql.sqltypes._type_map`).
_TYPES = {
    "builtins.int": "Integer", "builtins.str": "String", "builtins.bool": "Boolean",
    "builtins.float": "Float", "builtins.bytes": "LargeBinary", "decimal.Decimal": "Numeric",
    "datetime.datetime": "DateTime", "datetime.date": "Date", "datetime.time": "Time",
    "datetime.timedelta": "Interval", "uuid.UUID": "Uuid",
}  # fmt: skip


def mapped_annotations(of: Class) -> dict[str, ast.expr]:
    """By attribute, what stands in the brackets of its `Mapped[…]`."""
    found: dict[str, ast.expr] = {}
    for statement in [] if of.node is None else of.node.body:
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            annotation = _parsed(statement.annotation)
            if isinstance(annotation, ast.Subscript) and _last(annotation.value) == "Mapped":
                found[statement.target.id] = annotation.slice
    return found


def annotate(run: Interpreter, of: Class, column: ColumnModel, annotation: ast.expr) -> None:
    """Give a column the type and the nullability of its annotation, where it does not say them itself."""
    annotation = _parsed(annotation)
    inner, optional = _without_none(annotation)
    made = column.column
    if "nullable" not in column.said and "primary_key" not in column.said:
        made = replace(made, nullable=optional)
    keyed = any(each.kind == "foreign_key" for each in column.constraints)
    if "type" not in column.said and not keyed:  # a foreign key's column has the type of what it refers to
        type = _type(run, of, inner)
        made = replace(made, type=type.text if type.text is not None else type.enum_name)
        if type.enum_name is not None and type.native_enum and type.create_type:
            column.enum = type
        column.column = made
        automatic(context(run).dialect, column, type)
    else:
        column.column = made


def _type(run: Interpreter, of: Class, annotation: ast.expr) -> SqlType:
    value: Value = None
    if isinstance(annotation, (ast.Name, ast.Attribute)):
        value = run.resolve(run.evaluate(annotation, of.frame))
    own = lookup(of, "type_annotation_map", run.resolve)
    dialect = context(run).dialect
    if isinstance(own, Dict) and isinstance(value, Dotted) and value in own:
        return sql_type(run, dialect, own[value])
    if isinstance(value, Dotted) and value.path in _TYPES and (own is None or isinstance(own, Dict)):
        return call_type(run, dialect, f"sqlalchemy.{_TYPES[value.path]}", Arguments([], {}))
    if isinstance(value, Class) and enum_members(run, value):
        return call_type(run, dialect, "sqlalchemy.Enum", Arguments([value], {}))
    return SqlType(None, reason="the type that an annotation stands for is not known")


def _without_none(annotation: ast.expr) -> tuple[ast.expr, bool]:
    """The annotation of a value, and whether it may be None."""
    if isinstance(annotation, ast.Subscript) and _last(annotation.value) in ("Optional", "Union"):
        inner = annotation.slice
        parts = inner.elts if isinstance(inner, ast.Tuple) else [inner]
        optional = _last(annotation.value) == "Optional" or any(map(_is_none, parts))
        left = [each for each in parts if not _is_none(each)]
        return (_parsed(left[0]) if len(left) == 1 else annotation), optional
    if isinstance(annotation, ast.BinOp) and isinstance(annotation.op, ast.BitOr):
        for one, other in ((annotation.left, annotation.right), (annotation.right, annotation.left)):
            if _is_none(other):
                return _without_none(_parsed(one))[0], True
    return annotation, False


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _parsed(annotation: ast.expr) -> ast.expr:
    """An annotation that is written as a text, as an expression."""
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        try:
            return ast.parse(annotation.value, mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return annotation
    return annotation


def _last(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
