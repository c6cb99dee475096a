from alembic import op

revision = "c3"
down_revision = None

PREFIX = "app_"


def full(name):
    return PREFIX + name


def pair():
    return "t", "column_" + str(3)


def upgrade():
    op.drop_table(full("users"))
    table, column = pair()
    op.drop_column(table, column)
    op.drop_column(*pair())


def downgrade():
    pass
