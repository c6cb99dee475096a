"""A live database → a catalog of the tables that contracts name.

Nothing is written: the inspector asks the system tables. How SQLAlchemy reflects a type decides how it is
spelled; `catalog.types` then knows the spellings apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from migration_lint.catalog.model import (
    Catalog,
    CatalogColumn,
    Table,
    View,
    ViewColumn,
    column_identity,
    table_identity,
)
from migration_lint.catalog.outcome import TableName
from migration_lint.contracts.model import ContractSet
from migration_lint.database.address import parse_url, shown
from migration_lint.database.connection import agree, connected, dialect_of
from migration_lint.named_tuple import NamedTuple
from migration_lint.operations import Constraint, Index
from migration_lint.parity.model import Place
from migration_lint.parity.schema import KnownSchema
from migration_lint.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection, Engine
    from sqlalchemy.engine.reflection import Inspector


class Live(NamedTuple):
    """A database's schema, and what is to be said of how it was read."""

    schema: KnownSchema
    notes: tuple[str, ...] = ()


def read_database(text: str, contracts: ContractSet, settings: Settings) -> Live:
    """The tables under contract, as a database holds them.

    `text` is a URL as SQLAlchemy takes it. Raises CannotJudge where the database cannot be asked, or is not
    of the configured dialect; a password never stands in what it says.
    """
    with connected(text) as connection:
        from sqlalchemy import inspect  # now that it is known to be installed

        engine = connection.engine
        agree(dialect_of(engine), settings.dialect)
        catalog = Catalog.of(settings)
        inspector = inspect(connection)
        for name in contracts.tables():
            _read(catalog, inspector, name, engine, connection)
    where = shown(parse_url(text))
    return Live(KnownSchema(catalog, Place(where), "database"), (f"held against {where}",))


def _read(
    catalog: Catalog, inspector: Inspector, name: TableName, engine: Engine, connection: Connection
) -> None:
    from sqlalchemy.exc import NoSuchTableError

    # "main" is SQLite's own name for the file; the others have schemas, or none at all.
    schema = name.schema or None
    key = catalog.key(name.schema, name.name)
    try:
        if not inspector.has_table(name.name, schema=schema):
            return
        if name.name in inspector.get_view_names(schema=schema):
            catalog.views[key] = View(
                name.schema, name.name, outputs=_outputs(inspector, name, schema, engine)
            )
            return
        catalog.rows[key] = _table(catalog, inspector, name, schema, engine, connection)
    except NoSuchTableError:
        return


def _outputs(
    inspector: Inspector, name: TableName, schema: str | None, engine: Engine
) -> tuple[ViewColumn, ...]:
    """What a view gives out."""
    return tuple(
        ViewColumn(str(each["name"]), str(each["name"]), "", _type(each["type"], engine))
        for each in inspector.get_columns(name.name, schema=schema)
    )


def _table(
    catalog: Catalog,
    inspector: Inspector,
    name: TableName,
    schema: str | None,
    engine: Engine,
    connection: Connection,
) -> Table:
    identity = table_identity("database", name.schema, name.name)
    key = inspector.get_pk_constraint(name.name, schema=schema)
    primary = tuple(column for column in key.get("constrained_columns") or () if column)
    columns = {
        catalog.fold(each["name"]): _column(each, identity, primary, engine)
        for each in inspector.get_columns(name.name, schema=schema)
    }
    constraints = [Constraint("primary_key", key.get("name"), primary)] if primary else []
    constraints += [
        Constraint("unique", each.get("name"), _names(each["column_names"]))
        for each in inspector.get_unique_constraints(name.name, schema=schema)
    ]
    pragma = _pragma_on_delete(connection, name) if engine.dialect.name == "sqlite" else {}
    for each in inspector.get_foreign_keys(name.name, schema=schema):
        local = _names(each["constrained_columns"])
        on_delete = (each.get("options") or {}).get("ondelete") or pragma.get(local)
        constraints.append(
            Constraint(
                "foreign_key",
                each.get("name"),
                local,
                each["referred_table"],
                each.get("referred_schema"),
                _names(each["referred_columns"]),
                on_delete,
            )
        )
    indexes = tuple(
        Index(
            each["name"],
            _names(each.get("expressions") or each["column_names"]),
            expressions=bool(each.get("expressions")),
            unique=bool(each["unique"]),
            where=_where(each.get("dialect_options") or {}),
        )
        for each in inspector.get_indexes(name.name, schema=schema)
    )
    return Table(identity, name.schema, name.name, columns, tuple(constraints), indexes)


def _pragma_on_delete(connection: Connection, name: TableName) -> dict[tuple[str, ...], str]:
    """What SQLite does on a delete, by the columns of a key: SQLAlchemy reads it of some spellings only.

    Source: SQLite's manual, PRAGMA foreign_key_list.
    """
    from sqlalchemy import text

    quoted = name.name.replace('"', '""')
    found: dict[int, list[tuple[int, str, str]]] = {}
    for row in connection.execute(text(f'PRAGMA "{name.schema or "main"}".foreign_key_list("{quoted}")')):
        found.setdefault(row.id, []).append((row.seq, row[3], row.on_delete))
    return {
        tuple(column for _, column, _ in sorted(rows)): rows[0][2]
        for rows in found.values()
        if rows[0][2] != "NO ACTION"
    }


def _column(found: Mapping[str, Any], table: str, primary: tuple[str, ...], engine: Engine) -> CatalogColumn:
    name = str(found["name"])
    type = _type(found["type"], engine)
    generated = None
    if found.get("identity"):
        always = isinstance(found["identity"], Mapping) and found["identity"].get("always") is True
        generated = "identity_always" if always else "identity"
    elif found.get("computed"):
        generated = "stored"
    elif found.get("autoincrement") is True or (
        # SQLite: a key of this one type is the row's number, which counts itself.
        engine.dialect.name == "sqlite" and primary == (name,) and (type or "").upper() == "INTEGER"
    ):
        generated = "serial"
    default = found.get("default")
    nullable = found.get("nullable")
    if engine.dialect.name == "sqlite" and generated == "serial":
        nullable = False
    return CatalogColumn(
        column_identity(table, "database", name),
        name,
        type,
        nullable if isinstance(nullable, bool) else None,
        None if default is None else str(default),
        generated,
    )


def _type(type: Any, engine: Engine) -> str | None:
    from sqlalchemy.exc import SQLAlchemyError
    from sqlalchemy.types import NullType

    if isinstance(type, NullType):
        return None  # a type of an extension that SQLAlchemy does not know
    try:
        return str(type.compile(dialect=engine.dialect))
    except (SQLAlchemyError, NotImplementedError):
        return None


def _names(found: Any) -> tuple[str, ...]:
    return tuple(str(each) for each in found if each is not None)


def _where(options: Mapping[str, Any]) -> str | None:
    found = options.get("postgresql_where", options.get("sqlite_where"))
    return None if found is None else str(found)
