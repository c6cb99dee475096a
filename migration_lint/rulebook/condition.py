"""The language of `when`: parsed with `ast`, and turned into closures over the facts.

Python's grammar, and a small part of it: facts by their dotted names, `and or not`, comparisons, literals
and the functions in FUNCTIONS. Nothing is handed to Python's own evaluation: every node that is allowed
has a closure here, and every other node is an error. That is why a rule file from a change that nobody
approved is safe to load, and why a condition cannot call, import, index or compute anything.

Whether a condition fits the facts is judged in `checking`, which only a cold run needs.
"""

from __future__ import annotations

import ast
import operator
import warnings
from collections.abc import Callable
from functools import cache
from typing import Any

from migration_lint.named_tuple import NamedTuple

MAX_LENGTH = 2_000
MAX_DEPTH = 30


class ConditionError(Exception):
    """What is wrong with a condition, and where in its text: characters `start` to `end`, from 0."""

    def __init__(self, message: str, start: int, end: int, fix: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.start = start
        self.end = max(end, start + 1)
        self.fix = fix


def matches(text: str | tuple[str, ...], pattern: str) -> bool:
    """Whether the text, or any of the texts, fits the pattern (`*`, `?`, `[…]`); case matters."""
    from fnmatch import fnmatchcase

    return any(fnmatchcase(each, pattern) for each in ((text,) if isinstance(text, str) else text))


def length(of: str | tuple[object, ...]) -> int:
    """How many characters a text, or how many entries a list has."""
    return len(of)


def lower(text: str) -> str:
    """The text in lower case."""
    return text.lower()


FUNCTIONS: dict[str, Callable[..., object]] = {"len": length, "lower": lower, "matches": matches}


def _contains(left: object, right: object) -> bool:
    if isinstance(right, str):
        return isinstance(left, str) and left in right
    return isinstance(right, tuple) and left in right


COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
    ast.In: _contains,
    ast.NotIn: lambda left, right: not _contains(left, right),
}

#: What people write who think of another language, and what it is called here.
_HINTS = {"&&": "write `and`", "||": "write `or`", "===": "write `==`", "<>": "write `!=`"}

_ALLOWED = "a condition is made of facts, `and or not`, comparisons, literals, len(), lower() and matches()"

_BLANKS = str.maketrans("\n\r\t\f\v", "     ")


class ParsedCondition(NamedTuple):
    """A condition all of whose nodes are allowed."""

    tree: ast.expr
    text: str  # as `ast` was given it
    shift: int  # how many characters stand before it in what was written

    def error(self, node: ast.expr, message: str, fix: str = "") -> ConditionError:
        """The error that `node` is wrong, with its place in what was written."""
        start, end = self.character(node.col_offset), self.character(node.end_col_offset or 0)
        return ConditionError(message, self.shift + start, self.shift + end, fix)

    def source(self, node: ast.expr) -> str:
        """What was written for a node."""
        return self.text[self.character(node.col_offset) : self.character(node.end_col_offset or 0)]

    def character(self, offset: int) -> int:
        """An offset of `ast`, which counts in bytes of UTF-8, in characters."""
        return offset if self.text.isascii() else len(self.text.encode()[:offset].decode(errors="ignore"))


def parse(text: str) -> ParsedCondition:
    """The condition as a tree of nothing but allowed nodes. Raises ConditionError."""
    if len(text) > MAX_LENGTH:
        message = f"the condition has {len(text)} characters, and {MAX_LENGTH} is the most"
        raise ConditionError(message, 0, 1, "split the rule in two")
    # One line of the same length: offsets into it are offsets into what was written.
    flat = text.translate(_BLANKS).rstrip(" ")
    code = flat.lstrip(" ")
    shift = len(flat) - len(code)
    if not code:
        raise ConditionError("the condition is empty", 0, 1, "leave `when` out: the rule then always fires")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # an invalid escape in a literal is no business of stderr
            tree = ast.parse(code, mode="eval").body
    except SyntaxError as error:
        place = shift + min(max((error.offset or 1) - 1, 0), len(code) - 1)
        hint = next((fix for mark, fix in _HINTS.items() if mark in code), _ALLOWED)
        said = error.msg.partition(". ")[0]
        raise ConditionError(f"this cannot be read as a condition: {said}", place, place + 1, hint) from None
    except (ValueError, RecursionError, MemoryError, OverflowError):
        raise ConditionError("this cannot be read as a condition", shift, len(flat), _ALLOWED) from None
    parsed = ParsedCondition(tree, code, shift)
    rest = code[parsed.character(tree.end_col_offset or 0) :].lstrip(" )")
    if rest:
        # Only a comment can follow an expression, and now that the lines are joined it hides the next.
        raise ConditionError("a condition holds no comments", len(flat) - len(rest), len(flat))
    _allow(parsed, tree, 0)
    return parsed


def dotted(node: ast.expr) -> tuple[str, ...] | None:
    """The parts of `a.b.c`; None if the node is anything else."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):  # not recursive: there may be hundreds of dots
        parts.append(node.attr)
        node = node.value
    return (node.id, *reversed(parts)) if isinstance(node, ast.Name) else None


def literal(node: ast.expr) -> object:
    """The value of an allowed literal: a str, int, bool or None, or a tuple of such.

    Lists and sets are tuples too: no fact is one, and `(1, 2) == [1, 2]` would never hold.
    Raises KeyError if the node is not a literal.
    """
    if isinstance(node, ast.Constant) and (node.value is None or isinstance(node.value, (str, int))):
        return node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        operand = node.operand
        if isinstance(operand, ast.Constant) and type(operand.value) is int:
            return -operand.value
    if isinstance(node, (ast.Tuple, ast.List, ast.Set)):
        values = tuple(literal(each) for each in node.elts)
        if not any(isinstance(value, tuple) for value in values):
            return values
    raise KeyError(node)


def _is_literal(node: ast.expr) -> bool:
    try:
        literal(node)
    except KeyError:
        return False
    return True


def _allow(parsed: ParsedCondition, node: ast.expr, depth: int) -> None:
    """Raises ConditionError at the first node that is not allowed."""
    if depth > MAX_DEPTH:
        raise parsed.error(node, "the condition is nested too deeply", "split the rule in two")
    parts = dotted(node)
    if parts is not None:
        if any(part.startswith("_") for part in parts):
            raise parsed.error(
                node, f"{parsed.source(node)} is not a fact", "no fact begins with an underscore"
            )
    elif isinstance(node, ast.BoolOp):
        for value in node.values:
            _allow(parsed, value, depth + 1)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        _allow(parsed, node.operand, depth + 1)
    elif isinstance(node, ast.Compare):
        for value in (node.left, *node.comparators):
            _allow(parsed, value, depth + 1)
    elif isinstance(node, ast.Call):
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name not in FUNCTIONS:
            known = ", ".join(f"{each}()" for each in FUNCTIONS)
            raise parsed.error(
                node.func, "this is not a function of conditions", f"the functions are {known}"
            )
        if node.keywords or any(isinstance(each, ast.Starred) for each in node.args):
            raise parsed.error(node, f"{name}() takes plain arguments only")
        for value in node.args:
            _allow(parsed, value, depth + 1)
    elif not _is_literal(node):
        raise parsed.error(node, f"{_spoken(node)} cannot stand in a condition", _ALLOWED)


def _spoken(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return f"a {type(node.value).__name__} literal"
    name = type(node).__name__
    words = {
        "BinOp": "arithmetic",
        "Subscript": "indexing",
        "Lambda": "a lambda",
        "IfExp": "`if … else`",
        "JoinedStr": "an f-string",
        "NamedExpr": "`:=`",
        "Attribute": "an attribute of anything but a fact",
        "UnaryOp": "this sign",
        "Tuple": "a list of anything but literals",
        "List": "a list of anything but literals",
        "Set": "a list of anything but literals",
    }
    return words.get(name, "a comprehension" if name.endswith("Comp") or name == "GeneratorExp" else "this")


@cache
def compiled(text: str) -> Callable[[object], bool]:
    """The condition as a function of an event's facts. An empty text always holds. Raises ConditionError."""
    if not text:
        return lambda facts: True
    holds = _closure(parse(text).tree)
    return lambda facts: bool(holds(facts))


def _closure(node: ast.expr) -> Callable[[Any], Any]:
    parts = dotted(node)
    if parts is not None:
        return operator.attrgetter(".".join(parts))
    if isinstance(node, ast.BoolOp):
        values = [_closure(value) for value in node.values]
        if isinstance(node.op, ast.And):
            return lambda facts: all(value(facts) for value in values)
        return lambda facts: any(value(facts) for value in values)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        negated = _closure(node.operand)
        return lambda facts: not negated(facts)
    if isinstance(node, ast.Compare):
        return _comparison(node)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        function, arguments = FUNCTIONS[node.func.id], [_closure(each) for each in node.args]
        return lambda facts: function(*(argument(facts) for argument in arguments))
    value = literal(node)
    return lambda facts: value


def _comparison(node: ast.Compare) -> Callable[[Any], bool]:
    operands = [_closure(each) for each in (node.left, *node.comparators)]
    compare = [COMPARISONS[type(each)] for each in node.ops]

    def holds(facts: Any) -> bool:
        values = [operand(facts) for operand in operands]
        return all(same(left, right) for same, left, right in zip(compare, values, values[1:], strict=False))

    return holds
