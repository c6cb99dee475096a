"""Constraints that a revision leaves unnamed have the names that env.py's MetaData gives them in Alembic."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations

from migration_lint.operations import Operation
from migration_lint.reading import read_paths

CONVENTION = {
    "pk": "pk_%(table_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
}
HEAD = 'from alembic import op\nimport sqlalchemy as sa\nrevision = "1"\ndown_revision = None\n'
BODY = """\
op.create_table("t", sa.Column("id", sa.Integer()), sa.Column("x", sa.Text(), unique=True),
    sa.Column("y", sa.Text()), sa.PrimaryKeyConstraint("id"), sa.UniqueConstraint("y", "x"),
    sa.UniqueConstraint("y", name="mine"), sa.CheckConstraint("x <> y", name="differs"))
op.create_unique_constraint(None, "t", ["id", "y"])
op.create_foreign_key(None, "t", "other", ["id"], ["id"])
op.create_check_constraint("positive", "t", "id > 0")
op.create_primary_key(None, "u", ["id"])
"""

#: env.py, and the modules beside it.
METADATA = f"metadata = sa.MetaData(naming_convention={CONVENTION!r})\n"
ENVIRONMENTS: Mapping[str, Mapping[str, str]] = {
    "in env.py": {
        "migrations/env.py": f"import sqlalchemy as sa\nfrom alembic import context\n{METADATA}"
        "context.configure(target_metadata=metadata)\n"
    },
    "of a base": {
        "migrations/env.py": "from alembic import context\nfrom app.base import Base\n"
        "def online():\n    context.configure(connection=None, target_metadata=Base.metadata)\n",
        "app/base.py": "import sqlalchemy as sa\nfrom sqlalchemy.orm import DeclarativeBase\n"
        f"class Base(DeclarativeBase):\n    {METADATA}",
    },
    "of an older base, by another name": {
        "migrations/env.py": "from alembic import context\nfrom app import base\n"
        "target = base.Base.metadata\ncontext.configure(target_metadata=target)\n",
        "app/__init__.py": "",
        "app/base.py": "import sqlalchemy as sa\nfrom sqlalchemy.orm import declarative_base\n"
        f"{METADATA}Base = declarative_base(metadata=metadata)\n",
    },
}


@pytest.mark.parametrize("name", ENVIRONMENTS)
def test_directives_name_constraints_as_alembic_does(name: str, tmp_path: Path) -> None:
    out = io.StringIO()
    metadata = sa.MetaData(naming_convention=CONVENTION)
    options = {"as_sql": True, "output_buffer": out, "target_metadata": metadata}
    op = Operations(MigrationContext.configure(dialect_name="postgresql", opts=options))
    exec(BODY, {"op": op, "sa": sa})
    expected = sorted(re.findall(r"CONSTRAINT (\w+)", out.getvalue()))

    found = [each for operation in _read(tmp_path, ENVIRONMENTS[name]) for each in operation.constraints]
    assert sorted(str(each.by_convention or each.name) for each in found) == expected
    assert "mine" in expected


def test_without_a_convention_the_server_names_them(tmp_path: Path) -> None:
    files = {"migrations/env.py": "from alembic import context\ncontext.configure(target_metadata=None)\n"}
    read = _read(tmp_path, files)
    assert {each.by_convention for operation in read for each in operation.constraints} == {None}


def _read(folder: Path, files: Mapping[str, str]) -> tuple[Operation, ...]:
    script = f"{HEAD}def upgrade():\n" + "".join(f"    {line}\n" for line in BODY.splitlines())
    ini = "[alembic]\nscript_location = migrations\nprepend_sys_path = .\n"
    for path, text in {**files, "migrations/versions/a.py": script, "alembic.ini": ini}.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    (reading,) = read_paths([folder / "migrations/versions/a.py"])
    return reading.upgrade
