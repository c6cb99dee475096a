from alembic import op


def go(queue):
    if queue:
        op.drop_table(queue.pop())
        go(queue)


def upgrade():
    name = "t"

    def longer(given):
        nonlocal name
        name = given + name
        op.drop_column(name, given)
        if len(name) < 9:
            longer(given)

    longer("1")
    go(["a", "b", "c", "d", "e"])
