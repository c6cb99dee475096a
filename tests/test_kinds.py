"""Every kind of operation has its row, and whoever takes operations takes every kind."""

from __future__ import annotations

import pytest

from migration_lint.catalog.model import Catalog
from migration_lint.catalog.replay import replay
from migration_lint.facts.build import operation_facts
from migration_lint.facts.model import EVENTS
from migration_lint.operations import (
    KINDS,
    TRAITS,
    Dialect,
    Kind,
    Operation,
    destroyed_by,
    from_json,
    kinds_of,
    to_json,
)
from migration_lint.reading.sql import read_sql
from migration_lint.report.readings import describe


def test_every_kind_has_one_row() -> None:
    assert sorted(TRAITS) == sorted(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_what_undoes_a_kind_is_undone_by_it(kind: Kind) -> None:
    undone_by = TRAITS[kind].undone_by
    if undone_by is not None:
        assert TRAITS[undone_by].undone_by == kind
        assert TRAITS[undone_by].subject == TRAITS[kind].subject
    if TRAITS[kind].change == "made":
        assert undone_by in kinds_of(TRAITS[kind].subject, to=("gone",))


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_replayed_described_kept_and_asked_about(kind: Kind) -> None:
    operation = Operation(kind=kind, table="t", column="c", name="n", new_name="m")
    replay(Catalog(), "a1", [operation])
    assert describe(operation).startswith(kind)
    assert from_json(to_json(operation)) == operation
    assert kind in EVENTS
    assert operation_facts(operation).destroys == TRAITS[kind].destroys


@pytest.mark.parametrize(
    ("sql", "dialect", "lost"),
    [
        ("ALTER TABLE t DROP PARTITION p1", "mysql", "rows"),
        ("ALTER TABLE t DROP PARTITION p1, p2", "mariadb", "rows"),
        ("ALTER TABLE t TRUNCATE PARTITION ALL", "mysql", "rows"),
        ("ALTER TABLE t EXCHANGE PARTITION p1 WITH TABLE u", "mysql", "rows"),
        ("ALTER TABLE t DROP SUBPARTITION s1", "oracle", "rows"),
        ("ALTER TABLE t TRUNCATE SUBPARTITION s1", "oracle", "rows"),
        ("ALTER TABLE t DISCARD TABLESPACE", "mysql", "rows"),
        ("ALTER TABLE t COMMENT = 'x', DROP PARTITION p1", "mysql", "nothing rows"),
        ("ALTER TABLE t DROP PARTITION p1, COMMENT 'x'", "mysql", "rows nothing"),
        ("ALTER TABLE t COMMENT = 'x'", "mysql", "nothing"),
        ("ALTER TABLE t ADD PARTITION (PARTITION p VALUES LESS THAN (1))", "mysql", "nothing"),
        ("ALTER TABLE t REORGANIZE PARTITION p INTO (PARTITION q VALUES LESS THAN (1))", "mysql", "nothing"),
        ("ALTER TABLE t DROP partition", "postgresql", "values"),
        ("DROP TABLE t", "mysql", "rows"),
    ],
)
def test_what_goes_and_cannot_be_had_back(sql: str, dialect: Dialect, lost: str) -> None:
    assert " ".join(map(destroyed_by, read_sql(sql, dialect)[0])) == lost
