from alembic import op


def upgrade():
    tables = ["t2", "t_3", "t1"]
    tables.sort(key=lambda x: x[1], reverse=True)
    op.drop_table(tables[0])
    op.drop_table("".join(sorted(["a", "b"], key=lambda x: x[:], reverse=True)))
    op.drop_table(sorted(tables, key=len, reverse=not tables)[-1])
