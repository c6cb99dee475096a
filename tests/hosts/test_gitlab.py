"""The GitLab template: its scripts, run with GitLab's variables in the clone that a runner makes."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pytest
import yaml

from ..projects import Files, Repository
from .act import EXAMPLES, Server, example_change

TEMPLATE = yaml.safe_load((EXAMPLES / "gitlab/migration-lint.yml").read_text(encoding="utf-8"))
JOB = TEMPLATE["migration-lint"]
BROKEN, FOLLOWED = example_change("drop-hint-only-producer"), example_change("drop-hint-both")
ZEROS = "0" * 40


class Ran(NamedTuple):
    status: int
    log: str
    findings: list[str]  # of the artifact for Code Quality


class Runner:
    """Checks out as GitLab's runner does, and runs the job's script by a shell."""

    def __init__(self, folder: Path, environ: Mapping[str, str]) -> None:
        self.folder = folder
        self.environ = environ

    def run(self, server: Server, ref: str, **variables: str) -> Ran:
        depth = JOB["variables"]["GIT_DEPTH"]
        self.folder.mkdir()
        clone = Repository(self.folder)
        clone.git("init", "--quiet")
        clone.git("remote", "add", "origin", server.url)
        clone.git("fetch", "--quiet", f"--depth={depth}", "origin", f"+{ref}:refs/pipelines/1")
        clone.git("checkout", "--quiet", "--force", "--detach", "refs/pipelines/1")
        defaults = {**TEMPLATE[".migration-lint"]["variables"], **JOB["variables"]}
        ran = subprocess.run(
            ["bash", "-eo", "pipefail", "-c", "\n".join(JOB["script"])],
            cwd=self.folder,
            env={
                **self.environ,
                **defaults,
                "CI": "true",
                "GITLAB_CI": "true",
                "CI_DEFAULT_BRANCH": "main",
                "CI_COMMIT_SHA": clone.git("rev-parse", "HEAD"),
                **variables,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        artifact = self.folder / JOB["artifacts"]["reports"]["codequality"]
        issues = json.loads(artifact.read_text()) if artifact.exists() else []
        return Ran(ran.returncode, ran.stdout, [issue["location"]["path"] for issue in issues])


@pytest.fixture
def server(tmp_path: Path) -> Server:
    return Server(tmp_path / "host")


@pytest.fixture
def runner(tmp_path: Path, environ: dict[str, str]) -> Runner:
    return Runner(tmp_path / "builds", environ)


def merge_request(runner: Runner, server: Server, files: Files, kind: str, name: str = "feature") -> Ran:
    """A merge request's pipeline: on its branch, or on the merge with the target branch."""
    head = server.branch(name, files)
    server.merged(7, name)
    ref = f"refs/heads/{name}" if kind == "detached" else "refs/pull/7/merge"
    return runner.run(
        server,
        ref,
        CI_PIPELINE_SOURCE="merge_request_event",
        CI_COMMIT_BEFORE_SHA=ZEROS,
        CI_MERGE_REQUEST_EVENT_TYPE=kind,
        CI_MERGE_REQUEST_DIFF_BASE_SHA=server.left,
        CI_MERGE_REQUEST_TARGET_BRANCH_NAME="main",
        CI_MERGE_REQUEST_TARGET_BRANCH_SHA="" if kind == "detached" else server.main,
        CI_MERGE_REQUEST_SOURCE_BRANCH_NAME=name,
        CI_MERGE_REQUEST_SOURCE_BRANCH_SHA="" if kind == "detached" else head,
        CI_COMMIT_MESSAGE="$(touch owned) `touch owned`",
    )


SCRIPT = "migrations/versions/4f1c2a9d7b31_drop_hint.py"


@pytest.mark.parametrize("kind", ["detached", "merged_result", "merge_train"])
def test_a_merge_request(runner: Runner, server: Server, kind: str) -> None:
    ran = merge_request(runner, server, BROKEN, kind)
    assert (ran.status, ran.findings) == (1, [SCRIPT]), ran.log
    assert "deployment_events.hint is dropped, but api.consumer did not change with it" in ran.log


def test_a_merge_request_that_both_contracts_follow(runner: Runner, server: Server) -> None:
    ran = merge_request(runner, server, FOLLOWED, "detached")
    assert (ran.status, ran.findings) == (0, []), ran.log


def test_a_push_to_the_default_branch(runner: Runner, server: Server) -> None:
    server.branch("main", BROKEN, "main")
    ran = runner.run(
        server,
        "refs/heads/main",
        CI_PIPELINE_SOURCE="push",
        CI_COMMIT_BRANCH="main",
        CI_COMMIT_BEFORE_SHA=server.main,
    )
    assert (ran.status, ran.findings) == (1, [SCRIPT]), ran.log


def test_names_that_would_be_commands(runner: Runner, server: Server) -> None:
    name = "$(touch${IFS}owned);`touch${IFS}owned`"
    odd = f"migrations/versions/$(touch owned) `touch owned` {SCRIPT.rpartition('/')[2]}"
    ran = merge_request(runner, server, {**BROKEN, SCRIPT: None, odd: BROKEN[SCRIPT]}, "detached", name)
    assert (ran.status, ran.findings) == (1, [odd]), ran.log
    assert not list(runner.folder.glob("**/owned"))


def test_what_the_comments_need_is_what_the_gate_leaves() -> None:
    """The job with the token runs what is in no checkout, and reads the report of the other job."""
    comments = TEMPLATE["migration-lint-comments"]
    (report,) = JOB["artifacts"]["paths"]
    assert comments["variables"]["GIT_STRATEGY"] == "none"
    assert [need["job"] for need in comments["needs"]] == ["migration-lint"]
    assert f"--format json={report}" in JOB["script"][0]
    assert comments["script"][-1].endswith(f"review gitlab --report {report}")


def test_projects_of_one_repository_have_jobs_of_their_own() -> None:
    """The same projects in both jobs; each comment is made from the report of its own project."""
    projects = yaml.safe_load((EXAMPLES / "gitlab/projects.yml").read_text(encoding="utf-8"))
    assert projects.keys() <= TEMPLATE.keys()
    gate, comments = projects["migration-lint"], projects["migration-lint-comments"]
    assert gate["parallel"] == comments["parallel"]
    [names] = gate["parallel"]["matrix"]
    assert names.keys() <= TEMPLATE[".migration-lint"]["variables"].keys()
    [need] = comments["needs"]
    assert need["job"] == "migration-lint"
    assert need["parallel"]["matrix"] == [{name: [f"$[[ matrix.{name} ]]"] for name in names}]
    assert all(f"${name}" in comments["resource_group"] for name in names)
    assert TEMPLATE["migration-lint-comments"]["resource_group"] in comments["resource_group"]
