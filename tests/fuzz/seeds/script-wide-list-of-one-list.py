from alembic import op
from sqlalchemy.orm import declarative_base

Base = declarative_base()


class Job(Base):
    __tablename__ = ([[0] * 9999] * 9999).__name__.lower()


def upgrade():
    op.drop_column(Job.__tablename__, "a")
