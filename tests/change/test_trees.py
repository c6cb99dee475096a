"""What each kind of tree lists and reads, beside what git itself says of the same files."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from migration_lint.change import EmptyTree, FolderTree, Tree
from migration_lint.errors import CannotJudge

ODD_NAMES = {
    "with space.py": "1",
    "umlaut-ä.py": "2",  # one code point
    "umlaut-a\u0308.py": "3",  # two code points: another file
    "line\nbreak.py": "4",
    'quote"back\\slash.py': "5",
    "tab\there.py": "6",
    "-option.py": "7",
    ":(glob)*.py": "8",
}


def contents(tree: Tree) -> dict[str, str]:
    """Everything that a tree holds; reading one by one and at once must be the same."""
    at_once = tree.read_many(list(tree.files()))
    assert at_once == {path: tree.read(path) for path in tree.files()}
    return {path: data.decode() for path, data in at_once.items()}


def ids_by_git(repo) -> dict[str, str]:
    return {path: repo.git("hash-object", "--no-filters", path) for path in repo.git("ls-files").splitlines()}


def test_a_commit_is_read_as_it_is_whatever_is_on_disk(repo):
    repo.write({"a.py": "a = 2\n"})
    (repo.path / "b/c.py").unlink()
    assert contents(repo.resolve(head="HEAD").head) == {"a.py": "a = 1\n", "b/c.py": "c = 1\n"}


def test_the_index_is_what_is_staged(repo):
    repo.write({"a.py": "staged\n", "new.py": "staged too\n"})
    repo.git("add", "--all")
    repo.write({"a.py": "not staged\n", "untracked.py": "\n"})
    change = repo.resolve(head="index")
    assert contents(change.head) == {"a.py": "staged\n", "b/c.py": "c = 1\n", "new.py": "staged too\n"}
    assert change.paths == {"a.py", "new.py"}


def test_a_file_that_is_only_intended_to_be_added_is_not_staged(repo):
    repo.commit({"empty.py": ""})
    repo.write({"new.py": "n = 1\n"})
    repo.git("add", "--intent-to-add", "new.py")
    assert set(repo.resolve(head="index").head.files()) == {"a.py", "b/c.py", "empty.py"}
    assert contents(repo.resolve(head="worktree").head)["new.py"] == "n = 1\n"


def test_the_work_tree_is_what_git_add_all_would_take(repo):
    repo.commit({".gitignore": "*.log\n", "gone.py": "\n", "moved.py": "moved\n"})
    repo.write({"a.py": "edited\n", "untracked/deep.py": "new\n", "ignored.log": "\n"})
    (repo.path / "gone.py").unlink()
    (repo.path / "moved.py").rename(repo.path / "b/moved.py")
    change = repo.resolve()
    assert contents(change.head) == {
        ".gitignore": "*.log\n",
        "a.py": "edited\n",
        "b/c.py": "c = 1\n",
        "b/moved.py": "moved\n",
        "untracked/deep.py": "new\n",
    }
    assert change.paths == {"a.py", "gone.py", "moved.py", "b/moved.py", "untracked/deep.py"}


def test_ids_are_gits_own_in_every_tree(repo):
    repo.commit({"empty": "", "binary": bytes(range(256)), "crlf": "a\r\nb\r\n", **ODD_NAMES})
    repo.write({"a.py": "edited\n"})
    work, commit = repo.resolve(head="worktree").head, repo.resolve(head="HEAD").head
    folder = FolderTree(repo.path)
    repo.git("add", "--all")
    index = repo.resolve(head="index").head
    assert dict(work.files()) == dict(folder.files()) == dict(index.files())
    assert {path for path in work.files() if work.files()[path] != commit.files()[path]} == {"a.py"}
    assert work.files()["a.py"] == repo.git("hash-object", "a.py")
    assert work.files()["binary"] == repo.git("hash-object", "binary")


@pytest.mark.parametrize("kind", ["HEAD", "index", "worktree", "folder"])
def test_any_name_is_a_name(repo, kind):
    repo.commit(ODD_NAMES)
    tree = FolderTree(repo.path) if kind == "folder" else repo.resolve(head=kind).head
    found = contents(tree)
    assert {path: found[path] for path in ODD_NAMES} == ODD_NAMES


@pytest.mark.parametrize("kind", ["HEAD", "index", "worktree", "untracked", "folder"])
def test_a_name_that_is_not_utf_8(repo, kind):
    name = b"latin-\xe4.py"
    try:
        (Path(os.fsdecode(os.path.join(os.fsencode(repo.path), name)))).write_bytes(b"x = 1\n")
    except OSError:
        pytest.skip("this file system takes UTF-8 only")
    if kind != "untracked":
        repo.commit({})
    specs = {"folder": None, "untracked": "worktree"}
    spec = specs.get(kind, kind)
    tree = repo.resolve(head=spec).head if spec else FolderTree(repo.path)
    assert tree.read(name.decode("utf-8", "surrogateescape")) == b"x = 1\n"


@pytest.mark.parametrize("kind", ["HEAD", "index", "worktree", "folder"])
def test_nothing_outside_is_read_through_a_link(repo, tmp_path, kind):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.py").write_text("secret\n")
    (repo.path / "file_link.py").symlink_to(outside / "secret.py")
    (repo.path / "folder_link").symlink_to(outside)
    repo.commit({})
    tree = FolderTree(repo.path) if kind == "folder" else repo.resolve(head=kind).head
    assert set(tree.files()) == {"a.py", "b/c.py"}


def test_a_tracked_folder_that_became_a_link_to_elsewhere_is_not_followed(repo, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "c.py").write_text("secret\n")
    (repo.path / "b/c.py").unlink()
    (repo.path / "b").rmdir()
    (repo.path / "b").symlink_to(outside)
    assert contents(repo.resolve().head) == {"a.py": "a = 1\n"}


def test_submodules_and_repositories_inside_are_not_part(repo, new_repo, tmp_path):
    library = new_repo("library")
    library.commit({"inside.py": "\n"})
    repo.git("submodule", "--quiet", "add", library.path.as_uri(), "library")
    repo.commit({})
    nested = repo.path / "nested"
    nested.mkdir()
    subprocess.run(("git", "init", "--quiet"), cwd=nested, check=True)
    (nested / "inside.py").write_text("\n")
    for head in ("HEAD", "index", "worktree"):
        assert set(repo.resolve(head=head).head.files()) == {".gitmodules", "a.py", "b/c.py"}
    assert set(repo.resolve(project="library", base="HEAD").head.files()) == {"inside.py"}


def test_an_unmodified_file_has_the_blobs_bytes_whatever_the_checkout_wrote(repo):
    repo.git("config", "core.autocrlf", "true")
    repo.commit({".gitattributes": "*.bin -text\n"})
    (repo.path / "a.py").unlink()
    repo.git("checkout", "--", "a.py")
    assert (repo.path / "a.py").read_bytes() == b"a = 1\r\n"
    change = repo.resolve()
    assert change.head.read("a.py") == b"a = 1\n"
    assert change.paths == frozenset()


def test_an_edited_file_under_a_filter_is_what_the_disk_holds(repo):
    repo.git("config", "core.autocrlf", "true")
    repo.write({"a.py": "a = 2\r\n"})
    change = repo.resolve()
    assert change.head.read("a.py") == b"a = 2\r\n"
    assert change.head.files()["a.py"] == repo.git("hash-object", "--no-filters", "a.py")


def test_a_file_that_was_only_touched_is_not_edited(repo):
    os.utime(repo.path / "a.py", (1, 1))
    assert repo.resolve().paths == frozenset()


def test_files_that_a_sparse_checkout_leaves_out_are_not_deleted(repo):
    repo.git("sparse-checkout", "set", "nowhere")
    assert not (repo.path / "b/c.py").exists()
    change = repo.resolve()
    assert change.head.read("b/c.py") == b"c = 1\n"
    assert change.paths == frozenset()


def test_an_index_with_conflicts_names_every_one(repo):
    repo.branch("feature")
    repo.commit({"a.py": "a = 2\n", "b/c.py": "c = 2\n"})
    repo.switch("main")
    repo.commit({"a.py": "a = 3\n", "b/c.py": "c = 3\n"})
    with pytest.raises(AssertionError):
        repo.merge("feature")
    assert repo.refusal(head="index") == (
        "a.py: has a merge conflict\n  fix: resolve it and `git add` the file\n"
        "b/c.py: has a merge conflict\n  fix: resolve it and `git add` the file"
    )
    assert b"<<<<<<<" in repo.resolve(head="worktree").head.read("a.py")


def test_untracked_files_of_tools_are_left_out_and_tracked_ones_are_not(repo):
    repo.commit({"node_modules/ours.py": "\n"})
    repo.write({"node_modules/theirs.py": "\n", "venv/pyvenv.cfg": "\n", "venv/lib/theirs.py": "\n"})
    assert set(repo.resolve().head.files()) == {"a.py", "b/c.py", "node_modules/ours.py"}


def test_a_folder_is_listed_without_what_is_not_the_projects(tmp_path):
    for path in (
        "a.py",
        "venv/ours.py",
        ".git/config",
        "worktree/.git",
        ".venv/x.py",
        "web/node_modules/x.js",
        "b/__pycache__/c.pyc",
        "environment/pyvenv.cfg",
        "environment/bin/python",
        "migrations/pyvenv.cfg",  # alone, it hides nothing
    ):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text("")
    assert list(FolderTree(tmp_path).files()) == ["a.py", "migrations/pyvenv.cfg", "venv/ours.py"]


def test_a_pipe_in_a_folder_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.py")
    (tmp_path / "a.py").write_text("")
    assert list(FolderTree(tmp_path).files()) == ["a.py"]


def test_a_file_that_changes_while_it_is_judged_is_noticed(tmp_path):
    (tmp_path / "a.py").write_text("a = 1\n")
    tree = FolderTree(tmp_path)
    assert tree.files()["a.py"]
    (tmp_path / "a.py").write_text("a = 2\n")
    with pytest.raises(CannotJudge, match=r"a\.py: changed while it was being read\n  fix: run it again"):
        tree.read("a.py")


def test_many_files_are_read_in_one_go(repo):
    files = {f"versions/{number:04}.py": f"{number}\n" * number for number in range(600)}
    repo.commit({**files, "large": "x" * 1_000_000})
    (repo.path / "versions/0599.py").unlink()
    tree = repo.resolve(head="HEAD").head
    assert {path: data.decode() for path, data in tree.read_many(files).items()} == files
    assert len(tree.read("large")) == 1_000_000


@pytest.mark.parametrize("kind", ["HEAD", "index", "worktree", "folder", "nothing"])
def test_a_file_that_is_not_listed_is_a_key_error(repo, kind):
    other = {"folder": FolderTree(repo.path), "nothing": EmptyTree()}
    tree = other.get(kind) or repo.resolve(head=kind).head
    with pytest.raises(KeyError):
        tree.read("b")
    with pytest.raises(KeyError):
        tree.read_many(["../a.py"])


def test_a_repository_with_sha_256_ids(new_repo):
    repo = new_repo("long", "--object-format=sha256")
    repo.commit({"a.py": "a = 1\n", "b.py": "b = 1\n"})
    repo.write({"a.py": "a = 2\n"})
    change = repo.resolve()
    assert change.paths == {"a.py"}
    assert change.head.files()["a.py"] == repo.git("hash-object", "a.py")


def test_replacement_objects_do_not_stand_for_what_they_replace(repo):
    blob = repo.head("HEAD:a.py")
    repo.write({"other": "replaced\n"})
    other = repo.git("hash-object", "-w", "other")
    repo.git("replace", blob, other)
    assert repo.resolve(head="HEAD").head.read("a.py") == b"a = 1\n"


def test_no_program_that_the_repository_names_is_run(repo, tmp_path):
    trap, sprung = tmp_path / "trap", tmp_path / "sprung"
    trap.write_text(f"#!/bin/sh\ntouch {sprung}\ncat\n")
    trap.chmod(0o755)
    repo.git("config", "core.fsmonitor", str(trap))
    repo.git("config", "core.pager", str(trap))
    repo.git("config", "diff.external", str(trap))
    repo.git("config", "diff.trap.textconv", str(trap))
    (repo.path / ".git/hooks").mkdir(exist_ok=True)
    (repo.path / ".git/hooks/post-index-change").write_text(trap.read_text())
    (repo.path / ".git/hooks/post-index-change").chmod(0o755)
    repo.write({".gitattributes": "*.py diff=trap\n", "a.py": "a = 2\n", "empty": ""})
    os.utime(repo.path / "b/c.py", (1, 1))
    for head in ("worktree", "index", "HEAD"):
        assert repo.resolve(head=head).paths is not None
    assert not sprung.exists()


def test_looking_writes_nothing(repo):
    os.utime(repo.path / "a.py", (1, 1))
    before = (repo.path / ".git/index").read_bytes()
    assert repo.resolve().paths == frozenset()
    assert (repo.path / ".git/index").read_bytes() == before


def test_a_blob_that_the_clone_lacks_is_named(repo):
    blob = repo.head("HEAD:a.py")
    (repo.path / ".git/objects" / blob[:2] / blob[2:]).unlink()
    with pytest.raises(CannotJudge, match=r"a\.py: the clone lacks its contents"):
        repo.resolve(head="HEAD").head.read("a.py")
