from alembic import op

revision = "c2"
down_revision = None


def apply(o, name):
    o.drop_column("t", name)


def make(o):
    def inner(name):
        o.drop_table(name)

    return inner


def upgrade():
    apply(op, "a")
    make(op)("gone")


def downgrade():
    pass
