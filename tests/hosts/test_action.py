"""The GitHub Action, run by act on real repositories: what is compared, and what the host is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ..projects import VERSIONS, Files
from .act import EXAMPLES, Act, Annotation, Run, Server, example_change
from .tools import need

pytestmark = pytest.mark.one_in(2)

GATE = (EXAMPLES / "github/pull-request.yml").read_text(encoding="utf-8")
BROKEN, FOLLOWED = example_change("drop-hint-only-producer"), example_change("drop-hint-both")
ZEROS = "0" * 40

ANNOTATION = Annotation(
    "error",
    {
        "file": "migrations/versions/4f1c2a9d7b31_drop_hint.py",
        "line": "18",
        "endLine": "18",
        "col": "5",
        "endColumn": "48",
        "title": "contract-column-dropped",
    },
    "deployment_events.hint is dropped, but api.consumer did not change with it\n"
    "contracts/api.consumer.yaml:19  still reads hint: {type: text, nullable: false}; "
    "expected: no entry for hint\n"
    "fix: remove hint from api.consumer in this change, once no code behind it names the column any more\n"
    "order: deploy api, then worker, then this migration",
)


def with_inputs(workflow: str = GATE, **inputs: str) -> str:
    """A workflow whose action runs what is installed here, with these inputs."""
    lines = "".join(
        f"          {name.replace('_', '-')}: {json.dumps(value)}\n"
        for name, value in {"command": "migration-lint", **inputs}.items()
    )
    assert workflow.count("        id: lint\n") == 1
    return workflow.replace("        id: lint\n", f"        id: lint\n        with:\n{lines}")


def at_depth(workflow: str, depth: int) -> str:
    told = "          persist-credentials: false\n"
    assert workflow.count(told) == 1
    return workflow.replace(told, f"{told}          fetch-depth: {depth}\n")


def on_every_branch(workflow: str) -> str:
    limit = "    branches: [main]\n"
    assert workflow.count(limit) == 1
    return workflow.replace(limit, "")


@pytest.fixture
def server(tmp_path: Path) -> Server:
    return Server(tmp_path / "host")


@pytest.fixture
def act(tmp_path: Path, environ: dict[str, str]) -> Act:
    need("act", environ)
    (tmp_path / "act").mkdir()
    return Act(tmp_path / "act", environ)


def pull_request(act: Act, server: Server, workflow: str, files: Files, name: str = "feature") -> Run:
    """A pull request: its branch, its merge, and its event, which knows main as it was before."""
    head = server.branch(name, files)
    merge = server.merged(7, name)
    payload = {
        "number": 7,
        "pull_request": {
            "number": 7,
            "base": {"ref": "main", "sha": server.left},
            "head": {"ref": name, "sha": head},
        },
    }
    return act.run(workflow, "pull_request", payload, server, merge)


def push(act: Act, server: Server, workflow: str, branch: str, before: str) -> Run:
    payload = {"ref": f"refs/heads/{branch}", "before": before, "repository": {"default_branch": "main"}}
    return act.run(on_every_branch(workflow), "push", payload, server, server.work.git("rev-parse", branch))


@pytest.mark.parametrize("depth", [1, 2])
def test_a_pull_request(act: Act, server: Server, depth: int) -> None:
    run = pull_request(act, server, at_depth(with_inputs(), depth), BROKEN)
    assert (run.passed, run.annotations, run.outputs["status"]) == (False, [ANNOTATION], "1")
    assert "api.consumer" in run.summary
    # What comment.yml reads.
    assert (
        json.loads((act.kept / "report.json").read_text())["findings"][0]["rule"]
        == ANNOTATION.properties["title"]
    )


def test_a_pull_request_that_both_contracts_follow(act: Act, server: Server) -> None:
    run = pull_request(act, server, with_inputs(), FOLLOWED)
    assert (run.passed, run.annotations, run.outputs["status"]) == (True, [], "0")


@pytest.mark.parametrize(("files", "passed"), [(FOLLOWED, True), (BROKEN, False)])
def test_parity_runs_too_where_it_is_asked_for(act: Act, server: Server, files: Files, passed: bool) -> None:
    """Of the two runs the graver one counts, and each leaves its summary and its report."""
    run = pull_request(act, server, with_inputs(parity="true"), files)
    assert (run.passed, run.outputs["status"]) == (passed, "0" if passed else "1")
    assert run.summary.count("### migration-lint") == 2
    assert run.outputs["parity-report"].endswith("/parity.json")
    assert run.outputs["report"].endswith("/report.json")
    assert "in 2 contracts" in run.summary


@pytest.mark.parametrize("depth", [1, 2])
def test_a_merge_group(act: Act, server: Server, depth: int) -> None:
    server.branch("feature", BROKEN)
    group = server.merged(7, "feature")
    queue = f"gh-readonly-queue/main/pr-7-{server.main}"
    server.push(group, f"refs/heads/{queue}")
    payload = {
        "merge_group": {
            "head_sha": group,
            "head_ref": f"refs/heads/{queue}",
            "base_sha": server.main,
            "base_ref": "refs/heads/main",
        }
    }
    run = act.run(at_depth(with_inputs(), depth), "merge_group", payload, server, group)
    assert (run.passed, run.annotations) == (False, [ANNOTATION])


def test_a_push_to_main(act: Act, server: Server) -> None:
    server.branch("main", BROKEN, "main")
    run = push(act, server, with_inputs(), "main", server.main)
    assert (run.passed, run.annotations) == (False, [ANNOTATION])


def test_a_push_to_main_of_what_was_there_before(act: Act, server: Server) -> None:
    server.branch("main", BROKEN, "main")
    before = server.work.git("rev-parse", "HEAD")
    server.branch("main", {"README.md": "more\n"}, "main")
    run = push(act, server, with_inputs(), "main", before)
    assert (run.passed, run.annotations) == (True, [])


@pytest.mark.parametrize("before", [ZEROS, "12345678" * 5], ids=["first", "forced"])
def test_a_push_of_a_branch(act: Act, server: Server, before: str) -> None:
    server.branch("feature", BROKEN)
    run = push(act, server, with_inputs(), "feature", before)
    assert (run.passed, run.annotations) == (False, [ANNOTATION])


def test_a_forced_push_to_main_that_github_no_longer_knows_is_no_silent_pass(
    act: Act, server: Server
) -> None:
    server.branch("main", BROKEN, "main")
    run = push(act, server, with_inputs(), "main", "12345678" * 5)
    (annotation,) = run.annotations
    assert (run.passed, run.outputs) == (False, {"status": "2"})
    assert annotation.message.startswith(
        "error: GitHub (push): the base is `before`, 123456781234, which this clone does not have\n"
        "  fix: origin does not give it ("
    )


def test_the_inputs(act: Act, server: Server) -> None:
    """A project in a folder, a base of one's own, and a severity; and the findings as SARIF."""
    project = {
        f"services/a b/{path}": (server.work.path / path).read_bytes()
        for path in server.work.git("ls-files").splitlines()
    }
    server.left = server.main = server.branch("main", project, "main")
    workflow = (EXAMPLES / "github/code-scanning.yml").read_text(encoding="utf-8")
    inputs = {"working_directory": "services/a b", "base": "main", "args": "--fail-on  warning\n--no-cache\n"}
    run = pull_request(
        act,
        server,
        with_inputs(workflow, **inputs),
        {f"services/a b/{path}": text for path, text in BROKEN.items()},
    )
    assert [each.properties["file"] for each in run.annotations] == [
        "services/a b/migrations/versions/4f1c2a9d7b31_drop_hint.py"
    ]
    assert "contract-column-dropped" in (act.kept / "report.sarif").read_text()


def test_an_option_that_there_is_not(act: Act, server: Server) -> None:
    run = pull_request(act, server, with_inputs(args="--fail-on nothing"), FOLLOWED)
    (annotation,) = run.annotations
    assert (run.passed, run.outputs["status"], annotation.level) == (False, "2", "error")


def test_names_that_would_be_commands(act: Act, server: Server) -> None:
    """Of a branch, of a file, of a column, in the message of a commit and in what a contract says."""
    script = "migrations/versions/4f1c2a9d7b31_drop_hint.py"
    place = f"{VERSIONS}/::error::##[error] $(touch owned) `touch owned` -%0A::set-output name=a::b.py"
    odd = BROKEN[script].replace(b'"hint"', b'"hint::error::x%0A##[add-mask]e"')
    files = {
        **BROKEN,
        script: None,
        place: odd,
        "contracts/x.yaml": "a: |\n  ::stop-commands::x\n::error::y\n",
    }
    name = "-$(touch${IFS}owned);`touch${IFS}owned`;::error::".replace(":", "%3A").lstrip("-")
    run = pull_request(act, server, with_inputs(base="main"), files, name)
    assert not run.passed, run.log
    token = run.commands - {"stop-commands", "set-output", "summary", "error", "notice"}
    assert len(token) == 1, run
    assert len(token.pop()) == 32
    assert not list(act.folder.glob("**/owned"))


@pytest.mark.parametrize("name", ["base", "working_directory", "args"])
def test_inputs_that_would_be_commands(act: Act, server: Server, name: str) -> None:
    hostile = {name: "--version;$(touch owned)`touch owned`\n##[error]x"}
    run = pull_request(act, server, with_inputs(**hostile), BROKEN)
    assert (run.passed, run.outputs["status"]) == (False, "2")
    assert [each.properties["title"] for each in run.annotations] == ["migration-lint"]
    assert not list(act.folder.glob("**/owned"))


def test_what_the_action_installs_is_its_own_version_and_nothing_of_the_checkout(
    act: Act, server: Server, environ: dict[str, str]
) -> None:
    owned = f"open({str(act.folder / 'owned')!r}, 'w').close()\n"
    modules = (
        "venv",
        "pip",
        "ensurepip",
        "yaml",
        "click",
        "json",
        "migration_lint",
        "sitecustomize",
        "usercustomize",
    )
    hostile = {f"{name}.py": owned for name in modules[4:]} | {
        f"{name}/__init__.py": owned for name in modules
    }
    hostile |= {f"{name}/__main__.py": owned for name in modules} | {
        "pyvenv.cfg": "",
        "pip.conf": "[global]\nx\n",
    }
    act.environ = {name: value for name, value in environ.items() if name != "PYTHONPATH"}
    act.environ["XDG_CACHE_HOME"] = str(act.folder / "cache")
    run = pull_request(act, server, GATE, {**BROKEN, **hostile})
    found, *others = run.annotations
    assert (run.passed, found) == (False, ANNOTATION), run.log
    # What parity with the code needs is installed where it is asked for; without it, that much is said.
    assert [each.message for each in others] == [
        "reading SQL in source was left out: pip install 'migration-contract-lint[parity]'"
    ]
    assert not (act.folder / "owned").exists()
