"""A review of one request on one host."""

from __future__ import annotations

from collections.abc import Callable

from migration_lint.review.conduct import conduct_review
from migration_lint.review.findings import Given
from migration_lint.review.gitea import Gitea
from migration_lint.review.github import Event, GitHub
from migration_lint.review.gitlab import GitLab
from migration_lint.review.host import Tally
from migration_lint.review.place import USUAL, Policy
from migration_lint.review.target import Target
from migration_lint.review.transport import Clock, Request, Transport

Dry = Callable[[Request], None]


def review_github(
    given: Given,
    target: Target,
    *,
    event: Event = "comment",
    check_run: bool = False,
    status: bool = False,
    policy: Policy = USUAL,
    seconds: float,
    dry: Dry | None = None,
    clock: Clock | None = None,
) -> Tally:
    """Make a pull request's comments, and if asked for a check run and a status, say what the report says.

    `seconds` bounds the whole; `dry` is handed what would write, and then nothing is sent that does. Raises
    CannotJudge.
    """
    target = target._replace(project=given.judged.project)
    headers = GitHub.headers(target.token)
    transport = Transport(target.api, headers, seconds, clock or Clock(), dry, GitHub.between_writes)
    try:
        host = GitHub(target, transport, event, check_run, status)
        return conduct_review(host, target, given, policy, dry is not None)
    finally:
        transport.close()


def review_gitlab(
    given: Given,
    target: Target,
    *,
    status: bool = False,
    policy: Policy = USUAL,
    seconds: float,
    dry: Dry | None = None,
    clock: Clock | None = None,
) -> Tally:
    """The same for a merge request."""
    target = target._replace(project=given.judged.project)
    transport = Transport(target.api, GitLab.headers(target.token), seconds, clock or Clock(), dry)
    try:
        return conduct_review(GitLab(target, transport, status), target, given, policy, dry is not None)
    finally:
        transport.close()


def review_gitea(
    given: Given,
    target: Target,
    *,
    status: bool = False,
    policy: Policy = USUAL,
    seconds: float,
    dry: Dry | None = None,
    clock: Clock | None = None,
) -> Tally:
    """The same for a pull request on Gitea or Forgejo."""
    target = target._replace(project=given.judged.project)
    transport = Transport(target.api, Gitea.headers(target.token), seconds, clock or Clock(), dry)
    try:
        return conduct_review(Gitea(target, transport, status), target, given, policy, dry is not None)
    finally:
        transport.close()
