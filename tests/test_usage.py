"""What a person mistypes on the command line: one style of error, which says what was probably meant.

What is printed is compared whole.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from .projects import PROJECT, Repository, report, revision, write

DROP = revision('op.drop_column("deployment_events", "hint")')
UNUSUAL = {"x.sql": "DROP TABLE t;\n", "notes/readme.txt": ""}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with a revision on a branch."""
    repository = Repository.new(tmp_path / "project", {**PROJECT, **UNUSUAL})
    repository.git("checkout", "--quiet", "-b", "topic")
    repository.commit(DROP)
    monkeypatch.chdir(repository.path)
    return repository.path


def see(command: str) -> str:
    return f"see `migration-lint {command} --help`"


MISTAKES = {
    "chek": ("migration-lint has no command chek", "did you mean check?"),
    "frobnicate": (
        "migration-lint has no command frobnicate",
        "the commands are check, contract, explain, models, parity, report-schema, review, rules, server, "
        "show and sizes",
    ),
    "contract exprt x": ("migration-lint contract has no command exprt", "did you mean export?"),
    "review githb": ("migration-lint review has no command githb", "did you mean github?"),
    "review github": (
        "migration-lint review github needs --report",
        see("review github"),
    ),
    "contract init": (
        "migration-lint contract init needs TABLE",
        see("contract init"),
    ),
    "contract export": (
        "migration-lint contract export needs ID",
        see("contract export"),
    ),
    "review github --report x --most y": (
        "--most: 'y' is not a valid integer range",
        see("review github"),
    ),
    "check --formt json": ("migration-lint check has no option --formt", "did you mean --format?"),
    "check --zzzz": (
        "migration-lint check has no option --zzzz",
        "`migration-lint check --help` lists the options",
    ),
    "check --format jsn": ("--format cannot be jsn", "did you mean json?"),
    "check --format zzz": (
        "--format cannot be zzz",
        "write text, json, github, sarif, gitlab, junit, rdjson or markdown",
    ),
    "check --format sarif=": ("--format sarif= does not name a file", "write sarif or sarif=FILE"),
    "check --fail-on warn": ("--fail-on cannot be warn", "did you mean warning?"),
    "show --dialect postgres": ("--dialect cannot be postgres", "did you mean postgresql?"),
    "contract export x --format jsonschema": ("--format cannot be jsonschema", "did you mean json-schema?"),
    "contract export api.consumr": ("there is no contract api.consumr", "did you mean api.consumer?"),
    "contract export web": ("there is no contract web", "name one of api.consumer or worker.producer"),
    "contract init deploymnt_events --producer x": (
        "the migrations make no table deploymnt_events",
        "did you mean deployment_events?",
    ),
    "contract init deployment_events": (
        "neither side of the contract is named",
        "name --producer, --consumer or both",
    ),
    "explain data-colum-dropped": (
        "there is no rule data-colum-dropped",
        "did you mean data-column-dropped, data-schema-dropped or data-column-swapped?",
    ),
    "check --head indx": (
        "--head: this repository has no branch, tag or commit 'indx'",
        "did you mean index?",
    ),
    "check --base topik": (
        "--base: this repository has no branch, tag or commit 'topik'",
        "did you mean topic?",
    ),
    "check migratons": ("there is no file or folder migratons", "did you mean migrations?"),
    "check migrations/versions/b3.py": (
        "there is no file or folder migrations/versions/b3.py",
        "did you mean migrations/versions/b2.py?",
    ),
    "parity contrcts": ("there is no folder contrcts", "did you mean contracts?"),
    "parity x.sql": ("x.sql is a file, not a folder", "name the folder of the project"),
    "check migrations/versions": (
        "migrations/versions is a folder of migration scripts, and no project",
        "name the folder of the project, or scripts: migration-lint check migrations/versions/*.py",
    ),
    "check migrations contracts": ("2 folders are named, and a run judges one", "run it for each"),
    "check . migrations/versions/b2.py": (
        "folders and scripts are named",
        "name one folder, or scripts alone",
    ),
    "check migrations/versions/b2.py --base main": (
        "scripts that are named are judged as if they were new, as they are in the work tree",
        "leave out --base, --head, --all and --write-baseline, or the scripts",
    ),
    "check x.sql": (
        "x.sql: this is no migration script of the project",
        "name scripts of the migrations, or the folder of the project",
    ),
    "show x.sql": (
        "x.sql: this is no Python script",
        "name a script that ends in .py, or a folder of them; SQL is read where a script executes it",
    ),
    "check --all --base main": (
        "--all judges every revision, and compares with no --base",
        "leave one of them out",
    ),
    "check --write-baseline b.yaml": ("--write-baseline lists what is found in every revision", "add --all"),
    "check --all --write-baseline missing/b.yaml": (
        "missing/b.yaml: the folder that it is to stand in is not there",
        "make that first, or name another file with --write-baseline",
    ),
    "check --output missing/report.txt": (
        "missing/report.txt: the folder that it is to stand in is not there",
        "make that first, or name another file with --output",
    ),
}


@pytest.mark.parametrize("line", MISTAKES)
def test_a_mistake(line: str, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    message, fix = MISTAKES[line]
    assert report(capsys, *line.split()) == f"exit status 2\n\nerror: {message}\n  fix: {fix}\n"


def test_a_group_without_a_command_shows_its_help(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = report(capsys, "contract")
    assert told.startswith("exit status 2\n\nUsage: migration-lint contract [OPTIONS] COMMAND [ARGS]...\n")


# -- check SCRIPT


FOUND = """\
exit status 1

error[contract-column-dropped]: deployment_events.hint is dropped, but api.consumer and worker.producer did not change with it
 --> migrations/versions/b2.py:9
  |
9 |     op.drop_column("deployment_events", "hint")
  |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
 ::: contracts/api.consumer.yaml:11  still reads hint: {type: text, nullable: false}; expected: no entry for hint
 ::: contracts/worker.producer.yaml:10  still writes hint: {type: text, nullable: false}; expected: no entry for hint
  = fix: remove hint from api.consumer and worker.producer in this change, once no code behind it names the column any more
  = order: deploy api, then worker, then this migration

1 error in 1 revision
"""  # noqa: E501


@pytest.mark.parametrize("folder", [".", "migrations", "migrations/versions", ".."])
def test_a_script_is_judged_as_if_it_were_new(
    folder: str, project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    script = os.path.relpath(project / "migrations/versions/b2.py")
    assert report(capsys, "check", script) == FOUND


def test_a_script_says_nothing_of_the_others(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = "migrations/versions/a1_deployment_events.py"
    assert report(capsys, "check", first) == "exit status 0\n\nno findings in 1 revision\n"
    both = report(capsys, "check", first, "migrations/versions/b2.py")
    assert both == FOUND.replace("in 1 revision", "in 2 revisions")


def test_a_script_from_before_the_start_is_judged_where_it_is_named(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "migration-lint.toml").write_text('start-after = "b2"\n')
    assert report(capsys, "check", "migrations/versions/b2.py") == FOUND


def test_a_script_outside_of_a_repository(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(write(tmp_path / "plain", {**PROJECT, **DROP}))
    assert report(capsys, "check", "migrations/versions/b2.py") == FOUND
