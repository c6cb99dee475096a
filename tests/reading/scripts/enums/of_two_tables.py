from alembic import op
import sqlalchemy as sa

revision = "k4"
down_revision = "k3"


def upgrade():
    # The second table takes the type that the first has made.
    op.create_table("paints", sa.Column("gloss", sa.Enum("low", "high", name="gloss")))
    op.create_table("floors", sa.Column("gloss", sa.Enum("low", "high", name="gloss")))
    op.create_table_comment("floors", "what people walk on")
