import sqlalchemy as sa
from alembic import op

revision = "a1"
down_revision = None


def upgrade():
    table = sa.Table("old", sa.MetaData())
    table.name = "new"
    table.schema = "jobs"
    table.drop(op.get_bind())

    column = sa.Column("old", sa.Integer())
    column.name = "note"
    column.type = sa.Text()
    column.nullable = False
    op.add_column("events", column)

    statement = sa.text("DROP TABLE old")
    statement.text = "DROP TABLE of_the_text"
    op.execute(statement)


def downgrade():
    index = sa.Index("old", "a")
    setattr(index, "name", "ix_new")
    op.drop_index(index.name, "events")
