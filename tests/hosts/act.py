"""A code host on this machine: bare repositories, and `act` to run workflows as GitHub would."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ..documented import ROOT
from ..projects import Files, Repository, write

EXAMPLES = ROOT / "examples/ci"
EXAMPLE = ROOT / "examples/deployment_events"
STAND_INS = Path(__file__).parent / "actions"


def example_change(name: str) -> dict[str, bytes]:
    """The files of a change of the example."""
    folder = EXAMPLE / "changes" / name
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


class Server:
    """A bare repository: the example on `main`, which moves on after branches have left it."""

    def __init__(self, folder: Path, project: Files | None = None) -> None:
        self.work = Repository(folder / "work")
        self.path = folder / "server"
        self.folder = folder
        self.work.path.mkdir(parents=True)
        if project is None:
            shutil.copytree(EXAMPLE / "project", self.work.path, dirs_exist_ok=True)
        self.work.git("init", "--quiet", "--initial-branch=main")
        self.left = self.work.commit(project or {})
        self.main = self.work.commit({"README.md": "main has moved on\n"})
        self.work.git("init", "--quiet", "--bare", "--initial-branch=main", str(self.path))
        self.push("main")

    @property
    def url(self) -> str:
        return self.path.as_uri()

    def push(self, ref: str, place: str = "") -> None:
        self.work.git("push", "--quiet", "--force", str(self.path), f"{ref}:{place or f'refs/heads/{ref}'}")

    def branch(self, name: str, files: Files, start: str = "") -> str:
        """A branch with two commits, the last of which holds the files."""
        self.work.git("checkout", "--quiet", "-B", name, start or self.left)
        self.work.commit({"notes.md": "a first commit\n"})
        head = self.work.commit(files)
        self.push(name)
        return head

    def merged(self, number: int, name: str) -> str:
        """The merge that GitHub makes of a pull request, and the commits' refs."""
        self.work.git("checkout", "--quiet", "--detach", "main")
        self.work.git("merge", "--quiet", "--no-ff", "--message", f"Merge {name} into main", name)
        self.push("HEAD", f"refs/pull/{number}/merge")
        self.push(name, f"refs/pull/{number}/head")
        return self.work.git("rev-parse", "HEAD")


class Annotation(NamedTuple):
    """What a reviewer sees at a line."""

    level: str
    properties: dict[str, str]
    message: str


class Run(NamedTuple):
    """How a workflow ended, and what it said to the host."""

    passed: bool
    annotations: list[Annotation]
    commands: set[str]
    outputs: dict[str, str]
    summary: str
    log: str


class Act:
    """Runs workflows. Actions that GitHub would download are folders of this machine."""

    def __init__(self, folder: Path, environ: Mapping[str, str]) -> None:
        self.folder = folder
        self.kept = folder / "kept"
        self.environ = {**environ, "HOME": str(folder), "XDG_CACHE_HOME": str(folder / "cache")}

    def run(
        self,
        workflow: str,
        event: str,
        payload: Mapping[str, object],
        server: Server,
        sha: str,
        *options: str,
    ) -> Run:
        """One event, at the commit that GITHUB_SHA names.

        act does not wait for the last output of a step that fails, and loses it on a busy machine
        (`exec` in its host_environment.go). The action's last line shows that all has come.
        """
        for _ in range(5):
            run = self._run(workflow, event, payload, server, sha, *options)
            if f"exit status {run.outputs.get('status')}\n" in run.log:
                return run
        raise AssertionError(f"act loses what the action says: {run.log}")

    def _run(
        self,
        workflow: str,
        event: str,
        payload: Mapping[str, object],
        server: Server,
        sha: str,
        *options: str,
    ) -> Run:
        here = self.folder / "control"
        shutil.rmtree(here, ignore_errors=True)
        self.kept.mkdir(exist_ok=True)
        Repository(self.folder).git("clone", "--quiet", "--no-checkout", "--no-local", server.url, str(here))
        Repository(here).git("fetch", "--quiet", "origin", sha)
        Repository(here).git("checkout", "--quiet", "--detach", sha)
        write(self.folder, {"workflow.yml": workflow, "event.json": json.dumps(payload)})
        ran = subprocess.run(
            ["act", event, "--json", "-P", "ubuntu-latest=-self-hosted", "--no-skip-checkout"]
            + ["--no-cache-server", "-W", f"{self.folder}/workflow.yml", "-e", f"{self.folder}/event.json"]
            + ["--env", f"SERVER={server.url}", "--env", f"KEPT={self.kept}", *self._actions(workflow)]
            + list(options),
            cwd=here,
            env=self.environ,
            capture_output=True,
            text=True,
            check=False,
        )
        told = [json.loads(line) for line in ran.stdout.splitlines() if line.startswith("{")]
        assert any("jobResult" in each for each in told), ran.stdout + ran.stderr
        return _run(ran.returncode == 0, told)

    def _actions(self, workflow: str) -> list[str]:
        options = []
        for used, name in re.findall(r"uses: (\S+/([\w-]+)@\w+)", workflow):
            folder = self.published if name == "migration-lint" else STAND_INS / name
            # What is a folder of a repository is looked for below it.
            options += ["--local-repository", f"{used.replace(f'/{name}@', '@')}={STAND_INS}"
                        if used.count("/") > 1 else f"{used}={folder}"]  # fmt: skip
        return options

    @property
    def published(self) -> Path:
        """This project as a repository of its own: what an action's checkout holds."""
        place = self.folder / "published"
        if not place.exists():
            place.mkdir()
            for name in ("action.yml", "pyproject.toml", "hatch_build.py", "README.md", "LICENSE"):
                shutil.copy(ROOT / name, place / name)
            for name in ("migration_lint", "rules"):
                shutil.copytree(ROOT / name, place / name, ignore=shutil.ignore_patterns("__pycache__"))
        return place


def _run(passed: bool, told: list[dict[str, Any]]) -> Run:
    # What a step of an action says is told again of the step that uses it.
    inner = [each for each in told if len(each.get("stepID", ())) > 1]
    commands = [each for each in inner if "command" in each]
    return Run(
        passed,
        [
            Annotation(each["command"], each["kvPairs"], each["arg"])
            for each in commands
            if each["command"] in ("error", "warning", "notice")
        ],
        {each["command"] for each in commands},
        {each["name"]: each["arg"] for each in commands if each["command"] == "set-output"},
        "".join(each["content"] for each in commands if each["command"] == "summary"),
        "".join(str(each["msg"]) for each in told if each.get("raw_output")),
    )
