from alembic import op

revision = "c10"
down_revision = None


def upgrade(engine_name="main"):
    globals()["upgrade_%s" % engine_name]()


def downgrade(engine_name="main"):
    eval("downgrade_%s" % engine_name)()


def upgrade_main():
    op.drop_column("t", "a")


def downgrade_main():
    op.drop_column("t", "b")
