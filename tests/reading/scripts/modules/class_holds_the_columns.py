from alembic import op
import sqlalchemy as sa

revision = "l6"
down_revision = None


class Mixin:
    prefix = "app"

    @property
    def name(self):
        return f"{self.prefix}_users"


class Users(Mixin):
    prefix = "core"
    columns = ("a", "b")

    def drop(self):
        for column in self.columns:
            op.drop_column(self.name, column)
        return self

    def rename(self, to):
        op.rename_table(self.name, to)
        return self


def upgrade():
    Users().drop().rename("people")


def downgrade():
    pass
