"""A review of one request on one host."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from migration_lint.review.azure_devops import AzureDevOps
from migration_lint.review.bitbucket import Bitbucket
from migration_lint.review.conduct import conduct_review, settled
from migration_lint.review.findings import Given
from migration_lint.review.gitea import Gitea
from migration_lint.review.github import Event, GitHub
from migration_lint.review.gitlab import GitLab
from migration_lint.review.host import Host, Tally
from migration_lint.review.owners import NOBODY, Owners
from migration_lint.review.place import USUAL, Policy
from migration_lint.review.target import Kind, Target
from migration_lint.review.transport import Clock, Request, Transport

Dry = Callable[[Request], None]


class Wanted(NamedTuple):
    """What a review is to come to. What a host does not have, it is not asked for."""

    policy: Policy = USUAL
    owners: Owners = NOBODY
    status: bool = False  # set a commit status
    event: Event = "comment"  # what a report that fails does to a pull request on GitHub
    check_run: bool = False  # make a check run with annotations


def conduct(
    kind: Kind,
    given: Given,
    target: Target,
    wanted: Wanted,
    seconds: float,
    dry: Dry | None = None,
    clock: Clock | None = None,
) -> Tally:
    """Make a request's comments, and what else is wanted, say what the report says.

    `seconds` bounds the whole; `dry` is handed what would write, and then nothing is sent that does. Raises
    CannotJudge.
    """
    target = settled(target, given)
    headers, pace = _MANNERS[kind]
    transport = Transport(target.api, headers(target.token), seconds, clock or Clock(), dry, pace)
    try:
        host = _host(kind, target, transport, given, wanted)
        return conduct_review(host, target, given, wanted.policy, dry is not None, wanted.owners)
    finally:
        transport.close()


#: The headers of every request, by the token, and the pace at which a host wants to be written to.
_MANNERS: dict[Kind, tuple[Callable[[str], dict[str, str]], float]] = {
    "github": (GitHub.headers, GitHub.between_writes),
    "gitlab": (GitLab.headers, 0.0),
    "gitea": (Gitea.headers, 0.0),
    "bitbucket": (Bitbucket.headers, 0.0),
    "azure-devops": (AzureDevOps.headers, 0.0),
}


def _host(kind: Kind, target: Target, transport: Transport, given: Given, wanted: Wanted) -> Host:
    if kind == "github":
        return GitHub(target, transport, wanted.event, wanted.check_run, wanted.status)
    if kind == "gitlab":
        return GitLab(target, transport, wanted.status)
    if kind == "bitbucket":
        return Bitbucket(target, transport, wanted.check_run, wanted.status)
    if kind == "azure-devops":
        return AzureDevOps(target, transport, given, wanted.status)
    return Gitea(target, transport, wanted.status)
