"""Random histories: nothing raises, nothing depends on the cache, and nothing protected is lost in silence."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from migration_lint.catalog.difference import difference, difference_by_revision
from migration_lint.catalog.journal import Journal
from migration_lint.catalog.model import Catalog
from migration_lint.catalog.replay import replay
from migration_lint.operations import ANY_TABLE, DIALECTS, HOLE, KINDS, Column, Constraint, Index, Operation

NAMES = ("t", "u", "T", "v")
COLUMNS = ("a", "b", "A", "c")
TYPES = ("int4", "INTEGER", "text", "mood", "mood[]", None)

names = st.sampled_from(NAMES)
column_names = st.sampled_from(COLUMNS)
columns = st.builds(
    Column,
    column_names,
    st.sampled_from(TYPES),
    st.booleans(),
    st.sampled_from([None, "'x'"]),
    st.sampled_from([None, None, "serial", "stored"]),
)
constraints = st.builds(
    Constraint,
    st.sampled_from(["primary_key", "unique", "foreign_key", "check", "unknown"]),
    st.sampled_from([None, "x", "y"]),
    st.lists(column_names, max_size=2).map(tuple),
    st.sampled_from([None, *NAMES]),
    expression=st.sampled_from([None, "a > 0"]),
    using_index=st.sampled_from([None, "x"]),
)
indexes = st.builds(
    Index,
    st.sampled_from([None, "x", "y"]),
    st.lists(column_names, min_size=1, max_size=2).map(tuple),
    where=st.sampled_from([None, "b = 'a'"]),
    unique=st.booleans(),
)
conditions = st.sampled_from([(False, None)] * 4 + [(True, "1:then"), (True, "1:else"), (True, "2:then")])


@st.composite
def operations(draw: st.DrawFn) -> Operation:
    conditional, branch = draw(conditions)
    kind = draw(st.sampled_from(KINDS))
    return Operation(
        kind=kind,
        table=draw(st.sampled_from([*NAMES, None])) if kind == "drop_index" else draw(names),
        schema=draw(st.sampled_from([None, None, "s", "public"])),
        column=draw(column_names),
        name=draw(st.sampled_from(["x", "y", "mood", "s", "public"])),
        new_name=draw(st.sampled_from([*NAMES, *COLUMNS, "y", "s2"])),
        new_schema=draw(st.sampled_from([None, "s"])),
        type=draw(st.sampled_from(TYPES)),
        existing_type=draw(st.sampled_from([None, "text"])),
        nullable=draw(st.booleans()),
        default=draw(st.sampled_from([None, "0"])),
        columns=tuple(
            draw(
                st.lists(
                    columns, min_size=1, max_size=1 if kind == "add_column" else 4, unique_by=lambda c: c.name
                )
            )
        ),
        constraints=tuple(draw(st.lists(constraints, max_size=2))),
        index=draw(st.one_of(st.none(), indexes)),
        values=draw(st.sampled_from([(), ("ok",), ("ok", "sad")])),
        action=draw(st.sampled_from([None, "add_value", "rename_value", "rename", "move"])),
        incomplete=draw(st.booleans()) and draw(st.booleans()),
        like=draw(st.sampled_from([(), (), (), ("t",), ("v",)])),
        if_exists=draw(st.booleans()),
        cascade=draw(st.booleans()),
        temporary=draw(st.booleans()) and draw(st.booleans()),
        conditional=conditional,
        branch=branch,
        sql=draw(
            st.sampled_from([None, "INSERT INTO u SELECT * FROM t", "CREATE TABLE u AS SELECT * FROM t"])
        ),
        tables=draw(st.sampled_from([(), ("t",), ("t", "u"), (ANY_TABLE,), (f"{HOLE}u",)])),
    )


histories = st.lists(st.lists(operations(), min_size=1, max_size=4), max_size=6)
dialects = st.sampled_from(DIALECTS)


@given(dialects, histories, histories)
@settings(max_examples=150, deadline=None)
def test_base_and_then_the_change_is_head(
    dialect: object, old: list[list[Operation]], new: list[list[Operation]]
) -> None:
    """However base was come by: replayed, copied, or stored and read back."""
    base, whole = Catalog(dialect), Catalog(dialect)  # type: ignore[arg-type]
    for number, steps in enumerate(old):
        replay(base, f"r{number}", steps)
        replay(whole, f"r{number}", steps)
    stored = Catalog.from_json(json.loads(json.dumps(base.to_json())))
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
    revisions = [(f"r{number}", steps) for number, steps in enumerate(history)]
    for stage in difference_by_revision(Catalog(), revisions, lambda name: name.name == "t"):
        assert any(stage.difference)


@given(histories)
@settings(max_examples=50, deadline=None)
def test_no_change_is_no_difference(history: list[list[Operation]]) -> None:
    base, head = Catalog(), Catalog()
    for catalog in (base, head):
        for number, steps in enumerate(history):
            replay(catalog, f"r{number}", steps)
    assert difference(base, head, Journal(), lambda name: True) == ((), (), ())
