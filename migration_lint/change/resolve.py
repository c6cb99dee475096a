"""From what was asked, and what the environment says, to the two trees of a change."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path

from migration_lint.change.branches import meanings
from migration_lint.change.change import Change
from migration_lint.change.ci import StatedComparison, comparison
from migration_lint.change.commit_tree import GitTree
from migration_lint.change.discovery import looks_bare
from migration_lint.change.edited import EditedTree
from migration_lint.change.finding_base import PASS_BASE, Baseline, chosen, commit_tree
from migration_lint.change.folder import FolderTree
from migration_lint.change.repository import Commit, Repository, open_repository
from migration_lint.change.tree import Tree
from migration_lint.change.way import check_led, named_below, named_path
from migration_lint.data_class import replace
from migration_lint.errors import CannotJudge, Problem
from migration_lint.named_tuple import NamedTuple


class Head(NamedTuple):
    """The tree that is judged, and the commits it is or is built on: none before a first commit."""

    tree: Tree
    commits: tuple[Commit, ...]


def resolve(
    project: Path,
    *,
    base: str | None,
    head: str | None,
    environ: Mapping[str, str],
    may_fetch: bool = False,
    edited: Mapping[str, bytes] | None = None,
) -> Change:
    """What is to be compared. Raises CannotJudge, with what to do.

    - Two folders, or one and `project` itself: these, as they are.
    - `base` a revision: the merge base of it and the head.
    - No `base`: what pre-commit or the CI system says; else the merge base with the default branch.
    - No `head`: what pre-commit or the CI system says, which is the index or a commit; else the work
      tree. In CI it is never the work tree, where a build leaves things that nobody is going to merge.
    - `edited`: what an editor has of files of the head and has not saved; paths count from the tree's root.
    - `may_fetch`: what the clone lacks for that is got from `origin`, and no more than that.

    Where pre-commit judges a commit in the making, the base is the merge base with the default branch,
    as it will be in CI: a contract that an earlier commit of the branch updated counts.
    """
    _check_given(project, base, head)
    named = named_path(project, environ)
    repository = _repository_for(project, environ, base, head)
    if base is not None and _is_folder(base, repository):
        change = _folders(project, Path(base), head, repository)
        check_led(change, named_below(project, Path(head)) if head is not None else "")
        return change
    if repository is None:
        raise _no_repository(project, base)
    notes = _notes_on_nesting(repository, environ)
    said = comparison(environ)
    judged = _head(repository, head or (said.head if said else "worktree"), environ, notes)
    if edited:
        judged = judged._replace(tree=EditedTree(judged.tree, edited, repository.hash_name))
    _check_is_the_change(judged, said, head)
    baseline = Baseline(repository, judged.commits, said, may_fetch)
    tree = baseline.asked(base) if base is not None else baseline.told()
    change = Change(tree, judged.tree, repository.prefix, (*notes, *baseline.notes))
    check_led(change, named)
    if isinstance(tree, GitTree) and judged.commits and tree.commit == judged.commits[0].id:
        return _of_one_commit(change, None if base is not None else said)
    return change


def resolve_whole(project: Path, *, head: str | None, environ: Mapping[str, str]) -> Change:
    """One tree to judge as a whole, as a change of it into itself. Raises CannotJudge.

    It is the head that `resolve` would judge; where git has nothing to say, the folder as it is.
    """
    said = None if head is not None else comparison(environ)
    notes: list[str] = []
    spec = head or (said.head if said else None)
    tree, prefix = _one_tree(project, spec, environ, notes, said)
    return Change(tree, tree, prefix, tuple(notes))


def resolve_tree(project: Path, spec: str | None, environ: Mapping[str, str]) -> tuple[Tree, str]:
    """One tree, and the project's path in it; `spec` is as `--head`. Raises CannotJudge.

    Without `spec`: the work tree. That is the folder as it is where git has nothing to say about it.
    """
    return _one_tree(project, spec, environ, [])


def _one_tree(
    project: Path,
    spec: str | None,
    environ: Mapping[str, str],
    notes: list[str],
    said: StatedComparison | None = None,
) -> tuple[Tree, str]:
    """As `resolve_tree`. With `said`, `spec` is what the environment says, and nobody asked for it."""
    _check_given(project, None, spec)
    asked = None if said or spec == "worktree" else spec
    named = named_path(project, environ)
    repository = _repository_for(project, environ, None, asked)
    if asked is not None and asked != "index" and _is_folder(asked, repository):
        return FolderTree(_existing(Path(asked), "--head")), _inside(project, Path(asked))
    if repository is None:
        if asked is None:
            return FolderTree(project), ""
        raise _no_repository(project, None)
    head = _head(repository, spec or ("worktree" if repository.top else "HEAD"), environ, notes)
    _check_is_the_change(head, said, asked)
    tree, within = head.tree, f"{repository.prefix}/"
    if asked is None and repository.prefix and not any(path.startswith(within) for path in tree.files()):
        return FolderTree(project), ""  # an ignored folder, such as a package in a virtual environment
    check_led(Change(tree, tree, repository.prefix), named)
    return tree, repository.prefix


def _check_given(project: Path, base: str | None, head: str | None) -> None:
    empty = "pass a branch, a commit or a folder; is a variable not set?"
    problems = [
        Problem(f"{option} is empty", fix=empty)
        for option, value in (("--base", base), ("--head", head))
        if value is not None and not value.strip()
    ]
    if not os.path.isdir(project):
        what = "is a file, not a folder" if os.path.exists(project) else "does not exist"
        problems.append(Problem(f"{project} {what}", fix="pass the folder that holds the project"))
    if problems:
        raise CannotJudge.of(problems)


def _repository_for(
    project: Path, environ: Mapping[str, str], base: str | None, head: str | None
) -> Repository | None:
    """The repository, if it matters: between two folders, git need not even be installed."""
    given = [spec for spec in (base, head) if spec is not None]
    if given and all(_is_spelt_as_folder(spec) for spec in given):
        return None
    try:
        return open_repository(project, environ)
    except CannotJudge:
        if given and all(os.path.isdir(spec) for spec in given):
            return None
        raise


# -- folders


def _is_folder(spec: str, repository: Repository | None) -> bool:
    """Whether a spec names a folder. A revision of that name goes first; `./name` is always a folder."""
    if _is_spelt_as_folder(spec):
        return True
    return os.path.isdir(spec) and (repository is None or not meanings(repository, spec))


def _is_spelt_as_folder(spec: str) -> bool:
    """Whether a spec is written as no revision can be: with a leading dot, or a trailing slash."""
    return spec.startswith(".") or spec.endswith(("/", os.sep)) or os.path.isabs(spec)


def _folders(project: Path, base: Path, head: str | None, repository: Repository | None) -> Change:
    before = FolderTree(_existing(base, "--base"))
    if head is None:
        return Change(before, FolderTree(project), "")
    if head in ("index", "worktree") or (repository is not None and not _is_folder(head, repository)):
        mixed = f"--base is the folder {base}, but --head is {head}"
        raise CannotJudge(Problem(mixed, fix="pass two folders, or two revisions"))
    after = Path(head)
    return Change(before, FolderTree(_existing(after, "--head")), _inside(project, after))


def _existing(folder: Path, told_as: str) -> Path:
    if not os.path.isdir(folder):
        what = "is a file, not a folder" if os.path.exists(folder) else "does not exist"
        raise CannotJudge(Problem(f"{told_as}: {folder} {what}"))
    return folder


def _inside(project: Path, folder: Path) -> str:
    """The project's path in a folder that was named beside it; "" where the folder is the project."""
    wanted, root = project.resolve(), folder.resolve()
    if wanted.is_relative_to(root):
        inside = wanted.relative_to(root).as_posix()
        return "" if inside == "." else inside
    if root.is_relative_to(wanted) or wanted == Path.cwd():
        return ""
    fix = f"leave {project} out, or pass a folder inside {folder}"
    raise CannotJudge(Problem(f"{project} is not in {folder}", fix=fix))


# -- repositories


def _uncommitted(repository: Repository, top: Path, spec: str) -> Tree:
    """The index or the work tree, which a run of CI over commits does not look at."""
    if spec == "index":
        from migration_lint.change.index_tree import IndexTree

        return IndexTree(repository)
    from migration_lint.change.work_tree import WorkTree

    return WorkTree(repository, top)


def _head(repository: Repository, spec: str, environ: Mapping[str, str], notes: list[str]) -> Head:
    if spec not in ("index", "worktree"):
        target = chosen(repository, spec, "--head", meanings(repository, spec), notes)
        return Head(commit_tree(repository, target), (target.commit,))
    if repository.top is None:
        bare = f"{repository.git_dir} is a bare repository: it has no {spec}"
        raise CannotJudge(Problem(bare, fix="pass `--head` with a revision"))
    tree = _uncommitted(repository, repository.top, spec)
    last = repository.commit("HEAD")
    merging = [commit for commit in repository.commits(repository.merge_heads(environ)) if commit]
    return Head(tree, (last, *merging) if last else ())


def _notes_on_nesting(repository: Repository, environ: Mapping[str, str]) -> list[str]:
    """A note where the repository is a submodule: a change that makes one of a folder chooses its history."""
    outer = None
    with contextlib.suppress(CannotJudge):  # of what nobody asked to judge
        outer = open_repository(repository.top.parent, environ) if repository.top else None
    if not (repository.top and outer and outer.top):
        return []
    from migration_lint.change.index_tree import list_entries

    inside = repository.top.relative_to(outer.top).as_posix()
    if not any(each.path == inside and each.is_submodule for each in list_entries(outer.git)):
        return []  # a clone that lies in another by somebody's choice
    try:
        before = resolve(outer.top, base=None, head=None, environ=environ).base.below(inside)
    except CannotJudge:
        return [f"{inside} is a submodule of {outer.top}; what was there before this change is not known"]
    if before:
        replaced = f"the change makes a submodule of `{inside}`, which was a folder of {outer.top}"
        raise CannotJudge(Problem(replaced, fix="judge that change by hand: its history starts anew"))
    return []


def _check_is_the_change(head: Head, said: StatedComparison | None, asked: str | None) -> None:
    """Refuse pull_request_target without `--head`: what is checked out there is not the change."""
    if said and said.not_head and asked is None and head.commits[0].id == said.not_head:
        pull = "refs/pull/${{ github.event.pull_request.number }}/merge"
        raise CannotJudge(
            Problem(
                f"{said.source}: the checkout is the target branch, not the pull request",
                fix=f"run on `pull_request`, or give actions/checkout `ref: {pull}`",
            )
        )


def _of_one_commit(change: Change, said: StatedComparison | None) -> Change:
    """Judge a change whose base and head are one commit: a mistake in CI, uncommitted work elsewhere."""
    if isinstance(change.head, GitTree):
        if said and not said.may_be_empty:
            same = f"{said.source}: there is nothing to compare, HEAD is {change.base.name} or part of it"
            raise CannotJudge(*([said.problem()] if said.trouble else []), Problem(same, fix=PASS_BASE))
    elif change.paths:
        return change
    note = f"nothing to compare: {change.head.name} does not differ from {change.base.name}"
    return replace(change, notes=(*change.notes, note))


def _no_repository(project: Path, base: str | None) -> CannotJudge:
    if looks_bare(project):
        lost = f"{project} looks like a bare repository, which any folder with such files in it does"
        fix = f"if it is one, name it to git: `GIT_DIR={project} migration-lint check {project} …`"
    elif base is None:
        lost = f"{project} is not in a git repository, so nothing says what to compare it with"
        fix = "pass `--base` with a folder, or `--all` to judge every revision as if new"
    else:
        lost = f"--base: there is no folder {base}, and {project} is not in a git repository"
        fix = "pass two folders, or run it in a repository"
    return CannotJudge(Problem(lost, fix=fix))
