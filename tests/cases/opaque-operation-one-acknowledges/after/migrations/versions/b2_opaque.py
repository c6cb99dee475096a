from alembic import op
from vendor.migrations import tidy

revision = "b2"
down_revision = "a1"


def upgrade():
    tidy(op)
