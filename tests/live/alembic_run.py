"""Runs the statements of a revision with Alembic itself, and reads them with the product."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy.dialects import mysql, postgresql

from migration_lint.catalog.model import Catalog
from migration_lint.catalog.replay import Journal, replay, steps
from migration_lint.effects.model import Effect
from migration_lint.effects.statements import Setting, effects
from migration_lint.operations import Dialect, Operation
from migration_lint.reading import read_script_text


def run(connection: sa.Connection, code: str, **options: Any) -> None:
    """Runs the statements as the body of an `upgrade()`; autocommit_block works."""
    context = MigrationContext.configure(connection, opts=options)
    names = {"op": Operations(context), "sa": sa, "postgresql": postgresql, "mysql": mysql}
    with context.begin_transaction():
        exec(code, names)


def read(code: str, dialect: Dialect = "postgresql") -> Sequence[Operation]:
    """What the product reads in the same statements."""
    header = (
        "from alembic import op\nimport sqlalchemy as sa\n"
        "from sqlalchemy.dialects import mysql, postgresql\n\n\ndef upgrade():\n"
    )
    return read_script_text(header + textwrap.indent(code, "    "), dialect).upgrade


class Claim(NamedTuple):
    """An operation, and what the product says that its statements do."""

    operation: Operation
    effects: tuple[Effect, ...]


def claims(
    before: str,
    code: str,
    dialect: Dialect = "postgresql",
    version: tuple[int, ...] = (),
    *,
    unchecked: bool = False,
) -> list[Claim]:
    """What the product says of each operation of `code`, where `before` has run already."""
    catalog = Catalog(dialect)
    replay(catalog, "0001", read(before, dialect)) if before else None
    setting = Setting(catalog, dialect, version, unchecked)
    return [
        Claim(operation, effects(operation, setting))
        for operation in steps(catalog, "0002", read(code, dialect), Journal())
    ]
