import contextlib

from alembic import op

revision = "a1"
down_revision = None


@contextlib.contextmanager
def forgiving():
    try:
        yield
    except ValueError:
        pass


class Quiet:
    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        return True


def upgrade():
    with contextlib.suppress(ValueError):
        raise ValueError
    op.drop_table("orders")
    with forgiving():
        raise ValueError
    op.drop_table("users")
    with Quiet():
        raise ValueError
    op.drop_table("items")


def downgrade():
    pass
