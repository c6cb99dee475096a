"""A second folder of scripts beside the first: which is run on the database that contracts are about."""

from __future__ import annotations

from pathlib import Path

import pytest

from .projects import CONSUMER, FIRST, PRODUCER, PROJECT, VERSIONS, Files, Runner, Verdict, script

INI = "[alembic]\nscript_location = {0}\n"
TO_DB: Files = {"alembic.ini": INI.format("db")}
#: What says that the folder is the new one, in every way that Alembic reads by itself.
TOML = '[tool.alembic]\nscript_location = "%(here)s/db"\n'
DEPLOYED: list[Files] = [TO_DB, {"alembic.ini": None, "pyproject.toml": TOML}]
DROP = 'op.drop_column("deployment_events", "hint")'
ENV = {"db/env.py": "from alembic import context\n", "migrations/env.py": "from alembic import context\n"}
COPIED: Files = {**ENV, "db/versions/a1.py": PROJECT[FIRST]}
DROPPED: Files = {**COPIED, "db/versions/b2.py": script(DROP)}


def said(database: str) -> Files:
    above = f"database: {database}\ntables:\n"
    return {path: PROJECT[path].replace("tables:\n", above) for path in (PRODUCER, CONSUMER)}


@pytest.fixture
def runner(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Runner:
    return Runner(tmp_path, capsys)


def drops(found: Verdict) -> bool:
    return "contract-column-dropped" in found.rules


@pytest.mark.parametrize("deployed", DEPLOYED)
def test_a_contract_cannot_stay_with_a_folder_that_is_not_deployed(runner: Runner, deployed: Files) -> None:
    """Even where nothing is dropped yet: the next change would do so unseen."""
    for change in (COPIED, DROPPED):
        found = runner.change({**change, **deployed, **said("migrations")})
        assert found.status == 2
        assert "names the database migrations, which no configuration speaks of any more\n" in found.error
        assert "  fix: write `database: db`, which has taken its place, or take migrations" in found.error


@pytest.mark.parametrize("deployed", DEPLOYED)
@pytest.mark.parametrize("names", [{}, said("db")])
def test_the_table_is_judged_where_it_is_deployed(runner: Runner, deployed: Files, names: Files) -> None:
    assert drops(runner.change({**DROPPED, **deployed, **names}))


def test_moving_to_another_folder_changes_nothing(runner: Runner) -> None:
    assert runner.change({**COPIED, **TO_DB, **said("db")}).status == 0


def test_a_folder_that_was_there_unconfigured(runner: Runner) -> None:
    moved = {**TO_DB, "db/versions/b2.py": script(DROP), **said("db")}
    assert drops(runner.change(moved, {**COPIED, **said("migrations")}))


@pytest.mark.parametrize("name", ["migrations", "old", "db", "alembic"])
def test_the_old_folder_keeps_a_configuration_of_another_name(runner: Runner, name: str) -> None:
    """Alembic goes on from base's revisions in either: nothing says which of them is deployed."""
    change = {**DROPPED, **TO_DB, "old.ini": INI.format("migrations"), **said(name)}
    found = runner.change(change)
    assert drops(found) or found.status == 2


def test_a_second_database_of_its_own(runner: Runner) -> None:
    """It shares no revision, and whoever configured the first still does: it is nothing to the contracts."""
    other = script('op.create_table("deployment_events", sa.Column("hint", sa.Text()))', "z1", None)
    more: Files = {**ENV, "db/versions/z1.py": other, "db/versions/z2.py": script(DROP, "z2", "z1")}
    assert not drops(runner.change({**more, "db.ini": INI.format("db"), **said("migrations")}))
    renamed = {**TO_DB, "first.ini": INI.format("migrations"), **said("first")}
    assert not drops(runner.change({**more, **renamed}))


def test_the_first_of_two_databases_is_still_judged(runner: Runner) -> None:
    other = script('op.create_table("deployment_events", sa.Column("hint", sa.Text()))', "z1", None)
    more: Files = {**ENV, "db/versions/z1.py": other, "db.ini": INI.format("db")}
    assert drops(runner.change({**more, f"{VERSIONS}/b2.py": script(DROP), **said("migrations")}))
