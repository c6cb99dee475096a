import enum
from collections import namedtuple
from dataclasses import dataclass
from typing import NamedTuple

from alembic import op

revision = "l2"
down_revision = None

Pair = namedtuple("Pair", "old new")


class Rename(NamedTuple):
    table: str
    old: str
    new: str = "renamed"


@dataclass
class Drop:
    table: str
    column: str = "x"


class Table(str, enum.Enum):
    users = "users"
    teams = "teams"


def upgrade():
    for pair in [Pair("a", "b"), Pair(old="c", new="d")]:
        op.alter_column("t", pair.old, new_column_name=pair.new)
    rename = Rename("t", "e")
    op.alter_column(rename.table, rename.old, new_column_name=rename.new)
    drop = Drop(table="t")
    op.drop_column(drop.table, drop.column)
    op.drop_column(Table.users.value, "y")


def downgrade():
    pass
