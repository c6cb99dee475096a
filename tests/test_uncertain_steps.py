"""Steps that may or may not run: what a contract relies on has to be there either way.

A step that gives something back, and hangs on a condition that nobody can work out, excuses nothing.
"""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from .projects import FIRST, PRODUCER, PROJECT, Files, Runner, acknowledging, revision, script

#: A test that hangs on what is in the database.
TEST = 'if op.get_bind().execute(sa.text("SELECT 1")).scalar():\n'
ADD = 'op.add_column("deployment_events", sa.Column("note", sa.Text(), nullable=False))\n'
SET_DEFAULT = 'op.alter_column("deployment_events", "note", server_default="none")'
REFUSED = "contract-insert-refused"
#: The producer leaves `hint` to the database, and needs a key.
LEAVES_OUT = PROJECT[PRODUCER].replace("      hint: {type: text, nullable: false}\n", "")
NEEDS = f"{PROJECT[PRODUCER]}    needs:\n      - unique: [kind, exit_code]\n"
KEY = 'op.create_index("{}", "deployment_events", ["kind", "exit_code"], unique=True)\n'
FILLING = '''op.execute("ALTER TABLE deployment_events ALTER COLUMN hint DROP DEFAULT")
op.execute("""CREATE FUNCTION fill() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN NEW.hint := 'none'; RETURN NEW; END $$""")
op.execute("CREATE TRIGGER filling BEFORE INSERT ON deployment_events FOR EACH ROW EXECUTE FUNCTION fill()")
'''
VALUES = """\
op.execute("CREATE TYPE sort AS ENUM ('start', 'stop')")
op.execute("ALTER TABLE deployment_events ALTER COLUMN kind TYPE sort USING kind::sort")
"""


@pytest.fixture
def runner(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Runner:
    return Runner(tmp_path, capsys)


def perhaps(body: str, otherwise: str = "") -> str:
    """The same under a condition."""
    last = f"\nelse:\n{textwrap.indent(otherwise, '    ')}" if otherwise else ""
    return f"{TEST}{textwrap.indent(body, '    ')}{last}\n"


def earlier(body: str) -> Files:
    """What base did after PROJECT's first revision."""
    return {FIRST.replace("a1_deployment_events", "a0"): script(body, "a0", "a1")}


def later(body: str) -> Files:
    return revision(body, down="a0")


@pytest.mark.parametrize(
    "body",
    [
        perhaps(ADD),
        ADD + perhaps(SET_DEFAULT),
        ADD + perhaps('op.alter_column("deployment_events", "note", nullable=True)'),
        ADD + perhaps('op.alter_column("deployment_events", "note", type_=sa.String(90))'),
        ADD + perhaps(SET_DEFAULT, "pass") + perhaps(SET_DEFAULT, "pass"),
        'op.add_column("deployment_events", sa.Column("note", sa.Text()))\n'
        'op.create_check_constraint("filled", "deployment_events", "note IS NOT NULL")\n'
        + perhaps('op.drop_constraint("filled", "deployment_events")'),
    ],
)
def test_what_an_insert_has_to_write_unless_a_step_runs(runner: Runner, body: str) -> None:
    assert runner.change(revision(body)).rules & {REFUSED}


@pytest.mark.parametrize(
    "body",
    [
        ADD + perhaps(SET_DEFAULT, SET_DEFAULT.replace("none", "other")),  # one of them runs
        perhaps(ADD.replace("nullable=False", 'nullable=False, server_default=""')) + SET_DEFAULT,
        perhaps('op.drop_column("deployment_events", "note")') + 'op.execute("SELECT 1")',
    ],
)
def test_what_is_there_whichever_steps_run(runner: Runner, body: str) -> None:
    assert REFUSED not in runner.change(revision(body)).rules


def test_who_writes_the_column_or_knows_that_it_is_not_there_acknowledges(runner: Runner) -> None:
    change = revision(perhaps(ADD))
    assert runner.change(change).behind == {"worker.producer"}
    known = {PRODUCER: acknowledging(PROJECT[PRODUCER], "b2")}
    assert REFUSED not in runner.change({**change, **known}).rules


@pytest.mark.parametrize(
    ("base", "body", "contract", "rule"),
    [
        (
            "pass",
            'op.alter_column("deployment_events", "hint", server_default=None)\n'
            + perhaps('op.alter_column("deployment_events", "hint", server_default="none")'),
            LEAVES_OUT,
            REFUSED,
        ),
        (FILLING, perhaps('op.execute("DROP TRIGGER filling ON deployment_events")'), LEAVES_OUT, REFUSED),
        (
            FILLING,
            perhaps('op.execute("ALTER TABLE deployment_events DISABLE TRIGGER filling")'),
            LEAVES_OUT,
            REFUSED,
        ),
        (
            KEY.format("old"),
            'op.drop_index("old")\n' + perhaps(KEY.format("new")),
            NEEDS,
            "contract-need-broken",
        ),
        (
            "pass",
            'op.alter_column("deployment_events", "kind", nullable=True)\n'
            + perhaps('op.alter_column("deployment_events", "kind", nullable=False)'),
            PROJECT[PRODUCER],
            "contract-nullability-changed",
        ),
        (
            VALUES,
            "op.execute(\"ALTER TYPE sort RENAME VALUE 'stop' TO 'end'\")\n"
            + perhaps("op.execute(\"ALTER TYPE sort RENAME VALUE 'end' TO 'stop'\")"),
            PROJECT[PRODUCER],
            "contract-enum-value-removed",
        ),
        (
            'op.execute("CREATE VIEW kinds AS SELECT kind FROM deployment_events")',
            'op.execute("DROP VIEW kinds")\n'
            + perhaps('op.execute("CREATE VIEW kinds AS SELECT kind FROM deployment_events")'),
            PROJECT[PRODUCER],
            "contract-view-changed",
        ),
    ],
)
def test_what_comes_back_only_if_a_step_runs(
    runner: Runner, base: str, body: str, contract: str, rule: str
) -> None:
    before = {**earlier(base), PRODUCER: contract}
    assert rule in runner.change(later(body), before).rules
    assert not runner.change(later("pass"), before).rules


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (
            'op.alter_column("deployment_events", "hint", new_column_name="tip")\n'
            + perhaps('op.alter_column("deployment_events", "tip", new_column_name="hint")'),
            "deployment_events.hint is renamed to tip",
        ),
        (
            'op.rename_table("deployment_events", "events")\n'
            + perhaps('op.rename_table("events", "deployment_events")'),
            "deployment_events is renamed to events",
        ),
    ],
)
def test_a_name_that_comes_back_only_if_a_step_runs(runner: Runner, body: str, sentence: str) -> None:
    found = runner.change(revision(body))
    assert any(each.message.startswith(sentence) for each in found.findings)
