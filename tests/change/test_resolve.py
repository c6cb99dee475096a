"""What is compared with what, by hand: `--base`, `--head`, or neither."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from migration_lint.change import resolve, resolve_tree, resolve_whole
from migration_lint.errors import CannotJudge

from .conftest import ENVIRON


def base_id(change) -> str:
    return change.base.commit


# -- neither


def test_on_a_branch_it_is_what_the_branch_and_the_work_tree_have_on_top_of_main(repo):
    left = repo.head()
    repo.branch("feature")
    repo.commit({"feature.py": "\n"})
    repo.switch("main")
    repo.commit({"main.py": "\n"})
    repo.switch("feature")
    repo.write({"untracked.py": "\n"})
    change = repo.resolve()
    assert (base_id(change), change.paths) == (left, {"feature.py", "untracked.py"})
    assert (change.base.name, change.head.name) == (f"the merge base with main ({left[:7]})", "the work tree")
    assert change.notes == ()


def test_what_came_in_by_merging_main_is_no_part_of_the_change(repo):
    repo.branch("feature")
    repo.commit({"feature.py": "\n"})
    repo.switch("main")
    merged = repo.commit({"contract.yaml": "\n"})
    repo.switch("feature")
    repo.merge("main")
    change = repo.resolve()
    assert (base_id(change), change.paths) == (merged, {"feature.py"})


def test_also_where_the_local_main_is_behind(repo, tmp_path):
    clone = repo.clone(tmp_path / "clone")
    clone.branch("feature")
    clone.commit({"feature.py": "\n"})
    repo.commit({"contract.yaml": "\n"})
    clone.git("fetch", "--quiet")
    clone.merge("origin/main")
    assert clone.resolve().paths == {"feature.py"}


def test_also_while_the_merge_is_not_yet_committed(repo):
    repo.branch("feature")
    repo.commit({"feature.py": "\n"})
    repo.switch("main")
    repo.commit({"contract.yaml": "\n"})
    repo.switch("feature")
    repo.git("merge", "--no-commit", "--no-ff", "main")
    assert repo.resolve().paths == {"feature.py"}
    assert repo.resolve(head="index").paths == {"feature.py"}
    assert repo.resolve(base="main").paths == {"feature.py"}


def test_on_main_it_is_what_is_not_committed(repo):
    repo.write({"a.py": "a = 2\n"})
    change = repo.resolve()
    assert (base_id(change), change.paths, change.notes) == (repo.head(), {"a.py"}, ())


def test_on_main_it_is_also_what_is_not_pushed(repo, tmp_path):
    clone = repo.clone(tmp_path / "clone")
    clone.commit({"not_pushed.py": "\n"})
    clone.write({"not_committed.py": "\n"})
    assert clone.resolve().paths == {"not_pushed.py", "not_committed.py"}


def test_with_nothing_to_compare_it_says_so(repo):
    assert repo.resolve().notes == (
        f"nothing to compare: the work tree does not differ from HEAD ({repo.head()[:7]})",
    )


def test_the_default_branch_is_what_the_remote_says(new_repo, tmp_path):
    origin = new_repo("origin", "--initial-branch=trunk")
    left = origin.commit({"a.py": "\n"})
    clone = origin.clone(tmp_path / "clone")
    clone.branch("main")  # a name that means nothing here
    clone.commit({"b.py": "\n"})
    change = clone.resolve()
    assert (base_id(change), change.base.name) == (left, f"origin/trunk ({left[:7]})")


def test_without_a_default_branch_it_says_what_to_pass(new_repo):
    repo = new_repo("repo", "--initial-branch=work")
    repo.commit({"a.py": "\n"})
    assert repo.refusal() == (
        "nothing says what to compare with: there is no origin/HEAD, main or master\n"
        "  fix: pass `--base` with a branch, a commit or a folder, "
        "or `--all` to judge every revision as if new"
    )


def test_a_default_branch_that_the_remote_names_and_nobody_has(repo, tmp_path):
    clone = repo.clone(tmp_path / "clone")
    clone.branch("feature")
    clone.commit({"feature.py": "\n"})
    clone.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/gone")
    assert clone.resolve().paths == {"feature.py"}


def test_before_the_first_commit_everything_is_new(new_repo):
    repo = new_repo()
    repo.write({"a.py": "\n"})
    change = repo.resolve()
    assert change.paths == {"a.py"}
    assert change.notes == ("the repository has no commit yet: everything in it is new",)


def test_a_folder_that_is_in_no_repository(tmp_path):
    with pytest.raises(CannotJudge) as caught:
        resolve(tmp_path, base=None, head=None, environ={})
    assert str(caught.value) == (
        f"{tmp_path} is not in a git repository, so nothing says what to compare it with\n"
        "  fix: pass `--base` with a folder, or `--all` to judge every revision as if new"
    )


# -- revisions


def test_base_is_where_the_change_left_it(repo):
    left = repo.head()
    repo.branch("feature")
    tip = repo.commit({"feature.py": "\n"})
    repo.switch("main")
    repo.commit({"main.py": "\n"})
    change = repo.resolve(base="main", head="feature")
    assert (base_id(change), change.paths) == (left, {"feature.py"})
    assert change.head.name == f"feature ({tip[:7]})"


def test_head_is_the_work_tree_by_hand_and_the_commit_in_ci(repo):
    repo.branch("feature")
    repo.commit({"feature.py": "\n"})
    repo.write({"left_by_the_build.py": "\n"})
    assert repo.resolve(base="main").paths == {"feature.py", "left_by_the_build.py"}
    assert repo.resolve(base="main", CI="true").paths == {"feature.py"}
    assert repo.resolve(base="main", head="worktree", CI="true").paths == {
        "feature.py",
        "left_by_the_build.py",
    }


@pytest.mark.parametrize("spelling", ["HEAD~1", "v1", "v1^{commit}", "@{-1}", "main^0", "{id}", "{short}"])
def test_any_spelling_of_a_revision(repo, spelling):
    first = repo.head()
    repo.git("tag", "--annotate", "v1", "--message", "v1")
    repo.branch("feature")
    repo.commit({"feature.py": "\n"})
    spelling = spelling.replace("{id}", first).replace("{short}", first[:9])
    assert base_id(repo.resolve(base=spelling, head="HEAD")) == first


def test_a_branch_that_only_the_remote_has(repo, tmp_path):
    clone = repo.clone(tmp_path / "clone")
    clone.branch("feature")
    clone.git("branch", "--quiet", "--delete", "main")
    clone.commit({"feature.py": "\n"})
    assert clone.resolve(base="main").base.name == f"origin/main ({repo.head()[:7]})"


def test_a_base_that_does_not_exist_names_what_is_near(repo):
    repo.git("branch", "release/2.0")
    assert repo.refusal(base="mian") == (
        "--base: this repository has no branch, tag or commit 'mian'\n  fix: did you mean main?"
    )
    assert repo.refusal(head="release/2") == (
        "--head: this repository has no branch, tag or commit 'release/2'\n  fix: did you mean release/2.0?"
    )


def test_a_near_name_of_the_remotes_is_given_as_it_must_be_passed(repo, tmp_path):
    repo.git("branch", "develop")
    clone = repo.clone(tmp_path / "clone")
    assert "did you mean origin/develop?" in clone.refusal(base="devlop")


@pytest.mark.parametrize(
    "hostile",
    [
        "--help",
        "-x",
        "--output=owned",
        "HEAD\nHEAD",
        "a\0b",
        "HEAD:a.py",
        "HEAD..main",
        "$(touch owned)",
        "ä",
    ],
)
def test_a_base_is_never_an_option_or_a_second_request(repo, hostile):
    assert "--base: " in repo.refusal(base=hostile)
    assert not (repo.path / "owned").exists()
    assert repo.resolve(base="main").paths == frozenset()


def test_a_commit_that_is_not_here_is_to_be_fetched(repo):
    commit = "1234567890" * 4
    assert repo.refusal(base=commit) == (
        f"--base: this repository has no branch, tag or commit '{commit}'\n"
        f"  fix: run `git fetch --no-tags origin {commit}` first"
    )


@pytest.mark.parametrize("empty", ["", " "])
def test_an_option_that_a_variable_left_empty(repo, empty):
    problems = repo.refusal(base=empty, head=empty).splitlines()
    assert [line for line in problems if "fix:" not in line] == ["--base is empty", "--head is empty"]


def test_histories_that_never_met(repo):
    repo.git("checkout", "--quiet", "--orphan", "other")
    repo.commit({"other.py": "\n"})
    assert repo.refusal(base="main").startswith("main and ")
    assert "have no commit in common\n  fix: pass another `--base`, or two folders" in repo.refusal(
        base="main"
    )


def test_several_merge_bases_are_said(repo):
    repo.branch("feature")
    repo.commit({"feature.py": "\n"})
    repo.switch("main")
    repo.commit({"main.py": "\n"})
    repo.git("branch", "old-main")
    repo.merge("feature")
    repo.switch("feature")
    repo.merge("old-main")
    repo.commit({"more.py": "\n"})
    change = repo.resolve(base="main")
    assert change.notes == (
        f"the change and main have 2 merge bases; {base_id(change)[:7]} is compared with",
    )


# -- where the project is


def test_a_project_in_a_sub_directory(repo):
    repo.commit({"services/billing é/alembic.ini": "\n"})
    change = repo.resolve(project="services/billing é", base="HEAD~1")
    assert (change.project, change.paths) == ("services/billing é", {"services/billing é/alembic.ini"})


def test_a_linked_worktree_is_judged_by_its_own_branch(repo, tmp_path):
    repo.git("worktree", "add", "--quiet", "-b", "feature", str(tmp_path / "linked"))
    linked = type(repo)(tmp_path / "linked")
    linked.commit({"feature.py": "\n"})
    linked.write({"untracked.py": "\n"})
    assert linked.resolve().paths == {"feature.py", "untracked.py"}
    assert repo.resolve().paths == frozenset()


def test_a_bare_repository_has_revisions_only(repo, tmp_path):
    first = repo.head()
    repo.branch("feature")
    repo.commit({"feature.py": "\n"})
    bare = repo.clone(tmp_path / "bare.git", "--bare")
    named = {"GIT_DIR": str(bare.path)}
    change = bare.resolve(base="main", head="feature", **named)
    assert (base_id(change), change.paths, change.project) == (first, {"feature.py"}, "")
    assert bare.refusal(base="main", **named).endswith(
        "is a bare repository: it has no worktree\n  fix: pass `--head` with a revision"
    )


def test_a_bare_repository_has_to_be_named(repo, tmp_path):
    bare = repo.clone(tmp_path / "bare.git", "--bare")
    assert bare.refusal(base="main", head="main") == (
        f"{bare.path} looks like a bare repository, which any folder with such files in it does\n"
        f"  fix: if it is one, name it to git: `GIT_DIR={bare.path} migration-lint check {bare.path} …`"
    )


def test_a_repository_inside_another_is_its_own(repo, new_repo):
    inner = new_repo("repo/inner")
    inner.commit({"inner.py": "1\n"})
    inner.write({"inner.py": "2\n"})
    assert inner.resolve().paths == {"inner.py"}


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give a folder away"
)
def test_a_repository_of_somebody_else(repo):
    for place in (repo.path, repo.path / ".git"):
        os.chown(place, 12345, 12345)
    assert repo.refusal() == (
        f"git refuses to read {repo.path}: it belongs to another user\n"
        f"  fix: run `git config --global --add safe.directory {repo.path}`"
    )


def test_without_git(repo, tmp_path):
    assert repo.refusal(PATH=str(tmp_path)) == (
        "git is not installed, or not on PATH\n"
        "  fix: install git, or compare two plain folders: --base DIR --head DIR"
    )


def test_a_broken_repository_is_reported_in_gits_words(repo):
    (repo.path / ".git/config").write_text("[core\n")
    assert repo.refusal().startswith(f"git cannot read the repository around {repo.path}: bad config line 1")


@pytest.mark.parametrize(
    ("project", "wrong"), [("a.py", "is a file, not a folder"), ("no", "does not exist")]
)
def test_a_project_that_is_no_folder(repo, project, wrong):
    assert repo.refusal(project=project) == (
        f"{repo.path / project} {wrong}\n  fix: pass the folder that holds the project"
    )


# -- what a hook leaves in the environment


def test_variables_that_point_to_another_repository_are_ignored(repo, new_repo):
    other = new_repo("other")
    other.commit({"other.py": "\n"})
    repo.write({"a.py": "a = 2\n"})
    git_dir = str(other.path / ".git")
    foreign = {"GIT_DIR": git_dir, "GIT_WORK_TREE": str(other.path), "GIT_INDEX_FILE": f"{git_dir}/index"}
    assert repo.resolve(**foreign, GIT_TRACE="1").paths == {"a.py"}
    assert set(repo.resolve(**foreign, head="index").head.files()) == {"a.py", "b/c.py"}


def test_the_index_of_the_commit_being_made_is_the_one_that_counts(repo):
    """`git commit PATH` commits that path alone: git hands the hook an index of its own for it."""
    hook = repo.path / ".git/hooks/pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(
        f"#!{sys.executable}\n"
        "import os, sys\n"
        f"sys.path.insert(0, {os.getcwd()!r})\n"
        "from pathlib import Path\n"
        "from migration_lint.change import resolve\n"
        "change = resolve(Path('.'), base=None, head=None, environ={**os.environ, 'PRE_COMMIT': '1'})\n"
        "Path('.git/seen').write_text(' '.join(sorted(change.paths)))\n"
    )
    hook.chmod(hook.stat().st_mode | stat.S_IXUSR)
    repo.write({"a.py": "a = 2\n", "b/c.py": "c = 2\n", "new.py": "\n"})
    repo.git("add", "new.py")
    repo.git("commit", "--quiet", "--message", "one", "a.py")
    assert (repo.path / ".git/seen").read_text() == "a.py"
    repo.git("commit", "--quiet", "--all", "--message", "all")
    assert (repo.path / ".git/seen").read_text() == "b/c.py new.py"


# -- folders


@pytest.fixture
def folders(tmp_path, monkeypatch) -> Path:
    for path, text in {
        "before/a.py": "1",
        "before/same.py": "",
        "after/a.py": "2",
        "after/same.py": "",
        "after/sub/b.py": "",
    }.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("project", "head", "inside"),
    [(".", "after", ""), ("after", None, ""), ("after", "after", ""), ("after/sub", "./after/", "sub")],
)
def test_two_folders(folders, project, head, inside):
    change = resolve(Path(project), base="before", head=head, environ={"PATH": ""})
    assert (change.paths, change.project) == ({"a.py", "sub/b.py"}, inside)
    assert (change.base.name, change.head.name) == ("before/", "after/")


@pytest.mark.parametrize(
    ("project", "base", "head", "message"),
    [
        (".", "before", "worktree", "--base is the folder before, but --head is worktree"),
        (".", "before", "./no", "--head: no does not exist"),
        (".", "before", "no", "--head: no does not exist"),
        (".", "./no", None, "--base: no does not exist"),
        (
            ".",
            "before/a.py",
            None,
            "--base: there is no folder before/a.py, and . is not in a git repository",
        ),
        ("before", "before", "after", "before is not in after"),
    ],
)
def test_folders_that_do_not_fit(folders, project, base, head, message):
    with pytest.raises(CannotJudge) as caught:
        resolve(Path(project), base=base, head=head, environ={})
    assert str(caught.value).splitlines()[0] == message


def test_folders_in_a_repository_are_folders(repo, monkeypatch):
    repo.commit({"before/x.py": "1", "after/x.py": "2"})
    monkeypatch.chdir(repo.path)
    assert repo.resolve(base="before", head="after").paths == {"x.py"}
    assert repo.refusal(base="before", head="main") == (
        "--base is the folder before, but --head is main\n  fix: pass two folders, or two revisions"
    )


def test_a_revision_goes_before_a_folder_of_its_name(repo, monkeypatch):
    repo.git("branch", "before")
    repo.commit({"before/x.py": "1", "after/x.py": "2"})
    monkeypatch.chdir(repo.path)
    assert repo.resolve(base="before").paths == {"before/x.py", "after/x.py"}
    assert repo.resolve(base="./before", head="./after").paths == {"x.py"}


# -- one tree


def test_one_tree(repo, folders):
    repo.commit({"sub/x.py": "committed", ".gitignore": "ignored\n"})
    repo.write({"sub/x.py": "edited", "ignored/y.py": "here"})
    tree, inside = resolve_tree(repo.path / "sub", None, ENVIRON)
    assert (tree.read("sub/x.py"), inside) == (b"edited", "sub")
    tree, inside = resolve_tree(repo.path / "sub", "HEAD", ENVIRON)
    assert (tree.read("sub/x.py"), inside) == (b"committed", "sub")
    tree, inside = resolve_tree(repo.path / "ignored", None, ENVIRON)
    assert (tree.read("y.py"), inside) == (b"here", "")
    tree, inside = resolve_tree(Path("after"), None, ENVIRON)
    assert (tree.name, set(tree.files()), inside) == ("after/", {"a.py", "same.py", "sub/b.py"}, "")
    tree, inside = resolve_tree(Path("."), "after", ENVIRON)
    assert (tree.read("a.py"), inside) == (b"2", "")
    with pytest.raises(CannotJudge, match="is not in a git repository"):
        resolve_tree(Path("after"), "main", ENVIRON)


def whole(repo, project=".", head=None, **environ):
    return resolve_whole(repo.path / project, head=head, environ=ENVIRON | environ)


def test_the_whole_is_the_head_that_a_change_would_have(repo):
    repo.commit({"x.py": "committed"})
    repo.write({"x.py": "staged"})
    repo.git("add", "x.py")
    repo.write({"x.py": "on disk"})
    assert whole(repo).head.read("x.py") == b"on disk"
    assert whole(repo, PRE_COMMIT="1").head.read("x.py") == b"staged"
    assert whole(repo, CI="true").head.read("x.py") == b"committed"
    assert whole(repo, CI="true", head="worktree").head.read("x.py") == b"on disk"
    first = repo.head("HEAD~1")
    pushed = whole(repo, PRE_COMMIT_FROM_REF=first, PRE_COMMIT_TO_REF=first)
    assert "x.py" not in pushed.head.files()
    assert pushed.base is pushed.head


def test_the_whole_of_a_repository_that_the_environment_names(repo, tmp_path):
    repo.commit({"x.py": "committed"})
    bare = repo.clone(tmp_path / "bare", "--bare")
    assert "x.py" in whole(bare, GIT_DIR=str(bare.path)).head.files()
    assert "x.py" not in whole(bare).head.files()


def test_the_whole_is_not_the_target_branch_where_a_request_is_judged(repo):
    told = {"GITHUB_ACTIONS": "true", "GITHUB_EVENT_NAME": "pull_request_target", "GITHUB_SHA": repo.head()}
    with pytest.raises(CannotJudge, match="the checkout is the target branch, not the pull request"):
        whole(repo, **told)


def test_no_process_is_left_behind(repo):
    script = (
        "import os, sys; from pathlib import Path; from migration_lint.change import resolve\n"
        "change = resolve(Path(sys.argv[1]), base='main', head='HEAD', environ=os.environ)\n"
        "change.head.read('a.py')\n"
    )
    done = subprocess.run(
        (sys.executable, "-W", "error", "-c", script, str(repo.path)),
        capture_output=True,
        check=False,
        timeout=20,
    )
    assert (done.returncode, done.stderr) == (0, b"")
