"""Every parameter of every directive: it changes what is read, or there is a reason why it need not."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

import pytest
from alembic.operations import BatchOperations, Operations

from migration_lint.operations import Dialect, to_json
from migration_lint.reading import read_script_text

HEAD = (
    "import sqlalchemy as sa\nfrom alembic import op\nrevision, down_revision = '1', None\ndef upgrade():\n"
)

#: A call with its required arguments alone, `{}` where more go. What is required is named by each anyway.
CALLS: Mapping[str, str] = {
    "add_column": "op.add_column('t', "
    "sa.Column('c', sa.Integer(), sa.ForeignKey('u.b'), primary_key=True){})",
    "alter_column": "op.alter_column('t', 'c'{})",
    "batch_alter_table": "with op.batch_alter_table('t'{}) as b: b.drop_column('c')",
    "bulk_insert": "op.bulk_insert(sa.table('t', sa.column('a')), []{})",
    "create_check_constraint": "op.create_check_constraint('n', 't', 'a > 1'{})",
    "create_exclude_constraint": "op.create_exclude_constraint('n', 't', ('a', '='){})",
    "create_foreign_key": "op.create_foreign_key('n', 't', 'u', ['a'], ['b']{})",
    "create_index": "op.create_index('n', 't', ['a']{})",
    "create_primary_key": "op.create_primary_key('n', 't', ['a']{})",
    "create_table": "op.create_table('t', sa.Column('a', sa.Integer()){})",
    "create_table_comment": "op.create_table_comment('t', 'x'{})",
    "create_unique_constraint": "op.create_unique_constraint('n', 't', ['a']{})",
    "drop_column": "op.drop_column('t', 'c'{})",
    "drop_constraint": "op.drop_constraint('n', 't'{})",
    "drop_index": "op.drop_index('n'{})",
    "drop_table": "op.drop_table('t'{})",
    "drop_table_comment": "op.drop_table_comment('t'{})",
    "execute": "op.execute(sa.schema.DropTable(sa.Table('t', sa.MetaData())){})",
    "rename_table": "op.rename_table('t', 'u'{})",
    "batch.add_column": "with op.batch_alter_table('t') as b: b.add_column("
    "sa.Column('c', sa.Integer(), sa.ForeignKey('u.b'), primary_key=True){})",
    "batch.alter_column": "with op.batch_alter_table('t') as b: b.alter_column('c'{})",
    "batch.create_check_constraint": "with op.batch_alter_table('t') as b: "
    "b.create_check_constraint('n', 'a > 1'{})",
    "batch.create_exclude_constraint": "with op.batch_alter_table('t') as b: "
    "b.create_exclude_constraint('n', ('a', '='){})",
    "batch.create_foreign_key": "with op.batch_alter_table('t') as b: "
    "b.create_foreign_key('n', 'u', ['a'], ['b']{})",
    "batch.create_index": "with op.batch_alter_table('t') as b: b.create_index('n', ['a']{})",
    "batch.create_primary_key": "with op.batch_alter_table('t') as b: b.create_primary_key('n', ['a']{})",
    "batch.create_table_comment": "with op.batch_alter_table('t') as b: b.create_table_comment('x'{})",
    "batch.create_unique_constraint": "with op.batch_alter_table('t') as b: "
    "b.create_unique_constraint('n', ['a']{})",
    "batch.drop_column": "with op.batch_alter_table('t') as b: b.drop_column('c'{})",
    "batch.drop_constraint": "with op.batch_alter_table('t') as b: b.drop_constraint('n'{})",
    "batch.drop_index": "with op.batch_alter_table('t') as b: b.drop_index('n'{})",
    "batch.drop_table_comment": "with op.batch_alter_table('t') as b: b.drop_table_comment({})",
    "batch.execute": "with op.batch_alter_table('t') as b: "
    "b.execute(sa.schema.DropTable(sa.Table('t', sa.MetaData())){})",
}

#: Directives that answer the script, or that others of these are read by, and no parameter of theirs is DDL.
ANSWERS = frozenset(
    """
    batch.batch_alter_table context create_module_class_proxy f get_bind get_context implementation_for
    inline_literal invoke register_operation run_async
    """.split()
)

#: What is given for a parameter so that something else is read; another dialect before it.
DIFFERS: Mapping[str, str] = {
    "schema": "schema='s'",
    "alter_column schema": "nullable=True, schema='s'",
    "source_schema": "source_schema='s'",
    "referent_schema": "referent_schema='s'",
    "if_exists": "if_exists=True",
    "if_not_exists": "if_not_exists=True",
    "inline_references": "inline_references=True",
    "inline_primary_key": "inline_primary_key=True",
    "nullable": "nullable=True",
    "comment": "comment='x'",
    "server_default": "server_default='x'",
    "new_column_name": "new_column_name='d'",
    "type_": "type_=sa.Text()",
    "existing_type": "nullable=True, existing_type=sa.Text()",
    "existing_nullable": "mysql: type_=sa.Text(), existing_nullable=False",
    "existing_server_default": "mysql: type_=sa.Text(), existing_server_default='x'",
    "alter_column existing_comment": "mysql: type_=sa.Text(), existing_comment='x'",
    "autoincrement": "mysql: type_=sa.Integer(), autoincrement=True",
    "existing_autoincrement": "mysql: type_=sa.Integer(), existing_autoincrement=True",
    "postgresql_using": "type_=sa.Text(), postgresql_using='c::text'",
    "onupdate": "onupdate='CASCADE'",
    "ondelete": "ondelete='CASCADE'",
    "deferrable": "deferrable=True",
    "postgresql_not_valid": "postgresql_not_valid=True",
    "unique": "unique=True",
    "postgresql_where": "postgresql_where=sa.text('a > 1')",
    "postgresql_concurrently": "postgresql_concurrently=True",
    "postgresql_include": "postgresql_include=['b']",
    "create_index postgresql_nulls_not_distinct": "postgresql_nulls_not_distinct=True",
    "drop_constraint type_": "type_='unique'",
    "table_name": "table_name='t'",
    "recreate": "recreate='always', copy_from=sa.Table('t', sa.MetaData(), sa.Column('a', sa.Integer()))",
    "copy_from": "sqlite: copy_from=sa.Table('t', sa.MetaData(), sa.Column('a', sa.Integer()))",
    "table_args": "sqlite: table_args=(sa.UniqueConstraint('a'),)",
    "reflect_args": "sqlite: reflect_args=[sa.Column('a', sa.Text())]",
    "reflect_kwargs": "sqlite: reflect_kwargs={'include_columns': ['a']}",
    "execution_options": "execution_options={'schema_translate_map': {None: 's'}}",
    "postgresql_inherits": "postgresql_inherits='u'",
    "prefixes": "prefixes=['TEMPORARY']",
    "postgresql_using index": "postgresql_using='gin'",
}

#: Why nothing else is read with a parameter.
HARMLESS: Mapping[str, str] = {
    "insert_before": "where a column stands, nobody relies on by name",
    "insert_after": "where a column stands, nobody relies on by name",
    "partial_reordering": "where a column stands, nobody relies on by name",
    "table_kwargs": "options of the table: their texts are judged (test_pasted)",
    "naming_convention": "names of constraints that had none",
    "multiinsert": "the same rows, in one statement or in several",
    "initially": "when a deferrable constraint is checked; its text is judged",
    "match": "how a foreign key takes NULL; its text is judged",
    "existing_comment": "what is there stays as it is",
    "postgresql_nulls_not_distinct": "of a constraint: what it holds to be unique is so all the more",
}


def read(call: str, dialect: Dialect) -> list[dict[str, Any]]:
    operations = read_script_text(f"{HEAD}    {call}\n", dialect).upgrade
    places = ("line", "column_offset", "end_line", "end_column_offset")
    return [
        {name: value for name, value in to_json(each).items() if name not in places} for each in operations
    ]


def parameters() -> list[tuple[str, str]]:
    """Directive and parameter, of those that a caller may leave out."""
    found = []
    for api, prefix in ((Operations, ""), (BatchOperations, "batch.")):
        for name in dir(api):
            if name.startswith("_") or prefix + name in ANSWERS or name in ANSWERS:
                continue
            for each, parameter in inspect.signature(getattr(api, name)).parameters.items():
                if parameter.default is not parameter.empty:
                    found.append((prefix + name, each))
    return found


#: What `**kw` takes, as far as Alembic's own documentation names it.
KEYWORDS = [
    ("alter_column", "autoincrement"),
    ("alter_column", "existing_autoincrement"),
    ("alter_column", "postgresql_using"),
    ("create_table", "schema"),
    ("create_table", "prefixes"),
    ("create_table", "postgresql_inherits"),
    ("create_exclude_constraint", "schema"),
    ("create_exclude_constraint", "deferrable"),
    ("create_check_constraint", "postgresql_not_valid"),
    ("create_check_constraint", "deferrable"),
    ("create_foreign_key", "postgresql_not_valid"),
    ("create_unique_constraint", "deferrable"),
    ("create_index", "postgresql_where"),
    ("create_index", "postgresql_concurrently"),
    ("create_index", "postgresql_include"),
    ("create_index", "postgresql_nulls_not_distinct"),
    ("create_unique_constraint", "postgresql_nulls_not_distinct"),
    ("drop_index", "postgresql_concurrently"),
    ("batch.create_index", "unique"),
    ("batch.drop_index", "if_exists"),
    ("batch.drop_column", "if_exists"),
]


@pytest.mark.parametrize(("directive", "parameter"), [*parameters(), *KEYWORDS])
def test_a_parameter_changes_what_is_read_or_has_its_reason(directive: str, parameter: str) -> None:
    plain = directive.removeprefix("batch.")
    given = DIFFERS.get(f"{plain} {parameter}") or (None if parameter in HARMLESS else DIFFERS.get(parameter))
    if not given:
        assert parameter in HARMLESS, f"{directive} has {parameter}, of which nothing is said here"
        return
    before, colon, rest = given.partition(": ")
    dialect: Any = before if colon and before.isidentifier() else "postgresql"
    given = rest if dialect == before else given
    *others, _ = given.split(f", {parameter}=") if f", {parameter}=" in given else [given]
    called = CALLS[directive]
    comma = "" if "({})" in called else ", "
    without = comma + others[0] if others else ""

    assert read(called.format(comma + given), dialect) != read(called.format(without), dialect)


@pytest.mark.parametrize(
    ("dialect", "options", "charset"),
    [
        ("mysql", "mysql_charset='utf8mb4'", "utf8mb4"),
        ("mysql", "mysql_default_charset='latin1', mysql_collate='latin1_bin'", "latin1"),
        ("mysql", "mysql_collate='utf8mb4_unicode_ci'", "utf8mb4"),
        ("mariadb", "mysql_charset='utf8'", "utf8"),
        ("mariadb", "mariadb_charset='utf8'", "utf8"),
        ("mysql", "mariadb_charset='utf8'", None),
        ("mysql", "mysql_engine='InnoDB'", None),
    ],
)
def test_the_character_set_of_a_table(dialect: Dialect, options: str, charset: str | None) -> None:
    text = f"{HEAD}    op.create_table('t', sa.Column('a', sa.Text()), {options})\n"
    (made,) = read_script_text(text, dialect).upgrade
    assert made.charset == charset
