"""The project's own types inside a type, as JSON has them: fields, and names for other types."""

from __future__ import annotations

import re
from collections.abc import Iterator

from migration_lint.sources import code
from migration_lint.sources.code import Module
from migration_lint.sources.codebase import Codebase
from migration_lint.sources.model import Field, Record

_MOST = 24
_DEEPEST = 6
_NAME = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")
#: Methods that say themselves what a value is as JSON.
_BY_HAND = ("MarshalJSON", "MarshalText", "UnmarshalJSON", "to_json", "toJSON", "__json__")


def _kept(
    codebase: Codebase, module: Module, fields: tuple[code.Field, ...], deep: int = 0
) -> Iterator[Field]:
    """Fields as JSON has them, with those of what is embedded or inherited; "" where that is not known."""
    for field in fields:
        held = codebase.type(module, field.type.lstrip("*")) if not field.name and not field.json else None
        if held is not None and not held[2] and deep < _DEEPEST:
            yield from _kept(codebase, held[0], held[1], deep + 1)
        elif field.json != "-":
            yield Field(field.json or field.name, field.type, field.optional)


def records_of(codebase: Codebase, module: Module, type: str) -> tuple[Record, ...]:
    """The types of the project that a type names, and those that they name.

    One that says by hand what it is as JSON, or of which nothing is found, is left out.
    """
    found: dict[str, Record] = {}
    waiting = [(name, module) for name in _NAME.findall(type)]
    while waiting and len(found) < _MOST:
        name, where = waiting.pop(0)
        if name in found:
            continue
        defined = codebase.type(where, name)
        if defined is None:
            continue
        there, fields, same = defined
        short = name.rpartition(".")[2]
        if any(f"{short}.{method}" in there.by_symbol for method in _BY_HAND):
            continue
        kept = tuple(_kept(codebase, there, fields))
        found[name] = Record(name, kept, same)
        inner = [same, *(field.type for field in kept)]
        waiting += [(one, there) for kind in inner for one in _NAME.findall(kind)]
    return tuple(found.values())
