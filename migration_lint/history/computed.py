"""What a computed `depends_on` may hold: every text that stands where it is put together."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

#: Beyond these no list of revisions goes that a script puts together.
_MOST = 200


def texts_behind(body: Sequence[ast.stmt], name: str) -> tuple[str, ...]:
    """The texts from which a name of a module may be made, in their order; which of them are is not known."""
    parts = list(_parts(body))
    names, found = {name}, dict[str, None]()
    used: set[int] = set()
    while True:
        more = [each for each in parts if id(each) not in used and not names.isdisjoint(_changed(each))]
        if not more:
            return tuple(found)[:_MOST]
        for each in more:
            used.add(id(each))
            for node in ast.walk(each):
                if isinstance(node, ast.Name):
                    names.add(node.id)
                elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                    found[node.value] = None


def _parts(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements that run, those within others by themselves; a function is one."""
    for statement in body:
        blocks = [
            block
            for field in ("body", "orelse", "finalbody", "handlers")
            for block in getattr(statement, field, ())
        ]
        if not blocks or isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield statement
        else:
            yield from _parts(blocks)


def _changed(statement: ast.stmt) -> Iterator[str]:
    """The names that a statement binds, or calls a method of."""
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
        yield statement.name
        return
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, (ast.Attribute, ast.Subscript)) and isinstance(node.value, ast.Name):
            yield node.value.id
