from alembic import op
import sqlalchemy as sa

revision = "g1"
down_revision = None


def upgrade():
    with op.batch_alter_table("events", schema="jobs") as batch_op:
        batch_op.add_column(sa.Column("a", sa.Integer()))
        batch_op.drop_column("b")
        batch_op.alter_column("c", new_column_name="d")
        batch_op.alter_column("e", existing_type=sa.Integer(), type_=sa.BigInteger())
        batch_op.alter_column("f", nullable=False)
        batch_op.create_index("ix_a", ["a"])
        batch_op.create_foreign_key("fk_a", "others", ["a"], ["id"])
        batch_op.create_unique_constraint("uq_a", ["a"])
        batch_op.drop_constraint("uq_old", type_="unique")
        batch_op.drop_index(batch_op.f("ix_old"))


def downgrade():
    with op.batch_alter_table("events", None, "never") as batch_op:
        batch_op.drop_column("a")
