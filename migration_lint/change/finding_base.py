"""Choosing the base, so that what came in from the target branch is no part of the change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from migration_lint.change.branches import (
    USUAL,
    Meaning,
    TargetCommit,
    default_branch,
    meanings,
    nearest,
    targets_of,
)
from migration_lint.change.ci import StatedComparison
from migration_lint.change.commit_tree import GitTree
from migration_lint.change.fork import Fork, fork
from migration_lint.change.objects import is_full_id
from migration_lint.change.repository import Commit, Repository, is_branch_name
from migration_lint.change.tree import EmptyTree, Tree
from migration_lint.errors import CannotJudge, Problem
from migration_lint.wording import did_you_mean, listed

if TYPE_CHECKING:
    from migration_lint.change.fetch import Origin

PASS_BASE = "pass `--base` with a branch, a commit or a folder, or `--all` to judge every revision as if new"


class Baseline:
    """Finds the base of a change in one repository, for a head with these commits.

    `commits` is the commit that the head is, or that it is built on, and after it those that a merge
    in progress brings in. With `may_fetch`, what the clone lacks is got from `origin`. What may surprise
    is added to `notes`. Every method raises CannotJudge.
    """

    def __init__(
        self,
        repository: Repository,
        commits: tuple[Commit, ...],
        said: StatedComparison | None,
        may_fetch: bool = False,
    ) -> None:
        self._repository = repository
        self._commits = commits
        self._said = said
        self._origin = _origin_of(repository) if may_fetch else None
        self.notes: list[str] = []

    def asked(self, spec: str) -> Tree:
        """The base for `--base spec`."""
        said = self._said
        is_target = said is not None and spec.removeprefix("origin/") in said.targets
        if is_target and self._commits and self._onto():
            # The target that CI has just merged into is the merge's first parent, and that may be all
            # that the clone has of it; what `spec` names may meanwhile be older, or newer.
            return self.told()
        target = self._found(spec, is_target)
        return self._merge_base((target,)) if self._commits else commit_tree(self._repository, target)

    def _found(self, spec: str, is_target: bool) -> TargetCommit:
        found = self._meanings(spec)
        if all(each.is_tag for each in found) and self._get(spec):
            found = self._meanings(spec)
        if found and found[0].is_tag and (is_target or spec in USUAL):
            # What the change goes to is a branch. Whoever may push a tag must not choose another base.
            only = f"--base: of {spec} this clone has only the tag, and not the branch"
            fix = f"run `{fetch_history(self._repository, spec)}` first, or pass `--base tags/{spec}`"
            raise CannotJudge(Problem(only, fix=fix))
        return chosen(self._repository, spec, "--base", found, self.notes)

    def _meanings(self, spec: str) -> list[Meaning]:
        found = meanings(self._repository, spec)
        heads = {commit.id for commit in self._commits}
        if self._is_ci and found and found[0].is_local_branch and found[0].commit.id in heads:
            # A fork's `main`, checked out under its own name, is the change and not what it goes to.
            found.sort(key=lambda each: not each.is_remote_branch)
        return found

    @property
    def _is_ci(self) -> bool:
        return self._said is not None and self._said.source != "pre-commit"

    def told(self) -> Tree:
        """The base as the environment tells it, by the most exact of what it tells; else as `usual`."""
        said = self._said
        if said is None or not said.trouble:
            return self._told()
        try:
            tree = self._told()
        except CannotJudge as error:
            raise CannotJudge(said.problem(), *error.problems) from None
        self.notes.append(f"{said.source}: {said.trouble}; what its variables say is all that is known")
        return tree

    def _told(self) -> Tree:
        said = self._said
        if not self._commits:
            self.notes.append("the repository has no commit yet: everything in it is new")
            return EmptyTree()
        if said is None:
            return self.usual()
        if parent := self._onto():
            return self._as_it_is(parent, f"the first parent of {self._commits[0].short}", said)
        if said.pushed_to:
            return self._before_push(said)
        if said.base:
            return self._as_it_is(said.base, said.base_told_as, said)
        if said.targets:
            return self._merge_base(self._targets(said))
        return self.usual()

    def _onto(self) -> str:
        """The first parent of a merge that CI made: the target without the change. "": it made none."""
        said, commit = self._said, self._commits[0]
        if said is None or len(commit.parents) < 2:
            return ""
        is_result = commit.id == said.merge_result or said.merged in commit.parents[1:]
        return commit.parents[0] if is_result else ""

    def usual(self) -> Tree:
        """The merge base with the default branch, or the commit that a head on that branch is built on."""
        default = default_branch(self._repository)
        if default and default.targets:
            try:
                return self._merge_base(default.targets)
            except CannotJudge:
                # A commit in the making can always be compared with the one before it.
                if not self._is_in_the_making():
                    raise
                self.notes.append(f"where it left {default.name} is not known: compared with HEAD alone")
        elif default is None:
            missing = "nothing says what to compare with: there is no origin/HEAD, main or master"
            if not self._is_in_the_making():
                raise CannotJudge(Problem(missing, fix=PASS_BASE))
            self.notes.append(f"{missing}: compared with HEAD alone")
        return commit_tree(self._repository, TargetCommit("HEAD", self._commits[0]))

    def _is_in_the_making(self) -> bool:
        """Whether pre-commit judges a commit to be. Else it was started by hand, over all files."""
        if self._said is None or self._said.head != "index":
            return False
        from migration_lint.change.index_tree import IndexTree  # that pre-commit alone needs here

        commit = GitTree(self._repository, self._commits[0].id, "HEAD")
        return len(self._commits) > 1 or IndexTree(self._repository).files() != commit.files()

    def _before_push(self, said: StatedComparison) -> Tree:
        """What the default branch was before; for another branch, where that left the default branch.

        Not only what one push brought: a contract that an earlier push to the branch updated counts.
        """
        name = said.targets[0] if said.targets else ""
        targets = self._targets(said, needed=False)
        if not said.targets and (default := default_branch(self._repository)):
            targets, name = default.targets, default.name
        if targets and said.pushed_to != name and (not said.base or self._fork(targets).is_sure):
            return self._merge_base(targets)
        if said.base:
            return self._as_it_is(said.base, said.base_told_as, said)
        if said.all_new and said.pushed_to in ((name,) if name else ("main", "master")):
            self.notes.append(f"{said.source}: {said.pushed_to} is new, so everything in it is new")
            return EmptyTree()
        if targets or not said.targets:
            return self.usual()
        return self._merge_base(self._targets(said))

    def _targets(self, said: StatedComparison, *, needed: bool = True) -> tuple[TargetCommit, ...]:
        found = self._known(said)
        if not found and any(self._get(name) for name in said.targets):
            found = self._known(said)
        if needed and not found:
            lacking = f"{said.source}: the change goes to {said.targets[0]}, which this clone does not have"
            raise CannotJudge(
                Problem(lacking, fix=self._first(fetch_history(self._repository, said.targets[0])))
            )
        return found

    def _known(self, said: StatedComparison) -> tuple[TargetCommit, ...]:
        found = [target for name in said.targets for target in targets_of(self._repository, name)]
        if not self._is_ci:  # what a person passed on to pre-commit may be a tag too
            for name in said.targets:
                told = meanings(self._repository, name)
                tags = [each for each in told[1:] if each.is_tag]  # branches of one name count all of them
                note = _differing("PRE_COMMIT_FROM_REF", name, [*told[:1], *tags])
                self.notes += [each for each in note if each not in self.notes]
                found += [] if found else [each.target for each in told[:1]]
        return tuple(found)

    def _as_it_is(self, commit_id: str, told_as: str, said: StatedComparison) -> Tree:
        commit = self._repository.commit(commit_id)
        if commit is None and self._get(commit_id):
            commit = self._repository.commit(commit_id)
        if commit is not None:
            return GitTree(self._repository, commit.id, f"{told_as} ({commit.short})")
        lacking = f"{said.source}: the base is {told_as}, {commit_id[:12]}, which this clone does not have"
        raise CannotJudge(Problem(lacking, fix=self._first(fetch_commit(self._repository, commit_id))))

    def _merge_base(self, targets: Sequence[TargetCommit]) -> Tree:
        shown = targets[0].name
        found = self._fork(targets)
        if not found.is_sure:
            short = f"this is a shallow clone: it does not reach back to where the change left {shown}"
            raise CannotJudge(Problem(short, fix=self._first(fetch_history(self._repository, shown))))
        if not found.bases:
            apart = f"{shown} and {self._commits[0].short} have no commit in common"
            raise CannotJudge(Problem(apart, fix="pass another `--base`, or two folders"))
        base = found.bases[0]
        if len(found.bases) > 1:
            count = len(found.bases)
            self.notes.append(f"the change and {shown} have {count} merge bases; {base[:7]} is compared with")
        for target in targets:
            if target.commit.id == base:
                return commit_tree(self._repository, target)
        return GitTree(self._repository, base, f"the merge base with {shown} ({base[:7]})")

    def _fork(self, targets: Sequence[TargetCommit]) -> Fork:
        """The merge base with some targets, after deepening the history as far as is allowed."""
        heads, others = [commit.id for commit in self._commits], [target.commit.id for target in targets]
        found = fork(self._repository, heads, others)
        while not found.is_sure and self._origin and self._origin.deepen([*heads, *others]):
            self._repository = self._origin.repository
            found = fork(self._repository, heads, others)
        return found

    def _get(self, name: str) -> bool:
        """Gets a commit or a branch from `origin`, if that is allowed."""
        origin = self._origin
        if origin is None:
            return False
        got = origin.commit(name) if is_full_id(name) else origin.branch(name.removeprefix("origin/"))
        self._repository = origin.repository
        return got

    def _first(self, command: str) -> str:
        """The fix for a message: a command to run now, and the setting that makes it needless."""
        if self._origin and self._origin.refusal:
            return f"origin does not give it ({self._origin.refusal}); {PASS_BASE}"
        setting = f", or set {self._said.deeper}" if self._said and self._said.deeper else ""
        return f"run `{command}` first{setting}"


def _origin_of(repository: Repository) -> Origin:
    from migration_lint.change.fetch import Origin  # that only --fetch asks

    return Origin(repository)


def commit_tree(repository: Repository, target: TargetCommit) -> GitTree:
    """The commit's files, called by the name that led to it."""
    name, commit = target
    shown = commit.short if commit.id.startswith(name) else f"{name} ({commit.short})"
    return GitTree(repository, commit.id, shown)


def chosen(
    repository: Repository, spec: str, told_as: str, found: Sequence[Meaning], notes: list[str]
) -> TargetCommit:
    """The commit that somebody named: the first of what it may mean; where others differ, a note says so.

    Raises CannotJudge with the names that are near.
    """
    if found:
        notes += _differing(told_as, spec, found)
        return found[0].target
    words = ("index", "worktree") if told_as == "--head" else ()
    likely = [] if is_full_id(spec) or not is_branch_name(spec) else nearest(repository, spec, words)
    if not spec.strip("0"):
        fix = PASS_BASE
    elif likely:
        fix = did_you_mean(likely)
    elif is_full_id(spec):
        fix = f"run `{fetch_commit(repository, spec)}` first"
    elif repository.is_shallow or is_branch_name(spec):
        fix = f"run `{fetch_history(repository, spec)}` first, if the remote has it"
    else:
        fix = PASS_BASE
    raise CannotJudge(Problem(f"{told_as}: this repository has no branch, tag or commit {spec!r}", fix=fix))


def _differing(told_as: str, spec: str, found: Sequence[Meaning]) -> list[str]:
    """A note where what a name may mean are several commits, of which the first is taken."""
    others = [str(each) for each in found if each.commit.id != found[0].commit.id]
    return [f"{told_as} {spec} is {found[0]}, and not {listed(others, 'or')}"] if others else []


def fetch_commit(repository: Repository, commit_id: str) -> str:
    """The command that gets one commit's files."""
    # In a full clone, --depth would cut the history off.
    how = "--no-tags --depth=1" if repository.is_shallow else "--no-tags"
    return f"git fetch {how} origin {_quoted(commit_id)}"


def fetch_history(repository: Repository, name: str) -> str:
    """The command that gets all history of HEAD, and of the branch or commit `name` if it can be either."""
    remote, _, branch = (
        name.partition("/") if name.startswith(("origin/", "upstream/")) else ("origin", "", name)
    )
    words = ["git", "fetch", *(["--unshallow"] if repository.is_shallow else []), "--no-tags", remote]
    if is_full_id(branch):
        words.append(branch)
    elif is_branch_name(branch):
        words.append(_quoted(f"+refs/heads/{branch}:refs/remotes/{remote}/{branch}"))
    return " ".join(words)


def _quoted(text: str) -> str:
    import shlex

    return shlex.quote(text)
