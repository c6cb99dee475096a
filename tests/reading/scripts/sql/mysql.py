from alembic import op

revision = "h9"
down_revision = None


def upgrade():
    op.execute("ALTER TABLE `t` CHANGE COLUMN `a` `b` VARCHAR(20) NOT NULL")
    op.execute("ALTER TABLE t MODIFY c BIGINT")
    op.execute("RENAME TABLE t TO u, v TO w")
    op.execute("ALTER TABLE u DROP `d`, DROP COLUMN e")
    op.execute("DROP INDEX ix ON u")


def downgrade():
    pass
