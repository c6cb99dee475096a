"""The dialect of a database, where the configuration does not say it: what its files say, with a note."""

from __future__ import annotations

from pathlib import Path

import pytest

from .projects import Files, report, script, write

TABLE = 'op.create_table("log", sa.Column("at", sa.DateTime(timezone=True)), sa.Column("x", sa.Text()))'
BATCH = 'with op.batch_alter_table("log") as b:\n    b.add_column(sa.Column("y", sa.Text()))'
INI = "[alembic]\nscript_location = migrations\n"
ENV = "from alembic import context\nfrom sqlalchemy import create_engine\n{}\n"
FIRST = "migrations/versions/a1.py"
OWN = "migration-lint.toml"

PLAIN: Files = {"alembic.ini": INI, FIRST: script(TABLE, "a1", None)}
MYSQL = f"{INI}sqlalchemy.url = mysql+pymysql://u:p%%40@localhost/x\n"
SQLITE = f"{INI}# where\nsqlalchemy.url = sqlite:///x.db\n"


def importing(*dialects: str) -> dict[str, str]:
    more = "\n".join(f"from sqlalchemy.dialects import {each}" for each in dialects)
    return {FIRST: script(TABLE, "a1", None, more)}


def address(text: str) -> dict[str, str]:
    return {"alembic.ini": f"{INI}sqlalchemy.url = {text}\n"}


def needs(*packages: str) -> str:
    return f'[project]\nname = "app"\nversion = "1"\ndependencies = {list(packages)}\n'


def settings(text: str) -> Files:
    """What env.py imports, from a module under `src`."""
    return {
        "migrations/env.py": "from app.settings import url\n",
        "src/app/settings.py": f"# where\n{text}\n",
    }


IMPORT = "from sqlalchemy.dialects import mysql"
MADE = 'def url(folder):\n    return "sqlite:///{}/own.db".format(folder)'
BY_DRIVER = "note: alembic.ini: read as mysql, as the only driver that pyproject.toml names says\n"
BY_ADDRESS = "note: alembic.ini: read as mysql, as sqlalchemy.url in alembic.ini:3 says\n"
BY_ENGINE = "note: alembic.ini: read as mysql, as the engine in migrations/env.py says\n"
BY_IMPORT = "note: alembic.ini: read as mysql, as what its scripts import from sqlalchemy.dialects says\n"

#: What there is, the type that a time with a zone has, and the note.
FOUND: dict[str, tuple[Files, str, str]] = {
    "nothing": ({}, "timestamptz", ""),
    "an address": ({"alembic.ini": MYSQL}, "datetime", BY_ADDRESS),
    "an address to be filled in": (address("driver://u:p@h/d"), "timestamptz", ""),
    "an address from elsewhere": (address("%(DB_URL)s"), "timestamptz", ""),
    "an address for all": (
        {"alembic.ini": f"[DEFAULT]\nsqlalchemy.url = mysql://h/d\n{INI}"},
        "datetime",
        BY_ADDRESS.replace(":3", ":2"),
    ),
    "an address of PostgreSQL": (address("postgres://u:p@h/d"), "timestamptz", ""),
    "an address and a configuration": (
        {"alembic.ini": MYSQL, OWN: 'dialect = "postgresql"\n'}, "timestamptz", "",
    ),
    "an address and a configuration of the database": (
        {"alembic.ini": MYSQL, OWN: '[databases.migrations]\ndialect = "postgresql"\n'}, "timestamptz", "",
    ),
    "SQLite to begin with": ({"alembic.ini": SQLITE}, "timestamptz", ""),
    "SQLite to begin with, and types of another": (
        {"alembic.ini": SQLITE, **importing("mysql")}, "datetime", BY_IMPORT,
    ),
    "SQLite to begin with, and a batch": (
        {"alembic.ini": SQLITE, "migrations/versions/b2.py": script(BATCH)}, "timestamptz", "",
    ),
    "SQLite, and its types": (
        {"alembic.ini": SQLITE, **importing("sqlite")},
        "datetime",
        "note: alembic.ini: read as sqlite, as sqlalchemy.url in alembic.ini:4 says\n",
    ),
    "an engine": (
        {"migrations/env.py": ENV.format("e = create_engine('mysql+pymysql://h')")}, "datetime", BY_ENGINE,
    ),
    "several engines": (
        {"migrations/env.py": ENV.format("create_engine('mysql://h')\ncreate_engine('oracle://h')")},
        "timestamptz", "",
    ),
    "a name": (
        {"migrations/env.py": ENV.format('context.configure(dialect_name="mysql")')},
        "datetime",
        "note: alembic.ini: read as mysql, as dialect_name in migrations/env.py says\n",
    ),
    "an engine that is commented out": (
        {"migrations/env.py": ENV.format("# create_engine('mysql+pymysql://h')")}, "timestamptz", "",
    ),
    "types": (importing("mysql"), "datetime", BY_IMPORT),
    "types in lines of their own": (importing("(\n    mysql,\n)"), "datetime", BY_IMPORT),
    "types of several": (importing("mysql", "postgresql"), "timestamptz", ""),
    "types for each": (
        {FIRST: script(TABLE, "a1", None, f"{IMPORT}\nT = sa.Text().with_variant(mysql.JSON(), 'mysql')")},
        "timestamptz", "",
    ),
    "types of PostgreSQL": (importing("postgresql"), "timestamptz", ""),
    "types of SQLite": (importing("sqlite"), "timestamptz", ""),
    "a driver alone": ({"pyproject.toml": needs("alembic", "PyMySQL>=1")}, "datetime", BY_DRIVER),
    "drivers of several": ({"pyproject.toml": needs("alembic", "pymysql", "asyncpg")}, "timestamptz", ""),
    "a driver, and the extra of another": (
        {"requirements.txt": "sqlalchemy[postgresql]\npymysql\n"}, "timestamptz", "",
    ),
    "a driver, and what an image installs": (
        {"pyproject.toml": needs("alembic", "mysqlclient"), "Dockerfile": "RUN apt add psycopg2\n"},
        "timestamptz", "",
    ),
    "a driver, and a dialect that is not known": (
        {"requirements.txt": "sqlalchemy-redshift\npymysql\n"}, "timestamptz", "",
    ),
    "a driver of somebody else": ({"other/requirements.txt": "alembic\npymysql\n"}, "timestamptz", ""),
    "a driver, and types of another": (
        {"pyproject.toml": needs("alembic", "pymysql"), **importing("postgresql")}, "timestamptz", "",
    ),
    "an address in what env.py imports": (
        {**settings('url = "mysql+aiomysql://u@h/d"')},
        "datetime",
        "note: alembic.ini: read as mysql, as mysql in src/app/settings.py:2 says\n",
    ),
    "an address in what env.py imports, and another driver": (
        {**settings('url = "mysql+aiomysql://u@h/d"'), "requirements.txt": "alembic\nasyncpg\n"},
        "timestamptz", "",
    ),
    "names in what env.py imports": ({**settings('NAME = "mysql"')}, "timestamptz", ""),
    "addresses of several": (settings('url = "mysql://h" if asked else "oracle://h"'), "timestamptz", ""),
    "SQLite that code makes": (
        {**settings(MADE), "pyproject.toml": needs("SQLAlchemy>=2")},
        "datetime",
        "note: alembic.ini: read as sqlite, as sqlite in src/app/settings.py:3 says\n",
    ),
    "SQLite that code makes, and another driver": (
        {**settings(MADE), "requirements/prod.txt": "SQLAlchemy\npsycopg[binary]\n"}, "timestamptz", "",
    ),
    "SQLite that code makes, and another server": (
        {**settings(MADE), "pyproject.toml": needs("alembic"), "compose.yaml": "image: postgres:16\n"},
        "timestamptz", "",
    ),
    "SQLite that code makes, and nobody says what is installed": (settings(MADE), "timestamptz", ""),
    "SQLite that code has for want of another": (
        {**settings('url = getenv("URL", "sqlite:///x.db")'), "pyproject.toml": needs("alembic")},
        "timestamptz", "",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FOUND)
def test_the_dialect(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files, kind, note = FOUND[name]
    write(tmp_path, {**PLAIN, **files})
    made = report(capsys, "contract", "init", "log", "--consumer", "a", "--project", tmp_path)
    assert "exit status 0" in made
    assert f"at: {{type: {kind}" in (tmp_path / "contracts/a.consumer.yaml").read_text()
    said = report(capsys, "parity", tmp_path)
    assert "no findings in 1 contract" in said
    assert [line for line in said.splitlines(True) if "read as" in line] == ([note] if note else [])


def test_databases_of_one_ini_have_their_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ini = (
        "[one]\nscript_location = one\nsqlalchemy.url = mysql://h/d\n"
        "[two]\nscript_location = two\nsqlalchemy.url = postgresql://h/d\n"
    )
    write(tmp_path, {"alembic.ini": ini})
    for name in ("one", "two"):
        write(tmp_path, {f"{name}/versions/a1.py": script(TABLE, "a1", None)})
    for name, kind in (("one", "datetime"), ("two", "timestamptz")):
        init = ("contract", "init", "log", "--consumer", name, "--project", tmp_path, "--database", name)
        assert "exit status 0" in report(capsys, *init)
        assert f"at: {{type: {kind}" in (tmp_path / f"contracts/{name}.consumer.yaml").read_text()


def test_a_change_does_not_choose_another(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What base has is read as base says."""
    contract = (
        "contract: migration-lint/v1\nid: a.{0}\nservice: a\nrole: {0}\n"
        "tables:\n  log:\n    columns:\n      at: {{type: datetime, nullable: true}}\n"
    )
    both = {f"contracts/{role}.yaml": contract.format(role) for role in ("producer", "consumer")}
    base = write(tmp_path / "before", {**PLAIN, **both, "alembic.ini": MYSQL})
    change = script('op.alter_column("log", "at", type_=sa.Date())')
    address = {"alembic.ini": MYSQL.replace("mysql+pymysql", "postgresql")}
    head = write(tmp_path / "after", {**PLAIN, **both, **address, "migrations/versions/b2.py": change})
    found = report(capsys, "check", head, "--base", base, "--head", head)
    assert "log.at changes from datetime to date" in found
    assert BY_ADDRESS in found
