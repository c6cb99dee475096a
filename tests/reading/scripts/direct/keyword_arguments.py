from alembic import op
import sqlalchemy as sa

revision = "0002"
down_revision = "0001"


def upgrade():
    op.drop_column(column_name="hint", table_name="deployment_events", schema="jobs")
    op.alter_column(table_name="t", column_name="a", schema="jobs", new_column_name="b", existing_type=sa.Text)
    op.rename_table(old_table_name="t", new_table_name="u", schema="jobs")
    op.drop_table(table_name="gone", schema="jobs")


def downgrade():
    raise NotImplementedError
