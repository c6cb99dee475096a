"""Operators and comparisons over values that may be partly unknown."""

from __future__ import annotations

import ast
import operator
import posixpath
import re
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from migration_lint.lazy_pattern import lazy_pattern
from migration_lint.operations import HOLE
from migration_lint.reading.python.assignments import extend, update
from migration_lint.reading.python.containers import inside, optional
from migration_lint.reading.python.running import (
    CHARACTERS_A_STEP,
    ENTRIES_A_STEP,
    LONGEST_LIST,
    LONGEST_TEXT,
    Arguments,
    Exhausted,
    written,
)
from migration_lint.reading.python.values import (
    CONSTANTS,
    NOTHING,
    BoundFunction,
    Choice,
    ColumnModel,
    Data,
    Dict,
    Dotted,
    FilePath,
    Frame,
    Function,
    Instance,
    List,
    Maybe,
    Outside,
    RowText,
    SqlFunction,
    SqlText,
    Unknown,
    Value,
    alternatives,
    chosen,
    handy,
    join_all,
    lookup,
    pasted,
    reaches,
    same,
    whole,
)

if TYPE_CHECKING:
    from migration_lint.reading.python.interpreter import Interpreter

_BINARY: dict[type[ast.operator], Callable[[Value, Value], Value]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.BitOr: operator.or_,
    ast.BitAnd: operator.and_,
    ast.BitXor: operator.xor,
    ast.LShift: operator.lshift,
    ast.RShift: operator.rshift,
}
_COMPARE: dict[type[ast.cmpop], Callable[[Value, Value], Value]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


#: The special methods of operators, without what stands around their names.
_METHODS: dict[type[ast.operator], str] = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.MatMult: "matmul", ast.Div: "truediv",
    ast.FloorDiv: "floordiv", ast.Mod: "mod", ast.Pow: "pow", ast.LShift: "lshift", ast.RShift: "rshift",
    ast.BitOr: "or", ast.BitXor: "xor", ast.BitAnd: "and",
}  # fmt: skip
_UNARY: dict[type[ast.unaryop], str] = {ast.USub: "__neg__", ast.UAdd: "__pos__", ast.Invert: "__invert__"}
_COMPARING: dict[type[ast.cmpop], tuple[str, str]] = {
    ast.Eq: ("__eq__", "__eq__"), ast.NotEq: ("__ne__", "__ne__"), ast.Lt: ("__lt__", "__gt__"),
    ast.Gt: ("__gt__", "__lt__"), ast.LtE: ("__le__", "__ge__"), ast.GtE: ("__ge__", "__le__"),
}  # fmt: skip


def concatenate(run: Interpreter, parts: Sequence[Value]) -> Value:
    """Texts one after the other."""
    if all(isinstance(part, str) for part in parts):
        _spend_on(run, sum(map(len, parts)))
        return pasted(parts)
    return run.lift(lambda *row: _one_after_the_other(run, row), *parts)


def _one_after_the_other(run: Interpreter, parts: Sequence[Value]) -> Value:
    if parts and isinstance(parts[0], FilePath):  # what begins with the path of a file is one
        behind = run.concatenate([run.text(part) for part in parts[1:]])
        return FilePath(posixpath.normpath(f"{parts[0].path or '.'}{behind}"))
    outside = next((part for part in parts if isinstance(part, Outside)), None)
    whole_text = run.concatenate(
        [part.text if isinstance(part, Outside) else run.text(part) for part in parts]
    )
    if outside is not None and isinstance(whole_text, str):
        return Outside(outside.reason, whole_text)  # what is made of it is as little known
    return whole_text


def formatted(run: Interpreter, value: Value, spec: Value, conversion: int = -1) -> Value:
    """`format(value, spec)` after a conversion as `ast.FormattedValue` gives it."""
    if conversion in (ord("r"), ord("a")):
        known = run.constant(value)
        value = run.hole("a part of it could not be worked out") if known is None else written(known, repr)
    if spec in ("", "s"):
        return value if isinstance(value, (FilePath, Outside)) else run.text(value)
    if not whole(spec):
        return run.hole("how a value is formatted is not known")
    if isinstance(value, (int, float)) or whole(value):
        if _widens(spec.replace("*", "")):
            raise Exhausted("a string of the script grows too long")
        if isinstance(value, int):
            written(value)
        try:
            return format(value, spec)
        except ValueError:
            pass
    return run.hole("a part of it could not be worked out")


def own(run: Interpreter, of: Value, name: str, *given: Value) -> Value:
    """What a special method of the project's own class gives; NOTHING where its class has none."""
    method = lookup(of.of, name, run.resolve) if isinstance(of, Instance) else None
    if not isinstance(method, Function):
        return NOTHING
    made = run.call(BoundFunction(method, (of,)), Arguments(list(given), {}))
    return NOTHING if made == Dotted("builtins.NotImplemented") else made


def binary(run: Interpreter, op: ast.operator, left: Value, right: Value, inplace: bool = False) -> Value:
    """`left op right`; `inplace`: `left op= right`."""
    if isinstance(left, Choice) or isinstance(right, Choice):
        return run.lift(lambda a, b: binary(run, op, a, b, inplace), left, right)
    if isinstance(left, Instance) or isinstance(right, Instance):
        made = _of_own(run, _METHODS[type(op)], left, right, inplace)
        if made is not NOTHING:
            return made
    if isinstance(op, ast.Add):
        if isinstance(left, Outside) or isinstance(right, Outside):
            return run.concatenate([left, right])
        if isinstance(left, FilePath) and isinstance(right, (str, Unknown)):
            return run.concatenate([left, right])
        if isinstance(left, str) or isinstance(right, str):
            other = right if isinstance(left, str) else left
            if isinstance(other, (str, Unknown, Data)):
                return run.concatenate([run.text(left), run.text(right)])
        if isinstance(left, (List, tuple)) and isinstance(right, (List, tuple, Unknown, Data)):
            return added(run, left, right)
    if isinstance(op, ast.Mod) and isinstance(left, str):
        return percent(run, left, right)
    if isinstance(op, ast.Div):
        joined = run.library.method(run, left, "__truediv__", Arguments([right], {}))
        if not isinstance(joined, Unknown):
            return joined
    if isinstance(op, ast.BitOr) and isinstance(left, Dict) and isinstance(right, Dict):
        made = Dict(left)
        update(made, right)
        return made
    if isinstance(op, (ast.BitAnd, ast.BitOr, ast.Sub)) and isinstance(left, List):
        return of_sets(run, op, left, right)
    if isinstance(op, ast.BitAnd) and isinstance(right, List):
        return of_sets(run, op, right, left)
    if isinstance(left, _TEXTS) or isinstance(right, _TEXTS):
        return _of_core(run, type(op).__name__, left, right)
    function = _BINARY.get(type(op))
    if function is not None and _plain(left) and _plain(right):
        if isinstance(op, (ast.Mult, ast.LShift)) and _too_large(left, right, op):
            raise Exhausted("a value of the script grows too large")
        try:
            made = function(left, right)
        except Exception:  # what Python itself would raise here: the script could not run
            return Unknown("the expression fails")
        return List(made) if type(made) is list else made
    if isinstance(op, ast.Mult) and isinstance(left, List) and isinstance(right, int):
        if len(left) * right > LONGEST_LIST:
            raise Exhausted("a list of the script grows too long")
        return List(list(left) * right) if left.exact else List(rest=join_all(left.every()))
    return Unknown("the result of an operator is not known", reach=reaches(left) or reaches(right))


def _of_own(run: Interpreter, name: str, left: Value, right: Value, inplace: bool) -> Value:
    """What the classes of the project say of an operator, by its name; NOTHING where they say nothing."""
    made = own(run, left, f"__i{name}__", right) if inplace else NOTHING
    if made is NOTHING:
        made = own(run, left, f"__{name}__", right)
    return own(run, right, f"__r{name}__", left) if made is NOTHING else made


def of_sets(run: Interpreter, op: ast.operator, left: List, right: Value) -> List:
    """`left & right`, `left | right`, `left - right` of sets, which are kept as lists without duplicates."""
    if isinstance(op, ast.BitOr):
        made = added(run, left, right)
        kept = [each for n, each in enumerate(made) if not any(same(each, made[m]) for m in range(n))]
        return List(kept, rest=made.rest, tail=made.tail)
    wanted = isinstance(op, ast.BitAnd)

    def left_over(slots: Iterable[Value]) -> list[Value]:
        found = [(each, contains(run, right, inside(each))) for each in slots]
        return [optional(each) if known is None else each for each, known in found if known in (None, wanted)]

    rest = join_all(map(chosen, alternatives(left.rest)))
    return List(left_over(left), rest=rest, tail=left_over(left.tail))


def added(run: Interpreter, left: Value, right: Value) -> Value:
    if isinstance(left, tuple) and isinstance(right, tuple):
        return (*left, *right)
    ours, theirs = run.items(left), run.items(right)
    if len(ours.slots) + len(theirs.slots) > LONGEST_LIST:
        raise Exhausted("a list of the script grows too long")
    made = ours.list()
    extend(run, made, theirs)
    return made


def percent(run: Interpreter, left: str, right: Value) -> Value:
    if len(left) > LONGEST_TEXT or any(map(_widens, _PERCENT_WIDTH.findall(left))):
        raise Exhausted("a string of the script grows too long")
    if type(right) is tuple:
        values: Value = tuple(right)
    elif isinstance(right, Dict):
        if right.open:
            return percent_holes(run, left)
        keys = [key for key in right if isinstance(key, str) and f"({key})" in left]

        def fill_by_name(*row: Value) -> Value:
            values = {key: percent_value(run, item) for key, item in zip(keys, row, strict=True)}
            _spend_on(run, left.count("%") * max(map(_length, values.values()), default=0))
            if any(isinstance(each, RowText) for each in values.values()):
                return _pasted_in(run, left, values)
            try:
                return left % values
            except (KeyError, TypeError, ValueError):
                return percent_holes(run, left)

        return run.lift(fill_by_name, *(inside(right[key]) for key in keys))
    elif isinstance(right, FilePath) and left.startswith("%s") and "%" not in left[2:]:
        return run.concatenate([right, left[2:]])
    else:
        values = (right,)

    def fill(*row: Value) -> Value:
        shown = tuple(percent_value(run, item) for item in row)
        if any(isinstance(each, RowText) for each in shown):
            return _pasted_in(run, left, shown)
        _spend_on(run, len(left) + sum(map(_length, shown)))
        try:
            made: str = left % shown
        except (TypeError, ValueError):
            return percent_holes(run, left)
        return made

    return run.lift(fill, *values)


def _pasted_in(run: Interpreter, left: str, shown: tuple[Value, ...] | dict[str, Value]) -> Value:
    """A text with what rows hold in the place of its directives."""
    parts: list[Value] = []
    at = number = 0
    for found in _DIRECTIVE.finditer(left):
        parts.append(left[at : found.start()])
        at = found.end()
        if found[0] == "%%":
            parts.append("%")
            continue
        name = found[1]
        value: Value = None
        if isinstance(shown, dict):
            value = shown.get(name) if name else None
        elif number < len(shown):
            value, number = shown[number], number + 1
        parts.append(run.hole("a value is not known") if value is None else run.text(value))
    return run.concatenate([*parts, left[at:]])


def _length(value: Value) -> int:
    return len(value) if isinstance(value, str) else 0


def _spend_on(run: Interpreter, length: int) -> None:
    """Counts the work of making a text. Raises Exhausted where it is too long."""
    if length > LONGEST_TEXT:
        raise Exhausted("a string of the script grows too long")
    run.spend(length // CHARACTERS_A_STEP)


def percent_value(run: Interpreter, value: Value) -> Value:
    if isinstance(value, int):
        written(value)  # or the script is not worth it
    return value if isinstance(value, (int, float)) else run.text(value)


def percent_holes(run: Interpreter, text: str) -> str:

    def fill(found: re.Match[str]) -> str:
        return "%" if found[0] == "%%" else run.hole("a value is not known")

    return _DIRECTIVE.sub(fill, text)


def of_unaryop(run: Interpreter, node: ast.UnaryOp, frame: Frame) -> Value:
    value = run.evaluate(node.operand, frame)
    if isinstance(node.op, ast.Not):
        truth = run.truth(value)
        return Unknown("a condition is not known", node.lineno) if truth is None else not truth
    if isinstance(value, (int, float)):
        if isinstance(node.op, ast.USub):
            return -value
        if isinstance(node.op, ast.UAdd):
            return +value
        return ~value if isinstance(value, int) else Unknown("the expression fails", node.lineno)
    if isinstance(value, _TEXTS):
        return _of_core(run, type(node.op).__name__, value)
    made = own(run, value, _UNARY[type(node.op)])
    if made is not NOTHING:
        return made
    return Unknown("a number is not known", node.lineno, reach=reaches(value))


def of_compare(run: Interpreter, node: ast.Compare, frame: Frame) -> Value:
    left = run.evaluate(node.left, frame)
    result: Value = True
    for op, comparator in zip(node.ops, node.comparators, strict=True):
        right = run.evaluate(comparator, frame)
        made = _compared(run, op, left, right)
        if made is not NOTHING:
            result = made
            if run.truth(made) is False:
                return made
        elif _is_core(op, left, right):
            result = _of_core(run, type(op).__name__, left, right)
        else:
            one = one_comparison(run, op, left, right)
            if one is False:
                return False
            if one is None:
                result = Unknown("a comparison is not known", node.lineno)
        left = right
    return result


def _compared(run: Interpreter, op: ast.cmpop, left: Value, right: Value) -> Value:
    """What the classes of the project say of a comparison; NOTHING where they say nothing."""
    if not isinstance(left, Instance) and not isinstance(right, Instance):
        return NOTHING
    if isinstance(op, (ast.In, ast.NotIn)):
        found = own(run, right, "__contains__", left)
        truth = None if found is NOTHING else run.truth(found)
        if found is NOTHING or truth is None:
            return found
        return truth is isinstance(op, ast.In)
    ours, theirs = _COMPARING.get(type(op), ("", ""))
    made = own(run, left, ours, right) if ours else NOTHING
    return own(run, right, theirs, left) if made is NOTHING and theirs else made


_EXPRESSIONS = (Data, ColumnModel)
_TEXTS = (*_EXPRESSIONS, SqlText, SqlFunction)
_ORDERED = (ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE)


def _is_core(op: ast.cmpop, left: Value, right: Value) -> bool:
    """Whether a comparison gives an expression of Core."""
    if isinstance(left, _EXPRESSIONS) or (
        isinstance(right, _EXPRESSIONS) and not isinstance(op, (ast.In, ast.NotIn))
    ):
        return True
    return isinstance(op, _ORDERED) and (isinstance(left, _TEXTS) or isinstance(right, _TEXTS))


def _of_core(run: Interpreter, operator: str, *operands: Value) -> Value:
    """An operator of Core, by its name in `ast`: an expression, of which its operands are a part."""
    return run.library.method(run, Data(), f"operate {operator}", Arguments([*operands], {}))


def one_comparison(run: Interpreter, op: ast.cmpop, left: Value, right: Value) -> bool | None:
    if isinstance(op, (ast.Eq, ast.NotEq, ast.Is, ast.IsNot)):
        equal = run.equal(left, right)
        return equal if equal is None or isinstance(op, (ast.Eq, ast.Is)) else not equal
    if isinstance(op, (ast.In, ast.NotIn)):
        inside = contains(run, right, left)
        return inside if inside is None or isinstance(op, ast.In) else not inside
    function = _COMPARE[type(op)]
    if _plain(left) and _plain(right):
        try:
            return bool(function(left, right))
        except TypeError:
            return None
    return None


_PLAIN = {List, tuple, Dict, str, int, float, bool, bytes}


def equal(run: Interpreter, left: Value, right: Value) -> bool | None:
    """Whether two values are equal; None where that is not known."""
    if isinstance(left, Choice) or isinstance(right, Choice):
        found = {run.equal(a, b) for a in alternatives(left) for b in alternatives(right)}
        return found.pop() if len(found) == 1 else None
    if isinstance(left, (Unknown, Data)) or isinstance(right, (Unknown, Data)):
        return None
    if isinstance(left, str) and isinstance(right, str):
        if HOLE in left or HOLE in right:
            return None
        return left == right
    if isinstance(left, CONSTANTS) and isinstance(right, CONSTANTS):
        return bool(left == right)
    if type(left) is tuple and type(right) is tuple:
        if len(left) != len(right):
            return False
        if not handy(left):
            return None
        found = {run.equal(a, b) for a, b in zip(left, right, strict=True)}
        return False if False in found else None if None in found else True
    if isinstance(left, Dotted) or isinstance(right, Dotted):
        return True if same(left, right) else None
    if {type(left), type(right)} <= _PLAIN and (isinstance(left, CONSTANTS) or isinstance(right, CONSTANTS)):
        return False  # a list, a tuple or a dictionary beside a text or a number
    if left is right:
        return True
    if left is None or right is None:
        return False
    return None


def contains(run: Interpreter, container: Value, item: Value) -> bool | None:
    if isinstance(container, str) and isinstance(item, str):
        if whole(container) and whole(item):
            return item in container
        return None
    if isinstance(container, Dict):
        run.spend(len(container) // ENTRIES_A_STEP)
        found = {
            None if type(slot) is Maybe and same_key is not False else same_key
            for key, slot in container.items()
            for same_key in (run.equal(key, item),)
        }
        more = container.open
    elif isinstance(container, (List, tuple, set, frozenset, Choice)):
        items = run.items(container)
        found = {
            None if type(slot) is Maybe and equal is not False else equal
            for slot in (*items.slots, *items.tail)
            for equal in (run.equal(inside(slot), item),)
        }
        more = items.open and run.equal(items.rest, item) is not False
    else:
        return None
    if True in found:
        return True
    return None if None in found or more else False


def _plain(value: Value) -> bool:
    if isinstance(value, str):
        return HOLE not in value
    if type(value) is tuple:
        return handy(value) and all(map(_plain, value))
    return isinstance(value, (*CONSTANTS, set, frozenset))


def _too_large(left: Value, right: Value, op: ast.operator) -> bool:
    if isinstance(op, ast.LShift):
        return isinstance(right, int) and right > 10_000
    for many, number in ((left, right), (right, left)):
        if isinstance(many, (str, bytes, tuple)) and isinstance(number, int):
            return len(many) * number > (LONGEST_LIST if isinstance(many, tuple) else LONGEST_TEXT)
    return (
        isinstance(left, int) and isinstance(right, int) and left.bit_length() + right.bit_length() > 10_000
    )


_DIRECTIVE = lazy_pattern(r"%%|%(?:\((\w+)\))?[-+# 0-9.]*[a-zA-Z]")
_PERCENT_WIDTH = lazy_pattern(r"%(?:\([^()]*\))?[-+# 0]*([0-9.*]*)")


def _widens(spec: str) -> bool:
    """Whether a format may make a text much longer than it is; `*` takes the width from a value."""
    return "*" in spec or any(len(number) > 4 or int(number) > 1000 for number in re.findall(r"[0-9]+", spec))
