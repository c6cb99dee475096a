"""Links and submodules: what lies at a path of a tree that is no file of its own."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from migration_lint.named_tuple import NamedTuple

#: As many links on the way to one file Linux follows: `path_resolution(7)`.
_MOST = 40


class Led(NamedTuple):
    """Where a path leads. `away` says why it leads out of the tree, `place` where it does."""

    path: str
    away: str = ""
    place: str = ""


class Links:
    """The links and submodules of one tree. A link's target is read when somebody comes by it."""

    def __init__(
        self,
        links: Collection[str] = (),
        submodules: Collection[str] = (),
        target: Callable[[str], str] = str,
    ) -> None:
        """`target` gives what a link holds, as written."""
        self._links = links if isinstance(links, (frozenset, dict)) else frozenset(links)
        self._submodules = frozenset(submodules)
        self._target = target

    def __bool__(self) -> bool:
        return bool(self._links or self._submodules)

    def __iter__(self) -> Iterator[str]:
        """The paths of the links, sorted."""
        return iter(sorted(self._links))

    def places(self) -> Iterator[str]:
        """The paths of the links, sorted, then those of the submodules, sorted."""
        yield from sorted(self._links)
        yield from sorted(self._submodules)

    def follow(self, path: str) -> Led:
        """The path of the tree that a path leads to; whether anything is there is not asked."""
        if not self:
            return Led(path)
        left = path.split("/")[::-1]
        real: list[str] = []
        link = ""
        followed = 0
        while left:
            part = left.pop()
            if part in ("", "."):
                continue
            if part == "..":
                if not real:
                    return Led(path, f"`{link}` is a link that leads out of {_TREE}", link)
                real.pop()
                continue
            place = "/".join((*real, part))
            if place in self._submodules:
                return Led(path, f"`{place}` is a submodule, another repository", place)
            if place not in self._links:
                real.append(part)
                continue
            link, target = place, self._target(place)
            followed += 1
            if target.startswith("/") or target[1:2] == ":":
                return Led(path, f"`{link}` is a link that leads out of {_TREE}", link)
            if followed > _MOST:
                return Led(path, f"`{link}` is a link that leads in a circle", link)
            left.extend(reversed(target.replace("\\", "/").split("/")))
        return Led("/".join(real))


_TREE = "what is judged"

NO_LINKS = Links()
