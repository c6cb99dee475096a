"""What a loop of a block does in all of its rounds, by the query whose rows it goes through.

`DELETE … WHERE CURRENT OF c`, and `DELETE … WHERE id = r.id`, take every row that the query gives; a
statement in a loop over another table's rows takes those that are like them. A variable that a query filled
stands for that query: `id = ANY (ids)` behind `SELECT array_agg(id) INTO ids FROM …`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

from migration_lint.named_tuple import NamedTuple
from migration_lint.operations import Dialect
from migration_lint.reading.sql.counting import Counter, counters, hanging
from migration_lint.reading.sql.executed import apart, with_expressions
from migration_lint.reading.sql.tokens import Token, tokenize

#: What leaves rows of its table out, or makes others of them.
_NOT_PLAIN = frozenset(
    "GROUP HAVING WINDOW UNION INTERSECT EXCEPT LIMIT OFFSET FETCH JOIN TABLESAMPLE WITH INTO".split()
)
_BEHIND = frozenset(("ORDER", "FOR"))
_ENDING = frozenset(("FOUND", "NOTFOUND"))
_ASSIGNING = frozenset((":=", "=", "DEFAULT"))
_COMPARING = frozenset(("<", ">", "=", "<=", ">="))
#: Behind these stands the name of a table, or of what is set.
_NAMING = frozenset(("FROM", "UPDATE", "INTO", "ONLY", "JOIN", "SET", "."))
#: What a variable is written as: SQL Server's are @name.
_VARIABLES = frozenset(("word", "name", "parameter"))
_LENGTHS = frozenset(("ARRAY_LENGTH", "CARDINALITY", "ARRAY_UPPER"))
_ADDING = frozenset(("||", "ARRAY_APPEND"))
_LONGEST = 2_000
#: In the place of a value of which nothing is known.
_UNKNOWN = "(SELECT 1 FROM a_row)"
#: In the place of what is TRUE for each row in one round or another.
_IN_SOME_ROUND = "EXISTS (SELECT 1 FROM a_round)"
# Texts, which `re` compiles when they are first needed.
_COUNT = r"(?:\d+|:\w+|%\(\w+\)s|%s|\?)"
_LIMITED = (
    rf"\s(?:LIMIT\s+{_COUNT}|FETCH\s+(?:FIRST|NEXT)\s+{_COUNT}\s+ROWS?\s+ONLY)(?:\s+FOR\s+UPDATE(?:\s+SKIP\s+"
    r"LOCKED)?)?(?=\s*(?:\)|;|$))"
)
#: One row at a time: the first or the last one that is left.
_FIRST = r"=\s*\(\s*SELECT\s+(?:(?:MIN|MAX)\s*\(\s*([\w.\"`]+)\s*\)|([\w.\"`]+))(?=\s+FROM\b)"
#: SQL Server's: behind DELETE or UPDATE itself, or in a query.
_TOP = r"\b(DELETE|UPDATE|SELECT)\s+TOP\s*(?:\(\s*[^()]*\)|\d+)(?:\s+PERCENT)?"
#: A name that is compared, in parentheses of its own.
_ALONE = r"([<>=])\s*\((\w+(?:\.\w+)?)\)"
_ORDERED = r"\sORDER\s+BY\s+[\w\s,.\"`]+$"


class Query(NamedTuple):
    """A query of nothing but one table, all of its rows or those of a condition."""

    table: str  # its name without a schema, in lower case
    where: str  # "": all
    columns: tuple[str, ...] = ()  # that it gives, as far as they are plain; `*`: all

    def of(self, column: str) -> str:
        """A column of its rows; NULL for the rows that it leaves out."""
        return f"(CASE WHEN {self.where} THEN {column} END)" if self.where else column


class Held(NamedTuple):
    """What a query gave to a variable."""

    text: str  # the query, in parentheses
    query: Query | None = None  # where the variable is an array: what its items are of
    column: str = ""  # and which of its columns


class Rounds:
    """What a block knows of its cursors and of the rows in its variables, all by names in lower case."""

    def __init__(self, text: str, dialect: Dialect = "postgresql") -> None:
        self.text = text
        self.dialect = dialect
        self.cursors: dict[str, Query | None] = {}
        self.rows: dict[str, Query | None] = {}
        self.values: dict[str, tuple[Query, str]] = {}  # variables that hold one column
        self.taken: dict[str, str] = {}  # what the variable of a loop goes through, as ANY (…) has it
        self.held: dict[str, Held] = {}
        self.gathered: dict[str, Held] = {}  # arrays that a loop fills, which hold all behind its end
        self.indexed: dict[str, str] = {}  # arrays that a loop goes through, by the variable of their places
        self.counted: dict[str, Counter] = {}  # variables that the loops around count with
        self.repeats = False  # it runs in a loop of which nobody knows how often
        self.guards = 1  # conditions between the innermost loop and what is read; outside of any: one

    def over(self, text: str) -> Rounds:
        """The same, for another text: what EXECUTE runs."""
        made = Rounds(text, self.dialect)
        made.__dict__.update({**self.__dict__, "text": text})
        return made

    def declare(self, declared: Sequence[Token]) -> None:
        """`c CURSOR FOR SELECT …`, and Oracle's `CURSOR c IS SELECT …`."""
        words = [token.word for token in declared]
        if "CURSOR" in words[:4] and "SELECT" in words and len(declared) > 2:
            name = declared[1] if words[0] == "CURSOR" else declared[0]
            self.cursors[name.value.lower()] = self._query(declared[words.index("SELECT") :])

    def open(self, tokens: Sequence[Token]) -> None:
        """`OPEN c FOR SELECT …`, `OPEN c FOR EXECUTE '…' USING …`."""
        words = [token.word for token in tokens]
        if words[:1] == ["OPEN"] and "FOR" in words and len(tokens) > 3:
            behind = tokens[words.index("FOR") + 1 :]
            self.cursors[tokens[1].value.lower()] = self._query_run(behind)

    def fetch(self, tokens: Sequence[Token]) -> None:
        """`FETCH c INTO r`, or into a variable for each column."""
        words = [token.word for token in tokens]
        if words[:1] != ["FETCH"] or "INTO" not in words:
            return
        at = words.index("INTO")
        query = self.cursors.get(tokens[at - 1].value.lower())
        names = [token.value.lower() for token in tokens[at + 1 :] if token.kind in _VARIABLES]
        if len(names) == 1:
            self.rows[names[0]] = query
        if query is not None and len(names) == len(query.columns) and "*" not in query.columns:
            self.values |= {name: (query, of) for name, of in zip(names, query.columns, strict=True)}

    def enter(self, head: Sequence[Token], body: Sequence[Token]) -> None:
        """A loop begins: what its variable holds, and whether some of its rounds may be left out."""
        words = [token.word for token in head]
        inside = words.index("IN") if "IN" in words else 0
        if words[:1] == ["FOR"] and inside >= 2 and len(head) > inside + 1:
            self._goes_over([each.value.lower() for each in head[1:inside:2]], head[inside + 1 :])
            if _LENGTHS.intersection(words):
                self.indexed |= {each.value.lower(): words[1] for each in head[4:]}
        if words[:1] == ["FOREACH"] and words[2:4] == ["IN", "ARRAY"] and len(head) > 4:
            array = head[4:]
            held = self.held.get(head[4].value.lower()) if len(head) == 5 else self._of_query(array)
            self._goes_through(head[1].value.lower(), held, self.filled(array))
        counting = dict(counters(head, body))
        self.counted = {**self.counted, **counting}
        self.guards = int(_leaves_out(body, counting))
        counts = words[:1] == ["FOR"] and bool(counting)
        unknown = words[:1] in ([], ["WHILE"]) or counts
        self.repeats = self.repeats or (unknown and not _leaves_some([*head, *body]))

    def _goes_over(self, names: Sequence[str], source: Sequence[Token]) -> None:
        """FOR name, … IN a query, or a cursor: what the names hold."""
        words = [each.word for each in source[:2]]
        begins = (["SELECT"], ["WITH"], ["EXECUTE"])
        at = next((at for at in (0, 1) if words[at : at + 1] in begins), None)
        behind = source[at : len(source) - (at == 1)] if at is not None else ()
        query = self._query_run(behind) if behind else self.cursors.get(source[0].value.lower())
        for name in names:
            self.values.pop(name, None)
            self.taken.pop(name, None)
        if len(names) == 1:
            self.rows[names[0]] = query
        if query is not None and len(names) == len(query.columns) and "*" not in query.columns:
            self.values |= {name: (query, of) for name, of in zip(names, query.columns, strict=True)}
        elif behind and behind[0].word != "EXECUTE" and len(names) == 1:
            self.taken[names[0]] = self.filled(behind)

    def _goes_through(self, name: str, held: Held | None, array: str) -> None:
        """FOREACH name IN an array."""
        self.values.pop(name, None)
        self.rows.pop(name, None)
        self.taken[name] = array
        if held is not None and held.query is not None:
            self.values[name] = (held.query, held.column)

    def leave(self, before: dict[str, Held]) -> None:
        """An arm or a loop ends, which may not have run: what it set is not known behind it."""
        self.held = {name: held for name, held in self.held.items() if before.get(name) == held}

    # Variables

    def told(self, tokens: Sequence[Token]) -> None:
        """A statement or a declaration gives variables other values, some of them what a query gives."""
        words = [token.word for token in tokens]
        at = next((at for at in range(1, min(len(words), 8)) if words[at] in _ASSIGNING), 0)
        if at and words[0] not in ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH", "PERFORM"):
            name = tokens[words[0] in ("SET", "GET")].value.lower()
            found = self._of_query(tokens[at + 1 :]) if words[0] != "GET" else None
            self._hold(name, found)
            if found is None:
                self._gather(name, tokens[at + 1 :])
        elif "INTO" in words and words[0] != "INSERT":
            self._into(tokens, words)

    def _hold(self, name: str, held: Held | None) -> None:
        self.held.pop(name, None)
        if held is not None:
            self.held[name] = held

    def _into(self, tokens: Sequence[Token], words: Sequence[str]) -> None:
        """`SELECT a, b INTO x, y FROM …`."""
        at = words.index("INTO")
        end = at + 1 + (words[at + 1 : at + 2] == ["STRICT"])
        names = [tokens[end].value.lower()] if end < len(tokens) else []
        while words[end + 1 : end + 2] == [","] and end + 2 < len(tokens):
            end += 2
            names.append(tokens[end].value.lower())
        query = [*tokens[:at], *tokens[end + 1 :]]
        start = next((place for place, each in enumerate(query) if each.word == "FROM"), 0)
        listed = apart(query[1:start], ",")
        for number, name in enumerate(names):
            known = words[0] == "SELECT" and len(listed) == len(names)
            self._hold(name, self._selected(listed[number], query[start:]) if known else None)

    def _of_query(self, expression: Sequence[Token]) -> Held | None:
        """`ARRAY(SELECT …)`, and `(SELECT …)`."""
        words = [each.word for each in expression]
        start = 1 + (words[:1] == ["ARRAY"])
        if words[start - 1 : start + 1] != ["(", "SELECT"] or words[-1] != ")" or "FROM" not in words:
            return Held(f"({self.filled(expression)})") if "SELECT" in words else None
        behind = words.index("FROM")
        listed = apart(expression[start + 1 : behind], ",")
        found = self._selected(listed[0], expression[behind:-1]) if len(listed) == 1 else None
        if found is None or start == 1:
            return found
        query = self._query(expression[start:-1])
        column = self.written(listed[0])
        return Held(f"(ARRAY{found.text})", query if query and query.columns else None, column)

    def _selected(self, output: Sequence[Token], behind: Sequence[Token]) -> Held:
        text = f"(SELECT {self.filled(output)} {self.filled(behind)})"
        words = [each.word for each in output]
        if words[:2] != ["ARRAY_AGG", "("] or words[-1] != ")" or {"(", "ORDER"}.intersection(words[2:]):
            return Held(text)
        return Held(
            text, self._query([output[0]._replace(word="SELECT"), *behind]), self.written(output[2:-1])
        )

    def _gather(self, name: str, expression: Sequence[Token]) -> None:
        """`ids := ids || r.id`, in each round."""
        words = [each.word for each in expression]
        places = {"||": (0, 2), "ARRAY_APPEND": (2, 4)}.get(next(iter(_ADDING.intersection(words[:2])), ""))
        if places is None or len(words) != places[1] + 3 + (places[0] > 0) or self.guards:
            return
        item = expression[places[1] : places[1] + 3]
        query = self.rows.get(item[0].value.lower())
        if expression[places[0]].value.lower() == name and item[1].word == "." and query is not None:
            column = self.written(item[2:])
            where = f" WHERE {query.where}" if query.where else ""
            text = f"(SELECT array_agg({column}) FROM {query.table}{where})"
            self.gathered[name] = Held(text, query, column)

    def filled(self, tokens: Sequence[Token]) -> str:
        """A text with queries in the places of variables."""
        made, at = "", tokens[0].start if tokens else 0
        for index, token in enumerate(tokens):
            held = self._held(tokens, index)
            if held is not None:
                made += self.text[at : token.start] + held.text
                at = token.end
                if len(made) > _LONGEST:
                    return _UNKNOWN
        return made + self.text[at : tokens[-1].end] if tokens else made

    def _held(self, tokens: Sequence[Token], index: int) -> Held | None:
        token = tokens[index]
        before = tokens[index - 1].word if index else ""
        behind = tokens[index + 1].word if index + 1 < len(tokens) else ""
        if token.kind not in ("word", "name") or before in _NAMING or behind in (".", "(", "["):
            return None
        return self.held.get(token.value.lower())

    # Statements

    def all_of(self, tokens: Sequence[Token]) -> str | None:
        """An UPDATE or DELETE as what it does in all rounds; None: as it stands."""
        words = [token.word for token in tokens]
        if words[0] not in ("DELETE", "UPDATE"):
            return None
        table = self._table(tokens, 1 + (words[1:2] == ["FROM"]))[0]
        counted = {} if self.guards else dict(hanging(tokens, self.counted))
        made, at, index = "", tokens[0].start, 0
        while index < len(tokens):
            found = self._meant(tokens, index, table)
            if index in counted:
                found = _IN_SOME_ROUND, counted[index] - index
            if found is not None:
                meant, count = found
                made += self.text[at : tokens[index].start] + meant
                index += count
                at = tokens[index - 1].end
            else:
                index += 1
        if not made and not self.repeats:
            return None
        whole = made + self.text[at : tokens[-1].end]
        return unlimited(whole) if self.repeats else whole

    def _meant(self, tokens: Sequence[Token], index: int, table: str) -> tuple[str, int] | None:
        """What stands at a place for all rounds, and how many tokens it takes the place of."""
        token, name = tokens[index], tokens[index].value.lower()
        following = [each.word for each in tokens[index + 1 : index + 3]]
        if token.word == "CURRENT" and following[:1] == ["OF"] and len(following) == 2:
            query = self.cursors.get(tokens[index + 2].value.lower())
            of_all = query is not None and query.table == table and not self.guards
            return (f"({query.where or 'true'})", 3) if query is not None and of_all else None
        if token.kind not in _VARIABLES or (index and tokens[index - 1].word == "."):
            return None
        in_turn = self._in_turn(tokens, index)
        if in_turn is not None:
            return in_turn
        if name in self.rows and following[:1] == ["."] and len(following) == 2:
            query, column = self.rows[name], self.written(tokens[index + 2 : index + 3])
            known = query is not None and query.table == table and not self.guards
            return query.of(column) if query is not None and known else _UNKNOWN, 3
        if name in self.values and following[:1] not in (["."], ["("]):
            query, column = self.values[name]
            known = query.table == table and not self.guards and column.lower() != name
            return (query.of(column), 1) if known else None
        held = self._held(tokens, index)
        if held is not None:
            return held.text, 1
        if following == ["[", self.indexed.get(name)]:
            array = self.held.get(name, Held(""))
            own = array.query is not None and array.query.table == table and not self.guards
            return (array.query.of(array.column), 4) if array.query is not None and own else None
        return None

    def _in_turn(self, tokens: Sequence[Token], index: int) -> tuple[str, int] | None:
        """Behind a comparison: any of what a loop's variable goes through, where nothing else names it."""
        name = tokens[index].value.lower()
        through = self.taken.get(name)
        if through is None or self.guards or not index or tokens[index - 1].word not in _COMPARING:
            return None
        if name in self.values or sum(each.value.lower() == name for each in tokens) > 1:
            return None
        behind = [each.word for each in tokens[index + 1 : index + 3]]
        if name in self.rows and behind[:1] == ["."] and len(behind) == 2:
            column = self.written(tokens[index + 2 : index + 3])
            return f"ANY (SELECT {column} FROM ({through}) AS {name})", 3
        return None if behind[:1] in (["."], ["("], ["["]) else (f"ANY ({through})", 1)

    def written(self, tokens: Sequence[Token]) -> str:
        return self.text[tokens[0].start : tokens[-1].end]

    def _table(self, tokens: Sequence[Token], at: int) -> tuple[str, int]:
        """The name of a table without its schema, and where it ends."""
        at += at < len(tokens) and tokens[at].word == "ONLY"
        while at + 2 < len(tokens) and tokens[at + 1].word == ".":
            at += 2
        named = at < len(tokens) and tokens[at].kind in ("word", "name")
        return (tokens[at].value.lower() if named else ""), at + 1

    def _query(self, tokens: Sequence[Token]) -> Query | None:
        words = [token.word for token in tokens]
        if words[:1] != ["SELECT"] or "FROM" not in words or _NOT_PLAIN.intersection(words):
            return None
        start = words.index("FROM")
        table, at = self._table(tokens, start + 1)
        if words[at : at + 1] == ["AS"]:
            at += 1
        if at < len(tokens) and words[at] not in ("WHERE", *_BEHIND, ";"):
            at += 1  # its alias
        if not table or (at < len(tokens) and words[at] not in ("WHERE", *_BEHIND, ";")):
            return None
        end = next((place for place in range(at, len(words)) if words[place] in (*_BEHIND, ";")), len(words))
        where = self.text[tokens[at + 1].start : tokens[end - 1].end] if end - at > 1 else ""
        return Query(table, where, self._columns(tokens[1:start]))

    def _query_run(self, tokens: Sequence[Token]) -> Query | None:
        """A query as it stands, or the one that EXECUTE puts together."""
        if not tokens or tokens[0].word != "EXECUTE":
            return self._query(tokens)
        text = with_expressions(self.text, tokens[1:])
        return None if text is None else self.over(text)._query(list(tokenize(text, self.dialect)))

    def executed(self, tokens: Sequence[Token]) -> str | None:
        """What EXECUTE does in all rounds; None: it is no UPDATE or DELETE, or not known."""
        text = with_expressions(self.text, tokens[1:])
        text = None if text is None else re.sub(_ALONE, r"\1 \2", text)
        run = list(tokenize(text, self.dialect)) if text is not None else []
        if text is None or not run or run[0].word not in ("DELETE", "UPDATE"):
            return None
        return self.over(text).all_of(run) or text

    def _columns(self, listed: Sequence[Token]) -> tuple[str, ...]:
        found: list[str] = []
        for index, token in enumerate(listed):
            ends = index + 1 == len(listed) or listed[index + 1].word == ","
            if ends and (token.kind in ("word", "name") or token.word == "*"):
                found.append(self.written([token]))
        return tuple(found)


def _leaves_some(loop: Sequence[Token]) -> bool:
    """Whether a loop ends at a number of rows that are left: `WHILE (SELECT count(*) FROM t) > 1000`."""
    counts = False
    for before, token in pairwise(loop):
        counts = token.word != ";" and (counts or before.word == "COUNT")
        if counts and token.kind == "number" and before.word in _COMPARING and token.value not in ("0", "1"):
            return True
    return False


def _leaves_out(body: Sequence[Token], counting: Mapping[str, Counter]) -> bool:
    """Whether a loop may go on to another round, or end, before it has come to all rows."""
    ending = _ENDING | {name.upper() for name, each in counting.items() if not each.bounded}
    words = [token.word for token in body]
    for index, word in enumerate(words):
        if word in ("CONTINUE", "ITERATE", "RETURN"):
            return True
        if word in ("EXIT", "LEAVE"):
            before = words[max(0, index - 12) : index]
            guard = before[len(before) - before[::-1].index("IF") :] if "IF" in before else []
            behind = words[index + 1 : index + 8]
            told = [*behind, *guard] if word == "EXIT" else guard
            if not ending.intersection(told) and not (word == "LEAVE" and guard):
                return True
    return False


def unlimited(sql: str) -> str:
    """A statement without the number of rows that it takes at a time."""
    sql = re.sub(_TOP, r"\1", sql, flags=re.I)
    parts = re.split(_LIMITED, re.sub(_FIRST, r"IN (SELECT \1\2", sql, flags=re.I), flags=re.I)
    return "".join([*(re.sub(_ORDERED, "", each, flags=re.I) for each in parts[:-1]), parts[-1]])
