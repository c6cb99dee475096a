"""`review`: say what was found where a change is reviewed."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from migration_lint.cli.output import complain, print_text
from migration_lint.cli.usage import CommandGroup, OneOf
from migration_lint.errors import CannotJudge, MissingExtra, Problem
from migration_lint.named_tuple import NamedTuple
from migration_lint.severity import SEVERITIES, Severity

if TYPE_CHECKING:
    from migration_lint.review.findings import Given
    from migration_lint.review.github import Event
    from migration_lint.review.host import Tally
    from migration_lint.review.target import HostKind
    from migration_lint.review.transport import Request

CANNOT_WRITE = 2  # an exit status


class Shared(NamedTuple):
    """What is given for every host."""

    report: str
    commit: str | None
    api: str | None
    name: str
    most: int
    least: Severity
    status: bool
    seconds: int
    dry_run: bool
    owners: tuple[str, ...]


def _shared(command: Callable[..., int]) -> Callable[..., int]:
    """The options of every host, which the command gets as one."""

    @wraps(command)
    def gathered(**given: Any) -> int:
        return command(Shared(**{each: given.pop(each) for each in Shared._fields}), **given)

    made: Callable[..., int] = gathered
    for option in (
        click.option("--owner", "owners", metavar="CONTRACT=LOGIN", multiple=True,
                     help="Who owns a contract: what they approve is offered as an acknowledgement in it."),
        click.option("--dry-run", is_flag=True,
                     help="Print the requests that would write, as JSON, one a line, and send none."),
        click.option("--timeout", "seconds", metavar="SECONDS", type=click.IntRange(1, 86_400), default=300,
                     show_default=True, help="How long this may take, waits for rate limits included."),
        click.option("--name", metavar="NAME", default="migration-lint", show_default=True,
                     help="Tells several reviews of one request apart."),
        click.option("--most", metavar="NUMBER", type=click.IntRange(0), default=100, show_default=True,
                     help="How many findings get a comment of their own, the gravest; 0: the summary alone."),
        click.option("--least", type=OneOf(SEVERITIES), default="info", show_default=True,
                     help="The least severity that gets a comment of its own."),
        click.option("--status", is_flag=True, help="Set a commit status, too."),
        click.option("--api-url", "api", metavar="URL", help="The host's API.  [default: the CI's]"),
        click.option("--commit", metavar="SHA",
                     help="The commit that the report was made for.  [default: the CI's]"),
        click.option("--report", metavar="FILE", required=True,
                     help="The output of check --format json; - for standard input."),
    ):  # fmt: skip
        made = option(made)
    return made


def _labels(command: Callable[..., int]) -> Callable[..., int]:
    """The option of hosts that say who has set a label."""
    option = click.option("--acknowledge-label", "labels", metavar="CONTRACT=LABEL", multiple=True,
                          help="A label that counts as an approval where an owner has set it.")  # fmt: skip
    return option(command)


def _pull_request(default: str) -> Callable[[Callable[..., int]], Callable[..., int]]:
    return click.option("--pull-request", "number", metavar="NUMBER", type=click.IntRange(1),
                        help=f"[default: {default}]")  # fmt: skip


@click.group(cls=CommandGroup)
def review() -> None:
    """Write a report as comments on a pull or merge request.

    Reads a report that was made elsewhere, so that the token and the change under review never meet. Run
    again, it repeats nothing, updates what changed and resolves what is fixed. Needs the extra [review].
    Nothing is written unless the commit that was judged is the request's head, or a merge of it. Exit status:
    0 when the comments say what the report says, 2 when some of them could not be made to.
    """


@review.command()
@_shared
@click.option("--repository", metavar="OWNER/NAME", help="[default: GITHUB_REPOSITORY]")
@_pull_request("the one of the event")
@click.option("--event", type=OneOf(["comment", "request-changes"]), default="comment",
              show_default=True, help="What a report that fails does to the pull request.")  # fmt: skip
@click.option("--check-run", is_flag=True, help="Make a check run with annotations, too.")
@_labels
def github(
    shared: Shared,
    repository: str | None,
    number: int | None,
    event: Event,
    check_run: bool,
    labels: tuple[str, ...],
) -> int:
    """Comment on a pull request, with the token in GITHUB_TOKEN.

    The token needs pull-requests: write, checks: write for --check-run, statuses: write for --status, and
    contents: write where it is to resolve threads and not only to close them. For
    --acknowledge-label it needs issues: read, and contents: read where the branch is: a label counts from the
    push on.
    """
    return _review("github", shared, repository, number, event=event, check_run=check_run, labels=labels)


@review.command()
@_shared
@click.option("--repository", metavar="OWNER/NAME", help="[default: GITHUB_REPOSITORY]")
@_pull_request("the one of the event")
@_labels
def gitea(shared: Shared, repository: str | None, number: int | None, labels: tuple[str, ...]) -> int:
    """Comment on a pull request on Gitea or Forgejo, with the token in GITEA_TOKEN or FORGEJO_TOKEN.

    The token needs the scopes read:user, write:issue and write:repository.
    """
    return _review("gitea", shared, repository, number, labels=labels)


@review.command()
@_shared
@click.option("--project", metavar="ID", help="Its number or path.  [default: the merge request's]")
@click.option("--merge-request", "number", metavar="NUMBER", type=click.IntRange(1),
              help="[default: CI_MERGE_REQUEST_IID]")  # fmt: skip
@_labels
def gitlab(shared: Shared, project: str | None, number: int | None, labels: tuple[str, ...]) -> int:
    """Comment on a merge request, with the token in GITLAB_TOKEN, which needs the scope api."""
    return _review("gitlab", shared, project, number, labels=labels)


@review.command()
@_shared
@click.option("--repository", metavar="WORKSPACE/NAME",
              help="[default: BITBUCKET_WORKSPACE/BITBUCKET_REPO_SLUG]")  # fmt: skip
@_pull_request("BITBUCKET_PR_ID")
@click.option("--code-insights", "check_run", is_flag=True, help="Make a report with annotations, too.")
def bitbucket(shared: Shared, repository: str | None, number: int | None, check_run: bool) -> int:
    """Comment on a pull request on Bitbucket Cloud, with the token in BITBUCKET_TOKEN.

    It is an access token of the repository, or an API token as EMAIL:TOKEN, and needs to read the repository,
    and to read and write pull requests; for --status and --code-insights, to write the repository. To tell
    its own comments it reads the user; a token that may not do so has its user's UUID in BITBUCKET_USER_UUID.
    """
    return _review("bitbucket", shared, repository, number, check_run=check_run)


@review.command("azure-devops")
@_shared
@click.option("--project", metavar="NAME", help="[default: SYSTEM_TEAMPROJECT]")
@click.option("--repository", metavar="NAME", help="Or its id.  [default: BUILD_REPOSITORY_ID]")
@_pull_request("SYSTEM_PULLREQUEST_PULLREQUESTID")
def azure_devops(shared: Shared, project: str | None, repository: str | None, number: int | None) -> int:
    """Comment on a pull request in Azure Repos, with the token in SYSTEM_ACCESSTOKEN.

    The build service needs the right to contribute to pull requests. A personal access token, in
    AZURE_DEVOPS_EXT_PAT, needs the scope Code (read & write), with --status also Code (status).
    """
    return _review("azure-devops", shared, repository, number, project=project)


def _review(
    kind: HostKind,
    shared: Shared,
    repository: str | None,
    number: int | None,
    *,
    project: str | None = None,
    event: Event = "comment",
    check_run: bool = False,
    labels: tuple[str, ...] = (),
) -> int:
    given = _read(shared.report)
    from migration_lint.review.owners import owners_of
    from migration_lint.review.place import Policy
    from migration_lint.review.target import RequestOptions, target_of

    asked = RequestOptions(repository, number, shared.commit, shared.api, shared.name, project)
    target = target_of(kind, asked, os.environ)
    owners = owners_of(kind, shared.owners, labels)
    try:
        from migration_lint.review.dispatch import WantedReview, conduct
    except ModuleNotFoundError as error:
        raise _missing(error) from None
    wanted = WantedReview(Policy(shared.most, shared.least), owners, shared.status, event, check_run)
    dry = _print_request if shared.dry_run else None
    return _tell(conduct(kind, given, target, wanted, shared.seconds, dry), shared.dry_run)


def _read(path: str) -> Given:
    from migration_lint.review.findings import LARGEST, read_findings

    try:
        if path == "-":
            return read_findings(sys.stdin.buffer.read(LARGEST + 1), "standard input")
        with open(path, "rb") as file:
            return read_findings(file.read(LARGEST + 1), path)
    except OSError as error:
        raise CannotJudge(Problem(f"the report cannot be read: {error.strerror}", path)) from None


def _missing(error: ModuleNotFoundError) -> Exception:
    return MissingExtra("review", "a review") if error.name == "httpx" else error


def _print_request(request: Request) -> None:
    import json

    print_text(json.dumps(request._asdict()) + "\n")


def _tell(tally: Tally, dry_run: bool) -> int:
    """One line that counts, on standard error where standard output has the requests."""
    from migration_lint.report.screen import visible

    done = [
        f"{number} {noun}{'' if number == 1 else 's'} {verb}"
        for number, noun, verb in (
            (tally.posted, "comment", "posted"),
            (tally.updated, "comment", "updated"),
            (tally.resolved, "comment", "resolved"),
            (tally.deleted, "repeated comment", "deleted"),
        )
        if number
    ]
    if tally.closed:
        done.append(f"{tally.closed} comment{'' if tally.closed == 1 else 's'} closed, not resolved")
    done += [f"summary {tally.summary}"] if tally.summary else []
    done += ["check run made"] if tally.check_run else []
    done += [f"commit status: {tally.status}"] if tally.status else []
    for note in tally.notes:
        click.echo(f"note: {visible(note)}", err=True)
    line = ", ".join(done) or "nothing to write"
    click.echo(f"would do, and nothing is sent: {line}" if dry_run else line, err=dry_run)
    complain(tally.problems)
    return CANNOT_WRITE if tally.problems else 0
