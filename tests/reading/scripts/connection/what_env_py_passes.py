import sqlalchemy as sa

revision = "i5"
down_revision = None


def upgrade(op, tables, tester):
    op.add_column("jobs", sa.Column("tries", sa.Integer(), nullable=True))
    op.bulk_insert(tables.kinds, [{"name": "late"}])
    tester.populate_column("jobs", "tries", tester.TestDataType.Integer)


def downgrade(op, tables, tester):
    op.execute(tables.kinds.delete().where(tables.kinds.c.name == op.inline_literal("late")))
    conn = op.get_bind()
    conn.execute(tables.kinds.update().values(name="early"))
    conn.execute(tables.kinds.select())
    op.drop_column("jobs", "tries")
