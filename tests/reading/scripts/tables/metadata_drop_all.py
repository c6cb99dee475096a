from alembic import op
import sqlalchemy as sa

revision = "j2"
down_revision = None

metadata = sa.MetaData(schema="jobs")
sa.Table("b", metadata, sa.Column("id", sa.Integer, primary_key=True))


def upgrade():
    metadata.create_all(op.get_bind())


def downgrade():
    metadata.drop_all(op.get_bind())
