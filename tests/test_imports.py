"""What a run imports: reading a module that a run does not need costs more than the run itself."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from migration_lint.cli import COMMANDS

from .documented import ROOT
from .projects import CONSUMER, PRODUCER, PROJECT, Repository, report, revision

FOLLOWED = {
    **revision('op.drop_column("deployment_events", "hint")'),
    PRODUCER: PROJECT[PRODUCER].replace("      hint: {type: text, nullable: false}\n", ""),
    CONSUMER: PROJECT[CONSUMER].replace("      hint: {type: text, nullable: false}\n", ""),
}

#: Runs the command line as the installed command does, then tells what was imported.
RUN = """\
import sys
from migration_lint.cli import main
status = main(sys.argv[1:])
print(*sorted(sys.modules), sep="\\n", file=sys.stderr)
sys.exit(status)
"""


def imported(*arguments: str, cache: Path) -> set[str]:
    """The modules that a run imports, which has to find nothing."""
    ran = subprocess.run(
        [sys.executable, "-c", RUN, *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT), "MIGRATION_LINT_CACHE": str(cache)},
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return set(ran.stderr.split())


@pytest.fixture
def check(tmp_path: Path) -> tuple[str, ...]:
    """The arguments that judge a change which drops a column, and which both contracts follow."""
    repository = Repository.new(tmp_path / "repository", PROJECT)
    base = repository.git("rev-parse", "HEAD")
    repository.commit(FOLLOWED)
    return "check", str(repository.path), "--base", base, "--head", "HEAD"


def test_a_check_needs_no_library_that_is_slow_to_import(check: tuple[str, ...], tmp_path: Path) -> None:
    found = imported(*check, cache=tmp_path / "cache")
    assert "migration_lint.reading.python.interpreter" in found
    assert found.isdisjoint({"alembic", "sqlalchemy", "sqlglot", "jsonschema"})


def test_a_warm_check_reads_neither_scripts_nor_yaml_again(check: tuple[str, ...], tmp_path: Path) -> None:
    assert "yaml" in imported(*check, cache=tmp_path / "cache")
    found = imported(*check, cache=tmp_path / "cache")
    assert "migration_lint.check.pipeline" in found
    slow = {
        "alembic",
        "sqlalchemy",
        "sqlglot",
        "jsonschema",
        "yaml",
        "difflib",
        "hashlib",
        "importlib.metadata",
    }
    reading = {
        "migration_lint.reading.python.interpreter",
        "migration_lint.contracts.parse",
        "migration_lint.models.compare",  # no changed file is a model
        "migration_lint.sources",
    }
    assert found.isdisjoint(slow | reading)


def test_a_check_without_contracts_evaluates_no_conditions(tmp_path: Path) -> None:
    bare = {path: text for path, text in PROJECT.items() if path not in (PRODUCER, CONSUMER)}
    repository = Repository.new(tmp_path / "repository", bare)
    base = repository.git("rev-parse", "HEAD")
    repository.commit(revision('op.execute("COMMENT ON TABLE deployment_events IS NULL")'))
    found = imported(
        "check", str(repository.path), "--base", base, "--head", "HEAD", cache=tmp_path / "cache"
    )
    assert "migration_lint.check.pipeline" in found
    assert "migration_lint.catalog.condition" not in found


@pytest.mark.parametrize("command", ["--help", "--version", "check --help", "review github --help"])
def test_help_needs_nothing_but_click(command: str, tmp_path: Path) -> None:
    found = imported(*command.split(), cache=tmp_path / "cache")
    ours = {name for name in found if name.startswith("migration_lint")}
    assert ours <= {
        "migration_lint",
        "migration_lint.cli",
        *(
            f"migration_lint.cli.{module}"
            for module in (*COMMANDS.values(), "completion", "output", "reports", "usage")
        ),
        "migration_lint.data_class",
        "migration_lint.errors",
        "migration_lint.named_tuple",
        "migration_lint.operations",
        "migration_lint.severity",
        "migration_lint.wording",
    }


@pytest.mark.parametrize("arguments", [("check", "--all"), ("parity",), ("show", "migrations")])
def test_nothing_depends_on_the_sqlalchemy_beside_it(arguments: tuple[str, ...], tmp_path: Path) -> None:
    """A project may have any release, or none: what is said is the same."""
    project = ROOT / "examples/deployment_events/project"

    def said(*before: str) -> tuple[int, str]:
        code = "\n".join(("import sys", *before, "from migration_lint.cli import main", "sys.exit(main())"))
        ran = subprocess.run(
            [sys.executable, "-c", code, *arguments],
            cwd=project,
            env={
                **os.environ,
                "PYTHONPATH": str(ROOT),
                "MIGRATION_LINT_CACHE": str(tmp_path / str(len(before))),
            },
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.stderr == ""
        return ran.returncode, ran.stdout

    alone = said("sys.modules['sqlalchemy'] = sys.modules['alembic'] = None")
    assert alone == said()
    assert alone[1]


def test_a_live_database_takes_an_extra(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "sqlalchemy.engine", None)
    monkeypatch.chdir(ROOT / "examples/deployment_events/project")
    assert report(capsys, "parity", "--database-url", "sqlite://") == (
        "exit status 2\n\nerror: reading a live database needs packages that are not installed\n"
        "  fix: pip install 'migration-contract-lint[database]'\n"
    )
