"""Where a review goes, and with which token: from arguments, then from the CI's own variables."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Literal
from urllib.parse import quote, urlsplit

from migration_lint.errors import CannotJudge, Problem
from migration_lint.named_tuple import NamedTuple
from migration_lint.report.screen import visible
from migration_lint.review.marker import digest

_SHA = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_SHORT = re.compile(r"[0-9a-f]{12,40}")
_UUID = re.compile(r"\{[0-9a-f-]{36}\}")
_ANY = re.compile(".+")
_REPOSITORY = re.compile(r"[A-Za-z0-9._-]+/[A-Za-z0-9._-]+")
_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


#: A kind of host.
HostKind = Literal["github", "gitlab", "gitea", "bitbucket", "azure-devops"]


class ReviewTarget(NamedTuple):
    """One request for review. `commit` is the one that the report was made for, its head then."""

    api: str  # a URL without a slash at its end
    graphql: str
    repository: str  # in a path: OWNER/NAME; GitLab: the project; Azure DevOps: all that leads to it
    number: int
    commit: str
    token: str
    name: str
    user: str = ""  # whom the token stands for, where it is told
    project: str = ""  # the judged folder in the repository, as the report has it; "" for its root

    @property
    def scope(self) -> str:
        """What tells this review's comments from those of others on the request."""
        return f"{self.name}/{digest(self.project, length=8)}" if self.project else self.name

    @property
    def title(self) -> str:
        """The name of a check."""
        return f"{self.name} ({visible(self.project)[:100]})" if self.project else self.name

    def __repr__(self) -> str:
        return f"Target({self.repository} {self.number} at {self.api})"


class RequestOptions(NamedTuple):
    """The arguments, each None where it was not given."""

    repository: str | None = None
    number: int | None = None
    commit: str | None = None
    api: str | None = None
    name: str = "migration-lint"
    project: str | None = None  # Azure DevOps: that has the repository


def target_of(kind: HostKind, asked: RequestOptions, environ: Mapping[str, str]) -> ReviewTarget:
    """The request that is to be reviewed. Raises CannotJudge with everything that is missing or wrong."""
    match kind:
        case "github":
            return _github(asked, environ)
        case "gitlab":
            return _gitlab(asked, environ)
        case "gitea":
            return _gitea(asked, environ)
        case "bitbucket":
            return _bitbucket(asked, environ)
        case "azure-devops":
            return _azure_devops(asked, environ)


def _github(asked: RequestOptions, environ: Mapping[str, str]) -> ReviewTarget:
    event = _event(environ)
    api = asked.api or environ.get("GITHUB_API_URL") or "https://api.github.com"
    return _target(
        asked,
        api,
        re.sub(r"(/api)/v3$", r"\1", api.rstrip("/")) + "/graphql",
        asked.repository or environ.get("GITHUB_REPOSITORY"),
        asked.number or _number(event),
        asked.commit or _commit(event),
        _token(environ, "GITHUB_TOKEN", "GH_TOKEN"),
        _Words("--repository", "OWNER/NAME", "--pull-request", "GITHUB_TOKEN"),
    )


def _gitea(asked: RequestOptions, environ: Mapping[str, str]) -> ReviewTarget:
    """Gitea's and Forgejo's runners set the variables of GitHub's."""
    event = _event(environ)
    return _target(
        asked,
        asked.api or environ.get("GITHUB_API_URL") or "",
        "",
        asked.repository or environ.get("GITHUB_REPOSITORY"),
        asked.number or _number(event),
        asked.commit or _commit(event),
        _token(environ, "GITEA_TOKEN", "FORGEJO_TOKEN", "GITHUB_TOKEN"),
        _Words("--repository", "OWNER/NAME", "--pull-request", "GITEA_TOKEN"),
    )


def _gitlab(asked: RequestOptions, environ: Mapping[str, str]) -> ReviewTarget:
    # A pipeline of a fork runs in the fork's project; the request stands in the other one. A pipeline for
    # merged results runs on a commit that no branch has.
    project = environ.get("CI_MERGE_REQUEST_PROJECT_ID") or environ.get("CI_PROJECT_ID")
    commit = environ.get("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA") or environ.get("CI_COMMIT_SHA")
    api = asked.api or environ.get("CI_API_V4_URL") or "https://gitlab.com/api/v4"
    found = _target(
        asked,
        api,
        re.sub(r"/v4$", "", api.rstrip("/")) + "/graphql",
        asked.repository or project,
        asked.number or _decimal(environ, "CI_MERGE_REQUEST_IID"),
        asked.commit or commit,
        _token(environ, "GITLAB_TOKEN"),
        _Words("--project", "the project's number or path", "--merge-request", "GITLAB_TOKEN", _ANY),
    )
    return found._replace(repository=quote(found.repository, safe=""))


def _bitbucket(asked: RequestOptions, environ: Mapping[str, str]) -> ReviewTarget:
    user = environ.get("BITBUCKET_USER_UUID", "")
    named = "/".join(environ.get(f"BITBUCKET_{each}", "") for each in ("WORKSPACE", "REPO_SLUG"))
    found = _target(
        asked,
        asked.api or "https://api.bitbucket.org/2.0",
        "",
        asked.repository or named,
        asked.number or _decimal(environ, "BITBUCKET_PR_ID"),
        asked.commit or environ.get("BITBUCKET_COMMIT"),
        _token(environ, "BITBUCKET_TOKEN"),
        # Pipelines name a commit by its first twelve digits at times: the host is asked for the rest.
        _Words("--repository", "WORKSPACE/NAME", "--pull-request", "BITBUCKET_TOKEN", sha=_SHORT),
        [] if not user or _UUID.fullmatch(user) else
        [Problem("BITBUCKET_USER_UUID holds no UUID", fix="write it as {12345678-…}, or leave it out")],
    )  # fmt: skip
    return found._replace(user=user)


def _azure_devops(asked: RequestOptions, environ: Mapping[str, str]) -> ReviewTarget:
    api = asked.api or environ.get("SYSTEM_COLLECTIONURI") or ""
    project = asked.project or environ.get("SYSTEM_TEAMPROJECT")
    personal = _token(environ, "AZURE_DEVOPS_EXT_PAT")
    found = _target(
        asked,
        api,
        "",
        asked.repository or environ.get("BUILD_REPOSITORY_ID"),
        asked.number or _decimal(environ, "SYSTEM_PULLREQUEST_PULLREQUESTID"),
        asked.commit or environ.get("SYSTEM_PULLREQUEST_SOURCECOMMITID"),
        # One is sent as the password of nobody, the other as it is.
        _token(environ, "SYSTEM_ACCESSTOKEN") or (f":{personal}" if personal else ""),
        _Words("--repository", "the repository's name or id", "--pull-request", "SYSTEM_ACCESSTOKEN", _ANY),
        [] if project and _encodable(project) else
        [Problem("it is not known in which project the repository is", fix="give --project NAME")],
    )  # fmt: skip
    parts = (project or "", "_apis", "git", "repositories", found.repository)
    return found._replace(repository="/".join(quote(each, safe="") for each in parts))


class _Words(NamedTuple):
    """How a host's options are called, and what they hold."""

    whose: str
    what: str
    which: str
    variable: str
    pattern: re.Pattern[str] = _REPOSITORY
    sha: re.Pattern[str] = _SHA


def _target(
    asked: RequestOptions,
    api: str,
    graphql: str,
    repository: str | None,
    number: int | None,
    commit: str | None,
    token: str,
    words: _Words,
    more: Sequence[Problem] = (),
) -> ReviewTarget:
    variable = words.variable
    problems = []
    if not repository or not words.pattern.fullmatch(repository) or not _encodable(repository):
        fix = f"give {words.whose} {words.what}"
        problems.append(Problem("it is not known which repository to review", fix=fix))
    problems += more
    if not number or number < 1:
        problems.append(Problem("it is not known which request to review", fix=f"give {words.which} NUMBER"))
    if not commit or not words.sha.fullmatch(commit):
        fix = "give --commit with its full SHA"
        problems.append(Problem("it is not known for which commit the report was made", fix=fix))
    if not token:
        fix = f"put a token into the environment variable {variable}"
        problems.append(Problem("there is no token to write comments with", fix=fix))
    elif not token.isascii() or not token.isprintable() or " " in token:
        problems.append(Problem(f"{variable} holds no token", fix="see what the variable is set to"))
    if not _usable(api):  # not said here: it may hold a password
        fix = "give --api-url https://…"
        problems.append(Problem("the API's address is none that a token may be sent to", fix=fix))
    if not _NAME.fullmatch(asked.name):
        fix = "use letters, digits, dots, hyphens and underscores, at most 64"
        problems.append(Problem(f"{asked.name!r} is no --name", fix=fix))
    if problems or not (repository and number and commit):
        raise CannotJudge.of(problems)
    return ReviewTarget(api.rstrip("/"), graphql, repository, number, commit, token, asked.name)


def _encodable(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)  # bytes that are not UTF-8


def _usable(url: str) -> bool:
    """Whether nobody on the way can read what is sent there."""
    try:
        parts = urlsplit(url)
        loopback = parts.hostname in _LOOPBACK
    except ValueError:
        return False
    if not parts.hostname or parts.username is not None or parts.query or parts.fragment:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and loopback)


def _token(environ: Mapping[str, str], *variables: str) -> str:
    return next((environ[name].strip() for name in variables if environ.get(name, "").strip()), "")


def _decimal(environ: Mapping[str, str], name: str) -> int | None:
    digits = environ.get(name, "")
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) < 20 else None


def _event(environ: Mapping[str, str]) -> dict[str, object]:
    """What the runner says about the event that started it; nothing where there is no runner."""
    path = environ.get("GITHUB_EVENT_PATH")
    if not path:
        return {}
    try:
        with open(path, encoding="utf-8") as file:
            found = json.load(file)
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _number(event: dict[str, object]) -> int | None:
    number = _within(event, "pull_request", "number")
    return number if isinstance(number, int) else None


def _commit(event: dict[str, object]) -> str | None:
    # A workflow_run is one that another workflow's end has started: its head is what that one judged.
    for keys in (("pull_request", "head", "sha"), ("workflow_run", "head_sha")):
        found = _within(event, *keys)
        if isinstance(found, str):
            return found
    return None


def _within(value: object, *keys: str) -> object:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value
