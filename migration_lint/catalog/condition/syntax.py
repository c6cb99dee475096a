"""SQL text → the tree of an expression, with PostgreSQL's precedence (its manual, 4.1.6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from functools import lru_cache

from migration_lint.catalog.condition.queries import EVERY, Query, among, among_all, unnested
from migration_lint.catalog.condition.tree import Node, NotRead, Scalar
from migration_lint.operations import Dialect
from migration_lint.reading.sql.tokens import Token, tokenize

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
#: What may stand behind a table and is no alias of it.
_CLAUSES = frozenset("WHERE GROUP HAVING WINDOW UNION INTERSECT EXCEPT ORDER LIMIT OFFSET FETCH FOR".split())
_NO_ALIAS = _CLAUSES | {
    "",
    ")",
    ",",
    "JOIN",
    "CROSS",
    "INNER",
    "LEFT",
    "RIGHT",
    "FULL",
    "NATURAL",
    "TABLESAMPLE",
}
_DEEPEST = 60
#: Aggregates that come to the same set of values, whatever the order, and however often each is there.
_OF_ANY_ORDER = frozenset(("array_agg", "max", "min"))
#: What a number of rows is compared with to learn whether there are any, or none.
_ANY = ((">", 0), ("<>", 0), (">=", 1))
_NONE = (("=", 0), ("<=", 0), ("<", 1))
_ANY_BEHIND = (("<", 0), ("<>", 0), ("<=", 1))
_NONE_BEHIND = (("=", 0), (">=", 0), (">", 1))


@lru_cache(maxsize=1024)
def parsed(text: str, dialect: Dialect, within: str = "") -> Node:
    """The tree of an expression; `within`: what stands before its statement, a WITH. Raises NotRead."""
    named = _queries_of(within, dialect) if within[:4].upper() == "WITH" else {}
    reader = _Reader(list(tokenize(text, dialect)), dialect, named)
    found = reader.expression(0)
    if reader.word or reader.at < len(reader.tokens):
        raise NotRead(text)
    return found


def _queries_of(within: str, dialect: Dialect) -> dict[str, Query]:
    """The queries that a WITH names, as far as it is read."""
    reader = _Reader(list(tokenize(within, dialect)), dialect, {})
    with suppress(NotRead):
        reader.naming()
    return reader.queries


class _Reader:
    def __init__(self, tokens: Sequence[Token], dialect: Dialect, named: Mapping[str, Query]) -> None:
        self.tokens = tokens
        self.dialect = dialect
        self.queries = dict(named)  # what names mean that WITH gave to queries
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
                    return among(left, mark, query) if some != "ALL" else among_all(left, mark, query)
                self.at += 2
                array = self.expression(0)
                self.expect(")")
                listed = unnested(array)
                if listed is not None and some != "ALL":
                    return among(left, mark, listed)
                return Node("all" if some == "ALL" else "any", (left, array), mark)
        return _compared(left, mark, self.expression(level))

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
                found = among(left, "=", self.queried())
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
        if word == "ARRAY" and self.ahead(1) == "(" and self.ahead(2) in _QUERIES:
            self.at += 1
            return self.queried().collected()
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
            parts = self.arguments(distinct=name in _OF_ANY_ORDER)
            # An array of the rows that there are is NULL only where there are none.
            filled = name == "coalesce" and parts and parts[0].operation == "collected"
            return parts[0] if filled else Node("call", tuple(parts), name)
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

    def arguments(self, opening: str = "(", closing: str = ")", distinct: bool = False) -> list[Node]:
        self.expect(opening)
        found: list[Node] = []
        if distinct:
            self.take("DISTINCT")
        while self.word != closing:
            if self.word in ("VARIADIC", "DISTINCT", "*", "SELECT", "WITH"):
                raise NotRead(self.word)
            found.append(self.expression(0))
            if not self.take(","):
                break
        if distinct and self.take("ORDER", "BY"):
            self.listed()
        self.expect(closing)
        return found

    # Queries

    def queried(self) -> Query:
        """A query in parentheses; what is not read of it is passed over."""
        start, named = self.at, dict(self.queries)
        self.expect("(")
        try:
            found = self.query()
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
            found = Query(known=False)
        self.queries = named
        return found.told(" ".join(each.value for each in self.tokens[start : self.at]))

    def naming(self) -> None:
        """WITH and the queries that it names."""
        self.expect("WITH")
        self.take("RECURSIVE")
        while True:
            name = self.pass_name()
            columns = [each.name for each in self.arguments()] if self.word == "(" else []
            self.expect("AS")
            self.take("NOT")
            self.take("MATERIALIZED")
            query = self.queried()
            self.queries[name] = query.called(columns) if columns else query
            if not self.take(","):
                return

    def query(self) -> Query:
        """SELECT, VALUES or TABLE, or several of them with UNION."""
        if self.word == "WITH":
            self.naming()
        found = self.one()
        while self.take("UNION"):
            if not self.take("ALL"):
                self.take("DISTINCT")
            found = found.united(self.one())
        if self.take("ORDER", "BY"):
            self.listed()
        return self.limited(found)

    def one(self) -> Query:
        if self.word == "(":
            return self.queried()
        if self.take("VALUES"):
            found = Query(tuple(self.arguments()))
            while self.take(","):
                found = found.united(Query(tuple(self.arguments())))
            return found
        if self.take("TABLE"):
            return self.source().selecting((EVERY,), ("",), None)
        return self.select()

    def limited(self, query: Query) -> Query:
        """A query with LIMIT, OFFSET or FETCH, which may leave rows out, and FOR UPDATE."""
        while self.word in ("LIMIT", "OFFSET", "FETCH"):
            word = self.word
            self.at += 1
            if word == "FETCH" and not (self.take("FIRST") or self.take("NEXT")):
                raise NotRead("FETCH")
            if self.take("ALL"):
                continue
            count = Node("literal", value=Decimal(1)) if self.word in ("ROW", "ROWS") else self.expression(0)
            for each in ("ROW", "ROWS", "ONLY"):
                self.take(each)
            query = query.counted(word == "OFFSET", count)
        while self.word == "FOR":
            while self.word not in (")", ""):
                self.at += 1
        return query

    def listed(self) -> None:
        """What stands behind ORDER BY."""
        while True:
            self.expression(0)
            while self.word in ("ASC", "DESC", "NULLS", "FIRST", "LAST"):
                self.at += 1
            if not self.take(","):
                return

    def select(self) -> Query:
        """SELECT from one table at most, with no more than a condition."""
        self.expect("SELECT")
        self.take("ALL")
        if self.take("DISTINCT") and self.word == "ON":
            raise NotRead("DISTINCT ON")
        outputs, names = self.outputs()
        source = self.source() if self.take("FROM") else Query()
        where = self.expression(0) if self.take("WHERE") else None
        found = source.selecting(tuple(outputs), tuple(names), where)
        if self.take("GROUP", "BY"):
            self.listed()
            if found.aggregates:
                raise NotRead("GROUP BY")
        return found

    def outputs(self) -> tuple[list[Node], list[str]]:
        """What a SELECT gives, and how that is called."""
        outputs: list[Node] = []
        names: list[str] = []
        while self.word not in ("FROM", "WHERE", ")") and (outputs or self.word not in _CLAUSES):
            if self.ahead(1) == "." and self.ahead(2) == "*":
                self.at += 2
            output = EVERY if self.take("*") else self.expression(0)
            named = self.take("AS") or self.token.kind == "name"
            if named or self.word not in (_CLAUSES | {"FROM", ",", ")", ""}):
                names.append(self.pass_name())
            else:
                names.append(output.name)
            outputs.append(output)
            if not self.take(","):
                break
        return outputs, names

    def source(self) -> Query:
        """What stands behind FROM: a table, a query, or the items of an array."""
        self.take("ONLY")
        if self.word == "(":
            found = self.queried()
        elif self.word == "UNNEST":
            self.at += 1
            arrays = self.arguments()
            found = (unnested(arrays[0]) if len(arrays) == 1 else None) or Query(known=False)
            if self.take("AS") or self.word not in _NO_ALIAS:
                found = found.called([self.pass_name()])
                if self.word == "(":
                    found = found.called([each.name for each in self.arguments()])
            return found
        else:
            dotted = self.ahead(1) == "."
            name = self.pass_name()
            query = None if dotted else self.queries.get(name)
            found = Query((EVERY,), ("",), table=name) if query is None else query
        if self.take("AS") or self.word not in _NO_ALIAS:
            self.pass_name()
            if self.word == "(":
                found = found.called([each.name for each in self.arguments()])
        return found

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


def _between(value: Node, low: Node, high: Node) -> Node:
    return Node("and", (Node("operator", (value, low), ">="), Node("operator", (value, high), "<=")))


def _compared(left: Node, mark: str, right: Node) -> Node:
    """Two operands; whether a number of rows is 0 is whether there are any."""
    for count, number, kinds in ((left, right, (_ANY, _NONE)), (right, left, (_ANY_BEHIND, _NONE_BEHIND))):
        if count.operation == "count" and number.operation == "literal":
            exists = Node("exists", count.parts, count.name, count.value)
            if (mark, number.value) in kinds[0]:
                return exists
            if (mark, number.value) in kinds[1]:
                return Node("not", (exists,))
    return Node("operator", (left, right), mark)
