"""Functions that a statement calls, as far as they may do more than work with data.

Calling a function is data: what PostgreSQL, MySQL and the like ship changes no table, with a few
exceptions that `DDL_FUNCTIONS` names. A function of the project's own could run DDL. It is taken for
data unless its name says that it changes something (`drop_…`, `rename_…`) or SQL is handed to it.
"""

from __future__ import annotations

import re

from migration_lint.operations import ANY_TABLE, HOLE, Column, Operation
from migration_lint.reading.sql.cursor import Cursor, Unreadable
from migration_lint.reading.sql.schemas import first_schema, path_in_string

_CHANGING = re.compile(
    r"(?:^|_)(?:drop|rename|alter|remove|delete_col|exec|execute|ddl|swap|migrate|upgrade|downgrade)"
)


_STARTS_DDL = re.compile(r"\s*(?:ALTER|DROP|RENAME|CREATE\s+TABLE|EXEC|DO\s*\$|CALL)\b", re.IGNORECASE)


_MOST_CALLS = 100


_LONGEST_CALL = 3_000  # tokens


_IDENTIFIER = re.compile(r"[\w.$\" ]{1,130}\Z")


class Call:
    """A function call found in a statement: its name and the text of string arguments (None: no string)."""

    __slots__ = ("arguments", "name", "texts")

    def __init__(self, name: str, arguments: list[str | None], texts: list[str]) -> None:
        self.name = name
        self.arguments = arguments
        self.texts = texts


def calls(at: Cursor) -> list[Call]:
    """The calls in a statement of functions that may matter: known to change something, or handed SQL.

    Raises Unreadable if there are too many.
    """
    found: list[Call] = []
    tokens = at.tokens
    for index in range(at.index, at.length - 1):
        token = tokens[index]
        if tokens[index + 1].word == "(" and (token.kind == "word" or token.kind == "name"):
            name = token.value.lower()
            if name in DDL_FUNCTIONS or _CHANGING.search(name) or _handed_sql(at, index + 1):
                if len(found) >= _MOST_CALLS:
                    raise Unreadable("it calls more functions than can be read", (ANY_TABLE,))
                found.append(_call(at, index, name))
    return found


def _handed_sql(at: Cursor, index: int) -> bool:
    token = at.tokens[index + 1] if index + 1 < at.length else None
    return token is not None and token.kind == "string" and _STARTS_DDL.match(token.value) is not None


def _call(at: Cursor, index: int, name: str) -> Call:
    """The call whose name stands at `index`."""
    reading = Cursor(at.text, at.tokens, at.dialect, at.schema, index + 2)
    reading.length = min(at.length, index + _LONGEST_CALL)
    end = reading.after_group(index + 1)
    arguments: list[str | None] = []
    texts: list[str] = []
    while reading.index < end - 1:
        start = reading.index
        reading.skip_item()
        argument = at.tokens[start : reading.index]
        if len(argument) >= 3 and argument[1].word in ("=>", ":="):
            argument = argument[2:]
        text = argument[0].value if argument and argument[0].kind == "string" else None
        if text is not None and len(argument) > 1 and argument[1].word != "::":
            text += HOLE
        if argument and argument[0].kind == "parameter":
            text = HOLE
        arguments.append(text)
        texts.append(at.text_of(start, reading.index))
        if reading.index == start and reading.word != ",":
            break
        reading.take(",")
    return Call(name, arguments, texts)


def called(call: Call, alone: bool) -> list[Operation] | str | None:
    """What a call does: operations, a text of SQL that it runs, or None: nothing but data.

    `alone`: the statement has no FROM, so the call is made for what it does.
    """
    reader = DDL_FUNCTIONS.get(call.name)
    if reader == "add_geometry":
        return _geometry_added(call)
    if reader == "drop_geometry":
        return _geometry_dropped(call)
    if reader == "drop_geometry_table":
        names = [HOLE if name is None else name for name in call.arguments][-2:]
        schema = names[0] if len(names) > 1 else None
        return [Operation(kind="drop_table", table=names[-1].lower() if names else HOLE, schema=schema)]
    if reader == "harmless":
        return None
    for argument in call.arguments:
        if argument is not None and _STARTS_DDL.match(argument):
            return argument
    if not alone or not _CHANGING.search(call.name):
        return None
    named = tuple(
        argument
        for argument in call.arguments
        if argument is not None and _IDENTIFIER.match(argument) is not None
    )
    return [
        Operation(
            kind="opaque",
            reason=f"the function {call.name} is called; what it runs cannot be read",
            tables=named or (ANY_TABLE,),
        )
    ]


def _geometry_added(call: Call) -> list[Operation]:
    """PostGIS: AddGeometryColumn([[catalog,] schema,] table, column, srid, type, dimension)."""
    names: list[str] = []
    for argument, text in zip(call.arguments, call.texts, strict=True):
        if argument is None and text.lstrip("-").isdigit():
            break
        names.append(HOLE if argument is None else argument)
    if len(names) < 2 or len(names) > 4:
        return [Operation(kind="other_ddl", action="addgeometrycolumn")]
    rest = call.arguments[len(names) + 1 :]
    kind = rest[0] if rest and rest[0] else "geometry"
    srid = call.texts[len(names)] if len(names) < len(call.texts) else ""
    column = Column(names[-1], f"geometry({kind},{srid})" if srid else "geometry")
    return [
        Operation(
            kind="add_column",
            table=names[-2],
            schema=names[-3] if len(names) > 2 else None,
            column=column.name,
            columns=(column,),
        )
    ]


def _geometry_dropped(call: Call) -> list[Operation]:
    names = [HOLE if name is None else name for name in call.arguments]
    if len(names) < 2:
        return [Operation(kind="opaque", reason="a call of DropGeometryColumn", tables=(ANY_TABLE,))]
    return [
        Operation(
            kind="drop_column",
            table=names[-2],
            schema=names[-3] if len(names) > 2 else None,
            column=names[-1],
        )
    ]


def configured_path(at: Cursor) -> tuple[bool, str | None]:
    """Whether a query calls set_config('search_path', …), and what unqualified names then mean."""
    tokens = at.tokens
    left = _MOST_CALLS
    for index in range(at.index, at.length - 3):
        if tokens[index].word == "SET_CONFIG" and tokens[index + 1].word == "(" and left:
            left -= 1
            call = _call(at, index, "set_config")
            if len(call.arguments) > 1 and (call.arguments[0] or "").lower() == "search_path":
                path = call.arguments[1]
                return True, HOLE if path is None else first_schema(path_in_string(path))
    return False, None


#: Functions that databases and their extensions ship and whose name says more than they do, or less.
DDL_FUNCTIONS = {
    "addgeometrycolumn": "add_geometry",
    "dropgeometrycolumn": "drop_geometry",
    "dropgeometrytable": "drop_geometry_table",
    "pg_replication_slot_advance": "harmless",
    "pg_drop_replication_slot": "harmless",
    "replace": "harmless",
    "remove_retention_policy": "harmless",
    "remove_compression_policy": "harmless",
    "remove_continuous_aggregate_policy": "harmless",
    "remove_columnstore_policy": "harmless",
    "remove_reorder_policy": "harmless",
    "drop_chunks": "harmless",
    "array_remove": "harmless",
    "jsonb_set": "harmless",
    "json_remove": "harmless",
    "alter_job": "harmless",
    "xpath_exists": "harmless",
    "set_config": "harmless",
    "format": "harmless",
    "concat": "harmless",
}
