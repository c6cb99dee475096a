"""An operation's own names as code, so that a fix can be taken over as it stands."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping

from migration_lint.effects.types import mysql
from migration_lint.effects.types.spelling import spelled
from migration_lint.facts.model import CodeFacts
from migration_lint.operations import HOLE, Constraint, Dialect, Index, Operation

#: What SQLAlchemy calls the types of PostgreSQL; `{}` stands for their limits.
TYPES = {
    "bool": "sa.Boolean()",
    "int2": "sa.SmallInteger()",
    "int4": "sa.Integer()",
    "int8": "sa.BigInteger()",
    "float4": "sa.REAL()",
    "float8": "sa.Double()",
    "numeric": "sa.Numeric({})",
    "text": "sa.Text()",
    "varchar": "sa.String({})",
    "char": "sa.CHAR({})",
    "bytea": "sa.LargeBinary()",
    "date": "sa.Date()",
    "timestamp": "sa.DateTime()",
    "timestamptz": "sa.DateTime(timezone=True)",
    "time": "sa.Time()",
    "interval": "sa.Interval()",
    "json": "sa.JSON()",
    "uuid": "sa.Uuid()",
}
#: The same of SQLite, where nothing but the name counts.
SQLITE_TYPES = {
    "int": "sa.Integer()",
    "smallint": "sa.SmallInteger()",
    "bigint": "sa.BigInteger()",
    "bool": "sa.Boolean()",
    "decimal": "sa.Numeric({})",
    "float": "sa.Float()",
    "text": "sa.Text()",
    "varchar": "sa.String({})",
    "char": "sa.CHAR({})",
    "blob": "sa.LargeBinary()",
    "date": "sa.Date()",
    "datetime": "sa.DateTime()",
    "time": "sa.Time()",
    "json": "sa.JSON()",
}
#: What SQLAlchemy calls the types of MySQL and MariaDB.
MYSQL_TYPES = {
    "tinyint(1)": "sa.Boolean()",
    "tinyint": "mysql.TINYINT({})",
    "smallint": "sa.SmallInteger()",
    "mediumint": "mysql.MEDIUMINT({})",
    "int": "sa.Integer()",
    "bigint": "sa.BigInteger()",
    "decimal": "sa.Numeric({})",
    "float": "sa.Float()",
    "double": "sa.Double()",
    "char": "sa.CHAR({})",
    "varchar": "sa.String({})",
    "tinytext": "mysql.TINYTEXT({})",
    "text": "sa.Text({})",
    "mediumtext": "mysql.MEDIUMTEXT({})",
    "longtext": "mysql.LONGTEXT({})",
    "binary": "sa.BINARY({})",
    "varbinary": "sa.VARBINARY({})",
    "blob": "sa.LargeBinary()",
    "longblob": "mysql.LONGBLOB()",
    "enum": "mysql.ENUM({})",
    "set": "mysql.SET({})",
    "date": "sa.Date()",
    "datetime": "sa.DateTime()",
    "timestamp": "sa.TIMESTAMP()",
    "time": "sa.Time()",
    "year": "mysql.YEAR()",
    "json": "sa.JSON()",
    "bit": "mysql.BIT({})",
}
#: The same of those that are unsigned, or that keep fractions of a second.
_UNSIGNED = {
    "tinyint": "mysql.TINYINT(unsigned=True)",
    "smallint": "mysql.SMALLINT(unsigned=True)",
    "mediumint": "mysql.MEDIUMINT(unsigned=True)",
    "int": "mysql.INTEGER(unsigned=True)",
    "bigint": "mysql.BIGINT(unsigned=True)",
}
_FRACTIONS = {"datetime": "DATETIME", "timestamp": "TIMESTAMP", "time": "TIME"}
_BARE = frozenset(("timestamp", "timestamptz", "time", "interval"))
_PLAIN = r"[a-z_][a-z0-9_$]*"
_PREFIXES = {"index": "ix", "unique": "uq", "foreign_key": "fk", "check": "ck", "primary_key": "pk"}


def code_facts(
    operation: Operation, dialect: Dialect, type: str | None = None, old_type: str | None = None
) -> CodeFacts:
    """The names of an operation as Python and as SQL; the types are those of its column, canonical."""
    index = operation.index
    constraint = operation.constraints[0] if operation.constraints else None
    added = operation.columns[0] if operation.columns else None
    columns = _columns(operation)
    table = operation.table or ""
    short = "_".join(re.sub(r"\W+", "_", each).strip("_") for each in (table, *columns))
    kind = "index" if index is not None else constraint.kind if constraint is not None else "index"
    named = constraint if operation.kind == "add_column" else None
    name = (named.name if named is not None else operation.name) or (constraint and constraint.name)
    name = name or f"{_PREFIXES.get(kind, kind)}_{short}"
    expressions = index is not None and index.expressions
    default = added.default if added is not None else operation.default
    return CodeFacts(
        table=text(table),
        schema=f", schema={text(operation.schema)}" if operation.schema else "",
        source_schema=f", source_schema={text(operation.schema)}" if operation.schema else "",
        name=text(name),
        column=text(columns[0]) if columns else "",
        columns=f"[{', '.join(_entry(each, expressions) for each in columns)}]",
        options=_index_options(index) if index is not None else _key_options(constraint),
        referred=text(constraint.referred_table or "") if constraint is not None else "",
        referred_columns=_list(constraint.referred_columns if constraint is not None else ()),
        condition=text(constraint.expression or "") if constraint is not None else "",
        type=_type(type, dialect),
        old_type=_type(old_type, dialect),
        statement=_statement(operation.sql or ""),
        default="" if default is None else f"sa.text({text(default)})",
        sql_table=".".join(sql(each, dialect) for each in (operation.schema, table) if each),
        sql_name=sql(name, dialect),
        sql_column=sql(columns[0], dialect) if columns else "",
        sql_columns=", ".join(sql(each, dialect) for each in columns),
        short=short,
    )


def _statement(sql: str) -> str:
    """A statement as Python text on one line; "" where that is not possible."""
    sql = sql.strip().removesuffix(";")
    if not sql or HOLE in sql:
        return ""
    if "\n" in sql and re.search(r"'|--|\$|/\*", sql):
        return ""  # a line may end within a text or a comment
    return text(" ".join(sql.split()) if "\n" in sql else sql)


def _columns(operation: Operation) -> tuple[str, ...]:
    if operation.index is not None:
        return operation.index.columns
    if operation.constraints and operation.constraints[0].columns:
        return operation.constraints[0].columns
    if operation.column:
        return (operation.column,)
    return tuple(column.name for column in operation.columns)


def text(value: str) -> str:
    """A Python literal, in double quotes."""
    return json.dumps(value, ensure_ascii=False)


def sql(name: str, dialect: Dialect) -> str:
    """A name as SQL, in quotes where it needs them."""
    if re.fullmatch(_PLAIN, name):
        return name
    quote = "`" if dialect in ("mysql", "mariadb") else '"'
    return quote + name.replace(quote, quote * 2) + quote


def _type(type: str | None, dialect: Dialect) -> str:
    if type is None:
        return ""
    match dialect:
        case "postgresql":
            return sqlalchemy_type(type)
        case "mysql" | "mariadb":
            return mysql_type(type)
        case "sqlite":
            return sqlalchemy_type(type, SQLITE_TYPES)
    return ""


def mysql_type(type: str) -> str:
    """A type of MySQL or MariaDB, in SQL, as SQLAlchemy code; "" where there is no such."""
    found = mysql.parts(type, "mysql")
    if found.canonical == "tinyint(1)":
        return MYSQL_TYPES[found.canonical]
    if found.unsigned or "zerofill" in found.canonical:
        return _UNSIGNED.get(found.name, "") if "zerofill" not in found.canonical else ""
    if found.name in _FRACTIONS and found.limits:
        return f"mysql.{_FRACTIONS[found.name]}(fsp={found.limits[0]})"
    made = MYSQL_TYPES.get(found.name, "")
    arguments = [*map(str, found.limits), *map(text, found.values)]
    if found.collation:
        arguments.append(f"collation={text(found.collation)}")
    elif found.charset:
        made = {"varchar": "mysql.VARCHAR({})", "char": "mysql.CHAR({})", "text": "mysql.TEXT({})"}.get(
            found.name, made
        )
        arguments.append(f"charset={text(found.charset)}")
    return made.format(", ".join(arguments))


def sqlalchemy_type(type: str, known: Mapping[str, str] = TYPES) -> str:
    """A canonical type as SQLAlchemy code; "" where there is no such."""
    parts = spelled(type)
    made = known.get(parts.name)
    if made is None or parts.array or (parts.limits and parts.name in _BARE):
        return ""
    return made.format(", ".join(map(str, parts.limits)))


def _entry(column: str, expressions: bool) -> str:
    plain = re.fullmatch(r"\w+", column) is not None
    return text(column) if plain or not expressions else f"sa.text({text(column)})"


def _list(names: Iterable[str]) -> str:
    return f"[{', '.join(map(text, names))}]"


def _index_options(index: Index) -> str:
    made = ", unique=True" if index.unique else ""
    if index.using is not None:
        made += f", postgresql_using={text(index.using)}"
    if index.include:
        made += f", postgresql_include={_list(index.include)}"
    if index.where is not None:
        made += f", postgresql_where=sa.text({text(index.where)})"
    return made


def _key_options(constraint: Constraint | None) -> str:
    if constraint is None:
        return ""
    made = f", referent_schema={text(constraint.referred_schema)}" if constraint.referred_schema else ""
    if constraint.on_update:
        made += f", onupdate={text(constraint.on_update)}"
    if constraint.on_delete:
        made += f", ondelete={text(constraint.on_delete)}"
    return made
