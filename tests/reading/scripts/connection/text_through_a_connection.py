from alembic import op
import sqlalchemy as sa
from sqlalchemy.orm import Session, sessionmaker

revision = "i1"
down_revision = None

Maker = sessionmaker()


def upgrade():
    conn = op.get_bind()
    conn.execute(sa.text("ALTER TABLE t DROP COLUMN a"))
    connection = op.get_context().connection
    connection.execute(sa.text("ALTER TABLE t DROP COLUMN b"))
    session = Session(bind=op.get_bind())
    session.execute(sa.text("ALTER TABLE t DROP COLUMN c"))
    session.commit()
    other = Maker(bind=conn)
    other.execute(sa.text("ALTER TABLE t DROP COLUMN d"))
    with Session(conn) as inner:
        inner.execute(sa.text("ALTER TABLE t DROP COLUMN e"))
    conn.exec_driver_sql("ALTER TABLE t DROP COLUMN f")


def downgrade():
    with op.get_bind().begin_nested():
        op.get_bind().execute(sa.DDL("DROP TABLE t"))
