"""alembic-postgresql-enum 1.11: an enumeration is made anew under its name, and its columns move to it."""

from __future__ import annotations

import sqlalchemy
from overlay import altered, enum_made_anew, known

OPERATORS = (("!=", "new_old_not_equals"), ("=", "new_old_equals"))
UNSPECIFIED = "the schema of the enumeration"  # what references of releases before 1.2 mean


class ColumnType:
    COMMON = "common"
    ARRAY = "array"


class TableReference:
    def __init__(
        self,
        table_name,
        column_name,
        table_schema=UNSPECIFIED,
        column_type=ColumnType.COMMON,
        existing_server_default=None,
    ):
        self.table_name = table_name
        self.column_name = column_name
        self.table_schema = table_schema
        self.column_type = column_type
        self.existing_server_default = existing_server_default


class TableIndex:
    def __init__(self, name, definition):
        self.name = name
        self.definition = definition


class Config:
    def __init__(self, *args, **kwargs):
        pass


def set_configuration(config):
    pass


def sync_enum_values(
    operations,
    enum_schema=None,
    enum_name=None,
    new_values=(),
    affected_columns=(),
    enum_values_to_rename=(),
    indexes_to_recreate=None,
    schema=None,  # before 1.1
):
    connection = operations.get_bind()
    if connection.dialect.name != "postgresql":
        return
    if enum_schema is None:
        enum_schema = schema
    if not known(enum_schema, enum_name, new_values, affected_columns, enum_values_to_rename):
        connection.execute(enum_made_anew(enum_schema, enum_name, new_values))
        return
    new_type = f'"{enum_schema}"."{enum_name}"'
    old_type = f'"{enum_schema}"."{enum_name}_old"'
    values = ", ".join([f"'{value}'" for value in new_values])
    connection.execute(sqlalchemy.text(f'ALTER TYPE {new_type} RENAME TO "{enum_name}_old"'))
    connection.execute(sqlalchemy.text(f"CREATE TYPE {new_type} AS ENUM({values})"))
    for operator, function in OPERATORS:
        _create_operator(
            connection, operator, f'"{enum_schema}"', function, new_type, old_type, enum_values_to_rename
        )
    for index in indexes_to_recreate or ():
        connection.execute(sqlalchemy.text(f"DROP INDEX IF EXISTS {_quoted(index.name)}"))
    for column in affected_columns:
        _move(connection, column, enum_schema, enum_name, new_type, enum_values_to_rename)
    for operator, function in OPERATORS:
        connection.execute(
            sqlalchemy.text(f'DROP OPERATOR IF EXISTS "{enum_schema}".{operator} ({new_type}, {old_type})')
        )
        connection.execute(
            sqlalchemy.text(
                f'DROP FUNCTION "{enum_schema}".{function}(new_enum_val {new_type}, old_enum_val {old_type})'
            )
        )
    connection.execute(sqlalchemy.text(f"DROP TYPE {old_type}"))
    for index in indexes_to_recreate or ():
        connection.execute(
            sqlalchemy.text(_renamed_index(index.definition, enum_schema, enum_name, enum_values_to_rename))
        )


def add_enum_value(operations, enum_schema=None, enum_name=None, new_value=None, before_value=None):
    connection = operations.get_bind()
    if connection.dialect.name != "postgresql":
        return
    # AFTER is what 1.11 writes, whatever its parameter is called.
    place = f" AFTER '{before_value}'" if before_value else ""
    connection.execute(
        sqlalchemy.text(f"""ALTER TYPE "{enum_schema}"."{enum_name}" ADD VALUE '{new_value}'{place}""")
    )


def _create_operator(connection, operator, schema, function, new_type, old_type, renames):
    cases = " ".join([f"WHEN old_enum_val::text = '{old}' THEN '{new}'" for old, new in renames])
    old = f"CASE {cases} ELSE old_enum_val::text END" if renames else "old_enum_val::text"
    connection.execute(
        sqlalchemy.text(
            f"CREATE FUNCTION {schema}.{function}(new_enum_val {new_type}, old_enum_val {old_type}) "
            f"RETURNS boolean AS $$ SELECT new_enum_val::text {operator} {old}; $$ LANGUAGE SQL IMMUTABLE"
        )
    )
    connection.execute(
        sqlalchemy.text(
            f"CREATE OPERATOR {schema}.{operator} "
            f"(leftarg = {new_type}, rightarg = {old_type}, procedure = {schema}.{function})"
        )
    )


def _move(connection, column, enum_schema, enum_name, new_type, renames):
    if isinstance(column, tuple):
        reason = "if it has a default, that is dropped and set again"
        connection.execute(altered(f"{enum_schema}.{column[0]}", "alter column", reason))
        column = TableReference(column[0], column[1], enum_schema, *column[2:3])
    schema = enum_schema if column.table_schema == UNSPECIFIED else column.table_schema
    table = f'"{schema}"."{column.table_name}"' if schema else f'"{column.table_name}"'
    name = f'"{column.column_name}"'
    default = column.existing_server_default
    if default is not None:
        connection.execute(sqlalchemy.text(f"ALTER TABLE {table} ALTER COLUMN {name} DROP DEFAULT"))
    if column.column_type == ColumnType.ARRAY:
        new_type = f"{new_type}[]"
        using = f"{name}::text[]"
        for old, new in renames:
            using = f"array_replace({using}, '{old}', '{new}')"
        using = f"{using}::{new_type}"
    else:
        using = f"{name}::text::{new_type}"
        if renames:
            cases = " ".join(
                [f"WHEN {name}::text = '{old}' THEN '{new}'::{new_type}" for old, new in renames]
            )
            using = f"CASE {cases} ELSE {using} END"
    connection.execute(
        sqlalchemy.text(f"ALTER TABLE {table} ALTER COLUMN {name} TYPE {new_type} USING {using}")
    )
    if default is not None:
        default = _renamed_default(default, enum_schema, enum_name, renames)
        connection.execute(sqlalchemy.text(f"ALTER TABLE {table} ALTER COLUMN {name} SET DEFAULT {default}"))


def _renamed_default(default, enum_schema, enum_name, renames):
    new_type = f"{enum_schema}.{enum_name}" if enum_schema else enum_name
    array = "[]" if default.endswith("[]") else ""
    value = default if default.startswith("ARRAY[") else default.split("::")[0]
    for old, new in renames:
        value = value.replace(f"'{old}'", f"'{new}'")
    return value if default.startswith("ARRAY[") else f"{value}::{new_type}{array}"


def _quoted(name):
    return ".".join(['"' + part.strip('"') + '"' for part in name.split(".")])


def _renamed_index(definition, enum_schema, enum_name, renames):
    for old, new in renames:
        definition = definition.replace(f"'{old}'::{enum_name}", f"'{new}'::{enum_name}")
        definition = definition.replace(
            f"'{old}'::{enum_schema}.{enum_name}", f"'{new}'::{enum_schema}.{enum_name}"
        )
    return definition
