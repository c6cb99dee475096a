"""The command line, and where it takes from what it needs."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from migration_lint.cli import main

from ..documented import ROOT
from ..projects import CONSUMER, PRODUCER, PROJECT, Repository, revision
from .benches import GitHubBench, GitLabBench, sent, shown
from .diffs import Change
from .github_host import TOKEN
from .samples import HEAD, report

EXPECTED = Path(__file__).parent / "expected"
HOSTS = ("GITHUB_", "GH_", "GITLAB_", "CI_")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a report, and no CI around it."""
    for name in list(os.environ):
        if name.startswith(HOSTS):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "report.json").write_bytes(report())
    return tmp_path


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = main(["review", *arguments])
    out, err = capsys.readouterr()
    assert TOKEN not in out + err
    return status, out, err


def test_from_a_real_change_to_its_comments(
    github: GitHubBench, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The report of a change that drops a column, while one of its contracts is edited, but not mended."""
    repository = Repository.new(folder / "repository", PROJECT)
    base = repository.git("rev-parse", "HEAD")
    drop = revision('op.drop_column("deployment_events", "hint")')
    edited = PROJECT[CONSUMER].replace("kind: {type: text,", "kind: {type: text, values: [oom],")
    repository.commit({**drop, CONSUMER: edited})
    main(["check", "repository", "--base", base, "--head", "HEAD", "--format", "json", "--output", "r.json"])
    [(path, script)] = drop.items()
    head = github.host.head = repository.git("rev-parse", "HEAD")
    github.change_files({path: Change("", script), CONSUMER: Change(PROJECT[CONSUMER], edited)})
    for name, value in github.host.environ.items():
        monkeypatch.setenv(name, value)

    arguments = "github", "--report", "r.json", "--pull-request", "7", "--commit", head
    assert told(capsys, *arguments) == (0, "2 comments posted, summary posted\n", "")
    # Who commits, and when, is in the commit's name.
    said = re.sub(r"[0-9a-f]{40}", "HEAD", re.sub(r"body=[0-9a-f]{16}", "body=…", shown(github)))
    if os.environ.get("UPDATE_EXPECTED"):
        (EXPECTED / "change.md").write_text(said, encoding="utf-8")
    assert said == (EXPECTED / "change.md").read_text(encoding="utf-8")
    assert PRODUCER in github.summaries()[0]
    assert told(capsys, *arguments) == (0, "nothing to write\n", "")


def test_a_dry_run_prints_a_request_a_line(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bench = GitLabBench()
    for name, value in bench.host.environ.items():
        monkeypatch.setenv(name, value)
    status, out, err = told(capsys, "gitlab", "--report", "report.json", "--dry-run")
    bench.host.server.stop()
    assert status == 0
    requests = [json.loads(line) for line in out.splitlines()]
    assert [(each["method"], each["url"].removeprefix(bench.host.server.url)) for each in requests] == [
        *[("POST", "/projects/shop%2Fback%20end/merge_requests/7/draft_notes")] * 5,
        ("POST", "/projects/shop%2Fback%20end/merge_requests/7/draft_notes/bulk_publish"),
        ("POST", "/projects/shop%2Fback%20end/merge_requests/7/notes"),
    ]
    assert err == "would do, and nothing is sent: 5 comments posted, summary posted\n"
    assert sent(bench) == []


def test_everything_that_is_missing_is_said_at_once(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, _, err = told(capsys, "github", "--report", "report.json")
    assert (status, err) == (
        2,
        """\
error: it is not known which repository to review
  fix: give --repository OWNER/NAME
error: it is not known which request to review
  fix: give --pull-request NUMBER
error: it is not known for which commit the report was made
  fix: give --commit with its full SHA
error: there is no token to write comments with
  fix: put a token into the environment variable GITHUB_TOKEN
""",
    )
    status, _, err = told(capsys, "gitlab", "--report", "report.json")
    assert status == 2
    assert "give --project the project's number or path" in err
    assert "GITLAB_TOKEN" in err


@pytest.mark.parametrize(
    ("variables", "arguments", "said"),
    [
        ({"GITHUB_TOKEN": f"{TOKEN}\nX-Evil: 1"}, [], "GITHUB_TOKEN holds no token"),
        ({"GITHUB_API_URL": "http://ghe.example/api/v3"}, [], "none that a token may be sent to"),
        ({"GITHUB_API_URL": "ftp://ghe.example"}, [], "none that a token may be sent to"),
        ({}, ["--api-url", "https://user:pass@ghe.example"], "none that a token may be sent to"),
        ({"GITHUB_REPOSITORY": "../../evil"}, [], "which repository"),
        ({"GITHUB_REPOSITORY": "a/b?x"}, [], "which repository"),
        ({}, ["--commit", "abc"], "for which commit"),
        ({}, ["--name", "a b"], "'a b' is no --name"),
        ({}, ["--report", "gone.json"], "the report cannot be read"),
    ],
)
def test_what_is_wrong_is_said_before_anything_is_sent(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    variables: dict[str, str],
    arguments: list[str],
    said: str,
) -> None:
    given = {"GITHUB_REPOSITORY": "octo/shop", "GITHUB_TOKEN": TOKEN, **variables}
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    usual = ["--report", "report.json", "--pull-request", "7", "--commit", HEAD]
    status, out, err = told(capsys, "github", *usual, *arguments)
    assert (status, out) == (2, "")
    assert said in err
    assert "pass@" not in err
    assert "fix:" in err or "gone.json" in err


@pytest.mark.parametrize(
    ("event", "arguments", "status"),
    [
        ({"pull_request": {"number": 7, "head": {"sha": HEAD}}}, [], 0),
        ({"workflow_run": {"head_sha": HEAD, "pull_requests": []}}, ["--pull-request", "7"], 0),
        ({"workflow_run": {"head_sha": HEAD, "pull_requests": []}}, [], 2),
        ({}, [], 2),
        ([1], [], 2),
        (None, [], 2),
    ],
)
def test_the_event_says_which_pull_request_and_which_commit(
    github: GitHubBench,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    event: object,
    arguments: list[str],
    status: int,
) -> None:
    (folder / "event.json").write_text("" if event is None else json.dumps(event), encoding="utf-8")
    for name, value in {**github.host.environ, "GITHUB_EVENT_PATH": "event.json"}.items():
        monkeypatch.setenv(name, value)
    done = told(capsys, "github", "--report", "report.json", "--dry-run", *arguments)
    assert done[0] == status, done


@pytest.mark.parametrize(
    ("api", "graphql"),
    [
        ("https://api.github.com", "https://api.github.com/graphql"),
        ("https://ghe.example/api/v3", "https://ghe.example/api/graphql"),
        ("https://ghe.example/api/v3/", "https://ghe.example/api/graphql"),
    ],
)
def test_the_addresses_of_an_enterprise_server(api: str, graphql: str) -> None:
    from migration_lint.review.target import RequestOptions, target_of

    asked = RequestOptions("octo/shop", 7, HEAD, api)
    target = target_of(
        "github", asked, {"GITHUB_TOKEN": TOKEN, "GITHUB_GRAPHQL_URL": "https://other.example"}
    )
    assert (target.api, target.graphql) == (api.rstrip("/"), graphql)
    assert TOKEN not in repr(target)


def test_a_report_from_standard_input(
    github: GitHubBench, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = [sys.executable, "-m", "migration_lint", "review", "github", "--report", "-", "--dry-run",
               "--pull-request", "7", "--commit", HEAD]  # fmt: skip
    environ = {**github.host.environ, "PYTHONPATH": str(ROOT)}
    ran = subprocess.run(command, input=report(), env=environ, capture_output=True, check=True)
    assert len(ran.stdout.splitlines()) == 2


def test_without_the_extra_it_says_what_to_install(folder: Path) -> None:
    run = "import sys; sys.modules['httpx'] = None; from migration_lint.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", run, "review", "github", "--report", "report.json",
               "--repository", "a/b", "--pull-request", "7", "--commit", HEAD]  # fmt: skip
    environ = {"GITHUB_TOKEN": TOKEN, "PYTHONPATH": str(ROOT)}
    ran = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True)
    assert ran.returncode == 2
    assert ran.stderr == (
        "error: a review needs packages that are not installed\n"
        "  fix: pip install 'migration-contract-lint[review]'\n"
    )


def test_what_could_not_be_said_is_exit_status_2(
    github: GitHubBench, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    github.host.pending = True
    for name, value in github.host.environ.items():
        monkeypatch.setenv(name, value)
    arguments = "github", "--report", "report.json", "--pull-request", "7", "--commit", HEAD
    assert told(capsys, *arguments) == (
        2,
        "summary posted\n",
        "error: GitHub takes none of 5 comments: github-actions[bot] has a review that is not submitted\n"
        "  fix: submit or discard it, or use a token of a user of its own, and run it again\n",
    )


def test_what_is_closed_without_the_right_to_resolve_is_said_to_be_so(
    github: GitHubBench, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    github.host.may_resolve = False
    for name, value in github.host.environ.items():
        monkeypatch.setenv(name, value)
    github.review(report())
    (folder / "report.json").write_bytes(report([], []))
    arguments = "github", "--report", "report.json", "--pull-request", "7", "--commit", HEAD
    status, out, err = told(capsys, *arguments)
    assert (status, out) == (0, "5 comments closed, not resolved, summary updated\n")
    assert err == "note: the token may not resolve threads (GITHUB_TOKEN needs contents: write for it)\n"
    assert "5 threads are closed, not resolved: the token may not resolve them." in github.summaries()[0]
    assert told(capsys, *arguments) == (0, "nothing to write\n", "")
