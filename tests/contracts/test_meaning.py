"""What of a declaration is meaning, what is spelling, and how a declaration is written down."""

from __future__ import annotations

import pytest

from migration_lint.contracts.meaning import (
    acknowledgement_text,
    column_meaning,
    column_text,
    entry_text,
    need_text,
    table_meaning,
)
from migration_lint.contracts.model import TableDeclaration
from migration_lint.contracts.parse import parse_contract
from migration_lint.operations import Dialect


def table(*lines: str) -> TableDeclaration:
    text = "contract: migration-lint/v1\nid: w\nservice: w\nrole: producer\ntables:\n  t:\n"
    text += "".join(f"    {line}\n" for line in lines)
    return parse_contract(text.encode(), "c.yaml").tables[0]


def column(said: str, name: str = "a") -> str:
    """The column's declaration as the file has it, through the reader and back."""
    return column_text(table(f"columns: {{{name}: {{{said}}}}}").columns[0])


def same(one: str, other: str, dialect: Dialect = "postgresql") -> bool:
    first, second = (table(f"columns: {{a: {{{said}}}}}").columns[0] for said in (one, other))
    return column_meaning(first, dialect) == column_meaning(second, dialect)


SCHEMA = "type: jsonb, encoding: {json: "


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("type: int", "type: int4"),
        ("type: INTEGER", "type: int4"),
        ("type: character varying(50)", "type: VARCHAR (50)"),
        ("type: text, values: [a, b]", "type: text, values: [b, a]"),
        ("type: text, nullable: true", "nullable: true, type: text"),
        ("type: text, description: old", "type: text, description: new"),
        ("type: text, examples: [a]", "type: text, examples: [b]"),
        (SCHEMA + "{type: string, minLength: 1}}", SCHEMA + "{minLength: 1.0, type: string, title: x}}"),
        (SCHEMA + "{required: [a, b]}}", SCHEMA + "{required: [b, a]}}"),
        (SCHEMA + "{properties: {a: {description: x}}}}", SCHEMA + "{properties: {a: {}}}}"),
    ],
)
def test_the_same_meaning(one: str, other: str) -> None:
    assert same(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("type: int4", "type: int8"),
        ("type: text", "type: varchar"),
        ("type: text, nullable: true", "type: text, nullable: false"),
        ("type: text", "type: text, nullable: true"),
        ("type: text", "type: text, from: database"),
        ("type: text, values: [a]", "type: text, values: [a, b]"),
        ("type: text, encoding: base64", "type: text"),
        ("type: text, encoding: base64", "type: text, encoding: hex"),
        (SCHEMA + "{minimum: 1}}", SCHEMA + "{minimum: true}}"),
        (SCHEMA + "{properties: {description: {}}}}", SCHEMA + "{properties: {}}}"),
        (SCHEMA + "{const: {title: a}}}", SCHEMA + "{const: {}}}"),
        (SCHEMA + "{prefixItems: [{type: string}, {}]}}", SCHEMA + "{prefixItems: [{}, {type: string}]}}"),
    ],
)
def test_another_meaning(one: str, other: str) -> None:
    assert not same(one, other)


def test_the_dialect_says_which_types_are_the_same() -> None:
    assert same("type: bool", "type: tinyint(1)", "mysql")
    assert not same("type: bool", "type: smallint", "postgresql")


def test_the_meaning_of_an_entry() -> None:
    before = table(
        "columns: {a: {type: int}, b: {type: text}}",
        "needs: [{unique: [a, b], where: a  > 1}]",
        "acknowledges: {x: because}",
        "description: old",
    )
    after = table("needs: [{unique: [b, a], where: a > 1}]", "columns: {b: {type: text}, a: {type: int4}}")
    assert table_meaning(before, "postgresql") == table_meaning(after, "postgresql")
    other_index = table("needs: [{unique: [a]}]", "columns: {b: {type: text}, a: {type: int4}}")
    assert table_meaning(before, "postgresql") != table_meaning(other_index, "postgresql")


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("nullable: false, type: text", "a: {type: text, nullable: false}"),
        ("type: 'numeric(10, 2)'", 'a: {type: "numeric(10, 2)"}'),
        (
            "type: timestamp with time zone, from: database",
            "a: {type: timestamp with time zone, from: database}",
        ),
        (
            "type: text, values: ['yes', 'b c', '12', 'x: y']",
            'a: {type: text, values: ["yes", b c, "12", "x: y"]}',
        ),
        (
            "type: jsonb, encoding: {json: {type: array, minItems: 1, items: {}}}, examples: ['[]']",
            "a: {type: jsonb, encoding: {json: {type: array, minItems: 1, items: {}}}}",
        ),
        ("type: text, encoding: base64", "a: {type: text, encoding: base64}"),
    ],
)
def test_a_declaration_as_yaml(said: str, text: str) -> None:
    assert column(said) == text
    assert column(text.partition(": ")[2][1:-1]) == text, "what is proposed reads back as itself"


def test_a_declaration_with_other_words() -> None:
    declared = table("columns: {a: {type: text}}").columns[0]
    assert (
        column_text(declared, name="no", type="int4", nullable=False) == '"no": {type: int4, nullable: false}'
    )


def test_an_entry_and_an_acknowledgement_as_yaml() -> None:
    assert entry_text("t", ["a: {type: text}"]) == "t:\n  columns:\n    a: {type: text}"
    assert entry_text("t", []) == "t:\n  columns: {}"
    assert acknowledgement_text("0012", "because") == "acknowledges:\n  0012: because"
    assert acknowledgement_text("a: b", "because") == 'acknowledges:\n  "a: b": because'


def test_a_need_as_a_line() -> None:
    needs = table(
        "needs:",
        "  - {unique: [a, b], where: a > 1}",
        "  - {foreign_key: [a], references: t, referenced_columns: [id], on_delete: cascade}",
    ).needs
    assert [need_text(need) for need in needs] == [
        "unique (a, b) where a > 1",
        "foreign key (a) references t (id) on delete cascade",
    ]
