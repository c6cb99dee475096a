from alembic import op
import sqlalchemy as sa
from sqlalchemy.orm import Session, declarative_base

revision = "i2"
down_revision = None

Base = declarative_base()


class Event(Base):
    __tablename__ = "events"
    id = sa.Column(sa.Integer, primary_key=True)
    kind = sa.Column(sa.Text)


events = sa.table("events", sa.column("id"), sa.column("kind"))


def upgrade():
    bind = op.get_bind()
    for row in bind.execute(sa.select(events.c.id)):
        bind.execute(sa.update(events).where(events.c.id == row.id).values(kind="x"))
    session = Session(bind=bind)
    for event in session.query(Event).all():
        event.kind = event.kind.upper()
    session.query(Event).filter(Event.kind == "gone").delete()
    session.commit()
    op.drop_column(Event.__tablename__, "reason")


def downgrade():
    pass
