"""`contract init`, `sync` and `export`, through the command line, on the example's project."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from pathlib import Path

import jsonschema
import pytest
import yaml

from migration_lint.contracts.meaning import table_meaning
from migration_lint.contracts.model import Contract
from migration_lint.contracts.parse import parse_contract

from .projects import FIRST, Repository, acknowledging, report, revision, write
from .projects import PROJECT as SMALL

ROOT = Path(__file__).parents[1]
PROJECT = ROOT / "examples/deployment_events/project"
CHANGES = ROOT / "examples/deployment_events/changes"
CASES = Path(__file__).parent / "contract_files"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The example's project, and `base` beside it: the same before a change."""
    shutil.copytree(PROJECT, tmp_path / "base")
    folder = Path(shutil.copytree(PROJECT, tmp_path / "project"))
    monkeypatch.chdir(folder)
    return folder


def as_stored(name: str, found: str) -> None:
    expected = CASES / name
    if os.environ.get("UPDATE_EXPECTED"):
        expected.parent.mkdir(exist_ok=True)
        expected.write_text(found, encoding="utf-8")
    assert found == expected.read_text(encoding="utf-8")


# sync


@pytest.mark.parametrize("indent", [None, 2, "\t"])
@pytest.mark.parametrize(
    "change", ["rename-hint-in-batch", "drop-hint-nobody-follows", "exit-code-to-bigint-in-sql"]
)
def test_what_sync_writes_into_json_is_json(
    change: str, indent: int | str | None, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in [*Path("contracts").iterdir(), *Path("../base/contracts").iterdir()]:
        text = json.dumps(yaml.load(path.read_text(), yaml.BaseLoader), indent=indent)
        path.with_suffix(".json").write_text(text.replace('"false"', "false").replace('"true"', "true"))
        path.unlink()
    shutil.copytree(CHANGES / change, project, dirs_exist_ok=True)
    assert "error[contract-column-" in report(capsys, "check", "--base", "../base")
    report(capsys, "contract", "sync", "--base", "../base", "--write")
    shutil.rmtree(project / "services")  # whose statements are for people to mend
    assert "contract-" not in report(capsys, "check", "--base", "../base")
    for path in Path("contracts").iterdir():
        assert json.loads(path.read_text())["contract"] == "migration-lint/v1"


@pytest.mark.parametrize(
    "change",
    ["rename-hint-in-batch", "drop-hint-nobody-follows", "exit-code-to-bigint-in-sql", "add-attempt"],
)
def test_sync_prints_the_patch_that_makes_the_change_pass(
    change: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(CHANGES / change, project, dirs_exist_ok=True)
    patch = report(capsys, "contract", "sync", "--base", "../base")
    as_stored(f"sync-{change}.txt", patch)
    assert (project / "contracts/api.consumer.yaml").read_text() == (
        PROJECT / "contracts/api.consumer.yaml"
    ).read_text()

    report(capsys, "contract", "sync", "--base", "../base", "--write")
    shutil.rmtree(project / "services")  # whose statements are for people to mend
    assert "contract-" not in report(capsys, "check", "--base", "../base")
    assert report(capsys, "contract", "sync", "--base", "../base").strip() == "exit status 0"


@pytest.mark.parametrize("more", ["", ', description: "two\u2028lines"'])
def test_the_patch_applies_with_git(more: str, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for contract in (project / "contracts").iterdir():
        contract.write_text(
            contract.read_text("utf-8").replace("from: database", f"from: database{more}"), "utf-8"
        )
    shutil.copytree(CHANGES / "rename-hint-in-batch", project, dirs_exist_ok=True)
    patch = report(capsys, "contract", "sync", "--base", "../base").partition("\n\n")[2]
    subprocess.run(["git", "apply", "-"], input=patch, text=True, check=True, cwd=project)
    assert "hint_text:     {type: text" in (project / "contracts/api.consumer.yaml").read_text()


def test_what_only_a_person_can_write_is_said_and_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / "base", SMALL)
    head = write(tmp_path / "head", {**SMALL, **revision('op.execute(open("x.sql").read())')})
    monkeypatch.chdir(head)
    found = report(capsys, "contract", "sync", "--base", "../base", "--write")
    assert found.startswith("exit status 1")
    assert "acknowledge b2 under deployment_events, with the reason why it is safe" in found
    assert (head / "contracts/api.consumer.yaml").read_text() == SMALL["contracts/api.consumer.yaml"]


@pytest.mark.parametrize(
    ("entry", "made"),
    [
        ("columns: {kind: {type: text}, hint: {type: text}}", "columns: {kind: {type: text}}"),
        ("columns: {hint: {type: text}, kind: {type: text}}", "columns: {kind: {type: text}}"),
        ("columns: {hint: {type: text}}", "columns: {}"),
        (
            "columns:\n      hint: {type: text}  # shown to people\n      # the end",
            "columns: {}\n      # the end",
        ),
        (
            "columns:\n      hint:\n        type: text\n      kind: {type: text}",
            "columns:\n      kind: {type: text}",
        ),
        (
            'columns:\n      "hint": {type: text}\n      kind: {type: text}',
            "columns:\n      kind: {type: text}",
        ),
    ],
)
def test_a_column_goes_whatever_the_style(
    entry: str, made: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    head = "contract: migration-lint/v1\nid: api.consumer\nservice: api\nrole: consumer\ntables:\n"
    contract = f"{head}  deployment_events:\n    {entry}\n"
    files = {**SMALL, "contracts/api.consumer.yaml": contract}
    write(tmp_path / "base", files)
    after = write(tmp_path / "head", {**files, **revision('op.drop_column("deployment_events", "hint")')})
    monkeypatch.chdir(after)
    report(capsys, "contract", "sync", "--base", "../base", "--write")
    found = (after / "contracts/api.consumer.yaml").read_text()
    assert found == f"{head}  deployment_events:\n    {made}\n"


def test_sync_keeps_line_ends_and_a_file_without_a_last_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    contract = SMALL["contracts/api.consumer.yaml"].rstrip("\n")
    files = {**SMALL, "contracts/api.consumer.yaml": contract}
    write(tmp_path / "base", files)
    drop = revision('op.alter_column("deployment_events", "hint", new_column_name="advice")')
    monkeypatch.chdir(write(tmp_path / "head", {**files, **drop}))
    report(capsys, "contract", "sync", "--base", "../base", "--write")
    found = Path("contracts/api.consumer.yaml").read_text()
    assert found == contract.replace("hint:", "advice:")


# init


def test_init_writes_both_sides_from_the_migrations(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree(project / "contracts")
    said = report(
        capsys, "contract", "init", "deployment_events", "--producer", "worker", "--consumer", "api"
    )
    as_stored("init.txt", said)
    for side in ("worker.producer", "api.consumer"):
        as_stored(f"init-{side}.yaml", (project / f"contracts/{side}.yaml").read_text())
    assert "exit status 0" in report(capsys, "parity")


def test_init_takes_columns_and_bindings_from_the_code(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.rmtree(project / "contracts")
    arguments = ("deployment_events", "--producer", "worker", "--consumer", "api", "--code", "services")
    report(capsys, "contract", "init", *arguments)
    for side in ("worker.producer", "api.consumer"):
        as_stored(f"init-from-code-{side}.yaml", (project / f"contracts/{side}.yaml").read_text())
    assert report(capsys, "parity") == "exit status 0\n\nno findings in 2 contracts\n"


def test_init_never_overwrites(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (project / "contracts/worker.producer.yaml").read_text()
    said = report(
        capsys, "contract", "init", "deployment_events", "--producer", "worker", "--consumer", "web"
    )
    assert said.startswith("exit status 2")
    assert "there is a contract worker.producer already" in said
    assert (project / "contracts/worker.producer.yaml").read_text() == before
    assert not (project / "contracts/web.consumer.yaml").exists()


def test_init_asks_for_the_table_that_was_meant(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = report(capsys, "contract", "init", "deployment_event", "--producer", "a", "--consumer", "b")
    assert said.startswith("exit status 2")
    assert "did you mean deployment_events?" in said


def test_a_table_that_nobody_reads(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shutil.rmtree(project / "contracts")
    report(capsys, "contract", "init", "deployment_events", "--producer", "worker", "--consumer", "none")
    assert [path.name for path in (project / "contracts").iterdir()] == ["worker.producer.yaml"]
    assert "    consumers: none\n" in (project / "contracts/worker.producer.yaml").read_text()


# export, and the Open Data Contract Standard


def contract(path: Path) -> Contract:
    return parse_contract(path.read_bytes(), "contract.yaml")


@pytest.mark.parametrize("name", ["worker.producer", "api.consumer"])
def test_a_standard_document_says_the_same(
    name: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = report(capsys, "contract", "export", name).partition("\n\n")[2]
    as_stored(f"{name}.odcs.yaml", text)
    (project / "o.yaml").write_text(text)
    ours, theirs = contract(project / f"contracts/{name}.yaml"), contract(project / "o.yaml")
    assert (theirs.id, theirs.role, theirs.service, theirs.owner) == (
        ours.id,
        ours.role,
        ours.service,
        ours.owner,
    )
    for one, other in zip(ours.tables, theirs.tables, strict=True):
        assert table_meaning(one, "postgresql") == table_meaning(other, "postgresql")
        assert [each._replace(line=0) for each in one.code] == [each._replace(line=0) for each in other.code]
        assert [each.examples for each in one.columns] == [each.examples for each in other.columns]


def test_the_document_is_valid_by_the_standard_s_own_schema(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from open_data_contract_standard.model import OpenDataContractStandard

    text = report(capsys, "contract", "export", "worker.producer").partition("\n\n")[2]
    schema = json.loads(OpenDataContractStandard.json_schema())
    jsonschema.Draft201909Validator(schema).validate(yaml.safe_load(text))


def test_a_standard_document_is_a_contract_like_any_other(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for folder in (project, project.parent / "base"):
        text = report(capsys, "contract", "export", "api.consumer", "--project", str(PROJECT))
        (folder / "contracts/api.consumer.yaml").unlink()
        (folder / "contracts/api.yaml").write_text(text.partition("\n\n")[2])
    assert report(capsys, "parity") == "exit status 0\n\nno findings in 2 contracts\n"
    shutil.copytree(CHANGES / "drop-hint-only-producer", project, dirs_exist_ok=True)
    (project / "contracts/api.consumer.yaml").unlink(missing_ok=True)
    found = report(capsys, "check", "--base", "../base")
    assert "contracts/api.yaml:" in found
    assert "still reads hint: {type: text, nullable: false}" in found


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ("apiVersion: v2.2.2", "version v2.2.2 of the Open Data Contract Standard is not read"),
        ("apiVersion: v3.0.2", "the document does not say whose contract it is"),
    ],
)
def test_a_standard_document_that_is_no_contract(
    broken: str, said: str, project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "contracts/more.yaml").write_text(f"{broken}\nkind: DataContract\nid: x\nversion: '1'\n")
    found = report(capsys, "parity")
    assert found.startswith("exit status 2")
    assert said in found
    assert "contracts/more.yaml:1" in found


def test_vectors_hold_the_exact_bytes(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    schema = json.loads(
        report(
            capsys, "contract", "export", "worker.producer", "--format", "json-schema", "--vectors", "vectors"
        )
        .partition("\n\n")[2]
        .partition("wrote")[0]
    )
    assert schema["items"] == {"type": "string"}
    document = json.loads((project / "vectors/deployment_events.last_lines.json").read_text())
    assert len(document["valid"]) > 5
    for vector in document["valid"]:
        assert base64.b64decode(vector["base64"]) == vector["text"].encode()
        jsonschema.validate(vector["value"], schema)
    assert [vector["text"] for vector in document["valid"] if vector["example"]] == [
        '["npm ERR! code ELIFECYCLE", ""]',
        "[]",
    ]
    assert "{}" in [vector["text"] for vector in document["invalid"]]


def test_export_of_what_is_not_there(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "there is no contract worker.consumer" in report(capsys, "contract", "export", "worker.consumer")
    found = report(
        capsys, "contract", "export", "api.consumer", "--format", "json-schema", "--column", "hint"
    )
    assert "api.consumer has no encoding for hint" in found


# vendored files


def test_vendored_files_are_taken_from_a_clone_and_held_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    consumer = "contracts/api.consumer.yaml"
    other = Repository.new(tmp_path / "api", {consumer: SMALL[consumer]})
    other.git("remote", "add", "origin", "https://token@git.example.com/example/api.git")
    ours = write(tmp_path / "worker", {path: text for path, text in SMALL.items() if path != consumer})
    table = ours / FIRST  # the database makes the ids, which the producer does not write
    table.write_text(table.read_text().replace("primary_key=True", 'primary_key=True, server_default="x"'))
    monkeypatch.chdir(ours)

    sync = ("contract", "sync", "--from", str(other.path))
    first = report(capsys, *sync, "--add", f"{consumer}=contracts/vendored/api.yaml", "--write")
    assert "wrote contracts/vendored/api.yaml" in first
    lock = Path("contracts.lock").read_text()
    assert "repository: https://git.example.com/example/api.git" in lock or "git.example.com" in lock
    assert "token" not in lock
    assert report(capsys, "parity").startswith("exit status 0")
    assert report(capsys, *sync) == "exit status 0\n\n"

    vendored = Path("contracts/vendored/api.yaml")
    vendored.write_text(vendored.read_text().replace("hint:", "advice:"))
    tampered = report(capsys, "parity")
    assert "error[vendored-file-tampered]: contracts/vendored/api.yaml is not the file that" in tampered
    vendored.unlink()
    assert "error[vendored-file-missing]" in report(capsys, "parity")

    other.commit({consumer: acknowledging(SMALL[consumer], "b2")})
    report(capsys, *sync, "--write")
    assert "b2: nobody has used it since May" in vendored.read_text()
    assert report(capsys, "parity").startswith("exit status 0")


def test_a_pin_that_moves_counts_only_where_the_content_means_something_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    consumer = "contracts/api.consumer.yaml"
    other = Repository.new(tmp_path / "api", {consumer: SMALL[consumer]})
    monkeypatch.chdir(write(tmp_path / "base", SMALL))
    sync = ("contract", "sync", "--from", str(other.path), "--repository", "https://example.com/api")
    report(capsys, *sync, "--add", f"{consumer}={consumer}", "--write")
    shutil.copytree(tmp_path / "base", tmp_path / "head")
    monkeypatch.chdir(tmp_path / "head")
    write(tmp_path / "head", revision('op.drop_column("deployment_events", "hint")'))
    producer = Path("contracts/worker.producer.yaml")
    producer.write_text(producer.read_text().replace("      hint: {type: text, nullable: false}\n", ""))

    other.commit({consumer: f"# Reviewed.\n{SMALL[consumer]}"})
    report(capsys, *sync, "--write")
    found = report(capsys, "check", "--base", "../base")
    assert "api.consumer did not change with it" in found
    assert "mend it in https://example.com/api, and take it anew" in report(
        capsys, "contract", "sync", "--base", "../base"
    )

    other.commit({consumer: SMALL[consumer].replace("      hint: {type: text, nullable: false}\n", "")})
    report(capsys, *sync, "--write")
    assert report(capsys, "check", "--base", "../base").startswith("exit status 0")


@pytest.mark.parametrize(
    ("lock", "said"),
    [
        ("files: {}\n", "the lock does not begin with lock: migration-lint/v1"),
        ("lock: migration-lint/v1\nfiles:\n  a.yaml: {path: x}\n", "repository, commit, sha256 is missing"),
        ("lock: migration-lint/v1\nfiles: [a]\n", "files is not a mapping"),
    ],
)
def test_a_lock_that_cannot_be_read(
    lock: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(write(tmp_path, {**SMALL, "contracts.lock": lock}))
    for command in (("parity",), ("check", "--all")):
        found = report(capsys, *command)
        assert found.startswith("exit status 2"), command
        assert said in found
        assert "contracts.lock:" in found


def test_a_clone_that_lacks_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    other = Repository.new(tmp_path / "api", {"README": "nothing"})
    monkeypatch.chdir(write(tmp_path / "worker", SMALL))
    sync = ("contract", "sync", "--from", str(other.path))
    assert "has no remote origin" in report(capsys, *sync, "--add", "x.yaml")
    found = report(capsys, *sync, "--add", "x.yaml", "--repository", "https://example.com/api")
    assert found.startswith("exit status 2")
    assert "https://example.com/api has no x.yaml at" in found
    assert not Path("contracts.lock").exists()
