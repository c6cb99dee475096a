"""What a text of SQL does to a table, as a PostgreSQL does it, beside what is read of it.

Each text runs on the server in a transaction that is taken back. Where a column of the table is gone, has
another name or another type then, or the table has, the replay of what was read has to say so, or that it
does not know. What is read too much is no failure here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from migration_lint.catalog.model import Catalog
from migration_lint.catalog.replay import replay, steps
from migration_lint.operations import HOLE, Operation
from migration_lint.reading.sql import SqlSession, read_sql

_TABLE = "events"
_BREAKING = ("drop_table", "rename_table", "move_table", "drop_column", "rename_column", "alter_type")

#: What earlier revisions made, and the texts of one revision that follows on them.
_BASE = (
    "CREATE TABLE events (id int, kind text NOT NULL, hint text NOT NULL DEFAULT '')",
    "CREATE TABLE other (id int PRIMARY KEY, x text)",
    "INSERT INTO other VALUES (7, 'seven')",
)
_TIDY = (
    "CREATE FUNCTION tidy() RETURNS int LANGUAGE plpgsql AS"
    " $$ BEGIN ALTER TABLE public.events DROP COLUMN IF EXISTS hint; RETURN 1; END $$"
)

#: Ways in which a statement runs a function.
_CALLS = (
    "SELECT tidy()",
    "SELECT public.tidy()",
    'SELECT "tidy"()',
    "SELECT public . tidy ()",
    "SELECT /* */ tidy/**/()",
    "SELECT * FROM tidy()",
    "SELECT * FROM tidy() AS t(a)",
    "SELECT * FROM ROWS FROM (tidy(), tidy()) AS t",
    "SELECT 1 FROM other, LATERAL tidy() x",
    "VALUES (tidy())",
    "SELECT 1 LIMIT tidy()",
    "SELECT 1 OFFSET tidy()",
    "SELECT 1 FROM other ORDER BY tidy()",
    "SELECT count(*) FROM other GROUP BY tidy()",
    "SELECT 1 FROM other WHERE tidy() = 1",
    "SELECT 1 FROM other HAVING tidy() = 1",
    "SELECT count(*) FILTER (WHERE tidy() = 1) FROM other",
    "SELECT sum(tidy()) OVER () FROM other",
    "SELECT DISTINCT ON (x) tidy() FROM other",
    "SELECT CASE WHEN true THEN tidy() END",
    "SELECT ARRAY[tidy()]",
    "SELECT ROW(tidy())",
    "SELECT EXISTS (SELECT tidy() FROM other WHERE tidy() > 0)",
    "SELECT 1 OPERATOR(pg_catalog.+) tidy()",
    "SELECT coalesce(NULL, tidy())",
    "SELECT tidy()::text",
    "SELECT CAST(tidy() AS text)",
    "WITH x AS (SELECT tidy() AS a) SELECT * FROM x",
    "WITH x(a) AS MATERIALIZED (SELECT tidy()) SELECT * FROM x",
    "WITH RECURSIVE x(a) AS (SELECT 1 UNION ALL SELECT tidy() + a FROM x WHERE a < 2) SELECT * FROM x",
    "TABLE other; SELECT tidy()",
    "INSERT INTO other VALUES (tidy(), 'a')",
    "INSERT INTO other (id) SELECT tidy()",
    "INSERT INTO other VALUES (1) RETURNING tidy()",
    "INSERT INTO other VALUES (7) ON CONFLICT (id) DO UPDATE SET x = tidy()::text",
    "INSERT INTO other VALUES (7) ON CONFLICT (id) DO UPDATE SET x = 'a' WHERE tidy() = 1",
    "UPDATE other SET x = tidy()::text",
    "UPDATE other SET x = 'a' WHERE tidy() = 1",
    "UPDATE other SET x = 'a' FROM tidy() t",
    "DELETE FROM other WHERE tidy() = 1",
    "DELETE FROM other USING tidy() t",
    "MERGE INTO other o USING (SELECT 7 AS id) s ON o.id = s.id WHEN MATCHED THEN UPDATE SET x = tidy()::text",
    "MERGE INTO other o USING (SELECT tidy() AS id) s ON o.id = s.id WHEN NOT MATCHED THEN DO NOTHING",
    "CREATE TABLE made AS SELECT tidy() AS x",
    "CREATE TABLE made (x) AS VALUES (tidy())",
    "CREATE TEMP TABLE made AS SELECT tidy() AS x",
    "SELECT tidy() AS x INTO made",
    "CREATE MATERIALIZED VIEW made AS SELECT tidy() AS x",
    "CREATE VIEW made AS SELECT tidy() AS x; SELECT * FROM made",
    "CREATE VIEW made AS SELECT tidy() AS x; CREATE VIEW made2 AS SELECT * FROM made; TABLE made2",
    "CREATE MATERIALIZED VIEW made AS SELECT tidy() AS x WITH NO DATA; REFRESH MATERIALIZED VIEW made",
    "PREPARE p AS SELECT tidy(); EXECUTE p",
    "PREPARE p(int) AS SELECT $1; EXECUTE p(tidy())",
    "PREPARE p AS SELECT tidy(); CREATE TABLE made AS EXECUTE p",
    "PREPARE p AS SELECT tidy(); EXPLAIN ANALYZE EXECUTE p",
    "EXPLAIN ANALYZE SELECT tidy()",
    "EXPLAIN (ANALYZE, COSTS off) SELECT tidy()",
    "EXPLAIN ANALYZE VERBOSE CREATE TABLE made AS SELECT tidy()",
    "DECLARE c CURSOR FOR SELECT tidy(); FETCH c",
    "DECLARE c CURSOR WITH HOLD FOR SELECT tidy(); FETCH ALL FROM c",
    "COPY (SELECT tidy()) TO '/dev/null'",
    "DO $$ BEGIN PERFORM tidy(); END $$",
    "DO $$ DECLARE i int := tidy(); BEGIN END $$",
    "DO $$ DECLARE i int; BEGIN i := tidy(); END $$",
    "DO $$ DECLARE i int; BEGIN i = tidy(); END $$",
    "DO $$ DECLARE i int; BEGIN SELECT tidy() INTO i; END $$",
    "DO $$ BEGIN IF tidy() = 1 THEN NULL; END IF; END $$",
    "DO $$ BEGIN CASE tidy() WHEN 1 THEN NULL; END CASE; END $$",
    "DO $$ BEGIN CASE WHEN tidy() = 1 THEN NULL; END CASE; END $$",
    "DO $$ BEGIN WHILE tidy() = 2 LOOP NULL; END LOOP; END $$",
    "DO $$ BEGIN FOR i IN 1..tidy() LOOP NULL; END LOOP; END $$",
    "DO $$ DECLARE r record; BEGIN FOR r IN SELECT tidy() LOOP NULL; END LOOP; END $$",
    "DO $$ DECLARE r record; BEGIN FOR r IN EXECUTE 'SELECT ti' || 'dy()' LOOP NULL; END LOOP; END $$",
    "DO $$ DECLARE c CURSOR FOR SELECT tidy(); r record; BEGIN OPEN c; FETCH c INTO r; END $$",
    "DO $$ DECLARE c refcursor; r record; BEGIN OPEN c FOR EXECUTE 'SELECT tidy()'; FETCH c INTO r; END $$",
    "DO $$ BEGIN RAISE NOTICE '%', tidy(); END $$",
    "DO $$ BEGIN ASSERT tidy() = 1; END $$",
    "DO $$ BEGIN EXECUTE 'SELECT tidy()'; END $$",
    "DO $$ BEGIN EXECUTE format('SELECT %I()', 'tidy'); END $$",
    "DO $$ BEGIN EXECUTE 'SELECT $1' USING tidy(); END $$",
    "DO $$ BEGIN LOOP EXIT WHEN tidy() = 1; END LOOP; END $$",
    "DO 'BEGIN PERFORM'\n' tidy(); END'",
    "DO LANGUAGE plpgsql E'BEGIN PERFORM t\\x69dy(); END'",
    "ALTER TABLE other ADD COLUMN y int DEFAULT tidy()",
    "ALTER TABLE other ADD CHECK (tidy() = 1)",
    "ALTER TABLE other ADD CHECK (tidy() = 1) NOT VALID; ALTER TABLE other VALIDATE CONSTRAINT other_check",
    "ALTER TABLE other ALTER x TYPE int USING tidy()",
    "ALTER TABLE other ALTER x SET DEFAULT tidy()::text; INSERT INTO other (id) VALUES (1)",
    "ALTER TABLE other ALTER x SET DEFAULT tidy()::text; COPY other (id) FROM '/dev/null'; INSERT INTO other VALUES (2, DEFAULT)",
    "ALTER TABLE other ADD CHECK (tidy() = 1) NOT VALID; INSERT INTO other VALUES (1)",
    "ALTER TABLE other ADD CHECK (tidy() = 1) NOT VALID; UPDATE other SET x = 'b'",
    "CREATE FUNCTION i() RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT public.tidy()'; CREATE INDEX ON other (i())",
    "CREATE FUNCTION i() RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT public.tidy()'; CREATE INDEX ON other (id) WHERE i() = 1",
    "CREATE FUNCTION i(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN tidy(); END';"
    " ALTER TABLE other ADD COLUMN g int GENERATED ALWAYS AS (i(id)) STORED",
    "CREATE FUNCTION i(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN tidy(); END';"
    " CREATE TABLE made (id int, g int GENERATED ALWAYS AS (i(id)) STORED); INSERT INTO made VALUES (1)",
    "CREATE TABLE made (k int) PARTITION BY LIST (k); CREATE TABLE made1 PARTITION OF made FOR VALUES IN (tidy())",
    "CREATE DOMAIN d AS int CHECK (tidy() = 1); SELECT 1::d",
    "CREATE DOMAIN d AS int CHECK (tidy() = 1); CREATE TABLE made (a d); INSERT INTO made VALUES (1)",
    "CREATE FUNCTION o(int, int) RETURNS int LANGUAGE sql AS 'SELECT tidy()';"
    " CREATE OPERATOR === (leftarg = int, rightarg = int, function = o); SELECT 1 === 2",
    "CREATE FUNCTION o(text, int) RETURNS int LANGUAGE sql AS 'SELECT tidy()';"
    " CREATE OPERATOR + (leftarg = text, rightarg = int, procedure = o); SELECT 'a'::text + 2",
    "CREATE TYPE c AS (a int); CREATE FUNCTION ca(c) RETURNS int LANGUAGE sql AS 'SELECT tidy()';"
    " CREATE CAST (c AS int) WITH FUNCTION ca(c); SELECT ROW(1)::c::int",
    "CREATE TYPE c AS (a int); CREATE FUNCTION ca(c) RETURNS int LANGUAGE sql AS 'SELECT tidy()';"
    " CREATE CAST (c AS int) WITH FUNCTION ca(c) AS ASSIGNMENT; INSERT INTO other VALUES (ROW(1)::c)",
    "CREATE FUNCTION s(int, int) RETURNS int LANGUAGE sql AS 'SELECT tidy()';"
    " CREATE AGGREGATE agg (int) (sfunc = s, stype = int); SELECT agg(id) FROM other",
    "CREATE FUNCTION lower(int) RETURNS int LANGUAGE sql AS 'SELECT tidy()'; SELECT lower(1)",
    "CREATE FUNCTION f(a int DEFAULT tidy()) RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN 1; END'; SELECT f()",
    "CREATE FUNCTION f() RETURNS int LANGUAGE sql RETURN tidy(); SELECT f()",
    "CREATE FUNCTION f() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT tidy(); END; SELECT f()",
    "CREATE PROCEDURE p() LANGUAGE plpgsql AS 'BEGIN PERFORM tidy(); END'; CALL p()",
    "CREATE PROCEDURE p(a int) LANGUAGE sql AS 'SELECT 1'; CALL p(tidy())",
    "ALTER FUNCTION tidy() RENAME TO upper; SELECT public.upper()",
    "ALTER FUNCTION tidy() RENAME TO calm; SELECT calm()",
    "ALTER ROUTINE tidy RENAME TO calm; SELECT calm()",
    "CREATE RULE r AS ON INSERT TO other DO ALSO SELECT tidy(); INSERT INTO other VALUES (1)",
    "CREATE RULE r AS ON UPDATE TO other DO INSTEAD (SELECT 1; SELECT tidy()); UPDATE other SET x = 'a'",
    "CREATE RULE r AS ON DELETE TO other WHERE tidy() = 1 DO INSTEAD NOTHING; DELETE FROM other",
    "ALTER TABLE other ENABLE ROW LEVEL SECURITY; ALTER TABLE other FORCE ROW LEVEL SECURITY;"
    " CREATE POLICY p ON other USING (tidy() = 1); CREATE ROLE r; GRANT ALL ON other TO r; GRANT CREATE, USAGE ON SCHEMA public TO r; ALTER TABLE events OWNER TO r; SET ROLE r; TABLE other",
    "SELECT * FROM ts_stat('SELECT tidy()::text::tsvector')",
    "SELECT ts_rewrite('a'::tsquery, 'SELECT tidy()::text::tsquery, ''b''::tsquery')",
    "CREATE STATISTICS st ON (tidy()), x FROM other; ANALYZE other",
    "SELECT set_config('a.b', tidy()::text, true)",
    "SELECT pg_catalog.concat(tidy())",
    "SELECT extract(year FROM now() + tidy() * interval '1 day')",
    "SELECT substring('abc' FROM tidy())",
    "SELECT trim(LEADING 'a' FROM tidy()::text)",
    "SELECT * FROM generate_series(1, tidy())",
    "SELECT * FROM other TABLESAMPLE system (tidy())",
    "SELECT lower('a') WHERE 1 BETWEEN 0 AND tidy()",
    "SELECT 1 IN (tidy())",
    "SELECT 1 = ANY (ARRAY[tidy()])",
    "SELECT NOT (tidy() = 1)",
    "SELECT -tidy()",
    "SELECT 'a' || tidy()",
    "SELECT f.a FROM (SELECT tidy() AS a) f",
    "LOCK TABLE other; SELECT tidy() FOR UPDATE",
)

#: A trigger on `other` that calls `tg`, which calls `tidy`, and what fires it.
_TRIGGER = (
    "CREATE FUNCTION tg() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM tidy(); RETURN NEW; END $$"
)
_FIRED = (
    ("BEFORE INSERT ON other FOR EACH ROW", "INSERT INTO other VALUES (1)"),
    ("AFTER INSERT ON other", "INSERT INTO other SELECT 1"),
    ("AFTER UPDATE OF x ON other", "UPDATE other SET x = 'a'"),
    ("AFTER DELETE ON other", "DELETE FROM other"),
    ("AFTER TRUNCATE ON other", "TRUNCATE other"),
    ("AFTER INSERT ON other", "COPY other FROM '/dev/null'"),
    ("AFTER INSERT ON other", "WITH i AS (INSERT INTO other VALUES (1) RETURNING 1) SELECT * FROM i"),
    ("AFTER INSERT ON other", "MERGE INTO other USING (SELECT 1 AS a) s ON false WHEN NOT MATCHED THEN INSERT VALUES (1)"),
    ("AFTER INSERT ON other", "CREATE VIEW v AS SELECT * FROM other; INSERT INTO v VALUES (1)"),
    ("AFTER INSERT ON other", "DO $$ BEGIN INSERT INTO other VALUES (1); END $$"),
    ("AFTER INSERT ON other", "CREATE FUNCTION w() RETURNS void LANGUAGE sql AS 'INSERT INTO other VALUES (1)'; SELECT w()"),
    ("AFTER INSERT ON other", "EXPLAIN ANALYZE INSERT INTO other VALUES (1)"),
    ("AFTER INSERT ON other", "PREPARE p AS INSERT INTO other VALUES (1); EXECUTE p"),
    ("BEFORE UPDATE ON other FOR EACH ROW WHEN (OLD.x IS DISTINCT FROM NEW.x)", "UPDATE other SET x = 'b'"),
    ("AFTER DELETE ON other", "CREATE TABLE up (id int PRIMARY KEY); INSERT INTO up VALUES (7);"
     " ALTER TABLE other ADD FOREIGN KEY (id) REFERENCES up ON DELETE CASCADE; DELETE FROM up"),
    ("AFTER INSERT ON other", "ALTER TABLE other RENAME TO another; INSERT INTO another VALUES (1)"),
    ("AFTER INSERT ON other", "CREATE TABLE child () INHERITS (other); UPDATE other SET x = 'a'; INSERT INTO other VALUES (1)"),
    ("AFTER INSERT ON other", "ALTER TRIGGER t ON other RENAME TO u; INSERT INTO other VALUES (1)"),
)  # fmt: skip

#: Texts that change the table by themselves, with what was there before them.
_FORMS: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    ((), ("ALTER INDEX events RENAME TO gone",)),
    ((), ("ALTER VIEW events RENAME COLUMN hint TO gone",)),
    ((), ("ALTER MATERIALIZED VIEW events RENAME COLUMN hint TO gone",)),
    ((), ("ALTER FOREIGN TABLE events RENAME hint TO gone",)),
    ((), ("ALTER TYPE events RENAME ATTRIBUTE hint TO gone",)),
    ((), ("ALTER TYPE events RENAME ATTRIBUTE hint TO gone CASCADE",)),
    ((), ("ALTER TABLE ONLY public.events DROP hint",)),
    ((), ("ALTER TABLE IF EXISTS events * DROP COLUMN IF EXISTS hint CASCADE",)),
    ((), ('ALTER TABLE U&"ev\\0065nts" DROP hint',)),
    ((), ("ALTER TABLE U&\"ev!0065nts\" UESCAPE '!' DROP hint",)),
    ((), ("ALTER TABLE events DROP U&\"hi*006et\" /* x */ UESCAPE -- y\n '*'",)),
    ((), ("SELECT E'a'\n'b\\''; ALTER TABLE events DROP hint; --'",)),
    ((), ("SELECT 'a'\n-- 'x'\n'b'''; ALTER TABLE events DROP hint; --'",)),
    ((), ("/* /* nested */ ' */ ALTER TABLE events DROP hint /* ' */",)),
    ((), ("SELECT $a$ ; $b$ ; $a$; ALTER TABLE events DROP hint; SELECT $b$ $a$ $b$",)),
    ((), ("SELECT 1- -1; ALTER TABLE events DROP hint",)),
    ((), ("SET standard_conforming_strings = off", "SELECT 'a\\''; ALTER TABLE events DROP hint; --'")),
    ((), ("SET LOCAL standard_conforming_strings TO 'off'", "SELECT 'a\\''; ALTER TABLE events DROP hint; --'")),
    ((), ("SELECT set_config('standard_conforming_strings', 'off', true)", "SELECT 'a\\''; ALTER TABLE events DROP hint; --'")),
    ((), ("SET standard_conforming_strings = off; SELECT 'a\\'; ALTER TABLE events DROP hint",)),
    ((), ("SET standard_conforming_strings = off", "RESET standard_conforming_strings", "SELECT 'a\\'; ALTER TABLE events DROP hint; --'")),
    ((), ("SAVEPOINT s", "SET standard_conforming_strings = off", "ROLLBACK TO s", "SELECT 'a\\'; ALTER TABLE events DROP hint; --'")),
    ((), ("UPDATE pg_attribute SET attname = 'gone' WHERE attname = 'hint' AND attrelid = 'events'::regclass",)),
    ((), ("UPDATE pg_catalog.pg_class SET relname = 'gone' WHERE relname = 'events'",)),
    ((), ("WITH x AS (UPDATE pg_attribute SET attname = 'gone' WHERE attname = 'hint' RETURNING 1) TABLE x",)),
    ((), ("MERGE INTO pg_attribute a USING (SELECT 'hint' AS n) s ON a.attname = s.n WHEN MATCHED THEN UPDATE SET attname = 'gone'",)),
    ((), ("DO $$ BEGIN UPDATE pg_class SET relname = 'gone' WHERE relname = 'events'; END $$",)),
    ((), ("DO $$ <<o>> DECLARE s text := 'SELECT 1'; BEGIN o.s := 'ALTER TABLE events DROP hint'; EXECUTE s; END $$",)),
    ((), ("DO $$ DECLARE s text := 'ALTER TABLE events DROP hint'; BEGIN DECLARE s text := 'SELECT 1'; BEGIN END; EXECUTE s; END $$",)),
    ((), ("DO $$ DECLARE s text := 'SELECT 1'; BEGIN <<l>> FOR i IN 1..2 LOOP EXECUTE s; s = 'ALTER TABLE events DROP hint'; END LOOP; END $$",)),
    ((), ("DO $$ DECLARE s text := 'SELECT 1'; BEGIN FOR i IN 1..2 LOOP EXECUTE s; SELECT 'ALTER TABLE events DROP hint' INTO s; END LOOP; END $$",)),
    ((), ("DO $$ DECLARE r record; BEGIN SELECT 'ALTER TABLE events DROP hint' AS s INTO r; EXECUTE r.s; END $$",)),
    ((), ("DO $$ DECLARE s text[] := ARRAY['SELECT 1']; BEGIN s[1] := 'ALTER TABLE events DROP hint'; EXECUTE s[1]; END $$",)),
    ((), ("DO $$ DECLARE s text := 'SELECT 1'; BEGIN BEGIN s := 'ALTER TABLE events DROP hint'; RAISE 'x'; EXCEPTION WHEN OTHERS THEN NULL; END; EXECUTE s; END $$",)),
    (("CREATE FUNCTION ex(t text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE t; END $$",), ("SELECT ex('ALTER TABLE ev'||'ents DR'||'OP hint')",)),
    (("CREATE FUNCTION ex(t text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE 'ALTER TABLE ' || t; END $$",), ("SELECT ex('events DROP hint')",)),
    (("CREATE FUNCTION b() RETURNS void LANGUAGE plpgsql AS $$ BEGIN ALTER TABLE events RENAME hint TO gone; END $$", "CREATE FUNCTION a() RETURNS void LANGUAGE plpgsql AS $$ BEGIN PERFORM b(); END $$"), ("SELECT a()",)),
    (("CREATE FUNCTION a(int) RETURNS int LANGUAGE sql AS 'SELECT 1'", "CREATE FUNCTION a(text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN DROP TABLE events; END $$"), ("SELECT a('x'::text)",)),
    (("CREATE FUNCTION a() RETURNS int LANGUAGE sql AS 'SELECT 1'",), ("CREATE OR REPLACE FUNCTION a() RETURNS int LANGUAGE plpgsql AS $$ BEGIN DROP TABLE events; RETURN 1; END $$", "SELECT a()")),
    # the search path
    ((), ("SET search_path TO missing, public", "ALTER TABLE events DROP hint")),
    ((), ("CREATE SCHEMA s", "SET search_path TO s, public", "ALTER TABLE events DROP hint")),
    ((), ("CREATE SCHEMA s", "CREATE TABLE s.events (hint text)", "SET search_path TO s, public", "DROP TABLE events", "ALTER TABLE events DROP hint")),
    ((), ("CREATE SCHEMA s", "CREATE TABLE s.events (hint text)", "SET search_path TO s", 'SET "search_path" = public', "ALTER TABLE events DROP hint")),
    ((), ("CREATE SCHEMA s", "CREATE TABLE s.events (hint text)", "SET LOCAL search_path TO s", "RESET search_path", "ALTER TABLE events DROP hint")),
    ((), ("CREATE SCHEMA s", "CREATE TABLE s.events (hint text)", "SAVEPOINT a", "SET search_path TO s", "ROLLBACK TO SAVEPOINT a", "ALTER TABLE events DROP hint")),
    ((), ("CREATE SCHEMA s", "CREATE TABLE s.events (hint text)", "SAVEPOINT a; SET search_path TO s; ROLLBACK TO a; ALTER TABLE events DROP hint",)),
    ((), ("CREATE SCHEMA s", "CREATE TABLE s.events (hint text)", "SET search_path TO s", "SELECT set_config('search_path', 'public', false)", "ALTER TABLE events DROP hint")),
    ((), ("CREATE SCHEMA s", "CREATE TABLE s.events (hint text)", "SET search_path TO s", "SELECT set_config(name, 'public', false) FROM pg_settings WHERE name = 'search' || '_path'", "ALTER TABLE events DROP hint")),
    ((), ("CREATE SCHEMA s", "CREATE TABLE s.events (hint text)", "SET search_path TO s", "UPDATE pg_settings SET setting = 'public' WHERE name = 'search_path'", "ALTER TABLE events DROP hint")),
    ((), ("CREATE SCHEMA s", "CREATE TABLE s.events (hint text)", "SET search_path TO s", "SET SCHEMA 'public'", "ALTER TABLE events DROP hint")),
    ((), ("CREATE SCHEMA s", "CREATE TABLE s.events (hint text)", "SET search_path TO s", "DISCARD TEMP", "RESET ALL", "ALTER TABLE events DROP hint")),
    ((), ("CREATE SCHEMA s", "CREATE TABLE s.events (hint text)", "SET search_path TO s", "DO $$ BEGIN SET search_path TO public; END $$", "ALTER TABLE events DROP hint")),
    ((), ("CREATE SCHEMA s", "CREATE TABLE s.events (hint text)", "SET search_path TO s", "DO $$ BEGIN PERFORM set_config('search_path', 'public', false); END $$", "ALTER TABLE events DROP hint")),
    ((), ("CREATE SCHEMA s", "CREATE TABLE s.events (hint text)", "SET search_path TO s", "DO $$ BEGIN IF true THEN SET search_path TO public; END IF; END $$", "ALTER TABLE events DROP hint")),
    (("CREATE FUNCTION sp() RETURNS text LANGUAGE sql AS 'SELECT set_config(''search_path'', ''public'', false)'",), ("CREATE SCHEMA s", "CREATE TABLE s.events (hint text)", "SET search_path TO s", "SELECT public.sp()", "ALTER TABLE events DROP hint")),
    (("CREATE FUNCTION sp() RETURNS void LANGUAGE plpgsql AS 'BEGIN SET search_path TO public; END'",), ("CREATE SCHEMA s", "CREATE TABLE s.events (hint text)", "SET search_path TO s", "SELECT public.sp()", "ALTER TABLE events DROP hint")),
    ((), ("CREATE SCHEMA s", "CREATE FUNCTION g() RETURNS void LANGUAGE plpgsql SET search_path = public AS $$ BEGIN ALTER TABLE events DROP hint; END $$", "SET search_path TO s", "SELECT public.g()")),
    (("CREATE FUNCTION g() RETURNS void LANGUAGE plpgsql SET search_path FROM CURRENT AS $$ BEGIN ALTER TABLE events DROP hint; END $$",), ("CREATE SCHEMA s", "SET search_path TO s", "SELECT public.g()")),
    (("CREATE FUNCTION g() RETURNS void LANGUAGE plpgsql AS $$ BEGIN ALTER TABLE events DROP hint; END $$",), ("CREATE SCHEMA s", "ALTER FUNCTION g() SET search_path = public", "SET search_path TO s", "SELECT public.g()")),
    ((), ("SET search_path TO public, pg_temp", "CREATE TEMP TABLE events (hint text)", "ALTER TABLE events DROP hint")),
    ((), ("CREATE TEMP TABLE events (hint text)", "DROP TABLE events", "ALTER TABLE events DROP hint")),
    ((), ("CREATE TEMP TABLE events (hint text)", "DISCARD TEMP", "ALTER TABLE events DROP hint")),
    ((), ("SAVEPOINT a", "CREATE TEMP TABLE events (hint text)", "ROLLBACK TO a", "ALTER TABLE events DROP hint")),
    ((), ("CREATE TEMP TABLE events (hint text)", "ALTER TABLE public.events DROP hint")),
    ((), ("CREATE TEMP TABLE events (hint text)", "DROP TABLE pg_temp.events", "ALTER TABLE events DROP hint")),
    ((), ("CREATE TEMP TABLE events (hint text)", "ALTER TABLE events RENAME TO e2", "ALTER TABLE events DROP hint")),
    ((), ("CREATE TABLE pg_temp.events (hint text)", "SET search_path TO public, pg_temp", "ALTER TABLE events DROP hint")),
    ((), ("CREATE SCHEMA s CREATE TABLE events (hint text)", "ALTER TABLE events DROP hint")),
    # parents and dependants
    (("CREATE TABLE par (hint text NOT NULL DEFAULT '')", "ALTER TABLE events INHERIT par"), ("ALTER TABLE par RENAME hint TO gone",)),
    (("CREATE TABLE par (hint text)", "ALTER TABLE events INHERIT par"), ("ALTER TABLE par ALTER hint TYPE varchar(9)",)),
    (("DROP TABLE events", "CREATE TABLE par (hint text)", "CREATE TABLE events (id int) INHERITS (par)"), ("ALTER TABLE par DROP hint",)),
    (("DROP TABLE events", "CREATE TABLE par (hint text)", "CREATE TABLE mid () INHERITS (par)", "CREATE TABLE events (id int) INHERITS (mid)"), ("ALTER TABLE par DROP hint",)),
    (("DROP TABLE events", "CREATE TABLE par (hint text)", "CREATE TABLE events (id int) INHERITS (par)", "ALTER TABLE par RENAME TO par2"), ("ALTER TABLE par2 DROP hint",)),
    (("DROP TABLE events", "CREATE TABLE par (hint text)", "CREATE TABLE events (id int) INHERITS (par)"), ("DROP TABLE par CASCADE",)),
    (("DROP TABLE events", "CREATE TABLE par (id int, hint text) PARTITION BY LIST (id)", "CREATE TABLE events PARTITION OF par DEFAULT"), ("ALTER TABLE par DROP hint",)),
    (("DROP TABLE events", "CREATE TABLE par (id int, hint text) PARTITION BY LIST (id)", "CREATE TABLE events PARTITION OF par DEFAULT"), ("ALTER TABLE par RENAME hint TO gone",)),
    (("DROP TABLE events", "CREATE TABLE par (id int, hint text) PARTITION BY LIST (id)", "CREATE TABLE events PARTITION OF par DEFAULT"), ("DROP TABLE par",)),
    (("CREATE SCHEMA s", "CREATE TABLE s.par (hint text)", "SET search_path TO s, public; ALTER TABLE events INHERIT par; RESET search_path"), ("ALTER TABLE s.par RENAME hint TO gone",)),
    (("CREATE SCHEMA s", "CREATE TYPE s.ty AS (id int, kind text, hint text)", "SET search_path TO public, s; ALTER TABLE events OF ty; RESET search_path"), ("ALTER TYPE s.ty RENAME ATTRIBUTE hint TO gone CASCADE",)),
    (("DROP TABLE events", "CREATE TABLE par (hint text)", "CREATE TABLE a () INHERITS (par)", "CREATE TABLE b () INHERITS (par)", "CREATE TABLE events (id int) INHERITS (a, b)"), ("ALTER TABLE par DROP hint",)),
    (("DROP TABLE events", "CREATE TABLE par (hint text)", "CREATE TABLE par2 (hint text)", "CREATE TABLE events (id int) INHERITS (par, par2)"), ("ALTER TABLE par DROP hint", "ALTER TABLE par2 DROP hint")),
    (("CREATE TABLE par (LIKE events) PARTITION BY LIST (id)",), ("ALTER TABLE par ATTACH PARTITION events DEFAULT", "ALTER TABLE par DROP hint")),
    (("DROP TABLE events", "CREATE TYPE ty AS (id int, hint text)", "CREATE TABLE events OF ty"), ("ALTER TYPE ty RENAME ATTRIBUTE hint TO gone CASCADE",)),
    (("DROP TABLE events", "CREATE TYPE ty AS (id int, hint text)", "CREATE TABLE events OF ty"), ("ALTER TYPE ty DROP ATTRIBUTE hint CASCADE",)),
    (("DROP TABLE events", "CREATE TYPE ty AS (id int, hint text)", "CREATE TABLE events OF ty"), ("DROP TYPE ty CASCADE",)),
    (("CREATE TYPE ty AS (id int, kind text, hint text)", "ALTER TABLE events OF ty"), ("ALTER TYPE ty RENAME ATTRIBUTE hint TO gone CASCADE",)),
    (("CREATE TYPE ty AS (id int, kind text, hint text)", "ALTER TABLE events OF ty"), ("ALTER TYPE ty ALTER ATTRIBUTE hint TYPE varchar(9) CASCADE",)),
    (("CREATE TYPE ty AS (id int, kind text, hint text)", "ALTER TABLE events OF ty", "ALTER TYPE ty RENAME TO ty2"), ("ALTER TYPE ty2 DROP ATTRIBUTE hint CASCADE",)),
    (("CREATE SCHEMA s", "CREATE TYPE s.ty AS (id int, kind text, hint text)"), ("ALTER TABLE events OF s.ty", "DROP TYPE s.ty CASCADE")),
    (("CREATE FUNCTION gf(text) RETURNS text IMMUTABLE LANGUAGE sql AS 'SELECT $1'", "ALTER TABLE events ADD g text GENERATED ALWAYS AS (gf(kind)) STORED"), ("DROP FUNCTION gf CASCADE",)),
    (("CREATE FUNCTION gf(text) RETURNS text IMMUTABLE LANGUAGE sql AS 'SELECT $1'", "ALTER TABLE events ADD g text GENERATED ALWAYS AS (gf(kind)) STORED"), ("DROP ROUTINE gf(text) CASCADE",)),
    (("ALTER TABLE events ADD g text GENERATED ALWAYS AS (kind || 'x') STORED",), ("ALTER TABLE events DROP kind CASCADE",)),
    (("CREATE DOMAIN dom AS text", "ALTER TABLE events ADD g dom"), ("DROP DOMAIN dom CASCADE",)),
    (("CREATE TYPE en AS ENUM ('a')", "ALTER TABLE events ADD g en[]"), ("DROP TYPE en CASCADE",)),
    (("CREATE TYPE en AS ENUM ('a')", "CREATE DOMAIN dom AS en[]", "ALTER TABLE events ADD g dom"), ("DROP TYPE en CASCADE",)),
    (("CREATE TABLE rt (a int)", "ALTER TABLE events ADD g rt"), ("DROP TABLE rt CASCADE",)),
    (("CREATE VIEW rt AS SELECT 1 AS a", "ALTER TABLE events ADD g rt[]"), ("DROP VIEW rt CASCADE",)),
    (("CREATE SCHEMA s", "CREATE DOMAIN s.dom AS text", "ALTER TABLE events ADD g s.dom"), ("DROP SCHEMA s CASCADE",)),
    (("CREATE SCHEMA s", "CREATE TYPE s.en AS ENUM ('a')", "CREATE DOMAIN dom AS s.en", "ALTER TABLE events ADD g dom"), ("DROP SCHEMA s CASCADE",)),
    (("CREATE SCHEMA s", "CREATE TABLE s.par (hint text)", "ALTER TABLE events INHERIT s.par"), ("DROP SCHEMA s CASCADE",)),
    (("CREATE SCHEMA s", "CREATE FUNCTION s.gf(text) RETURNS text IMMUTABLE LANGUAGE sql AS 'SELECT $1'", "ALTER TABLE events ADD g text GENERATED ALWAYS AS (s.gf(kind)) STORED"), ("DROP SCHEMA s CASCADE",)),
    (("CREATE DOMAIN dom AS text", "ALTER TABLE events ADD g dom"), ("ALTER TYPE dom RENAME TO dom2",)),
    (("CREATE COLLATION co FROM \"C\"", "ALTER TABLE events ADD g text COLLATE co"), ("DROP COLLATION co CASCADE",)),
    (("CREATE TEXT SEARCH CONFIGURATION cfg (COPY = simple)", "ALTER TABLE events ADD g tsvector GENERATED ALWAYS AS (to_tsvector('cfg'::regconfig, kind)) STORED"), ("DROP TEXT SEARCH CONFIGURATION cfg CASCADE",)),
    (("CREATE FUNCTION o(text, int) RETURNS text IMMUTABLE LANGUAGE sql AS 'SELECT $1'", "CREATE OPERATOR ## (leftarg = text, rightarg = int, function = o)", "ALTER TABLE events ADD g text GENERATED ALWAYS AS (kind ## 1) STORED"), ("DROP OPERATOR ## (text, int) CASCADE",)),
    (("CREATE FUNCTION o(text, int) RETURNS text IMMUTABLE LANGUAGE sql AS 'SELECT $1'", "CREATE OPERATOR ## (leftarg = text, rightarg = int, function = o)", "ALTER TABLE events ADD g text GENERATED ALWAYS AS (kind ## 1) STORED"), ("DROP FUNCTION o CASCADE",)),
    (("CREATE FUNCTION ev() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN IF coalesce(current_setting('z.z', true), '') = '' THEN PERFORM set_config('z.z', '1', false); ALTER TABLE events DROP hint; END IF; END $$",), ("CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION ev()", "CREATE TABLE made (i int)")),
    (("CREATE FUNCTION ev() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN IF coalesce(current_setting('z.z', true), '') = '' THEN PERFORM set_config('z.z', '1', false); ALTER TABLE events DROP hint; END IF; END $$", "SET z.z = '1'", "CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION ev()"), ("RESET z.z", "COMMENT ON TABLE other IS 'x'")),
    # texts that PL/pgSQL puts together
    ((),("DO $$ DECLARE a text := 'ALTER TABLE events '; BEGIN a := a || 'DROP hint'; EXECUTE a; END $$",)),
    ((),("DO $$ BEGIN EXECUTE (SELECT string_agg('ALTER TABLE events DROP '||attname,';') FROM pg_attribute WHERE attrelid='events'::regclass AND attname='hint'); END $$",)),
    ((),("DO $$ DECLARE r record; BEGIN FOR r IN SELECT 'events' AS t, 'hint' AS c LOOP EXECUTE format('ALTER TABLE %I DROP %I', r.t, r.c); END LOOP; END $$",)),
    ((),("DO $$ DECLARE v text; BEGIN v := replace('ALTER TABLE events DRXX hint','XX','OP'); EXECUTE v; END $$",)),
    ((),("DO $$ BEGIN EXECUTE convert_from('\\x414c544552205441424c45206576656e74732044524f502068696e74'::bytea,'utf8'); END $$",)),
    ((),("DO $$ DECLARE v text; BEGIN GET DIAGNOSTICS v = PG_CONTEXT; v := 'ALTER TABLE events DROP hint'; EXECUTE v; END $$",)),
    ((),("DO $$ DECLARE v text := 'SELECT 1'; w text; BEGIN BEGIN v := 'ALTER TABLE events DROP hint'; END; w := v; EXECUTE w; END $$",)),
    ((),("DO $$ DECLARE a text = 'x'; b text = 'y'; BEGIN SELECT 'ALTER TABLE events', ' DROP hint' INTO a, b; EXECUTE a || b; END $$",)),
    ((),("DO $$ DECLARE a text := 'SELECT 1'; BEGIN FOREACH a IN ARRAY ARRAY['SELECT 2','ALTER TABLE events DROP hint'] LOOP EXECUTE a; END LOOP; END $$",)),
    ((),("DO $$ DECLARE a text := 'SELECT 1'; BEGIN FOR a IN SELECT unnest(ARRAY['SELECT 2','ALTER TABLE events DROP hint']) LOOP EXECUTE a; END LOOP; END $$",)),
    ((),("DO $$ DECLARE a text := 'SELECT 1'; BEGIN FOR a IN VALUES ('SELECT 2'),('ALTER TABLE events'||' DROP hint') LOOP EXECUTE a; END LOOP; END $$",)),
    ((),("DO $$ DECLARE a text := 'SELECT 1'; BEGIN WITH x AS (SELECT 'ALTER TABLE events DROP hint' AS q) SELECT q INTO a FROM x; EXECUTE a; END $$",)),
    ((),("DO $$ DECLARE a text := 'SELECT 1'; BEGIN INSERT INTO other VALUES (1,'ALTER TABLE events DROP hint') RETURNING x INTO a; EXECUTE a; END $$",)),
    ((),("DO $$ DECLARE a text := 'SELECT 1'; BEGIN EXECUTE 'SELECT $q$ALTER TABLE events DROP hint$q$' INTO a; EXECUTE a; END $$",)),
    ((),("DO $$ DECLARE a text := 'SELECT 1'; c refcursor; BEGIN OPEN c FOR SELECT 'ALTER TABLE events DROP hint'; FETCH c INTO a; EXECUTE a; END $$",)),
    ((),("DO $$ DECLARE a constant text := 'ALTER TABLE events DROP hint'; b alias for a; BEGIN EXECUTE b; END $$",)),
    ((),("DO $o$ DECLARE a text := $i$ALTER TABLE events DROP hint$i$; BEGIN EXECUTE a; END $o$",)),
    ((),("DO $$ BEGIN EXECUTE 'DO ' || quote_literal('BEGIN ALTER TABLE events DROP hint; END'); END $$",)),
    ((),("DO $$ DECLARE a text[] := '{SELECT 1}'; BEGIN a := a || 'ALTER TABLE events DROP hint'::text; FOR i IN 1..2 LOOP EXECUTE a[i]; END LOOP; END $$",)),
    ((),("DO $$ DECLARE q text := 'SELECT 1'; BEGIN CASE WHEN true THEN q := 'ALTER TABLE events DROP hint'; ELSE q := 'SELECT 2'; END CASE; EXECUTE q; END $$",)),
    ((),("DO $$ DECLARE q text := 'SELECT 1'; BEGIN LOOP EXECUTE q; EXIT WHEN q LIKE 'ALTER%'; q := 'ALTER TABLE events DROP hint'; END LOOP; END $$",)),
    ((),("DO $$ DECLARE q text := 'SELECT 1'; r record; BEGIN FOR r IN SELECT 'ALTER TABLE events DROP hint' LOOP q := r; END LOOP; q := trim(both '()\"' from q); EXECUTE q; END $$",)),
    ((),("DO $$ BEGIN IF false THEN NULL; ELSIF true THEN ALTER TABLE events DROP hint; END IF; END $$",)),
    ((),("DO $$ BEGIN BEGIN RAISE 'x'; EXCEPTION WHEN raise_exception THEN ALTER TABLE events DROP hint; END; END $$",)),
    ((),("DO $$ BEGIN COMMENT ON TABLE other IS 'a; b'; ALTER TABLE events DROP hint; END $$",)),
    ((),("DO $$ declare \"begin\" int; begin alter table events drop hint; end $$",)),
    ((),("DO $$ begin <<a>> while true loop alter table events drop hint; exit a; end loop a; end $$",)),
    # functions, and what runs them in passing
    ((_TIDY,),("CREATE FUNCTION w(VARIADIC a int[]) RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN tidy(); END'; SELECT w(1,2)",)),
    ((_TIDY,),("CREATE FUNCTION \"W w\"() RETURNS int LANGUAGE sql AS 'SELECT tidy()'; SELECT \"W w\"()",)),
    ((_TIDY,"CREATE SCHEMA s; CREATE FUNCTION s.w() RETURNS int LANGUAGE sql AS 'SELECT public.tidy()'"),("SELECT s.w()",)),
    ((_TIDY,),("CREATE FUNCTION w(o other) RETURNS int LANGUAGE sql AS 'SELECT tidy()'; SELECT o.w FROM other o",)),
    ((_TIDY,),("CREATE FUNCTION w(o other) RETURNS int LANGUAGE sql AS 'SELECT tidy()'; SELECT (o).w FROM other o",)),
    ((_TIDY,"CREATE FUNCTION w(o other) RETURNS int LANGUAGE sql AS 'SELECT tidy()'"),("SELECT o.w FROM other o",)),
    ((_TIDY,),("CREATE FUNCTION w() RETURNS SETOF int LANGUAGE plpgsql AS 'BEGIN RETURN QUERY SELECT tidy(); END'; SELECT w()",)),
    ((_TIDY,),("CREATE FUNCTION w() RETURNS TABLE (a int) LANGUAGE plpgsql AS $f$ BEGIN RETURN QUERY EXECUTE 'SELECT tidy()'; END $f$; SELECT * FROM w()",)),
    ((_TIDY,),("CREATE FUNCTION w() RETURNS int LANGUAGE SQL IMMUTABLE RETURN tidy() + 1; SELECT w()",)),
    ((_TIDY,),("CREATE FUNCTION w() RETURNS int LANGUAGE 'plpgsql' AS 'DECLARE x int; BEGIN SELECT INTO x tidy(); RETURN x; END'; SELECT w()",)),
    ((_TIDY,"CREATE PROCEDURE p(INOUT a int) LANGUAGE plpgsql AS 'BEGIN a := tidy(); END'"),("CALL p(1)",)),
    ((_TIDY,"CREATE PROCEDURE p(INOUT a int) LANGUAGE plpgsql AS 'BEGIN a := tidy(); END'"),("DO $$ DECLARE a int; BEGIN CALL p(a); END $$",)),
    ((_TIDY,"CREATE FUNCTION w() RETURNS int LANGUAGE internal IMMUTABLE AS 'pg_backend_pid'"),("SELECT w(), tidy()",)),
    ((_TIDY,),("CREATE OR REPLACE FUNCTION pg_temp.w() RETURNS int LANGUAGE sql AS 'SELECT public.tidy()'; SELECT pg_temp.w()",)),
    ((_TIDY,),("CREATE FUNCTION w(int) RETURNS int LANGUAGE sql AS 'SELECT tidy()'; CREATE OPERATOR !! (rightarg=int, function=w); SELECT !! 1",)),
    ((_TIDY,),("CREATE FUNCTION w(int,int) RETURNS boolean LANGUAGE sql AS 'SELECT tidy()=1'; CREATE OPERATOR === (leftarg=int,rightarg=int,function=w); SELECT 1 WHERE 1 OPERATOR(public.===) 2",)),
    ((_TIDY,),("CREATE FUNCTION cmp(int,int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN PERFORM public.tidy(); RETURN 0; END'; CREATE OPERATOR CLASS oc FOR TYPE int USING btree AS OPERATOR 1 <, OPERATOR 3 =, OPERATOR 5 >, FUNCTION 1 cmp(int,int); INSERT INTO other VALUES (3); CREATE INDEX ON other (id oc)",)),
    ((_TIDY,),("CREATE FUNCTION sd(float8,float8) RETURNS float8 LANGUAGE plpgsql IMMUTABLE AS 'BEGIN PERFORM public.tidy(); RETURN 0; END'; CREATE TYPE fr AS RANGE (subtype=float8, subtype_diff=sd); CREATE TABLE rr (a fr); INSERT INTO rr SELECT fr(i,i+1) FROM generate_series(1,2000) i; CREATE INDEX ON rr USING gist (a)",)),
    ((_TIDY,),("CREATE FUNCTION w() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM tidy(); RETURN NULL; END'; CREATE CONSTRAINT TRIGGER ct AFTER INSERT ON other DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE PROCEDURE w(); INSERT INTO other VALUES (1); SET CONSTRAINTS ALL IMMEDIATE",)),
    ((_TIDY,),("CREATE FUNCTION w() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM tidy(); RETURN NULL; END'; CREATE VIEW v AS SELECT 1 AS a; CREATE TRIGGER ct INSTEAD OF INSERT ON v FOR EACH ROW EXECUTE PROCEDURE w(); INSERT INTO v VALUES (1)",)),
    ((_TIDY,"CREATE TABLE pp (a int) PARTITION BY LIST (a); CREATE TABLE p1 PARTITION OF pp DEFAULT; CREATE FUNCTION w() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM tidy(); RETURN NULL; END'; CREATE TRIGGER ct AFTER INSERT ON p1 FOR EACH ROW EXECUTE PROCEDURE w()"),("INSERT INTO pp VALUES (1)",)),
    ((_TIDY,"CREATE TABLE pp (a int) PARTITION BY LIST (a); CREATE FUNCTION w() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM tidy(); RETURN NULL; END'; CREATE TRIGGER ct AFTER INSERT ON pp FOR EACH ROW EXECUTE PROCEDURE w(); CREATE TABLE p1 PARTITION OF pp DEFAULT"),("INSERT INTO p1 VALUES (1)",)),
    ((_TIDY,"CREATE TABLE ref (a int PRIMARY KEY, d int DEFAULT tidy()); "),("INSERT INTO ref (a) SELECT 1",)),
    ((_TIDY,"CREATE DOMAIN d AS int DEFAULT tidy(); CREATE TABLE dd (a d, b int)"),("INSERT INTO dd (b) VALUES (1)",)),
    ((_TIDY,"CREATE DOMAIN d AS int"),("ALTER DOMAIN d ADD CHECK (tidy() = 1); SELECT 1::d",)),
    ((_TIDY,"CREATE DOMAIN d AS int; CREATE TABLE dd (a d); INSERT INTO dd VALUES (1)"),("ALTER DOMAIN d ADD CHECK (tidy() = 1)",)),
    ((_TIDY,"CREATE DOMAIN d AS int DEFAULT 1"),("ALTER DOMAIN d SET DEFAULT tidy(); CREATE TABLE dd (a d, b int); INSERT INTO dd (b) VALUES (1)",)),
    ((_TIDY,"CREATE VIEW v AS SELECT id, x FROM other"),("ALTER VIEW v ALTER x SET DEFAULT tidy()::text; INSERT INTO v (id) VALUES (1)",)),
    ((_TIDY,"CREATE VIEW v AS SELECT * FROM other WHERE tidy() = 1"),("UPDATE v SET x = 'a'",)),
    ((_TIDY,"CREATE MATERIALIZED VIEW v AS SELECT 1 AS a; DROP MATERIALIZED VIEW v; CREATE MATERIALIZED VIEW v AS SELECT public.tidy() AS a WITH NO DATA"),("REFRESH MATERIALIZED VIEW v WITH DATA",)),
    ((_TIDY,),("CREATE TABLE ee (a int CHECK (tidy() = 1)); INSERT INTO ee VALUES (1)",)),
    ((_TIDY,"CREATE TABLE ee (a int, EXCLUDE USING btree ((a+0) WITH =)); "),("SELECT tidy() FROM ee RIGHT JOIN other ON true",)),
    ((_TIDY,),("CREATE TABLE pp (a int) PARTITION BY RANGE (a); CREATE TABLE p1 PARTITION OF pp FOR VALUES FROM (tidy()) TO (100)",)),
    ((_TIDY,),("CREATE FUNCTION k(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN tidy(); END'; CREATE TABLE pp (a int) PARTITION BY LIST (k(a)); CREATE TABLE p1 PARTITION OF pp DEFAULT; INSERT INTO pp VALUES (1)",)),
    ((_TIDY,),("CREATE FUNCTION k(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN tidy(); END'; CREATE TABLE pp (a int, EXCLUDE USING btree (k(a) WITH =)); INSERT INTO pp VALUES (1)",)),
    ((_TIDY,),("CREATE FUNCTION k(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN public.tidy(); END'; ALTER TABLE other ADD EXCLUDE USING btree (k(id) WITH =)",)),
    ((_TIDY,),("CREATE FUNCTION k(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN tidy(); END'; ALTER TABLE other ADD COLUMN q int GENERATED ALWAYS AS (1) STORED; ALTER TABLE other ALTER q SET EXPRESSION AS (k(id))",)),
    ((_TIDY,"CREATE FUNCTION k(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN 1; END'; CREATE INDEX kk ON other (k(id)); CREATE OR REPLACE FUNCTION k(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN public.tidy(); END'"),("REINDEX INDEX kk",)),
    ((_TIDY,"CREATE FUNCTION k(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN 1; END'; CREATE INDEX kk ON other (k(id)); CREATE OR REPLACE FUNCTION k(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN public.tidy(); END'"),("CLUSTER other USING other_pkey",)),
    ((_TIDY,"CREATE FUNCTION k(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN 1; END'; CREATE INDEX kk ON other (k(id)); CREATE OR REPLACE FUNCTION k(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN public.tidy(); END'"),("ALTER TABLE other SET UNLOGGED",)),
    ((_TIDY,"CREATE FUNCTION k(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN 1; END'; CREATE INDEX kk ON other (k(id)); CREATE OR REPLACE FUNCTION k(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN public.tidy(); END'"),("REINDEX TABLE other",)),
    ((_TIDY,"CREATE FUNCTION k(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN 1; END'; CREATE INDEX kk ON other (k(id)); CREATE OR REPLACE FUNCTION k(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS 'BEGIN RETURN public.tidy(); END'"),("ANALYZE",)),
    ((_TIDY,),("INSERT INTO other AS tidy (id) VALUES (tidy())",)),
    ((),("CREATE TABLE n (hint text); ALTER TABLE events RENAME TO old; ALTER TABLE n RENAME TO events",)),
    ((),("CREATE VIEW n AS SELECT id, kind FROM events; ALTER TABLE events RENAME TO old; ALTER VIEW n RENAME TO events",)),
    ((),("ALTER SCHEMA public RENAME TO p2",)),
    ((),("DROP SCHEMA public CASCADE",)),
    ((),("CREATE SCHEMA s; ALTER TABLE events SET SCHEMA s",)),
    ((),("ALTER TABLE events ALTER hint SET DATA TYPE varchar(5) USING 'a', ALTER id DROP NOT NULL",)),
    ((),("ALTER TABLE events ADD q int, DROP hint, ADD w int",)),
    ((),("ALTER TABLE events DROP \"hint\" RESTRICT",)),
    ((),("ALTER TABLE \"events\" DROP hint",)),
    ((),("alter\ttable\r\nevents\fdrop\x0bhint",)),
    ((),("ALTER/**/TABLE/**/events/**/DROP/**/hint",)),
    ((),("ALTER TABLE postgres.public.events DROP hint",)),
    ((),("ALTER TABLE EVENTS DROP HINT",)),
    ((),("BEGIN; ALTER TABLE events DROP hint; SAVEPOINT a; RELEASE a",)),
    ((),("PREPARE x AS UPDATE pg_attribute SET attname='zz' WHERE attname='hint' AND attrelid='events'::regclass; EXECUTE x",)),
    ((),("CREATE RULE r AS ON INSERT TO other DO ALSO UPDATE pg_attribute SET attname='zz' WHERE attname='hint'; INSERT INTO other VALUES (1)",)),
    ((),("CREATE FUNCTION u() RETURNS void LANGUAGE sql AS $$UPDATE pg_attribute SET attname='zz' WHERE attname='hint'$$; SELECT u()",)),
    ((),("CREATE EXTENSION tablefunc; CREATE FUNCTION u() RETURNS int LANGUAGE plpgsql AS $$BEGIN ALTER TABLE events DROP hint; RETURN 1; END$$; SELECT * FROM crosstab('SELECT u()::text, 1, 2') AS ct(a text, b int)",)),
    ((),("CREATE TYPE k2 AS ENUM ('a'); ALTER TABLE events ADD k k2; DROP TYPE k2 CASCADE; ALTER TABLE events DROP hint",)),
    (("CREATE TABLE audit (q text)",),("INSERT INTO audit VALUES ('ALTER TABLE events DROP hint'); DO $$ DECLARE r record; BEGIN FOR r IN SELECT q FROM audit LOOP EXECUTE r.q; END LOOP; END $$",)),
    ((_TIDY,),("SET search_path TO public, pg_catalog; CREATE FUNCTION public.now() RETURNS int LANGUAGE sql AS 'SELECT tidy()'; SELECT now()",)),
    ((_TIDY,"CREATE FUNCTION public.now() RETURNS int LANGUAGE sql AS 'SELECT tidy()'"),("SET search_path TO public, pg_catalog; SELECT now()",)),
    ((_TIDY,"CREATE FUNCTION over() RETURNS int LANGUAGE sql AS 'SELECT tidy()'"),("SELECT over()",)),
    ((_TIDY,),("CREATE FUNCTION filter() RETURNS int LANGUAGE sql AS 'SELECT tidy()'; SELECT filter()",)),
    ((_TIDY,"CREATE FUNCTION insert() RETURNS int LANGUAGE sql AS 'SELECT tidy()'"),("SELECT insert()",)),
    ((_TIDY,"CREATE FUNCTION cube(int) RETURNS int LANGUAGE sql AS 'SELECT tidy()'"),("SELECT public.cube(1)",)),
    ((_TIDY,"CREATE FUNCTION execute() RETURNS int LANGUAGE sql AS 'SELECT tidy()'"),("SELECT execute()",)),
)  # fmt: skip


def _texts() -> Iterator[Any]:
    for text in _CALLS:
        yield pytest.param((_TIDY,), (text,), id=f"earlier: {text[:60]}")
        yield pytest.param((), (_TIDY, text), id=f"here: {text[:60]}")
    for when, text in _FIRED:
        made = f"CREATE TRIGGER t {when} EXECUTE FUNCTION tg()"
        yield pytest.param((_TIDY, _TRIGGER, made), (text,), id=f"trigger there: {when}: {text[:40]}")
        yield pytest.param((_TIDY, _TRIGGER), (made, text), id=f"trigger made: {when}: {text[:40]}")
    for before, texts in _FORMS:
        yield pytest.param(before, texts, id=" ; ".join(texts)[:80])


def _shape(connection: Any) -> list[Any]:
    found: list[Any] = connection.execute(
        "SELECT n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_class c"
        " JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid"
        " WHERE c.relname = %s AND n.nspname = 'public' AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
        (_TABLE,),
    ).fetchall()
    return found


def _is_said(before: Sequence[str], texts: Sequence[str]) -> bool:
    """Whether the replay of what is read changes the table, or may."""
    catalog = Catalog("postgresql")
    for number, text in enumerate((*_BASE, *before)):
        replay(catalog, f"a{number}", read_sql(text, "postgresql").operations)
    session, operations = SqlSession(), list[Operation]()
    for text in texts:
        read = read_sql(text, "postgresql", session)
        session = read.session
        operations += read.operations
    table = catalog.table(None, _TABLE)
    return any(map(_breaks, list(steps(catalog, "b", operations)))) or catalog.table(None, _TABLE) != table


def _breaks(operation: Operation) -> bool:
    if operation.kind == "opaque":
        return any(
            name in ("*", _TABLE, f"public.{_TABLE}") or name.startswith(HOLE) for name in operation.tables
        )
    return operation.kind in _BREAKING and operation.table == _TABLE and operation.schema in (None, "public")


@pytest.mark.sampled
@pytest.mark.parametrize(("before", "texts"), list(_texts()))
def test_what_changes_the_table_is_read(connection: Any, before: Sequence[str], texts: Sequence[str]) -> None:
    for text in ("DEALLOCATE ALL", *_BASE, *before):
        connection.execute(text)
    shape = _shape(connection)
    assert shape
    try:
        for text in texts:
            connection.execute(text)
    except Exception as refused:
        if connection.info.server_version >= 180000:
            raise
        pytest.skip(f"this version does not take it: {refused}")
    assert _shape(connection) != shape
    assert _is_said(before, texts)
