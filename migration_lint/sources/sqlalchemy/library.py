"""Calls of the standard library, and of Flask-SQLAlchemy's `db`, whose result can be told."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from migration_lint.sources.sqlalchemy.frames import Frame
from migration_lint.sources.sqlalchemy.terms import (
    Class,
    External,
    Instance,
    Known,
    Listed,
    Made,
    Pairs,
    Term,
    text_of,
)

if TYPE_CHECKING:
    from migration_lint.sources.sqlalchemy.machine import Machine


_FLASK_CLASS = re.compile(r"flask_sqlalchemy(?:_lite)?\..*SQLAlchemy|flask_sqlalchemy\.SQLAlchemy")
#: What is `db`'s own; everything else that it has is SQLAlchemy's.
_FLASK = frozenset(
    "session engine engines Model metadata metadatas Query init_app create_all drop_all reflect get_engine"
    " paginate first_or_404 one_or_404 get_or_404 Table create_scoped_session app".split()
)
_TEXT_METHODS = frozenset(
    "lower upper title capitalize strip lstrip rstrip replace removeprefix removesuffix casefold".split()
)
#: What may take longer than the text that it is applied to is long.
_REPEATS_GROUPS = re.compile(r"\)[*+{]")
_Arguments = tuple[Term, ...]
_Keywords = tuple[tuple[str | None, Term], ...]


def of_text(value: object, method: str, args: tuple[Term, ...]) -> Term | None:
    """What a method of a known text gives, where its arguments are known, too."""
    if isinstance(value, str) and method == "join" and len(args) == 1 and isinstance(args[0], Listed):
        parts = [text_of(each) for each in args[0].items]
        whole = args[0].kind != "each" and all(each is not None for each in parts)
        return Known(value.join(each or "" for each in parts)) if whole else None
    given = [each.value for each in args if isinstance(each, Known)]
    if not isinstance(value, str) or method not in _TEXT_METHODS or len(given) != len(args):
        return None
    try:
        return Known(getattr(value, method)(*given))
    except (TypeError, ValueError):
        return None


def _expression(args: _Arguments, number: int) -> list[str] | None:
    """The texts that a function of `re` is given, where all are known and it cannot take long."""
    texts = [text for each in args if (text := text_of(each)) is not None]
    known = len(texts) == len(args) == number
    return texts if known and len(texts[-1]) <= 100 and not _REPEATS_GROUPS.search(texts[0]) else None


def _substituted(machine: Machine, args: _Arguments, keywords: _Keywords, frame: Frame) -> Term | None:
    """`re.sub` on a name, as functions that make a table's name of a class's do it."""
    texts = _expression(args, 3)
    try:
        return None if texts is None else Known(re.sub(texts[0], texts[1], texts[2]))
    except (re.error, IndexError):
        return None


def _split(machine: Machine, args: _Arguments, keywords: _Keywords, frame: Frame) -> Term | None:
    texts = _expression(args, 2)
    try:
        return None if texts is None else Listed("list", tuple(map(Known, re.split(texts[0], texts[1]))))
    except re.error:
        return None


def _cast(machine: Machine, args: _Arguments, keywords: _Keywords, frame: Frame) -> Term | None:
    return args[1] if len(args) == 2 else None


def _dictionary(machine: Machine, args: _Arguments, keywords: _Keywords, frame: Frame) -> Term | None:
    if args and not isinstance(args[0], Pairs):
        return None
    start = args[0].pairs if args and isinstance(args[0], Pairs) else ()
    return Pairs((*start, *((None if key is None else Known(key), value) for key, value in keywords)))


def _getattr(machine: Machine, args: _Arguments, keywords: _Keywords, frame: Frame) -> Term | None:
    name = text_of(args[1]) if len(args) > 1 else None
    return machine.attribute(args[0], name, frame) if name is not None else None


def _type(machine: Machine, args: _Arguments, keywords: _Keywords, frame: Frame) -> Term | None:
    if len(args) == 1 and isinstance(args[0], Instance):
        return args[0].of
    return None


def of_flask(machine: Machine, of: Made, name: str) -> Term | None:
    """`db.Column` of Flask-SQLAlchemy, which hands on the names of SQLAlchemy."""
    if name in _FLASK or name.startswith("_"):
        return None
    return External(f"sqlalchemy.{name}") if _is_flask(machine, of.callee) else None


def sets_of_flask(machine: Machine, of: Class, name: str) -> bool:
    """Whether Flask-SQLAlchemy sets an attribute of such a class, whatever an annotation says that it is."""
    return name in _FLASK and _is_flask(machine, of)


def _is_flask(machine: Machine, callee: Term) -> bool:
    names = machine.classes.ancestors(callee) if isinstance(callee, Class) else [callee]
    return any(
        isinstance(each, External)
        and each.name.startswith("flask_sqlalchemy")
        and each.name.endswith(".SQLAlchemy")
        for each in names
    )


SPECIAL: dict[str, Callable[[Machine, _Arguments, _Keywords, Frame], Term | None]] = {
    "typing.cast": _cast,
    "builtins.dict": _dictionary,
    "builtins.getattr": _getattr,
    "builtins.type": _type,
    "re.sub": _substituted,
    "re.split": _split,
}
