from alembic import op
import sqlalchemy as sa

revision = "j1"
down_revision = None

metadata = sa.MetaData()
events = sa.Table(
    "events",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("kind", sa.String(20)),
    schema="jobs",
)


def upgrade():
    bind = op.get_bind()
    events.create(bind)
    sa.Table("gone", metadata).drop(bind)


def downgrade():
    events.drop(bind=op.get_bind(), checkfirst=True)
