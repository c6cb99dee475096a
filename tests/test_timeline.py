"""A timeline: scripts are replayed once, and seen as often as anybody likes."""

from __future__ import annotations

from collections.abc import Sequence

from migration_lint.catalog.model import Catalog
from migration_lint.check.timeline import Timeline
from migration_lint.history import Script
from migration_lint.history.script_text import read_script
from migration_lint.operations import Operation
from migration_lint.reading.sql import read_sql

DOES = {
    "a1": "CREATE TABLE audit (id int); CREATE TABLE team (id int)",
    "a2": "ALTER TABLE audit ADD note text; DROP TABLE team",
}


class Reading:
    """What scripts do, and how often anybody asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, script: Script) -> Sequence[Operation]:
        self.asked.append(script.revision)
        return read_sql(DOES[script.revision], "postgresql")[0]


def timeline(read: Reading, *, apart: bool = False) -> Timeline:
    scripts = [read_script(f"{name}.py", name, f'revision = "{name}"\n'.encode()) for name in DOES]
    return Timeline(Catalog(), scripts, read, apart=apart)


def tables(catalog: Catalog) -> list[str]:
    return [f"{table.name}({', '.join(table.columns)})" for table in catalog.tables()]


def test_each_operation_stands_between_two_catalogs() -> None:
    seen = [
        (script.revision, moment.operation.kind, tables(moment.before), tables(moment.after))
        for script, stage in timeline(Reading())
        for moment in stage.moments()
    ]
    assert seen == [
        ("a1", "create_table", [], ["audit(id)"]),
        ("a1", "create_table", ["audit(id)"], ["audit(id)", "team(id)"]),
        ("a2", "add_column", ["audit(id)", "team(id)"], ["audit(id, note)", "team(id)"]),
        ("a2", "drop_table", ["audit(id, note)", "team(id)"], ["audit(id, note)"]),
    ]


def test_scripts_are_replayed_once_however_often_they_are_seen() -> None:
    read = Reading()
    made = timeline(read)
    for _ in range(2):
        assert tables(made.end) == ["audit(id, note)"]
        assert [tables(part.end) for part in made.one_by_one()] == [
            ["audit(id)", "team(id)"],
            ["audit(id, note)"],
        ]
    assert read.asked == ["a1", "a2"]
    assert tables(made.start) == []


def test_what_is_judged_apart_has_a_journal_of_its_own() -> None:
    together, apart = timeline(Reading()), timeline(Reading(), apart=True)
    assert [entry.revision for entry in together.recordings[0].journal.entries] == ["a1", "a1", "a2", "a2"]
    assert [entry.revision for entry in apart.recordings[1].journal.entries] == ["a2", "a2"]


def test_the_way_back_begins_where_the_scripts_end() -> None:
    def undo(script: Script) -> Sequence[Operation]:
        sql = {"a1": "DROP TABLE audit", "a2": "ALTER TABLE audit DROP note"}[script.revision]
        return read_sql(sql, "postgresql")[0]

    back = timeline(Reading()).taken_back(undo)
    assert [(script.revision, tables(stage.after)) for script, stage in back] == [
        ("a2", ["audit(id)"]),
        ("a1", []),
    ]
