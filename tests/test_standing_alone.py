"""Each verdict of a check stands alone: whatever else is found, what `parity` would say new is said too.

What the gate has judged is not said a second time in other words; that is only a matter of what is printed.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from .projects import (
    CONSUMER,
    PRODUCER,
    PROJECT,
    Files,
    Runner,
    Verdict,
    acknowledging,
    report,
    revision,
    write,
)

HINT = "      hint: {type: text, nullable: false}\n"
P, C = PROJECT[PRODUCER], PROJECT[CONSUMER]
STORE, READ = "services/worker/store.go", "services/api/read.go"
WRITES = f"    code:\n      - {{path: {STORE}, symbol: store, statement: insert}}\n"
READS = f"    code:\n      - {{path: {READ}, symbol: read, statement: select}}\n"


def store(value: str = "e.Hint", columns: str = "kind, exit_code, hint") -> str:
    return f"""\
package worker

func store(ctx context.Context, db *sql.DB, e Event) error {{
	_, err := db.ExecContext(ctx, `
		INSERT INTO deployment_events ({columns})
		VALUES ($1, $2, $3)`, e.Kind, e.ExitCode, {value})
	return err
}}
"""


def read(statement: str) -> str:
    given = ", kind" if "$1" in statement else ""
    return f"""\
package api

func read(ctx context.Context, db *sql.DB, kind string) (*sql.Rows, error) {{
	return db.QueryContext(ctx, `{statement}`{given})
}}
"""


SELECT = "SELECT id, kind, exit_code, hint FROM deployment_events WHERE kind = $1"

#: Both sides bind what they run.
BOUND: Files = {
    "migrations/env.py": "",
    PRODUCER: P + WRITES,
    CONSUMER: C + READS,
    STORE: store(),
    READ: read(SELECT),
}


def code_rules(verdict: Verdict) -> set[str]:
    return {rule for rule in verdict.rules if rule.startswith("code-")}


@pytest.fixture
def runner(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Runner:
    return Runner(tmp_path, capsys)


@pytest.mark.parametrize(
    ("how", "hint"),
    [
        ('op.drop_column("deployment_events", "hint")', ""),
        (
            'op.alter_column("deployment_events", "hint", new_column_name="hint_text")',
            HINT.replace("hint", "hint_text"),
        ),
    ],
    ids=["dropped", "renamed"],
)
def test_contracts_that_follow_do_not_excuse_code_that_does_not(runner: Runner, how: str, hint: str) -> None:
    after = {
        **revision(how),
        PRODUCER: P.replace(HINT, hint) + WRITES,
        CONSUMER: C.replace(HINT, hint) + READS,
    }
    found = runner.change(after, BOUND)
    assert "code-column-undeclared" in found.rules
    assert not {rule for rule in found.rules if rule.startswith(("contract-", "schema-", "sides-"))}
    assert found.status == 1


def test_code_is_judged_beside_a_finding_of_the_gate_on_the_same_table(runner: Runner) -> None:
    after = {
        **revision('op.alter_column("deployment_events", "exit_code", type_=sa.BigInteger())'),
        STORE: store(columns="kind, exit_code, hints"),
    }
    found = runner.change(after, BOUND)
    assert {"contract-column-type-changed", "code-column-undeclared"} <= found.rules


def test_what_a_contract_newly_says_wrong_is_told_beside_a_finding_of_the_gate(runner: Runner) -> None:
    after = {
        **revision('op.drop_column("deployment_events", "hint")'),
        CONSUMER: C.replace("exit_code: {type: int4", "exit_code: {type: text"),
    }
    found = runner.change(after)
    assert found.rules >= {"contract-column-dropped", "schema-type-differs", "sides-type-differs"}


def test_one_cause_is_told_once(runner: Runner) -> None:
    drop = revision('op.drop_column("deployment_events", "hint")')
    assert runner.change(drop, BOUND).rules == runner.change(drop).rules
    widened = revision('op.alter_column("deployment_events", "exit_code", type_=sa.BigInteger())')
    one_side = {**widened, PRODUCER: P.replace("int4", "int8")}
    rules = runner.change(one_side).rules
    assert "contract-column-type-changed" in rules
    assert not {rule for rule in rules if rule.startswith(("schema-", "sides-"))}


def test_an_acknowledgement_is_consent_to_what_the_declaration_says(runner: Runner) -> None:
    drop = revision('op.drop_column("deployment_events", "hint")')
    both = {PRODUCER: acknowledging(P, "b2"), CONSUMER: acknowledging(C, "b2")}
    assert not {
        rule for rule in runner.change({**drop, **both}).rules if rule.startswith(("schema", "sides"))
    }
    # It is no consent to anything else.
    other = {**both, CONSUMER: acknowledging(C.replace("kind: {type: text", "kind: {type: int4"), "b2")}
    assert {"schema-type-differs", "sides-type-differs"} <= runner.change({**drop, **other}).rules


def test_what_is_declared_against_the_schema_with_consent_is_noted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A run of `parity` makes errors of it, as it knows nothing of any change."""
    wider = revision('op.alter_column("deployment_events", "exit_code", type_=sa.BigInteger())')
    base = write(tmp_path / "before", PROJECT)
    both = {PRODUCER: acknowledging(P, "b2"), CONSUMER: acknowledging(C, "b2")}
    head = write(tmp_path / "after", {**PROJECT, **wider, **both})
    said = report(capsys, "check", head, "--base", base, "--head", head)
    differs = "declares deployment_events.exit_code as int4, and the migrations make it int8"
    consented = "it is consented to here, and `parity` goes on making an error of it\n"
    for path, name, line in ((PRODUCER, "worker.producer", 9), (CONSUMER, "api.consumer", 10)):
        assert f"note: {path}:{line}: {name} {differs}: {consented}" in said
        assert f"error[schema-type-differs]: {name} {differs}\n" in report(capsys, "parity", head)
    followed = {path: text.replace("int4", "int8") for path, text in both.items()}
    assert "consented" not in report(capsys, "check", write(head, followed), "--base", base, "--head", head)


ENCODED = (
    "      hint: {type: text, nullable: false, encoding: {json: {type: array, items: {type: string}}}}\n"
)


def test_code_that_changes_its_encoding_is_judged_though_the_contracts_keep_theirs(runner: Runner) -> None:
    before: Files = {
        **BOUND,
        PRODUCER: P.replace(HINT, ENCODED) + WRITES,
        CONSUMER: C.replace(HINT, ENCODED) + READS,
        STORE: store("json.RawMessage(json.Marshal(e.Hint))"),
    }
    assert runner.change({}, before).status == 0
    found = runner.change({STORE: store('[]byte(strings.Join(e.Hint, "\\n"))')}, before)
    assert found.rules == {"code-encoding-differs"}


def test_code_is_judged_where_only_a_constant_that_it_imports_has_changed(runner: Runner) -> None:
    named = {
        "shop/store.py": "from shop.names import COLUMNS\n\n"
        "def store(connection, event):\n"
        '    connection.execute(f"INSERT INTO deployment_events ({COLUMNS}) VALUES (%s, %s, %s)", event)\n',
        "shop/names/__init__.py": 'COLUMNS = "kind, exit_code, hint"\n',
        PRODUCER: P + "    code:\n      - {path: shop/store.py, symbol: store, statement: insert}\n",
    }
    assert runner.change({}, named).status == 0
    found = runner.change({"shop/names/__init__.py": 'COLUMNS = "kind, exit_code, hints"\n'}, named)
    assert "code-column-undeclared" in found.rules


@pytest.mark.parametrize(
    "asks",
    [
        "WHERE kind = $1",
        "WHERE exit_code IS NULL ORDER BY kind",
        "GROUP BY id, exit_code, hint, kind",
        "GROUP BY id, exit_code, hint HAVING max(kind) = $1",
        "JOIN kinds ON kinds.name = deployment_events.kind",
    ],
)
@pytest.mark.parametrize("order", ["", ", order: exact"])
def test_a_column_that_is_filtered_or_sorted_by_is_read(runner: Runner, asks: str, order: str) -> None:
    columns = ("id", "exit_code", "hint")
    given = ", ".join(f"deployment_events.{column}" for column in columns)
    reads = READS.replace("select}", f"select{order}}}")
    bound = {CONSUMER: C + reads, READ: read(f"SELECT {given} FROM deployment_events {asks}")}
    assert code_rules(runner.parity(bound)) == set()
    # Not to declare it is the other mistake.
    undeclared = C.replace("      kind: {type: text, nullable: false}\n", "") + reads
    assert code_rules(runner.parity({**bound, CONSUMER: undeclared})) == {"code-column-undeclared"}


def test_a_column_that_no_statement_names_is_not_read(runner: Runner) -> None:
    bound = {CONSUMER: C + READS, READ: read("SELECT id, exit_code FROM deployment_events WHERE kind = $1")}
    assert code_rules(runner.parity(bound)) == {"code-column-unused"}


def test_a_generated_column_that_repeats_another_holds_what_that_one_holds(runner: Runner) -> None:
    kept = (
        'op.alter_column("deployment_events", "hint", new_column_name="hint_text")\n'
        'op.execute("ALTER TABLE deployment_events ADD COLUMN hint text GENERATED ALWAYS AS ({}) STORED")'
    )
    assert "schema-nullability-differs" not in runner.change(revision(kept.format("hint_text"))).rules
    nulled = kept.format("nullif(hint_text, '')")
    assert "schema-nullability-differs" in runner.change(revision(nulled)).rules


@pytest.mark.parametrize(
    ("dialect", "expression", "repeats"),
    [
        ("postgresql", '(("kept"))', True),
        ("postgresql", "Kept", True),
        ("postgresql", '"Kept"', False),
        ("postgresql", "kept()", False),
        ("postgresql", "(kept) || (kind)", False),
        ("mysql", "(`kept`)", True),
        ("mysql", "`KEPT`", True),
        ("mysql", "kept", True),
        ("sqlite", "[kept]", True),
    ],
)
def test_what_a_generated_column_repeats_is_a_name_however_it_is_quoted(
    runner: Runner, dialect: str, expression: str, repeats: bool
) -> None:
    add = f"ALTER TABLE deployment_events ADD COLUMN hint text GENERATED ALWAYS AS ({expression}) STORED"
    moved = (
        f'op.alter_column("deployment_events", "hint", new_column_name="kept", existing_type=sa.Text(), '
        f"existing_nullable=False)\nop.execute({add!r})"
    )
    own = {"migration-lint.toml": f'dialect = "{dialect}"\n'}
    assert ("schema-nullability-differs" not in runner.change(revision(moved), own).rules) is repeats
