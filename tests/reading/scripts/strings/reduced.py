from functools import reduce

from alembic import op

revision = "s9"
down_revision = None


def upgrade():
    op.execute(reduce(lambda sql, column: f"{sql} DROP COLUMN {column},", ["a", "b"], "ALTER TABLE t").rstrip(","))


def downgrade():
    pass
