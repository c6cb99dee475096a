"""The migrations of which nothing is said run on a real server: what is quiet there is no mistake."""

from __future__ import annotations

import textwrap

import pytest
import sqlalchemy as sa

from ..benchmarks.ten_tools.judging import FIRST
from ..test_benign import BENIGN
from .alembic_run import run
from .conftest import emptied

TABLES = textwrap.dedent(
    FIRST.format(own="").partition("def upgrade():\n")[2].partition("\ndef downgrade")[0]
)


@pytest.mark.sampled
@pytest.mark.parametrize("row", BENIGN, ids=lambda row: str(row["name"]))
def test_it_runs(row: dict[str, str], engine: sa.Engine) -> None:
    with engine.connect() as connection:
        emptied(connection)
        connection.exec_driver_sql("DROP SCHEMA IF EXISTS depot CASCADE")
        run(connection, f"{TABLES}\n{row.get('start', '')}")
        connection.commit()
        run(connection, row["do"])
        connection.commit()
        connection.exec_driver_sql("DROP SCHEMA IF EXISTS depot CASCADE")
        connection.commit()
