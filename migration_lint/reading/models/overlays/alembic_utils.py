"""alembic_utils 0.8: functions, views, triggers and the like as objects that write their own SQL."""

from __future__ import annotations

from enum import Enum

from overlay import groups
from sqlalchemy import text


def create_entity(operations, target):
    operations.execute(target.to_sql_statement_create())


def drop_entity(operations, target, cascade=False):
    operations.execute(target.to_sql_statement_drop(cascade=cascade))


def replace_entity(operations, target):
    for statement in target.to_sql_statement_create_or_replace():
        operations.execute(statement)


def register_entities(entities, schemas=None, exclude_schemas=None, entity_types=None):
    pass


class ReplaceableEntity:
    def __init__(self, schema, signature, definition=""):
        self.schema = _unquoted(schema)
        self.signature = _unquoted(signature)
        self.definition = definition.strip().rstrip(";").strip()

    @property
    def literal_schema(self):
        return f'"{self.schema}"'

    @classmethod
    def from_path(cls, path):
        return cls.from_sql(path.read_text())


class PGFunction(ReplaceableEntity):
    @classmethod
    def from_sql(cls, sql):
        return cls(*groups(r"\s*create.*?function\s+(.+?)\.(.+?)\s+(returns\s.+)", sql))

    @property
    def _named(self):
        name, rest = self.signature.split("(", 1)
        return f'"{self.schema}"."{name.strip()}"({rest}'

    def to_sql_statement_create(self):
        return text(f"CREATE FUNCTION {self._named} {self.definition}")

    def to_sql_statement_drop(self, cascade=False):
        name, parameters = groups(r"(.*?)\((.*)\)", self.signature)
        taken = ", ".join(
            [groups(r"(.*?)(?:\sdefault.*)?$", each.strip())[0] for each in parameters.split(",")]
        )
        return text(f'DROP FUNCTION "{self.schema}"."{name.strip()}"({taken}){_cascade(cascade)}')

    def to_sql_statement_create_or_replace(self):
        return [text(f"CREATE OR REPLACE FUNCTION {self._named} {self.definition}")]


class PGView(ReplaceableEntity):
    @classmethod
    def from_sql(cls, sql):
        return cls(*groups(r"\s*create.*?view\s+(.+?)\.(.+?)(?:\(.*?)?\s+as\s+(.+)", sql))

    def to_sql_statement_create(self):
        return text(f'CREATE VIEW "{self.schema}"."{self.signature}" AS {self.definition}')

    def to_sql_statement_drop(self, cascade=False):
        return text(f'DROP VIEW "{self.schema}"."{self.signature}"{_cascade(cascade)}')

    def to_sql_statement_create_or_replace(self):
        name = f'"{self.schema}"."{self.signature}"'
        create = f"VIEW {name} AS {self.definition};"
        return [
            text(
                f"do $$ begin CREATE OR REPLACE {create} exception when others then "
                f"DROP VIEW IF EXISTS {name}; CREATE {create} end; $$ language 'plpgsql'"
            )
        ]


class PGMaterializedView(ReplaceableEntity):
    def __init__(self, schema, signature, definition, with_data=True):
        super().__init__(schema, signature, definition)
        self.with_data = with_data

    @classmethod
    def from_sql(cls, sql):
        schema, signature, definition, without = groups(
            r"\s*create\s+materialized\s+view\s+(.+?)\.(.+?)(?:\(.*?)?\s+as\s+(.+?)"
            r"(?:\s+with\s+(no\s+)?data)?[\s;]*$",
            sql,
        )
        return cls(schema, signature, definition, without is None)

    def to_sql_statement_create(self):
        name = f'"{self.schema}"."{self.signature}"'
        return text(f"CREATE MATERIALIZED VIEW {name} AS {self.definition} {self._data}")

    @property
    def _data(self):
        return "WITH DATA" if self.with_data else "WITH NO DATA"

    def to_sql_statement_drop(self, cascade=False):
        return text(f'DROP MATERIALIZED VIEW "{self.schema}"."{self.signature}"{_cascade(cascade)}')

    def to_sql_statement_create_or_replace(self):
        return [
            text(f'DROP MATERIALIZED VIEW IF EXISTS "{self.schema}"."{self.signature}"'),
            self.to_sql_statement_create(),
        ]


class PGExtension(ReplaceableEntity):
    def to_sql_statement_create(self):
        return text(f'CREATE EXTENSION "{self.signature}" WITH SCHEMA "{self.schema}"')

    def to_sql_statement_drop(self, cascade=False):
        return text(f'DROP EXTENSION "{self.signature}"{_cascade(cascade)}')


class OnEntityMixin(ReplaceableEntity):
    def __init__(self, schema, signature, definition, on_entity):
        super().__init__(schema, signature, definition)
        self.on_entity = _qualified(on_entity)


class PGPolicy(OnEntityMixin):
    @classmethod
    def from_sql(cls, sql):
        signature, table, definition = groups(r"\s*create\s+policy\s+(\S+)\s+on\s+(\S+)\s+(.+)", sql)
        return cls(_qualified(table).split(".")[0], signature, definition, table)

    def to_sql_statement_create(self):
        return text(f"CREATE POLICY {self.signature} on {self.on_entity} {self.definition}")

    def to_sql_statement_drop(self, cascade=False):
        return text(f"DROP POLICY {self.signature} on {self.on_entity}{_cascade(cascade)}")

    def to_sql_statement_create_or_replace(self):
        return [
            text(f"DROP POLICY IF EXISTS {self.signature} on {self.on_entity}"),
            self.to_sql_statement_create(),
        ]


class PGTrigger(OnEntityMixin):
    def __init__(self, schema, signature, definition, on_entity, is_constraint=False):
        super().__init__(schema, signature, definition, on_entity)
        self.is_constraint = is_constraint

    @classmethod
    def from_sql(cls, sql):
        constraint, signature, event, table, action = groups(
            r"\s*create\s+(constraint\s+)?trigger\s+(\S+)\s+(.+?)\s+on\s+(\S+)\s+(.+)", sql
        )
        return cls(
            _qualified(table).split(".")[0],
            signature,
            f"{event} ON {table} {action}",
            table,
            constraint is not None,
        )

    def to_sql_statement_create(self):
        event, table, action = groups(r"\s*(.+?)\s+on\s+(\S+)\s+(.+)", self.definition)
        kind = "CONSTRAINT TRIGGER" if self.is_constraint else "TRIGGER"
        table = f"{self.schema}.{table.split('.')[-1]}"
        return text(f'CREATE {kind} "{self.signature}" {event} ON {table} {action}')

    def to_sql_statement_drop(self, cascade=False):
        return text(f'DROP TRIGGER "{self.signature}" ON {self.on_entity}{_cascade(cascade)}')

    def to_sql_statement_create_or_replace(self):
        return [
            text(f'DROP TRIGGER IF EXISTS "{self.signature}" ON {self.on_entity}'),
            self.to_sql_statement_create(),
        ]


class PGGrantTableChoice(str, Enum):
    SELECT = "SELECT"
    INSERT = "INSERT"
    UPDATE = "UPDATE"
    REFERENCES = "REFERENCES"
    DELETE = "DELETE"
    TRUNCATE = "TRUNCATE"
    TRIGGER = "TRIGGER"


class PGGrantTable(ReplaceableEntity):
    def __init__(self, schema, table, role, grant, columns=None, with_grant_option=False):
        self.schema = _unquoted(schema)
        self.table = _unquoted(table)
        self.role = _unquoted(role)
        self.grant = grant.value if isinstance(grant, PGGrantTableChoice) else grant
        self.columns = columns or []
        self.with_grant_option = with_grant_option

    def to_sql_statement_create(self):
        columns = f" ({', '.join(self.columns)})" if self.columns else ""
        option = " WITH GRANT OPTION" if self.with_grant_option else ""
        return text(f'GRANT {self.grant}{columns} ON "{self.schema}"."{self.table}" TO "{self.role}"{option}')

    def to_sql_statement_drop(self, cascade=False):
        return text(f'REVOKE {self.grant} ON "{self.schema}"."{self.table}" FROM "{self.role}"')

    def to_sql_statement_create_or_replace(self):
        return [self.to_sql_statement_drop(), self.to_sql_statement_create()]


def _unquoted(name):
    return name.replace('"', "").strip()


def _qualified(table):
    return _unquoted(table if "." in table else "public." + table)


def _cascade(cascade):
    return " CASCADE" if cascade else ""
