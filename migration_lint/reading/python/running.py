"""What the parts of the interpreter share: arguments, how a block ended, budgets, the library's face."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from migration_lint.named_tuple import NamedTuple
from migration_lint.reading.python.values import NOTHING, Class, Dotted, List, Maybe, Module, Unknown, Value

if TYPE_CHECKING:
    from migration_lint.reading.python.interpreter import Interpreter

#: How many calls and statements one direction of a script may take before the rest is opaque.
STEPS = 20_000
#: How many of them one call of the script into the project's own modules may take.
CALL_STEPS = 8_000
#: How many steps a function may take that can do nothing but compute, on data that is not known.
INERT_STEPS = 2_000
#: After how many steps it is looked at whether such a function runs.
STOCK_STEPS = 500
#: How many steps a name at the top of a module may take.
MODULE_STEPS = 6_000
#: How many steps the modules of an application may take in all when they are imported.
APPLICATION_STEPS = 4_000
#: And how many each of their statements may take at least.
LEAST_STEPS = 60
#: How often a `while` is followed whose test is known to hold.
MOST_PASSES = 2_000
#: How often the body of a loop is walked until nothing new holds at its head.
MOST_ROUNDS = 12
#: How deep calls may nest.
DEPTH = 40
#: How long a string, and how long a list, may grow.
LONGEST_TEXT = 1_000_000
LONGEST_LIST = 20_000
#: Work on a container or a text costs a step more for every so many entries and characters.
ENTRIES_A_STEP = 100
CHARACTERS_A_STEP = 2_000


class Exhausted(Exception):
    """The script takes more than the budget: what is left of it is not known."""


class Flow(NamedTuple):
    """How a block of statements ended, when not at its end."""

    kind: str  # return | break | continue | raise
    value: Value = None


class Iteration(NamedTuple):
    """What iterating gives: slots, then a rest, then slots. A slot is a value, or a `Maybe` that may be
    missing."""

    slots: Sequence[Value]
    rest: Value = NOTHING
    tail: Sequence[Value] = ()

    @property
    def open(self) -> bool:
        """Whether more entries may follow than the slots."""
        return self.rest is not NOTHING

    @property
    def exact(self) -> bool:
        """Whether it is known which entries there are, and in which order."""
        return self.rest is NOTHING and not any(type(each) is Maybe for each in self.slots)

    def every(self) -> list[Value]:
        """All values that there may be, in order."""
        rest = () if self.rest is NOTHING else (self.rest,)
        return [each.value if type(each) is Maybe else each for each in (*self.slots, *rest, *self.tail)]

    def list(self) -> List:
        """A new list of them."""
        return List(self.slots, rest=self.rest, tail=self.tail)


class Arguments(NamedTuple):
    """The arguments of a call.

    `more`: some were spread from a value that is not known; `reach`: and that may hold a connection.
    """

    args: list[Value]
    kwargs: dict[str, Value]
    more: bool = False
    reach: bool = False

    def values(self) -> Iterable[Value]:
        """All of them, in order; what was spread and is not known, as one more."""
        spread = (Unknown("it is spread from a value that is not known", reach=True),) if self.reach else ()
        return (*self.args, *self.kwargs.values(), *spread)

    def get(self, position: int, name: str, default: Value = None) -> Value:
        """One of them, given by position or by name."""
        if position < len(self.args):
            return self.args[position]
        return self.kwargs.get(name, default)


class Library(Protocol):
    """What the interpreter asks of the models of Python's and other libraries."""

    @property
    def foreign(self) -> Mapping[str, Value]:
        """Dotted names that are known to be none of the project's: what they mean. It grows."""
        ...

    def builtin(self, name: str) -> Value | None:
        """The value of a built-in name, or None where there is no such name."""
        ...

    def call(self, run: Interpreter, path: str, arguments: Arguments) -> Value:
        """Call something by its dotted name."""
        ...

    def attribute(self, run: Interpreter, of: Value, name: str) -> Value:
        """An attribute of a value that is not a function, class or object of the project."""
        ...

    def method(self, run: Interpreter, of: Value, name: str, arguments: Arguments) -> Value:
        """Call a method of a modelled object or of a constant."""
        ...

    def alter(self, run: Interpreter, of: Value, name: str, value: Value, weak: bool) -> None:
        """Set an attribute of a modelled object; `weak` where it may be another object's."""
        ...

    def entry(self, run: Interpreter, of: Dotted, key: Value) -> Value:
        """An entry of something of a library, by its key."""
        ...

    def set_entry(self, run: Interpreter, of: Dotted, key: Value, value: Value) -> bool:
        """Put an entry into something of a library; False where nobody knows what that does."""
        ...

    def call_object(self, run: Interpreter, of: Value, arguments: Arguments) -> Value:
        """Call a modelled object itself."""
        ...

    def outside(self, name: str) -> str | None:
        """What the configuration states for an environment variable."""
        ...

    def implementation(self, run: Interpreter, operation: Value) -> Value | None:
        """The function that carries out an operation of the project's own; None where it has none."""
        ...

    def harmless(self, path: str) -> bool:
        """Whether something of a library, by its dotted name, cannot reach a database by itself."""
        ...

    def carried(self, of: Module) -> frozenset[str] | None:
        """The names in a module by which code comes to a database; None where it was not looked for."""
        ...

    def call_back(self, run: Interpreter, function: Value) -> None:
        """Follow a function that may be called by code that cannot be read, with whatever."""
        ...

    def member(self, run: Interpreter, of: Class, name: str) -> Value | None:
        """A member of an enumeration of the project by its name; None where it is none."""
        ...

    def make(self, run: Interpreter, of: Class, arguments: Arguments) -> Value | None:
        """An object of a project's class that stands for something modelled, or None."""
        ...

    def unreadable(self, run: Interpreter, path: str) -> bool:
        """Whether something of a library, by its dotted name, is neither modelled nor trusted."""
        ...

    def imported(self, run: Interpreter, path: str) -> None:
        """A module is imported, by its dotted name: its top runs, unless it did already."""
        ...

    def find(self, run: Interpreter, path: str) -> Value:
        """What a dotted name of the project's own modules means; a Dotted where it is not the project's."""
        ...


def written(value: Value, write: Callable[[Value], str] = str) -> str:
    """`str` or `repr` of constants. Raises Exhausted where the text would exceed the budget."""
    waiting, length = [value], 0
    while waiting:
        each = waiting.pop()
        if isinstance(each, (list, tuple)):
            waiting += each
        else:
            length += (
                each.bit_length() // 4 if isinstance(each, int) else len(each) if isinstance(each, str) else 8
            )
        if length > LONGEST_TEXT:
            raise Exhausted("a string of the script grows too long")
    try:
        return write(value)
    except ValueError:  # an integer of more digits than Python writes
        raise Exhausted("a number of the script grows too large") from None


def shown(node: ast.expr) -> str:
    """An expression as a message shows it: on one line, and cut where it is long."""
    known: str | None = getattr(node, _SHOWN, None)
    if known is None:
        try:
            text = " ".join(ast.unparse(node).split())
        except (RecursionError, ValueError):
            text = "…"
        known = text if len(text) <= 60 else text[:57] + "…"
        setattr(node, _SHOWN, known)  # a test in a loop is shown each time round, and unparsing is slow
    return known


_SHOWN = "_shown"
