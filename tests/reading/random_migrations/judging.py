"""What a migration did beside what the reader says of it: every way in which they differ."""

from __future__ import annotations

import ast
import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any, NamedTuple

from migration_lint.catalog.types import same_type
from migration_lint.change.links import NO_LINKS, Links
from migration_lint.change.tree import listed_below
from migration_lint.operations import ANY_TABLE, HOLE, Operation
from migration_lint.reading.project.modules import ProjectFiles
from migration_lint.reading.script import read_module
from tests.reading.random_migrations.running import Run
from tests.reading.random_migrations.writer import HELPER, Migration

PATH = "migrations/versions/a1.py"
_KNOWN = frozenset(field.name for field in fields(Operation))
#: What breaks readers of a table: it is never said in less words than these, or than `opaque`.
GRAVE = ("drop_table", "rename_table", "move_table", "drop_column", "rename_column", "alter_type")
_PASSED_OVER = ("dml", "opaque", "other_ddl")


class Difference(NamedTuple):
    """`sort` groups what is most likely one fault; `detail` is for the reader."""

    sort: str
    detail: str


class Fact(NamedTuple):
    """What an operation is compared by."""

    kind: str
    schema: str | None
    table: str | None
    name: str | None
    to: str | None


class Files:
    """A tree of texts in memory."""

    name = "the texts"

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts

    def files(self) -> Mapping[str, str]:
        return {path: hashlib.sha1(text.encode()).hexdigest() for path, text in self._texts.items()}

    def read(self, path: str) -> bytes:
        return self._texts[path].encode()

    def links(self) -> Links:
        return NO_LINKS

    def below(self, folder: str) -> list[str]:
        return listed_below(self.files(), folder)

    def read_many(self, paths: Iterable[str]) -> dict[str, bytes]:
        return {path: self.read(path) for path in paths}


def tree(migration: Migration) -> Files:
    """The project that a migration is part of."""
    return Files({PATH: migration.source, f"{HELPER}.py": migration.helper, "pyproject.toml": ""})


def read(migration: Migration) -> tuple[Operation, ...]:
    """What the reader says that `upgrade` does."""
    files = ProjectFiles(tree(migration), "migrations/versions")
    return read_module(ast.parse(migration.source), PATH, "postgresql", files).upgrade


def differences(migration: Migration, runs: Sequence[Run]) -> list[Difference]:
    """Every difference between what the reader says and what was run; none where all is well."""
    reading = read(migration)
    if read(migration) != reading:
        return [Difference("reads differently a second time", "")]
    said = [each for each in reading if each.kind not in _PASSED_OVER]
    opaque = [each for each in reading if each.kind == "opaque" or (each.kind == "other_ddl" and each.reason)]
    done = {
        run.mode: [each for record in run.records for each in _operations(record, migration)] for run in runs
    }
    found = list(_missed(said, opaque, done))
    complete = [run.mode for run in runs if run.error is None]
    if {"empty", "everything"} <= set(complete):
        found += _extra(said, [done[mode] for mode in complete])
    if not migration.unknown:
        found += [
            Difference(f"opaque: {_general(each.reason)}", f"line {each.line}: {each.reason}")
            for each in opaque
        ]
        found += [
            Difference(
                f"conditional: {_general(each.reason)}", f"line {each.line}: {_shown(each)}: {each.reason}"
            )
            for each in said
            if each.conditional
        ]
        for mode in complete:
            if not found and [_fact(each) for each in done[mode]] != [_fact(each) for each in said]:
                wanted = ", ".join(map(_shown, done[mode]))
                found.append(
                    Difference("another order", f"{wanted} is read as {', '.join(map(_shown, said))}")
                )
    return found


def _operations(record: Mapping[str, Any], migration: Migration) -> Iterable[Operation]:
    if "raw" in record:
        known = migration.statements.get(
            record["raw"].replace("%%", "%"), migration.statements.get(record["raw"])
        )
        if known is not None:
            return known
        plain = record["raw"].lower()
        if plain.startswith(("select", "savepoint", "release")) or "not_this" in plain or "either" in plain:
            return ()
        raise AssertionError(f"nobody wrote this statement: {record['raw']}")
    if record["kind"] in _PASSED_OVER:
        return ()
    told = {name: value for name, value in record.items() if name in _KNOWN}
    return (Operation(**told),)


def _missed(
    said: Sequence[Operation], opaque: Sequence[Operation], done: Mapping[str, Sequence[Operation]]
) -> Iterable[Difference]:
    told: set[str] = set()
    for mode, operations in done.items():
        left = list(said)
        for operation in operations:
            same = next((each for each in left if _same(each, operation)), None)
            if same is not None:
                if not same.conditional:  # one that may happen stands for as often as it happens
                    left.remove(same)
                continue
            if any(_covers(each, operation) for each in opaque):
                continue
            near = next((each for each in said if each.kind == operation.kind), None)
            shown = f"{_shown(operation)} ({mode}), nearest: {_shown(near) if near else None}"
            if shown.split(" (")[0] not in told:
                told.add(shown.split(" (")[0])
                yield Difference(f"missed {operation.kind}", shown)


def _extra(said: Sequence[Operation], done: Sequence[Sequence[Operation]]) -> Iterable[Difference]:
    """What is said without a condition happens as often in every run that came to its end."""
    most: Counter[Fact] = Counter()
    for operations in done:
        most |= Counter(map(_fact, operations))
    for operation in said:
        if operation.conditional or (operation.kind == "add_constraint" and operation.name is None):
            continue
        if most[_fact(operation)] > 0:
            most[_fact(operation)] -= 1
        else:
            yield Difference(
                f"never happens: {operation.kind}", f"line {operation.line}: {_shown(operation)}"
            )


def _general(reason: str | None) -> str:
    """A reason without what stands between quotes, and from the end: there it says what is at the bottom."""
    return re.sub(r"\d+|^.*: ", "", reason or "")[-90:]


def _same(read: Operation, done: Operation) -> bool:
    if read.kind == "add_constraint" and read.name is None:  # a name that nobody's data hangs on
        done = replace(done, name=None)
    if _fact(read) != _fact(done):
        return False
    return done.kind != "alter_type" or (
        read.type is not None and done.type is not None and same_type(read.type, done.type, "postgresql")
    )


def _covers(opaque: Operation, done: Operation) -> bool:
    if opaque.kind == "other_ddl" and done.kind in GRAVE:
        return False
    tables = [name.rpartition(".")[2] for name in opaque.tables]
    return not tables or any(
        name == ANY_TABLE or HOLE in name or name == done.table or done.table is None for name in tables
    )


def _fact(operation: Operation) -> Fact:
    schema = None if operation.schema == "public" else operation.schema
    place = schema, operation.table
    kind = operation.kind
    if kind in ("create_index", "drop_index", "rename_index"):
        return Fact(kind, None, None, operation.name, operation.new_name)
    if kind in ("add_constraint", "drop_constraint", "rename_constraint"):
        return Fact(kind, *place, operation.name, operation.new_name)
    if kind in ("create_enum", "drop_enum", "alter_enum"):
        return Fact(kind, schema, None, operation.name, operation.action)
    if kind == "set_nullable":
        return Fact(kind, *place, operation.column, str(bool(operation.nullable)))
    return Fact(kind, *place, operation.column, operation.new_name or operation.new_schema)


def _shown(operation: Operation) -> str:
    parts = _fact(operation)
    name = ".".join(part for part in parts[1:4] if part)
    return (
        f"{parts.kind} {name}"
        + (f" → {parts.to}" if parts.to else "")
        + (f": {operation.type}" if operation.type else "")
    )
