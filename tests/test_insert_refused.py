"""INSERTs that a change makes fail, by what stands around the table: domains, and the table below a view."""

from __future__ import annotations

from pathlib import Path

import pytest

from .projects import CONSUMER, FIRST, PRODUCER, Files, Runner, revision, script

RULE = "contract-insert-refused"


@pytest.fixture
def runner(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Runner:
    return Runner(tmp_path, capsys)


def project(made: str, column: str) -> Files:
    """A base that makes `events`, and a producer that writes one column into it."""
    head = "contract: migration-lint/v1\nid: worker.producer\nservice: worker\nrole: producer\n"
    return {
        FIRST: script("\n".join(f'op.execute("{each}")' for each in made.split(";")), "a1", None),
        PRODUCER: f"{head}tables:\n  events:\n    columns:\n      {column}\n",
        CONSUMER: None,
    }


@pytest.mark.parametrize("made", ["CREATE DOMAIN email AS text;", ""])
@pytest.mark.parametrize(
    ("altered", "refused"),
    [
        ("ADD CONSTRAINT known CHECK (VALUE IS NOT NULL)", True),
        ("SET NOT NULL", True),
        ("ADD CONSTRAINT known CHECK (VALUE <> 'b')", True),
        ("ADD CONSTRAINT known CHECK (VALUE IN ('a', 'b', 'c'))", False),
        ("SET DEFAULT 'a'", False),
    ],
)
def test_a_domain_that_no_migration_makes_may_refuse_too(
    runner: Runner, made: str, altered: str, refused: bool
) -> None:
    before = project(
        f"{made}CREATE TABLE events (at email)", "at: {type: email, nullable: true, values: [a, b]}"
    )
    change = revision(f'op.execute("ALTER DOMAIN email {altered}")')
    assert (RULE in runner.change(change, before).rules) is refused


@pytest.mark.parametrize(
    ("condition", "refused"),
    [
        ("kind IN ('kind', 'b')", False),
        ("kind IN ('sort', 'b')", True),
        ("Kind IN ('kind', 'b')", False),
        ("KIND = 'b'", True),
    ],
)
def test_a_check_of_the_table_below_a_view_that_calls_the_column_otherwise(
    runner: Runner, condition: str, refused: bool
) -> None:
    before = project(
        "CREATE TABLE kept (kind text);CREATE VIEW events AS SELECT kind AS sort FROM kept",
        "sort: {type: text, nullable: false, values: [kind, b]}",
    )
    change = revision(f'op.execute("ALTER TABLE kept ADD CHECK ({condition})")')
    assert (RULE in runner.change(change, before).rules) is refused
