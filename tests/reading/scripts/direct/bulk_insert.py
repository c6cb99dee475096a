from alembic import op
from sqlalchemy import Integer, String
from sqlalchemy.sql import column, table

revision = "a7"
down_revision = None

kinds = table("kinds", column("id", Integer), column("name", String))


def upgrade():
    op.bulk_insert(kinds, [{"id": 1, "name": "build"}, {"id": 2, "name": "deploy"}])
    op.execute(kinds.update().where(kinds.c.id == 1).values(name="make"))
    op.drop_column("kinds", "label")


def downgrade():
    op.execute(kinds.delete())
