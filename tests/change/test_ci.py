"""What is compared where nothing is passed: each CI system's variables, over the clone that it makes.

Every command that a refusal prints is run, and must mend it.
"""

from __future__ import annotations

import re
import shlex

import pytest

FEATURE = {"feature_1.py", "feature_2.py"}


def mend(clone, refusal: str) -> str:
    """Runs the one command that a refusal names."""
    (command,) = re.findall(r"run `(git fetch [^`]+)`", refusal)
    clone.git(*shlex.split(command)[1:])
    return command


# -- GitHub


@pytest.mark.parametrize("depth", [None, 2])
def test_github_pull_request_is_the_merge_and_its_first_parent(server, pull_request, tmp_path, depth):
    clone = server.checkout(tmp_path / "clone", "refs/pull/7/merge", depth)
    clone.write({"built.py": "\n"})
    change = clone.resolve(**pull_request)
    assert (change.base.commit, change.head.commit, change.paths) == (server.main, server.pull, FEATURE)
    assert change.base.name == f"the first parent of {server.pull[:7]} ({server.main[:7]})"


@pytest.mark.parametrize("base", ["main", "origin/main", "{base.sha}"])
def test_github_pull_request_with_the_target_passed_by_hand(server, pull_request, tmp_path, base):
    """The clone has no `main`, and the event's `base.sha` is from before main moved on."""
    clone = server.checkout(tmp_path / "clone", "refs/pull/7/merge", 2)
    assert clone.resolve(base=base.replace("{base.sha}", server.left), **pull_request).paths == FEATURE


def test_github_pull_request_in_a_clone_without_that_parent(server, pull_request, tmp_path):
    clone = server.checkout(tmp_path / "clone", "refs/pull/7/merge", 1)
    refusal = clone.refusal(**pull_request)
    assert refusal == (
        f"GitHub (pull_request): the base is the first parent of {server.pull[:7]}, {server.main[:12]}, "
        "which this clone does not have\n"
        f"  fix: run `git fetch --no-tags --depth=1 origin {server.main}` first, "
        "or set `fetch-depth: 0` for actions/checkout"
    )
    mend(clone, refusal)
    assert clone.resolve(**pull_request).paths == FEATURE


@pytest.mark.parametrize("missing", ["GITHUB_EVENT_PATH", "GITHUB_REF"])
def test_github_pull_request_is_known_by_either_sign(server, pull_request, tmp_path, missing):
    clone = server.checkout(tmp_path / "clone", "refs/pull/7/merge", 2)
    assert clone.resolve(**(pull_request | {missing: ""})).paths == FEATURE


def test_github_pull_request_with_its_head_checked_out(server, pull_request, tmp_path):
    """The event's `base.sha` is old: what was merged from main since is no part of the change."""
    server.repo.switch("feature")
    server.repo.merge("main")
    head = server.repo.commit({"feature_3.py": "\n"})
    server.repo.switch("main")
    clone = server.checkout(tmp_path / "clone", "refs/heads/feature", branch="origin/feature")
    assert clone.head() == head
    assert clone.resolve(**pull_request).paths == {*FEATURE, "feature_3.py"}


def test_github_pull_request_whose_head_is_a_merge_of_its_own(server, pull_request, tmp_path):
    server.repo.switch("feature")
    merge = server.repo.merge("main")
    server.repo.switch("main")
    clone = server.checkout(tmp_path / "clone", "refs/heads/feature", branch="origin/feature")
    assert clone.head() == merge
    assert clone.resolve(**pull_request).paths == FEATURE


def test_github_pull_request_with_its_head_checked_out_and_nothing_else(server, pull_request, tmp_path):
    clone = server.checkout(tmp_path / "clone", "refs/pull/7/head", 1)
    refusal = clone.refusal(**pull_request)
    assert refusal == (
        "GitHub (pull_request): the change goes to main, which this clone does not have\n"
        "  fix: run `git fetch --unshallow --no-tags origin +refs/heads/main:refs/remotes/origin/main` first"
        ", or set `fetch-depth: 0` for actions/checkout"
    )
    mend(clone, refusal)
    assert clone.resolve(**pull_request).paths == FEATURE


def test_github_pull_request_target_does_not_judge_the_target(server, github, tmp_path):
    payload = {"pull_request": {"base": {"ref": "main", "sha": server.left}, "head": {"sha": server.feature}}}
    environ = github(
        "pull_request_target",
        payload,
        GITHUB_SHA=server.main,
        GITHUB_REF="refs/heads/main",
        GITHUB_BASE_REF="main",
    )
    clone = server.checkout(tmp_path / "clone", "refs/heads/main", branch="origin/main")
    expected = (
        "GitHub (pull_request_target): the checkout is the target branch, not the pull request\n"
        "  fix: run on `pull_request`, or give actions/checkout "
        "`ref: refs/pull/${{ github.event.pull_request.number }}/merge`"
    )
    assert clone.refusal(**environ) == expected
    assert clone.refusal(base="origin/main", **environ) == expected
    as_told = server.checkout(tmp_path / "as_told", "refs/pull/7/merge", 2)
    assert as_told.resolve(**environ).paths == FEATURE


def test_github_merge_group_is_what_the_group_was_put_on(server, github, tmp_path):
    payload = {
        "merge_group": {"base_sha": server.main, "base_ref": "refs/heads/main", "head_sha": server.pull}
    }
    environ = github("merge_group", payload, GITHUB_SHA=server.pull)
    clone = server.checkout(tmp_path / "clone", "refs/pull/7/merge", 2)
    assert clone.resolve(**environ).paths == FEATURE
    shallow = server.checkout(tmp_path / "shallow", "refs/pull/7/merge", 1)
    mend(shallow, shallow.refusal(**environ))
    assert shallow.resolve(**environ).paths == FEATURE


def push(github, before: str, ref: str):
    payload = {"before": before, "repository": {"default_branch": "main"}}
    return github("push", payload, GITHUB_REF=ref)


def test_github_push_to_the_default_branch_is_what_the_push_brought(server, github, tmp_path):
    environ = push(github, server.left, "refs/heads/main")
    clone = server.checkout(tmp_path / "clone", "refs/heads/main", branch="origin/main")
    assert clone.resolve(**environ).paths == {"main.py"}
    shallow = server.checkout(tmp_path / "shallow", "refs/heads/main", 1, branch="origin/main")
    refusal = shallow.refusal(**environ)
    assert (
        f"GitHub (push): the base is `before`, {server.left[:12]}, which this clone does not have" in refusal
    )
    mend(shallow, refusal)
    assert shallow.resolve(**environ).paths == {"main.py"}


def test_github_push_with_a_base_passed_by_hand_is_compared_with_that(server, github, tmp_path):
    clone = server.checkout(tmp_path / "clone", "refs/heads/main", branch="origin/main")
    change = clone.resolve(base="main", **push(github, server.left, "refs/heads/main"))
    assert (change.base.commit, change.paths) == (server.main, frozenset())


def test_github_push_to_a_branch_is_the_whole_branch(server, github, tmp_path):
    """A contract that an earlier push updated counts."""
    environ = push(github, server.repo.head("feature~1"), "refs/heads/feature")
    clone = server.checkout(tmp_path / "clone", "refs/heads/feature", branch="origin/feature")
    assert clone.resolve(**environ).paths == FEATURE
    without_main = server.checkout(
        tmp_path / "without_main", "refs/heads/feature", 2, branch="origin/feature"
    )
    assert without_main.resolve(**environ).paths == {"feature_2.py"}


def test_github_push_of_a_new_branch(server, github, tmp_path):
    environ = push(github, "0" * 40, "refs/heads/feature")
    clone = server.checkout(tmp_path / "clone", "refs/heads/feature", branch="origin/feature")
    assert clone.resolve(**environ).paths == FEATURE
    shallow = server.checkout(tmp_path / "shallow", "refs/heads/feature", 1, branch="origin/feature")
    mend(shallow, shallow.refusal(**environ))
    assert shallow.resolve(**environ).paths == FEATURE


def test_github_push_of_a_branch_without_commits_of_its_own_passes_with_a_note(server, github, tmp_path):
    environ = push(github, "0" * 40, "refs/heads/twin")
    clone = server.checkout(tmp_path / "clone", "refs/heads/main", branch="origin/main")
    change = clone.resolve(**environ)
    tip = server.main[:7]
    assert change.paths == frozenset()
    assert change.notes == (f"nothing to compare: HEAD ({tip}) does not differ from origin/main ({tip})",)


def test_github_first_push_of_all(server, github, tmp_path):
    environ = push(github, "0" * 40, "refs/heads/main")
    clone = server.checkout(tmp_path / "clone", "refs/heads/main", 1, branch="origin/main")
    change = clone.resolve(**environ)
    assert change.paths == {"a.py", "b/c.py", "main.py"}
    assert change.notes == ("GitHub (push): main is new, so everything in it is new",)


def test_github_forced_push_whose_old_commit_is_gone(server, github, tmp_path):
    gone = "12345678" * 5
    clone = server.checkout(tmp_path / "clone", "refs/heads/main", branch="origin/main")
    assert clone.refusal(**push(github, gone, "refs/heads/main")) == (
        "GitHub (push): the base is `before`, 123456781234, which this clone does not have\n"
        f"  fix: run `git fetch --no-tags origin {gone}` first, or set `fetch-depth: 0` for actions/checkout"
    )
    feature = server.checkout(tmp_path / "feature", "refs/heads/feature", branch="origin/feature")
    assert feature.resolve(**push(github, gone, "refs/heads/feature")).paths == FEATURE


def test_github_push_that_does_not_say_what_was_before_is_no_silent_pass(server, github, tmp_path):
    environ = github("push", None, GITHUB_REF="refs/heads/main")
    clone = server.checkout(tmp_path / "clone", "refs/heads/main", branch="origin/main")
    assert clone.refusal(**environ).startswith(
        "GitHub (push): there is nothing to compare, HEAD is origin/main"
    )


@pytest.mark.parametrize("event", ["schedule", "workflow_dispatch"])
def test_github_events_that_bring_nothing_are_no_silent_pass(server, github, tmp_path, event):
    environ = github(event, {"repository": {"default_branch": "main"}})
    clone = server.checkout(tmp_path / "clone", "refs/heads/main", branch="origin/main")
    assert clone.refusal(**environ).startswith(
        f"GitHub ({event}): there is nothing to compare, HEAD is origin/main"
    )
    feature = server.checkout(tmp_path / "feature", "refs/heads/feature", branch="origin/feature")
    assert feature.resolve(**environ).paths == FEATURE


@pytest.mark.parametrize("payload", ["[]", '{"pull_request": 3}'])
def test_github_event_that_says_nothing(server, pull_request, tmp_path, payload):
    (tmp_path / "event.json").write_text(payload)
    clone = server.checkout(tmp_path / "clone", "refs/pull/7/merge")
    change = clone.resolve(**pull_request)
    assert (change.paths, change.notes) == (FEATURE, ())


UNREADABLE = pytest.mark.parametrize(
    ("payload", "why"),
    [
        ("", "is no JSON"),
        ("\xff", "is no JSON"),
        ("[" * 200_000 + "]" * 200_000, "is nested too deeply to be read"),
        ('{"a":' * 200_000 + "1" + "}" * 200_000, "is nested too deeply to be read"),
    ],
    ids=["empty", "no text", "deep lists", "deep objects"],
)


@UNREADABLE
def test_github_event_that_cannot_be_read_is_said(server, pull_request, tmp_path, payload, why):
    (tmp_path / "event.json").write_text(payload, encoding="latin-1")
    clone = server.checkout(tmp_path / "clone", "refs/pull/7/merge")
    change = clone.resolve(**pull_request)
    assert change.paths == FEATURE
    assert change.notes == (
        f"GitHub (pull_request): the event, GITHUB_EVENT_PATH, {why}; "
        "what its variables say is all that is known",
    )


@UNREADABLE
@pytest.mark.parametrize("event", ["merge_group", "schedule"])
def test_github_event_without_which_there_is_nothing_to_compare(
    server, github, tmp_path, event, payload, why
):
    environ = github(event, {})
    (tmp_path / "event.json").write_text(payload, encoding="latin-1")
    clone = server.checkout(tmp_path / "clone", "refs/heads/main", branch="origin/main")
    refusal = clone.refusal(**environ)
    assert refusal.startswith(
        f"GitHub ({event}): the event, GITHUB_EVENT_PATH, {why}\n  fix: see what writes that file\n"
    )
    assert "there is nothing to compare" in refusal


# -- GitLab


@pytest.fixture
def merge_request(server):
    return {
        "CI": "true",
        "GITLAB_CI": "true",
        "CI_PIPELINE_SOURCE": "merge_request_event",
        "CI_COMMIT_BEFORE_SHA": "0" * 40,
        "CI_DEFAULT_BRANCH": "main",
        "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
        "CI_MERGE_REQUEST_DIFF_BASE_SHA": server.left,
        "CI_MERGE_REQUEST_EVENT_TYPE": "detached",
        "CI_COMMIT_SHA": server.feature,
    }


def test_gitlab_merge_request_is_what_gitlab_shows(server, merge_request, tmp_path):
    clone = server.checkout(tmp_path / "clone", "refs/heads/feature", 20, branch="origin/feature")
    change = clone.resolve(**merge_request)
    assert (change.base.name, change.paths) == (
        f"CI_MERGE_REQUEST_DIFF_BASE_SHA ({server.left[:7]})",
        FEATURE,
    )


def test_gitlab_merge_request_in_a_clone_that_is_too_shallow(server, merge_request, tmp_path):
    clone = server.checkout(tmp_path / "clone", "refs/heads/feature", 1, branch="origin/feature")
    refusal = clone.refusal(**merge_request)
    assert refusal.endswith(", or set `GIT_DEPTH: 0` in the job's variables")
    mend(clone, refusal)
    assert clone.resolve(**merge_request).paths == FEATURE


@pytest.mark.parametrize("kind", ["merged_result", "merge_train"])
def test_gitlab_merge_result_is_compared_with_its_first_parent(server, merge_request, tmp_path, kind):
    clone = server.checkout(tmp_path / "clone", "refs/pull/7/merge", 2)
    change = clone.resolve(
        **merge_request
        | {
            "CI_MERGE_REQUEST_EVENT_TYPE": kind,
            "CI_COMMIT_SHA": server.pull,
            "CI_MERGE_REQUEST_TARGET_BRANCH_SHA": server.main,
            "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": server.feature,
        }
    )
    assert (change.base.commit, change.paths) == (server.main, FEATURE)


def test_gitlab_push(server, tmp_path):
    environ = {"CI": "true", "GITLAB_CI": "true", "CI_DEFAULT_BRANCH": "main", "CI_PIPELINE_SOURCE": "push"}
    to_main = environ | {"CI_COMMIT_BRANCH": "main", "CI_COMMIT_BEFORE_SHA": server.left}
    clone = server.checkout(tmp_path / "clone", "refs/heads/main", branch="origin/main")
    assert clone.resolve(**to_main).paths == {"main.py"}
    scheduled = to_main | {"CI_PIPELINE_SOURCE": "schedule", "CI_COMMIT_BEFORE_SHA": "0" * 40}
    assert clone.refusal(**scheduled).startswith("GitLab: there is nothing to compare")
    new = environ | {"CI_COMMIT_BRANCH": "feature", "CI_COMMIT_BEFORE_SHA": "0" * 40}
    feature = server.checkout(tmp_path / "feature", "refs/heads/feature", branch="origin/feature")
    assert feature.resolve(**new).paths == FEATURE


# -- others


@pytest.mark.parametrize(
    "environ",
    [
        {"BUILDKITE": "true", "BUILDKITE_PULL_REQUEST_BASE_BRANCH": "main"},
        {"JENKINS_URL": "http://ci", "CHANGE_TARGET": "main"},
        {"DRONE": "true", "DRONE_PULL_REQUEST": "7", "DRONE_TARGET_BRANCH": "main"},
        {"TF_BUILD": "True", "SYSTEM_PULLREQUEST_TARGETBRANCH": "refs/heads/main"},
        {"BITBUCKET_BUILD_NUMBER": "1", "BITBUCKET_PR_DESTINATION_BRANCH": "main"},
        {"CIRRUS_CI": "true", "CIRRUS_BASE_BRANCH": "main"},
        {"TRAVIS": "true", "TRAVIS_PULL_REQUEST": "7", "TRAVIS_BRANCH": "main"},
        {"CI": "woodpecker", "CI_SYSTEM_NAME": "woodpecker", "CI_COMMIT_TARGET_BRANCH": "main"},
        {"CI": "true"},
    ],
)
def test_a_system_that_names_the_target_or_not_even_that(server, tmp_path, environ):
    clone = server.checkout(tmp_path / "clone", "refs/heads/feature", branch="origin/feature")
    clone.write({"built.py": "\n"})
    assert clone.resolve(**environ).paths == FEATURE


def test_a_target_that_is_not_the_default_branch(server, tmp_path):
    server.repo.git("branch", "release", "feature~1")
    clone = server.checkout(tmp_path / "clone", "refs/heads/feature", branch="origin/feature")
    assert clone.resolve(JENKINS_URL="x", CHANGE_TARGET="release").paths == {"feature_2.py"}


def test_an_azure_merge_result_in_a_shallow_clone(server, tmp_path):
    clone = server.checkout(tmp_path / "clone", "refs/pull/7/merge", 2)
    environ = {
        "TF_BUILD": "True",
        "SYSTEM_PULLREQUEST_TARGETBRANCH": "main",
        "BUILD_SOURCEBRANCH": "refs/pull/7/merge",
        "BUILD_SOURCEVERSION": server.pull,
    }
    assert clone.resolve(**environ).paths == FEATURE


@pytest.mark.parametrize("environ", [{"CI": "true"}, {"CI": "1", "PRE_COMMIT": "1"}, {"DRONE": "true"}])
def test_a_build_of_the_default_branch_is_no_silent_pass(server, tmp_path, environ):
    clone = server.checkout(tmp_path / "clone", "refs/heads/main", branch="origin/main")
    assert "there is nothing to compare, HEAD is origin/main" in clone.refusal(**environ)
    assert "pass `--base`" in clone.refusal(**environ)
    assert clone.resolve(base="HEAD~1", **environ).paths == {"main.py"}


def test_ci_set_to_false_is_not_ci(server):
    server.repo.write({"a.py": "a = 2\n"})
    assert server.repo.resolve(CI="false").paths == {"a.py"}


# -- shallow clones


def test_a_merge_base_across_the_edge_of_a_shallow_clone_is_not_believed(repo, tmp_path):
    """git finds one here, and it is wrong: the merge that brought main in is past the edge."""
    first = repo.head()
    repo.branch("feature")
    repo.commit({"feature_1.py": "\n"})
    repo.switch("main")
    contract = repo.commit({"contract.yaml": "\n"})
    repo.switch("feature")
    repo.merge("main")
    repo.commit({"feature_2.py": "\n"})
    repo.commit({"feature_3.py": "\n"})
    repo.git("tag", "first", first)
    clone = repo.clone(tmp_path / "clone", "--depth=2", "--branch=feature")
    clone.git("fetch", "--quiet", "--depth=5", "origin", "+refs/heads/main:refs/remotes/origin/main")
    refusal = clone.refusal(base="origin/main", CI="true")
    assert refusal == (
        "this is a shallow clone: it does not reach back to where the change left origin/main\n"
        "  fix: run `git fetch --unshallow --no-tags origin +refs/heads/main:refs/remotes/origin/main` first"
    )
    mend(clone, refusal)
    change = clone.resolve(base="origin/main", CI="true")
    assert (change.base.commit, change.paths) == (contract, {f"feature_{number}.py" for number in (1, 2, 3)})


def test_a_shallow_clone_that_reaches_far_enough_will_do(repo, tmp_path):
    repo.commit({"old.py": "\n"})
    left = repo.commit({"older.py": "\n"})
    repo.branch("feature")
    repo.commit({"feature.py": "\n"})
    clone = repo.clone(tmp_path / "clone", "--depth=2", "--no-single-branch")
    change = clone.resolve(base="origin/main")
    assert (change.base.commit, change.paths) == (left, {"feature.py"})
    assert clone.resolve(base="HEAD~1").paths == {"feature.py"}


def test_a_revision_past_the_edge_of_a_shallow_clone(repo, tmp_path):
    repo.commit({"x.py": "\n"})
    clone = repo.clone(tmp_path / "clone", "--depth=1")
    refusal = clone.refusal(base="HEAD~1")
    assert "--base: this repository has no branch, tag or commit 'HEAD~1'" in refusal
    mend(clone, refusal)
    assert clone.resolve(base="HEAD~1").paths == {"x.py"}


# -- pre-commit


def test_pre_commit_judges_the_index(repo):
    repo.write({"a.py": "a = 2\n", "b/c.py": "c = 2\n"})
    repo.git("add", "a.py")
    change = repo.resolve(PRE_COMMIT="1")
    assert (change.head.name, change.base.commit, change.paths) == ("the index", repo.head(), {"a.py"})


def test_pre_commit_counts_what_earlier_commits_of_the_branch_did(repo):
    repo.branch("feature")
    repo.commit({"contract.yaml": "\n"})
    repo.write({"migration.py": "\n"})
    repo.git("add", "--all")
    assert repo.resolve(PRE_COMMIT="1").paths == {"contract.yaml", "migration.py"}
    assert repo.resolve(PRE_COMMIT="1", base="HEAD").paths == {"migration.py"}


def test_pre_commit_can_always_fall_back_on_the_commit_before(new_repo):
    repo = new_repo("repo", "--initial-branch=work")
    repo.write({"a.py": "a = 1\n"})
    repo.git("add", "--all")
    change = repo.resolve(PRE_COMMIT="1")
    assert (change.base.name, change.paths) == ("nothing", {"a.py"})
    repo.commit({"b.py": "\n"})
    repo.write({"a.py": "a = 2\n"})
    repo.git("add", "--all")
    change = repo.resolve(PRE_COMMIT="1")
    assert change.paths == {"a.py"}
    assert change.notes == (
        "nothing says what to compare with: there is no origin/HEAD, main or master: "
        "compared with HEAD alone",
    )


@pytest.mark.parametrize("branches", ["feature alone", "main too"])
def test_pre_commit_over_all_files_of_a_shallow_clone_is_no_silent_pass(server, tmp_path, branches):
    """`pre-commit run --all-files` in a CI job: no commit is in the making, and HEAD is no base."""
    clone = server.checkout(tmp_path / "clone", "refs/heads/feature", 1, branch="origin/feature")
    if branches == "main too":
        clone.git("fetch", "--quiet", "--depth=1", "origin", "+refs/heads/main:refs/remotes/origin/main")
    assert clone.refusal(PRE_COMMIT="1") == clone.refusal()


def test_pre_commit_in_a_shallow_clone_says_that_it_compares_with_head_alone(server, tmp_path):
    clone = server.checkout(tmp_path / "clone", "refs/heads/feature", 1, branch="origin/feature")
    clone.git("fetch", "--quiet", "--depth=1", "origin", "+refs/heads/main:refs/remotes/origin/main")
    clone.write({"a.py": "a = 2\n"})
    clone.git("add", "--all")
    change = clone.resolve(PRE_COMMIT="1")
    assert change.paths == {"a.py"}
    assert change.notes == ("where it left main is not known: compared with HEAD alone",)


def test_pre_commit_between_two_refs(server):
    refs = {"PRE_COMMIT": "1", "PRE_COMMIT_FROM_REF": "main", "PRE_COMMIT_TO_REF": "feature"}
    change = server.repo.resolve(**refs)
    assert (change.base.commit, change.head.commit, change.paths) == (server.left, server.feature, FEATURE)
    old = {"PRE_COMMIT": "1", "PRE_COMMIT_ORIGIN": "main", "PRE_COMMIT_SOURCE": "feature"}
    assert server.repo.resolve(**old).paths == FEATURE
    assert server.repo.resolve(**refs, CI="true", GITHUB_ACTIONS="true").paths == FEATURE


def test_pre_commit_before_a_push(server):
    """pre-commit says what the remote has of the branch; what counts is the whole branch, as in CI."""
    repo = server.repo
    repo.switch("feature")
    environ = {
        "PRE_COMMIT": "1",
        "PRE_COMMIT_FROM_REF": repo.head("feature~1"),
        "PRE_COMMIT_TO_REF": server.feature,
        "PRE_COMMIT_LOCAL_BRANCH": "refs/heads/feature",
        "PRE_COMMIT_REMOTE_BRANCH": "refs/heads/feature",
    }
    assert repo.resolve(**environ).paths == FEATURE
    repo.switch("main")
    to_main = {
        "PRE_COMMIT_FROM_REF": server.left,
        "PRE_COMMIT_TO_REF": server.main,
        "PRE_COMMIT_REMOTE_BRANCH": "refs/heads/main",
    }
    assert repo.resolve(**environ | to_main).paths == {"main.py"}


def test_pre_commit_before_the_first_push_of_all(repo):
    repo.branch("feature")
    repo.commit({"feature.py": "\n"})
    repo.write({"not_committed.py": "\n"})
    environ = {"PRE_COMMIT": "1", "PRE_COMMIT_LOCAL_BRANCH": "refs/heads/feature"}
    assert repo.resolve(**environ).paths == {"feature.py"}
