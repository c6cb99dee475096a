"""Real repositories, made by real git that knows nothing of the configuration of whoever runs the tests."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from migration_lint.change import Change, resolve
from migration_lint.errors import CannotJudge

ENVIRON = {
    "PATH": os.environ["PATH"],
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
}
IDENTITY = {
    "GIT_AUTHOR_NAME": "A",
    "GIT_AUTHOR_EMAIL": "a@example.org",
    "GIT_COMMITTER_NAME": "A",
    "GIT_COMMITTER_EMAIL": "a@example.org",
}


class Repo:
    """A repository at `path`. Every step returns the id of the commit that it leads to."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def git(self, *arguments: str, **environ: str) -> str:
        done = subprocess.run(
            ("git", "-c", "protocol.file.allow=always", "-c", "gc.auto=0", *arguments),
            cwd=self.path,
            env=ENVIRON | IDENTITY | environ,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, (arguments, done.stderr.decode())
        return done.stdout.decode().strip()

    def write(self, files: Mapping[str, str | bytes]) -> None:
        for path, text in files.items():
            place = self.path / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(text if isinstance(text, bytes) else text.encode())

    def commit(self, files: Mapping[str, str | bytes]) -> str:
        self.write(files)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "a commit")
        return self.head()

    def head(self, revision: str = "HEAD") -> str:
        return self.git("rev-parse", revision)

    def branch(self, name: str, start: str = "HEAD") -> None:
        self.git("checkout", "--quiet", "-b", name, start)

    def switch(self, name: str) -> None:
        self.git("checkout", "--quiet", name)

    def merge(self, name: str) -> str:
        self.git("merge", "--quiet", "--no-ff", "--message", "a merge", name)
        return self.head()

    def clone(self, path: Path, *options: str) -> Repo:
        """A clone over the wire, as a CI system makes it: `--depth` works."""
        self.git("clone", "--quiet", *options, self.path.as_uri(), str(path))
        return Repo(path)

    def resolve(
        self,
        *,
        base: str | None = None,
        head: str | None = None,
        project: str = ".",
        may_fetch: bool = False,
        **environ: str,
    ) -> Change:
        return resolve(
            self.path / project, base=base, head=head, environ=ENVIRON | environ, may_fetch=may_fetch
        )

    def refusal(
        self,
        *,
        base: str | None = None,
        head: str | None = None,
        project: str = ".",
        may_fetch: bool = False,
        **environ: str,
    ) -> str:
        """What it says instead of comparing."""
        with pytest.raises(CannotJudge) as caught:
            assert not self.resolve(
                base=base, head=head, project=project, may_fetch=may_fetch, **environ
            ).paths
        return str(caught.value)


class Server:
    """A code host: `main` moves on after `feature` left it, and `pull` is the merge that the host makes."""

    def __init__(self, repo: Repo) -> None:
        self.repo = repo
        self.left = repo.head()
        repo.branch("feature")
        repo.commit({"feature_1.py": "\n"})
        self.feature = repo.commit({"feature_2.py": "\n"})
        repo.switch("main")
        self.main = repo.commit({"main.py": "\n"})
        repo.git("checkout", "--quiet", "--detach", "main")
        self.pull = repo.merge("feature")
        repo.git("update-ref", "refs/pull/7/merge", self.pull)
        repo.git("update-ref", "refs/pull/7/head", self.feature)
        repo.switch("main")

    def checkout(self, path: Path, ref: str, depth: int | None = None, branch: str | None = None) -> Repo:
        """As actions/checkout does it: one ref, no tags, and no other branch unless the depth is 0."""
        path.mkdir()
        clone = Repo(path)
        clone.git("init", "--quiet")
        clone.git("remote", "add", "origin", self.repo.path.as_uri())
        how = [f"--depth={depth}"] if depth else []
        what = [f"+{ref}:refs/remotes/{branch or 'pull/7/merge'}"]
        if not depth:
            what.append("+refs/heads/*:refs/remotes/origin/*")
        clone.git("fetch", "--quiet", "--no-tags", *how, "origin", *what)
        clone.git("checkout", "--quiet", "--detach", self.repo.head(ref))
        return clone


@pytest.fixture
def new_repo(tmp_path: Path) -> Callable[..., Repo]:
    def make(name: str = "repo", *options: str) -> Repo:
        path = tmp_path / name
        path.mkdir()
        repo = Repo(path)
        repo.git("init", "--quiet", "--initial-branch=main", *options)
        return repo

    return make


@pytest.fixture
def repo(new_repo: Callable[..., Repo]) -> Repo:
    """One commit on main: `a.py` and `b/c.py`."""
    made = new_repo()
    made.commit({"a.py": "a = 1\n", "b/c.py": "c = 1\n"})
    return made


@pytest.fixture
def server(repo: Repo) -> Server:
    return Server(repo)


@pytest.fixture
def github(tmp_path: Path) -> Callable[..., dict[str, str]]:
    def environ(event: str, payload: object, **more: str) -> dict[str, str]:
        path = tmp_path / "event.json"
        path.write_text(json.dumps(payload))
        return {
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_EVENT_NAME": event,
            "GITHUB_EVENT_PATH": str(path),
            **more,
        }

    return environ


@pytest.fixture
def pull_request(server: Server, github: Callable[..., dict[str, str]]) -> dict[str, str]:
    payload = {"pull_request": {"base": {"ref": "main", "sha": server.left}, "head": {"sha": server.feature}}}
    return github(
        "pull_request",
        payload,
        GITHUB_SHA=server.pull,
        GITHUB_REF="refs/pull/7/merge",
        GITHUB_BASE_REF="main",
    )
