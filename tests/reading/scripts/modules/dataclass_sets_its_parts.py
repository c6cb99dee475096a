from dataclasses import dataclass, field

from alembic import op

revision = "m8"
down_revision = None


@dataclass
class Renamed:
    old: str
    new: str | None = None
    table: str | None = None

    def upgrade(self) -> None:
        if self.new is not None:
            op.alter_column(self.table, self.old, new_column_name=self.new)


@dataclass
class RenamedTable(Renamed):
    columns: list[Renamed] = field(default_factory=list)

    def __post_init__(self) -> None:
        for column in self.columns:
            column.table = self.new or self.old

    def upgrade(self) -> None:
        op.rename_table(self.old, self.new)
        for column in self.columns:
            column.upgrade()


TABLES = [
    RenamedTable("members", "people", columns=[Renamed("mail", "email"), Renamed("kept")]),
    RenamedTable("rooms", "places"),
]


def upgrade():
    for table in TABLES:
        table.upgrade()


def downgrade():
    pass
