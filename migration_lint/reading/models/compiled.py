"""`@compiles`: functions of the project that write a part of the SQL in the place of SQLAlchemy."""

from __future__ import annotations

from migration_lint.operations import HOLE, Dialect, Operation
from migration_lint.reading.models import pasted, table
from migration_lint.reading.models.context import context
from migration_lint.reading.models.expressions import is_part
from migration_lint.reading.python.interpreter import Interpreter
from migration_lint.reading.python.running import Arguments
from migration_lint.reading.python.values import (
    BoundFunction,
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


def _compiles(run: Interpreter, dialect: Dialect, a: Arguments) -> Value:
    """`@compiles(Element, "postgresql")`: a function writes the SQL of all elements of a class."""
    of, dialects = run.resolve(a.get(0, "class_")), a.args[1:]
    here = not dialects or not all(map(whole, dialects)) or dialect in dialects
    here = here or (dialect == "mariadb" and "mysql" in dialects)
    if here and not isinstance(of, Class):
        named = f"`{of.path.rpartition('.')[2]}`" if isinstance(of, Dotted) else "something"
        run.recorder.opaque(f"`@compiles` has {named} written in another way than SQLAlchemy's")
    elif here:
        _written(run, of, Unknown("a function writes it that `@compiles` registers"))
        context(run).modules.registered()
    return BoundFunction(Dotted("<made>.compiles"), (of if here else None,))


def _compiled(run: Interpreter, a: Arguments) -> Value:
    """What the function writes for the project's own elements has to be a part of a statement."""
    of, function = a.args if len(a.args) == 2 else (None, None)
    if not (isinstance(of, Class) and isinstance(function, Function)) or _is_whole(run, of):
        return function
    dialect = context(run).dialect
    spec = function.node.args
    given = [Instance(of, {}), *[Unknown("what compiles it is not known")] * len(spec.args)]
    count = len(spec.posonlyargs) + len(spec.args)
    found = pasted.TextJudgement(dialect)
    for text in alternatives(run.call(function, Arguments(given[:count], {}, True))):
        if isinstance(text, str) and text.strip(f"{HOLE} "):
            found.text("@compiles", "part", text)
            if not found.why and not is_part(text, dialect):
                found.why.append(f"`@compiles` of `{of.name}` writes more than a part of a statement")
        if whole(text) and not found.why:
            _written(run, of, text)
    for why in dict.fromkeys(found.why):
        run.recorder.emit(pasted.opaque(why))
    if found.calls:
        run.recorder.emit(Operation(kind="dml", calls=tuple(dict.fromkeys(found.calls))))
    return function


def _written(run: Interpreter, of: Class, text: Value) -> None:
    """Note what is written for a class."""
    with run.store.change(of.names):
        of.names["_compiler_dispatch"] = text


def _is_whole(run: Interpreter, of: Class, depth: int = 8) -> bool:
    for base in map(run.resolve, of.bases):
        if isinstance(base, Dotted) and base.path.rpartition(".")[2] in _WHOLE:
            return True
        if isinstance(base, Class) and depth and _is_whole(run, base, depth - 1):
            return True
    return False


table.names({"<made>.compiles": _compiled})
table.SQLALCHEMY["compiles"] = _compiles
