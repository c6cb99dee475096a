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
