"""The flow over three repositories: one has the migrations, one writes the table, one reads it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from .projects import FIRST, PROJECT, Repository, report, revision, write

WRITES = """\
def record(db, kind: str, exit_code: int | None, hint: str) -> None:
    db.execute(
        "INSERT INTO deployment_events (kind, exit_code, hint) VALUES (%s, %s, %s)",
        (kind, exit_code, hint),
    )
"""
READS = """\
export async function events(kind: string) {
  const found = await pool.query("SELECT id, kind, exit_code, hint FROM deployment_events");
  return found.rows;
}
"""
MIGRATIONS = {
    "alembic.ini": PROJECT["alembic.ini"],
    FIRST: PROJECT[FIRST].replace("primary_key", 'server_default=sa.text("gen_random_uuid()"), primary_key'),
}
WORKER = {"src/record.py": WRITES}
API = {"src/events.ts": READS}

PRODUCER = """\
contract: migration-lint/v1
id: worker.producer
service: worker
role: producer
tables:
  deployment_events:
    columns:
      kind: {type: text, nullable: false}
      exit_code: {type: int4, nullable: true}
      hint: {type: text, nullable: false}
    code:
      - {path: src/record.py, symbol: record, statement: insert}
"""
CONSUMER = """\
contract: migration-lint/v1
id: api.consumer
service: api
role: consumer
tables:
  deployment_events:
    columns:
      id: {type: uuid, nullable: false, from: database}
      kind: {type: text, nullable: false}
      exit_code: {type: int4, nullable: true}
      hint: {type: text, nullable: false}
    code:
      - {path: src/events.ts, symbol: events, statement: select}
"""
WORKER_S, API_S = "contracts/worker.producer.yaml", "contracts/api.consumer.yaml"


@pytest.fixture
def repositories(tmp_path: Path) -> dict[str, Repository]:
    """The three, each with an address, the services with their contracts."""
    made = {
        "schema": Repository.new(tmp_path / "schema", MIGRATIONS),
        "worker": Repository.new(tmp_path / "worker", {**WORKER, WORKER_S: PRODUCER}),
        "api": Repository.new(tmp_path / "api", {**API, API_S: CONSUMER}),
    }
    for name, repository in made.items():
        repository.git("remote", "add", "origin", f"https://git.example.com/example/{name}.git")
    return made


def vendor(capsys: pytest.CaptureFixture[str], origin: Repository, path: str, *more: str) -> str:
    return report(capsys, "contract", "sync", "--from", origin.path, "--add", path, "--write", *more)


def everything(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".git/" not in path.as_posix()
    }


# vendored contracts


@pytest.mark.parametrize(
    ("here", "vendored"),
    [
        ("schema", {"worker": WORKER_S, "api": API_S}),
        ("worker", {"api": API_S}),
        ("api", {"worker": WORKER_S}),
    ],
)
def test_vendoring_contracts_passes_in_every_repository(
    here: str,
    vendored: Mapping[str, str],
    repositories: dict[str, Repository],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(repositories[here].path)
    for name, path in vendored.items():
        assert "wrote contracts/vendored/" in vendor(capsys, repositories[name], path)
    repositories[here].git("add", "--all")
    for command in (("check", "--base", "HEAD", "--head", "index"), ("check", "--base", "HEAD"), ("parity",)):
        found = report(capsys, *command)
        assert found.startswith("exit status 0"), found
        assert "error" not in found
        assert "code-binding-missing" not in found


def test_the_gate_holds_over_vendored_contracts(
    repositories: dict[str, Repository], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    schema = repositories["schema"]
    monkeypatch.chdir(schema.path)
    vendor(capsys, repositories["worker"], WORKER_S)
    vendor(capsys, repositories["api"], API_S)
    base = schema.commit({})
    schema.commit(revision('op.drop_column("deployment_events", "hint")'))
    found = report(capsys, "check", "--base", base)
    assert "api.consumer and worker.producer did not change with it" in found


def test_what_is_vendored_is_held_against_the_side_that_is_here(
    repositories: dict[str, Repository], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    worker, api = repositories["worker"], repositories["api"]
    api.commit({API_S: CONSUMER.replace("hint:", "hint9:")})
    monkeypatch.chdir(worker.path)
    vendor(capsys, api, API_S)
    found = report(capsys, "check", "--base", "HEAD")
    assert found.startswith("exit status 1")
    assert "error[sides-column-unwritten]: api.consumer reads deployment_events.hint9" in found


def test_an_edited_copy_is_still_an_error(
    repositories: dict[str, Repository], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(repositories["worker"].path)
    vendor(capsys, repositories["api"], API_S)
    copy = Path("contracts/vendored/api.consumer.yaml")
    copy.write_text(copy.read_text().partition("    code:")[0])
    assert "error[vendored-file-tampered]" in report(capsys, "check", "--base", "HEAD")


def test_the_bindings_of_an_own_contract_are_still_held(
    repositories: dict[str, Repository], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    worker = repositories["worker"]
    monkeypatch.chdir(worker.path)
    vendor(capsys, repositories["api"], API_S)
    base = worker.commit({})
    write(worker.path, {WORKER_S: PRODUCER.replace("src/record.py", "src/records.py")})
    found = report(capsys, "check", "--base", base)
    assert (
        "error[code-binding-missing]: worker.producer binds record, and src/records.py does not exist"
        in found
    )


def test_a_change_cannot_call_its_own_contract_another_s(
    repositories: dict[str, Repository], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    worker = repositories["worker"]
    monkeypatch.chdir(worker.path)
    copy = Repository.new(worker.path.parent / "copy", {WORKER_S: PRODUCER})
    sync = ("contract", "sync", "--from", copy.path, "--repository", "https://git.example.com/example/copy")
    report(capsys, *sync, "--add", f"{WORKER_S}={WORKER_S}", "--write")
    write(worker.path, {"src/record.py": WRITES.replace("hint)", "hint9)")})
    found = report(capsys, "check", "--base", "HEAD")
    assert found.startswith("exit status 1")
    assert (
        "error[vendored-contract-disowned]: worker.producer is pinned as a copy from "
        "https://git.example.com/example/copy, and the code that it binds is here: src/record.py" in found
    )
    (worker.path / "src/record.py").unlink()  # the service has moved there, with its code
    assert report(capsys, "check", "--base", "HEAD").startswith("exit status 0")


# what nothing here can be held against


def test_a_column_that_nothing_has_is_no_agreement(
    repositories: dict[str, Repository], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    api = repositories["api"]
    monkeypatch.chdir(api.path)
    hint9 = {API_S: CONSUMER.replace("hint:", "hint9:"), "src/events.ts": READS.replace("hint", "hint9")}
    write(api.path, hint9)
    for command in (("parity",), ("check", "--base", "HEAD")):
        found = report(capsys, *command)
        assert (
            "warning[schema-unknown]: api.consumer declares id, kind, exit_code, hint9 of deployment_events, "
            "and nothing here can be held against that: there are no migrations, and no contract of the "
            "other side\n"
        ) in found
        assert "no findings" not in found

    vendor(capsys, repositories["worker"], WORKER_S)
    found = report(capsys, "parity")
    assert "error[sides-column-unwritten]: api.consumer reads deployment_events.hint9" in found
    assert (
        "warning[schema-unknown]: api.consumer declares id of deployment_events, and nothing here can be "
        "held against that: there are no migrations, and worker.producer does not name it\n" in found
    )
    assert found.count("schema-unknown") == 1  # what the worker says is the business of its own repository


def test_an_untouched_contract_is_told_once(
    repositories: dict[str, Repository], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(repositories["api"].path)
    write(repositories["api"].path, {"README": "something else"})
    assert "schema-unknown" not in report(capsys, "check", "--base", "HEAD")


def test_a_repository_with_migrations_is_not_told(
    repositories: dict[str, Repository], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(repositories["schema"].path)
    vendor(capsys, repositories["worker"], WORKER_S)
    assert "schema-unknown" not in report(capsys, "parity")


# contract init


INIT = ("contract", "init", "deployment_events")


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("../api/src", "../api/src is not in this repository"),
        ("/api/src", "/api/src is not in this repository"),
        ("scr", "there is no folder scr in the work tree\n  fix: did you mean src?"),
        ("src/recrd.py", "there is no folder src/recrd.py in the work tree"),
        ("", "it names no folder"),
        ("docs", "no statement on deployment_events was found in docs"),
        (
            "other",
            "no statement on deployment_events was found in other\n  fix: did you mean deployment_event?",
        ),
    ],
)
@pytest.mark.parametrize("migrations", [True, False], ids=["with migrations", "without"])
def test_code_that_shows_nothing_is_an_error_and_nothing_is_written(
    code: str,
    said: str,
    migrations: bool,
    repositories: dict[str, Repository],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    worker = repositories["worker"]
    other = WRITES.replace("deployment_events", "deployment_event")
    files = {WORKER_S: None, "docs/x.md": "", "other/x.py": other, **(MIGRATIONS if migrations else {})}
    worker.commit(files)
    monkeypatch.chdir(worker.path)
    before = everything(worker.path)
    found = report(capsys, *INIT, "--producer", "worker", "--consumer", "none", "--code", code)
    assert found.startswith("exit status 2\n\nerror: --code: ")
    assert said in found
    assert "wrote" not in found
    assert everything(worker.path) == before
    # One folder that is there does not make up for another that is not.
    found = report(capsys, *INIT, "--producer", "worker", "--code", "src", "--code", code)
    assert found.startswith("exit status 2") or code in ("docs", "other")


def test_a_link_to_another_repository_is_no_folder_of_this_one(
    repositories: dict[str, Repository], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    api = repositories["api"].path
    (api / "linked").symlink_to("../worker/src", target_is_directory=True)
    monkeypatch.chdir(api)
    found = report(capsys, *INIT, "--producer", "worker", "--code", "linked")
    assert found.startswith("exit status 2\n\nerror: --code: there is no folder linked in the work tree")


def test_a_consumer_is_drafted_from_the_code_alone(
    repositories: dict[str, Repository], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    api = repositories["api"]
    api.commit({API_S: None})
    monkeypatch.chdir(api.path)
    assert report(capsys, *INIT, "--consumer", "api", "--code", "src") == (
        "exit status 0\n\n"
        "wrote contracts/api.consumer.yaml\n"
        "note: api.consumer: nothing here shows the types of id, kind, exit_code and hint: "
        "write it in the place of unknown\n"
        "read them through, then run migration-lint parity\n"
    )
    assert (
        Path(API_S).read_text()
        == """\
# What api relies on where it reads deployment_events.
# A migration that renames, retypes or drops one of these columns fails unless this file follows.
# Drafted from the code alone: its variables say the types. Write those that the table has.
contract: migration-lint/v1
id: api.consumer
service: api
role: consumer
# owner: "@team-of-api"
tables:
  deployment_events:
    columns:
      id:        {type: unknown}  # nothing here shows its type: write it
      kind:      {type: unknown}  # nothing here shows its type: write it
      exit_code: {type: unknown}  # nothing here shows its type: write it
      hint:      {type: unknown}  # nothing here shows its type: write it
    code:
      - {path: src/events.ts, symbol: events, statement: select, order: exact}
"""
    )
    assert "warning[schema-unknown]" in report(capsys, "parity")


def test_a_producer_is_drafted_from_the_variables_of_its_code(
    repositories: dict[str, Repository], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    worker = repositories["worker"]
    worker.commit({WORKER_S: None})
    monkeypatch.chdir(worker.path)
    found = report(capsys, *INIT, "--producer", "worker", "--code", "src")
    assert (
        "note: worker.producer: nothing here shows the type of exit_code: write it in the place of unknown"
        in found
    )
    assert "note: worker.producer: the types of kind and hint are those of the code's variables" in found
    drafted = Path(WORKER_S).read_text()
    assert "      kind:      {type: text, nullable: false}\n" in drafted
    assert "      exit_code: {type: unknown, nullable: true}  # nothing" in drafted


def test_a_draft_takes_the_types_that_a_vendored_contract_says(
    repositories: dict[str, Repository], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    api = repositories["api"]
    api.commit({API_S: None, "src/events.ts": READS.replace("id, ", "")})
    monkeypatch.chdir(api.path)
    vendor(capsys, repositories["worker"], WORKER_S)
    found = report(capsys, *INIT, "--consumer", "api", "--code", "src")
    assert "note" not in found
    drafted = Path(API_S).read_text()
    assert "      exit_code: {type: int4, nullable: true}\n" in drafted
    assert report(capsys, "parity").partition("note")[0] == "exit status 0\n\n"


def test_without_migrations_or_code_nothing_is_drafted(
    repositories: dict[str, Repository], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(repositories["worker"].path)
    found = report(capsys, "contract", "init", "attempts", "--producer", "worker")
    assert found.startswith(
        "exit status 2\n\nerror: there are no migrations here: nothing shows what attempts is"
    )


@pytest.mark.parametrize("migrations", [True, False], ids=["with migrations", "without"])
def test_a_side_that_no_statement_is_of(
    migrations: bool,
    repositories: dict[str, Repository],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    worker = repositories["worker"]
    worker.commit({WORKER_S: None, **(MIGRATIONS if migrations else {})})
    monkeypatch.chdir(worker.path)
    found = report(capsys, *INIT, "--producer", "worker", "--consumer", "api", "--code", "src")
    if migrations:
        assert (
            "note: no statement reads deployment_events: api.consumer is drafted from the schema alone"
            in found
        )
        assert "# Drafted from the schema alone" in Path(API_S).read_text()
    else:
        assert found.startswith("exit status 2")
        assert "no statement in src reads deployment_events, and no migration makes it" in found
        assert not list(Path("contracts").iterdir())


@pytest.mark.parametrize("migrations", [True, False], ids=["with migrations", "without"])
def test_columns_that_no_statement_names_are_never_none(
    migrations: bool,
    repositories: dict[str, Repository],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    api = repositories["api"]
    star = READS.replace("id, kind, exit_code, hint", "*")
    api.commit({API_S: None, "src/events.ts": star, **(MIGRATIONS if migrations else {})})
    monkeypatch.chdir(api.path)
    found = report(capsys, *INIT, "--consumer", "api", "--code", "src")
    if migrations:
        drafted = Path(API_S).read_text()
        assert [name for name in ("id", "kind", "exit_code", "hint") if f"      {name}:" not in drafted] == []
    else:
        assert found.startswith("exit status 2")
        assert "src/events.ts:2 names no columns, and nothing else shows which columns" in found
        assert not list(Path("contracts").iterdir())


def test_a_table_whose_columns_no_migration_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    files = {**MIGRATIONS, **revision('op.create_index("a_kind", "attempts", ["kind"])')}
    monkeypatch.chdir(write(tmp_path, files))
    found = report(capsys, "contract", "init", "attempts", "--producer", "worker", "--consumer", "api")
    assert "columns: {}" not in "".join(path.read_text() for path in tmp_path.rglob("*.yaml"))
    assert "note: the migrations do not show all of attempts" in found or found.startswith("exit status 2")


def test_a_type_that_no_migration_shows_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    body = 'op.create_table("attempts", sa.Column("a", made(), nullable=False), sa.Column("b", sa.Text()))'
    files = {**MIGRATIONS, **revision(f"from elsewhere import made\n{body}")}
    monkeypatch.chdir(write(tmp_path, files))
    found = report(capsys, "contract", "init", "attempts", "--producer", "worker", "--consumer", "none")
    assert (
        "note: worker.producer: nothing here shows the type of a: write it in the place of unknown" in found
    )


def test_a_column_of_the_code_that_no_migration_makes_is_said(
    repositories: dict[str, Repository], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    api = repositories["api"]
    api.commit({API_S: None, "src/events.ts": READS.replace("hint", "hint9"), **MIGRATIONS})
    monkeypatch.chdir(api.path)
    found = report(capsys, *INIT, "--consumer", "api", "--code", "src")
    assert (
        "note: api.consumer: src/events.ts:2 names deployment_events.hint9, which no migration makes: "
        "it is left out\n" in found
    )


def test_a_vendored_contract_is_drafted_where_it_comes_from(
    repositories: dict[str, Repository], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    worker = repositories["worker"]
    monkeypatch.chdir(worker.path)
    vendor(capsys, repositories["api"], API_S)
    write(worker.path, {"src/more.py": 'Q = "SELECT id FROM attempts"\n', **MIGRATIONS})
    write(worker.path, revision('op.create_table("attempts", sa.Column("id", sa.Uuid(), primary_key=True))'))
    found = report(capsys, "contract", "init", "attempts", "--producer", "none", "--consumer", "api")
    assert found.startswith("exit status 2")
    assert "api.consumer is vendored from https://git.example.com/example/api.git" in found


# a second table


ATTEMPTS = revision(
    'op.create_table("attempts", sa.Column("id", sa.Uuid(), primary_key=True), sa.Column("note", sa.Text()))'
)
ENTRY = """\
  attempts:
    columns:
      id:   {type: uuid, nullable: false}
      note: {type: text, nullable: true}
    # The statements that this side runs, for `migration-lint parity` to hold against it:
    # code:
    #   - {path: src/events.go, symbol: NameOfTheFunction, statement: insert}
    consumers: none
"""
HEAD = "contract: migration-lint/v1\nid: worker.producer\nservice: worker\nrole: producer\n"
FLOW = "{columns: {id: {type: uuid, nullable: false}, note: {type: text, nullable: true}}, consumers: none}"


DEEPER = "".join(f"  {line}\n" for line in ENTRY.splitlines())

#: Contracts that have a table `t`, with what is put where the second one has to stand: > ENTRY and the like.
CONTRACTS = {
    "block": "# Ours.\nHEADtables:\n  t:\n    columns: {a: {type: text}}  # all\n>ENTRY",
    "a comment behind": "HEADtables:\n  t:\n    columns:\n      a:   {type: text}\n\n    # code:\n>ENTRY",
    "no last line end": "HEADtables:\n  t: {columns: {}}>\nENTRY",
    "none yet": "HEADtables:< {}>  # none yet\n>ENTRY",
    "deeper": "HEADtables:\n    t:\n        columns: {}\n>DEEPER",
    "braces": "HEADtables: {t: {columns: {}}>, attempts: FLOW<}\n",
    "a text": "HEADtables:\n  t:\n    description: |\n      two\n\n      parts\n>ENTRY",
    "above the rest": "tables:\n  t:\n    columns: {}\n>ENTRY<\n# Whose it is.\nHEAD",
}


def before_and_after(case: str) -> tuple[str, str]:
    """A case's text, and what it has to become: `>…<` is put there, `<…>` is taken out."""
    before, after, state = "", "", ""
    for part in re.split("([<>])", case):
        if part in "<>":
            state = "" if state else part
            continue
        before += part if state != ">" else ""
        after += part if state != "<" else ""
    named = (("HEAD", HEAD), ("ENTRY", ENTRY), ("DEEPER", DEEPER), ("FLOW", FLOW))
    for name, text in named:
        before, after = before.replace(name, text), after.replace(name, text)
    return before, after


@pytest.mark.parametrize("case", CONTRACTS)
@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_a_second_table_is_added_and_the_rest_stays(
    case: str, end: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before, after = (text.replace("\n", end) for text in before_and_after(CONTRACTS[case]))
    monkeypatch.chdir(write(tmp_path, {**MIGRATIONS, **ATTEMPTS, "contracts/of-worker.yaml": before}))
    found = report(capsys, "contract", "init", "attempts", "--producer", "worker", "--consumer", "none")
    assert found.startswith("exit status 0\n\nupdated contracts/of-worker.yaml\n")
    assert Path("contracts/of-worker.yaml").read_bytes().decode() == after
    assert [path.name for path in Path("contracts").iterdir()] == ["of-worker.yaml"]


def test_a_table_that_is_in_the_contract_already(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    text = f"{HEAD}tables:\n  public.attempts:\n    columns: {{}}\n"
    monkeypatch.chdir(write(tmp_path, {**MIGRATIONS, **ATTEMPTS, WORKER_S: text}))
    found = report(capsys, "contract", "init", "attempts", "--producer", "worker", "--consumer", "web")
    assert found.startswith("exit status 2")
    assert "there is a contract worker.producer already, and attempts is in it" in found
    assert Path(WORKER_S).read_text() == text
    assert not Path("contracts/web.consumer.yaml").exists()


def test_a_document_of_the_standard_is_left_to_a_person(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(write(tmp_path, {**MIGRATIONS, **ATTEMPTS, WORKER_S: PRODUCER}))
    text = report(capsys, "contract", "export", "worker.producer").partition("\n\n")[2]
    write(tmp_path, {WORKER_S: text})
    found = report(capsys, "contract", "init", "attempts", "--producer", "worker", "--consumer", "none")
    assert found.startswith("exit status 2")
    assert "add it by hand below its tables" in found
    assert Path(WORKER_S).read_text() == text


def test_one_service_on_both_sides(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(
        write(tmp_path, {**MIGRATIONS, **ATTEMPTS, WORKER_S: PRODUCER.partition("    code")[0]})
    )
    found = report(capsys, "contract", "init", "attempts", "--producer", "worker", "--consumer", "worker")
    assert "updated contracts/worker.producer.yaml\nwrote contracts/worker.consumer.yaml\n" in found


def test_where_nothing_looks_for_contracts_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(write(tmp_path, {**MIGRATIONS, **ATTEMPTS}))
    arguments = ("--producer", "worker", "--consumer", "none", "--directory", "docs")
    found = report(capsys, "contract", "init", "attempts", *arguments)
    assert "note: docs/worker.producer.yaml: `contracts` in the configuration does not name it" in found


def test_a_last_column_that_goes_is_left_to_a_person(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    one = f"{HEAD}tables:\n  deployment_events:\n    columns: {{hint: {{type: text}}}}\n"
    write(tmp_path / "base", {**MIGRATIONS, WORKER_S: one})
    drop = revision('op.drop_column("deployment_events", "hint")')
    monkeypatch.chdir(write(tmp_path / "head", {**MIGRATIONS, WORKER_S: one, **drop}))
    found = report(capsys, "contract", "sync", "--base", "../base", "--write")
    assert found.startswith("exit status 1")
    assert "deployment_events has no column left that worker.producer relies on" in found
