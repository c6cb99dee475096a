"""Texts that come from the environment: the default counts as a name and in SQL, and decides nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from migration_lint.reading import read_paths

from ..projects import VERSIONS, Runner, script

NAMES = {
    "getenv": ('os.getenv("NAME", "events")', "op.drop_table(name)"),
    "environ.get": ('os.environ.get("NAME", "events")', "op.drop_table(name)"),
    "environ.get by keyword": ('os.environ.get("NAME", default="events")', "op.drop_table(name)"),
    "a default of a default": ('os.getenv("NAME", os.getenv("OTHER", "events"))', "op.drop_table(name)"),
    "an f-string": ('os.getenv("NAME", "events")', 'op.execute(f"DROP TABLE {name}")'),
    "put together": ('os.getenv("NAME", "events")', 'op.execute("DROP TABLE " + name)'),
    "a part of a name": ('os.getenv("NAME", "eve")', 'op.drop_table(f"{name}nts")'),
    "a connection": ('os.getenv("NAME", "events")', 'op.get_bind().execute(sa.text(f"DROP TABLE {name}"))'),
    "of a choice": ('os.getenv("NAME", "events")', "op.drop_table(name if op.get_bind() else name)"),
}


def operations(folder: Path, value: str, body: str, **outside: str) -> list[tuple[str, str | None, bool]]:
    path = folder / "a.py"
    path.write_text(script(body, more=f"import os\nname = {value}"))
    (reading,) = read_paths([path], outside=outside)
    return [(each.kind, each.table, bool(each.conditional)) for each in reading.upgrade]


@pytest.mark.parametrize("name", NAMES)
def test_the_default_counts_as_a_name(name: str, tmp_path: Path) -> None:
    assert operations(tmp_path, *NAMES[name]) == [("drop_table", "events", False)]


def test_what_is_stated_counts_before_the_default(tmp_path: Path) -> None:
    value, body = NAMES["getenv"]
    assert operations(tmp_path, value, body, NAME="audit") == [("drop_table", "audit", False)]
    assert operations(tmp_path, 'os.environ["NAME"]', body, NAME="audit") == [("drop_table", "audit", False)]


@pytest.mark.parametrize("value", ['os.environ["NAME"]', 'os.getenv("NAME")', 'os.environ.get("NAME", None)'])
def test_without_a_default_it_is_not_known(value: str, tmp_path: Path) -> None:
    ((kind, _, _),) = operations(tmp_path, value, "op.drop_table(name)")
    assert kind == "opaque"


DECIDES_NOTHING = (
    'name == "yes"', 'name != "no"', "name.upper() == 'YES'", "'yes' in name", "name in ('yes', 'on')",
    'f"{name}" == "yes"', '"" + name == "yes"', "'%s' % name == 'yes'", "'{}'.format(name) == 'yes'",
    "str(name) == 'yes'", "bool(name == 'yes')", "len(name) > 2", "name.startswith('y')", "[name] == ['yes']",
    "{'no': False, 'yes': True}[name]", "int(name == 'yes')", "not name == 'no'", "name == 'yes' or False",
)  # fmt: skip


@pytest.mark.parametrize("test", DECIDES_NOTHING)
@pytest.mark.parametrize("outside", [{}, {"NAME": "no"}])
def test_it_decides_nothing(test: str, outside: dict[str, str], tmp_path: Path) -> None:
    """In production it may be another: what stands behind the test may run."""
    found = operations(tmp_path, 'os.getenv("NAME", "no")', f"if {test}:\n    op.drop_table('x')", **outside)
    assert found == [("drop_table", "x", True)]


@pytest.fixture
def runner(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Runner:
    return Runner(tmp_path, capsys)


TABLE = {
    f"{VERSIONS}/b2.py": script(
        "op.drop_column(os.environ['TABLE'], 'hint')", more="import os"
    )
}  # fmt: skip


def test_the_configuration_states_it(runner: Runner) -> None:
    found = runner.change(TABLE, {"migration-lint.toml": '[environment]\nTABLE = "deployment_events"\n'})
    assert "contract-column-dropped" in found.rules


def test_a_change_cannot_state_otherwise(runner: Runner) -> None:
    before = {"migration-lint.toml": '[environment]\nTABLE = "deployment_events"\n'}
    after = {**TABLE, "migration-lint.toml": '[environment]\nTABLE = "other"\n'}
    assert "contract-column-dropped" in runner.change(after, before).rules


def test_nor_state_what_was_not_stated(runner: Runner) -> None:
    after = {**TABLE, "migration-lint.toml": '[environment]\nTABLE = "other"\n'}
    assert "contract-opaque-operation" in runner.change(after).rules
