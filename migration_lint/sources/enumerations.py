"""The values that a type lists: an enumeration, a type of literals, the items of a constant."""

from __future__ import annotations

import re

from migration_lint.sources.code import Constant, Definition, Enumeration, Items, Module, Pairs, Text
from migration_lint.sources.codebase import Codebase

_DEEPEST = 4
_LITERALS = re.compile(r"(?:[\w.]+\.)?Literal\[(.+)\]|((?:\|?\s*[\"'][^\"']*[\"']\s*)+)", re.DOTALL)
_QUOTED = re.compile(r"[\"']([^\"']*)[\"']")
_OPTIONAL = re.compile(r"(?:typing\.)?Optional\[(.+)\]|Option(?:al)?<(.+)>")
_NONE = re.compile(r"\s*\|\s*(?:None|null|undefined)\b|\b(?:None|null|undefined)\s*\|\s*|\?$")
_OF_CONSTANT = re.compile(r"\(?\s*typeof (\w+)\s*\)?\s*\[\s*(?:keyof typeof \1|number)\s*\]")
_WHOLE_NUMBERS = re.compile(r"u?int\d*|uintptr|byte|rune")
#: Methods by which a type of Go says itself what a driver writes.
_BY_HAND = ("Value", "EncodeText", "EncodeBinary", "TextValue", "MarshalText")


def values_of(codebase: Codebase, module: Module, type: str, *, deep: int = 0) -> tuple[str, ...]:
    """All values of a type, as its name stands in a file; empty where it has others, or nobody can tell."""
    bare = _bare(type)
    if not bare or deep > _DEEPEST:
        return ()
    literals = _LITERALS.fullmatch(bare)
    if literals is not None:
        return _literals(literals[1] or literals[2])
    constant = _OF_CONSTANT.fullmatch(bare)
    if constant is not None:
        found = codebase.definition(module, constant[1])
        return _items(found.definition) if found is not None else ()
    listed = codebase.enumeration(module, bare)
    if listed is not None:
        written = listed.bare and is_written(codebase, module, bare)
        return tuple(dict.fromkeys(listed.members.values())) if written else ()
    return _renamed(codebase, module, bare, deep)


def members_of(codebase: Codebase, module: Module, type: str) -> Enumeration | None:
    """The members of a type that is an enumeration, or may be none of it."""
    return codebase.enumeration(module, _bare(type))


def is_written(codebase: Codebase, module: Module, type: str) -> bool:
    """Whether drivers write a type as what it is made of.

    Those that ask a value of Go for its own text do so with a number, too: https://pkg.go.dev/fmt#Stringer.
    """
    name = _bare(type)
    known = codebase.type(module, name) if module.language == "Go" and name else None
    if known is None:
        return True
    methods = (*_BY_HAND, "String") if _WHOLE_NUMBERS.fullmatch(known[2]) else _BY_HAND
    return not any(codebase.function(module, f"{name}.{method}") for method in methods)


def _renamed(codebase: Codebase, module: Module, name: str, deep: int) -> tuple[str, ...]:
    """The values of the type that a name only stands for."""
    known = codebase.type(module, name)
    if known is not None:
        there, _, same = known
        return values_of(codebase, there, same, deep=deep + 1) if same and module.language != "Go" else ()
    found = codebase.definition(module, name) if module.language == "Python" else None
    said = found.definition.value.span.text if found is not None else ""
    return values_of(codebase, found.module, said, deep=deep + 1) if found is not None and said else ()


def _bare(type: str) -> str:
    text = " ".join(type.split()).lstrip("*&")
    match = _OPTIONAL.fullmatch(text)
    text = (match[1] or match[2]) if match else text
    text = _NONE.sub("", text).strip()
    return text if _LITERALS.fullmatch(text) else text.strip("\"'")


def _literals(listed: str) -> tuple[str, ...]:
    rest = re.sub(r"[\s,|]", "", _QUOTED.sub("", listed))
    return tuple(dict.fromkeys(_QUOTED.findall(listed))) if rest in ("", "None") else ()


def _items(definition: Definition) -> tuple[str, ...]:
    """The values of a list or an object that is written out `as const`."""
    if not re.search(r"\bas const\b", definition.span.text):
        return ()
    value = definition.value
    items = (
        value.items
        if isinstance(value, Items)
        else tuple(item for _, item in value.pairs)
        if isinstance(value, Pairs)
        else ()
    )
    texts = [item.value for item in items if isinstance(item, (Text, Constant))]
    return tuple(dict.fromkeys(texts)) if len(texts) == len(items) else ()
