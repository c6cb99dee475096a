"""A commit status: the one word that a rule of the host can wait for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from migration_lint.named_tuple import NamedTuple
from migration_lint.report.text import closing_line
from migration_lint.review.answers import maybe_text, text
from migration_lint.review.findings import Given
from migration_lint.review.target import ReviewTarget
from migration_lint.review.transport import Json

LONGEST = 140  # characters of a description on GitHub, the strictest


class Status(NamedTuple):
    """What a commit is said to be."""

    context: str  # which check says it
    state: Literal["success", "failure"]
    description: str


def status_of(given: Given, target: ReviewTarget) -> Status:
    """What the report comes to."""
    return Status(
        target.title, "failure" if given.failed else "success", closing_line(given.report)[:LONGEST]
    )


def stands(status: Status, there: Iterable[Json], name: str, key: str, state: str) -> bool:
    """Whether the latest of the statuses that are there, which comes first, says the same.

    `name` and `key` are the keys under which a host has the context and the state, `state` what it calls it.
    """
    latest = next((each for each in there if text(each, name) == status.context), None)
    return (
        latest is not None
        and maybe_text(latest, "description") == status.description
        and text(latest, key) == state
    )
