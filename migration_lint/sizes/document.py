"""The file of sizes: `migration-lint sizes` writes it, a check reads it.

sizes: migration-lint/v1
server: PostgreSQL 15.18
measured: 2026-11-29
tables:
  public.audit: {rows: 120000000, bytes: 61000000000, indexes: 5, writes-per-second: 1900}
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from migration_lint.errors import CannotJudge
from migration_lint.named_tuple import NamedTuple
from migration_lint.shapes.model import Key, Named, Number, RecordShape, TextShape, WordChoice
from migration_lint.shapes.reader import Reader
from migration_lint.shapes.schema import record_schema
from migration_lint.sizes.model import TableSize
from migration_lint.yaml_document import Broken, read_document

if TYPE_CHECKING:
    from migration_lint.yaml_document import Json

VERSION = "migration-lint/v1"
SCHEMA_ID = "urn:migration-lint:sizes:v1"


class Measured(NamedTuple):
    """A table as the file calls it: `table`, or `schema.table`."""

    name: str
    size: TableSize
    line: int = 0


class Document(NamedTuple):
    """One file."""

    server: str  # "PostgreSQL 15.18"
    measured: str  # the day
    tables: tuple[Measured, ...] = ()


def _measured(name: str, rows: int, bytes: int, line: int, **more: Any) -> Measured:
    return Measured(name, TableSize(rows, bytes, **more), line)


TABLE = RecordShape(
    "table",
    (
        Key("rows", Number(), "How many rows it has, about.", required=True),
        Key("bytes", Number(), "How large it is without its indexes, with its partitions.", required=True),
        Key("indexes", Number(), "How many indexes it has."),
        Key(
            "writes-per-second",
            Number(whole=False),
            "How many of its rows are inserted, changed or deleted in a second.",
            field="writes",
        ),
    ),
    _measured,
)

SIZES = RecordShape(
    "sizes",
    (
        Key("sizes", WordChoice((VERSION,)), "The format of this file.", required=True, field="_format"),
        Key("server", TextShape(), "What was measured: its kind and version."),
        Key("measured", TextShape(r"^\d{4}-\d\d-\d\d$", "a day, YYYY-MM-DD"), "When.", required=True),
        Key(
            "tables",
            Named(TextShape(r"^[^.]+(\.[^.]+)?$", "table or schema.table", null=True), TABLE, _measured),
            "The tables: table or schema.table.",
            required=True,
        ),
    ),
    lambda _format, measured, tables, server="": Document(server, measured, tables),
    place=False,
)


def json_schema() -> dict[str, Json]:
    """The JSON Schema of a file of sizes, draft 2020-12."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        "title": "migration-lint sizes",
        "description": "How large the tables of a running database are.",
        **record_schema(SIZES),
    }


@lru_cache(maxsize=4)
def parse_sizes(path: str, data: bytes) -> Document:
    """What a file says. Raises CannotJudge with everything that is wrong in it."""
    document = read_document(path, data, "file of sizes")
    problems = list(document.problems)
    found = Reader(document, problems, "the file of sizes").whole(document.root, SIZES)
    if problems or found is None or isinstance(document.root, Broken):
        raise CannotJudge.of(sorted(problems, key=lambda problem: (problem.line, problem.column)))
    made: Document = found
    return made


def write_sizes(document: Document, left_out: Iterable[str] = ()) -> str:
    """The text of a file of sizes; `left_out` are tables that it has no way to name."""
    import json

    lines = [
        "# How large the tables of a running database are, for estimates of how long a migration takes.",
        "# `migration-lint sizes --database-url URL` writes this file anew.",
        *(f"# left out, because of the dot in its name: {json.dumps(each)}" for each in left_out),
        f"sizes: {VERSION}",
        f"server: {json.dumps(document.server)}",
        f"measured: {document.measured}",
        "tables:" if document.tables else "tables: {}",
    ]
    for each in document.tables:
        # What stands in quotes is a name whatever it looks like: null, 12e4, a: b.
        lines.append(f"  {json.dumps(each.name, ensure_ascii=False)}: {{{_said(each.size)}}}")
    return "\n".join(lines) + "\n"


def _said(size: TableSize) -> str:
    said: Mapping[str, object] = {
        "rows": size.rows,
        "bytes": size.bytes,
        "indexes": size.indexes,
        **({} if size.writes is None else {"writes-per-second": f"{size.writes:.1f}"}),
    }
    return ", ".join(f"{key}: {value}" for key, value in said.items())
