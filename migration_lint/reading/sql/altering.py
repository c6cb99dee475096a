"""ALTER TABLE … ALTER COLUMN, MODIFY and CHANGE: what becomes of a column that stays."""

from __future__ import annotations

from migration_lint.operations import Operation, altered
from migration_lint.reading.sql.altered import (
    AlteredTable,
    column_renamed,
    default_set,
    generated_set,
    nullable_set,
    other,
)
from migration_lint.reading.sql.columns import identity_kind, read_column, read_definition, read_type
from migration_lint.reading.sql.cursor import Cursor, Unreadable
from migration_lint.reading.sql.keywords import phrases

_MYSQL = ("mysql", "mariadb")


def read_alter(at: Cursor, table: AlteredTable) -> list[Operation]:
    """Behind ALTER. Raises Unreadable."""
    following = at.ahead(1)
    if at.word == "CONSTRAINT":
        at.skip()
        name = at.identifier()
        at.skip_item()
        return [other(table, "alter constraint", name=name)]
    if (
        at.dialect in _MYSQL and at.word in ("INDEX", "KEY", "CHECK") and following.kind in ("word", "name")
    ) and following.word not in ("SET", "DROP"):
        what = at.word.lower()
        at.skip()
        at.if_exists()
        name = at.identifier()
        at.skip_item()
        return [other(table, f"alter {what}", name=name)]
    if at.word == "COLUMN" and following.kind in ("word", "name", "string", "parameter"):
        at.skip()
    if_exists = at.if_exists()
    return _alter_column(at, table, at.identifier(), if_exists)


def _alter_column(at: Cursor, table: AlteredTable, column: str, if_exists: bool) -> list[Operation]:
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
        return [nullable_set(table, column, False, exists)]
    if at.take("DROP", "NOT", "NULL"):
        return [nullable_set(table, column, True, exists)]
    if at.take("SET", "DEFAULT"):
        start = at.index
        at.skip_item()
        return [default_set(table, column, at.text_of(start, at.index), exists)]
    if at.take("DROP", "DEFAULT"):
        return [default_set(table, column, None, exists)]
    if at.take("ADD", "GENERATED") or at.take("SET", "GENERATED"):
        made = generated_set(table, column, identity_kind(at), exists)
        at.skip_item()
        return [made]
    if at.take("DROP", "IDENTITY") or at.take("DROP", "EXPRESSION"):
        return [generated_set(table, column, None, at.if_exists() or exists)]
    for words in _COLUMN_ACTIONS.get(at.word, ()):
        if at.at(*words):
            action = " ".join(word for word in words if word != "(").lower()
            at.skip(len(words))
            if words == ("SET", "EXPRESSION") and at.take("AS"):
                expression = at.group_text() if at.word == "(" else None
                made = other(table, "alter column set expression", column)
                return [altered(made, {"using": expression})]
            at.skip_item()
            return [other(table, f"alter column {action}", column)]
    if at.dialect == "mssql":
        return _retyped(at, table, column, exists)
    raise Unreadable(f"{at.here()} is not an action of ALTER COLUMN that is known")


_COLUMN_ACTIONS = phrases(
    """
    SET EXPRESSION | SET STATISTICS | SET STORAGE | SET COMPRESSION | SET ( | RESET | SET INVISIBLE | SET
    VISIBLE | RESTART | SET START | SET INCREMENT | SET MINVALUE | SET MAXVALUE | SET CACHE | SET CYCLE |
    SET NO | SET RESTART | OPTIONS | ADD ROWGUIDCOL | DROP ROWGUIDCOL | ADD PERSISTED | DROP PERSISTED | ADD
    SPARSE | DROP SPARSE | ADD HIDDEN | DROP HIDDEN | ADD MASKED | DROP MASKED | ADD NOT | DROP NOT
    """
)


def _retyped(at: Cursor, table: AlteredTable, column: str, if_exists: bool = False) -> list[Operation]:
    """A definition that restates the column: MySQL's MODIFY and CHANGE, SQL Server's ALTER COLUMN."""
    start = at.index
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
        nullable_set(table, column, definition.nullable, if_exists),
    ]
    if at.dialect in _MYSQL:
        restated = {"generated": definition.generated, "using": definition.expression}
        operations[0] = altered(operations[0], restated)
        operations.append(default_set(table, column, definition.default, if_exists))
        operations += _hidden(at, start, table, column)
    operations += [
        Operation(kind="add_constraint", table=table.name, schema=table.schema, constraints=(constraint,))
        for constraint in constraints
    ]
    return operations


def _hidden(at: Cursor, start: int, table: AlteredTable, column: str) -> list[Operation]:
    """What makes a column one that `SELECT *` does not give: INVISIBLE in its definition from `start` on."""
    if any(token.kind == "word" and token.word == "INVISIBLE" for token in at.tokens[start : at.index]):
        return [other(table, "alter column set invisible", column)]
    return []


def read_modify(at: Cursor, table: AlteredTable) -> list[Operation]:
    """Behind MODIFY. Raises Unreadable."""
    if at.dialect == "oracle":
        return _modify_oracle(at, table)
    at.take("COLUMN")
    if_exists = at.if_exists()
    return _retyped(at, table, at.identifier(), if_exists)


#: Oracle: what MODIFY may say of a column instead of its type.
_NO_TYPES = frozenset({"ENCRYPT", "DECRYPT", "DROP", "ADD", "SUBSTITUTABLE", "ANNOTATIONS", "RESERVABLE"})


def _modify_oracle(at: Cursor, table: AlteredTable) -> list[Operation]:
    """MODIFY (a type default x not null, b …): only what is written changes."""
    if at.word in ("CONSTRAINT", "PRIMARY", "UNIQUE", "DEFAULT", "LOB", "NESTED", "OPAQUE"):
        at.skip_item()
        return [other(table, "modify")]
    at.take("COLUMN")
    grouped = at.take("(")
    operations: list[Operation] = []
    while not at.done and at.word != ")":
        start = at.index
        column, _ = read_column(at)
        words = {token.word for token in at.tokens[start : at.index]}
        if column.type is not None and column.type.split(None, 1)[0].upper() not in _NO_TYPES:
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
            operations.append(nullable_set(table, column.name, column.nullable))
        if "DEFAULT" in words:
            operations.append(default_set(table, column.name, column.default))
        operations += _hidden(at, start, table, column.name)
        if not operations:
            operations.append(other(table, "modify", column.name))
        if not grouped or not at.take(","):
            break
    if grouped:
        at.expect(")")
    return operations


def read_change(at: Cursor, table: AlteredTable) -> list[Operation]:
    """Behind CHANGE. Raises Unreadable."""
    at.take("COLUMN")
    if_exists = at.if_exists()
    old = at.identifier()
    new = at.identifier()
    operations: list[Operation] = []
    if old != new:
        operations.append(column_renamed(table, old, new, if_exists))
    return operations + _retyped(at, table, new, if_exists)
