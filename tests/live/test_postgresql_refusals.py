"""What PostgreSQL refuses because of what is there: said where the server refuses, and nowhere else."""

from __future__ import annotations

from typing import NamedTuple

import pytest
import sqlalchemy as sa

from .alembic_run import claims, run
from .conftest import Server, emptied

TABLES = """\
op.create_table("team", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("code", sa.Text(), unique=True))
op.create_table(
    "audit",
    sa.Column("id", sa.Integer(), primary_key=True),
    sa.Column("owner", sa.Text()),
    sa.Column("n", sa.Integer()),
    sa.Column("twice", sa.Integer(), sa.Computed("n * 2", persisted=True)),
    sa.Column("flag", sa.String(5), server_default="no"),
    sa.Column("note", sa.Text()),
    sa.Column("team_id", sa.Integer(), sa.ForeignKey("team.id")),
)
op.create_unique_constraint("audit_note", "audit", ["note"])
op.execute("CREATE POLICY own ON audit USING (owner = 'n')")
op.execute("CREATE FUNCTION same() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'")
op.execute("CREATE TRIGGER watched BEFORE UPDATE ON audit FOR EACH ROW WHEN (NEW.n > 3) EXECUTE FUNCTION same()")
op.execute("CREATE TABLE days (day date NOT NULL, n int) PARTITION BY RANGE (day)")
op.execute("CREATE TABLE days_1 PARTITION OF days FOR VALUES FROM ('2026-01-01') TO ('2026-02-01')")
op.execute("CREATE TABLE days_rest PARTITION OF days DEFAULT")
"""
USING = "postgresql_using=\"flag = 'yes'\""


class Case(NamedTuple):
    """A change, and whether the server refuses it."""

    name: str
    refused: bool
    change: str
    since: int = 0


CASES = [
    Case("key that a foreign key needs", True, 'op.drop_constraint("team_pkey", "team")'),
    Case("key that a foreign key needs, with CASCADE", False, 'op.execute("ALTER TABLE team DROP CONSTRAINT team_pkey CASCADE")'),
    Case("key that nothing needs", False, 'op.drop_constraint("team_code_key", "team")'),
    Case("column that a foreign key refers to", True, 'op.drop_column("team", "id")'),
    Case("column that has a foreign key", False, 'op.drop_column("audit", "team_id")'),
    Case("table that a foreign key refers to", True, 'op.drop_table("team")'),
    Case("table with the foreign key first", False, 'op.drop_table("audit")\nop.drop_table("team")'),
    Case("column of a policy", True, 'op.drop_column("audit", "owner")'),
    Case("type of a column of a policy", True, 'op.alter_column("audit", "owner", type_=sa.String(9))'),
    Case("column of a policy that went", False, 'op.execute("DROP POLICY own ON audit")\nop.drop_column("audit", "owner")'),
    Case("column of a policy that names another by now", False,
         "op.execute(\"ALTER POLICY own ON audit USING (note = 'n')\")\nop.drop_column(\"audit\", \"owner\")"),
    Case("column of a trigger's condition", True, 'op.execute("ALTER TABLE audit DROP COLUMN twice, DROP COLUMN n")'),
    Case("column that another one is worked out from", True, 'op.execute("DROP TRIGGER watched ON audit")\nop.drop_column("audit", "n")'),
    Case("type of a column that another one is worked out from", True,
         'op.execute("DROP TRIGGER watched ON audit")\nop.alter_column("audit", "n", type_=sa.BigInteger())'),
    Case("column that is worked out", False, 'op.drop_column("audit", "twice")'),
    Case("column of the partition key", True, 'op.drop_column("days", "day")'),
    Case("column of the partition key, with CASCADE", True, 'op.execute("ALTER TABLE days DROP COLUMN day CASCADE")'),
    Case("type of a column of the partition key", True, 'op.alter_column("days", "day", type_=sa.DateTime())'),
    Case("another column of a partitioned table", False, 'op.drop_column("days", "n")'),
    Case("column that a partition has from its parent", True, 'op.drop_column("days_1", "n")'),
    Case("index of a constraint", True, 'op.drop_index("audit_note")'),
    Case("index of a key without a name", True, 'op.drop_index("team_code_key")'),
    Case("type before its default", True, f'op.alter_column("audit", "flag", type_=sa.Boolean(), server_default=None, {USING})'),
    Case("type after its default", False,
         f'op.alter_column("audit", "flag", server_default=None)\nop.alter_column("audit", "flag", type_=sa.Boolean(), {USING})'),
    Case("type that takes the default", False, 'op.alter_column("audit", "flag", type_=sa.Text(), postgresql_using="upper(flag)")'),
    Case("detached concurrently beside a default partition", True,
         'with op.get_context().autocommit_block():\n    op.execute("ALTER TABLE days DETACH PARTITION days_1 CONCURRENTLY")', 14),
    Case("index of a partitioned table, concurrently", True,
         'with op.get_context().autocommit_block():\n    op.create_index("i", "days", ["n"], postgresql_concurrently=True)'),
    Case("index of a partitioned table", False, 'op.create_index("i", "days", ["n"])'),
    Case("index of a partitioned table alone", False, 'op.execute("CREATE INDEX i ON ONLY days (n)")'),
    Case("key of a partitioned table from an index", True,
         'op.execute("CREATE UNIQUE INDEX i ON days (day)")\nop.execute("ALTER TABLE days ADD CONSTRAINT u UNIQUE USING INDEX i")'),
    Case("CHECK of a partitioned table, not valid", False, 'op.create_check_constraint("c", "days", "n > 0", postgresql_not_valid=True)'),
    Case("type that nobody makes", True, 'op.add_column("audit", sa.Column("mood", sa.Enum("sad", "ok", name="mood")))'),
    Case("type that is made before", False,
         'mood = sa.Enum("sad", "ok", name="mood")\nmood.create(op.get_bind())\nop.add_column("audit", sa.Column("mood", mood))'),
    Case("type of a table that is made before", False,
         'op.create_table("moods", sa.Column("mood", sa.Enum("sad", "ok", name="mood")))\n'
         'op.add_column("audit", sa.Column("mood", sa.Enum("sad", "ok", name="mood")))'),
    Case("enumeration that is none to the server", False,
         'op.add_column("audit", sa.Column("mood", sa.Enum("sad", "ok", name="mood", native_enum=False)))'),
    Case("type that is made twice", True, "op.execute(\"CREATE TYPE mood AS ENUM ('sad')\")\nop.execute(\"CREATE TYPE mood AS ENUM ('sad')\")"),
    Case("type that a table makes again", True,
         "op.execute(\"CREATE TYPE mood AS ENUM ('sad')\")\n"
         'op.create_table("moods", sa.Column("mood", sa.Enum("sad", name="mood")))'),
    Case("schema with a table in it", True, 'op.execute("CREATE SCHEMA x")\nop.execute("CREATE TABLE x.a (i int)")\nop.execute("DROP SCHEMA x")'),
    Case("schema with a domain in it", True, 'op.execute("CREATE SCHEMA x")\nop.execute("CREATE DOMAIN x.a AS int")\nop.execute("DROP SCHEMA x")'),
    Case("schema with a function in it", True,
         "op.execute(\"CREATE SCHEMA x\")\nop.execute(\"CREATE FUNCTION x.f() RETURNS int LANGUAGE sql AS 'SELECT 1'\")\n"
         'op.execute("DROP SCHEMA x RESTRICT")'),
    Case("schema with a table in it, with CASCADE", False,
         'op.execute("CREATE SCHEMA x")\nop.execute("CREATE TABLE x.a (i int)")\nop.execute("DROP SCHEMA x CASCADE")'),
    Case("schema that is empty by then", False,
         'op.execute("CREATE SCHEMA x")\nop.execute("CREATE TYPE x.a AS ENUM ()")\nop.execute("DROP TYPE x.a")\nop.execute("DROP SCHEMA x")'),
    Case("type that a table does not make", False,
         "op.execute(\"CREATE TYPE mood AS ENUM ('sad')\")\n"
         'op.create_table("moods", sa.Column("mood", postgresql.ENUM("sad", name="mood", create_type=False)))'),
]  # fmt: skip


def test_a_foreign_key_of_a_partitioned_table_is_not_valid_since_18(
    postgresql: Server, engine: sa.Engine
) -> None:
    change = 'op.create_foreign_key("f", "days", "team", ["n"], ["id"], postgresql_not_valid=True)'
    test_what_is_refused(Case("foreign key, not valid", postgresql.version < 18, change), postgresql, engine)


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case.name))
def test_what_is_refused(case: Case, postgresql: Server, engine: sa.Engine) -> None:
    if postgresql.version < max(case.since, 12):  # generated columns came with 12
        pytest.skip(f"PostgreSQL {postgresql.version} does not know it")
    said = [
        effect.refused
        for claim in claims(TABLES, case.change, version=(postgresql.version,))
        for effect in claim.effects
        if effect.refused
    ]
    with engine.connect() as connection:
        emptied(connection)
        run(connection, TABLES)
        connection.commit()
        try:
            run(connection, case.change)
            refused = False
        except sa.exc.DBAPIError:
            refused = True
        connection.rollback()
    assert (case.name, refused) == (case.name, case.refused)
    assert bool(said) == refused, said
