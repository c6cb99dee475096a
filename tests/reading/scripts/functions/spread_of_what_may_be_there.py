import os

from alembic import op

revision = "a1"
down_revision = None

FULL = os.environ.get("FULL")


def drop(table, *others):
    op.drop_table(table)


def drop_named(table="default"):
    op.drop_table(table)


def upgrade():
    tables = ["a", "b"]
    if FULL:
        tables.remove("a")
    drop(*tables)
    drop(*FULL, "c")


def downgrade():
    named = {}
    if FULL:
        named["table"] = "d"
    drop_named(**named)
