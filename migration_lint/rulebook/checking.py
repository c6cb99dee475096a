"""Whether a condition fits the facts of an event: names, types, and literals that a fact can hold.

Types are sets of atoms: `str | None` is the atoms text and nothing. A fact that may be None has to be
asked for first, as a type checker for Python would have it: `column.old_type is not None and …`.
"""

from __future__ import annotations

import ast
import types
import typing
from collections.abc import Iterable
from functools import cache
from typing import Literal

from migration_lint import wording
from migration_lint.facts.model import LABELS
from migration_lint.named_tuple import NamedTuple
from migration_lint.rulebook.condition import ParsedCondition, dotted, literal, parse
from migration_lint.wording import did_you_mean, listed

AtomKind = Literal["text", "number", "truth", "nothing", "list", "facts"]


class Atom(NamedTuple):
    """One kind of value."""

    kind: AtomKind
    choices: frozenset[str] | None = None  # text: the only values there are; None: any
    items: frozenset[Atom] = frozenset()  # list: of what
    space: type | None = None  # facts


Type = frozenset[Atom]

TEXT: Type = frozenset([Atom("text")])
NUMBER: Type = frozenset([Atom("number")])
TRUTH: Type = frozenset([Atom("truth")])
NOTHING: Type = frozenset([Atom("nothing")])

#: The dotted names that are known not to be None at some point of a condition.
Known = frozenset[str]


def check(text: str, event: type, known: Known = frozenset()) -> tuple[Known, Known]:
    """Checks a condition against an event's facts; `known` are facts that an outer condition asked for.

    Returns the facts that are known not to be None where the condition holds, and where it does not.
    Raises ConditionError.
    """
    parsed = parse(text)
    _Check(parsed, event).truth(parsed.tree, known)
    return known | _asked(parsed.tree, True), known | _asked(parsed.tree, False)


def fact(event: type, parts: tuple[str, ...], known: Known = frozenset()) -> Type:
    """The type of the fact of that dotted name. Raises KeyError with a sentence, and what to do."""
    space, path = event, ""
    found: Type = frozenset([Atom("facts", space=event)])
    for part in parts:
        atom = next(iter(found))
        if atom.kind != "facts" or atom.space is None:
            raise KeyError(f"{path} is {spoken(found)}, and has no `{part}`", "")
        space = atom.space
        fields = fields_of(space)
        if part not in fields:
            owner = f"{path} has no `{part}`" if path else f"there is no fact `{part}` here"
            raise KeyError(owner, nearest(part, fields, "it has " if path else "the facts are "))
        path = f"{path}.{part}" if path else part
        found = fields[part]
    if path in known:
        return frozenset(atom for atom in found if atom.kind != "nothing")
    return found


@cache
def fields_of(space: type) -> dict[str, Type]:
    """The fields of a class of facts, and their types."""
    return {name: _type(hint) for name, hint in typing.get_type_hints(space).items()}


def nearest(name: str, names: Iterable[str], otherwise: str) -> str:
    """`did you mean …?` if a name is near; else what there is."""
    names = list(names)
    meant = wording.nearest(name, names, cutoff=wording.OF_MANY)
    return did_you_mean([f"`{each}`" for each in meant], otherwise + ", ".join(names))


def spoken(of: Type) -> str:
    """A type as a message calls it."""
    words = {"text": "a text", "number": "a number", "truth": "true or false", "nothing": "None"}
    said = [
        "a list" if atom.kind == "list" else "a group of facts" if atom.kind == "facts" else words[atom.kind]
        for atom in sorted(of, key=lambda atom: (atom.kind == "nothing", atom.kind))
    ]
    return listed(said, "or")


def _type(hint: object) -> Type:
    origin = typing.get_origin(hint)
    if origin in (typing.Union, types.UnionType):
        return frozenset(atom for each in typing.get_args(hint) for atom in _type(each))
    if origin is Literal:
        return frozenset([Atom("text", frozenset(typing.get_args(hint)))])
    if origin is tuple:
        return frozenset([Atom("list", items=_type(typing.get_args(hint)[0]))])
    if isinstance(hint, type) and hasattr(hint, "_fields"):
        return frozenset([Atom("facts", space=hint)])
    return {str: TEXT, int: NUMBER, bool: TRUTH, types.NoneType: NOTHING}[typing.cast("type", hint)]


def _of_value(value: object) -> Type:
    if isinstance(value, tuple):
        items: Type = frozenset(atom for each in value for atom in _of_value(each))
        return frozenset([Atom("list", items=items)])
    if value is None:
        return NOTHING
    if isinstance(value, str):
        return frozenset([Atom("text", frozenset([value]))])
    return TRUTH if isinstance(value, bool) else NUMBER


def _kinds(of: Type) -> set[AtomKind]:
    return {atom.kind for atom in of}


def _choices(of: Type) -> frozenset[str] | None:
    texts = [atom.choices for atom in of if atom.kind == "text"]
    if not texts or any(choices is None for choices in texts):
        return None
    return frozenset[str]().union(*(choices for choices in texts if choices is not None))


def _items(of: Type) -> Type:
    return frozenset(item for atom in of if atom.kind == "list" for item in atom.items)


def _asked(node: ast.expr, holds: bool) -> Known:
    """The facts that are not None if the node holds (or, with `holds` False, if it does not)."""
    if isinstance(node, ast.UnaryOp):
        return _asked(node.operand, not holds)
    if isinstance(node, ast.BoolOp):
        parts = [_asked(value, holds) for value in node.values]
        if isinstance(node.op, ast.And) == holds:
            return parts[0].union(*parts[1:])
        return parts[0].intersection(*parts[1:])
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        name = dotted(node.left)
        wanted = ast.IsNot if holds else ast.Is
        if name is not None and isinstance(node.ops[0], wanted):
            return frozenset([".".join(name)])
        # `x == "a"` holds for no None.
        other = node.comparators[0]
        if name is not None and holds and isinstance(node.ops[0], ast.Eq) and isinstance(other, ast.Constant):
            return frozenset([".".join(name)])
    return frozenset()


class _Check:
    """The judgement of one condition for one event."""

    def __init__(self, parsed: ParsedCondition, event: type) -> None:
        self.parsed = parsed
        self.event = event

    def truth(self, node: ast.expr, known: Known) -> None:
        """The node has to be true or false."""
        if isinstance(node, ast.BoolOp):
            for value in node.values:
                self.truth(value, known)
                # What comes after `a and` may rely on a, what comes after `a or` on its opposite.
                known = known | _asked(value, isinstance(node.op, ast.And))
            return
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            self.truth(node.operand, known)
            return
        found = self.value(node, known)
        if found != TRUTH:
            said = self.parsed.source(node)
            raise self.parsed.error(
                node, f"{said} is {spoken(found)}, not true or false", _as_truth(said, found)
            )

    def value(self, node: ast.expr, known: Known) -> Type:
        """The type of a node that is an operand."""
        parts = dotted(node)
        if parts is not None:
            try:
                return fact(self.event, parts, known)
            except KeyError as error:
                raise self.parsed.error(node, *error.args) from None
        if isinstance(node, ast.Compare):
            self._comparison(node, known)
            return TRUTH
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            return self._call(node, node.func.id, known)
        try:
            return _of_value(literal(node))
        except KeyError:
            self.truth(node, known)
            return TRUTH

    def _comparison(self, node: ast.Compare, known: Known) -> None:
        left, left_type = node.left, self.value(node.left, known)
        for operation, right in zip(node.ops, node.comparators, strict=True):
            right_type = self.value(right, known)
            self._compare(node, operation, left, left_type, right, right_type)
            left, left_type = right, right_type

    def _compare(
        self, node: ast.Compare, by: ast.cmpop, left: ast.expr, is_left: Type, right: ast.expr, is_right: Type
    ) -> None:
        error, source = self.parsed.error, self.parsed.source
        for operand, kind in ((left, is_left), (right, is_right)):
            if "facts" in _kinds(kind):
                raise error(
                    operand, f"{source(operand)} is a group of facts", _fields_hint(source(operand), kind)
                )
        if isinstance(by, (ast.Is, ast.IsNot)):
            if is_right != NOTHING:
                raise error(right, "`is` asks for None only", "write `==` or `!=`")
            if "nothing" not in _kinds(is_left):
                raise error(left, f"{source(left)} is never None: it is {spoken(is_left)}")
        elif isinstance(by, (ast.In, ast.NotIn)):
            self._membership(left, is_left, right, is_right)
        elif isinstance(by, (ast.Eq, ast.NotEq)):
            if NOTHING in (is_left, is_right):
                raise error(node, "None is asked for with `is`", "write `is None` or `is not None`")
            if not _kinds(is_left) & _kinds(is_right) - {"nothing"}:
                self._never(node, left, is_left, right, is_right)
            self._holdable(left, is_left, is_right)
            self._holdable(right, is_right, is_left)
            self._entries(node, left, is_left, right, is_right)
        else:
            for operand, kind in ((left, is_left), (right, is_right)):
                self._not_none(operand, kind)
            if _kinds(is_left) != _kinds(is_right):
                self._never(node, left, is_left, right, is_right)
            if not _kinds(is_left) <= {"text", "number", "list"}:
                raise error(node, f"{source(left)} is {spoken(is_left)}, which has no order")
            self._entries(node, left, is_left, right, is_right)

    def _entries(
        self, node: ast.Compare, left: ast.expr, is_left: Type, right: ast.expr, is_right: Type
    ) -> None:
        """Two lists are compared entry by entry: the entries have to be of one kind."""
        ours, theirs = _items(is_left), _items(is_right)
        if ours and theirs and not _kinds(ours) & _kinds(theirs):
            source = self.parsed.source
            said = f"{source(left)} holds {_plural(ours)}, and {source(right)} {_plural(theirs)}"
            raise self.parsed.error(node, said)
        self._holdable(left, ours, theirs)
        self._holdable(right, theirs, ours)

    def _membership(self, left: ast.expr, is_left: Type, right: ast.expr, is_right: Type) -> None:
        error, source = self.parsed.error, self.parsed.source
        self._not_none(right, is_right)
        if _kinds(is_right) == {"text"}:
            self._not_none(left, is_left)
            if _kinds(is_left) != {"text"}:
                raise error(left, f"{source(left)} is {spoken(is_left)}, and {source(right)} a text")
            if isinstance(right, ast.Constant):
                fix = f"write `in ({source(right)},)`, or `==`"
                raise error(right, f"`in {source(right)}` asks for a part of that text", fix)
            return
        if _kinds(is_right) != {"list"}:
            raise error(right, f"{source(right)} is {spoken(is_right)}: nothing is in it")
        items = _items(is_right)
        if items and not _kinds(is_left) & _kinds(items):
            said = f"{source(left)} is {spoken(is_left)}, and {source(right)} holds {_plural(items)}"
            raise error(left, said)
        self._holdable(left, is_left, items)
        self._holdable(right, items, is_left)

    def _holdable(self, node: ast.expr, given: Type, fact: Type) -> None:
        """Every text that is written out in `node` is one that the fact on the other side can hold."""
        choices = _choices(fact)
        nodes = node.elts if isinstance(node, (ast.Tuple, ast.List, ast.Set)) else [node]
        for each in nodes:
            if choices is None or not isinstance(each, ast.Constant) or not isinstance(each.value, str):
                continue
            if each.value not in choices:
                said = f"it is never {each.value!r}"
                raise self.parsed.error(each, said, nearest(each.value, sorted(choices), "it can be "))

    def _call(self, node: ast.Call, name: str, known: Known) -> Type:
        error, source = self.parsed.error, self.parsed.source
        wanted = 2 if name == "matches" else 1
        if len(node.args) != wanted:
            shape = 'matches(text, "pattern*")' if wanted == 2 else f"{name}(fact)"
            raise error(node, f"{name}() takes {wanted} argument{'s' * (wanted > 1)}", f"write `{shape}`")
        first = node.args[0]
        found = self.value(first, known)
        self._not_none(first, found)
        lists = name != "lower" and _kinds(found) == {"list"}
        if _kinds(found) != {"text"} and not (lists and (name == "len" or _kinds(_items(found)) == {"text"})):
            want = {"lower": "a text", "len": "a text or a list", "matches": "a text or a list of texts"}[
                name
            ]
            raise error(first, f"{source(first)} is {spoken(found)}, and {name}() takes {want}")
        if name == "matches" and not (
            isinstance(node.args[1], ast.Constant) and isinstance(node.args[1].value, str)
        ):
            raise error(node.args[1], "the pattern is not a literal text", 'write it out: "audit_*"')
        return {"len": NUMBER, "lower": TEXT, "matches": TRUTH}[name]

    def _not_none(self, node: ast.expr, found: Type) -> None:
        if "nothing" in _kinds(found):
            said = self.parsed.source(node)
            if found == NOTHING:
                raise self.parsed.error(node, "None cannot be used like that", "ask for it with `is None`")
            raise self.parsed.error(node, f"{said} may be None", f"ask first: `{said} is not None and …`")

    def _never(
        self, node: ast.Compare, left: ast.expr, is_left: Type, right: ast.expr, is_right: Type
    ) -> typing.NoReturn:
        source = self.parsed.source
        said = f"{source(left)} is {spoken(is_left)}, and {source(right)} is {spoken(is_right)}"
        raise self.parsed.error(node, f"{said}: they do not compare")


def _plural(of: Type) -> str:
    words = {"text": "texts", "number": "numbers", "truth": "truth values", "nothing": "None"}
    return listed((words.get(kind, kind) for kind in sorted(_kinds(of))), "and")


def _as_truth(said: str, found: Type) -> str:
    kinds = _kinds(found)
    if "facts" in kinds:
        return _fields_hint(said, found)
    if "nothing" in kinds:
        return f"write `{said} is not None`"
    if "list" in kinds:
        return f"write `len({said}) > 0`"
    return f'write `{said} == "…"`' if "text" in kinds else f"write `{said} > 0`"


def _fields_hint(said: str, found: Type) -> str:
    space = next(atom.space for atom in found if atom.kind == "facts")
    if space is None:
        return ""
    shown = LABELS.get(space, next(iter(fields_of(space))))
    return f"name one of its facts, such as `{said}.{shown}`"
