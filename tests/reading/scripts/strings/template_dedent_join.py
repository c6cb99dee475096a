from string import Template
from textwrap import dedent

from alembic import op

revision = "f2"
down_revision = None

DROP = Template("ALTER TABLE $table DROP COLUMN $column")
LINES = [
    "ALTER TABLE t DROP COLUMN b;",
    "ALTER TABLE t DROP COLUMN c;",
]


def upgrade():
    op.execute(DROP.substitute(table="t", column="a"))
    op.execute("\n".join(LINES))
    op.execute(
        dedent(
            """\
            ALTER TABLE t
              DROP COLUMN d
            """
        )
    )
    for line in "drop table x; drop table y".split(";"):
        op.execute(line)


def downgrade():
    pass
