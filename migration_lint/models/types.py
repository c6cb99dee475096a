"""The SQL of the types and defaults that models give their columns, by dialect."""

from __future__ import annotations

import ast

from migration_lint.operations import Dialect
from migration_lint.reading.models.sqlalchemy_types import (
    EnumClass,
    SqlType,
    is_type,
    render,
    render_default,
    with_variant,
)
from migration_lint.sources.sqlalchemy.entities import is_enum
from migration_lint.sources.sqlalchemy.keys import referred
from migration_lint.sources.sqlalchemy.mapping import ModelColumn
from migration_lint.sources.sqlalchemy.models import Models
from migration_lint.sources.sqlalchemy.naming import library_name, made_name, method_name
from migration_lint.sources.sqlalchemy.terms import (
    Class,
    External,
    Function,
    Known,
    Listed,
    Made,
    Part,
    Term,
    options,
    text_of,
)

_UNKNOWN = SqlType(None, reason="it could not be worked out")
_DEEPEST = 5
#: Stands for an argument that is not known.
_SOMETHING = object()


class Types:
    """Renders what the models of one project say."""

    def __init__(self, models: Models, dialect: Dialect) -> None:
        self._models = models
        self._dialect = dialect
        self._tables = {table.written: table for table in models.all_tables()}

    def of(self, column: ModelColumn, depth: int = 0) -> SqlType:
        """The type of a column; one that only refers to another column has that one's."""
        if column.type is not None:
            return self._type(column.type)
        for each in column.references:
            found = referred(self._models, self._tables, each.argument(0, "column"))
            if found is not None and depth < _DEEPEST:
                return self.of(found[1], depth + 1)
        return _UNKNOWN

    def _type(self, term: Term) -> SqlType:
        found = [self._one(each) for each in options(term)]
        return found[0] if len({each.text for each in found}) == 1 else _UNKNOWN

    def _one(self, term: Term) -> SqlType:
        match term:
            case External(name=name):
                return self._rendered(name, (), {})
            case Class():
                return self._own(term)
            case Made(callee=Class() as own):
                return self._own(own, term)
            case Made(callee=External(name=name)):
                return self._rendered(
                    name, term.args, {key: value for key, value in term.keywords if key is not None}
                )
            case Made(callee=Part(of=of, name="with_variant")) if term.args:
                names = [text for each in term.args[1:] if (text := text_of(each)) is not None]
                return with_variant(self._type(of), self._type(term.args[0]), names, self._dialect)
            case Made() if method_name(term) == "as_mutable" and term.args:
                return self._type(term.args[0])
            case _:
                return _UNKNOWN

    def _rendered(self, name: str, args: tuple[Term, ...], keywords: dict[str, Term]) -> SqlType:
        if name.startswith("sqlmodel") and name.endswith("AutoString"):
            name = "sqlalchemy.String"
        if name.startswith("sqlmodel.") or name.startswith("flask_sqlalchemy."):
            name = f"sqlalchemy.{name.rpartition('.')[2]}"
        if not is_type(name):
            return _UNKNOWN
        given = {key: self._argument(value) for key, value in keywords.items()}
        enum = next((each for each in args if isinstance(each, Class) and is_enum(self._models, each)), None)
        if "values_callable" in keywords and enum is not None:
            given["values_callable"] = self._members(enum, by_value=True)
        return render(name, [self._argument(each) for each in args], given, self._dialect)

    def _argument(self, term: Term) -> object:
        match term:
            case Known(value=value):
                return value
            case Class() if is_enum(self._models, term):
                return EnumClass(term.node.name, tuple(self._members(term, by_value=False)))
            case Listed() if term.kind != "each":
                return tuple(self._argument(each) for each in term.items)
            case External() | Made() | Class():
                made = self._one(term)
                return made if made.text is not None else _SOMETHING
            case _:
                return _SOMETHING

    def _members(self, of: Class, *, by_value: bool) -> list[str]:
        found: list[str] = []
        for name, statement in self._models.machine.classes.members(of).items():
            if isinstance(statement, ast.Assign) and not name.startswith("_"):
                value = statement.value.value if isinstance(statement.value, ast.Constant) else None
                found.append(str(value) if by_value else name)
        return found

    def _own(self, of: Class, made: Made | None = None) -> SqlType:
        """A TypeDecorator: what its `impl` is, unless it chooses by dialect."""
        classes = self._models.machine.classes
        if any(classes.member(of, each) for each in ("load_dialect_impl", "get_col_spec", "__init__")):
            return _UNKNOWN
        stated = classes.member(of, "impl")
        if (
            stated is not None
            and isinstance(stated[1], (ast.Assign, ast.AnnAssign))
            and stated[1].value is not None
        ):
            impl = self._models.machine.evaluate(
                stated[1].value, self._models.machine.module_frame(stated[0].path)
            )
            if made is not None and made.args and not isinstance(impl, Made):
                return self._type(Made(impl, made.args, made.keywords, made.place))
            return self._type(impl)
        bases = [each for each in classes.ancestors(of) if isinstance(each, External) and is_type(each.name)]
        if bases and library_name(bases[0]) != "TypeDecorator":
            args = made.args if made is not None else ()
            return self._rendered(bases[0].name, args, dict(made.keywords) if made is not None else {})  # type: ignore[arg-type]
        return _UNKNOWN

    def default(self, column: ModelColumn) -> str | None:
        """A server default as SQL; None where it could not be worked out."""
        term = column.server_default
        text = text_of(term)
        if text is not None:
            return render_default("literal", text, self._dialect)
        if not isinstance(term, Made):
            return None
        name = made_name(term)
        if name in ("text", "literal_column") and term.args and (sql := text_of(term.args[0])) is not None:
            return render_default("text", sql, self._dialect)
        if name in ("true", "false"):
            return render_default("boolean", name == "true", self._dialect)
        if name == "null":
            return render_default("null", None, self._dialect)
        if name and isinstance(term.callee, External) and ".func." in term.callee.name and not term.args:
            return render_default("function", name, self._dialect)
        return None


def source_of(term: Term | None) -> str:
    """A type as a migration writes it: `sa.String(length=50)`; "" where that is not known."""
    for each in options(term) if term is not None else ():
        match each:
            case External(name=name):
                return f"{_written(name)}()"
            case Made(callee=External(name=name)):
                args = [_argument(arg) for arg in each.args]
                args += [f"{key}={_argument(value)}" for key, value in each.keywords if key is not None]
                return f"{_written(name)}({', '.join(args)})" if all(args) else ""
            case Class(name=name):
                return f"{name}()"
            case _:
                return ""
    return ""


def _written(name: str) -> str:
    last = name.rpartition(".")[2]
    dialect = name.split(".")[2] if ".dialects." in name else ""
    return f"{dialect}.{last}" if dialect else f"sa.{last}"


def _argument(term: Term) -> str:
    match term:
        case Known(value=value):
            return repr(value)
        case Class(node=node):
            return node.name
        case Function():
            return ""
        case _:
            return source_of(term)
