"""`Table(…)` of Core, and the constraints and indexes that tables and models state."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import replace

from migration_lint.operations import Constraint, Index
from migration_lint.sources.sqlalchemy.columns import COLUMN_CALLS, core_column
from migration_lint.sources.sqlalchemy.mapping import ModelTable
from migration_lint.sources.sqlalchemy.naming import made_name, method_name
from migration_lint.sources.sqlalchemy.terms import Known, Listed, Made, Part, Place, Spread, Term, text_of

_CONSTRAINTS = frozenset(
    "PrimaryKeyConstraint UniqueConstraint ForeignKeyConstraint CheckConstraint ExcludeConstraint".split()
)


def core_table(made: Made, default_schema: str | None) -> ModelTable | None:
    """A table that Core declares; None where its name is not known."""
    name = text_of(made.argument(0, "name"))
    if name is None:
        return None
    stated = made.keyword("schema")
    schema = text_of(stated) if stated is not None else default_schema
    metadata, columns = made.argument(1, "metadata"), made.args[2:]
    if made_name(metadata) in COLUMN_CALLS:
        metadata, columns = None, made.args[1:]  # `db.Table` of Flask-SQLAlchemy has the metadata itself
    table = ModelTable(name, schema, _place(made, columns), metadata=metadata)
    table.comment = text_of(made.keyword("comment"))
    if made.keyword("autoload_with") is not None or made.keyword("autoload") is not None:
        table.unresolved.append("its columns are taken from the database when it runs (autoload)")
    for each in columns:
        if isinstance(each, Spread):
            items = each.of.items if isinstance(each.of, Listed) and each.of.kind != "each" else None
            if items is None:
                table.unresolved.append("columns are handed to it in a list that is not known")
            for one in items or ():
                _add(table, one)
        else:
            _add(table, each)
    finish(table)
    return table


def _place(made: Made, columns: tuple[Term, ...]) -> Place:
    """Where a person finds a table: in a function that makes tables of what it is given, nobody does."""
    first = next((each.place for each in columns if isinstance(each, Made)), made.place)
    inside = first.path == made.place.path and any(each is first.node for each in ast.walk(made.place.node))
    return made.place if inside else first


def _add(table: ModelTable, item: Term) -> None:
    if made_name(item) in COLUMN_CALLS and isinstance(item, Made):
        column = core_column(item, "")
        if column is None:
            table.unresolved.append("the name of a column is not known")
        else:
            table.columns[column.name] = column
    elif made_name(item) in (*_CONSTRAINTS, "Index"):
        add_argument(table, item)
    else:
        table.unresolved.append("something is handed to it that is not known")


def add_argument(table: ModelTable, item: Term) -> None:
    """A constraint or index of `__table_args__`, or of a table's call."""
    if not isinstance(item, Made):
        return
    if made_name(item) == "Index":
        index = read_index(table, item)
        if index is not None:
            table.indexes.append(index)
    elif made_name(item) in _CONSTRAINTS:
        constraint = _constraint(table, item)
        if constraint is not None:
            table.constraints.append(constraint)


def finish(table: ModelTable) -> None:
    """What columns say of keys and indexes becomes the table's; key columns are never NULL."""
    key = next((each for each in table.constraints if each.kind == "primary_key"), None)
    if key is not None:
        for name in key.columns:
            column = table.columns.get(name)
            if column is not None:
                table.columns[name] = replace(column, primary_key=True, nullable=False)
    elif table.primary_key:
        table.constraints.insert(
            0, Constraint("primary_key", None, tuple(each.name for each in table.primary_key))
        )
    for column in table.columns.values():
        for each in column.references:
            referred = each.argument(0, "column")
            table.constraints.append(
                _foreign_key(each, (column.name,), () if referred is None else (referred,))
            )
        for each in column.checks:
            found = _constraint(table, each)
            if found is not None:
                table.constraints.append(found)
        if column.index:
            table.indexes.append(Index(None, (column.name,), unique=column.unique))
        elif column.unique:
            table.constraints.append(Constraint("unique", None, (column.name,)))


def _constraint(table: ModelTable, made: Made) -> Constraint | None:
    kind = made_name(made)
    name = text_of(made.keyword("name"))
    if kind in ("PrimaryKeyConstraint", "UniqueConstraint"):
        columns = tuple(_names(table, made.args))
        return Constraint("primary_key" if kind[0] == "P" else "unique", name, columns)
    if kind == "ForeignKeyConstraint":
        local, referred = made.argument(0, "columns"), made.argument(1, "refcolumns")
        columns = tuple(_names(table, local.items if isinstance(local, Listed) else ()))
        return _foreign_key(made, columns, referred.items if isinstance(referred, Listed) else ())
    if kind == "CheckConstraint":
        return Constraint("check", name, expression=sql_text(made.argument(0, "sqltext")))
    return Constraint("exclude", name)


def _foreign_key(made: Made, columns: tuple[str, ...], referred: Iterable[Term]) -> Constraint:
    named = [_referred(each) for each in referred]
    table = next((each[0] for each in named if each is not None), None)
    schema, _, name = (table or "").rpartition(".")
    return Constraint(
        "foreign_key", text_of(made.keyword("name")), columns,
        referred_table=name or None, referred_schema=schema or None,
        referred_columns=tuple(each[1] for each in named if each is not None),
        on_delete=text_of(made.keyword("ondelete")), on_update=text_of(made.keyword("onupdate")),
    )  # fmt: skip


def _referred(term: Term) -> tuple[str, str] | None:
    """`account.id`, or `accounts.c.id`, as table and column."""
    text = text_of(term)
    if text is not None and "." in text:
        table, _, column = text.rpartition(".")
        return table, column
    if (
        isinstance(term, Part)
        and isinstance(term.of, Part)
        and term.of.name == "c"
        and isinstance(term.of.of, Made)
    ):
        table_name = text_of(term.of.of.argument(0, "name"))
        return (table_name, term.name) if table_name else None
    return None


def read_index(table: ModelTable, made: Made) -> Index | None:
    """An index as it is declared; expressions stand as text, or as a question mark where they are no text."""
    name = text_of(made.argument(0, "name"))
    columns: list[str] = []
    expressions = False
    for each in made.args[1:]:
        column = _name(table, each)
        if column is not None:
            columns.append(column)
        else:
            expressions = True
            columns.append(sql_text(each) or "?")
    where = next((value for key, value in made.keywords if key and key.endswith("_where")), None)
    using = next((text_of(value) for key, value in made.keywords if key and key.endswith("_using")), None)
    unique = made.keyword("unique")
    return Index(
        name, tuple(columns), expressions,
        unique=isinstance(unique, Known) and unique.value is True,
        where=None if where is None else sql_text(where) or "?", using=using,
    )  # fmt: skip


def _names(table: ModelTable, terms: Iterable[Term]) -> Iterator[str]:
    for term in terms:
        found = _name(table, term)
        if found is not None:
            yield found


def _name(table: ModelTable, term: Term) -> str | None:
    """The name of a column that is given by name, as the Column itself, or ordered."""
    text = text_of(term)
    if text is not None:
        column = table.columns.get(text) or table.by_key(text)
        return column.name if column is not None else text
    if isinstance(term, Made):
        if made_name(term) in COLUMN_CALLS:
            return next(
                (each.name for each in table.columns.values() if each.place.key == term.place.key), None
            )
        if method_name(term) in ("desc", "asc", "nullsfirst", "nullslast", "nulls_last", "nulls_first"):
            return None
    if isinstance(term, Part):
        column = table.by_key(term.name)
        return column.name if column is not None else None
    return None


def sql_text(term: Term | None) -> str | None:
    """SQL that stands as text: a string, or `text("…")`."""
    if isinstance(term, Made) and made_name(term) in ("text", "literal_column") and term.args:
        return text_of(term.args[0])
    return text_of(term)


def metadata_schema(metadata: Term | None) -> str | None:
    """The schema that a MetaData gives its tables."""
    return text_of(metadata.keyword("schema")) if isinstance(metadata, Made) else None
