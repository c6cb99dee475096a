import os

from alembic import op

revision = "a1"
down_revision = None

FULL = os.environ.get("FULL")


class Plan:
    table = "of_the_class"

    def __init__(self):
        self.old = "old"


def flag(plan):
    if FULL:
        return
    plan.flagged = True


def upgrade():
    plan, other = Plan(), Plan()
    if FULL:
        plan.full = True
        plan.table = "of_the_object"
    op.drop_table(plan.table)
    op.drop_table("with_full" if hasattr(plan, "full") else "without_full")
    op.drop_table(getattr(plan, "name", "default_of_getattr"))
    if FULL:
        setattr(plan, "name", "set_by_name")
    op.drop_table(getattr(plan, "name", "default"))

    flag(plan)
    if not hasattr(plan, "flagged"):
        op.drop_table("not_flagged")

    chosen = plan if FULL else other
    chosen.old = "older"
    op.drop_table(plan.old)


def downgrade():
    plan = Plan()
    plan.name = "name"
    if FULL:
        del plan.name
    op.drop_table("named" if hasattr(plan, "name") else "nameless")
    if FULL:
        vars(plan)["kind"] = 1
    op.drop_table("of_a_kind" if hasattr(plan, "kind") else "of_no_kind")
    if FULL:
        made = Plan()
        made.old = "made_and_changed_in_one_place"
        op.drop_table(made.old)
