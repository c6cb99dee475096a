import third_party
from third_party.migrations import drop_everything, harmless

from alembic import op

revision = "m1"
down_revision = None


def upgrade():
    drop_everything(op.get_bind())
    op.drop_column("t", "a")


def downgrade():
    third_party.run(op)
