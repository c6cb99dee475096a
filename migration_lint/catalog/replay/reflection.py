"""What a table of SQLite loses where batch mode makes it anew of what SQLAlchemy sees of it.

Neither PRAGMA index_info nor `sqlite_master` tells SQLAlchemy of the order and the collation of a column in
an index, of an index over an expression, or of AUTOINCREMENT; of a WHERE, it sees the first line. A CHECK
without a name Alembic leaves out.
DROP TABLE takes the triggers of the old table along.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import zip_longest

from migration_lint.catalog.model import Catalog, Key, Table
from migration_lint.catalog.replay.rows import drop_rows
from migration_lint.catalog.replay.run import Run
from migration_lint.data_class import replace
from migration_lint.named_tuple import NamedTuple
from migration_lint.operations import HOLE, Constraint, Index, Kind, Operation

#: What Alembic's batch mode makes a table anew for: `requires_recreate_in_batch` of its implementation.
MADE_ANEW: frozenset[Kind] = frozenset(
    (
        "alter_type",
        "set_nullable",
        "set_default",
        "set_generated",
        "add_constraint",
        "drop_constraint",
        "drop_column",
        "rename_column",
    )
)
# A text, which `re` compiles when it is first needed.
_ORDERED = r"""(?ix) ("(?:[^"]|"")+" | [^\W\d]\w*)
    (?:(?P<ascending> \s+asc) | (?:\s+(?:collate\s+\S+ | asc | desc))+)"""


class Unseen(NamedTuple):
    """A part of a table that is not reflected: in words, and what is left of it, if anything is."""

    what: str
    part: Index | Constraint | None = None  # None: of the table itself
    left: Index | None = None


def is_reflected_anew(operation: Operation) -> bool:
    """Whether an operation has SQLite's table made anew of what is reflected of it."""
    return operation.reflected and (operation.kind in MADE_ANEW or operation.action == "recreate")


def triggers_on(catalog: Catalog, key: Key) -> tuple[str, ...]:
    """The names of the triggers on a table."""
    return tuple(hook.name for hook in catalog.hooks.get(key, ()) if hook.kind == "trigger")


def unseen(table: Table, triggers: tuple[str, ...]) -> Iterator[Unseen]:
    """What the table that is made anew of it does not have; `triggers` are the names of those on it."""
    for index in table.indexes:
        found = _unseen_of_index(index)
        if found is not None:
            yield found
    for each in table.constraints:
        if each.kind == "check" and not (each.name or each.by_convention):
            yield Unseen(f"CHECK ({each.expression})" if each.expression else "a CHECK without a name", each)
    if any(column.generated == "identity" for column in table.columns.values()):
        yield Unseen("AUTOINCREMENT")
    for name in triggers:
        yield Unseen(f"trigger {name}")


def _unseen_of_index(index: Index) -> Unseen | None:
    named = f"index {index.name}" if index.name else "an index"
    columns = [re.fullmatch(_ORDERED, each) for each in index.columns] if index.expressions else []
    plain = tuple(each if found is None else found[1] for each, found in zip_longest(index.columns, columns))
    if index.expressions and not all(re.fullmatch(r"\w+|\"(?:[^\"]|\"\")+\"", each) for each in plain):
        return Unseen(named, index)
    kept = tuple([each for each in index.kept if each != HOLE])
    lost = []
    if kept != index.kept or any(found is not None and not found["ascending"] for found in columns):
        lost.append("the order or collation")
    if index.seen_where is not None:
        lost.append("a part of the WHERE" if index.seen_where else "the WHERE")
    if not lost:
        return None
    where = index.where if index.seen_where is None else index.seen_where or None
    names = tuple([each[1:-1].replace('""', '"') if each[:1] == '"' else each for each in plain])
    left = replace(index, columns=names, expressions=False, kept=kept, where=where, seen_where=None)
    return Unseen(f"{' and '.join(lost)} of {named}", index, left)


def forget(run: Run, operation: Operation) -> None:
    """Take from the table what making it anew loses."""
    key = run.key(operation)
    table = None if run.is_temporary(operation) else run.catalog.get(key)
    if table is None or not is_reflected_anew(operation):
        return
    drop_rows(run, operation, table)
    for each in list(unseen(table, triggers_on(run.catalog, key))):
        if isinstance(each.part, Constraint):
            run.note(operation, "constraint_dropped", table, before=each.part)
            left = tuple(item for item in table.constraints if item is not each.part)
            table = table._replace(constraints=left)
        elif each.part is not None:
            run.note(operation, "index_dropped", table, before=each.part)
            kept = [each.left if item is each.part else item for item in table.indexes]
            table = table._replace(indexes=tuple(item for item in kept if item is not None))
    for name, column in list(table.columns.items()):
        if column.generated == "identity":
            table = table._replace(columns={**table.columns, name: column._replace(generated="serial")})
    hooks = tuple(hook for hook in run.catalog.hooks.get(key, ()) if hook.kind != "trigger")
    if hooks:
        run.catalog.hooks[key] = hooks
    else:
        run.catalog.hooks.take(key)
    run.put(table)
