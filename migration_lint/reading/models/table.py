"""The one table of what names and values mean: each model registers here what it knows, by name or by type.

A model of a library is a module of its own that is imported in `libraries.py`, or, where scripts seldom name
the library, in `SELDOM`, which has it imported when they do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from importlib import import_module
from typing import Generic, TypeVar

from migration_lint.operations import Dialect
from migration_lint.reading.python.interpreter import Interpreter
from migration_lint.reading.python.running import Arguments
from migration_lint.reading.python.values import Value

F = TypeVar("F")

#: What a call of one name does, and of any name of a library, which is passed on.
Model = Callable[[Interpreter, Arguments], Value]
LibraryModel = Callable[[Interpreter, str, Arguments], Value]
#: What a call of one of SQLAlchemy's names does, for a dialect.
SqlAlchemyModel = Callable[[Interpreter, Dialect, Arguments], Value]


class Behaviours(Generic[F]):
    """What is done with values, by their type; a type without an own entry has its nearest base's."""

    def __init__(self) -> None:
        self._registered: dict[type, F] = {}
        self._found: dict[type, F | None] = {}

    def __call__(self, *types: type) -> Callable[[F], F]:
        """Register a function for values of these types."""

        def register(function: F) -> F:
            self._registered.update(dict.fromkeys(types, function))
            self._found.clear()
            return function

        return register

    def of(self, value: Value) -> F | None:
        """What was registered for values of this one's type; None where nothing was."""
        kind = type(value)
        if kind not in self._found:
            known = (self._registered.get(each) for each in kind.__mro__)
            self._found[kind] = next((each for each in known if each is not None), None)
        return self._found[kind]


#: What an attribute of a value is: of which value, and its name.
attribute: Behaviours[Callable[[Interpreter, Value, str], Value]] = Behaviours()
#: What the call of a value's method gives: of which value, its name, its arguments.
method: Behaviours[Callable[[Interpreter, Value, str, Arguments], Value]] = Behaviours()
#: What the call of a value itself gives.
called: Behaviours[Callable[[Interpreter, Value, Arguments], Value]] = Behaviours()
#: Sets an attribute of a value, perhaps; False where what is read of it may not be right any more.
altered: Behaviours[Callable[[Value, str, Value, bool], bool]] = Behaviours()

#: What calls of names do, by the full dotted name.
NAMES: dict[str, Model] = {}
#: What calls of all other names of a library do, by the library's name or that of a part of it.
LIBRARIES: dict[str, LibraryModel] = {}
#: The same of SQLAlchemy's, by the last part alone: each is found in several of its modules, and in those of
#: packages that lay its names open under their own.
SQLALCHEMY: dict[str, SqlAlchemyModel] = {}
#: What names stand for, where that is not just something of a library.
VALUES: dict[str, Callable[[], Value]] = {}
#: What an entry of something of a library is, by its dotted name.
ENTRIES: dict[str, Callable[[Interpreter, Value], Value]] = {}
#: What putting an entry into something of a library does, by its dotted name.
SET_ENTRIES: dict[str, Callable[[Interpreter, Value, Value], None]] = {}
#: Libraries that few scripts name → the module of this package that models them.
SELDOM: dict[str, str] = {}


def names(rows: Mapping[str, Model]) -> None:
    """Register what calls of names do."""
    NAMES.update(rows)


def library(*tops: str) -> Callable[[LibraryModel], LibraryModel]:
    """Register what calls of a library's names do that have no row of their own."""

    def register(function: LibraryModel) -> LibraryModel:
        LIBRARIES.update(dict.fromkeys(tops, function))
        library_of.cache_clear()
        return function

    return register


def load(path: str) -> None:
    """Import the model of the library that a dotted name is of, where it was not yet."""
    module = SELDOM.pop(path.partition(".")[0], None) if SELDOM else None
    if module is not None:
        import_module(f"{__package__}.{module}")


@lru_cache(maxsize=4096)
def library_of(path: str) -> LibraryModel | None:
    """What was registered for the library, or the part of one, that a dotted name is of."""
    while path:
        found = LIBRARIES.get(path)
        if found is not None:
            return found
        path = path.rpartition(".")[0]
    return None
