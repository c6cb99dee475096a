from alembic import op
import sqlalchemy as sa

revision = "c1"
down_revision = None


def _drop(table, *columns, schema=None):
    for column in columns:
        op.drop_column(table, column, schema=schema)


def _widen(table: str, column: str, type_=sa.BigInteger()) -> None:
    op.alter_column(table, column, type_=type_)


def upgrade():
    _drop("t", "a", "b", schema="s")
    _widen("t", "c")
    _widen(column="d", table="t", type_=sa.Text())


def downgrade():
    _drop(*("t", "e"))
