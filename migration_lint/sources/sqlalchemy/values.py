"""What goes into a column, and what a column is read into, as the code and the model tell it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from migration_lint.sources.codebase import Codebase
from migration_lint.sources.encoding import encoder
from migration_lint.sources.model import Bound, Record
from migration_lint.sources.records import records_of
from migration_lint.sources.sqlalchemy.annotations import read_annotation, written
from migration_lint.sources.sqlalchemy.entities import Entities, is_enum
from migration_lint.sources.sqlalchemy.mapping import ModelColumn
from migration_lint.sources.sqlalchemy.naming import library_name, made_name, spelled
from migration_lint.sources.sqlalchemy.terms import (
    Class,
    Combined,
    External,
    Function,
    Known,
    Listed,
    Made,
    Pairs,
    Parameter,
    Part,
    Place,
    Term,
    Unknown,
    options,
    text_of,
)

_JSON = frozenset("JSON JSONB JSONPathType MutableJson".split())
_RESULTS = {
    "str": "str", "int": "int", "float": "float", "bool": "bool", "bytes": "bytes", "len": "int",
    "list": "list", "dict": "dict", "Decimal": "Decimal", "UUID": "UUID", "uuid1": "UUID", "uuid4": "UUID",
    "uuid7": "UUID", "now": "datetime", "utcnow": "datetime", "today": "date", "fromisoformat": "datetime",
    "fromtimestamp": "datetime",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Given:
    """A value for a column. `place`: the expression that it is; None: there is none in the code."""

    column: ModelColumn
    term: Term
    place: Place | None
    line: int


class Values:
    """Tells what values are."""

    def __init__(self, entities: Entities, codebase: Codebase) -> None:
        self._entities = entities
        self._codebase = codebase
        self._project = entities.models.project

    def written(self, given: Given) -> Iterator[Bound]:
        """What goes into a column: one for each thing that the value may be."""
        several = options(given.term)
        for term in several:
            start = Bound(
                given.column.name, self._text(given), given.line,
                called=_called(given.place.node) if given.place is not None else "", checked=len(several) > 1,
            )  # fmt: skip
            yield self._stored(self._value(start, term), term, given.column)

    def default(self, column: ModelColumn, line: int) -> Bound:
        """What Python fills in where an INSERT has no value: the column's default, or NULL."""
        term = column.default
        if term is None:
            return Bound(column.name, "nothing", line, literal="NULL")
        text = f"the default of {column.name}"
        if isinstance(term, (Function, External, Class)):
            name = spelled(term).rpartition(".")[2] if not isinstance(term, Function) else ""
            start = Bound(column.name, text, line, _RESULTS.get(name, ""), checked=True)
        else:
            start = self._value(Bound(column.name, text, line), term)
        return self._stored(start, term, column)

    def read(self, column: ModelColumn, line: int) -> Bound | None:
        """What a column is read into, by the annotation of its attribute."""
        if not column.annotation:
            return None
        start = Bound(column.name, column.name, line, column.annotation, read=True)
        if self.family(column) == "json":
            records = self._records(column.annotation, column.place.path)
            return start._replace(type="", encoding="json", of=column.annotation, records=records)
        return start if self.family(column) == "plain" else None

    def family(self, column: ModelColumn) -> str:
        """How values are handed on: `json`, `enum`, `plain`, or `own`: by code of the project."""
        for each in options(column.type) if column.type is not None else ():
            term = each.callee if isinstance(each, Made) else each
            if isinstance(term, Part) and term.name == "with_variant":
                term = term.of.callee if isinstance(term.of, Made) else term.of
            if isinstance(each, Made) and isinstance(term, Part) and term.name == "as_mutable":
                inside = each.args[0] if each.args else None
                term = inside.callee if isinstance(inside, Made) else inside or term
            if isinstance(term, Class):
                return "own"
            name = library_name(term)
            if name in _JSON:
                return "json"
            if name in ("Enum", "ENUM"):
                return "enum"
        return "plain"

    # -- one value

    def _value(self, start: Bound, term: Term) -> Bound:
        """A value as Python has it."""
        match term:
            case Known():
                return start._replace(literal=_literal(term.value))
            case Parameter(annotation=stated) if stated is not None:
                return start._replace(type=written(stated))
            case Part():
                return self._part(start, term)
            case Made():
                return self._made(start, term)
            case Listed():
                return start._replace(type=f"list[{inside}]" if (inside := self._inside(term)) else "list")
            case Pairs():
                return start._replace(type="dict")
            case Combined(operator="JoinedStr"):
                return start._replace(type="str")
            case Unknown() if term.why:
                return start._replace(unknown=term.why)
            case _:
                return start

    def _inside(self, term: Listed) -> str:
        kinds = {self._value(Bound("", "", 0), each).type or _kind(each) for each in term.items}
        return kinds.pop() if len(kinds) == 1 else ""

    def _part(self, start: Bound, term: Part) -> Bound:
        member = self._member(term)
        if member is not None:
            return start._replace(literal=member)
        shape = self._entities.shape(term.of)
        instance = shape.instance if shape is not None else None
        if instance is not None:
            attribute = instance.attributes.get(term.name)
            pair = getattr(attribute, "columns", ())
            return start._replace(type=pair[0][1].annotation) if pair else start
        of = term.of
        stated = read_annotation(of.annotation).core if isinstance(of, Parameter) and of.annotation else None
        if isinstance(stated, Class):
            for owner in self._entities.models.machine.classes.project_ancestors(stated):
                statement = self._entities.models.machine.classes.members(owner).get(term.name)
                module = self._project.module(owner.path)
                if isinstance(statement, ast.AnnAssign) and module is not None:
                    return start._replace(type=module.text(statement.annotation))
        return start

    def _member(self, term: Part) -> str | None:
        """The value, or else the name, of a member of an enumeration."""
        models = self._entities.models
        of, by_value = (term.of, True) if term.name == "value" else (term, False)
        if by_value and not isinstance(of, Part):
            return _literal(of.value) if isinstance(of, Known) else None
        if isinstance(of, Part) and isinstance(of.of, Class) and is_enum(models, of.of):
            statement = models.machine.classes.members(of.of).get(of.name)
            if not by_value:
                return of.name
            value = getattr(statement, "value", None)
            return _literal(value.value) if isinstance(value, ast.Constant) else None
        return None

    def _made(self, start: Bound, term: Made) -> Bound:
        name = _callee(term)
        coding = encoder(name)
        if coding is not None and library_name(term.callee) == "":
            of = term.args[coding.at] if 0 <= coding.at < len(term.args) else None
            inside = self._value(Bound("", "", 0), of) if of is not None else None
            kind = inside.type if inside is not None else ""
            return start._replace(
                encoding=coding.encoding, of=kind, records=self._records(kind, term.place.path), checked=True
            )
        if library_name(term.callee) or name.startswith("sqlalchemy."):
            return start._replace(unknown=f"it is {name.rpartition('.')[2]} of SQL", checked=True)
        last = name.rpartition(".")[2]
        if last in _RESULTS:
            return start._replace(type=_RESULTS[last], checked=True)
        if isinstance(term.callee, Function):
            returns = getattr(term.callee.node, "returns", None)
            module = self._project.module(term.callee.path)
            if returns is not None and module is not None:
                return start._replace(type=module.text(returns))
        return start

    def _stored(self, bound: Bound, term: Term, column: ModelColumn) -> Bound:
        """A value as the column's type sends it to the database."""
        family = self.family(column)
        if family == "own":
            return bound._replace(literal=None, type="", encoding="", of="",
                                  unknown=f"{_type_name(column)} is a type of the project's own")  # fmt: skip
        if family == "json" and bound.literal != "NULL" and not bound.unknown:
            if bound.encoding:  # encoded by the code, and once more by the type
                return bound._replace(encoding="json", of="str", records=())
            kind = bound.type or (_kind(term) if isinstance(term, Known) else "") or _plain(column.annotation)
            records = self._records(kind, column.place.path if not bound.type else "")
            return bound._replace(literal=None, type="", encoding="json", of=kind, records=records)
        if family == "enum":
            return self._enumerated(bound, term, column)
        return bound

    def _enumerated(self, bound: Bound, term: Term, column: ModelColumn) -> Bound:
        """An Enum writes the names of a class's members, unless it is told to take their values."""
        made = (
            next((each for each in options(column.type) if isinstance(each, Made)), None)
            if column.type
            else None
        )
        of = next((each for each in made.args if isinstance(each, Class)), None) if made is not None else None
        if of is None or made is None:
            values = [text for each in (made.args if made is not None else ()) if (text := text_of(each))]
        else:
            by_value = made.keyword("values_callable") is not None
            values = self._members(of, by_value)
            if isinstance(term, Part) and isinstance(term.of, Class) and term.of is of and by_value:
                member = self._member(Part(term, "value"))
                return bound._replace(literal=member)
            if isinstance(term, Known) and isinstance(term.value, str):
                return bound
        if bound.literal is not None or not values:
            return bound
        return bound._replace(type=f"Literal[{', '.join(map(repr, values))}]")

    def _members(self, of: Class, by_value: bool) -> list[str]:
        members = self._entities.models.machine.classes.members(of)
        found: list[str] = []
        for name, statement in members.items():
            if isinstance(statement, ast.Assign) and not name.startswith("_"):
                value = statement.value
                if not by_value:
                    found.append(name)
                elif isinstance(value, ast.Constant) and isinstance(value.value, str):
                    found.append(value.value)
                else:
                    return []
        return found

    def _records(self, kind: str, path: str) -> tuple[Record, ...]:
        module = self._codebase.module(path) if kind and path else None
        return records_of(self._codebase, module, kind) if module is not None else ()

    def _text(self, given: Given) -> str:
        module = self._project.module(given.place.path) if given.place is not None else None
        if module is None or given.place is None:
            return given.column.name
        return " ".join(module.text(given.place.node).split())


def _kind(term: Term) -> str:
    return type(term.value).__name__ if isinstance(term, Known) and term.value is not None else ""


def _plain(annotation: str) -> str:
    return annotation if annotation not in ("Any", "object") else ""


def _literal(value: object) -> str:
    if value is None:
        return "NULL"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _called(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _callee(term: Made) -> str:
    """`json.dumps`, `payload.model_dump_json` of a call."""
    match term.callee:
        case External(name=name):
            return name
        case Part(name=name):
            return f"it.{name}"
        case Function(name=name) | Class(name=name):
            return name
        case _:
            return made_name(term)


def _type_name(column: ModelColumn) -> str:
    term = column.type.callee if isinstance(column.type, Made) else column.type
    return term.name if isinstance(term, Class) else "its type"
