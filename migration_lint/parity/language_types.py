"""What a type of a programming language can hold, as far as a column's type can be held against it.

Only what is sure is said: a driver turns many types into many others, so that a pair that no table here
knows agrees.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Literal

from migration_lint.catalog.types import canonical
from migration_lint.named_tuple import NamedTuple
from migration_lint.operations import Dialect
from migration_lint.sources.model import Record

Family = Literal["integer", "number", "text", "boolean", "bytes", "time", "uuid", "json", "list", "map", ""]


class Held(NamedTuple):
    """What a value of some type can be."""

    family: Family  # "": nothing is known
    bits: int = 0  # of an integer, or a number that has fractions; 0: any size, or not known
    null: bool | None = None  # whether it can be NULL; None: not known


_GO: dict[str, tuple[Family, int]] = {
    "string": ("text", 0), "bool": ("boolean", 0), "[]byte": ("bytes", 0), "json.RawMessage": ("json", 0),
    "int": ("integer", 64), "int8": ("integer", 8), "int16": ("integer", 16), "int32": ("integer", 32),
    "int64": ("integer", 64), "uint8": ("integer", 8), "uint16": ("integer", 16), "uint32": ("integer", 32),
    "uint64": ("integer", 64), "uint": ("integer", 64), "float32": ("number", 32), "float64": ("number", 64),
    "time.Time": ("time", 0), "uuid.UUID": ("uuid", 0),
}  # fmt: skip
_GO_NULL: dict[str, tuple[Family, int]] = {
    "NullString": ("text", 0), "NullBool": ("boolean", 0), "NullInt16": ("integer", 16),
    "NullInt32": ("integer", 32), "NullInt64": ("integer", 64), "NullFloat64": ("number", 64),
    "NullTime": ("time", 0),
}  # fmt: skip
_GO_NULLABLE = frozenset(
    f"{package}.{name}"
    for package, names in {
        "null": "String Int Int32 Int64 Float Bool Time",
        "pgtype": "Text Bool Int2 Int4 Int8 Float4 Float8 Numeric Date Timestamp Timestamptz UUID JSONB JSON",
    }.items()
    for name in names.split()
)
_PYTHON: dict[str, tuple[Family, int]] = {
    "str": ("text", 0), "bool": ("boolean", 0), "int": ("integer", 0), "float": ("number", 64),
    "bytes": ("bytes", 0), "datetime": ("time", 0), "datetime.datetime": ("time", 0),
    "Decimal": ("number", 0), "UUID": ("uuid", 0), "uuid.UUID": ("uuid", 0),
}  # fmt: skip
_OTHERS: dict[str, tuple[Family, int]] = {
    "String": ("text", 0), "Integer": ("integer", 32), "Long": ("integer", 64), "long": ("integer", 64),
    "short": ("integer", 16), "Boolean": ("boolean", 0), "boolean": ("boolean", 0), "Double": ("number", 64),
    "Float": ("number", 32), "double": ("number", 64), "Int": ("integer", 32), "Short": ("integer", 16),
    "i16": ("integer", 16), "i32": ("integer", 32), "i64": ("integer", 64), "&str": ("text", 0),
    "bool": ("boolean", 0), "string": ("text", 0), "number": ("number", 0),
}  # fmt: skip


def held(type: str, language: str) -> Held:
    """What a type, as the source writes it, can hold."""
    text = " ".join(type.split())
    if language == "go":
        return _go(text)
    if language == "python":
        return _python(text)
    null: bool | None = None
    for pattern in (r"(?:Option|Optional)<(.+)>", r"(.+)\?", r"(.+?) ?\| ?(?:null|undefined)"):
        match = re.fullmatch(pattern, text)
        if match:
            text, null = match[1], True
            break
    return Held(*_OTHERS.get(text, ("", 0)), null)


def _go(text: str) -> Held:
    if text.startswith("*"):
        return _go(text[1:])._replace(null=True)
    short = text.rpartition(".")[2]
    if text.startswith("sql.Null") and short in _GO_NULL:
        return Held(*_GO_NULL[short], True)
    match = re.fullmatch(r"(?:sql|null|zero)\.(?:Null|Value)\[(.+)\]", text)
    if match:
        return _go(match[1])._replace(null=True)
    if short.startswith("Null") and short != text or text in _GO_NULLABLE:
        return Held("", null=True)
    if text in _GO:
        # A slice holds nil, which a driver writes as NULL.
        return Held(*_GO[text], None if text in ("[]byte", "json.RawMessage") else False)
    if text.startswith("[]"):
        return Held("list")
    return Held("map") if text.startswith("map[") else Held("")


def _python(text: str) -> Held:
    match = re.fullmatch(r"(?:typing\.)?Optional\[(.+)\]", text)
    parts = [match[1], "None"] if match else [part.strip() for part in text.split("|")]
    null = "None" in parts
    parts = [part for part in parts if part != "None"]
    only = parts[0] if len(parts) == 1 else ""
    if only in _PYTHON:
        return Held(*_PYTHON[only], null)
    if re.match(r"(?:list|List|tuple|Sequence)\b", only):
        return Held("list", null=null)
    if re.match(r"(?:dict|Dict|Mapping)\b", only):
        return Held("map", null=null)
    return Held("", null=null or None)  # a name may stand for what can be None, too


_INTEGERS = {
    "int2": 16, "int4": 32, "int8": 64, "smallint": 16, "integer": 32, "int": 32, "bigint": 64,
    "tinyint": 8, "mediumint": 24,
}  # fmt: skip


def column_held(type: str, dialect: Dialect, default_schema: str | None) -> Held:
    """What a column of a SQL type holds."""
    name = re.sub(r"\(.*", "", canonical(type, dialect, default_schema)).strip()
    if name.endswith("[]"):
        return Held("list")
    if name in _INTEGERS:
        # SQLite's integers are of any size that fits.
        return Held("integer", 0 if dialect == "sqlite" else _INTEGERS[name])
    if name in ("text", "varchar", "char", "bpchar", "citext", "nvarchar", "nchar", "varchar2", "clob"):
        return Held("text")
    if name in ("bool", "boolean"):
        return Held("boolean")
    if name in ("numeric", "decimal", "float4", "float8", "real", "double", "float", "double precision"):
        return Held("number")
    if name in ("json", "jsonb"):
        return Held("json")
    if name == "uuid":
        return Held("uuid")
    if name.startswith(("timestamp", "date", "time")):
        return Held("time")
    return Held("bytes" if name in ("bytea", "blob", "binary", "varbinary") else "")


#: Families of a language that a driver does not turn into the column's. Strings go into and come out of
#: almost everything in one driver or another, but not numbers and truth values without a cast.
_APART: frozenset[tuple[Family, Family]] = frozenset(
    {
        ("integer", "text"), ("integer", "boolean"), ("integer", "uuid"), ("integer", "time"),
        ("number", "text"), ("number", "boolean"), ("number", "uuid"),
        ("boolean", "text"), ("boolean", "integer"), ("boolean", "uuid"), ("boolean", "time"),
        ("text", "integer"), ("text", "boolean"), ("text", "number"),
        ("time", "integer"), ("time", "boolean"),
        ("list", "integer"), ("list", "text"), ("list", "boolean"), ("map", "integer"), ("map", "boolean"),
        ("map", "text"),
    }
)  # fmt: skip


def type_clash(value: Held, column: Held, nullable: bool | None, *, reads: bool) -> str:
    """Why a column and a value in the code do not go together, as a clause; "" if they do.

    `reads`: the column is read into the value; otherwise the value is written into the column.
    """
    if (value.family, column.family) in _APART:
        return f"it holds {_WORDS[value.family]}, the column {_WORDS[column.family]}"
    if not reads and value.family == "number" and value.bits and column.family == "integer":
        return "it holds fractions, the column whole numbers"
    # A wider variable is how most languages count, and what it holds is mostly small: only reading overflows.
    if reads and value.family == column.family == "integer" and 0 < value.bits < column.bits:
        return f"it has {value.bits} bits, the column {column.bits}"
    if reads and nullable and value.null is False:
        return "it cannot hold NULL"
    return ""


_WORDS: dict[str, str] = {
    "integer": "whole numbers", "number": "numbers", "text": "text", "boolean": "truth values",
    "bytes": "bytes", "time": "times", "uuid": "UUIDs", "json": "JSON", "list": "lists", "map": "maps",
}  # fmt: skip


def json_clash(
    type: str,
    language: str,
    schema: Any,
    records: Sequence[Record] = (),
    *,
    reads: bool = False,
    deep: int = 0,
) -> str:
    """Why a value of a type is not what a JSON Schema describes, once encoded; "" if it may be.

    `records` are the project's own types that it is made of. `reads`: the value is decoded into the type,
    which then may leave properties out.
    """
    if not isinstance(schema, dict) or deep > 8:
        return ""
    wanted = schema.get("type")
    kinds = [wanted] if isinstance(wanted, str) else wanted if isinstance(wanted, list) else []
    bare = _bare(type, language)
    record = next((each for each in records if each.name == bare), None)
    if record is not None and record.same:
        return json_clash(record.same, language, schema, records, reads=reads, deep=deep + 1)
    element = _element(bare, language)
    made = (
        "object" if record is not None and (record.fields or language == "go")
        else "array" if element
        else "string" if language == "go" and bare == "[]byte"
        else {"text": "string", "integer": "integer", "number": "number", "boolean": "boolean",
              "map": "object", "list": "array"}.get(held(bare, language).family, "")
    )  # fmt: skip
    if not made or not kinds:
        return ""
    if made not in kinds and not (made == "integer" and "number" in kinds):
        return f"{type} becomes a JSON {made}, and the contract says {' or '.join(map(str, kinds))}"
    if record is not None:
        return _properties_clash(record, language, schema, records, reads, deep)
    if not element:
        return ""
    return json_clash(element, language, schema.get("items"), records, reads=reads, deep=deep + 1)


def _properties_clash(
    record: Record, language: str, schema: dict[str, Any], records: Sequence[Record], reads: bool, deep: int
) -> str:
    """Why the fields of a record are not the properties that a schema asks for."""
    if language not in ("go", "python", "typescript"):
        return ""  # what a field is called in JSON, annotations and settings of a library say
    fields = {field.name: field for field in record.fields}
    if "" in fields:
        return ""  # it has the fields of another type, too
    properties = schema.get("properties")
    properties = properties if isinstance(properties, dict) else {}
    required = schema.get("required")
    for name in required if isinstance(required, list) and not reads else ():
        if name not in fields:
            return f"{record.name} has no {name}, and the contract says that there is one"
        if fields[name].optional:
            return f"{record.name} may leave {name} out, and the contract says that there is one"
    for name, field in fields.items():
        if name in properties:
            why = json_clash(field.type, language, properties[name], records, reads=reads, deep=deep + 1)
            if why:
                return f"{record.name}.{name}: {why}"
        elif schema.get("additionalProperties") is False and not reads:
            return f"{record.name} has {name}, and the contract says that there is nothing else"
    return ""


def json_schema(
    type: str, language: str, records: Sequence[Record] = (), *, reads: bool = False, deep: int = 0
) -> dict[str, Any] | None:
    """The JSON Schema of what values of a type become, or are decoded from; None where that is not known.

    It says no more than the type: of what is not known inside, nothing. `reads`: properties may be left out.
    """
    if deep > 4:
        return None
    bare = _bare(type, language)
    record = next((each for each in records if each.name == bare), None)
    if record is not None and record.same:
        return json_schema(record.same, language, records, reads=reads, deep=deep + 1)
    if record is not None:
        return _object_schema(record, language, records, reads, deep)
    element = _element(bare, language)
    if element:
        items = json_schema(element, language, records, reads=reads, deep=deep + 1)
        nullable = items is None or _may_be_null(element, language)
        return {"type": "array"} if nullable else {"type": "array", "items": items}
    family = held(bare, language).family
    kinds = {"text": "string", "integer": "integer", "number": "number", "boolean": "boolean",
             "map": "object", "list": "array"}  # fmt: skip
    return {"type": kinds[family]} if family in kinds and bare != "[]byte" else None


def _object_schema(
    record: Record, language: str, records: Sequence[Record], reads: bool, deep: int
) -> dict[str, Any] | None:
    fields = [field for field in record.fields if field.name]
    if language not in ("go", "python", "typescript") or len(fields) != len(record.fields) or not fields:
        return {"type": "object"} if record.fields and language in ("go", "python", "typescript") else None
    properties: dict[str, Any] = {}
    for field in fields:
        schema = json_schema(field.type, language, records, reads=reads, deep=deep + 1)
        if schema is not None and not _may_be_null(field.type, language):
            properties[field.name] = schema
    required = [] if reads else [field.name for field in fields if not field.optional]
    made: dict[str, Any] = {"type": "object"}
    if properties:
        made["properties"] = properties
    if required:
        made["required"] = required
    return made


def _may_be_null(type: str, language: str) -> bool:
    return held(" ".join(type.split()), language).null is True or type.strip() != _bare(type, language)


def _bare(type: str, language: str) -> str:
    """A type without what only says that there may be none of it."""
    text = " ".join(type.split()).strip("\"'")
    if language == "go":
        return text.lstrip("*&")
    match = re.fullmatch(r"(?:typing\.)?(?:Optional|Option)[\[<](.+)[\]>]", text)
    text = match[1] if match else text
    return re.sub(r"\s*\|\s*(?:None|null|undefined)\b|\?$|^&(?:mut )?", "", text).strip("\"'")


def _element(type: str, language: str) -> str:
    if language == "go":
        match = re.fullmatch(r"\[\d*\](.+)", type)
        return match[1] if match and type != "[]byte" else ""
    match = re.fullmatch(
        r"(?:typing\.)?(?:list|List|Sequence|Iterable|set|frozenset)\[(.+)\]|(?:tuple|Tuple)\[(.+), ?\.\.\.\]"
        r"|(?:readonly )?(.+)\[\]"
        r"|(?:[\w.:]+[.:])?(?:Array|ReadonlyArray|I?List|ArrayList|MutableList|Collection|Set|Vec|IEnumerable"
        r"|IReadOnlyList|HashSet)<(.+)>|&?\[(.+)\]",
        type,
    )
    return next((part for part in match.groups() if part), "") if match else ""
