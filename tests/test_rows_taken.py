"""Rows that go from a table under contract: both sides are asked, whatever takes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from .projects import CONSUMER, PRODUCER, PROJECT, Files, Runner, acknowledging, revision, script

RULE = "contract-rows-deleted"

#: The table is partitioned, and refers to another.
PARTS = """\
op.execute("CREATE TABLE runs (id int PRIMARY KEY)")
op.execute("CREATE TABLE events (id int, at date, run_id int REFERENCES runs) PARTITION BY RANGE (at)")
op.execute("CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2025-01-01') TO ('2026-01-01')")
op.execute("CREATE TABLE batch AS SELECT 1 AS id")
"""


def contract(service: str, role: str) -> str:
    head = f"contract: migration-lint/v1\nid: {service}.{role}\nservice: {service}\nrole: {role}\n"
    return f"{head}tables:\n  events:\n    columns:\n      id: {{type: int4, nullable: true}}\n"


def project(dialect: str) -> Files:
    return {
        "migration-lint.toml": f'dialect = "{dialect}"\n',
        "migrations/versions/a1_deployment_events.py": script(PARTS, "a1", None),
        PRODUCER: contract("worker", "producer"),
        CONSUMER: contract("api", "consumer"),
    }


@pytest.fixture
def runner(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Runner:
    return Runner(tmp_path, capsys)


@pytest.mark.parametrize(
    "statement",
    [
        "TRUNCATE events",
        "TRUNCATE batch, ONLY events RESTART IDENTITY",
        "TRUNCATE runs CASCADE",
        "DELETE FROM events",
        "DELETE FROM ONLY events WHERE true",
        "ALTER TABLE events DETACH PARTITION events_1",
        "ALTER TABLE events DETACH PARTITION events_1 CONCURRENTLY",
        "DROP TABLE events_1",
    ],
)
def test_whoever_relies_on_the_rows_is_asked(runner: Runner, statement: str) -> None:
    assert RULE in runner.change(revision(f'op.execute("{statement}")'), project("postgresql")).rules


@pytest.mark.parametrize(
    ("dialect", "statement"),
    [
        ("mysql", "ALTER TABLE events DROP PARTITION p1"),
        ("mysql", "ALTER TABLE events TRUNCATE PARTITION ALL"),
        ("mysql", "ALTER TABLE events EXCHANGE PARTITION p1 WITH TABLE batch"),
        ("mysql", "ALTER TABLE events DISCARD TABLESPACE"),
        ("mariadb", "ALTER TABLE events CONVERT PARTITION p1 TO TABLE batch2"),
        ("mssql", "ALTER TABLE events SWITCH PARTITION 1 TO batch"),
        ("mssql", "TRUNCATE TABLE events WITH (PARTITIONS (2))"),
        ("oracle", "ALTER TABLE events TRUNCATE SUBPARTITION p1"),
    ],
)
def test_each_dialect_has_its_own_ways(runner: Runner, dialect: str, statement: str) -> None:
    assert RULE in runner.change(revision(f'op.execute("{statement}")'), project(dialect)).rules


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM events WHERE at < '2020-01-01'",
        "DELETE FROM events USING runs WHERE runs.id = run_id",
        "DELETE FROM batch",
        "TRUNCATE batch",
        "DROP TABLE batch",
        "UPDATE events SET id = 1",
        "CREATE TABLE events_2 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')",
    ],
)
def test_rows_that_are_meant_or_another_s_are_no_matter(runner: Runner, statement: str) -> None:
    assert RULE not in runner.change(revision(f'op.execute("{statement}")'), project("postgresql")).rules


def test_a_temporary_table_hides_the_table_of_its_name(runner: Runner) -> None:
    statements = ("CREATE TEMPORARY TABLE events (id int)", "TRUNCATE events, batch", "DROP TABLE events")
    calls = "\n".join(f'op.execute("{each}")' for each in statements)
    assert RULE not in runner.change(revision(calls), project("postgresql")).rules


def test_both_sides_acknowledge(runner: Runner) -> None:
    taken = revision('op.execute("TRUNCATE deployment_events")')
    producer = {PRODUCER: acknowledging(PROJECT[PRODUCER], "b2")}
    assert RULE in runner.change({**taken, **producer}).rules
    both = {**producer, CONSUMER: acknowledging(PROJECT[CONSUMER], "b2")}
    assert RULE not in runner.change({**taken, **both}).rules


def test_a_table_that_is_dropped_is_told_as_that(runner: Runner) -> None:
    rules = runner.change(
        revision('op.execute("DELETE FROM events")\nop.drop_table("events")'), project("postgresql")
    ).rules
    assert "contract-table-dropped" in rules
    assert RULE not in rules


def test_a_released_revision_that_is_edited_took_them_before(runner: Runner) -> None:
    taken = 'op.execute("TRUNCATE deployment_events")\n'
    before = revision(taken)
    after = revision(f'{taken}op.create_index("ix_kind", "deployment_events", ["kind"])')
    found = runner.change(after, before)
    assert "history-edited-revision" in found.rules
    assert RULE not in found.rules
