"""Two ways to write a revision that has run: what a server gets by them is the same, or it is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from .projects import VERSIONS, Files, Runner, revision, script

EVENTS = '"deployment_events"'
ADD = f'op.add_column({EVENTS}, sa.Column("x", sa.Text()))'
ROWS = 'op.bulk_insert(sa.table("t", sa.column("a")), [{"a": 1}])'
TIMED = "SET lock_timeout = '1s'; UPDATE deployment_events SET exit_code = 1"
HINT = "UPDATE /*+ SET_VAR(sql_mode='') */ t SET a = 1"
SAY = "def say(text):\n    logging.info(text)\n\n\nimport logging"


def sql(text: str) -> str:
    return f"op.execute({text!r})"


def table(options: str = "", of_column: str = "") -> str:
    return f'op.create_table("t", sa.Column("a", sa.Integer(){of_column}){options})'


def alter(what: str) -> str:
    return sql(f"ALTER TABLE deployment_events {what}")


def constraint(what: str) -> str:
    return alter(f"ADD CONSTRAINT f {what}")


def foreign_key(options: str = "") -> str:
    return f'op.create_foreign_key("f", {EVENTS}, {EVENTS}, ["id"], ["id"]{options})'


#: (one, the other)
SAME = {
    "arguments by name": (
        ADD,
        f'op.add_column(table_name={EVENTS}, column=sa.Column(name="x", type_=sa.Text()))',
    ),
    "the type's other name": (ADD, ADD.replace("sa.Text()", "sa.TEXT")),
    "nullable, as it is anyway": (ADD, ADD.replace("sa.Text()", "sa.Text(), nullable=True")),
    "what Python has for a default": (ADD, ADD.replace("sa.Text()", "sa.Text(), default=str, doc='why'")),
    "ADD COLUMN": (ADD, alter("ADD COLUMN x TEXT")),
    "DROP COLUMN": (f'op.drop_column({EVENTS}, "hint")', alter('DROP COLUMN "hint"')),
    "RENAME COLUMN": (
        f'op.alter_column({EVENTS}, "hint", new_column_name="tip")',
        alter("RENAME COLUMN hint TO tip"),
    ),
    "TYPE USING": (
        f'op.alter_column({EVENTS}, "hint", type_=sa.Integer(), postgresql_using="hint::int")',
        alter("ALTER COLUMN hint TYPE int USING hint::int"),
    ),
    "SET NOT NULL": (
        f'op.alter_column({EVENTS}, "exit_code", nullable=False, existing_type=sa.Integer())',
        alter("ALTER COLUMN exit_code SET NOT NULL"),
    ),
    "CREATE INDEX": (
        f'op.create_index("i", {EVENTS}, ["kind"], unique=True, postgresql_where=sa.text("exit_code > 1"))',
        sql("CREATE UNIQUE INDEX i ON deployment_events (kind) WHERE exit_code > 1"),
    ),
    "FOREIGN KEY": (
        foreign_key(', ondelete="CASCADE"'),
        constraint("FOREIGN KEY (id) REFERENCES deployment_events (id) ON DELETE CASCADE"),
    ),
    "one statement for two": (f"{alter('ADD a int')}\n{alter('ADD b int')}", alter("ADD a int, ADD b int")),
    "one text for two statements": (
        sql("UPDATE t SET a = 1") + "\n" + sql("UPDATE t SET b = 1"),
        sql("UPDATE t SET a = 1; UPDATE t SET b = 1"),
    ),
    "another time to wait, in one text": (sql(TIMED), sql(TIMED.replace("1s", "2s"))),
    "a text that is put together": (sql("UPDATE t SET a = 1"), "n = 1\nop.execute(f'UPDATE t SET a = {n}')"),
    "now()": (
        f'op.add_column({EVENTS}, sa.Column("x", sa.DateTime(), server_default=sa.func.now()))',
        f'op.add_column({EVENTS}, sa.Column("x", sa.DateTime(), server_default=sa.text("now()")))',
    ),
    "imports in another order beside rows": (f"import re, json\n{ROWS}", f"import json\nimport re\n{ROWS}"),
    "a text that has no hole": tuple(
        f'op.get_bind().execute(sa.text({mark}"DELETE FROM t WHERE a = :a"), {{"a": 1}})'
        for mark in ("f", "")
    ),
    "select() and Table() as SQLAlchemy 2 has them": (
        'm = sa.MetaData()\nt = sa.Table("t", m, autoload=True, autoload_with=op.get_bind())\n'
        "op.get_bind().execute(sa.select([t.c.a, t.c.b]))",
        'm = sa.MetaData()\nt = sa.Table("t", m, autoload_with=op.get_bind())\n'
        "op.get_bind().execute(sa.select(t.c.a, t.c.b))",
    ),
    "a table's options as they were": (
        table(', mysql_engine="A"') + f"\n{ADD}",
        table(', mysql_engine="A"') + "\n" + alter("ADD COLUMN x TEXT"),
    ),
}  # fmt: skip

OTHER = {
    "a default's text": (
        f'op.add_column({EVENTS}, sa.Column("x", sa.Text(), server_default="now()"))',
        f'op.add_column({EVENTS}, sa.Column("x", sa.Text(), server_default=sa.text("now()")))',
    ),
    "how an identity counts": (
        table(of_column=", sa.Identity(start=2, increment=3)"),
        table(of_column=", sa.Identity(start=3, increment=2)"),
    ),
    "which table has an option": (
        table(', mysql_engine="A"') + "\n" + table().replace('"t"', '"u"'),
        table() + "\n" + table(', mysql_engine="A"').replace('"t"', '"u"'),
    ),
    "an option by a name": (
        "of = 7\n" + table(', postgresql_with={"fillfactor": of}'),
        "of = 8\n" + table(', postgresql_with={"fillfactor": of}'),
    ),
    "a table's comment": (table(', comment="a"'), table(', comment="b"')),
    "a column's comment": tuple(f'op.alter_column({EVENTS}, "hint", comment="{text}")' for text in "ab"),
    "which column has a collation": (
        'op.create_table("t", sa.Column("a", sa.Text(collation="C")), sa.Column("b", sa.Text()))',
        'op.create_table("t", sa.Column("a", sa.Text()), sa.Column("b", sa.Text(collation="C")))',
    ),
    "values that are bound": tuple(
        f'op.get_bind().execute(sa.text("UPDATE t SET a = :a, b = :b"), {values})'
        for values in ('{"a": 1, "b": 2}', '{"a": 2, "b": 1}')
    ),
    "a text in a statement with values": tuple(
        f'op.get_bind().execute(sa.text("UPDATE t SET a = {text} WHERE b = :b"), {{"b": 1}})'
        for text in ("'x  y'", "'x y'")
    ),
    "which variable is meant": tuple(
        f'one, other = 1, 2\nop.get_bind().execute(sa.text("DELETE FROM t WHERE a = :a"), {{"a": {name}}})'
        for name in ("one", "other")
    ),
    "STORAGE": (ADD, alter("ADD COLUMN x TEXT STORAGE PLAIN")),
    "an order in an index": (
        f'op.create_index("i", {EVENTS}, ["kind"])', sql("CREATE INDEX i ON deployment_events (kind DESC)"),
    ),
    "MATCH FULL": (
        foreign_key(), constraint("FOREIGN KEY (id) REFERENCES deployment_events (id) MATCH FULL"),
    ),
    "which columns are set to NULL": tuple(
        constraint(f"FOREIGN KEY (id, kind) REFERENCES u (id, kind) ON DELETE SET NULL ({column})")
        for column in ("id", "kind")
    ),
    "CASCADE": (f"op.drop_table({EVENTS})", sql("DROP TABLE deployment_events CASCADE")),
    "UNLOGGED": (table(), sql("CREATE UNLOGGED TABLE t (a INTEGER)")),
    "a security invoker": (
        sql("CREATE VIEW v AS SELECT id FROM deployment_events"),
        sql("CREATE VIEW v WITH (security_invoker = true) AS SELECT id FROM deployment_events"),
    ),
    "an error": (ADD, f'{ADD}\nraise RuntimeError("x")'),
    "a commit": (ADD, f"{ADD}\nop.get_bind().commit()"),
    "the order of rows": tuple(
        f'op.bulk_insert(sa.table("t", sa.column("a")), [{rows}])'
        for rows in ('{"a": 1}, {"a": 2}', '{"a": 2}, {"a": 1}')
    ),
}  # fmt: skip

#: Those of other servers: (dialect, one, the other)
OTHER_ON = {
    "a hint": ("mysql", sql(HINT), sql(HINT.replace("sql_mode=''", "sort_buffer_size=1"))),
    "a string with a backslash": (
        "mysql", sql("UPDATE t SET a='\\' -- x'"), sql("UPDATE t SET a='\\' -- y'"),
    ),
    "no comment": ("mysql", sql("UPDATE t SET a=5--1"), sql("UPDATE t SET a=5--2")),
    "a version's comment": (
        "mysql", sql("UPDATE t SET a=1 /*! , b=2 */"), sql("UPDATE t SET a=1 /*! , b=3 */"),
    ),
    "ON UPDATE": (
        "mysql",
        alter("ADD at timestamp DEFAULT CURRENT_TIMESTAMP"),
        alter("ADD at timestamp DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP"),
    ),
    "what MODIFY restates": (
        "mysql",
        f'op.alter_column({EVENTS}, "hint", nullable=True, existing_type=sa.String(4))',
        f'op.alter_column({EVENTS}, "hint", nullable=True, existing_type=sa.String(5))',
    ),
    "an option that drops more": (
        "mssql",
        f'op.drop_column({EVENTS}, "hint")',
        f'op.drop_column({EVENTS}, "hint", mssql_drop_default=True)',
    ),
}  # fmt: skip

AUDIT = """
class Audit:
    def info(self, text):
        op.bulk_insert(sa.table("t", sa.column("a")), [{"a": text}])


audit = Audit()
"""
PRINT = AUDIT.replace("class Audit:\n    def info(self, text):\n    ", "def print(text):\n").replace(
    "audit = Audit()", ""
)

#: (what stands above, one, the other)
ABOVE = {
    "a function that logs": (SAY, f'{ROWS}\nsay("a")', f'{ROWS}\nsay("b")', False),
    "a function that logs, no more": (SAY, f'{ADD}\nsay("a")', ADD, False),
    "what is called as loggers are": (AUDIT, 'audit.info("a")', 'audit.info("b")', True),
    "what is called print": (PRINT, 'print("a")', 'print("b")', True),
}


@pytest.fixture
def runner(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Runner:
    return Runner(tmp_path, capsys)


def is_found(runner: Runner, before: Files, after: Files) -> bool:
    verdict = runner.change(after, before)
    assert not verdict.error
    return "history-edited-revision" in verdict.rules


@pytest.mark.parametrize("pair", SAME)
def test_the_same(pair: str, runner: Runner) -> None:
    one, other = SAME[pair]
    assert not is_found(runner, revision(one), revision(other))


@pytest.mark.parametrize("pair", OTHER)
def test_another(pair: str, runner: Runner) -> None:
    one, other = OTHER[pair]
    assert is_found(runner, revision(one), revision(other))


@pytest.mark.parametrize("pair", OTHER_ON)
def test_another_on_its_server(pair: str, runner: Runner) -> None:
    dialect, one, other = OTHER_ON[pair]
    before = {"migration-lint.toml": f'dialect = "{dialect}"\n', **revision(one)}
    assert is_found(runner, before, revision(other))


@pytest.mark.parametrize("pair", ABOVE)
def test_what_a_name_means(pair: str, runner: Runner) -> None:
    above, one, other, found = ABOVE[pair]
    path = f"{VERSIONS}/b2.py"
    assert is_found(runner, {path: script(one, more=above)}, {path: script(other, more=above)}) is found


def test_what_nests_too_deep_to_be_compared_is_not_shown_to_be_the_same(runner: Runner) -> None:
    deep = "text = " + " + ".join(['"a"'] * 2_500)
    one, other = f"{deep}\n{sql('UPDATE t SET a = 1')}", f"{deep}\n{sql('UPDATE t SET a=1')}"
    assert is_found(runner, revision(one), revision(other))


CALLS = {
    **revision("from rows import insert\ninsert()"),
    "alembic.ini": "[alembic]\nscript_location = migrations\nprepend_sys_path = migrations\n",
}


def helper(body: str = "[{'a': FIRST}]", more: str = "") -> Files:
    text = (
        "import sqlalchemy as sa\nfrom alembic import op\nFIRST = 1\n"
        f"def insert():\n    op.bulk_insert(sa.table('t', sa.column('a')), {body})\n{more}"
    )
    return {"migrations/rows.py": text}


@pytest.mark.parametrize(
    ("after", "found"),
    [
        (helper("[{'a': 2}]"), True),
        (helper(more="FIRST = 2\n"), True),
        (helper(more="def other():\n    op.drop_table('t')\n"), False),
        (helper(more="SECOND = 2\n"), False),
        (helper("[\n        {'a': FIRST}  # one\n    ]"), False),
    ],
)
def test_a_function_elsewhere(after: Files, found: bool, runner: Runner) -> None:
    assert is_found(runner, {**CALLS, **helper()}, after) is found


def test_a_file_of_rows(runner: Runner) -> None:
    body = 'import csv, os\nwith open(os.path.join(os.path.dirname(__file__), "b2.csv")) as rows:\n' + (
        '    op.bulk_insert(sa.table("t", sa.column("a")), list(csv.DictReader(rows)))'
    )
    before = {**revision(body), f"{VERSIONS}/b2.csv": "a\n1\n"}
    assert is_found(runner, before, {f"{VERSIONS}/b2.csv": "a\n2\n"})


def test_what_env_does_is_judged_by_itself(runner: Runner) -> None:
    env = "from alembic import context\n\n\ndef run():\n    context.configure()\n\n\nrun()\n"
    after = {"migrations/env.py": env.replace("configure()", "configure(transaction_per_migration=True)")}
    assert not is_found(runner, {**revision(ROWS), "migrations/env.py": env}, after)
