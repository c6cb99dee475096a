from __future__ import annotations

import json
import os
import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import jsonschema
import pytest

from migration_lint import __version__
from migration_lint.cli import command, main

ROOT = Path(__file__).parents[1]
PROJECT = ROOT / "examples/deployment_events/project"
CHANGES = ROOT / "examples/deployment_events/changes"

Run = Callable[..., "Ran"]


class Ran:
    """One run of the command line: exit status, standard output, standard error."""

    def __init__(self, status: int, out: str, err: str) -> None:
        self.status, self.out, self.err = status, out, err


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs the command line in an empty folder, as on a machine that is no CI's."""
    monkeypatch.chdir(tmp_path)
    for name in (
        "CI",
        "GITHUB_ACTIONS",
        "GITLAB_CI",
        "FORCE_COLOR",
        "CLICOLOR_FORCE",
        "MIGRATION_LINT_DEBUG",
    ):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments: str | Path) -> Ran:
        status = main([str(argument) for argument in arguments])
        return Ran(status, *capsys.readouterr())

    return run


@pytest.fixture
def after(tmp_path: Path) -> Callable[[str], Path]:
    """The example's project with one of its changes laid over it."""

    def after(change: str) -> Path:
        folder = tmp_path / change
        shutil.copytree(PROJECT, folder)
        shutil.copytree(CHANGES / change, folder, dirs_exist_ok=True)
        return folder

    return after


def in_a_process(*arguments: str | Path, cwd: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "migration_lint", *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environ},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


# -- check


def test_findings_exit_with_1(run: Run, after: Callable[[str], Path]) -> None:
    head = after("drop-hint-only-producer")
    ran = run("check", head, "--base", PROJECT, "--head", head)
    assert ran.status == 1
    assert ran.out.startswith("error[contract-column-dropped]: deployment_events.hint is dropped")
    assert ran.out.endswith("1 error in 1 revision\n")
    assert ran.err == ""


def test_nothing_found_exits_with_0(run: Run, after: Callable[[str], Path]) -> None:
    head = after("drop-hint-both")
    ran = run("check", head, "--base", PROJECT, "--head", head)
    assert (ran.status, ran.out, ran.err) == (0, "no findings in 1 revision\n", "")


def test_json_has_the_design_s_shape(run: Run, after: Callable[[str], Path]) -> None:
    head = after("drop-hint-only-producer")
    ran = run("check", head, "--base", PROJECT, "--head", head, "--format", "json")
    (finding,) = json.loads(ran.out)["findings"]
    assert finding["path"] == "migrations/versions/4f1c2a9d7b31_drop_hint.py"
    assert (finding["line"], finding["column"], finding["end_line"]) == (18, 5, 18)
    assert finding["revision"] == "4f1c2a9d7b31"
    assert finding["contract"]["id"] == "api.consumer"
    assert finding["fingerprint"]


def test_github_annotates_the_operation(run: Run, after: Callable[[str], Path]) -> None:
    head = after("drop-hint-only-producer")
    ran = run("check", head, "--base", PROJECT, "--head", head, "--format", "github")
    assert ran.out.startswith(
        "::error file=migrations/versions/4f1c2a9d7b31_drop_hint.py,line=18,endLine=18,col=5,endColumn=48,"
        "title=contract-column-dropped::deployment_events.hint is dropped"
    )


def test_several_reports_in_one_run(run: Run, after: Callable[[str], Path], tmp_path: Path) -> None:
    head = after("drop-hint-only-producer")
    files = {
        form: tmp_path / f"report.{form}"
        for form in ("json", "sarif", "gitlab", "junit", "rdjson", "markdown")
    }
    wanted = [argument for form, file in files.items() for argument in ("--format", f"{form}={file}")]
    ran = run("check", head, "--base", PROJECT, "--head", head, "--format", "text", *wanted)
    assert ran.status == 1
    assert ran.out.endswith("1 error in 1 revision\n")
    for file in files.values():
        assert "contract-column-dropped" in file.read_text()
    help_text = json.loads(files["sarif"].read_text())["runs"][0]["tool"]["driver"]["rules"][0]["help"]
    assert "What to do" in help_text["markdown"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["--format", "serif"],
            "error: --format cannot be serif fix: did you mean sarif?",
        ),
        (
            ["--format", "sarif="],
            "error: --format sarif= does not name a file fix: write sarif or sarif=FILE",
        ),
        (["--format", "text", "--format", "json"], "fix: write one of text and json as FORMAT=FILE"),
        (["--format", "json=a", "--output", "b"], "--output has nothing to write"),
        (
            ["--format", "json=a", "--format", "text", "--output", "./a"],
            "two reports cannot go to one file",
        ),
    ],
)
def test_reports_that_have_no_place_of_their_own(run: Run, arguments: list[str], said: str) -> None:
    ran = run("check", *arguments)
    assert (ran.status, ran.out) == (2, "")
    assert said in " ".join(ran.err.split())
    assert not Path("a").exists()


def test_output_goes_to_a_file_as_a_whole(run: Run, after: Callable[[str], Path], tmp_path: Path) -> None:
    head, file = after("drop-hint-only-producer"), tmp_path / "report.json"
    file.write_text("what was there before")
    file.chmod(0o640)
    ran = run("check", head, "--base", PROJECT, "--head", head, "--format", "json", "--output", file)
    assert (ran.status, ran.out) == (1, "")
    assert json.loads(file.read_text())["summary"]["errors"] == 1
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert sorted(path.name for path in tmp_path.iterdir()) == ["drop-hint-only-producer", "report.json"]


def test_output_through_a_link_keeps_the_link(run: Run, after: Callable[[str], Path], tmp_path: Path) -> None:
    head, link = after("drop-hint-both"), tmp_path / "link.txt"
    link.symlink_to("real.txt")
    run("check", head, "--base", PROJECT, "--head", head, "--output", link)
    assert link.is_symlink()
    assert (tmp_path / "real.txt").read_text() == "no findings in 1 revision\n"


def test_output_to_what_is_no_file_does_not_replace_it(run: Run, after: Callable[[str], Path]) -> None:
    head = after("drop-hint-both")
    assert run("check", head, "--base", PROJECT, "--head", head, "--output", "/dev/null").status == 0
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)


def test_output_that_cannot_be_written(run: Run, after: Callable[[str], Path], tmp_path: Path) -> None:
    head = after("drop-hint-both")
    ran = run("check", head, "--base", PROJECT, "--head", head, "--output", tmp_path / "no/such/report.json")
    assert ran.status == 2
    assert ran.err == (
        f"error: {tmp_path}/no/such/report.json: the folder that it is to stand in is not there\n"
        "  fix: make that first, or name another file with --output\n"
    )


def test_fail_on_says_what_fails(run: Run, after: Callable[[str], Path]) -> None:
    head = after("add-attempt")
    (script,) = head.glob("migrations/versions/f72b94d3e0c8_*.py")
    script.write_text(
        script.read_text().replace(
            "op.add_column(", 'op.alter_column("deployment_events", "hint", server_default="-")#'
        )
    )
    ran = run("check", head, "--base", PROJECT, "--head", head)
    assert (ran.status, ran.out.splitlines()[-1]) == (0, "1 warning in 1 revision")
    assert run("check", head, "--base", PROJECT, "--head", head, "--fail-on", "warning").status == 1


def test_a_change_that_turns_its_own_gate_down_fails_all_the_same(
    run: Run, after: Callable[[str], Path]
) -> None:
    head = after("drop-hint-nobody-follows")
    (head / "migration-lint.toml").write_text(
        'require = "touched"\nfail-on = "error"\ncontracts = ["none/*.yaml"]\n'
        'severity.contract-column-dropped = "off"\nseverity.contract-removed = "off"\n'
    )
    ran = run("check", head, "--base", PROJECT, "--head", head)
    assert ran.status == 1
    assert "error[contract-column-dropped]: " in ran.out
    assert ran.out.count(" takes effect once it is merged; this change is judged with ") == 4


def test_all_judges_the_whole_history(run: Run) -> None:
    ran = run("check", PROJECT, "--head", PROJECT, "--all")
    assert ran.out.endswith(" in 4 revisions\n")


def test_all_has_nothing_to_compare_with(run: Run) -> None:
    ran = run("check", PROJECT, "--all", "--base", "main")
    assert ran.status == 2
    assert "--all judges every revision" in ran.err


# -- what cannot be judged


def test_every_problem_is_told_once_and_the_status_is_2(run: Run, after: Callable[[str], Path]) -> None:
    head = after("drop-hint-both")
    (head / "migration-lint.toml").write_text('require = "agree"\nprotect = []\n')
    ran = run("check", head, "--base", PROJECT, "--head", head)
    assert (ran.status, ran.out) == (2, "")
    assert ran.err == (
        'error: migration-lint.toml:1: require cannot be "agree"\n'
        "  fix: did you mean agrees?\n"
        'error: migration-lint.toml:2: unknown key "protect"\n'
        "  fix: did you mean protected?\n"
    )


@pytest.mark.parametrize(
    "arguments",
    [
        ["check", "no-such-folder"],
        ["check", "--format", "yaml"],
        ["check", "--bse", "main"],
        ["show", "no-such-file.py"],
        ["frobnicate"],
    ],
)
def test_wrong_usage_exits_with_2(run: Run, arguments: list[str]) -> None:
    ran = run(*arguments)
    assert ran.status == 2
    assert ran.out == ""
    assert re.fullmatch(r"error: .*\n  fix: .*\n", ran.err)


def test_without_a_command_there_is_help(run: Run) -> None:
    ran = run()
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.startswith("Usage: migration-lint [OPTIONS] COMMAND [ARGS]...\n")


def test_a_folder_that_is_no_repository(run: Run, tmp_path: Path) -> None:
    ran = run("check", tmp_path)
    assert ran.status == 2
    assert ran.err.startswith("error: ")
    assert "Traceback" not in ran.err


def test_what_a_terminal_obeys_does_not_come_through(run: Run, after: Callable[[str], Path]) -> None:
    head = after("drop-hint-both")
    (head / "migration-lint.toml").write_text('"\\u001b[2Jkey" = 1\n')
    ran = run("check", head, "--base", PROJECT, "--head", head)
    assert ran.status == 2
    assert "\x1b" not in ran.err


# -- show, explain, rules, contract schema


def test_show_is_for_people(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(PROJECT)
    ran = run("show", "migrations/versions/c47d08e2b1fa_failure_autopsies.py")
    assert ran.status == 0
    assert ran.out.splitlines()[:3] == [
        "c47d08e2b1fa failure autopsies  migrations/versions/c47d08e2b1fa_failure_autopsies.py",
        "  upgrade      21  rename_column deployment_events.cause to reason",
        "  upgrade      22  add_column deployment_events.event TEXT not null default ''",
    ]


def test_show_as_json_is_one_object_a_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(PROJECT.parent)
    ran = run("show", "project", "--format", "json")
    readings = [json.loads(line) for line in ran.out.splitlines()]
    assert [(reading["revision"], reading["down_revision"]) for reading in readings] == [
        ("8d2f41c07a95", None),
        ("b91e6a3f5c20", "8d2f41c07a95"),
        ("c47d08e2b1fa", "b91e6a3f5c20"),
        ("e05a9d74c3b6", "c47d08e2b1fa"),
    ]
    assert readings[2]["path"] == "project/migrations/versions/c47d08e2b1fa_failure_autopsies.py"
    rename = readings[2]["upgrade"][0]
    assert {key: rename[key] for key in ("kind", "table", "column", "new_name", "line")} == {
        "kind": "rename_column",
        "table": "deployment_events",
        "column": "cause",
        "new_name": "reason",
        "line": 21,
    }
    assert "schema" not in rename


def test_show_reads_the_configured_dialect(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(
        "from alembic import op\nrevision = 'a'\ndown_revision = None\n\n\n"
        "def upgrade():\n    op.execute('ALTER TABLE T DROP COLUMN Hint')\n"
    )
    (tmp_path / "migration-lint.toml").write_text('dialect = "mysql"\n')
    assert "drop_column T.Hint" in run("show", "a.py").out
    assert "drop_column t.hint" in run("show", "a.py", "--dialect", "postgresql").out


def test_explain_says_why_and_what_to_do(run: Run) -> None:
    ran = run("explain", "contract-column-dropped")
    assert ran.status == 0
    assert ran.out.startswith("contract-column-dropped  (error")
    assert "What to do" in ran.out


def test_explain_names_the_nearest_rule(run: Run) -> None:
    ran = run("explain", "contract-column-droped")
    assert (ran.status, ran.out) == (2, "")
    assert ran.err.startswith(
        "error: there is no rule contract-column-droped\n  fix: did you mean contract-column-dropped"
    )


def test_rules_show_the_configured_severity(run: Run, tmp_path: Path) -> None:
    (tmp_path / "migration-lint.toml").write_text('severity.contract-default-changed = "off"\n')
    (line,) = [line for line in run("rules").out.splitlines() if " contract-default-changed " in line]
    assert line.split()[1] == "off"
    listed = {rule["name"]: rule["severity"] for rule in json.loads(run("rules", "--format", "json").out)}
    assert listed["contract-default-changed"] == "off"
    assert listed["contract-column-dropped"] == "error"


def test_rules_of_the_project_are_listed_too(run: Run, tmp_path: Path) -> None:
    source = (ROOT / "rules/contract/contract-column-dropped.yaml").read_text()
    own = tmp_path / "lint/team/no-drops-on-friday.yaml"
    own.parent.mkdir(parents=True)
    own.write_text(source)
    (tmp_path / "migration-lint.toml").write_text('rules = ["lint"]\n')
    assert "  no-drops-on-friday " in run("rules").out
    assert run("explain", "no-drops-on-friday").status == 0


def test_the_facts_are_there_for_authors_of_rules(run: Run) -> None:
    assert "contracts.behind" in run("rules", "--facts").out


def test_the_schema_accepts_the_example_s_contracts(run: Run) -> None:
    import yaml

    schema = json.loads(run("contract", "schema").out)
    jsonschema.Draft202012Validator.check_schema(schema)
    for path in PROJECT.glob("contracts/*.yaml"):
        jsonschema.validate(yaml.safe_load(path.read_text()), schema)


# -- the process


def test_the_version(run: Run) -> None:
    assert run("--version").out == f"migration-lint {__version__}\n"


def test_help_costs_no_error(run: Run) -> None:
    ran = run("check", "--help")
    assert (ran.status, ran.err) == (0, "")


def test_a_bare_checkout_finds_its_rules(tmp_path: Path) -> None:
    ran = in_a_process("rules", cwd=tmp_path)
    assert ran.returncode == 0
    assert "contract-column-dropped" in ran.stdout


def test_a_reader_that_has_gone_is_no_error(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "migration_lint", "show", str(PROJECT), "--format", "json"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    with process.stderr as stderr:
        assert stderr.read() == b""
    assert process.wait() == 0


def test_names_that_the_encoding_lacks_are_written_as_escapes(tmp_path: Path) -> None:
    (tmp_path / "ä.py").write_text(
        "from alembic import op\nrevision = 'a'\ndown_revision = None\n\n\n"
        "def upgrade():\n    op.drop_table('größe')\n",
        encoding="utf-8",
    )
    ran = in_a_process("show", "ä.py", cwd=tmp_path, PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert ran.returncode == 0
    assert "drop_table gr\\xf6\\xdfe" in ran.stdout


def test_no_traceback_but_a_request_to_report(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def defect() -> None:
        raise ZeroDivisionError("a defect\nof ours")

    monkeypatch.setitem(command.commands, "defect", click.Command("defect", callback=defect))
    ran = run("defect")
    assert ran.status == 2
    assert ran.err.startswith(
        "internal error: ZeroDivisionError: a defect\\nof ours\n  fix: please report it"
    )
    assert "Traceback" not in ran.err
    monkeypatch.setenv("MIGRATION_LINT_DEBUG", "1")
    assert "Traceback" in run("defect").err


@pytest.mark.parametrize(
    "arguments",
    [
        ["--version"],
        ["rules"],
        ["show", str(PROJECT / "migrations/versions/c47d08e2b1fa_failure_autopsies.py")],
    ],
)
def test_alembic_is_never_imported_and_click_alone_is_enough_to_start(
    arguments: list[str], tmp_path: Path
) -> None:
    ran = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "migration_lint", *arguments],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    imported = {line.rpartition("|")[2].strip() for line in ran.stderr.splitlines()}
    assert "alembic" not in imported
    if arguments == ["--version"]:
        assert not imported & {"yaml", "sqlglot", "sqlalchemy", "json", "migration_lint.change"}
