"""The code outside of a script that it uses: of the modules that differ, what its names lead to."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from migration_lint.check.edited.pieces import Piece, mentioned, pieces, used
from migration_lint.check.edited.unparsed import statements
from migration_lint.check.side import Side
from migration_lint.errors import CannotJudge, Problem
from migration_lint.history import Script
from migration_lint.named_tuple import NamedTuple
from migration_lint.reading.project.surroundings import is_unfollowed, may_be_below

#: What these say that a script depends on is in its operations; what env.py does is judged by itself.
_CONFIGURATION = (".ini", ".toml", ".cfg", "setup.py", "env.py")

Version = tuple[Script, Sequence[ast.stmt]]  # a script, and its code without what does nothing


class Helpers(NamedTuple):
    """Code that a script uses in modules that are not the same in both trees."""

    base: list[ast.stmt]
    head: list[ast.stmt]
    data: bool = False  # something that is no code differs, too, or what nobody follows
    own: bool = False  # a module that differs belongs to the migrations
    unlike: bool = False  # a module is parsed in one of the trees alone, and so what is read differs
    unread: tuple[Problem, ...] = ()  # of modules that differ and of which not even the tokens can be told


SAME = Helpers([], [])


class _Around(NamedTuple):
    """What scripts draw on, in both trees: pieces of modules, and how many of the first ones differ."""

    base: list[Piece]
    head: list[Piece]
    differ: tuple[int, int]
    rest: Helpers


class ComparedSurroundings:
    """What the scripts of two trees draw on, compared once for all that draw on the same."""

    def __init__(self, base: Side, head: Side) -> None:
        self._base = base
        self._head = head
        self._known: dict[tuple[frozenset[str], frozenset[str]], _Around] = {}
        self._modules = _Modules(base, {}), _Modules(head, {})

    def used(self, before: Version, after: Version) -> Helpers:
        """What differs of the files that a script draws on, as far as the script uses it."""
        asked = self._paths(self._base, before[0]), self._paths(self._head, after[0])
        if asked not in self._known:
            self._known[asked] = self._around(sorted(asked[0] | asked[1]))
        around = self._known[asked]
        read = self._may_be_read(before[0], after[0])
        own = any(may_be_below(name, place) for name in read for place in self._places())
        return around.rest._replace(
            base=_code(around.base, around.differ[0], before[1]),
            head=_code(around.head, around.differ[1], after[1]),
            data=around.rest.data or bool(read),
            own=around.rest.own or own,
        )

    def _may_be_read(self, before: Script, after: Script) -> list[str]:
        """Of the files that a script may read and that nobody follows, those that are not the same."""
        names = {*self._base.reader.asked(before), *self._head.reader.asked(after)}
        one, other = self._base.reader.around, self._head.reader.around
        return [each for each in names if is_unfollowed(each) and one.state(each) != other.state(each)]

    def _places(self) -> set[str]:
        return {side.history.environment.script_location for side in (self._base, self._head)}

    def _paths(self, side: Side, script: Script) -> frozenset[str]:
        return frozenset(
            path
            for path in side.reader.around.files(side.reader.asked(script))
            if not path.endswith(_CONFIGURATION)
        )

    def _is_own(self, paths: Sequence[str]) -> bool:
        """Whether one of these files lies with the migrations."""
        return any(path.startswith(f"{place}/") for place in self._places() for path in paths)

    def _around(self, paths: Sequence[str]) -> _Around:
        before, after = self._base.reader.around, self._head.reader.around
        unlike = [path for path in paths if before.state(path) != after.state(path)]
        modules = [path for path in unlike if path.endswith(".py")]
        alike = [path for path in paths if path not in unlike and path.endswith(".py")]
        one, other = (each.told(modules) for each in self._modules)
        same = self._modules[1].told(alike)
        told = [path for path in modules if path not in one.unread and path not in other.unread]
        rest = Helpers(
            [],
            [],
            data=len(modules) < len(unlike),
            own=self._is_own(unlike),
            unlike=one.newer != other.newer,
            unread=tuple({**one.unread, **other.unread}.values()),
        )
        old, new = one.pieces_of(told), other.pieces_of(told)
        beside = same.pieces_of(alike)
        return _Around([*old, *beside], [*new, *beside], (len(old), len(new)), rest)


class _Told(NamedTuple):
    """Modules as far as they can be told, by their paths; none of one that is not there."""

    pieces: dict[str, list[Piece]]
    newer: set[str]  # those that this Python does not parse
    unread: dict[str, Problem]  # those of which not even the tokens can be told

    def pieces_of(self, paths: Sequence[str]) -> list[Piece]:
        return [piece for path in paths for piece in self.pieces.get(path, ())]


class _Modules(NamedTuple):
    """The modules of one tree, each parsed once for all scripts that draw on it."""

    side: Side
    known: dict[str, tuple[list[Piece], bool] | Problem]  # by real paths; pieces, and whether it is newer

    def told(self, paths: Sequence[str]) -> _Told:
        found = _Told({}, set(), {})
        for path in paths:
            real = self.side.reader.around.leads(path)[1]
            if real is None:
                continue
            if real not in self.known:
                self.known[real] = self._parsed(real)
            module = self.known[real]
            if isinstance(module, Problem):
                found.unread[path] = module
            else:
                found.pieces[path] = module[0]
                found.newer.update((path,) if module[1] else ())
        return found

    def _parsed(self, real: str) -> tuple[list[Piece], bool] | Problem:
        try:
            told = statements(real, self.side.reader.around.read(real))
        except CannotJudge as error:
            return error.problems[0]
        return [*pieces(told.code)], told.newer


def _code(found: Sequence[Piece], differ: int, by: Sequence[ast.stmt]) -> list[ast.stmt]:
    """Of the first pieces, those that statements use."""
    taken = used(mentioned(by), found)
    return [found[place].code for place in range(differ) if place in taken]
