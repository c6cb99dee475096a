from alembic import op

revision = "i7"
down_revision = None


def autocommit(on):
    connection = op.get_bind().connection.dbapi_connection
    connection.commit()
    connection.autocommit = on


def upgrade():
    autocommit(True)
    op.drop_index("ix_t_a", table_name="t")
    autocommit(False)


def downgrade():
    op.get_bind().connection.dbapi_connection.cursor().execute("ALTER TABLE t DROP COLUMN b")
