"""Scripts and contracts that a change adds where nobody looks: they are not passed over in silence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from .projects import (
    CONSUMER,
    FIRST,
    PRODUCER,
    PROJECT,
    VERSIONS,
    Files,
    Runner,
    report,
    revision,
    script,
    write,
)

DROP = 'op.drop_column("deployment_events", "hint")'
OWN = "migration-lint.toml"
LOOSE = "db/more/b2.py"
ADDED = "services/mail/mail.contract.yaml"
MAIL = PROJECT[CONSUMER].replace("id: api.consumer", "id: mail.consumer")
STANDARD = {
    "customProperties": [{"property": "migrationLint", "value": {"role": "consumer", "service": "mail"}}],
    "apiVersion": "v3.0.0",
    "kind": "DataContract",
    "id": "mail.consumer",
}


def as_json(text: str) -> str:
    return json.dumps(yaml.safe_load(text), indent="\t")


@pytest.fixture
def runner(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Runner:
    return Runner(tmp_path, capsys)


@pytest.mark.parametrize(
    "text",
    [
        script(DROP),
        script(DROP).replace("revision = 'b2'", 'revision: str = "b2"', 1),
        script(DROP).replace("\n", "\r\n"),
        script(DROP, down=None),
    ],
)
def test_a_script_that_no_database_owns(runner: Runner, text: str) -> None:
    found = runner.change({LOOSE: text})
    assert found.status == 2
    assert found.error == (
        f"error: {LOOSE}: this is the script of revision b2, and no database owns it\n"
        "  fix: move it to the scripts of a database, or name its folder in the configuration: "
        'alembic = [..., "db/more"]\n'
    )


def test_a_script_where_there_is_no_database_at_all(runner: Runner) -> None:
    before: Files = {"alembic.ini": None, FIRST: None}
    assert "no database owns it" in runner.change({LOOSE: script(DROP)}, before).error


NONE: Files = {"alembic.ini": None, f"{VERSIONS[: VERSIONS.rindex('/')]}/env.py": None}
UNGATED: Files = {**NONE, PRODUCER: None, CONSUMER: None}


def whole(tmp_path: Path, capsys: pytest.CaptureFixture[str], files: Files) -> str:
    tree = write(tmp_path / "tree", {**PROJECT, **files})
    return report(capsys, "check", "--all", tree, "--head", f"{tree}/")


def test_scripts_that_no_database_owns_where_all_are_judged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing of theirs is read, and that is said."""
    strays = {f"old/versions/{name}.py": script(DROP, name) for name in ("b2", "b3")}
    assert (
        "note: old/versions/b2.py and 1 more: migration scripts that no database owns; "
        'a folder is named in the configuration: alembic = [..., "old/versions"]\n'
    ) in whole(tmp_path, capsys, {**strays})
    stated: Files = {**strays, OWN: 'alembic = "alembic.ini"\n'}
    assert "no database owns" not in whole(tmp_path, capsys, stated)


@pytest.mark.parametrize("files", [NONE, UNGATED])
def test_no_script_is_owned_where_all_are_judged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], files: Files
) -> None:
    found = whole(tmp_path, capsys, files)
    assert found.startswith(f"exit status 2\n\nerror: {FIRST}: this is a migration script, ")
    assert "no database is found that owns it\n" in found
    assert f'in the configuration: alembic = "{VERSIONS}"' in found


def test_an_edited_script_that_no_database_owns(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for before, path, said in (
        ({LOOSE: script("pass")}, LOOSE, "a migration script that no database owns; a folder is named"),
        (UNGATED, FIRST, "this is a migration script, and no database is found that owns it; put the env.py"),
    ):
        base = write(tmp_path / path / "before", {**PROJECT, **before})
        head = write(tmp_path / path / "after", {**PROJECT, **before, path: script(DROP)})
        found = report(capsys, "check", head, "--base", base, "--head", head)
        assert found.startswith("exit status 0\n")
        assert f"note: {path}: {said}" in found


@pytest.mark.parametrize(
    "place", ["tests/data/b2.py", "docs/b2.py", "examples/x/versions/b2.py", "node_modules/x/b2.py"]
)
def test_scripts_that_are_material(runner: Runner, place: str) -> None:
    assert runner.change({place: script("pass")}).status == 0


def test_scripts_that_only_look_like_some(runner: Runner) -> None:
    others: Files = {
        "tools/revise.py": "revision = 'b2'\n",
        "tools/make.py": 'TEXT = """\n    revision = \'b2\'\n    down_revision = \'a1\'\n"""\n',
        f"{VERSIONS}/b2.py.orig": script(DROP),
    }
    assert runner.change(others).status == 0


def test_scripts_that_are_put_aside(runner: Runner) -> None:
    """As for a squash, which has its own findings."""
    aside: Files = {f"{VERSIONS}/b2.py": None, "old/b2.py": script("pass")}
    assert runner.change(aside, revision("pass")).status == 1


def test_scripts_that_lie_aside_may_move_on(runner: Runner) -> None:
    moved: Files = {"old/c3.py": None, "older/c3.py": script("pass", "c3", "b2")}
    assert runner.change(moved, {"old/c3.py": script("pass", "c3", "b2")}).status == 0


def test_scripts_of_a_database_that_is_left_to_another_run(runner: Runner) -> None:
    more: Files = {
        OWN: 'alembic = ["alembic.ini"]\n',
        "mail/alembic.ini": "[alembic]\nscript_location = scripts\n",
        "mail/scripts/versions/m1.py": script("pass", "m1", None),
    }
    assert runner.change({"mail/scripts/versions/m2.py": script("pass", "m2", "m1")}, more).status == 0


@pytest.mark.parametrize("place", [ADDED, "contracts/mail.YAML", "Contracts/mail.yml", "contract/mail.yaml"])
def test_a_contract_that_no_pattern_names(runner: Runner, place: str) -> None:
    found = runner.change({place: MAIL})
    assert found.status == 2
    assert found.error == (
        f"error: {place}: this is a contract, and `contracts` in the configuration does not name it\n"
        "  fix: move it to where contracts are looked for, or name it in the configuration: "
        f'contracts = [..., "{place}"]\n'
    )


@pytest.mark.parametrize("text", [json.dumps(yaml.safe_load(MAIL)), json.dumps(STANDARD, indent=2)])
def test_a_contract_in_json_that_no_pattern_names(runner: Runner, text: str) -> None:
    place = "services/mail/contract.json"
    assert runner.change({place: text}).error.startswith(
        f"error: {place}: this is a contract, and `contracts`"
    )


def in_json(folder: str) -> Files:
    """The project's contracts in JSON, among other JSON, which says nothing of a contract."""
    return {
        PRODUCER: None,
        CONSUMER: None,
        f"{folder}/worker.json": as_json(PROJECT[PRODUCER]),
        f"{folder}/api.json": as_json(PROJECT[CONSUMER]),
        f"{folder}/token.abi.json": '{"abi": []}',
    }


def test_contracts_in_json_are_contracts(runner: Runner) -> None:
    found = runner.change(revision(DROP), in_json("contracts"))
    behind = {told.behind for told in found.findings if told.rule == "contract-column-dropped"}
    assert (found.status, behind) == (1, {frozenset({"api.consumer", "worker.producer"})})


def test_a_contract_in_yaml_in_a_file_that_is_called_json_is_one(runner: Runner) -> None:
    files = {"contracts/worker.json": PROJECT[PRODUCER], "contracts/api.json": PROJECT[CONSUMER]}
    before = {**PROJECT, PRODUCER: None, CONSUMER: None, **files}
    assert "contract-column-dropped" in runner.change(revision(DROP), before).rules


def test_contracts_in_json_in_capitals(runner: Runner) -> None:
    assert runner.change(revision(DROP), in_json("Contracts")).status == 2


def test_json_that_a_pattern_names_is_a_contract(runner: Runner) -> None:
    own: Files = {
        OWN: 'contracts = ["contracts/*.yaml", "token.abi.json"]\n',
        "token.abi.json": '{"abi": []}',
    }
    found = runner.change({}, own)
    assert (found.status, "token.abi.json" in found.error) == (2, True)


def test_contracts_that_are_material_or_somebody_else_s(runner: Runner) -> None:
    others: Files = {
        "examples/mail.yaml": MAIL,
        "rules/own.yaml": "examples:\n  - before: |\n      contract: migration-lint/v1\n",
        "services/mail/contracts/mail.yaml": MAIL,
        f"services/mail/{OWN}": "",
        "ci.yml": "jobs: {migration-lint: {run: migration-lint check}}\n",
    }
    assert runner.change(others).status == 0


def test_contracts_in_capitals_alone(runner: Runner) -> None:
    """Where a pattern names none of them, that stops every run, not only the one that adds them."""
    before: Files = {
        PRODUCER: None,
        CONSUMER: None,
        "Contracts/worker.yaml": PROJECT[PRODUCER],
        "Contracts/api.YML": PROJECT[CONSUMER],
    }
    assert runner.change(revision(DROP), before).status == 2


@pytest.mark.parametrize("command", ["check", "parity"])
def test_contracts_and_scripts_without_a_database(runner: Runner, command: str) -> None:
    lost: Files = {"alembic.ini": None, FIRST: None, "db/versions/a1.py": PROJECT[FIRST]}
    found = runner.parity(lost) if command == "parity" else runner.change({}, lost)
    assert found.status == 2
    assert found.error == (
        "error: db/versions/a1.py: this is a migration script, there are contracts, "
        "and no database is found that owns it\n"
        "  fix: put the env.py or the alembic.ini that runs it into the tree, "
        'or name its folder in the configuration: alembic = "db/versions"\n'
    )
    named = runner.parity({**lost, OWN: 'alembic = "db/versions"\n'})
    assert (named.status, named.error) == (1, "")


@pytest.mark.parametrize("place", ["docs/versions/a1.py", "tests/migrations/a1.py"])
def test_contracts_and_scripts_that_are_material(runner: Runner, place: str) -> None:
    assert runner.change({}, {"alembic.ini": None, FIRST: None, place: PROJECT[FIRST]}).status == 0
