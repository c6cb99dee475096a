import os

from alembic import op

revision = "a1"
down_revision = None

KIND = "old" if os.environ.get("OLD") else "new"


def upgrade():
    op.drop_table("%(kind)s_%(what)s" % {"kind": KIND, "what": "events", "unused": os.environ})


def downgrade():
    op.execute("DROP TABLE %(kind)s" % dict(kind=KIND))
