import sqlalchemy as sa
from alembic import op

revision = "b2"
down_revision = "a1"


def upgrade():
    import os
    op.add_column("other", sa.Column(os.environ["COLUMN"], sa.Text()))
