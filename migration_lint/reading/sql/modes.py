"""MySQL's and MariaDB's variables, of which sql_mode says how a text is read and what a type means."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from migration_lint.data_class import replace
from migration_lint.operations import HOLE, Dialect, Operation
from migration_lint.reading.sql import dynamic
from migration_lint.reading.sql.cursor import Cursor
from migration_lint.reading.sql.keywords import words
from migration_lint.reading.sql.state import Modes
from migration_lint.reading.sql.tokens import Quoting

if TYPE_CHECKING:
    from migration_lint.reading.sql.reader import TextReading

_VARIABLE = "@@sql_mode"
_QUOTING = words("ANSI_QUOTES ANSI ORACLE DB2 MAXDB MSSQL POSTGRESQL")
#: As a number each is a bit.
_BITS = {
    "REAL_AS_FLOAT": 1,
    "ANSI_QUOTES": 4,
    "ORACLE": 512,
    "ANSI": 1 << 18,
    "NO_BACKSLASH_ESCAPES": 1 << 20,
}
#: What MariaDB takes these for where sql_mode has ORACLE; a form with arguments behind that without.
_OF_ORACLE = {
    "date": ("datetime", "datetime"),
    "number": ("double", "decimal"),
    "varchar2": ("varchar", "varchar"),
    "raw": ("varbinary", "varbinary"),
    "clob": ("longtext", "longtext"),
    "blob": ("longblob", "longblob"),
}
_HEAD = re.compile(r"\s*(\w+)\s*(\()?")


def assigned(reading: TextReading, at: Cursor) -> None:
    """Behind SET: what each of a list of assignments leaves to the session. Never raises."""
    while at.index < at.length:
        scope = at.take_any(("LOCAL", "SESSION", "GLOBAL", "PERSIST", "PERSIST_ONLY"))
        name = at.token.value.lower()
        at.index += 1
        if name.startswith("@@"):
            *scopes, name = name[2:].split(".")
            scope = scopes[0].upper() if scopes else scope
        if at.take_any(("=", ":=")):
            start = at.index
            at.skip_item()
            value = at.tokens[start : at.index]
            known = {_VARIABLE: [""], **reading.values}
            if name.startswith("@"):
                reading.values[name] = dynamic.texts(value, known, at.dialect)
            elif HOLE in name:
                _set(reading, [HOLE])
            elif name == "sql_mode" and scope not in ("GLOBAL", "PERSIST", "PERSIST_ONLY"):
                by_default = len(value) == 1 and value[0].word == "DEFAULT"
                named = len(value) == 1 and value[0].kind == "word"  # SET sql_mode = ANSI
                _set(
                    reading,
                    [""] if by_default
                    else [value[0].value] if named
                    else dynamic.texts(value, known, at.dialect),
                )  # fmt: skip
        else:
            at.skip_item()
        at.index += 1


def _set(reading: TextReading, options: list[str]) -> None:
    """sql_mode is one of these texts."""
    turned = _said(options, ("NO_BACKSLASH_ESCAPES",))
    told = {"ORACLE": _said(options, ("ORACLE",)), "REAL_AS_FLOAT": _said(options, ("REAL_AS_FLOAT", "ANSI"))}
    modes: Modes = None if None in told.values() else tuple(mode for mode, on in told.items() if on)
    quoting = Quoting(turned, _said(options, _QUOTING) is True)
    session = reading.session
    reading.session = session.set(session.now._replace(quoting=quoting, modes=modes))
    reading.values[_VARIABLE] = options


def _said(options: list[str], wanted: Iterable[str]) -> bool | None:
    """Whether one of these modes is on; None: nobody knows."""
    found = {_is_on(text, wanted) for text in options}
    return found.pop() if len(found) == 1 else None


def _is_on(text: str, wanted: Iterable[str]) -> bool | None:
    if text.isdecimal():
        return any(int(text[:20]) & _BITS.get(mode, 0) for mode in wanted)
    modes = {mode.strip() for mode in text.upper().split(",")}
    if modes & set(wanted):
        return True
    return None if HOLE in text else False


def as_the_mode_has_it(operation: Operation, modes: Modes, dialect: Dialect) -> Operation:
    """The operation with the types that its text means under these modes."""
    columns = tuple(replace(each, type=_meant(each.type, modes, dialect)) for each in operation.columns)
    return replace(operation, type=_meant(operation.type, modes, dialect), columns=columns)


def _meant(type: str | None, modes: Modes, dialect: Dialect) -> str | None:
    found = None if type is None else _HEAD.match(type)
    if type is None or found is None:
        return type
    word, rest = found[1].lower(), type[found.end(1) :]
    if word == "real":
        return None if modes is None else f"float{rest}" if "REAL_AS_FLOAT" in modes else type
    if word not in _OF_ORACLE or dialect != "mariadb":
        return type
    if modes is None:
        return None
    return f"{_OF_ORACLE[word][found[2] is not None]}{rest}" if "ORACLE" in modes else type
