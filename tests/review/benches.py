"""A review on any host, run in this process as the command runs it, without waiting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, NamedTuple

from migration_lint.review.bitbucket_markup import from_bitbucket, to_bitbucket
from migration_lint.review.findings import read_findings
from migration_lint.review.host import Tally
from migration_lint.review.place import USUAL
from migration_lint.review.run import Wanted, conduct
from migration_lint.review.target import Asked, target_of
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
class GitHubBench:
    """A pull request, and the reviews of it."""

    kind: Literal["github"] = "github"
    ann: str = "ann"  # as the host calls a person
    optional: frozenset[str] = frozenset({"patch", "in_reply_to_id", "line"})
    suggestions: int = 2  # that the usual report comes to
    host: github_host.GitHubHost = field(default_factory=lambda: github_host.GitHubHost(dict(FILES)))
    time: Time = field(default_factory=Time)
    commit: str = HEAD  # what CI says was pushed

    def review(self, report: bytes, environ: Mapping[str, str] = {}, **options: Any) -> Tally:
        """Make the comments say what a report says; `options` are those of the command."""
        asked = Asked(
            number=7,
            commit=options.pop("commit", self.commit),
            name=options.pop("name", "migration-lint"),
        )
        return reviewed(self, report, asked, environ, options)

    def lines(self) -> list[Said]:
        """What stands on lines, in the order in which it was said."""
        return [
            Said(each.path, each.line, each.body, each.resolved)
            for each in self.host.comments
            if each.reply_to is None
        ]

    def summaries(self) -> list[str]:
        """What stands below the whole request."""
        return [each.body for each in self.host.issue]

    def interrupt(self, bodies: list[str]) -> None:
        """Somebody else says the same things, on a line and below the request."""
        for body in bodies:
            self.host.comments.append(github_host.Comment(1, "mallory", body, "a", 1, commit="0" * 40))
            self.host.issue.append(github_host.Comment(2, "mallory", body))

    def copy_lines(self, by: int = 1_000) -> None:
        """Everything on lines stands there twice."""
        self.host.comments += [
            github_host.Comment(each.id + by, each.user, each.body, each.path, each.line)
            for each in self.host.comments
        ]

    def change_files(self, files: dict[str, Change]) -> None:
        """The change is another one; comments follow their lines."""
        self.host.push(files, self.host.head)

    def push(self, files: dict[str, Change], head: str) -> None:
        """Somebody pushes, and CI runs."""
        self.host.push(files, head)
        self.commit = head

    def statuses(self) -> list[tuple[str, str, str]]:
        """What commits were said to be: the check, the word for it, and more."""
        words = {"failed": "failure", "FAILED": "failure", "succeeded": "success", "SUCCESSFUL": "success"}
        return [
            (each["context"], words.get(each["state"], each["state"]), each["description"])
            for each in self.host.statuses
        ]

    def close(self) -> None:
        """The request is merged, or given up."""
        self.host.state = "closed"

    def commit_more(self) -> None:
        """Somebody pushes, and CI does not run yet."""
        self.host.head = "9" * 40

    def reply(self, place: int, body: str) -> None:
        """Somebody answers the n-th comment."""
        head = [each for each in self.host.comments if each.reply_to is None][place]
        self.host.comments.append(
            github_host.Comment(head.id + 5_000, "ann", body, head.path, head.line, reply_to=head.id)
        )

    def resolve(self, place: int) -> None:
        """Somebody resolves the n-th thread."""
        comment = [each for each in self.host.comments if each.reply_to is None][place]
        comment.resolved, comment.resolver = True, "ann"

    def other_token(self) -> None:
        """From now on, the token stands for another bot."""
        self.host.viewer = "lint-app[bot]"


@dataclass
class GitLabBench:
    """A merge request, and the reviews of it."""

    kind: Literal["gitlab"] = "gitlab"
    ann: str = "user13"  # as the host calls a person
    optional: frozenset[str] = frozenset({"resolved", "resolved_by"})  # keys that its answers need not have
    suggestions: int = 2  # that the usual report comes to
    host: gitlab_host.GitLabHost = field(default_factory=lambda: gitlab_host.GitLabHost(dict(FILES)))
    time: Time = field(default_factory=Time)

    def review(self, report: bytes, environ: Mapping[str, str] = {}, **options: Any) -> Tally:
        """Make the notes say what a report says; `options` are those of the command."""
        asked = Asked(commit=options.pop("commit", None), name=options.pop("name", "migration-lint"))
        return reviewed(self, report, asked, environ, options)

    def lines(self) -> list[Said]:
        """What stands on lines, in the order in which it was said."""
        return [
            Said(
                each.position["new_path"],
                each.position["new_line"] if each.position["head_sha"] == self.host.head else None,
                each.body,
                each.resolved,
            )
            for each in self.host.notes
            if each.position and each.reply_to is None
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

    def statuses(self) -> list[tuple[str, str, str]]:
        """What commits were said to be: the check, the word for it, and more."""
        words = {"failed": "failure", "FAILED": "failure", "succeeded": "success", "SUCCESSFUL": "success"}
        return [
            (each["name"], words.get(each["status"], each["status"]), each["description"])
            for each in self.host.statuses
        ]

    def close(self) -> None:
        """The request is merged, or given up."""
        self.host.state = "closed"

    def commit_more(self) -> None:
        """Somebody pushes, and CI does not run yet."""
        self.host.head = "9" * 40

    def reply(self, place: int, body: str) -> None:
        """Somebody answers the n-th note."""
        head = [each for each in self.host.notes if each.position and each.reply_to is None][place]
        self.host.notes.append(gitlab_host.Note(head.id + 5_000, 13, body, head.position, reply_to=head.id))

    def resolve(self, place: int) -> None:
        """Somebody resolves the n-th thread."""
        note = [each for each in self.host.notes if each.position and each.reply_to is None][place]
        note.resolved, note.resolver = True, 13

    def other_token(self) -> None:
        """From now on, the token stands for another bot."""
        self.host.developers |= {41}
        self.host.viewer = 42


@dataclass
class GiteaBench:
    """A pull request on Gitea, and the reviews of it."""

    kind: Literal["gitea"] = "gitea"
    ann: str = "ann"  # as the host calls a person
    optional: frozenset[str] = frozenset()  # keys that its answers need not have
    suggestions: int = 0  # that the usual report comes to
    host: gitea_host.GiteaHost = field(default_factory=lambda: gitea_host.GiteaHost(dict(FILES)))
    time: Time = field(default_factory=Time)
    commit: str = HEAD  # what CI says was pushed

    def review(self, report: bytes, environ: Mapping[str, str] = {}, **options: Any) -> Tally:
        """Make the comments say what a report says; `options` are those of the command."""
        asked = Asked(
            number=7,
            commit=options.pop("commit", self.commit),
            name=options.pop("name", "migration-lint"),
        )
        return reviewed(self, report, asked, environ, options)

    def lines(self) -> list[Said]:
        """What stands on lines, in the order in which it was said."""
        return [
            Said(each.path, each.line, each.body, each.resolved)
            for each in self.host.comments
            if each.reply_to is None
        ]

    def summaries(self) -> list[str]:
        """What stands below the whole request."""
        return [each.body for each in self.host.issue]

    def interrupt(self, bodies: list[str]) -> None:
        """Somebody else says the same things, on a line and below the request."""
        for body in bodies:
            self.host.reviews.append(gitea_host.Review(1, "mallory", body, "COMMENT"))
            self.host.comments.append(gitea_host.Comment(1, "mallory", body, 1, "a", 1, line=1))
            self.host.issue.append(gitea_host.Comment(2, "mallory", body))

    def copy_lines(self, by: int = 1_000) -> None:
        """Everything on lines stands there twice."""
        self.host.comments += [replace(each, id=each.id + by) for each in self.host.comments]

    def change_files(self, files: dict[str, Change]) -> None:
        """The change is another one; comments stay at their numbers."""
        self.host.push(files, self.host.head)

    def push(self, files: dict[str, Change], head: str) -> None:
        """Somebody pushes, and CI runs."""
        self.host.push(files, head)
        self.commit = head

    def statuses(self) -> list[tuple[str, str, str]]:
        """What commits were said to be: the check, the word for it, and more."""
        words = {"failed": "failure", "FAILED": "failure", "succeeded": "success", "SUCCESSFUL": "success"}
        return [
            (each["context"], words.get(each["status"], each["status"]), each["description"])
            for each in self.host.statuses
        ]

    def close(self) -> None:
        """The request is merged, or given up."""
        self.host.state = "closed"

    def commit_more(self) -> None:
        """Somebody pushes, and CI does not run yet."""
        self.host.head = "9" * 40

    def reply(self, place: int, body: str) -> None:
        """Somebody answers the n-th comment."""
        head = [each for each in self.host.comments if each.reply_to is None][place]
        self.host.comments.append(replace(head, id=head.id + 5_000, user="ann", body=body, reply_to=head.id))

    def resolve(self, place: int) -> None:
        """Somebody resolves the n-th thread."""
        [each for each in self.host.comments if each.reply_to is None][place].resolver = "ann"

    def other_token(self) -> None:
        """From now on, the token stands for another bot."""
        self.host.viewer = "other-bot"


@dataclass
class BitbucketBench:
    """A pull request on Bitbucket Cloud, and the reviews of it."""

    kind: Literal["bitbucket"] = "bitbucket"
    ann: str = ANN  # as the host calls a person
    optional: frozenset[str] = frozenset(
        {"update", "approval", "inline", "resolution"}
    )  # keys that its answers need not have
    suggestions: int = 0  # that the usual report comes to
    host: bitbucket_host.BitbucketHost = field(
        default_factory=lambda: bitbucket_host.BitbucketHost(dict(FILES))
    )
    time: Time = field(default_factory=Time)
    commit: str = HEAD  # what CI says was pushed

    def review(self, report: bytes, environ: Mapping[str, str] = {}, **options: Any) -> Tally:
        """Make the comments say what a report says; `options` are those of the command."""
        asked = Asked(
            api=self.host.environ.get("BITBUCKET", self.host.server.url),
            commit=options.pop("commit", self.commit),
            name=options.pop("name", "migration-lint"),
        )
        return reviewed(self, report, asked, environ, options)

    def lines(self) -> list[Said]:
        """What stands on lines, in the order in which it was said."""
        return [
            Said(each.path, each.line, from_bitbucket(each.body), each.resolved)
            for each in self.host.comments
            if each.reply_to is None and each.path
        ]

    def summaries(self) -> list[str]:
        """What stands below the whole request."""
        return [from_bitbucket(each.body) for each in self.host.comments if not each.path]

    def interrupt(self, bodies: list[str]) -> None:
        """Somebody else says the same things, on a line and below the request."""
        for body in bodies:
            self.host.comments.append(bitbucket_host.Comment(1, STRANGER, to_bitbucket(body), "a", 1, line=1))
            self.host.comments.append(bitbucket_host.Comment(2, STRANGER, to_bitbucket(body)))

    def copy_lines(self, by: int = 1_000) -> None:
        """Everything on lines stands there twice."""
        self.host.comments += [replace(each, id=each.id + by) for each in self.host.comments if each.path]

    def change_files(self, files: dict[str, Change]) -> None:
        """The change is another one; comments stay at their numbers."""
        self.host.push(files, self.host.head)

    def push(self, files: dict[str, Change], head: str) -> None:
        """Somebody pushes, and CI runs."""
        self.host.push(files, head)
        self.commit = head

    def statuses(self) -> list[tuple[str, str, str]]:
        """What commits were said to be: the check, the word for it, and more."""
        words = {"failed": "failure", "FAILED": "failure", "succeeded": "success", "SUCCESSFUL": "success"}
        return [
            (each["name"], words.get(each["state"], each["state"]), each["description"])
            for each in self.host.statuses
        ]

    def close(self) -> None:
        """The request is merged, or given up."""
        self.host.state = "MERGED"

    def commit_more(self) -> None:
        """Somebody pushes, and CI does not run yet."""
        self.host.head = "9" * 40

    def reply(self, place: int, body: str) -> None:
        """Somebody answers the n-th comment."""
        head = [each for each in self.host.comments if each.reply_to is None and each.path][place]
        self.host.comments.append(replace(head, id=head.id + 5_000, user=ANN, body=body, reply_to=head.id))

    def resolve(self, place: int) -> None:
        """Somebody resolves the n-th thread."""
        [each for each in self.host.comments if each.reply_to is None and each.path][place].resolver = ANN

    def other_token(self) -> None:
        """From now on, the token stands for another bot."""
        self.host.viewer = "{00000000-0000-0000-0000-000000000042}"


@dataclass
class AzureDevOpsBench:
    """A pull request in Azure Repos, and the reviews of it."""

    kind: Literal["azure-devops"] = "azure-devops"
    ann: str = "ann@example.org"  # as the host calls a person
    #: Keys that its answers need not have.
    optional: frozenset[str] = frozenset({
        "genre", "iterationId", "uniqueName", "descriptor", "properties", "identities",
        "CodeReviewThreadType", "CodeReviewVotedByIdentity", "CodeReviewVoteResult",
    })  # fmt: skip
    suggestions: int = 2  # that the usual report comes to
    host: azure_devops_host.AzureDevOpsHost = field(
        default_factory=lambda: azure_devops_host.AzureDevOpsHost(dict(FILES))
    )
    time: Time = field(default_factory=Time)
    commit: str = HEAD  # what CI says was pushed

    def review(self, report: bytes, environ: Mapping[str, str] = {}, **options: Any) -> Tally:
        """Make the comments say what a report says; `options` are those of the command."""
        asked = Asked(
            commit=options.pop("commit", self.commit),
            name=options.pop("name", "migration-lint"),
        )
        return reviewed(self, report, asked, environ, options)

    def lines(self) -> list[Said]:
        """What stands on lines, in the order in which it was said."""
        return [
            Said(each.path, each.line, each.body, each.resolved)
            for each in self.host.comments
            if each.reply_to is None and each.path
        ]

    def summaries(self) -> list[str]:
        """What stands below the whole request."""
        return [each.body for each in self.host.comments if not each.path]

    def interrupt(self, bodies: list[str]) -> None:
        """Somebody else says the same things, on a line and below the request."""
        for body in bodies:
            self.host.comments.append(azure_devops_host.Comment(1, STRANGER, body, "a", 1, 1))
            self.host.comments.append(azure_devops_host.Comment(2, STRANGER, body))

    def copy_lines(self, by: int = 1_000) -> None:
        """Everything on lines stands there twice."""
        self.host.comments += [replace(each, id=each.id + by) for each in self.host.comments if each.path]

    def change_files(self, files: dict[str, Change]) -> None:
        """The change is another one; comments stay at their numbers."""
        self.host.push(files, self.host.head)

    def push(self, files: dict[str, Change], head: str) -> None:
        """Somebody pushes, and CI runs."""
        self.host.push(files, head)
        self.commit = head

    def statuses(self) -> list[tuple[str, str, str]]:
        """What commits were said to be: the check, the word for it, and more."""
        words = {"failed": "failure", "FAILED": "failure", "succeeded": "success", "SUCCESSFUL": "success"}
        return [
            (each["context"]["name"], words.get(each["state"], each["state"]), each["description"])
            for each in self.host.statuses
        ]

    def close(self) -> None:
        """The request is merged, or given up."""
        self.host.state = "completed"

    def commit_more(self) -> None:
        """Somebody pushes, and CI does not run yet."""
        self.host.head = "9" * 40

    def reply(self, place: int, body: str) -> None:
        """Somebody answers the n-th comment."""
        head = [each for each in self.host.comments if each.reply_to is None and each.path][place]
        self.host.comments.append(replace(head, id=head.id + 5_000, user=ANN, body=body, reply_to=head.id))

    def resolve(self, place: int) -> None:
        """Somebody resolves the n-th thread."""
        [each for each in self.host.comments if each.reply_to is None and each.path][place].status = "fixed"

    def other_token(self) -> None:
        """From now on, the token stands for another bot."""
        self.host.viewer = "00000000-0000-0000-0000-000000000042"
        self.host.services |= {self.host.viewer}


def reviewed(
    bench: Bench, report: bytes, asked: Asked, environ: Mapping[str, str], options: dict[str, Any]
) -> Tally:
    """One run, with what is given besides: parts of `Wanted`, and how it is run."""
    target = target_of(bench.kind, asked, {**bench.host.environ, **environ})
    how = {"seconds": 300.0, "clock": bench.time.clock()}
    how |= {each: options.pop(each) for each in ("seconds", "clock", "dry") if each in options}
    wanted = Wanted(options.pop("policy", USUAL), **options)
    return conduct(bench.kind, read_findings(report, "report.json"), target, wanted, **how)


Bench = GitHubBench | GitLabBench | GiteaBench | BitbucketBench | AzureDevOpsBench


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
