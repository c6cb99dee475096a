"""A change: two trees, and which paths differ between them."""

from __future__ import annotations

from migration_lint.change.tree import Tree
from migration_lint.data_class import dataclass, field


@dataclass(frozen=True, slots=True)
class Change:
    """From `base` to `head`.

    `project` is the judged folder's path in both trees, "" for their root. `notes` are sentences for
    the person who asked: what was compared where that may surprise.
    """

    base: Tree
    head: Tree
    project: str
    notes: tuple[str, ...] = ()
    _differing: list[frozenset[str]] = field(default_factory=list, init=False, repr=False, compare=False)

    @property
    def paths(self) -> frozenset[str]:
        """The paths, in the whole tree, that were added, removed, or hold other bytes."""
        if not self._differing:
            base, head = self.base.files(), self.head.files()
            one_sided = base.keys() ^ head.keys()
            edited = {path for path in base if path in head and base[path] != head[path]}
            self._differing.append(frozenset(one_sided | edited))
        return self._differing[0]
