import enum
import operator
from typing import NamedTuple

import sqlalchemy as sa
from alembic import op

revision = "a1"
down_revision = None


class Schemas(str, enum.Enum):
    SALES = "sales"


class Tables:
    BASKETS = "baskets"


class Named(NamedTuple):
    table: str
    column: str = "note"


def upgrade():
    op.drop_table(operator.itemgetter(1)(["not_this", "carts"]))
    op.drop_table(vars(Tables)["BASKETS"])
    op.drop_column(Named("orders")[0], Named("orders")[-1])
    op.drop_table(str.join("_", ["old", "orders"]))
    op.drop_table(sa.text("items").text)
    op.alter_column("orders", "note", new_column_name="text", schema=Schemas["SALES"].value)
    op.alter_column("orders", "note", nullable=False, schema=sa.text("sales").text)


def downgrade():
    pass
