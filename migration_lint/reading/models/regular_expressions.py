"""Python's regular expressions, where what they may cost is known: a change could hold one that never ends.

How often a repetition may be tried hangs on the longest run of its characters in the text. Where one repeats
something longer than a character, or refers to a group, it is not run.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from importlib import import_module
from typing import Any

from migration_lint.reading.models import database, table
from migration_lint.reading.models.strangers import call_stranger
from migration_lint.reading.python.interpreter import Interpreter
from migration_lint.reading.python.running import CHARACTERS_A_STEP, LONGEST_LIST, LONGEST_TEXT, Arguments
from migration_lint.reading.python.values import Dotted, Expression, List, Unknown, Value, whole

#: The module that parses expressions, which has had another name.
_parser: Any = import_module("re._parser" if sys.version_info >= (3, 11) else "sre_parse")

#: How many characters may be looked at, by the expression, and before that.
_MOST = 3_000_000
_MOST_LOOKS = 500_000
_LONGEST_PATTERN = 500
_LONGEST_TEXT = 100_000
_FLAGS = {
    name: getattr(re, name)
    for name in "I IGNORECASE M MULTILINE S DOTALL X VERBOSE A ASCII U UNICODE".split()
}
#: What is no more than one character long.
_ONE = frozenset(("LITERAL", "NOT_LITERAL", "ANY", "IN"))


def _looks(pattern: str, text: str) -> int:
    """How many characters are looked at to say what a pattern may cost: the text for each repetition."""
    return (1 + sum(map(pattern.count, "*+?{"))) * (len(text) + 1)


class _Unbounded(Exception):
    """What a pattern may cost is not known."""


def _flags(value: Value) -> int | None:
    """The flags of a call, where they are known."""
    if type(value) is int:
        return value
    if isinstance(value, Dotted) and value.path.startswith("re."):
        found = _FLAGS.get(value.path.rpartition(".")[2])
        return None if found is None else int(found)
    return None


def compiled(pattern: Value, flags: Value, text: Value) -> re.Pattern[str] | None:
    """A pattern that may be run over a text; None where it is not known, or may take too long."""
    known = _flags(flags)
    if (
        not whole(pattern)
        or not whole(text)
        or known is None
        or len(pattern) > _LONGEST_PATTERN
        or len(text) > _LONGEST_TEXT
        or _looks(pattern, text) > _MOST_LOOKS
    ):
        return None
    try:
        cost = _cost(_parser.parse(pattern, known), text, bool(known & re.I or "(?i" in pattern))
        return re.compile(pattern, known) if cost * (len(text) + 1) <= _MOST else None
    except (_Unbounded, re.error, RecursionError, OverflowError):
        return None


def _cost(nodes: Iterable[Any], text: str, folded: bool) -> int:
    """In how many ways a part of a pattern can be tried at one place of a text, at most."""
    made = 1
    for kind, given in nodes:
        name = str(kind)
        if name in _ONE or name == "AT":
            continue
        if name in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
            made *= _of_repeat(*given, text=text, folded=folded)
        elif name == "SUBPATTERN":
            made *= _cost(given[-1], text, folded)
        elif name == "BRANCH":
            made *= sum(_cost(each, text, folded) for each in given[1])
        elif name in ("ASSERT", "ASSERT_NOT"):
            made *= 1 + _cost(given[1], text, folded)
        else:
            raise _Unbounded
        if made > _MOST:
            raise _Unbounded
    return made


def _of_repeat(least: int, most: int, body: Any, *, text: str, folded: bool) -> int:
    nodes = list(body)
    while len(nodes) == 1 and str(nodes[0][0]) == "SUBPATTERN":
        nodes = list(nodes[0][1][-1])
    if len(nodes) == 1 and str(nodes[0][0]) in _ONE:
        return min(int(most), _longest_run(nodes[0], text, folded)) + 1
    if int(most) == 1:
        return 1 + _cost(nodes, text, folded)
    raise _Unbounded


def _longest_run(node: Any, text: str, folded: bool) -> int:
    """How many characters in a row are like a node, at most."""
    longest = run = 0
    for each in text:
        run = (
            run + 1
            if any(_is_like(node, c) for c in ({each, each.lower(), each.upper()} if folded else each))
            else 0
        )
        longest = max(longest, run)
    return longest


def _is_like(node: Any, character: str) -> bool:
    """Whether a character may be like a node."""
    kind, given = node
    name, code = str(kind), ord(character[:1] or "x")
    if name == "LITERAL":
        return bool(code == given)
    if name == "NOT_LITERAL":
        return bool(code != given)
    if name != "IN":
        return True
    negated = bool(given) and str(given[0][0]) == "NEGATE"
    # Of categories, that it is one: whether it is not, the character alone does not tell in each mode.
    sure = any(_is_in(item, code, negated) for item in given)
    return not sure if negated else sure


def _is_in(item: Any, code: int, surely: bool) -> bool:
    name = str(item[0])
    if name == "LITERAL":
        return bool(code == item[1])
    if name == "RANGE":
        return bool(item[1][0] <= code <= item[1][1])
    if name == "CATEGORY":
        said, character = str(item[1]), chr(code)
        kinds: dict[str, Callable[[], bool]] = {
            "DIGIT": character.isdigit,
            "SPACE": character.isspace,
            "WORD": lambda: character.isalnum() or character == "_",
        }
        kind = next((kinds[each] for each in kinds if said.endswith(each)), None)
        if kind is None:
            return not surely
        return kind() is not ("NOT" in said) if character.isascii() else not surely
    return False


def _call(run: Interpreter, a: Arguments, *, name: str) -> Value:
    """A function of `re` is called, which has the pattern and the text among its arguments."""
    of_text = 2 if name == "sub" else 1
    pattern, text = a.get(0, "pattern"), a.get(of_text, "string")
    flags = a.get(of_text + 1 + (name != "findall"), "flags", 0)
    most = 0 if name == "findall" else a.get(of_text + 1, "count" if name == "sub" else "maxsplit", 0)
    new = a.get(1, "repl") if name == "sub" else ""
    for value in a.values():
        database.call_back(run, value)  # what is to stand for a match may be a function
    found = None if a.more or type(most) is not int or not whole(new) else compiled(pattern, flags, text)
    made = None
    if found is not None and (len(new) + 1) * (len(text) + 1) <= LONGEST_TEXT:
        run.spend(_looks(found.pattern, text) // CHARACTERS_A_STEP + 1)
        with suppress(re.error, IndexError):  # of a group that is not there
            made = _made(found, name, new, text, most)
    if made is not None:
        return List(made) if isinstance(made, list) else made
    reason = "what a regular expression makes of a text is not worked out"
    return run.hole(reason) if name == "sub" else Unknown(reason)


def _made(found: re.Pattern[str], name: str, new: str, text: str, most: int) -> str | list[Any] | None:
    if name == "sub":
        return found.sub(new, text, most)
    parts = found.split(text, most) if name == "split" else found.findall(text)
    return parts if len(parts) <= LONGEST_LIST else None


def _compile(run: Interpreter, a: Arguments) -> Value:
    pattern, flags = a.get(0, "pattern"), a.get(1, "flags", 0)
    return pattern if isinstance(pattern, Expression) else Expression(pattern, flags)


@table.method(Expression)
def _of_expression(run: Interpreter, of: Expression, name: str, a: Arguments) -> Value:
    given = Arguments([of.pattern, *a.args], {**a.kwargs, "flags": of.flags}, a.more)
    if (
        name in _FUNCTIONS
        and not ({"pos", "endpos"} & set(a.kwargs))
        and len(a.args) <= 1 + (name != "findall") + (name == "sub")
    ):
        return _call(run, given, name=name)
    return call_stranger(run, f"re.{name}", given)


def _all_of(run: Interpreter, a: Arguments, *, name: str) -> Value:
    """A function of `re`, of which the first argument may be an expression that is compiled."""
    first = run.resolve(a.get(0, "pattern"))
    if not isinstance(first, Expression):
        return _call(run, a, name=name)
    return _of_expression(run, first, name, a._replace(args=a.args[1:]))


#: Functions that give texts.
_FUNCTIONS = ("split", "findall", "sub")

table.names({f"re.{name}": partial(_all_of, name=name) for name in _FUNCTIONS})
table.names({"re.compile": _compile})
