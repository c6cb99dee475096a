"""Each check of the table → the rules that tell of its example."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from migration_lint.check.pipeline import run_check
from migration_lint.store import Store

TABLE = Path(__file__).with_name("checks.yaml")
#: The ten, by what the table calls them.
TOOLS = {
    "SQ": "squawk",
    "SM": "strong_migrations",
    "DL": "django-migration-linter",
    "AT": "atlas",
    "EU": "eugene",
    "PG": "pg-migration-lint",
    "OM": "online_migrations",
    "BB": "bytebase",
    "PD": "PandaDoc/migration-lint",
    "ZD": "django-pg-zero-downtime-migrations",
}

FIRST = """\
import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = "0000"


def upgrade():
    op.create_table("team", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("name", sa.Text()))
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger(), primary_key=True),
        sa.Column("kind", sa.String(20), nullable=False, server_default="x"),
        sa.Column("size", sa.Integer()),
        sa.Column("day", sa.Date()),
        sa.Column("team_id", sa.Integer()),
        sa.Column("note", sa.Text()),
        sa.UniqueConstraint("kind", name="audit_once"),
    )
    op.create_index("audit_day", "audit", ["day"])
    op.create_table("days", sa.Column("day", sa.Date()))
{own}

def downgrade():
    pass
"""
#: What is under contract. SQLite and MySQL have no such types.
ORDERS = """\
    op.execute("CREATE TYPE mood AS ENUM ('sad', 'ok')")
    op.execute(
        "CREATE TABLE orders (id bigint PRIMARY KEY, state text NOT NULL DEFAULT '', amount int, mood mood)"
    )
    op.create_index("orders_once", "orders", ["state"], unique=True)
    op.execute("CREATE VIEW open_orders AS SELECT id, state FROM orders")
"""
SECOND = """\
import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade():
{upgrade}


def downgrade():
{downgrade}
"""
CONTRACT = """\
contract: migration-lint/v1
id: shop.{role}
service: shop
role: {role}
tables:
  orders:
    columns:
      id: {{type: int8, nullable: false}}
      state: {{type: text, nullable: false}}
      amount: {{type: int4, nullable: true}}
      mood: {{type: mood, nullable: true, values: [sad, ok]}}
"""
CONSUMER = CONTRACT.format(role="consumer") + "    needs:\n      - unique: [state]\n"
PRODUCER = CONTRACT.format(role="producer").replace("      state: {type: text, nullable: false}\n", "")


class Check(NamedTuple):
    """One row of the table."""

    check: str
    by: tuple[str, ...]
    here: tuple[str, ...] = ()
    off: tuple[str, ...] = ()
    because: str = ""  # why it is not here
    example: Mapping[str, Any] = {}

    @property
    def where(self) -> str:
        """What the table says of it."""
        if self.here:
            return f"here: {', '.join(self.here)}"
        return f"here, off by default: {', '.join(self.off)}" if self.off else f"not here: {self.because}"


def checks() -> list[Check]:
    """The table."""
    rows = yaml.safe_load(TABLE.read_text(encoding="utf-8"))
    known = {"check", "by", "here", "off", "not"}
    return [
        Check(
            row["check"],
            tuple(TOOLS[tool] for tool in row["by"]),
            tuple(row.get("here", ())),
            tuple(row.get("off", ())),
            row.get("not", ""),
            {key: value for key, value in row.items() if key not in known},
        )
        for row in rows
    ]


def found(check: Check, folder: Path, *, on: tuple[str, ...] = ()) -> set[str]:
    """The rules that tell of the check's example; those of `on` are switched on for it."""
    example = check.example
    dialect = example.get("dialect", "postgresql")
    postgresql = dialect == "postgresql"
    own = (ORDERS if postgresql else "") + textwrap.indent(_lines(example.get("start", "")), "    ")
    settings = f'dialect = "{dialect}"\n'
    settings += f'server-version = "{example["version"]}"\n' if "version" in example else ""
    settings += "".join(f'severity.{rule} = "info"\n' for rule in on)
    base = {
        "alembic.ini": "[alembic]\nscript_location = migrations\n",
        "migration-lint.toml": settings,
        "migrations/env.py": example.get("env", ""),
        "migrations/versions/0000.py": _EMPTY,
        "migrations/versions/0001.py": FIRST.format(own=own),
    }
    if postgresql:
        base |= {"contracts/shop.consumer.yaml": CONSUMER, "contracts/shop.producer.yaml": PRODUCER}
    head = dict(base)
    head["migrations/versions/0002.py"] = SECOND.format(
        upgrade=textwrap.indent(_lines(example["try"]), "    "),
        downgrade=textwrap.indent(_lines(example.get("downgrade", "pass")), "    "),
    )
    for path, change in example.get("files", {}).items():
        head[path] = change if isinstance(change, str) else base[path].replace(*change["replace"])
    for name, files in (("base", base), ("head", head)):
        for path, text in files.items():
            file = folder / name / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
    report = run_check(
        folder / "head", base=str(folder / "base"), head=str(folder / "head"), environ={}, store=Store(None)
    )
    return {finding.rule for finding in report.findings}


_EMPTY = """\
revision = "0000"
down_revision = None


def upgrade():
    pass


def downgrade():
    pass
"""


def _lines(code: str) -> str:
    return code.replace("); op.", ")\nop.")
