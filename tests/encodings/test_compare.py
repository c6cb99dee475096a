"""Whether one side can read what the other writes."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from migration_lint.encodings import NAMES, Clash, EncodingSide, clashes, worker
from migration_lint.encodings import compare as comparing
from migration_lint.encodings.covering import covers
from migration_lint.encodings.vectors import vectors
from migration_lint.errors import CannotJudge

TEXTS = {"json": {"type": "array", "items": {"type": "string"}}}
#: Not plain to see, so that it has to be tried.
ANY_OBJECT = {"json": {"type": "object", "additionalProperties": True}}
OBJECTS = {"json": {"type": "object", "properties": {"kind": {"type": "string"}}, "required": ["kind"]}}


@pytest.fixture
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Schemas that do no harm are tried here: a worker takes half a second to start."""
    monkeypatch.setattr(comparing, "ask", lambda question: worker.answer(question["pair"]))
    comparing._tried_apart.cache_clear()


def found(producer: Any, consumer: Any) -> tuple[Clash, ...]:
    return clashes(
        producer if isinstance(producer, EncodingSide) else EncodingSide(producer),
        consumer if isinstance(consumer, EncodingSide) else EncodingSide(consumer),
    )


@pytest.mark.parametrize(
    ("producer", "consumer"),
    [
        *((name, name) for name in NAMES),
        *((name, "text") for name in NAMES),
        ("protobuf", "protobuf"),
        ("integer", "number"),
        ("number", None),
        (None, "json"),
        ("date", "iso8601"),
        (TEXTS, TEXTS),
        (TEXTS, "json"),
        (TEXTS, {"json": {"type": "array"}}),
        ({"json": {"enum": ["a"]}}, {"json": {"type": "string"}}),
        ({"json": {"type": "integer", "minimum": 0}}, {"json": {"type": "number"}}),
        (EncodingSide(TEXTS, ('["a"]', "[]")), TEXTS),
        ({"json": {"$ref": "#/$defs/a", "$defs": {"a": {"type": "string"}}}}, {"json": {"type": "string"}}),
        (OBJECTS, {"json": {"type": "object"}}),
        (OBJECTS, {"json": {"type": "object", "properties": {"kind": {"type": "string"}}}}),
    ],
)
@pytest.mark.usefixtures("in_this_process")
def test_the_consumer_reads_all_of_it(producer: Any, consumer: Any) -> None:
    assert found(producer, consumer) == ()


@pytest.mark.parametrize(
    ("producer", "consumer", "example", "reason"),
    [
        ("text", TEXTS, "two words", "is no JSON: Expecting value: line 1 column 1 (char 0)"),
        ("text", "base64", "two words", "is no base64"),
        ("hex", "base64", "00ff10", "is no base64"),
        ("iso8601", "date", "2026-03-02T10:20:30Z", "is no ISO 8601 date"),
        ("protobuf", "json", None, "protobuf is no encoding that is known here"),
        (
            {"json": {"type": "array", "items": {"const": 0}}},
            TEXTS,
            "[0]",
            "does not fit at [0]: 0 is not of type 'string'",
        ),
        (TEXTS, {"json": {"type": "object"}}, "[]", "does not fit: [] is not of type 'object'"),
        (TEXTS, {"json": {"maxItems": 0}}, '[""]', "does not fit"),
        ({"json": {"type": "object"}}, OBJECTS, "{}", "does not fit: 'kind' is a required property"),
        ({"json": {"type": "arr"}}, TEXTS, None, "the JSON Schema is not valid: 'arr' is not valid"),
        (TEXTS, {"json": {"type": 3}}, None, "the JSON Schema is not valid: 3 is not valid"),
    ],
)
@pytest.mark.usefixtures("in_this_process")
def test_a_value_that_the_consumer_cannot_read(
    producer: Any, consumer: Any, example: str | None, reason: str
) -> None:
    [clash] = found(producer, consumer)
    assert (clash.kind, clash.example) == ("encoding", example)
    assert clash.reason.startswith(reason)


@pytest.mark.parametrize(
    ("producer", "consumer", "by", "example"),
    [
        (EncodingSide("json", ("{}", "no json")), EncodingSide("json"), "producer", "no json"),
        (EncodingSide(TEXTS, ("[1]",)), EncodingSide(None), "producer", "[1]"),
        (EncodingSide(TEXTS), EncodingSide(TEXTS, ('"a"',)), "consumer", '"a"'),
        (EncodingSide(None, ("a,b",)), EncodingSide(TEXTS), "producer", "a,b"),
    ],
)
@pytest.mark.usefixtures("in_this_process")
def test_an_example_that_a_side_cannot_read(
    producer: EncodingSide, consumer: EncodingSide, by: str, example: str
) -> None:
    [clash] = clashes(producer, consumer)
    assert (clash.kind, clash.by, clash.example) == ("example", by, example)


@pytest.mark.parametrize(
    ("producer", "consumer", "reason"),
    [
        ({"$ref": "https://example.com/schema.json"}, TEXTS["json"], "a `$ref` leads out of its schema, "),
        (TEXTS["json"], {"$ref": "https://example.com/schema.json"}, "a `$ref` leads out of its schema, "),
        ({"$ref": "file:///etc/passwd"}, TEXTS["json"], "a `$ref` leads out of its schema, "),
        ({"$ref": "#/nothing"}, TEXTS["json"], "a `$ref` leads out of its schema, "),
        (TEXTS["json"], {"$ref": "#"}, "a schema, or a value, goes too deep into itself"),
        ({"type": "array", "minItems": 10**9}, TEXTS["json"], "no value could be made that fits"),
        ({"not": {}}, TEXTS["json"], "no value could be made that fits the producer's schema"),
    ],
)
def test_what_cannot_be_tried_neither_agrees_nor_clashes(producer: Any, consumer: Any, reason: str) -> None:
    [clash] = found({"json": producer}, {"json": consumer})
    assert (clash.kind, clash.example) == ("undecided", None)
    assert clash.reason.startswith(reason)


@pytest.mark.parametrize(
    ("producer", "consumer", "decided"),
    [
        (OBJECTS, ANY_OBJECT, []),
        (TEXTS, OBJECTS, []),
        (EncodingSide(OBJECTS, ("[]",)), ANY_OBJECT, ["example"]),
    ],
)
def test_a_library_that_fails_has_no_say(
    producer: Any,
    consumer: Any,
    decided: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    broken = "def from_schema(schema):\n    raise AttributeError('no attribute more')\n"
    (tmp_path / "hypothesis_jsonschema.py").write_text(broken)
    monkeypatch.syspath_prepend(tmp_path)
    comparing._tried_apart.cache_clear()
    *before, last = found(producer, consumer)
    comparing._tried_apart.cache_clear()
    assert [each.kind for each in before] == decided
    assert (last.kind, last.example) == ("untried", None)
    assert last.reason == "hypothesis-jsonschema fails with AttributeError: no attribute more"


def test_no_vectors_are_made_of_what_is_none() -> None:
    with pytest.raises(CannotJudge, match="the example `no json` is no JSON: "):
        vectors("json", ("no json",))
    with pytest.raises(CannotJudge, match=r"the example `\[{37}\.\.\.` is nested too deeply"):
        vectors(TEXTS, ("[" * 5_000 + "]" * 5_000,))
    with pytest.raises(CannotJudge, match="no values can be made of the encoding, because no value could"):
        vectors({"json": {"not": {}}}, ())


def test_a_pattern_that_never_ends_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparing, "SECONDS", 3)
    start = time.monotonic()
    [clash] = found(
        EncodingSide(TEXTS, ('["' + "a" * 50 + '!"]',)), {"json": {"items": {"pattern": "^(a+)+$"}}}
    )
    assert time.monotonic() - start < 20
    assert (clash.kind, clash.reason) == ("undecided", "comparing the two takes more than 3 seconds")


@pytest.mark.parametrize(
    ("written", "read", "plain"),
    [
        ({"type": "string"}, {"type": "string"}, True),
        ({"type": "integer"}, {"type": "number"}, True),
        ({"type": "number"}, {"type": "integer"}, False),
        ({"type": ["string", "null"]}, {"type": "string"}, False),
        ({"type": "string"}, {"type": ["string", "null"]}, True),
        ({}, {"type": "string"}, False),
        ({"type": "string"}, {}, True),
        ({"type": "array"}, {"type": "array", "items": {"type": "string"}}, False),
        ({"type": "array", "items": {"type": "string"}}, {"type": "array"}, True),
        ({"type": "object"}, {"type": "object", "properties": {"a": {"type": "string"}}}, False),
        ({"type": "object", "required": ["a"]}, {"type": "object"}, True),
        ({"type": "object"}, {"type": "object", "required": ["a"]}, False),
        ({"type": "string", "maxLength": 3}, {"type": "string"}, False),
        ({"type": "string"}, {"type": "string", "maxLength": 3}, False),
        ({"type": "nothing"}, {"type": "nothing"}, False),
        (True, {"type": "string"}, False),
    ],
)
def test_what_is_plain_to_see_is_not_tried(written: Any, read: Any, plain: bool) -> None:
    assert covers(read, written) is plain
    if plain:
        assert found({"json": written}, {"json": read}) == ()
