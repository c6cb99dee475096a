"""When two ways to write a column's type mean the same type.

`canonical` turns the text of a type, as SQLAlchemy renders it or as raw SQL writes it, into one
spelling per type and dialect. Equal spellings mean equal types; nothing else is promised, so the
spelling is also what messages show. PostgreSQL's are the short internal names (`int4`, `timestamptz`,
`varchar(50)`), the others' are lower case.

Decisions that would surprise:

- PostgreSQL: `varchar` without a length and `text` stay two types. They hold the same values, but
  drivers and code generators tell them apart. `timestamp` and `timestamp(6)` stay two as well, as the
  server's own `format_type` has it. `serial` is its integer type: the sequence is a default.
- MySQL: display widths are nothing, except that of `TINYINT(1)`, which is what BOOL means and what
  drivers read as a boolean. Character sets and collations are dropped: they change how text is
  stored and compared, not what a reader is handed.
- SQLite: the declared type counts, not its affinity, because converters and other readers go by the
  declaration. Only true aliases (`INT` and `INTEGER`, `BOOL` and `BOOLEAN`, …) fall together.

Types that a dialect does not know (enums, domains, extensions) come back lower case and evenly spaced,
without the default schema.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from migration_lint.named_tuple import NamedTuple
from migration_lint.operations import Dialect

#: The schema that a name without one is in. MySQL's is the connection's database and Oracle's the
#: connected user's, which no script says: an empty name stands for both.
DEFAULT_SCHEMAS: dict[Dialect, str] = {
    "postgresql": "public",
    "mysql": "",
    "mariadb": "",
    "sqlite": "main",
    "mssql": "dbo",
    "oracle": "",
}


class _Parsed(NamedTuple):
    """`timestamp(3) with time zone` → words timestamp with time zone, groups ((3,),)."""

    name: str  # all words outside parentheses, one space between
    groups: tuple[tuple[str, ...], ...]  # the parenthesised lists
    array: bool

    @property
    def args(self) -> tuple[str, ...]:
        return self.groups[0] if self.groups else ()


# Texts, which `re` compiles when they are first needed: many runs compare no types.
_TOKEN = r"""
  (?P<string>'(?:[^'\\]|\\.|'')*')
| (?P<quoted>"(?:[^"]|"")*"|`(?:[^`]|``)*`)
| (?P<word>[^\W\d][\w$]*)
| (?P<number>[-+]?\d+(?:\.\d+)?)
| (?P<mark>[^\s])
"""
_PLAIN = r"[a-z_][a-z0-9_$]*"
_BRACKETED = r"\[([^\W\d][^\]]*)\]"  # SQL Server's quotes; never an array's `[3]`


def same_type(
    one: str | None, other: str | None, dialect: Dialect, default_schema: str | None = None
) -> bool:
    """Whether two type texts mean one type. An unknown type (None) is the same as no other."""
    if one is None or other is None:
        return False
    return one == other or canonical(one, dialect, default_schema) == canonical(
        other, dialect, default_schema
    )


def may_be(outline: str, type: str | None, dialect: Dialect, default_schema: str | None = None) -> bool:
    """Whether a type is one that `outline` says, which may leave out a length, a precision, a list of values,
    and, as `ARRAY`, what an array holds: as `information_schema.columns.data_type` does."""
    if type is None:
        return False
    said, parsed = _parse(outline, dialect), _parse(type, dialect)
    if said is None or parsed is None or said.groups or same_type(outline, type, dialect, default_schema):
        return same_type(outline, type, dialect, default_schema)
    if said.name == "array" and not said.array:
        return parsed.array
    bare = _DIALECTS[dialect](parsed._replace(groups=()))
    return bare == canonical(outline, dialect, default_schema)


def listed_values(type: str, dialect: Dialect) -> tuple[str, ...]:
    """The values of an enumeration that has no name, as MySQL and MariaDB write one; () of any other type."""
    if dialect not in ("mysql", "mariadb") or type[:4].lower() != "enum":
        return ()
    parsed = _parse(type, dialect)
    if parsed is None or parsed.name.split(None, 1)[0] != "enum":
        return ()
    return tuple(value[1:-1].replace("''", "'") for value in parsed.args)


@lru_cache(maxsize=8192)
def canonical(type: str, dialect: Dialect, default_schema: str | None = None) -> str:
    """The one spelling of the type that `type` spells. Never raises: unreadable text is only tidied.

    `default_schema` is the schema that user-defined types need not name; None: the dialect's own.
    """
    parsed = _parse(type, dialect)
    if parsed is None:
        return " ".join(type.lower().split())
    schema = DEFAULT_SCHEMAS[dialect] if default_schema is None else default_schema
    prefix = f"{schema}."
    if schema and parsed.name.startswith(prefix):
        parsed = parsed._replace(name=parsed.name[len(prefix) :])
    return _DIALECTS[dialect](parsed)


def _parse(text: str, dialect: Dialect) -> _Parsed | None:
    """Splits a type into words, lists and array marks; None if it is not built like a type at all."""
    if dialect == "mssql":
        text = re.sub(_BRACKETED, lambda match: '"' + match[1].replace('"', '""') + '"', text)
    words: list[str] = []
    groups: list[tuple[str, ...]] = []
    array = False
    tokens = [(match.lastgroup or "", match.group()) for match in re.finditer(_TOKEN, text, re.VERBOSE)]
    at = 0
    while at < len(tokens):
        kind, token = tokens[at]
        at += 1
        if kind == "word":
            word = token.lower()
            if word == "collate":
                at = _after_name(tokens, at)
                continue
            words.append(word)
        elif kind == "quoted":
            words.append(_unquoted(token, dialect))
        elif token == "." and words and at < len(tokens) and tokens[at][0] in ("word", "quoted"):
            kind, token = tokens[at]
            at += 1
            words[-1] += "." + (token.lower() if kind == "word" else _unquoted(token, dialect))
        elif token == "(":
            group, at = _group(tokens, at)
            if group is None:
                return None
            groups.append(group)
        elif token == "[":
            array = True
            while at < len(tokens) and tokens[at][1] != "]":
                at += 1
            at += 1
        else:
            return None
    if not words:
        return None
    if dialect == "postgresql" and len(words) > 1 and words[-1] == "array":
        words.pop()
        array = True
    return _Parsed(" ".join(words), tuple(groups), array)


def _after_name(tokens: list[tuple[str, str]], at: int) -> int:
    """The index after a possibly qualified name that starts at `at`."""
    at += 1
    while at + 1 < len(tokens) and tokens[at][1] == ".":
        at += 2
    return at


def _unquoted(token: str, dialect: Dialect) -> str:
    inner = token[1:-1].replace(token[0] * 2, token[0])
    if dialect not in ("postgresql", "oracle"):
        inner = inner.lower()
    if re.fullmatch(_PLAIN, inner) and not (dialect == "postgresql" and inner == "char"):
        return inner
    return '"' + inner.replace('"', '""') + '"'


def _group(tokens: list[tuple[str, str]], at: int) -> tuple[tuple[str, ...] | None, int]:
    """The list whose opening parenthesis stands before `at`, and the index after its end."""
    items: list[list[str]] = [[]]
    depth = 1
    while at < len(tokens):
        kind, token = tokens[at]
        at += 1
        if token == "(" and kind == "mark":
            depth += 1
        elif token == ")" and kind == "mark":
            depth -= 1
            if not depth:
                return tuple(" ".join(item) for item in items if item), at
        elif token == "," and kind == "mark" and depth == 1:
            items.append([])
            continue
        if kind == "string":
            items[-1].append("'" + token[1:-1].replace("\\'", "''") + "'")
        elif kind == "quoted":
            # MySQL takes "a" for a string; as an argument nothing else is ever quoted.
            items[-1].append("'" + token[1:-1].replace('""', '"').replace("'", "''") + "'")
        else:
            items[-1].append(token.lower())
    return None, at


def _spelled(name: str, *args: str) -> str:
    return f"{name}({','.join(args)})" if args else name


def _as_written(parsed: _Parsed) -> str:
    text = parsed.name + "".join(f"({','.join(group)})" for group in parsed.groups)
    return text + "[]" if parsed.array else text


def _aliases(**names: str) -> dict[str, str]:
    """Turns `canonical="alias, other alias"` round; the canonical name stands for itself as well."""
    turned: dict[str, str] = {}
    for name, others in names.items():
        turned[name] = name
        turned.update((other.strip(), name) for other in others.split(",") if other.strip())
    return turned


def _fixed_point(args: tuple[str, ...], precision: str) -> tuple[str, ...]:
    """The arguments of DECIMAL with what the dialect takes for the ones left out."""
    return (*(args or (precision,)), "0")[:2] if len(args) < 2 else args


# --- PostgreSQL: https://www.postgresql.org/docs/current/datatype.html#DATATYPE-TABLE

_POSTGRESQL = _aliases(
    int2="smallint, smallserial, serial2",
    int4="int, integer, serial, serial4",
    int8="bigint, bigserial, serial8",
    float4="real",
    float8="double precision, double",
    numeric="decimal, dec",
    bool="boolean",
    varchar=(
        "character varying, char varying, national character varying, national char varying, nchar varying"
    ),
    char="character, national character, national char, nchar",
    bpchar="",
    varbit="bit varying",
    bit="",
    timestamp="timestamp without time zone",
    timestamptz="timestamp with time zone",
    time="time without time zone",
    timetz="time with time zone",
)
#: Those whose array may be written `_int4`: for a name of a user, the underscore may belong to it.
_POSTGRESQL_INTERNAL = frozenset(_POSTGRESQL.values()) | frozenset(
    ("bytea", "cidr", "date", "inet", "interval", "json", "jsonb", "macaddr", "macaddr8")
    + ("money", "name", "oid", "point", "text", "tsvector", "uuid", "xml")
)


def is_shipped(spelled: str) -> bool:
    """Whether a canonical type is one that PostgreSQL finds before any of a project's own of that name."""
    return spelled in _POSTGRESQL_INTERNAL


def _postgresql(parsed: _Parsed) -> str:
    name = parsed.name.removeprefix("pg_catalog.")
    args = parsed.args
    array = parsed.array
    if name.startswith("_") and name[1:] in _POSTGRESQL_INTERNAL:
        name, array = name[1:], True
        if name == "bpchar" and not args:
            return "bpchar[]"
    if name == "float":
        # "float(1) to float(24) as selecting the real type": datatype-numeric.html
        name = "float4" if args and args[0].isdigit() and int(args[0]) <= 24 else "float8"
        args = ()
    elif name == "bpchar" and args:
        name = "char"
    else:
        name = _POSTGRESQL.get(name, name)
    if name == "numeric" and len(args) == 1:
        args = (args[0], "0")
    elif name in ("char", "bit") and not args:
        args = ("1",)
    return _spelled(name, *args) + ("[]" if array else "")


# --- MySQL and MariaDB: https://dev.mysql.com/doc/refman/8.4/en/data-types.html

_MYSQL = _aliases(
    tinyint="int1",
    smallint="int2",
    mediumint="int3, middleint",
    int="integer, int4",
    bigint="int8",
    decimal="numeric, dec, fixed",
    float="float4",
    double="double precision, real, float8",
    char="character, nchar, national char, national character",
    varchar=(
        "character varying, char varying, varcharacter, nvarchar, national varchar, national varcharacter, "
        "national char varying, national character varying, nchar varchar, nchar varying"
    ),
    mediumtext="long, long varchar, long char varying, long character varying",
    mediumblob="long varbinary",
    binary="char byte",
)
_MYSQL_INTEGERS = frozenset(("tinyint", "smallint", "mediumint", "int", "bigint"))
_MYSQL_NUMBERS = _MYSQL_INTEGERS | frozenset(("decimal", "float", "double"))
#: What `CHARACTER SET binary` makes of a text type: charset-binary-set.html
_MYSQL_BINARY = {
    "char": "binary",
    "varchar": "varbinary",
    "tinytext": "tinyblob",
    "text": "blob",
    "mediumtext": "mediumblob",
    "longtext": "longblob",
}
_MYSQL_CHARSET = r" (?:character set|char set|charset) (\S+)"


def _mysql(parsed: _Parsed) -> str:
    charset = re.search(_MYSQL_CHARSET, parsed.name)
    name = re.sub(_MYSQL_CHARSET, "", parsed.name)
    args = parsed.args
    if name == "serial":
        return "bigint unsigned"
    if name in ("bool", "boolean"):
        return "tinyint(1)"
    attributes: set[str] = set()
    while True:
        head, _, last = name.rpartition(" ")
        if not head or last not in ("unsigned", "signed", "zerofill", "binary", "ascii", "unicode"):
            break
        name = head
        attributes.add(last)
    name = _MYSQL.get(name, name)
    if charset is not None and charset[1] == "binary":
        name = _MYSQL_BINARY.get(name, name)
    if name in _MYSQL_INTEGERS:
        args = args if (name, args) == ("tinyint", ("1",)) and not attributes else ()
    elif name == "decimal":
        args = _fixed_point(args, "10")
    elif name == "float" and len(args) == 1:
        # "a precision from 0 to 23 results in FLOAT, from 24 to 53 in DOUBLE", while the server's own
        # limit is 24: floating-point-types.html and sql_yacc.yy (the latter is what runs).
        name = "float" if args[0].isdigit() and int(args[0]) <= 24 else "double"
        args = ()
    elif name in ("char", "binary", "bit") and not args:
        args = ("1",)
    elif name in ("datetime", "timestamp", "time") and args == ("0",):
        args = ()
    elif name == "year" or (name, args) in (("text", ("4294967295",)), ("blob", ("4294967295",))):
        name, args = name if name == "year" else f"long{name}", ()
    text = _spelled(name, *args)
    if name in _MYSQL_NUMBERS:
        if attributes & {"unsigned", "zerofill"}:
            text += " unsigned"
        if "zerofill" in attributes:
            text += " zerofill"
    return text


def _mariadb(parsed: _Parsed) -> str:
    # "JSON is an alias for LONGTEXT": https://mariadb.com/kb/en/json-data-type/
    return "longtext" if parsed.name == "json" else _mysql(parsed)


# --- SQLite: https://www.sqlite.org/datatype3.html

_SQLITE = _aliases(
    integer="int",
    boolean="bool",
    numeric="decimal, dec",
    double="double precision",
    varchar="character varying, varying character, char varying",
    nvarchar="national character varying, national varying character",
    char="character",
    nchar="native character, national character",
)


def _sqlite(parsed: _Parsed) -> str:
    return _as_written(parsed._replace(name=_SQLITE.get(parsed.name, parsed.name)))


# --- SQL Server: https://learn.microsoft.com/en-us/sql/t-sql/data-types/data-type-synonyms-transact-sql

_MSSQL = _aliases(
    int="integer",
    decimal="numeric, dec",
    varbinary="binary varying",
    char="character",
    varchar="char varying, character varying",
    nchar="national char, national character",
    nvarchar="national char varying, national character varying",
    text="",
    ntext="national text",
    rowversion="timestamp",
)


def _mssql(parsed: _Parsed) -> str:
    name = parsed.name.removeprefix("sys.")
    args = parsed.args
    if name in ("double precision", "float"):
        # "SQL Server treats n as one of two values": float-and-real-transact-sql
        single = bool(args) and args[0].isdigit() and int(args[0]) <= 24
        return "real" if single else "float"
    name = _MSSQL.get(name, name)
    if name == "decimal":
        args = _fixed_point(args, "18")
    elif not args and name in ("char", "varchar", "nchar", "nvarchar", "binary", "varbinary"):
        args = ("1",)
    elif args == ("7",) and name in ("datetime2", "datetimeoffset", "time"):
        args = ()
    return _spelled(name, *args)


# --- Oracle: https://docs.oracle.com/en/database/oracle/oracle-database/23/sqlrf/Data-Types.html

_ORACLE = _aliases(
    number="numeric, decimal, dec",
    varchar2="varchar, char varying, character varying",
    nvarchar2="national char varying, national character varying, nchar varying",
    char="character",
    nchar="national char, national character",
)
_ORACLE_INTEGERS = frozenset(("integer", "int", "smallint"))


def _oracle(parsed: _Parsed) -> str:
    name = _ORACLE.get(parsed.name, parsed.name)
    args = parsed.args
    if name in _ORACLE_INTEGERS or (name == "number" and not args and parsed.name != "number"):
        return "number(38,0)"
    if name == "number" and args:
        return _spelled("number", "38" if args[0] == "*" else args[0], *(args[1:] or ("0",)))
    if name == "double precision" or (name == "float" and not args):
        return "float(126)"
    if name == "real":
        return "float(63)"
    if name in ("varchar2", "char"):
        # BYTE is the default unless the session says otherwise (NLS_LENGTH_SEMANTICS).
        size = args[0].removesuffix(" byte") if args else "1"
        return _spelled(name, size) if args or name == "char" else name
    if name == "nchar" and not args:
        return "nchar(1)"
    if name.startswith("timestamp"):
        return name.replace("timestamp", _spelled("timestamp", *(args or ("6",))), 1)
    if name == "interval year to month":
        return f"interval year({args[0] if args else '2'}) to month"
    if name == "interval day to second":
        return _as_written(parsed) if parsed.groups else name
    return _as_written(parsed._replace(name=name))


_DIALECTS: dict[Dialect, Callable[[_Parsed], str]] = {
    "postgresql": _postgresql,
    "mysql": _mysql,
    "mariadb": _mariadb,
    "sqlite": _sqlite,
    "mssql": _mssql,
    "oracle": _oracle,
}
