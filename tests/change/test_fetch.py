"""With `--fetch` a clone of depth 1 is enough: what it lacks is got from origin, and no more than that."""

from __future__ import annotations

import pytest

FEATURE = {"feature_1.py", "feature_2.py"}


@pytest.fixture
def long(server):
    """`main` with 60 more commits since `feature` left it: more than the first step brings."""
    (server.repo.path / ".git/stream").write_text(
        "".join(
            f"commit refs/heads/main\ncommitter A <a@example.org> {number} +0000\ndata 0\n"
            + (f"from {server.main}\n" if number == 0 else "")
            + f"M 644 inline main.py\ndata {len(str(number))}\n{number}\n"
            for number in range(60)
        )
    )
    server.repo.git("-c", "alias.import=!git fast-import --quiet <.git/stream", "import")
    server.main = server.repo.head("main")
    server.repo.git("reset", "--quiet", "--hard", "main")
    return server


def commits(clone) -> int:
    return len(clone.git("rev-list", "--all", "HEAD").splitlines())


def test_a_pull_request_needs_one_more_commit(server, pull_request, tmp_path):
    clone = server.checkout(tmp_path / "clone", "refs/pull/7/merge", 1)
    change = clone.resolve(may_fetch=True, **pull_request)
    assert (change.base.commit, change.paths) == (server.main, FEATURE)
    assert clone.git("cat-file", "-t", server.main) == "commit"
    assert len(clone.git("rev-list", server.pull, server.main).splitlines()) == 2


def test_nothing_is_fetched_unless_it_is_asked_for(server, pull_request, tmp_path):
    clone = server.checkout(tmp_path / "clone", "refs/pull/7/merge", 1)
    assert "run `git fetch " in clone.refusal(**pull_request)
    assert commits(clone) == 1


def test_nothing_is_fetched_where_all_is_there(server, pull_request, tmp_path):
    clone = server.checkout(tmp_path / "clone", "refs/pull/7/merge", 2)
    clone.git("remote", "set-url", "origin", "file:///nowhere")
    assert clone.resolve(may_fetch=True, **pull_request).paths == FEATURE


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_the_merge_base_is_looked_for_step_by_step(long, pull_request, tmp_path, depth):
    """The pull request's head is checked out, not its merge: only the merge base can tell."""
    clone = long.checkout(tmp_path / "clone", "refs/pull/7/head", depth)
    change = clone.resolve(may_fetch=True, **pull_request)
    assert (change.base.commit, change.paths) == (long.left, FEATURE)


def test_of_a_long_history_only_a_part_is_fetched(long, pull_request, tmp_path):
    long.repo.git("checkout", "--quiet", "-B", "feature", f"{long.main}~1")
    head = long.repo.commit({"feature_3.py": "\n"})
    long.repo.git("update-ref", "refs/pull/7/head", head)
    clone = long.checkout(tmp_path / "clone", "refs/pull/7/head", 1)
    assert clone.resolve(may_fetch=True, **pull_request).paths == {"feature_3.py"}
    assert commits(clone) == 52
    assert clone.git("rev-parse", "--is-shallow-repository") == "true"


def test_a_merge_group(server, github, tmp_path):
    payload = {"merge_group": {"base_sha": server.main, "base_ref": "refs/heads/main"}}
    clone = server.checkout(tmp_path / "clone", "refs/pull/7/merge", 1)
    environ = github("merge_group", payload, GITHUB_SHA=server.pull)
    assert clone.resolve(may_fetch=True, **environ).paths == FEATURE


def push(github, before: str, ref: str):
    payload = {"before": before, "repository": {"default_branch": "main"}}
    return github("push", payload, GITHUB_REF=ref)


def test_a_push_to_the_default_branch(long, github, tmp_path):
    clone = long.checkout(tmp_path / "clone", "refs/heads/main", 1, branch="origin/main")
    change = clone.resolve(may_fetch=True, **push(github, long.left, "refs/heads/main"))
    assert (change.base.commit, change.paths) == (long.left, {"main.py"})
    assert len(clone.git("rev-list", long.main, long.left).splitlines()) == 2


def test_a_forced_push_of_the_default_branch_whose_old_commit_the_server_still_has(server, github, tmp_path):
    old = server.main
    server.repo.git("reset", "--quiet", "--hard", server.left)
    server.main = server.repo.commit({"other.py": "\n"})
    clone = server.checkout(tmp_path / "clone", "refs/heads/main", 1, branch="origin/main")
    change = clone.resolve(may_fetch=True, **push(github, old, "refs/heads/main"))
    assert (change.base.commit, change.paths) == (old, {"main.py", "other.py"})


def test_a_forced_push_of_the_default_branch_whose_old_commit_is_gone(server, github, tmp_path):
    gone = "12345678" * 5
    clone = server.checkout(tmp_path / "clone", "refs/heads/main", 1, branch="origin/main")
    refusal = clone.refusal(may_fetch=True, **push(github, gone, "refs/heads/main"))
    assert refusal.startswith("GitHub (push): the base is `before`, 123456781234, which this clone does not")
    assert f"upload-pack: not our ref {gone}); pass `--base` with a branch, a commit or a folder" in refusal


@pytest.mark.parametrize("before", ["0" * 40, "12345678" * 5, "feature~1"])
def test_a_push_to_another_branch_is_the_whole_branch(long, github, tmp_path, before):
    before = long.repo.head(before) if "~" in before else before
    clone = long.checkout(tmp_path / "clone", "refs/heads/feature", 1, branch="origin/feature")
    change = clone.resolve(may_fetch=True, **push(github, before, "refs/heads/feature"))
    assert (change.base.commit, change.paths) == (long.left, FEATURE)


@pytest.mark.parametrize("base", ["main", "origin/main", "{main}"])
def test_a_base_passed_by_hand(long, tmp_path, base):
    clone = long.checkout(tmp_path / "clone", "refs/heads/feature", 1, branch="origin/feature")
    change = clone.resolve(base=base.replace("{main}", long.main), may_fetch=True, CI="true")
    assert (change.base.commit, change.paths) == (long.left, FEATURE)


def test_a_merge_that_ci_made_in_its_own_clone(long, tmp_path):
    """As Bitbucket and Jenkins do: the server has never heard of HEAD."""
    clone = long.checkout(tmp_path / "clone", "refs/heads/feature", 1, branch="origin/feature")
    clone.git("fetch", "--quiet", "--depth=1", "origin", "+refs/heads/main:refs/remotes/origin/main")
    clone.git("merge", "--quiet", "--allow-unrelated-histories", "--message", "CI's", "origin/main")
    change = clone.resolve(may_fetch=True, BITBUCKET_BUILD_NUMBER="1", BITBUCKET_PR_DESTINATION_BRANCH="main")
    assert (change.base.commit, change.paths) == (long.main, FEATURE)


def test_a_full_clone_stays_full(server, tmp_path):
    clone = server.repo.clone(tmp_path / "clone")
    later = server.repo.commit({"later.py": "\n"})
    assert clone.resolve(base=later, may_fetch=True, CI="true").base.commit == server.main
    assert clone.git("rev-parse", "--is-shallow-repository") == "false"


def test_histories_that_never_met_are_told_from_those_that_are_not_here(server, tmp_path):
    server.repo.git("checkout", "--quiet", "--orphan", "apart")
    server.repo.commit({"apart.py": "\n"})
    clone = server.checkout(tmp_path / "clone", "refs/heads/apart", 1, branch="origin/apart")
    assert "have no commit in common" in clone.refusal(base="main", may_fetch=True, CI="true")


def test_what_origin_says_stands_in_the_refusal(server, pull_request, tmp_path):
    clone = server.checkout(tmp_path / "clone", "refs/pull/7/merge", 1)
    clone.git("remote", "set-url", "origin", "file:///nowhere")
    refusal = clone.refusal(may_fetch=True, **pull_request)
    assert refusal.startswith("GitHub (pull_request): the base is the first parent of ")
    assert "origin does not give it ('/nowhere' does not appear to be a git repository)" in refusal


@pytest.mark.parametrize(
    "hostile",
    ["--upload-pack=touch owned;", "$(touch owned)", "`touch owned`", "ext::touch owned", "a b", ":x"],
)
def test_a_hostile_name_is_never_an_option_or_a_command(server, tmp_path, hostile):
    clone = server.checkout(tmp_path / "clone", "refs/heads/feature", 1, branch="origin/feature")
    assert "--base: " in clone.refusal(base=hostile, may_fetch=True, CI="true")
    assert "change goes to" in clone.refusal(may_fetch=True, JENKINS_URL="x", CHANGE_TARGET=hostile)
    assert not list(tmp_path.glob("**/owned"))


def test_the_hooks_of_the_clone_are_not_run(server, pull_request, tmp_path):
    clone = server.checkout(tmp_path / "clone", "refs/pull/7/merge", 1)
    hook = clone.path / ".git/hooks/reference-transaction"
    hook.write_text(f"#!/bin/sh\ntouch '{tmp_path}/owned'\n")
    hook.chmod(0o755)
    assert clone.resolve(base="main", may_fetch=True, **pull_request).paths == FEATURE
    assert not (tmp_path / "owned").exists()
