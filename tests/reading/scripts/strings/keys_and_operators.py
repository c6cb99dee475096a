import functools
import operator

from alembic import op

revision = "a1"
down_revision = None


def drop(name):
    op.drop_table(name)


def upgrade():
    op.drop_table({"orders": "not_this"}.get(functools.reduce(operator.add, ["ord"], "x"), "carts"))
    op.drop_table(operator.add("ord", "ers"))
    op.drop_column(*{"users": 1, "name": 2})
    list(filter(drop, dict.fromkeys(["items", "items", "baskets"])))


def downgrade():
    pass
