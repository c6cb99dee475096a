"""What SQLite's ALTER TABLE refuses: https://www.sqlite.org/lang_altertable.html.

Alembic's batch mode makes a new table instead, moves the rows over, and gives it the name of the old one. It
does so of itself where SQLite needs it: `requires_recreate_in_batch` of its implementation.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from migration_lint.catalog.replay.columns import stands_in
from migration_lint.catalog.replay.reflection import MADE_ANEW, is_reflected_anew, triggers_on, unseen
from migration_lint.effects.model import NOTHING, Effect
from migration_lint.effects.setting import Setting
from migration_lint.operations import Kind, Operation, kinds_of

#: RENAME COLUMN, and DROP COLUMN.
RENAMED_SINCE = (3, 25)
DROPPED_SINCE = (3, 35)

_ALTER = "SQLite has no ALTER COLUMN"
_CONSTRAINT = "SQLite adds and drops no constraints of a table that is there"
#: What the server works out when the column is added is no constant.
_CONSTANT = (
    r"""(?ix) [-+]?\d+(?:\.\d*)?(?:e[-+]?\d+)? | x?'(?:[^']|'')*' | "(?:[^"]|"")*" | null | true | false """
)


def effects(operation: Operation, setting: Setting) -> tuple[Effect, ...]:
    """What is told of SQLite: that it refuses the statement, and what a table that is made anew loses."""
    why, lost = next(_refused(operation, setting), ""), _lost(operation, setting)
    return (Effect("ALTER TABLE", fails=why, lost=lost),) if why or lost else ()


def constraint_effect(operation: Operation, made_by: Operation) -> Effect:
    """The same of the one constraint that `made_by` makes: an unnamed one that goes with ADD COLUMN."""
    return NOTHING


def _refused(operation: Operation, setting: Setting) -> Iterator[str]:
    if operation.batch and operation.kind in MADE_ANEW and not setting.before(RENAMED_SINCE):
        yield from _under_a_view(operation, setting)
    if operation.temporary or (operation.batch and operation.kind != "drop_column"):
        return
    yield from _KINDS[operation.kind](operation, setting)


def _never(why: str) -> Callable[[Operation, Setting], Iterator[str]]:
    def refused(operation: Operation, setting: Setting) -> Iterator[str]:
        yield why

    return refused


def _taken(operation: Operation, setting: Setting) -> Iterator[str]:
    yield from ()


def _renaming(operation: Operation, setting: Setting) -> Iterator[str]:
    if setting.before(RENAMED_SINCE):
        yield "SQLite renames columns since 3.25"


def _dropping(operation: Operation, setting: Setting) -> Iterator[str]:
    if operation.batch:
        return
    if setting.before(DROPPED_SINCE):
        yield "SQLite drops columns since 3.35"
    yield from _hanging(operation, setting)


def _lost(operation: Operation, setting: Setting) -> tuple[str, ...]:
    table = setting.table(operation) if is_reflected_anew(operation) and not operation.temporary else None
    if table is None:
        return ()
    triggers = triggers_on(setting.catalog, setting.key(operation))
    return tuple(each.what for each in unseen(table, triggers))


def _under_a_view(operation: Operation, setting: Setting) -> Iterator[str]:
    """Batch mode drops the table before it renames the new one: since 3.25 RENAME reads all views anew."""
    catalog, key = setting.catalog, setting.key(operation)
    for view in catalog.views.values():
        if any(catalog.key_of(read) == key for read in view.reads):
            yield f"batch mode makes {operation.table} anew, and view {view.name} reads it"


def _adding(operation: Operation, setting: Setting) -> Iterator[str]:
    column = operation.columns[0] if operation.columns else None
    kinds = {each.kind for each in operation.constraints}
    if operation.sql is None and kinds & {"unique", "foreign_key"} - (
        {"foreign_key"} if operation.inline else set()
    ):
        yield _CONSTRAINT
    if operation.sql is not None and "unique" in kinds:
        yield "SQLite adds no UNIQUE column"
    if operation.sql is not None and "primary_key" in kinds:
        yield "SQLite adds no PRIMARY KEY column"
    if column is None:
        return
    if column.generated == "stored":
        yield "SQLite adds no STORED column"
    elif column.generated is None and column.default is not None:
        default = column.default.strip()
        while default.startswith("(") and default.endswith(")"):
            default = default[1:-1].strip()
        if not re.fullmatch(_CONSTANT, default):
            yield f"SQLite adds no column with the default {column.default}, which is no constant"


def _hanging(operation: Operation, setting: Setting) -> Iterator[str]:
    table = setting.table(operation)
    if table is None or table.uncertain or operation.column is None:
        return
    fold, column = setting.catalog.fold, operation.column
    # Others stand in its way too where they are not written with the column, which nobody can tell here.
    words = {"primary_key": "is the primary key", "unique": "is unique"}
    for each in table.constraints:
        if each.kind in words and stands_in(fold, column, each):
            yield f"{column} {words[each.kind]}"
    for index in table.indexes:
        if stands_in(fold, column, index):
            yield f"{column} is in the index {index.name}" if index.name else f"{column} is in an index"


#: Why the server refuses an operation, of every kind.
_KINDS: Mapping[Kind, Callable[[Operation, Setting], Iterator[str]]] = {
    **dict.fromkeys(
        kinds_of("table", "index", "enum", "view", "schema", "comment", "rows", "statement", "anything"),
        _taken,
    ),
    "rename_constraint": _taken,
    "validate_constraint": _taken,
    "alter_type": _never(_ALTER),
    "set_nullable": _never(_ALTER),
    "set_default": _never(_ALTER),
    "set_generated": _never(_ALTER),
    "add_constraint": _never(_CONSTRAINT),
    "drop_constraint": _never(_CONSTRAINT),
    "rename_column": _renaming,
    "add_column": _adding,
    "drop_column": _dropping,
}
