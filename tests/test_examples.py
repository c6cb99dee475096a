from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from migration_lint.check.models import run_models

from .documented import ROOT, commands, run

EXAMPLE = ROOT / "examples/deployment_events"
DOCUMENT = EXAMPLE / "README.md"
IN_SQLALCHEMY = EXAMPLE / "in_sqlalchemy"
PLAIN = sorted(path.name for path in (EXAMPLE / "changes").iterdir())
CHANGES = [*PLAIN, *sorted(f"sqlalchemy/{path.name}" for path in (IN_SQLALCHEMY / "changes").iterdir())]


def verdicts() -> dict[str, str]:
    """What the document says of each change: its heading's first word."""
    text = DOCUMENT.read_text(encoding="utf-8")
    return {
        change: verdict
        for verdict, change in re.findall(r"^## (\w+):.*\n\n```\n\$ python try\.py (\S+)", text, re.MULTILINE)
    }


def test_every_change_is_documented_with_its_command() -> None:
    assert sorted(verdicts()) == sorted(CHANGES)
    assert len(commands(DOCUMENT)) == len(CHANGES)


@pytest.mark.parametrize("change", CHANGES)
def test_each_change_passes_or_fails_as_its_heading_says(change: str) -> None:
    ran = run(DOCUMENT, f"try.py {change}")
    assert ran.returncode == {"Passes": 0, "Warns": 0, "Fails": 1}[verdicts()[change]], ran.stdout


def test_an_unknown_change_is_answered_with_the_known_ones() -> None:
    ran = run(DOCUMENT, "try.py drop-everything")
    assert ran.returncode == 1
    assert ran.stdout.startswith("say which change to judge: add-attempt, ")


def alembic_sql(project: Path) -> str:
    """What Alembic itself makes of a project's whole history."""
    return subprocess.run(
        [sys.executable, "-m", "alembic", "upgrade", "head", "--sql"],
        cwd=project,
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def test_the_history_is_one_that_alembic_runs(tmp_path: Path) -> None:
    # A copy: Python leaves compiled scripts beside those that it runs, and other tests judge the example.
    sql = alembic_sql(Path(shutil.copytree(EXAMPLE / "project", tmp_path / "project")))
    assert "CREATE TABLE deployment_events" in sql
    assert "ALTER TABLE deployment_events RENAME cause TO reason" in sql
    assert "ADD COLUMN hint text NOT NULL DEFAULT ''" in sql


@pytest.mark.parametrize("change", PLAIN)
def test_alembic_runs_each_change(change: str, tmp_path: Path) -> None:
    after = tmp_path / "after"
    shutil.copytree(EXAMPLE / "project", after)
    shutil.copytree(EXAMPLE / "changes" / change, after, dirs_exist_ok=True)
    (script,) = (EXAMPLE / "changes" / change / "migrations/versions").iterdir()
    revision = script.name.partition("_")[0]
    assert f"UPDATE alembic_version SET version_num='{revision}'" in alembic_sql(after)


@pytest.mark.parametrize(
    ("contract", "pattern", "sources"),
    [
        (
            "worker.producer",
            r"INSERT INTO deployment_events \(([^)]+)\)",
            ["worker/autopsy.go", "worker/autopsy.py"],
        ),
        ("api.consumer", r"SELECT ([^;]+?)\s+FROM deployment_events", ["api/events.go", "api/events.py"]),
    ],
)
def test_the_services_use_the_columns_of_their_contracts(
    contract: str, pattern: str, sources: list[str]
) -> None:
    declared = yaml.safe_load((EXAMPLE / f"project/contracts/{contract}.yaml").read_text(encoding="utf-8"))
    columns = list(declared["tables"]["deployment_events"]["columns"])
    for source in sources:
        (found,) = re.findall(pattern, (EXAMPLE / "project/services" / source).read_text(encoding="utf-8"))
        assert re.split(r",\s*", found) == columns


@pytest.mark.parametrize("service", ["worker", "api"])
def test_the_models_have_the_columns_that_the_migrations_make(service: str, tmp_path: Path) -> None:
    shutil.copytree(EXAMPLE / "project", tmp_path, dirs_exist_ok=True)
    shutil.copytree(IN_SQLALCHEMY / "project", tmp_path, dirs_exist_ok=True)
    other = {"worker": "api", "api": "worker"}[service]
    (tmp_path / f"services/{other}/models.py").unlink()
    found, notes = run_models(tmp_path, head=f"{tmp_path}/", environ={}, use_cache=False)
    # neither has a model of deployments, nor says what keys and indexes the migrations make
    assert {each.kind for each in found} == {"remove_table", "remove_constraint", "remove_index"}
    assert not notes
