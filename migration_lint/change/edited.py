"""A tree with texts that are not saved yet, as an editor has them."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterable, Mapping

from migration_lint.change.folder import content_id
from migration_lint.change.links import Links
from migration_lint.change.tree import Tree, listed_below


def unsaved(tree: Tree) -> frozenset[str]:
    """The paths in a tree whose text is an editor's, and gets another one with the next key."""
    return tree.unsaved() if isinstance(tree, EditedTree) else frozenset()


class EditedTree:
    """`under` with other bytes in some files, or with files that are not there yet."""

    def __init__(self, under: Tree, edited: Mapping[str, bytes], hash_name: str) -> None:
        self.name = under.name
        self.under = under
        self._edited = edited
        self._ids = {path: content_id(data, hash_name) for path, data in edited.items()}

    def unsaved(self) -> frozenset[str]:
        """The files of which an editor has another text."""
        return frozenset(self._edited)

    def files(self) -> Mapping[str, str]:
        return ChainMap(self._ids, self.under.files())  # type: ignore[arg-type]  # nothing is written to it

    def read(self, path: str) -> bytes:
        return self._edited[path] if path in self._edited else self.under.read(path)

    def read_many(self, paths: Iterable[str]) -> dict[str, bytes]:
        wanted = list(paths)
        found = self.under.read_many([path for path in wanted if path not in self._edited])
        return {path: self._edited[path] if path in self._edited else found[path] for path in wanted}

    def links(self) -> Links:
        return self.under.links()

    def below(self, folder: str) -> list[str]:
        return sorted({*self.under.below(folder), *listed_below(self._edited, folder)})
