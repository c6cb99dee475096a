"""CASCADE, and DROP SCHEMA with and without it: what is said of a statement is said in its own words."""

from __future__ import annotations

from pathlib import Path

import pytest

from .projects import Runner, revision

_MADE = (
    "CREATE SCHEMA empty; CREATE SCHEMA full; CREATE TABLE full.days (day date);"
    "CREATE TYPE mood AS ENUM ('ok'); CREATE DOMAIN note AS text; CREATE SEQUENCE numbers;"
    "CREATE TABLE team (id int PRIMARY KEY, code text); CREATE VIEW teams AS SELECT id FROM team"
)
_DROPPED = "data-dropped-with-cascade"
_SCHEMA = "data-schema-dropped"
_REFUSED = "compat-change-refused"


def found(statement: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    """The messages on a statement, by rule."""
    before = revision(f"op.execute({_MADE!r})")
    verdict = Runner(folder, capsys).change(revision(f"op.execute({statement!r})", "c3", "b2"), before)
    assert verdict.error == ""
    return {each.rule: each.message for each in verdict.findings}


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("DROP TYPE mood CASCADE", "DROP TYPE"),
        ("DROP DOMAIN note CASCADE", "DROP DOMAIN"),
        ("DROP TABLE team CASCADE", "DROP TABLE"),
        ("DROP VIEW teams CASCADE", "DROP VIEW"),
        ("ALTER TABLE team DROP COLUMN id CASCADE", "DROP COLUMN"),
        ("ALTER TABLE team DROP CONSTRAINT team_pkey CASCADE", "DROP CONSTRAINT"),
        ("DROP SEQUENCE numbers CASCADE", "DROP SEQUENCE"),
    ],
)
def test_cascade_is_said_of_the_statement(
    statement: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    messages = found(statement, tmp_path, capsys)
    assert messages[_DROPPED].startswith(f"{said} with CASCADE drops whatever depends on it")


@pytest.mark.parametrize(
    ("statement", "rules"),
    [
        ("DROP SCHEMA empty", set()),
        ("DROP SCHEMA IF EXISTS elsewhere", set()),
        ("DROP SCHEMA full", {_REFUSED}),
        ("DROP SCHEMA empty CASCADE", {_SCHEMA}),
        ("DROP SCHEMA full CASCADE", {_SCHEMA}),
    ],
)
def test_a_schema_without_cascade_goes_alone(
    statement: str, rules: set[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert set(found(statement, tmp_path, capsys)) == rules
