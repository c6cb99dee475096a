"""`migration_lint.testing`, as the tests of a service use it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from migration_lint.errors import CannotJudge
from migration_lint.testing import ContractBroken, TableContract, contract_table

ROOT = Path(__file__).parents[1]
CONTRACTS = ROOT / "examples/deployment_events/project/contracts"
INSERT = (
    "INSERT INTO deployment_events (deployment_id, kind, reason, exit_code, event, last_lines, hint) "
    "VALUES (%s, 'failure_autopsy', %s, %s, %s, %s, %s)"
)
VALUES = ("d1", "exited", 1, "build", '["npm ERR!"]', "")


@pytest.fixture
def worker() -> TableContract:
    return contract_table(CONTRACTS / "worker.producer.yaml")


def test_what_the_service_runs_keeps_the_contract(worker: TableContract) -> None:
    worker.check(INSERT, VALUES)
    worker.check(INSERT)
    worker.check(INSERT.replace("%s", "$1", 1), None)
    named = INSERT
    for name in ("a", "b", "c", "d", "e", "f"):
        named = named.replace("%s", f"%({name})s", 1)
    worker.check(named, dict(zip("abcdef", VALUES, strict=True)))


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (INSERT.replace("hint)", "hint_text)"), "hint_text is not declared"),
        (
            INSERT.replace("reason, exit_code", "exit_code, reason"),
            "its columns are deployment_id, kind, exit_code",
        ),
        (
            INSERT.replace("'failure_autopsy'", "'restart'"),
            "kind is 'restart'; the contract lists failure_autopsy",
        ),
        ("INSERT INTO deployment_events VALUES (1)", "it names no columns"),
        ("INSERT INTO deployments (id) VALUES (1)", "it does not use deployment_events"),
    ],
)
def test_a_statement_that_breaks_it(worker: TableContract, statement: str, said: str) -> None:
    with pytest.raises(ContractBroken, match=r"worker\.producer is broken by") as raised:
        worker.check(statement)
    assert said in str(raised.value)


@pytest.mark.parametrize(
    ("position", "value", "said"),
    [
        (1, None, "reason is NULL, which the contract rules out"),
        (2, "1", "exit_code is bound to '1': it holds text, the column whole numbers"),
        (4, "npm\nERR", "last_lines does not decode: 'npm\\nERR' is no JSON"),
        (4, "[1]", "last_lines does not decode: '[1]' does not fit at [0]"),
    ],
)
def test_a_value_that_breaks_it(worker: TableContract, position: int, value: object, said: str) -> None:
    values = [*VALUES[:position], value, *VALUES[position + 1 :]]
    with pytest.raises(ContractBroken) as raised:
        worker.check(INSERT, values)
    assert said in str(raised.value)


def test_a_number_may_be_null_where_the_contract_says_so(worker: TableContract) -> None:
    worker.check_value("exit_code", None)
    worker.check(INSERT, [*VALUES[:2], None, *VALUES[3:]])


def test_the_bytes_are_those_of_the_examples(worker: TableContract) -> None:
    assert worker.examples("last_lines") == ('["npm ERR! code ELIFECYCLE", ""]', "[]")
    worker.check_round_trip("last_lines", json.dumps, json.loads)
    with pytest.raises(ContractBroken, match="the contract says"):
        worker.check_round_trip("last_lines", lambda v: json.dumps(v, separators=(",", ":")), json.loads)
    with pytest.raises(ContractBroken, match="gives no examples of hint"):
        worker.check_round_trip("hint", str, str)


def test_a_row_that_is_read() -> None:
    api = contract_table(CONTRACTS / "api.consumer.yaml", "deployment_events")
    row: dict[str, object] = dict.fromkeys(api.columns, "x") | {"exit_code": None, "last_lines": ["a"]}
    api.check_row(row)
    with pytest.raises(ContractBroken, match="the row has no hint"):
        api.check_row({name: value for name, value in row.items() if name != "hint"})


def test_what_sqlalchemy_sends(worker: TableContract) -> None:
    engine = sa.create_engine("sqlite://")
    table = sa.Table(
        "deployment_events",
        sa.MetaData(),
        *(sa.Column(name, sa.JSON() if name == "last_lines" else sa.String()) for name in worker.columns),
    )
    table.create(engine)
    watched = contract_table(CONTRACTS / "worker.producer.yaml", dialect="sqlite")
    row = dict(zip(worker.columns, ("d1", "failure_autopsy", *VALUES[1:4], ["a"], ""), strict=True))
    row["exit_code"] = None
    with watched.watching(engine) as sent, engine.begin() as connection:
        connection.execute(sa.insert(table), [row, row])
    assert len(sent) == 2
    broken = pytest.raises(ContractBroken, match="kind is 'restart'")
    with broken, watched.watching(engine), engine.begin() as connection:
        connection.execute(sa.insert(table), {**row, "kind": "restart"})
    silent = pytest.raises(ContractBroken, match="no statement on deployment_events was sent")
    with silent, watched.watching(engine):
        pass


def test_the_fixture_of_the_plugin(pytester: pytest.Pytester) -> None:
    (pytester.path / "contracts").mkdir()
    text = (CONTRACTS / "worker.producer.yaml").read_text()
    (pytester.path / "contracts/worker.producer.yaml").write_text(text)
    pytester.makepyfile(
        """
        def test_it(contract_table):
            table = contract_table("contracts/worker.producer.yaml")
            table.check_value("kind", "restart")
        """
    )
    ran = pytester.runpytest("-p", "no:cacheprovider")
    ran.assert_outcomes(failed=1)
    ran.stdout.fnmatch_lines(["*worker.producer: kind is 'restart'; the contract lists failure_autopsy"])


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (
            lambda: contract_table(CONTRACTS / "worker.producer.yaml", "deployments"),
            "has no table deployments",
        ),
        (lambda: contract_table(CONTRACTS / "worker.producer.yaml", dialect="db2"), "unknown dialect db2"),
    ],
)
def test_a_slip_is_said(make: Callable[[], TableContract], said: str) -> None:
    with pytest.raises(CannotJudge, match=said):
        make()
