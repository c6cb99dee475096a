import logging

import sqlalchemy as sa
from alembic import op
from sqlalchemy import event
from sqlalchemy.orm import Session

revision = "i6"
down_revision = None

log = logging.getLogger("alembic")


def upgrade():
    session = Session(bind=op.get_bind())
    log.info("working on %s", session)

    @event.listens_for(session, "before_flush")
    def count(session, *rest):
        for row in session.new:
            row.version = (row.version or 0) + 1

    op.drop_column("t", "a")


def downgrade():
    bind = op.get_bind()

    def later(connection, *rest):
        connection.execute(sa.text("ALTER TABLE t DROP COLUMN b"))

    event.listen(bind, "commit", later)
