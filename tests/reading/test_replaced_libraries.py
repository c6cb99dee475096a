"""A script that puts something of its own in the place of a library's parts is opaque where it does."""

from __future__ import annotations

import pytest

from migration_lint.operations import Dialect, Operation
from migration_lint.reading import read_script_text

HEAD = """\
import alembic
import sqlalchemy as sa
from alembic import op
from alembic.operations import Operations, ops
from sqlalchemy import event, schema
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql import ddl
revision = "1"
down_revision = None
"""

OPAQUE = {
    "a type's SQL": '@compiles(sa.Text)\ndef f(element, compiler, **kw):\n    return "text"',
    "of this dialect": '@compiles(sa.Text, "sqlite", "postgresql")\ndef f(*a, **k):\n    return "text"',
    "of a dialect that is not known": "@compiles(sa.Text, NAME)\ndef f(*a, **k):\n    return 'text'",
    "called": "compiles(ddl.DropTable)(lambda *a, **k: 'DROP TABLE x')",
    "more than an own type's SQL": "class T(sa.types.UserDefinedType):\n    pass\n"
    '@compiles(T)\ndef f(element, compiler, **kw):\n    return "text; DROP TABLE x"',
    "an event that gives another statement": "@event.listens_for(sa.Engine, 'before_execute', retval=True)\n"
    "def f(connection, element, *a):\n    return element, a",
    "by its SQL": "event.listen(op.get_bind(), 'before_cursor_execute', lambda *a: a[2:4], retval=True)",
    "where columns are hung on tables": "@event.listens_for(sa.Column, 'before_parent_attach')\n"
    "def f(column, table):\n    column.name = 'x'",
    "where tables are reflected": "@event.listens_for(sa.Table, 'column_reflect')\n"
    "def f(inspector, table, info):\n    info['name'] = 'x'",
    "a directive": "@Operations.implementation_for(ops.RenameTableOp, replace=True)\n"
    "def f(operations, operation):\n    pass",
    "a class of the library": "sa.Text = sa.Integer",
    "its attribute": "sa.types.Integer.__visit_name__ = 'BIGINT'",
    "by a call": "setattr(sa.types.Integer, '__visit_name__', 'BIGINT')",
    "past its own": "type.__setattr__(sa.types.Integer, '__visit_name__', 'BIGINT')",
    "of Alembic": "alembic.op.drop_column = alembic.op.add_column",
    "its names as a dictionary": "vars(sa)['Text'] = sa.Integer",
    "or by it": "sa.types.__dict__.update(Text=sa.Integer)",
    "what carries directives out": "op.get_context().impl.drop_column = op.get_context().impl.add_column",
    "all of it": "op.get_context().impl = object()",
    "how a dialect quotes": "op.get_bind().dialect.identifier_preparer.quote = str.upper",
    "schemas of one statement": "op.get_bind().execute(sa.select(sa.table('t')), "
    "execution_options={'schema_translate_map': {'a': 'b'}})",
    "schemas": "op.get_bind().execution_options(schema_translate_map={'a': 'b'})",
    "schemas by a name": "options = {'schema_translate_map': {None: 'b'}}\n"
    "op.get_bind().execution_options(**options)",
    "schemas of an engine": "sa.create_engine('x', execution_options={'schema_translate_map': {'a': 'b'}})",
    "a DDL element that is not known": "op.execute(schema.AlterView(sa.Table('x', sa.MetaData())))",
    "a visitor": "op.get_bind()._run_ddl_visitor(ddl.SchemaDropper, sa.Table('x', sa.MetaData()))",
    "a visitor of a MetaData": "sa.MetaData()._run_ddl_visitor(op.get_bind(), ddl.SchemaDropper)",
}

QUIET = {
    "another dialect's SQL": '@compiles(sa.BigInteger, "sqlite")\ndef f(*a, **k):\n    return "INTEGER"',
    "an own type": "class T(sa.types.UserDefinedType):\n    pass\n"
    '@compiles(T)\ndef f(element, compiler, **kw):\n    return "varchar(%d)" % element.length',
    "an own function": "class utcnow(sa.sql.expression.FunctionElement):\n    pass\n"
    "@compiles(utcnow, 'postgresql')\ndef f(*a, **k):\n    return \"timezone('utc', now())\"",
    "a listener that looks on": "@event.listens_for(sa.Engine, 'before_cursor_execute')\n"
    "def f(connection, cursor, statement, *more):\n    print(statement)",
    "other options": "op.get_bind().execution_options(isolation_level='AUTOCOMMIT')",
    "no schemas": "op.get_bind().execution_options(schema_translate_map=None)",
}


@pytest.mark.parametrize("name", OPAQUE)
def test_a_replaced_part_of_a_library_is_opaque(name: str) -> None:
    assert "opaque" in [operation.kind for operation in _read(OPAQUE[name]) if operation.tables == ("*",)]


@pytest.mark.parametrize("name", QUIET)
def test_what_replaces_nothing_is_not(name: str) -> None:
    assert [operation for operation in _read(QUIET[name]) if operation.kind == "opaque"] == []


@pytest.mark.parametrize(("dialect", "opaque"), [("mariadb", True), ("mysql", True), ("postgresql", False)])
def test_what_is_written_for_mysql_counts_for_mariadb(dialect: Dialect, opaque: bool) -> None:
    body = '@compiles(sa.Text, "mysql")\ndef f(*a, **k):\n    return "text"'
    assert bool(_read(body, dialect)) == opaque


@pytest.mark.parametrize(
    "own",
    [
        "class T(sa.Integer):\n    __visit_name__ = 'BIGINT'",
        "class T(sa.Integer):\n    pass\n@compiles(T)\ndef f(element, compiler):\n    return compiler.x()",
    ],
)
def test_the_type_of_a_class_that_is_written_by_another_is_not_its_base(own: str) -> None:
    read = _read(f"{own}\nop.alter_column('t', 'x', type_=T(), existing_type=sa.Integer())")
    assert [operation.type for operation in read if operation.kind == "alter_type"] == [None]


def test_an_attribute_that_is_set_past_the_class_is_set() -> None:
    body = """\
class Names:
    column = "x"
    def __setattr__(self, name, value):
        raise TypeError
n = Names()
object.__setattr__(n, "column", "y")
op.drop_column("t", n.column)
"""
    assert [operation.column for operation in _read(body) if operation.kind == "drop_column"] == ["y"]


def _read(body: str, dialect: Dialect = "postgresql") -> tuple[Operation, ...]:
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    return read_script_text(f"{HEAD}def upgrade():\n{lines}", dialect).upgrade
