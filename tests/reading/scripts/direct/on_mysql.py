from alembic import op
import sqlalchemy as sa
from sqlalchemy.dialects import mysql

revision = "a5"
down_revision = None


def upgrade():
    op.alter_column("t", "a", existing_type=mysql.VARCHAR(50), type_=mysql.LONGTEXT(), existing_nullable=True)
    op.alter_column("t", "b", new_column_name="c", existing_type=mysql.INTEGER(display_width=11))
    op.add_column("t", sa.Column("flag", mysql.TINYINT(1), server_default=sa.false()))
    op.drop_column("t", "d")


def downgrade():
    pass
