from alembic import op
import sqlalchemy as sa

revision = "d1"
down_revision = None

TABLES = ("users", "teams")
COLUMNS = {"created": sa.DateTime(), "updated": sa.DateTime()}


def upgrade():
    for table in TABLES:
        for name, type_ in COLUMNS.items():
            op.add_column(table, sa.Column(name, type_))
    for i in range(2):
        op.drop_column("t", f"slot_{i}")
    for index, name in enumerate(["x", "y"], start=1):
        op.drop_table(f"{name}{index}")


def downgrade():
    for table in reversed(TABLES):
        [op.drop_column(table, name) for name in sorted(COLUMNS)]
