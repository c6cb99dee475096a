"""What pull requests have in common on the hosts whose API is GitHub's, or was made after it."""

from __future__ import annotations

from migration_lint.named_tuple import NamedTuple
from migration_lint.review.answers import flag, text
from migration_lint.review.transport import Json, Transport


class Pull(NamedTuple):
    """A pull request as it stands."""

    page: str  # of its repository
    locked: bool
    stopped: str  # as in `State`


def read_pull(pull: Json, locked: str, commit: str) -> Pull:
    """A pull request as the host tells it; `locked` is what it calls a conversation that is."""
    stopped = ""
    if text(pull, "state") != "open":
        stopped = "the pull request is closed"
    elif text(pull, "head", "sha") != commit:
        stopped = f"the pull request's head is not {commit[:12]} any more"
    return Pull(text(pull, "base", "repo", "html_url"), flag(pull, locked), stopped)


def write_comment(transport: Transport, repository: str, number: int, comment: str | None, body: str) -> None:
    """Post a comment below the whole request, or change the one that `comment` is."""
    if comment is None:
        transport.write("POST", f"{repository}/issues/{number}/comments", {"body": body})
    else:
        transport.write("PATCH", f"{repository}/issues/comments/{comment}", {"body": body})
