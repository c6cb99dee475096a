import sqlalchemy as sa
from alembic import op
from sqlalchemy.orm import declarative_base, declared_attr

revision = "m10"
down_revision = None

Base = declarative_base()


class Named:
    @declared_attr
    def __tablename__(cls):
        return cls.__name__.lower()


class Job(Named, Base):
    id = sa.Column(sa.Integer, primary_key=True)


def upgrade():
    op.drop_column(Job.__tablename__, "a")
    Job.__table__.drop(op.get_bind())


def downgrade():
    pass
