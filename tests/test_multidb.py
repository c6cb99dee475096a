"""Scripts that are for several databases: each has its own tables, as Alembic's own template runs them."""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from .projects import Files, Runner, report, write

ORDERS = (
    'op.create_table("orders", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("lang", sa.Text()))'
)
DROP = 'op.drop_column("orders", "lang")'
RENAME = 'op.alter_column("orders", "lang", new_column_name="language")'


def contracts(database: str) -> dict[str, str]:
    return {
        f"contracts/{role}.yaml": f"contract: migration-lint/v1\nid: a.{role}\nservice: a\nrole: {role}\n"
        f"database: {database}\ntables:\n  orders:\n"
        "    columns:\n      lang: {type: text, nullable: true}\n"
        for role in ("producer", "consumer")
    }


class Project:
    """A project that Alembic itself begins, from its template."""

    def __init__(self, folder: Path, runner: Runner) -> None:
        self.folder, self.runner = folder, runner
        ini = folder / "alembic.ini"
        config = Config(str(ini))
        with contextlib.redirect_stdout(io.StringIO()):
            command.init(config, str(folder / "migrations"), template="multidb")
        text = ini.read_text()
        for name in ("engine1", "engine2"):
            text = re.sub(rf"(\[{name}\]\nsqlalchemy.url = ).*", rf"\1sqlite:///{folder}/{name}.db", text)
        ini.write_text(text)
        self.config = Config(str(ini))

    def revision(self, engine1: str, engine2: str) -> None:
        with contextlib.redirect_stdout(io.StringIO()):
            made = command.revision(self.config, "more")
        path = Path(made.path)  # type: ignore[union-attr]
        text = path.read_text()
        for name, body in (("engine1", engine1), ("engine2", engine2)):
            text = re.sub(
                rf"(def upgrade_{name}.*\n.*\n) +pass", lambda at, body=body: f"{at[1]}    {body}", text
            )
        path.write_text(text)

    def columns(self, engine: str) -> list[str]:
        """What Alembic makes of the table in one database."""
        command.upgrade(self.config, "head")
        inspector = sa.inspect(sa.create_engine(f"sqlite:///{self.folder}/{engine}.db"))
        return [each["name"] for each in inspector.get_columns("orders")]


@pytest.fixture
def begun(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[[str], Project]:
    def begin(name: str) -> Project:
        project = Project(tmp_path / name, Runner(tmp_path, capsys))
        project.revision(ORDERS, ORDERS)
        return project

    return begin


@pytest.mark.parametrize("changed", ["engine1", "engine2"])
@pytest.mark.parametrize("body", [DROP, RENAME])
def test_what_is_done_to_one_database(
    begun: Callable[[str], Project],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    changed: str,
    body: str,
) -> None:
    project = begun("after")
    first = {
        str(path.relative_to(project.folder)): path.read_bytes() for path in project.folder.rglob("*.py")
    }
    base = write(tmp_path / "before", {"alembic.ini": (project.folder / "alembic.ini").read_bytes(), **first})
    project.revision(*(body if name == changed else "pass" for name in ("engine1", "engine2")))
    for engine in ("engine1", "engine2"):
        for folder in (base, project.folder):
            write(folder, contracts(engine))
        found = project.runner.check(project.folder, "--base", base, "--head", project.folder)
        gate = {each for each in found.rules if each.startswith("contract-")}
        changed_here = project.columns(engine) != ["id", "lang"]
        assert changed_here == (engine == changed)
        assert bool(gate) == changed_here
    assert "in 1 revision" in report(
        capsys, "check", project.folder, "--base", base, "--head", project.folder
    )


def test_parity(begun: Callable[[str], Project], capsys: pytest.CaptureFixture[str]) -> None:
    project = begun("one")
    project.revision("pass", DROP)
    write(project.folder, contracts("engine1"))
    assert "no findings in 2 contracts" in report(capsys, "parity", project.folder)
    write(project.folder, contracts("engine2"))
    assert "error[schema-column-missing]" in report(capsys, "parity", project.folder)


def test_a_contract_says_of_which(
    begun: Callable[[str], Project], capsys: pytest.CaptureFixture[str]
) -> None:
    project = begun("one")
    without = {path: text.replace("database: engine1\n", "") for path, text in contracts("engine1").items()}
    write(project.folder, without)
    assert "write `database: engine1` or `database: engine2`" in report(capsys, "parity", project.folder)
    write(project.folder, dict.fromkeys(without))
    init = ("contract", "init", "orders", "--consumer", "x", "--project", project.folder)
    assert "--database engine1 or --database engine2" in report(capsys, *init)
    assert "exit status 0" in report(capsys, *init, "--database", "engine2")


FLASK = """\
from alembic import op
import sqlalchemy as sa

revision = "a1"
down_revision = None


def upgrade(engine_name):
    globals()["upgrade_%s" % engine_name]()


def upgrade_():
    op.create_table("users", sa.Column("name", sa.Text()))


def upgrade_audit():
    op.create_table("log", sa.Column("text", sa.Text()))
"""


def test_the_binds_of_flask_migrate(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The database without a name has the environment's."""
    files: Files = {
        "web/alembic.ini": "[alembic]\nscript_location = migrations\n",
        "web/migrations/versions/a1.py": FLASK,
    }
    write(tmp_path, files)
    for table, database in (("users", "web"), ("log", "audit")):
        init = ("contract", "init", table, "--consumer", table, "--project", tmp_path)
        assert "exit status 0" in report(capsys, *init, "--database", database)
    assert "no findings in 2 contracts" in report(capsys, "parity", tmp_path)


def test_a_parameter_of_another_meaning(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A helper of such a name makes no database."""
    text = FLASK.replace('globals()["upgrade_%s" % engine_name]()', "upgrade_()")
    write(
        tmp_path,
        {"alembic.ini": "[alembic]\nscript_location = migrations\n", "migrations/versions/a1.py": text},
    )
    assert "exit status 0" in report(
        capsys, "contract", "init", "users", "--consumer", "x", "--project", tmp_path
    )
