"""SQLite takes the rows that refer to a table which it drops, where a connection enforces foreign keys.

Alembic carries out each case on a database of SQLite's, and the check says of it what became of the rows.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import NamedTuple

import pytest
from alembic import command
from alembic.config import Config

from migration_lint.check.pipeline import run_check

from .projects import write

ENV = """\
from alembic import context
from sqlalchemy import create_engine, event
{more}

engine = create_engine(context.config.get_main_option("sqlalchemy.url"))
{listener}

with engine.connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
"""
LISTENER = """\
@event.listens_for({engine}, "connect")
def enforce(connection, record):
    connection.execute("PRAGMA foreign_keys = ON")
"""
IMPORTS = "from sqlalchemy import event\nfrom sqlalchemy.engine import Engine\n\n"
BATCH = "with op.batch_alter_table('p') as batch:\n        batch.{}"
RETYPED = BATCH.format("alter_column('n', type_=sa.Integer())")
REBUILT = """\
op.execute("CREATE TABLE p_new (id INTEGER PRIMARY KEY, n INTEGER)")
    op.execute("INSERT INTO p_new SELECT id, n FROM p")
    op.execute("DROP TABLE p")
    op.execute("ALTER TABLE p_new RENAME TO p")"""
ON, OFF = (f'op.execute("PRAGMA foreign_keys={each}")\n    ' for each in ("ON", "0"))


class Case(NamedTuple):
    change: str
    enforces: str = "env"  # where a connection is told to: env, module, or ""
    acts: str = "CASCADE"


CASES = {
    "batch mode": Case(RETYPED),
    "batch mode, by a module": Case(RETYPED, "module"),
    "batch mode where nothing is enforced": Case(RETYPED, ""),
    "batch mode where the revision has it enforced": Case(ON + RETYPED, ""),
    "batch mode where the revision has it not enforced": Case(OFF + RETYPED),
    "batch mode, and it adds a column": Case(BATCH.format("add_column(sa.Column('z', sa.Integer()))")),
    "batch mode, and it adds a column always": Case(
        BATCH.replace("('p')", "('p', recreate='always')").format("add_column(sa.Column('z', sa.Integer()))")
    ),
    "batch mode, and it makes an index": Case(BATCH.format("create_index('i', ['n'])")),
    "batch mode, and another action": Case(RETYPED, acts="SET NULL"),
    "a table by the side": Case(REBUILT),
    "a table by the side where nothing is enforced": Case(REBUILT, ""),
    "the table is dropped": Case('op.drop_table("p")'),
    "all its rows are deleted": Case('op.execute("DELETE FROM p")'),
    "all its rows are put anew": Case('op.execute("INSERT OR REPLACE INTO p SELECT * FROM p")'),
    "all its rows are put anew, by the short word": Case('op.execute("REPLACE INTO p SELECT id, n FROM p")'),
    "all its rows are put anew where nothing is enforced": Case(
        'op.execute("REPLACE INTO p SELECT * FROM p")', ""
    ),
    "one of its rows is put anew": Case("op.execute(\"REPLACE INTO p VALUES (2, 'x')\")"),
    "all its rows are written anew, and none is deleted": Case(
        'op.execute("INSERT INTO p SELECT * FROM p WHERE true ON CONFLICT (id) DO UPDATE SET n = 7")'
    ),
    "some of its rows are deleted": Case('op.execute("DELETE FROM p WHERE id = 2")'),
    "all its rows are deleted where nothing is enforced": Case('op.execute("DELETE FROM p")', ""),
}


def project(case: Case) -> dict[str, str]:
    listener = LISTENER.format(engine="engine") if case.enforces == "env" else ""
    more = "import enforced_of_a_test" if case.enforces == "module" else ""
    module = f"{IMPORTS}{LISTENER.format(engine='Engine')}" if case.enforces == "module" else ""
    contract = "contract: migration-lint/v1\nid: w.{0}\nservice: w\nrole: {0}\ntables:\n  t:\n    columns:\n"
    contract += "      a: {{type: INTEGER}}\n"
    first = (
        'op.execute("CREATE TABLE p (id INTEGER PRIMARY KEY, n TEXT)")',
        f'op.execute("CREATE TABLE t (a INTEGER REFERENCES p (id) ON DELETE {case.acts})")',
    )
    return {
        "migration-lint.toml": 'dialect = "sqlite"\n',
        "alembic.ini": "[alembic]\nscript_location = m\n",
        "m/env.py": ENV.format(more=more, listener=listener),
        "enforced_of_a_test.py": module,
        "m/versions/a1.py": script("a1", None, "\n    ".join(first)),
        "contracts/p.yaml": contract.format("producer"),
        "contracts/c.yaml": contract.format("consumer"),
    }


def script(revision: str, down: str | None, body: str) -> str:
    head = "import sqlalchemy as sa\nfrom alembic import op\n"
    return f"{head}revision = {revision!r}\ndown_revision = {down!r}\n\n\ndef upgrade():\n    {body}\n"


def upgraded(folder: Path, database: Path, to: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(folder / "m"))
    config.set_main_option("sqlalchemy.url", f"sqlite:///{database}")
    command.upgrade(config, to)


@pytest.mark.parametrize("name", CASES)
def test_as_sqlite_has_it(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    files = project(case)
    base, head, database = tmp_path / "base", tmp_path / "head", tmp_path / "database"
    write(base, files)
    write(head, {**files, "m/versions/b2.py": script("b2", "a1", case.change)})
    found = run_check(head, base=str(base), head=str(head), environ={}, use_cache=False).findings
    if case.enforces == "module":  # a listener of all engines would stay for other tests
        assert "contract-rows-deleted" in {each.rule for each in found}
        return
    upgraded(head, database, "a1")
    with sqlite3.connect(database) as connection:
        connection.execute("INSERT INTO p VALUES (1, '1')")
        connection.execute("INSERT INTO t VALUES (1)")
    connection.close()
    upgraded(head, database, "b2")
    connection = sqlite3.connect(database)
    rows = connection.execute("SELECT count(*) FROM t").fetchone()[0]
    connection.close()
    assert ("contract-rows-deleted" in {each.rule for each in found}) == (rows == 0)
