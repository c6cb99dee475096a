from alembic import op
import sqlalchemy as sa

revision = "j5"
down_revision = None


def upgrade():
    made = op.create_table("kinds", sa.Column("id", sa.Integer), sa.Column("name", sa.Text))
    op.bulk_insert(made, [{"id": 1, "name": "a"}])
    op.drop_column(made.name, "name")
    columns = [sa.Column(n, sa.Text) for n in ("x", "y")]
    op.create_table("more", sa.Column("id", sa.Integer), *columns)


def downgrade():
    pass
