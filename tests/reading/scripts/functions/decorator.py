from functools import wraps

from alembic import op

revision = "c6"
down_revision = None


def announced(function):
    @wraps(function)
    def wrapper(*args, **kwargs):
        print("running", function.__name__)
        return function(*args, **kwargs)

    return wrapper


@announced
def upgrade():
    op.drop_column("t", "a")


@announced
def downgrade():
    op.drop_column("t", "b")
