"""`@compiles`: functions of the project that write a part of the SQL in the place of SQLAlchemy."""

from __future__ import annotations

from migration_lint.operations import Dialect, Operation
from migration_lint.reading.models import pasted
from migration_lint.reading.python.interpreter import Interpreter
from migration_lint.reading.python.running import Arguments
from migration_lint.reading.python.values import (
    Bound,
    Class,
    Dotted,
    Function,
    Instance,
    Unknown,
    Value,
    alternatives,
    whole,
)

#: What is executed by itself: executing an object of the project's own is opaque as it is.
_WHOLE = frozenset(("DDLElement", "ExecutableDDLElement", "Executable", "ClauseElement"))


def decorator(run: Interpreter, dialect: Dialect, a: Arguments) -> Value:
    """`compiles(class, *dialects)`, which is then called with the function."""
    return Bound(Dotted("<made>.compiles"), tuple(a.args))


def registered(run: Interpreter, dialect: Dialect, a: Arguments) -> Value:
    """A function is registered: told is what it changes, and what the text does that it writes."""
    of, *dialects, function = a.args
    mine = ("mysql", "mariadb") if dialect in ("mysql", "mariadb") else (dialect,)
    if dialects and all(whole(each) and each not in mine for each in dialects):
        return function
    if not isinstance(of, Class):
        named = f"`{of.path.rpartition('.')[2]}`" if isinstance(of, Dotted) else "something"
        run.recorder.opaque(f"`@compiles` has {named} written in another way than SQLAlchemy's")
    elif isinstance(function, Function) and not _is_whole(run, of):
        given = [Instance(of, {}), Unknown("what compiles it is not known")]
        count = len(function.node.args.posonlyargs) + len(function.node.args.args)
        found = pasted.Judgement(dialect)
        for text in alternatives(run.call(function, Arguments(list(given[:count]), {}))):
            if isinstance(text, str):
                found.text("@compiles", "part", text)
        for why in dict.fromkeys(found.why):
            run.recorder.emit(pasted.opaque(why))
        if found.calls:
            run.recorder.emit(Operation(kind="dml", calls=tuple(dict.fromkeys(found.calls))))
    return function


def _is_whole(run: Interpreter, of: Class, depth: int = 8) -> bool:
    for base in map(run.resolve, of.bases):
        if isinstance(base, Dotted) and base.path.rpartition(".")[2] in _WHOLE:
            return True
        if isinstance(base, Class) and depth and _is_whole(run, base, depth - 1):
            return True
    return False
