from alembic import context, op

revision = "e1"
down_revision = None


def upgrade():
    bind = op.get_bind()
    if bind.dialect.name == "postgresql":
        op.drop_column("t", "a")
    else:
        op.drop_column("t", "wrong")
    if op.get_context().dialect.name == "sqlite":
        return
    if bind.engine.name.startswith("postgres"):
        op.drop_column("t", "b")
    op.drop_column("t", "c")


def downgrade():
    name = op.get_bind().dialect.name
    if name in ("mysql", "mariadb"):
        op.drop_table("wrong")
    elif name != "sqlite":
        op.drop_table("right")
