from alembic import op

revision = "d4"
down_revision = "c3"


def upgrade():
    op.create_check_constraint("orders_kind_said", "orders", "kind <> ''")
    op.create_check_constraint("orders_kind_short", "orders", "length(kind) < 9")


def downgrade():
    op.drop_constraint("orders_kind_short", "orders")
    op.drop_constraint("orders_kind_said", "orders")
