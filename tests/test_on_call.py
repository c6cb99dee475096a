"""The line for whoever is on call: a statement's locks, who waits and for how long, what is held already."""

from __future__ import annotations

from pathlib import Path

import pytest

from .projects import PROJECT, VERSIONS, report, write

TEAMS = "op.create_table('teams', sa.Column('id', sa.Integer(), primary_key=True))"
BESIDE = "ALTER TABLE … ADD COLUMN in line 6"
LONGER = "the longer the more there are"
CHANGED = "UPDATE locks each row that it changes: writes to these wait, the longer, the more rows it changes"
END = "until the transaction ends"


def script(revision: str, after: str, *statements: str) -> str:
    named = f"revision, down_revision = {revision!r}, {after!r}\n"
    head = f"import sqlalchemy as sa\nfrom alembic import op\n{named}"
    return head + "\ndef upgrade():\n" + "".join(f"    {each}\n" for each in statements)


def lines(
    folder: Path, capsys: pytest.CaptureFixture[str], *revisions: tuple[str, ...], dialect: str = "postgresql"
) -> list[str]:
    """What the findings of a change say to whoever is on call; the change's scripts are b2.py and c3.py."""
    start = {**PROJECT, "migration-lint.toml": f'dialect = "{dialect}"\n'}
    start[f"{VERSIONS}/a2.py"] = script("a2", "a1", TEAMS)
    changed = dict(start)
    for name, after, statements in zip(("b2", "c3"), ("a2", "b2"), revisions, strict=False):
        changed[f"{VERSIONS}/{name}.py"] = script(name, after, *statements)
    write(folder / "base", start)
    write(folder / "head", changed)
    printed = report(
        capsys, "check", str(folder / "head"), "--base", str(folder / "base"), "--head", str(folder / "head")
    )
    said = [line.strip().removeprefix("= locks: ") for line in printed.splitlines() if "= locks: " in line]
    return list(dict.fromkeys(said))


INDEX = "op.create_index('hints', 'deployment_events', ['hint'])"
COLUMN = "op.add_column('teams', sa.Column('region', sa.Text()))"
FILLED = "op.execute(\"UPDATE deployment_events SET hint = ''\")"


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (
            INDEX,
            "CREATE INDEX takes SHARE on deployment_events: writes wait while an index is built from all "
            f"rows of deployment_events, {LONGER}, and then {END}",
        ),
        (
            "op.create_foreign_key('k', 'deployment_events', 'teams', ['exit_code'], ['id'])",
            "ALTER TABLE … ADD FOREIGN KEY takes SHARE ROW EXCLUSIVE on deployment_events and teams: writes "
            f"wait while all rows of deployment_events are read, {LONGER}, and then {END}",
        ),
        (
            "op.alter_column('teams', 'id', type_=sa.BigInteger())",
            "ALTER TABLE … ALTER COLUMN … TYPE takes ACCESS EXCLUSIVE on teams: reads and writes wait while "
            f"all rows of teams are written anew, and all indexes, {LONGER}, and then {END}",
        ),
        (FILLED, f"{CHANGED}, and then {END}"),
    ],
)
def test_a_statement(statement: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert lines(tmp_path, capsys, (statement,)) == [said]


def test_outside_a_transaction_the_wait_ends_with_the_statement(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (said,) = lines(tmp_path, capsys, ("with op.get_context().autocommit_block():", f"    {INDEX}"))
    assert said.endswith(LONGER)


def test_what_earlier_statements_hold_is_said_with_their_lines(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    *_, said = lines(tmp_path, capsys, (COLUMN, FILLED))
    assert said == (
        f"{CHANGED}, and then {END}; ACCESS EXCLUSIVE on teams is held since {BESIDE}: reads and writes wait"
    )


def test_one_of_an_earlier_revision_is_said_with_its_script(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    *_, said = lines(tmp_path, capsys, (COLUMN,), (FILLED,))
    assert f"is held since {BESIDE} of {VERSIONS}/b2.py: reads" in said


def test_of_many_the_first_three_are_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tables = ("a", "b", "c", "d", "e")
    touched = tuple(f"op.execute('LOCK TABLE {name}')" for name in tables)
    *_, said = lines(tmp_path, capsys, (*touched, FILLED))
    assert said.count("is held since") == 3
    assert said.endswith("; 2 more hold other locks")


@pytest.mark.parametrize("dialect", ["sqlite", "mssql"])
def test_where_more_than_rows_may_be_locked_nothing_is_said(
    dialect: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert lines(tmp_path, capsys, (FILLED,), dialect=dialect) == []


def test_mariadb_says_its_own_word_for_the_lock(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    widened = "op.alter_column('teams', 'id', type_=sa.BigInteger(), existing_nullable=False)"
    (said,) = lines(tmp_path, capsys, (widened,), dialect="mariadb")
    assert said == (
        "ALTER TABLE … MODIFY takes LOCK=SHARED on teams: writes wait while all rows of teams are written "
        f"anew, and all indexes, {LONGER}"
    )
