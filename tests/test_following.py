"""To follow is to agree with head, and consent is given in words: what looks like either, and is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from .projects import CONSUMER, PRODUCER, PROJECT, Files, Runner, acknowledging, report, revision

HINT = "      hint: {type: text, nullable: false}\n"
P, C = PROJECT[PRODUCER], PROJECT[CONSUMER]
COLUMNS = P[P.index("    columns:\n") :]

DROP = revision('op.drop_column("deployment_events", "hint")')
RENAME = revision('op.alter_column("deployment_events", "hint", new_column_name="hint_text")')
WIDEN = revision('op.alter_column("deployment_events", "exit_code", type_=sa.BigInteger())')


@pytest.fixture
def runner(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Runner:
    return Runner(tmp_path, capsys)


@pytest.mark.parametrize(
    ("change", "worker", "rule"),
    [
        (DROP, P.replace("hint:", "hint9:"), "contract-column-dropped"),
        (DROP, P.replace("hint:", "HINT:"), "contract-column-dropped"),
        (DROP, P.replace(COLUMNS, "    columns: {}\n"), "contract-column-dropped"),
        (DROP, P.replace(COLUMNS, "    description: nothing of it is written\n"), "contract-column-dropped"),
        # The column is taken out, and another one is said to be what it is not.
        (DROP, P.replace(HINT, "").replace("int4", "int8"), "contract-column-dropped"),
        (RENAME, P.replace("hint:", "hint_text:").replace("kind:", "kinds:"), "contract-column-renamed"),
        (WIDEN, P.replace("int4", "int8").replace("hint:", "hints:"), "contract-column-type-changed"),
    ],
)
def test_a_declaration_of_what_is_not_there_follows_nothing(
    runner: Runner, change: Files, worker: str, rule: str
) -> None:
    api = {
        "contract-column-dropped": C.replace(HINT, ""),
        "contract-column-renamed": C.replace("hint:", "hint_text:"),
        "contract-column-type-changed": C.replace("int4", "int8"),
    }[rule]
    found = runner.change({**change, PRODUCER: worker, CONSUMER: api})
    assert [(each.rule, each.behind) for each in found.findings if each.rule == rule] == [
        (rule, {"worker.producer"})
    ]
    # The gate shows the line; parity does not show it a second time.
    assert "schema-column-missing" not in found.rules
    assert found.status == 1


def test_what_is_declared_beside_may_be_new_if_it_is_there(runner: Runner) -> None:
    both = revision(
        'op.drop_column("deployment_events", "hint")\n'
        'op.add_column("deployment_events", sa.Column("notes", sa.Text()))'
    )
    notes = "      notes: {type: text, nullable: true}\n"
    found = runner.change({**both, PRODUCER: P.replace(HINT, notes), CONSUMER: C.replace(HINT, notes)})
    assert found.behind == set()
    assert not {rule for rule in found.rules if rule.startswith(("contract-", "schema-"))}


def test_a_side_that_used_nothing_but_the_column_is_left_with_none(runner: Runner) -> None:
    only_hint = C[: C.index("      id:")] + HINT
    after = {
        **DROP,
        PRODUCER: P.replace(HINT, ""),
        CONSUMER: only_hint.replace(f"columns:\n{HINT}", "columns: {}\n"),
    }
    assert runner.change(after, {CONSUMER: only_hint}).behind == set()


@pytest.mark.parametrize(
    "reason",
    ["'.'", "'-'", "...", "'!!! ???'", "x", "ok", "'12'", "2026-11-29", "n/a", "TODO", "aaa", "'- -'"],
)
def test_a_reason_that_says_nothing_is_none(runner: Runner, reason: str) -> None:
    found = runner.change({**DROP, PRODUCER: acknowledging(P, "b2", reason), CONSUMER: C.replace(HINT, "")})
    assert found.status == 2
    assert "b2" in found.error
    assert found.error.count("error:") == 1
    assert "reason" in found.error


@pytest.mark.parametrize("reason", ["because", "unused", "nobody reads it", "不要", "никто не читает", "été"])
def test_a_reason_has_a_word_of_any_script(runner: Runner, reason: str) -> None:
    found = runner.change({**DROP, PRODUCER: acknowledging(P, "b2", reason), CONSUMER: C.replace(HINT, "")})
    assert found.error == ""
    assert found.behind == set()


@pytest.mark.parametrize(
    "since", ["2026-13-02", "2026-02-30", "2026-3-2", "02/03/2026", "2026-13", "20261302"]
)
def test_a_retired_name_has_a_day_that_there_is(runner: Runner, since: str) -> None:
    found = runner.change({CONSUMER: f'{C}    retired: {{cause: "{since}"}}\n'})
    assert found.status == 2
    assert f'deployment_events.cause is retired since "{since}", which is no date' in found.error


@pytest.mark.parametrize("since", ["2026-03-02", "2026-03", "2026-03-02T10:00Z", "long ago", "2.4.0", "v12"])
def test_a_retired_name_may_have_words(runner: Runner, since: str) -> None:
    found = runner.change({CONSUMER: f'{C}    retired: {{cause: "{since}"}}\n'})
    assert (found.status, found.error) == (0, "")


OPAQUE = revision('import os\nop.execute(os.environ["EXTRA_DDL"])')


def test_an_opaque_operation_on_a_table_that_is_only_protected(runner: Runner) -> None:
    before = {PRODUCER: None, CONSUMER: None, "migration-lint.toml": 'protected = ["deployment_events"]\n'}
    found = runner.change(OPAQUE, before)
    [told] = [each for each in found.findings if each.rule == "contract-opaque-operation"]
    assert told.message.startswith(
        "this may change deployment_events, which is protected and has no contract, and it cannot be read: "
    )
    assert found.status == 1


def test_a_side_that_has_no_contract_cannot_acknowledge_an_opaque_operation(runner: Runner) -> None:
    found = runner.change({**OPAQUE, PRODUCER: acknowledging(P, "b2")}, {CONSUMER: None})
    assert found.rules >= {"contract-side-missing"}
    assert "contract-opaque-operation" not in found.rules
    nobody = P + "    consumers: none\n"
    found = runner.change(
        {**OPAQUE, PRODUCER: acknowledging(nobody, "b2")}, {CONSUMER: None, PRODUCER: nobody}
    )
    assert not {rule for rule in found.rules if rule.startswith("contract-")}


BACK = 'directions = ["upgrade", "downgrade"]\n'


def there_and_back(there: str, back: str) -> Files:
    """A revision with a downgrade, in a project where that is judged too."""
    ((path, text),) = revision(there).items()
    return {path: f"{text}\n\ndef downgrade():\n    {back}\n", "migration-lint.toml": BACK}


@pytest.mark.parametrize(
    ("there", "back", "name"),
    [
        (
            'op.rename_table("deployment_events", "events")',
            'op.rename_table("events", "deployment_events")',
            "events",
        ),
        (
            'op.execute("ALTER TABLE deployment_events SET SCHEMA ops")',
            'op.execute("ALTER TABLE ops.deployment_events SET SCHEMA public")',
            "ops.deployment_events",
        ),
    ],
)
def test_a_downgrade_gives_a_table_its_name_back_and_contracts_follow_the_upgrade(
    runner: Runner, there: str, back: str, name: str
) -> None:
    followed = {
        path: text.replace("  deployment_events:", f"  {name}:")
        for path, text in ((PRODUCER, P), (CONSUMER, C))
    }
    change = there_and_back(there, back)
    assert runner.change({**change, **followed}).status == 0
    assert runner.change({**change, PRODUCER: P, CONSUMER: followed[CONSUMER]}).behind == {"worker.producer"}
    gone = there_and_back(there, f"op.execute('DROP TABLE {name}')")
    assert runner.change({**gone, **followed}).status == 1


def test_type_and_nullability_that_change_together_are_followed_together(
    runner: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    change = revision(
        'op.alter_column("deployment_events", "exit_code", type_=sa.BigInteger(), nullable=False,'
        ' postgresql_using="exit_code::bigint")'
    )
    runner.change(change)
    monkeypatch.chdir(tmp_path)
    found = report(capsys, "check", "after", "--base", "before", "--head", "after")
    expected = {line.partition("expected: ")[2] for line in found.splitlines() if "  still " in line}
    assert expected == {"exit_code: {type: int8, nullable: false}"}

    line, followed = "      exit_code: {type: int4, nullable: true}\n", f"      {expected.pop()}\n"
    after = {**change, PRODUCER: P.replace(line, followed), CONSUMER: C.replace(line, followed)}
    assert runner.change(after).behind == set()


@pytest.mark.parametrize(
    ("column", "nullable", "behind"),
    [("hint", True, {"api.consumer"}), ("exit_code", False, {"worker.producer"})],
)
def test_only_the_side_that_null_endangers_has_to_act(
    runner: Runner, column: str, nullable: bool, behind: set[str]
) -> None:
    change = revision(f'op.alter_column("deployment_events", "{column}", nullable={nullable})')
    found = runner.change(change)
    assert found.behind == behind
    assert "schema-nullability-differs" not in found.rules
    line = next(each for each in P.splitlines(keepends=True) if f" {column}:" in each)
    follows = line.replace(str(not nullable).lower(), str(nullable).lower())
    side, text = (CONSUMER, C) if nullable else (PRODUCER, P)
    assert runner.change({**change, side: text.replace(line, follows)}).behind == set()
