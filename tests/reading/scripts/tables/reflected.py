from alembic import op
import sqlalchemy as sa

revision = "j3"
down_revision = None


def upgrade():
    bind = op.get_bind()
    metadata = sa.MetaData()
    events = sa.Table("events", metadata, autoload_with=bind)
    op.drop_column(events.name, "hint")
    metadata.reflect(bind=bind)
    for table in metadata.sorted_tables:
        op.drop_table(table.name)


def downgrade():
    metadata = sa.MetaData()
    metadata.reflect(op.get_bind())
    metadata.drop_all(op.get_bind())
