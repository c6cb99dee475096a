from alembic import op

revision = "m3"
down_revision = None


def upgrade():
    exec(open(__file__).read())
    eval("op.drop_column('t', 'a')")


def downgrade():
    exec("op.drop_table('t')")
