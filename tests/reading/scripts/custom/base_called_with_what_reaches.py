import sqlalchemy as sa
from alembic import op
from sqlalchemy.types import SchemaType, SmallInteger, TypeDecorator

revision = "t9"
down_revision = None


class Kinds(TypeDecorator, SchemaType):
    impl = SmallInteger

    def __init__(self, of):
        self.of = of
        TypeDecorator.__init__(self)
        SchemaType.__init__(self)


def upgrade():
    op.add_column("t", sa.Column("a", Kinds(op.get_bind())))


def downgrade():
    pass
