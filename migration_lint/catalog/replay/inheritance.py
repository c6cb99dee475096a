"""What a table inherits from: INHERIT, ATTACH PARTITION, OF, and what ends them."""

from __future__ import annotations

import re

from migration_lint.catalog.model import Hook, Key
from migration_lint.catalog.replay.copying import attached, comes_from_parents
from migration_lint.catalog.replay.run import Run
from migration_lint.operations import NUMBERED, Operation

_BOUNDS = r"(?is)\b(default|for\s+values\b.*?)\s*;?\s*$"


def change_parents(run: Run, operation: Operation, action: str) -> None:
    """ATTACH and DETACH PARTITION, INHERIT and NO INHERIT, OF and NOT OF.

    `tables` names the table, and the other one, or its type.
    """
    first, second = run.key(operation), _other_table(run, operation)
    parents = run.catalog.parents
    if action == "not of" and not operation.conditional:  # what is made of a type inherits from nothing
        parents.take(first)
    if second is None:
        return
    child, parent = (second, first) if "partition" in action else (first, second)
    if "partition" in action:
        table = run.catalog.get(parent)
        if table is not None:
            run.note(operation, "partition_changed", table)
    if action == "attach partition":
        run.catalog.partitions.add(child)
        attached(run, parent, child)
        _take_numbers(run, operation, parent, child)
        _set_bounds(run, parent, child, operation.sql or "")
    elif action == "detach partition" and not operation.conditional:
        run.catalog.partitions.discard(child)
        _lose_numbers(run, operation, child)
        _set_bounds(run, parent, child, "")
    if action in ("attach partition", "inherit"):
        parents[child] = tuple(dict.fromkeys((*parents.get(child, ()), parent)))
    elif action == "of":
        parents[child] = (parent,)
    elif action in ("detach partition", "no inherit") and not operation.conditional:
        left = tuple(each for each in parents.get(child, ()) if each != parent)
        parents[child] = left
        if not left:
            del parents[child]
        _own_columns(run, child)


def _other_table(run: Run, operation: Operation) -> Key | None:
    """The other table, or the type, that an ALTER TABLE names: on a search path, the one that is there."""
    own, keys = run.key(operation), map(run.catalog.key_of, operation.tables)
    others = [key for key in keys if key != own]
    others = [key for key in others if key[1] != own[1]] or others
    there = [key for key in others if key in run.catalog.rows or key in run.catalog.composites]
    return next(iter((*there, *others)), None)


def _set_bounds(run: Run, parent: Key, child: Key, sql: str) -> None:
    """The rows that a partition takes, by the statement that attaches it; "": it is one no more."""
    hooks: tuple[Hook, ...] = ()
    for each in run.catalog.hooks.get(child, ()):
        left = tuple(done for done in each.does if done.action != "partition of")
        hooks += (each._replace(does=left),) if left or not each.does else ()
    bounds = re.search(_BOUNDS, sql)
    if bounds is not None:
        does = Operation(kind="dml", action="partition of", sql=bounds[1])
        hooks = (*hooks, Hook("partition of", parent[1], (does,)))
    if hooks:
        run.catalog.hooks[child] = hooks
    else:
        run.catalog.hooks.take(child)


def _take_numbers(run: Run, operation: Operation, parent: Key, child: Key) -> None:
    """A column that is an identity is one in each partition, numbered by the same sequence."""
    of = run.catalog.get(parent)
    for folded, column in of.columns.items() if of is not None else ():
        table = run.catalog.get(child)
        own = None if table is None else table.columns.get(folded)
        if table is None or own is None or column.generated not in NUMBERED or column.generated == "serial":
            continue
        run.note(operation, "column_generated", table, own)
        run.with_column(table, own._replace(generated=column.generated, default=None, nullable=False))
    for each in list(run.catalog.children(child)):
        _take_numbers(run, operation, child, each)


def _lose_numbers(run: Run, operation: Operation, child: Key) -> None:
    """What was a partition has no identity any more, and stays NOT NULL."""
    table = run.catalog.get(child)
    for column in table.columns.values() if table is not None else ():
        current = run.catalog.get(child)
        if current is not None and column.generated in NUMBERED and column.generated != "serial":
            run.note(operation, "column_generated", current, column)
            run.with_column(current, column._replace(generated=None))
    for each in list(run.catalog.children(child)):
        _lose_numbers(run, operation, each)


def _own_columns(run: Run, child: Key) -> None:
    """The columns that no parent has any more are the table's own."""
    table = run.catalog.get(child)
    if table is not None:
        columns = {
            folded: column if comes_from_parents(run, child, folded) else column._replace(inherited=False)
            for folded, column in table.columns.items()
        }
        run.put(table._replace(columns=columns))
