"""Functions and procedures that a script makes and then calls: what they run is known by then.

A routine's body does nothing where it is made. The session remembers the bodies, so that a call of one
is read as the statements inside it; and the operation that makes one carries what it does, for a call in
a later revision.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from migration_lint.data_class import replace
from migration_lint.operations import ANY_TABLE, DEFINING, HOLE, STATEMENTS, Body, Operation
from migration_lint.reading.sql import dynamic
from migration_lint.reading.sql.blocks import read_body, read_tokens
from migration_lint.reading.sql.calls import called_in
from migration_lint.reading.sql.cursor import Cursor, Unreadable
from migration_lint.reading.sql.named import named_in
from migration_lint.reading.sql.schemas import read_path
from migration_lint.reading.sql.state import Path, SqlRoutine
from migration_lint.reading.sql.tokens import tokenize

if TYPE_CHECKING:
    from migration_lint.reading.sql.reader import TextReading

#: What an argument may be, by its name in lower case or its place from 0.
Arguments = dict[str, list[str]]
_LONGEST_CALL = 1_000  # tokens
_MODES = frozenset({"IN", "OUT", "INOUT", "VARIADIC"})
#: First words of a body of MySQL's that is one statement.
_SINGLE = frozenset(
    {"ALTER", "CREATE", "DROP", "RENAME", "CALL", "IF", "CASE", "LOOP", "WHILE", "REPEAT", "PREPARE"}
    | {"SELECT", "INSERT", "UPDATE", "DELETE", "REPLACE", "SET", "TRUNCATE", "RETURN"}
)
_DATA_WRITTEN = frozenset({"insert", "update", "delete", "merge", "replace", "truncate", "copy", None})


def read_routine(at: Cursor) -> SqlRoutine | None:
    """The routine that CREATE FUNCTION or PROCEDURE makes; None: it has no name or no body that is known.

    The cursor stands behind that word and stays.
    """
    looking = Cursor(at.text, at.tokens, at.dialect, None, at.index)
    looking.if_not_exists()
    if not looking.at_name():
        return None
    try:
        name = looking.name().name.lower()
    except Unreadable:
        return None
    language = "sql"
    body: str | None = None
    start = -1
    path: Path = None
    head = looking.index
    parameters, signature = _parameters(looking)
    defaults = called_in(at.tokens[head : looking.index], at.dialect)
    while not looking.done:
        if looking.word == "(":
            looking.skip_group()
        elif looking.take("LANGUAGE"):
            language = looking.token.value.lower()
            looking.skip()
        elif looking.take("AS"):
            start = looking.index if start < 0 else start
            if looking.token.kind == "string" and body is None:
                body = looking.token.value
        elif looking.take("SET") and at.dialect == "postgresql":
            path = _own_path(looking) or path
        elif looking.word in ("BEGIN", "IS") and start < 0:
            start = looking.index + (looking.word == "IS")
            break
        elif looking.word == "RETURN" and start < 0 and at.dialect == "postgresql":
            start = looking.index
            break
        elif looking.word in _SINGLE and start < 0 and at.dialect in ("mysql", "mariadb"):
            start = looking.index  # a body of one statement
            break
        else:
            looking.skip()
    if at.dialect == "postgresql" and body is not None:
        return SqlRoutine(name, language, body, (), parameters, signature, path, defaults)
    if start >= 0:
        tokens = tuple(at.tokens[start:])
        return SqlRoutine(name, "statements", at.text, tokens, parameters, signature, path, defaults)
    return None


def _own_path(looking: Cursor) -> Path:
    """Behind SET, in a routine's head: its search path, if that is what it sets."""
    if looking.token.value.lower() != "search_path":
        return None
    looking.skip()
    looking.take_any(("TO", "="))
    return read_path(looking)


def _parameters(looking: Cursor) -> tuple[tuple[str, ...], str]:
    """The names of `(IN a text, b int)`, or of SQL Server's `@a int, @b int AS`; and their types."""
    found: list[str] = []
    types: list[str] = []
    grouped = looking.take("(")
    while not looking.done and (grouped or looking.token.kind == "parameter") and looking.word != ")":
        is_out = looking.word == "OUT"
        if looking.ahead(1).kind in ("word", "name"):
            looking.take_any(_MODES)
        found.append(looking.token.value.lower())
        start = looking.index + (looking.ahead(1).kind in ("word", "name"))
        looking.skip_until(("DEFAULT", "=") if grouped else ("AS", "="))
        if not is_out:
            types.append(looking.text_of(start, looking.index).lower())
        looking.skip_until(() if grouped else ("AS",))
        looking.take(",")
    if grouped:
        looking.take(")")
    return tuple(found), f"({','.join(types)})"


def signature_dropped(at: Cursor) -> str | None:
    """The types in `DROP FUNCTION f(int, text)`, from the parenthesis on; None: it has none."""
    return _parameters(Cursor(at.text, at.tokens, at.dialect, None, at.index))[1] if at.word == "(" else None


def done_by(reading: TextReading, routine: SqlRoutine) -> tuple[Operation, ...]:
    """What a later call of a routine does, whatever it is given, as operations that nobody has placed."""
    inner = reading.inner()
    inner.session = replace(inner.session, routines=(), now=inner.session.now._replace(path=routine.path))
    inner.later = True
    before = inner.session.now
    try:
        found = _run(inner, routine)
    except Unreadable as unreadable:
        found = [Operation(kind="opaque", reason=unreadable.what, tables=unreadable.tables or (ANY_TABLE,))]
    left = inner.session.now
    if left.path != before.path and routine.path is None:
        found.append(
            Operation(kind="other_ddl", action="set", name="search_path", search_path=left.path or (HOLE,))
        )
    if left.quoting != before.quoting:
        reason = "it changes how strings are read"
        found.append(Operation(kind="opaque", reason=reason, tables=(ANY_TABLE,)))
    return consequential(found)


def body_of(routine: SqlRoutine) -> Body | None:
    """What the body of a routine names; None: it is in a language that is not read."""
    if routine.language in ("plpgsql", "sql"):
        return named_in(list(tokenize(routine.body, "postgresql")))
    return named_in(routine.tokens) if routine.language == "statements" else None


def consequential(operations: list[Operation]) -> tuple[Operation, ...]:
    """Of what stands in a body, that which a later call can be judged by.

    Of a data statement, its text is that only where it takes rows: the rest says all by the tables it names.
    """
    return tuple(
        each
        if each.sql is None or each.kind == "other_ddl" or _takes_rows(each)
        else replace(each, sql=None, every_row=False)
        for each in operations
        if each.kind not in STATEMENTS or matters(each)
    )


def _takes_rows(operation: Operation) -> bool:
    sql = (operation.sql or "").lower()
    return operation.kind == "dml" and bool(operation.tables) and ("delete" in sql or "truncate" in sql)


def matters(operation: Operation) -> bool:
    """Whether a statement may set something else off: it calls, writes to a table, or defines something."""
    if operation.calls or operation.does or (operation.action == "set" and operation.search_path):
        return True
    if operation.action in ("select", "with") and _takes_rows(operation):  # WITH … AS (DELETE …)
        return True
    if operation.kind == "other_ddl":
        return (operation.action or "").startswith(DEFINING)
    return operation.kind == "dml" and bool(operation.tables) and operation.action in _DATA_WRITTEN


def called(reading: TextReading, name: str, arguments: Arguments | None = None) -> list[Operation] | None:
    """What a call does beyond reading data; None: the routine is not known. Raises Unreadable."""
    bodies = [routine for routine in reading.session.routines if routine.name == name]
    if not bodies:
        return None
    if reading.depth >= reading.deepest:
        raise Unreadable("calls are nested too deep to read", (ANY_TABLE,))
    operations: list[Operation] = []
    for number, routine in enumerate(bodies):
        inner = reading.inner()
        if routine.path is not None:
            inner.session = inner.session.with_path(routine.path)
        if reading.dialect not in ("mysql", "mariadb"):  # there a parameter may be set in other ways
            _hand_over(inner, routine, arguments or {})
        found = _run(inner, routine)
        if len(bodies) > 1 or not routine.certain:
            found = [_perhaps(each, f"routine:{name}:{number}") for each in found]
        elif routine.path is None:
            reading.session = inner.session
        operations += found
    return [each for each in operations if each.kind not in STATEMENTS or matters(each)]


def _perhaps(operation: Operation, branch: str) -> Operation:
    return replace(
        operation,
        conditional=True,
        branch=operation.branch or branch,
        reason=operation.reason or "which of several routines is called is not known",
    )


def _hand_over(inner: TextReading, routine: SqlRoutine, arguments: Arguments) -> None:
    for key, options in arguments.items():
        if not key.isdecimal():
            inner.values[key] = options
        elif int(key) < len(routine.parameters):
            inner.values[routine.parameters[int(key)]] = options


def _run(inner: TextReading, routine: SqlRoutine) -> list[Operation]:
    if not routine.defaults:
        return _run_body(inner, routine)
    return [Operation(kind="dml", action="select", calls=routine.defaults), *_run_body(inner, routine)]


def _run_body(inner: TextReading, routine: SqlRoutine) -> list[Operation]:
    if routine.language == "plpgsql":
        return read_body(inner, routine.body)
    if routine.language == "sql":
        return inner.read_text(routine.body)
    if routine.language == "internal":
        return [Operation(kind="dml", action="select", calls=(routine.body.lower(),))]
    if routine.language != "statements":
        raise Unreadable(f"a routine in {routine.language} cannot be read", (ANY_TABLE,))
    if inner.dialect == "mssql":
        return inner.read_batch(routine.body, routine.tokens)
    return read_tokens(inner, routine.body, routine.tokens)


def calls_of(reading: TextReading, at: Cursor) -> list[tuple[str, Arguments]]:
    """Which of the routines known a statement calls, and with what."""
    if not reading.session.routines:
        return []
    names = {routine.name for routine in reading.session.routines}
    tokens = at.tokens
    return [
        (tokens[index].value.lower(), arguments_of(reading, at, index + 1))
        for index in range(at.index, at.length - 1)
        if tokens[index + 1].word == "(" and tokens[index].value.lower() in names
    ]


def is_certain(reading: TextReading, name: str) -> bool:
    """Whether a routine of this name was made in any case."""
    return any(routine.certain for routine in reading.session.routines if routine.name == name)


def arguments_of(reading: TextReading, at: Cursor, opening: int) -> Arguments:
    """What the arguments in the parenthesis at `opening` may be."""
    if opening >= at.length or at.tokens[opening].word != "(":
        return {}
    inside = at.tokens[opening + 1 : at.after_group(opening) - 1]
    return dynamic.arguments(inside, reading.values, reading.dialect) if len(inside) < _LONGEST_CALL else {}
