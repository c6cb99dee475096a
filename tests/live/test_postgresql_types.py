"""Every pair of types that the table for PostgreSQL knows, changed on a real server.

Whether the rows were written anew shows in the number of the table's file (pg_class.relfilenode), whether an
index was built anew in that of the index's, and whether the rows were read in pg_stat_xact_user_tables.
"""

from __future__ import annotations

from typing import Any

import pytest

from migration_lint.effects.types import Around, judge
from migration_lint.effects.types.postgresql import (
    CASTS,
    EXACT_FLOATS_SINCE,
    FREE,
    FREE_IN_UTC,
    LONGEST_TEXT,
    TEXTS,
)

from .conftest import Server, psycopg

_LIMITS = {
    "relaxed": ("(10)", "(20)"),
    "same_scale": ("(10,2)", "(12,2)", "(12,4)"),
    "finest": ("(3)", "(6)"),
    "full": ("(3)", "(6)"),
}
_FIXED = {"char": ("(10)", "(20)"), "bit": ("(8)", "(16)")}


def types() -> list[str]:
    """Each type of the table, with the limits that its pairs are about."""
    found = [each for each in CASTS if each not in _FIXED]
    found += ["int4[]", "int8[]", "text[]"]
    for name, limits in _FIXED.items():
        found += [name + limit for limit in limits]
    for table in (FREE, FREE_IN_UTC):
        for (old, new), free in table.items():
            for name in (old, new):
                base, _, array = name.partition("[")
                limited = base in ("varchar", "varbit") and free.relation == "unlimited"
                for limit in ("(10)", "(20)") if limited else _LIMITS.get(free.relation, ()):
                    if base in CASTS and base not in ("text", "xml", *_FIXED):
                        found.append(base + limit + ("[" + array if array else ""))
                if array:
                    found.append(name)
    return list(dict.fromkeys(found))


MEASURE = """
CREATE FUNCTION pg_temp.measure(old text, types text[]) RETURNS SETOF text[] LANGUAGE plpgsql AS $$
DECLARE rows_before oid; index_before oid; rows_after oid; index_after oid; indexed bool := true;
    new text; found text;
BEGIN
  EXECUTE format('CREATE TABLE measured (c %s)', old);
  BEGIN CREATE INDEX measured_c ON measured (c); EXCEPTION WHEN OTHERS THEN indexed := false; END;
  SELECT relfilenode INTO rows_before FROM pg_class WHERE relname = 'measured';
  SELECT relfilenode INTO index_before FROM pg_class WHERE relname = 'measured_c';
  FOREACH new IN ARRAY types LOOP
  BEGIN
    EXECUTE format('ALTER TABLE measured ALTER COLUMN c TYPE %s', new);
    SELECT relfilenode INTO rows_after FROM pg_class WHERE relname = 'measured';
    SELECT relfilenode INTO index_after FROM pg_class WHERE relname = 'measured_c';
    found := CASE WHEN rows_before <> rows_after THEN 'rewrite'
        WHEN indexed AND index_before <> index_after THEN 'index_rebuild' ELSE 'metadata' END;
    RAISE EXCEPTION USING ERRCODE = 'LNT00', MESSAGE = found;
  EXCEPTION
    WHEN datatype_mismatch THEN RETURN NEXT ARRAY[new, 'impossible'];
    WHEN SQLSTATE 'LNT00' THEN RETURN NEXT ARRAY[new, SQLERRM];
    WHEN undefined_object THEN RETURN NEXT ARRAY[new, 'not indexed'];
  END;
  END LOOP;
  DROP TABLE measured;
END $$
"""


@pytest.fixture(scope="module", params=["UTC", "Europe/Berlin"])
def measured(
    request: pytest.FixtureRequest, postgresql: Server
) -> tuple[dict[tuple[str, str], str], int, bool]:
    """What the server did for each pair, its version, and whether its time zone was UTC."""
    found: dict[tuple[str, str], str] = {}
    utc = request.param == "UTC"
    with psycopg.connect(postgresql.url, autocommit=True) as connection:
        connection.execute(f"SET timezone = '{request.param}'")
        connection.execute(MEASURE)
        known = [each for each in types() if _has(connection, each)]
        if not utc:  # nothing else looks at the time zone
            known = [each for each in known if each.startswith("timestamp")]
        for old in known:
            for ((new, did),) in connection.execute("SELECT pg_temp.measure(%s, %s::text[])", (old, known)):
                found[old, new] = did
    return found, postgresql.version, utc


def _has(connection: Any, type: str) -> bool:
    try:
        if type.startswith("citext"):
            connection.execute("CREATE EXTENSION IF NOT EXISTS citext")
        connection.execute(f"SELECT NULL::{type}")
    except psycopg.DatabaseError:
        return False  # an extension, or a library, that the server was built without
    return True


def test_the_server_does_what_the_table_says(
    measured: tuple[dict[tuple[str, str], str], int, bool],
) -> None:
    found, version, utc = measured
    wrong = []
    for (old, new), did in found.items():
        judged = judge(old, new, "postgresql", (version,), Around("c", indexed=True, utc=utc))
        said = {"same": "metadata"}.get(judged.work, judged.work)
        # A type that cannot be indexed ends an index rebuild with an error, and has none to rebuild.
        if (
            not judged.certain
            or said != did
            and (said, did)
            not in (
                ("metadata", "not indexed"),
                ("index_rebuild", "metadata"),
                ("rewrite", "not indexed"),
            )
        ):
            wrong.append((old, new, judged, did))
    assert not wrong
    assert len(found) > (1000 if utc else 30)


#: Values at the edge of what a type holds.
VALUES = {
    "bool": ["true"],
    "int2": ["32767"],
    "int4": ["2147483647"],
    "int8": ["9223372036854775807"],
    "float4": ["1.1754944e-38", "3.4028235e+38"],
    "float8": ["0.1", "1.7976931348623157e+308"],
    "numeric": ["123456789012345678901234567890.123456789"],
    "numeric(10,2)": ["99999999.99"],
    "numeric(12,2)": ["9999999999.99"],
    "numeric(12,4)": ["99999999.9999"],
    "money": ["92233720368547758.07"],
    "text": ["x" * 30],
    "varchar": ["x" * 30],
    "varchar(10)": ["x" * 10],
    "varchar(20)": ["x" * 20],
    "char(10)": ["x" * 10],
    "char(20)": ["x" * 20],
    "bpchar": ["x" * 30],
    "date": ["2026-03-01"],
    "timestamp": ["2026-03-29 02:30:00.123456"],
    "timestamp(3)": ["2026-03-29 02:30:00.123"],
    "timestamp(6)": ["2026-03-29 02:30:00.123456"],
    "timestamptz": ["2026-03-29 02:30:00.123456+00", "2026-10-25 00:30:00+00"],
    "timestamptz(3)": ["2026-03-29 02:30:00.123+00", "2026-10-25 00:30:00+00"],
    "timestamptz(6)": ["2026-03-29 02:30:00.123456+00", "2026-10-25 00:30:00+00"],
    "time": ["23:59:59.123456"],
    "time(3)": ["23:59:59.123"],
    "timetz": ["23:59:59.123456+05"],
    "timetz(3)": ["23:59:59.123+05"],
    "interval": ["1 mon 1 day 01:00:00.123456"],
    "interval(3)": ["1 mon 1 day 01:00:00.123"],
    "bit(8)": ["10101010"],
    "bit(16)": ["1010101010101010"],
    "varbit": ["1" * 30],
    "varbit(10)": ["1" * 10],
    "varbit(20)": ["1" * 20],
    "json": ['{"a": 1, "a": 2}'],
    "jsonb": ['{"a": 1}'],
    "inet": ["10.0.0.1/8"],
    "cidr": ["10.0.0.0/8"],
    "macaddr": ["08:00:2b:01:02:03"],
    "macaddr8": ["08:00:2b:01:02:03:04:05"],
    "uuid": ["a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"],
}

KEPT = """
CREATE FUNCTION pg_temp.kept(old text, new text, value text) RETURNS bool LANGUAGE plpgsql AS $$
DECLARE found bool;
BEGIN
  EXECUTE format('CREATE TEMP TABLE held (c %s)', old);
  EXECUTE format('INSERT INTO held VALUES (%L)', value);
  BEGIN
    EXECUTE format('ALTER TABLE held ALTER COLUMN c TYPE %s', new);
    EXECUTE format('ALTER TABLE held ALTER COLUMN c TYPE %s USING c::%1$s', old);
    EXECUTE format('SELECT c::text = %L::%s::text FROM held', value, old) INTO found;
  EXCEPTION WHEN OTHERS THEN found := false;
  END;
  DROP TABLE held;
  RETURN found;
END $$
"""


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin"])
def test_what_is_called_lossless_keeps_every_value(postgresql: Server, connection: Any, zone: str) -> None:
    """And where it is called lossy, a value at the edge is lost, or refused."""
    connection.execute(f"SET timezone = '{zone}'")
    connection.execute(KEPT)
    wrong = []
    for old, values in VALUES.items():
        if old.startswith("float") and postgresql.version < EXACT_FLOATS_SINCE[0]:
            continue  # what is lost there shows only where the value is shown
        for new in VALUES:
            if zone != "UTC" and not old.startswith("timestamp"):
                continue
            judged = judge(old, new, "postgresql", (postgresql.version,), Around("c", utc=zone == "UTC"))
            if judged.work in ("impossible", "same"):
                continue
            if old not in TEXTS and new.rstrip("(120)") in TEXTS and new not in TEXTS:
                continue  # whether ten letters are enough is what the test below is about
            held = all(
                connection.execute("SELECT pg_temp.kept(%s, %s, %s)", (old, new, value)).fetchone()[0]
                for value in values
            )
            if held == judged.lossy:
                wrong.append((old, new, judged.lossy))
    assert not wrong


@pytest.mark.parametrize(("type", "length"), LONGEST_TEXT.items())
def test_how_long_a_value_is_as_a_text(type: str, length: int, connection: Any) -> None:
    longest = {"bool": "false", "uuid": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"}
    smallest = {"int2": -(2**15), "int4": -(2**31), "int8": -(2**63)}
    value = longest.get(type) or str(smallest[type])
    connection.execute(f"CREATE TABLE held AS SELECT '{value}'::{type} AS c")
    for limit, fits in ((length, True), (length - 1, False)):
        new = f"varchar({limit})"
        assert judge(type, new, "postgresql").lossy is not fits
        if not fits:
            with pytest.raises(psycopg.errors.StringDataRightTruncation):
                connection.execute(f"ALTER TABLE held ALTER COLUMN c TYPE {new}")
            continue
        with connection.transaction(force_rollback=True):
            connection.execute(f"ALTER TABLE held ALTER COLUMN c TYPE {new}")
