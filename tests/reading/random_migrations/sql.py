"""Operations as statements of SQL, written as freely as PostgreSQL lets people write them."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

from migration_lint.operations import Operation
from tests.reading.random_migrations.writer import Writer

_PLAIN = re.compile(r"[a-z_][a-z0-9_]*")
_RESERVED = ("group", "select", "column", "order", "user")


class Field(NamedTuple):
    """A name that is put into a statement later."""

    field: str
    quoted: bool


#: A statement in pieces: text, and names that differ from one operation of a group to the next.
Template = list["str | Field"]


def can_be_sql(operation: Operation) -> bool:
    return True


def template(w: Writer, operations: Sequence[Operation]) -> Template:
    """One statement for any of these operations, which are of one kind."""
    return _spaced(w, _STATEMENTS[operations[0].kind](w, operations))


def filled(template: Template, operation: Operation) -> str:
    """The statement for one of the operations."""
    return "".join(part if isinstance(part, str) else value_of(operation, part.field) for part in template)


def value_of(operation: Operation, field: str) -> str:
    value = getattr(operation, field)
    assert isinstance(value, str)
    return value


def inline(w: Writer, operations: Sequence[Operation]) -> tuple[str, tuple[Operation, ...]]:
    """A text that carries out all the operations, and what it does, in order."""
    texts = []
    done: list[Operation] = []
    left = list(operations)
    while left:
        first = left[0]
        together = 1
        if first.kind in _TOGETHER and w.chance(50):
            while together < len(left) and _same_table(first, left[together]):
                together += 1
        if together > 1:
            texts.append(_joined(w, left[:together]))
        elif w.chance(12) and first.schema is None and first.table is not None and first.kind in _TOGETHER:
            texts.append(_in_search_path(w, first))
            first = replace(first, schema="sales")
            left[0] = first
        else:
            texts.append(filled(template(w, [first]), first))
        done += left[:together]
        left = left[together:]
    return _around(w, texts, done), tuple(done)


def _same_table(one: Operation, other: Operation) -> bool:
    return (
        other.kind in _TOGETHER
        and (one.schema, one.table) == (other.schema, other.table)
    )  # fmt: skip


def _in_search_path(w: Writer, operation: Operation) -> str:
    before = w.pick(
        ["SET search_path TO sales", "SET search_path = sales, public", "SET LOCAL search_path TO sales"]
    )
    after = w.pick(["SET search_path TO public", "RESET search_path", "SET search_path = DEFAULT"])
    if before.startswith("SET LOCAL"):
        after = "SET LOCAL search_path TO public"
    return f"{before}; {filled(template(w, [operation]), operation)}; {after}"


def _around(w: Writer, texts: list[str], done: list[Operation]) -> str:
    plain = not any("--" in text or "concurrently" in text.lower() or "search_path" in text for text in texts)
    form = w.random.randrange(10)
    if form == 0 and plain:
        body = ";".join(texts)
        tag = w.pick(["$$", "$do$", "$body$"])
        return f"DO {tag} BEGIN {body}; END {tag}" + w.pick(["", ";", " LANGUAGE plpgsql"])
    if form == 1 and plain:
        body = "; ".join("EXECUTE '" + text.replace("'", "''") + "'" for text in texts)
        return f"DO $$\nBEGIN\n  {body};\nEND\n$$;"
    if form == 2 and plain and not any("%" in text for text in texts):
        body = "; ".join(_format(w, text, operation) for text, operation in zip(texts, done, strict=False))
        if len(texts) == len(done):
            return f"DO $$ DECLARE n text; BEGIN {body}; END $$"
    if form == 3 and plain:
        w.unknown = True  # to the reader, which works no condition of PL/pgSQL out
        return f"DO $$ BEGIN IF true THEN {'; '.join(texts)}; END IF; END $$"
    ends = w.pick(["", ";", ";\n", " ; "])
    between = w.pick([";", ";\n", "; -- and\n", " ;; "])
    return (
        w.pick(["", "", "", "\n    ", "-- first\n", "/* a /* nested */ one; */ "])
        + between.join(texts)
        + ends
    )


def _format(w: Writer, text: str, operation: Operation) -> str:
    """EXECUTE format(…) with the table's name put in."""
    table = operation.table
    if table is None or operation.schema is not None:
        return text
    quoted = '"' + table + '"'
    if quoted not in text:
        return text
    inner = text.replace("'", "''").replace(quoted, "%I", 1)
    return w.pick([f"EXECUTE format('{inner}', '{table}')", f"n := '{table}'; EXECUTE format('{inner}', n)"])


def _name(w: Writer, operations: Sequence[Operation], field: str) -> Template:
    values = [value_of(each, field) for each in operations]
    plain = all(_PLAIN.fullmatch(value) and value not in _RESERVED for value in values)
    if len(operations) == 1:
        value = values[0]
        if plain and w.chance(70):
            return [w.pick([value, value, value.upper(), value.title()])]
        return [f'"{value}"']
    if plain and w.chance(60):
        return [Field(field, False)]
    return ['"', Field(field, True), '"']


def named(w: Writer, operations: Sequence[Operation], field: str, schema: str | None) -> Template:
    """A name with its schema before it."""
    if schema is None:
        return _name(w, operations, field)
    if _PLAIN.fullmatch(schema) and w.chance(60):
        first = w.pick([schema, schema.upper(), f'"{schema}"'])
    else:
        first = f'"{schema}"'
    return [first, w.pick([".", ".", " . "]), *_name(w, operations, field)]


def _table(w: Writer, operations: Sequence[Operation]) -> Template:
    return named(w, operations, "table", operations[0].schema)


def _alter(w: Writer, operations: Sequence[Operation], *, only: bool = True) -> Template:
    words = ["ALTER TABLE "]
    if w.chance(20):
        words.append("IF EXISTS ")
    if only and w.chance(20):
        words.append("ONLY ")
    return ["".join(words), *_table(w, operations), w.pick([" ", " ", "\n  "])]


def _type(operations: Sequence[Operation]) -> Template:
    return [value_of(operations[0], "type")] if len(operations) == 1 else [Field("type", False)]


def _drop_column(w: Writer, operations: Sequence[Operation]) -> Template:
    exists = w.pick(["", "", "IF EXISTS "])
    column = w.pick(["COLUMN ", "COLUMN ", "column "] + [""] * (not exists or True))
    end = w.pick(["", "", " CASCADE", " RESTRICT"])
    return [f"DROP {column}{exists}", *_name(w, operations, "column"), end]


def _add_column(w: Writer, operations: Sequence[Operation]) -> Template:
    column = w.pick(["COLUMN ", "COLUMN ", "", "COLUMN IF NOT EXISTS "])
    end = w.pick(["", "", " NOT NULL", " NULL", " DEFAULT NULL"])
    return [f"ADD {column}", *_name(w, operations, "column"), " ", *_type(operations), end]


def _alter_type(w: Writer, operations: Sequence[Operation]) -> Template:
    column = _name(w, operations, "column")
    using: Template = [" USING ", *column, "::", *_type(operations)] if w.chance(30) else []
    verb = w.pick([" TYPE ", " SET DATA TYPE "])
    return [f"ALTER {w.pick(['COLUMN ', ''])}", *column, verb, *_type(operations), *using]


def _nullable(w: Writer, operations: Sequence[Operation]) -> Template:
    verb = " DROP NOT NULL" if operations[0].nullable else " SET NOT NULL"
    return [f"ALTER {w.pick(['COLUMN ', ''])}", *_name(w, operations, "column"), verb]


def _default(w: Writer, operations: Sequence[Operation]) -> Template:
    verb = " DROP DEFAULT" if operations[0].default is None else " SET DEFAULT 0"
    return [f"ALTER {w.pick(['COLUMN ', ''])}", *_name(w, operations, "column"), verb]


def _add_constraint(w: Writer, operations: Sequence[Operation]) -> Template:
    column = _name(w, operations, "column")
    body: Template = w.pick(
        [
            ["UNIQUE (", *column, ")"],
            ["CHECK (", *column, " IS NOT NULL)"],
            ["FOREIGN KEY (", *column, ") REFERENCES other (id)"],
        ]
    )
    return ["ADD CONSTRAINT ", *_name(w, operations, "name"), " ", *body]


def _drop_constraint(w: Writer, operations: Sequence[Operation]) -> Template:
    exists = w.pick(["", "", "IF EXISTS "])
    return [f"DROP CONSTRAINT {exists}", *_name(w, operations, "name"), w.pick(["", " CASCADE"])]


_Action = Callable[[Writer, Sequence[Operation]], Template]
_ACTIONS: dict[str, _Action] = {
    "drop_column": _drop_column,
    "add_column": _add_column,
    "alter_type": _alter_type,
    "set_nullable": _nullable,
    "set_default": _default,
    "add_constraint": _add_constraint,
    "drop_constraint": _drop_constraint,
}
#: What several of may stand in one ALTER TABLE.
_TOGETHER = tuple(_ACTIONS)


def _joined(w: Writer, operations: Sequence[Operation]) -> str:
    parts: Template = [*_alter(w, operations[:1])]
    for number, operation in enumerate(operations):
        parts += [w.pick([", ", ",", ",\n  "])] if number else []
        parts += _ACTIONS[operation.kind](w, [operation])
    return filled(_spaced(w, parts), operations[0])


def _altering(action: _Action) -> _Action:
    return lambda w, operations: [*_alter(w, operations), *action(w, operations)]


def _rename_column(w: Writer, operations: Sequence[Operation]) -> Template:
    column = w.pick(["COLUMN ", "COLUMN ", ""])
    if column == "" and any(each.column == "column" for each in operations):
        column = "COLUMN "
    return [
        *_alter(w, operations), f"RENAME {column}", *_name(w, operations, "column"), " TO ",
        *_name(w, operations, "new_name"),
    ]  # fmt: skip


def _rename_table(w: Writer, operations: Sequence[Operation]) -> Template:
    return [*_alter(w, operations), "RENAME TO ", *_name(w, operations, "new_name")]


def _move_table(w: Writer, operations: Sequence[Operation]) -> Template:
    return [*_alter(w, operations, only=False), "SET SCHEMA ", *_name(w, operations, "new_schema")]


def _rename_constraint(w: Writer, operations: Sequence[Operation]) -> Template:
    return [
        *_alter(w, operations), "RENAME CONSTRAINT ", *_name(w, operations, "name"), " TO ",
        *_name(w, operations, "new_name"),
    ]  # fmt: skip


def _drop_table(w: Writer, operations: Sequence[Operation]) -> Template:
    return [
        f"DROP TABLE {w.pick(['', '', 'IF EXISTS '])}",
        *_table(w, operations),
        w.pick(["", "", " CASCADE"]),
    ]


def _drop_view(w: Writer, operations: Sequence[Operation]) -> Template:
    kind = w.pick(["VIEW", "VIEW", "MATERIALIZED VIEW"])
    return [f"DROP {kind} {w.pick(['', 'IF EXISTS '])}", *_table(w, operations)]


def _create_table(w: Writer, operations: Sequence[Operation]) -> Template:
    return [
        f"CREATE {w.pick(['', '', 'UNLOGGED '])}TABLE {w.pick(['', '', 'IF NOT EXISTS '])}",
        *_table(w, operations),
        " (id serial PRIMARY KEY, note text DEFAULT 'a;b' NOT NULL)",
    ]


def _create_index(w: Writer, operations: Sequence[Operation]) -> Template:
    return [
        f"CREATE {w.pick(['', 'UNIQUE '])}INDEX {w.pick(['', 'CONCURRENTLY ', 'IF NOT EXISTS '])}",
        *_name(w, operations, "name"), f" ON {w.pick(['', '', 'ONLY '])}", *_table(w, operations),
        f"{w.pick(['', ' USING btree'])} (", *_name(w, operations, "column"), ")",
    ]  # fmt: skip


def _drop_index(w: Writer, operations: Sequence[Operation]) -> Template:
    exists = w.pick(["", "CONCURRENTLY ", "IF EXISTS "])
    return [f"DROP INDEX {exists}", *_name(w, operations, "name")]


def _rename_index(w: Writer, operations: Sequence[Operation]) -> Template:
    return [
        f"ALTER INDEX {w.pick(['', 'IF EXISTS '])}", *_name(w, operations, "name"), " RENAME TO ",
        *_name(w, operations, "new_name"),
    ]  # fmt: skip


def _create_enum(w: Writer, operations: Sequence[Operation]) -> Template:
    return ["CREATE TYPE ", *_name(w, operations, "name"), " AS ENUM ('a', 'it''s; b')"]


def _drop_enum(w: Writer, operations: Sequence[Operation]) -> Template:
    return [f"DROP TYPE {w.pick(['', 'IF EXISTS '])}", *named(w, operations, "name", operations[0].schema)]


def _alter_enum(w: Writer, operations: Sequence[Operation]) -> Template:
    return ["ALTER TYPE ", *_name(w, operations, "name"), f" ADD VALUE {w.pick(['', 'IF NOT EXISTS '])}'new'"]


_STATEMENTS: dict[str, _Action] = {
    **{kind: _altering(action) for kind, action in _ACTIONS.items()},
    "rename_column": _rename_column,
    "rename_table": _rename_table,
    "move_table": _move_table,
    "rename_constraint": _rename_constraint,
    "drop_table": _drop_table,
    "drop_view": _drop_view,
    "create_table": _create_table,
    "create_index": _create_index,
    "drop_index": _drop_index,
    "rename_index": _rename_index,
    "create_enum": _create_enum,
    "drop_enum": _drop_enum,
    "alter_enum": _alter_enum,
}

_WORD = re.compile(r"\b[A-Z]{2,}\b(?![^'\"]*['\"](?:[^'\"]*['\"][^'\"]*['\"])*[^'\"]*$)")


def _spaced(w: Writer, parts: Template) -> Template:
    """The same with other white space, comments, and words in another case."""
    style = w.random.randrange(6)
    if style < 3:
        return parts
    made: Template = []
    for part in parts:
        if not isinstance(part, str) or "'" in part or '"' in part:
            made.append(part)
        elif style == 3:
            made.append(_lower(part))
        elif style == 4:
            made.append(part.replace(" ", w.pick(["  ", "\n", "\t", " /* DROP TABLE x; */ ", "/**/ "])))
        else:
            made.append(_lower(part).replace(" ", w.pick([" -- it's\n", "\r\n", " /* a /* b */ ' c */ "]), 1))
    return made


def _lower(part: str) -> str:
    # Types and keywords alike; a name that is quoted never comes here.
    return part.lower()
