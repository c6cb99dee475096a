"""Modules in pieces, each with the names that it binds and those that lead on from it.

What an import of a module does not run counts where something names it: a function, a class, a value, and of
a model the methods and relationships, which a query does not touch. What runs whatever is named binds none.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence

from migration_lint.check.edited.telling import bound_names, last_name
from migration_lint.named_tuple import NamedTuple

#: Decorators after which a method runs where it is named, and nowhere else.
_BY_NAME = frozenset(
    "property classmethod staticmethod cached_property hybrid_property hybrid_method setter".split()
)
_OF_COLUMNS = frozenset(("Column", "mapped_column", "relationship"))
#: `lazy=` of a relationship that no query of the model follows by itself.
_ASKED_FOR = ("select", True, "dynamic", "write_only", "raise", "noload", None)
#: What goes on to what a model relates to.
_CASCADES = frozenset(("delete", "merge", "cascade"))
_SILENT = ("annotation", "returns", "type_params")


class Piece(NamedTuple):
    """A part of a module that counts as a whole."""

    code: ast.stmt
    binds: frozenset[str]  # none: it runs when the module is imported
    mentions: frozenset[str]
    within: str = ""  # the class of whose it is a member


def pieces(code: Iterable[ast.stmt]) -> Iterator[Piece]:
    """The pieces of a module."""
    for statement in code:
        if isinstance(statement, ast.Import):
            for each in statement.names:
                bound = each.asname or each.name.partition(".")[0]
                yield Piece(ast.Import([each]), frozenset((bound,)), frozenset())
        elif isinstance(statement, ast.ImportFrom):
            for each in statement.names:
                one = ast.ImportFrom(statement.module, [each], statement.level)
                yield Piece(one, frozenset((each.asname or each.name,)), frozenset((each.name,)))
        elif isinstance(statement, ast.If) and last_name(statement.test) == "TYPE_CHECKING":
            yield from pieces(statement.orelse)
        elif isinstance(statement, ast.ClassDef) and _is_model(statement):
            yield from _of_model(statement)
        else:
            yield Piece(statement, _bound(statement), mentioned((statement,)))


def used(by: Iterable[str], found: Sequence[Piece]) -> set[int]:
    """The places of the pieces that are used where these names are: those, and what they lead to."""
    leading: dict[str, list[int]] = {}
    for place, each in enumerate(found):
        for name in (*each.binds, each.within):
            leading.setdefault(name, []).append(place)
    taken = {place for place, each in enumerate(found) if not each.binds}
    waiting = [*by, *(name for place in taken for name in found[place].mentions)]
    names: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name in names:
            continue
        names.add(name)
        for place in leading.get(name, ()):
            each = found[place]
            if place not in taken and each.binds & names and (not each.within or each.within in names):
                taken.add(place)
                waiting += each.mentions
    return taken


def mentioned(code: Iterable[ast.AST]) -> frozenset[str]:
    """The names that statements mention where they run, in whatever way; a text may be one."""
    found: set[str] = set()
    waiting = list(code)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.alias):
            found.add(node.name)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.add(node.value)
        silent = _SILENT if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.arg)) else ()
        for field, value in ast.iter_fields(node):
            if field not in silent:
                parts = value if isinstance(value, list) else (value,)
                waiting += (each for each in parts if isinstance(each, ast.AST))
    return frozenset(found)


def _bound(statement: ast.stmt) -> frozenset[str]:
    """The names that a statement of a module binds, where it does nothing else."""
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return frozenset((statement.name,))
    if isinstance(statement, (ast.Assign, ast.AnnAssign)):
        return frozenset(name for name, _ in bound_names(statement))
    return frozenset()


def _is_model(statement: ast.ClassDef) -> bool:
    return any(_made_by(each) in _OF_COLUMNS for each in statement.body)


def _made_by(member: ast.stmt) -> str:
    """The function whose result a member of a class is; "" for none."""
    value = member.value if isinstance(member, (ast.Assign, ast.AnnAssign)) else None
    return last_name(value.func) if isinstance(value, ast.Call) else ""


def _of_model(model: ast.ClassDef) -> Iterator[Piece]:
    """A model by itself, and each member that does something only where it is named."""
    own: list[ast.stmt] = []
    for member in model.body:
        names = _named_only(member)
        if names is None:
            own.append(member)
            continue
        code = ast.ClassDef(model.name, [], [], [member], [])
        yield Piece(code, names, mentioned((member,)), model.name)
    code = ast.ClassDef(model.name, model.bases, model.keywords, own, model.decorator_list)
    yield Piece(code, frozenset((model.name,)), mentioned((code,)))


def _named_only(member: ast.stmt) -> frozenset[str] | None:
    """The names without which a member of a model does nothing; None: it always counts."""
    if isinstance(member, (ast.FunctionDef, ast.AsyncFunctionDef)):
        plain = all(last_name(each) in _BY_NAME for each in member.decorator_list)
        return frozenset((member.name,)) if plain and not member.name.startswith("__") else None
    if _made_by(member) != "relationship" or not isinstance(member, (ast.Assign, ast.AnnAssign)):
        return None
    call = member.value
    assert isinstance(call, ast.Call)
    lazy = next((each.value for each in call.keywords if each.arg == "lazy"), None)
    if lazy is not None and not (isinstance(lazy, ast.Constant) and lazy.value in _ASKED_FOR):
        return None
    return frozenset((*_bound(member), *_CASCADES))
