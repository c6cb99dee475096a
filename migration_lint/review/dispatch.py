"""`review`: one host, one request, one report."""

from __future__ import annotations

from collections.abc import Callable

from migration_lint.named_tuple import NamedTuple
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
from migration_lint.review.target import HostKind, ReviewTarget
from migration_lint.review.transport import Clock, Request, Transport

Dry = Callable[[Request], None]


class WantedReview(NamedTuple):
    """What a review is to come to. What a host does not have, it is not asked for."""

    policy: Policy = USUAL
    owners: Owners = NOBODY
    status: bool = False  # set a commit status
    event: Event = "comment"  # what a report that fails does to a pull request on GitHub
    check_run: bool = False  # make a check run with annotations


def conduct(
    kind: HostKind,
    given: Given,
    target: ReviewTarget,
    wanted: WantedReview,
    seconds: float,
    dry: Dry | None = None,
    clock: Clock | None = None,
) -> Tally:
    """Make a request's comments, and what else is wanted, say what the report says.

    `seconds` bounds the whole; `dry` is handed what would write, and then nothing is sent that does. Raises
    CannotJudge.
    """
    target = settled(target, given)
    headers, pace = _manners(kind)
    transport = Transport(target.api, headers(target.token), seconds, clock or Clock(), dry, pace)
    try:
        host = _host(kind, target, transport, given, wanted)
        return conduct_review(host, target, given, wanted.policy, dry is not None, wanted.owners)
    finally:
        transport.close()


def _manners(kind: HostKind) -> tuple[Callable[[str], dict[str, str]], float]:
    """The headers of every request, by the token, and the seconds to wait between two that write."""
    match kind:
        case "github":
            return GitHub.headers, GitHub.between_writes
        case "gitlab":
            return GitLab.headers, 0.0
        case "gitea":
            return Gitea.headers, 0.0
        case "bitbucket":
            return Bitbucket.headers, 0.0
        case "azure-devops":
            return AzureDevOps.headers, 0.0


def _host(
    kind: HostKind, target: ReviewTarget, transport: Transport, given: Given, wanted: WantedReview
) -> Host:
    match kind:
        case "github":
            return GitHub(target, transport, wanted.event, wanted.check_run, wanted.status)
        case "gitlab":
            return GitLab(target, transport, wanted.status)
        case "gitea":
            return Gitea(target, transport, wanted.status)
        case "bitbucket":
            return Bitbucket(target, transport, wanted.check_run, wanted.status)
        case "azure-devops":
            return AzureDevOps(target, transport, given, wanted.status)
