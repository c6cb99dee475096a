"""Models against migrations: Alembic's own comparison with a database that the same migrations made.

Each case is what a second revision does to a schema that fits the models; both have to tell the same.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from migration_lint.check.models import run_models

from ..projects import write
from . import alembic_run, models_of_a_shop
from .conftest import emptied

MODELS = Path(models_of_a_shop.__file__).read_text()

FITTING = """
op.create_table(
    "account",
    sa.Column("id", sa.Integer(), primary_key=True),
    sa.Column("name", sa.String(50), nullable=False),
    sa.Column("email", sa.String(), nullable=True),
    sa.Column("kind", sa.Enum("a", "b", name="kind"), nullable=False),
    sa.Column("data", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
    sa.Column("price", sa.Numeric(10, 2)),
    sa.Column("created", sa.DateTime(), server_default=sa.func.now(), nullable=False),
    sa.UniqueConstraint("name", name="uq_account_name"),
)
op.create_index("ix_account_email", "account", ["email"])
op.create_index("account_price", "account", ["price"], postgresql_where=sa.text("price > 0"))
op.create_table(
    "item",
    sa.Column("id", sa.Integer(), sa.Identity(), primary_key=True),
    sa.Column("account_id", sa.Integer(), sa.ForeignKey("account.id", ondelete="CASCADE"), nullable=False),
    sa.Column("sku", sa.Text(), nullable=False),
    sa.UniqueConstraint("account_id", "sku", name="item_sku"),
)
"""

DRIFTS = {
    "none": "pass",
    "a column more": 'op.add_column("account", sa.Column("extra", sa.Text()))',
    "a column less": 'op.drop_column("account", "price")',
    "a column renamed": 'op.alter_column("account", "email", new_column_name="mail")',
    "nullable": 'op.alter_column("account", "name", nullable=True)',
    "not null": 'op.alter_column("account", "email", nullable=False)',
    "another type": 'op.alter_column("account", "email", type_=sa.Integer(), postgresql_using="1")',
    "a longer type": 'op.alter_column("account", "name", type_=sa.String(80))',
    "text for a string": 'op.alter_column("account", "name", type_=sa.Text())',
    "another precision": 'op.alter_column("account", "price", type_=sa.Numeric(12, 4))',
    "a zone": 'op.alter_column("account", "created", type_=sa.DateTime(timezone=True))',
    "json for jsonb": (
        'op.alter_column("account", "data", server_default=None)\n'
        'op.alter_column("account", "data", type_=postgresql.JSON(), postgresql_using="data::json")'
    ),
    "a default more": 'op.alter_column("item", "sku", server_default="none")',
    "a default less": 'op.alter_column("account", "created", server_default=None)',
    "another default": """op.alter_column("account", "data", server_default=sa.text("'[]'"))""",
    "an index less": 'op.drop_index("ix_account_email", table_name="account")',
    "an index more": 'op.create_index("item_by_sku", "item", ["sku"])',
    "an index on another column": (
        'op.drop_index("ix_account_email", table_name="account")\n'
        'op.create_index("ix_account_email", "account", ["created"])'
    ),
    "a unique index": (
        'op.drop_index("ix_account_email", table_name="account")\n'
        'op.create_index("ix_account_email", "account", ["email"], unique=True)'
    ),
    "a constraint less": 'op.drop_constraint("uq_account_name", "account")',
    "a constraint more": 'op.create_unique_constraint("item_once", "item", ["sku"])',
    "a constraint of another name": (
        'op.drop_constraint("uq_account_name", "account")\n'
        'op.create_unique_constraint("other", "account", ["name"])'
    ),
    "a foreign key less": 'op.drop_constraint("item_account_id_fkey", "item")',
    "another rule of a foreign key": (
        'op.drop_constraint("item_account_id_fkey", "item")\n'
        'op.create_foreign_key("item_account_id_fkey", "item", "account", ["account_id"], ["id"])'
    ),
    "a foreign key more": 'op.create_foreign_key("self", "account", "item", ["id"], ["id"])',
    "a table less": 'op.drop_table("item")',
    "a table more": 'op.create_table("log", sa.Column("id", sa.Integer(), primary_key=True))',
    "a table renamed": 'op.rename_table("item", "thing")',
    "in SQL": 'op.execute("ALTER TABLE account ALTER email SET NOT NULL, ADD COLUMN more int")',
}

#: What the models have besides, that Alembic does not compare.
BEYOND = {
    "an enum's value": ("op.execute(\"ALTER TYPE kind ADD VALUE 'c'\")", ("enum_values", "account", "kind")),
}

Difference = tuple[str, str, str]


@pytest.mark.sampled
@pytest.mark.parametrize("drift", DRIFTS)
def test_what_differs_is_what_alembic_says(drift: str, engine: sa.Engine, tmp_path: Path) -> None:
    with engine.connect() as connection, connection.begin() as transaction:
        emptied(connection)
        alembic_run.run(connection, FITTING + DRIFTS[drift])
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        expected = sorted(of_alembic(compare_metadata(context, models_of_a_shop.Base.metadata)))
        transaction.rollback()
    assert sorted(found(tmp_path, DRIFTS[drift])) == expected
    assert bool(expected) == (drift != "none")


@pytest.mark.parametrize("drift", BEYOND)
def test_more_is_compared_than_alembic_does(drift: str, tmp_path: Path) -> None:
    code, expected = BEYOND[drift]
    assert list(found(tmp_path, code)) == [expected]


def found(folder: Path, drift: str) -> Iterator[Difference]:
    header = "import sqlalchemy as sa\nfrom alembic import op\nfrom sqlalchemy.dialects import postgresql\n\n"
    scripts = {
        f"migrations/versions/{name}.py": f"{header}revision = {name!r}\ndown_revision = {parent!r}\n\n\n"
        f"def upgrade():\n{textwrap.indent(code.strip(), '    ')}\n"
        for name, parent, code in (("a1", None, FITTING), ("b2", "a1", drift))
    }
    write(
        folder, {"alembic.ini": "[alembic]\nscript_location = migrations\n", "models.py": MODELS, **scripts}
    )
    for each in run_models(folder, environ={}, use_cache=False)[0]:
        yield each.kind, each.table, each.element


def of_alembic(differences: list[Any]) -> Iterator[Difference]:
    for each in differences:
        if isinstance(each, list):
            yield from of_alembic(each)
            continue
        kind, *rest = each
        if kind in ("add_table", "remove_table"):
            yield kind, rest[0].name, ""
        elif kind in ("add_column", "remove_column"):
            yield kind, rest[1], rest[2].name
        elif kind.startswith("modify"):
            yield kind, rest[1], rest[2]
        elif kind.endswith("_fk"):
            name = rest[0].name if kind == "remove_fk" else ""
            yield kind.replace("_fk", "_constraint"), rest[0].table.name, name or ""
        else:
            yield kind, rest[0].table.name, rest[0].name or ""
