"""The pages for each kind of user: what they print is what a person gets who follows them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
import yaml

from .documented import PAGES, ROOT, session
from .hosts.tools import need
from .review.diffs import Change
from .review.github_host import GitHubHost

EXAMPLE = ROOT / "examples/deployment_events"


def machine() -> dict[str, str]:
    """A machine with the command on PATH, without settings, where every commit is made at one time."""
    when = "2026-03-02T12:00:00+0000"
    return {
        "HOME": tempfile.gettempdir(),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "MIGRATION_LINT_CACHE": "off",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        **{f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER") for what, value in
           (("NAME", "Ann"), ("EMAIL", "ann@example.org"), ("DATE", when))},
    }  # fmt: skip


def renewed_page(name: str, folder: Path) -> str:
    """A page with what its commands print today."""
    return {"ci": _ci, "pre-commit": _pre_commit, "review": _review}[name](folder)


def _ci(folder: Path) -> str:
    return session(PAGES["ci"], folder, machine())


def _pre_commit(folder: Path) -> str:
    """With the hooks of this checkout, in place of those that pre-commit would clone and install."""

    def local(text: str) -> str:
        (asked,) = yaml.safe_load(text)["repos"]
        wanted = [hook["id"] for hook in asked["hooks"]]
        known = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
        of_a_remote = ("additional_dependencies", "minimum_pre_commit_version")
        hooks = [
            {**{key: value for key, value in hook.items() if key not in of_a_remote}, "language": "system"}
            for hook in known
            if hook["id"] in wanted
        ]
        return yaml.safe_dump({"repos": [{"repo": "local", "hooks": hooks}]})

    environ = {**machine(), "PRE_COMMIT_HOME": str(folder / "kept")}
    need("pre-commit", environ)
    return session(PAGES["pre-commit"], folder, environ, local)


def _review(folder: Path) -> str:
    """With a GitHub on this machine: its pull request has the head that the page makes, its job the event."""
    for part in ("first", "then"):
        (folder / part).mkdir()
    session(PAGES["review"], folder / "first", machine())
    head = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=folder / "first/shop", capture_output=True, text=True, check=True
    ).stdout.strip()
    changed = EXAMPLE / "changes/drop-hint-only-producer"
    files = {}
    for path in sorted(each for each in changed.rglob("*") if each.is_file()):
        before = EXAMPLE / "project" / path.relative_to(changed)
        old = before.read_text(encoding="utf-8") if before.exists() else ""
        files[str(path.relative_to(changed))] = Change(old, path.read_text(encoding="utf-8"))
    host = GitHubHost(files)
    host.head = head
    event = folder / "event.json"
    event.write_text(json.dumps({"pull_request": {"number": 7, "head": {"sha": head}}}))
    try:
        return session(
            PAGES["review"], folder / "then", {**machine(), **host.environ, "GITHUB_EVENT_PATH": str(event)}
        )
    finally:
        host.server.stop()


@pytest.mark.skipif(os.name == "nt", reason="the pages are written for a POSIX shell")
@pytest.mark.parametrize("name", PAGES)
def test_a_page_prints_what_its_commands_print(name: str, tmp_path: Path) -> None:
    page = PAGES[name].read_text(encoding="utf-8")
    assert renewed_page(name, tmp_path) == page, "mend it: python -m tests.documented"
