from alembic.op import *
from sqlalchemy import *

revision = "b6"
down_revision = None


def upgrade():
    drop_column("t", "a")
    alter_column("t", "b", type_=BigInteger())


def downgrade():
    add_column("t", Column("a", Integer))
