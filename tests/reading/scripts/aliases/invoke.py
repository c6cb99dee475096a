from alembic import op
from alembic.operations import ops
from alembic.operations.ops import AlterColumnOp, RenameTableOp
import sqlalchemy as sa

revision = "b5"
down_revision = None


def upgrade():
    op.invoke(ops.DropColumnOp("t", "a", schema="s"))
    op.invoke(AlterColumnOp("t", "b", modify_name="c"))
    op.invoke(AlterColumnOp("t", "d", modify_type=sa.BigInteger()))
    op.invoke(RenameTableOp("t", "u"))
    op.invoke(ops.DropTableOp("v"))
    op.invoke(ops.ExecuteSQLOp("ALTER TABLE w DROP COLUMN x"))


def downgrade():
    pass
