"""What operations do to a PostgreSQL, as the product says and as the server shows.

Each case is run by Alembic in a transaction that is still open when the server is asked: for its locks
(pg_locks), for tables and indexes that were written anew (pg_class.relfilenode), and for rows that were read
(pg_stat_xact_user_tables).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pytest
import sqlalchemy as sa

from migration_lint.effects.model import Effect
from migration_lint.effects.words import MODES, blocks
from migration_lint.rulebook.example import _CREATE
from migration_lint.rulebook.files import builtin_files
from migration_lint.rulebook.load import load

from .alembic_run import claims, run
from .conftest import Server, emptied

TABLES = """\
op.create_table("team", sa.Column("id", sa.Integer(), primary_key=True))
op.execute("CREATE TYPE mood AS ENUM ('sad', 'ok')")
op.create_table(
    "audit",
    sa.Column("id", sa.Integer(), primary_key=True),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("size", sa.Integer()),
    sa.Column("day", sa.Date()),
    sa.Column("team_id", sa.Integer()),
    sa.Column("note", sa.Text()),
)
op.execute("INSERT INTO team VALUES (1), (2)")
op.execute(
    "INSERT INTO audit SELECT n, 'k' || n, n, '2026-03-02', 1, 'note ' || n FROM generate_series(1, 50) n"
)
"""
CHECKED = 'op.create_check_constraint("size_there", "audit", "size IS NOT NULL", postgresql_not_valid=True)\n'
VALIDATED = CHECKED + 'op.execute("ALTER TABLE audit VALIDATE CONSTRAINT size_there")\n'
KEYED = 'op.create_foreign_key("audit_team", "audit", "team", ["team_id"], ["id"])\n'
NUMBERED = """\
op.create_table("log", sa.Column("id", sa.Integer(), nullable=False), sa.Column("at", sa.Integer()))
op.execute("INSERT INTO log VALUES (1, 1)")
op.create_index("log_id", "log", ["id"], unique=True)
op.create_index("log_at", "log", ["at"], unique=True)
"""
PARTS = """\
op.execute("CREATE TABLE days (day date, n int) PARTITION BY RANGE (day)")
op.execute("CREATE TABLE days_1 PARTITION OF days FOR VALUES FROM ('2026-01-01') TO ('2026-02-01')")
op.execute("CREATE TABLE days_2 (day date NOT NULL, n int)")
op.execute("INSERT INTO days_2 VALUES ('2026-02-03', 1)")
"""


DEFAULT = """\
op.execute("CREATE TABLE days_rest PARTITION OF days DEFAULT")
op.execute("INSERT INTO days VALUES ('2027-02-03', 1)")
"""
ATTACH = "ALTER TABLE days ATTACH PARTITION days_2 FOR VALUES FROM ('2026-02-01') TO ('2026-03-01')"
FITTING = """\
op.execute("ALTER TABLE days_2 ADD CONSTRAINT fits CHECK (day >= '2026-02-01' AND day < '2026-03-01')")
op.execute("ALTER TABLE days_rest ADD CONSTRAINT rest CHECK (day < '2026-02-01' OR day >= '2026-03-01')")
"""
DOMAIN = """\
op.execute("CREATE DOMAIN positive AS int CHECK (VALUE > 0)")
op.execute("CREATE DOMAIN amount AS int")
op.execute("CREATE TABLE log (n amount)")
op.execute("INSERT INTO log VALUES (1)")
"""
FILLED = """\
op.execute("CREATE MATERIALIZED VIEW kinds AS SELECT DISTINCT kind FROM audit")
op.execute("CREATE UNIQUE INDEX kinds_kind ON kinds (kind)")
"""


class Case(NamedTuple):
    """Statements, and those that run before them."""

    name: str
    change: str
    before: str = ""
    since: int = 0  # the first major version that knows them


CASES = [
    Case("rename table", 'op.rename_table("audit", "audits")'),
    Case("drop table", 'op.drop_table("audit")', KEYED),
    Case("new table", 'op.create_table("fresh", sa.Column("id", sa.Integer(), primary_key=True))'),
    Case(
        "new table that refers to an old one",
        'op.create_table("fresh", sa.Column("team_id", sa.Integer(), sa.ForeignKey("team.id")))',
    ),
    Case("add column", 'op.add_column("audit", sa.Column("a", sa.Text()))'),
    Case("constant", 'op.add_column("audit", sa.Column("a", sa.Text(), server_default="x", nullable=False))'),
    Case("now", 'op.add_column("audit", sa.Column("a", sa.DateTime(), server_default=sa.func.now()))'),
    Case("volatile", 'op.add_column("audit", sa.Column("a", sa.Float(), server_default=sa.text("random()")))'),
    Case("clock", 'op.add_column("audit", sa.Column("a", sa.DateTime(), server_default=sa.text("clock_timestamp()")))'),
    Case("serial", 'op.add_column("audit", sa.Column("a", sa.Integer(), primary_key=True))'),
    Case("identity", 'op.add_column("audit", sa.Column("a", sa.Integer(), sa.Identity()))'),
    Case("stored", 'op.add_column("audit", sa.Column("a", sa.Integer(), sa.Computed("size + 1", persisted=True)))', since=12),
    Case("column with foreign key", 'op.add_column("audit", sa.Column("a", sa.Integer(), sa.ForeignKey("team.id")))'),
    Case("column with inline foreign key", 'op.add_column("audit", sa.Column("a", sa.Integer(), sa.ForeignKey("team.id")), inline_references=True)'),
    Case("column with inline foreign key in SQL", 'op.execute("ALTER TABLE audit ADD COLUMN a int REFERENCES team")'),
    Case("column with unique", 'op.add_column("audit", sa.Column("a", sa.Integer(), unique=True))'),
    Case("column with index", 'op.add_column("audit", sa.Column("a", sa.Integer(), index=True))'),
    Case("column with unique index", 'op.add_column("audit", sa.Column("a", sa.Integer(), index=True, unique=True))'),
    Case("column with CHECK", 'op.add_column("audit", sa.Column("a", sa.Integer(), sa.CheckConstraint("a > 0")))'),
    Case("drop column", 'op.drop_column("audit", "note")'),
    Case("rename column", 'op.alter_column("audit", "note", new_column_name="notes")'),
    Case("set default", 'op.alter_column("audit", "note", server_default="x")'),
    Case("comment", 'op.create_table_comment("audit", "what happened")'),
    Case("drop not null", 'op.alter_column("audit", "kind", nullable=True)'),
    Case("set not null", 'op.alter_column("audit", "size", nullable=False)'),
    Case("set not null again", 'op.alter_column("audit", "kind", nullable=False)'),
    Case("set not null, checked", 'op.alter_column("audit", "size", nullable=False)', CHECKED),
    Case("set not null, validated", 'op.alter_column("audit", "size", nullable=False)', VALIDATED),
    Case("set not null, said with more", 'op.alter_column("audit", "size", nullable=False)',
         'op.create_check_constraint("size_there", "audit", "(size IS NOT NULL) AND size > 0")\n'),
    Case("set not null, said with or", 'op.alter_column("audit", "size", nullable=False)',
         'op.create_check_constraint("size_there", "audit", "size IS NOT NULL OR day IS NULL")\n'),
    Case("type and not null at once", 'op.alter_column("audit", "size", type_=sa.BigInteger(), nullable=False)'),
    Case("type", 'op.alter_column("audit", "size", type_=sa.BigInteger())', 'op.create_index("audit_size", "audit", ["size"])\n'),
    Case("type kept", 'op.alter_column("audit", "kind", type_=sa.Text())', 'op.create_index("audit_kind", "audit", ["kind"])\n'),
    Case("type of an expression", 'op.alter_column("audit", "kind", type_=sa.String(40))',
         'op.execute("CREATE INDEX audit_kind ON audit (lower(kind))")\n'),
    Case("type of a condition", 'op.alter_column("audit", "kind", type_=sa.String(40))',
         'op.create_index("audit_kind", "audit", ["size"], postgresql_where=sa.text("kind <> \'\'"))\n'),
    Case("type of a CHECK", 'op.alter_column("audit", "kind", type_=sa.String(40))',
         'op.create_check_constraint("kind_said", "audit", "kind <> \'\'")\n'),
    Case("type of a CHECK that is not valid", 'op.alter_column("audit", "kind", type_=sa.String(40))',
         'op.create_check_constraint("kind_said", "audit", "kind <> \'\'", postgresql_not_valid=True)\n'),
    Case("type by a plain cast", 'op.alter_column("audit", "kind", type_=sa.Text(), postgresql_using="kind::text")'),
    Case("type by the column", 'op.alter_column("audit", "kind", type_=sa.Text(), postgresql_using="kind")'),
    Case("type by an expression", 'op.alter_column("audit", "kind", type_=sa.Text(), postgresql_using="lower(kind)")'),
    Case("collation", 'op.execute(\'ALTER TABLE audit ALTER COLUMN note TYPE text COLLATE "C"\')',
         'op.create_index("audit_note", "audit", ["note"])\n'),
    Case("create index", 'op.create_index("audit_day", "audit", ["day"])'),
    Case("drop index", 'op.drop_index("audit_day", table_name="audit")', 'op.create_index("audit_day", "audit", ["day"])\n'),
    Case("rename index", 'op.execute("ALTER INDEX audit_day RENAME TO audit_days")', 'op.create_index("audit_day", "audit", ["day"])\n'),
    Case("unique", 'op.create_unique_constraint("audit_once", "audit", ["note"])'),
    Case("unique by an index", 'op.execute("ALTER TABLE log ADD CONSTRAINT once UNIQUE USING INDEX log_at")', NUMBERED),
    Case("primary key", 'op.create_primary_key("log_pk", "log", ["id"])', NUMBERED),
    Case("primary key by an index", 'op.execute("ALTER TABLE log ADD CONSTRAINT pk PRIMARY KEY USING INDEX log_id")', NUMBERED),
    Case("primary key by an index on what may be NULL",
         'op.execute("ALTER TABLE log ADD CONSTRAINT pk PRIMARY KEY USING INDEX log_at")',
         NUMBERED),
    Case("exclusion", 'op.create_exclude_constraint("alone", "audit", ("size", "="), using="btree")'),
    Case("check", 'op.create_check_constraint("kind_said", "audit", "kind <> \'\'")'),
    Case("check, not valid", 'op.create_check_constraint("kind_said", "audit", "kind <> \'\'", postgresql_not_valid=True)'),
    Case("validate check", 'op.execute("ALTER TABLE audit VALIDATE CONSTRAINT size_there")', CHECKED),
    Case("foreign key", 'op.create_foreign_key("audit_team", "audit", "team", ["team_id"], ["id"])'),
    Case("foreign key, not valid", 'op.create_foreign_key("audit_team", "audit", "team", ["team_id"], ["id"], postgresql_not_valid=True)'),
    Case("validate foreign key", 'op.execute("ALTER TABLE audit VALIDATE CONSTRAINT audit_team")',
         'op.create_foreign_key("audit_team", "audit", "team", ["team_id"], ["id"], postgresql_not_valid=True)\n'),
    Case("drop foreign key", 'op.drop_constraint("audit_team", "audit", type_="foreignkey")', KEYED),
    Case("drop check", 'op.drop_constraint("size_there", "audit", type_="check")', CHECKED),
    Case("rename constraint", 'op.execute("ALTER TABLE audit RENAME CONSTRAINT size_there TO there")', CHECKED),
    Case("not null, not valid", 'op.execute("ALTER TABLE audit ADD CONSTRAINT there NOT NULL size NOT VALID")', since=18),
    Case("cluster", 'op.execute("CLUSTER audit USING audit_pkey")'),
    Case("set unlogged", 'op.execute("ALTER TABLE audit SET UNLOGGED")'),
    Case("reindex", 'op.execute("REINDEX TABLE audit")'),
    Case("reindex index", 'op.execute("REINDEX INDEX audit_day")', 'op.create_index("audit_day", "audit", ["day"])\n'),
    Case("truncate", 'op.execute("TRUNCATE audit")'),
    Case("lock", 'op.execute("LOCK TABLE audit IN SHARE ROW EXCLUSIVE MODE")'),
    Case("trigger off", 'op.execute("ALTER TABLE audit DISABLE TRIGGER ALL")'),
    Case("row level security", 'op.execute("ALTER TABLE audit ENABLE ROW LEVEL SECURITY")'),
    Case("column with unique in SQL", 'op.execute("ALTER TABLE audit ADD COLUMN a int UNIQUE")'),
    Case("column numbered by a sequence",
         'op.add_column("audit", sa.Column("a", sa.Integer(), server_default=sa.Sequence("numbers").next_value()))',
         'op.execute("CREATE SEQUENCE numbers")\n'),
    Case("column of a domain", 'op.execute("ALTER TABLE audit ADD COLUMN a plain")', 'op.execute("CREATE DOMAIN plain AS int")\n'),
    Case("column of a domain with a CHECK", 'op.execute("ALTER TABLE audit ADD COLUMN a positive")', DOMAIN),
    Case("constraint of a domain", 'op.execute("ALTER DOMAIN amount ADD CONSTRAINT there CHECK (VALUE > 0)")', DOMAIN),
    Case("constraint of a domain, not valid", 'op.execute("ALTER DOMAIN amount ADD CONSTRAINT there CHECK (VALUE > 0) NOT VALID")', DOMAIN),
    Case("column that is there", 'op.execute("ALTER TABLE audit ADD COLUMN IF NOT EXISTS note text DEFAULT gen_random_uuid()::text UNIQUE")', since=13),
    Case("index that is there", 'op.execute("CREATE INDEX IF NOT EXISTS audit_day ON audit (day)")', 'op.create_index("audit_day", "audit", ["day"])\n'),
    Case("index on a partitioned table alone", 'op.execute("CREATE INDEX days_n ON ONLY days (n)")', PARTS, since=12),
    Case("index on only a table", 'op.execute("CREATE INDEX audit_n ON ONLY audit (size)")'),
    Case("CHECK, not enforced", "op.execute(\"ALTER TABLE audit ADD CONSTRAINT said CHECK (kind <> '') NOT ENFORCED\")", since=18),
    Case("index of a key", 'op.execute("REINDEX INDEX audit_pkey")'),
    Case("reindex with an option", 'op.execute("REINDEX (VERBOSE) TABLE audit")'),
    Case("refresh", 'op.execute("REFRESH MATERIALIZED VIEW kinds")', FILLED),
    Case("refresh concurrently", 'op.execute("REFRESH MATERIALIZED VIEW CONCURRENTLY kinds")', FILLED),
    Case("policy", 'op.execute("CREATE POLICY own ON audit USING (note = current_user)")'),
    Case("rule", 'op.execute("CREATE RULE kept AS ON DELETE TO audit DO INSTEAD NOTHING")'),
    Case("trigger dropped", 'op.execute("DROP TRIGGER watched ON audit")',
         'op.execute("CREATE TRIGGER watched BEFORE UPDATE ON audit FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()")\n'),
    Case("owner", 'op.execute("ALTER TABLE audit OWNER TO current_user")'),
    Case("replica identity", 'op.execute("ALTER TABLE audit REPLICA IDENTITY FULL")'),
    Case("attach beside a default partition", f"op.execute(\"{ATTACH}\")", PARTS + DEFAULT, since=12),
    Case("attach what is checked", f"op.execute(\"{ATTACH}\")", PARTS + DEFAULT + FITTING, since=12),
    Case("new partition", "op.execute(\"CREATE TABLE days_3 PARTITION OF days FOR VALUES FROM ('2026-03-01') TO ('2026-04-01')\")", PARTS, since=12),
    Case("new partition beside a default one", "op.execute(\"CREATE TABLE days_3 PARTITION OF days FOR VALUES FROM ('2026-03-01') TO ('2026-04-01')\")", PARTS + DEFAULT, since=12),
    Case("detach beside a default partition", 'op.execute("ALTER TABLE days DETACH PARTITION days_1")', PARTS + DEFAULT, since=12),
    Case("attach", "op.execute(\"ALTER TABLE days ATTACH PARTITION days_2 FOR VALUES FROM ('2026-02-01') TO ('2026-03-01')\")", PARTS, since=12),
    Case("detach", 'op.execute("ALTER TABLE days DETACH PARTITION days_1")', PARTS, since=12),
]  # fmt: skip


def examples() -> Iterator[Case]:
    """The examples of the rules about locks and validation, as far as they run in one transaction."""
    for rule in load(builtin_files()):
        if rule.group not in ("locking", "validation"):
            continue
        for each in rule.examples:
            upgrade = each.change.upgrade
            names = ("next_token", "elsewhere", "of_long_ago", "NOT ENFORCED", "autocommit_block")
            alien = any(name in upgrade for name in names)
            if upgrade and not alien and not (each.change.files or each.before.files):
                # gen_random_uuid(), which all of them have, came with 13
                yield Case(f"{rule.name}: {each.name}", upgrade, f"{_CREATE}\n{each.before.upgrade}\n", 13)


class State(NamedTuple):
    """The files of tables and indexes, and the rows that the transaction has read, by name."""

    files: dict[str, int]
    owners: dict[str, str]  # index → table
    rows: dict[str, int]
    names: dict[int, str]  # of tables

    @classmethod
    def of(cls, connection: sa.Connection) -> State:
        classes = connection.exec_driver_sql(
            "SELECT c.oid, c.relname, c.relfilenode, c.relkind, t.relname FROM pg_class c "
            "LEFT JOIN pg_index i ON i.indexrelid = c.oid LEFT JOIN pg_class t ON t.oid = i.indrelid "
            "WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'i', 'p', 'm')"
        ).all()
        rows = connection.exec_driver_sql(
            "SELECT relname, seq_tup_read FROM pg_stat_xact_user_tables WHERE schemaname = 'public'"
        ).all()
        return cls(
            {name: file for _, name, file, _, _ in classes},
            {name: table for _, name, _, kind, table in classes if kind == "i"},
            {row[0]: row[1] for row in rows},
            {oid: name for oid, name, _, kind, _ in classes if kind != "i"},
        )


@pytest.mark.one_in(2)
@pytest.mark.parametrize("case", [*CASES, *examples()], ids=lambda case: str(case.name))
def test_the_server_does_what_is_said(case: Case, postgresql: Server, engine: sa.Engine) -> None:
    if postgresql.version < case.since:
        pytest.skip(f"PostgreSQL {postgresql.version} does not know it: it came with {case.since}")
    before = (TABLES if case in CASES else "") + case.before
    said = [
        effect
        for claim in claims(before, case.change, version=(postgresql.version,))
        for effect in claim.effects
    ]
    refused = any(effect.fails or effect.refused for effect in said)
    with engine.connect() as connection:
        emptied(connection)
        run(connection, before)
        connection.commit()
        # What it has read is counted on over transactions: the start is part of the one that is measured.
        start = State.of(connection)
        if refused:
            with pytest.raises(sa.exc.DBAPIError):
                run(connection, case.change)
            return
        run(connection, case.change)
        end = State.of(connection)
        locks = connection.exec_driver_sql(
            "SELECT relation, replace(upper(regexp_replace(mode, '([a-z])([A-Z])', '\\1 \\2', 'g')), ' LOCK', '')"
            " FROM pg_locks WHERE pid = pg_backend_pid() AND locktype = 'relation'"
        ).all()
        connection.rollback()

    # Locks: the strongest on each table that was there before.
    taken: dict[str, str] = {}
    for oid, mode in locks:
        name = start.names.get(oid)
        if name is not None:
            taken[name] = max(taken.get(name, mode), mode, key=MODES.index)
    claimed: dict[str, str] = {}
    for effect in said:
        for lock in effect.locks:
            name = lock.table[1]
            claimed[name] = max(claimed.get(name, lock.mode), lock.mode, key=MODES.index)
    for name in start.names.values():
        mode, claim = taken.get(name, "ACCESS SHARE"), claimed.get(name, "ACCESS SHARE")
        assert (name, mode) == (name, claim) or blocks(mode) == blocks(claim) == "nothing"

    def on_old(effect: Effect) -> bool:
        return any(lock.table[1] in start.names.values() for lock in effect.locks)

    # Tables and indexes written anew.
    changed = {name for name, file in end.files.items() if start.files.get(name, file) != file}
    if "TRUNCATE" not in case.change:
        tables = {name for name in changed if name not in end.owners}
        rewriting = {lock.table[1] for effect in said if effect.rewrites for lock in effect.locks}
        rewriting &= set(start.names.values())
        assert tables == rewriting
        rebuilt = {name for name in changed if end.owners.get(name) not in (*tables, None)}
        assert rebuilt == {name for effect in said for name in effect.rebuilds if not effect.rewrites} or any(
            effect.builds for effect in said
        )
        there = set(start.files.values())
        built = {name for name in end.owners if end.files[name] not in there}
        built = {name for name in built if end.owners[name] in start.names.values()}
        building = [effect for effect in said if (effect.builds or effect.rebuilds) and on_old(effect)]
        assert bool(built) == bool(building) or tables

    # Rows read: of tables that held some.
    filled = {name for name in start.names.values() if name in ("audit", "log", "days_2", "days_rest")}
    read = {name for name in filled if end.rows.get(name, 0) > start.rows.get(name, 0)}
    reading = {
        name
        for effect in said
        if effect.scans
        or effect.rewrites
        or effect.builds
        or effect.rebuilds
        or "REFRESH" in effect.statement
        for name in read_by(effect)
    }
    if case in CASES:
        assert read == reading & filled


def read_by(effect: Effect) -> list[str]:
    """The tables whose rows a statement reads that reads some."""
    tables = [lock.table[1] for lock in effect.locks]
    if "REFRESH" in effect.statement:  # those of its query
        return ["audit"]
    return [name for _, name in effect.through] or tables[:1]
