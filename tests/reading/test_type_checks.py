"""The CHECK of a column's type, which Alembic drops and adds where the type changes."""

from __future__ import annotations

import io
import re

import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations

from migration_lint.operations import Dialect
from migration_lint.reading import read_script_text

HEAD = (
    "import sqlalchemy as sa\nfrom alembic import op\nrevision, down_revision = '1', None\ndef upgrade():\n"
)
ENUM = "sa.Enum('a', 'b;', native_enum=False, create_constraint=True, name='{}')"
TYPES = {
    "an enumeration": ENUM.format("new"),
    "a boolean": "sa.Boolean(create_constraint=True, name='new')",
    "a native one": "sa.Enum('a', create_constraint=True, name='new')",
    "one without": "sa.Enum('a', native_enum=False, name='new')",
    "none": "sa.String(10)",
}


def written(call: str, dialect: Dialect) -> list[str]:
    """The kinds of the statements on constraints that Alembic writes, in order."""
    buffer = io.StringIO()
    context = MigrationContext.configure(dialect_name=dialect, opts={"as_sql": True, "output_buffer": buffer})
    exec(call, {"op": Operations(context), "sa": sa})
    found = re.findall(r"(ADD|DROP) (?:CONSTRAINT|CHECK)", buffer.getvalue())
    return [{"ADD": "add_constraint", "DROP": "drop_constraint"}[each] for each in found]


@pytest.mark.parametrize("dialect", ["postgresql", "mysql", "mssql", "oracle"])
@pytest.mark.parametrize("type", TYPES)
@pytest.mark.parametrize("existing", ["sa.String(10)", ENUM.format("old"), None])
def test_as_alembic_writes_them(type: str, existing: str | None, dialect: Dialect) -> None:
    given = "" if existing is None else f", existing_type={existing}"
    call = f"op.alter_column('t', 'c', type_={TYPES[type]}{given})"

    found = [each.kind for each in read_script_text(f"{HEAD}    {call}\n", dialect).upgrade]

    assert [each for each in found if each != "alter_type"] == written(call, dialect)


def test_what_the_check_asks_for_is_said() -> None:
    call = f"op.alter_column('t', 'c', type_={ENUM.format('new')}, existing_type={ENUM.format('old')})"

    dropped, altered, added = read_script_text(f"{HEAD}    {call}\n").upgrade

    assert (dropped.kind, dropped.name) == ("drop_constraint", "old")
    assert altered.kind == "alter_type"
    assert (added.name, added.constraints[0].expression) == ("new", "c IN ('a', 'b;')")
