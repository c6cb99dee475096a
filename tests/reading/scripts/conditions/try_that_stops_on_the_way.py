import contextlib

import somewhere
from alembic import op

revision = "a1"
down_revision = None

TABLE = "of_the_module"


class Plan:
    table = "plan"


def choose():
    global TABLE
    somewhere.look()
    TABLE = "chosen"


def upgrade():
    plan, tables, names = Plan(), ["a", "b"], {"old": "c"}
    try:
        somewhere.look()
        plan.table = "other_plan"
        tables.remove("a")
        names["old"] = "d"
    except ValueError:
        print("left as it is")
    op.drop_table(plan.table)
    for table in tables:
        op.drop_table(table)
    op.drop_table(names["old"])

    name = "e"
    with contextlib.suppress(ValueError):
        somewhere.look()
        name = "f"
    op.drop_table(name)


def downgrade():
    try:
        choose()
    except ValueError:
        pass
    op.drop_table(TABLE)
    try:
        certain = []
        certain.append("made_in_the_try")
        op.drop_table(certain[0])
    except ValueError:
        pass
    plan = Plan()
    try:
        plan.table = "given_up_otherwise"
    except ValueError:
        raise
    op.drop_table(plan.table)
