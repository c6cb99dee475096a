from alembic import op
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

from app.models import Event, Setting

revision = "i8"
down_revision = None


def upgrade():
    session = Session(bind=op.get_bind())
    session.query(Event).filter(Event.kind == "gone").delete()
    session.delete(session.get(Event, 1))
    session.query(Event).update({"kind": "x"})
    session.query(Event).delete()
    for setting in session.query(Setting).filter_by(name="x"):
        session.delete(setting)
        session.delete(setting.owner)
    for setting in session.query(Setting):
        session.delete(setting)


def downgrade():
    with sessionmaker(bind=op.get_bind()).begin() as session:
        session.execute(sa.delete(Event).where(Event.kind == "gone"))
        session.execute(sa.delete(Event))
