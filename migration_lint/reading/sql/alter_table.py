"""ALTER TABLE: one table, a list of actions, each read by the reader that `_ACTIONS` names for its word."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from migration_lint.operations import Constraint, ConstraintKind, Index, Operation
from migration_lint.reading.sql.columns import read_column, read_definition, read_type
from migration_lint.reading.sql.constraints import at_table_constraint, read_table_constraint
from migration_lint.reading.sql.cursor import Cursor, Name, Unreadable
from migration_lint.reading.sql.keywords import phrases
from migration_lint.reading.sql.tables import renamed

_MYSQL = ("mysql", "mariadb")

#: Actions that change no name, column or type; `merge` and `split` of partitions are not among them.
_OTHER = phrases(
    """
    OWNER TO | ENABLE | DISABLE | FORCE | NO FORCE | NOFORCE | REPLICA IDENTITY | CLUSTER ON | SET
    WITHOUT CLUSTER | SET WITHOUT OIDS | SET WITH OIDS | SET ( | SET LOGGED | SET UNLOGGED | SET
    TABLESPACE | SET ACCESS METHOD | RESET | INHERIT | NO INHERIT | OF | NOT OF | ATTACH PARTITION |
    DETACH PARTITION | OPTIONS | SET PUBLICATION | CONVERT TO | DEFAULT CHARACTER | DEFAULT CHARSET |
    DEFAULT COLLATE | CHARACTER SET | CHARSET | COLLATE | ENGINE | ALGORITHM | LOCK | ORDER BY | DISCARD
    | IMPORT | AUTO_INCREMENT | COMMENT | ROW_FORMAT | KEY_BLOCK_SIZE | MAX_ROWS | MIN_ROWS |
    AVG_ROW_LENGTH | CHECKSUM | DELAY_KEY_WRITE | PACK_KEYS | STATS_PERSISTENT | STATS_AUTO_RECALC |
    STATS_SAMPLE_PAGES | TABLESPACE | COMPRESSION | ENCRYPTION | INSERT_METHOD | UNION | WITHOUT | WITH
    VALIDATION | PARTITION BY | REMOVE PARTITIONING | TRUNCATE PARTITION | REORGANIZE PARTITION |
    COALESCE PARTITION | ANALYZE PARTITION | CHECK PARTITION | OPTIMIZE PARTITION | REBUILD | REPAIR
    PARTITION | EXCHANGE PARTITION | ADD PARTITION | DROP PARTITION | CHECK CONSTRAINT | NOCHECK
    CONSTRAINT | WITH CHECK CHECK | WITH NOCHECK CHECK | SWITCH | MOVE | SHRINK | LOGGING | NOLOGGING |
    CACHE | NOCACHE | PARALLEL | NOPARALLEL | READ ONLY | READ WRITE | PCTFREE | STORAGE |
    PAGE_COMPRESSED | SECONDARY_LOAD | SECONDARY_UNLOAD | WAIT | NOWAIT
    """
)


class _Table(NamedTuple):
    name: str
    schema: str | None
    if_exists: bool

    @property
    def dotted(self) -> str:
        return self.name if self.schema is None else f"{self.schema}.{self.name}"


def read_alter_table(at: Cursor) -> list[Operation]:
    """Behind ALTER TABLE. Raises Unreadable, with the table if its name could be read."""
    if at.take("ALL", "IN", "TABLESPACE"):
        return [Operation(kind="other_ddl", action="alter table all in tablespace")]
    if_exists = at.if_exists()
    name = at.table_name()
    while at.dialect == "mariadb" and at.take_any(("WAIT", "NOWAIT")):
        if at.token.kind == "number":
            at.skip()
    return read_actions(at, name, if_exists)


def read_actions(at: Cursor, name: Name, if_exists: bool = False) -> list[Operation]:
    """The actions behind ALTER TABLE and its table. Raises Unreadable with the table."""
    table = _Table(name.name, name.schema, if_exists)
    operations: list[Operation] = []
    while not at.done:
        start = at.index
        try:
            operations += _action(at, table)
            if at.index == start:
                raise Unreadable(f"an action of ALTER TABLE expected, not {at.here()}")
            if not at.done and at.word != "," and at.dialect != "oracle":
                raise Unreadable(f"the end of an action of ALTER TABLE expected, not {at.here()}")
        except Unreadable as unreadable:
            operations.append(_unread(table, unreadable.what))
            at.index = max(at.index, start + 1)
            at.skip_item()
            if at.word == ")":
                at.skip()
        at.take(",")
    return operations or [Operation(kind="other_ddl", action="alter table", tables=(table.dotted,))]


def _unread(table: _Table, what: str) -> Operation:
    return Operation(kind="opaque", reason=what, tables=(table.dotted,))


def _action(at: Cursor, table: _Table) -> list[Operation]:
    other = _other_action(at)
    if other is not None:
        at.skip_item()
        return [_other(table, other)]
    reader = _ACTIONS.get(at.word)
    if reader is None:
        if at.dialect in _MYSQL and at.word in ("REMOVE", "IGNORE"):
            at.skip()
        raise Unreadable(f"{at.here()} is not an action of ALTER TABLE that is known")
    at.skip()
    return reader(at, table)


def _other_action(at: Cursor) -> str | None:
    for words in _OTHER.get(at.word, ()):
        if at.at(*words):
            if words[0] in ("ADD", "DROP") and at.dialect not in ("mysql", "mariadb", "oracle"):
                return None  # `partition` is a column
            end = at.index
            while end < at.length and end < at.index + 4 and at.tokens[end].kind == "word":
                end += 1
            action = " ".join(words) if words != ("SET", "(") else "SET"
            if words[0] in ("ENABLE", "DISABLE", "FORCE", "NO") and at.tokens[end - 1].word == "SECURITY":
                action = " ".join(token.word for token in at.tokens[at.index : end])
            elif words[0] in ("ENABLE", "DISABLE") and len(words) == 1:
                action = " ".join(token.word for token in at.tokens[at.index : min(end, at.index + 2)])
            return action.lower()
    return None


def _other(table: _Table, action: str, column: str | None = None, name: str | None = None) -> Operation:
    return Operation(
        kind="other_ddl",
        action=f"alter table {action}",
        table=table.name,
        schema=table.schema,
        column=column,
        name=name,
        tables=(table.dotted,),
        if_exists=table.if_exists,
    )


# ADD


def _add(at: Cursor, table: _Table) -> list[Operation]:
    if at.word == "COLUMN":
        following = at.ahead(1)
        if following.kind in ("word", "name", "string") or following.word == "(":
            at.skip()
            return _add_columns(at, table)
    if at_table_constraint(at):
        return _add_constraint(at, table)
    if at.at("PERIOD", "FOR"):
        at.skip_item()
        return [_other(table, "add period")]
    return _add_columns(at, table)


def _add_columns(at: Cursor, table: _Table) -> list[Operation]:
    if_exists = at.if_not_exists()
    operations: list[Operation] = []
    if at.word == "(":  # MySQL and Oracle: ADD [COLUMN] (a …, b …)
        at.skip()
        while not at.done and at.word != ")":
            if at_table_constraint(at):
                operations += _add_constraint(at, table)
                at.skip_item()
            else:
                operations.append(_add_column(at, table, if_exists))
            at.take(",")
        at.expect(")")
        return operations
    operations.append(_add_column(at, table, if_exists))
    if at.dialect == "mssql":  # ADD a …, b …: one ADD for all
        while at.take(","):
            if at_table_constraint(at):
                operations += _add_constraint(at, table)
                at.skip_item()
            else:
                operations.append(_add_column(at, table, if_exists))
    return operations


def _add_column(at: Cursor, table: _Table, if_exists: bool) -> Operation:
    column, constraints = read_column(at)
    return Operation(
        kind="add_column",
        table=table.name,
        schema=table.schema,
        column=column.name,
        columns=(column,),
        constraints=constraints,
        if_exists=if_exists or table.if_exists,
    )


def _add_constraint(at: Cursor, table: _Table) -> list[Operation]:
    if at.dialect == "mssql":
        default = _default_for(at, table)
        if default is not None:
            return [default]
    found = read_table_constraint(at)
    if isinstance(found, Index):
        return [
            Operation(
                kind="create_index", table=table.name, schema=table.schema, name=found.name, index=found
            )
        ]
    if found is None:
        return []
    operations = [
        Operation(
            kind="add_constraint",
            table=table.name,
            schema=table.schema,
            name=found.name,
            constraints=(found,),
            if_exists=table.if_exists,
        )
    ]
    if found.kind == "not_null" and found.columns:  # PostgreSQL 18: the same as SET NOT NULL
        operations.append(_nullable(table, found.columns[0], nullable=False))
    if at.dialect == "mssql":
        while at.word == "," and at.ahead(1).word in ("CONSTRAINT", "PRIMARY", "FOREIGN", "UNIQUE", "CHECK"):
            at.skip()
            operations += _add_constraint(at, table)
    return operations


def _default_for(at: Cursor, table: _Table) -> Operation | None:
    """SQL Server: ADD CONSTRAINT name DEFAULT value FOR column."""
    offset = 2 if at.word == "CONSTRAINT" else 0
    if at.ahead(offset).word != "DEFAULT":
        return None
    at.skip(offset + 1)
    value = at.expression(("FOR",))
    at.expect("FOR")
    column = at.identifier()
    at.take("WITH", "VALUES")
    return Operation(kind="set_default", table=table.name, schema=table.schema, column=column, default=value)


# DROP


def _drop(at: Cursor, table: _Table) -> list[Operation]:
    following = at.ahead(1)
    if at.word == "CONSTRAINT":
        at.skip()
        operations = [_drop_constraint(at, table, "unknown")]
        while at.dialect == "mssql" and at.take(","):
            if at.take("COLUMN"):
                operations.append(_drop_column(at, table))
            else:
                at.take("CONSTRAINT")
                operations.append(_drop_constraint(at, table, "unknown"))
        return operations
    if at.dialect in ("mysql", "mariadb", "oracle") and at.at("PRIMARY", "KEY"):
        at.skip(2)
        at.take("CASCADE")
        if at.take_any(("KEEP", "DROP")):
            at.take("INDEX")
        return [_dropped(table, Constraint("primary_key"))]
    if at.dialect == "oracle" and at.word == "UNIQUE" and following.word == "(":
        at.skip()
        columns = tuple(at.names())
        at.take("CASCADE")
        return [_dropped(table, Constraint("unique", columns=columns))]
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
            return [
                Operation(
                    kind="drop_index",
                    table=table.name,
                    schema=table.schema,
                    name=at.identifier(),
                    if_exists=if_exists,
                )
            ]
    if at.dialect == "mssql" and at.word == "INDEX" and following.kind in ("word", "name"):
        at.skip()
        return [Operation(kind="drop_index", table=table.name, schema=table.schema, name=at.identifier())]
    if at.dialect == "mssql" and at.at("PERIOD", "FOR"):
        at.skip_item()
        return [_other(table, "drop period")]
    if at.word == "COLUMN" and (
        following.kind in ("word", "name", "string", "parameter", "number") or following.word == "("
    ):
        at.skip()
    if at.word == "(":  # Oracle: DROP (a, b)
        columns = tuple(at.names())
        at.take_any(("CASCADE", "INVALIDATE"))
        at.take("CONSTRAINTS")
        return [_column_dropped(table, column) for column in columns]
    operations = [_drop_column(at, table)]
    if at.dialect == "mssql":  # DROP COLUMN a, b, CONSTRAINT c
        while at.take(","):
            if at.take("CONSTRAINT"):
                operations.append(_drop_constraint(at, table, "unknown"))
            else:
                at.take("COLUMN")
                operations.append(_drop_column(at, table))
    return operations


def _drop_column(at: Cursor, table: _Table) -> Operation:
    if_exists = at.if_exists()
    column = at.identifier()
    cascade = at.take("CASCADE")
    at.take("CONSTRAINTS")
    at.take("RESTRICT")
    return _column_dropped(table, column, if_exists, cascade)


def _column_dropped(table: _Table, column: str, if_exists: bool = False, cascade: bool = False) -> Operation:
    return Operation(
        kind="drop_column",
        table=table.name,
        schema=table.schema,
        column=column,
        if_exists=if_exists or table.if_exists,
        cascade=cascade,
    )


def _drop_constraint(at: Cursor, table: _Table, kind: ConstraintKind) -> Operation:
    if_exists = at.if_exists()
    name = at.identifier()
    cascade = at.take("CASCADE")
    at.take("RESTRICT")
    if at.dialect == "mssql" and at.take("WITH"):
        at.skip_group()
    if at.dialect == "oracle" and at.take_any(("KEEP", "DROP")):
        at.take("INDEX")
    return _dropped(table, Constraint(kind, name), if_exists, cascade)


def _dropped(
    table: _Table, constraint: Constraint, if_exists: bool = False, cascade: bool = False
) -> Operation:
    return Operation(
        kind="drop_constraint",
        table=table.name,
        schema=table.schema,
        name=constraint.name,
        constraints=(constraint,),
        if_exists=if_exists or table.if_exists,
        cascade=cascade,
    )


# ALTER


def _alter(at: Cursor, table: _Table) -> list[Operation]:
    following = at.ahead(1)
    if at.word == "CONSTRAINT":
        at.skip()
        name = at.identifier()
        at.skip_item()
        return [_other(table, "alter constraint", name=name)]
    if at.dialect in _MYSQL and at.word in ("INDEX", "CHECK") and following.kind in ("word", "name"):
        what = at.word.lower()
        at.skip()
        name = at.identifier()
        at.skip_item()
        return [_other(table, f"alter {what}", name=name)]
    if at.word == "COLUMN" and following.kind in ("word", "name", "string", "parameter"):
        at.skip()
    if_exists = at.if_exists()
    return _alter_column(at, table, at.identifier(), if_exists)


def _alter_column(at: Cursor, table: _Table, column: str, if_exists: bool) -> list[Operation]:
    exists = if_exists or table.if_exists
    if at.take("SET", "DATA", "TYPE") or (at.dialect != "mssql" and at.take("TYPE")):
        type_text = read_type(at)
        if at.take("COLLATE"):
            at.parts()
        using: str | None = None
        if at.take("USING"):
            start = at.index
            at.skip_item()
            using = at.text_of(start, at.index)
        return [
            Operation(
                kind="alter_type",
                table=table.name,
                schema=table.schema,
                column=column,
                type=type_text,
                using=using,
                if_exists=exists,
            )
        ]
    if at.take("SET", "NOT", "NULL"):
        return [_nullable(table, column, False, exists)]
    if at.take("DROP", "NOT", "NULL"):
        return [_nullable(table, column, True, exists)]
    if at.take("SET", "DEFAULT"):
        start = at.index
        at.skip_item()
        return [_default(table, column, at.text_of(start, at.index), exists)]
    if at.take("DROP", "DEFAULT"):
        return [_default(table, column, None, exists)]
    for words in _COLUMN_ACTIONS.get(at.word, ()):
        if at.at(*words):
            action = " ".join(word for word in words if word != "(").lower()
            at.skip_item()
            return [_other(table, f"alter column {action}", column)]
    if at.dialect == "mssql":
        return _retyped(at, table, column, exists)
    raise Unreadable(f"{at.here()} is not an action of ALTER COLUMN that is known")


_COLUMN_ACTIONS = phrases(
    """
    ADD GENERATED | SET GENERATED | DROP IDENTITY | DROP EXPRESSION | SET EXPRESSION | SET STATISTICS |
    SET STORAGE | SET COMPRESSION | SET ( | RESET | SET INVISIBLE | SET VISIBLE | RESTART | SET START |
    SET INCREMENT | SET MINVALUE | SET MAXVALUE | SET CACHE | SET CYCLE | SET NO | SET RESTART | OPTIONS
    | ADD ROWGUIDCOL | DROP ROWGUIDCOL | ADD PERSISTED | DROP PERSISTED | ADD SPARSE | DROP SPARSE | ADD
    HIDDEN | DROP HIDDEN | ADD MASKED | DROP MASKED | ADD NOT | DROP NOT
    """
)


def _nullable(table: _Table, column: str, nullable: bool, if_exists: bool = False) -> Operation:
    return Operation(
        kind="set_nullable",
        table=table.name,
        schema=table.schema,
        column=column,
        nullable=nullable,
        if_exists=if_exists,
    )


def _default(table: _Table, column: str, default: str | None, if_exists: bool = False) -> Operation:
    return Operation(
        kind="set_default",
        table=table.name,
        schema=table.schema,
        column=column,
        default=default,
        if_exists=if_exists,
    )


def _retyped(at: Cursor, table: _Table, column: str, if_exists: bool = False) -> list[Operation]:
    """A definition that restates the column: MySQL's MODIFY and CHANGE, SQL Server's ALTER COLUMN."""
    definition, constraints = read_definition(at, column)
    if definition.type is None:
        raise Unreadable(f"a type expected, not {at.here()}")
    operations = [
        Operation(
            kind="alter_type",
            table=table.name,
            schema=table.schema,
            column=column,
            type=definition.type,
            if_exists=if_exists,
        ),
        _nullable(table, column, definition.nullable, if_exists),
    ]
    if at.dialect in _MYSQL:
        operations.append(_default(table, column, definition.default, if_exists))
    operations += [
        Operation(kind="add_constraint", table=table.name, schema=table.schema, constraints=(constraint,))
        for constraint in constraints
    ]
    return operations


# The rest


def _modify(at: Cursor, table: _Table) -> list[Operation]:
    if at.dialect == "oracle":
        return _modify_oracle(at, table)
    at.take("COLUMN")
    if_exists = at.if_exists()
    return _retyped(at, table, at.identifier(), if_exists)


def _modify_oracle(at: Cursor, table: _Table) -> list[Operation]:
    """MODIFY (a type default x not null, b …): only what is written changes."""
    if at.word in ("CONSTRAINT", "PRIMARY", "UNIQUE", "PARTITION", "DEFAULT", "LOB", "NESTED"):
        at.skip_item()
        return [_other(table, "modify")]
    grouped = at.take("(")
    operations: list[Operation] = []
    while not at.done and at.word != ")":
        start = at.index
        column, _ = read_column(at)
        words = {token.word for token in at.tokens[start : at.index]}
        if column.type is not None:
            operations.append(
                Operation(
                    kind="alter_type",
                    table=table.name,
                    schema=table.schema,
                    column=column.name,
                    type=column.type,
                )
            )
        if "NULL" in words and not (column.default is not None and column.default.upper() == "NULL"):
            operations.append(_nullable(table, column.name, column.nullable))
        if "DEFAULT" in words:
            operations.append(_default(table, column.name, column.default))
        if not operations:
            operations.append(_other(table, "modify", column.name))
        if not grouped or not at.take(","):
            break
    if grouped:
        at.expect(")")
    return operations


def _change(at: Cursor, table: _Table) -> list[Operation]:
    at.take("COLUMN")
    if_exists = at.if_exists()
    old = at.identifier()
    new = at.identifier()
    operations: list[Operation] = []
    if old != new:
        operations.append(_column_renamed(table, old, new, if_exists))
    return operations + _retyped(at, table, new, if_exists)


def _rename(at: Cursor, table: _Table) -> list[Operation]:
    following = at.ahead(1)
    named = following.kind in ("word", "name", "string", "parameter") and following.word != "TO"
    if at.word == "TO" or (at.dialect in _MYSQL and at.word in ("AS", "=")):
        at.skip()
        return renamed(Name(table.schema, table.name), at.name(), table.if_exists)
    if at.word == "CONSTRAINT" and named:
        at.skip()
        old = at.identifier()
        at.expect("TO")
        return [
            Operation(
                kind="rename_constraint",
                table=table.name,
                schema=table.schema,
                name=old,
                new_name=at.identifier(),
                if_exists=table.if_exists,
            )
        ]
    if at.dialect in _MYSQL and at.word in ("INDEX", "KEY") and named:
        at.skip()
        old = at.identifier()
        at.expect("TO")
        return [
            Operation(
                kind="rename_index",
                table=table.name,
                schema=table.schema,
                name=old,
                new_name=at.identifier(),
            )
        ]
    if at.dialect in _MYSQL and at.word != "COLUMN":
        return renamed(Name(table.schema, table.name), at.name(), table.if_exists)
    if at.word == "COLUMN" and named:
        at.skip()
    if_exists = at.if_exists()
    old = at.identifier()
    at.expect("TO")
    return [_column_renamed(table, old, at.identifier(), if_exists)]


def _column_renamed(table: _Table, old: str, new: str, if_exists: bool = False) -> Operation:
    return Operation(
        kind="rename_column",
        table=table.name,
        schema=table.schema,
        column=old,
        new_name=new,
        if_exists=if_exists or table.if_exists,
    )


def _set(at: Cursor, table: _Table) -> list[Operation]:
    if at.take("SCHEMA"):
        return [
            Operation(
                kind="move_table",
                table=table.name,
                schema=table.schema,
                new_schema=at.identifier(),
                if_exists=table.if_exists,
            )
        ]
    if at.dialect == "oracle" and at.take("UNUSED"):
        at.take("COLUMN")
        columns = at.names() if at.word == "(" else [at.identifier()]
        at.take("CASCADE")
        at.take("CONSTRAINTS")
        at.take_any(("ONLINE",))
        return [_column_dropped(table, column) for column in columns]
    raise Unreadable(f"ALTER TABLE … SET {at.here()} is not known")


def _validate(at: Cursor, table: _Table) -> list[Operation]:
    at.expect("CONSTRAINT")
    return [
        Operation(
            kind="validate_constraint",
            table=table.name,
            schema=table.schema,
            name=at.identifier(),
            if_exists=table.if_exists,
        )
    ]


def _with_check(at: Cursor, table: _Table) -> list[Operation]:
    """SQL Server: WITH CHECK | NOCHECK ADD …"""
    not_valid = at.take_any(("CHECK", "NOCHECK")) == "NOCHECK"
    at.expect("ADD")
    operations = _add(at, table)
    if not not_valid:
        return operations
    return [
        replace(
            operation,
            constraints=tuple(replace(constraint, not_valid=True) for constraint in operation.constraints),
        )
        for operation in operations
    ]


_ACTIONS: dict[str, Callable[[Cursor, _Table], list[Operation]]] = {
    "ADD": _add,
    "DROP": _drop,
    "ALTER": _alter,
    "MODIFY": _modify,
    "CHANGE": _change,
    "RENAME": _rename,
    "SET": _set,
    "VALIDATE": _validate,
    "WITH": _with_check,
}
