"""What a change makes of a view under contract: a real PostgreSQL says which columns it gives out.

A consumer declares the columns that the view has before the change. Where the server shows another name or
type for one of them afterwards, the check fails with a rule of contracts, and nowhere else.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import pytest

from migration_lint.check.pipeline import run_check

from ..projects import write

TABLES = "CREATE TABLE t (a int, b text NOT NULL, c date); CREATE TABLE u (a int, d numeric(10, 2))"


class Case(NamedTuple):
    view: str  # its query
    change: str  # statements, with `;` between them; AGAIN makes the view anew
    unknown: bool = False  # only the server knows its columns: whatever becomes of them, that is said
    before: str = ""  # a statement of base in front of the view

    @property
    def base(self) -> list[str]:
        before = [self.before] if self.before else []
        return [*TABLES.split("; "), *before, f"CREATE VIEW v AS {self.view}"]

    @property
    def statements(self) -> list[str]:
        return self.change.replace("AGAIN", "DROP VIEW v; CREATE VIEW v").split("; ")


CASES = {
    "made again as it was": Case("SELECT a, b FROM t", "AGAIN AS SELECT a, b FROM t"),
    "made again without a column": Case("SELECT a, b FROM t", "AGAIN AS SELECT a FROM t"),
    "made again with a column more": Case("SELECT a FROM t", "AGAIN AS SELECT a, b FROM t"),
    "made again in another order": Case("SELECT a, b FROM t", "AGAIN AS SELECT b, a FROM t"),
    "replaced with a column more": Case("SELECT a FROM t", "CREATE OR REPLACE VIEW v AS SELECT a, b FROM t"),
    "replaced with another condition": Case(
        "SELECT a FROM t", "CREATE OR REPLACE VIEW v AS SELECT a FROM t WHERE a > 0"
    ),
    "a column is renamed": Case("SELECT a, b FROM t", "ALTER VIEW v RENAME COLUMN a TO x"),
    "a column is renamed as a table's": Case("SELECT a, b FROM t", "ALTER TABLE v RENAME COLUMN a TO x"),
    "a column is renamed and back": Case(
        "SELECT a, b FROM t", "ALTER VIEW v RENAME COLUMN a TO x; ALTER VIEW v RENAME COLUMN x TO a"
    ),
    "another column under the name": Case(
        "SELECT a, b FROM t", "AGAIN AS SELECT a, c AS b FROM t"
    ),
    "another column of the same type": Case(
        "SELECT a FROM t", "AGAIN AS SELECT u.a FROM t, u"
    ),
    "a cast": Case("SELECT a FROM t", "AGAIN AS SELECT a::bigint FROM t"),
    "a cast to its own type": Case("SELECT a FROM t", "AGAIN AS SELECT a::int4 FROM t"),
    "CAST": Case("SELECT a FROM t", "AGAIN AS SELECT CAST(a AS text) FROM t"),
    "the table's column changes its type": Case(
        "SELECT a, b FROM t",
        "DROP VIEW v; ALTER TABLE t ALTER a TYPE bigint; CREATE VIEW v AS SELECT a, b FROM t",
    ),
    "another column of the table changes its type": Case(
        "SELECT a FROM t",
        "DROP VIEW v; ALTER TABLE t ALTER c TYPE timestamp; CREATE VIEW v AS SELECT a FROM t",
    ),
    "the table's column is renamed": Case("SELECT a, b FROM t", "ALTER TABLE t RENAME a TO x"),
    "the table is renamed": Case("SELECT a, b FROM t", "ALTER TABLE t RENAME TO t2"),
    "all columns, with one more": Case(
        "SELECT * FROM t", "ALTER TABLE t ADD COLUMN e int; CREATE OR REPLACE VIEW v AS SELECT * FROM t"
    ),
    "all columns, with one less": Case(
        "SELECT * FROM t", "DROP VIEW v; ALTER TABLE t DROP COLUMN c; CREATE VIEW v AS SELECT * FROM t"
    ),
    "all columns of one of two": Case(
        "SELECT t.*, u.d FROM t JOIN u ON t.a = u.a",
        "AGAIN AS SELECT t.*, u.d FROM t LEFT JOIN u USING (a)",
    ),
    "names in front": Case("SELECT a, b FROM t", "AGAIN (a, x) AS SELECT a, b FROM t"),
    "names in front that are the same": Case(
        "SELECT a, b FROM t", "AGAIN (a, b) AS SELECT t.a, b FROM t"
    ),
    "an alias of the table": Case("SELECT a FROM t", "AGAIN AS SELECT x.a FROM t AS x"),
    "an alias of another table": Case(
        "SELECT a, b FROM t", "AGAIN AS SELECT x.a, d AS b FROM u AS x, t"
    ),
    "it is dropped": Case("SELECT a FROM t", "DROP VIEW v"),
    "it is renamed": Case("SELECT a FROM t", "ALTER VIEW v RENAME TO w"),
    "it goes with its table": Case("SELECT a FROM t", "DROP TABLE t CASCADE"),
    "a table takes its place": Case("SELECT a, b FROM t", "DROP VIEW v; CREATE TABLE v (a int, b text)"),
    "a table of other types takes its place": Case(
        "SELECT a, b FROM t", "DROP VIEW v; CREATE TABLE v (a int, b int)"
    ),
    "an expression that stays": Case(
        "SELECT a, upper(b) AS b FROM t",
        "AGAIN AS SELECT a, upper(b) AS b FROM t WHERE a > 1",
    ),
    "a column that it reads goes with CASCADE": Case(
        "SELECT a FROM t", "ALTER TABLE t DROP COLUMN a CASCADE"
    ),
    "a column of its condition goes with CASCADE": Case(
        "SELECT a FROM t WHERE b > ''", "ALTER TABLE t DROP COLUMN b CASCADE"
    ),
    "another column goes with CASCADE": Case("SELECT a FROM t", "ALTER TABLE t DROP COLUMN c CASCADE"),
    "the same text over a column of another type": Case(
        "SELECT max(a) AS a FROM t",
        "DROP VIEW v; ALTER TABLE t ALTER a TYPE bigint; CREATE VIEW v AS SELECT max(a) AS a FROM t",
    ),
    "the same text over what is not known any more": Case(
        "WITH q AS (SELECT * FROM t) SELECT * FROM q",
        "DROP VIEW v; ALTER TABLE t DROP COLUMN c;"
        " CREATE VIEW v AS WITH q AS (SELECT * FROM t) SELECT * FROM q",
    ),
    "replaced by a query that gives out the same": Case(
        "SELECT a, b FROM t",
        "CREATE OR REPLACE VIEW v AS SELECT a, b FROM t UNION SELECT a, 'x' FROM u",
    ),
    "a view of a view": Case(
        "SELECT a, b FROM t",
        "DROP VIEW v; CREATE VIEW w AS SELECT a::bigint AS a, b FROM t; CREATE VIEW v AS SELECT * FROM w",
    ),
    # What is made again as it was, however its columns are told
    "WITH, made again": Case(
        "WITH q AS (SELECT a, b FROM t) SELECT a, b FROM q",
        "AGAIN AS WITH q AS (SELECT a, b FROM t) SELECT a, b FROM q",
    ),
    "WITH, made again with another condition": Case(
        "WITH q AS (SELECT a, b FROM t) SELECT a, b FROM q",
        "AGAIN AS WITH q AS (SELECT a, b FROM t WHERE a > 0) SELECT a, b FROM q",
        unknown=True,
    ),
    "WITH, made again with another type": Case(
        "WITH q AS (SELECT a, b FROM t) SELECT a, b FROM q",
        "AGAIN AS WITH q AS (SELECT a::bigint AS a, b FROM t) SELECT a, b FROM q",
    ),
    "UNION, made again": Case(
        "SELECT a, b FROM t UNION ALL SELECT a, 'x' FROM u",
        "AGAIN AS SELECT a, b FROM t UNION ALL SELECT a, 'x' FROM u",
    ),
    "UNION, made again with another type": Case(
        "SELECT a, b FROM t UNION ALL SELECT a, 'x' FROM u",
        "AGAIN AS SELECT a, b FROM t UNION ALL SELECT d, 'x' FROM u",
    ),
    "JOIN USING, made again": Case(
        "SELECT a, b, d FROM t JOIN u USING (a)", "AGAIN AS SELECT a, b, d FROM t JOIN u USING (a)"
    ),
    "JOIN USING, made again with another join": Case(
        "SELECT a, b, d FROM t JOIN u USING (a)", "AGAIN AS SELECT a, b, d FROM t LEFT JOIN u USING (a)"
    ),
    "JOIN USING, made again of all": Case(
        "SELECT * FROM t JOIN u USING (a)", "AGAIN AS SELECT * FROM t JOIN u USING (a)"
    ),
    "functions, made again": Case(
        "SELECT count(*) AS n, max(c) AS c FROM t", "AGAIN AS SELECT count(*) AS n, max(c) AS c FROM t"
    ),
    "functions without names, made again": Case(
        "SELECT count(*), coalesce(max(a), 0) FROM t", "AGAIN AS SELECT count(*), coalesce(max(a), 0) FROM t"
    ),
    "functions, made again with another condition": Case(
        "SELECT count(*) AS n FROM t", "AGAIN AS SELECT count(*) AS n FROM t WHERE a > 0"
    ),
    "a subquery, made again": Case(
        "SELECT q.a FROM (SELECT a FROM t) q", "AGAIN AS SELECT q.a FROM (SELECT a FROM t) q"
    ),
    "made again, in another spelling": Case(
        "SELECT a, b FROM t", "AGAIN AS\n  select t.a,\n t.b\n from t"
    ),
    "WITH, made again in another spelling": Case(
        "WITH q AS (SELECT a FROM t) SELECT a FROM q",
        "AGAIN AS\n with q as ( select a from t )\n select a from q",
    ),
    "made again with its schema": Case(
        "SELECT a, b FROM t", "DROP VIEW v; CREATE VIEW public.v AS SELECT a, b FROM t"
    ),
    "made again on a path": Case(
        "SELECT a, b FROM t",
        "SET LOCAL search_path TO public; DROP VIEW v; CREATE VIEW public.v AS SELECT a, b FROM t",
    ),
    "replaced on a path of several": Case(
        "SELECT a, b FROM t",
        "SET LOCAL search_path TO public, pg_temp; CREATE OR REPLACE VIEW public.v AS SELECT a, b FROM t",
    ),
    "made again with its table and its schema": Case(
        "WITH q AS (SELECT a FROM t) SELECT a FROM q",
        "SET LOCAL search_path TO public; DROP VIEW v; "
        "CREATE VIEW public.v AS WITH q AS (SELECT a FROM public.t) SELECT a FROM q",
    ),
    "CREATE TABLE AS in its place": Case(
        "SELECT a, b FROM t", "DROP VIEW v; CREATE TABLE v AS SELECT a, b FROM t"
    ),
    "CREATE TABLE AS of all in its place": Case(
        "SELECT a, b FROM t", "DROP VIEW v; CREATE TABLE v AS SELECT * FROM t"
    ),
    "CREATE TABLE AS of other columns in its place": Case(
        "SELECT a, b FROM t", "DROP VIEW v; CREATE TABLE v AS SELECT a FROM t"
    ),
    "CREATE TABLE AS of another type in its place": Case(
        "SELECT a, b FROM t", "DROP VIEW v; CREATE TABLE v AS SELECT a::bigint AS a, b FROM t"
    ),
    "a materialized view in its place": Case(
        "SELECT a, b FROM t", "DROP VIEW v; CREATE MATERIALIZED VIEW v AS SELECT a, b FROM t"
    ),
    "what it reads goes with CASCADE": Case(
        "SELECT w.a FROM w", "DROP VIEW w CASCADE", before="CREATE VIEW w AS SELECT a FROM t"
    ),
    "nothing that is its": Case("SELECT a FROM t", "ALTER TABLE t ADD COLUMN e int"),
}  # fmt: skip


def given(run: Any) -> dict[str, str]:
    """The view's columns and their types, as the server has them."""
    rows = run.execute(
        "SELECT attname::text, format_type(atttypid, atttypmod) FROM pg_attribute"
        " WHERE attrelid = to_regclass('v') AND attnum > 0 AND NOT attisdropped"
    )
    return dict(rows.fetchall())


def script(revision: str, down: str | None, statements: list[str]) -> str:
    body = "".join(f"    op.execute({each!r})\n" for each in statements)
    return (
        f"from alembic import op\nrevision = {revision!r}\ndown_revision = {down!r}\n\ndef upgrade():\n{body}"
    )


def rules(folder: Path, case: Case, columns: dict[str, str]) -> list[str]:
    """The contract rules that fail the change, of a consumer that declares these columns."""
    said = "".join(f"      {name}: {{type: {type!r}}}\n" for name, type in columns.items())
    base = {
        "alembic.ini": "[alembic]\nscript_location = m\n",
        "m/versions/a1.py": script("a1", None, case.base),
        "contracts/r.yaml": "contract: migration-lint/v1\nid: r.consumer\nservice: r\nrole: consumer\n"
        f"tables:\n  v:\n    columns:\n{said}    producers: none\n",
    }
    write(folder / "base", base)
    write(folder / "head", {**base, "m/versions/b2.py": script("b2", "a1", case.statements)})
    report = run_check(
        folder / "head", base=str(folder / "base"), head=str(folder / "head"), environ={}, use_cache=False
    )
    found = [
        each for each in report.findings if each.rule.startswith("contract-") and each.severity == "error"
    ]
    assert all(each.path == "m/versions/b2.py" and each.line for each in found)
    assert all("which columns it gives out is not known" in each.message for each in found if case.unknown)
    return [each.rule for each in found]


@pytest.mark.parametrize("name", CASES)
def test_as_the_server_has_it(name: str, connection: Any, tmp_path: Path) -> None:
    case = CASES[name]
    for statement in case.base:
        connection.execute(statement)
    before = given(connection)
    for statement in case.statements:
        connection.execute(statement)
    after = given(connection)
    changed = any(after.get(column) != type for column, type in before.items())
    found = rules(tmp_path, case, before)
    assert bool(found) == (changed or case.unknown), (found, before, after)
