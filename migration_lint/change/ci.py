"""What a CI system or pre-commit says the change is, told by its environment variables alone.

Facts from the systems' own documentation, and for pre-commit from its source:

- GitHub checks out `refs/pull/N/merge` for pull_request: a merge commit whose first parent is the
  target branch and whose second is the pull request's head. `pull_request.base.sha` in the event is
  the target as it was at the last push to the pull request, so it may be old. pull_request_target
  checks out the target branch itself. In merge_group, `base_sha` is what the group was put on.
- GitLab's merged result and merge train pipelines check out a merge commit like GitHub's; a plain
  merge request pipeline checks out the source branch, and CI_MERGE_REQUEST_DIFF_BASE_SHA is the
  merge base. CI_COMMIT_BEFORE_SHA is all zeros there, and on the first pipeline of a branch.
- Bitbucket merges the target *into* the source branch before it builds.
- pre-commit sets PRE_COMMIT=1 for every hook, and the refs for pre-push and `--from-ref`.
"""

from __future__ import annotations

from collections.abc import Mapping

from migration_lint.errors import Problem
from migration_lint.named_tuple import NamedTuple


class StatedComparison(NamedTuple):
    """What is to be compared, before any of it is looked up. Empty: not said."""

    source: str  # who says so, for messages
    head: str = "HEAD"  # a revision, or "index"
    #: A commit whose files are the base as they are, and the name under which it was told.
    base: str = ""
    base_told_as: str = ""
    #: Branches or commits that the change leaves from: the base is the merge base with all of them.
    targets: tuple[str, ...] = ()
    #: HEAD is a merge that CI made if it is this commit, or if the other is a later parent of it.
    merge_result: str = ""
    merged: str = ""
    #: HEAD is the target, not the change, if it is this commit.
    not_head: str = ""
    #: A push, to this branch; "-" where it is none, such as a tag. `base` is what the branch was before,
    #: and the targets are the default branch, where that is said.
    pushed_to: str = ""
    all_new: bool = False  # there was no branch before
    may_be_empty: bool = False  # a run that changes nothing is ordinary here
    deeper: str = ""  # the setting that clones more history
    trouble: str = ""  # why what tells more could not be read; "" if it could, or if there is nothing

    def problem(self) -> Problem:
        """The trouble, for those who cannot go on because of it."""
        return Problem(f"{self.source}: {self.trouble}", fix="see what writes that file")


def comparison(environ: Mapping[str, str]) -> StatedComparison | None:
    """What the environment says. None: nothing; `Comparison(source)`: it is CI, and says no more."""
    # By hand in CI, `pre-commit run --from-ref` is the more exact word.
    before = environ.get("PRE_COMMIT_FROM_REF") or environ.get("PRE_COMMIT_ORIGIN", "")
    after = environ.get("PRE_COMMIT_TO_REF") or environ.get("PRE_COMMIT_SOURCE", "")
    if before and after:
        said = StatedComparison("pre-commit", head=after, may_be_empty=True)
        branch = environ.get("PRE_COMMIT_REMOTE_BRANCH", "")
        if branch:
            return said._replace(
                base=before, base_told_as="PRE_COMMIT_FROM_REF", pushed_to=_branch(branch) or "-"
            )
        return said._replace(targets=(before,))
    if environ.get("GITHUB_ACTIONS") == "true":
        return _github(environ)
    if environ.get("GITLAB_CI"):
        return _gitlab(environ)
    for row in _OTHERS:
        if environ.get(row.marker):
            return _other(row, environ)
    if environ.get("CI", "").lower() not in ("", "0", "false", "no"):
        return StatedComparison("CI")
    if environ.get("PRE_COMMIT"):
        # A push of a whole new history has a branch and no refs; everything else is about the index.
        head = "HEAD" if environ.get("PRE_COMMIT_LOCAL_BRANCH") else "index"
        return StatedComparison("pre-commit", head=head, may_be_empty=True)
    return None


def _github(environ: Mapping[str, str]) -> StatedComparison:
    event, trouble = _event(environ.get("GITHUB_EVENT_PATH", ""))
    return _of_event(environ, event)._replace(trouble=trouble)


def _of_event(environ: Mapping[str, str], event: object) -> StatedComparison:
    name = environ.get("GITHUB_EVENT_NAME", "")
    sha, ref = environ.get("GITHUB_SHA", ""), environ.get("GITHUB_REF", "")
    source = f"GitHub ({name})" if name else "GitHub"
    deeper = "`fetch-depth: 0` for actions/checkout"
    if name.startswith("pull_request"):
        target = environ.get("GITHUB_BASE_REF") or _text(event, "pull_request", "base", "ref")
        return StatedComparison(
            source,
            targets=_said(target, _text(event, "pull_request", "base", "sha")),
            merge_result=sha if ref.startswith("refs/pull/") and ref.endswith("/merge") else "",
            merged=_text(event, "pull_request", "head", "sha"),
            not_head=sha if name == "pull_request_target" else "",
            deeper=deeper,
        )
    if name == "merge_group":
        return StatedComparison(
            source,
            base=_text(event, "merge_group", "base_sha"),
            base_told_as="merge_group.base_sha",
            targets=_said(_branch(_text(event, "merge_group", "base_ref"))),
            deeper=deeper,
        )
    default = _text(event, "repository", "default_branch")
    if name == "push":
        said = StatedComparison(source, base_told_as="`before`", targets=_said(default), deeper=deeper)
        return _push(said, _text(event, "before"), _branch(ref))
    return StatedComparison(source, targets=_said(default), deeper=deeper)


def _gitlab(environ: Mapping[str, str]) -> StatedComparison:
    deeper = "`GIT_DEPTH: 0` in the job's variables"
    target = environ.get("CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "")
    if target:
        merged = environ.get("CI_MERGE_REQUEST_EVENT_TYPE", "") in ("merged_result", "merge_train")
        told_as = "CI_MERGE_REQUEST_TARGET_BRANCH_SHA" if merged else "CI_MERGE_REQUEST_DIFF_BASE_SHA"
        return StatedComparison(
            "GitLab (merge request)",
            base=environ.get(told_as, ""),
            base_told_as=told_as,
            targets=(target,),
            merge_result=environ.get("CI_COMMIT_SHA", "") if merged else "",
            merged=environ.get("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA", ""),
            deeper=deeper,
        )
    default = environ.get("CI_DEFAULT_BRANCH", "")
    if environ.get("CI_PIPELINE_SOURCE", "push") != "push":
        # The commit before means nothing to a schedule or a trigger.
        return StatedComparison("GitLab", targets=_said(default), deeper=deeper)
    said = StatedComparison(
        "GitLab (push)", base_told_as="CI_COMMIT_BEFORE_SHA", targets=_said(default), deeper=deeper
    )
    return _push(said, environ.get("CI_COMMIT_BEFORE_SHA", ""), environ.get("CI_COMMIT_BRANCH", ""))


def _push(said: StatedComparison, before: str, branch: str) -> StatedComparison:
    is_new = bool(before) and not before.strip("0")
    return said._replace(
        base="" if is_new else before, all_new=is_new, pushed_to=branch or "-", may_be_empty=bool(before)
    )


class _System(NamedTuple):
    """A CI system that only has to say which branch a pull request goes to."""

    source: str
    marker: str  # the variable that tells it
    targets: tuple[str, ...]  # variables
    only_if: str = ""  # a variable that must not be empty or "false"
    deeper: str = ""


_OTHERS = (
    _System(
        "Azure Pipelines",
        "TF_BUILD",
        ("SYSTEM_PULLREQUEST_TARGETBRANCH",),
        deeper="`fetchDepth: 0` for the checkout step",
    ),
    _System(
        "Bitbucket",
        "BITBUCKET_BUILD_NUMBER",
        ("BITBUCKET_PR_DESTINATION_BRANCH", "BITBUCKET_PR_DESTINATION_COMMIT"),
        deeper="`clone: {depth: full}` in bitbucket-pipelines.yml",
    ),
    _System("Buildkite", "BUILDKITE", ("BUILDKITE_PULL_REQUEST_BASE_BRANCH",)),
    _System("Cirrus CI", "CIRRUS_CI", ("CIRRUS_BASE_BRANCH", "CIRRUS_BASE_SHA")),
    _System("Drone", "DRONE", ("DRONE_TARGET_BRANCH",), only_if="DRONE_PULL_REQUEST"),
    _System("Jenkins", "JENKINS_URL", ("CHANGE_TARGET",)),
    _System("Travis CI", "TRAVIS", ("TRAVIS_BRANCH",), only_if="TRAVIS_PULL_REQUEST"),
    _System("Woodpecker", "CI_SYSTEM_NAME", ("CI_COMMIT_TARGET_BRANCH",)),
)


def _other(system: _System, environ: Mapping[str, str]) -> StatedComparison:
    if system.only_if and environ.get(system.only_if, "") in ("", "false"):
        return StatedComparison(system.source, deeper=system.deeper)
    targets = _said(*(_branch(environ.get(variable, "")) for variable in system.targets))
    merge_ref = environ.get("BUILD_SOURCEBRANCH", "") if system.marker == "TF_BUILD" else ""
    merge = environ.get("BUILD_SOURCEVERSION", "") if merge_ref.startswith("refs/pull/") else ""
    return StatedComparison(system.source, targets=targets, merge_result=merge, deeper=system.deeper)


def _event(path: str) -> tuple[object, str]:
    """What the runner says about the event, None if nothing; and why it could not be read."""
    import json

    try:
        with open(path, "rb") as file:
            return json.loads(file.read()), ""
    except OSError:
        return None, ""
    except RecursionError:
        return None, "the event, GITHUB_EVENT_PATH, is nested too deeply to be read"
    except ValueError:
        return None, "the event, GITHUB_EVENT_PATH, is no JSON"


def _text(event: object, *keys: str) -> str:
    for key in keys:
        event = event.get(key) if isinstance(event, dict) else None
    return event if isinstance(event, str) else ""


def _branch(ref: str) -> str:
    """The branch's name; "" for a ref that is no branch."""
    name = ref.removeprefix("refs/heads/")
    return "" if name.startswith("refs/") else name


def _said(*names: str) -> tuple[str, ...]:
    return tuple(name for name in names if name)
