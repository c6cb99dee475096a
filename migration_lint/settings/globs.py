"""Which files, and which tables, the patterns of a configuration mean."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from migration_lint.change.links import Led, Links
from migration_lint.change.tree import Tree
from migration_lint.lazy_pattern import lazy_pattern
from migration_lint.named_tuple import NamedTuple

_PARTS = lazy_pattern(r"\*\*/|\*\*|\*|\?|[^*?]+")
_MEANINGS = {"**/": "(?:[^/]+/)*", "**": ".*", "*": "[^/]*", "?": "[^/]"}


def matching(paths: Iterable[str], patterns: Iterable[str], project: str) -> Iterator[str]:
    """The paths inside the folder `project` ("" for the root) that a pattern matches, in their own order.

    Both are POSIX. `*` and `?` stay within one part of a path, `**/` spans any number of folders; all
    else, brackets too, stands for itself.
    """
    prefix = re.escape(f"{project}/" if project else "")
    alternatives = "|".join(
        "".join(_MEANINGS.get(part) or re.escape(part) for part in _PARTS.findall(pattern))
        for pattern in patterns
    )
    wanted = re.compile(f"{prefix}(?:{alternatives})", re.DOTALL).fullmatch
    return (path for path in paths if wanted(path))


class Meant(NamedTuple):
    """The files that patterns mean; `away`: links out of the tree, and submodules, in the place of some."""

    files: tuple[str, ...]
    away: tuple[Led, ...] = ()


def meant(tree: Tree, patterns: Sequence[str], project: str) -> Meant:
    """The files of a tree that patterns mean inside the folder `project`, sorted, by where they really are.

    Links inside the tree are followed.
    """
    files, links = tree.files(), tree.links()
    found = set(matching(files, patterns, project))
    away: list[Led] = []
    prefix = f"{project}/" if project else ""
    parts = [pattern.split("/") for pattern in patterns]
    for path in links.places():
        inside = path[len(prefix) :].split("/")
        if not path.startswith(prefix) or not any(_may_lie_below(inside, each) for each in parts):
            continue
        led = links.follow(path)
        if not led.away:
            reached = dict(_reached(tree, links, path, ()))
            found.update(reached[each] for each in matching(reached, patterns, project))
        elif any(_is_in_place(inside, each) for each in parts):
            away.append(led)
    return Meant(tuple(sorted(found)), tuple(away))


def _reached(tree: Tree, links: Links, path: str, above: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """The files that a link leads to: by the path through it, where they really are."""
    led = links.follow(path)
    if led.away or led.path in above:
        return
    if led.path in tree.files():
        yield path, led.path
    start = f"{led.path}/" if led.path else ""
    for file in tree.below(led.path):
        yield f"{path}/{file[len(start) :]}", file
    for link in links:
        if link.startswith(start):
            yield from _reached(tree, links, f"{path}/{link[len(start) :]}", (*above, led.path))


def _may_lie_below(path: Sequence[str], pattern: Sequence[str]) -> bool:
    """Whether a pattern may match the path, or something below it."""
    if not path:
        return True
    if not pattern:
        return False
    if pattern[0] == "**":
        return True
    return _matches(path[0], pattern[0]) and _may_lie_below(path[1:], pattern[1:])


def _is_in_place(path: Sequence[str], pattern: Sequence[str], named: bool = False) -> bool:
    """Whether a path is what a pattern names: a folder on its way, the one that it looks in, or a file.

    A folder that only `**` passes through is one of many; it may hold nothing of what is meant.
    """
    if not path:
        return named
    if not pattern:
        return False
    if pattern[0] == "**":
        rest = pattern[1:]
        is_folder = len(rest) == 1 and "." not in path[-1][1:]
        return (is_folder and named) or any(_is_in_place(path[at:], rest, named) for at in range(len(path)))
    return _matches(path[0], pattern[0]) and _is_in_place(
        path[1:], pattern[1:], named or "*" not in pattern[0] or len(path) == len(pattern) == 1
    )


def _matches(part: str, pattern: str) -> bool:
    return next(matching((part,), (pattern,), ""), None) is not None


def names_table(
    patterns: Iterable[str], schema: str, name: str, default_schema: str, fold: Callable[[str], str]
) -> bool:
    """Whether a pattern (`*`, `?`, `[…]`) means the table; it may leave the default schema out.

    `fold`: what is equal for the names of one table.
    """
    if not patterns:
        return False
    from fnmatch import fnmatchcase

    schema, name = fold(schema), fold(name)
    names = [f"{schema}.{name}"]
    if schema in ("", fold(default_schema)):
        names.append(name)
    folded = [".".join(map(fold, pattern.split("."))) for pattern in patterns]
    return any(fnmatchcase(name, pattern) for name in names for pattern in folded)
