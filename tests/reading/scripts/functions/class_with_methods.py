from alembic import op

revision = "c8"
down_revision = None


class Step:
    table = "t"

    def __init__(self, column):
        self.column = column

    def drop(self):
        op.drop_column(self.table, self.column)

    @staticmethod
    def drop_table(name):
        op.drop_table(name)

    @classmethod
    def rename(cls, new):
        op.rename_table(cls.table, new)


def upgrade():
    Step("a").drop()
    steps = [Step("b"), Step("c")]
    for step in steps:
        step.drop()
    Step.drop_table("gone")
    Step.rename("u")


def downgrade():
    pass
