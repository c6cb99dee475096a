from alembic import op

revision = "h3"
down_revision = None


def upgrade():
    op.execute('ALTER TABLE "Jobs"."Deployment Events" DROP COLUMN "Hint"')
    op.execute('ALTER TABLE Events DROP COLUMN Hint')
    op.execute('ALTER TABLE "odd.name" RENAME COLUMN "a""b" TO "select"')
    op.drop_column("Events", "Hint")


def downgrade():
    pass
