"""Small migration scripts, one form of real code each, and what they do, a line per operation.

`scripts/<topic>/<case>.py` is read; `<case>.expected` beside it holds one line per operation, in order:

    upgrade: drop_column jobs.events.hint        a `?` at the end: only under a condition that is not known
    downgrade: opaque audit_*                    `*` for what is not known of the name

A line `# dialect: mysql` names another dialect than PostgreSQL. Operations of kind `dml` and `other_ddl` are
compared only where the file names one of that kind. The expectations are themselves tested: each script is
really run, against a connection that records, and its drops, renames and type changes must be those of the
file. `# not run: why` excuses those that cannot be, `# at least: why` allows further operations.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from migration_lint.operations import HOLE, Dialect, Operation
from migration_lint.reading import read_script_text

SCRIPTS = Path(__file__).parent / "scripts"
CASES = sorted(SCRIPTS.glob("*/*.py"))
NAMES = [f"{path.parent.name}/{path.stem}" for path in CASES]

_ONLY_WHERE_NAMED = ("dml", "other_ddl")


class Expected(NamedTuple):
    lines: list[str]
    dialect: Dialect
    not_run: str | None
    at_least: bool


def expected(case: Path) -> Expected:
    lines: list[str] = []
    remarks: dict[str, str] = {}
    for line in case.with_suffix(".expected").read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            key, _, value = line[1:].partition(":")
            remarks[key.strip()] = value.strip()
        elif line.strip():
            lines.append(line)
    dialect: Dialect = "mysql" if remarks.get("dialect") == "mysql" else "postgresql"
    return Expected(lines, dialect, remarks.get("not run"), "at least" in remarks)


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_script_is_read_as_it_runs(case: Path) -> None:
    wanted = expected(case)
    reading = read_script_text(case.read_text(encoding="utf-8"), dialect=wanted.dialect)
    named = {line.split()[1] for line in wanted.lines}
    found = [
        f"{direction}: {line(operation)}"
        for direction, operations in (("upgrade", reading.upgrade), ("downgrade", reading.downgrade))
        for operation in operations
        if operation.kind not in _ONLY_WHERE_NAMED or operation.kind in named
    ]
    if wanted.at_least:
        found = [item for item in wanted.lines if item in found]
    assert "\n".join(found) == "\n".join(wanted.lines)


def line(operation: Operation) -> str:
    """One operation as the `.expected` files write it."""
    return f"{operation.kind} {_what(operation)}".rstrip() + (" ?" if operation.conditional else "")


def _what(operation: Operation) -> str:
    table = ".".join(part for part in (operation.schema, operation.table) if part)
    column = f"{table}.{operation.column}"
    type_ = (operation.type or "unknown").lower()
    kind = operation.kind
    if kind in ("opaque", "dml"):
        return ", ".join(sorted(name.replace(HOLE, "*") for name in operation.tables))
    if kind == "create_table":
        return f"{table} ({', '.join(_column(item.name, item.type) for item in operation.columns)})"
    if kind == "add_column":
        return f"{table}.{_column(operation.columns[0].name, operation.columns[0].type)}"
    if kind == "drop_column":
        return column
    if kind == "rename_table":
        return f"{table} -> {operation.new_name}"
    if kind == "move_table":
        return f"{table} -> {operation.new_schema}"
    if kind == "rename_column":
        return f"{column} -> {operation.new_name}"
    if kind == "alter_type":
        return f"{column} {type_}"
    if kind == "set_nullable":
        return f"{column} {'null' if operation.nullable else 'not null'}"
    if kind == "set_default":
        return f"{column} {operation.default or 'none'}"
    if kind == "set_comment":
        return column if operation.column else table
    if kind == "create_index":
        assert operation.index is not None
        return f"{operation.index.name} on {table} ({', '.join(operation.index.columns)})"
    if kind == "drop_index":
        return f"{operation.name} on {table}" if operation.table else f"{operation.name}"
    if kind == "add_constraint":
        (constraint,) = operation.constraints
        columns = f" ({', '.join(constraint.columns)})" if constraint.kind != "check" else ""
        return f"{table} {constraint.kind} {constraint.name}{columns}"
    if kind in ("drop_constraint", "validate_constraint"):
        return f"{table} {operation.name}"
    if kind == "rename_constraint":
        return f"{table} {operation.name} -> {operation.new_name}"
    if kind == "rename_index":
        return f"{operation.name} -> {operation.new_name}"
    if kind == "create_enum":
        return f"{operation.name} ({', '.join(operation.values)})"
    if kind == "alter_enum":
        words = [operation.name, operation.action, *operation.values]
        return " ".join(word for word in words if word) + (
            f" -> {operation.new_name}" if operation.new_name else ""
        )
    if kind in ("drop_enum", "drop_schema"):
        return str(operation.name)
    return table


def _column(name: str, type_: str | None) -> str:
    return f"{name} {type_.lower()}" if type_ else name


# The other side: what the script does when it is run.

_BREAKING = (
    "create_table",
    "drop_table",
    "rename_table",
    "move_table",
    "add_column",
    "drop_column",
    "rename_column",
    "alter_type",
)


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(path, id=name)
        for path, name in zip(CASES, NAMES, strict=True)
        if not expected(path).not_run
    ],
)
def test_expectation_is_what_really_runs(case: Path) -> None:
    wanted = expected(case)
    statements = really_run(case, wanted.dialect)
    found = [
        f"{direction}: {change}"
        for direction in ("upgrade", "downgrade")
        for statement in statements[direction]
        for change in breaking_changes(statement)
    ]
    compared = [
        _without_create(item) for item in wanted.lines if item.split()[1] in _BREAKING and item[-1] != "?"
    ]
    assert found == compared


def _without_create(expectation: str) -> str:
    direction, kind, rest = expectation.split(" ", 2)
    return f"{direction} {kind} {rest.partition(' (')[0] if kind == 'create_table' else rest}"


def really_run(case: Path, dialect: Dialect) -> dict[str, list[str]]:
    """The statements of each direction, from a connection that answers nothing."""
    from alembic.migration import MigrationContext
    from alembic.operations import Operations
    from sqlalchemy.dialects import mysql, postgresql
    from sqlalchemy.engine.mock import MockConnection
    from sqlalchemy.sql.compiler import DDLCompiler

    target: Any = {"mysql": mysql, "postgresql": postgresql}[dialect].dialect(paramstyle="named")
    statements: list[str] = []

    class Recorder(MockConnection):
        def in_transaction(self) -> bool:
            return True

    def record(statement: Any, *_: object, **__: object) -> None:
        compiled = statement.compile(dialect=target)
        text = str(compiled)
        # What DDL compilers write for a driver that takes `%` for a parameter is not what the server sees.
        statements.append(text.replace("%%", "%") if isinstance(compiled, DDLCompiler) else text)

    result: dict[str, list[str]] = {"upgrade": [], "downgrade": []}
    alembic_s_own = set(vars(Operations))
    for direction in result:
        recorder: Any = Recorder(target, record)
        context = MigrationContext.configure(connection=recorder)
        with Operations.context(context):
            module: dict[str, Any] = {"__name__": "__main__", "__file__": str(case)}
            exec(compile(case.read_text(encoding="utf-8"), str(case), "exec"), module)
            with suppress(NotImplementedError):
                module.get(direction, lambda: None)()
        result[direction] = statements[:]
        statements.clear()
        for registered in set(vars(Operations)) - alembic_s_own:  # a script's own operations go with it
            delattr(Operations, registered)
    return result


_NAME = r'(?:"(?:[^"]|"")+"|`[^`]+`|\w+)'
_TABLE = rf"{_NAME}(?:\.{_NAME})?"
_SPACE = re.compile(r"--[^\n]*|/\*.*?\*/|\s+", re.DOTALL)


def breaking_changes(statements: str) -> Iterator[str]:
    """The drops, renames, type changes and additions in SQL that is as regular as these scripts' is."""
    for statement in _split(_SPACE.sub(" ", statements), ";"):
        text = statement.strip()
        if match := re.match(rf"CREATE TABLE (?:IF NOT EXISTS )?({_TABLE})", text, re.I):
            yield f"create_table {_plain(match[1])}"
        elif match := re.match(r"DROP TABLE (?:IF EXISTS )?(.+?)(?: CASCADE)?$", text, re.I):
            for name in match[1].split(","):
                yield f"drop_table {_plain(name.strip())}"
        elif match := re.match(r"RENAME TABLE (.+)$", text, re.I):
            for pair in match[1].split(","):
                old, new = re.split(" TO ", pair.strip(), flags=re.I)
                yield f"rename_table {_plain(old)} -> {_plain(new)}"
        elif match := re.match(rf"ALTER TABLE (?:IF EXISTS )?(?:ONLY )?({_TABLE}) (.+)$", text, re.I):
            for action in _split(match[2], ","):
                yield from _action(_plain(match[1]), action.strip())


def _action(table: str, action: str) -> Iterator[str]:
    def found(pattern: str) -> re.Match[str] | None:
        return re.match(pattern + "$", action, re.I)

    other = r"(?!(?:CONSTRAINT|NOT|INDEX|PRIMARY|FOREIGN|CHECK|UNIQUE|TO)\b)"
    if match := found(rf"DROP (?:COLUMN )?(?:IF EXISTS )?{other}({_NAME})(?: CASCADE)?"):
        yield f"drop_column {table}.{_plain(match[1])}"
    elif match := found(rf"RENAME TO ({_TABLE})"):
        yield f"rename_table {table} -> {_plain(match[1]).rpartition('.')[2]}"
    elif match := found(rf"RENAME (?:COLUMN )?{other}({_NAME}) TO ({_NAME})"):
        yield f"rename_column {table}.{_plain(match[1])} -> {_plain(match[2])}"
    elif match := found(rf"SET SCHEMA ({_NAME})"):
        yield f"move_table {table} -> {_plain(match[1])}"
    elif match := found(rf"ALTER (?:COLUMN )?({_NAME}) (?:SET DATA )?TYPE (.+?)(?: USING .+)?"):
        yield f"alter_type {table}.{_plain(match[1])} {match[2].strip().lower()}"
    elif match := found(rf"MODIFY (?:COLUMN )?({_NAME}) (.+?)(?: (?:NOT )?NULL)?"):
        yield f"alter_type {table}.{_plain(match[1])} {match[2].lower()}"
    elif match := found(rf"CHANGE (?:COLUMN )?({_NAME}) ({_NAME}) (.+?)(?: (?:NOT )?NULL)?"):
        old, new = _plain(match[1]), _plain(match[2])
        yield f"rename_column {table}.{old} -> {new}"
        yield f"alter_type {table}.{new} {match[3].lower()}"
    elif match := found(rf"ADD (?:COLUMN )?{other}({_NAME}) (.+?)(?: (?:DEFAULT|NOT NULL|NULL).*)?"):
        yield f"add_column {table}.{_plain(match[1])} {match[2].lower()}"


def _plain(name: str) -> str:
    """A name as the database holds it: unquoted, and folded where it was not quoted."""
    parts = re.findall(_NAME, name)
    return ".".join(part[1:-1].replace('""', '"') if part[0] in '"`' else part.lower() for part in parts)


def _split(text: str, separator: str) -> list[str]:
    """Split where the separator stands outside of quotes and brackets."""
    parts = [""]
    depth, quote = 0, ""
    for character in text:
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"`":
            quote = character
        elif character in "()":
            depth += 1 if character == "(" else -1
        if character == separator and not quote and not depth:
            parts.append("")
        else:
            parts[-1] += character
    return [part for part in parts if part.strip()]
