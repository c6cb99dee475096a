"""A second opinion on raw SQL, by plain rules on its tokens, that shares nothing with the product's reader.

It knows the statements that begin with ALTER, CREATE, DROP or RENAME, and of these what a reader of the
table would notice. Where the product and these rules differ, somebody has to look: either may be wrong.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from migration_lint.operations import Dialect, Operation
from migration_lint.reading.sql import read_sql

_TOKEN = re.compile(
    r"""(?P<skip>\s+|--[^\n]*|/\*.*?\*/)
    |(?P<text>[EeNnBbXx]?'(?:[^'\\]|''|\\.)*'|\$(?P<tag>\w*)\$.*?\$(?P=tag)\$)
    |(?P<quoted>"(?:[^"]|"")*"|`[^`]*`|\[\w[^\]]*\])
    |(?P<word>[\w$]+)
    |(?P<sign>.)""",
    re.VERBOSE | re.DOTALL,
)
_BEGINS = ("ALTER", "CREATE", "DROP", "RENAME")

#: What the rules see all of: more of these in the product's reading is a disagreement, too.
_COMPLETE = (
    "drop_table", "rename_table", "move_table", "drop_column", "rename_column", "alter_type", "create_table",
    "add_column", "create_view", "drop_view", "create_enum", "drop_enum", "drop_schema", "drop_index",
)  # fmt: skip


class Seen(NamedTuple):
    """What a statement does; names in lower case and without schemas."""

    kind: str
    table: str | None = None
    name: str | None = None
    to: str | None = None

    def __str__(self) -> str:
        place = ".".join(part for part in (self.table, self.name) if part)
        return f"{self.kind} {place}{f' -> {self.to}' if self.to else ''}"


class Disagreement(NamedTuple):
    """A statement, and what only one of the two sees in it."""

    sql: str
    product: tuple[Seen, ...]
    rules: tuple[Seen, ...]

    def __str__(self) -> str:
        sides = (("only the product", self.product), ("only the rules", self.rules))
        said = "; ".join(f"{who}: {', '.join(map(str, seen))}" for who, seen in sides if seen)
        return f"{said}  sql: {self.sql[:200]}"


def disagreements(texts: Iterable[str], dialect: Dialect) -> tuple[int, list[Disagreement]]:
    """How many statements of these texts the rules know, and which of them the product reads otherwise."""
    found = []
    count = 0
    for text in texts:
        for statement in statements(text):
            operations = read_sql(statement, dialect, None).operations
            if any(operation.kind == "opaque" for operation in operations):
                continue  # the product says that it does not know
            count += 1
            rules = Counter(seen(statement, dialect))
            product = Counter(each for operation in operations for each in _of_product(operation))
            more = Counter({each: n for each, n in product.items() if each.kind in _COMPLETE}) - rules
            less = rules - product
            if more or less:
                found.append(Disagreement(" ".join(statement.split()), tuple(more), tuple(less)))
    return count, found


def _of_product(operation: Operation) -> Iterator[Seen]:
    kind, table, name, to = operation.kind, operation.table, operation.name, operation.new_name
    if kind in ("add_column", "drop_column", "alter_type", "rename_column"):
        name = operation.column
    elif kind == "set_nullable":
        name, to = operation.column, "null" if operation.nullable else "not null"
    elif kind == "move_table":
        to = operation.new_schema
    elif kind == "alter_enum":
        to = operation.action
    if kind in ("drop_index", "rename_index", "rename_constraint"):
        table = None
    elif kind in ("create_table", "drop_table", "create_view", "drop_view"):
        name = None
    yield Seen(kind, *(part.lower() if part else None for part in (table, name, to)))


class _Words:
    """The tokens of a statement, read from left to right."""

    def __init__(self, tokens: Sequence[tuple[str, str]], dialect: Dialect) -> None:
        self.dialect = dialect
        self.tokens = tokens  # ("WORD" in capitals, or "" where it is quoted or a text; as it is written)
        self.at = 0

    def peek(self, ahead: int = 0) -> str:
        return self.tokens[self.at + ahead][0] if self.at + ahead < len(self.tokens) else ""

    def take(self, *words: str) -> bool:
        """Go past these words if they come next."""
        if all(self.peek(n) == word for n, word in enumerate(words)):
            self.at += len(words)
            return True
        return False

    def any(self, *phrases: str) -> str | None:
        """Go past the first of these phrases that comes next."""
        return next((phrase for phrase in phrases if self.take(*phrase.split())), None)

    def name(self) -> str | None:
        """A name, the last part of it; in lower case."""
        found = None
        while self.at < len(self.tokens):
            written = self.tokens[self.at][1]
            found = written[1:-1].lower() if written[0] in '"`[' else written.lower()
            self.at += 1
            if not self.take("."):
                break
        return found[:63] if found and self.dialect == "postgresql" else found

    def names(self) -> Iterator[str | None]:
        """Names with commas between them."""
        yield self.name()
        while self.take(","):
            yield self.name()

    def parts(self) -> Iterator[_Words]:
        """The rest, cut at the commas that stand in no parentheses."""
        depth = 0
        part: list[tuple[str, str]] = []
        for token in self.tokens[self.at :]:
            depth += (token[0] == "(") - (token[0] == ")")
            if token[0] == "," and depth == 0:
                yield _Words(part, self.dialect)
                part = []
            else:
                part.append(token)
        yield _Words(part, self.dialect)

    def no_column(self) -> bool:
        """Whether what comes next after ADD, DROP or ALTER begins something other than a column."""
        return self.peek() in _NO_COLUMN or (
            self.peek() in _OF_MYSQL and self.dialect in ("mysql", "mariadb")
        )


def _tokens(text: str) -> Iterator[tuple[str, str, int, int]]:
    for found in _TOKEN.finditer(text):
        if found.lastgroup != "skip" and found["skip"] is None:
            plain = found["word"] or found["sign"]
            yield (plain or "").upper(), found.group(), found.start(), found.end()


def statements(text: str) -> Iterator[str]:
    """The statements of a text that the rules know; none where one has a body with statements of its own."""
    tokens = list(_tokens(text))
    if any(word == "BEGIN" for word, *_ in tokens) and any(word == "CREATE" for word, *_ in tokens):
        return
    start = 0
    for number, (word, _, _, _) in enumerate([*tokens, (";", ";", 0, 0)]):
        if word == ";":
            if number > start and tokens[start][0] in _BEGINS:
                yield text[tokens[start][2] : tokens[number - 1][3]]
            start = number + 1


def seen(statement: str, dialect: Dialect) -> Iterator[Seen]:
    """What one statement does, by the rules."""
    words = _Words([(word, written) for word, written, _, _ in _tokens(statement)], dialect)
    if words.take("DROP"):
        yield from _drop(words)
    elif words.take("CREATE"):
        yield from _create(words)
    elif words.take("RENAME", "TABLE") or words.take("RENAME", "TABLES"):
        for part in words.parts():
            table = part.name()
            part.take("TO")
            yield Seen("rename_table", table, None, part.name())
    elif words.take("ALTER"):
        yield from _alter(words)


def _drop(words: _Words) -> Iterator[Seen]:
    words.take("TEMPORARY")
    what = words.any("TABLE", "MATERIALIZED VIEW", "VIEW", "TYPE", "SCHEMA", "INDEX")
    words.take("CONCURRENTLY")
    words.take("IF", "EXISTS")
    if what is None:
        return
    for name in words.names():
        if what == "TABLE":
            yield Seen("drop_table", name)
        elif what.endswith("VIEW"):
            yield Seen("drop_view", name)
        else:
            yield Seen(
                {"TYPE": "drop_enum", "SCHEMA": "drop_schema", "INDEX": "drop_index"}[what], None, name
            )


def _create(words: _Words) -> Iterator[Seen]:
    while words.any("OR REPLACE", "GLOBAL", "LOCAL", "TEMPORARY", "TEMP", "UNLOGGED", "RECURSIVE", "UNIQUE"):
        pass
    what = words.any("TABLE", "MATERIALIZED VIEW", "VIEW", "TYPE", "INDEX")
    words.take("CONCURRENTLY")
    words.take("IF", "NOT", "EXISTS")
    if what == "INDEX":
        name = None if words.peek() == "ON" else words.name()
        if words.take("ON"):
            words.take("ONLY")
            yield Seen("create_index", words.name(), name)
    elif what == "TYPE":
        name = words.name()
        if words.take("AS", "ENUM"):
            yield Seen("create_enum", None, name)
    elif what is not None:
        yield Seen("create_table" if what == "TABLE" else "create_view", words.name())


_ENUM_ACTIONS = {
    "ADD VALUE": "add_value",
    "RENAME VALUE": "rename_value",
    "RENAME TO": "rename",
    "SET SCHEMA": "move",
}


def _alter(words: _Words) -> Iterator[Seen]:
    what = words.any("TYPE", "INDEX", "TABLE", "FOREIGN TABLE")
    words.take("IF", "EXISTS")
    if what is None:
        return
    words.take("ONLY")
    name = words.name()
    words.take("*")
    if what == "INDEX":
        if words.take("RENAME", "TO"):
            yield Seen("rename_index", None, name, words.name())
    elif what == "TYPE":
        action = words.any(*_ENUM_ACTIONS)
        if action is not None:
            yield Seen("alter_enum", None, name, _ENUM_ACTIONS[action])
    else:
        for part in words.parts():
            yield from _action(part, name)


def _action(words: _Words, table: str | None) -> Iterator[Seen]:
    """One action of ALTER TABLE."""
    what = words.any("ADD", "DROP", "ALTER", "MODIFY", "CHANGE", "RENAME", "SET SCHEMA")
    if what == "SET SCHEMA":
        yield Seen("move_table", table, None, words.name())
    elif what == "RENAME":
        yield from _rename(words, table)
    elif what == "ADD":
        yield from _add(words, table)
    elif what == "DROP":
        if words.take("CONSTRAINT"):
            words.take("IF", "EXISTS")
            yield Seen("drop_constraint", table, words.name())
        elif words.no_column() and words.any("INDEX", "KEY"):
            yield Seen("drop_index", None, words.name())
        elif words.take("COLUMN") or not words.no_column():
            words.take("IF", "EXISTS")
            yield Seen("drop_column", table, words.name())
    elif what == "ALTER":
        if words.take("COLUMN") or not words.no_column():
            column = words.name()
            if words.any("TYPE", "SET DATA TYPE"):
                yield Seen("alter_type", table, column)
            elif words.take("SET", "NOT", "NULL"):
                yield Seen("set_nullable", table, column, "not null")
            elif words.take("DROP", "NOT", "NULL"):
                yield Seen("set_nullable", table, column, "null")
    elif what in ("MODIFY", "CHANGE"):
        words.take("COLUMN")
        words.take("IF", "EXISTS")
        column = words.name()
        new = words.name() if what == "CHANGE" else column
        if new != column:
            yield Seen("rename_column", table, column, new)
        yield Seen("alter_type", table, new)


#: What begins no column, unless it is quoted; the second only in MySQL.
_NO_COLUMN = ("CONSTRAINT", "PRIMARY", "FOREIGN", "UNIQUE", "CHECK", "EXCLUDE", "TABLE")
_OF_MYSQL = ("INDEX", "KEY", "FULLTEXT", "SPATIAL", "PARTITION")


def _rename(words: _Words, table: str | None) -> Iterator[Seen]:
    what = words.any("TO", "AS", "CONSTRAINT", "INDEX", "KEY", "COLUMN")
    old = words.name()
    if what in ("TO", "AS"):
        yield Seen("rename_table", table, None, old)
        return
    if words.take("TO"):
        kind = {"CONSTRAINT": "rename_constraint", "INDEX": "rename_index", "KEY": "rename_index"}.get(
            what or ""
        )
        yield Seen(kind, None, old, words.name()) if kind else Seen("rename_column", table, old, words.name())
    elif what is None:
        yield Seen("rename_table", table, None, old)


def _add(words: _Words, table: str | None) -> Iterator[Seen]:
    if words.take("CONSTRAINT"):
        if not words.no_column():
            yield Seen("add_constraint", table, words.name())
        return
    if not words.take("COLUMN") and words.no_column():
        return
    words.take("IF", "NOT", "EXISTS")
    if words.take("("):
        for part in words.parts():
            if not part.no_column():
                yield Seen("add_column", table, part.name())
    else:
        yield Seen("add_column", table, words.name())
