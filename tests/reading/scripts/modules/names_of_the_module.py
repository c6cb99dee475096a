from alembic import op
import sqlalchemy as sa

revision = "l1"
down_revision = "k2"
branch_labels = None

table = "t"
columns: list[str] = ["a"]
columns.append("b")
columns += ["c"]
columns.extend(x for x in ("d",))
settings = {"table": table}
settings.update(schema="s")
first, *rest = columns


def upgrade() -> None:
    for column in columns:
        op.drop_column(settings["table"], column, schema=settings.get("schema"))
    op.drop_table(rest[-1])
    global table
    table = "u"
    op.drop_column(table, first)


def downgrade() -> None:
    op.drop_table(f"{table}_{revision}_{down_revision}")
