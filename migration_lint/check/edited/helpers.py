"""The code outside of a script that it uses: of the modules that differ, what its names lead to."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence

from migration_lint.check.edited.telling import bound_names, plain_code
from migration_lint.check.side import Side
from migration_lint.errors import CannotJudge
from migration_lint.history import Script
from migration_lint.history.source import parse
from migration_lint.named_tuple import NamedTuple

#: What these say that a script depends on is in its operations; what env.py does is judged by itself.
_CONFIGURATION = (".ini", ".toml", ".cfg", "setup.py", "env.py")

Version = tuple[Script, Sequence[ast.stmt]]  # a script, and its code without what does nothing


class Helpers(NamedTuple):
    """Code that a script uses in modules that are not the same in both trees."""

    base: list[ast.stmt]
    head: list[ast.stmt]
    data: bool = False  # something that is no code differs, too, or cannot be read as code


SAME = Helpers([], [])


class _Around(NamedTuple):
    """What scripts draw on: modules that differ, in both trees, and the words of those that are the same."""

    base: list[ast.stmt]
    head: list[ast.stmt]
    words: frozenset[str]
    data: bool


class ComparedSurroundings:
    """What the scripts of two trees draw on, compared once for all that draw on the same."""

    def __init__(self, base: Side, head: Side) -> None:
        self._base = base
        self._head = head
        self._known: dict[tuple[frozenset[str], frozenset[str]], _Around] = {}

    def used(self, before: Version, after: Version) -> Helpers:
        """What differs of the files that a script draws on, as far as the script uses it."""
        asked = self._paths(self._base, before[0]), self._paths(self._head, after[0])
        if asked not in self._known:
            self._known[asked] = self._around(sorted(asked[0] | asked[1]))
        around = self._known[asked]
        return Helpers(
            _used(around.base, before[1], around.words),
            _used(around.head, after[1], around.words),
            around.data,
        )

    def _paths(self, side: Side, script: Script) -> frozenset[str]:
        return frozenset(
            path
            for path in side.reader.around.files(side.reader.asked(script))
            if not path.endswith(_CONFIGURATION)
        )

    def _around(self, paths: Sequence[str]) -> _Around:
        before, after = self._base.reader.around, self._head.reader.around
        unlike = [path for path in paths if before.state(path) != after.state(path)]
        alike = [path for path in paths if path not in unlike]
        modules = [path for path in unlike if path.endswith(".py")]
        words = {word for path in alike for word in re.findall(r"[^\W\d]\w*", _text(self._head, path))}
        try:
            one, other = ([*_statements(side, modules)] for side in (self._base, self._head))
        except CannotJudge:
            return _Around([], [], frozenset(), True)
        return _Around(one, other, frozenset(words), len(modules) < len(unlike))


def _text(side: Side, path: str) -> str:
    real = side.reader.around.leads(path)[1]
    return "" if real is None else side.tree.read(real).decode("utf-8", "replace")


def _statements(side: Side, paths: Iterable[str]) -> Iterator[ast.stmt]:
    """The statements of modules, none of one that is not there. Raises CannotJudge for what is no Python."""
    for path in paths:
        real = side.reader.around.leads(path)[1]
        if real is not None:
            yield from plain_code(parse(real, side.tree.read(real)), ())


def _used(code: Sequence[ast.stmt], by: Iterable[ast.stmt], words: Iterable[str]) -> list[ast.stmt]:
    """The statements that bind names which others mention, and what they mention in turn; and those that do
    something when a module is imported."""
    names = {*words, *(name for each in by for name in _mentioned(each))}
    left = [(each, _bound(each)) for each in code]
    used: set[int] = set()
    while True:
        more = [each for each, bound in left if id(each) not in used and (not bound or bound & names)]
        if not more:
            return [each for each in code if id(each) in used]
        for each in more:
            used.add(id(each))
            names.update(_mentioned(each))


def _bound(statement: ast.stmt) -> set[str]:
    """The names that a statement of a module binds, where it does nothing else; the imports bind none."""
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return {statement.name}
    if isinstance(statement, (ast.Assign, ast.AnnAssign)):
        return {name for name, _ in bound_names(statement)}
    return set()


def _mentioned(statement: ast.stmt) -> Iterator[str]:
    """The names that a statement mentions, in whatever way; a text may be one that is looked up."""
    for node in ast.walk(statement):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.alias):
            yield node.name
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
