"""Links on the path to the project: inside a tree, the change could choose with them what is judged."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from migration_lint.change.change import Change
from migration_lint.change.repository import Repository, open_repository
from migration_lint.change.tree import Tree
from migration_lint.errors import CannotJudge, Problem


def named_path(project: Path, environ: Mapping[str, str]) -> str:
    """The path in the tree by which `project` was named, where a link of that tree is on it; else "".

    A link that is not in the index is somebody's own. Raises CannotJudge where a link leads out of the tree:
    what is there, no change of this tree shows.
    """
    named = ""
    whole = path = os.path.normpath(os.path.join(_here(environ), project))
    while path != os.path.dirname(path):
        folder, name = os.path.split(path)
        holder = open_repository(Path(folder), environ) if os.path.islink(path) else None
        inside = f"{holder.prefix}/{name}".lstrip("/") if holder and holder.top else ""
        if holder and _is_kept_link(holder, inside):
            there = open_repository(Path(path), environ)
            if there is None or there.top != holder.top:
                problem = f"{project} is not in {holder.top}: `{inside}` is a link that leads out of it"
                raise CannotJudge(Problem(problem, fix=f"pass {os.path.realpath(project)} if that is meant"))
            named = f"{inside}/{Path(os.path.relpath(whole, path)).as_posix()}".removesuffix("/.")
        path = folder
    return named


def _is_kept_link(holder: Repository, path: str) -> bool:
    from migration_lint.change.index_tree import list_entries  # few projects are named by a link

    return any(each.path == path and each.is_link for each in list_entries(holder.git))


def named_below(project: Path, folder: Path) -> str:
    """The path by which `project` was named below a folder that was named too; "" where it was not."""
    whole, above = os.path.abspath(project), os.path.abspath(folder)
    named = Path(os.path.relpath(whole, above)).as_posix() if whole.startswith(above) else ""
    return "" if named.split("/")[0] in ("", ".", "..") else named


def check_led(change: Change, named: str) -> None:
    """Raises CannotJudge where `named`, a path that may have links on it, was another folder in base.

    Else a change could put a link in the place of a project, and the files that it leads to would be compared
    with themselves.
    """
    if not named or named == change.project:
        return
    for tree in (change.base, change.head):
        if not _leads(tree, named, change.project):
            told = f"`{named}` leads to `{change.project}` on disk, and not in {tree.name}"
            fix = "judge both folders, or leave it where it was: a link says nothing of what is gone"
            raise CannotJudge(Problem(told, fix=fix))


def _leads(tree: Tree, named: str, project: str) -> bool:
    """Whether a path leads to the project in a tree, or to nothing."""
    led = tree.links().follow(named)
    return not led.away and (led.path == project or (led.path == named and not tree.below(named)))


def _here(environ: Mapping[str, str]) -> str:
    """The working directory by the name under which it was entered, which a shell says."""
    said, here = environ.get("PWD", ""), os.getcwd()
    return said if os.path.isabs(said) and os.path.realpath(said) == os.path.realpath(here) else here
