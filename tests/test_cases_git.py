"""The rows of the gate's decision table that take a real repository."""

from __future__ import annotations

import gc
import subprocess
from pathlib import Path

import pytest

from .projects import CONSUMER, PRODUCER, PROJECT, Repository, Runner, acknowledging, report, revision

DROP = revision('op.drop_column("deployment_events", "hint")')
HINT = "      hint: {type: text, nullable: false}\n"
FOLLOWING = {path: PROJECT[path].replace(HINT, "") for path in (PRODUCER, CONSUMER)}
DROPPED = "contract-column-dropped"


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """The project on main, and a branch `feature` checked out."""
    made = Repository.new(tmp_path / "repository", PROJECT)
    made.git("checkout", "--quiet", "-b", "feature")
    return made


@pytest.fixture
def runner(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Runner:
    return Runner(tmp_path, capsys)


def test_a_contract_updated_in_an_earlier_commit_of_the_branch_counts(
    repository: Repository, runner: Runner
) -> None:
    repository.commit(FOLLOWING)
    repository.commit(DROP)
    verdict = runner.check(repository.path)
    assert (verdict.status, verdict.findings) == (0, ())


def test_a_contract_updated_in_a_later_commit_of_the_branch_counts(
    repository: Repository, runner: Runner
) -> None:
    repository.commit(DROP)
    repository.commit(FOLLOWING)
    assert runner.check(repository.path).status == 0


def test_a_contract_that_came_in_from_the_target_branch_does_not_count(
    repository: Repository, runner: Runner
) -> None:
    repository.commit(DROP)
    repository.git("checkout", "--quiet", "main")
    repository.commit(FOLLOWING)
    repository.git("checkout", "--quiet", "feature")
    repository.git("merge", "--quiet", "--no-ff", "--message", "take in main", "main")
    verdict = runner.check(repository.path)
    assert (verdict.status, verdict.rules) == (1, {DROPPED})
    assert verdict.behind == {"worker.producer", "api.consumer"}


def test_an_acknowledgement_that_came_in_from_the_target_branch_does_not_count(
    repository: Repository, runner: Runner
) -> None:
    repository.commit(DROP)
    repository.git("checkout", "--quiet", "main")
    repository.commit({path: acknowledging(PROJECT[path], "b2") for path in (PRODUCER, CONSUMER)})
    repository.git("checkout", "--quiet", "feature")
    repository.git("merge", "--quiet", "--no-ff", "--message", "take in main", "main")
    assert runner.check(repository.path).rules == {DROPPED}


def test_a_drop_that_came_in_from_the_target_branch_is_not_this_change(
    repository: Repository, runner: Runner
) -> None:
    repository.git("checkout", "--quiet", "main")
    repository.commit(DROP)
    repository.git("checkout", "--quiet", "feature")
    repository.commit({"README.md": "Something else.\n"})
    repository.git("merge", "--quiet", "--no-ff", "--message", "take in main", "main")
    assert runner.check(repository.path).status == 0


def test_the_merge_result_is_judged_against_its_first_parent(repository: Repository, runner: Runner) -> None:
    repository.commit(DROP)
    repository.git("checkout", "--quiet", "main")
    repository.commit(FOLLOWING)
    repository.git("merge", "--quiet", "--no-ff", "--message", "the merge", "feature")
    verdict = runner.check(repository.path, "--base", "HEAD^1")
    assert (verdict.status, verdict.rules) == (1, {DROPPED})


def test_what_is_staged_is_judged_and_not_what_is_edited(repository: Repository, runner: Runner) -> None:
    for path, text in {**DROP, PRODUCER: FOLLOWING[PRODUCER]}.items():
        (repository.path / path).write_text(text)
    repository.git("add", "--all")
    (repository.path / CONSUMER).write_text(FOLLOWING[CONSUMER])  # not staged
    assert runner.check(repository.path, "--head", "index").behind == {"api.consumer"}
    assert runner.check(repository.path, "--head", "worktree").status == 0


def test_a_link_in_the_place_of_a_contract_is_what_it_leads_to(
    repository: Repository, runner: Runner
) -> None:
    repository.commit({**DROP, **FOLLOWING, "docs/api.yaml": PROJECT[CONSUMER]})
    (repository.path / CONSUMER).unlink()
    (repository.path / CONSUMER).symlink_to("../docs/api.yaml")
    repository.commit({})
    verdict = runner.check(repository.path)
    assert (verdict.status, verdict.rules, verdict.behind) == (1, {DROPPED}, {"api.consumer"})
    repository.commit({"docs/api.yaml": FOLLOWING[CONSUMER]})
    assert runner.check(repository.path).status == 0


def test_a_link_to_outside_the_tree_is_not_followed(repository: Repository, runner: Runner) -> None:
    outside = repository.path.parent / "outside.yaml"
    outside.write_text(FOLLOWING[CONSUMER])
    (repository.path / CONSUMER).unlink()
    (repository.path / CONSUMER).symlink_to(outside)
    repository.commit({**DROP, PRODUCER: FOLLOWING[PRODUCER]})
    verdict = runner.check(repository.path)
    assert verdict.status == 2
    assert f"`{CONSUMER}` is a link that leads out of what is judged" in verdict.error


# -- what cannot be judged


def test_a_clone_that_is_too_shallow(
    repository: Repository,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    repository.commit(DROP)
    repository.commit(FOLLOWING)
    clone = tmp_path / "clone"
    source = repository.path.as_uri()
    repository.git("clone", "--quiet", "--depth=1", "--branch=feature", source, str(clone))
    Repository(clone).git("fetch", "--quiet", "--depth=1", "origin", "main:refs/remotes/origin/main")
    monkeypatch.chdir(clone)
    assert report(capsys, "check", "--base", "origin/main") == (
        "exit status 2\n\n"
        "error: this is a shallow clone: it does not reach back to where the change left origin/main\n"
        "  fix: run `git fetch --unshallow --no-tags origin "
        "+refs/heads/main:refs/remotes/origin/main` first\n"
    )


def test_no_merge_base(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    repository.git("checkout", "--quiet", "--orphan", "elsewhere")
    head = repository.commit(DROP)
    monkeypatch.chdir(repository.path)
    assert report(capsys, "check", "--base", "main") == (
        "exit status 2\n\n"
        f"error: main and {head[:7]} have no commit in common\n"
        "  fix: pass another `--base`, or two folders\n"
    )


def test_git_does_not_pile_up_in_a_process_that_judges_again_and_again(
    repository: Repository, runner: Runner
) -> None:
    repository.commit(DROP)

    def waiting() -> int:
        made = [each for each in gc.get_objects() if isinstance(each, subprocess.Popen)]
        return sum(each.poll() is None and "cat-file" in each.args for each in made)

    gc.collect()
    gc.disable()  # what is left is not what was found to be garbage
    try:
        for _ in range(10):
            assert runner.check(repository.path).rules == {DROPPED}
        assert 0 < waiting() <= 8
    finally:
        gc.enable()
    gc.collect()
    assert waiting() == 0
