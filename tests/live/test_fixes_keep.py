"""What a fix makes is what the script would have made, with all of its parts, as a real server tells."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest
import sqlalchemy as sa

from migration_lint.rulebook.example import _CREATE
from migration_lint.rulebook.rule import Example, ExampleState

from .alembic_run import run
from .conftest import Server, emptied
from .described import described
from .test_fixes import check, code_of

pytestmark = pytest.mark.one_in(2)


class Shape(NamedTuple):
    """A change whose fix is code, and the rule that gives it."""

    name: str
    rule: str
    change: str
    since: int = 13  # gen_random_uuid(), which the table has, came with 13
    differs: str = ""  # the column in which the two differ, as the fix says in words
    before: str = ""
    stays: str = ""  # what of the change stays: behind the code of a check of the rows, before any other


BEFORE = """\
op.create_table("teams", sa.Column("id", sa.Integer(), primary_key=True))
op.execute("CREATE SCHEMA app")
op.execute('CREATE TABLE app."Audit" (id int PRIMARY KEY, "the note" text, n int NOT NULL, "user" int)')
op.execute('CREATE INDEX "The Note" ON app."Audit" ("the note")')
op.execute('CREATE TABLE "order" (id int NOT NULL, "user" int, "desc" text)')
op.execute('CREATE INDEX "limit" ON "order" ("desc")')
op.execute("INSERT INTO teams VALUES (1)")
op.execute('INSERT INTO "order" VALUES (1, 1, 1)')
op.execute('INSERT INTO app."Audit" VALUES (1, 1, 1, 1)')
"""
PARTS = """\
op.execute("CREATE TABLE parts (day int NOT NULL, n int) PARTITION BY RANGE (day)")
op.execute("CREATE TABLE part_1 PARTITION OF parts FOR VALUES FROM (0) TO (10)")
op.execute("INSERT INTO parts VALUES (1, 1)")
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
    Shape("an index, reserved words", "lock-index-created", 'op.create_index("where", "order", ["user", "desc"])'),
    Shape("an index with its column, collated", "lock-index-created",
          'op.add_column("deployment_events", sa.Column("n", sa.String(20, collation="C"), index=True))',
          stays='op.add_column("deployment_events", sa.Column("n", sa.String(20, collation="C")))\n'),
    Shape("an index that goes, in another schema", "lock-index-dropped", 'op.drop_index("The Note", "Audit", schema="app")'),
    Shape("an index that goes, reserved words", "lock-index-dropped", 'op.drop_index("limit", "order")'),
    Shape("an index that goes, in SQL", "lock-index-dropped", 'op.execute(\'DROP INDEX IF EXISTS app."The Note"\')'),
    Shape("a key, reserved words", "lock-key-built", 'op.create_unique_constraint("where", "order", ["user", "desc"])'),
    Shape("a primary key, reserved words", "lock-key-built", 'op.create_primary_key("select", "order", ["id"])'),
    Shape("a key, quoted, in another schema", "lock-key-built",
          'op.create_unique_constraint("The Key", "Audit", ["the note", "n"], schema="app")'),
    Shape("a collated key with its column", "lock-key-built",
          'op.add_column("deployment_events", sa.Column("n", sa.String(20, collation="C"), unique=True))'),
    Shape("a CHECK, reserved words", "validation-check", 'op.create_check_constraint("in", "order", \'"user" > 0\')'),
    Shape("a CHECK without a name", "validation-check", 'op.execute(\'ALTER TABLE "order" ADD CHECK ("user" > 0)\')', differs='"user" > 0'),
    Shape("a CHECK on a partitioned table", "validation-check", 'op.create_check_constraint("n_there", "parts", "n > 0")', before=PARTS),
    Shape("a foreign key, reserved words", "validation-foreign-key",
          'op.create_foreign_key("from", "order", "teams", ["user"], ["id"])'),
    Shape("a foreign key to another schema, quoted", "validation-foreign-key",
          'op.create_foreign_key("The Key", "order", "Audit", ["user"], ["id"], referent_schema="app")'),
    Shape("a foreign key without a name", "validation-foreign-key",
          'op.create_foreign_key(None, "order", "teams", ["user"], ["id"])'),
    Shape("NOT NULL, reserved words", "validation-not-null", 'op.alter_column("order", "user", nullable=False)'),
    Shape("NOT NULL, quoted, in another schema", "validation-not-null",
          'op.alter_column("Audit", "the note", nullable=False, schema="app")'),
    Shape("NOT NULL with a default", "validation-not-null",
          'op.alter_column("deployment_events", "exit_code", nullable=False, server_default="0")',
          differs="_not_null", stays='\nop.alter_column("deployment_events", "exit_code", nullable=False, server_default="0")'),
    Shape("NOT NULL on a partitioned table", "validation-not-null", 'op.alter_column("parts", "n", nullable=False)', before=PARTS),
    Shape("a random default, NOT NULL, with a comment", "lock-column-filled",
          'op.add_column("order", sa.Column("group", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False, comment="which"))',
          differs="group"),
    Shape("a random default, quoted, in another schema", "lock-column-filled",
          'op.add_column("Audit", sa.Column("The Token", sa.Uuid(), server_default=sa.text("gen_random_uuid()")), schema="app")'),
    Shape("numbered, quoted, in another schema", "lock-column-filled",
          'op.add_column("Audit", sa.Column("The Number", sa.BigInteger(), sa.Identity()), schema="app")', differs="The Number"),
    Shape("worked out, reserved words", "lock-column-filled",
          'op.add_column("order", sa.Column("end", sa.Text(), sa.Computed("upper(\\"desc\\")", persisted=True), comment="loud"))', differs="end"),
    Shape("a type, reserved words", "lock-type-changed", 'op.alter_column("order", "user", type_=sa.BigInteger())', differs="user"),
    Shape("a type, quoted, in another schema", "lock-type-changed",
          'op.alter_column("Audit", "the note", type_=sa.String(40), schema="app")', differs="the note"),
    Shape("a table built anew, quoted, in another schema", "lock-table-rebuilt", 'op.execute(\'REINDEX (VERBOSE) TABLE app."Audit"\')'),
    Shape("a random default in SQL", "lock-column-filled",
          'op.execute(\'ALTER TABLE "order" ADD COLUMN a text NOT NULL DEFAULT gen_random_uuid()\')', differs="a"),
    Shape("an index built anew, quoted, in another schema", "lock-table-rebuilt", 'op.execute(\'REINDEX INDEX app."The Note"\')'),
    Shape("validated too early, quoted, in another schema", "transaction-lock-held",
          'op.create_check_constraint("The Check", "Audit", "n > 0", schema="app", postgresql_not_valid=True)\n'
          'op.execute(\'ALTER TABLE app."Audit" VALIDATE CONSTRAINT "The Check"\')'),
]  # fmt: skip

#: Of these the fix is words, and which.
WORDS = [
    Shape("an index on a partitioned table", "lock-index-created", 'op.create_index("parts_n", "parts", ["n"])', before=PARTS),
    Shape("a collated key in SQL", "lock-key-built", "op.execute('ALTER TABLE parts ADD COLUMN a text COLLATE \"C\" UNIQUE')", before=PARTS.replace(" PARTITION BY RANGE (day)", "").replace('op.execute("CREATE TABLE part_1 PARTITION OF parts FOR VALUES FROM (0) TO (10)")\n', "")),
    Shape("a key on a partitioned table", "lock-key-built", 'op.create_unique_constraint("parts_once", "parts", ["day", "n"])', before=PARTS),
]  # fmt: skip


def fix_of(shape: Shape, folder: Path) -> str:
    example = Example(
        shape.name, 1, ExampleState(BEFORE + shape.before, {}, {}), ExampleState(shape.change, {}, {})
    )
    return next(each for each in check(folder, shape.rule, example) if each.rule == shape.rule).fix


def replaced(shape: Shape, code: str) -> str:
    """The change with the code of the fix in it: that stands for the statement that is found, the last one."""
    if shape.stays:
        return code + shape.stays if shape.stays.startswith("\n") else shape.stays + code
    *before, _ = shape.change.split("\n")
    return "\n".join([*before, code])


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: str(shape.name))
def test_a_fix_makes_the_same(shape: Shape, postgresql: Server, engine: sa.Engine, tmp_path: Path) -> None:
    if postgresql.version < shape.since:
        pytest.skip(f"PostgreSQL {postgresql.version} does not know it")
    code = code_of(fix_of(shape, tmp_path))
    assert code
    made = []
    for change in (shape.change, replaced(shape, code)):
        with engine.connect() as connection:
            emptied(connection)
            connection.exec_driver_sql("DROP SCHEMA IF EXISTS app CASCADE")
            run(connection, f"{_CREATE}\n{BEFORE}\n{shape.before}\n")
            connection.commit()
            run(connection, change)
            connection.commit()
            made.append(described(connection))
            connection.exec_driver_sql("DROP SCHEMA app CASCADE")
            connection.commit()
    left = set(made[0]) ^ set(made[1])
    if not shape.differs:
        assert left == set()
    assert all(shape.differs in " ".join(row) for row in left if row[0] != "table"), left


@pytest.mark.parametrize("shape", WORDS, ids=lambda shape: str(shape.name))
def test_what_has_no_such_form_is_told_in_words(shape: Shape, tmp_path: Path) -> None:
    fix = fix_of(shape, tmp_path)
    assert code_of(fix) == ""
    assert "each partition" in fix or "with all that the key says" in fix
