from alembic_utils.pg_extension import PGExtension
from alembic_utils.pg_function import PGFunction
from alembic_utils.pg_view import PGView

from alembic import op

revision = "o4"
down_revision = None

recent = PGView(schema="jobs", signature="recent", definition="SELECT * FROM jobs.events")


def upgrade():
    op.create_entity(recent)
    op.replace_entity(PGFunction(schema="jobs", signature="f()", definition="returns int as $$ select 1 $$"))


def downgrade():
    op.drop_entity(recent)
