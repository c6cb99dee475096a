"""ALTER TABLE … DROP."""

from __future__ import annotations

from migration_lint.operations import Constraint, ConstraintKind, Operation
from migration_lint.reading.sql.altered import AlteredTable, column_dropped, constraint_dropped, other
from migration_lint.reading.sql.cursor import Cursor

_MYSQL = ("mysql", "mariadb")


def read_drop(at: Cursor, table: AlteredTable) -> list[Operation]:
    """Behind DROP. Raises Unreadable."""
    if at.dialect == "mssql":
        return _drop_list(at, table)
    following = at.ahead(1)
    if at.take("CONSTRAINT"):
        return [_drop_constraint(at, table, "unknown")]
    if at.dialect in ("mysql", "mariadb", "oracle") and at.at("PRIMARY", "KEY"):
        at.skip(2)
        at.take("CASCADE")
        if at.take_any(("KEEP", "DROP")):
            at.take("INDEX")
        return [constraint_dropped(table, Constraint("primary_key"))]
    if at.dialect == "oracle" and at.word == "UNIQUE" and following.word == "(":
        at.skip()
        columns = tuple(at.names())
        at.take("CASCADE")
        return [constraint_dropped(table, Constraint("unique", columns=columns))]
    if at.dialect in _MYSQL:
        if at.at("FOREIGN", "KEY"):
            at.skip(2)
            return [_drop_constraint(at, table, "foreign_key")]
        if at.word == "CHECK" and following.kind in ("word", "name"):
            at.skip()
            return [_drop_constraint(at, table, "check")]
        if at.word in ("INDEX", "KEY") and (following.kind in ("word", "name")):
            at.skip()
            if_exists = at.if_exists()
            return [_index_dropped(table, at.identifier(), if_exists)]
    if at.word == "COLUMN" and (
        following.kind in ("word", "name", "string", "parameter", "number") or following.word == "("
    ):
        at.skip()
    if at.dialect == "oracle" and (at.at("UNUSED", "COLUMNS") or at.at("COLUMNS", "CONTINUE")):
        at.skip_all()  # what SET UNUSED took away before
        return [other(table, "drop unused columns")]
    if at.word == "(":  # Oracle: DROP (a, b)
        columns = tuple(at.names())
        at.take_any(("CASCADE", "INVALIDATE"))
        at.take("CONSTRAINTS")
        if at.take("CHECKPOINT"):
            at.skip()
        at.take("ONLINE")
        return [column_dropped(table, column) for column in columns]
    return [_drop_column(at, table)]


def _drop_list(at: Cursor, table: AlteredTable) -> list[Operation]:
    """SQL Server: DROP COLUMN a, b, CONSTRAINT c, d: what a name is, the last such word says."""
    operations: list[Operation] = []
    sort = "CONSTRAINT"
    while True:
        if at.at("PERIOD", "FOR"):
            at.skip_item()
            operations.append(other(table, "drop period"))
        else:
            if at.ahead(1).kind in ("word", "name"):
                sort = at.take_any(("COLUMN", "CONSTRAINT", "INDEX")) or sort
            if sort == "COLUMN":
                operations.append(_drop_column(at, table))
            elif sort == "INDEX":
                if_exists = at.if_exists()
                operations.append(_index_dropped(table, at.identifier(), if_exists))
            else:
                operations.append(_drop_constraint(at, table, "unknown"))
            if at.take("WITH"):
                at.skip_group()
        if not at.take(","):
            return operations


def _index_dropped(table: AlteredTable, name: str, if_exists: bool) -> Operation:
    return Operation(kind="drop_index", table=table.name, schema=table.schema, name=name, if_exists=if_exists)


def _drop_column(at: Cursor, table: AlteredTable) -> Operation:
    if_exists = at.if_exists()
    column = at.identifier()
    cascade = at.take("CASCADE")
    at.take("CONSTRAINTS")
    at.take("RESTRICT")
    if at.dialect == "oracle" and at.take("CHECKPOINT"):
        at.skip()
    return column_dropped(table, column, if_exists, cascade)


def _drop_constraint(at: Cursor, table: AlteredTable, kind: ConstraintKind) -> Operation:
    if_exists = at.if_exists()
    name = at.identifier()
    cascade = at.take("CASCADE")
    at.take("RESTRICT")
    if at.dialect == "oracle" and at.take_any(("KEEP", "DROP")):
        at.take("INDEX")
    return constraint_dropped(table, Constraint(kind, name), if_exists, cascade)
