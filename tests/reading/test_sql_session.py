"""What SQL leaves to later SQL, where it is not known whether it ran: both have to be reckoned with."""

from __future__ import annotations

from textwrap import dedent, indent

import pytest

from migration_lint.operations import Operation
from migration_lint.reading import read_script_text

_HEAD = """\
import os
import sqlalchemy as sa
from alembic import op

revision = "a1"
down_revision = None

ROWS = "SELECT 1"
AWAY = "SET search_path TO scratch"
DROP = "ALTER TABLE t DROP COLUMN a"
MAKE = "CREATE FUNCTION f() RETURNS void LANGUAGE sql AS $$ ALTER TABLE t DROP COLUMN a $$"
HARMLESS = "CREATE OR REPLACE FUNCTION f() RETURNS void LANGUAGE sql AS $$ SELECT 1 $$"


"""


@pytest.fixture(autouse=True)
def _faults_are_not_swallowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIGRATION_LINT_DEBUG", "1")


def upgrade(body: str) -> tuple[Operation, ...]:
    return read_script_text(f"{_HEAD}def upgrade():\n{indent(dedent(body), '    ')}\n").upgrade


def may_drop(operations: tuple[Operation, ...]) -> bool:
    """Whether the column of the table that no path leads away from may be dropped."""
    return any(
        each.kind == "opaque" or (each.kind == "drop_column" and (each.table, each.schema) == ("t", None))
        for each in operations
    )


@pytest.mark.parametrize(
    "body",
    [
        "if os.environ.get('X'):\n    op.execute(AWAY)\nop.execute(DROP)",
        "if os.environ.get('X'):\n    op.execute(AWAY)\nop.drop_column('t', 'a')",
        "if os.environ.get('X'):\n    pass\nelse:\n    op.execute(AWAY)\nop.execute(DROP)",
        "op.execute(AWAY)\nif os.environ.get('X'):\n    op.execute('RESET search_path')\nop.execute(DROP)",
        "os.environ.get('X') and op.execute(AWAY)\nop.execute(DROP)",
        "op.execute(AWAY) if os.environ.get('X') else None\nop.execute(DROP)",
        "for row in op.get_bind().execute(sa.text(ROWS)):\n    op.execute(AWAY)\nop.execute(DROP)",
        "try:\n    op.execute(AWAY)\nexcept Exception:\n    pass\nop.execute(DROP)",
        "def leave():\n    if os.environ.get('X'):\n        return\n    op.execute(AWAY)\n"
        "leave()\nop.execute(DROP)",
        "op.execute(AWAY)\nfor row in op.get_bind().execute(sa.text(ROWS)):\n"
        "    op.execute(DROP)\n    op.execute('RESET search_path')",
        "op.execute(AWAY)\nwhile op.get_bind().execute(sa.text(ROWS)).scalar():\n"
        "    op.execute(DROP)\n    op.execute('RESET search_path')",
        "op.execute(AWAY)\n[(op.execute(DROP), op.execute('RESET search_path')) "
        "for row in op.get_bind().execute(sa.text(ROWS))]",
        "op.execute(MAKE)\nif os.environ.get('X'):\n    op.execute(HARMLESS)\nop.execute('SELECT f()')",
        "op.execute(MAKE)\nop.execute('PREPARE p AS SELECT f()')\nif os.environ.get('X'):\n"
        "    op.execute('DEALLOCATE p')\n    op.execute('PREPARE p AS SELECT 1')\nop.execute('EXECUTE p')",
    ],
)
def test_what_may_have_run_is_reckoned_with(body: str) -> None:
    assert may_drop(upgrade(body))


@pytest.mark.parametrize(
    "body",
    [
        "op.execute(AWAY)\nop.execute(DROP)",
        "if os.environ.get('X'):\n    op.execute(AWAY)\n    op.execute(DROP)",
        "for row in op.get_bind().execute(sa.text(ROWS)):\n    op.execute(AWAY)\n    op.execute(DROP)",
        "if os.environ.get('X'):\n    op.execute(AWAY)\n    op.execute(DROP)\n"
        "    op.execute('RESET search_path')\nop.execute('ALTER TABLE u ADD COLUMN b int')",
    ],
)
def test_what_certainly_ran_before_is_exact(body: str) -> None:
    assert not may_drop(upgrade(body))


@pytest.mark.parametrize(
    "statement",
    [
        "sa.select(sa.func.f())",
        "sa.select(sa.text('f()'))",
        "sa.select(sa.table('u').c.x).where(sa.func.f() > 1)",
        "sa.update(sa.table('u', sa.column('x'))).values(x=sa.func.f())",
        "sa.select(sa.text('1')).where(sa.text('f() > 1'))",
    ],
)
def test_functions_in_core_statements_are_followed(statement: str) -> None:
    assert may_drop(upgrade(f"op.execute(MAKE)\nop.get_bind().execute({statement})"))
    alone = upgrade(f"op.get_bind().execute({statement})")
    assert [each.calls for each in alone if each.calls] == [("f",)]


def test_functions_that_a_server_ships_are_no_news() -> None:
    found = upgrade("op.get_bind().execute(sa.select(sa.func.lower(sa.text('upper(x)')), sa.func.now()))")
    assert not [each for each in found if each.calls]


@pytest.mark.parametrize(
    ("body", "schemas"),
    [
        # Statements that are sent together are a transaction of their own: PostgreSQL's "simple query".
        ("op.execute('SET LOCAL search_path TO sales; DROP TABLE t; DROP TABLE u')", ["sales", "sales"]),
        (
            "op.execute('SET LOCAL search_path TO sales; DROP TABLE t')\nop.execute('DROP TABLE u')",
            ["sales", None],
        ),
        ("op.execute('SET LOCAL search_path TO sales')\nop.execute('DROP TABLE t')", [None]),
        (
            "op.execute('SET search_path TO sales; DROP TABLE t')\nop.execute('DROP TABLE u')",
            ["sales", "sales"],
        ),
    ],
)
def test_what_is_set_for_a_transaction_in_autocommit(body: str, schemas: list[str | None]) -> None:
    inside = indent(body, "    ")
    found = upgrade(f"with op.get_context().autocommit_block():\n{inside}")
    assert [each.schema for each in found if each.kind == "drop_table"] == schemas
