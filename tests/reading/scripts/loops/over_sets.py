import sqlalchemy as sa
from alembic import op

revision = "l9"
down_revision = None


def upgrade():
    wanted = {"a", "b"} | {"b", "c"}
    for name in sorted(wanted - {"c"}):
        op.drop_column("t", name)
    there = {column["name"] for column in sa.inspect(op.get_bind()).get_columns("t")}
    for name in {"d"} & there:
        op.drop_column("t", name)


def downgrade():
    there = {column["name"] for column in sa.inspect(op.get_bind()).get_columns("t")}
    for name in {"d"} - there:
        op.add_column("t", sa.Column(name, sa.Text()))
