"""Files that a checkout writes in another form than their blob, when git has to look into them."""

from __future__ import annotations

import hashlib
import os

import pytest


def touched(repo, path: str, data: bytes | None = None) -> None:
    """git cannot know by time or size that it is as it was."""
    if data is not None:
        repo.write({path: data})
    os.utime(repo.path / path, (1, 1))


@pytest.mark.parametrize("value", ["true", "input"])
def test_line_ends_of_windows_by_configuration(repo, value):
    repo.git("config", "core.autocrlf", value)
    touched(repo, "a.py", b"a = 1\r\n")
    touched(repo, "b/c.py", b"c = 1\r\n")
    change = repo.resolve()
    assert (change.paths, change.head.read("a.py")) == (frozenset(), b"a = 1\n")
    touched(repo, "a.py", b"a = 2\r\n")
    assert repo.resolve().paths == {"a.py"}


@pytest.mark.parametrize(
    ("attributes", "is_same"),
    [
        ("* text=auto\n", True),
        ("* text eol=crlf\n", True),
        ("*.py eol=crlf\n", True),
        ("* crlf=input\n", True),
        ("* -text\n", False),
        ("*.txt text\n", False),
    ],
)
def test_line_ends_of_windows_by_attributes(repo, attributes, is_same):
    repo.commit({".gitattributes": attributes})
    touched(repo, "a.py", b"a = 1\r\n")
    assert repo.resolve().paths == (set() if is_same else {"a.py"})


def test_a_macro_of_attributes(repo):
    repo.commit({".gitattributes": "[attr]windows text eol=crlf\nb/* windows\n"})
    touched(repo, "b/c.py", b"c = 1\r\n")
    touched(repo, "a.py", b"a = 1\r\n")
    assert repo.resolve().paths == {"a.py"}


def test_an_ident(repo):
    repo.commit({".gitattributes": "*.py ident\n", "d.py": "# $Id$\n"})
    blob = repo.git("rev-parse", "HEAD:d.py")
    touched(repo, "d.py", f"# $Id: {blob} $\n".encode())
    assert repo.resolve().paths == frozenset()
    touched(repo, "d.py", f"# $Id: {blob} $\nd = 1\n".encode())
    assert repo.resolve().paths == {"d.py"}


def test_an_encoding(repo):
    repo.commit(
        {".gitattributes": "*.sql working-tree-encoding=UTF-16\n", "d.sql": "SELECT 'é'\n".encode("utf-16")}
    )
    touched(repo, "d.sql")
    assert repo.resolve().head.read("d.sql") == "SELECT 'é'\n".encode()
    assert repo.resolve().paths == frozenset()
    touched(repo, "d.sql", "SELECT 'e'\n".encode("utf-16"))
    assert repo.resolve().paths == {"d.sql"}


def test_a_file_in_git_lfs(repo):
    data = b"large\n"
    digest = hashlib.sha256(data).hexdigest()
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{digest}\nsize {len(data)}\n"
    repo.commit({"d.bin": pointer})
    repo.commit({".gitattributes": "*.bin filter=lfs diff=lfs merge=lfs -text\n"})
    touched(repo, "d.bin", data)
    change = repo.resolve()
    assert (change.paths, change.head.read("d.bin")) == (frozenset(), pointer.encode())
    touched(repo, "d.bin", b"Large\n")
    assert repo.resolve().paths == {"d.bin"}


def test_a_file_under_another_filter_is_what_the_disk_holds(repo):
    repo.commit({".gitattributes": "*.py filter=tidy\n"})
    repo.git("config", "filter.tidy.clean", "tr 2 1")
    touched(repo, "a.py", b"a = 2\n")
    change = repo.resolve()
    assert (change.paths, change.head.read("a.py")) == ({"a.py"}, b"a = 2\n")
