"""Texts of arguments: the one expression, name, type … that belongs in its place, or not."""

from __future__ import annotations

import pytest

from migration_lint.operations import Dialect
from migration_lint.reading.sql import fragments
from migration_lint.reading.sql.fragments import Fragment, NotOne


@pytest.mark.parametrize(
    "text",
    [
        "now()",
        "'it''s; fine -- really'",
        "'{}'::jsonb",
        "now() AT TIME ZONE 'utc'",
        "(a IS NULL) = (b IS NULL)",
        "a IS NOT DISTINCT FROM b",
        "CASE WHEN a THEN 1 ELSE 2 END",
        "a::timestamp with time zone",
        "extract(epoch FROM a)",
        "status IN ('a', 'b') AND NOT b",
        "interval '1 day'",
        "(SELECT max(a) FROM t)",
        "count(*) FILTER (WHERE a) OVER (w)",
        "/* said */ 1 -- once\n",
        "partition IS NOT NULL AND update > 1",
        "a OPERATOR(public.=) b",
    ],
)
def test_one_expression(text: str) -> None:
    assert isinstance(fragments.expression(text, "postgresql"), Fragment)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("'a') STORED; ALTER TABLE t DROP c; --", "a comment hides what comes behind it"),
        ("'a') STORED; ALTER TABLE t DROP c", 'a ")" closes what was opened before it'),
        ("1; DROP TABLE t", "a semicolon ends the statement"),
        ("0, DROP COLUMN c", "a comma parts it"),
        ("0 NOT NULL REFERENCES t", "REFERENCES is no part of an expression"),
        ("1 STORED", "STORED is no part of an expression"),
        ("1 x", "x cannot follow what stands before it"),
        ("SELECT 1", "SELECT is no part of an expression"),
        ("(1", 'a ")" is missing'),
        ("'a", "a string in it does not end"),
        ("1 /*", "a comment in it does not end"),
        ("", "it is empty"),
    ],
)
def test_no_expression(text: str, why: str) -> None:
    assert fragments.expression(text, "postgresql") == NotOne(why)


def test_an_expression_says_what_it_calls() -> None:
    found = fragments.expression("lower(tidy(a)) || other.swap(b)", "postgresql")
    assert isinstance(found, Fragment)
    assert found.calls == ("tidy", "swap")


def test_mysql_writes_on_update_behind_a_default() -> None:
    text = "CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3)"
    assert isinstance(fragments.expression(text, "mysql", on_update=True), Fragment)
    assert isinstance(fragments.expression(text, "mysql"), NotOne)
    assert isinstance(fragments.expression(text, "postgresql", on_update=True), NotOne)


@pytest.mark.parametrize(
    "text",
    [
        "a public.gin_trgm_ops",
        "lower(a) gist_trgm_ops(siglen=32) DESC",
        "a",
        "a DESC NULLS LAST",
        "lower(a) text_pattern_ops DESC",
        "(a || b)",
    ],
)
def test_an_item_of_an_index(text: str) -> None:
    assert isinstance(fragments.index_item(text, "postgresql"), Fragment)


@pytest.mark.parametrize(
    ("made", "right", "wrong"),
    [
        (fragments.name, ["pg_default", 's."a b"'], ["pg_default; DROP TABLE t", "a b", "a.", "f()", "1"]),
        (
            fragments.type,
            ["int", "numeric(10, 2)[]", "timestamp(3) with time zone", 's.t COLLATE "C"', "enum('a', 'b')"],
            ["int, DROP COLUMN c", "text NOT NULL", "text DEFAULT 'a'", "text USING a", "int)", "int = 1"],
        ),
        (
            fragments.options,
            ["50", "RANGE (a)", "fillfactor = 50, a = 'b'"],
            ["50); ALTER TABLE t DROP c; --", "RANGE (a); DROP TABLE t", "(a) AS SELECT tidy()"],
        ),
    ],
)
@pytest.mark.parametrize("dialect", ["postgresql", "mysql"])
def test_names_types_and_options(made: object, right: list[str], wrong: list[str], dialect: Dialect) -> None:
    assert callable(made)
    for text in right:
        if dialect == "postgresql" or '"' not in text:
            assert isinstance(made(text, dialect), Fragment), text
    for text in wrong:
        assert isinstance(made(text, dialect), NotOne), text


def test_prefixes_are_words_of_a_list() -> None:
    allowed = ("TEMPORARY", "UNLOGGED")
    assert isinstance(fragments.keywords("temporary", "postgresql", allowed), Fragment)
    assert fragments.keywords("TABLE z (i int); DROP", "postgresql", allowed) == NotOne(
        "a semicolon ends the statement"
    )
    assert fragments.keywords("TABLE z", "postgresql", allowed) == NotOne(
        '"TABLE" is none of TEMPORARY, UNLOGGED'
    )
