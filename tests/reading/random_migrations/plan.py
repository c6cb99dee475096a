"""What a migration does: operations in the product's own words, chosen at random."""

from __future__ import annotations

from random import Random

from migration_lint.operations import Kind, Operation

TABLES = ("users", "orders", "events", "order items", "Users", "group", "t1")
COLUMNS = ("name", "total", "Note", "user id", "hint", "c1", "select", "column")
SCHEMAS = (None, None, None, None, None, None, "sales", "Old Sales")
NAMES = ("ix_users_name", "uq_total", "ck c", "fk_Orders", "status")

#: Types as PostgreSQL writes them, and as SQLAlchemy does.
TYPES = {
    "BIGINT": "sa.BigInteger()",
    "INTEGER": "sa.Integer()",
    "TEXT": "sa.Text()",
    "VARCHAR(20)": "sa.String(20)",
    "NUMERIC(10, 2)": "sa.Numeric(10, 2)",
    "TIMESTAMP WITH TIME ZONE": "sa.DateTime(timezone=True)",
    "BOOLEAN": "sa.Boolean()",
    "JSONB": "postgresql.JSONB()",
    "UUID": "postgresql.UUID()",
    "TEXT[]": "postgresql.ARRAY(sa.Text())",
}

#: The fields that tell one operation of a kind from another. A table's schema goes with it.
FIELDS: dict[Kind, tuple[str, ...]] = {
    "drop_column": ("table", "column"),
    "drop_table": ("table",),
    "rename_column": ("table", "column", "new_name"),
    "alter_type": ("table", "column", "type"),
    "rename_table": ("table", "new_name"),
    "add_column": ("table", "column", "type"),
    "set_nullable": ("table", "column"),
    "set_default": ("table", "column"),
    "create_table": ("table",),
    "create_index": ("name", "table", "column"),
    "drop_index": ("name", "table"),
    "add_constraint": ("name", "table", "column"),
    "drop_constraint": ("name", "table"),
    "move_table": ("table", "new_schema"),
    "rename_index": ("name", "new_name"),
    "rename_constraint": ("table", "name", "new_name"),
    "create_enum": ("name",),
    "drop_enum": ("name",),
    "alter_enum": ("name",),
    "drop_view": ("table",),
}
_OFTEN: tuple[Kind, ...] = (
    "drop_column", "drop_table", "rename_column", "alter_type", "rename_table",
    "drop_column", "drop_table", "rename_column", "alter_type",
)  # fmt: skip
_KINDS = (*_OFTEN, *FIELDS)

#: Several operations of one kind, which one loop or one function may carry out.
Group = tuple[Operation, ...]

_CHOICES = {
    "table": TABLES,
    "column": COLUMNS,
    "type": tuple(TYPES),
    "name": NAMES,
    "new_schema": ("archive", "Old Sales"),
}


def choose(random: Random) -> list[Group]:
    """A plan: groups in the order in which they are carried out."""
    return [group(random) for _ in range(1 + random.randrange(4))]


def group(random: Random) -> Group:
    """One to four operations of one kind, alike in which fields they fill."""
    kind = _KINDS[random.randrange(len(_KINDS))]
    schema = SCHEMAS[random.randrange(len(SCHEMAS))]
    nullable = bool(random.randrange(2)) if kind == "set_nullable" else None
    default = ("0", None)[random.randrange(2)] if kind == "set_default" else None
    count = (1, 1, 1, 2, 3, 4)[random.randrange(6)]
    return tuple(_one(random, kind, schema, nullable, default) for _ in range(count))


def _one(
    random: Random, kind: Kind, schema: str | None, nullable: bool | None, default: str | None
) -> Operation:
    values: dict[str, str] = {}
    for field in FIELDS[kind]:
        options = _CHOICES.get(field) or (TABLES if kind == "rename_table" else COLUMNS)
        values[field] = options[random.randrange(len(options))]
    if kind in ("rename_table", "rename_column", "rename_index", "rename_constraint"):
        values["new_name"] += "_2"
    nowhere = "table" not in FIELDS[kind] and kind != "drop_enum"
    return Operation(
        kind=kind,
        schema=None if nowhere else schema,
        nullable=nullable,
        default=default,
        action="add_value" if kind == "alter_enum" else None,
        **values,  # type: ignore[arg-type]
    )
