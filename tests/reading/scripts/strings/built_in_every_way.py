from alembic import op
from sqlalchemy import text

revision = "f1"
down_revision = None

TABLE = "events"
SCHEMA = "jobs"
SQL = "ALTER TABLE {schema}.{table} DROP COLUMN {column}"


def upgrade():
    op.execute(f"ALTER TABLE {SCHEMA}.{TABLE} DROP COLUMN a")
    op.execute(SQL.format(schema=SCHEMA, table=TABLE, column="b"))
    op.execute("ALTER TABLE %s.%s DROP COLUMN %s" % (SCHEMA, TABLE, "c"))
    op.execute("ALTER TABLE %(t)s DROP COLUMN d" % {"t": TABLE})
    op.execute("ALTER TABLE " + TABLE + " DROP COLUMN e")
    op.execute(text("ALTER TABLE events " "DROP COLUMN f"))
    op.execute(" ".join(["ALTER TABLE", TABLE, "DROP COLUMN", "g"]))
    statement = "ALTER TABLE events "
    statement += "DROP COLUMN h"
    op.execute(statement)
    op.execute("""
        ALTER TABLE events
            DROP COLUMN i;
    """.strip())
    op.execute("ALTER TABLE TABLE_NAME DROP COLUMN j".replace("TABLE_NAME", TABLE))


def downgrade():
    pass
