"""How SQLAlchemy's column types and server defaults render as SQL, dialect by dialect, as data.

A migration says `sa.String(length=50)`; the database sees `VARCHAR(50)`. This module knows the step
between, for the type classes of SQLAlchemy 2.1 and of the libraries that migrations often take types
from, without importing any of them: the tables below restate SQLAlchemy's type compilers
(`sqlalchemy/sql/compiler.py` and `dialects/*/base.py`), and `tests/reading/test_sqlalchemy_types.py`
compares every line with the SQLAlchemy that is installed there. What a script means does not depend on
which release of it stands beside this program: a class that the tables do not have is unknown.

SQL Server is taken as release 2012 or newer (`DATE`, `VARCHAR(max)`), Oracle as 23 or newer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Literal

from migration_lint.data_class import dataclass, replace
from migration_lint.lazy_pattern import lazy_pattern
from migration_lint.named_tuple import NamedTuple
from migration_lint.operations import Dialect


@dataclass(frozen=True, slots=True)
class SqlType:
    """A column type as one dialect's DDL writes it.

    `text` is None where it could not be worked out, and `reason` then says why. The `enum_*` fields,
    `native_enum` and `create_type` are those of `sa.Enum`; they stand also where the dialect has no named
    enums, and on an array or a variant they are those of what it is made of. `check`: it brings a CHECK
    constraint with it, as `SchemaType`s do. `asks`: its `create` and `drop` look first whether it is there,
    as those of PostgreSQL's own ENUM do unless they are told not to. `spatial`: GeoAlchemy2 gives each column
    of it an index.
    """

    text: str | None
    enum_name: str | None = None
    enum_schema: str | None = None
    enum_values: tuple[str, ...] = ()
    native_enum: bool = True
    create_type: bool = True
    reason: str | None = None
    check: bool = False
    asks: bool = False
    spatial: bool = False


class EnumClass(NamedTuple):
    """A Python `enum.Enum` subclass given to `sa.Enum`; `members` in order, without aliases."""

    name: str
    members: tuple[str, ...]


#: Class → how the type compiler visits it, and its parameters in order. Keys of a dialect's own classes
#: carry the dialect's name. From `__visit_name__` and `__init__` of each class.
_CLASSES: Mapping[str, str] = {
    "ARRAY": "ARRAY item_type as_tuple dimensions zero_indexes",
    "BIGINT": "BIGINT",
    "BINARY": "BINARY length",
    "BLOB": "BLOB length",
    "BOOLEAN": "BOOLEAN",
    "BigInteger": "big_integer",
    "Boolean": "boolean",
    "CHAR": "CHAR length collation collation_schema",
    "CLOB": "CLOB length collation collation_schema",
    "DATE": "DATE",
    "DATETIME": "DATETIME timezone",
    "DECIMAL": "DECIMAL precision scale",
    "DOUBLE": "DOUBLE precision",
    "DOUBLE_PRECISION": "DOUBLE_PRECISION precision",
    "Date": "date",
    "DateTime": "datetime timezone",
    "Double": "double precision",
    "Enum": "enum *",
    "FLOAT": "FLOAT precision",
    "Float": "float precision",
    "INT": "INTEGER",
    "INTEGER": "INTEGER",
    "Integer": "integer",
    "Interval": "interval native second_precision day_precision",
    "JSON": "JSON none_as_null",
    "LargeBinary": "large_binary length",
    "NCHAR": "NCHAR length collation collation_schema",
    "NUMERIC": "NUMERIC precision scale",
    "NVARCHAR": "NVARCHAR length collation collation_schema",
    "Numeric": "numeric precision scale",
    "PickleType": "pickle protocol pickler comparator impl",
    "REAL": "REAL precision",
    "SMALLINT": "SMALLINT",
    "SmallInteger": "small_integer",
    "String": "string length collation collation_schema",
    "TEXT": "TEXT length collation collation_schema",
    "TIME": "TIME timezone",
    "TIMESTAMP": "TIMESTAMP timezone",
    "Text": "text length collation collation_schema",
    "Time": "time timezone",
    "UUID": "UUID as_uuid",
    "Unicode": "unicode length collation collation_schema",
    "UnicodeText": "unicode_text length collation collation_schema",
    "Uuid": "uuid as_uuid native_uuid",
    "VARBINARY": "VARBINARY length",
    "VARCHAR": "VARCHAR length collation collation_schema",
    # Gone in SQLAlchemy 2, alive in old scripts: aliases and lower-case names of releases 0.x and 1.x.
    "Binary": "large_binary length",
    "Decimal": "numeric precision scale",
    "Smallinteger": "small_integer",
    # postgresql
    "postgresql.BIT": "BIT length varying",
    "postgresql.BYTEA": "BYTEA length",
    "postgresql.CIDR": "CIDR",
    "postgresql.CITEXT": "CITEXT",
    "postgresql.DATEMULTIRANGE": "DATEMULTIRANGE",
    "postgresql.DATERANGE": "DATERANGE",
    "postgresql.DOMAIN": "named name data_type",
    "postgresql.ENUM": "enum *",
    "postgresql.HSTORE": "HSTORE text_type",
    "postgresql.INET": "INET",
    "postgresql.INT4MULTIRANGE": "INT4MULTIRANGE",
    "postgresql.INT4RANGE": "INT4RANGE",
    "postgresql.INT8MULTIRANGE": "INT8MULTIRANGE",
    "postgresql.INT8RANGE": "INT8RANGE",
    "postgresql.INTERVAL": "INTERVAL precision fields",
    "postgresql.JSON": "JSON none_as_null astext_type",
    "postgresql.JSONB": "JSONB none_as_null astext_type",
    "postgresql.JSONPATH": "JSONPATH",
    "postgresql.MACADDR": "MACADDR",
    "postgresql.MACADDR8": "MACADDR8",
    "postgresql.MONEY": "MONEY",
    "postgresql.NUMMULTIRANGE": "NUMMULTIRANGE",
    "postgresql.NUMRANGE": "NUMRANGE",
    "postgresql.OID": "OID",
    "postgresql.REGCLASS": "REGCLASS",
    "postgresql.REGCONFIG": "REGCONFIG",
    "postgresql.TIME": "TIME timezone precision",
    "postgresql.TIMESTAMP": "TIMESTAMP timezone precision",
    "postgresql.TSMULTIRANGE": "TSMULTIRANGE",
    "postgresql.TSQUERY": "TSQUERY",
    "postgresql.TSRANGE": "TSRANGE",
    "postgresql.TSTZMULTIRANGE": "TSTZMULTIRANGE",
    "postgresql.TSTZRANGE": "TSTZRANGE",
    "postgresql.TSVECTOR": "TSVECTOR",
    # mysql and mariadb
    "mysql.BIGINT": "BIGINT display_width unsigned zerofill",
    "mysql.BIT": "BIT length",
    "mysql.CHAR": "CHAR length",
    "mysql.DATETIME": "DATETIME timezone fsp",
    "mysql.DECIMAL": "DECIMAL precision scale asdecimal",
    "mysql.DOUBLE": "DOUBLE precision scale asdecimal",
    "mysql.ENUM": "ENUM *",
    "mysql.FLOAT": "FLOAT precision scale asdecimal",
    "mysql.INET4": "INET4",
    "mysql.INET6": "INET6",
    "mysql.INTEGER": "INTEGER display_width",
    "mysql.LONGBLOB": "LONGBLOB length",
    "mysql.LONGTEXT": "LONGTEXT",
    "mysql.MEDIUMBLOB": "MEDIUMBLOB length",
    "mysql.MEDIUMINT": "MEDIUMINT display_width",
    "mysql.MEDIUMTEXT": "MEDIUMTEXT",
    "mysql.NCHAR": "NCHAR length",
    "mysql.NUMERIC": "NUMERIC precision scale asdecimal",
    "mysql.NVARCHAR": "NVARCHAR length",
    "mysql.REAL": "REAL precision scale asdecimal",
    "mysql.SET": "SET *",
    "mysql.SMALLINT": "SMALLINT display_width",
    "mysql.TEXT": "TEXT length",
    "mysql.TIME": "TIME timezone fsp",
    "mysql.TIMESTAMP": "TIMESTAMP timezone fsp",
    "mysql.TINYBLOB": "TINYBLOB length",
    "mysql.TINYINT": "TINYINT display_width",
    "mysql.TINYTEXT": "TINYTEXT",
    "mysql.VARCHAR": "VARCHAR length",
    "mysql.YEAR": "YEAR display_width",
    # sqlite
    "sqlite.DATE": "sqlite_date storage_format",
    "sqlite.DATETIME": "sqlite_datetime storage_format",
    "sqlite.TIME": "sqlite_time storage_format",
    "sqlite.JSONB": "JSONB none_as_null",
    # mssql
    "mssql.BIT": "BIT",
    "mssql.DATETIME2": "DATETIME2 precision",
    "mssql.DATETIMEOFFSET": "DATETIMEOFFSET precision",
    "mssql.DOUBLE_PRECISION": "DOUBLE_PRECISION",
    "mssql.IMAGE": "IMAGE length",
    "mssql.MONEY": "MONEY",
    "mssql.NTEXT": "NTEXT length collation collation_schema",
    "mssql.REAL": "REAL",
    "mssql.ROWVERSION": "ROWVERSION",
    "mssql.SMALLDATETIME": "SMALLDATETIME",
    "mssql.SMALLMONEY": "SMALLMONEY",
    "mssql.SQL_VARIANT": "SQL_VARIANT",
    "mssql.TIME": "TIME precision",
    "mssql.TIMESTAMP": "TIMESTAMP convert_int",
    "mssql.TINYINT": "TINYINT",
    "mssql.UNIQUEIDENTIFIER": "UNIQUEIDENTIFIER as_uuid",
    "mssql.VARBINARY": "VARBINARY length filestream",
    "mssql.XML": "XML",
    # oracle
    "oracle.BFILE": "BFILE",
    "oracle.BINARY_DOUBLE": "BINARY_DOUBLE precision",
    "oracle.BINARY_FLOAT": "BINARY_FLOAT precision",
    "oracle.DATE": "DATE timezone",
    "oracle.FLOAT": "FLOAT binary_precision",
    "oracle.INTERVAL": "INTERVAL day_precision second_precision",
    "oracle.JSON": "JSON none_as_null use_blob",
    "oracle.LONG": "LONG",
    "oracle.NCLOB": "NCLOB length collation collation_schema",
    "oracle.NUMBER": "NUMBER precision scale asdecimal",
    "oracle.NVARCHAR2": "NVARCHAR length collation collation_schema",
    "oracle.RAW": "RAW length",
    "oracle.ROWID": "ROWID",
    "oracle.TIMESTAMP": "TIMESTAMP timezone local_timezone",
    "oracle.VARCHAR2": "VARCHAR2 length collation collation_schema",
    "oracle.VECTOR": "VECTOR dim storage_format storage_type",
}

# How a visit renders. `@X` at the start is the visit X of the same dialect; `$name` is a parameter; `[…|…]`
# is the first alternative whose parameters are all given (not None), or nothing; `{…|…}` the first whose
# parameters are all true, or which stands behind a `name?` that is true; an alternative without either is
# always taken. A `$name` outside of both brackets is required.
_STRING = "{($length)}{ COLLATE $collate}"
_PRECISION = "[($precision, $scale)|($precision)]"

_GENERIC: Mapping[str, str] = {
    "BIGINT": "BIGINT",
    "BINARY": "BINARY{($length)}",
    "BLOB": "BLOB",
    "BOOLEAN": "BOOLEAN",
    "CHAR": "CHAR" + _STRING,
    "CLOB": "CLOB",
    "DATE": "DATE",
    "DATETIME": "DATETIME",
    "DECIMAL": "DECIMAL" + _PRECISION,
    "DOUBLE": "DOUBLE",
    "DOUBLE_PRECISION": "DOUBLE PRECISION",
    "FLOAT": "FLOAT",
    "INTEGER": "INTEGER",
    "NCHAR": "NCHAR" + _STRING,
    "NCLOB": "NCLOB",
    "NUMERIC": "NUMERIC" + _PRECISION,
    "NVARCHAR": "NVARCHAR" + _STRING,
    "REAL": "REAL",
    "SMALLINT": "SMALLINT",
    "TEXT": "TEXT" + _STRING,
    "TIME": "TIME",
    "TIMESTAMP": "TIMESTAMP",
    "UUID": "UUID",
    "VARBINARY": "VARBINARY{($length)}",
    "VARCHAR": "VARCHAR" + _STRING,
    "big_integer": "@BIGINT",
    "boolean": "@BOOLEAN",
    "date": "@DATE",
    "datetime": "@DATETIME",
    "double": "@DOUBLE",
    "enum": "@VARCHAR",
    "float": "@FLOAT",
    "integer": "@INTEGER",
    "interval": "@datetime",
    "large_binary": "@BLOB",
    "numeric": "@NUMERIC",
    "pickle": "@large_binary",
    "small_integer": "@SMALLINT",
    "sqlite_date": "@date",
    "sqlite_datetime": "@datetime",
    "sqlite_time": "@time",
    "string": "@VARCHAR",
    "text": "@TEXT",
    "time": "@TIME",
    "unicode": "@VARCHAR",
    "unicode_text": "@TEXT",
    "uuid": "CHAR(32)",
}

_UNSIGNED = "{unsigned? UNSIGNED}{zerofill? ZEROFILL}"
_COLLATION = "{ COLLATE $collation|binary? BINARY}"
_CHARSET = "{national?|charset? CHARACTER SET $charset|ascii? ASCII|unicode? UNICODE}" + _COLLATION

_MYSQL: Mapping[str, str] = {
    **_GENERIC,
    "BIGINT": "BIGINT[($display_width)]" + _UNSIGNED,
    "BIT": "BIT[($length)]",
    "BLOB": "BLOB[($length)]",
    "BOOLEAN": "BOOL",
    "CHAR": "{national?NATIONAL }CHAR[($length)]" + _CHARSET,
    "DATETIME": "DATETIME{($fsp)}",
    "DECIMAL": "DECIMAL" + _PRECISION + _UNSIGNED,
    "DOUBLE": "DOUBLE[($precision, $scale)]" + _UNSIGNED,
    "FLOAT": "FLOAT" + _PRECISION + _UNSIGNED,
    "INET4": "INET4",
    "INET6": "INET6",
    "INTEGER": "INTEGER[($display_width)]" + _UNSIGNED,
    "JSON": "JSON",
    "LONGBLOB": "LONGBLOB",
    "LONGTEXT": "{national?NATIONAL }LONGTEXT" + _CHARSET,
    "MEDIUMBLOB": "MEDIUMBLOB",
    "MEDIUMINT": "MEDIUMINT[($display_width)]" + _UNSIGNED,
    "MEDIUMTEXT": "{national?NATIONAL }MEDIUMTEXT" + _CHARSET,
    "NCHAR": "NATIONAL CHAR[($length)]" + _COLLATION,
    "NUMERIC": "NUMERIC" + _PRECISION + _UNSIGNED,
    "NVARCHAR": "NATIONAL VARCHAR($length)" + _COLLATION,
    "REAL": "REAL[($precision, $scale)]" + _UNSIGNED,
    "SMALLINT": "SMALLINT[($display_width)]" + _UNSIGNED,
    "TEXT": "{national?NATIONAL }TEXT[($length)]" + _CHARSET,
    "TIME": "TIME{($fsp)}",
    "TIMESTAMP": "TIMESTAMP{($fsp)}",
    "TINYBLOB": "TINYBLOB",
    "TINYINT": "TINYINT[($display_width)]" + _UNSIGNED,
    "TINYTEXT": "{national?NATIONAL }TINYTEXT" + _CHARSET,
    "VARBINARY": "VARBINARY($length)",
    "VARCHAR": "{national?NATIONAL }VARCHAR($length)" + _CHARSET,
    "YEAR": "YEAR[($display_width)]",
    "ENUM": "{national?NATIONAL }ENUM($quoted_values)" + _CHARSET,
    "SET": "{national?NATIONAL }SET($quoted_values)" + _CHARSET,
    "enum": "{native_enum?@ENUM|@VARCHAR}",
}

_POSTGRESQL_PLAIN = (
    "CIDR CITEXT DATEMULTIRANGE DATERANGE HSTORE INET INT4MULTIRANGE INT4RANGE INT8MULTIRANGE INT8RANGE JSON "
    "JSONB JSONPATH MACADDR MACADDR8 MONEY NUMMULTIRANGE NUMRANGE OID REGCLASS REGCONFIG TSMULTIRANGE "
    "TSQUERY TSRANGE TSTZMULTIRANGE TSTZRANGE TSVECTOR"
)

_TABLES: Mapping[Dialect, Mapping[str, str]] = {
    "postgresql": {
        **_GENERIC,
        "BIT": "BIT{varying? VARYING}[($length)]",
        "BYTEA": "BYTEA",
        **{name: name for name in _POSTGRESQL_PLAIN.split()},
        "ENUM": "$type_name",
        "FLOAT": "FLOAT{($precision)}",
        "INTERVAL": "INTERVAL[ $fields][ ($precision)]",
        "TIME": "TIME[($precision)] {timezone?WITH|WITHOUT} TIME ZONE",
        "TIMESTAMP": "TIMESTAMP[($precision)] {timezone?WITH|WITHOUT} TIME ZONE",
        "datetime": "@TIMESTAMP",
        "double": "@DOUBLE_PRECISION",
        "enum": "{native_enum?$type_name|@VARCHAR}",
        "interval": "{native?INTERVAL[ ($second_precision)]|@datetime}",
        "large_binary": "@BYTEA",
        "named": "$type_name",
        "uuid": "{native_uuid?UUID|CHAR(32)}",
    },
    "mysql": _MYSQL,
    "mariadb": {**_MYSQL, "uuid": "{native_uuid?UUID|CHAR(32)}"},
    "sqlite": {
        **_GENERIC,
        "JSON": "JSON",
        "JSONB": "JSONB",
    },
    "mssql": {
        **_GENERIC,
        "BIT": "BIT",
        "CHAR": "CHAR{($length)}{ COLLATE $collation}",
        "DATETIME2": "DATETIME2[($precision)]",
        "DATETIMEOFFSET": "DATETIMEOFFSET[($precision)]",
        "FLOAT": "FLOAT[($precision)]",
        "IMAGE": "IMAGE",
        "JSON": "NVARCHAR(max)",
        "MONEY": "MONEY",
        "NCHAR": "NCHAR{($length)}{ COLLATE $collation}",
        "NTEXT": "NTEXT{($length)}{ COLLATE $collation}",
        "NVARCHAR": "NVARCHAR{($length)|(max)}{ COLLATE $collation}",
        "ROWVERSION": "ROWVERSION",
        "SMALLDATETIME": "SMALLDATETIME",
        "SMALLMONEY": "SMALLMONEY",
        "SQL_VARIANT": "SQL_VARIANT",
        "TEXT": "TEXT{($length)}{ COLLATE $collation}",
        "TIME": "TIME[($precision)]",
        "TINYINT": "TINYINT",
        "UNIQUEIDENTIFIER": "UNIQUEIDENTIFIER",
        "VARBINARY": "VARBINARY{($length)|(max)}{filestream? FILESTREAM}",
        "VARCHAR": "VARCHAR{($length)|(max)}{ COLLATE $collation}",
        "XML": "XML",
        "boolean": "@BIT",
        "datetime": "{timezone?DATETIMEOFFSET|DATETIME}",
        "double": "@DOUBLE_PRECISION",
        "interval": "DATETIME",
        "large_binary": "@VARBINARY",
        "text": "@VARCHAR",
        "unicode": "@NVARCHAR",
        "unicode_text": "@NVARCHAR",
        "uuid": "{native_uuid?UNIQUEIDENTIFIER|CHAR(32)}",
    },
    "oracle": {
        **_GENERIC,
        "BFILE": "BFILE",
        "BINARY_DOUBLE": "BINARY_DOUBLE" + _PRECISION,
        "BINARY_FLOAT": "BINARY_FLOAT" + _PRECISION,
        "DOUBLE_PRECISION": "DOUBLE PRECISION" + _PRECISION,
        "FLOAT": "FLOAT[($binary_precision)]",
        "INTERVAL": "INTERVAL DAY[($day_precision)] TO SECOND[($second_precision)]",
        "JSON": "{use_blob?BLOB|JSON}",
        "LONG": "LONG",
        "NUMBER": "NUMBER" + _PRECISION,
        "NVARCHAR": "NVARCHAR2{($length)}",
        "RAW": "RAW{($length)}",
        "VECTOR": "VECTOR([$dim|*],[$storage_format|*],[$storage_type|*])",
        "ROWID": "ROWID",
        "TIMESTAMP": "TIMESTAMP{local_timezone? WITH LOCAL TIME ZONE|timezone? WITH TIME ZONE}",
        "VARCHAR": "VARCHAR{($length CHAR)}",
        "VARCHAR2": "VARCHAR2{($length CHAR)}",
        "big_integer": "NUMBER(19)",
        "datetime": "@DATE",
        "double": "@DOUBLE_PRECISION",
        "interval": "{native?INTERVAL DAY[($day_precision)] TO SECOND[($second_precision)]|DATE}",
        "string": "@VARCHAR2",
        "text": "@CLOB",
        "unicode": "@VARCHAR2",
        "unicode_text": "@CLOB",
    },
}

_ZONED: Mapping[str, str] = {
    "postgresql": "TIMESTAMP WITH TIME ZONE",
    "mssql": "DATETIMEOFFSET",
    "*": "@datetime",
}

#: Types of other libraries, by the package's first name and the class: parameters with the defaults that
#: show, then the template per dialect, with "*" for those not listed. From the libraries' own source
#: (sqlmodel 0.0.50, pgvector 0.5.1, geoalchemy2 0.20, sqlalchemy-utils 0.43, …); what depends on more than
#: the dialect and the arguments is left out.
_LIBRARIES: Mapping[str, tuple[str, Mapping[str, str]]] = {
    # sqlmodel/sql/sqltypes.py
    "sqlmodel.AutoString": (
        "length",
        {"mysql": "VARCHAR{($length)|(255)}", "mariadb": "VARCHAR{($length)|(255)}", "*": "@string"},
    ),
    "sqlmodel.UTCDateTime": ("", _ZONED),
    "sqlmodel.GUID": ("", {"postgresql": "UUID", "*": "CHAR(32)"}),
    # pgvector/sqlalchemy/
    "pgvector.Vector": ("dim", {"*": "VECTOR[($dim)]"}),
    "pgvector.VECTOR": ("dim", {"*": "VECTOR[($dim)]"}),
    "pgvector.HALFVEC": ("dim", {"*": "HALFVEC[($dim)]"}),
    "pgvector.SPARSEVEC": ("dim", {"*": "SPARSEVEC[($dim)]"}),
    "pgvector.BIT": ("length", {"*": "BIT[($length)]"}),
    # geoalchemy2/types/__init__.py
    "geoalchemy2.Geometry": (
        "geometry_type=GEOMETRY srid=-1",
        {"postgresql": "geometry{($shape,$srid)}", "sqlite": "{$shape|GEOMETRY}", "mssql": "geometry"},
    ),
    "geoalchemy2.Geography": (
        "geometry_type=GEOMETRY srid=-1",
        {"postgresql": "geography{($shape,$srid)}", "mssql": "geography"},
    ),
    "geoalchemy2.Raster": ("", {"postgresql": "raster"}),
    # fastapi_users_db_sqlalchemy/generics.py, fastapi_utils/guid_type.py
    "fastapi_users_db_sqlalchemy.GUID": ("", {"postgresql": "UUID", "*": "CHAR(36)"}),
    "fastapi_users_db_sqlalchemy.TIMESTAMPAware": ("timezone", {"*": "@TIMESTAMP"}),
    "fastapi_users.GUID": ("", {"postgresql": "UUID", "*": "CHAR(36)"}),
    "fastapi_utils.GUID": ("", {"postgresql": "UUID", "*": "CHAR(32)"}),
    # sqlalchemy_utc/sqltypes.py
    "sqlalchemy_utc.UtcDateTime": ("", _ZONED),
    # citext/__init__.py
    "citext.CIText": ("", {"*": "CITEXT"}),
    # advanced_alchemy/types/
    "advanced_alchemy.GUID": (
        "length binary=True",
        {
            "postgresql": "UUID",
            "oracle": "RAW(16)",
            "mssql": "UNIQUEIDENTIFIER",
            "*": "{binary?BINARY(16)|CHAR(32)}",
        },
    ),
    "advanced_alchemy.DateTimeUTC": ("", _ZONED),
    "advanced_alchemy.BigIntIdentity": ("", {"sqlite": "INTEGER", "*": "@big_integer"}),
    "advanced_alchemy.JsonB": ("", {"postgresql": "JSONB", "*": "@JSON"}),
    # sqlalchemy_utils/types/
    "sqlalchemy_utils.ArrowType": ("timezone", {"*": "@datetime"}),
    "sqlalchemy_utils.ChoiceType": ("choices impl length=255", {"*": "@unicode"}),
    "sqlalchemy_utils.ColorType": ("max_length=20", {"*": "@unicode"}),
    "sqlalchemy_utils.CountryType": ("length=2", {"*": "@string"}),
    "sqlalchemy_utils.CurrencyType": ("length=3", {"*": "@string"}),
    "sqlalchemy_utils.EmailType": ("length=255", {"*": "@unicode"}),
    "sqlalchemy_utils.EncryptedType": ("", {"*": "@large_binary"}),
    "sqlalchemy_utils.IPAddressType": ("max_length=50", {"*": "@unicode"}),
    "sqlalchemy_utils.JSONType": ("", {"postgresql": "JSON", "*": "@unicode_text"}),
    "sqlalchemy_utils.LocaleType": ("length=10", {"*": "@unicode"}),
    "sqlalchemy_utils.LtreeType": ("", {"*": "LTREE"}),
    "sqlalchemy_utils.PhoneNumberType": ("region max_length=20", {"*": "@unicode"}),
    "sqlalchemy_utils.ScalarListType": ("", {"*": "@unicode_text"}),
    "sqlalchemy_utils.StringEncryptedType": ("type_in key engine padding length", {"*": "@string"}),
    "sqlalchemy_utils.TSVectorType": ("", {"postgresql": "TSVECTOR"}),
    "sqlalchemy_utils.TimezoneType": ("backend length=50", {"*": "@unicode"}),
    "sqlalchemy_utils.URLType": ("", {"*": "@unicode_text"}),
    "sqlalchemy_utils.UUIDType": (
        "binary=True native=True",
        {
            "postgresql": "{native?UUID|binary?BINARY(16)|CHAR(32)}",
            "mssql": "{native?UNIQUEIDENTIFIER|binary?BINARY(16)|CHAR(32)}",
            "*": "{binary?BINARY(16)|CHAR(32)}",
        },
    ),
    "sqlalchemy_utils.IntRangeType": ("length=255", {"postgresql": "INT4RANGE", "*": "@string"}),
    "sqlalchemy_utils.Int8RangeType": ("length=255", {"postgresql": "INT8RANGE", "*": "@string"}),
    "sqlalchemy_utils.DateRangeType": ("length=255", {"postgresql": "DATERANGE", "*": "@string"}),
    "sqlalchemy_utils.DateTimeRangeType": ("length=255", {"postgresql": "TSRANGE", "*": "@string"}),
    "sqlalchemy_utils.NumericRangeType": ("length=255", {"postgresql": "NUMRANGE", "*": "@string"}),
}

#: The script template of advanced_alchemy hangs its types on SQLAlchemy: `sa.GUID = GUID`.
_HUNG_ON_SQLALCHEMY = frozenset({"GUID", "DateTimeUTC"})

#: Known to be types, but what they render as is not a matter of their name.
_ABSTRACT = frozenset(
    {
        "TypeEngine",
        "TypeDecorator",
        "UserDefinedType",
        "SchemaType",
        "NullType",
        "Variant",
        "TupleType",
        "MatchType",
    }
)

_GENERIC_MODULES = frozenset(
    {"sqlalchemy", "sqlalchemy.types", "sqlalchemy.sql.sqltypes", "sqlalchemy.sql.type_api"}
)

#: Parameters whose value never shows in the type, or only as decoration: not knowing them is no loss.
_DECORATION = ("collation", "collation_schema", "charset", "ascii", "binary", "unicode", "national")

_DEFAULTS: Mapping[str, object] = {"True": True}

_TRUE_BY_DEFAULT: Mapping[str, object] = {"native": True, "native_uuid": True, "native_enum": True}

#: Words that PostgreSQL's DDL quotes, from `RESERVED_WORDS` in `sqlalchemy/dialects/postgresql/base.py`.
_RESERVED_WORDS = """
    all analyse analyze and any array as asc asymmetric authorization between binary both case cast check
    collate column constraint create cross current_catalog current_date current_role current_schema
    current_time current_timestamp current_user default deferrable desc distinct do else end except false
    fetch for foreign freeze from full grant group having ilike in initially inner intersect into is isnull
    join leading left like limit localtime localtimestamp natural new not notnull null of off offset old on
    only or order outer over overlaps placing primary references returning right select session_user similar
    some symmetric table then to trailing true union unique user using variadic verbose when where window
    with
"""
_RESERVED = frozenset(_RESERVED_WORDS.split())

_PLAIN_NAME = lazy_pattern(r"[a-z_][a-z0-9_$]*\Z")


class _Unknown(Exception):
    """A parameter that the text needs is not known, or is required and missing."""


@lru_cache(maxsize=4096)
def is_type(qualified_name: str) -> bool:
    """Whether the dotted path names a class of column types that this module knows."""
    return (
        _key(qualified_name) is not None
        or _library_key(qualified_name) in _LIBRARIES
        or (_is_generic(qualified_name) and qualified_name.rpartition(".")[2] in _ABSTRACT)
    )


def render(
    qualified_name: str, args: Sequence[object], kwargs: Mapping[str, object], dialect: Dialect
) -> SqlType:
    """The SQL of the type that `qualified_name(*args, **kwargs)` makes, in the DDL of `dialect`.

    Arguments are constants, `SqlType` for nested types, `EnumClass` for a Python enum, or any other
    object for what is not known; only an unknown that would show in the text makes the text unknown.
    `values_callable`, where its result is known, is given as that result: a sequence of strings.
    """
    key = _key(qualified_name)
    defaults = dict(_TRUE_BY_DEFAULT)
    if key is not None:
        visit, *names = _CLASSES[key].split()
        templates = _TABLES[dialect]
    elif (library := _LIBRARIES.get(_library_key(qualified_name))) is not None:
        visit, names = "library", []
        for item in library[0].split():
            parameter, _, default = item.partition("=")
            names.append(parameter)
            if default:
                defaults[parameter] = _DEFAULTS.get(default, default)
        template = library[1].get(dialect) or library[1].get("*")
        templates = {**_TABLES[dialect], "library": template} if template else {}
    else:
        return SqlType(None, reason=f"the type {qualified_name.rpartition('.')[2]} is not known")
    name = qualified_name.rpartition(".")[2]
    if visit in ("enum", "ENUM", "SET"):
        return _enumerated(name, visit, key, args, kwargs, dialect)
    values = {**defaults, **dict(zip(names, args, strict=False)), **kwargs}
    if visit == "ARRAY":
        return _array(values, dialect)
    if "impl" in names and isinstance(impl := values.get("impl"), SqlType):
        return impl
    if visit == "named":
        values["type_name"] = _type_name(values)
    elif key == "postgresql.BIT" and not values.get("varying"):
        values["length"] = values.get("length") or 1
    elif visit.startswith("sqlite_") and values.get("storage_format") is not None:
        stored = _sqlite_name(name, values["storage_format"])
        return SqlType(stored, reason=None if stored else f"the storage_format of {name} is not known")
    if "max_length" in names:
        values["length"] = values["max_length"]
    if "geometry_type" in names:
        shape = values["geometry_type"]
        values["shape"] = shape.upper() if isinstance(shape, str) else shape
    return _rendered(name, visit, templates, values, dialect)


def with_variant(base: SqlType, other: SqlType, dialect_names: Sequence[str], dialect: Dialect) -> SqlType:
    """`base.with_variant(other, *dialect_names)` as it renders in `dialect`.

    A variant for "mysql" counts for MariaDB too unless "mariadb" has one of its own: whoever runs MariaDB
    under a `mysql://` address, as most do, gets it.
    """
    return other if dialect in dialect_names or (dialect == "mariadb" and "mysql" in dialect_names) else base


def render_default(
    kind: Literal["literal", "text", "function", "boolean", "null"], value: object, dialect: Dialect
) -> str:
    """A server default as SQL, as SQLAlchemy's DDL compiler writes it.

    `literal`: a plain Python str given as `server_default`, which is quoted. `text`: what `sa.text` was
    given, as it is. `function`: the name after `sa.func.`, or the whole call as SQL with its arguments
    (`gen_random_uuid`, `timezone('utc', now())`). `boolean`: True or False for `sa.true()` and
    `sa.false()`. `null`: `sa.null()`; the value is ignored.
    """
    if kind == "null":
        return "NULL"
    if kind == "boolean":
        words = ("false", "true") if dialect in ("postgresql", "mysql", "mariadb") else ("0", "1")
        return words[bool(value)]
    if kind == "text":
        return str(value)
    if kind == "literal":
        return _quoted(str(value), dialect)
    return _function(str(value), dialect)


#: Functions that SQLAlchemy writes in its own way: `ReturnTypeFromArgs` aside, the `AnsiFunction`s of
#: `sqlalchemy/sql/functions.py`, which take no parentheses, and what dialects make of some of them.
_ANSI = (
    "current_date",
    "current_time",
    "current_timestamp",
    "current_user",
    "localtime",
    "localtimestamp",
    "session_user",
    "sysdate",
    "user",
)
_FUNCTIONS: Mapping[tuple[str, str], str] = {
    ("now", "sqlite"): "CURRENT_TIMESTAMP",
    ("now", "mssql"): "CURRENT_TIMESTAMP",
    ("now", "oracle"): "CURRENT_TIMESTAMP",
    ("current_date", "mssql"): "GETDATE()",
    ("sysdate", "mysql"): "SYSDATE()",
    ("sysdate", "mariadb"): "SYSDATE()",
    ("random", "mysql"): "rand()",
    ("random", "mariadb"): "rand()",
    ("localtimestamp", "sqlite"): "DATETIME(CURRENT_TIMESTAMP, 'localtime')",
}


def _function(call: str, dialect: Dialect) -> str:
    name, parenthesis, arguments = call.partition("(")
    lowered = name.lower()
    if arguments.strip() not in ("", ")"):
        return call
    if (special := _FUNCTIONS.get((lowered, dialect))) is not None:
        return special
    if lowered in _ANSI:
        return lowered if lowered == "sysdate" else lowered.upper()
    if lowered in ("now", "random"):
        return f"{lowered}()"
    return f"{name}()"


def _quoted(text: str, dialect: Dialect) -> str:
    text = text.replace("'", "''")
    return "'" + (text.replace("\\", "\\\\") if dialect in ("mysql", "mariadb") else text) + "'"


def _is_generic(qualified_name: str) -> bool:
    return qualified_name.rpartition(".")[0] in _GENERIC_MODULES


def _key(qualified_name: str) -> str | None:
    module, _, name = qualified_name.rpartition(".")
    if module in _GENERIC_MODULES:
        return name if name in _CLASSES else None
    parts = module.split(".")
    if len(parts) < 3 or parts[0] != "sqlalchemy" or parts[1] not in ("dialects", "databases"):
        return None
    package = {"mariadb": "mysql", "postgres": "postgresql"}.get(parts[2], parts[2])
    if (key := f"{package}.{name}") in _CLASSES:
        return key
    if name.isupper() and name in _CLASSES:  # the dialects export the generic ones under their own roof
        return name
    if name[:2] in ("MS", "PG") and name[2:].upper() != name[2:]:  # MSMediumText, PGUuid: names before 0.6
        return _key(f"{module}.{name[2:].upper()}")
    return None


def _library_key(qualified_name: str) -> str:
    package, name = qualified_name.partition(".")[0], qualified_name.rpartition(".")[2]
    if package == "sqlalchemy" and name in _HUNG_ON_SQLALCHEMY and _is_generic(qualified_name):
        package = "advanced_alchemy"
    return f"{package}.{name}"


def _rendered(
    name: str, visit: str, templates: Mapping[str, str], values: dict[str, object], dialect: Dialect
) -> SqlType:
    if visit not in templates:
        return SqlType(None, reason=f"{name} has no form on {dialect}")
    if values.get("collation") is None and "collate" in values:
        values["collation"] = values["collate"]  # MySQL's types take either spelling
    for decoration in _DECORATION:
        if decoration in values and not isinstance(values[decoration], (str, bool)):
            values[decoration] = None
    collation, schema = values.get("collation"), values.get("collation_schema")
    values["collate"] = None
    if isinstance(collation, str):
        values["collate"] = (f"{_identifier(schema)}." if isinstance(schema, str) else "") + (
            _identifier(collation)
        )
    try:
        return SqlType(_fill(templates[visit], templates, values))
    except _Unknown as unknown:
        parameter = str(unknown)
        if values.get(parameter) is None:
            return SqlType(None, reason=f"{name} needs a {parameter} on {dialect}")
        return SqlType(None, reason=f"the {parameter} of {name} is not known")


_PART = lazy_pattern(r"\[([^\[\]]*)\]|\{([^{}]*)\}|\$([a-z_]+)")
_NAMES = lazy_pattern(r"\$([a-z_]+)")
_CONDITION = lazy_pattern(r"([a-z_]+)\?")


def _fill(template: str, templates: Mapping[str, str], values: Mapping[str, object]) -> str:
    if template.startswith("@"):
        return _fill(templates[template[1:]], templates, values)

    def part(match: re.Match[str]) -> str:
        given, true, name = match.groups()
        if name is not None:
            return _constant(name, values)
        for alternative in (given if given is not None else true).split("|"):
            condition = _CONDITION.match(alternative)
            wanted = [condition[1]] if condition else _NAMES.findall(alternative)
            if all(_holds(item, values, given is None) for item in wanted):
                return _fill(alternative[condition.end() if condition else 0 :], templates, values)
        return ""

    return _PART.sub(part, template)


def _holds(name: str, values: Mapping[str, object], truth: bool) -> bool:
    value = values.get(name)
    if value is None:
        return False
    if not isinstance(value, (str, int, float)):
        raise _Unknown(name)
    return bool(value) if truth else True


def _constant(name: str, values: Mapping[str, object]) -> str:
    value = values.get(name)
    if not isinstance(value, (str, int, float)):
        raise _Unknown(name)
    return str(value)


def _enumerated(
    name: str,
    visit: str,
    key: str | None,
    args: Sequence[object],
    kwargs: Mapping[str, object],
    dialect: Dialect,
) -> SqlType:
    given: Sequence[object] = args
    enum_name = kwargs.get("name")
    if len(args) == 1 and isinstance(enum := args[0], EnumClass):
        callable_values = kwargs.get("values_callable")
        given = enum.members
        if callable_values is not None:
            given = callable_values if isinstance(callable_values, (list, tuple)) else [object()]
        if "name" not in kwargs:
            enum_name = enum.name.lower()
    known = tuple(item for item in given if isinstance(item, str))
    complete = len(known) == len(given)
    values: dict[str, object] = {**_TRUE_BY_DEFAULT, **kwargs, "name": enum_name}
    if key == "postgresql.ENUM":
        values["native_enum"] = True
    if "length" not in kwargs:
        values["length"] = max(map(len, known), default=0) if complete else object()
    values["type_name"] = _type_name(values)
    values["quoted_values"] = ",".join(_quoted(item, dialect) for item in known) if complete else object()
    made = _rendered(name, visit, _TABLES[dialect], values, dialect)
    reason = made.reason
    if made.text is None and reason is not None and "type_name" in reason:
        reason = f"{name} has no name" if enum_name is None else f"the name of {name} is not known"
    elif made.text is None and not complete:
        reason = f"the values of {name} are not known"
    schema = values.get("schema")
    return replace(
        made,
        reason=reason,
        enum_name=enum_name if isinstance(enum_name, str) else None,
        enum_schema=schema if isinstance(schema, str) else None,
        enum_values=known if complete else (),
        native_enum=values["native_enum"] is not False,
        create_type=kwargs.get("create_type") is not False,
        asks=key == "postgresql.ENUM",
    )


def _type_name(values: Mapping[str, object]) -> object:
    """The name of an enum or a domain as DDL writes it; not a str where it is not known."""
    name, schema = values.get("name"), values.get("schema")
    if not isinstance(name, str) or not (schema is None or isinstance(schema, str)):
        return None if name is None else object()
    return (f"{_identifier(schema)}." if schema else "") + _identifier(name)


def _identifier(name: str) -> str:
    if _PLAIN_NAME.match(name) and name not in _RESERVED:
        return name
    return '"' + name.replace('"', '""') + '"'


def _array(values: Mapping[str, object], dialect: Dialect) -> SqlType:
    item, dimensions = values.get("item_type"), values.get("dimensions")
    if dialect != "postgresql":
        return SqlType(None, reason=f"ARRAY has no form on {dialect}")
    if not isinstance(item, SqlType):
        return SqlType(None, reason="the element type of ARRAY is not known")
    if item.text is None:
        return item
    if dimensions is not None and not isinstance(dimensions, int):
        return replace(item, text=None, reason="the dimensions of ARRAY are not known")
    text, collate, collation = item.text.partition(" COLLATE ")
    return replace(item, text=text + "[]" * (1 if dimensions is None else dimensions) + collate + collation)


def _sqlite_name(name: str, storage_format: object) -> str | None:
    """The name of SQLite's type of a date or time that is kept in a format: `format_is_text_affinity` in
    `sqlalchemy/dialects/sqlite/base.py`. None where the format is not known.
    """
    parts = ("year", "month", "day", "hour", "minute", "second", "microsecond")
    if not isinstance(storage_format, str):
        return None
    try:
        example = storage_format % dict.fromkeys(parts, 0)
    except (KeyError, TypeError, ValueError):
        return None
    return name if re.search("[^0-9]", example) else f"{name}_CHAR"
