"""One file → a contract, or every error of it with its place."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from migration_lint.contracts.model import (
    Acknowledgement,
    CodeBinding,
    ColumnDeclaration,
    Contract,
    Need,
    Retired,
    TableDeclaration,
    contract_from_json,
    contract_to_json,
)
from migration_lint.contracts.parse import parse_contract
from migration_lint.errors import CannotJudge
from migration_lint.yaml_document import MAX_BYTES

WORKER = """\
contract: migration-lint/v1
id: worker.producer                 # identity, whatever the path
service: worker
role: producer
owner: "@example/worker"
tables:
  deployment_events:
    columns:
      deployment_id: {type: uuid, nullable: false}
      kind:          {type: text, nullable: false, values: [failure_autopsy]}
      last_lines:
        type: jsonb
        nullable: false
        encoding: {json: {type: array, items: {type: string}}}
        examples: ['["npm ERR! code ELIFECYCLE", ""]', '[]']
      hint:          {type: text}
    needs:
      - unique: [deployment_id, kind]
        where: kind = 'failure_autopsy'
      - {index: [created_at]}
      - {foreign_key: [deployment_id], references: deployments, referenced_columns: [id], on_delete: cascade}
    code:
      - {path: internal/autopsy.go, symbol: upsertAutopsyRow, statement: insert, order: exact}
    retired: {cause: "2026-03-02"}
    acknowledges:
      4f1c2a9d7b31: hint is not read by this side
  audit.log:
    columns:
      id: {type: int8, from: database, encoding: base64, description: for people}
    consumers: none
    description: nobody reads it
"""

HEAD = "contract: migration-lint/v1\nid: w\nservice: w\nrole: producer\n"


def problems(text: str | bytes) -> str:
    data = text if isinstance(text, bytes) else text.encode()
    with pytest.raises(CannotJudge) as raised:
        parse_contract(data, "c.yaml")
    return str(raised.value)


def entry(text: str) -> str:
    """A contract that says `text` of the table t."""
    indented = "".join(f"    {line}\n" for line in text.splitlines())
    return f"{HEAD}tables:\n  t:\n{indented}"


def table(text: str) -> TableDeclaration:
    return parse_contract(entry(text).encode(), "c.yaml").tables[0]


def test_all_that_a_contract_can_say() -> None:
    assert parse_contract(WORKER.encode(), "contracts/worker.yaml", "c0ffee") == Contract(
        id="worker.producer",
        service="worker",
        role="producer",
        owner="@example/worker",
        path="contracts/worker.yaml",
        content_id="c0ffee",
        line=2,
        tables=(
            TableDeclaration(
                name="deployment_events",
                line=7,
                columns=(
                    ColumnDeclaration(name="deployment_id", line=9, type="uuid", nullable=False),
                    ColumnDeclaration(
                        name="kind", line=10, type="text", nullable=False, values=("failure_autopsy",)
                    ),
                    ColumnDeclaration(
                        name="last_lines",
                        line=11,
                        type="jsonb",
                        nullable=False,
                        encoding={"json": {"type": "array", "items": {"type": "string"}}},
                        examples=('["npm ERR! code ELIFECYCLE", ""]', "[]"),
                    ),
                    ColumnDeclaration(name="hint", line=16, type="text", nullable=None),
                ),
                needs=(
                    Need(
                        kind="unique",
                        line=18,
                        columns=("deployment_id", "kind"),
                        where="kind = 'failure_autopsy'",
                    ),
                    Need(kind="index", line=20, columns=("created_at",)),
                    Need(
                        kind="foreign_key",
                        line=21,
                        columns=("deployment_id",),
                        references="deployments",
                        referenced_columns=("id",),
                        on_delete="cascade",
                    ),
                ),
                code=(
                    CodeBinding(
                        line=23,
                        path="internal/autopsy.go",
                        symbol="upsertAutopsyRow",
                        statement="insert",
                        order="exact",
                    ),
                ),
                retired=(Retired(name="cause", line=24, since="2026-03-02"),),
                acknowledges=(
                    Acknowledgement(revision="4f1c2a9d7b31", line=26, reason="hint is not read by this side"),
                ),
            ),
            TableDeclaration(
                name="audit.log",
                line=27,
                columns=(
                    ColumnDeclaration(
                        name="id",
                        line=29,
                        type="int8",
                        from_database=True,
                        encoding="base64",
                        description="for people",
                    ),
                ),
                consumers="none",
                description="nobody reads it",
            ),
        ),
    )


def test_a_table_name_may_have_a_schema() -> None:
    _, log = parse_contract(WORKER.encode(), "c.yaml").tables
    assert (log.schema, log.table) == ("audit", "log")


def test_through_json_and_back() -> None:
    contract = parse_contract(WORKER.encode(), "here.yaml", "id1")
    stored = json.loads(json.dumps(contract_to_json(contract)))
    assert contract_from_json(stored, "here.yaml", "id1") == contract
    assert stored == contract_to_json(parse_contract(WORKER.encode(), "elsewhere.yaml", "id2"))


@pytest.mark.parametrize("name", ["no", "on", "y", "null", "~", "0012", "1e10", "2026-03-02", "=", "<<"])
def test_a_name_is_what_is_written(name: str) -> None:
    read = table(f"columns: {{{name}: {{type: text}}}}\nneeds: [{{unique: [{name}]}}]")
    assert read.columns[0].name == name
    assert read.needs[0].columns == (name,)


@pytest.mark.parametrize(
    "revision",
    ["4f1c2a9d7b31", "123456789012", "0012", "0o14", "1e10", "1_000", "12:30", "null", ".inf", "0x1f"],
)
def test_a_revision_id_is_what_is_written(revision: str) -> None:
    assert table(f"acknowledges: {{{revision}: because}}").acknowledgement(revision) is not None


def test_dates_numbers_and_words_are_text() -> None:
    read = table("retired: {cause: 2026-03-02}\ncolumns: {a: {type: text, values: [007, no, 1.50]}}")
    assert read.retired[0].since == "2026-03-02"
    assert read.columns[0].values == ("007", "no", "1.50")


@pytest.mark.parametrize(
    "since",
    [
        *("2026-13-02", "2026-02-30", "2026-13", "13.13.2026", "13.12.2026", "2. 3. 2026", "2026.13.13"),
        *("2026/03/02", "13/13/2026", "20261313", "13-13-2026", "2026 13 13", "13.2026", "99.99.9999 by api"),
    ],
)
def test_a_day_that_there_is_not(since: str) -> None:
    said = problems(entry(f"retired: {{cause: '{since}'}}"))
    assert said.startswith(f'c.yaml:7: t.cause is retired since "{since}", which is no date\n'), said
    assert said.endswith("fix: write the day as YYYY-MM-DD, or say in words since when")


@pytest.mark.parametrize(
    "since",
    [
        *("2026-03-02", "2026-03", "2026", "2026-03-02T10:00:00Z", "2026-03-02 (see the wiki)", "2026.03.02"),
        *("1.2.3", "v2.4", "2.4", "release 7", "13. May 2026", "10 days before release 3", "long ago"),
    ],
)
def test_a_day_that_there_is_or_words(since: str) -> None:
    assert table(f"retired: {{cause: '{since}'}}").retired[0].since == since


def test_a_json_schema_is_read_as_json() -> None:
    numbers = "minimum: 1, maximum: 1.5, c: 010, d: 0x10"
    schema = f"{{{numbers}, const: null, no: no, a: true, b: 'true', e: [2026-03-02]}}"
    [column] = table(f"columns: {{a: {{type: jsonb, encoding: {{json: {schema}}}}}}}").columns
    assert column.encoding == {
        "json": {
            "minimum": 1,
            "maximum": 1.5,
            "const": None,
            "no": "no",
            "a": True,
            "b": "true",
            "c": 10,
            "d": 16,
            "e": ["2026-03-02"],
        }
    }


def test_a_byte_order_mark_and_windows_lines() -> None:
    data = b"\xef\xbb\xbf" + WORKER.replace("\n", "\r\n").encode()
    assert parse_contract(data, "c.yaml") == parse_contract(WORKER.encode(), "c.yaml")


def test_every_error_at_once() -> None:
    assert problems(
        """\
contract: migration-lint/v1
id: two words
service:
tables:
  t:
    colums: {}
    columns:
      a:
      b: {type: [text], nullable: yes}
      c: {nullable: false, nullable: true}
    needs: [{where: x}, {unique: [a], index: [b]}, {unique: []}, {unique: [a, a]}]
    code: [{path: x.go, statement: inserts}]
    acknowledges: {1: "", 2: " ", 3: <why this is safe>}
  a.b.c: {}
"""
    ) == (
        """\
c.yaml:1:1: "role" is missing in the contract
  fix: add role: producer or consumer
c.yaml:2:5: id must be a word without spaces, found "two words"
c.yaml:3:9: service is empty
  fix: write text
c.yaml:6:5: unknown key "colums" in tables.t
  fix: did you mean columns?
c.yaml:8:9: tables.t.columns.a must have keys \
(type, nullable, from, values, encoding, examples, description), found nothing
c.yaml:9:17: tables.t.columns.b.type must be text, found a list
c.yaml:9:35: tables.t.columns.b.nullable must be true or false, found "yes"
  fix: write true
c.yaml:10:7: "type" is missing in tables.t.columns.c
  fix: add type:
c.yaml:10:28: the key "nullable" stands here again: it is in line 10 already
  fix: keep one of the two
c.yaml:11:13: tables.t.needs[1] must have one of the keys unique, index or foreign_key, found 0
  fix: write one of them
c.yaml:11:25: tables.t.needs[2] must have one of the keys unique, index or foreign_key, found 2
  fix: write one of them
c.yaml:11:61: tables.t.needs[3].unique is empty
  fix: list something, or remove the key
c.yaml:11:79: tables.t.needs[4].unique lists a twice
  fix: remove one of the two
c.yaml:12:36: tables.t.code[1].statement must be insert, select, update or delete, found "inserts"
  fix: did you mean insert?
c.yaml:13:23: tables.t.acknowledges.1 is empty
  fix: write the reason why it is safe, in words
c.yaml:13:30: tables.t.acknowledges.2 is empty
  fix: write the reason why it is safe, in words
c.yaml:13:38: tables.t.acknowledges.3 still holds <why this is safe>
  fix: write the reason why it is safe, in words
c.yaml:14:3: the key "a.b.c" in tables must be table or schema.table, found "a.b.c\""""
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "c.yaml: the file is empty\n  fix: write a contract into it, or delete the file"),
        ("# nothing\n", "c.yaml: the file is empty\n  fix: write a contract into it, or delete the file"),
        ("---\n", "c.yaml: the file is empty\n  fix: write a contract into it, or delete the file"),
        (
            "- a\n",
            "c.yaml:1:1: the file is not a contract: it holds no keys\n"
            "  fix: begin it with contract: migration-lint/v1",
        ),
        (
            "contract: migration-lint/v2\nanything: else\n",
            'c.yaml:1:11: unknown contract format "migration-lint/v2"\n'
            "  fix: write migration-lint/v1, or use a release of migration-lint that knows this format",
        ),
        (
            "apiVersion: v3.0.2\nkind: DataContract\nschema: []\n",
            "c.yaml:1:1: the document does not say whose contract it is\n"
            "  fix: add customProperties: [{property: migrationLint, "
            "value: {role: consumer, service: NAME}}]",
        ),
        (
            "contact: migration-lint/v1\nid: w\nservice: w\nrole: producer\ntables: {}\n",
            'c.yaml:1:1: unknown key "contact" in the contract\n  fix: did you mean contract?',
        ),
        (
            HEAD + "tables:\n\tt: {}\n",
            "c.yaml:6:1: found a tab\n  fix: indent with spaces",
        ),
        (
            HEAD + "tables:\n  t:\n  \tcolumns: {}\n",
            "c.yaml:7:3: found a tab\n  fix: indent with spaces",
        ),
        (
            HEAD + "tables: {}\n---\n" + HEAD,
            "c.yaml:6:1: a second document begins here\n  fix: write one contract per file",
        ),
        (
            HEAD + "tables: {}\nowner: a\x07b\n",
            "c.yaml:6:9: found a control character, U+0007\n"
            "  fix: remove it, or write it as an escape between double quotes",
        ),
        (
            HEAD + "tables: &all {}\nowner: *all\n",
            "c.yaml:5:9: found an anchor, &all\n  fix: remove it, or quote it with the text that it begins\n"
            "c.yaml:6:8: found an alias, *all\n  fix: write the value out, or quote it if it is a text",
        ),
        (
            HEAD + "tables: !!python/object:os.system {}\n",
            "c.yaml:5:9: found a tag, !!python/object:os.system\n"
            "  fix: remove it: contracts have no use for tags",
        ),
        (
            HEAD + "tables: *all\n",
            "c.yaml:5:9: found an alias, *all\n  fix: write the value out, or quote it if it is a text",
        ),
        (
            HEAD + "tables: {}\n? [a]\n: b\n",
            "c.yaml:6:3: a key must be text, not a list\n  fix: write the key as one word, or quote it",
        ),
        (
            HEAD + "tables:\n",
            "c.yaml:5:8: tables must map names to what is said of them, found nothing\n"
            "  fix: write {} for none, or remove the key",
        ),
        (
            entry("producers: none"),
            'c.yaml:6: a producer cannot say "producers: none" of t: it is one of them itself\n'
            "  fix: remove producers",
        ),
        (
            entry("columns: {cause: {type: text}}\nretired: {cause: long ago}"),
            "c.yaml:8: t.cause is retired and declared at once\n"
            "  fix: remove cause from columns or from retired",
        ),
        (
            entry("columns: {a: {type: jsonb, encoding: {json: text}}}"),
            'c.yaml:7:49: tables.t.columns.a.encoding.json must be a JSON Schema, found "text"\n'
            "  fix: write it as keys, such as type: array",
        ),
        (
            entry("columns: {a: {type: jsonb, encoding: {json: {minimum: 1e999}}}}"),
            "c.yaml:7:59: 1e999 is too large a number\n  fix: write a smaller one",
        ),
        (
            entry("needs: [{foreign_key: [a], references: b (id)}]"),
            "c.yaml:7:44: tables.t.needs[1].references must be a table, `table` or `schema.table`, "
            'found "b (id)"',
        ),
        (
            entry("needs: [{unique: [a], references: b}]"),
            'c.yaml:7:27: unknown key "references" in tables.t.needs[1]\n'
            "  fix: remove it: the keys here are unique, where",
        ),
        (
            entry("needs: [{foreign_key: [a]}]"),
            'c.yaml:7:13: "references" is missing in tables.t.needs[1]\n  fix: add references:',
        ),
        (
            entry("columns: {a: {type: text, nullable: 'true'}}"),
            'c.yaml:7:41: tables.t.columns.a.nullable must be true or false, found "true"\n  fix: write true',
        ),
        (
            entry("columns: {a: {type: text, from: db}}"),
            'c.yaml:7:37: tables.t.columns.a.from must be database, found "db"',
        ),
    ],
)
def test_one_clear_message(text: str, said: str) -> None:
    assert problems(text) == said


def test_yaml_that_cannot_be_parsed_names_the_line() -> None:
    assert problems(HEAD + "tables: {t: {columns: {}\n").startswith("c.yaml:6:1: not YAML: ")


def test_a_file_that_is_not_utf_8() -> None:
    assert problems(HEAD.encode() + b"owner: caf\xe9\n") == (
        "c.yaml:5: the file is not UTF-8: byte 0xe9\n  fix: save it as UTF-8"
    )
    assert "not UTF-8" in problems(WORKER.encode("utf-16"))


def test_a_file_that_nobody_wrote_by_hand() -> None:
    assert "the file has 1,000,001 bytes" in problems(b"#" * (MAX_BYTES + 1))
    bomb = "a: &a [x,x]\n" + "".join(f"b{n}: &b{n} [*a,*a,*a]\n" for n in range(200))
    assert problems(bomb).count("found an alias") == 600


@pytest.mark.parametrize("depth", [61, 500, 1_100, 10_000])
@pytest.mark.parametrize(
    ("before", "opening", "column"),
    [
        ("", "[", 68),
        ("", "{", 68),
        ("", "{a: ", 245),
        ("", "[ # a comment with [[[\n ", 2),
        ("", "[\"a]\", 'b]', ", None),
        ("\n", "- ", 119),
        ("\n - a: [']', \"]\", a']\n   b:\n    - [1]\n    ", "- ", None),
    ],
    ids=["lists", "mappings", "keys", "comments", "quotes", "items", "items behind other things"],
)
def test_whatever_is_nested_deeper_than_people_write(
    before: str, opening: str, column: int | None, depth: int
) -> None:
    said = problems(f"{HEAD}tables: {before}{opening * depth}")
    assert "nested deeper than 60 levels\n  fix: make it flatter" in said
    if column is not None:
        assert said.partition(": nested")[0].endswith(f":{column}")


def test_a_mapping_of_mappings_of_mappings() -> None:
    said = problems(HEAD + "".join(f"{' ' * level}a{level}:\n" for level in range(1_200)))
    assert said.endswith("nested deeper than 60 levels\n  fix: make it flatter")


def test_what_is_flat_and_broken_is_not_called_deep() -> None:
    many = "".join(f"  - {{a: [{n}, '[', \"]\"]}}  # [[[\n" for n in range(500))
    assert "nested" not in problems(f"{HEAD}tables:\n{many}  - it's [\n - b\n")
    assert "nested" not in problems(HEAD + "tables:\n" + "  - a\n" * 2_000 + "   b: [\n")


def test_a_duplicate_key_names_both_lines() -> None:
    assert problems(WORKER + "  deployment_events: {}\n") == (
        'c.yaml:32:3: the key "deployment_events" stands here again: it is in line 7 already\n'
        "  fix: keep one of the two"
    )


def outcome_of(data: bytes) -> Contract | None:
    """Whatever the bytes are: a contract, or problems that can be shown."""
    try:
        contract = parse_contract(data, "c.yaml")
    except CannotJudge as error:
        return None if error.problems and str(error) else pytest.fail("an error that says nothing")
    assert contract_from_json(json.loads(json.dumps(contract_to_json(contract))), "c.yaml") == contract
    return contract


@given(
    st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass"))
)
@settings(max_examples=150, deadline=None)
def test_any_bytes_are_a_contract_or_a_problem(data: bytes) -> None:
    outcome_of(data)


SNIPPETS = [
    "\t",
    "*a",
    "&a ",
    "!!int ",
    "{",
    "}",
    "[",
    "]",
    ": ",
    "- ",
    "null",
    "~",
    "'",
    '"',
    "\n",
    "? ",
    "<<: ",
    "|",
    "",
    "é",
    "1e10",
]


@given(
    st.lists(
        st.tuples(st.integers(0, len(WORKER)), st.integers(0, 12), st.sampled_from(SNIPPETS)),
        min_size=1,
        max_size=4,
    )
)
@settings(max_examples=250, deadline=None)
def test_any_damage_is_a_contract_or_a_problem(edits: list[tuple[int, int, str]]) -> None:
    text = WORKER
    for at, removed, inserted in edits:
        text = text[:at] + inserted + text[at + removed :]
    outcome_of(text.encode())
