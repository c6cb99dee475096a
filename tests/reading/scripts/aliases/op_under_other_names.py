import alembic.op
import alembic.op as direct
from alembic import op as o
import alembic

revision = "b1"
down_revision = None


def upgrade():
    o.drop_column("t", "a")
    alembic.op.drop_column("t", "b")
    direct.drop_column("t", "c")
    operations = o
    operations.drop_column("t", "d")


def downgrade():
    pass
