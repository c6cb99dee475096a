"""Random histories: nothing raises, nothing hangs on the cache, nothing protected is lost in silence."""

from __future__ import annotations

import json
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from migration_lint.catalog.difference import difference, difference_by_revision
from migration_lint.catalog.journal import Journal
from migration_lint.catalog.model import Catalog
from migration_lint.catalog.recording import record, stages
from migration_lint.catalog.replay import replay
from migration_lint.catalog.stored import catalog_from_json, catalog_to_json
from migration_lint.operations import (
    ANY_TABLE,
    DIALECTS,
    HOLE,
    KINDS,
    Column,
    Constraint,
    Dialect,
    Index,
    Operation,
)

NAMES = ("t", "u", "T", "v")
COLUMNS = ("a", "b", "A", "c")
TYPES = ("int4", "INTEGER", "text", "mood", "mood[]", None)
DICE = Random(20261123)


def some(*choices: Any) -> Any:
    return DICE.choice(choices)


def some_columns(most: int) -> tuple[Column, ...]:
    return tuple(
        Column(name, some(*TYPES), some(True, False), some(None, "'x'"), some(None, None, "serial", "stored"))
        for name in DICE.sample(COLUMNS, DICE.randint(1, most))
    )


def some_constraint() -> Constraint:
    return Constraint(
        some("primary_key", "unique", "foreign_key", "check", "unknown"),
        some(None, "x", "y"),
        tuple(DICE.sample(COLUMNS, DICE.randint(0, 2))),
        referred_table=some(None, *NAMES),
        expression=some(None, "a > 0"),
        using_index=some(None, "x"),
    )


def some_operation() -> Operation:
    kind = some(*KINDS)
    conditional, branch = some(*[(False, None)] * 4, (True, "1:then"), (True, "1:else"), (True, "2:then"))
    columns = tuple(DICE.sample(COLUMNS, DICE.randint(1, 2)))
    return Operation(
        kind=kind,
        table=some(*NAMES, None) if kind == "drop_index" else some(*NAMES),
        schema=some(None, None, None, "s", "public"),
        column=some(*COLUMNS),
        name=some("x", "y", "mood", "s", "public"),
        new_name=some(*NAMES, *COLUMNS, "y", "s2"),
        new_schema=some(None, "s"),
        type=some(*TYPES),
        existing_type=some(None, "text"),
        nullable=some(True, False),
        default=some(None, "0"),
        columns=some_columns(1 if kind == "add_column" else 4),
        constraints=tuple(some_constraint() for _ in range(DICE.randint(0, 2))),
        index=some(
            None, Index(some(None, "x"), columns, unique=some(True, False), where=some(None, "b = 'a'"))
        ),
        values=some((), ("ok",), ("ok", "sad")),
        action=some(None, "add_value", "rename_value", "rename", "move"),
        incomplete=some(True, False, False, False),
        like=some((), (), (), ("t",), ("v",)),
        if_exists=some(True, False),
        cascade=some(True, False),
        temporary=some(True, False, False, False, False),
        conditional=conditional,
        branch=branch,
        sql=some(None, "INSERT INTO u SELECT * FROM t", "CREATE TABLE u AS SELECT * FROM t"),
        tables=some((), ("t",), ("t", "u"), (ANY_TABLE,), (f"{HOLE}u",)),
    )


#: Drawn from a fixed bag, so that a history costs one draw an operation and still shrinks.
BAG = [some_operation() for _ in range(4000)]
histories = st.lists(st.lists(st.sampled_from(BAG), min_size=1, max_size=5), max_size=6)
dialects = st.sampled_from(DIALECTS)


@given(dialects, histories, histories)
@settings(max_examples=150, deadline=None)
def test_base_and_then_the_change_is_head(
    dialect: Dialect, old: list[list[Operation]], new: list[list[Operation]]
) -> None:
    """However base was come by: replayed, copied, or stored and read back."""
    base, whole = Catalog(dialect), Catalog(dialect)
    for number, steps in enumerate(old):
        replay(base, f"r{number}", steps)
        replay(whole, f"r{number}", steps)
    stored = catalog_from_json(*json.loads(json.dumps(catalog_to_json(base))))
    copied = base.copy()
    found = []
    for before, head in ((base, copied), (stored, stored.copy()), (base, whole)):
        journal = Journal()
        for number, steps in enumerate(new):
            replay(head, f"n{number}", steps, journal)
        found.append(difference(before, head, journal, lambda name: True))
    assert copied == whole
    assert found[0] == found[1] == found[2]


@given(histories, histories)
@settings(max_examples=300, deadline=None)
def test_no_column_or_table_of_base_is_lost_in_silence(
    old: list[list[Operation]], new: list[list[Operation]]
) -> None:
    base = Catalog()
    for number, steps in enumerate(old):
        replay(base, f"r{number}", steps)
    head, journal = base.copy(), Journal()
    for number, steps in enumerate(new):
        replay(head, f"n{number}", steps, journal)
    found = difference(base, head, journal, lambda name: True)
    tables = {
        outcome.table for outcome in found.outcomes if outcome.column is None and outcome.kind != "opaque"
    }
    columns = {(outcome.table, outcome.column) for outcome in found.outcomes}
    for table in base.tables():
        now = head.table(*table.full_name)
        if now is None:
            assert table.full_name in tables
            continue
        for folded, column in table.columns.items():
            there = now.columns.get(folded)
            if there is None and table.full_name not in tables:
                assert (table.full_name, column.name) in columns
            elif there is not None and table.full_name not in tables:
                before, after = base.canonical(column.type), head.canonical(there.type)
                assert before in (None, after) or (table.full_name, column.name) in columns


@given(histories)
@settings(max_examples=100, deadline=None)
def test_every_revision_can_be_judged(history: list[list[Operation]]) -> None:
    catalog = Catalog()
    recordings = [record(catalog, f"r{number}", steps) for number, steps in enumerate(history)]
    found = list(difference_by_revision(Catalog(), recordings, lambda name: name.name == "t"))
    assert len(found) == len(history)


@given(histories)
@settings(max_examples=100, deadline=None)
def test_a_replay_is_seen_again_as_it_was(history: list[list[Operation]]) -> None:
    replayed, recorded = Catalog(), Catalog()
    catalogs = [replayed.copy()]
    recordings = []
    for number, steps in enumerate(history):
        replay(replayed, f"r{number}", steps)
        catalogs.append(replayed.copy())
        recordings.append(record(recorded, f"r{number}", steps))
    for stage, before, after in zip(stages(Catalog(), recordings), catalogs[:-1], catalogs[1:], strict=True):
        assert stage.before == before
        assert stage.after == after
        assert list(stage.after.rows) == list(after.rows)  # in the order in which they were made
        last = before
        for moment in stage.moments():
            assert moment.before == last
            last = moment.after.copy()
        assert last == after


@given(histories)
@settings(max_examples=50, deadline=None)
def test_no_change_is_no_difference(history: list[list[Operation]]) -> None:
    base, head = Catalog(), Catalog()
    for catalog in (base, head):
        for number, steps in enumerate(history):
            replay(catalog, f"r{number}", steps)
    assert difference(base, head, Journal(), lambda name: True) == ((), (), ())
