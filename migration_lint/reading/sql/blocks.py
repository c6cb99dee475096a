"""Procedural blocks: PostgreSQL's DO and PL/pgSQL, Oracle's BEGIN … END.

The statements inside are read. What stands under IF, in a loop, or where a handler may undo it, is
conditional; a loop over values that are written out is gone through value by value.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from migration_lint.data_class import replace
from migration_lint.named_tuple import NamedTuple
from migration_lint.operations import ANY_TABLE, HOLE, Operation
from migration_lint.reading.sql import data, dynamic
from migration_lint.reading.sql.cursor import Cursor, Unreadable
from migration_lint.reading.sql.cursors import Rounds
from migration_lint.reading.sql.keywords import words
from migration_lint.reading.sql.loops import loop_values
from migration_lint.reading.sql.state import SqlSession
from migration_lint.reading.sql.statements import LONGEST_STATEMENT, SqlStatement
from migration_lint.reading.sql.tokens import Token, tokenize

if TYPE_CHECKING:
    from migration_lint.reading.sql.reader import TextReading

_DEEPEST = 40
#: Tokens of a loop in which it is looked for what a later turn finds changed.
_LONGEST_LOOP = 20_000
_MOST_PASSES = 400
_NOTHING = words(
    """
    RAISE RETURN NULL EXIT CONTINUE GET OPEN FETCH CLOSE MOVE ASSERT COMMIT ROLLBACK PRAGMA SAVEPOINT
    GOTO TYPE CURSOR ITERATE LEAVE SUBTYPE
    """
)
#: First words of Oracle's statements that a parenthesis or nothing at all may follow.
_STATEMENTS = words("COMMIT ROLLBACK SELECT WITH SAVEPOINT LOCK SET INSERT UPDATE DELETE MERGE CALL")
_LABELLED = frozenset({"BEGIN", "LOOP", "WHILE", "REPEAT"})
_ENDS = frozenset({"UNTIL", "END", "ELSE", "ELSIF", "ELSEIF", "EXCEPTION", "WHEN"})


def read_do(reading: TextReading, at: Cursor) -> list[Operation]:
    """DO [LANGUAGE plpgsql] $$ … $$. Raises Unreadable."""
    at.skip()
    language = "plpgsql"
    body: str | None = None
    while not at.done:
        if at.take("LANGUAGE"):
            language = at.string() if at.token.kind == "string" else at.identifier()
        elif at.token.kind == "string":
            body = at.string()
        elif at.token.kind == "word" and HOLE in at.token.value:
            body = HOLE
            at.skip()
        else:
            raise Unreadable(f"a body expected, not {at.here()}", (ANY_TABLE,))
    if language.lower() != "plpgsql" or body is None:
        raise Unreadable(f"a body in {language} cannot be read".replace(HOLE, "…"), (ANY_TABLE,))
    return read_body(reading, body)


def read_body(reading: TextReading, body: str) -> list[Operation]:
    """What a body of PL/pgSQL does when it runs. Raises Unreadable."""
    quoting = reading.session.now.quoting
    tokens = list(islice(tokenize(body, reading.dialect, 0, quoting), LONGEST_STATEMENT + 1))
    if len(tokens) > LONGEST_STATEMENT:
        raise Unreadable("the body is too long to read", (ANY_TABLE,))
    return read_tokens(reading, body, tokens)


def read_tokens(reading: TextReading, text: str, tokens: Sequence[Token]) -> list[Operation]:
    """What a block does when it runs. Raises Unreadable."""
    if any(token.kind == "broken" for token in tokens):
        raise Unreadable("a quote or comment in the body does not end", (ANY_TABLE,))
    was_procedural = reading.procedural
    reading.procedural = True
    try:
        walk = _Walk(reading, text, tokens)
        while walk.index < len(tokens):
            before = walk.index
            walk.sequence(0)
            if walk.index == before:  # an END too many: what follows is read all the same
                walk.index += 1
        return walk.operations
    finally:
        reading.procedural = was_procedural


class _State(NamedTuple):
    """What an arm that may not run finds."""

    values: dict[str, list[str]]
    of_session: dict[str, list[str]]
    session: SqlSession


class _Walk:
    def __init__(self, reading: TextReading, text: str, tokens: Sequence[Token]) -> None:
        self.reading = reading
        self.text = text
        self.tokens = tokens
        self.index = 0
        self.operations: list[Operation] = []
        self.values: dict[str, list[str]] = dict(reading.values)
        self.local: set[str] = set()  # routines that the block declares
        self.passes = 0
        self.rounds = Rounds(text, reading.dialect)

    @property
    def word(self) -> str:
        return self.tokens[self.index].word if self.index < len(self.tokens) else ""

    def ahead(self, distance: int) -> str:
        index = self.index + distance
        return self.tokens[index].word if index < len(self.tokens) else ""

    def sequence(self, depth: int) -> None:
        """Statements up to a word that ends them, which is left to be taken."""
        if depth > _DEEPEST:
            self.index = len(self.tokens)
            raise Unreadable("blocks are nested too deep to read", (ANY_TABLE,))
        while self.index < len(self.tokens):
            word = self.word
            if word in _ENDS:
                return
            self.step(word, depth)

    def step(self, word: str, depth: int) -> None:
        """One statement, or what separates two."""
        if word in (";", "/"):
            self.index += 1
        elif word == "#":  # PL/pgSQL's #variable_conflict use_column
            self.index += 3
        elif word == "<":  # << label >>
            while self.index < len(self.tokens) and self.word != ">":
                self.index += 1
            while self.word == ">":
                self.index += 1
        elif self.ahead(1) == ":" and self.ahead(2) in _LABELLED:  # MySQL's label
            self.index += 2
        elif word == "DECLARE":
            self.index += 1
            if self.reading.dialect in ("mysql", "mariadb"):
                self.declared(depth)
            else:
                self.scope(depth)
        elif word in ("PROCEDURE", "FUNCTION") and self.reading.dialect == "oracle":
            self.declarations()
        elif word == "BEGIN":
            self.block(depth)
        elif word == "IF":
            self.branches(depth)
        elif word == "CASE":
            self.cases(depth)
        elif word in ("LOOP", "WHILE", "REPEAT", "FOR", "FOREACH", "FORALL"):
            self.loop(depth)
        else:
            self.statement()

    def declared(self, depth: int) -> None:
        """MySQL: DECLARE stands inside BEGIN, one at a time. What a handler does may run."""
        start = self.index
        if self.ahead(1) == "HANDLER":
            self.handler(depth)
            return
        self.to_semicolon()
        self.rounds.declare(self.tokens[start : self.index])

    def handler(self, depth: int) -> None:
        """EXIT | CONTINUE | UNDO HANDLER FOR condition, …: and the statement behind them."""
        self.index += 3
        while self.index < len(self.tokens):
            if self.word == "NOT" or (self.word == "SQLSTATE" and self.ahead(1) == "VALUE"):
                self.index += 1
            self.index += 2 if self.word == "SQLSTATE" else 1
            if self.word != ",":
                break
            self.index += 1
        first, before = len(self.operations), self._state()
        if depth > _DEEPEST:
            self.index = len(self.tokens)
            raise Unreadable("blocks are nested too deep to read", (ANY_TABLE,))
        self.step(self.word, depth + 1)
        self._merge(before)
        self.conditional(first, "runs only where a handler of the block is called")

    def scope(self, depth: int) -> None:
        """Declarations and the block behind them; behind its END, a name means what it meant before."""
        before = dict(self.values)
        names = self.declarations()
        if self.word == "BEGIN":
            self.block(depth)
            self._leave(names, before)

    def _leave(self, names: Iterable[str], before: dict[str, list[str]]) -> None:
        for name in names:
            outer = before.get(name)  # which the block may have set, too, by its label
            if outer is None:
                self.values.pop(name, None)
            else:
                self.values[name] = _options([*outer, *self.values.get(name, [HOLE])])

    def declarations(self) -> list[str]:
        """`name [CONSTANT] type := value;` up to BEGIN; the names."""
        names: list[str] = []
        while self.index < len(self.tokens) and self.word != "BEGIN":
            if self.word in ("PROCEDURE", "FUNCTION"):
                # a routine declared in the block runs when it is called; it is read as if it were
                if self.index + 1 < len(self.tokens):
                    self.local.add(self.tokens[self.index + 1].value.lower())
                while self.index < len(self.tokens) and self.word != "BEGIN":
                    self.index += 1
                return names
            start = self.index
            self.to_semicolon()
            declared = self.tokens[start : self.index]
            if not declared:
                self.index += 1
                continue
            names.append(declared[0].value.lower())
            self.rounds.declare(declared)
            self.rounds.told(declared)
            self.called_in(declared[1:])
            for place, token in enumerate(declared):
                if token.word in (":=", "=", "DEFAULT"):
                    self.assign(declared[0].value, declared[place + 1 :])
                    break
            else:
                self.values.pop(declared[0].value.lower(), None)
            self.index += 1
        return names

    def assign(self, name: str, expression: Sequence[Token]) -> None:
        self.values[name.lower()] = dynamic.texts(expression, self.values, self.reading.dialect)

    def to_semicolon(self) -> None:
        while self.index < len(self.tokens) and self.word != ";":
            self.index += 1

    def past(self, word: str) -> None:
        """Behind the next `word` that stands in no CASE and no parentheses."""
        cases = parentheses = 0
        while self.index < len(self.tokens):
            found = self.word
            self.index += 1
            if found == "(":
                parentheses += 1
            elif found == ")":
                parentheses -= 1
            elif found == word and cases <= 0 and parentheses <= 0:
                return
            elif found == "CASE":
                cases += 1
            elif found == "END":
                cases -= 1
            elif found == ";" and word in ("THEN", "LOOP", "DO"):
                return

    def end(self, *words: str) -> None:
        """END [IF | LOOP | CASE | label] ;"""
        if self.word == "END":
            self.index += 1
            if self.word in words:
                self.index += 1
            if self.word not in (";", "") and self.ahead(1) == ";":
                self.index += 1

    def block(self, depth: int) -> None:
        first = len(self.operations)
        session = self.reading.session
        self.index += 1
        if self.word == "ATOMIC":
            self.index += 1
        self.sequence(depth + 1)
        if self.word == "EXCEPTION":
            self.reading.session = session.join(self.reading.session)
            self.conditional(first, "an exception in its block undoes it")
            self.index += 1
            handled = len(self.operations)
            while self.word == "WHEN":
                self.past("THEN")
                self.sequence(depth + 1)
            self.conditional(handled, "runs only after an exception")
        self.end()

    def branches(self, depth: int) -> None:
        place = self.tokens[self.index].start
        arm = 0
        arm_names = {"IF": "then", "ELSE": "else"}
        while self.word in ("IF", "ELSIF", "ELSEIF", "ELSE"):
            opening = self.word
            start = self.index
            self.index += 1
            condition = "the condition of an IF"
            if opening != "ELSE":
                self.past("THEN")
                condition = self.text_of(start + 1, self.index - 1)
                self.called_in(self.tokens[start + 1 : self.index - 1])
            first = len(self.operations)
            before = self._state()
            self.arm(depth)
            self._merge(before)
            name = arm_names.get(opening, f"elif{arm}")
            self.conditional(
                first,
                f"runs only if {condition}" if opening != "ELSE" else "runs in an ELSE",
                f"{place}:{name}",
            )
            arm += 1
        self.end("IF")

    def arm(self, depth: int) -> None:
        """Statements that run under a condition."""
        held = dict(self.rounds.held)
        self.rounds.guards += 1
        self.sequence(depth + 1)
        self.rounds.guards -= 1
        self.rounds.leave(held)

    def _state(self) -> _State:
        return _State(dict(self.values), dict(self.reading.values), self.reading.session)

    def _merge(self, before: _State) -> None:
        """Join the state after an arm that may not have run with the one before it."""
        for now, was in ((self.values, before.values), (self.reading.values, before.of_session)):
            for name, options in now.items():
                if was.get(name) != options:
                    now[name] = _options([*was.get(name, []), *options])
        self.reading.session = before.session.join(self.reading.session)

    def cases(self, depth: int) -> None:
        place = self.tokens[self.index].start
        self.index += 1
        start = self.index
        while self.index < len(self.tokens) and self.word not in ("WHEN", "END", ";"):
            self.index += 1
        self.called_in(self.tokens[start : self.index])
        arm = 0
        while self.word in ("WHEN", "ELSE"):
            start = self.index
            if self.word == "WHEN":
                self.past("THEN")
                self.called_in(self.tokens[start + 1 : self.index - 1])
            else:
                self.index += 1
            first = len(self.operations)
            before = self._state()
            self.arm(depth)
            self._merge(before)
            self.conditional(first, "runs in one arm of a CASE", f"{place}:when{arm}")
            arm += 1
        self.end("CASE")

    def loop(self, depth: int) -> None:
        start = self.index
        variable = self.tokens[start + 1].value.lower() if start + 1 < len(self.tokens) else ""
        mysql = self.reading.dialect in ("mysql", "mariadb")
        if self.word == "REPEAT":
            self.index += 1
        else:
            self.past("DO" if mysql and self.word in ("WHILE", "FOR") else "LOOP")
        head = self.tokens[start : self.index - 1]
        self.called_in(head)
        self._executed_in(start, self.index - 1)
        body = self.index
        outer = dict(self.values)
        values = loop_values(head, self.values, self.reading.dialect)
        passes = len(values or ()) * (1 + (len(self.tokens) - body) // 2_000)
        if values is not None and self.passes + passes > _MOST_PASSES:
            values = None  # a long body is not read often
        first = len(self.operations)
        around = self.rounds.guards, self.rounds.repeats, self.rounds.counted
        self.rounds.enter(head, self._body(body))
        gathered, self.rounds.gathered = self.rounds.gathered, {}
        if values is None:
            self._forget(head, body)
            before, held = self._state(), dict(self.rounds.held)
            self.sequence(depth + 1)
            self._merge(before)
            self.rounds.leave(held)
            self.conditional(first, "runs in a loop, perhaps not at all")
        for value in values or ():
            self.passes += 1 + (self.index - body) // 2_000
            self.index = body
            self.values[variable] = [value]
            self.sequence(depth + 1)
        if self.word == "UNTIL":
            while self.index < len(self.tokens) and self.word not in ("END", ";"):
                self.index += 1
        self.rounds.guards, self.rounds.repeats, self.rounds.counted = around
        self.rounds.held |= self.rounds.gathered
        self.rounds.gathered = gathered
        self.end("LOOP", "WHILE", "REPEAT", "FOR")
        if head and head[0].word in ("FOR", "FOREACH", "FORALL"):
            self._leave([variable], outer)

    def _body(self, start: int) -> Sequence[Token]:
        """The tokens of a loop, up to its END."""
        depth = 1
        for index in range(start, min(len(self.tokens), start + _LONGEST_LOOP)):
            word, before = self.tokens[index].word, self.tokens[index - 1].word
            depth += word in ("LOOP", "WHILE", "REPEAT") and before == "END" and -1
            depth += word == "LOOP" and before != "END"
            if depth == 0:
                return self.tokens[start:index]
        return self.tokens[start:]

    def _forget(self, head: Sequence[Token], body: int) -> None:
        """Forget, at a loop's head, the variables that its body sets: an earlier round may have set them."""
        if len(head) > 1 and head[0].word in ("FOR", "FOREACH", "FORALL"):
            self.values.pop(head[1].value.lower(), None)
        tokens = self.tokens
        if len(tokens) - body > _LONGEST_LOOP:
            self.values = {}
            self.reading.values.clear()
            return
        for index in range(body + 1, len(tokens)):
            word = tokens[index].word
            if word == ":=":
                self.rounds.held.pop(tokens[index - 1].value.lower(), None)
            if word == ":=" or word == "=":
                self.values.pop(tokens[index - 1].value.lower(), None)
                self.reading.values.pop(tokens[index - 1].value.lower(), None)
            elif word == "INTO":
                for token in tokens[index + 1 : index + 20]:
                    if token.word in ("FROM", ";", "USING"):
                        break
                    self.rounds.held.pop(token.value.lower(), None)
                    self.values.pop(token.value.lower(), None)
                    self.reading.values.pop(token.value.lower(), None)

    def conditional(self, first: int, reason: str, branch: str | None = None) -> None:
        """Marks the operations from `first` on; those that hang on something inside stay as they are."""
        reason = reason.replace(HOLE, "…")
        for index in range(first, len(self.operations)):
            operation = self.operations[index]
            if operation.conditional:
                continue
            self.operations[index] = replace(
                operation,
                conditional=True,
                branch=branch,
                reason=operation.reason if operation.reason is not None else reason,
            )

    def text_of(self, start: int, end: int) -> str:
        text = Cursor(self.text, self.tokens, self.reading.dialect, None).text_of(start, max(start, end))
        return text if len(text) <= 200 else text[:199] + "…"

    def statement(self) -> None:
        start = self.index
        if self.word == "EXECUTE":
            prepared = self.reading.dialect in ("mysql", "mariadb") and self.ahead(1) != "IMMEDIATE"
            self.to_semicolon()
            if prepared:
                statement = SqlStatement(self.text, list(self.tokens[start : self.index]))
                self.operations += self.reading.read_statement(statement)
            else:
                self.execute(start)
            self.rounds.told(self.tokens[start : self.index])
            return
        self.to_semicolon()
        tokens = self.tokens[start : self.index]
        self.rounds.told(tokens)
        word = tokens[0].word
        if word in _NOTHING:
            self.rounds.open(tokens)
            self.rounds.fetch(tokens)
            self._into(tokens)  # FETCH … INTO
            self.called_in(tokens[1:])
            self._executed_in(start, self.index)
            if word in ("COMMIT", "ROLLBACK") and self.reading.dialect == "postgresql":
                self.operations += self.reading.read_statement(SqlStatement(self.text, list(tokens)))
            return
        if word == "PERFORM":
            tokens = [tokens[0]._replace(word="SELECT"), *tokens[1:]]
        elif self._assignment(tokens) or self.reading.dialect == "oracle" and self._called(tokens):
            return
        self._into(tokens)
        found = self.reading.read_statement(SqlStatement(self.text, list(tokens)))
        together = self.rounds.all_of(tokens)
        if together is not None:
            found = [replace(each, together=together) if each.kind == "dml" else each for each in found]
        self.operations += found

    def _called(self, tokens: Sequence[Token]) -> bool:
        """Oracle: a statement that is nothing but a procedure's name, with arguments or without."""
        end = 1
        while end + 1 < len(tokens) and tokens[end].word == "." and tokens[end + 1].kind in ("word", "name"):
            end += 2
        if tokens[0].kind not in ("word", "name") or (end < len(tokens) and tokens[end].word != "("):
            return False
        if tokens[0].word in _STATEMENTS:
            return False
        if tokens[0].value.lower() in self.local:
            return True
        call = Token("word", "CALL", "CALL", tokens[0].start, tokens[0].start)
        self.operations += self.reading.read_statement(SqlStatement(self.text, [call, *tokens]))
        return True

    def _assignment(self, tokens: Sequence[Token]) -> bool:
        for place, token in enumerate(tokens[:12]):
            if token.word == ":=" or (token.word == "=" and place > 0):
                if tokens[0].word in data.DATA or tokens[0].word in ("ALTER", "SET", "CREATE", "DROP"):
                    return False
                if place == 1:
                    self.assign(tokens[0].value, tokens[place + 1 :])
                elif place == 3 and tokens[1].word == ".":  # by the block's label, or a field of a record
                    name = tokens[2].value.lower()
                    found = dynamic.texts(tokens[place + 1 :], self.values, self.reading.dialect)
                    self.values[name] = _options([*self.values.get(name, []), *found])
                elif place > 1:
                    self.values.pop(tokens[0].value.lower(), None)  # an item of an array
                self.called_in(tokens[place + 1 :])  # a call on the right side may change something
                return True
            if token.kind not in ("word", "name", "number", "parameter") and token.word not in (
                ("(", ")", ",", ".") if self.reading.dialect == "oracle" else (".", "[", "]", ":", "+", "-")
            ):
                return False
        return False

    def called_in(self, tokens: Sequence[Token]) -> None:
        """What functions do that an expression calls."""
        if not any(token.word == "(" for token in tokens):
            return
        reading = self.reading
        if reading.dialect != "postgresql" and not reading.session.routines:
            return
        query = Token("word", "SELECT", "SELECT", tokens[0].start, tokens[0].start)
        found = reading.read_statement(SqlStatement(self.text, [query, *tokens]))
        self.operations += [each for each in found if each.kind != "dml" or each.calls]

    def _executed_in(self, start: int, end: int) -> None:
        """EXECUTE inside another statement: FOR r IN EXECUTE …, OPEN c FOR EXECUTE …, RETURN QUERY …"""
        for index in range(start + 1, end):
            if self.tokens[index].word == "EXECUTE":
                behind, self.index = self.index, end
                self.execute(index)
                self.index = behind
                return

    def _into(self, tokens: Sequence[Token]) -> None:
        """… INTO variable: what it held is not known any more."""
        for place, token in enumerate(tokens[:-1]):
            if token.word != "INTO":
                continue
            targets = place + 1 + (tokens[place + 1].word == "STRICT")
            names = [tokens[targets].value.lower()] if targets < len(tokens) else []
            while targets + 2 < len(tokens) and tokens[targets + 1].word == ",":
                targets += 2
                names.append(tokens[targets].value.lower())
            for name in names:
                if name in self.values:
                    known = len(names) == 1 and tokens[0].word == "SELECT"
                    found = (
                        dynamic.texts(tokens[:place], self.values, self.reading.dialect) if known else [HOLE]
                    )
                    self.values[name] = found

    def execute(self, start: int) -> None:
        """EXECUTE [IMMEDIATE] text [INTO …] [USING …]"""
        begin = start + 1
        if begin < self.index and self.tokens[begin].word == "IMMEDIATE":
            begin += 1
        end = begin
        depth = 0
        while end < self.index:
            word = self.tokens[end].word
            depth += {"(": 1, ")": -1}.get(word, 0)
            if depth == 0 and word in ("INTO", "USING", "BULK"):
                break
            end += 1
        statement = self.text[self.tokens[start].start : self.tokens[max(start, self.index - 1)].end]
        session = {name: held for name, held in self.reading.values.items() if name.startswith("@")}
        options = dynamic.texts(self.tokens[begin:end], {**session, **self.values}, self.reading.dialect)
        self.called_in(self.tokens[begin : self.index])
        self._into(self.tokens[end : self.index])
        found = self.reading.run(options, statement)
        together = self.rounds.executed(self.tokens[start : self.index])
        if together is not None:
            found = [replace(each, together=together) if each.kind == "dml" else each for each in found]
        self.operations += found


def _options(texts: list[str]) -> list[str]:
    """The texts that a variable may hold; too many are not known."""
    found = list(dict.fromkeys(texts))
    return found if len(found) <= dynamic.MOST else [HOLE]
