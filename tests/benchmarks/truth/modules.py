"""The modules of a project that reading its scripts takes, besides the scripts."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from migration_lint.change import FolderTree
from migration_lint.reading.project.modules import ProjectFiles


def drawn_on(read: Iterable[ProjectFiles], tree: FolderTree, scripts: Collection[str]) -> list[str]:
    """The texts of those that were parsed; `scripts` are paths."""
    paths = {path for files in read for path, source in files._sources.items() if source is not None}
    return [tree.read(path).decode("utf-8-sig") for path in sorted(paths - set(scripts))]
