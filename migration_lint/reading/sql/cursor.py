"""A statement's tokens, and what every reader of a statement asks of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from migration_lint.identifiers import Identifiers
from migration_lint.named_tuple import NamedTuple
from migration_lint.operations import HOLE, Dialect
from migration_lint.reading.sql.keywords import words
from migration_lint.reading.sql.tokens import Token

_END = Token("mark", "", "", 0, 0)

#: Words that PostgreSQL and most others reserve: where a name is looked for, these are none.
RESERVED = words(
    """
    ADD ALL ALTER AND AS ASC BY CASCADE CASE CHECK COLUMN CONSTRAINT CREATE CROSS DEFAULT DELETE DESC
    DISTINCT DROP ELSE END EXCEPT EXISTS FOREIGN FROM FULL GRANT GROUP HAVING IF IN INNER INSERT
    INTERSECT INTO IS JOIN LEFT LIKE LIMIT NOT NULL ON ONLY OR ORDER OUTER PRIMARY REFERENCES RENAME
    RESTRICT RETURNING RIGHT SELECT SET TABLE THEN TO UNION UNIQUE UPDATE USING VALUES WHEN WHERE WITH
    """
)


#: Words that may follow a table's name in ALTER TABLE: behind a name that is a hole, these are none either.
_ACTIONS = words(
    """
    ALGORITHM ATTACH CHANGE CLUSTER CONVERT DETACH DISABLE DISCARD ENABLE ENGINE EXCHANGE FORCE IMPORT
    INHERIT LOCK MODIFY NO OPTIONS OWNER PARTITION PURGE REBUILD REMOVE REORGANIZE REPLICA RESET SWITCH
    TABLESPACE TRUNCATE VALIDATE
    """
)


#: SQL Server's own databases: no table in them is one of the project's.
_OF_THE_SERVER = frozenset({"master", "model", "msdb", "tempdb"})


class QualifiedName(NamedTuple):
    """A table, index, type …; `schema` is None where none is said."""

    schema: str | None
    name: str

    @property
    def dotted(self) -> str:
        return self.name if self.schema is None else f"{self.schema}.{self.name}"


#: How far behind the last token a reader may come that skips several at once.
_PAST_THE_END = 100


class Unreadable(Exception):
    """The reader of this statement does not know it; `tables` is what it may touch, if that is known."""

    def __init__(self, what: str, tables: tuple[str, ...] | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.tables = tables


class Cursor:
    """Walks over the tokens of one statement. Everything that a method takes is behind it afterwards."""

    def __init__(
        self, text: str, tokens: Sequence[Token], dialect: Dialect, schema: str | None, start: int = 0
    ) -> None:
        self.text = text
        self.tokens = tokens
        self.dialect = dialect
        self.identifiers = Identifiers(dialect)
        self.schema = schema  # what an unqualified name of a table means
        self.index = start
        self.length = len(tokens)

    # What is there

    @property
    def done(self) -> bool:
        return self.index >= self.length

    @property
    def token(self) -> Token:
        return self.tokens[self.index] if self.index < self.length else _END

    @property
    def word(self) -> str:
        return self.tokens[self.index].word if self.index < self.length else ""

    def ahead(self, distance: int) -> Token:
        index = self.index + distance
        return self.tokens[index] if index < self.length else _END

    def at(self, *words: str) -> bool:
        """Whether exactly these words come next."""
        tokens, index = self.tokens, self.index
        if index + len(words) > self.length:
            return False
        return all(tokens[index + offset].word == word for offset, word in enumerate(words))

    def at_name(self) -> bool:
        token = self.token
        if token.kind == "word":
            return True
        if token.kind == "name":
            return True
        return token.kind == "string" and self._string_names(token)

    def _string_names(self, token: Token) -> bool:
        """MySQL's "x" under ANSI_QUOTES, and SQLite's 'x'."""
        if self.dialect == "sqlite":
            return True
        return self.dialect in ("mysql", "mariadb") and self.text[token.start] == '"'

    # Taking

    def skip(self, count: int = 1) -> None:
        self.index += count
        if self.index > self.length + _PAST_THE_END:  # whoever looks for a word here would never find it
            raise Unreadable("more of the statement expected")

    def take(self, *words: str) -> bool:
        """Takes these words if exactly they come next."""
        if self.at(*words):
            self.index += len(words)
            return True
        return False

    def take_any(self, words: Collection[str]) -> str:
        """Takes one of these words, if one comes next, and returns it; else an empty string."""
        word = self.word
        if word and word in words:
            self.index += 1
            return word
        return ""

    def expect(self, *words: str) -> None:
        if not self.take(*words):
            raise Unreadable(f"{' '.join(words)} expected, not {self.here()}")

    def here(self) -> str:
        if self.done:
            return "the end"
        return f'"{self.text[self.token.start : self.token.end][:40]}"'.replace(HOLE, "…")

    def if_exists(self) -> bool:
        return self.take("IF", "EXISTS")

    def if_not_exists(self) -> bool:
        return self.take("IF", "NOT", "EXISTS")

    def string(self) -> str:
        """The content of a string."""
        token = self.token
        if token.kind == "word" and self.ahead(1).kind == "string" and token.value.startswith("_"):
            self.index += 1  # MySQL's _utf8'…'
            token = self.token
        if token.kind != "string":
            raise Unreadable(f"a string expected, not {self.here()}")
        self.index += 1
        return token.value

    def identifier(self) -> str:
        """One name, folded as the dialect folds it."""
        token = self.token
        if token.kind == "word":
            self.index += 1
            return self.identifiers.unquoted(token.value)
        if token.kind == "name" or (token.kind == "string" and self._string_names(token)):
            self.index += 1
            return self.identifiers.quoted(token.value)
        if token.kind == "number" and self.dialect in ("mysql", "mariadb"):
            following = self.ahead(1)
            self.index += 1
            if following.kind == "word" and following.start == token.end:
                self.index += 1
                return token.value + following.value
            return token.value
        if token.kind == "parameter" or token.kind == "string":
            self.index += 1
            return HOLE
        if token.word == "." and self.dialect == "mssql":  # `..t`: the parts in front are left to the session
            self.index += 1
            return self.identifier()
        raise Unreadable(f"a name expected, not {self.here()}")

    def parts(self) -> list[str]:
        """The parts of a dotted name."""
        found = [self.identifier()]
        while self.word == "." or self._fraction():
            if self.word == ".":
                self.index += 1
                if self.dialect == "mssql" and self.take("."):
                    found = above_default_schema(found)
            found.append(self.identifier())
        return found

    def _fraction(self) -> bool:
        """A name that starts with a digit behind a dot was read as a number: `db.1st`."""
        token = self.token
        return (
            token.kind == "number"
            and token.value.startswith(".")
            and self.dialect in ("mysql", "mariadb")
            and self.ahead(1).start == token.end
        )

    def name(self, *, default: str | None = None) -> QualifiedName:
        """A name that may be qualified. A catalog or database in front of the schema is dropped."""
        token = self.token
        if token.value == HOLE and token.kind == "word":
            following = self.ahead(1)
            # A part that stands alone before a name is a clause, such as IF EXISTS, not the name.
            if following.start > token.end and (
                following.kind == "name"
                or (
                    following.kind == "word"
                    and following.word not in RESERVED
                    and following.word not in _ACTIONS
                )
            ):
                self.index += 1
        parts = self.parts()
        if len(parts) > 1:
            return QualifiedName(parts[-2], parts[-1])
        return QualifiedName(default, parts[0])

    def table_name(self) -> QualifiedName:
        """A table's name; the search path is applied. Takes ONLY and `*` too."""
        if self.word == "ONLY":
            self.index += 1
            if self.take("("):
                name = self.name(default=self.schema)
                self.expect(")")
                return name
        name = self.name(default=self.schema)
        self.take("*")
        return name

    def names(self) -> list[str]:
        """`(a, b)`; anything that follows a name inside (ASC, a length, WITHOUT OVERLAPS) is left out."""
        self.expect("(")
        found: list[str] = []
        while not self.done and self.word != ")":
            if self.word == "(":
                found.append(self.text_of(self.index, self.after_group(self.index)))
                self.skip_group()
            else:
                if self.word == "PERIOD" and self.ahead(1).kind in ("word", "name"):
                    self.index += 1
                found.append(self.identifier())
            self.skip_item()
            self.take(",")
        self.expect(")")
        return found

    # Skipping

    def after_group(self, index: int) -> int:
        """The index behind the parenthesis that opens at `index`; the end if it does not close."""
        depth = 0
        tokens = self.tokens
        while index < self.length:
            word = tokens[index].word
            if word == "(" or word == "[":
                depth += 1
            elif word == ")" or word == "]":
                depth -= 1
                if depth <= 0:
                    return index + 1
            index += 1
        return self.length

    def skip_group(self) -> None:
        """Skips what stands in parentheses, if a parenthesis comes next."""
        if self.word == "(" or self.word == "[":
            self.index = self.after_group(self.index)

    def skip_until(self, stops: Collection[str] = ()) -> None:
        """Skips to one of `stops`, a comma, or a closing parenthesis, at this depth; not into CASE."""
        cases = 0
        while self.index < self.length:
            word = self.tokens[self.index].word
            if word == "(" or word == "[":
                self.index = self.after_group(self.index)
                continue
            if word == "CASE":
                cases += 1
            elif word == "END" and cases:
                cases -= 1
            elif not cases and word and (word in stops or word == "," or word == ")") or word == ")":
                return
            self.index += 1

    def skip_item(self) -> None:
        """Skips to the next comma or closing parenthesis at this depth."""
        self.skip_until()

    def skip_all(self) -> None:
        self.index = self.length

    # Text

    def text_of(self, start: int, end: int) -> str:
        """Tokens as written, comments left out and white space made one space."""
        parts: list[str] = []
        before = -1
        text = self.text
        for token in self.tokens[start:end]:
            if before >= 0 and token.start > before:
                parts.append(" ")
            parts.append(text[token.start : token.end])
            before = token.end
        return "".join(parts)

    def expression(self, stops: Collection[str] = ()) -> str:
        """The text up to one of `stops`, a comma or a closing parenthesis; at least one token."""
        start = self.index
        if self.word and self.word not in "(,)[":
            self.index += 1 if self.word != "CASE" else 0
        self.skip_until(stops)
        return self.text_of(start, self.index)

    def group_text(self) -> str:
        """What stands between parentheses, without them."""
        start = self.index
        self.skip_group()
        return self.text_of(start + 1, max(start + 1, self.index - 1))


def above_default_schema(parts: list[str]) -> list[str]:
    """What counts of the parts in front of two dots, as in SQL Server's `db..table`.

    The table is in the default schema, whatever the database is called, unless that is the server's own.
    """
    return parts if parts[-1].lower() in _OF_THE_SERVER else []


def named(token: Token, dialect: Dialect) -> str:
    """The name that a token is, as it is held."""
    identifiers = Identifiers(dialect)
    return identifiers.unquoted(token.value) if token.kind == "word" else identifiers.quoted(token.value)
