"""Text → statements: where one ends and the next begins."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from migration_lint.lazy_pattern import lazy_pattern
from migration_lint.named_tuple import NamedTuple
from migration_lint.operations import Dialect
from migration_lint.reading.sql.tokens import PLAIN, Quoting, Token, tokenize

#: Tokens of one statement that are kept. Only dumped data is longer, and its head says all that matters.
LONGEST_STATEMENT = 200_000

_ROUTINES = frozenset({"FUNCTION", "PROCEDURE", "TRIGGER", "EVENT", "PACKAGE", "BODY"})
_DECLARING = frozenset({";", "IS", "AS", "DECLARE"})
_CONTROL = frozenset({"IF", "LOOP", "WHILE", "REPEAT", "FOR"})
#: What may end a statement that holds no block; DELIMITER sets another end.
_WATCHED = frozenset({";", "(", ")", "GO", "/", "\\"})
_COPY_END = lazy_pattern(r"^\\\.[ \t]*\r?$", re.MULTILINE)
#: Commands of psql that end a statement instead of a semicolon.
_PSQL_END = lazy_pattern(r"\\(?:;|g(?:x|set|exec|desc)?\b|watch\b|crosstabview\b|bind\b|parse\b)")
_LINE_END = lazy_pattern(r"[\r\n]|\Z")


class SqlStatement(NamedTuple):
    """One statement; `problem` says why its end or its parts cannot be trusted."""

    text: str  # the whole text that it stands in
    tokens: list[Token]  # at least one
    problem: str | None = None
    whole: bool = True  # False: tokens beyond LONGEST_STATEMENT are missing

    @property
    def sql(self) -> str:
        return self.text[self.tokens[0].start : self.tokens[-1].end]


def split(
    text: str, dialect: Dialect, quoting: Callable[[], Quoting] = lambda: PLAIN
) -> Iterator[SqlStatement]:
    """The statements of `text` in order; SQL Server's batches come whole. Never raises.

    `quoting` is asked again after each statement where the server parses one after the other: on MySQL and
    MariaDB. PostgreSQL parses the whole text before it runs any of it.
    """
    return _Splitter(text, dialect, quoting).statements()


class _Splitter:
    def __init__(self, text: str, dialect: Dialect, quoting: Callable[[], Quoting]) -> None:
        self.text = text
        self.dialect = dialect
        self.asked = quoting if dialect in ("mysql", "mariadb") else None
        self.quoting = quoting()
        self.delimiter = ";"
        self.tokens: list[Token] = []
        self.last: Token | None = None  # the last token seen, kept or not
        self.data_may_end = True  # False: no `\\.` is left in the text
        self.before = 0  # where the token before ended, whatever became of it
        self.problem: str | None = None
        self.start_over()

    def start_over(self) -> None:
        self.tokens = []
        self.last = None
        self.problem = None
        self.compound: bool | None = None  # may hold BEGIN … END; None: not yet known
        self.depth = 0  # of BEGIN and CASE
        self.ended = False  # a block was closed
        self.nested = 0  # routines that an Oracle block declares, whose END is still to come
        self.parentheses = 0

    def finished(self) -> Iterator[SqlStatement]:
        if self.tokens:
            problem = self.problem
            if problem is None and self.depth > 0:
                problem = "a BEGIN has no END"
            whole = len(self.tokens) < LONGEST_STATEMENT
            if not whole and self.last is not None:
                self.tokens.append(self.last)  # so that `sql` is the whole text
            yield SqlStatement(self.text, self.tokens, problem, whole)
        self.start_over()

    def statements(self) -> Iterator[SqlStatement]:
        position: int | None = 0
        while position is not None:
            restart: int | None = None
            for token in tokenize(self.text, self.dialect, position, self.quoting):
                if self.compound is False and token.word not in _WATCHED and token.kind != "broken":
                    # most tokens: nothing hangs on them
                    self.keep(token)
                    self.before = token.end
                    continue
                if token.kind == "broken":
                    self.problem = f"a {token.value} does not end"
                    self.keep(token)
                    continue
                if token.word == "\\" and self._ended_by_psql(token):
                    yield from self.finished()
                    if self.text.startswith(";", token.end):
                        self.before = token.end
                        continue
                if not self.tokens:
                    restart = self._directive(token)
                    if restart is not None:
                        if self.tokens:
                            yield from self.finished()
                        break
                if self._at_delimiter(token):
                    self.before = token.end
                    restart = self._after_delimiter(token)
                    copying = self._copies_from_here()
                    yield from self.finished()
                    if copying and restart is None and self.data_may_end:
                        end = _COPY_END.search(self.text, token.end)
                        restart = end.end() if end is not None else None
                        self.data_may_end = end is not None
                    if restart is None and self.asked is not None and self.asked() != self.quoting:
                        self.quoting = self.asked()
                        restart = token.end
                    if restart is not None:
                        break
                    continue
                alone = self._on_own_line(token)
                self.before = token.end
                if alone:
                    yield from self.finished()
                    restart = _after_line(self.text, token.end)
                    break
                self._follow(token)
                self.keep(token)
            position = restart
        yield from self.finished()

    def keep(self, token: Token) -> None:
        if len(self.tokens) < LONGEST_STATEMENT:
            self.tokens.append(token)
        self.last = token

    def _directive(self, token: Token) -> int | None:
        """Where to go on after a client's own command (`DELIMITER //`, `\\restrict`); None: it is none."""
        if token.word == "\\" and self.dialect == "postgresql":
            end = _after_line(self.text, token.end)
            self.keep(Token("mark", "\\", self.text[token.start : end], token.start, end))
            return end
        if token.word == "DELIMITER" and self.dialect in ("mysql", "mariadb"):
            end = _after_line(self.text, token.end)
            delimiter = self.text[token.end : end].strip()
            if delimiter:
                self.delimiter = delimiter
                return end
        return None

    def _ended_by_psql(self, token: Token) -> bool:
        if self.dialect != "postgresql" or not self.tokens:
            return False
        return _PSQL_END.match(self.text, token.start) is not None

    def _at_delimiter(self, token: Token) -> bool:
        if self.delimiter != ";":
            return token.kind in ("word", "mark") and (
                self.delimiter in token.value or self.text.startswith(self.delimiter, token.start)
            )
        if token.word != ";" or self.dialect == "mssql" or self.depth > 0:
            return False
        if self.compound and self.dialect == "oracle" and not self.ended:
            return False
        # A rule's actions stand in parentheses with semicolons between. Anywhere else an open
        # parenthesis at a semicolon is a mistake, and to read on behind it misses nothing.
        return self.parentheses <= 0 or not self._is_rule()

    def _after_delimiter(self, token: Token) -> int | None:
        if self.delimiter == ";":
            return None
        at = token.value.find(self.delimiter)
        if at > 0:
            value = token.value[:at]
            self.keep(Token("word", value.upper(), value, token.start, token.start + at))
        return token.start + max(at, 0) + len(self.delimiter)

    def _is_rule(self) -> bool:
        return any(token.word == "RULE" for token in self.tokens[1:4])

    def _copies_from_here(self) -> bool:
        tokens = self.tokens
        if not tokens or tokens[0].word != "COPY" or self.dialect != "postgresql":
            return False
        return any(
            token.word == "STDIN" and tokens[index - 1].word == "FROM" for index, token in enumerate(tokens)
        )

    def _on_own_line(self, token: Token) -> bool:
        """`GO` of SQL Server's and `/` of Oracle's clients."""
        if token.word == "GO":
            if self.dialect != "mssql":
                return False
        elif token.word != "/" or self.dialect != "oracle":
            return False
        between = self.text[self.before : token.start]
        if self.before and "\n" not in between and "\r" not in between:
            return False
        rest = self.text[token.end : _after_line(self.text, token.end)].strip()
        return not rest or rest.isdigit()

    def _follow(self, token: Token) -> None:
        """Keeps count of what hides a semicolon."""
        word = token.word
        if word == "(":
            self.parentheses += 1
        elif word == ")":
            self.parentheses -= 1
        if self.dialect == "mssql":
            self.compound = False
        if not word or self.dialect == "mssql":
            return
        if self.compound is None:
            self.compound = self._may_be_compound(word)
        if not self.compound:
            return
        before = self.tokens[-1].word if self.tokens else ""
        if word == "BODY" and self.dialect == "oracle":  # its own END comes after those of its routines
            self.depth += 1
        elif word == "BEGIN" or (word == "CASE" and before != "END" and self.depth > 0):
            if self.dialect != "postgresql" or word == "CASE":
                self.depth += 1
        elif word == "ATOMIC" and before == "BEGIN" and self.dialect == "postgresql":
            self.depth += 1
        elif word == "END" and (self.depth > 0 or self.dialect == "oracle"):
            self.depth = max(self.depth - 1, 0)
            self.ended = self.depth > 0 or self.nested == 0
            self.nested -= self.depth == 0 and self.nested > 0
        elif word in ("PROCEDURE", "FUNCTION") and before in _DECLARING and self.dialect == "oracle":
            self.nested += self.depth == 0  # its END is not yet the end of the block that declares it
        elif word in _CONTROL and before == "END":
            self.depth += 1
            if self.dialect == "oracle":
                # `END IF` of a block whose BEGIN is still open
                self.ended = False

    def _may_be_compound(self, word: str) -> bool | None:
        if self.tokens and self.tokens[0].word == "BEGIN":  # MariaDB's BEGIN NOT ATOMIC … END
            self.depth += word == "NOT"
            return word == "NOT"
        if not self.tokens:
            if word == "BEGIN" and self.dialect in ("mysql", "mariadb"):
                return None
            if self.dialect == "oracle" and word in ("BEGIN", "DECLARE"):
                return True
            if self.delimiter != ";":
                return None  # any word may hold the end
            return None if word in ("CREATE", "ALTER") else False
        if word in _ROUTINES:
            return self.dialect != "oracle" or self.tokens[0].word == "CREATE"
        return None if len(self.tokens) < 12 or self.delimiter != ";" else False


def _after_line(text: str, position: int) -> int:
    found = _LINE_END.search(text, position)
    return found.start() if found is not None else len(text)
