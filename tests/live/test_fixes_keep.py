"""What a fix makes is what the script would have made, with all of its parts, as a real server tells."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest
import sqlalchemy as sa

from migration_lint.rulebook.example import _CREATE
from migration_lint.rulebook.rule import Example, State

from .alembic_run import run
from .conftest import Server, emptied
from .test_fixes import check, code_of


class Shape(NamedTuple):
    """A change whose fix is code, and the rule that gives it."""

    name: str
    rule: str
    change: str
    since: int = 13  # gen_random_uuid(), which the table has, came with 13


BEFORE = """\
op.create_table("teams", sa.Column("id", sa.Integer(), primary_key=True))
op.execute("CREATE SCHEMA app")
op.execute('CREATE TABLE app."Audit" (id int PRIMARY KEY, "the note" text, n int NOT NULL)')
"""
SHAPES = [
    Shape("operator class", "lock-index-created",
          'op.create_index("i", "deployment_events", ["kind"], postgresql_ops={"kind": "text_pattern_ops"})'),
    Shape("order", "lock-index-created",
          'op.create_index("i", "deployment_events", [sa.text("kind DESC NULLS LAST"), "hint"])'),
    Shape("storage", "lock-index-created",
          'op.create_index("i", "deployment_events", ["kind"], postgresql_with={"fillfactor": 60})'),
    Shape("NULLS NOT DISTINCT", "lock-index-created",
          'op.create_index("i", "deployment_events", ["hint"], unique=True, postgresql_nulls_not_distinct=True)', 15),
    Shape("in SQL, with everything", "lock-index-created",
          'op.execute(\'CREATE UNIQUE INDEX i ON deployment_events USING btree (kind COLLATE "C" text_pattern_ops DESC, lower(hint))'
          ' INCLUDE (exit_code) WITH (fillfactor = 60) WHERE kind > \\\'\\\'\')'),
    Shape("quoted, in another schema", "lock-index-created",
          'op.create_index("The Index", "Audit", ["the note"], schema="app")'),
    Shape("a key that is checked late", "lock-key-built",
          'op.create_unique_constraint("u", "deployment_events", ["hint"], deferrable=True, initially="DEFERRED")'),
    Shape("a key in SQL", "lock-key-built",
          'op.execute("ALTER TABLE deployment_events ADD CONSTRAINT u UNIQUE NULLS NOT DISTINCT (hint) INCLUDE (kind) DEFERRABLE")', 15),
    Shape("a key without a name", "lock-key-built", 'op.create_unique_constraint(None, "deployment_events", ["hint"])'),
    Shape("a key with its column", "lock-key-built",
          'op.add_column("deployment_events", sa.Column("n", sa.Integer(), nullable=True, unique=True, comment="how many"))'),
    Shape("a CHECK with its column", "validation-check",
          'op.add_column("deployment_events", sa.Column("n", sa.Integer(), sa.CheckConstraint("n > 0"), nullable=False, server_default="1"))'),
    Shape("a CHECK, quoted, in another schema", "validation-check",
          'op.create_check_constraint("n there", "Audit", \'"the note" <> \\\'\\\'\', schema="app")'),
    Shape("a foreign key with all that it says", "validation-foreign-key",
          'op.create_foreign_key("f", "deployment_events", "teams", ["exit_code"], ["id"], ondelete="SET NULL", onupdate="CASCADE", '
          'deferrable=True, initially="DEFERRED", match="FULL")'),
    Shape("a foreign key in SQL", "validation-foreign-key",
          'op.execute("ALTER TABLE deployment_events ADD FOREIGN KEY (exit_code) REFERENCES teams (id) MATCH FULL ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED")'),
    Shape("a foreign key with its column", "validation-foreign-key",
          'op.add_column("deployment_events", sa.Column("team_id", sa.Integer(), sa.ForeignKey("teams.id", deferrable=True), nullable=True, comment="whose"))'),
]  # fmt: skip


def described(connection: sa.Connection) -> list[tuple[str, ...]]:
    """Columns, indexes and constraints as the server writes them."""
    found = connection.exec_driver_sql(
        "SELECT 'column', attname, format_type(atttypid, atttypmod), attnotnull::text,"
        " pg_get_expr(d.adbin, d.adrelid), col_description(attrelid, attnum) FROM pg_attribute a"
        " LEFT JOIN pg_attrdef d ON d.adrelid = attrelid AND d.adnum = attnum"
        " WHERE attrelid IN (SELECT oid FROM pg_class WHERE relnamespace IN ('public'::regnamespace,"
        " 'app'::regnamespace) AND relkind = 'r') AND attnum > 0 UNION ALL "
        "SELECT 'index', i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid), i.indisvalid::text, '', ''"
        " FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE c.relnamespace IN"
        " ('public'::regnamespace, 'app'::regnamespace) UNION ALL "
        "SELECT 'constraint', conname, pg_get_constraintdef(oid), convalidated::text, '', '' FROM pg_constraint"
        " WHERE connamespace IN ('public'::regnamespace, 'app'::regnamespace)"
    )
    return sorted(tuple(str(each) for each in row) for row in found)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: str(shape.name))
def test_a_fix_makes_the_same(shape: Shape, postgresql: Server, engine: sa.Engine, tmp_path: Path) -> None:
    if postgresql.version < shape.since:
        pytest.skip(f"PostgreSQL {postgresql.version} does not know it")
    example = Example(shape.name, 1, State(BEFORE, {}, {}), State(shape.change, {}, {}))
    code = code_of(next(each for each in check(tmp_path, shape.rule, example) if each.rule == shape.rule).fix)
    assert code
    made = []
    for change in (shape.change, code):
        with engine.connect() as connection:
            emptied(connection)
            connection.exec_driver_sql("DROP SCHEMA IF EXISTS app CASCADE")
            run(connection, f"{_CREATE}\n{BEFORE}\n")
            connection.commit()
            run(connection, change)
            connection.commit()
            made.append(described(connection))
            connection.exec_driver_sql("DROP SCHEMA app CASCADE")
            connection.commit()
    assert made[1] == made[0]
