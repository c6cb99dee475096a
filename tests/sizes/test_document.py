"""The file of sizes: what it says, what is wrong in one, and that its JSON Schema says the same."""

from __future__ import annotations

import jsonschema
import pytest
import yaml

from migration_lint.errors import CannotJudge
from migration_lint.sizes.document import Document, Measured, json_schema, parse_sizes, write_sizes
from migration_lint.sizes.model import TableSize

TABLES = (
    Measured("public.audit", TableSize(410_000_000, 61_000_000_000, 3, 1900.5)),
    Measured("app.null", TableSize(0, 0, 0)),
    Measured("Überweisung: neu", TableSize(12, 8192, 1, 0.0)),
)


def parsed(text: str) -> Document:
    return parse_sizes("migration-lint.sizes.yaml", text.encode())


def test_what_is_written_is_read() -> None:
    written = write_sizes(Document("PostgreSQL 16.2", "2026-11-02", TABLES), ["public.a.b"])
    found = parsed(written)
    assert [each._replace(line=0) for each in found.tables] == list(TABLES)
    assert found[:2] == ("PostgreSQL 16.2", "2026-11-02")
    assert '# left out, because of the dot in its name: "public.a.b"' in written


def test_an_empty_database_is_read_too() -> None:
    assert parsed(write_sizes(Document("SQLite 3.40", "2026-11-02"))).tables == ()


START = "sizes: migration-lint/v1\nmeasured: 2026-11-02\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", " the file is empty"),
        ("- audit", "1:1: the file of sizes must have keys (sizes, server, measured, tables), found a list"),
        ("tables: {}", '1:1: "sizes" is missing in the file of sizes'),
        ("sizes: v2\nmeasured: 2026-11-02\ntables: {}", '1:8: sizes must be migration-lint/v1, found "v2"'),
        ("sizes: migration-lint/v1\nmeasured: today\ntables: {}", "2:11: measured must be a day, YYYY-MM-DD"),
        (
            START + "tables:\n  audit: {rows: many, bytes: 1}",
            "4:17: tables.audit.rows must be a",
        ),
        (START + "tables:\n  audit: {rows: -1, bytes: 1}", "4:17: tables.audit.rows must be a"),
        (START + "tables:\n  audit: {rows: 1.5, bytes: 1}", "4:17: tables.audit.rows must be a"),
        (START + "tables:\n  audit: {rows: '1', bytes: 1}", "4:17: tables.audit.rows must be a"),
        (
            START + f"tables:\n  audit: {{rows: {'9' * 30}, bytes: 1}}",
            "4:17: tables.audit.rows must be a",
        ),
        (START + "tables:\n  audit: {rows: 1}", '4:3: "bytes" is missing in tables.audit'),
        (
            START + "tables:\n  audit: {rows: 1, bytes: 1, byte: 2}",
            '4:30: unknown key "byte"',
        ),
        (START + "tables:\n  a.b.c: {rows: 1, bytes: 1}", "4:3: the key"),
        (START + "tables:\n  a: {rows: 1, bytes: 1}\n  a: {rows: 1, bytes: 1}", "5:3: "),
        (START + "tables:\n  a: &x {rows: 1, bytes: 1}\n  b: *x", "5:6: "),
        (START + "tables: [", "4:1: not YAML"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text: str, said: str) -> None:
    with pytest.raises(CannotJudge) as caught:
        parsed(text)
    assert any(f"migration-lint.sizes.yaml:{said}" in str(each) for each in caught.value.problems), [
        str(each) for each in caught.value.problems
    ]


def test_the_json_schema_takes_what_is_written_and_refuses_what_is_not_read() -> None:
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)

    assert validator.is_valid(_plain(write_sizes(Document("PostgreSQL 16.2", "2026-11-02", TABLES))))
    for wrong in (
        "tables: {}",
        START + "tables:\n  audit: {rows: many, bytes: 1}",
        START + "tables:\n  audit: {rows: -1, bytes: 1}",
        START + "tables:\n  audit: {rows: 1}",
        START + "tables:\n  audit: {rows: 1, bytes: 1, byte: 2}",
    ):
        assert not validator.is_valid(_plain(wrong)), wrong


def _plain(text: str) -> object:
    """As an editor's YAML 1.2 reads it: a day is a text."""
    loaded = yaml.safe_load(text)
    if "measured" in loaded:
        loaded["measured"] = str(loaded["measured"])
    return loaded
