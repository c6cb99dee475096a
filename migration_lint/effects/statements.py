"""What an operation's statements do, as Alembic renders them for a dialect."""

from __future__ import annotations

from migration_lint.effects.model import NOTHING, Effect
from migration_lint.effects.setting import Setting
from migration_lint.operations import Operation

__all__ = ["Setting", "effect", "effects"]


def effects(operation: Operation, setting: Setting) -> tuple[Effect, ...]:
    """What each statement of the operation does, in order; empty where nothing is known of it."""
    if setting.dialect == "postgresql":
        from migration_lint.effects import postgresql

        return postgresql.effects(operation, setting)
    if setting.dialect in ("mysql", "mariadb"):
        from migration_lint.effects import mysql

        return mysql.effects(operation, setting)
    if setting.dialect == "sqlite":
        from migration_lint.effects import sqlite

        return sqlite.effects(operation, setting)
    return ()


def effect(operation: Operation, setting: Setting, made_by: Operation | None = None) -> Effect:
    """What the operation's own statement does; with `made_by`, what making its one constraint there does."""
    if made_by is not None and made_by.kind != operation.kind and operation.constraints:
        if setting.dialect == "postgresql":
            from migration_lint.effects import postgresql

            return postgresql.constraint_effect(operation, setting, made_by)
        if setting.dialect in ("mysql", "mariadb"):
            from migration_lint.effects import mysql

            return mysql.constraint_effect(operation, setting, made_by)
        if setting.dialect == "sqlite":
            from migration_lint.effects import sqlite

            return sqlite.constraint_effect(operation, made_by)
        return NOTHING
    return next(iter(effects(operation, setting)), NOTHING)
