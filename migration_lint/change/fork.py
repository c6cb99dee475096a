"""Where a branch left the one it goes to: the merge base, or the knowledge that it cannot be known."""

from __future__ import annotations

from collections.abc import Sequence

from migration_lint.change.git import last_word
from migration_lint.change.repository import Repository
from migration_lint.errors import CannotJudge, Problem
from migration_lint.named_tuple import NamedTuple

_FEW = 20


class Fork(NamedTuple):
    """`bases` are the best common ancestors, full ids; more than one after criss-cross merges.

    `is_sure` is False where a shallow clone ends before the history that would decide it does.
    """

    bases: tuple[str, ...]
    is_sure: bool


def fork(repository: Repository, heads: Sequence[str], targets: Sequence[str]) -> Fork:
    """Where the (to be) merge of `heads` and the merge of `targets` part; full commit ids all.

    Several targets are one branch as several places know it: the newest of them counts, so that what
    came in from it is not taken for the change. Raises CannotJudge.
    """
    # `git merge-base A B C` is the merge base of A with a merge of B and C.
    sides = (*targets[:1], *heads) if len(heads) > 1 else (*heads, *targets)
    if set(sides) == {sides[0]}:
        return Fork((sides[0],), is_sure=True)
    if len(sides) == 2 and _is_straight_up(repository, *sides):
        return Fork((sides[1],), is_sure=True)
    done = repository.git.attempt("merge-base", "--all", *sides)
    bases = tuple(done.stdout.decode("ascii").split())
    if done.returncode not in (0, 1):
        raise CannotJudge(Problem(f"git cannot compare the histories: {last_word(done.stderr)}"))
    return Fork(bases, _is_sure(repository, sides, bases))


def _is_straight_up(repository: Repository, head: str, target: str) -> bool:
    """Whether a few commits of one parent each lead from a head to the target, as in most branches.

    What a commit says of its parents holds in a shallow clone too. Without a process, this is cheap.
    """
    for _ in range(_FEW):
        commit = repository.commit(head)
        if commit is None or len(commit.parents) != 1:
            return False
        (head,) = commit.parents
        if head == target:
            return True
    return False


def _is_sure(repository: Repository, sides: Sequence[str], bases: tuple[str, ...]) -> bool:
    """Whether all history above the bases is there: what is missing could hide a nearer ancestor."""
    if not repository.is_shallow:
        return True
    if not bases:
        return False
    above = repository.git.run("walk the history", "rev-list", *sides, "--not", *bases)
    return repository.shallow_commits().isdisjoint(above.decode("ascii").split())
