from alembic import op

revision = "a1"
down_revision = None


def upgrade():
    try:
        raise KeyError("orders")
    except ValueError:
        op.drop_table("not_this")
    except KeyError:
        op.drop_table("orders")
    try:
        raise KeyError("orders")
    except (ValueError, KeyError):
        op.drop_table("items")
    try:
        try:
            raise KeyError("orders")
        except ValueError:
            op.drop_table("nor_this")
    except KeyError:
        op.drop_table("users")


def downgrade():
    pass
