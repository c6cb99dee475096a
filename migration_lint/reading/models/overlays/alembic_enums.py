"""alembic-enums 0.4: columns are moved to an enumeration with all values, and from there to the new one."""

from __future__ import annotations

from contextlib import contextmanager


class Column:
    def __init__(self, table, name, old_server_default, new_server_default, schema=None):
        self.table = table
        self.name = name
        self.old_server_default = old_server_default
        self.new_server_default = new_server_default
        self.schema = schema


class EnumMigration:
    def __init__(self, op, enum_name, old_options, new_options, columns=None, schema=None):
        self.op = op
        self.enum_name = enum_name
        self.temporary_name = f"_tmp_{enum_name}_0000"  # the library draws the number
        self.old_options = old_options
        self.new_options = new_options
        self.columns = columns or []
        self.schema = schema

    @contextmanager
    def upgrade_ctx(self):
        self._begin()
        yield
        self._end(self.new_options, True)

    def upgrade(self):
        self._begin()
        self._end(self.new_options, True)

    @contextmanager
    def downgrade_ctx(self):
        self._begin()
        yield
        self._end(self.old_options, False)

    def downgrade(self):
        self._begin()
        self._end(self.old_options, False)

    def update_value(self, column, old_value, new_value):
        table = _quoted(column.table, column.schema)
        self.op.execute(
            f"UPDATE {table} SET {_quote(column.name)} = '{new_value}' "
            f"WHERE {_quote(column.name)} = '{old_value}'"
        )

    def _begin(self):
        values = ", ".join([f"'{each}'" for each in [*self.old_options, *self.new_options]])
        temporary = _quoted(self.temporary_name, self.schema)
        self.op.execute(f"CREATE TYPE {temporary} AS ENUM ({values})")
        for column in self.columns:
            table, name = _quoted(column.table, column.schema), _quote(column.name)
            self.op.execute(f"ALTER TABLE {table} ALTER COLUMN {name} DROP DEFAULT")
            self.op.execute(
                f"ALTER TABLE {table} ALTER COLUMN {name} TYPE {temporary} USING {name}::text::{temporary}"
            )

    def _end(self, options, upgrade):
        values = ", ".join([f"'{each}'" for each in options])
        temporary = _quoted(self.temporary_name, self.schema)
        enum = _quoted(self.enum_name, self.schema)
        self.op.execute(f"DROP TYPE {enum}")
        self.op.execute(f"CREATE TYPE {enum} AS ENUM ({values})")
        for column in self.columns:
            table, name = _quoted(column.table, column.schema), _quote(column.name)
            self.op.execute(f"ALTER TABLE {table} ALTER COLUMN {name} TYPE {enum} USING {name}::text::{enum}")
            default = column.new_server_default if upgrade else column.old_server_default
            if default is not None:
                self.op.execute(f"ALTER TABLE {table} ALTER COLUMN {name} SET DEFAULT '{default}'")
        self.op.execute(f"DROP TYPE {temporary}")


def _quote(name):
    return name if name.startswith('"') else f'"{name}"'


def _quoted(name, schema):
    return f"{_quote(schema)}.{_quote(name)}" if schema else _quote(name)
