"""Rows that are written, and what nobody can read: no change to a catalog, but told in the journal."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from migration_lint.catalog.attached import gives_every_row, updated_through, wholes
from migration_lint.catalog.journal import Entry
from migration_lint.catalog.model import Key, Table
from migration_lint.catalog.outcome import TableName
from migration_lint.catalog.privileges import privileges
from migration_lint.catalog.reach import may_touch
from migration_lint.catalog.replay.constraints import referring, refers
from migration_lint.catalog.replay.run import Run
from migration_lint.catalog.replay.set_values import restart_numbers, set_value
from migration_lint.operations import Operation, altered

# A text, which `re` compiles when it is first needed.
_CASCADES = r"\bcascade\b"
_DELETES = r"\b(?:delete|truncate)\b"
_REPLACES = r"\breplace\b(?!\s*\()"
_WRITES = r"\b(?:insert|update|merge|replace|into|copy)\b"

#: The tables whose rows go with those of one, as an operation takes them.
_Reach = Callable[[Run, Operation, Key], Iterator[Key]]


def take_rows(run: Run, operation: Operation) -> None:
    """Note that rows go from the table that an ALTER TABLE names: those of a partition, or all.

    What is exchanged for a partition loses its own to it.
    """
    exchanged = "exchange" in (operation.action or "")
    for written in operation.tables[: 2 if exchanged else 1]:
        _take(run, operation, written, None)


#: What says who may reach the rows of a table.
ACCESS = frozenset(
    {"grant", "revoke", "deny", "create policy", "alter policy", "drop policy", "alter table owner to"}
    | {f"alter table {each} row level security" for each in ("enable", "disable", "force", "no force")}
)


def change_access(run: Run, operation: Operation) -> None:
    """Note the tables of which a statement says who may reach their rows."""
    catalog, keys = run.catalog, [run.catalog.key_of(written) for written in operation.tables]
    if operation.action in ("grant", "revoke", "deny"):
        said = privileges(operation.sql or "")
        if said is None:
            return
        keys = [_granted(run, written) for written in said.tables]
        schemas = {_granted(run, f"{each}.")[0] for each in said.schemas}
        keys += [key for key in catalog.rows if schemas and key[0] in schemas]
        keys += _calling(run, said.called)
    for key in dict.fromkeys(keys):
        if key not in catalog.views:
            table = catalog.get(key)
            if table is None and operation.action != "grant":
                table = run.imply(Operation(kind="dml", table=key[1], schema=key[0]), key)
            if table is not None:
                run.note(operation, "access_changed", table)


def _granted(run: Run, written: str) -> Key:
    """Of MySQL, the database that a name says is the one that is connected to, where that has no name."""
    key = run.catalog.key_of(written)
    unnamed = run.catalog.dialect in ("mysql", "mariadb") and not run.catalog.default_schema
    return (run.catalog.key(None, "")[0], key[1]) if unnamed and key not in run.catalog.rows else key


def _calling(run: Run, names: tuple[str, ...]) -> Iterator[Key]:
    """The tables whose defaults and checks call a function, or ask a sequence, of one of these names."""
    for table in run.catalog.tables() if names else ():
        texts = [column.default for column in table.columns.values()]
        texts += [each.expression for each in table.constraints if each.kind == "check"]
        if any(
            re.search(rf"(?i)(?<!\w){re.escape(name)}(?!\w)", text or "") for name in names for text in texts
        ):
            yield run.catalog.key(table.schema, table.name)


def delete_rows(run: Run, operation: Operation) -> None:
    """Note the tables whose rows a data statement deletes: those that it means, and those that they reach."""
    if operation.sql is not None and re.search(_REPLACES, operation.sql, re.I):
        _replace_rows(run, operation)
    if operation.sql is not None and not re.search(_DELETES, operation.sql, re.I):
        return
    from migration_lint.catalog.deletion import deletions

    reach = _truncated_with if operation.action == "truncate" else _deleted_with
    found = list(deletions(operation, run.catalog))
    taken = [
        key
        for deletion in found
        for key in _take(run, operation, deletion.table, reach, certain=deletion.certain)
    ]
    if operation.action == "truncate" and run.catalog.sequences:
        restart_numbers(run, operation, taken)
    if operation.sql is None and operation.action not in ("delete", "truncate"):
        return
    for written in operation.tables if not found else ():
        table = run.catalog.get(run.catalog.key_of(written))
        if table is not None:
            run.note(operation, "some_rows_taken", table)
    if not found and operation.tables:
        _take_by_new_keys(run, operation, run.catalog.key_of(operation.tables[0]))


def _replace_rows(run: Run, operation: Operation) -> None:
    """REPLACE deletes a row before it writes it anew: those that refer to it with CASCADE go."""
    from migration_lint.catalog.replacing import replaced

    found = replaced(operation, run.catalog)
    if found is None:
        return
    key = run.catalog.key_of(found.table)
    if found.extent == "some":
        _take_by_new_keys(run, operation, key)
        return
    for other in list(_deleted_with(run, operation, key)):
        if other not in run.catalog.children(key):
            certain = found.extent == "all"
            _take(run, operation, ".".join(other), _deleted_with, certain=certain)


def _take_by_new_keys(run: Run, operation: Operation, key: Key) -> None:
    """Note the tables that a change makes refer to one of which some rows go: that may be all of theirs."""
    added = [each.before for each in run.journal.entries if each.effect == "constraint_added"]
    columns = {each.column for each in run.journal.entries if each.effect == "column_added"}
    for other in list(referring(run, key)) if added or columns else ():
        names = {name for name, column in other.columns.items() if column.identity in columns}
        for each in other.constraints:
            new = each in added or names.intersection(map(run.catalog.fold, each.columns))
            if new and each.on_deleted == "CASCADE" and refers(run, each, key):
                written = ".".join(run.catalog.key(*other.full_name))
                _take(run, operation, written, _deleted_with, certain=False)


def _take(
    run: Run, operation: Operation, written: str, reach: _Reach | None, *, certain: bool = True
) -> set[Key]:
    """Note that rows go from a table, and from those of which `reach` says that theirs go with it; those."""
    if run.is_temporary(altered(operation, {"table": written})):
        return set()
    catalog = run.catalog
    left, done = [catalog.key_of(written)], set[Key]()
    while left:
        key = left.pop(0)
        if key in done:
            continue
        done.add(key)
        if key in catalog.views:
            base = updated_through(catalog, key)
            certain = certain and gives_every_row(catalog.views[key])
            left += [] if base is None else [base]
            continue
        table = catalog.get(key) or run.imply(Operation(kind="dml", table=key[1], schema=key[0]), key)
        run.note(operation, "rows_taken" if certain else "rows_perhaps_taken", table)
        if reach is not None:
            leave_parents(run, operation, key, certain=certain)
            left += reach(run, operation, key)
    return done


def _is_alone(run: Run, operation: Operation, key: Key) -> bool:
    """Whether a statement names a table behind ONLY alone: what inherits from it keeps its rows."""
    from migration_lint.reading.sql.tokens import tokenize

    tokens = list(tokenize(operation.sql or "", run.catalog.dialect))
    before: set[str] = set()
    for at, token in enumerate(tokens):
        if token.kind not in ("word", "name"):
            continue
        name = token.value.lower() if token.kind == "word" else token.value
        if run.catalog.fold_table(name) == run.catalog.fold_table(key[1]):
            first = at
            while first > 1 and tokens[first - 1].word == ".":
                first -= 2
            before.add(tokens[first - 1].word if first else "")
    return "ONLY" in before and before.isdisjoint(("FROM", "TRUNCATE", "TABLE", ",", "("))


def _truncated_with(run: Run, operation: Operation, key: Key) -> Iterator[Key]:
    """The tables of which TRUNCATE takes the rows with those of one."""
    yield from () if _is_alone(run, operation, key) else run.catalog.children(key)
    if re.search(_CASCADES, operation.sql or "", re.I):
        yield from (run.catalog.key(*each.full_name) for each in referring(run, key))


def _deleted_with(run: Run, operation: Operation, key: Key) -> Iterator[Key]:
    """The tables of which DELETE takes the rows with those of one, or of the table that it is a part of."""
    catalog = run.catalog
    yield from () if _is_alone(run, operation, key) else catalog.children(key)
    if catalog.dialect == "sqlite" and not run.journal.foreign_keys:
        return
    for one in (key, *wholes(catalog, key)):
        for other in referring(run, one):
            if any(each.on_deleted == "CASCADE" and refers(run, each, one) for each in other.constraints):
                yield catalog.key(*other.full_name)


def drop_rows(run: Run, operation: Operation, table: Table) -> None:
    """SQLite deletes the rows of a table that it drops, and those that refer to them with CASCADE.

    https://www.sqlite.org/lang_droptable.html
    """
    if run.catalog.dialect != "sqlite" or not run.journal.foreign_keys:
        return
    own = run.catalog.key(table.schema, table.name)
    for key in list(_deleted_with(run, operation, own)):
        if key != own:
            _take(run, operation, ".".join(key), _deleted_with)


def leave_parents(run: Run, operation: Operation, key: Key, *, certain: bool = True) -> None:
    """Note that the rows of a partition go from the tables that it is a part of."""
    for parent in wholes(run.catalog, key):
        table = run.catalog.get(parent)
        if table is not None:
            run.note(operation, "rows_taken" if certain else "rows_perhaps_taken", table)


def dml(run: Run, operation: Operation) -> None:
    delete_rows(run, operation)
    reads = operation.action in (None, "select") and operation.sql is None
    if run.catalog.sequences and (reads or "setval" in (operation.sql or "").lower()):
        set_value(run, operation)
    if operation.sql is not None and not re.search(_WRITES, operation.sql, re.I):
        return
    named = []
    for written in dict.fromkeys((*operation.tables, *([operation.table] if operation.table else ()))):
        if "." not in written and run.catalog.fold_table(written) in run.temporary:
            continue
        key = run.catalog.key_of(written)
        if written == operation.table and operation.schema:
            key = run.key(operation)
        row = run.catalog.rows.get(key)
        if row is not None:
            named.append(row.identity if isinstance(row, Table) else row[0])
    if named:
        note_written(run, operation, tuple(dict.fromkeys(named)))


def note_written(run: Run, operation: Operation, identities: tuple[str, ...]) -> None:
    """Rows were written by a statement that names the tables of these identities."""
    run.journal.entries.append(Entry(run.revision, operation, "written", identities[0], others=identities))


def opaque(run: Run, operation: Operation) -> None:
    gone = run.catalog.gone
    if gone:  # it may have made again what was dropped
        touches = may_touch(operation, run.catalog)
        for key in [key for key in gone if touches(TableName(*key))]:
            gone.discard(key)
    run.journal.entries.append(Entry(run.revision, operation, "opaque"))
