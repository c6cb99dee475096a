"""A project with a long history and hundreds of findings: what a person sees of them, and does next.

What is printed is compared whole with `many/<name>.txt`. `UPDATE_EXPECTED=1` writes these files anew: read
the difference.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from migration_lint.check.pipeline import run_check

from .projects import PROJECT, report, revision, write

EXPECTED = Path(__file__).parent / "many"

TABLE = (
    'op.create_table("t{0}", sa.Column("id", sa.Integer(), primary_key=True), sa.Column("x", sa.Integer()))'
)
CHANGES = 'op.add_column("t{0}", sa.Column("y", sa.Text()))\nop.create_index("ix_t{0}_y", "t{0}", ["y"])'
DROPS = 'op.drop_column("t{0}", "x")\nop.execute("DROP TABLE t{0}")'


@pytest.fixture
def old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Ninety revisions that nobody has judged before, and one that drops what a contract covers."""
    files: dict[str, str] = dict(PROJECT)
    down = "a1"
    for number in range(30):
        for part, body in enumerate((TABLE, CHANGES, DROPS)):
            name = f"r{number:02}{part}"
            files.update(revision(body.format(number), name, down))
            down = name
    files.update(revision('op.drop_column("deployment_events", "hint")', "z9", down))
    monkeypatch.chdir(write(tmp_path / "old", files))
    return Path()


def test_progress_moves_from_the_first_script_to_the_last(old: Path) -> None:
    steps: list[tuple[str, int, int]] = []
    run_check(
        old,
        all_revisions=True,
        environ=os.environ,
        use_cache=False,
        progress=lambda stage, done, total: steps.append((stage, done, total)),
    )
    for stage in ("reading", "judging"):
        assert [each[1:] for each in steps if each[0] == stage] == [(number, 92) for number in range(1, 93)]


def assert_told(told: str, name: str) -> None:
    """What was printed is what the file of that name holds."""
    file = EXPECTED / f"{name.replace(' ', '-')}.txt"
    if os.environ.get("UPDATE_EXPECTED"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(told, encoding="utf-8")
    assert told == file.read_text(encoding="utf-8")


WAYS = {
    "the gravest twelve": ["--most", "12"],
    "nothing but the numbers": ["--most", "0"],
    "statistics": ["--statistics"],
    "quiet": ["--quiet", "--most", "3"],
    "verbose": ["--verbose", "--most", "0"],
}


@pytest.mark.parametrize("way", WAYS)
def test_all_of_an_old_project(way: str, old: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert_told(report(capsys, "check", "--all", *WAYS[way]), way)


def test_a_baseline_ends_the_advice(old: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written = report(capsys, "check", "--all", "--write-baseline", "migration-lint.baseline.yaml")
    assert "what next" not in written
    (old / "migration-lint.toml").write_text('baseline = "migration-lint.baseline.yaml"\n')
    assert_told(report(capsys, "check", "--all"), "with a baseline")


def test_the_advice_names_the_configuration_that_there_is(
    old: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (old / "pyproject.toml").write_text('[tool.migration-lint]\nfail-on = "error"\n')
    told = report(capsys, "check", "--all", "--most", "0")
    assert "name the list in pyproject.toml, under [tool.migration-lint]:\n" in told


def test_quiet_says_nothing_where_nothing_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(write(tmp_path / "small", PROJECT))
    assert report(capsys, "check", "--all", "-q") == "exit status 0\n\n"


def test_statistics_are_of_text(old: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert report(capsys, "check", "--all", "--statistics", "--format", "json") == (
        "exit status 2\n\nerror: --statistics is of text, and no report is\n  fix: add --format text\n"
    )


# -- what is the way of a project, and not of a revision

ENV = "context.configure(connection=connection, target_metadata=target_metadata)\n"
COPIES = """\
from shop.models import Order

op.add_column("deployment_events", sa.Column("c{0}", sa.Text()))
"""


@pytest.fixture
def waiting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose revisions wait for locks without a limit, and import its models."""
    files: dict[str, str] = {**PROJECT, "migrations/env.py": ENV, "shop/models.py": "class Order: ...\n"}
    for number in range(4):
        files.update(revision(COPIES.format(number), f"b{number}", f"b{number - 1}" if number else "a1"))
    monkeypatch.chdir(write(tmp_path / "waiting", files))
    return Path()


def test_it_is_told_once_of_all_revisions(waiting: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert_told(report(capsys, "check", "--all"), "told once")


def test_it_is_told_of_each_revision_of_a_change(waiting: Path, capsys: pytest.CaptureFixture[str]) -> None:
    base = write(waiting.absolute().parent / "base", {**PROJECT, "migrations/env.py": ENV})
    told = report(capsys, "check", "--base", base, "--head", waiting.absolute())
    assert told.count("info[history-application-imported]") == 4
    named = report(capsys, "check", "migrations/versions/b2.py")
    assert named.count("info[history-application-imported]") == 1
    assert named.count("info[transaction-lock-timeout]") == 1


def test_a_baseline_lists_it_for_each_revision(waiting: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report(capsys, "check", "--all", "--write-baseline", "b.yaml")
    listed = (waiting / "b.yaml").read_text()
    for rule in ("transaction-lock-timeout", "history-application-imported"):
        assert listed.count(f'rule: "{rule}"') == 4
