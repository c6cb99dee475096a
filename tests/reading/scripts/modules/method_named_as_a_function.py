from alembic import op

revision = "m9"
down_revision = None


def drop(column):
    op.drop_column("t", column)


class Step:
    # Inside a method the bare name is the function's: a class body is no scope of its methods.
    def drop(self):
        drop("a")


def upgrade():
    Step().drop()


def downgrade():
    pass
