"""Where the repository around a project is: found here, once, and named to git in every call.

git looks for it anew each time, and takes a folder that holds `HEAD`, `objects` and `refs` for a repository.
All of these can be ordinary files of a change. So only `.git` counts, which git never lets into a commit.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from migration_lint.change.configuration import is_on, read_configuration, small_text
from migration_lint.change.git import user_settings
from migration_lint.errors import CannotJudge, Problem
from migration_lint.named_tuple import NamedTuple

#: What marks the folder of a project, the nearest above a file first.
MARKS = ("migration-lint.toml", "alembic.ini", "pyproject.toml", ".git")


class RepositoryPlace(NamedTuple):
    """`top` holds `.git`; it is None where only the environment, or a person, names the git directory."""

    top: Path | None
    git_dir: Path
    common_dir: Path  # the same but in a linked worktree

    @property
    def is_linked(self) -> bool:
        return self.git_dir != self.common_dir


def discover(project: Path, environ: Mapping[str, str], *, is_named: bool = False) -> RepositoryPlace | None:
    """The repository that `project` lies in: the nearest `.git`, a folder or a file that leads to one.

    A bare repository is one only where it is named: by GIT_DIR, as git does for the hooks of a server, or by
    a person who means `project` itself (`is_named`). Of GIT_DIR nothing else is believed: a hook of another
    repository may run us. GIT_CEILING_DIRECTORIES holds. Raises CannotJudge.
    """
    folder = os.path.realpath(project)
    ceilings = {
        os.path.realpath(each)
        for each in environ.get("GIT_CEILING_DIRECTORIES", "").split(os.pathsep)
        if each
    }
    while True:
        if git_dir := _git_dir_of(folder):
            place = RepositoryPlace(Path(folder), Path(git_dir), Path(_common_dir(git_dir)))
            _check_apart(place)
            _check_owner(place, environ)
            return place
        parent = os.path.dirname(folder)
        if parent == folder or parent in ceilings:
            break
        folder = parent
    return _bare(os.path.realpath(project), environ, is_named)


def project_of(file: Path) -> Path | None:
    """The folder whose configuration and history a file belongs to; None where there is no repository."""
    above = [each for each in file.parents if any((each / ".git").exists() for each in (each, *each.parents))]
    for mark in MARKS:
        for folder in above:
            if (folder / mark).exists():
                return folder
    return None


def looks_bare(project: Path) -> bool:
    """Whether git by itself would take a folder for a repository that has no `.git`."""
    return _is_git_dir(os.path.realpath(project))


def _git_dir_of(folder: str) -> str | None:
    """The git directory that `.git` in a folder is, or leads to."""
    found = os.path.join(folder, ".git")
    if os.path.isdir(found):
        git_dir = os.path.realpath(found)
        return git_dir if _is_git_dir(git_dir) else None
    if not os.path.isfile(found):
        return None
    text = small_text(Path(found)) or ""
    target = text.removeprefix("gitdir:").strip("\r\n").lstrip()
    git_dir = os.path.realpath(os.path.join(folder, target)) if target and target != text else ""
    if not git_dir or not _is_git_dir(git_dir):
        leads = (
            f"leads to {target}, where no git repository is" if git_dir else "does not name a git directory"
        )
        raise CannotJudge(Problem(f"{found} {leads}", fix="mend or remove that file"))
    return git_dir


def _is_git_dir(folder: str) -> bool:
    """As `is_git_directory` in git's setup.c has it."""
    head = os.path.join(folder, "HEAD")
    if not (os.path.isfile(head) or os.path.islink(head)):
        return False
    common = _common_dir(folder)
    return all(os.path.isdir(os.path.join(common, name)) for name in ("objects", "refs"))


def _common_dir(git_dir: str) -> str:
    text = small_text(Path(git_dir, "commondir"))
    return git_dir if text is None else os.path.realpath(os.path.join(git_dir, text.rstrip("\r\n")))


def _bare(folder: str, environ: Mapping[str, str], is_named: bool) -> RepositoryPlace | None:
    named = [folder] if is_named else []
    if environ.get("GIT_DIR"):
        git_dir = os.path.realpath(environ["GIT_DIR"])
        # A hook that goes to another folder takes `GIT_DIR=.` with it. What was pushed lies in the real one.
        pushed = environ.get("GIT_QUARANTINE_PATH") or git_dir
        if _is_within(folder, git_dir) and _is_within(os.path.realpath(pushed), git_dir):
            named.append(git_dir)
    for git_dir in named:
        if _is_git_dir(git_dir):
            place = RepositoryPlace(None, Path(git_dir), Path(_common_dir(git_dir)))
            _check_owner(place, environ)
            return place
    return None


def _is_within(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def _check_apart(place: RepositoryPlace) -> None:
    """Refuse a git directory inside its own work tree: a commit could write into it.

    `.git` cannot be in a commit, and a bare repository has no work tree.
    """
    top = str(place.top)
    if not _is_within(str(place.common_dir), top) or _is_within(str(place.common_dir), f"{top}/.git"):
        return
    settings = dict(read_configuration(place.common_dir / "config"))
    if place.is_linked or not is_on(settings.get("core.bare")):
        inside = place.common_dir.relative_to(top).as_posix()
        problem = f"{top}/.git leads to {inside}, a folder of the tree itself, which a change could write"
        fix = f"run `rm .git && mv {inside} .git` in {top}"
        raise CannotJudge(Problem(problem, fix=fix))


def _check_owner(place: RepositoryPlace, environ: Mapping[str, str]) -> None:
    """As `ensure_valid_ownership` in git's setup.c, which git leaves out where it is told the directory.

    Windows has no such owners; there, anybody's repository is read.
    """
    if not hasattr(os, "geteuid"):
        return
    paths = [place.git_dir] if place.top is None else [place.top, place.top / ".git", place.git_dir]
    users = {os.geteuid()}
    if users == {0} and environ.get("SUDO_UID", "").isdigit():
        users.add(int(environ["SUDO_UID"]))
    if all(os.lstat(path).st_uid in users for path in paths):
        return
    shown = str(place.top or place.git_dir)
    if not _is_called_safe(shown, user_settings(environ, "safe.directory", place.top, is_path=True)):
        raise CannotJudge(
            Problem(
                f"git refuses to read {shown}: it belongs to another user",
                fix=f"run `git config --global --add safe.directory {shown}`",
            )
        )


def _is_called_safe(folder: str, said: Sequence[str]) -> bool:
    is_safe = False
    for each in said:
        if not each:
            is_safe = False  # takes back all that was said before
        elif each.endswith("/*"):
            is_safe = is_safe or _is_within(folder, os.path.realpath(each[:-2]))
        else:
            is_safe = is_safe or each == "*" or os.path.realpath(each) == folder
    return is_safe
