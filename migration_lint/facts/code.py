"""An operation's own names as code, so that a fix can be taken over as it stands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from migration_lint.catalog.replay.run import default_names
from migration_lint.effects.types import mysql
from migration_lint.effects.types.spelling import spelled
from migration_lint.facts.model import CodeFacts
from migration_lint.facts.names import RESERVED
from migration_lint.lazy_pattern import find, lazy_pattern
from migration_lint.named_tuple import NamedTuple
from migration_lint.operations import HOLE, Column, Constraint, Dialect, Index, Operation
from migration_lint.wording import python_text as text

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
#: Of a new name made of others so much is left that it fits with what stands around it: `ck_…_not_null`.
SHORT = 48
_BARE = frozenset(("timestamp", "timestamptz", "time", "interval"))
_PLAIN = r"[a-z_][a-z0-9_$]*"
_PREFIXES = {"index": "ix", "unique": "uq", "foreign_key": "fk", "check": "ck", "primary_key": "pk"}


class Types(NamedTuple):
    """The types of the column that an operation is about, canonical; None: not known, or none."""

    new: str | None = None
    old: str | None = None


_UNKNOWN = Types()


def code_facts(
    operation: Operation, dialect: Dialect, types: Types = _UNKNOWN, made_by: Operation | None = None
) -> CodeFacts:
    """The names of an operation as Python and as SQL; `made_by` makes the one constraint of it, with more."""
    index = operation.index
    constraint = operation.constraints[0] if operation.constraints else None
    added = operation.columns[0] if operation.columns else None
    columns = _columns(operation)
    table = operation.table or ""
    short = "_".join(_plain(each) for each in (table, *columns)).lower()[:SHORT]
    kind = "index" if index is not None else constraint.kind if constraint is not None else "index"
    named = constraint if operation.kind == "add_column" else None
    name = (named.name if named is not None else operation.name) or (constraint and constraint.name)
    name = (
        name
        or (constraint and _server_name(constraint, table, dialect))
        or f"{_PREFIXES.get(kind, kind)}_{short}"
    )
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
        type=_collated(_type(types.new, dialect), operation),
        old_type=_type(types.old, dialect),
        made=_made(made_by or operation, types.new, dialect),
        bare=_bare(operation, types.new, dialect),
        named=constraint is None or bool(constraint.name or constraint.by_convention or constraint.columns),
        concurrent_index=_index(operation, index, dialect) if index is not None else _concurrent(operation),
        timing=_timing(constraint),
        whole=_is_whole(index, constraint, columns),
        statement=_statement(operation.sql or ""),
        default="" if default is None else f"sa.text({text(default)})",
        sql_table=".".join(sql(each, dialect) for each in (operation.schema, table) if each),
        sql_name=sql(name, dialect),
        sql_column=sql(columns[0], dialect) if columns else "",
        sql_columns=", ".join(sql(each, dialect) for each in columns),
        short=short,
    )


def _plain(name: str) -> str:
    """A name as a part of another one."""
    return (name if name.isidentifier() else re.sub(r"\W+", "_", name)).strip("_")


def _server_name(constraint: Constraint, table: str, dialect: Dialect) -> str | None:
    """What a constraint is called that the script does not name, where that is known."""
    if constraint.by_convention or dialect != "postgresql" or constraint.kind == "unknown":
        return constraint.by_convention
    return default_names(table, constraint)[0] if table else None


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


def sql(name: str, dialect: Dialect) -> str:
    """A name as SQL, in quotes where it needs them: `"user"` without them is a function of PostgreSQL's."""
    words = RESERVED.get("mysql" if dialect == "mariadb" else dialect, frozenset())
    if re.fullmatch(_PLAIN, name) and name not in words:
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


def _made(operation: Operation, type: str | None, dialect: Dialect) -> str:
    """The column that an operation adds, without its constraints; "" where that cannot be written."""
    if len(operation.columns) != 1 or len(operation.constraints) > 1:
        return ""
    column, known = operation.columns[0], _collated(_type(type, dialect), operation)
    if not known or column.generated is not None:
        return ""
    return f"sa.Column({text(column.name)}, {known}{_column_options(column)})"


def _bare(operation: Operation, type: str | None, dialect: Dialect) -> str:
    """The column that an operation adds as one that may be NULL; "" where that cannot be written."""
    known = _collated(_type(type, dialect), operation)
    if not known or len(operation.columns) != 1 or operation.constraints:
        return ""
    (column,) = operation.columns
    return f"sa.Column({text(column.name)}, {known}{_column_options(Column('', comment=column.comment))})"


def _collated(made: str, operation: Operation) -> str:
    """A type with the collation that the script gives it; "" where that is not known."""
    said = operation.columns[0].type if operation.columns else operation.type
    found = find("collate", r'\scollate\s+"?([^"]+)"?\s*$', said or "", re.I)
    if found is None:
        return "" if find("collate", r"\bcollate\b", operation.sql or "", re.I) else made
    named = re.fullmatch(r"(sa\.(?:String|Text|CHAR))\((.*)\)", made)
    if named is None:
        return made if "collation=" in made else ""
    return f"{named[1]}({named[2]}{', ' if named[2] else ''}collation={text(found[1])})"


def _column_options(column: Column) -> str:
    made = "" if column.default is None else f", server_default=sa.text({text(column.default)})"
    made += "" if column.nullable else ", nullable=False"
    return made + (f", comment={text(column.comment)}" if column.comment else "")


#: What can be said to do its work CONCURRENTLY, as far as the word.
_BUILDS = lazy_pattern(
    r"""(?ix)\A("\s* (?: create\s+(?:unique\s+)?index | drop\s+index
    | reindex\s*(?:\([^)]*\)\s*)?(?:index|table|schema|database) ) )\s+(?!concurrently\b)"""
)


def _concurrent(operation: Operation) -> str:
    """The statement that drops an index or builds it anew concurrently; "" where there is none."""
    sql = _statement(operation.sql or "")
    if "index" not in sql.lower():
        return ""  # also REINDEX; most statements, and no pattern is compiled
    inserted = _BUILDS.sub(r"\1 CONCURRENTLY ", sql)
    # Of several at once, or with what hangs on it, no index is dropped so.
    several = "," in sql or find("cascade", r"\bcascade\b", sql, re.I) is not None
    return f"op.execute({inserted})" if inserted != sql and not several else ""


def _index(operation: Operation, index: Index, dialect: Dialect) -> str:
    """The statement that builds an index concurrently; "" where a part of it cannot be written."""
    sql = _statement(operation.sql or "")
    inserted = _BUILDS.sub(r"\1 CONCURRENTLY ", sql)
    if inserted != sql and index.name is not None:
        return f"op.execute({inserted})"
    if _is_unknown(index.kept) or "?" in (*index.columns, index.where):
        return ""
    name = text(index.name or operation.name or "")
    columns = f"[{', '.join(_entry(each, index.expressions) for each in index.columns)}]"
    arguments = f"{name}, {text(operation.table or '')}, {columns}{_index_options(index)}"
    arguments += f", schema={text(operation.schema)}" if operation.schema else ""
    arguments += ", if_not_exists=True" if operation.if_exists else ""
    return f"op.create_index({arguments}, postgresql_concurrently=True)" if name != '""' else ""


def _is_whole(index: Index | None, constraint: Constraint | None, columns: Iterable[str]) -> bool:
    """Whether the names hold all that is said of the index or constraint."""
    said = (*(index.kept if index else ()), *(constraint.kept if constraint else ()), *columns)
    if constraint is not None and constraint.kind == "foreign_key" and not constraint.referred_columns:
        return False  # the primary key of the other table, which create_foreign_key has to be told
    if constraint is not None and constraint.kind == "check" and not constraint.expression:
        return False
    return not _is_unknown(said) and "?" not in said


def _timing(constraint: Constraint | None) -> str:
    """When a constraint is checked, as SQL behind it."""
    if constraint is None:
        return ""
    found = next((each.split('"')[1] for each in constraint.kept if each.startswith('initially="')), "")
    deferrable = " DEFERRABLE" if constraint.deferrable else ""
    return deferrable + (f" INITIALLY {found.upper()}" if found else "")


def _index_options(index: Index) -> str:
    made = ", unique=True" if index.unique else ""
    if index.using is not None:
        made += f", postgresql_using={text(index.using)}"
    if index.include:
        made += f", postgresql_include={_list(index.include)}"
    if index.where is not None:
        made += f", postgresql_where=sa.text({text(index.where)})"
    if index.nulls_not_distinct:
        made += ", postgresql_nulls_not_distinct=True"
    return made + _kept(index.kept)


def _kept(said: Iterable[str]) -> str:
    return "".join(f", {each}" for each in said if HOLE not in each)


def _is_unknown(said: Iterable[str]) -> bool:
    return any(HOLE in each for each in said)


def _key_options(constraint: Constraint | None) -> str:
    if constraint is None:
        return ""
    made = f", referent_schema={text(constraint.referred_schema)}" if constraint.referred_schema else ""
    if constraint.on_update:
        made += f", onupdate={text(constraint.on_update)}"
    if constraint.on_delete:
        made += f", ondelete={text(constraint.on_delete)}"
    if constraint.kind != "foreign_key":  # of a key, what its index says
        return _kept(each for each in constraint.kept if each.startswith("postgresql_"))
    return made + (", deferrable=True" if constraint.deferrable else "") + _kept(constraint.kept)
