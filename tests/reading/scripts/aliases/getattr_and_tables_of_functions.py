from alembic import op

revision = "b4"
down_revision = None

ACTIONS = {"drop": op.drop_table, "column": op.drop_column}
NAMES = ["drop_table", "drop_index"]


def upgrade():
    getattr(op, "drop_column")("t", "a")
    ACTIONS["drop"]("gone")
    ACTIONS.get("column")("t", "b")
    for name in NAMES:
        getattr(op, name)("thing")


def downgrade():
    method = "drop_" + "column"
    getattr(op, method)("t", "c")
