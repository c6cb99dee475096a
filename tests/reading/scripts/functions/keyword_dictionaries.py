from alembic import op
import sqlalchemy as sa

revision = "c4"
down_revision = None

COMMON = {"schema": "s", "existing_type": sa.Integer()}
CHANGES = [
    dict(table_name="t", column_name="a", new_column_name="b"),
    {"table_name": "t", "column_name": "c", "type_": sa.Text()},
]


def upgrade():
    for change in CHANGES:
        op.alter_column(**change, **COMMON)
    arguments = ("t", "d")
    op.drop_column(*arguments, **{"schema": "s"})


def downgrade():
    pass
