"""Makes a migration that fails as small as it gets while it fails in the same way."""

from __future__ import annotations

import ast
import time
from collections.abc import Callable, Iterator

from tests.reading.random_migrations.writer import Migration


def minimised(migration: Migration, fails: Callable[[Migration], bool], seconds: float = 6) -> Migration:
    """The same without whatever statements it fails without, and with blocks in place of what holds them."""
    until = time.monotonic() + seconds
    changed = True
    while changed and time.monotonic() < until:
        changed = False
        for which in ("source", "helper"):
            for text in _smaller(getattr(migration, which)):
                if time.monotonic() > until:
                    break
                candidate = migration._replace(**{which: text})
                if fails(candidate):
                    migration, changed = candidate, True
                    break
    return migration


def _smaller(text: str) -> Iterator[str]:
    """Texts with one statement less, or one block instead of the statement around it; large steps first."""
    places = [
        (number, name, at)
        for number, node in enumerate(ast.walk(ast.parse(text)))
        for name in ("body", "orelse", "finalbody", "handlers", "cases", "decorator_list")
        if isinstance(getattr(node, name, None), list)
        for at in range(len(getattr(node, name)))
    ]
    for number, name, at in places:
        for hoist in (False, True):
            tree = ast.parse(text)
            node = next(each for place, each in enumerate(ast.walk(tree)) if place == number)
            block = getattr(node, name)
            if hoist:
                inside = [
                    statement
                    for inner in ("body", "orelse", "finalbody")
                    for statement in getattr(block[at], inner, None) or ()
                    if isinstance(statement, ast.stmt)
                ]
                if not inside or isinstance(block[at], (ast.ExceptHandler, ast.match_case)):
                    continue
                block[at : at + 1] = inside
            else:
                if len(block) == 1 and isinstance(block[0], ast.Pass):
                    continue
                del block[at]
                if not block and name == "body":
                    block.append(ast.Pass())
            try:
                made = ast.unparse(ast.fix_missing_locations(tree))
                ast.parse(made)
            except (SyntaxError, ValueError, AttributeError):
                continue
            if made != text:
                yield made + "\n"
