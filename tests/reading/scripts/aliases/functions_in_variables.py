from functools import partial

from alembic import op

revision = "b3"
down_revision = None

drop = op.drop_column
drop_from_events = partial(op.drop_column, "events", schema="jobs")


def upgrade():
    drop("t", "a")
    drop_from_events("hint")
    rename = lambda old, new: op.alter_column("t", old, new_column_name=new)
    rename("x", "y")


def downgrade():
    pass
