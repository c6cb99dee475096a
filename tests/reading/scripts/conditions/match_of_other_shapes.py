from alembic import op

revision = "a1"
down_revision = None


def upgrade():
    match ("orders", 1):
        case "orders":
            op.drop_table("not_this")
        case ("orders", number):
            op.drop_table("orders")
    match {"kind": "drop"}:
        case "drop":
            op.drop_table("not_this")
        case {"kind": "drop"}:
            op.drop_table("items")
    match "users":
        case int():
            op.drop_table("not_this")
        case str() as name if name == "users":
            op.drop_table(name)
    if callable(op.drop_table) and hasattr(op, "drop_column"):
        op.drop_column("carts", "note")


def downgrade():
    pass
