import os

from alembic import op

revision = "a1"
down_revision = None


def names(both):
    yield "a"
    if both:
        yield "b"
    if os.environ.get("MORE"):
        yield "c"


def upgrade():
    if os.environ.get("ANY"):
        op.drop_table(next(names(False)))


def downgrade():
    if os.environ.get("ANY"):
        first, second, *more = names(True)
        op.drop_table(first)
    for table in names(True):
        op.drop_table(table)
