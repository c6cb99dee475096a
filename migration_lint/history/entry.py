"""The function that Alembic runs of a script, and what to say where a script has none."""

from __future__ import annotations

import re

from migration_lint.errors import Problem
from migration_lint.history.script import Script
from migration_lint.wording import OF_MANY, near


def without_upgrade(script: Script) -> Problem | None:
    """What is wrong with a script that has no `upgrade`, whatever else its module may bind; None: it has one.

    Alembic asks every script for it that it runs (`alembic/runtime/migration.py`, `RevisionStep`). Raises
    CannotJudge where the script cannot be parsed.
    """
    if re.search(rb"^def upgrade\b", script.data(), re.MULTILINE):
        return None  # as almost all of them have it: there is no need to parse them for it
    from migration_lint.history.constants import Constants

    names = Constants(script.module().body)
    if names.may_be_bound("upgrade"):
        return None
    others = [name for name in names.names() if name not in ("downgrade", "revision", "down_revision")]
    meant = near("upgrade", others, OF_MANY)
    return Problem(
        f"revision {script.revision!r} has no `upgrade`: Alembic fails when it comes to run it",
        script.path,
        names.line(meant) if meant else script.line,
        fix=f"rename `{meant}` to `upgrade`" if meant else "add `def upgrade():` with what the revision does",
    )
