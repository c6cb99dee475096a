import sqlalchemy as sa
from alembic import op
from sqlalchemy.types import SchemaType, SmallInteger, TypeDecorator

revision = "t9"
down_revision = None


class Member(TypeDecorator, SchemaType):
    impl = SmallInteger

    def __init__(self):
        TypeDecorator.__init__(self)
        SchemaType.__init__(self)


def upgrade():
    op.add_column("t", sa.Column("a", sa.Enum("x", "y", name="kinds", native_enum=False, create_constraint=True)))
    op.add_column("t", sa.Column("b", Member()))
    op.add_column("t", sa.Column("c", sa.Enum("x", name="native", create_constraint=True)))


def downgrade():
    pass
