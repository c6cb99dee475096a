"""A document of the Open Data Contract Standard may leave out what stands in a type's parentheses.

Documents are imported from `information_schema.columns`, whose `data_type` is `character varying`, `numeric`
and `ARRAY` whatever the length, the precision and the elements are. A contract of our own format says it all.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from .projects import CONSUMER, FIRST, PRODUCER, Files, Runner, revision

MADE = """\
import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "a1"
down_revision = None


def upgrade():
    op.create_table(
        "events",
        sa.Column("name", sa.String(36)),
        sa.Column("amount", sa.Numeric(10, 2)),
        sa.Column("at", postgresql.TIMESTAMP(precision=3)),
        sa.Column("tags", postgresql.ARRAY(sa.Text())),
    )
"""


def document(service: str, role: str, name: str = "VARCHAR", tags: str = "ARRAY") -> str:
    return f"""\
apiVersion: v3.1.0
kind: DataContract
id: {service}.{role}
name: {service}.{role}
version: 1.0.0
status: active
dataProduct: {service}
schema:
  - name: events
    properties:
      - {{name: name, physicalType: "{name}"}}
      - {{name: amount, physicalType: numeric}}
      - {{name: at, physicalType: timestamp without time zone}}
      - {{name: tags, physicalType: "{tags}"}}
customProperties:
  - {{property: migrationLint, value: {{role: {role}}}}}
"""


STANDARD: Files = {
    FIRST: MADE,
    PRODUCER: document("worker", "producer"),
    CONSUMER: document("api", "consumer"),
}


@pytest.fixture
def runner(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Runner:
    return Runner(tmp_path, capsys)


def test_a_type_that_is_not_said_whole_agrees_with_each_that_it_may_be(runner: Runner) -> None:
    assert runner.parity(STANDARD).rules == set()
    said = {CONSUMER: document("api", "consumer", "character varying(36)", "text[]")}
    assert runner.parity({**STANDARD, **said}).rules == set()


@pytest.mark.parametrize(
    ("name", "tags", "sides"),
    [("varchar(64)", "ARRAY", True), ("text", "ARRAY", False), ("VARCHAR", "text", False)],
)
def test_what_is_said_is_meant(runner: Runner, name: str, tags: str, sides: bool) -> None:
    found = runner.parity({**STANDARD, CONSUMER: document("api", "consumer", name, tags)}).rules
    assert "schema-type-differs" in found
    assert ("sides-type-differs" not in found) is sides  # the other side may mean the same


def test_a_type_that_is_not_said_whole_does_not_follow_by_itself(runner: Runner) -> None:
    longer = revision('op.alter_column("events", "name", type_=sa.String(64))')
    assert "contract-column-type-changed" in runner.change(longer, STANDARD).rules
    followed = {
        PRODUCER: document("worker", "producer", "varchar(64)"),
        CONSUMER: document("api", "consumer", "varchar(64)"),
    }
    assert "contract-column-type-changed" not in runner.change({**longer, **followed}, STANDARD).rules
