"""A repository with a long Alembic history, as a team of some years has one; the same on every run.

What the revisions do, and how often, is after 13,794 scripts of 144 public projects: mostly plain
`op.*` calls with literal arguments, some batches, some raw SQL, some data migrations. One table of the
many is under contract, from both sides.
"""

from __future__ import annotations

import hashlib
import random
import subprocess
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

PROTECTED = "orders"
FOLDER = "migrations/versions"

_NOUNS = (
    "account address alert article asset audit badge basket batch billing booking branch budget campaign "
    "cart category channel charge claim comment company contact coupon course customer delivery device "
    "discount document draft employee event export feature folder gallery grant group image incident "
    "invoice job label ledger license listing location message metric note notice offer order package page "
    "partner payment payout permission plan policy product profile project quote rating refund region "
    "release report request review role route schedule segment session setting shipment snapshot source "
    "stage statement supplier survey tag task team template tenant thread ticket token transfer upload "
    "vendor version visit voucher warehouse webhook widget"
).split()
_WORDS = "status title body amount total count source target kind state code price rank score email".split()
_TYPES = (
    "sa.Text()",
    "sa.String(length=255)",
    "sa.Integer()",
    "sa.BigInteger()",
    "sa.Boolean()",
    "sa.DateTime(timezone=True)",
    "sa.Numeric(precision=12, scale=2)",
    "postgresql.JSONB(astext_type=sa.Text())",
    "sa.Float()",
    "postgresql.UUID(as_uuid=True)",
)
_CONTRACT = """\
contract: migration-lint/v1
id: {service}.{role}
service: {service}
role: {role}
owner: "@example/{service}"
tables:
  {table}:
    columns:
      number: {{type: text, nullable: false}}
      amount: {{type: "numeric(12,2)", nullable: false}}
      placed_at: {{type: timestamptz, nullable: true}}
{note}"""
_NOTE = "      note: {type: text, nullable: true}\n"


class Part(NamedTuple):
    """Some of what one revision does."""

    message: str
    upgrade: str
    downgrade: str = "pass"


_PROTECTED_PART = Part(
    f"add {PROTECTED}",
    f'''\
op.create_table(
    "{PROTECTED}",
    sa.Column("id", sa.Uuid(), server_default=sa.text("gen_random_uuid()"), nullable=False),
    sa.Column("number", sa.Text(), nullable=False),
    sa.Column("amount", sa.Numeric(precision=12, scale=2), nullable=False),
    sa.Column("placed_at", sa.DateTime(timezone=True), nullable=True),
    sa.Column("note", sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint("id"),
)''',
    f'op.drop_table("{PROTECTED}")',
)
_DROP_NOTE = Part(f"drop note of {PROTECTED}", f'op.drop_column("{PROTECTED}", "note")')
_ADD_A_TABLE = Part("add a table", 'op.create_table("apart", sa.Column("id", sa.Integer()))')

_ADD_ANOTHER = Part("add another table", 'op.create_table("another", sa.Column("id", sa.Integer()))')


class History:
    """The scripts of a history, one after the other; `files` holds their text by path."""

    def __init__(self, seed: int = 20) -> None:
        self._random = random.Random(seed)
        self._tables: dict[str, dict[str, str]] = {}  # table → column → type, all but the protected one
        self._names = [
            f"{noun}{end}" for end in ("s", "_items", "_logs", "_links", "_sets") for noun in _NOUNS
        ]
        self._names.remove(PROTECTED)
        self._made = 0
        self._head: str | None = None
        self.files: dict[str, str] = {}

    def grow(self, count: int) -> None:
        """Add revisions up to `count`; the protected table comes with the first."""
        makers = (
            (20, self._create_table),
            (28, self._add_column),
            (13, self._create_index),
            (11, self._alter_column),
            (8, self._batch),
            (6, self._raw_sql),
            (5, self._data_migration),
            (5, self._drop_column),
            (4, self._constraint),
        )
        weights = [weight for weight, _ in makers]
        self._add((_PROTECTED_PART, self._create_table()))
        while len(self.files) < count:
            (size,) = self._random.choices((1, 2, 3, 5, 8), (50, 20, 15, 10, 5))
            chosen = self._random.choices([make for _, make in makers], weights, k=size)
            self._add([make() for make in chosen])

    def script(self, parts: Sequence[Part]) -> tuple[str, str, str]:
        """One more revision to stand on top: its id, the path of its script, the script."""
        number, message = len(self.files), parts[0].message
        revision = hashlib.sha1(f"{number} {message}".encode()).hexdigest()[:12]
        upgrade = "\n".join(part.upgrade for part in parts)
        downgrade = "\n".join(part.downgrade for part in reversed(parts))
        created = f"{2019 + number // 336}-{number // 28 % 12 + 1:02}-{number % 28 + 1:02} 10:12:21.140712"
        lines = [
            f'"""{message}',
            "",
            f"Revision ID: {revision}",
            f"Revises: {self._head or ''}",
            f"Create Date: {created}",
            '"""',
            "from alembic import op",
            "import sqlalchemy as sa",
            *(["from sqlalchemy.dialects import postgresql"] if "postgresql." in upgrade + downgrade else []),
            "",
            "# revision identifiers, used by Alembic.",
            f'revision = "{revision}"',
            f"down_revision = {self._head!r}",
            "branch_labels = None",
            "depends_on = None",
        ]
        for name, body in (("upgrade", upgrade), ("downgrade", downgrade)):
            lines += ["", "", f"def {name}():", textwrap.indent(body, "    ")]
        path = f"{FOLDER}/{revision}_{'_'.join(message.split())[:40]}.py"
        return revision, path, "\n".join(lines) + "\n"

    def _add(self, parts: Sequence[Part]) -> None:
        self._head, path, text = self.script(parts)
        self.files[path] = text

    def _somewhere(self) -> tuple[str, str]:
        """A table, not the protected one, and a column of it."""
        table = self._random.choice([table for table, columns in self._tables.items() if columns])
        return table, self._random.choice(list(self._tables[table]))

    def _unique(self, name: str) -> str:
        self._made += 1
        return f"{name}_{self._made}"

    def _new_column(self, table: str) -> str:
        column = self._unique(self._random.choice(_WORDS))
        self._tables[table][column] = self._random.choice(_TYPES)
        return column

    def _create_table(self) -> Part:
        if not self._names:
            return self._add_column()
        table = self._names.pop(self._random.randrange(len(self._names)))
        columns = {
            name: self._random.choice(_TYPES)
            for name in self._random.sample(_WORDS, self._random.randint(3, 9))
        }
        owner = self._random.choice(list(self._tables) or [PROTECTED])
        self._tables[table] = columns
        first = next(iter(columns))
        lines = [
            "op.create_table(",
            f'    "{table}",',
            '    sa.Column("id", sa.Integer(), nullable=False),',
            *(
                f'    sa.Column("{name}", {kind}, nullable={self._random.random() < 0.6}),'
                for name, kind in columns.items()
            ),
            '    sa.Column("owner_id", sa.Integer(), nullable=True),',
            '    sa.Column("created_at", sa.DateTime(), server_default=sa.text("now()"), nullable=False),',
            f'    sa.ForeignKeyConstraint(["owner_id"], ["{owner}.id"], ondelete="CASCADE"),',
            '    sa.PrimaryKeyConstraint("id"),',
            ")",
            f'op.create_index(op.f("ix_{table}_{first}"), "{table}", ["{first}"], unique=False)',
        ]
        undo = f'op.drop_index(op.f("ix_{table}_{first}"), table_name="{table}")\nop.drop_table("{table}")'
        return Part(f"add {table}", "\n".join(lines), undo)

    def _add_column(self) -> Part:
        table, _ = self._somewhere()
        column = self._new_column(table)
        kind = self._tables[table][column]
        return Part(
            f"add {column} to {table}",
            f'op.add_column("{table}", sa.Column("{column}", {kind}, nullable=True))',
            f'op.drop_column("{table}", "{column}")',
        )

    def _drop_column(self) -> Part:
        table, column = self._somewhere()
        kind = self._tables[table].pop(column)
        return Part(
            f"drop {column} of {table}",
            f'op.drop_column("{table}", "{column}")',
            f'op.add_column("{table}", sa.Column("{column}", {kind}, nullable=True))',
        )

    def _create_index(self) -> Part:
        table, column = self._somewhere()
        name = self._unique(f"ix_{table}_{column}")
        upgrade = f'op.create_index(op.f("{name}"), "{table}", ["{column}"], unique=False)'
        if self._random.random() < 0.2:
            upgrade = (
                "with op.get_context().autocommit_block():\n"
                f'    op.create_index("{name}", "{table}", ["{column}"], postgresql_concurrently=True)'
            )
        return Part(
            f"index {column} of {table}", upgrade, f'op.drop_index(op.f("{name}"), table_name="{table}")'
        )

    def _alter_column(self) -> Part:
        table, column = self._somewhere()
        old, new = self._tables[table][column], self._random.choice(_TYPES)
        self._tables[table][column] = new

        def to(one: str, other: str) -> str:
            named = f'op.alter_column(\n    "{table}",\n    "{column}",\n'
            return f"{named}    existing_type={one},\n    type_={other},\n    existing_nullable=True,\n)"

        return Part(f"alter {column} of {table}", to(old, new), to(new, old))

    def _batch(self) -> Part:
        table, column = self._somewhere()
        kind, new = self._tables[table][column], self._new_column(table)
        batch = f'with op.batch_alter_table("{table}", schema=None) as batch_op:\n'
        return Part(
            f"batch {table}",
            f'{batch}    batch_op.add_column(sa.Column("{new}", {self._tables[table][new]}, nullable=True))\n'
            f'    batch_op.alter_column("{column}", existing_type={kind}, nullable=True)',
            f'{batch}    batch_op.drop_column("{new}")',
        )

    def _raw_sql(self) -> Part:
        table, column = self._somewhere()
        name = self._unique(f"{table}_{column}")
        upgrade = self._random.choice(
            (
                f'op.execute("CREATE INDEX {name} ON {table} ({column}) WHERE {column} IS NOT NULL")',
                f'op.execute("ALTER TABLE {table} ALTER COLUMN {column} SET DEFAULT NULL")',
                f'op.execute(\n    """\n    ALTER TABLE {table}\n        ADD CONSTRAINT ck_{name}\n'
                f'        CHECK ({column} IS NOT NULL) NOT VALID\n    """\n)',
                "conn = op.get_bind()\n"
                f'conn.execute(sa.text("""COMMENT ON TABLE {table} IS \'seen by {name}\'"""))',
            )
        )
        return Part(f"sql for {table}", upgrade)

    def _data_migration(self) -> Part:
        table, column = self._somewhere()
        upgrade = self._random.choice(
            (
                f'op.execute("UPDATE {table} SET {column} = NULL WHERE {column} IS NULL")',
                "bind = op.get_bind()\n"
                f'rows = sa.table("{table}", sa.column("id", sa.Integer), sa.column("{column}"))\n'
                f"for row in bind.execute(sa.select(rows.c.id).where(rows.c.{column}.is_(None))):\n"
                f"    bind.execute(rows.update().where(rows.c.id == row.id).values({column}=None))",
                f'op.execute(\n    f"""\n    DELETE FROM {table} WHERE id IN (\n'
                f'        SELECT id FROM {table} GROUP BY id HAVING count(*) > 1\n    )\n    """\n)',
            )
        )
        return Part(f"backfill {column} of {table}", upgrade)

    def _constraint(self) -> Part:
        table, column = self._somewhere()
        name = self._unique(f"uq_{table}_{column}")
        return Part(
            f"unique {column} of {table}",
            f'op.create_unique_constraint("{name}", "{table}", ["id", "{column}"])',
            f'op.drop_constraint("{name}", "{table}", type_="unique")',
        )


class Benchmark:
    """The repository at `folder`: `base` is a commit of the long history, the others are changes to it."""

    def __init__(self, folder: Path, revisions: int) -> None:
        self.folder = folder
        self.revisions = revisions
        history = History()
        history.grow(revisions)
        folder.mkdir(parents=True)
        self._git("init", "--quiet", "--initial-branch=main")
        self._write(
            {
                "alembic.ini": "[alembic]\nscript_location = migrations\nprepend_sys_path = .\n",
                "migrations/env.py": "from alembic import context\n",
                "app/models.py": "from sqlalchemy.orm import DeclarativeBase\n",
                **_contracts(_NOTE),
                **history.files,
            }
        )
        self.base = self._commit("the history so far")
        self.paths = tuple(folder / path for path in history.files)
        _, path, text = history.script([_DROP_NOTE])
        self.touching = self._branch("touching", {path: text, **_contracts("")})
        self._git("checkout", "--quiet", "main")
        _, path, text = history.script([_ADD_A_TABLE])
        self.apart = self._branch("apart", {path: text})
        self._git("checkout", "--quiet", "main")
        _, path, text = history.script([_ADD_ANOTHER])
        self.other = self._branch("other", {path: text})

    def _branch(self, name: str, files: dict[str, str]) -> str:
        self._git("checkout", "--quiet", "-b", name)
        self._write(files)
        return self._commit(name)

    def _write(self, files: dict[str, str]) -> None:
        for path, text in files.items():
            place = self.folder / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8")

    def _commit(self, message: str) -> str:
        self._git("add", "--all")
        self._git("-c", "user.name=A", "-c", "user.email=a@example.org", "commit", "--quiet", "-m", message)
        return self._git("rev-parse", "HEAD")

    def _git(self, *arguments: str) -> str:
        run = subprocess.run(("git", *arguments), cwd=self.folder, capture_output=True, text=True, check=True)
        return run.stdout.strip()


def _contracts(note: str) -> dict[str, str]:
    sides = (("shop", "producer"), ("billing", "consumer"))
    return {
        f"contracts/{service}.{role}.yaml": _CONTRACT.format(
            service=service, role=role, table=PROTECTED, note=note
        )
        for service, role in sides
    }
