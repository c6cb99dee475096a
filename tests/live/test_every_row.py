"""Conditions that are TRUE for every row, though they do not say so, as a real PostgreSQL has it."""

from __future__ import annotations

import random
from typing import Any

from migration_lint.catalog.deletion import holds_for_every_row
from migration_lint.catalog.model import Catalog
from migration_lint.catalog.replay import replay
from migration_lint.operations import Column, Constraint, Operation

from .test_conditions import random_condition

#: `v` and `w` are those of `random_condition`: `v` is never NULL, and neither are `n`, `s` and `d`.
COLUMNS = {"v": ("int", False), "w": ("int", True), "e": ("int", True), "n": ("int", False)}
COLUMNS |= {
    "k": ("text", False),
    "s": ("text", False),
    "f": ("text", True),
    "d": ("bool", False),
    "m": ("mood", False),
}
#: Of `k`, and of `n`, which NULL would pass.
CHECKS = ("k IN ('a', 'b')", "n < 100")
TABLE = "CREATE TABLE t ({}, CHECK ({}), CHECK ({}))".format(
    ", ".join(
        f"{name} {type}{'' if nullable else ' NOT NULL'}" for name, (type, nullable) in COLUMNS.items()
    ),
    *CHECKS,
)
OF = {
    "int": ("-1", "0", "1", "2", "3", "4", "7"),
    "text": ("''", "'a'", "'b'", "'x y'", "'2020-01-01'", "'zz'"),
    "bool": ("true", "false"),
    "mood": ("'glad'", "'sad'"),
}

#: TRUE for every row.
EVERY = """
EXISTS (SELECT 1)
EXISTS (SELECT)
EXISTS (SELECT 1 WHERE 1 = 1)
EXISTS (VALUES (1))
EXISTS (SELECT * FROM t)
EXISTS (SELECT 1 FROM t AS x WHERE x.v = t.v)
EXISTS (SELECT count(*) FROM u)
NOT EXISTS (SELECT 1 WHERE false)
(SELECT true)
(SELECT count(*) FROM u) >= 0
1 IN (1)
1 IN (SELECT 1)
v IN (v, 1)
v IN (SELECT v FROM t)
v IN (SELECT v FROM t WHERE true)
v IN (SELECT t.v)
v IN (VALUES (v))
v NOT IN (SELECT 1 WHERE false)
v = (SELECT v)
v = ANY (ARRAY[v])
v = ANY (SELECT v FROM t)
v = ALL (SELECT v)
v = ANY (ARRAY(SELECT v FROM t))
v = ANY (ARRAY(SELECT v FROM t ORDER BY v, n DESC)::int[])
v = ANY ((SELECT array_agg(v) FROM t)::int[])
v IN (SELECT unnest((SELECT array_agg(v) FROM t)))
v IN (SELECT x FROM unnest(ARRAY(SELECT v FROM t)) AS x)
ctid = ANY (ARRAY(SELECT ctid FROM t))
v IN (SELECT v FROM t LIMIT ALL)
v IN (SELECT v FROM t LIMIT NULL OFFSET 0)
v IN (SELECT DISTINCT v FROM t ORDER BY 1)
v IN (SELECT v FROM t GROUP BY v)
v IN (SELECT v FROM t FOR UPDATE SKIP LOCKED)
v IN (SELECT id FROM u UNION ALL SELECT v FROM t)
v IN (VALUES (1), (v))
v IN (WITH x AS (SELECT v FROM t) SELECT v FROM x)
v IN (WITH x (y) AS (SELECT v FROM t) SELECT y FROM x AS z)
v IN (SELECT y FROM (SELECT v AS y, n FROM t WHERE n = n) AS x)
v IN (SELECT v FROM (SELECT * FROM t) AS x WHERE x.v = t.v)
(v, s) IN (SELECT v, s FROM t)
v NOT IN (SELECT v FROM t WHERE false)
v NOT IN (SELECT id FROM u WHERE 1 = 0)
v NOT IN (SELECT v FROM t LIMIT 0)
v <> ALL (ARRAY(SELECT v FROM t WHERE false)) OR v = v
NOT EXISTS (SELECT FROM t WHERE NULL)
EXISTS (TABLE t)
EXISTS (SELECT 1 FROM t LIMIT 1)
(SELECT count(*) FROM t) > 0
(SELECT count(v) FROM t) <> 0
0 < (SELECT count(*) FROM t)
1 <= (SELECT count(*) FROM t WHERE n = n)
NOT (SELECT count(*) FROM t) = 0
v <= (SELECT max(v) FROM t)
v >= (SELECT min(v) FROM t)
(SELECT max(n) FROM t WHERE v = v) >= n
v BETWEEN (SELECT min(v) FROM t) AND (SELECT max(v) FROM t)
NOT v > (SELECT max(v) FROM t)
v <= (SELECT max(v) FROM t) OR n = 3
v = v
t.v = v
+v = v
(v, s) = (v, s)
v BETWEEN v AND v
v::text = v::text
d OR NOT d
d = true OR d = false
d IN (true, false)
d IS TRUE OR d IS FALSE
(d AND v > 1) OR NOT (d AND v > 1)
v > 1 OR NOT v > 1
v >= 0 OR v < 0
v > 1 OR v <= 1
v < 2 OR v > 1
v <= 1 OR v >= 2
v > 0 OR v < 3
1 < v OR v < 2
v <> 1 OR v = 1
v = n OR v <> n
v < n OR v >= n
v IN (1, 2) OR v NOT IN (1, 2)
v NOT BETWEEN 1 AND 3 OR v IN (1, 2, 3)
w IN (1, 2) OR w NOT IN (1, 2) OR w IS NULL
w IS NULL OR w IS NOT NULL
w > 0 OR w <= 0 OR w IS NULL
(w > 0) IS NOT NULL OR (w > 0) IS NULL
(w > 0) IS TRUE OR (w > 0) IS NOT TRUE
coalesce(w, 0) IS NOT NULL
ctid = ctid
ctid IN (SELECT ctid FROM t)
v - v = 0
v * 0 = 0
v + n - v = n
v < v + 1
2 * v - v >= v
v * n = n * v
v % 1 = 0
-v = 0 - v
v - n <> v - n - 1
(w - w = 0) IS NOT FALSE
coalesce(w > 0, false) OR NOT coalesce(w > 0, false)
v IS DISTINCT FROM NULL
s >= ''
s = 'a' OR s <> 'a'
s > 'b' OR s <= 'b'
s IN ('a', 'b') OR s NOT IN ('a', 'b')
s LIKE '%'
s LIKE '%%'
s ~ '.*'
s LIKE 'a%' OR s NOT LIKE 'a%'
length(s) >= 0
length(s) > 0 OR length(s) = 0
abs(v) >= 0
random() >= 0
k IN ('a', 'b')
k <> 'c'
k = 'a' OR k = 'b' OR v > 1
n < 100 OR v = 1
n <= 200
m IN ('glad', 'sad')
m = 'glad' OR m = 'sad'
m <> 'glad' OR m <> 'sad'
ctid IS NOT NULL
now() > '2000-01-01'
current_date <> '1999-12-31'
NOT false
'yes'
CASE WHEN true THEN true END
CASE WHEN v > 1 THEN v > 0 ELSE v < 2 END
CASE WHEN d THEN true ELSE NOT d END
""".strip().splitlines()

#: They leave some row out.
SOME = (
    """
v - v = 1
w - w = 0
v + n = n
v * v = v
v % 2 = 0
v < v - 1
EXISTS (SELECT 1 WHERE v > 1)
EXISTS (SELECT 1 FROM u)
EXISTS (SELECT 1 FROM u WHERE u.id = v)
EXISTS (SELECT 1 FROM t AS x WHERE x.v > t.v)
EXISTS (SELECT 1 LIMIT 0)
NOT EXISTS (SELECT 1 FROM t AS x WHERE x.v = t.v)
v IN (SELECT id FROM u)
v = ANY (ARRAY(SELECT v FROM t WHERE d))
v = ANY (ARRAY(SELECT v FROM t LIMIT 2))
v = ANY (ARRAY(SELECT id FROM u))
v IN (SELECT unnest(ARRAY(SELECT v FROM t WHERE d)))
v IN (SELECT v FROM t LIMIT 2)
v IN (SELECT v FROM t WHERE v > 3 OFFSET 1)
v IN (SELECT v FROM t WHERE d UNION SELECT id FROM u)
v IN (WITH x AS (SELECT v FROM t WHERE d) SELECT v FROM x)
v IN (WITH t AS (SELECT v FROM t WHERE v > 1) SELECT v FROM t)
v IN (SELECT y FROM (SELECT n + 9 AS y FROM t) AS x)
v IN (SELECT v FROM (SELECT n + 9 AS v FROM t) AS x)
EXISTS (WITH x AS (SELECT n + 9 AS v FROM t) SELECT FROM x WHERE x.v = t.v)
v IN (SELECT v FROM t GROUP BY v HAVING count(*) > 1000)
(v, s) IN (SELECT v, s FROM t WHERE d)
v NOT IN (SELECT v FROM t WHERE d)
v NOT IN (SELECT x.v FROM t AS x WHERE x.v <> t.v OR x.v = 1)
NOT EXISTS (SELECT FROM t AS x WHERE x.v <> t.v)
(SELECT count(*) FROM t) > 1000
(SELECT count(*) FROM t WHERE v > 99) > 0
(SELECT count(*) FROM t AS x WHERE x.v > t.v) > 0
v < (SELECT max(v) FROM t)
v >= (SELECT max(v) FROM t)
v <= (SELECT max(v) FROM t WHERE v < 3)
v <= (SELECT max(n) - 3 FROM t WHERE n < 3)
v <= (SELECT max(id) FROM u)
v > (SELECT min(v) FROM t)
w <= (SELECT max(w) FROM t)
v IN (SELECT v FROM t LIMIT 1)
v NOT IN (SELECT v FROM t)
v IN (SELECT n FROM t WHERE d)
v = (SELECT min(v) FROM t)
(SELECT count(*) FROM u) > 0
w = w
w > 0 OR w <= 0
v > 1 OR v < 1
v < 0 OR v > 1
v > n OR v < n
v IN (1, 2) OR v IN (3, 4)
d OR v > 1
d AND NOT d
w IN (1, 2) OR w NOT IN (1, 2)
s > ''
s <> ''
f LIKE '%'
s LIKE 'a%' OR s LIKE 'b%'
length(s) > 0
length(f) >= 0
k IN ('a', 'c')
k = 'a' OR v > 1
n < 3
m = 'glad'
m <> 'sad'
(SELECT count(*) FROM u) >= (SELECT count(*) FROM t)
random() < 0.5 OR random() >= 0.5
s < 'b' OR s > 'b'
'no'
v > 1 AND v <= 1
NULL
now() > '2999-01-01'
""".strip()
    .replace("w OR NOT w > 1\n", "")
    .splitlines()
)


def catalog() -> Catalog:
    made = Catalog()
    columns = tuple(Column(name, type, nullable) for name, (type, nullable) in COLUMNS.items())
    enum = Operation(kind="create_enum", name="mood", values=("glad", "sad"))
    checks = tuple(Constraint("check", expression=each) for each in CHECKS)
    table = Operation(kind="create_table", table="t", columns=columns, constraints=checks)
    replay(made, "a1", [enum, table])
    return made


def filled(connection: Any) -> None:
    """The table, with rows of all sorts."""
    dice = random.Random(3)
    connection.execute("CREATE TYPE mood AS ENUM ('glad', 'sad'); CREATE TABLE u (id int)")
    connection.execute(TABLE)
    for _ in range(300):
        row = [
            dice.choice(("'a'", "'b'") if name == "k" else OF[type]) for name, (type, _) in COLUMNS.items()
        ]
        for at, (_, nullable) in enumerate(COLUMNS.values()):
            if nullable and dice.random() < 0.3:
                row[at] = "NULL"
        connection.execute(f"INSERT INTO t VALUES ({', '.join(row)})")


def test_as_the_server_has_it(connection: Any) -> None:
    dice = random.Random(11)
    filled(connection)
    table, of = catalog().table(None, "t"), catalog()
    by_chance = [random_condition(dice, dice.randint(1, 3)) for _ in range(400)]
    by_chance += [f"{one} OR NOT {one}" for one in by_chance[:100]]
    conditions = [*EVERY, *SOME, *by_chance]
    left_out = [f"count(*) FILTER (WHERE ({each}) IS NOT TRUE)" for each in conditions]
    counted: list[int] = []
    for start in range(0, len(left_out), 100):
        counted += connection.execute(f"SELECT {', '.join(left_out[start : start + 100])} FROM t").fetchone()
    said = {each: holds_for_every_row(each, table, of) for each in conditions}
    every = {each for each, count in zip(conditions, counted, strict=True) if count == 0}
    assert [each for each in EVERY if each not in every] == []
    assert [each for each in EVERY if said[each] is not True] == []
    assert [each for each in SOME if said[each] is True] == []
    assert [each for each in by_chance if said[each] is True and each not in every] == []
    found = sum(said[each] is True for each in by_chance if each in every)
    assert found >= 0.9 * sum(each in every for each in by_chance)
