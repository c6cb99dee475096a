"""A script without downgrade, as six in a hundred are."""

from alembic import op

revision = "l4"
down_revision = ("l2", "l3")


def upgrade():
    """Nothing but this."""
    op.drop_table("t")
