"""Two databases with a table of one name: a contract means one of them, whatever happens in the other."""

from __future__ import annotations

from pathlib import Path

import pytest

from migration_lint.check.pipeline import run_check
from migration_lint.cli import main

from .projects import Files, Runner, report, script, write

INI = "[alembic]\nscript_location = alembic\n"
USERS = """
op.create_table(
    "users",
    sa.Column("email", sa.String(64), nullable=False),
    sa.Column("role", sa.String(64)),
)
"""
DROP = 'op.drop_column("users", "email")'
NOT_SAID = "users is a table of accounts and manager, and b.consumer does not say of which"


def contract(side: str, above: str = "", inside: str = "", columns: str = "email role") -> str:
    role = {"a": "producer", "b": "consumer"}[side]
    nullable = {"email": "false", "role": "true"}
    lines = "".join(
        f"      {each}: {{type: varchar(64), nullable: {nullable[each]}}}\n" for each in columns.split()
    )
    return (
        f"contract: migration-lint/v1\nid: {side}.{role}\nservice: {side}\nrole: {role}\n{above}"
        f"tables:\n  users:\n{inside}    columns:\n{lines}"
    )


def contracts(above: str = "", inside: str = "", columns: str = "email role") -> dict[str, str]:
    return {f"contracts/{side}.yaml": contract(side, above, inside, columns) for side in "ab"}


def added(database: str, body: str, revision: str = "2", down: str | None = "1") -> dict[str, str]:
    below = down if down is None else f"{database[0]}{down}"
    name = f"{database[0]}{revision}"
    return {f"{database}/alembic/versions/{name}.py": script(body, name, below)}


TWO: Files = {
    "accounts/alembic.ini": INI,
    "manager/alembic.ini": INI,
    **added("accounts", USERS, "1", None),
    **added("manager", USERS, "1", None),
}
MANAGER = "database: manager\n"
#: Every way to say whose table it is.
SAID = [
    contracts(MANAGER),
    contracts(inside=f"    {MANAGER}"),
    contracts("database: accounts\n", f"    {MANAGER}"),
    contracts("database: manager/alembic.ini\n"),
]


class Two(Runner):
    """Judges changes of the two databases."""

    def judged(self, before: Files, after: Files) -> tuple[int, set[str], str]:
        base = write(self.folder / "before", {**TWO, **before})
        head = write(self.folder / "after", {**TWO, **before, **after})
        found = self.check(head, "--base", base, "--head", head)
        return found.status, {each.rule for each in found.findings if each.severity == "error"}, found.error


@pytest.fixture
def runner(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Runner:
    return Runner(tmp_path, capsys)


@pytest.fixture
def two(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Two:
    return Two(tmp_path, capsys)


@pytest.mark.parametrize("said", SAID)
def test_a_contract_means_the_database_that_it_names(two: Two, said: Files) -> None:
    assert two.judged(said, added("accounts", DROP))[:2] == (0, set())


@pytest.mark.parametrize("said", SAID)
def test_a_drop_in_the_database_that_it_names(two: Two, said: Files) -> None:
    assert two.judged(said, added("manager", DROP))[:2] == (1, {"contract-column-dropped"})


def test_following_is_by_the_database_that_it_names(two: Two) -> None:
    after = {**added("manager", DROP), **contracts(MANAGER, columns="role")}
    assert two.judged(contracts(MANAGER), after)[:2] == (0, set())


def test_a_contract_has_to_say_which(two: Two) -> None:
    status, _, error = two.judged(contracts(), added("manager", DROP))
    assert status == 2
    assert (
        f"contracts/b.yaml:6: {NOT_SAID}\n"
        "  fix: write `database: accounts` or `database: manager` into its entry, "
        "or above the contract's tables\n"
    ) in error


def test_it_has_to_once_the_second_database_has_the_table(two: Two) -> None:
    second = "manager/alembic/versions/m1.py"
    before = {**contracts(), second: script("pass", "m1", None)}
    assert two.judged(before, added("accounts", DROP))[:2] == (1, {"contract-column-dropped"})
    assert two.judged(before, {**added("manager", USERS), **added("accounts", "pass")})[0] == 2


def test_one_that_is_said_in_the_change_is_what_was_meant(two: Two) -> None:
    status, rules, _ = two.judged(contracts(), {**contracts(MANAGER), **added("accounts", DROP)})
    assert (status, rules) == (0, set())


def test_nobody_gets_out_by_naming_another_database(two: Two) -> None:
    moved = {**contracts("database: accounts\n"), **added("manager", DROP)}
    status, rules, _ = two.judged(contracts(MANAGER), moved)
    assert (status, "contract-column-dropped" in rules) == (1, True)


def test_nobody_gets_out_by_making_the_table_in_another_database(two: Two) -> None:
    before = {**contracts(), "accounts/alembic/versions/a1.py": script("pass", "a1", None)}
    after = {**contracts("database: accounts\n"), **added("accounts", USERS), **added("manager", DROP)}
    status, rules, _ = two.judged(before, after)
    assert (status, "contract-column-dropped" in rules) == (1, True)


def test_a_name_that_no_database_has(two: Two) -> None:
    status, _, error = two.judged(contracts("database: manger\n"), {})
    assert status == 2
    assert "a.producer names the database manger, and no database is called so\n" in error
    assert "  fix: did you mean manager?\n" in error


def test_a_database_of_another_repository(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = contract("b", "database: billing\n").replace("users:", "invoices:")
    write(
        tmp_path, {**TWO, **contracts(MANAGER), "contracts/c.yaml": other.replace("b.consumer", "c.consumer")}
    )
    found = report(capsys, "parity", tmp_path)
    assert "note: contracts/c.yaml:7: no database here is called billing: invoices is not judged" in found
    assert "no findings in 3 contracts" in found


def test_what_cannot_be_read_in_the_other_database(two: Two) -> None:
    unread = "op.execute(open('x').read())"
    assert two.judged(contracts(MANAGER), added("accounts", unread))[:2] == (0, set())
    assert two.judged(contracts(MANAGER), added("manager", unread))[1] == {"contract-opaque-operation"}


def test_every_revision(two: Two) -> None:
    project = write(two.folder / "all", {**TWO, **contracts(MANAGER), **added("accounts", DROP)})
    found = two.check(project, "--all")
    assert not [each for each in found.findings if each.severity == "error"]


def test_parity_is_with_the_database_that_it_names(two: Two) -> None:
    write(two.folder, {**TWO, **contracts(MANAGER), **added("accounts", DROP)})
    assert two._run("parity", two.folder).findings == ()
    write(two.folder, added("manager", 'op.alter_column("users", "email", nullable=True)'))
    assert {each.rule for each in two._run("parity", two.folder).findings} != set()


def test_sync_follows_the_database_that_it_names(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    base = write(tmp_path / "before", {**TWO, **contracts(MANAGER)})
    head = write(tmp_path / "after", {**TWO, **contracts(MANAGER), **added("accounts", DROP)})
    head = write(head, added("manager", 'op.drop_column("users", "role")'))
    capsys.readouterr()
    assert main(["contract", "sync", str(head), "--base", str(base), "--write"]) == 0
    assert (head / "contracts/b.yaml").read_text() == contract("b", MANAGER, columns="email")


def test_sync_needs_to_be_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    base = write(tmp_path / "before", {**TWO, **contracts()})
    head = write(tmp_path / "after", {**TWO, **contracts(), **added("manager", DROP)})
    assert NOT_SAID in report(capsys, "contract", "sync", head, "--base", base)


def test_init_needs_to_be_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, {**TWO, **added("manager", 'op.drop_column("users", "role")')})
    init = ("contract", "init", "users", "--consumer", "b", "--project", tmp_path)
    assert report(capsys, *init) == (
        "exit status 2\n\nerror: users is a table of accounts and manager\n"
        "  fix: say of which: --database accounts or --database manager\n"
    )
    assert "no database is called managr\n  fix: did you mean manager?" in report(
        capsys, *init, "--database", "managr"
    )
    assert "exit status 0" in report(capsys, *init, "--database", "manager")
    text = (tmp_path / "contracts/b.consumer.yaml").read_text()
    assert "  users:\n    database: manager\n    columns:\n      email:" in text
    assert "role:  {" not in text
    assert "no findings" in report(capsys, "parity", tmp_path)


def test_databases_have_their_own_dialects(two: Two) -> None:
    """The case of a table's name counts on one only, and an unqualified name means another schema."""
    own = {
        "migration-lint.toml": '[databases.manager]\ndialect = "mysql"\n'
        '[databases.accounts]\ndefault-schema = "app"\n'
    }
    before = {**own, **contracts(MANAGER)}
    before = {path: text.replace("users:", "USERS:") for path, text in before.items()}
    assert two.judged(before, added("manager", DROP))[1] == {"contract-column-dropped"}
    named = {
        path: text.replace("users:", "app.users:") for path, text in contracts("database: accounts\n").items()
    }
    two.folder = two.folder / "named"
    assert two.judged({**own, **named}, added("accounts", DROP))[1] == {"contract-column-dropped"}


STATE = (
    "op.create_table('run', sa.Column('id', sa.Integer(), primary_key=True), sa.Column('state', sa.JSON()))"
)
FOLDERS = "db/migrations/versions"


def of_dialects(*names: str) -> dict[str, str]:
    """One env.py and a folder of scripts for each dialect, whose revisions have the same ids."""
    return {
        "db/alembic.ini": "[alembic]\nscript_location = migrations\n",
        "db/migrations/env.py": "from alembic import context\n",
        **{f"{FOLDERS}/{name}/a1.py": script(STATE, "a1", None) for name in names},
    }


def runs(database: str, kind: str) -> dict[str, str]:
    return {
        f"contracts/{role}.yaml": f"contract: migration-lint/v1\nid: x.{role}\nservice: x\nrole: {role}\n"
        f"database: {database}\ntables:\n  run:\n"
        f"    columns:\n      state: {{type: {kind}, nullable: true}}\n"
        for role in ("producer", "consumer")
    }


@pytest.mark.parametrize("changed", ["postgresql", "mysql", "sqlite"])
def test_folders_of_dialects_are_databases(runner: Runner, changed: str) -> None:
    dialects = of_dialects("postgresql", "sqlite", "mysql")
    drop = script('op.drop_column("run", "state")')
    for database in ("postgresql", "sqlite", "mysql"):
        wanted = {"contract-column-dropped"} if database == changed else set()
        before = {**dialects, **runs(database, "json")}
        base = write(runner.folder / database / "before", before)
        head = write(runner.folder / database / "after", {**before, f"{FOLDERS}/{changed}/b2.py": drop})
        found = runner.check(head, "--base", base, "--head", head)
        assert found.error == ""
        assert {each.rule for each in found.findings if each.severity == "error"} == wanted


def test_each_folder_is_read_in_its_dialect(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, of_dialects("postgresql", "mysql"))
    add = script("op.add_column('run', sa.Column('at', sa.DateTime(timezone=True)))")
    write(tmp_path, {f"{FOLDERS}/{name}/b2.py": add for name in ("postgresql", "mysql")})
    for name, wanted in (("postgresql", "timestamptz"), ("mysql", "datetime")):
        init = ("contract", "init", "run", "--consumer", name, "--project", tmp_path, "--database", name)
        assert "exit status 0" in report(capsys, *init)
        assert f"at:    {{type: {wanted}" in (tmp_path / f"contracts/{name}.consumer.yaml").read_text()


def test_a_folder_of_a_dialect_may_have_a_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, {**of_dialects("postgresql", "mysql"), **runs("old", "json")})
    write(tmp_path, {"migration-lint.toml": f'[databases.old]\nalembic = "{FOLDERS}/mysql"\n'})
    assert "no findings in 2 contracts" in report(capsys, "parity", tmp_path)


def test_folders_of_other_names_are_one_history(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, of_dialects("mysql", "later"))
    assert "revision 'a1' is in two files" in report(capsys, "check", tmp_path, "--all")


def test_a_dialect_is_added(runner: Runner) -> None:
    """What was there before goes on: it had the folder above to itself."""
    before = {**of_dialects("postgresql"), **runs("postgresql", "json")}
    base = write(runner.folder / "before", {
        path: text.replace("database: postgresql\n", "") for path, text in before.items()
    })  # fmt: skip
    drop = script('op.drop_column("run", "state")')
    more = {**of_dialects("mysql"), f"{FOLDERS}/postgresql/b2.py": drop}
    head = write(runner.folder / "after", {**before, **more})
    found = runner.check(head, "--base", base, "--head", head)
    assert "contract-column-dropped" in found.rules


def named(manager: str, accounts: str = "accounts", more: str = "") -> dict[str, str]:
    """A configuration that gives both databases names."""
    return {
        "migration-lint.toml": f'[databases.{manager}]\nalembic = "manager/alembic.ini"\n{more}'
        f'[databases.{accounts}]\nalembic = "accounts/alembic.ini"\n'
    }


def of(database: str) -> dict[str, str]:
    return contracts(f"database: {database}\n")


@pytest.mark.parametrize(
    ("dropped", "found"), [("manager", {"contract-column-dropped"}), ("accounts", set())]
)
@pytest.mark.parametrize(
    ("before", "after", "meant"),
    [
        (named("old"), named("new"), ("old", "new")),
        (named("one", "two"), named("two", "one"), ("one", "two")),  # each is called as the other was
    ],
)
def test_each_tree_has_names_of_its_own(
    two: Two, before: Files, after: Files, meant: tuple[str, str], dropped: str, found: set[str]
) -> None:
    old, new = map(of, meant)
    rules = two.judged({**before, **old}, {**after, **new, **added(dropped, DROP)})[1]
    assert rules == found


def test_names_change_places_and_the_contract_stays(two: Two) -> None:
    """What it meant is still protected."""
    after = {**named("two", "one"), **added("manager", DROP)}
    assert "contract-column-dropped" in two.judged({**named("one", "two"), **of("one")}, after)[1]


def test_a_contract_that_keeps_a_name_that_is_gone(two: Two) -> None:
    status, _, error = two.judged({**named("manager1"), **of("manager1")}, named("manager2"))
    assert status == 2
    assert "a.producer names the database manager1, and no database is called so\n" in error
    assert "did you mean manager2?" in error


def test_names_that_a_first_configuration_gives(two: Two) -> None:
    """Base holds nothing yet: the dialect is that of the database which head calls so."""
    mysql = named("customers", more='dialect = "mysql"\n')
    body = 'op.execute("ALTER TABLE `users` DROP `email`")'
    base = write(two.folder / "before", TWO)
    head = write(two.folder / "after", {**TWO, **mysql, **added("manager", body)})
    report = run_check(head, base=str(base), head=str(head), environ={}, use_cache=False)
    assert {each.name: each.dialect for each in report.judged().databases} == {
        "accounts/alembic.ini": "postgresql",
        "manager/alembic.ini": "mysql",
    }


def of_one_id(database: str, revision: str, body: str, down: str | None = "0001") -> dict[str, str]:
    return {f"{database}/alembic/versions/{revision}.py": script(body, revision, down)}


NUMBERED: Files = {
    "accounts/alembic.ini": INI,
    "manager/alembic.ini": INI,
    **of_one_id("accounts", "0001", USERS, None),
    **of_one_id("manager", "0001", USERS, None),
    **of_one_id("accounts", "0002", DROP),
    **of_one_id("manager", "0002", 'op.drop_column("users", "role")'),
}


def dropped(told: str) -> set[str]:
    return {column for column in ("email", "role") if f"users.{column} is dropped" in told}


def test_a_named_script_is_not_the_other_database_s_of_the_same_id(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(write(tmp_path, NUMBERED))
    assert dropped(report(capsys, "check", "manager/alembic/versions/0002.py")) == {"role"}


def test_the_start_of_one_database_is_not_that_of_another(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path, {**NUMBERED, **of_one_id("accounts", "0003", "pass", "0002")})
    write(tmp_path, {"migration-lint.toml": 'start-after = ["0003"]\n'})
    assert dropped(report(capsys, "check", tmp_path, "--all")) == {"role"}
    write(tmp_path, {"migration-lint.toml": 'start-after = ["0002"]\n'})
    assert dropped(report(capsys, "check", tmp_path, "--all")) == set()


def test_a_revision_that_stands_on_one_of_another_database_is_noted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Both may be run as one, and it may be a slip."""
    write(tmp_path, {**TWO, "manager/alembic/versions/m2.py": script("pass", "m2", "a1")})
    assert (
        "note: manager/alembic.ini: revisions stand on a1 of accounts/alembic.ini, "
        "which is judged as a database of its own\n"
    ) in report(capsys, "check", tmp_path, "--all")


#: The second environment speaks of a table that it does not make; both may be in one database.
GUEST: Files = {
    "accounts/alembic.ini": INI,
    "manager/alembic.ini": INI,
    **added("manager", USERS, "1", None),
    **added("accounts", "pass", "1", None),
}


def env(table: str) -> str:
    return f"from alembic import context\n\ncontext.configure(version_table={table!r})\n"


SHARED = {f"{each}/alembic/env.py": env(f"version_of_{each}") for each in ("accounts", "manager")}
TRIGGER = """
op.execute("CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE EXCEPTION 'no';END$$")
op.execute("CREATE TRIGGER refusing BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION refuse()")
"""


class Sharing(Two):
    """Judges changes of the environment that has no such table."""

    def told(self, said: Files, body: str, after: Files | None = None, shared: Files = SHARED) -> set[str]:
        before = {**GUEST, **shared, **said}
        base = write(self.folder / "before", before)
        head = write(self.folder / "after", {**before, **added("accounts", body), **(after or {})})
        found = self.check(head, "--base", base, "--head", head)
        errors = {each.rule for each in found.findings if each.severity == "error"}
        return errors | ({"not judged"} if found.status == 2 else set())


@pytest.fixture
def sharing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Sharing:
    return Sharing(tmp_path, capsys)


@pytest.mark.parametrize("said", [contracts(), contracts(MANAGER)])
@pytest.mark.parametrize(
    ("body", "rule"),
    [
        (DROP, "contract-column-dropped"),
        ('op.execute("ALTER TABLE users RENAME email TO address")', "contract-column-renamed"),
        ('op.drop_table("users")', "contract-table-dropped"),
        ('op.execute("TRUNCATE users")', "contract-rows-deleted"),
        ('op.execute("ALTER TABLE users ADD CHECK (email <> role AND false)")', "contract-insert-refused"),
        (TRIGGER, "contract-insert-refused"),
    ],
)
def test_environments_of_one_database_share_its_tables(
    sharing: Sharing, said: Files, body: str, rule: str
) -> None:
    assert rule in sharing.told(said, body)


@pytest.mark.parametrize(
    "body",
    [
        'op.create_index("ix_role", "users", ["role"])',
        'op.execute("SELECT count(*) FROM users")',
        'op.create_table("others", sa.Column("email", sa.Text()))\nop.drop_column("others", "email")',
    ],
)
def test_what_leaves_the_table_of_the_other_as_it_is(sharing: Sharing, body: str) -> None:
    found = sharing.told(contracts(MANAGER), body)
    assert not {each for each in found if each.startswith("contract-")}


def test_contracts_follow_what_another_environment_does(sharing: Sharing) -> None:
    assert sharing.told(contracts(MANAGER), DROP, contracts(MANAGER, columns="role")) == set()


def test_two_databases_have_nothing_to_do_with_one_another(sharing: Sharing) -> None:
    alone = dict.fromkeys(SHARED, "from alembic import context\n")
    assert sharing.told(contracts(MANAGER), DROP, shared=alone) == set()


@pytest.mark.parametrize("body", [DROP, 'op.drop_table("users")', TRIGGER])
def test_whose_table_it_is_has_to_be_said(sharing: Sharing, body: str) -> None:
    alone = dict.fromkeys(SHARED, "from alembic import context\n")
    assert sharing.told(contracts(), body, shared=alone) == {"not judged"}
