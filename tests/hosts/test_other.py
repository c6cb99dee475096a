"""The recipes for other CI systems: each command, run with the system's variables in a clone of depth 1."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from ..projects import Repository
from .act import EXAMPLES, Server, example_change

RECIPES = dict(
    re.findall(r"^## (.+?)\n(.+?)(?=^## |\Z)", (EXAMPLES / "other.md").read_text(), re.MULTILINE | re.DOTALL)
)
BROKEN = "deployment_events.hint is dropped, but api.consumer did not change with it"

#: What a system sets for a pull request into main; `merge` where it checks out a merge.
SYSTEMS = {
    "Azure Pipelines": {
        "TF_BUILD": "True",
        "SYSTEM_PULLREQUEST_TARGETBRANCH": "refs/heads/main",
        "BUILD_SOURCEBRANCH": "refs/pull/7/merge",
        "BUILD_SOURCEVERSION": "{merge}",
    },
    "Bitbucket": {"CI": "true", "BITBUCKET_BUILD_NUMBER": "1", "BITBUCKET_PR_DESTINATION_BRANCH": "main"},
    "Buildkite": {"CI": "true", "BUILDKITE": "true", "BUILDKITE_PULL_REQUEST_BASE_BRANCH": "main"},
    "CircleCI": {"CI": "true", "CIRCLECI": "true"},
    "Jenkins": {"JENKINS_URL": "https://ci.example.org/", "CHANGE_TARGET": "main"},
}


def commands(recipe: str) -> list[str]:
    """The lines that judge."""
    found = re.findall(r"(?:^|run: |- )\s*(migration-lint check .+)$", RECIPES[recipe], re.MULTILINE)
    return [str(each).partition(" || ")[0] for each in found]


LINES = [(system, line) for system in SYSTEMS for line in commands(system)]


@pytest.mark.parametrize(("system", "line"), LINES)
def test_the_recipe_finds_what_the_pull_request_breaks(
    system: str, line: str, environ: dict[str, str], tmp_path: Path
) -> None:
    server = Server(tmp_path / "host")
    server.branch("feature", example_change("drop-hint-only-producer"))
    merge = server.merged(7, "feature")
    is_merge = "{merge}" in SYSTEMS[system].values()
    ref = "refs/pull/7/merge" if is_merge else "refs/heads/feature"
    depth = [] if "--fetch" not in line else ["--depth=1"]
    clone = Repository.new(tmp_path / "clone", {"test-results/.keep": ""})
    clone.git("remote", "add", "origin", server.url)
    clone.git("fetch", "--quiet", *depth, "origin", ref)
    clone.git("checkout", "--quiet", "--detach", "FETCH_HEAD")
    clone.git("branch", "--delete", "--force", "main")
    if not depth:
        clone.git("fetch", "--quiet", "origin", "+refs/heads/main:refs/remotes/origin/main")
    (clone.path / "test-results").mkdir(exist_ok=True)
    ran = subprocess.run(
        ["bash", "-c", line],
        cwd=clone.path,
        env={**environ, **{name: value.format(merge=merge) for name, value in SYSTEMS[system].items()}},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert (ran.returncode, BROKEN in ran.stdout) == (1, True), ran.stdout


def test_every_system_s_recipe_is_tried() -> None:
    assert RECIPES.keys() - {"A server's own hook"} == SYSTEMS.keys()


def test_a_server_s_own_hook_keeps_a_push_out(environ: dict[str, str], tmp_path: Path) -> None:
    server = Server(tmp_path / "host")
    (script,) = re.findall(r"```sh\n(.+?)```", RECIPES["A server's own hook"], re.DOTALL)
    hook = server.path / "hooks/pre-receive"
    hook.write_text(f"#!/bin/sh\n{script}")
    hook.chmod(0o755)

    def push(change: str) -> subprocess.CompletedProcess[str]:
        server.work.git("checkout", "--quiet", "-B", "try", "main")
        server.work.commit(dict(example_change(change)))
        return subprocess.run(
            ["git", "push", str(server.path), "try:main"],
            cwd=server.work.path,
            env=environ,
            capture_output=True,
            text=True,
            check=False,
        )

    broken = push("drop-hint-only-producer")
    assert (broken.returncode, BROKEN in broken.stderr) == (1, True), broken.stderr
    assert push("drop-hint-both").returncode == 0
