"""SQLAlchemy's schema objects do in a script what SQLAlchemy itself then sends to the server."""

from __future__ import annotations

import datetime
import decimal
import enum
import textwrap
import uuid
import warnings
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import orm, schema
from sqlalchemy.dialects import postgresql

from migration_lint.operations import Operation
from migration_lint.reading import read_script_text
from migration_lint.reading.sql import read_sql

HEAD = """\
import datetime, decimal, enum, uuid
import sqlalchemy as sa
from alembic import op
from sqlalchemy import orm, schema
revision = "1"
down_revision = None
"""

TABLE = 't = sa.Table("t", sa.MetaData(), sa.Column("id", sa.Integer()), sa.Column("x", sa.Text()))\n'
MAPPED = "class Base(orm.DeclarativeBase):\n    pass\n"

CONVENTION = """m = sa.MetaData(naming_convention={
    "pk": "pk_%(table_name)s", "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ix": "ix_%(column_0N_label)s", "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
})
"""

#: Bodies of `upgrade`, which run with `bind`.
BODIES = {
    "a copy under another name": TABLE + 't.to_metadata(sa.MetaData(), name="other").drop(bind)',
    "in a schema": TABLE + 't.to_metadata(sa.MetaData(), schema="audit").drop(bind)',
    "in that of the MetaData": TABLE + 't.to_metadata(sa.MetaData(schema="audit"), schema=None).drop(bind)',
    "in the one that it had": TABLE + 't.to_metadata(sa.MetaData(schema="audit")).drop(bind)',
    "out of its schema": 't = sa.Table("t", sa.MetaData(), schema="a")\n'
    "t.to_metadata(sa.MetaData(), schema=None).drop(bind)",
    "without the MetaData's schema": 'sa.Table("t", sa.MetaData("a"), schema=schema.BLANK_SCHEMA).drop(bind)',
    "a MetaData with a schema": 'sa.Table("t", sa.MetaData("a")).drop(bind)',
    "a copy is changed alone": TABLE
    + 'u = t.to_metadata(sa.MetaData(), name="u")\nu.append_column(sa.Column("y", sa.Text()))\nt.create(bind)',
    "a column that is copied": TABLE + 'sa.Table("u", sa.MetaData(), t.c.x._copy()).create(bind)',
    "an index that is unique": 'sa.Table("t", sa.MetaData(), sa.Column("x", sa.Text(), index=True, '
    'unique=True), sa.Column("y", sa.Text(), unique=True), sa.Column("z", sa.Text(), index=True)).create(bind)',
    "the server's own column": 'sa.Table("t", sa.MetaData(), sa.Column("x", sa.Text()), '
    'sa.Column("xmin", sa.Integer(), system=True)).create(bind)',
    "an index of its column": TABLE + 'sa.Index("ix", t.c.x, unique=True).create(bind)',
    "by subscript": TABLE + 'sa.Index("ix", t.columns["x"]).create(bind)',
    "hung on the table": TABLE
    + 'sa.Index("ix", t.c.x)\nsa.UniqueConstraint(t.c.id, name="u")\nt.create(bind)',
    "that is dropped": TABLE + 'i = sa.Index("ix", t.c.x)\ni.drop(bind)',
    "all columns": TABLE + 'for c in t.c:\n    sa.Index(f"ix_{c.name}", c).create(bind)',
    "elements": TABLE + "for e in (schema.CreateTable(t), schema.DropTable(t, if_exists=True), "
    'schema.SetTableComment(t), schema.DropSchema("s", cascade=True)):\n    bind.execute(e)',
    "an element makes the table alone": 'bind.execute(schema.CreateTable(sa.Table("t", sa.MetaData(), '
    'sa.Column("x", sa.Text(), index=True))))',
    "constraints": TABLE + 'u = sa.UniqueConstraint(t.c.x, name="u")\n'
    "bind.execute(schema.AddConstraint(u))\nbind.execute(schema.DropConstraint(u))",
    "a view": TABLE + 'bind.execute(schema.CreateView(sa.select(t.c.id, t.c.x), "v", schema="s"))\n'
    'bind.execute(schema.DropView(sa.Table("v", sa.MetaData(), schema="s")))',
    "a table of a query": TABLE + 'bind.execute(schema.CreateTableAs(sa.select(t.c.id), "u"))',
    "a query into a table": TABLE + 'bind.execute(sa.select(t.c.id).where(t.c.id == 1).into("u"))',
    "a child": 'sa.Table("t", sa.MetaData(), sa.Column("x", sa.Text()), postgresql_inherits="p").create(bind)',
    "several parents": 'sa.Table("t", sa.MetaData(), sa.Column("x", sa.Text()), prefixes=["TEMPORARY"], '
    'postgresql_inherits=("p", "q")).create(bind)',
    "annotations": MAPPED
    + """
class T(Base):
    __tablename__ = "t"
    id: orm.Mapped[int] = orm.mapped_column(primary_key=True)
    x: orm.Mapped[str | None] = orm.mapped_column(sa.Text, unique=True)
    y: orm.Mapped["datetime.datetime"] = orm.mapped_column(index=True)
    z: orm.Mapped[bool] = orm.mapped_column("zed", nullable=True)
    w: orm.Mapped[decimal.Decimal] = orm.mapped_column(name="double_u", unique=True)
T.__table__.create(bind)
""",
    "without a value": MAPPED
    + """
class T(Base):
    __tablename__ = "t"
    id: orm.Mapped[uuid.UUID] = orm.mapped_column(primary_key=True)
    x: orm.Mapped[datetime.timedelta]
    y: orm.Mapped[bytes | None]
T.__table__.create(bind)
""",
    "a map of types": """
class Base(orm.DeclarativeBase):
    type_annotation_map = {str: sa.Text(), int: sa.BigInteger()}
class T(Base):
    __tablename__ = "t"
    id: orm.Mapped[int] = orm.mapped_column(primary_key=True)
    x: orm.Mapped[str]
T.__table__.create(bind)
""",
    "mixins and parents": MAPPED
    + """
class Mixin:
    at: orm.Mapped[datetime.date] = orm.mapped_column()
    @orm.declared_attr
    def owner(cls):
        return sa.Column(sa.Text())
    def method(self):
        return 1
class P(Base):
    __tablename__ = "p"
    id = sa.Column(sa.Integer(), primary_key=True)
class T(Mixin, P):
    __tablename__ = "t"
    __table_args__ = (sa.UniqueConstraint("x", name="u"), {"schema": "s"})
    id = sa.Column(sa.Integer(), sa.ForeignKey("p.id"), primary_key=True)
    x = sa.Column(sa.Text())
    parent = orm.relationship(P, viewonly=True, foreign_keys=[id])
T.__table__.create(bind)
""",
    "listeners": TABLE
    + """
sa.event.listen(t, "before_create", schema.DDL("ALTER TABLE a DROP COLUMN x"))
@sa.event.listens_for(t, "after_create")
def after(target, connection, **more):
    connection.execute(schema.DropTable(sa.Table("b", sa.MetaData())))
sa.event.listen(t, "after_drop", schema.DDL("ALTER TABLE never DROP COLUMN x"))
t.create(bind)
""",
    "listeners of a MetaData": 'm = sa.MetaData()\nt = sa.Table("t", m, sa.Column("x", sa.Text()))\n'
    'sa.event.listen(m, "after_create", schema.DDL("DROP TABLE z"))\nm.create_all(bind, checkfirst=False)',
    "a naming convention": CONVENTION
    + """t = sa.Table("t", m, sa.Column("id", sa.Integer(), primary_key=True), sa.Column("x", sa.Text()),
    sa.Column("y", sa.Text(), index=True), sa.UniqueConstraint("x", "y"), sa.Index(None, "x"))
t.create(bind)
u = sa.Table("u", m, sa.Column("x", sa.Text()), sa.Column("t", sa.Integer()), schema="s")
bind.execute(schema.AddConstraint(sa.ForeignKeyConstraint([u.c.t], [t.c.id])))
u.append_constraint(sa.CheckConstraint("x <> ''", name="filled"))
bind.execute(schema.CreateTable(u))
sa.Index(None, u.c.x, u.c.t).create(bind)
bind.execute(schema.DropConstraint(sa.UniqueConstraint(u.c.x)))
""",
    "a long name": CONVENTION
    + 'sa.Table("t" * 40, m, sa.Column("x" * 40, sa.Text(), index=True, unique=True)).create(bind)',
    "a table that is there": 'm = sa.MetaData()\nsa.Table("t", m, sa.Column("x", sa.Text()))\n'
    'sa.Table("t", m).create(bind)',
    "with more columns": 'm = sa.MetaData()\nsa.Table("t", m, sa.Column("x", sa.Text()))\n'
    'sa.Table("t", m, sa.Column("y", sa.Text()), sa.Column("x", sa.Text()), extend_existing=True).create(bind)',
    "views of a MetaData that goes": 'm = sa.MetaData()\nt = sa.Table("t", m, sa.Column("x", sa.Text()))\n'
    'schema.CreateView(sa.select(t.c.x), "v", metadata=m)\nm.drop_all(bind, checkfirst=False)',
    "DDL that is called": 'sa.DDL("ALTER TABLE t DROP COLUMN x")(None, bind)',
    "a type that a function writes": "from sqlalchemy.ext.compiler import compiles\n"
    "class T(sa.types.UserDefinedType):\n    pass\n@compiles(T, 'postgresql')\n"
    "def write(element, compiler, **more):\n    return 'CITEXT'\n"
    'sa.Table("t", sa.MetaData(), sa.Column("x", T())).create(bind)',
    "an index without a name": TABLE + "sa.Index(None, t.c.x).create(bind)",
    "views of a MetaData": 'm = sa.MetaData()\nt = sa.Table("t", m, sa.Column("x", sa.Text()))\n'
    'schema.CreateView(sa.select(t.c.x), "v", metadata=m)\nm.create_all(bind, checkfirst=False)',
}


@pytest.mark.parametrize("name", BODIES)
def test_what_is_read_is_what_is_sent(name: str) -> None:
    body = BODIES[name]
    if not hasattr(schema, "CreateView") and ("View" in body or "CreateTableAs" in body or ".into(" in body):
        pytest.skip("SQLAlchemy has it from 2.1 on")
    sent: list[Operation] = []

    def execute(element: Any, *_: object, **__: object) -> None:
        text = str(element.compile(dialect=postgresql.dialect()))
        sent.extend(read_sql(text, "postgresql").operations)

    bind = sa.create_mock_engine("postgresql://", execute)
    bind.execute = execute
    names = {"sa": sa, "orm": orm, "schema": schema, "bind": bind, "__name__": __name__}
    names |= {"datetime": datetime, "decimal": decimal, "enum": enum, "uuid": uuid}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(compile(body, "<body>", "exec", dont_inherit=True), names)

    upgrade = "def upgrade():\n    bind = op.get_bind()\n" + textwrap.indent(body, "    ")
    read = read_script_text(HEAD + upgrade, "postgresql").upgrade
    assert sorted(map(_essence, read)) == sorted(map(_essence, sent))


_NUMBERED = {"SERIAL": "INTEGER", "BIGSERIAL": "BIGINT"}


def _essence(operation: Operation) -> str:
    """What of an operation is the same, however it is written."""
    columns = sorted(
        (each.name, _NUMBERED.get(each.type or "", each.type), each.nullable, each.generated)
        for each in operation.columns
    )
    constraints = sorted(
        (each.kind, each.columns, each.name)
        for each in operation.constraints
        if each.kind in ("primary_key", "unique")
    )
    index = operation.index
    parts = (
        operation.kind,
        f"{operation.schema}.{operation.table}" if operation.kind != "drop_index" else "",
        operation.column,
        operation.name,
        columns,
        constraints if operation.kind == "create_table" else [],
        None if index is None else (index.name, index.columns, index.unique),
        operation.inherits,
        operation.temporary,
        operation.values if operation.kind == "create_view" else (),
    )
    return repr(parts)
