"""CREATE, ALTER and DROP of views, materialized or not."""

from __future__ import annotations

from migration_lint.operations import Operation
from migration_lint.reading.sql.cursor import Cursor, QualifiedName, Unreadable, named
from migration_lint.reading.sql.outputs import read_outputs
from migration_lint.reading.sql.queries import tables_read


def read_create_view(at: Cursor, temporary: bool = False) -> list[Operation]:
    """Behind CREATE … VIEW. Raises Unreadable."""
    if_exists = at.if_not_exists()
    name = at.name()
    temporary |= at.dialect == "sqlite" and (name.schema or "").lower() == "temp"
    if not temporary:
        name = QualifiedName(name.schema if name.schema is not None else at.schema, name.name)
    columns = tuple(at.names()) if at.at("(") else ()
    at.skip_until(("AS",))
    tables = tables_read(at, at.index)
    query = at.text_of(at.index + 1, at.length)
    outputs = read_outputs(at, columns)
    return [
        Operation(
            kind="create_view",
            table=name.name,
            schema=name.schema,
            like=tables,
            values=columns or _selected(at),
            outputs=outputs,
            using=query or None,
            if_exists=if_exists,
            temporary=temporary,
        )
    ]


def _selected(at: Cursor) -> tuple[str, ...]:
    """The names of a query's columns, `*` for all of a table's; without those that only a server can tell."""
    at.take("AS")
    if not at.take("SELECT"):
        return ()
    found: list[str] = []
    while not at.done:
        start = at.index
        at.skip_until(("FROM",))
        if at.index > start:
            last = at.tokens[at.index - 1]
            if last.word == "*" and at.index - start in (1, 3):  # `*`, `t.*`
                found.append("*")
            elif last.kind in ("word", "name"):
                found.append(named(last, at.dialect))
        if not at.take(","):
            break
    return tuple(found)


def read_drop_view(at: Cursor) -> list[Operation]:
    """Behind DROP [MATERIALIZED] VIEW. Raises Unreadable."""
    if_exists = at.if_exists()
    names = [at.table_name()]
    while at.take(","):
        names.append(at.table_name())
    cascade = at.take("CASCADE")
    at.take("CONSTRAINTS")
    at.take("RESTRICT")
    if not at.done:
        raise Unreadable(f"the end of DROP VIEW expected, not {at.here()}", tuple(n.dotted for n in names))
    return [
        Operation(kind="drop_view", table=name.name, schema=name.schema, if_exists=if_exists, cascade=cascade)
        for name in names
    ]
