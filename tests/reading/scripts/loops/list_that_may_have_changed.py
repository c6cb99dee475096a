import os

from alembic import op

revision = "a1"
down_revision = None

FULL = os.environ.get("FULL")


def upgrade():
    first = ["a", "b"]
    if FULL:
        first.insert(0, "c")
    op.drop_table(first[0])

    last = ["d"]
    if FULL:
        last += ["e"]
    op.drop_table(last.pop())

    fewer = ["f", "g"]
    if FULL:
        del fewer[0]
    op.drop_table(fewer[0])

    other = ["h"]
    if FULL:
        other[:] = ["i"]
    for table in other:
        op.drop_table(table)


def downgrade():
    known = ["x", "a", "b"]
    del known[0]
    known[1:] = ["c"]
    op.drop_table(known[0])
    op.drop_table(known[1])
    if FULL:
        known = ["y", "d"]
        del known[0]
        op.drop_table(known[0])
    for change in (True, False):
        if os.environ.get(str(change)):
            if change:
                kept = ["e"]
            else:
                kept.clear()
    for table in kept:
        op.drop_table(table)
