"""SQL Server's batches: statements that need no semicolon between them, IF, variables, EXEC and sp_rename.

A batch is cut where a word starts a statement. To cut too often is harmless for data statements (their
pieces are data statements, too); DDL is always cut out whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from migration_lint.data_class import replace
from migration_lint.operations import ANY_TABLE, HOLE, Operation
from migration_lint.reading.sql import dynamic, procedures, routines
from migration_lint.reading.sql.cursor import Cursor, Unreadable
from migration_lint.reading.sql.cursors import Rounds
from migration_lint.reading.sql.keywords import words
from migration_lint.reading.sql.statements import SqlStatement
from migration_lint.reading.sql.tokens import Token

if TYPE_CHECKING:
    from migration_lint.reading.sql.reader import TextReading

_OBJECTS = words(
    """
    TABLE VIEW INDEX UNIQUE CLUSTERED NONCLUSTERED SCHEMA TYPE PROCEDURE PROC FUNCTION TRIGGER SEQUENCE
    DATABASE USER ROLE LOGIN SYNONYM STATISTICS FULLTEXT COLUMNSTORE PARTITION XML SPATIAL EXTERNAL
    SECURITY ASSEMBLY OR SERVER AUTHORIZATION DEFAULT RULE CERTIFICATE
    """
)
_STARTS = words(
    """
    BEGIN BREAK CLOSE COMMIT CONTINUE DEALLOCATE DECLARE DELETE DENY ELSE END EXEC EXECUTE FETCH GO GOTO
    GRANT IF INSERT MERGE OPEN PRINT RAISERROR RETURN REVOKE ROLLBACK SAVE SELECT SET THROW TRUNCATE
    UPDATE USE WAITFOR WHILE
    """
)
_PERIODS = frozenset({"ROW", "SUSER_SID", "SUSER_SNAME", "TRANSACTION_ID", "SEQUENCE_NUMBER"})
_DDL = frozenset({"CREATE", "ALTER", "DROP"})
_ROUTINES = frozenset({"PROCEDURE", "PROC", "FUNCTION", "TRIGGER"})
_NOTHING = words(
    """
    BREAK CLOSE CONTINUE DEALLOCATE FETCH GO GOTO OPEN PRINT RAISERROR RETURN THROW WAITFOR
    """
)
_DEEPEST = 40


def read_batch(reading: TextReading, statement: SqlStatement) -> list[Operation]:
    """All statements of one batch. Raises Unreadable."""
    tokens = statement.tokens
    head = [token.word for token in tokens[:4]]
    if head[:1] == ["CREATE"] or head[:1] == ["ALTER"]:
        rest = head[3:] if head[1:3] == ["OR", "ALTER"] else head[1:]
        if rest and rest[0] in _ROUTINES:  # its body is all the rest of the batch, and does not run now
            name = Cursor(statement.text, tokens, reading.dialect, None)
            return reading.stamped(reading.read(name), statement.sql)
    walk = _Batch(reading, statement.text, tokens)
    while walk.index < len(tokens):
        before = walk.index
        walk.statement(0)
        if walk.index == before:
            walk.index += 1
    return walk.operations


def _breaks_off(loop: Sequence[Token]) -> bool:
    """Whether a loop may end before it has come to all rows: but where there are none left."""
    words = [token.word or token.value.upper() for token in loop]
    for place, word in enumerate(words):
        if word in ("BREAK", "CONTINUE", "RETURN"):
            asked = words[max(place - 8, 0) : place]
            if not any("@@FETCH_STATUS" in each or "@@ROWCOUNT" in each for each in asked):
                return True
    return False


class _Batch:
    def __init__(self, reading: TextReading, text: str, tokens: Sequence[Token]) -> None:
        self.reading = reading
        self.text = text
        self.tokens = tokens
        self.index = 0
        self.operations: list[Operation] = []
        self.rounds = Rounds(text, "mssql")
        again = self._again()
        if again:  # GOTO leads back to them
            self.rounds.enter((), again)

    def _again(self) -> Sequence[Token]:
        """The statements between a label and a GOTO that leads back to it."""
        for place, token in enumerate(self.tokens[:-1]):
            if token.word != "GOTO":
                continue
            name = self.tokens[place + 1].value
            for at in range(place - 1):
                if self.tokens[at].value == name and self.tokens[at + 1].word == ":":
                    return self.tokens[at + 2 : place]
        return ()

    def word_at(self, index: int) -> str:
        return self.tokens[index].word if 0 <= index < len(self.tokens) else ""

    @property
    def word(self) -> str:
        return self.word_at(self.index)

    def starts(self, index: int, head: str, first: int) -> bool:
        """Whether a new statement starts at `index`, which stands in no parentheses."""
        word = self.word_at(index)
        before = self.word_at(index - 1)
        if word == ";":
            return True
        if word in _DDL:
            return self.word_at(index + 1) in _OBJECTS and not (
                before in ("GRANT", "DENY", "REVOKE", ",", "OR") or index == first
            )
        if word not in _STARTS:
            return False
        if word == "END" and before in _PERIODS:
            return False  # a column GENERATED ALWAYS AS ROW END
        if before in ("ON", "AS", "FOR", "AFTER") and word in ("DELETE", "UPDATE", "INSERT", "SELECT"):
            return False
        if word == "SET" and (before in ("DELETE", "UPDATE") or head == "ALTER"):
            return False
        if word == "SET" and head in ("UPDATE", "MERGE"):
            return index + 1 < len(self.tokens) and self.tokens[index + 1].kind == "parameter"
        if word == "IF" and before in (
            "TABLE",
            "COLUMN",
            "CONSTRAINT",
            "VIEW",
            "INDEX",
            "SCHEMA",
            "PROCEDURE",
            "TYPE",
        ):
            return False
        if word == "UPDATE" and before in ("AND", "OR", "THEN"):
            return False
        if word in ("DELETE", "INSERT") and before == "THEN" and head in ("MERGE", "WITH"):
            return False
        if word in ("DELETE", "INSERT", "UPDATE", "MERGE") and before == ")" and head == "WITH":
            return False
        if word in ("SELECT", "VALUES") and head == "INSERT":
            return False
        if (
            word == "SELECT"
            and before in ("ALL", "UNION", "EXCEPT", "INTERSECT", ")")
            and head in ("SELECT", "WITH")
        ):
            return before == ")" and head != "WITH"
        return not (head in ("GRANT", "DENY", "REVOKE") and before in (",", head, "FOR"))

    def end_of(self, start: int) -> int:
        """The index behind the statement that starts at `start`."""
        head = self.word_at(start)
        depth = cases = 0
        index = start + 1
        first = start + 1
        while index < len(self.tokens):
            word = self.word_at(index)
            if word == "(":
                depth += 1
            elif word == ")":
                depth -= 1
            elif word == "CASE":
                cases += 1
            elif word == "END" and cases:
                cases -= 1
            elif depth <= 0 and not cases and word and self.starts(index, head, first):
                return index
            index += 1
        return index

    def statement(self, depth: int) -> None:
        """One statement, with the block that hangs on it."""
        if depth > _DEEPEST:
            raise Unreadable("blocks are nested too deep to read", (ANY_TABLE,))
        word = self.word
        if word in (";", "END", "ELSE"):
            self.index += 1
            return
        if word == "IF":
            self.branches(depth)
        elif word == "WHILE":
            start = self.index
            self.index = self.end_of(start)
            first, around = len(self.operations), (self.rounds.repeats, self.rounds.guards)
            self.rounds.enter(self.tokens[start : self.index], ())
            self.rounds.guards = int(_breaks_off(self.tokens[self.index :]))
            self.statement(depth + 1)
            self.rounds.repeats, self.rounds.guards = around
            self.conditional(first, "runs in a loop, perhaps not at all", None)
        elif word == "BEGIN":
            self.block(depth)
        else:
            start = self.index
            self.index = self.end_of(start)
            self.simple(start, self.index)

    def block(self, depth: int) -> None:
        following = self.word_at(self.index + 1)
        if following in ("TRAN", "TRANSACTION", "DISTRIBUTED", "DIALOG", "CONVERSATION"):
            start = self.index
            self.index = self.end_of(start)
            self.simple(start, self.index)
            return
        self.index += 2 if following in ("TRY", "CATCH") else 1
        first = len(self.operations)
        while self.index < len(self.tokens) and self.word != "END":
            self.statement(depth + 1)
        self.index += 1
        if self.word in ("TRY", "CATCH"):
            self.index += 1
        if following == "TRY":
            self.conditional(first, "an error in its TRY ends it", None)
        elif following == "CATCH":
            self.conditional(first, "runs only after an error", None)

    def branches(self, depth: int) -> None:
        start = self.index
        place = self.tokens[start].start
        self.index = self.end_of(start)
        condition = Cursor(self.text, self.tokens, self.reading.dialect, None).text_of(start + 1, self.index)
        condition = condition.replace(HOLE, "…")[:200]
        first = len(self.operations)
        before = dict(self.reading.values)
        if self.word == ";":
            self.index += 1
        self.rounds.guards += 1
        self.statement(depth + 1)
        self.conditional(first, f"runs only if {condition}", f"{place}:then")
        self._merge(before)
        if self.word == ";" and self.word_at(self.index + 1) == "ELSE":
            self.index += 1
        if self.word == "ELSE":
            self.index += 1
            first = len(self.operations)
            before = dict(self.reading.values)
            self.statement(depth + 1)
            self.conditional(first, f"runs only if not {condition}", f"{place}:else")
            self._merge(before)
        self.rounds.guards -= 1

    def _merge(self, before: dict[str, list[str]]) -> None:
        for name, options in self.reading.values.items():
            if before.get(name) != options:
                merged = list(dict.fromkeys([*before.get(name, []), *options]))
                self.reading.values[name] = merged if len(merged) <= dynamic.MOST else [HOLE]

    def conditional(self, first: int, reason: str, branch: str | None) -> None:
        for index in range(first, len(self.operations)):
            operation = self.operations[index]
            if not operation.conditional:
                self.operations[index] = replace(
                    operation, conditional=True, branch=branch, reason=operation.reason or reason
                )

    def simple(self, start: int, end: int) -> None:
        tokens = self.tokens[start:end]
        if not tokens:
            return
        word = tokens[0].word
        text = self.text[tokens[0].start : tokens[-1].end]
        if word in _NOTHING:
            self.rounds.fetch(tokens)
            return
        if word == "DECLARE":
            self.rounds.declare(tokens[1:])
            self._assign(tokens[1:])
        elif word in ("SET", "SELECT") and len(tokens) > 3 and tokens[1].kind == "parameter":
            if tokens[2].word in ("=", "+"):
                self._assign(tokens[1:])
            self.operations += self.reading.stamped(
                [Operation(kind="dml" if word == "SELECT" else "other_ddl", action=word.lower())], text
            )
        elif word in ("EXEC", "EXECUTE"):
            self.operations += self.reading.stamped(self._executed(tokens[1:], text), text)
        elif word.startswith(("SP_", "XP_")) or (word in ("SYS", "DBO") and start == 0):
            self.operations += self.reading.stamped(self._executed(tokens, text), text)
        else:
            found = self.reading.read_statement(SqlStatement(self.text, list(tokens)), batch=False)
            together = self.rounds.all_of(tokens)  # of a loop that takes some rows at a time: all of them
            if together is not None:
                found = [replace(each, together=together) if each.kind == "dml" else each for each in found]
            self.operations += found

    def _assign(self, tokens: Sequence[Token]) -> None:
        """`@a type = value, @b …` and `@a = value`, `@a += value`."""
        depth = 0
        start = 0
        for index in range(len(tokens) + 1):
            word = tokens[index].word if index < len(tokens) else ","
            depth += {"(": 1, ")": -1}.get(word, 0)
            if (word == "," or word == "FROM") and (depth == 0 or index == len(tokens)):
                self._assign_one(tokens[start:index])
                start = index + 1
                if word == "FROM":
                    return

    def _assign_one(self, tokens: Sequence[Token]) -> None:
        if not tokens or tokens[0].kind != "parameter":
            return
        name = tokens[0].value.lower()
        for index, token in enumerate(tokens):
            if token.word == "=":
                found = dynamic.texts(tokens[index + 1 :], self.reading.values, "mssql")
                if tokens[index - 1].word == "+":
                    found = dynamic.joined(self.reading.values.get(name, [HOLE]), found)
                self.reading.values[name] = found
                return
        self.reading.values[name] = [HOLE]

    def _executed(self, tokens: Sequence[Token], sql: str) -> list[Operation]:
        try:
            return self._execute(tokens, sql)
        except Unreadable as unreadable:
            tables = unreadable.tables or (ANY_TABLE,)
            return [Operation(kind="opaque", reason=f"EXEC: {unreadable.what}", tables=tables)]

    def _execute(self, tokens: Sequence[Token], sql: str) -> list[Operation]:
        """EXEC (text), EXEC procedure arguments."""
        at = Cursor(self.text, tokens, "mssql", None)
        if at.word == "AS":
            return [Operation(kind="other_ddl", action="execute as")]
        if at.word == "(":
            inside = tokens[1 : at.after_group(0) - 1]
            return self.reading.run(dynamic.texts(inside, self.reading.values, "mssql"), sql)
        if at.token.kind == "parameter" and at.ahead(1).word == "=":
            at.skip(2)
        if at.token.kind == "parameter":
            raise Unreadable("which procedure is called is not known", (ANY_TABLE,))
        procedure = at.name().name.lower()
        arguments = self._arguments(tokens[at.index :])
        if procedure == "sp_rename":
            return procedures.renamed(arguments)
        if procedure == "sp_changeobjectowner":
            return procedures.owner_changed(arguments)
        if procedure == "sp_executesql":
            given = arguments.get("@stmt") or arguments.get("@statement") or arguments.get("0")
            return self.reading.run(given or [HOLE], sql)
        found = routines.called(self.reading, procedure, arguments)
        if found is not None:
            return found
        if procedure in procedures.HARMLESS:
            return [Operation(kind="other_ddl", action=procedure)]
        raise Unreadable(f"what the procedure {procedure} runs cannot be read", (ANY_TABLE,))

    def _arguments(self, tokens: Sequence[Token]) -> dict[str, list[str]]:
        """What each argument may be, by its name or its place."""
        found: dict[str, list[str]] = {}
        depth = start = 0
        for index in range(len(tokens) + 1):
            word = tokens[index].word if index < len(tokens) else ","
            depth += {"(": 1, ")": -1}.get(word, 0)
            if word == "," and (depth == 0 or index == len(tokens)):
                argument = tokens[start:index]
                name = str(len(found))
                if len(argument) > 2 and argument[0].kind == "parameter" and argument[1].word == "=":
                    name = argument[0].value.lower()
                    argument = argument[2:]
                if len(argument) == 1 and argument[0].kind in ("word", "name"):
                    found[name] = [argument[0].value]  # a bare word is a string here
                else:
                    found[name] = dynamic.texts(argument, self.reading.values, "mssql")
                start = index + 1
        return found
