"""CREATE, DROP and ALTER INDEX."""

from __future__ import annotations

import re

from migration_lint.named_tuple import NamedTuple
from migration_lint.operations import HOLE, Index, Operation
from migration_lint.reading.sql.constraints import index_columns
from migration_lint.reading.sql.cursor import Cursor, QualifiedName, Unreadable

# A text, which `re` compiles when it is first needed.
_SEEN = r"(?i)\)\s+where\s+(.+)"


def seen_where(definition: str) -> str | None:
    """What SQLAlchemy sees of the WHERE of an index of SQLite, "" for nothing; None where it is all of it.

    `definition` ends with the condition. SQLAlchemy looks for the word between spaces behind a parenthesis,
    and takes what follows it in the same line: `SQLiteDialect.get_indexes`, from 1.4 to 2.1.
    """
    found = re.search(_SEEN, definition)
    if found is None:
        return ""
    return found[1] if definition[found.end() :].strip() else None


def read_create_index(at: Cursor, unique: bool = False, using: str | None = None) -> list[Operation]:
    """Behind CREATE [UNIQUE] INDEX. Raises Unreadable."""
    concurrently = at.take("CONCURRENTLY")
    if_exists = at.if_not_exists()
    name: QualifiedName | None = None
    if at.word != "ON" or at.ahead(1).word == "ON":
        name = at.name()
    if at.take_any(("USING", "TYPE")):
        using = at.identifier().lower()
    at.expect("ON")
    only = at.word == "ONLY"
    table = at.table_name()
    if at.dialect == "sqlite" and name is not None and name.schema is not None:
        table = QualifiedName(name.schema, table.name)  # an index is where its table is
    if at.take("USING"):
        using = at.identifier().lower()
    columns, expressions, plain = _indexed(at)
    said = _behind(at)
    index = Index(
        name.name if name else None,
        columns,
        expressions,
        unique=unique,
        where=said.where,
        using=said.using or using,
        include=said.include,
        concurrently=concurrently,
        nulls_not_distinct=said.nulls_not_distinct,
        only=only,
        kept=() if plain and said.plain else (HOLE,),
        seen_where=said.seen_where,
    )
    return [
        Operation(
            kind="create_index",
            table=table.name,
            schema=table.schema,
            name=index.name,
            index=index,
            if_exists=if_exists,
        )
    ]


def _indexed(at: Cursor) -> tuple[tuple[str, ...], bool, bool]:
    """What is indexed, whether there are expressions among it, and whether no more is said of it."""
    if at.word != "(":
        return (), False, True
    start = at.index
    columns, expressions = index_columns(at)
    ascending = sum(token.word == "ASC" for token in at.tokens[start : at.index])  # as it is without
    # Else there is COLLATE, an operator class, DESC or an expression.
    return columns, expressions, at.index - start <= 2 * len(columns) + 1 + ascending


class _Behind(NamedTuple):
    """What stands behind the columns of an index; `plain`: nothing but this."""

    where: str | None
    seen_where: str | None
    using: str | None
    include: tuple[str, ...]
    nulls_not_distinct: bool
    plain: bool


def _behind(at: Cursor) -> _Behind:
    include: tuple[str, ...] = ()
    where: str | None = None
    seen: str | None = None
    using: str | None = None
    nulls_not_distinct, plain = False, True
    while not at.done:
        if at.take("INCLUDE"):
            include = tuple(at.names())
        elif at.take("NULLS", "NOT", "DISTINCT"):
            nulls_not_distinct = True
        elif at.take("WHERE"):
            start = at.index
            at.skip_until(("WITH", "OPTION") if at.dialect == "mssql" else ())
            where = at.text_of(start, at.index)
            if at.dialect == "sqlite" and start < at.index:
                # With what is before WHERE, and without a comment or a semicolon behind the last token.
                seen = seen_where(at.text[at.tokens[max(start - 2, 0)].start : at.tokens[at.index - 1].end])
            if at.index == start:
                at.skip()
        elif at.take_any(("USING", "TYPE")):
            using = at.identifier().lower()
        else:
            plain = False
            if at.word == "(":
                at.skip_group()
            else:
                at.skip()
    return _Behind(where, seen, using, include, nulls_not_distinct, plain)


def read_drop_index(at: Cursor) -> list[Operation]:
    """Behind DROP INDEX. Raises Unreadable."""
    concurrently = at.take("CONCURRENTLY")
    if_exists = at.if_exists()
    operations: list[Operation] = []
    names = [at.name(default=at.schema)]
    while at.take(","):
        names.append(at.name(default=at.schema))
    table: QualifiedName | None = None
    if at.take("ON"):
        table = at.table_name()
        if at.dialect == "mssql" and at.take(","):  # DROP INDEX i ON t, j ON u
            operations += read_drop_index(at)
    elif at.dialect == "mssql" and names[0].schema is not None:  # the old `DROP INDEX t.i`
        table = QualifiedName(None, names[0].schema)
    cascade = at.take("CASCADE")
    at.skip_all()
    for name in names:
        index = Index(name.name, concurrently=True) if concurrently else None
        operations.append(
            Operation(
                kind="drop_index",
                name=name.name,
                table=table.name if table else None,
                schema=table.schema if table else name.schema,
                index=index,
                if_exists=if_exists,
                cascade=cascade,
            )
        )
    return operations


def read_alter_index(at: Cursor) -> list[Operation]:
    """Behind ALTER INDEX. Raises Unreadable."""
    if at.take("ALL", "IN", "TABLESPACE"):
        return [Operation(kind="other_ddl", action="alter index all in tablespace")]
    if_exists = at.if_exists()
    name = at.name(default=at.schema)
    if at.take("RENAME", "TO"):
        return [
            Operation(
                kind="rename_index",
                name=name.name,
                schema=name.schema,
                new_name=at.name().name,
                if_exists=if_exists,
            )
        ]
    if at.at("RENAME"):
        raise Unreadable(f"ALTER INDEX … RENAME TO expected, not {at.here()}")
    table = at.table_name().dotted if at.take("ON") else None
    return [
        Operation(kind="other_ddl", action="alter index", name=name.name, tables=(table,) if table else ())
    ]
