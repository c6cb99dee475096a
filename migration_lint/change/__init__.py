"""What changed: base and head as trees, from git, CI's own variables, or two folders.

change = resolve(Path("."), base=None, head=None, environ=os.environ)
change.paths
"""

from __future__ import annotations

from migration_lint.change.change import Change
from migration_lint.change.edited import unsaved
from migration_lint.change.folder import FolderTree
from migration_lint.change.resolve import resolve, resolve_tree, resolve_whole
from migration_lint.change.tree import EmptyTree, Tree

__all__ = [
    "Change",
    "EmptyTree",
    "FolderTree",
    "Tree",
    "resolve",
    "resolve_tree",
    "resolve_whole",
    "unsaved",
]
