"""alembic-autogenerate-enums 0.1: values are added to an enumeration, or it is made anew."""

from __future__ import annotations

import sqlalchemy


def sync_enum_values(
    operations, schema, name, old_values=(), new_values=(), affected_columns=None, should_reverse=False
):
    connection = operations.get_bind()
    enum = f"{schema}.{name}"
    if should_reverse and affected_columns is not None:
        values = ", ".join([f"'{value}'" for value in sorted(new_values)])
        connection.execute(sqlalchemy.text(f"ALTER TYPE {enum} RENAME TO {name}_old"))
        connection.execute(sqlalchemy.text(f"CREATE TYPE {enum} AS ENUM({values})"))
        for table, column in affected_columns:
            connection.execute(
                sqlalchemy.text(
                    f"ALTER TABLE {table} ALTER COLUMN {column} TYPE {enum} USING {column}::text::{enum}"
                )
            )
        connection.execute(sqlalchemy.text(f"DROP TYPE {enum}_old"))
        return
    connection.execute(sqlalchemy.text("COMMIT"))
    for value in new_values:
        if value not in old_values:
            connection.execute(sqlalchemy.text(f"ALTER TYPE {enum} ADD VALUE '{value}'"))
