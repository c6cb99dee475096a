"""Names: what they mean where they stand, and where they are bound."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migration_lint.reading.python.values import (
    Class,
    Dotted,
    Frame,
    Maybe,
    Method,
    Row,
    RowText,
    Unknown,
    Value,
    chosen,
)

if TYPE_CHECKING:
    from migration_lint.reading.python.interpreter import Interpreter


def of_name(run: Interpreter, node: ast.Name, frame: Frame) -> Value:
    name = node.id
    home: Frame | None = frame
    while home is not None:
        found = home.locals.get(name, home)
        if found is not home:
            if type(found) is Maybe:
                found = found.value
            found = run.resolve(found) if isinstance(found, Dotted) else found
            if type(found) is Class and not run.recorder.calm:
                run.judge(found)
            return _chosen(run, found) if type(found) in (Row, Method, RowText) else found
        home = home.parent
    if run.patched and f"builtins.{name}" in run.patched:
        return run.find(f"builtins.{name}")
    builtin = run.library.builtin(name)
    if builtin is not None:
        return builtin
    if name == "__builtins__":  # a module in the script that is run, its names in any other
        return Dotted("builtins")
    if name in ("__loader__", "__spec__"):
        return Unknown(f"what is taken from `{name}` is not known", node.lineno, reach=True)
    return Unknown(f"the name `{name}` is not defined", node.lineno)


def _chosen(run: Interpreter, value: Row | Method | RowText) -> Value:
    """Each row of a table where a test came between: some of its rows."""
    if isinstance(value, RowText):
        own = [each.value for each in value.holes if each is not None]
        return value if all(_chosen(run, each) is each for each in own) else chosen(value)
    row = value.of if isinstance(value, Method) else value
    if not isinstance(row, Row) or not (row.every_row or row.where):
        return value
    if all(each.loop for each in run.recorder.conditions[row.depth :]):
        return value
    return chosen(value)


def mark(run: Interpreter, node: ast.expr, frame: Frame) -> None:
    if frame.file == run.script.path:
        run.recorder.place = node


def bind_name(run: Interpreter, name: str, value: Value, frame: Frame) -> None:
    """Bind a name where the function says that it lives."""
    home = frame
    if frame.globals_declared is not None and name in frame.globals_declared:
        home = frame.module.frame
    elif frame.nonlocals is not None and name in frame.nonlocals:
        above = frame.parent
        while above is not None and name not in above.locals:
            above = above.parent
        home = above or frame
    run.bind(name, value, home)
