"""`op.batch_alter_table`: whether the table is made anew, and of what.

Alembic then makes a table of `copy_from`, or of what it reflects with `reflect_args` and `reflect_kwargs`,
copies the rows into it, and drops the old one: what the new one lacks is gone.
"""

from __future__ import annotations

from collections.abc import Mapping

from migration_lint.data_class import replace
from migration_lint.operations import ANY_TABLE, HOLE, Dialect, Operation
from migration_lint.reading.models import pasted
from migration_lint.reading.models.creating import create_table_operations
from migration_lint.reading.models.expressions import name_of
from migration_lint.reading.models.orm import mapped_table
from migration_lint.reading.python.interpreter import Interpreter
from migration_lint.reading.python.recorder import Condition
from migration_lint.reading.python.values import (
    Batch,
    Class,
    ColumnModel,
    ConstraintModel,
    Dict,
    IndexModel,
    TableModel,
    Value,
    alternatives,
    whole,
)

#: What SQLite does to a table that is there. Everything else makes Alembic make it anew.
_IN_PLACE = frozenset(("add_column", "create_index", "drop_index"))
#: Arguments that state what the new table has beside what is reflected, or in its place.
_STATING = ("copy_from", "reflect_args", "table_args", "reflect_kwargs", "table_kwargs")
#: Arguments of `Table` that make no other table of what is reflected.
_NOT_CHANGING = frozenset(
    """
    autoload autoload_with autoload_replace comment extend_existing implicit_returning info keep_existing
    quote quote_schema resolve_fks schema
    """.split()
)
#: Arguments of `Table` that make a table of another kind, which may be gone when the session ends.
_OTHER_KIND = ("prefixes", "_on_commit", "_inherits", "_partition_by")


def opened(run: Interpreter, dialect: Dialect, args: Mapping[str, Value]) -> Batch:
    """What `batch_alter_table` gives, once what it does by itself has been told."""
    batch = Batch(args.get("table_name"), args.get("schema"))
    recreate = args.get("recreate", "auto")
    modes = set(map(str, alternatives(recreate))) if _is_known(recreate) else {"auto", "always", "never"}
    may = {"always", "auto"} if dialect == "sqlite" else {"always"}
    if not modes & may:
        return batch
    batch.reflected = dialect == "sqlite" and not any(args.get(name) for name in _STATING)
    batch.always = batch.reflected and "always" in modes
    condition = None
    if not modes <= may:
        line = getattr(run.recorder.place, "lineno", 0)
        condition = Condition(f"{line}:recreate", "whether the table is made anew is not known")
        run.recorder.conditions.append(condition)
    try:
        for operation in _recreated(run, dialect, batch, args):
            made = run.recorder.emit(replace(operation, batch=True))
            if made is not None:
                batch.waiting.append(made)
                batch.perhaps += [made] if "always" not in modes else []
    finally:
        if condition is not None:
            run.recorder.conditions.pop()
    return batch


def _is_known(value: Value) -> bool:
    return all(map(whole, alternatives(value)))


def leave(run: Interpreter, batch: Batch) -> None:
    """The block ends: what waits in it runs now, in SQLite on a table that may have to be made anew first."""
    others = [each for each in batch.waiting if all(each is not one for one in batch.perhaps)]
    if batch.perhaps and not any(map(_needs_another, others)):
        run.recorder.withdraw(batch.perhaps)
        batch.waiting[:] = others
    run.recorder.postpone(batch.waiting)


def _needs_another(operation: Operation) -> bool:
    if operation.kind == "add_column":  # SQLite adds no column with an expression for a default
        return any(each.default is not None for each in operation.columns)
    return operation.kind not in _IN_PLACE


def _recreated(
    run: Interpreter, dialect: Dialect, batch: Batch, args: Mapping[str, Value]
) -> list[Operation]:
    """The operations by which the table is made anew, before those of the block."""
    table, schema = name_of(batch.table) or HOLE, name_of(batch.schema)
    found = pasted.TextJudgement(dialect)
    more = [item for name in ("reflect_args", "table_args") for item in _items(run, args.get(name, ()))]
    for name in ("table_kwargs", "reflect_kwargs"):
        given = args.get(name)
        if isinstance(given, Dict):
            found.arguments(pasted.CONSTRUCTS["Table"], {key: given[key] for key in given if whole(key)})
        if given is not None and not (isinstance(given, Dict) and given.exact):
            found.why.append(f"a table is made anew, and what `{name}` holds could not be worked out")
        elif name == "table_kwargs" and any(key.endswith(_OTHER_KIND) for key in given or () if whole(key)):
            found.why.append("a table is made anew, and as one of another kind: of a session, perhaps")
    source = args.get("copy_from")
    wrong = [*found.why, *(why for each in (*more, source) for why in pasted.held(each))]
    return [
        *(_told(run, dialect, source, more, args, table, schema)),
        *map(pasted.opaque, dict.fromkeys(wrong)),
    ]


def _told(
    run: Interpreter,
    dialect: Dialect,
    source: Value,
    more: list[Value],
    args: Mapping[str, Value],
    table: str,
    schema: str | None,
) -> list[Operation]:
    source = mapped_table(run, source) or source if isinstance(source, Class) else source
    copied = isinstance(source, TableModel)
    keywords = source.options if copied else args.get("reflect_kwargs")
    reason = _not_known(source, more, keywords)
    if reason is not None or HOLE in table or HOLE in (schema or ""):
        why = f"a table is made anew, and {reason or 'which one is not known'}"
        named = ANY_TABLE if not table.strip(HOLE) else f"{schema}.{table}" if schema else table
        return [Operation(kind="opaque", reason=why, tables=(named,))]
    reflected = not copied or source.reflected
    kept = _included(run, keywords) if reflected else None
    stated = [*(source.items.every() if copied else ()), *more]
    if reflected and kept is None and not stated:
        return []  # made of what is there
    made = create_table_operations(run, dialect, table, schema, [_without_index(each) for each in stated])
    one = next(each for each in made if each.kind == "create_table")
    indexes = tuple(replace(each, table=table, schema=schema) for each in made if each.kind == "create_index")
    return [
        replace(
            one,
            kind="recreate_table",
            values=kept or (),
            incomplete=reflected and kept is None,
            does=indexes,
        )
    ]


def _not_known(source: Value, more: list[Value], keywords: Value) -> str | None:
    """Why it is not known what the table is made of; None: it is."""
    if source is not None and not isinstance(source, TableModel):
        return "what `copy_from` is could not be worked out"
    if isinstance(source, TableModel) and not source.reflected and source.items.open:
        return "which columns `copy_from` has could not be worked out"
    if not all(isinstance(each, (ColumnModel, ConstraintModel, IndexModel)) for each in more):
        return "what `reflect_args` or `table_args` holds could not be worked out"
    if keywords is not None and (source is None or source.reflected):
        if not isinstance(keywords, Dict) or not keywords.exact:
            return "what its table is reflected with could not be worked out"
        unread = [key for key in keywords if key not in _NOT_CHANGING and key != "include_columns"]
        if unread:
            return f"what `{unread[0]}` makes of its columns is not known"
    return None


def _included(run: Interpreter, keywords: Value) -> tuple[str, ...] | None:
    given = keywords.get("include_columns") if isinstance(keywords, Dict) else None
    return None if given is None else tuple(each for each in run.items(given).every() if whole(each))


def _items(run: Interpreter, value: Value) -> list[Value]:
    items = run.items(value)
    return [*items.every(), *([None] if items.open else [])]


def _without_index(value: Value) -> Value:
    """A column without the index of `index=True`, which Alembic does not make again."""
    if not isinstance(value, ColumnModel) or not value.index:
        return value
    made = value.copy()
    made.index = made.unique = False
    return made
