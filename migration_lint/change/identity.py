"""Which state of the files a tree is, in git's own names: for a report that says what it judged."""

from __future__ import annotations

from typing import Literal, TypeAlias

from migration_lint.change.commit_tree import GitTree
from migration_lint.change.edited import EditedTree
from migration_lint.change.index_tree import IndexTree
from migration_lint.change.repository import Repository
from migration_lint.change.tree import EmptyTree, Tree
from migration_lint.change.work_tree import WorkTree
from migration_lint.named_tuple import NamedTuple

TreeKind: TypeAlias = Literal["commit", "index", "worktree", "folder", "nothing"]


class Identity(NamedTuple):
    """A tree by its names. Where it is no commit, `commit` is the last one that it is built on."""

    kind: TreeKind
    name: str  # as messages call it: `main (3f2a91c)`, `the index`
    commit: str = ""  # the whole id; "" where there is none
    tree: str = ""  # the id of the commit's tree; "" where the files may be others
    parents: tuple[str, ...] = ()  # of the commit: a merge has several


def identity(tree: Tree) -> Identity:
    """What git calls a tree. Asks git for one object at most."""
    if isinstance(tree, EditedTree):
        return identity(tree.under)
    if isinstance(tree, GitTree):
        return _of_commit(tree.repository, "commit", tree.name, tree.commit)
    if isinstance(tree, IndexTree):
        return _of_commit(tree.repository, "index", tree.name, "HEAD")
    if isinstance(tree, WorkTree):
        return _of_commit(tree.repository, "worktree", tree.name, "HEAD")
    return Identity("nothing" if isinstance(tree, EmptyTree) else "folder", tree.name)


def _of_commit(repository: Repository, kind: TreeKind, name: str, revision: str) -> Identity:
    commit = repository.commit(revision)
    if commit is None:  # before the first one
        return Identity(kind, name)
    return Identity(kind, name, commit.id, commit.tree if kind == "commit" else "", commit.parents)
