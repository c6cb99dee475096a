from alembic import op

revision = "e6"
down_revision = None

STEPS = [("drop", "t", "a"), ("rename", "t", "b", "c"), {"kind": "table", "name": "gone"}]


def upgrade():
    for step in STEPS:
        match step:
            case ("drop", table, column):
                op.drop_column(table, column)
            case ("rename", table, old, new):
                op.alter_column(table, old, new_column_name=new)
            case {"kind": "table", "name": name}:
                op.drop_table(name)
            case _:
                op.drop_table("wrong")


def downgrade():
    pass
