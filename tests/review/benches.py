"""A review on any host, run in this process as the command runs it, without waiting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, NamedTuple

from migration_lint.review.bitbucket_markup import from_bitbucket, to_bitbucket
from migration_lint.review.dispatch import WantedReview, conduct
from migration_lint.review.findings import read_findings
from migration_lint.review.host import Tally
from migration_lint.review.place import USUAL
from migration_lint.review.target import HostKind, RequestOptions, target_of
from migration_lint.review.transport import Clock, Request

from . import azure_devops_host, bitbucket_host, gitea_host, github_host, gitlab_host
from .diffs import Change
from .samples import FILES, HEAD

STRANGER = "{00000000-0000-0000-0000-0000000000ff}"
ANN = "{00000000-0000-0000-0000-000000000013}"


class Said(NamedTuple):
    """A comment on a line, as people see it."""

    path: str
    line: int | None
    body: str
    resolved: bool


@dataclass
class Time:
    """A clock that nobody has to wait for."""

    seconds: float = 1_000_000.0
    waits: list[float] = field(default_factory=list)

    def clock(self) -> Clock:
        return Clock(lambda: self.seconds, self._sleep, lambda: 0.5)

    def _sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.seconds += seconds


@dataclass
class RequestBench:
    """A request for review, and the reviews of it: what is the same on most hosts."""

    kind: ClassVar[HostKind]
    ended: ClassVar[str] = "closed"  # the state of a request that is merged, or given up
    said_in: ClassVar[tuple[str, str]] = ("context", "state")  # a status's keys: the check, the word for it
    optional: ClassVar[frozenset[str]] = frozenset()  # keys that its answers need not have
    suggestions: ClassVar[int] = 2  # that the usual report comes to
    other: ClassVar[str]  # the bot whom another token stands for
    someone: ClassVar[str] = "ann"  # a person who works on the repository
    ann: ClassVar[str] = "ann"  # an owner, as the host calls a person
    number: ClassVar[int | None] = None  # where no variable of the CI has it

    host: Any = None
    time: Time = field(default_factory=Time)
    commit: str | None = HEAD  # what CI says was pushed

    def review(self, report: bytes, environ: Mapping[str, str] = {}, **options: Any) -> Tally:
        """Make the comments say what a report says; `options` are those of the command."""
        asked = RequestOptions(
            number=self.number,
            commit=options.pop("commit", self.commit),
            api=self.api(),
            name=options.pop("name", "migration-lint"),
        )
        return reviewed(self, report, asked, environ, options)

    def api(self) -> str | None:
        """The API's address, where no variable of the CI has it."""
        return None

    def beginnings(self) -> list[Any]:
        """The comments on lines that are no replies, in the order in which they were said."""
        return [each for each in self.host.comments if each.reply_to is None and each.path]

    def lines(self) -> list[Said]:
        """What stands on lines, in the order in which it was said."""
        return [Said(each.path, each.line, each.body, each.resolved) for each in self.beginnings()]

    def summaries(self) -> list[str]:
        """What stands below the whole request."""
        return [each.body for each in self.host.comments if not each.path]

    def copy_lines(self, by: int = 1_000) -> None:
        """Everything on lines stands there twice."""
        self.host.comments += [replace(each, id=each.id + by) for each in self.host.comments if each.path]

    def change_files(self, files: dict[str, Change]) -> None:
        """The change is another one; comments go where the host takes them."""
        self.host.push(files, self.host.head)

    def push(self, files: dict[str, Change], head: str) -> None:
        """Somebody pushes, and CI runs."""
        self.host.push(files, head)
        self.commit = head

    def statuses(self) -> list[tuple[str, str, str]]:
        """What commits were said to be: the check, the word for it, and more."""
        words = {"failed": "failure", "FAILED": "failure", "succeeded": "success", "SUCCESSFUL": "success"}
        name, state = self.said_in
        return [
            (each[name], words.get(each[state], each[state]), each["description"])
            for each in self.host.statuses
        ]

    def close(self) -> None:
        """The request is merged, or given up."""
        self.host.state = self.ended

    def commit_more(self) -> None:
        """Somebody pushes, and CI does not run yet."""
        self.host.head = "9" * 40

    def reply(self, place: int, body: str) -> None:
        """Somebody answers the n-th comment."""
        head = self.beginnings()[place]
        self.host.comments.append(
            replace(head, id=head.id + 5_000, user=self.someone, body=body, reply_to=head.id)
        )

    def resolve(self, place: int) -> None:
        """Somebody resolves the n-th thread."""
        self.beginnings()[place].resolver = self.someone

    def other_token(self) -> None:
        """From now on, the token stands for another bot."""
        self.host.viewer = self.other


@dataclass
class GitHubBench(RequestBench):
    """A pull request, and the reviews of it."""

    kind = "github"
    optional = frozenset({"patch", "in_reply_to_id", "line"})
    other = "lint-app[bot]"
    number = 7

    host: github_host.GitHubHost = field(default_factory=lambda: github_host.GitHubHost(dict(FILES)))

    def summaries(self) -> list[str]:
        """What stands below the whole request."""
        return [each.body for each in self.host.issue]

    def interrupt(self, bodies: list[str]) -> None:
        """Somebody else says the same things, on a line and below the request."""
        for body in bodies:
            self.host.comments.append(github_host.Comment(1, "mallory", body, "a", 1, commit="0" * 40))
            self.host.issue.append(github_host.Comment(2, "mallory", body))

    def copy_lines(self, by: int = 1_000) -> None:
        """Everything on lines stands there twice, the copies in threads of their own."""
        self.host.comments += [
            github_host.Comment(each.id + by, each.user, each.body, each.path, each.line)
            for each in self.host.comments
        ]

    def reply(self, place: int, body: str) -> None:
        """Somebody answers the n-th comment."""
        head = self.beginnings()[place]
        self.host.comments.append(
            github_host.Comment(head.id + 5_000, self.someone, body, head.path, head.line, reply_to=head.id)
        )

    def resolve(self, place: int) -> None:
        """Somebody resolves the n-th thread."""
        super().resolve(place)
        self.beginnings()[place].resolved = True


@dataclass
class GitLabBench(RequestBench):
    """A merge request, and the reviews of it."""

    kind = "gitlab"
    said_in = ("name", "status")
    ann = "user13"
    optional = frozenset({"resolved", "resolved_by"})

    host: gitlab_host.GitLabHost = field(default_factory=lambda: gitlab_host.GitLabHost(dict(FILES)))
    commit: str | None = None  # a variable of the CI has it

    def beginnings(self) -> list[Any]:
        """The notes on lines that are no replies, in the order in which they were said."""
        return [each for each in self.host.notes if each.position and each.reply_to is None]

    def lines(self) -> list[Said]:
        """What stands on lines, in the order in which it was said."""
        return [
            Said(
                each.position["new_path"],
                each.position["new_line"] if each.position["head_sha"] == self.host.head else None,
                each.body,
                each.resolved,
            )
            for each in self.beginnings()
        ]

    def summaries(self) -> list[str]:
        """What stands below the whole request."""
        return [each.body for each in self.host.notes if not each.position]

    def interrupt(self, bodies: list[str]) -> None:
        """Somebody else says the same things, on a line and below the request."""
        position = {**gitlab_host.COMMITS, "position_type": "text", "new_path": "a", "new_line": 1}
        for body in bodies:
            self.host.notes.append(gitlab_host.Note(1, 13, body, position))
            self.host.notes.append(gitlab_host.Note(2, 13, body))

    def copy_lines(self, by: int = 1_000) -> None:
        """Everything on lines stands there twice."""
        self.host.notes += [
            gitlab_host.Note(each.id + by, each.author, each.body, each.position)
            for each in self.host.notes
            if each.position
        ]

    def change_files(self, files: dict[str, Change]) -> None:
        """The change is another one; notes follow their lines."""
        head = self.host.head
        self.host.push(files, "0" * 40)
        self.host.head = head
        self.host.environ["CI_MERGE_REQUEST_SOURCE_BRANCH_SHA"] = head
        for each in self.host.notes:
            if each.position:
                ends = {"0" * 40: head, head: "c" * 40}
                each.position = {**each.position, "head_sha": ends.get(each.position["head_sha"], "c" * 40)}

    def push(self, files: dict[str, Change], head: str) -> None:
        """Somebody pushes, and CI runs."""
        self.host.push(files, head)

    def reply(self, place: int, body: str) -> None:
        """Somebody answers the n-th note."""
        head = self.beginnings()[place]
        self.host.notes.append(gitlab_host.Note(head.id + 5_000, 13, body, head.position, reply_to=head.id))

    def resolve(self, place: int) -> None:
        """Somebody resolves the n-th thread."""
        note = self.beginnings()[place]
        note.resolved, note.resolver = True, 13

    def other_token(self) -> None:
        """From now on, the token stands for another bot."""
        self.host.developers |= {41}
        self.host.viewer = 42


@dataclass
class GiteaBench(RequestBench):
    """A pull request on Gitea, and the reviews of it."""

    kind = "gitea"
    said_in = ("context", "status")
    suggestions = 0
    other = "other-bot"
    number = 7

    host: gitea_host.GiteaHost = field(default_factory=lambda: gitea_host.GiteaHost(dict(FILES)))

    def summaries(self) -> list[str]:
        """What stands below the whole request."""
        return [each.body for each in self.host.issue]

    def interrupt(self, bodies: list[str]) -> None:
        """Somebody else says the same things, on a line and below the request."""
        for body in bodies:
            self.host.reviews.append(gitea_host.Review(1, "mallory", body, "COMMENT"))
            self.host.comments.append(gitea_host.Comment(1, "mallory", body, 1, "a", 1, line=1))
            self.host.issue.append(gitea_host.Comment(2, "mallory", body))


@dataclass
class BitbucketBench(RequestBench):
    """A pull request on Bitbucket Cloud, and the reviews of it."""

    kind = "bitbucket"
    ended = "MERGED"
    said_in = ("name", "state")
    suggestions = 0
    other = "{00000000-0000-0000-0000-000000000042}"
    someone = ANN
    ann = ANN
    optional = frozenset({"update", "approval", "inline", "resolution"})

    host: bitbucket_host.BitbucketHost = field(
        default_factory=lambda: bitbucket_host.BitbucketHost(dict(FILES))
    )

    def api(self) -> str | None:
        """The API's address, where no variable of the CI has it."""
        return self.host.environ.get("BITBUCKET", self.host.server.url)

    def lines(self) -> list[Said]:
        """What stands on lines, in the order in which it was said."""
        return [each._replace(body=from_bitbucket(each.body)) for each in super().lines()]

    def summaries(self) -> list[str]:
        """What stands below the whole request."""
        return [from_bitbucket(body) for body in super().summaries()]

    def interrupt(self, bodies: list[str]) -> None:
        """Somebody else says the same things, on a line and below the request."""
        for body in bodies:
            self.host.comments.append(bitbucket_host.Comment(1, STRANGER, to_bitbucket(body), "a", 1, line=1))
            self.host.comments.append(bitbucket_host.Comment(2, STRANGER, to_bitbucket(body)))


@dataclass
class AzureDevOpsBench(RequestBench):
    """A pull request in Azure Repos, and the reviews of it."""

    kind = "azure-devops"
    ended = "completed"
    ann = "ann@example.org"
    optional = frozenset({
        "genre", "iterationId", "uniqueName", "descriptor", "properties", "identities",
        "CodeReviewThreadType", "CodeReviewVotedByIdentity", "CodeReviewVoteResult",
    })  # fmt: skip
    other = "00000000-0000-0000-0000-000000000042"
    someone = ANN

    host: azure_devops_host.AzureDevOpsHost = field(
        default_factory=lambda: azure_devops_host.AzureDevOpsHost(dict(FILES))
    )

    def interrupt(self, bodies: list[str]) -> None:
        """Somebody else says the same things, on a line and below the request."""
        for body in bodies:
            self.host.comments.append(azure_devops_host.Comment(1, STRANGER, body, "a", 1, 1))
            self.host.comments.append(azure_devops_host.Comment(2, STRANGER, body))

    def statuses(self) -> list[tuple[str, str, str]]:
        """What commits were said to be: the check, the word for it, and more."""
        return [(context["name"], state, more) for context, state, more in super().statuses()]

    def resolve(self, place: int) -> None:
        """Somebody resolves the n-th thread."""
        self.beginnings()[place].status = "fixed"

    def other_token(self) -> None:
        """From now on, the token stands for another bot."""
        super().other_token()
        self.host.services |= {self.host.viewer}


def reviewed(
    bench: RequestBench,
    report: bytes,
    asked: RequestOptions,
    environ: Mapping[str, str],
    options: dict[str, Any],
) -> Tally:
    """One run, with what is given besides: parts of `WantedReview`, and how it is run."""
    target = target_of(bench.kind, asked, {**bench.host.environ, **environ})
    how = {"seconds": 300.0, "clock": bench.time.clock()}
    how |= {each: options.pop(each) for each in ("seconds", "clock", "dry") if each in options}
    wanted = WantedReview(options.pop("policy", USUAL), **options)
    return conduct(bench.kind, read_findings(report, "report.json"), target, wanted, **how)


Bench = GitHubBench | GitLabBench | GiteaBench | BitbucketBench | AzureDevOpsBench
BENCHES = {
    "github": GitHubBench,
    "gitlab": GitLabBench,
    "gitea": GiteaBench,
    "bitbucket": BitbucketBench,
    "azure-devops": AzureDevOpsBench,
}


def shown(bench: Bench) -> str:
    """Everything that was said, as a text to keep."""
    said = [
        f"==== {each.path}:{each.line}{' (resolved)' if each.resolved else ''}\n{each.body}\n"
        for each in bench.lines()
    ]
    return "\n".join([*said, *(f"==== summary\n{body}\n" for body in bench.summaries())])


def sent(bench: Bench, start: int = 0) -> list[Request]:
    """The requests that wrote, from the `start`-th request on, without the host."""
    return [
        Request(each.method, each.path, each.body) for each in bench.host.server.log[start:] if each.writes
    ]
