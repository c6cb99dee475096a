from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade():
    op.create_table("audit", sa.Column("id", sa.BigInteger(), primary_key=True), sa.Column("note", sa.Text()))
    op.create_table("plans", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("name", sa.Text()))
    op.create_table("days", sa.Column("day", sa.Integer()))
