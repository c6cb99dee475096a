"""What operations do to a MariaDB, as the product says and as the server does it.

Alembic runs each case; its one statement is given to the server with ALGORITHM= and LOCK=, the cheapest first,
and the first that is not refused is what the product has to have said.
"""

from __future__ import annotations

from typing import NamedTuple

import pytest
import sqlalchemy as sa

from .alembic_run import claims, run
from .mariadb import NO_MYSQL, MariaDB, cheapest, emptied, rendered

TABLES = """\
op.create_table("team", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("code", sa.String(20)), mysql_charset="utf8mb4")
op.create_table(
    "audit",
    sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("size", sa.Integer(), server_default="3", comment="in bytes"),
    sa.Column("state", mysql.ENUM("new", "old")),
    sa.Column("team_id", sa.Integer()),
    sa.Column("note", sa.Text()),
    sa.Column("place", sa.String(300)),
    sa.PrimaryKeyConstraint("id"),
    mysql_charset="utf8mb4",
)
op.create_index("audit_size", "audit", ["size"])
op.execute("INSERT INTO team (id) VALUES (1), (2)")
op.execute("INSERT INTO audit (id, kind, size, team_id) VALUES (1, 'a', 1, 1), (2, 'b', 2, 1)")
"""
KEYED = 'op.create_foreign_key("audit_team", "audit", "team", ["team_id"], ["id"])\n'
INDEXED = 'op.create_index("audit_team_id", "audit", ["team_id"])\n' + KEYED
CODED = """\
op.create_index("team_code", "team", ["code"])
op.execute("ALTER TABLE audit ADD COLUMN team_code VARCHAR(20)")
op.create_foreign_key("audit_code", "audit", "team", ["team_code"], ["code"])
"""
FREED = """\
op.create_foreign_key("audit_team", "audit", "team", ["team_id"], ["id"], ondelete="SET NULL")
"""
EXISTING = "existing_type=sa.Integer(), existing_nullable=True, existing_server_default='3', existing_comment='in bytes'"


class Case(NamedTuple):
    """Statements, and those that run before them."""

    name: str
    change: str
    before: str = ""


CASES = [
    Case("rename table", 'op.rename_table("audit", "audits")'),
    Case("add column", 'op.add_column("audit", sa.Column("a", sa.Integer()))'),
    Case("add a column that must have a value", 'op.add_column("audit", sa.Column("a", sa.Integer(), nullable=False))'),
    Case("constant", 'op.add_column("audit", sa.Column("a", sa.String(9), server_default="x", nullable=False))'),
    Case("now", 'op.add_column("audit", sa.Column("a", sa.DateTime(), server_default=sa.func.now()))'),
    Case("uuid", 'op.add_column("audit", sa.Column("a", sa.String(36), server_default=sa.text("(uuid())")))'),
    Case("worked out once", 'op.add_column("audit", sa.Column("a", sa.String(36), server_default=sa.text("(concat(\'a\', \'b\'))")))'),
    Case("sysdate", 'op.add_column("audit", sa.Column("a", sa.DateTime(), server_default=sa.text("(sysdate())")))'),
    Case("stored", 'op.add_column("audit", sa.Column("a", sa.Integer(), sa.Computed("size + 1", persisted=True)))'),
    Case("virtual", 'op.add_column("audit", sa.Column("a", sa.Integer(), sa.Computed("size + 1", persisted=False)))'),
    Case("numbered", 'op.execute("ALTER TABLE audit ADD COLUMN a INT NOT NULL AUTO_INCREMENT UNIQUE")'),
    Case("first", 'op.execute("ALTER TABLE audit ADD COLUMN a INT FIRST")'),
    Case("column with CHECK", 'op.add_column("audit", sa.Column("a", sa.Integer(), sa.CheckConstraint("a > 0")))'),
    Case("column with inline foreign key", 'op.add_column("audit", sa.Column("a", sa.Integer(), sa.ForeignKey("team.id")), inline_references=True)'),
    Case("drop column", 'op.drop_column("audit", "note")'),
    Case("drop indexed column", 'op.drop_column("audit", "team_id")', 'op.create_index("by_team", "audit", ["team_id"])\n'),
    Case("rename column", 'op.alter_column("audit", "note", new_column_name="notes", existing_type=sa.Text(), existing_nullable=True)'),
    Case("set default", 'op.alter_column("audit", "size", server_default="4")'),
    Case("comment", f'op.alter_column("audit", "size", comment="oh", {EXISTING.rpartition(",")[0]})'),
    Case("drop not null", 'op.alter_column("audit", "kind", nullable=True, existing_type=sa.String(20))'),
    Case("set not null", 'op.alter_column("audit", "team_id", nullable=False, existing_type=sa.Integer())'),
    Case("set not null beside a stored column", 'op.alter_column("audit", "team_id", nullable=False, existing_type=sa.Integer())',
         'op.add_column("audit", sa.Column("twice", sa.Integer(), sa.Computed("size * 2", persisted=True)))\n'),
    Case("type", 'op.alter_column("audit", "team_id", type_=sa.BigInteger(), existing_type=sa.Integer())'),
    Case("longer", 'op.alter_column("audit", "place", type_=sa.String(400))'),
    Case("shorter", 'op.alter_column("audit", "place", type_=sa.String(200))'),
    Case("one more value", 'op.alter_column("audit", "state", type_=mysql.ENUM("new", "old", "gone"))'),
    Case("one value less", 'op.alter_column("audit", "state", type_=mysql.ENUM("new"))'),
    Case("create index", 'op.create_index("audit_kind", "audit", ["kind"])'),
    Case("unique index", 'op.create_index("audit_kind", "audit", ["kind"], unique=True)'),
    Case("fulltext index", 'op.create_index("audit_kind", "audit", ["kind"], mysql_prefix="FULLTEXT", mariadb_prefix="FULLTEXT")'),
    Case("spatial index", 'op.create_index("audit_at", "audit", ["at"], mariadb_prefix="SPATIAL")',
         'op.execute("ALTER TABLE audit ADD COLUMN at POINT NOT NULL DEFAULT POINT(0, 0)")\n'),
    Case("drop index", 'op.drop_index("audit_size", "audit")'),
    Case("unique", 'op.create_unique_constraint("audit_kind", "audit", ["kind"])'),
    Case("unique on a text without a limit", 'op.create_unique_constraint("audit_note", "audit", ["note"])'),
    Case("foreign key", KEYED),
    Case("foreign key, unchecked", KEYED, 'op.execute("SET foreign_key_checks = 0")\n'),
    Case("drop foreign key", 'op.drop_constraint("audit_team", "audit", type_="foreignkey")', KEYED),
    Case("CHECK", 'op.create_check_constraint("audit_size_there", "audit", "size > 0")'),
    Case("drop CHECK", 'op.drop_constraint("audit_size_there", "audit", type_="check")',
         'op.create_check_constraint("audit_size_there", "audit", "size > 0")\n'),
    Case("primary key", 'op.create_primary_key("log_pk", "log", ["id"])', 'op.execute("CREATE TABLE log (id INT NOT NULL)")\n'),
    Case("drop primary key", 'op.drop_constraint("PRIMARY", "audit", type_="primary")'),
    Case("drop primary key that is numbered", 'op.drop_constraint("PRIMARY", "team", type_="primary")'),
    Case("another primary key", 'op.execute("ALTER TABLE audit DROP PRIMARY KEY, ADD PRIMARY KEY (id, kind)")'),
    Case("other character set", 'op.execute("ALTER TABLE audit CONVERT TO CHARACTER SET latin1")'),
    Case("rebuilt", 'op.execute("ALTER TABLE audit ENGINE=InnoDB")'),
    Case("type under a foreign key", 'op.alter_column("audit", "team_id", type_=sa.BigInteger(), existing_type=sa.Integer())', KEYED),
    Case("type that a foreign key refers to", 'op.alter_column("team", "id", type_=sa.BigInteger(), existing_nullable=False, existing_autoincrement=True)', KEYED),
    Case("longer under a foreign key", 'op.alter_column("audit", "team_code", type_=sa.String(30))', CODED),
    Case("type with the checks off", 'op.alter_column("audit", "team_id", type_=sa.BigInteger())', KEYED + 'op.execute("SET foreign_key_checks = 0")\n'),
    Case("drop column with the checks off", 'op.drop_column("audit", "team_id")', KEYED + 'op.execute("SET foreign_key_checks = 0")\n'),
    Case("drop the index of a foreign key with the checks off", 'op.drop_index("audit_team_id", "audit")', INDEXED + 'op.execute("SET foreign_key_checks = 0")\n'),
    Case("not null under SET NULL", 'op.alter_column("audit", "team_id", nullable=False, existing_type=sa.Integer())', FREED),
    Case("not null under a foreign key", 'op.alter_column("audit", "team_id", nullable=False, existing_type=sa.Integer())', KEYED),
    Case("drop column under a foreign key", 'op.drop_column("audit", "team_id")', KEYED),
    Case("drop column that a foreign key refers to", 'op.drop_column("team", "code")', CODED),
    Case("drop the index of a foreign key", 'op.drop_index("audit_team_id", "audit")', INDEXED),
    Case("drop an index beside that of a foreign key", 'op.drop_index("audit_team_id", "audit")',
         'op.create_index("audit_both", "audit", ["team_id", "kind"])\n' + INDEXED),
    Case("drop the index that a foreign key refers to", 'op.drop_index("team_code", "team")', CODED),
    Case("drop table that a foreign key refers to", 'op.drop_table("team")', KEYED),
    Case("refused rather than copied", 'op.execute("ALTER TABLE audit MODIFY team_id BIGINT, ALGORITHM=INPLACE")'),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case.name))
def test_the_server_does_what_is_said(case: Case, mariadb: MariaDB) -> None:
    unchecked = "foreign_key_checks = 0" in case.before
    before = TABLES + case.before
    (effect, *more) = [
        effect
        for claim in claims(before, case.change, "mariadb", mariadb.version, unchecked=unchecked)
        for effect in claim.effects
    ]
    (statement,) = rendered(case.change)
    with mariadb.engine.connect() as connection:
        emptied(connection)
        run(connection, before)
        if statement.startswith("DROP TABLE") or "ALGORITHM" in statement:
            assert effect.fails or not effect.locks
            with pytest.raises(sa.exc.DBAPIError):
                connection.exec_driver_sql(statement)
            return
        taken = cheapest(connection, statement)
        connection.exec_driver_sql("SET foreign_key_checks = 1")
    if effect.fails:
        assert taken is None
        return
    assert taken is not None
    assert (effect.algorithm, effect.certain) in [(taken.algorithm, True)] or (
        # Metadata on both sides; or what it says that it is not sure of.
        {effect.algorithm, taken.algorithm} <= {"instant", "nocopy"} or not effect.certain
    )
    waits = taken.lock == "SHARED"
    assert bool(effect.locks) == waits
    assert effect.rewrites == (taken.algorithm == "copy") or taken.algorithm == "inplace"
    # Of two parts of one statement the first says what the whole does, and the other no more than that.
    assert all(each.algorithm in (effect.algorithm, "instant") for each in more)


class Forgotten(NamedTuple):
    """A call that does not pass something, and what the column loses."""

    name: str
    change: str
    lost: tuple[str, ...]
    column: str = "a"


FORGETFUL = """\
op.create_table(
    "t",
    sa.Column("id", sa.Integer(), primary_key=True),
    sa.Column("a", sa.String(20), nullable=False, server_default="x", comment="hi"),
    sa.Column("b", mysql.VARCHAR(20, collation="utf8mb4_bin")),
    sa.Column("c", sa.Integer(), sa.Computed("1 + 1", persisted=True)),
    sa.Column("d", sa.DateTime(), server_default=sa.text("CURRENT_TIMESTAMP"), nullable=False),
    mysql_charset="utf8mb4",
)
"""
PASSED = "existing_nullable=False, existing_server_default='x', existing_comment='hi'"
FORGOTTEN = [
    Forgotten("all", 'op.alter_column("t", "a", type_=sa.String(30))', ("NOT NULL", "DEFAULT 'x'", "COMMENT 'hi'")),
    Forgotten("nothing", f'op.alter_column("t", "a", type_=sa.String(30), {PASSED})', ()),
    Forgotten("a rename", 'op.alter_column("t", "a", new_column_name="z", existing_type=sa.String(20))', ("NOT NULL", "DEFAULT 'x'", "COMMENT 'hi'"), "z"),
    Forgotten("not null", 'op.alter_column("t", "a", nullable=False, existing_type=sa.String(20))', ("DEFAULT 'x'", "COMMENT 'hi'")),
    Forgotten("a comment", 'op.alter_column("t", "a", comment="ho", existing_type=sa.String(20))', ("NOT NULL", "DEFAULT 'x'")),
    Forgotten("a default", 'op.alter_column("t", "a", server_default="y")', ()),
    Forgotten("a default of a time", 'op.alter_column("t", "d", server_default=sa.text("NULL"), existing_type=sa.DateTime())', ("NOT NULL",), "d"),
    Forgotten("no default of a time", 'op.alter_column("t", "d", server_default=None, existing_type=sa.DateTime())', (), "d"),
    Forgotten("the number", 'op.alter_column("t", "id", type_=sa.BigInteger(), existing_type=sa.Integer())', ("AUTO_INCREMENT",), "id"),
    Forgotten("no number", 'op.alter_column("t", "id", type_=sa.BigInteger(), existing_nullable=False, existing_autoincrement=True)', (), "id"),
    Forgotten("the collation", 'op.alter_column("t", "b", type_=sa.String(30))', ("COLLATE utf8mb4_bin",), "b"),
    Forgotten("what it is worked out from", 'op.alter_column("t", "c", type_=sa.BigInteger())', ("GENERATED ALWAYS",), "c"),
]  # fmt: skip


@pytest.mark.parametrize("case", FORGOTTEN, ids=lambda case: str(case.name))
def test_what_is_called_lost_is_lost(case: Forgotten, mariadb: MariaDB) -> None:
    said = [effect.lost for claim in claims(FORGETFUL, case.change, "mariadb") for effect in claim.effects]
    assert said[0] == case.lost
    assert not any(said[1:])
    parts = (
        "NOT NULL",
        "DEFAULT 'x'",
        "COMMENT 'hi'",
        "AUTO_INCREMENT",
        "COLLATE utf8mb4_bin",
        "GENERATED ALWAYS",
    )
    with mariadb.engine.connect() as connection:
        emptied(connection)
        run(connection, FORGETFUL)
        before = _definition(connection, case.change.split('"')[3])
        run(connection, case.change)
        after = _definition(connection, case.column)
    for part in parts:
        had, has = part in before, part in after
        if part in case.lost:
            assert had, (part, before)
            assert not has, (part, after)
        elif had and not ("comment=" in case.change and part.startswith("COMMENT")):
            assert has or ('server_default="y"' in case.change and part.startswith("DEFAULT")), (part, after)


def _definition(connection: sa.Connection, column: str) -> str:
    text = str(connection.exec_driver_sql("SHOW CREATE TABLE t").one()[1])
    return next(line for line in text.split("\n") if line.strip().startswith(f"`{column}`"))


def test_mysql() -> None:
    pytest.skip(NO_MYSQL)
