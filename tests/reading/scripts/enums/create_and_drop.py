from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

revision = "k1"
down_revision = None

kind = postgresql.ENUM("build", "deploy", name="kind", create_type=False)


def upgrade():
    kind.create(op.get_bind())
    op.add_column("t", sa.Column("kind", kind, nullable=True))
    op.execute("ALTER TYPE kind ADD VALUE 'retry' AFTER 'build'")
    op.execute("ALTER TYPE kind RENAME VALUE 'retry' TO 'again'")
    op.execute("ALTER TYPE kind RENAME TO job_kind")


def downgrade():
    op.drop_column("t", "kind")
    sa.Enum(name="job_kind").drop(op.get_bind(), checkfirst=False)
    op.execute("DROP TYPE other_kind")
