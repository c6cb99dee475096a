from alembic import op
import sqlalchemy as sa
from sqlalchemy.schema import CreateSequence, CreateTable, DropTable, Sequence

revision = "j4"
down_revision = None


def upgrade():
    metadata = sa.MetaData()
    op.execute(CreateSequence(Sequence("numbers")))
    op.execute(DropTable(sa.Table("gone", metadata)))
    op.execute(CreateTable(sa.Table("made", metadata, sa.Column("a", sa.Integer))))
    op.execute(sa.DDL("ALTER TABLE t DROP COLUMN %(column)s", context={"column": "b"}))


def downgrade():
    op.execute(sa.schema.DropSchema("jobs", cascade=True))
