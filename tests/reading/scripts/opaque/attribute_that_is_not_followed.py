import sqlalchemy as sa
from alembic import op
from alembic.operations import ops
from sqlalchemy.orm import declarative_base

revision = "a1"
down_revision = None

Base = declarative_base()


class Event(Base):
    __tablename__ = "events"
    id = sa.Column(sa.Integer, primary_key=True)


def upgrade():
    kind = sa.Enum("a", "b", name="kind")
    kind.name = "kind_old"
    kind.drop(op.get_bind())


def downgrade():
    Event.__table__.name = "jobs"
    Event.__table__.drop(op.get_bind())
    gone = ops.DropTableOp("old")
    gone.table_name = "new"
    op.invoke(gone)
