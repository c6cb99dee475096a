"""`models`: what the command prints, and how it ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from migration_lint.cli import main

from .projects import report, write

SCRIPT = """\
import sqlalchemy as sa
from alembic import op

revision = "a1"
down_revision = None


def upgrade():
    op.create_table(
        "account",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("name", sa.String(50), nullable=True),
        sa.Column("old", sa.Text()),
    )
"""
MODELS = """\
from sqlalchemy import String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Account(Base):
    __tablename__ = "account"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(50))
    email: Mapped[str | None] = mapped_column(index=True)


class Item(Base):
    __tablename__ = "item"
    id: Mapped[int] = mapped_column(primary_key=True)
"""
PROJECT = {
    "alembic.ini": "[alembic]\nscript_location = migrations\n",
    "migrations/versions/a1.py": SCRIPT,
    "app/models.py": MODELS,
}

PRINTED = """\
exit status 1

remove_column: the migrations make account.old (TEXT), and the model does not have it
  --> app/models.py:9
  ::: migrations/versions/a1.py:9
   = autogenerate: op.drop_column("account", "old")

add_index: the model has the index account.ix_account_email (email), and no migration makes it
  --> app/models.py:9
  ::: migrations/versions/a1.py:9
   = autogenerate: op.create_index("ix_account_email", "account", ["email"], unique=False)

modify_nullable: the model has account.name not null, and the migrations make it nullable
  --> app/models.py:12
  ::: migrations/versions/a1.py:9
   = autogenerate: op.alter_column("account", "name", nullable=False)

add_column: the model has account.email (VARCHAR, nullable), and no migration adds it
  --> app/models.py:13
  ::: migrations/versions/a1.py:9
   = autogenerate: op.add_column("account", sa.Column("email", sa.String(), nullable=True))

add_table: item has a model, and no migration makes it
  --> app/models.py:16
   = autogenerate: op.create_table("item",
   = autogenerate:     sa.Column("id", sa.Integer(), nullable=False),
   = autogenerate:     sa.PrimaryKeyConstraint("id"),
   = autogenerate: )

5 differences between models and migrations
"""


def test_each_difference_is_told_with_both_places(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, PROJECT)
    assert report(capsys, "models", tmp_path) == PRINTED


def test_programs_get_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, PROJECT)
    assert main(["models", str(tmp_path), "--format", "json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["notes"] == []
    assert found["differences"][0] == {
        "kind": "remove_column", "table": "account", "element": "old", "model": None, "schema": "TEXT",
        "message": "the migrations make account.old (TEXT), and the model does not have it",
        "autogenerate": 'op.drop_column("account", "old")', "path": "app/models.py", "line": 9,
        "migration": {"path": "migrations/versions/a1.py", "line": 9},
    }  # fmt: skip


def test_nothing_is_told_where_they_fit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fitting = MODELS.partition("\n\nclass Item")[0].replace("str]", "str | None]", 1)
    kept = fitting.replace("email: Mapped[str | None] = mapped_column(index=True)", "old: Mapped[str | None]")
    write(tmp_path, {**PROJECT, "app/models.py": kept.replace("import String", "import String, Text")})
    assert main(["models", str(tmp_path)]) == 1  # a String is no TEXT
    assert "modify_type: the model has account.old as VARCHAR" in capsys.readouterr().out
    fits = kept.replace("import String", "import String, Text").replace(
        "old: Mapped[str | None]", "old: Mapped[str | None] = mapped_column(Text)"
    )
    write(tmp_path, {"app/models.py": fits})
    assert report(capsys, "models", tmp_path) == (
        "exit status 0\n\nno differences between models and migrations\n"
    )


@pytest.mark.parametrize(
    ("base", "why"),
    [
        ("from elsewhere import Mixin\n", "its base Mixin is not read: it may map further columns"),
        ("from .mixin import Mixin\n", "its base Mixin is not read: it may map further columns"),
    ],
)
def test_what_may_have_more_columns_loses_none(
    base: str, why: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    models = base + MODELS.replace("class Account(Base)", "class Account(Mixin, Base)")
    write(tmp_path, {**PROJECT, "app/models.py": models, "app/mixin.py": "class Mixin(:\n"})
    told = report(capsys, "models", tmp_path)
    assert f"not_read: what account is could not be told: {why}" in told
    assert "remove_column" not in told


def test_a_table_whose_model_may_be_in_a_file_that_is_not_read_is_not_dropped(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = MODELS.replace("class Account(Base):", "class Account(Base:")
    other = MODELS.replace('"account"', '"other"')
    write(tmp_path, {**PROJECT, "app/models.py": other, "app/accounts.py": broken})
    told = report(capsys, "models", tmp_path)
    assert "remove_table" not in told
    assert "note: app/accounts.py: left out: it is no Python that can be parsed" in told


@pytest.mark.parametrize(
    ("left_out", "why"),
    [
        ("app/models.py", "no model of SQLAlchemy is found in the Python files here"),
        ("alembic.ini", "there are no migrations here to hold models against"),
    ],
)
def test_what_cannot_be_compared_is_said(
    left_out: str, why: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = {path: text for path, text in PROJECT.items() if path != left_out}
    if left_out == "alembic.ini":
        del files["migrations/versions/a1.py"]
    write(tmp_path, files)
    told = report(capsys, "models", tmp_path)
    assert told.startswith("exit status 2")
    assert why in told


def _told(files: dict[str, str], folder: Path, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The first line of each difference, of a project of such files."""
    write(folder, {"alembic.ini": "[alembic]\nscript_location = migrations\n", **files})
    main(["models", str(folder), "--format", "json", "--no-cache"])
    return [each["message"] for each in json.loads(capsys.readouterr().out)["differences"]]


def _made(*tables: str) -> str:
    """A revision that makes tables, each as the arguments of a `create_table`."""
    calls = "".join(f"    op.create_table({each})\n" for each in tables)
    head = "import sqlalchemy as sa\nfrom alembic import op\nrevision = 'a1'\ndown_revision = None\n"
    return f"{head}\n\ndef upgrade():\n{calls}"


BASE = """\
import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, declarative_base, mapped_column


class Base(DeclarativeBase):
    pass


class Team(Base):
    __tablename__ = "team"
    id: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True)
"""


@pytest.mark.parametrize("key", ['"team.id"', "column='team.id'", "Team.id", "Team.__table__.c.id"])
def test_a_foreign_key_is_one_however_it_is_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], key: str
) -> None:
    """A column that has no type of its own has that of what it refers to, whatever its annotation says."""
    model = f"""{BASE}

class Member(Base):
    __tablename__ = "member"
    id: Mapped[int] = mapped_column(primary_key=True)
    team_id: Mapped[int] = mapped_column(sa.ForeignKey({key}))
    next_id = sa.Column(sa.Integer, sa.ForeignKey(id))
"""
    script = _made(
        "'team', sa.Column('id', sa.BigInteger, primary_key=True)",
        "'member', sa.Column('id', sa.Integer, primary_key=True), "
        "sa.Column('team_id', sa.BigInteger, sa.ForeignKey('team.id'), nullable=False), "
        "sa.Column('next_id', sa.Integer, sa.ForeignKey('member.id'))",
    )
    assert _told({"migrations/versions/a1.py": script, "models.py": model}, tmp_path, capsys) == []


def test_a_base_without_a_table_hides_no_model(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = """\
import sqlalchemy as sa
from sqlalchemy.orm import declarative_base


class Common:
    __table__ = None


Base = declarative_base(cls=Common)


class Team(Base):
    __tablename__ = "team"
    id = sa.Column(sa.Integer, primary_key=True)
"""
    script = _made("'team', sa.Column('id', sa.BigInteger, primary_key=True)")
    assert _told({"migrations/versions/a1.py": script, "models.py": model}, tmp_path, capsys) == [
        "the model has team.id as INTEGER, and the migrations make it BIGINT"
    ]


@pytest.mark.parametrize(("dialect", "differences"), [("mysql", 0), ("mariadb", 0), ("postgresql", 2)])
def test_a_unique_constraint_is_a_unique_index_on_mysql(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], dialect: str, differences: int
) -> None:
    model = """\
import sqlalchemy as sa
from sqlalchemy.orm import declarative_base

Base = declarative_base()


class Team(Base):
    __tablename__ = "team"
    id = sa.Column(sa.Integer, primary_key=True)
    name = sa.Column(sa.String(20))
    __table_args__ = (sa.UniqueConstraint("name", name="one_of_a_name"),)
"""
    script = _made(
        "'team', sa.Column('id', sa.Integer, primary_key=True), sa.Column('name', sa.String(20))"
    ) + ("    op.create_index('one_of_a_name', 'team', ['name'], unique=True)\n")
    config = f'dialect = "{dialect}"\nalembic = "alembic.ini"\n'
    files = {"migrations/versions/a1.py": script, "models.py": model, "migration-lint.toml": config}
    assert len(_told(files, tmp_path, capsys)) == differences


@pytest.mark.parametrize("said", [True, False], ids=["by env.py", "by the tables that are made"])
def test_models_of_another_database_are_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], said: bool
) -> None:
    """Two bases, two databases: each is held against the migrations of its own."""
    other = BASE.replace("Team", "Visit").replace("team", "visit")
    env = "from alembic import context\nfrom {0} import Base\n\ntarget_metadata = Base.metadata\n"
    files = {
        "alembic.ini": "[alembic]\nscript_location = migrations\n",
        "web.ini": "[alembic]\nscript_location = web_migrations\n",
        "models.py": BASE,
        "web_models.py": other,
        "migrations/versions/a1.py": _made("'team', sa.Column('id', sa.BigInteger, primary_key=True)"),
        "web_migrations/versions/b1.py": _made("'visit', sa.Column('id', sa.Integer, primary_key=True)"),
    }
    if said:
        files["migrations/env.py"] = env.format("models")
        files["web_migrations/env.py"] = env.format("web_models")
    assert _told(files, tmp_path, capsys) == [
        "the model has visit.id as BIGINT, and the migrations make it INTEGER"
    ]
    assert main(["models", str(tmp_path), "--no-cache"]) == 1
    write(tmp_path, {"migration-lint.toml": 'dialect = "postgresql"\nalembic = "alembic.ini"\n'})
    capsys.readouterr()
    assert main(["models", str(tmp_path), "--no-cache"]) == 0
    assert capsys.readouterr().out == (
        "note: visit: left out: no migrations here are those of their MetaData\n"
        "no differences between models and migrations\n"
    )
