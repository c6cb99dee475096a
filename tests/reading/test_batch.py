"""`op.batch_alter_table` held against the catalog: what a table has once Alembic has made it anew."""

from __future__ import annotations

from textwrap import indent

import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations

from migration_lint.catalog.model import Catalog
from migration_lint.catalog.replay import replay, steps
from migration_lint.catalog.types import canonical
from migration_lint.operations import Dialect, Operation
from migration_lint.reading import read_script_text

HEAD = (
    "import sqlalchemy as sa\nfrom alembic import op\nrevision, down_revision = '1', None\ndef upgrade():\n"
)
BEFORE = """
op.create_table(
    "d",
    sa.Column("id", sa.Integer(), primary_key=True),
    sa.Column("x", sa.Text(), nullable=False, server_default="a"),
    sa.Column("y", sa.Integer(), nullable=False),
    sa.UniqueConstraint("y", name="uq_y"),
)
op.create_index("ix_x", "d", ["x"])
"""
ID = 'sa.Column("id", sa.Integer(), primary_key=True)'
Y = 'sa.Column("y", sa.Integer(), nullable=False)'


def table(*items: str) -> str:
    return f"sa.Table('d', sa.MetaData(), {', '.join((ID, *items))})"


#: What the block is given, and what it does.
CASES = {
    "copy_from lacks a column": (f"copy_from={table(Y)}", "b.alter_column('y', nullable=True)"),
    "always, without another reason": (f"recreate='always', copy_from={table(Y)}", "pass"),
    "never": (f"recreate='never', copy_from={table(Y)}", "b.add_column(sa.Column('z', sa.Text()))"),
    "nothing that asks for it": (f"copy_from={table(Y)}", "b.add_column(sa.Column('z', sa.Text()))"),
    "a default that asks for it": (
        f"copy_from={table(Y)}",
        "b.add_column(sa.Column('z', sa.Text(), server_default=sa.text('CURRENT_TIMESTAMP')))",
    ),
    "another type, and NULL": (
        f"""copy_from={table(Y, 'sa.Column("x", sa.String(20))')}""",
        "b.create_unique_constraint('uq_x', ['x'])",
    ),
    "an index of copy_from's": (
        f"""copy_from={table(Y, 'sa.Column("x", sa.Text(), index=True)', 'sa.Index("ix_y", "y")')}""",
        "b.alter_column('y', new_column_name='w')",
    ),
    "table_args with a column": ("table_args=[sa.Column('z', sa.Text())]", "b.drop_column('y')"),
    "copy_from reflected in part": (
        "recreate='always', copy_from=sa.Table('d', sa.MetaData(), autoload_with=op.get_bind(), "
        "include_columns=['id', 'y'])",
        "pass",
    ),
    "reflected, with another type": (
        "reflect_args=[sa.Column('x', sa.String(5), nullable=False)]",
        "b.drop_column('y')",
    ),
    "reflected in part": (
        "recreate='always', reflect_kwargs={'include_columns': ['id', 'x']}", "pass",
    ),
    "with another constraint": (
        "recreate='always', "
        "table_args=(sa.UniqueConstraint('x', 'y', name='uq_xy'), sa.Index('ix_n', 'x', 'y'))",
        "pass",
    ),
    "reflected as it is": ("recreate='always', table_kwargs={'sqlite_autoincrement': True}", "pass"),
    "added columns, in another order": (
        "recreate='always', partial_reordering=[('y', 'id')]",
        "b.add_column(sa.Column('z', sa.Text()), insert_after='x')",
    ),
}  # fmt: skip


def script(given: str, does: str) -> str:
    return f"with op.batch_alter_table('d', {given}) as b:\n    {does}\n"


def read(body: str, dialect: Dialect = "sqlite") -> list[Operation]:
    return list(read_script_text(HEAD + indent(body, "    "), dialect).upgrade)


def replayed(*bodies: str) -> Catalog:
    catalog = Catalog("sqlite")
    for number, body in enumerate(bodies):
        replay(catalog, str(number), read(body))
    return catalog


@pytest.mark.parametrize("case", CASES)
def test_the_catalog_has_the_table_that_alembic_makes(case: str) -> None:
    body = script(*CASES[case])
    engine = sa.create_engine("sqlite://")
    with engine.begin() as connection:
        op = Operations(MigrationContext.configure(connection))
        for each in (BEFORE, body):
            exec(each, {"op": op, "sa": sa})
    there = sa.inspect(engine)

    found = replayed(BEFORE, body).table(None, "d")

    assert found is not None
    columns = {
        each.name: (canonical(each.type or "", "sqlite"), each.nullable, each.default is None)
        for each in found.columns.values()
    }
    assert columns == {
        each["name"]: (canonical(str(each["type"]), "sqlite"), each["nullable"], each["default"] is None)
        for each in there.get_columns("d")
    }
    assert {each.name for each in found.indexes} == {each["name"] for each in there.get_indexes("d")}
    assert {each.columns for each in found.constraints if each.kind == "unique"} == {
        tuple(each["column_names"]) for each in there.get_unique_constraints("d")
    }


@pytest.mark.parametrize(
    ("given", "table"),
    [
        ("recreate='always', copy_from=made(op)", "d"),
        ("recreate='always', copy_from=sa.Table('d', sa.MetaData(), *columns)", "d"),
        ("recreate='always', reflect_args=[made(op)]", "d"),
        ("recreate='always', reflect_kwargs={'listeners': [('column_reflect', print)]}", "d"),
        ("recreate='always', reflect_kwargs=keywords", "d"),
        ("recreate='always', table_args=[sa.CheckConstraint('1); DROP TABLE u; --')]", "*"),
        ("recreate='always', table_kwargs={'prefixes': ['x; DROP TABLE u; --']}", "*"),
    ],
)
def test_a_table_made_of_something_unknown_is_opaque(given: str, table: str) -> None:
    outside = "from acme import columns, keywords, made\n"
    source = outside + HEAD + indent(script(given, "pass"), "    ")

    found = read_script_text(source, "sqlite").upgrade

    assert (table,) in [each.tables for each in found if each.kind == "opaque"]


def test_a_copy_of_a_column_is_one() -> None:
    (found,) = read("op.add_column('d', sa.Column('x', sa.Text(), nullable=False)._copy())")
    assert [(each.name, each.type, each.nullable) for each in found.columns] == [("x", "TEXT", False)]


def test_only_where_it_is_made_anew_on_the_dialect() -> None:
    body = script(f"copy_from={table(Y)}", "b.alter_column('y', nullable=True)")
    assert [each.kind for each in read(body, "sqlite")] == ["recreate_table", "set_nullable"]
    assert [each.kind for each in read(body, "postgresql")] == ["set_nullable"]


def test_a_table_of_which_nothing_is_known_is_opaque_once_it_is_replayed() -> None:
    catalog = Catalog("sqlite")
    operations = read(script(f"recreate='always', copy_from={table(Y)}", "pass"))
    found = list(steps(catalog, "1", operations))

    assert [(each.kind, each.tables) for each in found] == [("recreate_table", ()), ("opaque", ("d",))]
    assert all(each.line and each.batch for each in found)
