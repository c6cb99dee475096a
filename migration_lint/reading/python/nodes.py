"""Memoized facts about syntax nodes: the trees of modules are shared by all scripts."""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import wraps
from typing import TypeVar

N = TypeVar("N", bound=ast.AST)
T = TypeVar("T")


def fact(work: Callable[[N], T]) -> Callable[[N], T]:
    """Keep what is worked out of a node, and of nothing else, with the node."""
    name = f"_{work.__qualname__}"

    @wraps(work)
    def known(node: N) -> T:
        held = node.__dict__
        if name not in held:
            held[name] = work(node)
        found: T = held[name]
        return found

    return known
