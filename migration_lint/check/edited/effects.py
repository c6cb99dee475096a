"""What a script does, apart from how it says so: its operations as the server reads them."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from migration_lint.catalog.types import canonical
from migration_lint.check.edited.telling import only_waits
from migration_lint.check.side import Side
from migration_lint.history import Script
from migration_lint.named_tuple import NamedTuple
from migration_lint.operations import HOLE, Dialect, Operation, to_json
from migration_lint.reading.sql.tokens import Token, tokenize

#: Where an operation stands, and what only words it.
_PLACES = ("path", "line", "column_offset", "end_line", "end_column_offset", "branch", "reason")

#: What `alter_column` is told of how a column was. These servers need nothing of it but what `stated` holds.
_EXISTING = ("existing_type", "existing_nullable")
_NEED_NO_EXISTING: frozenset[Dialect] = frozenset(("postgresql", "mysql", "mariadb"))

#: Words of DDL that a field of the operation holds, or that say nothing that the kind does not say.
_HELD = frozenset(
    """
    ALTER TABLE ADD DROP COLUMN CREATE INDEX UNIQUE ON ONLY IF EXISTS NOT NULL DEFAULT SET DATA TYPE USING
    CONSTRAINT PRIMARY KEY FOREIGN REFERENCES CHECK RENAME TO CONCURRENTLY CASCADE WHERE INCLUDE DELETE UPDATE
    VALID DEFERRABLE ( ) , . ;
    """.split()
)

#: Comments that a server reads: MySQL's versions, and hints.
_READ_COMMENT = re.compile(r"/\*(?:M?!|\+)")

_IF_EXISTS = r"\bIF (?:NOT )?EXISTS "

_OF_TEXT = re.compile(r"\b(?:COLLATE|CHARACTER\s+SET|CHARSET|ASCII|UNICODE|BINARY)\b", re.I)

#: As SQLAlchemy finds bound parameters in a text, wherever they stand; and those of drivers.
_BOUND = re.compile(r"(?<![:\w\\]):\w+(?!:)|%s|%\(")


class Effects(NamedTuple):
    """What a script does."""

    shown: tuple[str, ...]  # each operation, as far as it is known
    told: bool  # nothing of what they do is missing there


def performed(side: Side, script: Script, directions: Sequence[str]) -> list[Operation]:
    """The operations of those directions; what only says how long to wait is left out."""
    asked = side.operations(script)
    if "downgrade" in directions:
        asked += side.reader.read(script)[1]
    return [each for each in asked if not only_waits(each.sql or "")]


def effects(operations: Sequence[Operation], dialect: Dialect, idle: Collection[int] = ()) -> Effects:
    """What operations do, without their places; IF EXISTS decides nothing at those that are `idle`."""
    held = {sql: _is_held(sql, same, dialect) for sql, same in _by_statement(operations).items()}
    shown = tuple(_shown(each, dialect, held, place in idle) for place, each in enumerate(operations))
    return Effects(shown, all(map(_is_told, operations)) and not any(HOLE in each for each in shown))


def _shown(operation: Operation, dialect: Dialect, held: Mapping[str, bool], idle: bool) -> str:
    said = {name: value for name, value in to_json(operation).items() if name not in _PLACES}
    if dialect in _NEED_NO_EXISTING:
        said = {name: value for name, value in said.items() if name not in _EXISTING}
    if operation.sql is not None:
        for named in filter(None, map(said.get, ("index", "constraint"))):
            # What is said of it beyond its fields stands in the statement.
            kept = [each for each in named.pop("kept", ()) if each != HOLE]
            named.update({"kept": kept} if kept else {})
        said["sql"] = plain_sql(operation.sql, dialect)
        if held[operation.sql]:
            del said["sql"]
        elif idle:
            said["sql"] = re.sub(_IF_EXISTS, "", said["sql"])
    if idle:
        del said["if_exists"]
    for typed in (said, *said.get("columns", ())):
        if "type" in typed:
            typed["type"] = _plain_type(typed["type"], dialect)
    for output in said.get("outputs", ()):
        if "text" in output:
            output["text"] = plain_sql(output["text"], dialect)
    return json.dumps(said, sort_keys=True, ensure_ascii=False)


def _plain_type(text: str, dialect: Dialect) -> str:
    """One spelling of a type; of one with a collation or a character set, which that leaves out, its text."""
    return plain_sql(text, dialect) if _OF_TEXT.search(text) else canonical(text, dialect)


def _is_told(operation: Operation) -> bool:
    """Whether an operation holds all that it does: rows that Core writes are in none."""
    if operation.conditional or operation.incomplete or operation.kind == "opaque":
        return False
    return operation.kind != "dml" or (operation.sql is not None and not _BOUND.search(operation.sql))


def _by_statement(operations: Iterable[Operation]) -> dict[str, list[Operation]]:
    found: dict[str, list[Operation]] = {}
    for each in operations:
        if each.sql is not None:
            found.setdefault(each.sql, []).append(each)
    return found


def _is_held(sql: str, operations: Sequence[Operation], dialect: Dialect) -> bool:
    """Whether the fields of the operations of a statement hold all of it, so that its text adds nothing."""
    if _READ_COMMENT.search(sql) or any(each.kind in ("dml", "other_ddl", "opaque") for each in operations):
        return False
    known = Counter[str]()
    for text in (text for each in operations for text in _texts({**to_json(each), "sql": ""})):
        tokens = [_folded(token) for token in tokenize(text, dialect)]
        known.update(tokens if len(tokens) == 1 else [*tokens, text.lower()])
    # A column may be named once more than the fields have it: SET NULL (a), ON UPDATE CURRENT_TIMESTAMP.
    said = Counter(_folded(token) for token in tokenize(sql, dialect) if token.word not in _HELD)
    return said <= known


def _texts(data: object) -> Iterator[str]:
    """Every text in what JSON holds."""
    if isinstance(data, str):
        yield data
    elif isinstance(data, Mapping):
        for value in data.values():
            yield from _texts(value)
    elif isinstance(data, Iterable):
        for value in data:
            yield from _texts(value)


def _folded(token: Token) -> str:
    return token.value.lower() if token.kind in ("word", "name") else f"{token.kind} {token.value}"


def plain_sql(text: str, dialect: Dialect) -> str:
    """A statement without its comments, its spacing and the case of its words."""
    if _READ_COMMENT.search(text):
        return text.strip()
    words = [token.word or text[token.start : token.end] for token in tokenize(text, dialect)]
    while words and words[-1] == ";":
        words.pop()
    return " ".join(words)
