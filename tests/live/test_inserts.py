"""Which INSERTs a change makes fail: a real PostgreSQL runs the change, and the INSERT before and after it.

A producer declares some columns, and its INSERT fills just those. Where the server takes it before the change
and refuses it afterwards, the check fails with `contract-insert-refused`, and nowhere else.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from migration_lint.check.pipeline import run_check

from ..projects import write
from .conftest import Server

pytestmark = pytest.mark.one_in(3)

#: What an INSERT fills the columns of `t` with.
VALUES = {"a": "1", "b": "2", "c": "'x'", "d": "'2020-01-01'"}
TYPES = {"a": "int4", "b": "int4", "c": "text", "d": "date", "j": "jsonb", "k": "int4"}
PLAIN = "a int, b int, c text, d date"


class Case(NamedTuple):
    columns: str  # of CREATE TABLE
    change: str  # what stands behind ALTER TABLE t, or behind `!` a whole statement; `; ` between them
    fills: str = "a"  # the columns that the producer declares
    before: str = ""  # statements of base behind CREATE TABLE, as `change` has them
    first: str = ""  # those before it
    says: str = ""  # what the contract says of `a` beside its type
    rows: str = ""  # the values of each INSERT that the contract speaks of, with `; ` between them
    since: int = 0  # the version of PostgreSQL from which on the statements are known
    parts: str = ""  # the column by whose range the table is partitioned
    needs: str = ""  # the columns of the unique index that the INSERTs name behind ON CONFLICT
    may: bool = False  # nobody can tell without the server: the finding says "may", whatever the server does

    @property
    def statements(self) -> list[str]:
        return altering(self.change)

    @property
    def base(self) -> list[str]:
        partitioned = f" PARTITION BY RANGE ({self.parts})" if self.parts else ""
        made = f"CREATE TABLE t ({self.columns}){partitioned}"
        return [*altering(self.first), made, *altering(self.before)]

    @property
    def inserts(self) -> list[str]:
        columns = self.fills.split()
        rows = self.rows.split("; ") if self.rows else [", ".join(VALUES[each] for each in columns)]
        behind = f" ON CONFLICT ({self.needs}) DO UPDATE SET a = excluded.a" if self.needs else ""
        return [f"INSERT INTO t ({', '.join(columns)}) VALUES ({each}){behind}" for each in rows]


def altering(text: str) -> list[str]:
    parts = text.split("; ") if text else []
    return [each[1:] if each.startswith("!") else f"ALTER TABLE t {each}" for each in parts]


#: A trigger that fills `b`.
FILLS = "!CREATE FUNCTION fills() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN NEW.b := 1;RETURN NEW;END$$"
FILLING = "!CREATE TRIGGER filling BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION fills()"

#: One that any statement fires; and bodies that refuse a row of some statements.
FILLING_ALWAYS = FILLING.replace("INSERT", "INSERT OR UPDATE OR DELETE")
_RAISE = "RAISE EXCEPTION 'closed';"
GUARDS = {
    "a row is deleted": f"BEGIN IF TG_OP = 'DELETE' THEN {_RAISE}END IF;RETURN NEW;END",
    "a row gets another key": "BEGIN IF TG_OP = 'UPDATE' AND NEW.a <> OLD.a "
    f"THEN {_RAISE}END IF;RETURN NEW;END",
    "one of two comes": f"BEGIN IF (TG_OP IN ('UPDATE', 'DELETE')) THEN {_RAISE}END IF;RETURN NEW;END",
    "no row comes": f"BEGIN IF TG_OP = 'INSERT' THEN RETURN NEW;ELSE {_RAISE}END IF;END",
    "no row came before": f"BEGIN IF NOT TG_OP <> 'INSERT' THEN RETURN NEW;END IF;{_RAISE}END",
    "it is no case": f"BEGIN CASE TG_OP WHEN 'INSERT' THEN RETURN NEW;ELSE {_RAISE}END CASE;END",
    "an INSERT is one of two": f"BEGIN IF TG_OP = 'DELETE' OR NEW.a > 0 THEN {_RAISE}END IF;RETURN NEW;END",
    "an INSERT is what is left": f"BEGIN IF TG_OP = 'DELETE' THEN RETURN OLD;ELSE {_RAISE}END IF;END",
    "an INSERT comes to a loop": f"BEGIN FOR i IN 1..0 LOOP RETURN NEW;END LOOP;{_RAISE}END",
}

#: One that writes into another table, whose columns it lists, or not; and one that calls another function.
LOG = "!CREATE TABLE log (x int, y text)"
_LOGS = "!CREATE FUNCTION fills() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN {};RETURN NEW;END$$"
LOGS = _LOGS.format("INSERT INTO log VALUES (NEW.a, NEW.c)")
LOGS_X = _LOGS.format("INSERT INTO log (x) VALUES (NEW.a)")
LOGS_XY = _LOGS.format("INSERT INTO log (x, y) VALUES (NEW.a, NEW.b)")
LOGGING = FILLING.replace("BEFORE", "AFTER")
HELP = "!CREATE FUNCTION help(int) RETURNS int LANGUAGE plpgsql AS $$BEGIN {};END$$"
HELP_RAISING = HELP.format("RAISE EXCEPTION 'closed'")
HELPED = f"{HELP.format('RETURN $1')}; {FILLS.replace(':= 1', ':= help(1)')}; {FILLING}"
REPLACED = HELP.replace("CREATE", "CREATE OR REPLACE")
HELPED_DEFAULT = f"{HELP.format('RETURN $1')}; ADD COLUMN e int NOT NULL DEFAULT help(1)"


def body(text: str) -> str:
    """The function of the trigger."""
    return f"!CREATE FUNCTION fills() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN {text}END$$"


REFUSING = body("RAISE EXCEPTION 'closed';")
#: A function that runs a statement.
RUNS = "!CREATE FUNCTION runs() RETURNS int LANGUAGE plpgsql AS $y$BEGIN {};RETURN 1;END$y$"

#: Sequences, by themselves or with the column that owns them, and what asks them.
NUMBERS = "!CREATE SEQUENCE s"
OWNER = "!CREATE TABLE o (id int)"
IDENTITY = "id int GENERATED ALWAYS AS IDENTITY"
OWNED = "!CREATE SEQUENCE s OWNED BY o.id"
BY_ITSELF = "ADD COLUMN b int NOT NULL DEFAULT nextval('s')"
BY_NAME = "ADD COLUMN b int NOT NULL DEFAULT nextval('s'::text)"
ASKS = "!CREATE FUNCTION asks() RETURNS bigint LANGUAGE sql AS $$SELECT nextval('s')$$"
BY_FUNCTION = "ADD COLUMN b int NOT NULL DEFAULT asks()"

#: A table with a row, to which a key refers, or which a function reads.
PARENT = "!CREATE TABLE o (id int PRIMARY KEY); !INSERT INTO o VALUES (1)"
KEYED = "a int REFERENCES o"
LOOKED_UP = "!CREATE TABLE o (v int); !INSERT INTO o VALUES (1)"
LOOKS = "!CREATE FUNCTION looks() RETURNS int LANGUAGE sql AS $$SELECT v FROM o LIMIT 1$$"

#: What triggers do under a condition, where `a` is written as 'x'.
GUARDED = (
    ("raises for another value", "IF NEW.a = 'y' AND NEW.k > 0 THEN RAISE 'no';END IF;", False),
    ("raises for this value", "IF NEW.a = 'x' AND NEW.k > 0 THEN RAISE 'no';END IF;", True),
    ("raises for nothing else", "IF NEW.a = 'x' THEN RETURN NEW;END IF;RAISE 'no';", False),
    ("raises for all else", "IF NEW.a = 'y' THEN RETURN NEW;ELSE RAISE 'no';END IF;", True),
    ("raises where NULL is written", "IF NEW.a IS NULL THEN RAISE 'no';END IF;", False),
    ("raises where NULL is left", "IF NEW.b IS NULL THEN RAISE 'no';END IF;", True),
    ("raises by a case", "CASE WHEN NEW.a IN ('y', 'z') THEN RAISE 'no';ELSE RETURN NEW;END CASE;", False),
    ("raises for what it sets", "NEW.c := 'y';IF NEW.c = 'y' THEN RAISE 'no';END IF;", True),
    ("raises for what nothing knows", "IF a = 'y' THEN RAISE 'no';END IF;", True),
    ("leaves the row of another value out", "IF NEW.a = 'y' THEN RETURN NULL;END IF;", False),
    ("leaves the row of this value out", "IF NEW.a = 'x' THEN RETURN NULL;END IF;", True),
    ("returns the row of before", "RETURN OLD;", True),
    ("asks for a row", "SELECT 1 INTO STRICT NEW.b WHERE false;", True),
    ("divides by nothing", "NEW.b := 1 / 0;", True),
    ("divides", "NEW.b := 1 / 10;", False),
    ("writes NULL elsewhere", "INSERT INTO audit (x) VALUES (NULL);", True),
    ("writes elsewhere what a check refuses", "INSERT INTO audit VALUES (1, 'no');", True),
    ("writes elsewhere what a check takes", "INSERT INTO audit VALUES (1, NEW.a);", False),
    (
        "writes NULL elsewhere for another value",
        "IF NEW.a = 'y' THEN INSERT INTO audit (x) VALUES (NULL);END IF;",
        False,
    ),
    ("deletes what was before", "DELETE FROM t WHERE a = 'y';", False),
)

#: How bodies end, where `a` is written as 'x', `k` is NOT NULL and `c` may not be 'no'.
UNDER = (
    ("does not end", "NEW.b := 1;", True),
    ("ends for another value alone", "IF NEW.a = 'y' THEN RETURN NEW;END IF;", True),
    ("ends for this value", "IF NEW.a = 'x' THEN RETURN NEW;END IF;", False),
    ("ends in both cases", "IF NEW.b > 1 THEN NEW.b := 1;RETURN NEW;ELSE RETURN NEW;END IF;", False),
    ("ends in each arm", "CASE WHEN NEW.a = 'y' THEN RETURN NEW;ELSE RETURN NEW;END CASE;", False),
    ("ends where a row is deleted", "IF TG_OP = 'DELETE' THEN RETURN OLD;END IF;", True),
    ("ends in a block", "DECLARE n int := 1;BEGIN NEW.b := n;RETURN NEW;END;", False),
    ("ends in a loop", "LOOP RETURN NEW;END LOOP;", False),
    ("ends by a row that a function makes", "RETURN jsonb_populate_record(NEW, '{}');", False),
    ("ends with an error for others", "IF NEW.a = 'x' THEN RETURN NEW;END IF;RAISE 'no';", False),
    ("has no arm for it", "CASE NEW.a WHEN 'y' THEN NEW.b := 1;END CASE;RETURN NEW;", True),
    ("has no arm that holds", "CASE WHEN NEW.a = 'y' THEN NEW.b := 1;END CASE;RETURN NEW;", True),
    ("has an arm for it", "CASE NEW.a WHEN 'y', 'x' THEN NEW.b := 1;END CASE;RETURN NEW;", False),
    ("has an arm for all else", "CASE NEW.a WHEN 'y' THEN NEW.b := 1;ELSE NULL;END CASE;RETURN NEW;", False),
    ("has an expression without ELSE", "NEW.b := CASE WHEN NEW.a = 'y' THEN 1 END;RETURN NEW;", False),
    ("makes NULL of it", "NEW.k := CASE WHEN NEW.a = 'y' THEN 1 END;RETURN NEW;", True),
    ("makes NULL of another", "IF NEW.a = 'y' THEN NEW.k := NULLIF(1, 1);END IF;RETURN NEW;", False),
    ("writes what a check refuses", "IF NEW.a = 'x' THEN NEW.c := 'no';END IF;RETURN NEW;", True),
    ("writes it for another value", "IF NEW.a = 'y' THEN NEW.c := 'no';END IF;RETURN NEW;", False),
    ("writes over another value", "IF NEW.a = 'y' THEN NEW.a := 'z';END IF;RETURN NEW;", False),
)

#: A partition for what is written.
PARTS = "!CREATE TABLE p PARTITION OF t FOR VALUES FROM (0) TO (10)"

#: One for the value that is written, one for others.
LISTED = (
    "!DROP TABLE t; !CREATE TABLE t (a text) PARTITION BY LIST (a); "
    "!CREATE TABLE p PARTITION OF t FOR VALUES IN ('x'); "
    "!CREATE TABLE q PARTITION OF t FOR VALUES IN ('y', NULL)"
)
RANGED = (
    "!DROP TABLE t; !CREATE TABLE t (a int) PARTITION BY RANGE (a); "
    "!CREATE TABLE p PARTITION OF t FOR VALUES FROM (0) TO (10); "
    "!CREATE TABLE q PARTITION OF t FOR VALUES FROM (10) TO (20)"
)


CASES = {
    "a required column": Case(PLAIN, "ADD COLUMN e int NOT NULL"),
    "a required column with a default": Case(PLAIN, "ADD COLUMN e int NOT NULL DEFAULT 1"),
    "a required column whose default is NULL": Case(PLAIN, "ADD COLUMN e int NOT NULL DEFAULT NULL"),
    "a column": Case(PLAIN, "ADD COLUMN e int"),
    "a serial column": Case(PLAIN, "ADD COLUMN e serial"),
    "an identity column": Case(PLAIN, "ADD COLUMN e int GENERATED ALWAYS AS IDENTITY"),
    "a generated column": Case(PLAIN, "ADD COLUMN e int NOT NULL GENERATED ALWAYS AS (1) STORED"),
    "a required column, and then a default": Case(
        PLAIN, "ADD COLUMN e int NOT NULL; ALTER e SET DEFAULT 1"
    ),
    "a required column, and then not": Case(
        PLAIN, "ADD COLUMN e int NOT NULL; ALTER e DROP NOT NULL"
    ),
    "NOT NULL": Case(PLAIN, "ALTER b SET NOT NULL"),
    "NOT NULL on what is filled": Case(PLAIN, "ALTER a SET NOT NULL"),
    "NOT NULL with a default": Case(PLAIN, "ALTER b SET DEFAULT 1; ALTER b SET NOT NULL"),
    "NOT NULL, and the default for the meantime goes": Case(
        PLAIN,
        "ALTER b SET DEFAULT 1; ALTER b SET NOT NULL; ALTER b DROP DEFAULT",
    ),
    "the default goes": Case("a int, b int NOT NULL DEFAULT 1", "ALTER b DROP DEFAULT"),
    "the default becomes NULL": Case("a int, b int NOT NULL DEFAULT 1", "ALTER b SET DEFAULT NULL"),
    "the default changes": Case("a int, b int NOT NULL DEFAULT 1", "ALTER b SET DEFAULT 2"),
    "the default of a nullable column goes": Case("a int, b int DEFAULT 1", "ALTER b DROP DEFAULT"),
    "the default of what is filled goes": Case("a int NOT NULL DEFAULT 1", "ALTER a DROP DEFAULT"),
    "the identity goes": Case(
        "a int, b int GENERATED BY DEFAULT AS IDENTITY", "ALTER b DROP IDENTITY"
    ),
    "the identity of what is filled goes": Case(
        "a int GENERATED BY DEFAULT AS IDENTITY", "ALTER a DROP IDENTITY"
    ),
    "the identity and NOT NULL go": Case(
        "a int, b int GENERATED ALWAYS AS IDENTITY",
        "ALTER b DROP IDENTITY; ALTER b DROP NOT NULL",
    ),
    "an identity comes where it is filled": Case(
        "a int NOT NULL", "ALTER a ADD GENERATED ALWAYS AS IDENTITY"
    ),
    "an identity that may be filled comes": Case(
        "a int NOT NULL", "ALTER a ADD GENERATED BY DEFAULT AS IDENTITY"
    ),
    "an identity is filled no more": Case(
        "a int GENERATED BY DEFAULT AS IDENTITY", "ALTER a SET GENERATED ALWAYS"
    ),
    "an identity may be filled": Case(
        "a int, b int GENERATED ALWAYS AS IDENTITY", "ALTER b SET GENERATED BY DEFAULT"
    ),
    "a serial's default goes": Case("a int, b serial", "ALTER b DROP DEFAULT"),
    "a generated column takes the place of one that is filled": Case(
        PLAIN, "DROP COLUMN a; ADD COLUMN a int GENERATED ALWAYS AS (b * 2) STORED", "a b"
    ),
    "a generated column takes the place of one that is not": Case(
        PLAIN, "DROP COLUMN b; ADD COLUMN b int GENERATED ALWAYS AS (a * 2) STORED"
    ),
    "an expression goes": Case(
        "a int, b int GENERATED ALWAYS AS (a * 2) STORED", "ALTER b DROP EXPRESSION"
    ),
    "an expression goes from what is NOT NULL": Case(
        "a int, b int NOT NULL GENERATED ALWAYS AS (a * 2) STORED", "ALTER b DROP EXPRESSION"
    ),
    "a check": Case(PLAIN, "ADD CHECK (b IS NOT NULL)"),
    "a check that is not valid": Case(PLAIN, "ADD CONSTRAINT x CHECK (b IS NOT NULL) NOT VALID"),
    "a check in parentheses": Case(PLAIN, "ADD CHECK (((b) IS NOT NULL))"),
    "a check the other way round": Case(PLAIN, "ADD CHECK (NOT b IS NULL)"),
    "a check in one word": Case(PLAIN, "ADD CHECK (b NOTNULL)"),
    "a check with the table's name": Case(PLAIN, "ADD CHECK (t.b IS NOT NULL)"),
    "a check of a cast": Case(PLAIN, "ADD CHECK (b::text IS NOT NULL)"),
    "a check that it is distinct from NULL": Case(PLAIN, "ADD CHECK (b IS DISTINCT FROM NULL)"),
    "a check of two": Case(PLAIN, "ADD CHECK (a > 0 AND (b IS NOT NULL))"),
    "a check of either": Case(PLAIN, "ADD CHECK (a IS NOT NULL OR b IS NOT NULL)"),
    "a check that NULL passes": Case(PLAIN, "ADD CHECK (b > 0)"),
    "a check on what is filled": Case(PLAIN, "ADD CHECK (a IS NOT NULL)"),
    "a check that something is NULL": Case(PLAIN, "ADD CHECK (b IS NULL)"),
    "a check that comes and goes": Case(
        PLAIN, "ADD CONSTRAINT x CHECK (b IS NOT NULL); DROP CONSTRAINT x"
    ),
    "a check where there is a default": Case("a int, b int DEFAULT 1", "ADD CHECK (b IS NOT NULL)"),
    "the default goes where there is a check": Case(
        "a int, b int DEFAULT 1, CHECK (b IS NOT NULL)", "ALTER b DROP DEFAULT"
    ),
    "a column with a check": Case(PLAIN, "ADD COLUMN e int CHECK (e IS NOT NULL)"),
    "a check of a name with capitals": Case('a int, "B" int', 'ADD CHECK ("B" IS NOT NULL)'),
    "a key": Case(PLAIN, "ADD PRIMARY KEY (b)"),
    "a key of what is filled": Case(PLAIN, "ADD PRIMARY KEY (a)"),
    "a column is dropped that is not filled": Case(PLAIN, "DROP COLUMN b"),
    "a type": Case(PLAIN, "ALTER b TYPE bigint"),
    # Conditions of checks
    "a check that puts a number for NULL": Case(PLAIN, "ADD CHECK (coalesce(b, 0) > 0)"),
    "a check that puts a number for NULL that passes": Case(PLAIN, "ADD CHECK (coalesce(b, 1) > 0)"),
    "a check of either, and both are left out": Case(
        PLAIN, "ADD CHECK (c IS NOT NULL OR b IS NOT NULL)"
    ),
    "a check of one of two": Case(PLAIN, "ADD CHECK (num_nonnulls(b, c) = 1)"),
    "a check of one of two, of which one is filled": Case(
        PLAIN, "ADD CHECK (num_nonnulls(a, c) = 1)", says="nullable: false"
    ),
    "a check of new columns": Case(
        PLAIN, "ADD COLUMN e int; ADD COLUMN f int; ADD CHECK (num_nonnulls(e, f) = 1)"
    ),
    "a check of a new column of its own": Case(PLAIN, "ADD COLUMN e int CHECK (coalesce(e, 0) > 0) NOT NULL"),
    "a check that the default does not pass": Case(
        "a int, b int DEFAULT 0", "ADD CHECK (b > 0) NOT VALID"
    ),
    "a default that a check does not let pass": Case(
        "a int, b int DEFAULT 1, CHECK (b > 0)", "ALTER b SET DEFAULT 0"
    ),
    "a default of a text that a check does not let pass": Case(
        "a int, c text DEFAULT 'x', CHECK (c IN ('x', 'y'))", "ALTER c SET DEFAULT 'z'"
    ),
    "a default that a check lets pass": Case(
        "a int, c text DEFAULT 'x', CHECK (c IN ('x', 'y'))", "ALTER c SET DEFAULT 'y'"
    ),
    "a default that comes to NULL": Case(
        "a int, b int NOT NULL DEFAULT 1", "ALTER b SET DEFAULT nullif(1, 1)"
    ),
    "a default that is cast": Case(PLAIN, "ADD COLUMN e int NOT NULL DEFAULT '7'::int CHECK (e > 6)"),
    "a check of no column": Case(PLAIN, "ADD CHECK (1 = 2) NOT VALID"),
    "a check of no column that passes": Case(PLAIN, "ADD CHECK (1 = 1)"),
    "a check that is false": Case(PLAIN, "ADD CHECK (false)"),
    "a check of a value that is written": Case(PLAIN, "ADD CHECK (a < 0) NOT VALID", says="values: [1, 2]"),
    "a check of one of the values that are written": Case(
        PLAIN, "ADD CHECK (a <> 2)", says="values: [1, 2]", rows="1; 2"
    ),
    "a check that all values that are written pass": Case(
        PLAIN, "ADD CHECK (a IN (1, 2, 3))", says="values: [1, 2]", rows="1; 2"
    ),
    "a check of NULL where that is written": Case(
        PLAIN, "ADD CHECK (a IS NOT NULL)", says="nullable: true", rows="1; NULL"
    ),
    "a check by the hand of a function that nobody knows": Case(
        PLAIN,
        "ADD CHECK (fine(b))",
        first="!CREATE FUNCTION fine(int) RETURNS bool LANGUAGE sql AS 'SELECT $1 IS NULL'",
        may=True,
    ),
    "a check of what is filled by a function that nobody knows": Case(
        PLAIN,
        "ADD CHECK (fine(a))",
        first="!CREATE FUNCTION fine(int) RETURNS bool LANGUAGE sql AS 'SELECT $1 > 0'",
    ),
    "a check of what only the server reads": Case(
        "a int, c text DEFAULT 'x'", "ADD CHECK (c ~ '(?=x)')", may=True
    ),
    **{
        f"a new column with a check that {told}": Case(PLAIN, f"ADD COLUMN e {column}")
        for told, column in (
            ("a pattern lets pass", "text NOT NULL DEFAULT 'AB-1' CHECK (e ~ '^[A-Z]{2}-[0-9]+$')"),
            ("no default may be like", "text DEFAULT 'AB-1' CHECK (e !~* '^[a-z]{2}-\\d$') NOT NULL"),
            ("asks for an object", "jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(e) = 'object')"),
            ("asks for a key", "jsonb NOT NULL DEFAULT '{\"a\":1}' CHECK (e ? 'a' AND e->>'a' = '1')"),
            ("asks for no key", "jsonb NOT NULL DEFAULT '{}'::jsonb CHECK (NOT e ? 'a' AND e = '{}')"),
            ("counts what is in an array", "text[] DEFAULT '{}' CHECK (cardinality(e) < 20)"),
            ("looks for NULL in an array", "text[] DEFAULT '{}' CHECK (array_position(e, NULL) IS NULL)"),
            ("asks for something in an array", "text[] DEFAULT ARRAY['a']::text[] CHECK ('a' = ANY (e))"),
            ("asks for a day after another", "date DEFAULT current_date CHECK (e >= '2000-01-01')"),
            ("asks for a time before another", "timestamptz DEFAULT now() CHECK (e < '2999-01-01')"),
            ("compares days", "date DEFAULT '2024-05-05' CHECK (e BETWEEN '2024-01-01' AND '2024-12-31')"),
        )
    },
    **{
        f"a default that does not pass where a check {told}": Case(
            f"a int, e {column}", f"ALTER e SET DEFAULT {default}"
        )
        for told, column, default in (
            ("asks for a pattern", "text DEFAULT 'a' CHECK (e ~ '^[a-z]$')", "'A'"),
            ("asks for an object", "jsonb DEFAULT '{}' CHECK (jsonb_typeof(e) = 'object')", "'[]'"),
            ("asks for no empty array", "text[] DEFAULT '{a}' CHECK (cardinality(e) > 0)", "'{}'"),
            ("asks for a later day", "date DEFAULT '2024-01-01' CHECK (e > '2023-01-01')", "'2020-01-01'"),
            ("asks for the past", "date DEFAULT '1999-01-01' CHECK (e < '2000-01-01')", "current_date"),
        )
    },
    "a domain whose pattern a default passes": Case(
        PLAIN, "!CREATE DOMAIN email AS text CHECK (VALUE ~ '@'); ADD COLUMN e email NOT NULL DEFAULT 'a@b'"
    ),
    "a pattern that no value that is written passes": Case(
        "a text", "ADD CHECK (a ~ '^[A-Z]+$') NOT VALID", says="values: ['1']"
    ),
    "a pattern that one value that is written does not pass": Case(
        "a text", "ADD CHECK (a ~ '^[0-9]$') NOT VALID", says="values: ['1', '12']", rows="'1'; '12'"
    ),
    "a pattern that all values that are written pass": Case(
        "a text", "ADD CHECK (a ~ '^[0-9]+$') NOT VALID", says="values: ['1', '12']", rows="'1'; '12'"
    ),
    "a pattern that is not read, of values that are written": Case(
        "a text", "ADD CHECK (a ~ '^(?=[0-9])') NOT VALID", says="values: ['1']", may=True
    ),
    "a check of the shape that is declared": Case(
        "a jsonb", "ADD CHECK (jsonb_typeof(a) = 'array') NOT VALID",
        says="encoding: {json: {type: array}}", rows="'[]'; '[1]'",
    ),
    "a check of another shape than the one that is declared": Case(
        "a jsonb", "ADD CHECK (jsonb_typeof(a) = 'object') NOT VALID",
        says="encoding: {json: {type: array}}, nullable: false", rows="'[]'",
    ),
    "a check of a generated column": Case(
        "a int, b int, g int GENERATED ALWAYS AS (coalesce(b, 0)) STORED", "ADD CHECK (g > 0)"
    ),
    "a check of two moments": Case(
        "a int, f timestamptz DEFAULT now(), g timestamptz DEFAULT now()", "ADD CHECK (f <= g)"
    ),
    "a check under another name": Case("a int, b int, CHECK (b > 0)", "RENAME b TO b2; ADD CHECK (b2 > 0)"),
    "a check of rows": Case(PLAIN, "ADD CHECK ((b, c) IS NOT NULL)"),
    # Checks that are not enforced, or not inherited
    "a check that is not enforced": Case(
        PLAIN, "ADD CONSTRAINT x CHECK (b IS NOT NULL) NOT ENFORCED", since=18
    ),
    "a check that is not enforced in CREATE TABLE": Case(
        f"{PLAIN}, CONSTRAINT x CHECK (b IS NOT NULL) NOT ENFORCED", "ALTER b SET DEFAULT NULL", since=18
    ),
    "a check that is not inherited": Case(PLAIN, "ADD CHECK (b IS NOT NULL) NO INHERIT"),
    # NULL that is written
    "NOT NULL where NULL is written": Case(
        PLAIN, "ALTER a SET NOT NULL", says="nullable: true", rows="1; NULL"
    ),
    "a key where NULL is written": Case(
        PLAIN, "ADD PRIMARY KEY (a)", says="nullable: true", rows="1; NULL"
    ),
    "NOT NULL that is not valid where NULL is written": Case(
        PLAIN, "ADD CONSTRAINT n NOT NULL a NOT VALID", says="nullable: true", rows="1; NULL", since=18
    ),
    "NOT NULL that is not valid of what is left out": Case(
        PLAIN, "ADD CONSTRAINT n NOT NULL b NOT VALID", since=18
    ),
    "a domain that is NOT NULL where NULL is written": Case(
        "a whole, b int",
        "!ALTER DOMAIN whole SET NOT NULL",
        first="!CREATE DOMAIN whole AS int",
        says="nullable: true",
        rows="1; NULL",
    ),
    "NOT NULL where NULL is never written": Case(
        PLAIN, "ALTER a SET NOT NULL", says="nullable: false"
    ),
    "the database fills no more what is said to be filled by it": Case(
        "a int NOT NULL DEFAULT 1, b int", "ALTER a DROP DEFAULT", fills="a b", says="from: database",
        rows="DEFAULT, 1",
    ),
    "the database fills what is said to be filled by it in another way": Case(
        "a int NOT NULL DEFAULT 1, b int", "ALTER a SET DEFAULT 2", fills="a b", says="from: database",
        rows="DEFAULT, 1",
    ),
    # Domains
    "a column of a domain that is NOT NULL": Case(
        PLAIN, "ADD COLUMN e filled", first="!CREATE DOMAIN filled AS int NOT NULL"
    ),
    "a column of a domain of this change": Case(
        PLAIN, "!CREATE DOMAIN filled AS int NOT NULL; ADD COLUMN e filled"
    ),
    "a column of a domain that is NOT NULL, with a default": Case(
        PLAIN, "ADD COLUMN e filled DEFAULT 1", first="!CREATE DOMAIN filled AS int NOT NULL"
    ),
    "a column of a domain with a default": Case(
        PLAIN, "ADD COLUMN e filled", first="!CREATE DOMAIN filled AS int DEFAULT 1 NOT NULL"
    ),
    "a column of a domain with a check": Case(
        PLAIN, "ADD COLUMN e filled", first="!CREATE DOMAIN filled AS int CHECK (VALUE IS NOT NULL)"
    ),
    "a column of a domain with a check that passes": Case(
        PLAIN, "ADD COLUMN e filled", first="!CREATE DOMAIN filled AS int CHECK (VALUE > 0)"
    ),
    "a domain over a domain": Case(
        PLAIN,
        "ADD COLUMN e over",
        first="!CREATE DOMAIN filled AS int NOT NULL; !CREATE DOMAIN over AS filled CHECK (VALUE > 0)",
    ),
    "a domain gets a check": Case(
        "a int, e whole",
        "!ALTER DOMAIN whole ADD CONSTRAINT x CHECK (VALUE IS NOT NULL)",
        first="!CREATE DOMAIN whole AS int",
    ),
    "a domain gets a check that passes": Case(
        "a int, e whole",
        "!ALTER DOMAIN whole ADD CONSTRAINT x CHECK (VALUE > 0)",
        first="!CREATE DOMAIN whole AS int",
    ),
    "a domain gets a check and loses it": Case(
        "a int, e whole",
        "!ALTER DOMAIN whole ADD CONSTRAINT x CHECK (VALUE NOTNULL); !ALTER DOMAIN whole DROP CONSTRAINT x",
        first="!CREATE DOMAIN whole AS int",
    ),
    "a domain becomes NOT NULL": Case(
        "a int, e whole", "!ALTER DOMAIN whole SET NOT NULL", first="!CREATE DOMAIN whole AS int"
    ),
    "a domain becomes NOT NULL, and then not": Case(
        "a int, e whole",
        "!ALTER DOMAIN whole SET NOT NULL; !ALTER DOMAIN whole DROP NOT NULL",
        first="!CREATE DOMAIN whole AS int",
    ),
    "a domain that nothing uses becomes NOT NULL": Case(
        PLAIN, "!ALTER DOMAIN whole SET NOT NULL", first="!CREATE DOMAIN whole AS int"
    ),
    "a domain loses its default": Case(
        "a int, e whole NOT NULL",
        "!ALTER DOMAIN whole DROP DEFAULT",
        first="!CREATE DOMAIN whole AS int DEFAULT 1",
    ),
    "a domain of what is filled gets a check": Case(
        "a whole, b int",
        "!ALTER DOMAIN whole ADD CONSTRAINT x CHECK (VALUE <> 2)",
        first="!CREATE DOMAIN whole AS int",
        says="values: [1, 2]",
        rows="1; 2",
    ),
    "a column becomes one of a domain": Case(
        PLAIN, "ALTER b TYPE filled", first="!CREATE DOMAIN filled AS int NOT NULL"
    ),
    # Sequences
    "a sequence goes with its default": Case(
        "a int", "!DROP SEQUENCE s CASCADE",
        before="!CREATE SEQUENCE s; ADD COLUMN b int NOT NULL DEFAULT nextval('s')",
    ),
    "a sequence goes with the default of a nullable column": Case(
        "a int", "!DROP SEQUENCE s CASCADE",
        before="!CREATE SEQUENCE s; ADD COLUMN b int DEFAULT nextval('s'::regclass)",
    ),
    "the sequence of a serial goes": Case("a int, b serial", "!DROP SEQUENCE t_b_seq CASCADE"),
    **{
        f"a sequence {told}": Case(columns, change, before=before, first=first, may=may)
        for told, columns, first, before, change, may in (
            ("goes with the column that owns it", "a int", f"{OWNER}; {OWNED}", BY_ITSELF,
             "!ALTER TABLE o DROP COLUMN id CASCADE", False),
            ("goes with the table that owns it", "a int", f"{OWNER}; {OWNED}", BY_ITSELF,
             "!DROP TABLE o CASCADE", False),
            ("of another table's serial goes", "a int", "!CREATE TABLE o (id serial)",
             BY_ITSELF.replace("'s'", "'o_id_seq'"), "!DROP TABLE o CASCADE", False),
            ("is owned no more", "a int", f"{OWNER}; {OWNED}", BY_ITSELF,
             "!ALTER SEQUENCE s OWNED BY NONE; !DROP TABLE o", False),
            ("of the table's own", "a int, c serial", "", BY_ITSELF.replace("'s'", "'t_c_seq'"),
             "DROP COLUMN c CASCADE", False),
            ("of a serial under another name goes", "a int, b serial", "", "!ALTER TABLE t RENAME TO t2; "
             "!ALTER TABLE t2 RENAME TO t; RENAME b TO e", "!DROP SEQUENCE t_b_seq CASCADE", False),
            ("has another name", "a int", NUMBERS, BY_ITSELF, "!ALTER SEQUENCE s RENAME TO s2", False),
            ("has another schema", "a int", f"{NUMBERS}; !CREATE SCHEMA q", BY_ITSELF,
             "!ALTER SEQUENCE s SET SCHEMA q", False),
            ("has another name and goes", "a int", NUMBERS, BY_ITSELF,
             "!ALTER SEQUENCE s RENAME TO s2; !DROP SEQUENCE s2 CASCADE", False),
            ("that is asked by name has another name", "a int", NUMBERS, BY_NAME,
             "!ALTER SEQUENCE s RENAME TO s2", True),
            ("that is asked by name has another name, as a table", "a int", NUMBERS, BY_NAME,
             "!ALTER TABLE s RENAME TO s2", True),
            ("that is asked by name has another schema", "a int", f"{NUMBERS}; !CREATE SCHEMA q", BY_NAME,
             "!ALTER SEQUENCE s SET SCHEMA q", True),
            ("that is asked by name goes", "a int", NUMBERS, BY_NAME, "!DROP SEQUENCE s", True),
            ("that is asked by name goes with its table", "a int", f"{OWNER}; {OWNED}", BY_NAME,
             "!DROP TABLE o", True),
            ("that is asked by name goes with an identity", "a int", OWNER.replace("id int", IDENTITY),
             BY_NAME.replace("'s'", "'o_id_seq'"), "!ALTER TABLE o ALTER id DROP IDENTITY", True),
            ("that is asked by name has it again", "a int", NUMBERS, BY_NAME,
             "!ALTER SEQUENCE s RENAME TO s2; !ALTER SEQUENCE s2 RENAME TO s", False),
            ("that a function asks has another name", "a int", f"{NUMBERS}; {ASKS}", BY_FUNCTION,
             "!ALTER SEQUENCE s RENAME TO s2", True),
            ("that a function asks goes", "a int", f"{NUMBERS}; {ASKS}", BY_FUNCTION,
             "!DROP SEQUENCE s", True),
            ("that a function asks goes with its table", "a int", f"{OWNER}; {OWNED}; {ASKS}", BY_FUNCTION,
             "!DROP TABLE o", True),
            ("that a function does not ask goes", "a int", f"{NUMBERS}; !CREATE SEQUENCE s2; {ASKS}",
             BY_FUNCTION, "!DROP SEQUENCE s2", False),
            ("that a trigger asks goes", "a int, b int NOT NULL", NUMBERS,
             f"{FILLS.replace(':= 1', ':= nextval($x$s$x$)')}; {FILLING}", "!DROP SEQUENCE s", True),
            ("ends", "a int", NUMBERS, BY_ITSELF, "!ALTER SEQUENCE s MAXVALUE 5", True),
            ("ends later", "a int", f"{NUMBERS} MAXVALUE 5", BY_ITSELF,
             "!ALTER SEQUENCE s MAXVALUE 9", False),
            ("ends no more", "a int", f"{NUMBERS} MAXVALUE 5", BY_ITSELF,
             "!ALTER SEQUENCE s NO MAXVALUE", False),
            ("ends as its type does", "a int", NUMBERS, BY_ITSELF, "!ALTER SEQUENCE s AS smallint", True),
            ("falls", "a int", NUMBERS, BY_ITSELF, "!ALTER SEQUENCE s INCREMENT BY -1", True),
            ("leaps", "a int", NUMBERS, BY_ITSELF, "!ALTER SEQUENCE s INCREMENT BY 10 CACHE 3", False),
            ("begins again", "a int", NUMBERS, f"{BY_ITSELF} UNIQUE", "!ALTER SEQUENCE s RESTART", True),
            ("begins again where nothing is unique", "a int", NUMBERS, BY_ITSELF,
             "!ALTER SEQUENCE s RESTART", False),
            ("of an identity begins again", "a int, b int GENERATED ALWAYS AS IDENTITY PRIMARY KEY", "", "",
             "ALTER b RESTART WITH 1", True),
            ("of a serial is set back", "a int, b serial PRIMARY KEY", "", "", "!SELECT setval('t_b_seq', 1)",
             True),
            ("of a serial is set to what there is", "a int, b serial PRIMARY KEY", "", "",
             "!SELECT setval('t_b_seq', (SELECT coalesce(max(b), 1) FROM t))", False),
            *((f"of a serial is {told}", "a int, b serial PRIMARY KEY", "", "!INSERT INTO t VALUES (1)",
               f"!SELECT setval(pg_get_serial_sequence('t', 'b'), {value})", may) for told, value, may in (
                ("set to its first number", "1, false", True),
                ("set to a number that is worked out", "2 - greatest(1, 0), false", True),
                ("set to the last one", "(SELECT last_value FROM t_b_seq)", False),
                ("set to the largest one", "max(b)) FROM (SELECT b FROM t) AS x WHERE (true", False),
            )),
            ("is set back with all others", "a int, b serial PRIMARY KEY", "", "!INSERT INTO t VALUES (1)",
             "!SELECT setval(c.oid, 1, false) FROM pg_class c WHERE relkind = 'S'", True),
            ("of a serial goes with another table", "a int, b serial", OWNER, "",
             "!ALTER SEQUENCE t_b_seq OWNED BY o.id; !DROP TABLE o CASCADE", False),
            ("of a serial goes with another column", "a int, b serial", OWNER,
             "!ALTER SEQUENCE t_b_seq OWNED BY o.id", "!ALTER TABLE o DROP id CASCADE", False),
            ("of a serial is owned by nothing", "a int, b serial", "", "",
             "!ALTER SEQUENCE t_b_seq OWNED BY NONE", False),
            ("of a serial goes with another schema", "a int, b serial", "!CREATE SCHEMA q", "",
             "!ALTER SEQUENCE t_b_seq OWNED BY NONE; !ALTER SEQUENCE t_b_seq SET SCHEMA q; "
             "!DROP SCHEMA q CASCADE", False),
            ("begins again with another table", "a int, b serial PRIMARY KEY", OWNER,
             "!INSERT INTO t VALUES (1); !ALTER SEQUENCE t_b_seq OWNED BY o.id",
             "!TRUNCATE o RESTART IDENTITY", True),
            ("goes on with another table", "a int, b serial PRIMARY KEY", OWNER,
             "!INSERT INTO t VALUES (1); !ALTER SEQUENCE t_b_seq OWNED BY o.id", "!TRUNCATE o", False),
            *((f"of another name {told}", "a int, b serial PRIMARY KEY", "", "!INSERT INTO t VALUES (1)",
               f"!CREATE SEQUENCE s{start}; {then}ALTER b SET DEFAULT nextval('s')", may)
              for told, start, then, may in (
                ("begins with its first number", "", "", True),
                ("begins with a later one", " START WITH 100", "", False),
                ("is set to what there is", "", "!SELECT setval('s', max(b)) FROM t; ", False),
                ("is set to its first number", "", "!SELECT setval('s', 1, false); ", True),
            )),
            ("is an identity's, for that of a serial", "a int, b serial PRIMARY KEY", "",
             "!INSERT INTO t VALUES (1)", "ALTER b DROP DEFAULT; !DROP SEQUENCE t_b_seq; "
             "ALTER b ADD GENERATED ALWAYS AS IDENTITY", True),
            ("is an identity's, with its numbers", "a int, b serial PRIMARY KEY", "",
             "!INSERT INTO t VALUES (1)", "ALTER b DROP DEFAULT; !DROP SEQUENCE t_b_seq; "
             "ALTER b ADD GENERATED ALWAYS AS IDENTITY; "
             "!SELECT setval(pg_get_serial_sequence('t', 'b'), max(b)) FROM t", False),
            ("that nothing asks", "a int", NUMBERS, "", "!ALTER SEQUENCE s RESTART; !DROP SEQUENCE s", False),
        )
    },
    # Tables that are left without rows
    **{
        f"{told} is left without rows": Case(columns, change, before=before, first=first, says=says, may=may)
        for told, columns, first, before, change, says, may in (
            ("what a key refers to", KEYED, PARENT, "", "!DELETE FROM o", "", True),
            ("what a key refers to, and the key comes then,", PLAIN, PARENT, "",
             "!DELETE FROM o WHERE id = id; ADD FOREIGN KEY (a) REFERENCES o", "", True),
            ("what a key refers to, but some,", KEYED, PARENT, "", "!DELETE FROM o WHERE id = 2", "", False),
            ("what a key refers to and is filled anew", KEYED, PARENT, "",
             "!DELETE FROM o; !INSERT INTO o VALUES (1), (2)", "", False),
            ("what a key refers to and is changed", KEYED, PARENT, "",
             "!DELETE FROM o; !UPDATE o SET id = 1", "", True),
            ("what a key refers to that is not enforced", PLAIN, PARENT, "", "!DELETE FROM o", "", False),
            ("what is not written and refers", "a int, b int REFERENCES o", PARENT, "", "!DELETE FROM o", "",
             False),
            ("what is filled by default and refers", "a int, b int NOT NULL DEFAULT 1 REFERENCES o", PARENT,
             "", "!DELETE FROM o", "", True),
            ("a new table that a key refers to", PLAIN, "", "",
             "!CREATE TABLE o (id int PRIMARY KEY); ADD FOREIGN KEY (a) REFERENCES o", "", True),
            ("a new table that is filled and that a key refers to", PLAIN, "", "",
             "!CREATE TABLE o (id int PRIMARY KEY); !INSERT INTO o VALUES (1); ADD FOREIGN KEY (a) "
             "REFERENCES o", "", False),
            ("a new table that is made of rows and that a key refers to", PLAIN, "", "",
             "!CREATE TABLE o AS SELECT 1 AS id; !ALTER TABLE o ADD PRIMARY KEY (id); "
             "ADD FOREIGN KEY (a) REFERENCES o", "", False),
            ("an old table", PLAIN, PARENT, "", "ADD FOREIGN KEY (a) REFERENCES o", "", False),
            ("what a default reads", "a int", f"{LOOKED_UP}; {LOOKS}",
             "ADD COLUMN b int NOT NULL DEFAULT looks()", "!TRUNCATE o", "", True),
            ("what a default that may be NULL reads", "a int", f"{LOOKED_UP}; {LOOKS}",
             "ADD COLUMN b int DEFAULT looks()", "!TRUNCATE o", "", False),
            ("what a check reads", "a int", f"{LOOKED_UP}; {LOOKS}", "ADD CHECK (a = looks() IS TRUE)",
             "!TRUNCATE o", "", True),
            ("what a trigger writes into", PLAIN, "", f"{LOG}; {LOGS}; {LOGGING}", "!DELETE FROM log", "",
             False),
            ("what a trigger reads", "a int, b int NOT NULL", LOOKED_UP,
             f"{FILLS.replace(':= 1', ':= (SELECT v FROM o)')}; {FILLING}", "!DELETE FROM o", "", True),
            ("what nothing reads", PLAIN, PARENT, "", "!DELETE FROM o", "", False),
        )
    },
    # Statements that a trigger puts together
    **{
        f"a trigger writes by {told} into what {happens}": Case(
            PLAIN, change, before=f"{LOG}; {_LOGS.format(body)}; {LOGGING}", may=may
        )
        for told, body in (
            ("EXECUTE", "EXECUTE 'INSERT INTO log (x) VALUES (1)'"),
            ("EXECUTE with a value", "EXECUTE 'INSERT INTO log (x) VALUES ($1)' USING NEW.a"),
            ("format", "EXECUTE format('INSERT INTO %I (x) VALUES (%L)', 'log', 1)"),
            ("parts", "EXECUTE 'INSERT INTO ' || quote_ident('log') || ' (x) VALUES (1)'"),
        )
        for happens, change, may in (
            ("is dropped", "!DROP TABLE log", True),
            ("has another name", "!ALTER TABLE log RENAME TO log2", True),
            ("loses the column", "!ALTER TABLE log DROP COLUMN x", True),
            ("loses another column", "!ALTER TABLE log DROP COLUMN y", False),
        )
    },
    # What a function of base does that no table is named in
    **{
        f"by a function of base: {told}": Case(
            "a int, b int NOT NULL" if "filling" in statement else columns,
            "!SELECT runs()",
            first=first,
            before="; ".join([*before, RUNS.format(statement.replace("!", ""))]),
            parts="a" if PARTS in before else "",
            may=may,
        )
        for told, statement, columns, first, before, may in (
            ("a domain", "ALTER DOMAIN d SET NOT NULL", "a int, b d", "!CREATE DOMAIN d AS int", (), False),
            ("a domain's default", "ALTER DOMAIN d SET DEFAULT 1", "a int, b d", "!CREATE DOMAIN d AS int",
             (), False),
            ("a trigger goes", "DROP TRIGGER filling ON t", "", "", (FILLS, FILLING), False),
            ("a trigger is disabled", "ALTER TABLE t DISABLE TRIGGER filling", "", "", (FILLS, FILLING),
             False),
            ("a trigger comes", "CREATE TRIGGER raising BEFORE INSERT ON t FOR EACH ROW "
             "EXECUTE FUNCTION fills()", PLAIN, "", (body("RAISE EXCEPTION 'closed';"),), True),
            ("a sequence", "DROP SEQUENCE s CASCADE", "a int, b int NOT NULL DEFAULT nextval('s')",
             "!CREATE SEQUENCE s", (), False),
            ("a function", "DROP FUNCTION help(int) CASCADE", "a int, b int NOT NULL DEFAULT help(1)",
             HELP.format("RETURN $1"), (), False),
            ("a partition", "ALTER TABLE t DETACH PARTITION p", PLAIN, "", (PARTS,), False),
        )
    },
    # Triggers
    "a trigger that filled a column goes": Case(
        "a int, b int NOT NULL", "!DROP TRIGGER filling ON t", before=f"{FILLS}; {FILLING}"
    ),
    "a trigger that fills a column goes, and a default comes": Case(
        "a int, b int NOT NULL", "!DROP TRIGGER filling ON t; ALTER b SET DEFAULT 1",
        before=f"{FILLS}; {FILLING}",
    ),
    "a required column that a trigger fills": Case(
        "a int", f"ADD COLUMN b int NOT NULL; {FILLS}; {FILLING}"
    ),
    "a required column that another trigger does not fill": Case(
        "a int, c int", f"ADD COLUMN b int NOT NULL; {FILLS.replace('NEW.b', 'NEW.c')}; {FILLING}"
    ),
    "a trigger that raises": Case(
        "a int, b int",
        "!CREATE FUNCTION fills() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$BEGIN RAISE EXCEPTION 'closed';END$$; {FILLING}",
        may=True,
    ),
    "a trigger that does no harm": Case("a int, b int", f"{FILLS}; {FILLING}"),
    "a trigger after the row": Case(
        "a int, b int", f"{FILLS}; {FILLING.replace('BEFORE', 'AFTER')}"
    ),
    "a trigger that refuses updates": Case(
        "a int, b int",
        "!CREATE FUNCTION fills() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$BEGIN RAISE EXCEPTION 'closed';END$$; {FILLING.replace('INSERT', 'UPDATE')}",
    ),
    **{
        f"a trigger that raises where {told}": Case(
            "a int, b int",
            f"!CREATE FUNCTION fills() RETURNS trigger LANGUAGE plpgsql AS $${body}$$; {FILLING_ALWAYS}",
            may=told.startswith("an INSERT"),
        )
        for told, body in GUARDS.items()
    },
    "a trigger that fills a column of an UPDATE": Case(
        "a int",
        "ADD COLUMN b int NOT NULL; !CREATE FUNCTION fills() RETURNS trigger LANGUAGE plpgsql AS "
        "$$BEGIN IF TG_OP = 'UPDATE' THEN NEW.b := 1;END IF;RETURN NEW;END$$; "
        f"{FILLING_ALWAYS}",
    ),
    "the function of a trigger fills no more": Case(
        "a int, b int NOT NULL",
        FILLS.replace("CREATE", "CREATE OR REPLACE").replace("NEW.b := 1;", ""),
        before=f"{FILLS}; {FILLING}",
    ),
    "a trigger that is not enabled": Case(
        "a int, b int NOT NULL", "DISABLE TRIGGER filling", before=f"{FILLS}; {FILLING}"
    ),
    "a trigger that refuses is enabled": Case(
        "a int",
        "ENABLE ALWAYS TRIGGER filling",
        before=f"{REFUSING}; {FILLING}; DISABLE TRIGGER ALL",
        may=True,
    ),
    "a trigger that refuses is enabled for replicas": Case(
        "a int", "ENABLE REPLICA TRIGGER filling", before=f"{REFUSING}; {FILLING}; DISABLE TRIGGER filling"
    ),
    "a trigger that refuses is enabled by another name": Case(
        "a int",
        "ENABLE TRIGGER other",
        before=f"{REFUSING}; {FILLING}; {FILLING.replace('TRIGGER filling', 'TRIGGER other', 1)}; "
        "DISABLE TRIGGER USER",
    ),
    "a trigger that is enabled again": Case(
        "a int, b int NOT NULL",
        "DISABLE TRIGGER USER; ENABLE TRIGGER filling",
        before=f"{FILLS}; {FILLING}",
    ),
    # Keys
    **{
        f"a unique index {told}": Case(
            "a text, b int, c text DEFAULT 'c', e text", change, fills=fills,
            says="values: ['1'], nullable: false", rows=rows,
        )
        for told, fills, change, rows in (
            ("of what is the same in each row", "a", "!CREATE UNIQUE INDEX u ON t (a)", "'1'; '1'"),
            ("of two that are", "a", "!CREATE UNIQUE INDEX u ON t (a, lower(c))", "'1'; '1'"),
            ("of what is left out", "a", "!CREATE UNIQUE INDEX u ON t (e)", "'1'; '1'"),
            ("of what is not all the same", "a b", "!CREATE UNIQUE INDEX u ON t (a, b)", "'1', 1; '1', 2"),
            ("of some rows", "a", "!CREATE UNIQUE INDEX u ON t (a) WHERE c = 'c'", "'1'; '1'"),
            ("of other rows", "a", "!CREATE UNIQUE INDEX u ON t (a) WHERE a = '2'", "'1'; '1'"),
            ("by a constraint", "a", "ADD CONSTRAINT u UNIQUE (a, c)", "'1'; '1'"),
        )
    },
    "a default that is the same for each key": Case(
        "a int, id int PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY",
        "ALTER id DROP IDENTITY; ALTER id SET DEFAULT 7", rows="1; 1",
    ),
    "a unique index of what may be the same": Case("a int, b int", "!CREATE UNIQUE INDEX u ON t (a)"),
    "the column of a key has another name": Case(
        "a text, b int DEFAULT 1 UNIQUE", "RENAME b TO e", says="values: ['1']", rows="'1'",
    ),
    "a trigger writes what is the same into what becomes unique": Case(
        "a int", "!CREATE UNIQUE INDEX u ON log (x)", says="values: [1]", rows="1; 1",
        before=f"{LOG}; {LOGS_X}; {LOGGING}", may=True,
    ),
    # Rules
    **{
        f"a rule {told}": Case(
            "a text, b int", f"!CREATE RULE r AS ON {rule}", before="!CREATE TABLE log (x text)",
            says="values: ['x']", rows="'x'", may=may,
        )
        for told, rule, may in (
            ("that does nothing", "INSERT TO t DO INSTEAD NOTHING", True),
            ("that does nothing for this value", "INSERT TO t WHERE NEW.a = 'x' DO INSTEAD NOTHING", True),
            ("that does nothing for another one", "INSERT TO t WHERE NEW.a = 'y' DO INSTEAD NOTHING", False),
            ("that writes elsewhere", "INSERT TO t DO INSTEAD INSERT INTO log VALUES (NEW.a)", True),
            ("that writes elsewhere, too", "INSERT TO t DO ALSO INSERT INTO log VALUES (NEW.a)", False),
            ("of updates", "UPDATE TO t DO INSTEAD NOTHING", False),
        )
    },
    **{
        f"a rule {told}, and an INSERT with ON CONFLICT": Case(
            "a int UNIQUE, b int", f"!CREATE RULE r AS ON {rule}", before="!CREATE TABLE log (x int)",
            needs="a", may=may,
        )
        for told, rule, may in (
            ("that writes elsewhere", "INSERT TO t DO ALSO INSERT INTO log VALUES (NEW.a)", True),
            ("of deletes", "DELETE TO t DO ALSO INSERT INTO log VALUES (1)", False),
        )
    },
    "a rule that does nothing is replaced by another": Case(
        "a int", "!CREATE OR REPLACE RULE r AS ON INSERT TO t WHERE NEW.a < 0 DO ALSO NOTHING",
        before="!CREATE RULE r AS ON INSERT TO t WHERE false DO INSTEAD NOTHING",
    ),
    # What triggers, defaults and checks name and call
    **{
        f"what a trigger writes into {told}": Case(PLAIN, change, before=f"{LOG}; {LOGS}; {LOGGING}", may=may)
        for told, change, may in (
            ("is dropped", "!DROP TABLE log", True),
            ("has another name", "!ALTER TABLE log RENAME TO log2", True),
            ("has another name, and the trigger knows", "!ALTER TABLE log RENAME TO log2; "
             + LOGS.replace("CREATE", "CREATE OR REPLACE").replace("log V", "log2 V"), False),
            ("loses a column", "!ALTER TABLE log DROP COLUMN y", True),
            ("has a column of another type", "!ALTER TABLE log ALTER x TYPE date USING NULL", True),
            ("gets a required column", "!ALTER TABLE log ADD COLUMN z int NOT NULL", True),
            ("gets a column", "!ALTER TABLE log ADD COLUMN z int", False),
            ("gets an index", "!CREATE INDEX i ON log (x)", False),
            ("is made anew", f"!DROP TABLE log; {LOG}", False),
        )
    },
    **{
        f"a table into one of whose columns a trigger writes {told}": Case(
            PLAIN, change, before=f"{LOG}; {LOGS_X}; {LOGGING}", may=may
        )
        for told, change, may in (
            ("loses it", "!ALTER TABLE log DROP COLUMN x", True),
            ("loses another one", "!ALTER TABLE log DROP COLUMN y", False),
            ("has another one of another type", "!ALTER TABLE log ALTER y TYPE date USING NULL", False),
        )
    },
    **{
        f"a type that a trigger {told}": Case(
            PLAIN, change, first="!CREATE TYPE pair AS (x int, y int)", before=before, may=may
        )
        for told, before, change, may in (
            ("names loses an attribute", f"{_LOGS.format('PERFORM ROW(NEW.a, 1)::pair')}; {LOGGING}",
             "!ALTER TYPE pair DROP ATTRIBUTE y", True),
            ("names is as it was", f"{_LOGS.format('PERFORM ROW(NEW.a, 1)::pair')}; {LOGGING}",
             "!ALTER TYPE pair RENAME TO two; !ALTER TYPE two RENAME TO pair", False),
            ("writes loses an attribute", "!CREATE TABLE log (z pair); "
             f"{_LOGS.format('INSERT INTO log (z) VALUES (ROW(NEW.a, 1))')}; {LOGGING}",
             "!ALTER TYPE pair DROP ATTRIBUTE y", True),
        )
    },
    **{
        f"a view that a trigger reads {told}": Case(
            PLAIN, f"!DROP VIEW v; !CREATE VIEW v AS SELECT {columns} FROM log",
            before=f"{LOG}; !CREATE VIEW v AS SELECT x, y FROM log; {body('PERFORM x FROM v;RETURN NEW;')}; "
            + FILLING,
            may=may,
        )
        for told, columns, may in (
            ("loses a column", "y", True),
            ("loses another column", "x", False),
            ("is made again", "x, y", False),
            ("has a column of another type", "x::text, y", True),
        )
    },
    "a function that a trigger calls is dropped": Case(
        "a int, b int", "!DROP FUNCTION help(int)", before=HELPED, may=True
    ),
    "a function that a trigger calls raises": Case(
        "a int, b int", REPLACED.format("RAISE EXCEPTION 'closed'"), before=HELPED, may=True
    ),
    "a function that a trigger calls gives NULL": Case(
        "a int, b int NOT NULL", REPLACED.format("RETURN NULL"), before=HELPED, may=True
    ),
    "a function of that name for something else": Case(
        "a int, b int", HELP.format("RETURN 1").replace("(int)", "(text)"), before=HELPED
    ),
    **{
        f"a new trigger that {told}": Case(
            PLAIN + ", k int NOT NULL DEFAULT 1", f"{first}{body(text)}; {FILLING}", before=LOG, may=may
        )
        for told, first, text, may in (
            ("sets NULL where that is refused", "", "NEW.k := NULL;RETURN NEW;", True),
            ("sets NULL", "", "NEW.b := NULL;RETURN NEW;", False),
            ("calls what raises", f"{HELP_RAISING}; ", "PERFORM help(1);RETURN NEW;", True),
            ("calls what passes", HELP.format("RETURN 1") + "; ", "PERFORM help(1);RETURN NEW;", False),
            ("writes into a table that is not there", "", "INSERT INTO other VALUES (1);RETURN NEW;", True),
            ("writes into a table", "", "INSERT INTO log VALUES (1);RETURN NEW;", False),
            ("fills a column that is not there", "", "INSERT INTO log (z) VALUES (1);RETURN NEW;", True),
            ("fills columns", "", "INSERT INTO log (y, x) VALUES ('1', 1);RETURN NEW;", False),
            ("sets a column that is not there", "", "NEW.z := 1;RETURN NEW;", True),
            ("leaves the row out", "", "RETURN NULL;", True),
            (
                "leaves the row of a DELETE out",
                "",
                "IF TG_OP = 'DELETE' THEN RETURN NULL;END IF;RETURN NEW;",
                False,
            ),
        )
    },
    **{
        f"a new trigger that {told}": Case(
            "a text, b int, c text, k int NOT NULL DEFAULT 1",
            f"{body(text + 'RETURN NEW;')}; {FILLING}",
            before="!CREATE TABLE audit (x int NOT NULL, y text CHECK (y <> 'no'))",
            says="values: ['x'], nullable: false",
            rows="'x'",
            may=may,
        )
        for told, text, may in GUARDED
    },
    **{
        f"a new trigger whose body {told}": Case(
            "a text, b int, k int NOT NULL DEFAULT 1, c text CHECK (c <> 'no')",
            f"{body(text)}; {FILLING}",
            says="values: ['x'], nullable: false",
            rows="'x'",
            may=may,
        )
        for told, text, may in UNDER
    },
    **{
        f"a new trigger that {told}": Case(
            "a int, b int, c text",
            f"{body(text + 'RETURN NEW;')}; {FILLING}",
            before="!CREATE TABLE log (x int, y text); "
            "!CREATE FUNCTION yes(int) RETURNS int LANGUAGE sql AS 'SELECT 1'",
            may=may,
        )
        for told, text, may in (
            ("calls a function that nobody made", "NEW.b := nowhere(NEW.a);", True),
            ("calls it by itself", "PERFORM nowhere();", True),
            ("calls one that is there", "NEW.b := yes(NEW.a);", False),
            ("calls the server's", "NEW.c := lower(coalesce(NEW.c, md5('x')));", False),
            ("calls one, and handles it", "BEGIN PERFORM no();EXCEPTION WHEN others THEN NULL;END;", False),
            ("reads a table that is not there", "SELECT x INTO NEW.b FROM nowhere;", True),
            ("asks whether it has rows", "IF EXISTS (SELECT 1 FROM nowhere) THEN NEW.b := 1;END IF;", True),
            ("deletes from a table that is not there", "DELETE FROM nowhere;", True),
            ("reads one that is", "NEW.b := (SELECT max(l.x) FROM log l JOIN log m USING (x));", False),
            ("reads what WITH names", "WITH q AS (SELECT 1 AS x) SELECT x INTO NEW.b FROM q;", False),
            ("reads what a function gives", "SELECT g INTO NEW.b FROM generate_series(1, 3) g;", False),
            ("reads what the server has", "NEW.c := (SELECT relname FROM pg_class LIMIT 1);", False),
            ("takes a part", "NEW.b := extract(year FROM date '2020-01-01');", False),
            ("compares", "IF NEW.a IS DISTINCT FROM NEW.b THEN NEW.b := 2;END IF;", False),
            ("makes its table", "CREATE TEMP TABLE w (x int);NEW.b := (SELECT count(*) FROM w);", False),
            ("casts", "NEW.c := CAST('1' AS numeric(3))::varchar(20);", False),
            ("sets a column that is not there", "UPDATE log SET z = 1;", True),
            ("sets one that is", "UPDATE log AS l SET x = 1, y = (SELECT 'a') WHERE l.x = NEW.a;", False),
            ("sets some at once", "UPDATE log SET (x, y) = (1, 'a');", False),
        )
    },
    "a new trigger that reads the rows that set it off": Case(
        "a int",
        f"{body('PERFORM count(*) FROM fresh;RETURN NULL;')}; !CREATE TRIGGER tr AFTER INSERT ON t "
        "REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION fills()",
    ),
    **{
        f"a new trigger that changes the row again, {told}": Case(
            "a text, b int, k int NOT NULL DEFAULT 1, c text CHECK (c <> 'no')",
            f"{body(text + 'RETURN NEW;')}; {when}",
            says="values: ['x'], nullable: false",
            rows="'x'",
            may=may,
        )
        for told, text, when, may in (
            ("to NULL", "UPDATE t SET b = 1, k = NULL WHERE a = NEW.a;", LOGGING, True),
            ("to another column that is NULL", "UPDATE t SET k = b WHERE a = NEW.a;", LOGGING, True),
            ("to what a check refuses", "UPDATE t SET c = 'no' WHERE a = NEW.a;", LOGGING, True),
            ("to what it takes", "UPDATE t SET c = 'yes', b = NULL WHERE a = NEW.a;", LOGGING, False),
            ("if it is another one", "UPDATE t SET k = NULL WHERE a = 'y';", LOGGING, False),
            ("before it is there", "UPDATE t SET k = NULL WHERE a = NEW.a;", FILLING, False),
            ("to nothing", "DELETE FROM t WHERE a = NEW.a;", LOGGING, True),
            ("to nothing before it is there", "DELETE FROM t WHERE a = NEW.a;", FILLING, False),
        )
    },
    **{
        f"a new trigger after the row that {told}": Case(
            "id serial, a int, b int", f"{body(text)}; {LOGGING}", may=may
        )
        for told, text, may in (
            ("deletes it", "DELETE FROM t WHERE id = NEW.id;RETURN NULL;", True),
            ("deletes all", "DELETE FROM t;RETURN NULL;", True),
            ("deletes those of before", "DELETE FROM t WHERE a = NEW.a AND id <> NEW.id;RETURN NULL;", False),
            ("deletes those of another", "DELETE FROM t x WHERE x.b > 10;RETURN NULL;", False),
        )
    },
    **{
        f"a new trigger that writes {told}": Case("a int, b int", f"{body(text)}; {FILLING}", may=may)
        for told, text, may in (
            ("another value", "NEW.a := 2;RETURN NEW;", True),
            ("another value for what is left out", "NEW.b := 2;RETURN NEW;", False),
            ("the value in another way", "NEW.a := abs(NEW.a);RETURN NEW;", False),
            ("a value for NULL", "IF NEW.a IS NULL THEN NEW.a := 2;END IF;RETURN NEW;", False),
            ("a value for none", "NEW.a := coalesce(NEW.a, 2);RETURN NEW;", False),
        )
    },
    **{
        f"a new trigger {told}": Case(
            "a text, b int",
            f"{body('RETURN NULL;')}; {FILLING.replace('EXECUTE', f'WHEN ({when}) EXECUTE')}",
            says="values: ['x']", rows="'x'", may=may,
        )
        for told, when, may in (
            ("for another value", "NEW.a = 'y'", False),
            ("for this value", "NEW.a = 'x'", True),
            ("for a value of which nothing is said", "NEW.a LIKE 'x%' AND NEW.b IS NULL", True),
        )
    },
    **{
        f"what a trigger writes into {told}": Case(
            "a text, b int", change, before=f"!CREATE TABLE log (x text, y int); {LOGS_XY}; {LOGGING}",
            says="values: ['1']", rows="'1'", may=may,
        )
        for told, change, may in (
            ("refuses this value", "!ALTER TABLE log ADD CHECK (x <> '1')", True),
            ("refuses another value", "!ALTER TABLE log ADD CHECK (x <> '2')", False),
            ("refuses NULL", "!ALTER TABLE log ALTER y SET NOT NULL", True),
            ("refuses NULL where there is some", "!ALTER TABLE log ALTER x SET NOT NULL", False),
        )
    },
    "a new trigger after the row that returns NULL": Case(PLAIN, f"{body('RETURN NULL;')}; {LOGGING}"),
    "a default calls another function": Case(
        "a int", REPLACED.format("RETURN NULL"), before=HELPED_DEFAULT, may=True
    ),
    "a default calls another function, and is not needed": Case(
        "a int, b int", REPLACED.format("RETURN NULL"), fills="a b",
        before=f"{HELP.format('RETURN $1')}; ALTER b SET DEFAULT help(1)",
    ),
    "a check calls another function": Case(
        "a int, b int", REPLACED.format("RETURN 0"),
        before=f"{HELP.format('RETURN $1')}; ADD CHECK (help(a) > 0)", may=True,
    ),
    "what the function of a default reads is dropped": Case(
        "a int", "!DROP TABLE log",
        before=f"{LOG}; {HELP.format('RETURN (SELECT count(*) FROM log)')}; ADD COLUMN e int DEFAULT help(1)",
        may=True,
    ),
    # Partitions and children
    "a partition with a check of its own": Case(
        "a int, b int", "!ALTER TABLE p ADD CHECK (b IS NOT NULL)", before=PARTS, parts="a", may=True
    ),
    "a partition with a column that is NOT NULL": Case(
        "a int, b int", "!ALTER TABLE p ALTER b SET NOT NULL", before=PARTS, parts="a", may=True
    ),
    "a partition with a trigger of its own that raises": Case(
        "a int, b int",
        f"{body('RAISE EXCEPTION $x$closed$x$;')}; {FILLING.replace('ON t', 'ON p')}",
        before=PARTS, parts="a", may=True,
    ),
    "a partition with a trigger of its own": Case(
        "a int, b int",
        f"{FILLS}; {FILLING.replace('ON t', 'ON p')}",
        before=PARTS, parts="a",
    ),
    "a partitioned table with a trigger that raises": Case(
        "a int, b int",
        f"{body('RAISE EXCEPTION $x$closed$x$;')}; {FILLING}",
        before=PARTS, parts="a", may=True,
    ),
    "the only partition is detached": Case(
        "a int, b int", "DETACH PARTITION p", before=PARTS, parts="a"
    ),
    "the only partition is dropped": Case("a int, b int", "!DROP TABLE p", before=PARTS, parts="a"),
    # What is worked out for each row
    **{
        f"{way} of a text that is {said or 'any'}: {expression}": Case(
            "a text, b text, j jsonb, n int, k int CHECK (k > 0)",
            change.format(expression),
            says=f"values: [{said}]" if said else "",
            rows=f"'{said or 'x'}'" ,
            may=may and (said == "" or "uuid" in expression),
        )
        for way, change in (
            ("a generated column", "ADD COLUMN g text GENERATED ALWAYS AS (({})::text) STORED"),
            ("an index", "!CREATE INDEX i ON t (({}))"),
            ("a partial index", "!CREATE INDEX i ON t (b) WHERE ({}) IS NOT NULL"),
        )
        for said, expression, may in (
            ("x", "a::int", False), ("5", "a::int", False), ("", "a::int", True),
            ("x", "CAST(a AS numeric)", False), ("", "CAST(lower(a) AS int)", True),
            ("x", "CASE WHEN a ~ '^[0-9]+$' THEN a::int END", False), ("x", "b::int", False),
            ("x", "length(a)::int", False), ("x", "lower(a)", False), ("x", "a::varchar(40)", False),
            ("x", "a::uuid", True), ("x", "(j->>'a')::int", False), ("x", "1 / n", False),
        )
    },
    **{
        f"an index over {what}": Case(
            "a int, j jsonb, k int NOT NULL CHECK (k > 0)", f"!CREATE INDEX i ON t (({expression}))",
            fills="a j k", rows=rows, says=says, may=may,
        )
        for what, expression, rows, says, may in (
            ("a part of a document", "(j->>'x')::int", "1, '{\"x\": \"q\"}', 1", "", True),
            ("a text of a document", "j->>'x'", "1, '{\"x\": \"q\"}', 1", "", False),
            ("what is divided by 0", "1 / a", "0, '{}', 1", "values: ['0']", False),
            ("what is divided", "1 / a", "4, '{}', 1", "values: ['4']", False),
            ("what may be divided by 0", "1 / a", "0, '{}', 1", "", True),
            ("what is divided by NULL instead", "1 / nullif(a, 0)", "0, '{}', 1", "", False),
            ("what is divided by what a CHECK keeps from 0", "1 / k", "0, '{}', 1", "", False),
            ("what is not read", "1 OPERATOR(pg_catalog./) a", "0, '{}', 1", "", True),
            ("what is not read and does not fail", "row(a, k) IS NOT NULL", "1, '{}', 1", "", False),
        )
    },
    **{
        f"an index of a class: {expression}": Case("a text", f"!CREATE INDEX i ON t ({expression})")
        for expression in (
            "lower(a) text_pattern_ops", "(a || 'x') text_pattern_ops DESC NULLS LAST",
            'lower(a) COLLATE "C"', "(lower(a)) DESC",
        )
    },
    "an index over a part of an array": Case("a int, x int[]", "!CREATE INDEX i ON t ((x[1:2]))"),
    **{
        f"an index over a function that {told}": Case(
            "a int", "!CREATE INDEX i ON t (f(a))", may=may,
            first="!CREATE FUNCTION f(int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS "
            f"$$BEGIN {body};RETURN 1;END$$",
        )
        for told, body, may in (("raises", "RAISE 'no'", True), ("does not raise", "NULL", False))
    },
    "a generated column of what is not read": Case(
        "a int, k int", "ADD COLUMN g int GENERATED ALWAYS AS (k OPERATOR(pg_catalog./) a) STORED", may=True
    ),
    **{
        f"a generated column with room for less than {said or 'any text'}: {type} of {expression}": Case(
            "a text", f"ADD COLUMN g {type} GENERATED ALWAYS AS ({expression}) STORED",
            says=f"values: ['{said}']" if said else "", rows=f"'{said or 'abc'}'",
        )
        for type, said, expression in (
            ("varchar(3)", "abcd", "a"), ("varchar(3)", "abc", "a"), ("varchar(3)", "abc  ", "a"),
            ("varchar(3)", "abc", "a || '-'"), ("varchar(3)", "abcd", "left(a, 3)"), ("char(2)", "abc", "a"),
            ("char", "ab", "a"), ("varchar", "abcd", "a"), ("varchar(3)", "abcd", "a::varchar(2)"),
            ("varchar(3)", "", "a"),
        )
    },
    **{
        f"an exclusion of {told}": Case(
            "a text, b int, c text", f"ADD EXCLUDE {items}", says="values: [x]", rows="'x'; 'x'"
        )
        for told, items in (
            ("one value", "USING btree (a WITH =)"), ("one value by hash", "USING hash (a WITH =)"),
            ("one value of an expression", "USING btree (lower(a) WITH =)"),
            ("one value of another expression", "USING btree ((a || 'y') WITH =)"),
            ("one value and NULL", "USING btree (a WITH =, b WITH =)"),
            ("one value and NULL made a value", "USING btree (a WITH =, coalesce(b, 0) WITH =)"),
            ("one value of other rows", "USING btree (a WITH =) WHERE (a <> 'x')"),
            ("one value of these rows", "USING btree (a WITH =) WITH (fillfactor = 70) WHERE (a <> 'y')"),
            ("NULL", "USING btree (b WITH =)"),
        )
    },
    **{
        f"a list of partitions: {told}": Case(
            "a text", change, before=before, says="values: [x]", rows="'x'", may=told.startswith("perhaps")
        )
        for told, before, change in (
            ("that of the value goes", LISTED, "DETACH PARTITION p"),
            ("another one goes", LISTED, "DETACH PARTITION q"),
            ("another one is dropped", LISTED, "!DROP TABLE q"),
            ("that of the value takes others", LISTED,
             "DETACH PARTITION p; ATTACH PARTITION p FOR VALUES IN ('w')"),
            ("that of the value takes more", LISTED,
             "DETACH PARTITION p; ATTACH PARTITION p FOR VALUES IN ('x', 'w')"),
            ("that of the value comes back", LISTED,
             "DETACH PARTITION p; ATTACH PARTITION p FOR VALUES IN ('x')"),
            ("one for all else goes", f"{LISTED}; !ALTER TABLE t DETACH PARTITION p; "
             "!CREATE TABLE r PARTITION OF t DEFAULT", "DETACH PARTITION r"),
            ("one for all else comes", LISTED,
             "DETACH PARTITION p; !CREATE TABLE r PARTITION OF t DEFAULT"),
            ("the rows of one go into two", LISTED, "DETACH PARTITION q; "
             "!CREATE TABLE r PARTITION OF t FOR VALUES IN ('y'); "
             "!CREATE TABLE s PARTITION OF t FOR VALUES IN (NULL)"),
            ("the table is made anew with some", "", LISTED.replace("'x'", "'w'")),
            ("one below has no place", LISTED.replace("IN ('x')", "IN ('x') PARTITION BY LIST (a)")
             + "; !CREATE TABLE pp PARTITION OF p FOR VALUES IN ('x')", "!DROP TABLE pp"),
        )
    },
    **{
        f"a range of partitions: {told}": Case(
            "a int", change, before=RANGED, says="values: ['5']", rows="5"
        )
        for told, change in (
            ("that of the value goes", "DETACH PARTITION p"),
            ("another one goes", "DETACH PARTITION q"),
            ("that of the value ends before it",
             "DETACH PARTITION p; ATTACH PARTITION p FOR VALUES FROM (0) TO (5)"),
            ("that of the value begins with it",
             "DETACH PARTITION p; ATTACH PARTITION p FOR VALUES FROM (5) TO (10)"),
        )
    },
    "a range of partitions: two take what one took": Case(
        "a int", "DETACH PARTITION p; !CREATE TABLE r PARTITION OF t FOR VALUES FROM (MINVALUE) TO (3); "
        "!CREATE TABLE s PARTITION OF t FOR VALUES FROM (3) TO (10)", before=RANGED, rows="5",
    ),
    "a partition is detached where there is another for all else": Case(
        "a int, b int",
        "DETACH PARTITION p",
        before=f"{PARTS}; !CREATE TABLE q PARTITION OF t DEFAULT",
        parts="a",
    ),
    "a child with a check of its own": Case(
        "a int, b int", "!ALTER TABLE c ADD CHECK (b IS NOT NULL)", before="!CREATE TABLE c () INHERITS (t)"
    ),
    "a parent gets a check": Case(
        "x int",
        "!ALTER TABLE p ADD CHECK (b IS NOT NULL)",
        before="!DROP TABLE t; !CREATE TABLE p (a int, b int); !CREATE TABLE t () INHERITS (p)",
    ),
    "a parent gets a check that is not inherited": Case(
        "x int",
        "!ALTER TABLE p ADD CHECK (b IS NOT NULL) NO INHERIT",
        before="!DROP TABLE t; !CREATE TABLE p (a int, b int); !CREATE TABLE t () INHERITS (p)",
    ),
    "a parent's column becomes NOT NULL": Case(
        "x int",
        "!ALTER TABLE p ALTER b SET NOT NULL",
        before="!DROP TABLE t; !CREATE TABLE p (a int, b int); !CREATE TABLE t () INHERITS (p)",
    ),
    "a parent's column becomes NOT NULL for itself": Case(
        "a int, b int",
        "!ALTER TABLE p ADD CONSTRAINT n NOT NULL b NO INHERIT",
        before="!CREATE TABLE p (b int); INHERIT p",
        since=18,
    ),
    "a parent gets a primary key": Case(
        "a int, b int", "!ALTER TABLE p ADD PRIMARY KEY (b)", before="!CREATE TABLE p (b int); INHERIT p"
    ),
    "a parent's key is dropped again": Case(
        "a int, b int",
        "!ALTER TABLE p ADD CONSTRAINT k PRIMARY KEY (b); !ALTER TABLE p DROP CONSTRAINT k; "
        "!ALTER TABLE p ALTER b DROP NOT NULL",
        before="!CREATE TABLE p (b int); INHERIT p",
        since=18,
    ),
    "a constraint that is NOT NULL is dropped as one": Case(
        "a int, b int", "ADD CONSTRAINT n NOT NULL b; ALTER b DROP NOT NULL", since=18
    ),
    # A table becomes a partition
    **{
        f"it is a partition for {bounds}": Case(
            "a int, b int", f"!ALTER TABLE p ATTACH PARTITION t {bounds}",
            before=f"!CREATE TABLE p (a int, b int) PARTITION BY {key}", says=says, rows=rows, since=11,
        )
        for key, bounds, says, rows in (
            ("LIST (b)", "FOR VALUES IN (1, 2)", "", ""),
            ("LIST (b)", "FOR VALUES IN (1, NULL)", "", ""),
            ("LIST (b)", "DEFAULT", "", ""),
            ("RANGE (b)", "FOR VALUES FROM (0) TO (10)", "", ""),
            ("RANGE (a)", "FOR VALUES FROM (0) TO (10)", "", ""),
            ("RANGE (a)", "FOR VALUES FROM (0) TO (3)", "values: ['1', '5']", "1; 5"),
            ("RANGE (a)", "FOR VALUES FROM (0) TO (6)", "values: ['1', '5']", "1; 5"),
        )
    },
    "it is a partition of those that nobody reads": Case(
        "a int, b int", "!ALTER TABLE p ATTACH PARTITION t FOR VALUES WITH (MODULUS 9, REMAINDER 1)",
        before="!CREATE TABLE p (a int, b int) PARTITION BY HASH (b)", may=True, since=11,
    ),
    "another partition takes rows of the default one": Case(
        "x int", "!CREATE TABLE q PARTITION OF p FOR VALUES IN (5)", says="values: ['1', '5']", rows="1; 5",
        before="!DROP TABLE t; !CREATE TABLE p (a int) PARTITION BY LIST (a); "
        "!CREATE TABLE t PARTITION OF p DEFAULT",
    ),
    "a partition has the identity of its table": Case(
        "a int NOT NULL, b int", "!ALTER TABLE p ATTACH PARTITION t DEFAULT", since=17,
        before="!CREATE TABLE p (a int GENERATED ALWAYS AS IDENTITY, b int) PARTITION BY LIST (b)",
    ),
    "a partition loses the identity of its table": Case(
        "x int", "!ALTER TABLE p DETACH PARTITION t", since=17,
        before="!DROP TABLE t; !CREATE TABLE p (a int, b int GENERATED ALWAYS AS IDENTITY) "
        "PARTITION BY LIST (a); !CREATE TABLE t PARTITION OF p DEFAULT",
    ),
    "a parent loses a default": Case(
        "x int",
        "!ALTER TABLE p ALTER b DROP DEFAULT",
        before="!DROP TABLE t; !CREATE TABLE p (a int, b int NOT NULL DEFAULT 1); "
        "!CREATE TABLE t () INHERITS (p)",
    ),
    # Views
    "the table of a view": Case(
        "x int", "!ALTER TABLE u ALTER b SET NOT NULL",
        before="!DROP TABLE t; !CREATE TABLE u (a int, b int); !CREATE VIEW t AS SELECT a, b FROM u",
    ),
    "the table of a view under another name": Case(
        "x int", "!ALTER TABLE u ADD CHECK (b IS NOT NULL)",
        before="!DROP TABLE t; !CREATE TABLE u (z int, b int); !CREATE VIEW t AS SELECT z AS a FROM u",
    ),
    "the table of a view, with what is filled": Case(
        "x int", "!ALTER TABLE u ALTER z SET NOT NULL",
        before="!DROP TABLE t; !CREATE TABLE u (z int, b int); !CREATE VIEW t AS SELECT z AS a FROM u",
    ),
    "the table of a view gets a column": Case(
        "x int", "!ALTER TABLE u ADD COLUMN e int NOT NULL",
        before="!DROP TABLE t; !CREATE TABLE u (a int, b int); !CREATE VIEW t AS SELECT a, b FROM u",
    ),
    "the table of a view over a view": Case(
        "x int", "!ALTER TABLE u ADD COLUMN e int NOT NULL",
        before="!DROP TABLE t; !CREATE TABLE u (a int, b int); !CREATE VIEW v AS SELECT a, b FROM u; "
        "!CREATE VIEW t AS SELECT a FROM v",
    ),
    "the default of a view": Case(
        "x int", "!ALTER TABLE u ALTER b SET NOT NULL",
        before="!DROP TABLE t; !CREATE TABLE u (a int, b int); !CREATE VIEW t AS SELECT a, b FROM u; "
        "!ALTER VIEW t ALTER b SET DEFAULT 1",
    ),
}  # fmt: skip


def is_taken(run: Any, inserts: list[str]) -> bool:
    """Whether the server takes each of the producer's INSERTs; they are taken back."""
    import psycopg

    run.execute("SAVEPOINT before")
    try:
        (before,) = run.execute("SELECT count(*) FROM t").fetchone()
        for each in inserts:
            run.execute(each)
        (after,) = run.execute("SELECT count(*) FROM t").fetchone()
        return bool(after == before + len(inserts))
    except psycopg.DatabaseError:
        return False
    finally:
        run.execute("ROLLBACK TO before")


def script(revision: str, down: str | None, statements: list[str]) -> str:
    body = "".join(f"    op.execute({each!r})\n" for each in statements)
    return (
        f"from alembic import op\nrevision = {revision!r}\ndown_revision = {down!r}\n\ndef upgrade():\n{body}"
    )


def found(folder: Path, case: Case) -> list[str]:
    """What fails the change because of an INSERT, or of NULL where the contract speaks of that."""
    types = {**TYPES, **dict(re.findall(r"(?:^|, )(a) (text|jsonb)", case.columns))}
    said = {each: f"type: {types[each]}" for each in case.fills.split()}
    if case.says:
        said["a"] += f", {case.says}"
    declared = "".join(f"      {name}: {{{text}}}\n" for name, text in said.items())
    needs = f"    needs: [{{unique: [{case.needs}]}}]\n" if case.needs else ""
    head = {
        "alembic.ini": "[alembic]\nscript_location = m\n",
        "m/versions/a1.py": script("a1", None, case.base),
        "contracts/w.yaml": "contract: migration-lint/v1\nid: w.producer\nservice: w\nrole: producer\n"
        f"tables:\n  t:\n    columns:\n{declared}{needs}    consumers: none\n",
    }
    write(folder / "base", head)
    write(folder / "head", {**head, "m/versions/b2.py": script("b2", "a1", case.statements)})
    report = run_check(
        folder / "head", base=str(folder / "base"), head=str(folder / "head"), environ={}, use_cache=False
    )
    assert all(each.path == "m/versions/b2.py" and each.line for each in report.findings)
    rules = {
        "contract-insert-refused",
        *(["contract-nullability-changed"] if "nullable" in case.says else []),
    }
    return [each.message for each in report.findings if each.rule in rules]


@pytest.mark.parametrize("name", CASES)
def test_as_the_server_has_it(name: str, postgresql: Server, connection: Any, tmp_path: Path) -> None:
    case = CASES[name]
    if postgresql.version < case.since:
        pytest.skip(f"of PostgreSQL {case.since}")
    for statement in case.base:
        connection.execute(statement)
    assert is_taken(connection, case.inserts)
    for statement in case.statements:
        connection.execute(statement)
    refused = not is_taken(connection, case.inserts)
    messages = found(tmp_path, case)
    assert len(messages) == (refused or case.may), messages
    assert all((" may refuse " in each) == case.may for each in messages), messages
