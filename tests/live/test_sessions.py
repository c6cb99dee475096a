"""Which tables lose all their rows to a session of SQLAlchemy's ORM, as SQLite and PostgreSQL have it."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
import sqlalchemy.orm
from alembic.migration import MigrationContext
from alembic.operations import Operations

from migration_lint.catalog.model import Catalog
from migration_lint.catalog.replay import Journal, replay
from migration_lint.operations import Dialect
from migration_lint.reading import read_script_text

pytestmark = pytest.mark.one_in(2)

#: Two runs; three events of other kinds, each of one of them; and notes, which nothing refers to. Owners with
#: parts, which have to have one, and crumbs of these, of which one is nobody's.
TABLES = """
CREATE TABLE runs (id int NOT NULL PRIMARY KEY, name text);
CREATE TABLE events (id int NOT NULL PRIMARY KEY, kind text NOT NULL, hint text,
    run_id int REFERENCES runs (id) ON DELETE CASCADE);
CREATE TABLE notes (id int NOT NULL PRIMARY KEY, event_id int, body text NOT NULL);
CREATE TABLE owners (id int NOT NULL PRIMARY KEY);
CREATE TABLE parts (id int NOT NULL PRIMARY KEY, owner_id int NOT NULL REFERENCES owners (id));
CREATE TABLE crumbs (id int NOT NULL PRIMARY KEY, part_id int REFERENCES parts (id));
"""
ROWS = """
INSERT INTO runs VALUES (1, 'one'), (2, 'two');
INSERT INTO events VALUES (1, 'gone', 'a', 1), (2, 'kept', 'b', 1), (3, 'note', NULL, 2);
INSERT INTO owners VALUES (1), (2);
INSERT INTO parts VALUES (1, 1), (2, 1), (3, 2);
INSERT INTO crumbs VALUES (1, 1), (2, 3), (3, NULL);
INSERT INTO notes VALUES (1, 1, 'x'), (2, 2, 'y'), (3, 3, 'z'), (4, NULL, '');
"""
HEADER = """\
import sqlalchemy as sa
from alembic import op
from sqlalchemy import orm
from sqlalchemy.orm import Query, Session, aliased, declarative_base, scoped_session, sessionmaker

Base = declarative_base()


class Run(Base):
    __tablename__ = "runs"
    id = sa.Column(sa.Integer, primary_key=True)
    name = sa.Column(sa.Text)


class Event(Base):
    __tablename__ = "events"
    id = sa.Column(sa.Integer, primary_key=True)
    kind = sa.Column(sa.Text)
    hint = sa.Column("hint", sa.Text)
    run_id = sa.Column(sa.Integer)


class Note(Base):
    __tablename__ = "notes"
    id = sa.Column(sa.Integer, primary_key=True)
    event_id = sa.Column(sa.Integer)
    body = sa.Column(sa.Text)


class Owner(Base):
    __tablename__ = "owners"
    id = sa.Column(sa.Integer, primary_key=True)
    parts = orm.relationship("Part", cascade="all, delete-orphan")


class Part(Base):
    __tablename__ = "parts"
    id = sa.Column(sa.Integer, primary_key=True)
    owner_id = sa.Column(sa.ForeignKey("owners.id"), nullable=False)
    crumbs = orm.relationship("Crumb", cascade="all", backref="part")


class Crumb(Base):
    __tablename__ = "crumbs"
    id = sa.Column(sa.Integer, primary_key=True)
    part_id = sa.Column(sa.ForeignKey("parts.id"))


events = sa.table("events", sa.column("id"), sa.column("kind"))


def upgrade():
    bind = op.get_bind()
    session = Session(bind=bind)
"""


def bodies(name: str) -> dict[str, str]:
    """The forms of one file below `sessions`, by their names."""
    text = Path(__file__).with_name("sessions").joinpath(name).read_text(encoding="utf-8")
    return dict(re.findall(r"^=== (.+)\n((?:(?!===).*\n)*)", text, re.M))


#: What takes all rows of a table, and what takes some, or none.
EVERY, SOME = bodies("every_row.txt"), bodies("some_rows.txt")
CASES = EVERY | SOME


def code_of(body: str) -> str:
    """A form as a whole script."""
    return HEADER + textwrap.indent(body, "    ")


def said(body: str, dialect: Dialect) -> set[str]:
    """The tables of which the product says that all rows go."""
    catalog, journal = Catalog(dialect), Journal()
    made = f"def upgrade():\n    op.execute('''{TABLES}''')\n"
    replay(catalog, "a1", read_script_text("from alembic import op\n" + made, dialect).upgrade)
    operations = read_script_text(code_of(body), dialect).upgrade
    assert [each.reason for each in operations if each.kind == "opaque"] == []
    replay(catalog, "b2", operations, journal)
    taken = (each.table for each in journal.entries if each.effect == "rows_taken")
    names = {table.identity: table.name for table in catalog.tables()}
    return {names[each] for each in taken}


def lost(connection: sa.Connection, body: str) -> set[str]:
    """The tables that hold nothing any more, once it ran."""
    for statement in (TABLES + ROWS).strip().split(";\n"):
        connection.exec_driver_sql(statement.removesuffix(";"))
    with Operations.context(MigrationContext.configure(connection)):
        names: dict[str, object] = {}
        exec(code_of(body), names)
        upgrade = names["upgrade"]
        assert callable(upgrade)
        upgrade()
    counted = {
        name: connection.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar()
        for name in ("runs", "events", "notes", "owners", "parts", "crumbs")
    }
    return {name for name, count in counted.items() if not count}


@pytest.fixture
def sqlite() -> Iterator[sa.Connection]:
    with sa.create_engine("sqlite://").connect() as connection:
        yield connection


@pytest.mark.parametrize("name", CASES)
def test_as_sqlite_has_it(sqlite: sa.Connection, name: str) -> None:
    gone = lost(sqlite, CASES[name])
    assert bool(gone) == (name in EVERY)
    assert said(CASES[name], "sqlite") == gone


@pytest.mark.sampled
@pytest.mark.parametrize("name", CASES)
def test_as_postgresql_has_it(engine: sa.Engine, name: str) -> None:
    with engine.connect() as connection, connection.begin() as transaction:
        gone = lost(connection, CASES[name])
        transaction.rollback()
    assert said(CASES[name], "postgresql") == gone
