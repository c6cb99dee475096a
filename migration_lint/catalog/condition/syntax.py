"""SQL text → the tree of an expression, with PostgreSQL's precedence (its manual, 4.1.6)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache

from migration_lint.named_tuple import NamedTuple
from migration_lint.operations import Dialect
from migration_lint.reading.sql.tokens import Token, tokenize

#: What a value may be: NULL, a truth value, a number, a text, a date or time.
Scalar = bool | Decimal | str | date | None


class Node(NamedTuple):
    """A part of an expression: an operation, its operands, and a name or a value.

    `operation` is `literal` (with `value`), `column`, `cast` (to the type `name`), `call`, `operator`, `and`,
    `or`, `not`, `is` (`name`: null, true, false, unknown, distinct), `like`, `ilike`, `in` (its first operand
    in the others), `any`, `all` (an operator over an array), `case`, `array`, `row`, `moment`: a value that
    only the server has when it runs, CURRENT_DATE; or of a query: `exists` (a row of the table `name` for
    which its operand is TRUE; "": no more is known), `among` (the same, and NULL where that cannot be told),
    or `query` (its only value). What reads no table is written without the query.
    """

    operation: str
    parts: tuple[Node, ...] = ()
    name: str = ""
    value: Scalar = None


class NotRead(Exception):
    """The text is no expression that is known here."""


class NotWorkedOut(Exception):
    """The server works it out; nobody does here."""


_OPERATOR = frozenset("+-*/<>=~!@#%^&|?")
#: Only an operator with one of these in it may end in + or - (the manual, 4.1.3).
_MARKING = frozenset("~!@#%^&|?")
_COMPARISONS = frozenset(("=", "<>", "!=", "<", ">", "<=", ">="))
_OR, _AND, _NOT, _IS, _COMPARISON, _RANGE, _OTHER, _SUM, _PRODUCT, _POWER, _ZONE, _UNARY = range(1, 13)
_BINDING = {"+": _SUM, "-": _SUM, "*": _PRODUCT, "/": _PRODUCT, "%": _PRODUCT, "^": _POWER}
_MOMENTS = frozenset(
    """
    CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP LOCALTIME LOCALTIMESTAMP CURRENT_USER SESSION_USER USER
    CURRENT_ROLE CURRENT_CATALOG CURRENT_SCHEMA SYSDATE
    """.split()
)
#: Functions between whose arguments stand words.
_WORDED = frozenset(("EXTRACT", "SUBSTRING", "TRIM", "POSITION", "OVERLAY"))
_BETWEEN_ARGUMENTS = frozenset(("FROM", "FOR", "IN", "PLACING", "BOTH", "LEADING", "TRAILING"))
_TYPE_WORDS = frozenset(("VARYING", "PRECISION", "WITH", "WITHOUT", "TIME", "ZONE"))
_QUERIES = frozenset(("SELECT", "WITH", "VALUES", "TABLE"))
#: Without GROUP BY they give one row, whatever there is.
_AGGREGATES = frozenset("count sum min max avg bool_and bool_or every string_agg array_agg json_agg".split())
_BEHIND_TABLE = frozenset(("", ")", "WHERE", "ORDER"))
_DEEPEST = 60


@lru_cache(maxsize=1024)
def parsed(text: str, dialect: Dialect) -> Node:
    """The tree of an expression. Raises NotRead."""
    reader = _Reader(list(tokenize(text, dialect)), dialect)
    found = reader.expression(0)
    if reader.word or reader.at < len(reader.tokens):
        raise NotRead(text)
    return found


class _Reader:
    def __init__(self, tokens: Sequence[Token], dialect: Dialect) -> None:
        self.tokens = tokens
        self.dialect = dialect
        self.at = 0
        self.depth = 0

    # Looking

    @property
    def token(self) -> Token:
        if self.at < len(self.tokens):
            return self.tokens[self.at]
        return Token("mark", "", "", 0, 0)

    @property
    def word(self) -> str:
        return self.token.word

    def ahead(self, distance: int) -> str:
        place = self.at + distance
        return self.tokens[place].word if place < len(self.tokens) else ""

    def take(self, *words: str) -> bool:
        if all(self.ahead(index) == word for index, word in enumerate(words)):
            self.at += len(words)
            return True
        return False

    def expect(self, *words: str) -> None:
        if not self.take(*words):
            raise NotRead(f"{' '.join(words)} expected")

    def operator(self) -> str:
        """The operator at the cursor, of one mark or of several that touch; "": there is none."""
        found, place = "", self.at
        while place < len(self.tokens) and self.tokens[place].kind == "mark":
            mark = self.tokens[place]
            if not _OPERATOR.issuperset(mark.word) or (found and mark.start != self.tokens[place - 1].end):
                break
            found += mark.word
            place += 1
        while len(found) > 1 and found[-1] in "+-" and not _MARKING.intersection(found[:-1]):
            found = found[:-1]
        return found

    def pass_operator(self, mark: str) -> None:
        while mark:
            mark = mark[len(self.token.word) :]
            self.at += 1

    # Expressions

    def expression(self, least: int) -> Node:
        """The longest expression whose operators bind tighter than `least`."""
        self.depth += 1
        if self.depth > _DEEPEST:
            raise NotRead("it nests too deep")
        left = self.prefixed()
        while True:
            following = self.follows(left, least)
            if following is None:
                break
            left = following
        self.depth -= 1
        return left

    def prefixed(self) -> Node:
        if self.take("NOT"):
            return Node("not", (self.expression(_NOT - 1),))
        mark = self.operator()
        if mark:
            self.pass_operator(mark)
            operand = self.expression(_UNARY - 1)
            if mark == "+":
                return operand
            if mark == "-" and operand.operation == "literal" and isinstance(operand.value, Decimal):
                return operand._replace(value=-operand.value)
            return Node("operator", (operand,), mark)
        return self.subscripted(self.primary())

    def follows(self, left: Node, least: int) -> Node | None:
        """The expression with what stands behind its first operand taken in; None: nothing does."""
        for word, level in (("OR", _OR), ("AND", _AND)):
            if self.word == word and level > least:
                self.at += 1
                return Node(word.lower(), (left, self.expression(level)))
        if least < _IS and self.word in ("IS", "ISNULL", "NOTNULL"):
            return self.tested(left)
        if least < _RANGE:
            ranged = self.ranged(left)
            if ranged is not None:
                return ranged
        if self.take("COLLATE"):
            self.pass_name()
            return left
        if least < _ZONE and self.take("AT", "TIME", "ZONE"):
            return Node("operator", (left, self.expression(_ZONE)), "AT TIME ZONE")
        mark = self.operator()
        level = _COMPARISON if mark in _COMPARISONS else _BINDING.get(mark, _OTHER)
        if not mark or level <= least:
            return None
        self.pass_operator(mark)
        mark = "<>" if mark == "!=" else mark
        if mark == "<=>" and self.dialect in ("mysql", "mariadb"):
            return Node("not", (Node("is", (left, self.expression(_COMPARISON)), "distinct"),))
        for some in ("ANY", "SOME", "ALL"):
            if self.word == some and self.ahead(1) == "(":
                if self.ahead(2) in _QUERIES:
                    self.at += 1
                    query = self.queried()
                    return _among(left, mark, query) if some != "ALL" else _among_all(left, mark, query)
                self.at += 2
                array = self.expression(0)
                self.expect(")")
                return Node("all" if some == "ALL" else "any", (left, array), mark)
        return Node("operator", (left, self.expression(level)), mark)

    def tested(self, left: Node) -> Node:
        """Behind IS, and the two words that say the same."""
        if self.take("ISNULL"):
            return Node("is", (left,), "null")
        if self.take("NOTNULL"):
            return Node("is", (left,), "not null")
        self.expect("IS")
        negated = self.take("NOT")
        if self.take("DISTINCT", "FROM"):
            found = Node("is", (left, self.expression(_IS)), "distinct")
            return Node("not", (found,)) if negated else found
        if self.word not in ("NULL", "TRUE", "FALSE", "UNKNOWN"):
            raise NotRead(f"IS {self.word}")
        name = self.word.lower()
        self.at += 1
        # Of a row, IS NOT NULL is more than the opposite of IS NULL.
        return Node("is", (left,), f"not {name}" if negated else name)

    def ranged(self, left: Node) -> Node | None:
        """IN, BETWEEN, LIKE and the like, with or without NOT; None: none of them is here."""
        start = self.at
        negated = self.take("NOT")
        found: Node | None = None
        if self.take("IN"):
            if self.ahead(1) in _QUERIES:
                found = _among(left, "=", self.queried())
            else:
                found = Node("in", (left, *self.arguments()))
        elif self.take("BETWEEN"):
            symmetric = self.take("SYMMETRIC")
            low = self.expression(_RANGE)
            self.expect("AND")
            high = self.expression(_RANGE)
            found = _between(left, low, high)
            if symmetric:
                found = Node("or", (found, _between(left, high, low)))
        elif self.word in ("LIKE", "ILIKE"):
            name = self.word.lower()
            self.at += 1
            found = Node(name, (left, self.expression(_RANGE)))
        elif self.take("SIMILAR", "TO"):
            found = Node("operator", (left, self.expression(_RANGE)), "SIMILAR TO")
        elif self.word in ("REGEXP", "RLIKE", "GLOB", "MATCH"):
            name = self.word
            self.at += 1
            found = Node("operator", (left, self.expression(_RANGE)), name)
        else:
            self.at = start
            return None
        if self.take("ESCAPE"):
            found = Node("operator", (*found.parts, self.expression(_RANGE)), "LIKE … ESCAPE")
        return Node("not", (found,)) if negated else found

    def subscripted(self, found: Node) -> Node:
        """Casts, subscripts and fields behind a value."""
        while True:
            if self.take("::"):
                found = Node("cast", (found,), self.type())
            elif self.word == "[":
                found = Node("operator", (found, *self.arguments("[", "]")), "[]")
            else:
                return found

    def primary(self) -> Node:
        token, word = self.token, self.word
        if token.kind == "number":
            self.at += 1
            return Node(
                "literal",
                value=Decimal(int(token.value, 0) if token.value[:2] in ("0x", "0X") else token.value),
            )
        if token.kind == "string":
            self.at += 1
            return Node("literal", value=token.value)
        if word == "(" and self.ahead(1) in _QUERIES:
            return self.queried().value()
        if word == "(":
            parts = self.arguments()
            return parts[0] if len(parts) == 1 else Node("row", tuple(parts))
        if token.kind not in ("word", "name") or (token.kind == "word" and word in _QUERIES):
            raise NotRead(token.value or "an expression expected")
        if token.kind == "word":
            special = self.special(word)
            if special is not None:
                return special
        return self.named()

    def special(self, word: str) -> Node | None:
        """What a keyword begins; None: the word is a name."""
        constants: dict[str, Scalar] = {"NULL": None, "TRUE": True, "FALSE": False}
        if word in constants:
            self.at += 1
            return Node("literal", value=constants[word])
        if word == "CASE":
            return self.case()
        if word == "CAST" and self.ahead(1) == "(":
            self.at += 2
            operand = self.expression(0)
            self.expect("AS")
            found = Node("cast", (operand,), self.type())
            self.expect(")")
            return found
        if word == "EXISTS" and self.ahead(1) == "(":
            self.at += 1
            return self.queried().exists()
        if word == "ARRAY" and self.ahead(1) == "[":
            self.at += 1
            return Node("array", tuple(self.arguments("[", "]")))
        if word == "ROW" and self.ahead(1) == "(":
            self.at += 1
            return Node("row", tuple(self.arguments()))
        if word in _MOMENTS:
            self.at += 1
            if self.word == "(":
                self.arguments()
            return Node("moment", name=word)
        if word in _WORDED and self.ahead(1) == "(":
            return self.worded(word)
        return None

    def named(self) -> Node:
        """A column, a call, or a literal behind the name of its type."""
        name = self.pass_name()
        if self.take("(", "*", ")"):
            return Node("call", (), name)
        if self.word == "(":
            return Node("call", tuple(self.arguments()), name)
        if self.token.kind == "string":
            literal = Node("literal", value=self.token.value)
            self.at += 1
            return Node("cast", (literal,), name)
        return Node("column", name=name)

    def pass_name(self) -> str:
        """The last part of a name with dots in it; a word in lower case."""
        while True:
            token = self.token
            if token.kind not in ("word", "name"):
                raise NotRead("a name expected")
            self.at += 1
            if not self.take("."):
                return token.value.lower() if token.kind == "word" else token.value

    def arguments(self, opening: str = "(", closing: str = ")") -> list[Node]:
        self.expect(opening)
        found: list[Node] = []
        while self.word != closing:
            if self.word in ("VARIADIC", "DISTINCT", "*", "SELECT", "WITH"):
                raise NotRead(self.word)
            found.append(self.expression(0))
            if not self.take(","):
                break
        self.expect(closing)
        return found

    # Queries

    def queried(self) -> _Query:
        """A query in parentheses; what is not read of it is passed over."""
        start = self.at
        self.expect("(")
        try:
            found = self.values() if self.word == "VALUES" else self.select()
            self.expect(")")
        except NotRead:
            self.at, depth = start, 0
            while self.at < len(self.tokens):
                depth += (self.word == "(") - (self.word == ")")
                self.at += 1
                if depth == 0:
                    break
            else:
                raise
            found = _Query(known=False)
        return found._replace(text=" ".join(each.value for each in self.tokens[start : self.at]))

    def values(self) -> _Query:
        self.expect("VALUES")
        rows = [tuple(self.arguments())]
        while self.take(","):
            rows.append(tuple(self.arguments()))
        return _Query(rows[0]) if len(rows) == 1 else _Query(known=False, any_row=True)

    def select(self) -> _Query:
        """SELECT from one table at most, with no more than a condition."""
        self.expect("SELECT")
        self.take("ALL")
        outputs: list[Node] = []
        while self.word not in ("FROM", "WHERE", ")"):
            outputs.append(Node("row") if self.take("*") else self.expression(0))
            if self.take("AS") or self.token.kind == "name" or self.word not in ("FROM", "WHERE", ",", ")"):
                self.at += 1
            if not self.take(","):
                break
        table = ""
        if self.take("FROM"):
            self.take("ONLY")
            table = self.pass_name()
            if self.take("AS") or self.word not in _BEHIND_TABLE:
                self.pass_name()
        where = self.expression(0) if self.take("WHERE") else None
        if self.take("ORDER", "BY"):
            self.expression(0)
        return _Query(tuple(outputs), table, where)

    def worded(self, word: str) -> Node:
        """EXTRACT (year FROM a), SUBSTRING (a FROM 1 FOR 2), …: the arguments apart from the words."""
        self.at += 2
        found: list[Node] = []
        while self.word != ")":
            if self.word in _BETWEEN_ARGUMENTS or self.word == ",":
                self.at += 1
            elif word == "EXTRACT" and not found:
                found.append(Node("literal", value=self.token.value))
                self.at += 1
            else:
                found.append(self.expression(_RANGE))
        self.expect(")")
        return Node("call", tuple(found), word.lower())

    def case(self) -> Node:
        """CASE as its conditions and results in turn, the last one behind ELSE."""
        self.expect("CASE")
        operand = None if self.word == "WHEN" else self.expression(0)
        parts: list[Node] = []
        while self.take("WHEN"):
            condition = self.expression(0)
            parts.append(condition if operand is None else Node("operator", (operand, condition), "="))
            self.expect("THEN")
            parts.append(self.expression(0))
        parts.append(self.expression(0) if self.take("ELSE") else Node("literal"))
        self.expect("END")
        return Node("case", tuple(parts))

    def type(self) -> str:
        """The type that stands here, as text."""
        found = self.pass_name()
        while self.word in _TYPE_WORDS:
            found += f" {self.word.lower()}"
            self.at += 1
        if self.take("("):
            inside = []
            while not self.take(")"):
                if self.at >= len(self.tokens):
                    raise NotRead("a type that does not end")
                inside.append(self.token.value)
                self.at += 1
            found += f"({''.join(inside)})"
        while self.word in _TYPE_WORDS:
            found += f" {self.word.lower()}"
            self.at += 1
        while self.take("["):
            if self.token.kind == "number":
                self.at += 1
            self.expect("]")
            found += "[]"
        return found


class _Query(NamedTuple):
    """What a query gives; in an expression it is written as far as it can be told without its table."""

    outputs: tuple[Node, ...] = ()
    table: str = ""
    where: Node | None = None
    known: bool = True  # False: it is not read
    any_row: bool = False  # it has a row in any case
    text: str = ""

    @property
    def condition(self) -> Node:
        """Its WHERE, which leaves out what it is not TRUE for."""
        return Node("literal", value=True) if self.where is None else Node("is", (self.where,), "true")

    @property
    def aggregates(self) -> bool:
        return self.known and any(
            each.operation == "call" and each.name in _AGGREGATES for each in self.outputs
        )

    def exists(self) -> Node:
        """Whether it has a row."""
        if self.any_row or self.aggregates:
            return Node("literal", value=True)
        if self.known and not self.table:
            return self.condition
        return Node("exists", (self.condition,), self.table, self.text)

    def value(self) -> Node:
        """Its only value."""
        if not self.known or len(self.outputs) != 1:
            return Node("query", value=self.text)
        (output,) = self.outputs
        if output.operation == "call" and output.name == "count":
            return output._replace(parts=(), value=self.text)
        if self.table or self.aggregates:
            return Node("query", value=self.text)
        return output if self.where is None else Node("case", (self.condition, output, Node("literal")))


def _among(left: Node, mark: str, query: _Query) -> Node:
    """IN and ANY over a query."""
    if not query.known or len(query.outputs) != 1 or query.aggregates:
        return Node("among", (left,), "", query.text)
    found = Node("and", (query.condition, Node("operator", (left, query.outputs[0]), mark)))
    return found if not query.table else Node("among", (found,), query.table, query.text)


def _among_all(left: Node, mark: str, query: _Query) -> Node:
    """ALL over a query: what holds for no row at all, and else for each."""
    if not query.known or len(query.outputs) != 1 or query.table or query.aggregates:
        return Node("among", (left,), "", query.text)
    held = Node("operator", (left, query.outputs[0]), mark)
    return Node("or", (Node("not", (query.condition,)), held))


def _between(value: Node, low: Node, high: Node) -> Node:
    return Node("and", (Node("operator", (value, low), ">="), Node("operator", (value, high), "<=")))


def columns_of(node: Node) -> frozenset[str]:
    """The names of columns in an expression."""
    found = frozenset((node.name,)) if node.operation == "column" else frozenset[str]()
    return found.union(*map(columns_of, node.parts))
