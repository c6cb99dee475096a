import itertools

from alembic import op


def upgrade():
    tables = [*itertools.accumulate(["t1"]), "t2"]
    op.drop_table(tables[0])
    more = list(itertools.accumulate(["t3"]))
    more.append("t4")
    op.drop_table(more[0])
    op.drop_table(more.pop(0))
    op.drop_table(next(iter(more)))
