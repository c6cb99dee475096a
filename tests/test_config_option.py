"""`--config FILE`: a file of the repository stands in for the configuration of the project."""

from __future__ import annotations

from pathlib import Path

import pytest

from .projects import CONSUMER, PROJECT, Repository, Runner, report, revision

DROP = revision('op.drop_column("deployment_events", "hint")')
TOUCHED = 'require = "touched"\n'
#: A comment in both contracts: an update to nobody but who asks for files that were touched.
COMMENTED = {path: f"# looked at\n{PROJECT[path]}" for path in PROJECT if path.startswith("contracts/")}


def repository(tmp_path: Path, before: dict[str, str], after: dict[str, str]) -> Repository:
    """What a branch changes on top of `before`, checked out."""
    made = Repository.new(tmp_path / "project", {**PROJECT, **before})
    made.git("checkout", "--quiet", "-b", "topic")
    made.commit({**DROP, **COMMENTED, **after})
    return made


@pytest.mark.parametrize(
    ("name", "text"),
    [("lint/ci.toml", TOUCHED), ("lint/pyproject.toml", f"[tool.migration-lint]\n{TOUCHED}")],
)
def test_it_stands_in_for_what_the_project_says(
    name: str, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = repository(tmp_path, {name: text, "migration-lint.toml": 'require = "agrees"\n'}, {})
    monkeypatch.chdir(made.path)
    runner = Runner(tmp_path, capsys)
    assert "contract-column-dropped" in runner.check().rules
    assert "contract-column-dropped" not in runner.check("--config", name).rules


def test_it_is_named_from_where_one_stands_and_speaks_of_the_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    files = {f"services/events/{path}": text for path, text in PROJECT.items()}
    made = Repository.new(tmp_path / "project", {**files, "lint.toml": 'protected = ["nothing"]\n'})
    monkeypatch.chdir(made.path)
    told = report(capsys, "parity", "services/events", "--config", "lint.toml", "--head", "HEAD")
    assert told.endswith("in 2 contracts\n")
    told = report(capsys, "check", "services/events", "--all", "--config", "lint.toml")
    assert told.startswith("exit status 2\n\nerror: lint.toml:1: ")
    assert "nothing" in told


def test_a_change_that_brings_the_file_is_held_to_what_the_project_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = repository(tmp_path, {"migration-lint.toml": "# guarded\n"}, {"new.toml": TOUCHED})
    monkeypatch.chdir(made.path)
    told = report(capsys, "check", "--config", "new.toml")
    assert "error[contract-column-dropped]" in told
    assert (
        'note: new.toml: require = "touched" takes effect once it is merged; '
        'this change is judged with "agrees"\n'
    ) in told


def test_it_is_read_from_the_tree_that_is_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = repository(tmp_path, {"ci.toml": "# guarded\n"}, {})
    (made.path / "ci.toml").write_text(TOUCHED)
    monkeypatch.chdir(made.path)
    assert (
        "contract-column-dropped"
        in Runner(tmp_path, capsys).check("--config", "ci.toml", "--head", "HEAD").rules
    )


REFUSED = {
    "missing.toml": (
        "missing.toml: --config: there is no such file in what is judged",
        "correct the path",
    ),
    "../outside.toml": (
        "../outside.toml: --config names a file outside of what is judged, which no commit holds",
        "put it into the repository of the project",
    ),
    "away.toml": (
        "away.toml: what it says is not seen: `away.toml` is a link that leads out of what is judged",
        "write it among the files of the project",
    ),
    "pyproject.toml": (
        "pyproject.toml: --config: there is no [tool.migration-lint] in it",
        "begin it with [tool.migration-lint]",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_in_the_tree_is_refused(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "outside.toml").write_text(TOUCHED)
    made = repository(tmp_path, {"pyproject.toml": ""}, {})
    (made.path / "away.toml").symlink_to("../outside.toml")
    monkeypatch.chdir(made.path)
    message, fix = REFUSED[name]
    for command in ("check", "parity"):
        told = report(capsys, command, "--config", name)
        assert told == f"exit status 2\n\nerror: {message}\n  fix: {fix}\n"


def test_contracts_are_mended_with_it_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = repository(tmp_path, {"ci.toml": 'contracts = ["contracts/api.*"]\n'}, {})
    monkeypatch.chdir(made.path)
    told = report(capsys, "contract", "sync", "--config", "ci.toml")
    assert f"+++ b/{CONSUMER}" in told
    assert "worker.producer" not in told
    told = report(capsys, "contract", "export", "worker.producer", "--config", "ci.toml")
    assert told == (
        "exit status 2\n\nerror: there is no contract worker.producer\n  fix: name one of api.consumer\n"
    )
