"""Rows that go from a table under contract: both sides are asked, whatever takes them."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from .projects import CONSUMER, PRODUCER, PROJECT, VERSIONS, Files, Runner, acknowledging, revision, script

RULE = "contract-rows-deleted"

#: The table is partitioned, and refers to another.
PARTS = """\
op.execute("CREATE TABLE runs (id int PRIMARY KEY)")
op.execute("CREATE TABLE teams (id int PRIMARY KEY)")
op.execute(
    "CREATE TABLE events (id int, at date NOT NULL, run_id int REFERENCES runs,"
    " team_id int REFERENCES teams ON DELETE CASCADE) PARTITION BY RANGE (at)"
)
op.execute("CREATE TABLE sites (id int PRIMARY KEY)")
op.add_column("events", sa.Column("site_id", sa.Integer(), sa.ForeignKey("sites.id", ondelete="cascade")))
op.execute("CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')")
op.execute("CREATE TABLE batch AS SELECT 1 AS id")
op.execute("CREATE VIEW seen AS SELECT id, at FROM events")
op.execute("CREATE VIEW recent AS SELECT id, at FROM events WHERE at > '2025-01-01'")
"""


def contract(service: str, role: str) -> str:
    head = f"contract: migration-lint/v1\nid: {service}.{role}\nservice: {service}\nrole: {role}\n"
    return f"{head}tables:\n  events:\n    columns:\n      id: {{type: int4, nullable: true}}\n"


def project(dialect: str) -> Files:
    return {
        "migration-lint.toml": f'dialect = "{dialect}"\n',
        "migrations/versions/a1_deployment_events.py": script(PARTS, "a1", None),
        PRODUCER: contract("worker", "producer"),
        CONSUMER: contract("api", "consumer"),
    }


@pytest.fixture
def runner(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Runner:
    return Runner(tmp_path, capsys)


@pytest.mark.parametrize(
    "statement",
    [
        "TRUNCATE events",
        "TRUNCATE batch, ONLY events RESTART IDENTITY",
        "TRUNCATE runs CASCADE",
        "DELETE FROM events",
        "DELETE FROM ONLY events WHERE true",
        "ALTER TABLE events DETACH PARTITION events_1",
        "ALTER TABLE events DETACH PARTITION events_1 CONCURRENTLY",
        "DROP TABLE events_1",
        "TRUNCATE events_1",
        "DELETE FROM events_1",
        "WITH gone AS (DELETE FROM events RETURNING *) SELECT count(*) FROM gone",
        "WITH gone AS (DELETE FROM events RETURNING id) INSERT INTO batch SELECT id FROM gone",
        "WITH some AS (SELECT 1) DELETE FROM events",
        "EXPLAIN ANALYZE DELETE FROM events",
        "COPY (DELETE FROM events RETURNING id) TO STDOUT",
        "CREATE TABLE kept AS WITH gone AS (DELETE FROM events RETURNING *) SELECT * FROM gone",
        "WITH gone AS (DELETE FROM events RETURNING *) SELECT * INTO kept FROM gone",
        "DELETE FROM seen",
        "DELETE FROM teams",
        "DELETE FROM sites",
    ],
)
def test_whoever_relies_on_the_rows_is_asked(runner: Runner, statement: str) -> None:
    assert RULE in runner.change(revision(f'op.execute("{statement}")'), project("postgresql")).rules


@pytest.mark.parametrize(
    "condition",
    [
        "true is true",
        "id = 7 OR true",
        "at = at",
        "events.at IS NOT NULL",
        "NOT (at IS NULL AND id = 7) RETURNING id",
        "at >= at AND (1 = 1)",
    ],
)
def test_a_condition_that_holds_for_every_row_is_none(runner: Runner, condition: str) -> None:
    taken = revision(f'op.execute("DELETE FROM events WHERE {condition}")')
    assert RULE in runner.change(taken, project("postgresql")).rules


@pytest.mark.parametrize(
    "condition", ["id = id", "id IS NOT NULL", "at = '2025-01-01'", "run_id = at", "null"]
)
def test_a_condition_that_leaves_rows_out_says_which(runner: Runner, condition: str) -> None:
    meant = revision(f'op.execute("DELETE FROM events WHERE {condition}")')
    assert RULE not in runner.change(meant, project("postgresql")).rules


#: Of a table whose name only the server knows; the first half takes rows.
EACH = "FOR t IN SELECT tablename FROM pg_tables LOOP EXECUTE {} ; END LOOP;"
UNNAMED = {
    EACH.format("format('DELETE FROM %I', t)"): True,
    EACH.format("'TRUNCATE ' || quote_ident(t) || ' CASCADE'"): True,
    EACH.format("'DELETE FROM ' || t || ' WHERE true'"): True,
    EACH.format("'WITH d AS (DELETE FROM ' || t || ' RETURNING 1) SELECT 1 FROM d'"): True,
    "EXECUTE (SELECT 'TRUNCATE ' || string_agg(tablename, ', ') FROM pg_tables);": True,
    EACH.format("format('DELETE FROM %I WHERE id = 3', t)"): False,
    EACH.format("format('DELETE FROM log_%I', t)"): False,
    EACH.format("format('ANALYZE %I', t)"): False,
    EACH.format("format('SELECT count(*) FROM %I', t)"): False,
}


@pytest.mark.parametrize("body", UNNAMED)
def test_rows_of_a_table_whose_name_is_not_known_may_be_those(runner: Runner, body: str) -> None:
    text = f"DO $$ DECLARE t text; BEGIN {body} END $$"
    found = runner.change(revision(f"op.execute({text!r})"), project("postgresql"))
    assert ("contract-opaque-operation" in found.rules) == UNNAMED[body]


@pytest.mark.parametrize("argument", ["'events'", "'events'::regclass"])
def test_a_function_may_be_given_the_name(runner: Runner, argument: str) -> None:
    kind = "regclass" if "regclass" in argument else "text"
    made = (
        f"CREATE FUNCTION wipe(t {kind}) RETURNS void LANGUAGE plpgsql AS "
        "$$ BEGIN EXECUTE 'DELETE FROM ' || t; END $$"
    )
    before = {f"{VERSIONS}/a2_wipe.py": script(f"op.execute({made!r})", "a2", "a1")}
    called = script(f'op.execute("SELECT wipe({argument})")', "b1", "a2")
    found = runner.change({f"{VERSIONS}/b1_call.py": called}, {**project("postgresql"), **before})
    assert "contract-opaque-operation" in found.rules


def test_core_may_be_given_a_table_that_is_not_known(runner: Runner) -> None:
    code = "op.execute(sa.delete(sa.table(sa.inspect(op.get_bind()).get_table_names()[0])))"
    assert "contract-opaque-operation" in runner.change(revision(code), project("postgresql")).rules


@pytest.mark.parametrize(
    "statement", ["DELETE FROM events", "TRUNCATE events", "DELETE FROM events WHERE at = at"]
)
def test_on_a_search_path_the_table_is_in_the_schema_that_has_it(runner: Runner, statement: str) -> None:
    calls = f'op.execute("SET search_path TO nowhere, public")\nop.execute("{statement}")'
    assert RULE in runner.change(revision(calls), project("postgresql")).rules
    other = (
        'op.execute("CREATE SCHEMA nowhere")\nop.execute("CREATE TABLE nowhere.events (at date NOT NULL)")'
    )
    assert RULE not in runner.change(revision(f"{other}\n{calls}"), project("postgresql")).rules


#: Whether a statement on a table takes the rows of one that inherits from it.
ONLY = {
    "TRUNCATE ONLY above": False,
    "DELETE FROM ONLY public.above": False,
    "TRUNCATE above": True,
    "DELETE FROM above": True,
    "DELETE FROM above /* only above */": True,
    "DELETE FROM above WHERE 'only above' = 'only above'": True,
    "DELETE FROM ABOVE USING ONLY above x": True,
}


@pytest.mark.parametrize("statement", ONLY)
def test_only_leaves_what_inherits(runner: Runner, statement: str) -> None:
    first = 'op.execute("CREATE TABLE above (id int)")\n'
    made = first + 'op.execute("CREATE TABLE events (id int) INHERITS (above)")'
    before = {
        **project("postgresql"),
        "migrations/versions/a1_deployment_events.py": script(made, "a1", None),
    }
    found = runner.change(revision(f'op.execute("{statement}")'), before)
    assert (RULE in found.rules) == ONLY[statement]


@pytest.mark.parametrize(
    ("statement", "severity"),
    [
        ("DELETE FROM events USING runs", "warning"),
        ("DELETE FROM events a USING events b WHERE a.at = b.at", "error"),
        ("MERGE INTO events USING runs ON true WHEN MATCHED THEN DELETE", "warning"),
        ("MERGE INTO events e USING runs r ON r.id = e.id WHEN NOT MATCHED BY SOURCE THEN DELETE", "warning"),
        ("DELETE FROM recent", "warning"),
        ("DELETE FROM events WHERE EXISTS (SELECT 1 FROM runs)", "warning"),
        ("DELETE FROM events WHERE NOT EXISTS (SELECT 1 FROM runs WHERE runs.number = 7)", "warning"),
        ("MERGE INTO events e USING events f ON e.at = f.at WHEN MATCHED THEN DELETE", "warning"),
    ],
)
def test_what_another_table_decides_is_said_as_that(runner: Runner, statement: str, severity: str) -> None:
    found = runner.change(revision(f'op.execute("{statement}")'), project("postgresql"))
    assert [each.severity for each in found.findings if each.rule == RULE] == [severity]


@pytest.mark.parametrize(
    ("dialect", "statement"),
    [
        ("mysql", "DELETE FROM events WHERE 1"),
        ("mysql", "DELETE FROM events LIMIT 18446744073709551615"),
        ("mysql", "DELETE FROM events WHERE at = at ORDER BY at LIMIT 1000000000"),
        ("postgresql", "DELETE FROM events WHERE at IN (SELECT at FROM events LIMIT 1000000000)"),
        ("mssql", "DELETE TOP (1000000000) FROM events"),
        ("mysql", "ALTER TABLE events DROP PARTITION p1"),
        ("mysql", "ALTER TABLE events TRUNCATE PARTITION ALL"),
        ("mysql", "ALTER TABLE events EXCHANGE PARTITION p1 WITH TABLE batch"),
        ("mysql", "ALTER TABLE events DISCARD TABLESPACE"),
        ("mariadb", "ALTER TABLE events CONVERT PARTITION p1 TO TABLE batch2"),
        ("mssql", "ALTER TABLE events SWITCH PARTITION 1 TO batch"),
        ("mssql", "TRUNCATE TABLE events WITH (PARTITIONS (2))"),
        ("mssql", "DELETE events"),
        ("mssql", "DELETE dbo.events WHERE at = at"),
        ("mssql", "WITH all_of_it AS (SELECT * FROM events) DELETE FROM all_of_it"),
        ("mssql", "MERGE events AS e USING runs AS r ON e.id = r.id WHEN NOT MATCHED BY SOURCE THEN DELETE;"),
        ("mssql", "WHILE 1=1 BEGIN DELETE TOP (100) FROM events; IF @@ROWCOUNT = 0 BREAK; END"),
        ("mssql", "WHILE EXISTS (SELECT 1 FROM events) DELETE TOP (100) events WHERE at = at"),
        ("oracle", "DELETE events"),
        ("oracle", "ALTER TABLE events TRUNCATE SUBPARTITION p1"),
    ],
)
def test_each_dialect_has_its_own_ways(runner: Runner, dialect: str, statement: str) -> None:
    assert RULE in runner.change(revision(f'op.execute("{statement}")'), project(dialect)).rules


WIPES = "DELETE FROM events"
#: What a statement sets off, by the dialect: what an earlier revision makes, and the statement.
SET_OFF = [
    ("mysql", f"CREATE TRIGGER w AFTER INSERT ON runs FOR EACH ROW {WIPES}", "INSERT INTO runs VALUES (1)"),
    ("mysql", f"CREATE FUNCTION w() RETURNS int BEGIN {WIPES}; RETURN 1; END", "SELECT w()"),
    ("sqlite", f"CREATE TRIGGER w AFTER DELETE ON runs BEGIN {WIPES}; END", "DELETE FROM runs WHERE id = 1"),
    ("mssql", f"CREATE TRIGGER w ON runs AFTER INSERT AS {WIPES}", "INSERT INTO runs VALUES (1)"),
    ("oracle", f"CREATE TRIGGER w AFTER INSERT ON runs BEGIN {WIPES}; END;", "INSERT INTO runs VALUES (1)"),
    ("oracle", f"CREATE FUNCTION w RETURN int AS BEGIN {WIPES}; RETURN 1; END;", "SELECT w FROM dual"),
]


@pytest.mark.parametrize(("dialect", "made", "statement"), SET_OFF)
def test_what_a_statement_sets_off(runner: Runner, dialect: str, made: str, statement: str) -> None:
    before = {f"{VERSIONS}/a2_w.py": script(f"op.execute({made!r})", "a2", "a1")}
    head = {f"{VERSIONS}/b1.py": script(f"op.execute({statement!r})", "b1", "a2")}
    assert RULE in runner.change(head, {**project(dialect), **before}).rules


CURSOR = (
    "DECLARE @id int; DECLARE c CURSOR LOCAL FAST_FORWARD FOR SELECT {} FROM events{}; OPEN c; "
    "FETCH NEXT FROM c INTO @id; WHILE @@FETCH_STATUS = 0 BEGIN {}; FETCH NEXT FROM c INTO @id; END"
)
NUMBERED = "WITH c AS (SELECT *, ROW_NUMBER() OVER (PARTITION BY run_id ORDER BY at) AS rn FROM events) "
ONE = "DELETE FROM events WHERE id = @id"


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE TOP (100) PERCENT FROM events",
        "DELETE TOP (2147483647) FROM events",
        "DECLARE @n int = 1000000; DELETE TOP (@n) FROM events",
        "again: DELETE TOP (100) FROM events; IF @@ROWCOUNT > 0 GOTO again",
        CURSOR.format("*", "", "DELETE FROM events WHERE CURRENT OF c"),
        "CREATE SYNONYM s FOR dbo.events; DELETE FROM s",
        NUMBERED + "DELETE FROM c WHERE rn >= 1",
        NUMBERED + "DELETE c WHERE c.rn <> 0",
        "WITH c AS (SELECT * FROM events WHERE at IS NOT NULL) DELETE FROM c",
        "WITH c AS (SELECT q.at FROM (SELECT *, ROW_NUMBER() OVER (ORDER BY at) rn FROM events) q "
        "WHERE q.rn >= 1) DELETE FROM c",
        "WITH c AS (SELECT 1 AS x WHERE 1 = 0) DELETE FROM events",
        "DELETE x FROM (SELECT * FROM events) AS x",
    ],
)
def test_what_sql_server_takes_whole(runner: Runner, statement: str) -> None:
    assert RULE in runner.change(revision(f'op.execute("{statement}")'), project("mssql")).rules


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE TOP (10) PERCENT FROM events",
        "DECLARE @n int = 5; DELETE TOP (@n) FROM events WHERE id = 3",
        "IF 1 = 1 GOTO done; DELETE TOP (100) FROM events; done: SELECT 1",
        "again: DELETE TOP (100) FROM events WHERE id = 1; IF @@ROWCOUNT > 0 GOTO again",
        CURSOR.format("id", " WHERE run_id = 1", ONE),
        CURSOR.format("id", "", f"IF @id > 5 {ONE}"),
        NUMBERED + "DELETE FROM c WHERE rn > 1",
        NUMBERED + "DELETE FROM c WHERE rn = 1",
        "WITH c AS (SELECT * FROM events WHERE run_id = 1) DELETE FROM c",
        "DELETE x FROM (SELECT TOP 10 * FROM events) AS x",
        "CREATE SYNONYM s FOR dbo.events; DELETE FROM s WHERE id = 1",
        "DELETE TOP (100) FROM events",
        "WHILE (SELECT COUNT(*) FROM events) > 100 DELETE TOP (100) FROM events",
        "WHILE 1=1 BEGIN DELETE TOP (100) FROM events WHERE id = 1; IF @@ROWCOUNT = 0 BREAK; END",
        "WITH some_of_it AS (SELECT TOP 5 * FROM events) DELETE FROM some_of_it",
    ],
)
def test_what_sql_server_leaves(runner: Runner, statement: str) -> None:
    assert RULE not in runner.change(revision(f'op.execute("{statement}")'), project("mssql")).rules


@pytest.mark.parametrize(
    ("before", "change", "set_off"),
    [
        ("DISABLE TRIGGER w ON runs", "ENABLE TRIGGER w ON runs", True),
        ("DISABLE TRIGGER dbo.w ON dbo.runs", "ALTER TABLE runs ENABLE TRIGGER w", True),
        ("ALTER TABLE runs DISABLE TRIGGER ALL", "ENABLE TRIGGER ALL ON runs", True),
        ("ALTER TABLE runs DISABLE TRIGGER v, w", "ENABLE TRIGGER v, [w] ON runs", True),
        ("DISABLE TRIGGER w ON runs", "ENABLE TRIGGER v ON runs", False),
        ("DISABLE TRIGGER w ON runs", "ENABLE TRIGGER w ON batch", False),
        ("ALTER TABLE runs DISABLE TRIGGER v, w", "ALTER TABLE runs ENABLE TRIGGER v", False),
    ],
)
def test_sql_server_fires_a_trigger_that_is_enabled(
    runner: Runner, before: str, change: str, set_off: bool
) -> None:
    made = f"CREATE TRIGGER w ON runs AFTER INSERT AS {WIPES}"
    calls = "\n".join(f"op.execute({each!r})" for each in (made, before))
    base = {f"{VERSIONS}/a2_w.py": script(calls, "a2", "a1")}
    calls = "\n".join(f"op.execute({each!r})" for each in (change, "INSERT INTO runs VALUES (1)"))
    head = {f"{VERSIONS}/b1.py": script(calls, "b1", "a2")}
    assert (RULE in runner.change(head, {**project("mssql"), **base}).rules) == set_off


@pytest.mark.parametrize(
    ("body", "refused"),
    [
        ("DELETE FROM events WHERE id IN (SELECT id FROM inserted)", True),
        ("BEGIN SET NOCOUNT ON; DELETE x FROM events x JOIN inserted i ON i.id = x.id END", True),
        ("DELETE x FROM events x JOIN inserted i ON i.run_id = x.run_id WHERE x.id <> i.id", False),
        ("DELETE FROM batch WHERE id IN (SELECT id FROM inserted) INSERT INTO batch VALUES (1)", False),
        ("UPDATE x SET at = i.at FROM events x JOIN inserted i ON i.id = x.id", False),
    ],
)
def test_a_trigger_of_sql_server_may_delete_what_sets_it_off(
    runner: Runner, body: str, refused: bool
) -> None:
    made = f"CREATE TRIGGER w ON events AFTER INSERT AS {body}"
    rules = runner.change(revision(f"op.execute({made!r})"), project("mssql")).rules
    assert ("contract-insert-refused" in rules) == refused


@pytest.mark.parametrize("dialect", ["mysql", "sqlite", "mssql", "oracle"])
def test_a_trigger_waits_for_its_own_event(runner: Runner, dialect: str) -> None:
    made = next(made for of, made, _ in SET_OFF if of == dialect).replace("AFTER DELETE", "AFTER INSERT")
    before = {f"{VERSIONS}/a2_w.py": script(f"op.execute({made!r})", "a2", "a1")}
    head = {f"{VERSIONS}/b1.py": script('op.execute("UPDATE runs SET id = 2 WHERE id = 1")', "b1", "a2")}
    assert RULE not in runner.change(head, {**project(dialect), **before}).rules


@pytest.mark.parametrize("statement", ["SELECT wipe_all()", "DO wipe_all()", "SET @x = wipe_all()"])
def test_a_function_that_nobody_knows_may_take_them_on_mysql(runner: Runner, statement: str) -> None:
    found = runner.change(revision(f'op.execute("{statement}")'), project("mysql"))
    assert "contract-opaque-operation" in found.rules


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT concat(left(kind, 3), if(id > 3, uuid(), json_object('a', 1))) FROM events",
        "INSERT IGNORE runs (id) VALUES (1)",
        "REPLACE runs (id) SELECT id FROM batch USE INDEX (PRIMARY) WHERE id NOT IN (1, 2)",
        "INSERT INTO runs (id) VALUES (1) ON DUPLICATE KEY UPDATE id = VALUES(id) DIV (2)",
        "SELECT st_astext(location), row_number() OVER (ORDER BY id) FROM events x (id, location)",
        "SELECT CAST(id AS CHAR(20)), CONVERT(id, DECIMAL(10, 2)), MATCH (kind) AGAINST ('x') FROM events",
    ],
)
def test_what_mysql_ships_takes_none(runner: Runner, statement: str) -> None:
    assert runner.change(revision(f'op.execute("{statement}")'), project("mysql")).rules == set()


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM events WHERE at < '2020-01-01'",
        "DELETE FROM events USING runs WHERE runs.id = run_id",
        "DELETE FROM events USING runs WHERE runs.id = events.id",
        "DELETE FROM events a USING events b WHERE a.at < b.at AND a.id = b.id",
        "DELETE FROM events WHERE EXISTS (SELECT 1 FROM runs WHERE runs.id = run_id)",
        "DELETE FROM teams WHERE id = 1",
        "MERGE INTO events e USING runs r ON r.id = e.run_id WHEN MATCHED THEN DELETE",
        "MERGE INTO events e USING runs r ON true WHEN MATCHED AND e.id = 1 THEN DELETE",
        "DELETE FROM runs",
        "DELETE FROM batch",
        "TRUNCATE batch",
        "DROP TABLE batch",
        "UPDATE events SET id = 1",
        "CREATE TABLE events_2 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
    ],
)
def test_rows_that_are_meant_or_another_s_are_no_matter(runner: Runner, statement: str) -> None:
    assert RULE not in runner.change(revision(f'op.execute("{statement}")'), project("postgresql")).rules


def test_a_temporary_table_hides_the_table_of_its_name(runner: Runner) -> None:
    statements = ("CREATE TEMPORARY TABLE events (id int)", "TRUNCATE events, batch", "DROP TABLE events")
    calls = "\n".join(f'op.execute("{each}")' for each in statements)
    assert RULE not in runner.change(revision(calls), project("postgresql")).rules


def test_both_sides_acknowledge(runner: Runner) -> None:
    taken = revision('op.execute("TRUNCATE deployment_events")')
    producer = {PRODUCER: acknowledging(PROJECT[PRODUCER], "b2")}
    assert RULE in runner.change({**taken, **producer}).rules
    both = {**producer, CONSUMER: acknowledging(PROJECT[CONSUMER], "b2")}
    assert RULE not in runner.change({**taken, **both}).rules


def test_a_table_that_is_dropped_is_told_as_that(runner: Runner) -> None:
    rules = runner.change(
        revision('op.execute("DELETE FROM events")\nop.drop_table("events")'), project("postgresql")
    ).rules
    assert "contract-table-dropped" in rules
    assert RULE not in rules


def test_a_released_revision_that_is_edited_took_them_before(runner: Runner) -> None:
    taken = 'op.execute("TRUNCATE deployment_events")\n'
    before = revision(taken)
    after = revision(f'{taken}op.create_index("ix_kind", "deployment_events", ["kind"])')
    found = runner.change(after, before)
    assert "history-edited-revision" in found.rules
    assert RULE not in found.rules


def rebuilt(copy: str) -> Files:
    statements = (
        "CREATE TABLE events_2 (LIKE events INCLUDING ALL)",
        copy,
        "DROP TABLE events",
        "ALTER TABLE events_2 RENAME TO events",
    )
    return revision("\n".join(f'op.execute("{each}")' for each in statements))


@pytest.mark.parametrize(
    ("query", "rule"),
    [
        ("", ""),
        ("WHERE true", ""),
        ("e LEFT OUTER JOIN runs r ON r.id = e.run_id", ""),
        ("e JOIN runs r ON r.id = e.run_id", RULE),
        ("WHERE at > '2025-01-01'", RULE),
        ("LIMIT 1000", RULE),
        ("WHERE false", "contract-table-recreated"),
        ("LIMIT 0", "contract-table-recreated"),
    ],
)
def test_a_table_made_anew_has_the_rows_that_were_copied(runner: Runner, query: str, rule: str) -> None:
    change = rebuilt(f"INSERT INTO events_2 SELECT * FROM events {query}")
    rules = runner.change(change, project("postgresql")).rules
    assert rules & {RULE, "contract-table-recreated"} == ({rule} if rule else set())


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        ("INSERT INTO events_2 (SELECT * FROM events)", ""),
        (
            "INSERT INTO events_2 (id, at) SELECT e.id, coalesce(e.at, now()) FROM public.events e",
            "",
        ),
        ("INSERT INTO events_2 SELECT id, (SELECT max(id) FROM runs)::text::date FROM events", ""),
        ("INSERT INTO events_2 TABLE events", ""),
        ("INSERT INTO events_2 SELECT * FROM events EXCEPT SELECT * FROM seen", RULE),
        ("INSERT INTO events_2 SELECT e.* FROM events e, runs", RULE),
        ("INSERT INTO events_2 SELECT e.* FROM runs r LEFT JOIN events e ON e.run_id = r.id", RULE),
        ("INSERT INTO events_2 SELECT * FROM (SELECT * FROM events WHERE id > 7) AS some", RULE),
        ("INSERT INTO events_2 SELECT * FROM ONLY events", RULE),
        ("INSERT INTO events_2 SELECT max(id), max(at) FROM events", RULE),
        ("INSERT INTO events_2 SELECT id, at FROM events WHERE checked(id)", RULE),
        ("INSERT INTO events_2 SELECT * FROM events ON CONFLICT DO NOTHING", RULE),
        ("INSERT INTO events_2 TABLE events LIMIT 7", RULE),
        ("WITH some AS (SELECT 1) INSERT INTO events_2 SELECT * FROM events WHERE id > 7", RULE),
        (
            "MERGE INTO events_2 n USING events e ON n.id = e.id"
            " WHEN NOT MATCHED AND e.id > 7 THEN INSERT VALUES (e.id, e.at)",
            RULE,
        ),
        ("UPDATE events_2 SET id = e.id FROM events e", "contract-table-recreated"),
    ],
)
def test_a_query_gives_all_rows_where_it_is_known_to(runner: Runner, statement: str, rule: str) -> None:
    rules = runner.change(rebuilt(statement), project("postgresql")).rules
    assert rules & {RULE, "contract-table-recreated"} == ({rule} if rule else set())


@pytest.mark.parametrize(
    ("query", "goes"),
    [
        ("sa.select(old)", False),
        ("sa.select(old.c.id, old.c.at).order_by(old.c.id)", False),
        ("old.select()", False),
        ("sa.select(old).where(old.c.id > 7)", True),
        ("sa.select(old).limit(7)", True),
        ("sa.select(old.c.id, old.c.at).distinct()", True),
        ("sa.select(old, runs)", True),
        ("sa.select(old.c.id, sa.func.max(old.c.at))", True),
    ],
)
def test_a_query_of_core_gives_all_rows_where_it_is_known_to(runner: Runner, query: str, goes: bool) -> None:
    tables = """\
    old = sa.table("events", sa.column("id"), sa.column("at"))
    new = sa.table("events_2", sa.column("id"), sa.column("at"))
    runs = sa.table("runs", sa.column("id"))
    """
    change = f"""\
    op.execute("CREATE TABLE events_2 (LIKE events INCLUDING ALL)")
    op.execute(new.insert().from_select(["id", "at"], {query}))
    op.drop_table("events")
    op.rename_table("events_2", "events")
    """
    found = runner.change(revision(textwrap.dedent(tables) + textwrap.dedent(change)), project("postgresql"))
    assert (RULE in found.rules) is goes


ROUTINE = "CREATE FUNCTION purge() RETURNS int LANGUAGE sql AS $$ {} SELECT 1 $$"
ON_DELETE = """\
CREATE FUNCTION purge() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {} RETURN NULL; END $$;
CREATE TRIGGER purging AFTER DELETE ON runs FOR EACH STATEMENT EXECUTE FUNCTION purge()
"""


@pytest.mark.parametrize(
    ("made", "statement"),
    [
        (ROUTINE, "SELECT purge()"),
        (ROUTINE, "DO $$ BEGIN PERFORM purge(); END $$"),
        (ROUTINE, "CREATE MATERIALIZED VIEW purged AS SELECT purge() AS done"),
        (ON_DELETE, "DELETE FROM runs WHERE id = 1"),
        ("CREATE RULE purging AS ON UPDATE TO runs DO ALSO {}", "UPDATE runs SET id = 1"),
    ],
)
@pytest.mark.parametrize(
    ("body", "goes"),
    [
        ("DELETE FROM events;", True),
        ("DELETE FROM events WHERE id = 1 OR true;", True),
        ("DELETE FROM events WHERE id = 1;", False),
    ],
)
def test_what_base_has_runs_by_itself(
    runner: Runner, made: str, statement: str, body: str, goes: bool
) -> None:
    before = project("postgresql")
    made_here = f'op.execute("""{made.format(body)}""")'
    before["migrations/versions/a1_deployment_events.py"] = script(f"{PARTS}\n{made_here}", "a1", None)
    assert (RULE in runner.change(revision(f'op.execute("{statement}")'), before).rules) is goes


@pytest.mark.parametrize(
    ("statement", "goes"),
    [
        ("sa.delete(events)", True),
        ("sa.delete(events).where(sa.true())", True),
        ('sa.delete(events).where(sa.text("1 = 1"))', True),
        ('events.delete().where(sa.true(), sa.text("true"))', True),
        ('sa.delete(events).where(sa.text("id = 1"))', False),
        ("sa.delete(events).where(sa.true(), events.c.id == 1)", False),
        ("sa.delete(events).where(sa.false())", False),
        ("sa.delete(events).where(sa.literal(True))", True),
        ("sa.delete(events).where(~sa.false(), sa.and_())", True),
        ("sa.delete(events).where(sa.or_(events.c.id == 1, sa.true()))", True),
        ("sa.delete(events).where((events.c.id > 1) | (events.c.id <= 1) | events.c.id.is_(None))", True),
        ("sa.delete(events).where(events.c.id.in_([1, 2]) | (events.c.id.in_([1, 2]).isnot(True)))", True),
        (
            "sa.delete(events).where(sa.func.coalesce(events.c.id, 0) >= sa.func.coalesce(events.c.id, 0))",
            True,
        ),
        ('sa.delete(events).where(sa.text("id IS NULL OR id = id"))', True),
        ("sa.delete(events).where(sa.cast(True, sa.Boolean))", True),
        ("sa.delete(events).where(sa.exists(sa.select(1)))", True),
        ("sa.delete(events).where(sa.select(events.c.id).exists())", True),
        ("sa.delete(events).where(sa.exists(sa.select(events.c.id).where(events.c.id > 1)))", False),
        ("sa.delete(events).where(events.c.id.in_(sa.select(events.c.at)))", False),
        ('sa.text("DELETE FROM events WHERE :all").bindparams(all=True)', True),
        ('sa.text("DELETE FROM events WHERE id = :id").bindparams(id=1)', False),
        ("sa.delete(events).where(events.c.id == events.c.id)", False),
        ("sa.delete(events).where(events.c.id.notin_([]))", True),
        ("sa.delete(events).where(~events.c.id.in_(()))", True),
        ("sa.delete(events).where(events.c.id.in_([]))", False),
        ("sa.delete(events).where(events.c.id != 1)", False),
        ("sa.delete(events).where(events.c.id != None)", False),
        ("sa.delete(events).where(sa.or_(events.c.id > 1, events.c.id < 1))", False),
        ("sa.delete(events).where(sa.not_(sa.true()))", False),
        ("sa.delete(events).where(sa.true(), events.c.at < sa.func.now())", False),
        ('sa.select(sa.func.count()).select_from(sa.delete(events).returning(events.c.id).cte("d"))', True),
        (
            "sa.select(sa.func.count()).select_from("
            'sa.delete(events).where(events.c.id == 1).returning(events.c.id).cte("d"))',
            False,
        ),
    ],
)
def test_a_statement_of_sqlalchemy_s_is_judged_likewise(runner: Runner, statement: str, goes: bool) -> None:
    table = 'events = sa.table("events", sa.column("id"), sa.column("at"))'
    taken = revision(f"{table}\nop.execute({statement})")
    assert (RULE in runner.change(taken, project("postgresql")).rules) is goes


@pytest.mark.parametrize(
    ("statement", "goes"),
    [
        ("sa.text('DELETE FROM events WHERE :all'), {'all': True}", True),
        ("sa.text('DELETE FROM events WHERE :one = 1 OR id = :id'), {'one': 1, 'id': 7}", True),
        ("sa.text('DELETE FROM events WHERE :all'), {'all': False}", False),
        ("sa.text('DELETE FROM events WHERE id = :id'), {'id': 7}", False),
        ("sa.text('DELETE FROM events WHERE id = :id'), {'id': 'all'}", False),
    ],
)
def test_parameters_count(runner: Runner, statement: str, goes: bool) -> None:
    taken = revision(f"op.get_bind().execute({statement})")
    assert (RULE in runner.change(taken, project("postgresql")).rules) is goes


@pytest.mark.parametrize(
    ("call", "goes"),
    [
        ('copy("COPY (DELETE FROM events RETURNING id) TO STDOUT")', True),
        ('copy_expert("COPY (DELETE FROM events RETURNING id) TO STDOUT", file)', True),
        ('stream("DELETE FROM events RETURNING id")', True),
        ('run("DELETE FROM events")', True),
        ('query(b"DELETE FROM events")', True),
        ('copy(b"COPY (DELETE FROM events RETURNING id) TO STDOUT")', True),
        ('some().other().runs("DELETE FROM events")', True),
        ('prepare("DELETE FROM events RETURNING id").fetch()', True),
        ('some().noted("deletions")', False),
        ('copy("COPY (SELECT id FROM events) TO STDOUT")', False),
        ('copy("COPY batch FROM STDIN")', False),
        ('mogrify("DELETE FROM events")', False),
        ('copy_from(file, "events")', False),
    ],
)
def test_a_method_of_a_driver_runs_what_it_is_given(runner: Runner, call: str, goes: bool) -> None:
    taken = revision(f"import io\nfile = io.StringIO()\nop.get_bind().connection.cursor().{call}")
    verdict = runner.change(taken, project("postgresql"))
    assert (RULE in verdict.rules) is goes
    assert "contract-opaque-operation" not in verdict.rules


def test_a_method_of_a_driver_that_is_given_what_is_not_known(runner: Runner) -> None:
    taken = revision('import os\nop.get_bind().connection.cursor().copy(os.environ["COPIED"])')
    assert "contract-opaque-operation" in runner.change(taken, project("postgresql")).rules


@pytest.mark.parametrize(
    ("statement", "may"),
    [
        ('f"DELETE FROM events WHERE {part}"', True),
        ('f"DELETE FROM events WHERE id = 7 OR {part}"', True),
        ('f"DELETE FROM events WHERE NOT {part}"', True),
        ('f"DELETE FROM events WHERE EXISTS ({part})"', True),
        ('f"DELETE FROM events WHERE CASE WHEN {part} THEN true ELSE false END"', True),
        ('"DELETE FROM events WHERE (%s) AND true" % part', True),
        ("sa.delete(events).where(sa.text(part))", True),
        ('f"DELETE FROM events WHERE id = 7 AND {part}"', False),
        ('f"DELETE FROM events WHERE id = {part}"', False),
        ("sa.delete(events).where(~sa.literal_column(part))", True),
        ("sa.delete(events).where(sa.not_(sa.text(part)))", True),
        ("sa.delete(events).where(*[sa.text(each) for each in part.split()])", True),
        ("sa.delete(events).where(sa.and_(*[sa.text(each) for each in part.split()]))", True),
        ("sa.delete(events).where(sa.case((sa.text(part), True), else_=False))", True),
        ("sa.delete(events).where(sa.cast(sa.literal_column(part), sa.Boolean()))", True),
        ("sa.delete(events).where(sa.exists(sa.text(part)))", True),
        ("events.delete(sa.text(part))", True),
        ("events.delete(whereclause=sa.text(part))", True),
        ("sa.delete(events, sa.text(part))", True),
        ("events.delete(events.c.id == 7)", False),
        ("sa.delete(events).where(sa.literal_column(part) == 7)", False),
        ("sa.delete(events).where(events.c.id == part)", False),
        ("sa.delete(events).where(events.c.id == 7, sa.text(part))", False),
        ("sa.delete(events).where(sa.text(f\"at > '{part}'\"))", False),
    ],
)
def test_a_condition_that_is_not_known_may_hold_for_every_row(
    runner: Runner, statement: str, may: bool
) -> None:
    made = (
        'import os\npart = os.environ["PART"]\nevents = sa.table("events", sa.column("id"), sa.column("at"))'
    )
    verdict = runner.change(revision(f"{made}\nop.execute({statement})"), project("postgresql"))
    told = [each.severity for each in verdict.findings if each.rule == RULE]
    assert told == ["warning"] * may


#: A mapped class, and what a session does with it.
MAPPED = """\
from sqlalchemy.orm import Session, declarative_base
Base = declarative_base()
class Event(Base):
    __tablename__ = "events"
    id = sa.Column(sa.Integer, primary_key=True)
    kind = sa.Column(sa.Text)
class Team(Base):
    __tablename__ = "teams"
    id = sa.Column(sa.Integer, primary_key=True)
session = Session(bind=op.get_bind())
"""


@pytest.mark.parametrize(
    "body",
    [
        "session.query(Event).delete()",
        "session.query(Team).delete(synchronize_session=False)",
        "for event in session.query(Event):\n    session.delete(event)",
        "for team in session.scalars(sa.select(Team)).all():\n    session.delete(team)",
    ],
)
def test_a_session_that_takes_rows_is_read(runner: Runner, body: str) -> None:
    assert RULE in runner.change(revision(MAPPED + body), project("postgresql")).rules


@pytest.mark.parametrize(
    "made",
    ["session.query(Event).from_statement({}).all()", "session.execute(sa.select(Event).from_statement({}))"],
)
def test_a_text_that_stands_for_a_query_is_run(runner: Runner, made: str) -> None:
    text = """sa.text("ALTER TABLE events DROP COLUMN id")"""
    found = runner.change(revision(MAPPED + made.format(text)), project("postgresql"))
    assert "contract-column-dropped" in found.rules


@pytest.mark.parametrize(
    "body",
    [
        "session.query(Event).filter(Event.kind == 'gone').delete()",
        "for event in session.query(Event):\n    if event.kind == 'gone':\n        session.delete(event)",
        "for event in session.query(Event):\n    event.kind = 'x'\nsession.add(Team(id=1))\nsession.commit()",
        "session.query(Event).update({'kind': 'x'})",
    ],
)
def test_a_session_that_means_some_rows_is_no_matter(runner: Runner, body: str) -> None:
    found = runner.change(revision(MAPPED + body), project("postgresql"))
    assert [each for each in found.findings if each.severity != "info"] == []


KINDS = """\
op.execute("CREATE TABLE events (id int PRIMARY KEY, kind text NOT NULL, note text)")
"""


@pytest.mark.parametrize(
    ("values", "statement", "taken"),
    [
        ("[a]", "DELETE FROM events WHERE kind = 'a'", True),
        ("[a]", "DELETE FROM events WHERE kind IN ('a', 'b') AND true", True),
        ("[a]", "DELETE FROM events WHERE kind <> 'b'", True),
        ("[a, b]", "DELETE FROM events WHERE kind = 'a' OR kind = 'b'", True),
        ("[a]", "DELETE FROM events WHERE kind = 'b'", False),
        ("[a, b]", "DELETE FROM events WHERE kind = 'a'", False),
        ("[a]", "DELETE FROM events WHERE kind = 'a' AND id < 7", False),
        ("[a]", "DELETE FROM events WHERE note = 'a'", False),
        ("[a]", "UPDATE events SET note = '' WHERE kind = 'a'", False),
    ],
)
def test_every_value_that_a_producer_declares_is_every_row_of_its(
    runner: Runner, values: str, statement: str, taken: bool
) -> None:
    base = {
        "migrations/versions/a1_deployment_events.py": script(KINDS, "a1", None),
        PRODUCER: contract("worker", "producer").replace(
            "id: {type: int4, nullable: true}", f"kind: {{type: text, nullable: false, values: {values}}}"
        ),
        CONSUMER: contract("api", "consumer"),
    }
    found = runner.change(revision(f'op.execute("{statement}")'), base)
    assert (RULE in found.rules) == taken
    given = statement.replace("'a'", ":a")
    bound = revision(f'op.get_bind().execute(sa.text("{given}"), {{"a": "a"}})')
    assert (RULE in runner.change(bound, base).rules) == taken


@pytest.mark.parametrize(
    ("key", "deleted", "taken"),
    [
        ("ALTER TABLE events ADD FOREIGN KEY (id) REFERENCES old ON DELETE CASCADE", "id > 0", True),
        ("ALTER TABLE events ADD COLUMN old int REFERENCES old ON DELETE CASCADE", "id = 1", True),
        ("ALTER TABLE events ADD FOREIGN KEY (id) REFERENCES old", "id > 0", False),
        ("ALTER TABLE batch ADD FOREIGN KEY (id) REFERENCES old ON DELETE CASCADE", "id > 0", False),
    ],
)
def test_a_new_key_takes_rows_with_those_that_it_refers_to(
    runner: Runner, key: str, deleted: str, taken: bool
) -> None:
    steps = ("CREATE TABLE old (id int PRIMARY KEY)", "INSERT INTO old SELECT id FROM events", key)
    body = "\n".join(f'op.execute("{each}")' for each in (*steps, f"DELETE FROM old WHERE {deleted}"))
    assert (RULE in runner.change(revision(body), project("postgresql")).rules) == taken


#: Rows of the table that are read, and what is done with each of them in one call or in one loop.
READ = """\
events = sa.table("events", sa.column("id"), sa.column("at"))
bind = op.get_bind()
rows = bind.execute(sa.text("SELECT at FROM events")).fetchall()
by_hand = sa.text("DELETE FROM events WHERE at = :at")
by_core = sa.delete(events).where(events.c.at == sa.bindparam("b"))
"""


@pytest.mark.parametrize(
    "body",
    [
        "bind.execute(by_hand, [dict(row) for row in rows])",
        "bind.execute(by_hand, [dict(row._mapping) for row in rows])",
        "bind.execute(by_hand, [{**row} for row in rows])",
        "bind.execute(by_hand, [row._asdict() for row in rows])",
        "bind.execute(by_hand, bind.execute(sa.text('SELECT at FROM events')).mappings().all())",
        "given = []\nfor row in rows:\n    given.append(dict(row))\nbind.execute(by_hand, given)",
        "for row in rows:\n    bind.execute(by_hand, dict(row))",
        "for row in rows:\n    bind.execute(by_hand, [{'at': row.at}])",
        "for row in rows:\n    bind.execute(by_hand, **dict(row))",
        "for row in rows:\n    bind.execute(by_hand.bindparams(at=row.at))",
        "bind.execute(by_hand, *[{'at': row.at} for row in rows])",
        "bind.execute(by_core, [{'b': row.at} for row in rows])",
        "for row in rows:\n    bind.execute(by_core, {'b': row[0]})",
        "bind.execute(events.delete().where(events.c.at.in_(sa.bindparam('b', expanding=True))),"
        " {'b': [row.at for row in rows]})",
        "among = sa.text('DELETE FROM events WHERE at IN :at')\n"
        "bind.execute(among.bindparams(sa.bindparam('at', value=[row.at for row in rows], expanding=True)))",
        "for at in range(0, len(rows), 100):\n"
        "    bind.execute(by_hand, [{'at': row.at} for row in rows[at:at + 100]])",
        "bind.connection.cursor().executemany('DELETE FROM events WHERE at = %s', rows)",
        "bind.exec_driver_sql('DELETE FROM events WHERE at = %s', [tuple(row) for row in rows])",
    ],
)
def test_a_statement_that_each_row_is_given_to_takes_them_all(runner: Runner, body: str) -> None:
    assert RULE in runner.change(revision(READ + body), project("postgresql")).rules
    some = READ.replace('FROM events")', 'FROM events LIMIT 5")') + body.replace(
        "FROM events')).m", "FROM events LIMIT 5')).m"
    )
    assert RULE not in runner.change(revision(some), project("postgresql")).rules


#: A cursor that has read all rows of the table, or the first of them.
CURSOR = """\
cursor = op.get_bind().connection.cursor()
cursor.execute("SELECT at FROM events")
"""


@pytest.mark.parametrize(
    "body",
    [
        "cursor.executemany('DELETE FROM events WHERE at = %s', cursor.fetchall())",
        "for row in cursor.fetchall():\n    cursor.execute('DELETE FROM events WHERE at = %s', row)",
        "for (at,) in cursor:\n    op.execute(f\"DELETE FROM events WHERE at = '{at}'\")",
        "rows = [row[0] for row in cursor.fetchall()]\n"
        "cursor.execute('DELETE FROM events WHERE at = ANY(%s)', (rows,))",
        "while rows := cursor.fetchmany(100):\n"
        "    cursor.executemany('DELETE FROM events WHERE at = %s', rows)",
    ],
)
def test_a_cursor_gives_the_rows_of_what_it_has_run(runner: Runner, body: str) -> None:
    assert RULE in runner.change(revision(CURSOR + body), project("postgresql")).rules
    between = f"{CURSOR}cursor.execute('SELECT id FROM batch')\n{body}"
    assert RULE not in runner.change(revision(between), project("postgresql")).rules


def test_a_text_with_values_of_rows_stays_as_it_is_written(runner: Runner) -> None:
    body = "for row in rows:\n    op.execute(by_hand.bindparams(at=row.at))"
    found = runner.change(revision(READ + body), project("postgresql"))
    assert "contract-opaque-operation" not in found.rules
    assert [each.message for each in found.findings if each.rule == RULE and "⟨" in each.message] == []
