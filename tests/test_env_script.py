"""What env.py does by itself counts for a change that adds it, and for no other."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from .projects import CONSUMER, PRODUCER, PROJECT, Runner, acknowledging, revision

ENV = "migrations/env.py"
DROP = "ALTER TABLE deployment_events DROP COLUMN hint"
DROPPED, OPAQUE = "contract-column-dropped", "contract-opaque-operation"

PLAIN = """\
import os

from alembic import context
from sqlalchemy import create_engine, event, pool, text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.ddl import DropTable

config = context.config
engine = create_engine(os.environ["DATABASE_URL"], poolclass=pool.NullPool)
{above}

def run_migrations_online():
    with engine.connect() as connection:
        {before}
        context.configure(connection=connection, target_metadata=None{more})
        with context.begin_transaction():
            context.run_migrations()
        {behind}


if context.is_offline_mode():
    context.configure(url=config.get_main_option("sqlalchemy.url"), literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()
else:
    run_migrations_online()
"""


def env(*, above: str = "", before: str = "pass", behind: str = "pass", more: str = "") -> str:
    return PLAIN.format(above=above, before=before, behind=behind, more=more)


EXECUTES = f"connection.execute(text({DROP!r}))"
BASE = {ENV: env()}
FINDS: dict[str, tuple[Mapping[str, str], str]] = {
    "before the migrations": ({ENV: env(before=EXECUTES)}, DROPPED),
    "behind the migrations": ({ENV: env(behind=EXECUTES)}, DROPPED),
    "at its top": ({ENV: env(above=f"with engine.begin() as c:\n    c.execute(text({DROP!r}))\n")}, DROPPED),
    "in a function of its own": (
        {ENV: env(above=f"def tidy(connection):\n    {EXECUTES}\n", before="tidy(connection)")},
        DROPPED,
    ),
    "in a module that it imports": (
        {
            "acme/__init__.py": "",
            "acme/tidy.py": f"from sqlalchemy import text\n\n\ndef tidy(connection):\n    {EXECUTES}\n",
            "alembic.ini": PROJECT["alembic.ini"] + "prepend_sys_path = .\n",
            ENV: env(above="from acme.tidy import tidy\n", before="tidy(connection)"),
        },
        DROPPED,
    ),
    "with op": (
        {
            ENV: env(
                above="from alembic.operations import Operations\n",
                behind="Operations(context.get_context()).drop_column('deployment_events', 'hint')",
            )
        },
        DROPPED,
    ),
    "when a version is applied": (
        {
            ENV: env(
                above="def applied(*, ctx, step, heads, run_args):\n"
                f"    ctx.connection.execute(text({DROP!r}))\n",
                more=", on_version_apply=applied",
            )
        },
        DROPPED,
    ),
    "when a connection is made": (
        {
            ENV: env(
                above=f"@event.listens_for(engine, 'connect')\ndef connected(dbapi, record):\n"
                f"    dbapi.cursor().execute({DROP!r})\n"
            )
        },
        DROPPED,
    ),
    "a listener that writes statements anew": (
        {
            ENV: env(
                above="@event.listens_for(engine, 'before_cursor_execute', retval=True)\n"
                "def anew(conn, cursor, statement, parameters, ctx, many):\n"
                "    return statement, parameters\n"
            )
        },
        OPAQUE,
    ),
    "the same, registered by a call": (
        {
            ENV: env(
                above="def anew(conn, clause, multi, params, options):\n    return clause, multi, params\n"
                "event.listen(engine, 'before_execute', anew, retval=True)\n"
            )
        },
        OPAQUE,
    ),
    "another form of a statement": (
        {ENV: env(above="@compiles(DropTable)\ndef drop(element, compiler, **kw):\n    return 'x'\n")},
        OPAQUE,
    ),
    "what cannot be worked out": (
        {ENV: env(before="connection.execute(text(open(config.get_main_option('sql')).read()))")},
        OPAQUE,
    ),
    "a program": ({ENV: env(above="import subprocess\nsubprocess.run(['psql'])\n")}, OPAQUE),
}


@pytest.fixture
def runner(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Runner:
    return Runner(tmp_path, capsys)


def contract_rules(rules: set[str]) -> set[str]:
    return {rule for rule in rules if rule.startswith("contract-")}


@pytest.mark.parametrize("name", FINDS)
def test_what_env_py_does_counts_for_the_change(name: str, runner: Runner) -> None:
    after, rule = FINDS[name]
    assert contract_rules(runner.change(after, BASE).rules) == {rule}


@pytest.mark.parametrize("name", FINDS)
def test_what_it_did_before_does_not(name: str, runner: Runner) -> None:
    before, _ = FINDS[name]
    edited = {ENV: before[ENV] + "\n# the end\n", **revision("pass")}
    assert contract_rules(runner.change(edited, before).rules) == set()


def test_a_hook_that_changes(runner: Runner) -> None:
    before = FINDS["another form of a statement"][0]
    after = {ENV: before[ENV].replace("return 'x'", "return 'y'")}
    assert contract_rules(runner.change(after, before).rules) == {OPAQUE}


def test_a_module_of_env_py_that_changes(runner: Runner) -> None:
    before = FINDS["in a module that it imports"][0]
    quiet = {**before, "acme/tidy.py": "def tidy(connection):\n    pass\n"}
    assert contract_rules(runner.change({"acme/tidy.py": before["acme/tidy.py"]}, quiet).rules) == {DROPPED}


ORDINARY = {
    "nothing but a comment": env() + "# x\n",
    "a search path": env(before="connection.execute(text('SET search_path TO acme'))"),
    "a role and a limit": env(
        before="connection.execute(text('SET ROLE owner'))",
        behind="connection.execute(text(\"SET lock_timeout = '2s'\"))",
    ),
    "a schema": env(
        before="connection.execute(text('CREATE SCHEMA IF NOT EXISTS acme')); connection.commit()"
    ),
    "an advisory lock": env(before="connection.execute(text('SELECT pg_advisory_lock(42)'))"),
    "a pragma for each connection": env(
        above="@event.listens_for(engine, 'connect')\ndef connected(dbapi, record):\n"
        "    cursor = dbapi.cursor()\n    cursor.execute('PRAGMA foreign_keys=ON')\n    cursor.close()\n"
    ),
    "callbacks of autogenerate": env(
        above="def include_object(object, name, type_, reflected, compare_to):\n    return name != 'x'\n"
        "def process(context, revision, directives):\n    directives[:] = []\n",
        more=", include_object=include_object, process_revision_directives=process, compare_type=True",
    ),
    "a form for another database": env(
        above="@compiles(DropTable, 'sqlite')\ndef drop(element, compiler, **kw):\n    return 'x'\n"
    ),
    "an asynchronous engine": """\
import asyncio

from alembic import context
from sqlalchemy import pool
from sqlalchemy.ext.asyncio import async_engine_from_config

config = context.config


def do_run_migrations(connection):
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()


async def run():
    engine = async_engine_from_config(config.get_section("alembic"), poolclass=pool.NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(do_run_migrations)
    await engine.dispose()


asyncio.run(run())
""",
}


@pytest.mark.parametrize("name", ORDINARY)
def test_what_env_py_does_everywhere_is_quiet(name: str, runner: Runner) -> None:
    found = runner.change({ENV: ORDINARY[name], **revision("pass")}, BASE)
    assert found.status == 0
    assert contract_rules(found.rules) == set()


def test_it_is_acknowledged_like_a_revision(runner: Runner) -> None:
    after = dict(FINDS["what cannot be worked out"][0])
    for path in (PRODUCER, CONSUMER):
        after[path] = acknowledging(PROJECT[path], ENV)
    assert runner.change(after, BASE).status == 0
