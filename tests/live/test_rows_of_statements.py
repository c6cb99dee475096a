"""Which loops and MERGEs take all rows of a table, as PostgreSQL has it."""

from __future__ import annotations

from typing import Any

import pytest

from migration_lint.catalog.model import Catalog
from migration_lint.catalog.replay import Journal, replay
from migration_lint.reading import read_script_text

from .conftest import Server

TABLES = (
    "CREATE TABLE u (id int); CREATE TABLE p (id int PRIMARY KEY, z int); "
    "CREATE TABLE t (id int PRIMARY KEY, kind text NOT NULL, a int NOT NULL, "
    "of int NOT NULL DEFAULT 1 REFERENCES p, by int REFERENCES p);"
)
ROWS = (
    "INSERT INTO p VALUES (1); INSERT INTO u VALUES (1); "
    "INSERT INTO t SELECT each, 'x', each FROM generate_series(1, 5) AS each;"
)


def block(declared: str, body: str) -> str:
    return f"DO $$ DECLARE {declared} BEGIN {body} END $$"


def rows(query: str, body: str = "DELETE FROM t WHERE id = r.id;") -> str:
    return block("r record;", f"FOR r IN {query} LOOP {body} END LOOP;")


def cursor(query: str, body: str = "DELETE FROM t WHERE CURRENT OF c;") -> str:
    return block(f"c CURSOR FOR {query};", f"FOR r IN c LOOP {body} END LOOP;")


def fetched(query: str, into: str, ends: str, body: str, type: str = "record") -> str:
    return block(
        f"c CURSOR FOR {query}; {into} {type};",
        f"OPEN c; LOOP FETCH c INTO {into}; {ends} {body} END LOOP; CLOSE c;",
    )


def taking(body: str) -> str:
    return block("v int; w int; ids int[] := ARRAY(SELECT id FROM t);", body)


EXIT = "EXIT WHEN NOT FOUND;"
OF_IDS = "DELETE FROM t WHERE id = ANY(ids);"
OWN, OF_ID = "DELETE FROM t WHERE CURRENT OF c;", "DELETE FROM t WHERE id = v;"
EVERY = (
    cursor("SELECT * FROM t"),
    cursor("SELECT id FROM t AS s WHERE s.a IS NOT NULL ORDER BY id FOR UPDATE"),
    cursor("SELECT * FROM t", "RAISE NOTICE 'one'; DELETE FROM ONLY t WHERE CURRENT OF c;"),
    fetched("SELECT * FROM t", "r", EXIT, OWN),
    fetched("SELECT * FROM t", "r", "IF NOT FOUND THEN EXIT; END IF;", OWN),
    fetched("SELECT id FROM t", "v", EXIT, OF_ID, "int"),
    block(
        "c refcursor; r record;",
        f"OPEN c FOR SELECT * FROM t; FETCH c INTO r; WHILE FOUND LOOP {OWN} FETCH c INTO r; END LOOP;",
    ),
    rows("SELECT id FROM t"),
    taking(f"FOREACH v IN ARRAY ARRAY(SELECT id FROM t) LOOP {OF_ID} END LOOP;"),
    taking(f"FOREACH v IN ARRAY (SELECT array_agg(DISTINCT id ORDER BY id) FROM t) LOOP {OF_ID} END LOOP;"),
    taking(f"FOREACH v IN ARRAY coalesce((SELECT array_agg(id) FROM t), '{{}}') LOOP {OF_ID} END LOOP;"),
    taking("FOREACH v IN ARRAY ids LOOP EXECUTE 'DELETE FROM t WHERE id = $1' USING v; END LOOP;"),
    taking(f"FOR v IN SELECT id FROM t LOOP {OF_ID} END LOOP;"),
    taking(f"FOR v, w IN SELECT id, a FROM t LOOP {OF_ID} END LOOP;"),
    taking(f"FOR v IN SELECT DISTINCT id FROM t LOOP {OF_ID} END LOOP;"),
    taking(f"FOR v IN WITH q AS (SELECT id FROM t) SELECT id FROM q LOOP {OF_ID} END LOOP;"),
    taking(f"FOR v IN SELECT unnest(ids) LOOP {OF_ID} END LOOP;"),
    taking(f"FOR v IN SELECT generate_series(1, (SELECT max(id) FROM t)) LOOP {OF_ID} END LOOP;"),
    taking("FOR v IN SELECT max(id) FROM t LOOP DELETE FROM t WHERE id <= v; END LOOP;"),
    taking("ids := coalesce((SELECT array_agg(id) FROM t), '{}'); DELETE FROM t WHERE id = ANY (ids);"),
    rows("SELECT unnest(ARRAY(SELECT id FROM t)) AS id"),
    rows("SELECT id FROM t UNION ALL SELECT 9"),
    block("n int;", "LOOP DELETE FROM t WHERE id IN (SELECT id FROM t LIMIT 2); "
          "GET DIAGNOSTICS n = ROW_COUNT; EXIT WHEN n = 0; END LOOP;"),
    block("n int;", "WHILE EXISTS (SELECT 1 FROM t) LOOP DELETE FROM t WHERE ctid IN "
          "(SELECT ctid FROM t LIMIT 2 FOR UPDATE SKIP LOCKED); END LOOP;"),
    rows("SELECT id, a FROM t WHERE kind = kind"),
    block("r record;", "FOR i IN 1..2 LOOP FOR r IN SELECT id FROM t LOOP DELETE FROM t WHERE id = r.id; "
          "END LOOP; END LOOP;"),
    "WITH c AS (SELECT id FROM t) DELETE FROM t WHERE id IN (SELECT id FROM c)",
    "WITH b AS (SELECT * FROM t), c (i) AS (SELECT id FROM b) DELETE FROM t WHERE id IN (SELECT i FROM c)",
    "WITH c AS MATERIALIZED (SELECT id FROM t) DELETE FROM t WHERE EXISTS (SELECT FROM c WHERE c.id = t.id)",
    "WITH c AS (SELECT id FROM t), d AS (DELETE FROM t WHERE id IN (SELECT id FROM c) RETURNING id) "
    "SELECT count(*) FROM d",
    "WITH c AS (SELECT id FROM t) DELETE FROM t USING c WHERE t.id = c.id",
    "DELETE FROM t USING t AS s WHERE t.id = s.id",
    block("ids int[];", f"SELECT array_agg(id) INTO ids FROM t; {OF_IDS}"),
    block("ids int[];", f"SELECT array_agg(t.id) FROM t WHERE a = a INTO STRICT ids; {OF_IDS}"),
    block("ids int[] := ARRAY(SELECT id FROM t);", OF_IDS),
    block("ids int[];", f"ids := (SELECT array_agg(id) FROM t); IF ids IS NOT NULL THEN {OF_IDS} END IF;"),
    block("ids int[];", "ids := ARRAY(SELECT id FROM t); DELETE FROM t WHERE id IN (SELECT unnest(ids));"),
    block("ids tid[];", "ids := ARRAY(SELECT ctid FROM t); DELETE FROM t WHERE ctid = ANY(ids);"),
    block("ids int[]; v int;", "SELECT array_agg(id) INTO ids FROM t; "
          f"FOREACH v IN ARRAY ids LOOP {OF_ID} END LOOP;"),
    block("ids int[];", "SELECT array_agg(id) INTO ids FROM t; FOR i IN 1 .. array_length(ids, 1) LOOP "
          "DELETE FROM t WHERE id = ids[i]; END LOOP;"),
    block("ids int[]; r record;", "FOR r IN SELECT id FROM t LOOP ids := array_append(ids, r.id); END LOOP; "
          + OF_IDS),
    block("ids int[] := '{}'; r record;", "FOR r IN SELECT * FROM t LOOP ids := ids || r.id; END LOOP; "
          + OF_IDS),
    block("m int;", "SELECT max(id) INTO m FROM t; DELETE FROM t WHERE id <= m;"),
    block("m int;", "m := (SELECT max(id) FROM t); DELETE FROM t WHERE id <= m;"),
    block("lo int; hi int;", "SELECT min(id), max(id) INTO lo, hi FROM t; "
          "DELETE FROM t WHERE id BETWEEN lo AND hi;"),
    block("n int;", "SELECT count(*) INTO n FROM t; DELETE FROM t WHERE n > 0;"),
    block("", "WHILE EXISTS (SELECT FROM t) LOOP "
          "DELETE FROM t WHERE id = (SELECT min(id) FROM t); END LOOP;"),
    block("m int;", "LOOP SELECT min(id) INTO m FROM t; EXIT WHEN m IS NULL; DELETE FROM t WHERE id = m; "
          "END LOOP;"),
    block("v int;", "LOOP SELECT id INTO v FROM t LIMIT 1; EXIT WHEN NOT FOUND; DELETE FROM t WHERE id = v; "
          "END LOOP;"),
    # Loops that count
    block("", "FOR i IN 1..(SELECT max(id) FROM t) LOOP DELETE FROM t WHERE id = i; END LOOP;"),
    block("n int;", "SELECT max(id) INTO n FROM t; FOR i IN REVERSE n..1 LOOP DELETE FROM t WHERE id = i; "
          "END LOOP;"),
    block("", "FOR i IN 0..9 LOOP DELETE FROM t WHERE id % 10 = i; END LOOP;"),
    block("", "FOR i IN 0..9 LOOP DELETE FROM t WHERE id BETWEEN i * 2 AND i * 2 + 1 AND a = a; END LOOP;"),
    block("", "FOR i IN 1..10 LOOP DELETE FROM t WHERE ctid IN (SELECT ctid FROM t LIMIT 1); END LOOP;"),
    block("i int := 0; n int := 9;", "WHILE i < n LOOP DELETE FROM t WHERE id = i; i := i + 1; END LOOP;"),
    block("i int := 0; n int := 9;", "LOOP i := i + 1; EXIT WHEN i > n; DELETE FROM t WHERE id = i; "
          "END LOOP;"),
    # What EXECUTE puts together, or is handed
    rows("SELECT id FROM t", "EXECUTE 'DELETE FROM t WHERE id = $1' USING r.id;"),
    rows("SELECT id FROM t", "EXECUTE 'DELETE FROM t WHERE id = ' || r.id;"),
    rows("SELECT id FROM t", "EXECUTE 'DELETE FROM t WHERE id = ' || quote_literal(r.id);"),
    rows("SELECT id FROM t", "EXECUTE format('DELETE FROM t WHERE id = %L', r.id);"),
    rows("EXECUTE 'SELECT id FROM t'"),
    rows("EXECUTE 'SELECT id FROM t WHERE ' || '$1' USING true"),
    block("", "EXECUTE 'DELETE FROM t WHERE $1' USING true;"),
    block("ids int[];", "SELECT array_agg(id) INTO ids FROM t; "
          "EXECUTE 'DELETE FROM t WHERE id = ANY ($1)' USING ids;"),
    *(block("c refcursor; r record;", f"OPEN c FOR EXECUTE {query}; LOOP {step}; {EXIT} {body} END LOOP;")
      for query, step, body in (
        ("'SELECT * FROM t'", "FETCH c INTO r", OWN),
        ("'SELECT * FROM ' || 't'", "MOVE NEXT FROM c", OWN),
        ("'SELECT * FROM t'", "FETCH c INTO r", "DELETE FROM t WHERE id = r.id;"),
        ("format('SELECT %s FROM t', 'id')", "FETCH NEXT FROM c INTO r", "DELETE FROM t WHERE id = r.id;"),
      )),
    "MERGE INTO t USING t s ON t.id = s.id WHEN MATCHED THEN DELETE",
    "MERGE INTO t USING t s ON t.id = s.id WHEN MATCHED AND true THEN DELETE",
    "MERGE INTO t USING t s ON t.id = s.id WHEN MATCHED AND t.a > 9 THEN DO NOTHING WHEN MATCHED THEN DELETE",
    "MERGE INTO t USING (SELECT id FROM t) s ON t.id = s.id WHEN MATCHED THEN DELETE",
    "MERGE INTO t USING (SELECT id FROM t WHERE a IS NOT NULL) s ON t.id = s.id WHEN MATCHED THEN DELETE",
    "MERGE INTO t USING (SELECT 1) s ON true WHEN MATCHED THEN DELETE",
    "MERGE INTO t USING (VALUES (1)) AS s (x) ON s.x = 1 WHEN MATCHED THEN DELETE",
    "MERGE INTO t USING (VALUES (1, 'a'), (2, 'b')) s (x, y) ON x = 2 AND s.y = 'b' WHEN MATCHED THEN DELETE",
    "MERGE INTO t USING (SELECT 1 AS x) AS s ON s.x < 2 WHEN MATCHED AND t.id = t.id THEN DELETE",
    "MERGE INTO t USING (VALUES (1)) s ON column1 = 1 WHEN MATCHED AND s.column1 = 1 THEN DELETE",
    "MERGE INTO t USING (VALUES (3), (4)) s (x) ON s.x = 3 AND t.id < 3 OR s.x = 4 AND t.id >= 3 "
    "WHEN MATCHED THEN DELETE",
    "MERGE INTO t USING t s ON t.id = s.id WHEN MATCHED AND t.a > 3 THEN DELETE "
    "WHEN MATCHED AND NOT t.a > 3 THEN DELETE",
    "MERGE INTO t USING (VALUES (1)) s (x) ON true WHEN MATCHED AND t.a IN (1, 2) THEN DELETE "
    "WHEN MATCHED AND t.a NOT IN (1, 2) THEN DELETE",
    "MERGE INTO t USING u ON t.id = u.id + 9 WHEN NOT MATCHED BY SOURCE AND a > 3 THEN DELETE "
    "WHEN NOT MATCHED BY SOURCE AND a <= 3 THEN DELETE",
    # What each row refers to
    "MERGE INTO t USING p ON t.of = p.id WHEN MATCHED THEN DELETE",
    "MERGE INTO t USING (SELECT id FROM p) AS s ON s.id = of WHEN MATCHED THEN DELETE",
    "DELETE FROM t USING p WHERE p.id = t.of",
    "DELETE FROM t WHERE of IN (SELECT id FROM p)",
    "DELETE FROM t WHERE EXISTS (SELECT 1 FROM p AS o WHERE o.id = of)",
    "MERGE INTO t USING u ON t.id = u.id + 9 WHEN NOT MATCHED BY SOURCE AND t.a = t.a THEN DELETE",
    block("", "EXECUTE 'DELETE FROM ' || chr(116);"),
    block("", "EXECUTE format('TRUNCATE %s', chr(116));"),
    block("", "EXECUTE 'TRUNCATE ' || btrim(' t ');"),
)  # fmt: skip
SOME = (
    block("", "EXECUTE 'TRUNCATE ' || chr(117);"),
    block("", "EXECUTE 'DELETE FROM t WHERE kind = E''' || chr(92) || 'n''';"),
    cursor("SELECT * FROM t WHERE a > 3"),
    cursor("SELECT * FROM t LIMIT 2"),
    cursor("SELECT * FROM t", f"IF r.a > 3 THEN {OWN} END IF;"),
    cursor("SELECT * FROM t", f"CONTINUE WHEN r.a < 3; {OWN}"),
    cursor("SELECT * FROM t", f"CASE WHEN r.a > 3 THEN {OWN} ELSE NULL; END CASE;"),
    fetched("SELECT id FROM t WHERE a > 3", "v", EXIT, OF_ID, "int"),
    fetched("SELECT id FROM u", "v", EXIT, OF_ID, "int"),
    block("c CURSOR FOR SELECT * FROM t; r record;", f"OPEN c; FETCH c INTO r; {OWN} CLOSE c;"),
    rows("SELECT id FROM t WHERE id = 3"),
    block(
        "n int;",
        "LOOP DELETE FROM t WHERE id IN (SELECT id FROM t WHERE a > 3 LIMIT 2); "
        "GET DIAGNOSTICS n = ROW_COUNT; EXIT WHEN n = 0; END LOOP;",
    ),
    block("n int;", "DELETE FROM t WHERE id IN (SELECT id FROM t LIMIT 2);"),
    "WITH c AS (SELECT id FROM t WHERE a > 3) DELETE FROM t WHERE id IN (SELECT id FROM c)",
    "WITH t AS (SELECT id FROM t WHERE a > 3) DELETE FROM t WHERE id IN (SELECT id FROM t)",
    "WITH c AS (SELECT id FROM t LIMIT 2) DELETE FROM t WHERE id IN (SELECT id FROM c)",
    "WITH c AS (SELECT id FROM t WHERE a > 3) DELETE FROM t USING c WHERE t.id = c.id",
    "DELETE FROM t USING (SELECT id FROM t WHERE a > 3) c WHERE t.id = c.id",
    block("ids int[];", f"SELECT array_agg(id) INTO ids FROM t WHERE a > 3; {OF_IDS}"),
    block("ids int[] := ARRAY(SELECT id FROM t LIMIT 2);", OF_IDS),
    block("ids int[] := ARRAY(SELECT id FROM u);", OF_IDS),
    block("ids int[] := ARRAY(SELECT id FROM t);", f"ids := ids[1:2]; {OF_IDS}"),
    block(
        "ids int[];",
        f"ids := ARRAY(SELECT id FROM t); IF true THEN ids := ARRAY(SELECT id FROM u); END IF; {OF_IDS}",
    ),
    block(
        "ids int[]; v int;",
        "ids := ARRAY(SELECT id FROM t); "
        f"FOREACH v IN ARRAY ids LOOP IF v > 3 THEN {OF_ID} END IF; END LOOP;",
    ),
    block(
        "ids int[]; v int;",
        f"ids := ARRAY(SELECT id FROM t WHERE a > 3); FOREACH v IN ARRAY ids LOOP {OF_ID} END LOOP;",
    ),
    block(
        "ids int[]; r record;",
        "FOR r IN SELECT * FROM t LOOP IF r.a > 3 THEN ids := ids || r.id; END IF; END LOOP; " + OF_IDS,
    ),
    block("m int;", "SELECT max(id) INTO m FROM t; DELETE FROM t WHERE id = m;"),
    block("m int;", "SELECT max(id) INTO m FROM t WHERE a < 3; DELETE FROM t WHERE id <= m;"),
    block("m int;", "SELECT max(id) INTO m FROM t; m := m - 2; DELETE FROM t WHERE id <= m;"),
    block(
        "",
        "WHILE (SELECT count(*) FROM t) > 2 LOOP DELETE FROM t WHERE id = (SELECT min(id) FROM t); END LOOP;",
    ),
    block(
        "",
        "LOOP EXIT WHEN (SELECT count(*) FROM t) <= 2; DELETE FROM t WHERE id IN (SELECT id FROM t LIMIT 1); "
        "END LOOP;",
    ),
    block(
        "",
        "WHILE EXISTS (SELECT FROM t WHERE a > 3) LOOP "
        "DELETE FROM t WHERE id = (SELECT min(id) FROM t WHERE a > 3); END LOOP;",
    ),
    block("", "DELETE FROM t WHERE id = (SELECT min(id) FROM t);"),
    rows("SELECT id FROM u"),
    rows("SELECT t.id FROM t JOIN u ON u.id = t.id"),
    rows("SELECT id, a FROM t", "IF r.a > 3 THEN DELETE FROM t WHERE id = r.id; END IF;"),
    rows("SELECT id, a FROM t", "EXIT WHEN r.a > 1; DELETE FROM t WHERE id = r.id;"),
    rows(
        "SELECT min(id) AS id, kind FROM t GROUP BY kind", "DELETE FROM t WHERE kind = r.kind AND id <> r.id;"
    ),
    block("", "FOR i IN 1..3 LOOP DELETE FROM t WHERE id = i; END LOOP;"),
    block("", "FOR i IN REVERSE 3..1 BY 1 LOOP DELETE FROM t WHERE (t.id = i) AND a = a; END LOOP;"),
    block("n int := 9;", "FOR i IN 1..n LOOP DELETE FROM t WHERE id = i AND a > 3; END LOOP;"),
    block("n int := 9;", "FOR i IN 1..n LOOP IF i > 3 THEN DELETE FROM t WHERE id = i; END IF; END LOOP;"),
    block("n int := 9;", "FOR i IN 1..n LOOP DELETE FROM t WHERE a > 3 OR id < 0; END LOOP;"),
    block("n int := 3;", "FOR i IN 1..n LOOP DELETE FROM u WHERE id = i; END LOOP;"),
    block("i int := 0;", "WHILE i < 3 LOOP DELETE FROM t WHERE id = i; i := i + 1; END LOOP;"),
    block("i int := 0;", "LOOP i := i + 1; EXIT WHEN i > 3; DELETE FROM t WHERE id = i; END LOOP;"),
    block(
        "c CURSOR FOR SELECT * FROM t; r record; i int := 0;",
        f"OPEN c; LOOP FETCH c INTO r; {EXIT} i := i + 1; EXIT WHEN i > 3; {OWN} END LOOP;",
    ),
    rows("SELECT id FROM t WHERE a > 3", "EXECUTE 'DELETE FROM t WHERE id = $1' USING r.id;"),
    rows("SELECT id FROM t", "EXECUTE 'DELETE FROM t WHERE id = $1 AND a > $2' USING r.id, 3;"),
    rows("SELECT id FROM u", "EXECUTE format('DELETE FROM t WHERE id = %s', r.id);"),
    rows("EXECUTE 'SELECT id FROM t WHERE a > 3'"),
    rows("EXECUTE 'SELECT id FROM t WHERE id > $1' USING 3"),
    block("", "EXECUTE 'DELETE FROM t WHERE id = $1' USING 3;"),
    block(
        "c refcursor; r record;",
        f"OPEN c FOR EXECUTE 'SELECT * FROM t WHERE a > 3'; LOOP FETCH c INTO r; {EXIT} {OWN} END LOOP;",
    ),
    taking(f"FOREACH v IN ARRAY ARRAY(SELECT id FROM t WHERE a > 3) LOOP {OF_ID} END LOOP;"),
    taking(f"FOREACH v IN ARRAY ARRAY(SELECT id FROM t LIMIT 3) LOOP {OF_ID} END LOOP;"),
    taking(f"FOREACH v IN ARRAY ARRAY[1, 2] LOOP {OF_ID} END LOOP;"),
    taking(f"FOREACH v IN ARRAY ARRAY(SELECT id FROM u) LOOP {OF_ID} END LOOP;"),
    taking(f"FOREACH v IN ARRAY ARRAY(SELECT id FROM t) LOOP CONTINUE WHEN v = 3; {OF_ID} END LOOP;"),
    taking("FOREACH v IN ARRAY ARRAY(SELECT id FROM t) LOOP DELETE FROM t WHERE id = v AND a > 3; END LOOP;"),
    taking(f"FOR v IN SELECT id FROM t WHERE a > 3 LOOP {OF_ID} END LOOP;"),
    taking("FOR v IN SELECT id FROM t LIMIT 3 LOOP DELETE FROM t WHERE id <= v; END LOOP;"),
    taking("FOR v IN SELECT max(id) FROM t LOOP DELETE FROM t WHERE id < v; END LOOP;"),
    taking(f"FOR v IN SELECT generate_series(1, 3) LOOP {OF_ID} END LOOP;"),
    rows("SELECT a > 3 AS kind, min(id) AS id FROM t GROUP BY 1"),
    "MERGE INTO t USING t s ON t.id = s.id WHEN MATCHED AND t.a > 3 THEN DELETE",
    "MERGE INTO t USING (SELECT id FROM t WHERE a > 3) s ON t.id = s.id WHEN MATCHED THEN DELETE",
    "MERGE INTO t USING (VALUES (1)) s (x) ON t.id = s.x WHEN MATCHED THEN DELETE",
    "MERGE INTO t USING (VALUES (1)) s (x) ON s.x = 2 WHEN MATCHED THEN DELETE",
    "MERGE INTO t USING (VALUES (1)) s (id) ON t.id = 1 WHEN MATCHED THEN DELETE",
    "MERGE INTO t USING (VALUES (1)) s (x) ON true WHEN MATCHED AND t.a IN (2, 3) THEN DELETE "
    "WHEN MATCHED AND t.a NOT IN (1, 2) THEN DELETE",
    "MERGE INTO t USING p ON t.by = p.id WHEN MATCHED THEN DELETE",
    "MERGE INTO t USING p ON t.of = p.id AND p.z > 3 WHEN MATCHED THEN DELETE",
    "MERGE INTO t USING p ON t.of = p.id WHEN MATCHED AND t.a > 3 THEN DELETE",
    "DELETE FROM t USING p WHERE p.id = t.by",
    "DELETE FROM t USING p WHERE p.id = t.of AND p.z IS NOT NULL",
    "DELETE FROM t WHERE of IN (SELECT id FROM p WHERE z > 3)",
    "DELETE FROM t WHERE of IN (SELECT z FROM p)",
    "MERGE INTO t USING t s ON t.id = s.id WHEN MATCHED THEN UPDATE SET a = 1",
    "MERGE INTO t USING u ON t.id = u.id WHEN NOT MATCHED BY SOURCE AND t.a > 9 THEN DELETE",
)


def said(statement: str) -> bool:
    """Whether the product says that the rows of `t` go, or that they may."""
    catalog, journal = Catalog("postgresql"), Journal()
    for revision, text in (("a1", TABLES), ("b2", statement)):
        script = f"from alembic import op\ndef upgrade():\n    op.execute({text!r})\n"
        operations = read_script_text(script, "postgresql").upgrade
        assert [each.reason for each in operations if each.kind == "opaque"] == []
        replay(catalog, revision, operations, journal)
    table = catalog.table(None, "t")
    effects = {each.effect for each in journal.entries if table is not None and each.table == table.identity}
    return not effects.isdisjoint(("rows_taken", "rows_perhaps_taken"))


@pytest.mark.parametrize("statement", EVERY + SOME)
def test_as_the_server_has_it(statement: str, postgresql: Server, connection: Any) -> None:
    if postgresql.version < (17 if "SOURCE" in statement else 15 if "MERGE" in statement else 0):
        pytest.skip("it is of a newer PostgreSQL")
    connection.execute(TABLES + ROWS)
    connection.execute(statement)
    (left,) = connection.execute("SELECT count(*) FROM t").fetchone()
    assert (left == 0) == (statement in EVERY)
    assert said(statement) == (left == 0)
