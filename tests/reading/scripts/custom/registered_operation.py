from alembic.operations import MigrateOperation, Operations
from alembic import op

revision = "o1"
down_revision = None


@Operations.register_operation("drop_twin_columns")
class DropTwinColumnsOp(MigrateOperation):
    def __init__(self, table, names):
        self.table = table
        self.names = names

    @classmethod
    def drop_twin_columns(cls, operations, table, *names):
        return operations.invoke(cls(table, names))


@Operations.implementation_for(DropTwinColumnsOp)
def drop_twin_columns(operations, operation):
    for name in operation.names:
        operations.execute(f"ALTER TABLE {operation.table} DROP COLUMN {name}")


def upgrade():
    op.drop_twin_columns("t", "a", "b")


def downgrade():
    pass
