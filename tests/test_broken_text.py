"""Half of a pair of surrogates, which is no character, in names of every kind: it is judged, and shown."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from migration_lint.cli import main
from migration_lint.report import FORMATS

from .projects import PROJECT, VERSIONS, Repository, report, revision, script, write

HALF = "\\ud800"  # as a script spells it
DROP = 'op.drop_column("deployment_events", "hint")'
DROPPED = "error[contract-column-dropped]: deployment_events.hint is dropped"

#: What a script may name with it.
SCRIPTS = {
    "a table": f'op.create_table("t{HALF}", sa.Column("id", sa.Integer(), primary_key=True))',
    "a table's new name": f'op.rename_table("deployment_events", "t{HALF}")',
    "a long name": f'op.create_table("t{HALF}" * 40, sa.Column("id{HALF}" * 40, sa.Integer()))',
    "a column": f'op.add_column("deployment_events", sa.Column("c{HALF}", sa.Text(), comment="{HALF}"))',
    "a column's new name": f'op.alter_column("deployment_events", "kind", new_column_name="k{HALF}")',
    "a long name in SQL": f'op.execute("ALTER TABLE deployment_events RENAME kind TO k" + "x{HALF}" * 40)',
    "a quoted name in SQL": f"op.execute('ALTER TABLE deployment_events RENAME kind TO \"k{HALF}\"')",
    "a schema": f'op.drop_table("deployment_events", schema="s{HALF}")',
    "a type": f'op.add_column("deployment_events", sa.Column("c", sa.Enum("a{HALF}", name="e{HALF}")))',
    "an index": f'op.create_index("i{HALF}", "deployment_events", ["c{HALF}"])',
    "a foreign key": f'op.create_foreign_key("f{HALF}", "deployment_events", "t{HALF}", ["c{HALF}"], ["d"])',
    "a check": f'op.create_check_constraint("c{HALF}", "deployment_events", "kind <> \'{HALF}\'")',
    "a view": f'op.execute("CREATE VIEW v{HALF} AS SELECT kind FROM deployment_events")',
    "a module": f'__import__("m{HALF}").run()',
    "a file": f'op.execute(open("{HALF}.sql").read())',
    "an operation": f'getattr(op, "drop{HALF}")("t")',
    "text that is encoded": f'op.drop_table("t{HALF}".encode().decode())',
}  # fmt: skip


def checked(tmp_path: Path, capsys: pytest.CaptureFixture[str], after: dict[str, str]) -> str:
    """What `check` says of a change, after a look at every format, `show` and `parity`."""
    write(tmp_path / "before", PROJECT)
    write(tmp_path / "after", {**PROJECT, **after})
    os.chdir(tmp_path)
    change = ("check", "after", "--base", "before", "--head", "after")
    for command in (
        (*change, *(f"--format={form}=report.{form}" for form in FORMATS)),
        (*change, "--all"),
        ("show", "after"),
        ("show", "after", "--format", "json"),
        ("parity", "after"),
    ):
        told = report(capsys, *command)
        assert "internal error" not in told
        assert "Traceback" not in told
    return report(capsys, *change)


@pytest.fixture(autouse=True)
def _a_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MIGRATION_LINT_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("name", SCRIPTS)
def test_what_a_script_names(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = checked(tmp_path, capsys, revision(f"{DROP}\n{SCRIPTS[name]}"))
    assert DROPPED in told or "error[contract-opaque-operation]" in told
    if "new name" in name or "SQL" in name:
        assert HALF in told


@pytest.mark.parametrize(
    ("name", "value"), [("revision", '"b{}"'), ("down_revision", '"a{}"'), ("branch_labels", '("b{}",)')]
)
def test_what_a_script_is_called(
    name: str, value: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = script(DROP) + f"\n{name} = {value.format(HALF)}\n"
    told = checked(tmp_path, capsys, {f"{VERSIONS}/b2.py": text})
    assert DROPPED in told if name != "down_revision" else f"a{HALF}" in told


def test_a_contract_cannot_be_drafted_with_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, {path: text for path, text in PROJECT.items() if not path.startswith("contracts/")})
    write(tmp_path, revision(f'op.add_column("deployment_events", sa.Column("c{HALF}", sa.Text()))'))
    repository = Repository(tmp_path)
    repository.git("init", "--quiet", "--initial-branch=main")
    repository.commit({})
    init = ("contract", "init", "deployment_events", "--producer")
    told = report(capsys, *init, "worker", "--consumer", "api")
    assert f'no contract can say `"c{HALF}": {{type: text, nullable: true}}`: ' in told
    assert told.startswith("exit status 2\n")
    told = report(capsys, *init, "w\udcff", "--consumer", "none")
    assert told.startswith("exit status 2\n")
    assert "internal error" not in told
    assert not (tmp_path / "contracts").exists()


def test_arguments_that_are_no_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, PROJECT)
    (tmp_path / "report.json").write_text('{"findings": [], "summary": {"failed": false}}')
    bad = "\udcff"
    for command in (
        ("check", bad),
        ("check", "--base", bad),
        ("show", f"{bad}.py"),
        ("explain", bad),
        ("contract", "export", bad),
        ("review", "gitlab", "--report", "report.json", "--project", bad, "--merge-request", "1"),
    ):
        assert main(list(command)) == 2
        out, err = capsys.readouterr()
        assert "internal error" not in out + err
        assert err
