"""What the name of a base or a head stands for, where it may stand for several commits."""

from __future__ import annotations

import pytest

from migration_lint.change import resolve_whole

from .conftest import ENVIRON
from .test_resolve import base_id


@pytest.fixture
def tagged(repo):
    """A tag `main` on the change itself, as whoever may push tags can make one: all would be in the base."""
    first = repo.head()
    repo.branch("feature")
    last = repo.commit({"feature.py": "\n"})
    repo.git("tag", "main", last)
    repo.first, repo.last = first, last
    return repo


def test_a_branch_goes_before_a_tag_of_its_name(tagged):
    change = tagged.resolve(base="main")
    assert (base_id(change), change.paths) == (tagged.first, {"feature.py"})
    assert change.notes == (
        f"--base main is the branch main ({tagged.first[:7]}), and not the tag main ({tagged.last[:7]})",
    )


def test_a_remote_branch_goes_before_a_tag_of_its_name(tagged, tmp_path):
    clone = tagged.clone(tmp_path / "clone", "--branch=feature")
    assert "refs/tags/main" in clone.git("for-each-ref", "--format=%(refname)").split()
    change = clone.resolve(base="main")
    assert (base_id(change), change.paths) == (tagged.first, {"feature.py"})
    assert change.notes == (
        f"--base main is the remote branch origin/main ({tagged.first[:7]}), "
        f"and not the tag main ({tagged.last[:7]})",
    )


def test_a_tag_called_as_a_remote_branch_is_not_taken_for_it(tagged, tmp_path):
    clone = tagged.clone(tmp_path / "clone", "--branch=feature")
    clone.git("tag", "origin/main", tagged.last)
    assert base_id(clone.resolve(base="origin/main")) == tagged.first
    clone.git("branch", "origin/main", tagged.last)
    assert base_id(clone.resolve(base="origin/main")) == tagged.first


def test_annotated_tags_are_no_other(tagged):
    tagged.git("tag", "--force", "--annotate", "--message", "a tag", "main", tagged.last)
    assert base_id(tagged.resolve(base="main")) == tagged.first


def test_a_local_branch_and_the_remote_s_that_differ_are_said(repo, tmp_path):
    old = repo.head()
    clone = repo.clone(tmp_path / "clone")
    new = repo.commit({"main.py": "\n"})
    clone.git("fetch", "--quiet", "origin")
    clone.branch("feature", "origin/main")
    clone.commit({"feature.py": "\n"})
    change = clone.resolve(base="main")
    assert change.paths == {"feature.py", "main.py"}
    assert change.notes == (
        f"--base main is the branch main ({old[:7]}), and not the remote branch origin/main ({new[:7]})",
    )


def test_where_all_are_one_commit_nothing_is_said(tagged):
    tagged.git("tag", "--force", "main", tagged.first)
    assert tagged.resolve(base="main").notes == ()


def test_a_tag_alone_is_a_base(tagged):
    tagged.git("tag", "v1", tagged.first)
    change = tagged.resolve(base="v1")
    assert (base_id(change), change.notes) == (tagged.first, ())


def test_a_tag_is_not_the_branch_that_a_change_goes_to(tagged):
    tagged.git("branch", "--quiet", "--delete", "--force", "main")
    told = tagged.refusal(base="main")
    assert told.startswith("--base: of main this clone has only the tag, and not the branch\n")
    assert base_id(tagged.resolve(base="tags/main", head="feature")) == tagged.last


def test_the_head_too_is_the_branch(tagged):
    tagged.git("tag", "feature", tagged.first)
    change = tagged.resolve(base="main", head="feature")
    assert (change.head.commit, change.paths) == (tagged.last, {"feature.py"})
    assert f"--head feature is the branch feature ({tagged.last[:7]})" in change.notes[0]


def test_what_ci_says_is_never_a_tag(tagged):
    environ = {"CI": "true", "DRONE": "true", "DRONE_PULL_REQUEST": "7", "DRONE_TARGET_BRANCH": "main"}
    assert base_id(tagged.resolve(**environ)) == tagged.first


def test_a_branch_with_the_name_of_a_commit_is_not_taken_for_it(tagged):
    short = tagged.first[:7]
    tagged.git("branch", short, tagged.last)
    assert base_id(tagged.resolve(base=short)) == tagged.first


def test_the_head_that_is_judged_as_a_whole_is_the_branch_too(tagged):
    tagged.git("tag", "feature", tagged.first)
    told = resolve_whole(tagged.path, head="feature", environ=ENVIRON)
    assert "feature.py" in told.head.files()
    assert told.notes == (
        f"--head feature is the branch feature ({tagged.last[:7]}), "
        f"and not the tag feature ({tagged.first[:7]})",
    )


def test_what_pre_commit_is_told_is_the_branch_and_said(tagged):
    """`pre-commit run --from-ref main --to-ref feature` hands names on as they are."""
    change = tagged.resolve(PRE_COMMIT_FROM_REF="main", PRE_COMMIT_TO_REF="feature")
    assert (base_id(change), change.paths) == (tagged.first, {"feature.py"})
    tagged.git("branch", "old", tagged.last)
    tagged.git("tag", "old", tagged.first)
    change = tagged.resolve(PRE_COMMIT_FROM_REF="old", PRE_COMMIT_TO_REF="feature")
    assert change.notes[0] == (
        f"PRE_COMMIT_FROM_REF old is the branch old ({tagged.last[:7]}), "
        f"and not the tag old ({tagged.first[:7]})"
    )
