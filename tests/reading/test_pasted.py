"""Texts in arguments that become SQL: what SQLAlchemy and Alembic paste as it is, we judge, and only that."""

from __future__ import annotations

import inspect
import io
import warnings
from collections.abc import Iterator, Mapping

import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy.dialects import mssql, mysql, oracle, postgresql, sqlite
from sqlalchemy.sql.elements import quoted_name

from migration_lint.operations import Dialect, Operation
from migration_lint.reading import read_script_text
from migration_lint.reading.models.alembic_api import OPERATIONS, parameters
from migration_lint.reading.models.pasted import CONSTRUCTS, DIRECTIVES
from migration_lint.reading.sql.tokens import tokenize

HEAD = """
import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql.elements import quoted_name
revision, down_revision = "1", None
def upgrade():
"""
DIALECTS: Mapping[Dialect, type[sa.engine.default.DefaultDialect]] = {
    "postgresql": postgresql.dialect,
    "mysql": mysql.dialect,
    "mssql": mssql.dialect,
    "oracle": oracle.dialect,
    "sqlite": sqlite.dialect,
}


def read(body: str, dialect: Dialect = "postgresql") -> list[Operation]:
    return list(read_script_text(f"{HEAD}    {body}\n", dialect).upgrade)


def reasons(body: str, dialect: Dialect = "postgresql") -> list[str]:
    return [each.reason or "" for each in read(body, dialect) if each.kind == "opaque"]


@pytest.mark.parametrize(
    "body",
    [
        "op.add_column('t', sa.Column('c', sa.Text(), server_default=sa.text('1; DROP TABLE u')))",
        "op.add_column('t', sa.Column('c', sa.Text(), sa.Computed('a) STORED, DROP COLUMN b')))",
        "op.add_column('t', sa.Column('c', sa.Text(), sa.CheckConstraint('c) , DROP COLUMN (b')))",
        "op.add_column('t', sa.Column('c', sa.String('10), DROP COLUMN b')))",
        "op.alter_column('t', 'c', type_=sa.Text(), postgresql_using='c, DROP COLUMN b')",
        "op.alter_column('t', 'c', server_default=sa.text('1, DROP COLUMN b'))",
        "op.create_index('i', 't', [sa.text('a); DROP TABLE u; --')])",
        "op.create_index('i', 't', ['a'], postgresql_where=sa.text('a; DROP TABLE u'))",
        "op.create_index('i', 't', ['a'], postgresql_ops={'a': 'x); DROP TABLE u; --'})",
        "op.create_exclude_constraint('x', 't', ('a', '=); DROP TABLE u; --'))",
        "op.create_check_constraint('x', 't', 'a), DROP COLUMN b; --')",
        "op.create_table('t', sa.Column('a', sa.Integer()), postgresql_on_commit='drop; DROP TABLE u')",
        "op.create_table('t', sa.Column('a', sa.Integer()), acme_keyword='1; DROP TABLE u')",
        "op.create_table('t', sa.Column('a', sa.Integer()), sa.CheckConstraint('1; DROP TABLE u'))",
        "op.execute(sa.schema.CreateIndex(sa.Index('i', sa.text('a; DROP TABLE u'))))",
        "sa.Table('t', sa.MetaData(), prefixes=['x; DROP TABLE u; --']).create(op.get_bind())",
        "op.create_table(quoted_name('t (a int); DROP TABLE u; --', quote=False))",
        "op.create_table('t', sa.Column('a int); DROP TABLE u; --', sa.Integer(), quote=False))",
        "op.bulk_insert(sa.table('t', sa.column('a')), [{'a': sa.text('1); DROP TABLE u; --')}])",
        "op.execute(sa.select(sa.column('a')).prefix_with('1; DROP TABLE u; SELECT'))",
        "op.execute(sa.table('t').update().with_hint('; DROP TABLE u', 'x'))",
    ],
)
def test_what_ends_the_statement_is_opaque(body: str) -> None:
    assert reasons(body)


@pytest.mark.parametrize(
    "body",
    [
        "op.execute(sa.select(sa.column('a')).where(sa.column('a') == sa.text('1; DROP TABLE u')))",
        "op.execute(sa.table('t').update().values({'a': sa.literal_column('1; DROP TABLE u')}))",
        "op.execute(sa.select(sa.text('1; DROP TABLE u').label('x')))",
        "op.execute(sa.table('t').select().order_by(-sa.text('1; DROP TABLE u')))",
    ],
)
def test_what_ends_a_statement_of_core_is_read_on(body: str) -> None:
    assert "drop_table" in [each.kind for each in read(body)]


@pytest.mark.parametrize(
    "body",
    [
        "op.add_column('t', sa.Column('c', sa.Text(), server_default='1; DROP TABLE u', comment='; --'))",
        "op.add_column('t', sa.Column('c', sa.Text(), server_default=sa.text(\"'a; b'::text\")))",
        "op.add_column('t', sa.Column('c', sa.JSON(), server_default=sa.text(\"'[]'\\\\:\\\\:jsonb\")))",
        "op.add_column('t', sa.Column('c', sa.Enum('a;', 'b)', name='My Type;')))",
        "op.add_column('t', sa.Column('c', sa.Text(collation='de-DE-x-icu')))",
        "op.create_index('i;', 't', ['a', sa.text('lower(b) DESC NULLS LAST')], postgresql_using='gin',"
        " postgresql_ops={'a': 'gin_trgm_ops'}, postgresql_with={'fillfactor': 70})",
        "op.create_table('t', sa.Column('a', sa.Integer()), prefixes=['UNLOGGED'],"
        " postgresql_partition_by='RANGE (a, b)', postgresql_with={'fillfactor': 70}, mysql_engine='x;')",
        "op.create_exclude_constraint('x', 't', (sa.text('tstzrange(a, b)'), '&&'), ('c', '='))",
        "op.create_foreign_key('f', 't', 'u', ['a'], ['b'], ondelete='SET NULL', initially='DEFERRED')",
        "op.alter_column('t', 'c', type_=sa.Integer(), postgresql_using='c::integer')",
        "op.bulk_insert(sa.table('t', sa.column('a')), [{'a': 'x; y', 'b': sa.text('now()')}])",
        "op.bulk_insert(sa.table('t', sa.column('a')), [{'a': op.inline_literal('x; y')}])",
        "op.execute(sa.table('t').select().with_for_update().with_statement_hint('/*+ x */'))",
        "op.execute(sa.table('t').insert().prefix_with('OR IGNORE'))",
    ],
)
def test_what_belongs_there_and_what_is_quoted_is_not(body: str) -> None:
    assert reasons(body) == []


def test_a_name_without_quotes_is_the_one_that_the_server_makes_of_it() -> None:
    (found,) = read("op.drop_column(quoted_name('EVENTS', quote=False), quoted_name('Hint', quote=True))")
    assert (found.table, found.column) == ("events", "Hint")
    (found,) = read("op.add_column('t', sa.Column('HINT', sa.Text(), quote=False))")
    assert found.column == "hint"


# Against SQLAlchemy and Alembic: whatever they paste, we judge

TEXT = "1); DROP TABLE zz; --"
SHAPES = ("{}", "[{}]", "{{'a': {}}}", "{{{}: 1}}", "sa.text({})", "quoted_name({}, False)")
VALUES = (
    *(shape.format(repr(TEXT)) for shape in SHAPES),
    repr("x'; DROP TABLE zz; --"),
    repr('x"; DROP TABLE zz; --'),
)
CALLS: Mapping[str, str] = {
    "add_column": "op.add_column('t', sa.Column('c', sa.Integer()), {})",
    "alter_column": "op.alter_column('t', 'c', type_=sa.Text(), {})",
    "create_check_constraint": "op.create_check_constraint('n', 't', 'a > 1', {})",
    "create_exclude_constraint": "op.create_exclude_constraint('n', 't', ('a', '='), {})",
    "create_foreign_key": "op.create_foreign_key('n', 't', 'u', ['a'], ['b'], {})",
    "create_index": "op.create_index('n', 't', ['a'], {})",
    "create_primary_key": "op.create_primary_key('n', 't', ['a'], {})",
    "create_table": "op.create_table('t', sa.Column('a', sa.Integer()), {})",
    "create_table_comment": "op.create_table_comment('t', 'x', {})",
    "create_unique_constraint": "op.create_unique_constraint('n', 't', ['a'], {})",
    "drop_column": "op.drop_column('t', 'c', {})",
    "drop_constraint": "op.drop_constraint('n', 't', type_='unique', {})",
    "drop_index": "op.drop_index('n', table_name='t', {})",
    "drop_table": "op.drop_table('t', {})",
    "drop_table_comment": "op.drop_table_comment('t', {})",
    "rename_table": "op.rename_table('t', 'u', {})",
    "Column": "op.create_table('t', sa.Column('a', sa.Integer(), {}))",
    "CheckConstraint": "op.create_table('t', sa.Column('a', sa.Integer()), sa.CheckConstraint('a', {}))",
    "ForeignKey": "op.create_table('t', sa.Column('a', sa.Integer(), sa.ForeignKey('u.b', {})))",
    "ForeignKeyConstraint": "op.create_table('t', sa.Column('a', sa.Integer()), "
    "sa.ForeignKeyConstraint(['a'], ['u.b'], {}))",
    "PrimaryKeyConstraint": "op.create_table('t', sa.Column('a', sa.Integer()), "
    "sa.PrimaryKeyConstraint('a', {}))",
    "UniqueConstraint": "op.create_table('t', sa.Column('a', sa.Integer()), sa.UniqueConstraint('a', {}))",
    "ExcludeConstraint": "op.create_table('t', sa.Column('a', sa.Integer()), "
    "postgresql.ExcludeConstraint(('a', '='), {}))",
    "Table": "sa.Table('t', sa.MetaData(), sa.Column('a', sa.Integer()), {}).create(op.get_bind())",
    "Index": "op.execute(sa.schema.CreateIndex(sa.Index('n', sa.Table('t', sa.MetaData(), "
    "sa.Column('a', sa.Integer())).c.a, {})))",
    "Computed": "op.create_table('t', sa.Column('a', sa.Integer(), sa.Computed({})))",
}
#: The construct that takes what is no parameter of the directive's own.
TAKES = {
    "create_check_constraint": "CheckConstraint",
    "create_exclude_constraint": "ExcludeConstraint",
    "create_foreign_key": "ForeignKeyConstraint",
    "create_index": "Index",
    "create_primary_key": "PrimaryKeyConstraint",
    "create_table": "Table",
    "create_unique_constraint": "UniqueConstraint",
    "drop_index": "Index",
    "drop_table": "Table",
}


def keywords(construct: str) -> Iterator[str]:
    """What a construct of SQLAlchemy takes by name: its own, and its dialects'."""
    made = getattr(sa, construct, None) or postgresql.ExcludeConstraint
    for name, parameter in inspect.signature(made.__init__).parameters.items():
        if parameter.kind in (parameter.KEYWORD_ONLY, parameter.POSITIONAL_OR_KEYWORD) and name != "self":
            yield name
    if construct == "ExcludeConstraint":
        yield from ("name", "deferrable", "initially", "using", "where", "ops")
    for name, dialect in DIALECTS.items():
        for of, given in dialect.construct_arguments or ():
            if issubclass(made, of):
                yield from (f"{name}_{each}" for each in given if each != "*")
                if "*" in given:
                    yield from (f"{name}_{each}" for each in ("engine", "partition_by", "comment"))


def parameters_of(called: str) -> list[str]:
    if called in OPERATIONS:
        own = [each.name for each in parameters(called, False) if each.kind in ("plain", "keyword")]
        return [*own, *(keywords(TAKES[called]) if called in TAKES else ())]
    return list(keywords(called))


@pytest.mark.parametrize("called", [*CONSTRUCTS, *DIRECTIVES])
def test_every_parameter_has_its_form(called: str) -> None:
    known = CONSTRUCTS.get(called) or DIRECTIVES[called]
    open_ended = ("mysql_engine", "mysql_partition_by")
    assert [each for each in parameters_of(called) if each not in known and each not in open_ended] == []


def pasted(call: str, dialect: Dialect) -> bool:
    """Whether Alembic, offline, writes a statement of its own that the call's text has brought along."""
    buffer = io.StringIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        context = MigrationContext.configure(
            dialect=DIALECTS[dialect](), opts={"as_sql": True, "output_buffer": buffer}
        )
        names = {"op": Operations(context), "sa": sa, "postgresql": postgresql, "quoted_name": quoted_name}
        try:
            eval(call, names)
        except Exception:  # what cannot be run does no harm
            return False
    words = [each.word for each in tokenize(buffer.getvalue(), dialect)]
    return any(words[index : index + 2] == ["DROP", "TABLE"] for index in range(len(words)) if "ZZ" in words)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("called", CALLS)
def test_whatever_is_pasted_is_judged(called: str, dialect: Dialect) -> None:
    missed = [
        call
        for parameter in dict.fromkeys(parameters_of(called))
        for value in VALUES
        if pasted(call := CALLS[called].format(f"{parameter}={value}"), dialect)
        if not reasons(call, dialect)
    ]
    assert missed == []
