"""A change that edits models without a migration, or migrations without the model."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from .projects import PROJECT, Runner, report, revision, write

BASE = """\
from sqlalchemy.orm import DeclarativeBase


class Base(DeclarativeBase):
    pass
"""
EVENT = """\
from uuid import UUID

from app.base import Base
from sqlalchemy import Integer, Text
from sqlalchemy.orm import Mapped, mapped_column


class Event(Base):
    __tablename__ = "deployment_events"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    exit_code: Mapped[int | None] = mapped_column(Integer)
    hint: Mapped[str] = mapped_column(Text, server_default="")
"""
#: A model that says less than the migrations make, which is an old affair.
PARTIAL = EVENT.replace("    exit_code: Mapped[int | None] = mapped_column(Integer)\n", "")
REGION = "    region: Mapped[str | None] = mapped_column(Text)\n"
MIXIN = """

from sqlalchemy import Text
from sqlalchemy.orm import Mapped, mapped_column


class Placed:
    pass
"""
DEFERRED = "from sqlalchemy.ext.declarative import DeferredReflection\n"
IMPORTS = EVENT.partition("\n\nclass")[0]
ITEM = """

class Item(Base):
    __tablename__ = "items"
    id: Mapped[UUID] = mapped_column(primary_key=True)
"""
WITH_REGION = revision('op.add_column("deployment_events", sa.Column("region", sa.Text()))')
LOG = {
    "app/log.py": """\
from app.base import Base
from app.kinds import Level
from sqlalchemy import Enum
from sqlalchemy.orm import Mapped, mapped_column


class Log(Base):
    __tablename__ = "log"
    id: Mapped[int] = mapped_column(primary_key=True)
    level: Mapped[Level | None] = mapped_column(Enum(Level, name="level"))
""",
    "app/kinds.py": "import enum\n\n\nclass Level(enum.Enum):\n    low = 1\n    high = 2\n",
    **revision(
        'op.create_table("log", sa.Column("id", sa.Integer(), primary_key=True), '
        'sa.Column("level", sa.Enum("low", "high", name="level")))',
        "l1",
    ),
}
UNREAD = "import somewhere\nop.execute(somewhere.statement())"


class Case(NamedTuple):
    """What a change edits, on top of `before`, and the sentences that are told."""

    edits: Mapping[str, str | None]
    told: tuple[str, ...] = ()
    before: Mapping[str, str | None] = {}


_REGION = "the model has deployment_events.region (TEXT, nullable), and no migration adds it"
_ITEM = "items has a model, and no migration makes it"

CASES = {
    "a column": Case({"app/models.py": EVENT + REGION}, (_REGION,)),
    "a column and its migration": Case({"app/models.py": EVENT + REGION, **WITH_REGION}),
    "a table": Case({"app/models.py": EVENT + ITEM}, (_ITEM,)),
    "a table in a file of its own": Case(
        {"app/items.py": IMPORTS + ITEM}, (_ITEM,)
    ),
    "a table and its migration": Case(
        {
            "app/models.py": EVENT + ITEM,
            **revision('op.create_table("items", sa.Column("id", sa.Uuid(), primary_key=True))'),
        }
    ),
    "a model of a view": Case(
        {
            "app/models.py": EVENT + ITEM,
            **revision('op.execute("CREATE VIEW items AS SELECT id FROM deployment_events")'),
        }
    ),
    "a type": Case(
        {"app/models.py": EVENT.replace("mapped_column(Integer)", "mapped_column(Text)")},
        ("the model has deployment_events.exit_code as TEXT, and the migrations make it INTEGER",),
    ),
    "nullability": Case(
        {"app/models.py": EVENT.replace("int | None", "int")},
        ("the model has deployment_events.exit_code not null, and the migrations make it nullable",),
    ),
    "a default": Case(
        {"app/models.py": EVENT.replace('server_default=""', 'server_default="none"')},
        ("the model gives deployment_events.hint the default 'none', and the migrations ''",),
    ),
    "an index": Case(
        {"app/models.py": EVENT.replace("mapped_column(Integer)", "mapped_column(Integer, index=True)")},
        (
            "the model has the index deployment_events.ix_deployment_events_exit_code (exit_code), "
            "and no migration makes it",
        ),
    ),
    "a value of an enumeration in another file": Case(
        {
            "app/kinds.py": LOG["app/kinds.py"] + "    off = 3\n",
            "app/log.py": "# with off\n" + LOG["app/log.py"],
        },
        ("the model lists low, high, off for log.level, and the migrations low, high",),
        LOG,
    ),
    "a column of a mixin": Case(
        {"app/base.py": BASE + MIXIN.replace("pass", REGION.strip())},
        (_REGION,),
        {
            "app/base.py": BASE + MIXIN,
            "app/models.py": EVENT.replace("import Base", "import Base, Placed").replace("(B", "(Placed, B"),
        },
    ),
    "SQLModel": Case(
        {
            "app/models.py": "from sqlmodel import Field, SQLModel\n\n\n"
            "class Event(SQLModel, table=True):\n"
            '    __tablename__ = "deployment_events"\n'
            "    id: int | None = Field(default=None, primary_key=True)\n    region: str | None = None\n"
        },
        (
            "the model has deployment_events.id as INTEGER, and the migrations make it UUID",
            "the model has deployment_events.region (VARCHAR, nullable), and no migration adds it",
        ),
    ),
    "a model of each service": Case(
        {"web/models.py": PARTIAL + REGION},
        (_REGION,),
        {"web/models.py": PARTIAL},
    ),
    "only words": Case({"app/models.py": "# Of the deployments.\n" + EVENT + "    # to be continued\n"}),
    "what is long otherwise": Case(
        {"app/models.py": "# Of the deployments.\n" + EVENT + REGION},
        before={"app/models.py": EVENT + REGION},
    ),
    "a file that moves": Case(
        {"app/models.py": None, "app/tables.py": EVENT + REGION}, before={"app/models.py": EVENT + REGION}
    ),
    "a model that lets go of a column": Case({"app/models.py": PARTIAL}),
    "a model that is gone": Case({"app/models.py": "from app.base import Base\n"}),
    "a migration that no model follows": Case(WITH_REGION),
    "a default for the rows that are there": Case(
        {
            "app/models.py": EVENT + "    region: Mapped[str] = mapped_column(Text)\n",
            **revision(
                'op.add_column("deployment_events", '
                'sa.Column("region", sa.Text(), nullable=False, server_default="eu"))'
            ),
        }
    ),
    "a model for tests": Case({"tests/models.py": EVENT + ITEM}),
    "a migration that is not read": Case({"app/models.py": EVENT + REGION, **revision(UNREAD)}),
    "a base that no migration makes a table of": Case(
        {
            "other/models.py": (IMPORTS + ITEM).replace("app.base", "other.base"),
            "other/base.py": BASE,
        }
    ),
    "columns that only the running database knows": Case(
        {"app/models.py": DEFERRED + EVENT.replace("(Base", "(DeferredReflection, Base") + REGION},
    ),
    "a file that cannot be parsed": Case({"app/models.py": EVENT + "    region: Mapped[\n"}),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_what_a_model_asks_for_is_told_where_no_migration_makes_it(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = CASES[name]
    before = {"app/base.py": BASE, "app/models.py": EVENT, **case.before}
    found = Runner(tmp_path, capsys).change(case.edits, before)
    told = [each.message for each in found.findings if each.rule == "model-without-migration"]
    assert sorted(told) == sorted(case.told)
    assert not found.error


LEFT_BEHIND = {
    "a column that no model has": Case(
        WITH_REGION, ("the migrations make deployment_events.region (TEXT), and the model does not have it",)
    ),
    "a column that the model still has": Case(
        revision('op.drop_column("deployment_events", "exit_code")'),
        ("the model has deployment_events.exit_code (INTEGER, nullable), and no migration adds it",),
    ),
    "a table that no model has": Case(
        revision('op.create_table("items", sa.Column("id", sa.Uuid(), primary_key=True))'),
        ("items is made by the migrations, and has no model",),
    ),
    "a model that lets go of a column": Case(
        {"app/models.py": PARTIAL},
        ("the migrations make deployment_events.exit_code (INTEGER), and the model does not have it",),
    ),
    "a model that is gone": Case(
        {"app/models.py": "from app.base import Base\n", "app/items.py": IMPORTS + ITEM},
        ("deployment_events is made by the migrations, and has no model",),
    ),
    "both": Case({"app/models.py": EVENT + REGION, **WITH_REGION}),
    "what is long otherwise": Case(
        revision('op.add_column("deployment_events", sa.Column("zone", sa.Text()))', "c3", "b2"),
        ("the migrations make deployment_events.zone (TEXT), and the model does not have it",),
        WITH_REGION,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LEFT_BEHIND)
def test_what_no_model_follows_is_told_where_that_is_wanted(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    case = LEFT_BEHIND[name]
    wanted = {"migration-lint.toml": '[severity]\nmodel-left-behind = "warning"\n'}
    before = {"app/base.py": BASE, "app/models.py": EVENT, **wanted, **case.before}
    found = Runner(tmp_path, capsys).change(case.edits, before)
    assert [each.message for each in found.findings if each.rule == "model-left-behind"] == list(case.told)


PRINTED = """\
exit status 0

warning[model-without-migration]: the model has deployment_events.z (TEXT, nullable), and no migration adds it
  --> app/models.py:14
   |
14 |     z: Mapped[str | None] = mapped_column(Text)
   |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   = fix: write a migration in this change, or take it out of the model:
         op.add_column("deployment_events", sa.Column("z", sa.Text(), nullable=True))

1 warning
"""


def test_a_finding_stands_at_the_model_and_shows_what_to_write(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = {**PROJECT, "app/base.py": BASE, "app/models.py": EVENT}
    base = write(tmp_path / "before", files)
    head = write(tmp_path / "after", {**files, "app/models.py": EVENT + REGION.replace("region", "z")})
    assert report(capsys, "check", head, "--base", base, "--head", head) == PRINTED


def test_a_comment_beside_the_column_silences_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    silenced = EVENT + "    # migration-lint: ignore[model-without-migration] it comes later\n"
    edits = {"app/models.py": silenced + REGION}
    found = Runner(tmp_path, capsys).change(edits, {"app/base.py": BASE, "app/models.py": EVENT})
    assert found.findings == ()


def test_each_database_has_its_own_tables(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A table of the one is no table that the other lacks."""
    two = {
        "accounts/alembic.ini": "[alembic]\nscript_location = migrations\n",
        "accounts/migrations/versions/x1.py": "import sqlalchemy as sa\nfrom alembic import op\n\n"
        'revision = "x1"\ndown_revision = None\n\n\ndef upgrade():\n'
        '    op.create_table("accounts", sa.Column("id", sa.Integer(), primary_key=True))\n',
        "migration-lint.toml": 'alembic = [".", "accounts"]\n',
    }
    models = EVENT + ITEM.replace("items", "accounts").replace("UUID", "int")
    edits = {"app/models.py": models.replace("    kind", "    region: Mapped[str | None]\n    kind", 1)}
    found = Runner(tmp_path, capsys).change(edits, {**two, "app/base.py": BASE, "app/models.py": models})
    assert [each.message for each in found.findings] == [_REGION.replace("TEXT", "VARCHAR")]
