"""The values that a bound statement writes or reads, each against what its contract says of the column.

Each has a verdict: it agrees, it differs, or nobody can tell. What nobody can tell is said where the contract
promises something of it: an encoding, a list of values, or that it is never NULL.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from migration_lint.contracts.model import ColumnDeclaration
from migration_lint.encodings.names import NAMES
from migration_lint.named_tuple import NamedTuple
from migration_lint.operations import Dialect
from migration_lint.parity.language_types import Held, column_held, held, json_clash, type_clash
from migration_lint.parity.model import CodeEvent
from migration_lint.sources import Bound, TableUse

#: Languages whose drivers give a column of JSON decoded, and take what JSON can say.
_DECODED = frozenset(("python", "typescript", "javascript"))
_STRUCTURED = re.compile(r"\[|\{|<|^(?:dict|list|tuple|object|map|any)\b", re.IGNORECASE)
#: Languages whose types say where there may be nothing.
_STRICT = frozenset(("go", "python", "typescript", "rust", "kotlin"))
_PLAIN = frozenset(("integer", "number", "text", "boolean", "time", "uuid"))
_AS_TEXT = frozenset(("text", "bytes", ""))


class Verdict(NamedTuple):
    """What is not as the contract says."""

    event: CodeEvent
    declared: str
    found: str
    example: str = ""


class Setting(NamedTuple):
    """Where a value is: in which language, against which database."""

    language: str  # in small letters
    dialect: Dialect
    default_schema: str | None


def verdicts(bound: Bound, column: ColumnDeclaration, setting: Setting) -> Iterator[Verdict]:
    """What of one value is not as its column's declaration says, or cannot be told."""
    if not bound.read:
        null = _null(bound, column, setting)
        if null is not None:
            yield null
        if bound.literal == "NULL":
            return
        value = _listed(bound, column)
        if value is not None:
            yield value
            if value.event == "code_value_unresolved":
                return
        if bound.literal is not None and not column.values:
            why = _misfit(bound.literal, _held_by(column, setting))
            if why:
                yield Verdict("code_type_differs", column.type, bound.text, why)
    encoding = _encoding(bound, column, setting)
    if encoding is not None:
        yield encoding
        return
    if bound.type and not bound.encoding and not bound.unknown and bound.literal is None:
        why = type_clash(
            _held(bound, setting),
            _held_by(column, setting),
            column.nullable,
            reads=bound.read,
        )
        if why and not (column.encoding is not None and _goes_as_json(bound, column, setting)):
            yield Verdict("code_type_differs", column.type, bound.type, why)


def _held_by(column: ColumnDeclaration, setting: Setting) -> Held:
    return column_held(column.type, setting.dialect, setting.default_schema)


def _misfit(literal: str, column: Held) -> str:
    """Why a column cannot hold a constant; "" if it may."""
    if column.family == "integer" and not re.fullmatch(
        r"[-+]?\d[\d_]*|true|false", literal.strip(), re.IGNORECASE
    ):
        return f"'{literal}' is no whole number"
    if column.family == "uuid" and not re.fullmatch(r"\{?[0-9a-fA-F-]{32,36}\}?", literal.strip()):
        return f"'{literal}' is no UUID"
    return ""


def _held(bound: Bound, setting: Setting) -> Held:
    """What a value's type can hold; that of the type to which it only gives a name."""
    known = held(bound.type, setting.language)
    same = next(
        (each.same for each in bound.records if each.same and each.name == bound.type.lstrip("*")), ""
    )
    if known.family or not same:
        return known
    return held(("*" if bound.type.startswith("*") else "") + same, setting.language)


def _null(bound: Bound, column: ColumnDeclaration, setting: Setting) -> Verdict | None:
    if column.nullable is not False:
        return None
    if bound.literal == "NULL":
        return Verdict("code_null_unexpected", "nullable: false", bound.text, "that is NULL")
    if bound.literal is not None or bound.checked or bound.encoding:
        return None
    if _held(bound, setting).null:
        return Verdict("code_null_unexpected", "nullable: false", bound.text, f"a {bound.type} can be NULL")
    promised = column.encoding is not None or bool(column.values)  # which says that nobody can tell, too
    if bound.unknown and not (promised or bound.called or _is_never_null(bound, setting)):
        return Verdict("code_value_unresolved", "nullable: false", bound.text, bound.unknown)
    return None


def _is_never_null(bound: Bound, setting: Setting) -> bool:
    """Whether the language lets no value of the type be none: text of Go, not text of Java."""
    value = _held(bound, setting)
    return setting.language in _STRICT and value.family in _PLAIN and value.null is not True


def _listed(bound: Bound, column: ColumnDeclaration) -> Verdict | None:
    if not column.values:
        return None
    declared = ", ".join(column.values)
    if bound.literal is not None:
        if bound.literal in column.values:
            return None
        return Verdict("code_value_unexpected", declared, bound.literal)
    if bound.values:
        strange = [value for value in bound.values if value not in column.values]
        return Verdict("code_value_unexpected", declared, ", ".join(strange)) if strange else None
    why = bound.unknown or "it is not a constant"
    return Verdict("code_value_unresolved", f"one of {declared}", bound.text, why)


def _encoding(bound: Bound, column: ColumnDeclaration, setting: Setting) -> Verdict | None:
    said = column.encoding
    if said is None:
        return None
    kind = said if isinstance(said, str) else "json"
    schema: Any = said.get("json") if isinstance(said, Mapping) else None
    if bound.literal is not None:
        why = _literal_clash(bound.literal, kind, schema)
        return Verdict("code_encoding_differs", kind, kind, why) if why else None
    if bound.unknown:
        return Verdict("code_value_unresolved", kind, bound.text, bound.unknown)
    if bound.encoding and bound.encoding != kind and not {bound.encoding, kind} <= {"base64", "base64url"}:
        return Verdict("code_encoding_differs", kind, bound.encoding, bound.text)
    if bound.encoding:
        why = (
            json_clash(bound.of, setting.language, schema, bound.records, reads=bound.read) if schema else ""
        )
        return Verdict("code_encoding_differs", kind, bound.of, why) if why else None
    if kind == "json":
        return _raw_json(bound, column, schema, setting)
    if kind not in NAMES or kind == "text" or _fits(_held(bound, setting), kind):
        return None
    return Verdict("code_value_unresolved", kind, bound.text, _as_it_is(bound))


def _raw_json(bound: Bound, column: ColumnDeclaration, schema: Any, setting: Setting) -> Verdict | None:
    """A value that no encoder was seen to make: the driver may, of one that is no text."""
    if _goes_as_json(bound, column, setting):
        why = (
            json_clash(bound.type, setting.language, schema, bound.records, reads=bound.read)
            if schema
            else ""
        )
        return Verdict("code_encoding_differs", "json", bound.type, why) if why else None
    return Verdict("code_value_unresolved", "json", bound.text, _as_it_is(bound))


def _goes_as_json(bound: Bound, column: ColumnDeclaration, setting: Setting) -> bool:
    family = _held(bound, setting).family
    if family == "json":
        return True
    if _held_by(column, setting).family != "json":
        return False
    if not bound.type:
        return bound.read and setting.language in _DECODED
    if bound.records and not any(each.same for each in bound.records):
        return True
    return family not in _AS_TEXT or (family == "" and bool(_STRUCTURED.search(bound.type)))


def _fits(value: Held, kind: str) -> bool:
    """Whether a driver writes a value of a type as a plain name says."""
    wanted = {
        "iso8601": ("time",), "date": ("time",), "uuid": ("uuid",), "integer": ("integer",),
        "number": ("number", "integer"), "boolean": ("boolean",),
    }  # fmt: skip
    return value.family in wanted.get(kind, ())


def _as_it_is(bound: Bound) -> str:
    kind = f", a {bound.type}," if bound.type else ""
    return f"{bound.text}{kind} goes as it is, and nothing here tells how it is encoded"


def _literal_clash(literal: str, kind: str, schema: Any) -> str:
    named = NAMES.get(kind)
    problem = named.problem(literal) if named is not None else ""
    if problem:
        return f"'{literal}' {problem}"
    wanted = schema.get("type") if isinstance(schema, dict) else None
    if kind != "json" or not isinstance(wanted, str):
        return ""
    made = {
        list: "array",
        dict: "object",
        str: "string",
        bool: "boolean",
        int: "integer",
        float: "number",
    }.get(type(json.loads(literal)), "null")
    agrees = made == wanted or (made == "integer" and wanted == "number")
    return "" if agrees else f"'{literal}' is a JSON {made}, and the contract says {wanted}"


def swapped(use: TableUse) -> Iterator[tuple[Bound, Bound]]:
    """Pairs of values whose names say that each belongs into the other's column.

    A value is only told where its name is that of another column of the statement, whose own value goes by
    another name.
    """
    for read in (False, True):
        yield from _swapped([bound for bound in use.bound if bound.read is read])


def _swapped(values: Sequence[Bound]) -> Iterator[tuple[Bound, Bound]]:
    of: dict[str, Bound] = {}
    for bound in values:
        of.setdefault(_plain(bound.column), bound)
    for bound in values:
        name = _plain(bound.called)
        there = of.get(name)
        if not name or there is None or there is bound or name == _plain(bound.column):
            continue
        other = _plain(there.called)
        known = other in of or other in bound.column.lower().split("_")
        if known and other != name and other != _plain(there.column):
            yield bound, there


def _plain(name: str) -> str:
    return name.replace("_", "").lower()
