"""Primary keys of new tables, and what the server numbers of them, as SQLAlchemy itself renders them."""

from __future__ import annotations

import io
import re
import warnings

import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy.dialects import mssql, mysql, postgresql
from sqlalchemy.schema import CreateTable

from migration_lint.operations import Dialect
from migration_lint.reading import read_script_text

TABLES = (
    'sa.Column("id", sa.Integer(), primary_key=True)',
    'sa.Column("id", sa.BigInteger(), nullable=False), sa.PrimaryKeyConstraint("id")',
    'sa.Column("id", sa.BigInteger(), nullable=False), sa.PrimaryKeyConstraint("id", name="pk_t")',
    'sa.Column("id", sa.Integer(), primary_key=True), sa.PrimaryKeyConstraint("id")',
    'sa.Column("id", sa.Integer(), primary_key=True), sa.PrimaryKeyConstraint("id", name="pk_t")',
    'sa.Column("id", sa.Integer(), primary_key=True), sa.PrimaryKeyConstraint(name="pk_t")',
    'sa.Column("id", sa.Text(), primary_key=True)',
    'sa.Column("id", sa.Integer(), autoincrement=False, nullable=False), sa.PrimaryKeyConstraint("id")',
    'sa.Column("id", sa.Integer(), server_default="7", primary_key=True)',
    'sa.Column("id", sa.Integer(), sa.ForeignKey("other.id"), primary_key=True)',
    'sa.Column("id", sa.Integer(), sa.ForeignKey("other.id"), primary_key=True, autoincrement=True)',
    'sa.Column("id", sa.Integer())',
    'sa.Column("a", sa.Integer(), primary_key=True), sa.Column("b", sa.Integer(), primary_key=True)',
    'sa.Column("a", sa.Integer(), primary_key=True, autoincrement=True), '
    'sa.Column("b", sa.Integer(), primary_key=True)',
    'sa.Column("a", sa.Integer(), primary_key=True), sa.Column("b", sa.Integer(), primary_key=True), '
    'sa.PrimaryKeyConstraint("a", "b", name="pk_t")',
    'sa.Column("a", sa.Integer()), sa.Column("b", sa.Integer(), autoincrement=True), '
    'sa.PrimaryKeyConstraint("a", "b")',
)

_DIALECTS = {"postgresql": postgresql, "mysql": mysql, "mssql": mssql}


@pytest.mark.parametrize("dialect", ["postgresql", "mysql", "mssql"])
@pytest.mark.parametrize("table", TABLES)
def test_a_new_table_has_the_key_that_sqlalchemy_gives_it(table: str, dialect: Dialect) -> None:
    metadata = sa.MetaData()
    sa.Table("other", metadata, sa.Column("id", sa.Integer(), primary_key=True))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a key whose first column nothing numbers
        made = eval(f'sa.Table("t", metadata, {table})', {"sa": sa, "metadata": metadata})
        sql = str(CreateTable(made).compile(dialect=_DIALECTS[dialect].dialect()))
    keys = re.findall(r"(?:CONSTRAINT (\w+) )?PRIMARY KEY \((.+)\)", sql)
    numbered = re.findall(r"(\w+) \w*SERIAL|(\w+) \w+ NOT NULL (?:AUTO_INCREMENT|IDENTITY)", sql)

    head = "from alembic import op\nimport sqlalchemy as sa\n\n\ndef upgrade():\n"
    read = read_script_text(f'{head}    op.create_table("t", {table})\n', dialect).upgrade[0]
    assert [
        (each.name or "", ", ".join(each.columns)) for each in read.constraints if each.kind == "primary_key"
    ] == keys
    assert [each.name for each in read.columns if each.generated] == [one or other for one, other in numbered]


@pytest.mark.parametrize("dialect", ["postgresql", "mysql", "mssql", "oracle", "sqlite"])
@pytest.mark.parametrize("more", ["", ", inline_primary_key=True"])
def test_a_column_that_is_added_is_a_key_only_where_alembic_says_so(more: str, dialect: Dialect) -> None:
    call = f'op.add_column("t", sa.Column("id", sa.Integer(), primary_key=True){more})'
    buffer = io.StringIO()
    context = MigrationContext.configure(dialect_name=dialect, opts={"as_sql": True, "output_buffer": buffer})
    eval(call, {"op": Operations(context), "sa": sa})

    head = "from alembic import op\nimport sqlalchemy as sa\n\n\ndef upgrade():\n"
    (read,) = read_script_text(f"{head}    {call}\n", dialect).upgrade
    assert bool(read.constraints) == ("PRIMARY KEY" in buffer.getvalue())


def test_a_table_inherits_its_parents() -> None:
    head = "from alembic import op\nimport sqlalchemy as sa\n\n\ndef upgrade():\n"
    call = 'op.create_table("t", sa.Column("a", sa.Integer()), postgresql_inherits=("u", "v"))'
    (read,) = read_script_text(f"{head}    {call}\n").upgrade
    assert (read.inherits, read.like, read.incomplete) == (("u", "v"), ("u", "v"), False)
