from alembic import op
import sqlalchemy as sa
from sqlalchemy import types
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import JSONB, UUID as PgUUID

revision = "a4"
down_revision = "a3"

Money = sa.Numeric(precision=18, scale=4)


def upgrade():
    op.alter_column("t", "a", type_=sa.String(50))
    op.alter_column("t", "b", type_=sa.String)
    op.alter_column("t", "c", type_=Money)
    op.alter_column("t", "d", type_=JSONB(astext_type=sa.Text()))
    op.alter_column("t", "e", type_=PgUUID(as_uuid=True), postgresql_using="e::uuid")
    op.alter_column("t", "f", type_=postgresql.ARRAY(types.Integer()))
    op.alter_column("t", "g", type_=sa.DateTime(timezone=True))
    op.alter_column("t", "h", type_=sa.String(50).with_variant(postgresql.CITEXT(), "postgresql"))
    op.alter_column("t", "i", type_=sa.Enum("a", "b", name="kind"))


def downgrade():
    pass
