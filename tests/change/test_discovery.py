"""Where a repository is found, and the kinds of repositories that are read."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from pathlib import Path

import pytest

from migration_lint.change import resolve, resolve_whole
from migration_lint.errors import CannotJudge

from .conftest import ENVIRON, IDENTITY, Repo
from .test_resolve import base_id

_GIT = tuple(int(each) for each in subprocess.getoutput("git --version").split()[2].split(".")[:2])


def edited(repo: Repo) -> None:
    """A branch with a commit, something staged and something edited."""
    repo.branch("feature")
    repo.commit({"feature.py": "\n"})
    repo.write({"staged.py": "\n"})
    repo.git("add", "staged.py")
    repo.write({"a.py": "a = 2\n"})


def assert_is_judged(repo: Repo, project: str = ".") -> None:
    """As `edited` left it."""
    assert repo.resolve(project=project).paths == {"feature.py", "staged.py", "a.py"}
    assert repo.resolve(project=project, head="index").paths == {"feature.py", "staged.py"}
    assert repo.resolve(project=project, head="HEAD", base="main").paths == {"feature.py"}


# -- kinds of repositories


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--object-format=sha256",),
        pytest.param(
            ("--ref-format=reftable",),
            marks=pytest.mark.skipif(_GIT < (2, 45), reason="this git knows no reftable"),
        ),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_however_it_keeps_things(new_repo, options, packed):
    repo = new_repo("repo", *options)
    repo.commit({"a.py": "a = 1\n", "b/c.py": "\n"})
    edited(repo)
    if packed:
        repo.git("gc", "--quiet")
        repo.git("commit-graph", "write", "--reachable")
    assert_is_judged(repo)
    assert_is_judged(repo, "b")


@pytest.mark.parametrize(
    "how",
    [
        ("config", "index.version", "4"),
        ("update-index", "--split-index"),
        ("update-index", "--untracked-cache"),
        ("sparse-checkout", "set", "--cone", "--sparse-index", "b"),
        ("config", "extensions.worktreeConfig", "true"),
        ("config", "core.preloadIndex", "true"),
        ("repack", "-q", "-a", "-d", "--write-midx"),
        ("pack-refs", "--all", "--prune"),
    ],
    ids=" ".join,
)
def test_whatever_is_set(repo, how):
    repo.git(*how)
    edited(repo)
    assert_is_judged(repo)


def test_an_extension_that_git_does_not_know_stops_the_run(repo):
    repo.git("config", "core.repositoryFormatVersion", "1")
    repo.git("config", "extensions.tomorrow", "true")
    assert repo.refusal() == "git cannot read HEAD^{commit}: unknown repository extension found: tomorrow"


@pytest.mark.parametrize("options", [(), ("--detach",)])
def test_a_linked_worktree(repo, tmp_path, options):
    repo.git("worktree", "add", "--quiet", *options, str(tmp_path / "linked"), "HEAD")
    linked = Repo(tmp_path / "linked")
    edited(linked)
    assert_is_judged(linked)
    assert_is_judged(linked, "b")
    assert repo.resolve().paths == frozenset()


def test_worktrees_of_a_bare_repository_beside_them(repo, tmp_path):
    """A layout that many use: `.bare`, a `.git` that leads to it, and a folder for each branch."""
    home = tmp_path / "home"
    repo.clone(home / ".bare", "--bare")
    (home / ".git").write_text("gitdir: ./.bare\n")
    Repo(home).git("worktree", "add", "--quiet", "work", "main")
    linked = Repo(home / "work")
    edited(linked)
    assert_is_judged(linked)
    assert base_id(Repo(home).resolve(base="main", head="feature")) == linked.head("main")


def test_a_git_directory_kept_elsewhere(new_repo, tmp_path):
    repo = new_repo("repo", f"--separate-git-dir={tmp_path / 'elsewhere'}")
    repo.commit({"a.py": "a = 1\n"})
    edited(repo)
    assert_is_judged(repo)


def test_a_git_directory_among_the_files_of_its_tree_is_refused(repo):
    """A commit can write into it: only `.git` is kept out of commits."""
    (repo.path / ".git").rename(repo.path / "kept")
    (repo.path / ".git").write_text("gitdir: kept\n")
    assert repo.refusal() == (
        f"{repo.path}/.git leads to kept, a folder of the tree itself, which a change could write\n"
        f"  fix: run `rm .git && mv kept .git` in {repo.path}"
    )


def test_a_git_file_that_leads_nowhere(repo):
    (repo.path / ".git").rename(repo.path.parent / "moved")
    (repo.path / ".git").write_text("gitdir: ../gone\n")
    assert repo.refusal() == (
        f"{repo.path}/.git leads to ../gone, where no git repository is\n  fix: mend or remove that file"
    )


def test_alternates_are_read(repo, tmp_path):
    repo.git("clone", "--quiet", "--shared", str(repo.path), str(tmp_path / "shared"))
    shared = Repo(tmp_path / "shared")
    edited(shared)
    assert_is_judged(shared)


def test_a_partial_clone_that_has_what_it_takes(repo, tmp_path):
    repo.git("config", "uploadpack.allowFilter", "true")
    clone = repo.clone(tmp_path / "clone", "--filter=blob:none")
    edited(clone)
    assert_is_judged(clone)


def test_a_partial_clone_gets_what_it_lacks_when_asked_to(repo, tmp_path):
    repo.git("config", "uploadpack.allowFilter", "true")
    repo.git("config", "uploadpack.allowAnySHA1InWant", "true")
    repo.branch("feature")
    repo.commit({"a.py": "a = 2\n"})
    repo.switch("main")
    clone = repo.clone(tmp_path / "clone", "--filter=blob:none", "--branch=feature")
    with pytest.raises(CannotJudge, match=r"a\.py: the clone lacks its contents .*\n.*partial clone"):
        clone.resolve().base.read("a.py")
    assert clone.resolve(may_fetch=True).base.read("a.py") == b"a = 1\n"


# -- the directory that git is given


def test_no_trace_is_left_of_it(repo, tmp_path, monkeypatch):
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setenv("TMPDIR", str(place))
    change = repo.resolve()
    assert change.paths == frozenset()
    assert len(list(place.iterdir())) == 1
    del change
    gc.collect()
    assert list(place.iterdir()) == []


def test_it_is_no_part_of_the_tree_where_temporary_files_are(repo, monkeypatch):
    edited(repo)
    (repo.path / "b/temporary").mkdir()
    monkeypatch.setenv("TMPDIR", str(repo.path / "b/temporary"))
    assert_is_judged(repo)


# -- submodules


@pytest.fixture
def library(repo, new_repo):
    """A submodule of `repo`, on its `main`."""
    other = new_repo("library")
    other.commit({"a.py": "a = 1\n"})
    repo.git("submodule", "--quiet", "add", other.path.as_uri(), "library")
    repo.commit({})
    return Repo(repo.path / "library")


def test_a_submodule_is_a_project_of_its_own(library):
    edited(library)
    assert_is_judged(library)
    assert library.resolve().notes == ()


def test_a_hook_of_the_superproject_judges_a_submodule(repo, library):
    edited(library)
    outer = {"GIT_DIR": f"{repo.path}/.git", "GIT_INDEX_FILE": f"{repo.path}/.git/index", "GIT_PREFIX": ""}
    assert library.resolve(**outer).paths == {"feature.py", "staged.py", "a.py"}
    assert library.resolve(**outer, head="index").paths == {"feature.py", "staged.py"}


def test_a_folder_that_a_change_makes_a_submodule_of_is_refused(repo, new_repo):
    """Its history would be whatever the author of the change has put there."""
    other = new_repo("other")
    other.commit({"c.py": "\n"})
    repo.branch("feature")
    repo.git("rm", "--quiet", "-r", "b")
    repo.git("submodule", "--quiet", "add", other.path.as_uri(), "b")
    for _ in ("staged", "committed"):
        assert repo.refusal(project="b") == (
            f"the change makes a submodule of `b`, which was a folder of {repo.path}\n"
            "  fix: judge that change by hand: its history starts anew"
        )
        repo.commit({})


# -- links on the way


def linked(repo, target, name="b"):
    repo.branch("feature")
    repo.git("rm", "--quiet", "-r", "--ignore-unmatch", name)
    repo.write({"copy/c.py": "\n"})
    (repo.path / name).symlink_to(target)
    repo.commit({})


@pytest.mark.parametrize("target", ["../other/b", "../other/b/../b", "/tmp", "lib/b"])
def test_a_link_that_leads_the_project_out_of_the_tree_is_refused(repo, new_repo, target):
    other = new_repo("other")
    other.commit({"b/c.py": "\n"})
    repo.git("submodule", "--quiet", "add", other.path.as_uri(), "lib")
    linked(repo, target)
    there = (repo.path / target).resolve()
    refusal = (
        f"{repo.path}/b is not in {repo.path}: `b` is a link that leads out of it\n"
        f"  fix: pass {there} if that is meant"
    )
    assert repo.refusal(project="b") == refusal
    for head in (None, "HEAD"):
        with pytest.raises(CannotJudge) as caught:
            resolve_whole(repo.path / "b", head=head, environ=ENVIRON)
        assert str(caught.value) == refusal


def test_a_link_in_the_place_of_a_folder_hides_nothing_of_it(repo):
    linked(repo, "copy")
    assert repo.refusal(project="b") == (
        f"`b` leads to `copy` on disk, and not in main ({repo.head('main')[:7]})\n"
        "  fix: judge both folders, or leave it where it was: a link says nothing of what is gone"
    )
    repo.switch("main")
    repo.merge("feature")
    repo.branch("later")
    repo.commit({"other/c.py": "\n"})
    (repo.path / "b").unlink()
    (repo.path / "b").symlink_to("other")
    assert repo.refusal(project="b").startswith("`b` leads to `other` on disk, and not in main")


def test_a_link_inside_the_tree_is_followed(repo):
    linked(repo, "services", "new")
    repo.commit({"services/d/e.py": "\n"})
    for project in ("new/d", "new"):
        change = repo.resolve(project=project)
        assert (change.project, "services/d/e.py" in change.paths) == (
            project.replace("new", "services"),
            True,
        )
        assert resolve_whole(repo.path / project, head=None, environ=ENVIRON).project == change.project


def test_a_link_that_was_entered(repo, monkeypatch):
    """The folder that a process runs in has no link on its way; the shell knows by which it came."""
    linked(repo, "copy")
    monkeypatch.chdir(repo.path / "b")
    with pytest.raises(CannotJudge, match="`b` leads to `copy` on disk"):
        resolve(Path(), base=None, head=None, environ={**ENVIRON, "PWD": str(repo.path / "b")})
    resolve(Path(), base=None, head=None, environ={**ENVIRON, "PWD": str(repo.path / "elsewhere")})


def test_a_link_inside_a_plain_folder(tmp_path):
    for name in ("before", "after"):
        (tmp_path / name / "copy").mkdir(parents=True)
        (tmp_path / name / "copy" / "c.py").touch()
    (tmp_path / "after" / "b").symlink_to("copy")
    told = {"base": f"{tmp_path}/before", "head": f"{tmp_path}/after", "environ": ENVIRON}
    assert resolve(tmp_path / "after" / "b", **told).project == "copy"
    (tmp_path / "before" / "b").mkdir()
    (tmp_path / "before" / "b" / "c.py").touch()
    with pytest.raises(CannotJudge, match="`b` leads to `copy` on disk, and not in .*/before/"):
        resolve(tmp_path / "after" / "b", **told)


def test_a_link_to_the_repository_is_followed(repo, tmp_path):
    edited(repo)
    (tmp_path / "link").symlink_to(repo.path)
    assert_is_judged(Repo(tmp_path / "link"), "b")


# -- what only looks like a repository


@pytest.mark.parametrize("name", [".GIT", ".Git", "git~1", "x.git"])
def test_only_dot_git_is_a_repository(repo, name):
    """git keeps `.git` out of commits; the others stand in trees that were not made by it."""
    repo.branch("feature")
    store = repo.path.parent / "store"
    repo.git("clone", "--quiet", "--bare", str(repo.path), str(store))
    store.rename(repo.path / "b" / name)
    repo.write({"b/c.py": "c = 2\n"})
    assert "b/c.py" in repo.resolve(project="b").paths
    assert repo.resolve(project="b").project == "b"


# -- hooks


def run_as_hook(repo: Repo, name: str, more: str = "") -> None:
    hook = repo.path / ("hooks" if (repo.path / "HEAD").exists() else ".git/hooks") / name
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(
        f"#!{sys.executable}\n"
        "import os, sys\n"
        f"sys.path.insert(0, {os.getcwd()!r})\n"
        "from pathlib import Path\n"
        "from migration_lint.change import resolve\n"
        f"told = dict(base=None, head=None)\n{more}\n"
        "change = resolve(Path('.'), environ=dict(os.environ), **told)\n"
        f"Path({str(repo.path.parent / 'seen')!r}).write_text(' '.join(sorted(change.paths)))\n"
    )
    hook.chmod(0o755)


def test_a_hook_in_a_linked_worktree(repo, tmp_path):
    """git sets GIT_DIR and GIT_INDEX_FILE for it, below `.git/worktrees`."""
    run_as_hook(repo, "pre-commit", "told['head'] = 'index'")
    repo.git("worktree", "add", "--quiet", "-b", "feature", str(tmp_path / "linked"))
    linked = Repo(tmp_path / "linked")
    linked.write({"a.py": "a = 2\n", "b/c.py": "c = 2\n"})
    linked.git("commit", "--quiet", "--message", "one", "a.py")
    assert (tmp_path / "seen").read_text() == "a.py"


def test_a_hook_of_a_bare_repository_on_a_server(repo, tmp_path):
    """What was pushed is still in quarantine, and GIT_DIR is `.`."""
    server = repo.clone(tmp_path / "server.git", "--bare")
    pushed = "old, new, ref = sys.stdin.read().split()\ntold = dict(base='main', head=new)"
    run_as_hook(server, "pre-receive", pushed)
    repo.branch("feature")
    repo.commit({"feature.py": "\n"})
    done = subprocess.run(
        ("git", "push", "--quiet", str(server.path), "feature"),
        cwd=repo.path,
        env=ENVIRON | IDENTITY,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "seen").read_text() == "feature.py"
