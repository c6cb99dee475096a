"""What a session of SQLAlchemy's ORM does to rows: its queries, and the objects that it is given."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from migration_lint.operations import Column, Operation
from migration_lint.reading.models import database, table
from migration_lint.reading.models.context import context
from migration_lint.reading.models.each_row import goes_through, repeats
from migration_lint.reading.models.expressions import table_name
from migration_lint.reading.models.orm import mapped_table
from migration_lint.reading.models.relationships import LOSING, Belonging, belongings
from migration_lint.reading.models.rows import of_data
from migration_lint.reading.models.statements import statement
from migration_lint.reading.models.strangers import call_method
from migration_lint.reading.python.expressions import of_columns
from migration_lint.reading.python.interpreter import Interpreter
from migration_lint.reading.python.running import Arguments
from migration_lint.reading.python.values import (
    Class,
    ColumnModel,
    Connection,
    Data,
    Dict,
    Instance,
    List,
    Method,
    Query,
    Row,
    Rows,
    TableModel,
    Value,
    alternatives,
)

#: Methods of a query, or of a result, that leave it to give as many rows as before.
_KEEPS = frozenset(
    """
    all autoflush correlate enable_assertions enable_eagerloads execution_options fetchall freeze mappings
    merge_frozen_result options order_by outerjoin params partitions populate_existing reset_joinpoint
    scalars select_from set_label_style tuples union union_all unique with_for_update with_hint with_labels
    with_session with_statement_hint yield_per __iter__ __aiter__ __enter__ __aenter__
    """.split()
)
#: Methods that run a query and give its rows, and those that give one of them.
_RUN = frozenset(("all", "__iter__", "__aiter__"))
_ONE = frozenset(
    "first get one one_or_none scalar scalar_one scalar_one_or_none fetchone next pop __next__".split()
)
#: Methods of a query that make a statement or an expression of it.
_STATEMENTS = frozenset("as_scalar cte exists label lazyload scalar_subquery statement subquery".split())
_LIMITS = frozenset(("limit", "slice"))
_TELLS = frozenset(("count", "rowcount", "keys", "close", "is_single_entity", "whereclause"))


def query(run: Interpreter, entities: list[Value]) -> Query:
    """`session.query(…)`: all rows of what it is given, until something narrows it."""
    made = statement(run, context(run).dialect, entities)
    whole = not any(_is_part(run, each) for each in entities)
    return Query(made.tables, whole, made.columns, made.texts)


def _is_part(run: Interpreter, entity: Value) -> bool:
    """Whether a class is mapped to some rows of its parent's table."""
    if not isinstance(entity, Class) or "__tablename__" in entity.names:
        return False
    said = entity.names.plain().get("__mapper_args__")
    return isinstance(said, Dict) and "polymorphic_identity" in said


@table.method(Query)
def _of_query(run: Interpreter, of: Query, name: str, a: Arguments) -> Value:
    if name in ("delete", "update"):
        _run(run, of, name, a)
        return Data()
    if name in _STATEMENTS:
        return of_data(run, Data(of.tables, True, "select", columns=of.columns), name, a)
    if name in _TELLS:
        return Data()
    if name == "session":
        return Connection(session=True)
    if name == "with_entities":
        made = statement(run, context(run).dialect, a.values())
        tables = tuple(dict.fromkeys((*of.tables, *made.tables)))
        return Query(tables, of.every_row, made.columns, of.texts, of.where)
    made = _narrowed(run, of, name, a)
    if name in _ONE:
        return Row(of.tables, columns=of.columns, depth=len(run.recorder.conditions))
    kind = Rows if name in _RUN else Query
    return kind(of.tables, made.every_row, of.columns, made.texts, made.condition)


def _narrowed(run: Interpreter, of: Query, name: str, a: Arguments) -> Data:
    """What a method leaves of a query, as it would of the DELETE that it may become."""
    pending = Data(of.tables, True, "delete", of.every_row, texts=of.texts, condition=of.where)
    if name == "filter_by":
        name, a = "where", Arguments([_equal(run, of, *each) for each in a.kwargs.items()], {}, a.more)
    made = of_data(run, pending, name, a)
    if name in _KEEPS or (name in _LIMITS and repeats(run)):
        return pending
    return made if isinstance(made, Data) else pending


def _equal(run: Interpreter, of: Query, name: str, value: Value) -> Value:
    """What `filter_by` makes of a keyword."""
    column = ColumnModel(Column(name))
    column.table = TableModel(of.tables[0], None, List()) if of.tables else None
    return of_data(run, Data(), "operate Eq", Arguments([column, value], {}))


def _run(run: Interpreter, of: Query, action: str, a: Arguments) -> None:
    """Run `query.delete()` or `query.update({…})`."""
    dialect = context(run).dialect
    values = [a.get(0, "values")] if action == "update" else []
    given = statement(run, dialect, values)
    emptied = _emptied(values[0]) if action == "update" else ()
    texts = tuple(dict.fromkeys((*of.texts, *given.texts)))
    tables = tuple(dict.fromkeys((*of.tables, *given.tables)))
    made = Data(tables, True, action, of.every_row, (), texts, emptied, condition=of.where)
    database.execute(run, dialect, made)


def _emptied(values: Value) -> tuple[str, ...]:
    """The columns that a dictionary sets to NULL."""
    if not isinstance(values, Dict):
        return ()
    columns = [
        each.column.name if isinstance(each, ColumnModel) else each
        for each, value in values.plain().items()
        if value is None
    ]
    return tuple(each for each in columns if isinstance(each, str))


@table.method(Rows)
def _of_rows(run: Interpreter, of: Rows, name: str, a: Arguments) -> Value:
    for value in a.values():
        database.call_back(run, value)
    if name in _TELLS:
        return Data()
    if name in _ONE:
        return Row(of.tables, columns=of.columns, depth=len(run.recorder.conditions))
    return of if name in _KEEPS else of.narrowed()


@table.method(Row)
def _of_row(run: Interpreter, of: Row, name: str, a: Arguments) -> Value:
    if name in ("_asdict", "items", "values", "keys"):
        made = of_columns(of)
        return made if name == "_asdict" else run.library.method(run, made, name, a)
    if name in ("_tuple", "tuple"):
        return of
    return of_data(run, Data(), name, a)


def altered(run: Interpreter, of: Row, name: str, value: Value) -> None:
    """An attribute of an object is set, which its session writes: one that loses its values is told."""
    lost = [each for each in _owned(run, of) if each.attribute == name]
    if lost:
        _orphan(
            run,
            of,
            lost,
            whole=value is None or value == () or (isinstance(value, List) and not value and value.exact),
        )
        return
    empties = value is None and of.every_row and goes_through(run, of)
    _write(run, "update", of.tables[:1], every_row=empties, emptied=(name,) if empties else ())


def _write(
    run: Interpreter,
    action: str,
    tables: tuple[str, ...],
    *,
    every_row: bool = False,
    emptied: tuple[str, ...] = (),
    where: str | None = None,
) -> None:
    made = Data(tables, True, action, every_row, emptied=emptied, condition=where)
    database.execute(run, context(run).dialect, made)


def _owned(run: Interpreter, of: Row) -> list[Belonging]:
    return [each for name in of.tables[:1] for each in belongings(run, name)]


def _orphan(run: Interpreter, of: Row, lost: list[Belonging], *, whole: bool) -> None:
    """Rows are taken out of what an object has: all of them, or those that nobody knows."""
    for each in lost:
        if each.goes_alone:
            _take(run, of, each, certain=whole)
        elif each.table is not None:
            _write(run, "update", (each.table,))


def _take(run: Interpreter, of: Row, lost: Belonging, *, certain: bool = True) -> None:
    """Rows are deleted that belong to some of another table, and what belongs to them."""
    left, done = [lost], set[str]()
    every = of.every_row and goes_through(run, of)
    while left:
        each = left.pop()
        if each.table is None and every:
            run.recorder.opaque("a relationship deletes objects, and of which table could not be worked out")
        elif each.table is None:
            continue  # some rows of it
        elif each.table not in done:
            done.add(each.table)
            if every:
                _delete_owned(run, of.tables[0], each, certain)
            else:
                _write(run, "delete", (each.table,))
            left += [more for more in belongings(run, each.table) if more.goes_with]


def _delete_owned(run: Interpreter, owner: str, lost: Belonging, certain: bool) -> None:
    """All rows of a table that have an owner are deleted: all, where each has one. Else some may be left."""
    assert lost.table is not None
    if certain and lost.key is not None:
        mark = "`" if context(run).dialect in ("mysql", "mariadb") else '"'
        _write(run, "delete", (lost.table,), where=f"{mark}{lost.key}{mark} IS NOT NULL")
    sql = f"DELETE FROM {lost.table} USING {owner}"
    run.recorder.emit(Operation(kind="dml", action="delete", tables=(lost.table, owner), sql=sql))


@table.method(Method)
def _of_method(run: Interpreter, of: Method, name: str, a: Arguments) -> Value:
    """`run.events.clear()`: a method of what a relationship brings; of no other method is anything known."""
    if not isinstance(of.of, Row):
        return call_method(run, of, name, a)
    if name in LOSING:
        lost = [each for each in _owned(run, of.of) if each.attribute == of.name]
        _orphan(run, of.of, lost, whole=name == "clear")
    return of_data(run, Data(), name, a)


def _tables(run: Interpreter, value: Value) -> Iterator[str]:
    """The tables of objects of mapped classes, or of such a class."""
    for each in map(_entity, alternatives(run.resolve(value))):
        if isinstance(each, (List, tuple)):
            run.spend()
            for item in run.items(each).every():
                yield from _tables(run, item)
        elif isinstance(each, (Class, Instance)):
            mapped = mapped_table(run, each.of if isinstance(each, Instance) else each)
            name = None if mapped is None else table_name(mapped)
            yield from () if name is None else (name,)
        elif isinstance(each, (Row, Rows)):
            yield from each.tables[:1]


def _entity(value: Value) -> Value:
    """`row.Event`: a row has its object under the name of the class; a relationship has a small letter."""
    of_row = isinstance(value, Method) and isinstance(value.of, Row) and value.name[:1].isupper()
    return value.of if of_row else value


def _delete(run: Interpreter, a: Arguments) -> Value:
    """`session.delete(object)`: its row, and that of each object that a loop comes to."""
    value = run.resolve(a.get(0, "instance"))
    for each in map(_entity, alternatives(value)):
        tables = tuple(dict.fromkeys(_tables(run, each)))
        if not tables and not _is_some(run, each):
            run.recorder.opaque("objects are deleted, and of which table could not be worked out")
        else:
            whole = isinstance(each, Row) and goes_through(run, each)
            _write(
                run, "delete", tables, every_row=whole and each.every_row, where=each.where if whole else None
            )
            of = each if isinstance(each, Row) else Row(tables)
            for lost in _owned(run, of):
                if lost.goes_with:
                    _take(run, of, lost)
    return Data()


def _is_some(run: Interpreter, value: Value) -> bool:
    """Whether there are more objects than this one, or than those that come with some rows."""
    value = value.of if isinstance(value, Method) else value  # what a relationship brings
    if isinstance(value, Row):
        return not (value.every_row and goes_through(run, value))
    return not any(condition.loop for condition in run.recorder.conditions)


def _delete_all(run: Interpreter, a: Arguments) -> Value:
    value = run.resolve(a.get(0, "instances"))
    for each in alternatives(value):
        tables = tuple(dict.fromkeys(_tables(run, each)))
        if not tables:
            run.recorder.opaque("objects are deleted, and of which table could not be worked out")
        else:
            _write(run, "delete", tables, every_row=isinstance(each, Rows) and each.every_row)
    return Data()


def _writes(action: str) -> Callable[[Interpreter, Arguments], Value]:
    def model(run: Interpreter, a: Arguments) -> Value:
        tables = tuple(dict.fromkeys(each for value in a.values() for each in _tables(run, value)))
        _write(run, action, tables)
        first = a.args[0] if a.args else None
        return first if isinstance(first, (Instance, Row)) else Data()

    return model


def _get(run: Interpreter, a: Arguments) -> Value:
    tables = tuple(_tables(run, a.get(0, "entity")))
    return Row(tables, columns=("*",), depth=len(run.recorder.conditions))


#: Methods of a session by name.
METHODS: dict[str, Callable[[Interpreter, Arguments], Value]] = {
    "query": lambda run, a: query(run, list(a.values())),
    "get": _get,
    "get_one": _get,
    "delete": _delete,
    "delete_all": _delete_all,
    "add": _writes("insert"),
    "add_all": _writes("insert"),
    "merge": _writes("insert"),
    "merge_all": _writes("insert"),
    "bulk_save_objects": _writes("insert"),
    "bulk_insert_mappings": _writes("insert"),
    "bulk_update_mappings": _writes("update"),
}


def _query_class(run: Interpreter, entities: Value) -> Value:
    listed = run.items(entities).every() if isinstance(entities, (List, tuple)) else [entities]
    return query(run, listed)


table.SQLALCHEMY.update({
    "Query": lambda run, dialect, a: _query_class(run, a.get(0, "entities")),
    "object_session": lambda run, dialect, a: Connection(session=True),
    "async_object_session": lambda run, dialect, a: Connection(session=True),
})  # fmt: skip
