"""What an operation sets off: functions that it calls, what is attached to tables, what depends on it.

A script is read alone. What a function of an earlier revision does, which triggers a table has, and which
tables are its partitions, only the catalog knows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from migration_lint.catalog.journal import Entry
from migration_lint.catalog.model import AMBIENT, Hook, Key
from migration_lint.catalog.replay.calls import called
from migration_lint.catalog.replay.dependants import dependants
from migration_lint.catalog.replay.firing import fires, hangs_on_rows, means_some_rows, of_every_row
from migration_lint.catalog.replay.run import Run
from migration_lint.operations import (
    ANY_TABLE,
    DEFINING,
    STATEMENTS,
    WRITING,
    Dialect,
    Operation,
    altered,
    kinds_of,
)

#: Evaluate expressions on the rows of their table.
_SCANNING = frozenset({"alter_type", "add_column", "create_index", "add_constraint", "validate_constraint"})
_SCANNING_ACTIONS = frozenset(
    """
    refresh analyze analyse vacuum cluster reindex
    """.split()
)
_SCANNING_ALTERATIONS = frozenset(
    {
        "alter domain",
        "alter table alter column set expression",
        "alter table attach partition",
        "alter table set access method",
        "alter table set logged",
        "alter table set unlogged",
    }
)
_READING = frozenset({"select", "values", "table", "with", "explain", "declare", "fetch"})
#: Made out of what they read, if they read anything.
_READING_ALL = kinds_of("table", "view", to=("made",))
_FILLING = frozenset(("insert", "copy", "merge", "replace", "with"))
_DEEPEST = 12
_MOST = 200


def set_off(run: Run, operation: Operation, seen: set[object]) -> list[Operation]:
    """The operations that follow from one, as the catalog finds it, in the order in which they happen.

    `seen` is what was followed already on account of the operation that a script holds: a function that
    calls itself, or a trigger that fires itself, is followed once.
    """
    if operation.kind == "opaque" and not operation.calls:
        return []
    follow = _Following(run, operation, seen)
    follow.dependants(operation)
    follow.runs(operation, 0)
    return follow.found


def is_answered(run: Run, operation: Operation) -> bool:
    """Whether an opaque call is of routines that earlier revisions make."""
    routines, fold = run.catalog.routines, run.catalog.fold
    return bool(operation.calls) and all(routines.get(fold(name)) for name in operation.calls)


class _Following:
    def __init__(self, run: Run, cause: Operation, seen: set[object]) -> None:
        self.run = run
        self.catalog = run.catalog
        self.cause = cause
        self.found: list[Operation] = []
        self.seen = seen
        self.transitions: tuple[str, ...] = ()  # what the trigger at hand calls the rows that set it off

    def add(self, operation: Operation, via: str, sure: bool) -> None:
        """An operation at the place of the one that sets it off."""
        cause = self.cause
        conditional = operation.conditional or cause.conditional or not sure
        reason = operation.reason
        if conditional and reason is None:
            reason = cause.reason or f"runs by way of {via}"
        self.found.append(
            altered(
                operation,
                {
                    "path": cause.path,
                    "line": cause.line,
                    "column_offset": cause.column_offset,
                    "end_line": cause.end_line,
                    "end_column_offset": cause.end_column_offset,
                    "autocommit": cause.autocommit,
                    "conditional": conditional,
                    "branch": operation.branch or cause.branch or (f"via:{via}" if conditional else None),
                    "reason": reason,
                    "sql": cause.sql if operation.sql is None else operation.sql,
                    "calls": (),
                    "does": operation.does if operation.kind == "other_ddl" else (),
                    "via": via,
                },
            )
        )

    # What depends on a table or a function

    def dependants(self, operation: Operation) -> None:
        """What hangs on what it changes, and what a table is made anew with."""
        if operation.kind == "recreate_table":
            from migration_lint.catalog.replay.recreation import recreated  # of SQLite's batches alone

            for each in recreated(self.run, operation):
                self.add(each, "the table made anew", sure=True)
        if operation.action == "alter table convert to":
            self._converted(operation)
        for found in dependants(self.run, operation, self.seen):
            self.add(*found)

    def _converted(self, operation: Operation) -> None:
        """Text columns that another character set makes of another type."""
        table = None if self.run.is_temporary(operation) else self.catalog.get(self.run.key(operation))
        if table is None or (operation.charset is not None and operation.charset == table.charset):
            return
        from migration_lint.catalog.charsets import converted  # of MySQL alone

        for column in table.columns.values():
            found = None
            if column.type is not None:
                found = converted(column.type, table.charset, operation.charset, self.catalog.dialect)
            if found is not None:
                made = Operation(
                    kind="alter_type",
                    table=table.name,
                    schema=table.schema,
                    column=column.name,
                    type=found.type,
                )
                self.add(made, "the character set", sure=found.sure)

    # What runs

    def runs(self, operation: Operation, depth: int) -> None:
        """Follow what an operation calls and what the tables that it meets run."""
        if depth > _DEEPEST or len(self.found) > _MOST:
            reason = "what its functions run goes too deep to follow"
            self.add(Operation(kind="opaque", reason=reason, tables=(ANY_TABLE,)), "its functions", sure=True)
            return
        direct = depth == 0
        for name in (*operation.calls, *_expressions(operation, self.catalog.dialect)):
            self._call(name, depth, sure=direct and not operation.conditional)
        for hook in self._met(operation):
            self._hook(hook, depth)
        evaluates = _evaluates(operation)
        for hook in self.catalog.hooks.get(AMBIENT, ()):
            if evaluates if hook.kind != "event trigger" else operation.kind not in WRITING:
                self._hook(hook, depth)
        if evaluates:
            self._shadowed(operation, depth)

    def _call(self, name: str, depth: int, sure: bool) -> None:
        if ("call", name) in self.seen:
            return
        self.seen.add(("call", name))
        bodies = self.catalog.routines.get(self.catalog.fold(name))
        if not bodies:
            if self.cause.kind == "opaque" and depth == 0:
                return  # the call itself says so
            self.add(
                Operation(
                    kind="opaque",
                    reason=f"it calls {name}, and no revision says what that does",
                    tables=(ANY_TABLE,),
                ),
                f"the function {name}",
                sure=True,
            )
            return
        for body in bodies:
            self._does(body.does, f"the function {name}", depth, sure and len(bodies) == 1)

    def _hook(self, hook: Hook, depth: int) -> None:
        if hook in self.seen:
            return
        self.seen.add(hook)
        around = self.transitions
        told = hook.trigger.fires if hook.trigger is not None else ()
        self.transitions = tuple(each[6:] for each in told if each.startswith("table "))
        self._does(hook.does, f"the {hook.kind} {hook.name}", depth, sure=False)
        self.transitions = around

    def _does(self, does: Iterable[Operation], via: str, depth: int, sure: bool) -> None:
        for each in does:
            if each.schema is None and not each.search_path and self.cause.search_path:
                each = altered(each, {"search_path": self.cause.search_path})
            defines = each.kind == "other_ddl" and (each.action or "").startswith(DEFINING)
            if defines or (each.kind not in STATEMENTS and not (each.kind == "opaque" and each.calls)):
                self.add(each, via, sure)
            elif each.action == "set":
                self.run.path_lost = True
            elif each.kind == "dml" and each.sql is not None:  # it takes rows
                of_rows = hangs_on_rows(each, self.transitions)
                if not of_rows or not means_some_rows(self.cause, self.catalog):
                    self.add(of_every_row(each, self.transitions), via, sure)
            if each.kind == "dml" and each.action in _FILLING:
                self._fill(each)
            if each.kind == "opaque" and each.calls and not is_answered(self.run, each):
                self.add(each, via, sure)
            self.runs(each, depth + 1)

    def _fill(self, operation: Operation) -> None:
        """Note the tables into which what was called may write rows."""
        keys = map(self.catalog.key_of, operation.tables)
        filled = tuple(identity for key in keys if (identity := self.catalog.identity_at(key)) is not None)
        self.run.journal.entries.append(Entry(self.run.revision, self.cause, "filled", others=filled))

    def _met(self, operation: Operation) -> Iterator[Hook]:
        """The hooks of the tables that an operation reads or writes, and the calls of their expressions."""
        kind = operation.kind
        if kind == "dml":
            reads_only = operation.action in _READING and not _writes(operation)
            named = (*operation.tables, *operation.like)
        elif kind in _READING_ALL:
            reads_only, named = True, operation.like
        elif _scans(operation):
            reads_only = False
            named = operation.tables if operation.table is None else (*operation.tables, _dotted(operation))
        else:
            return
        if (not named and not _names_none(operation)) or (kind == "create_view" and not operation.calls):
            return
        keys = dict.fromkeys(self._keys(named) if named else self.catalog.rows)
        for key in self._reached(keys, writes=not reads_only) if self.catalog.hooks else keys:
            for hook in self.catalog.hooks.get(key, ()):
                if hook.kind in ("view", "policy") or (
                    not reads_only and fires(hook, operation, self.catalog, named=key in keys)
                ):
                    yield hook
            if not reads_only:
                names = self._evaluated(key)
                if names:
                    does = Operation(kind="dml", action="select", calls=names)
                    yield Hook("expressions of the table", key[1], (does,))

    def _keys(self, named: Iterable[str]) -> Iterator[Key]:
        for written in named:
            if "." in written or self.catalog.fold_table(written) not in self.run.temporary:
                yield self.catalog.key_of(written)

    def _reached(self, keys: Iterable[Key], writes: bool) -> list[Key]:
        """The tables, those that their views read, their partitions, and those that refer to them."""
        found: dict[Key, None] = {}
        left = list(keys)
        while left and len(found) < _MOST:
            key = left.pop()
            if key in found:
                continue
            found[key] = None
            view = self.catalog.views.get(key)
            if view is not None:
                left += map(self.catalog.key_of, view.reads)
            left += self.catalog.children(key)
            left += self.catalog.parents.get(key, ())
            if writes:
                left += self._cascading(key)
        return list(found)

    def _cascading(self, key: Key) -> Iterator[Key]:
        """Tables whose rows a foreign key changes with those of a table."""
        catalog = self.catalog
        for other in list(catalog.rows):
            if other not in catalog.hooks or not catalog.may_name(other, key[1]):
                continue
            table = catalog.get(other)
            for each in table.constraints if table is not None else ():
                acts = {each.on_deleted, each.on_updated} - {"NO ACTION", "RESTRICT"}
                if (
                    acts
                    and each.referred_table
                    and catalog.key(each.referred_schema, each.referred_table) == key
                ):
                    yield other

    def _evaluated(self, key: Key) -> tuple[str, ...]:
        """The functions in a table's defaults, generated columns, checks and indexes."""
        row = self.catalog.rows.get(key)
        if row is None or (isinstance(row, list) and "(" not in row[3]):
            return ()
        table = self.catalog.get(key)
        if table is None:
            return ()
        dialect = self.catalog.dialect
        texts = [text for column in table.columns.values() for text in (column.default, column.expression)]
        texts += [constraint.expression for constraint in table.constraints]
        for index in table.indexes:
            texts += [index.where, *(index.columns if index.expressions else ())]
        return tuple(
            dict.fromkeys(each for text in texts if text is not None for each in called(text, dialect))
        )

    def _shadowed(self, operation: Operation, depth: int) -> None:
        """A function of the project's own that is called as the server's own are, or as a column is read."""
        own, as_columns = self.run.own_of_shipped(), self.run.own_as_columns()
        text = None if operation.sql is None else operation.sql.lower()
        for name in (*own, *as_columns):
            if text is None or (name in text if name in own else f".{name.lower()}" in text):
                for body in self.catalog.routines[name]:
                    if (name, body) not in self.seen:
                        self.seen.add((name, body))
                        self._does(body.does, f"the function {name}", depth, sure=False)


def _scans(operation: Operation) -> bool:
    """Whether an operation that is no data statement evaluates expressions on the rows of its table."""
    if operation.kind in _SCANNING:
        return True
    action = operation.action or ""
    return operation.kind == "other_ddl" and (
        action.split(" ")[0] in _SCANNING_ACTIONS or action in _SCANNING_ALTERATIONS
    )


def _names_none(operation: Operation) -> bool:
    """REINDEX INDEX, ANALYZE and the like without a table: whichever it is."""
    return operation.kind == "other_ddl" and (operation.action or "").split(" ")[0] in _SCANNING_ACTIONS


def _evaluates(operation: Operation) -> bool:
    return operation.kind == "dml" or bool(operation.calls) or _scans(operation)


def _dotted(operation: Operation) -> str:
    return f"{operation.schema}.{operation.table}" if operation.schema else operation.table or ""


def _writes(operation: Operation) -> bool:
    sql = operation.sql
    if sql is None:
        return False
    lowered = sql.lower()
    return any(word in lowered for word in ("insert", "update", "delete", "merge", "truncate", "copy"))


def _expressions(operation: Operation, dialect: Dialect) -> tuple[str, ...]:
    """The functions that an operation calls on the rows of its table, by the texts that it carries."""
    kind = operation.kind
    texts: list[str | None] = []
    if kind == "add_column":
        texts += [text for each in operation.columns for text in (each.default, each.expression)]
    elif kind in ("alter_type", "other_ddl"):
        texts.append(operation.using)
    elif kind == "create_index" and operation.index is not None:
        index = operation.index
        texts += [index.where, *(index.columns if index.expressions else ())]
    if kind in ("add_column", "add_constraint"):
        texts += [each.expression for each in operation.constraints if not each.not_valid]
    return tuple(dict.fromkeys(name for text in texts if text is not None for name in called(text, dialect)))
