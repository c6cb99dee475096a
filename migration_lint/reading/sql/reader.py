"""One statement → its operations, by its first words; and the state that one statement leaves the next."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from migration_lint.data_class import replace
from migration_lint.operations import ANY_TABLE, HOLE, Dialect, Operation, altered
from migration_lint.reading.sql import calls, data, dynamic, holes, routines, searched, session, verbs
from migration_lint.reading.sql.cursor import RESERVED, Cursor, Unreadable
from migration_lint.reading.sql.modes import as_the_mode_has_it
from migration_lint.reading.sql.state import SEARCHED, SqlSession
from migration_lint.reading.sql.statements import SqlStatement, split
from migration_lint.reading.sql.tokens import Token

#: More names than this in a statement that could not be read: it may touch anything.
_MOST_NAMES = 300


class TextReading:
    """What is known while the statements of one text are read in order."""

    #: How deep SQL may stand inside SQL (DO blocks, EXECUTE '…', routines that are called).
    deepest = 6

    def __init__(self, dialect: Dialect, session: SqlSession, depth: int = 0) -> None:
        self.dialect: Dialect = dialect
        self.session = session
        self.depth = depth
        self.procedural = False  # inside a block, where SELECT … INTO sets a variable
        self.later = False  # what is read runs when a later text calls it, with the settings of then
        #: The texts that variables may hold: MySQL's of the session, or those that a routine was handed.
        self.values: dict[str, list[str]] = {}

    @property
    def schema(self) -> str | None:
        """What stands for the schema of an unqualified name while a statement is read."""
        path = self.session.now.path
        if path is None:
            return None
        return HOLE if HOLE in path[0] else SEARCHED

    def left(self) -> SqlSession:
        """What is left to the next text: MySQL's variables, too."""
        if self.dialect not in ("mysql", "mariadb") or not self.values:
            return self.session
        kept = tuple((name, tuple(held)) for name, held in self.values.items() if name.startswith("@"))
        return replace(self.session, values=kept)

    def read_text(self, text: str) -> list[Operation]:
        """All statements of a text. Never raises on any text."""
        operations: list[Operation] = []
        for statement in split(text, self.dialect, lambda: self.session.now.quoting):
            operations += self.read_statement(statement)
        return operations

    def read_statement(self, statement: SqlStatement, batch: bool = True) -> list[Operation]:
        """One statement, or SQL Server's batch of them; every operation carries its statement's text."""
        sql = statement.sql
        if batch and self.dialect == "mssql" and statement.problem is None and statement.whole:
            from migration_lint.reading.sql.tsql import read_batch  # no other dialect needs it

            try:
                return read_batch(self, statement)
            except Unreadable as unreadable:
                at = Cursor(statement.text, statement.tokens, self.dialect, self.schema)
                return self.stamped([_opaque(at, unreadable.what, unreadable.tables)], sql)
        at = Cursor(statement.text, statement.tokens, self.dialect, self.schema)
        if statement.problem is None and self.dialect == "mssql" and not statement.whole:
            found = [_opaque(at, "the batch is too long to read", (ANY_TABLE,))]
        elif statement.problem is not None:
            found = [_opaque(at, statement.problem, (ANY_TABLE,))]
        else:
            found = self.read(at, statement.whole, sql)
        return self.stamped(found, sql)

    def read(self, at: Cursor, whole: bool = True, sql: str | None = None) -> list[Operation]:
        """The statement behind the cursor. Never raises."""
        word = at.word
        if word in data.DATA:
            return self.data(at, sql)
        if not whole:
            return [_opaque(at, "the statement is too long to read", (ANY_TABLE,))]
        reader = _READERS.get(word)
        try:
            if reader is not None:
                return reader(self, at)
            if word in data.HARMLESS:
                return data.read_harmless(at)
            return [_unknown(at)]
        except Unreadable as unreadable:
            at.index = 0
            return [_opaque(at, unreadable.what, unreadable.tables)]

    def data(self, at: Cursor, sql: str | None = None) -> list[Operation]:
        """A data statement, with what the functions do that it calls. Never raises."""
        if at.word == "EXPLAIN" and data.runs_explained(at):
            return self.read(at, sql=at.text[at.token.start :])
        copied = data.copied_query(at)
        if copied is not None:
            return self.read(copied, sql=at.text[copied.token.start : copied.tokens[-1].end])
        operations = data.read_data(at, makes=not self.procedural, sql=sql)
        if self.dialect in ("mysql", "mariadb"):
            self._assigned(at)
        if self.dialect == "postgresql":
            self.session = calls.configured(at, self.session)
        try:
            followed = self.called_by(at)
            for call in calls.calls(at):
                done = calls.called(call)
                followed += self.read_dynamic(done) if isinstance(done, str) else done
        except Unreadable as unreadable:
            return [*operations, _opaque(at, unreadable.what, unreadable.tables)]
        return [*self.calling(operations, at.tokens[at.index :]), *followed]

    def called_by(self, at: Cursor) -> list[Operation]:
        """What the routines of this session do that a statement calls. Raises Unreadable."""
        found: list[Operation] = []
        for name, arguments in routines.calls_of(self, at):
            found += routines.called(self, name, arguments) or []
        return found

    def calling(self, operations: list[Operation], tokens: Sequence[Token]) -> list[Operation]:
        """The operations, the first with the names of the functions that were not followed."""
        names = [
            name
            for name in calls.called_in(tokens, self.dialect)
            if name not in calls.DDL_FUNCTIONS and not routines.is_certain(self, name.lower())
        ]
        if not names:
            return operations
        first, *rest = operations or [Operation(kind="dml", action="select")]
        return [altered(first, {"calls": tuple(dict.fromkeys((*first.calls, *names)))}), *rest]

    def _assigned(self, at: Cursor) -> None:
        """MySQL's SELECT … INTO @a and SELECT @a := …: what the variables hold then."""
        tokens = at.tokens
        for index in range(at.index + 1, at.length):
            token = tokens[index]
            if token.kind != "parameter" or not token.value.startswith("@"):
                continue
            if tokens[index - 1].word == "INTO":
                selected = tokens[at.index : index - 1]
            elif index + 1 < at.length and tokens[index + 1].word == ":=":
                value = Cursor(at.text, tokens, at.dialect, None, index + 2)
                value.skip_until(("FROM", "WHERE", "LIMIT"))
                selected = tokens[index + 2 : value.index]
            elif tokens[index - 1].word == "," and any(each.word == "INTO" for each in tokens[:index]):
                selected = ()
            else:
                continue
            self.values[token.value.lower()] = dynamic.texts(selected, self.values, self.dialect)

    def inner(self) -> TextReading:
        """A reading of SQL that stands inside this one's."""
        made = TextReading(self.dialect, self.session, self.depth + 1)
        made.later = self.later
        return made

    def read_batch(self, text: str, tokens: Sequence[Token]) -> list[Operation]:
        """The statements of SQL Server that stand in these tokens."""
        return self.read_statement(SqlStatement(text, list(tokens))) if tokens else []

    def stamped(self, operations: list[Operation], sql: str) -> list[Operation]:
        """The operations with the statement that they come from, and no HOLE in a name."""
        path, modes = self.session.now.path or (), self.session.now.modes
        settled = [holes.settle(searched.settle(operation, path)) for operation in operations]
        if modes != ():
            settled = [as_the_mode_has_it(each, modes, self.dialect) for each in settled]
        return [
            operation if operation.sql is not None else replace(operation, sql=sql) for operation in settled
        ]

    def run(self, texts: list[str], sql: str) -> list[Operation]:
        """What a statement does that runs one of these texts."""
        operations: list[Operation] = []
        for number, text in enumerate(texts):
            if text.strip() == HOLE:
                found = [
                    Operation(
                        kind="opaque",
                        reason="it runs SQL that is put together and not known",
                        tables=(ANY_TABLE,),
                    )
                ]
            else:
                found = self.read_dynamic(text)
            if len(texts) > 1:
                found = [
                    replace(
                        operation,
                        conditional=True,
                        branch=operation.branch or f"text:{number}",
                        reason=operation.reason or "which of several texts is run is not known",
                    )
                    for operation in found
                ]
            operations += found
        return [
            replace(operation, sql=sql) if operation.sql is None else operation for operation in operations
        ]

    def read_dynamic(self, text: str) -> list[Operation]:
        """SQL in a string that a statement runs; the search path that it sets stays."""
        if self.depth >= self.deepest:
            return [Operation(kind="opaque", reason="SQL is nested too deep to read", tables=(ANY_TABLE,))]
        inner = self.inner()
        operations = inner.read_text(text)
        self.session = inner.session
        return operations


def mentioned(at: Cursor) -> tuple[str, ...]:
    """Every name in a statement that could be a table's."""
    found: dict[str, None] = {}
    looking = Cursor(at.text, at.tokens, at.dialect, at.schema)
    while not looking.done:
        if looking.token.kind in ("name",) or (looking.token.kind == "word" and looking.word not in RESERVED):
            try:
                parts = looking.parts()
            except Unreadable:
                continue
            if len(parts) > 1:
                found[f"{parts[-2]}.{parts[-1]}"] = None
                if len(parts) == 2:
                    found[parts[0]] = None  # it may be `table.column`
            else:
                found[parts[0] if at.schema is None else f"{at.schema}.{parts[0]}"] = None
        else:
            looking.skip()
        if len(found) > _MOST_NAMES:
            return (ANY_TABLE,)
    return tuple(found)


def _opaque(at: Cursor, what: str, tables: tuple[str, ...] | None) -> Operation:
    head = " ".join(token.word or token.value for token in at.tokens[:2]).replace(HOLE, "…")[:60]
    return Operation(kind="opaque", reason=f"{head}: {what}", tables=tables or mentioned(at) or (ANY_TABLE,))


def _unknown(at: Cursor) -> Operation:
    if at.token.kind == "word" and HOLE in at.token.value:
        if len(at.tokens) > 1 and at.ahead(1).word in ("TABLE", "INDEX", "VIEW", "COLUMN"):
            at.skip(2)
            return Operation(
                kind="opaque", reason="which statement this is, is not known", tables=mentioned(at)
            )
        return Operation(kind="opaque", reason="the statement is not known", tables=(ANY_TABLE,))
    return _opaque(at, "this statement is not known", None)


_READERS: dict[str, Callable[[TextReading, Cursor], list[Operation]]] = {
    "CREATE": verbs.read_create,
    "ALTER": verbs.read_alter,
    "DROP": verbs.read_drop,
    "RENAME": verbs.read_rename,
    "COMMENT": verbs.read_comment,
    "SET": session.read_set,
    "RESET": session.read_reset,
    "USE": session.read_use,
    "\\": session.read_psql,
    "DO": session.read_do_statement,
    "ANALYZE": session.read_analyze,
    "BEGIN": session.read_begin,
    "DECLARE": session.read_begin,
    "COMMIT": session.read_end,
    "END": session.read_end,
    "ROLLBACK": session.read_end,
    "ABORT": session.read_end,
    "SAVEPOINT": session.read_savepoint,
    "DISCARD": session.read_reset,
    "LOAD": session.read_load,
    "CALL": session.read_call,
    "EXEC": session.read_call,
    "EXECUTE": session.read_execute,
    "PREPARE": session.read_prepare,
}
