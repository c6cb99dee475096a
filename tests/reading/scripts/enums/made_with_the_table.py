import enum

from alembic import op
import sqlalchemy as sa

revision = "k2"
down_revision = None


class Color(enum.Enum):
    red = 1
    blue = 2


def upgrade():
    op.create_table(
        "paints",
        sa.Column("id", sa.Integer),
        sa.Column("color", sa.Enum(Color)),
        sa.Column("gloss", sa.Enum("low", "high", name="gloss")),
        sa.Column("state", sa.Enum("dry", "wet", native_enum=False)),
    )


def downgrade():
    op.drop_table("paints")
