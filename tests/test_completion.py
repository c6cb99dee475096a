"""What a shell completes: commands, options, rules, formats and contract ids."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from migration_lint.cli import NAMES, main

from .documented import ROOT
from .projects import PROJECT, write


def completed(line: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """What bash is offered for a line whose last word is begun."""
    words = line.split(" ")
    monkeypatch.setenv("_MIGRATION_LINT_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", f"migration-lint {line}")
    monkeypatch.setenv("COMP_CWORD", str(len(words)))
    with pytest.raises(SystemExit) as ended:
        main([])
    assert ended.value.code == 0
    return [each.removeprefix("plain,") for each in capsys.readouterr().out.splitlines() if each]


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("par", ["parity"]),
        ("contract s", ["schema", "sync"]),
        ("check --stat", ["--statistics"]),
        ("check --format js", ["json"]),
        ("check --fail-on w", ["warning"]),
        ("show --dialect m", ["mysql", "mariadb", "mssql"]),
        ("explain contract-column-re", ["contract-column-recreated", "contract-column-renamed"]),
        ("contract export ", ["api.consumer", "worker.producer"]),
        ("contract export w", ["worker.producer"]),
        ("contract export --config lint.toml ", ["worker.producer"]),
        ("explain nobody", []),
        ("check ", ["file,"]),
    ],
)
def test_a_word_is_completed(
    line: str,
    offered: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    files = {**PROJECT, "lint.toml": 'contracts = ["contracts/worker*"]\n'}
    monkeypatch.chdir(write(tmp_path / "project", files))
    assert completed(line, monkeypatch, capsys) == offered


def test_a_configuration_that_cannot_be_read_completes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(write(tmp_path / "project", {**PROJECT, "migration-lint.toml": "protectd = []\n"}))
    assert completed("explain contract-", monkeypatch, capsys) == []
    assert completed("contract export ", monkeypatch, capsys) == []


@pytest.mark.skipif(os.name == "nt", reason="the command of the test is a POSIX script")
@pytest.mark.parametrize("name", NAMES)
def test_bash_takes_what_is_documented(name: str, tmp_path: Path) -> None:
    """The line of the README, in a real bash, under both names of the command."""
    bash = shutil.which("bash") or pytest.skip("there is no bash")
    command = tmp_path / name
    start = "import sys; from migration_lint.cli import main; sys.exit(main())"
    command.write_text(f"#!{sys.executable}\n{start}\n")
    command.chmod(0o755)
    (line,) = [
        each for each in (ROOT / "README.md").read_text().splitlines() if "_COMPLETE=bash_source" in each
    ]
    variable = f"_{name.upper().replace('-', '_')}_COMPLETE"
    line = (
        line.partition("  #")[0]
        .replace("_MIGRATION_LINT_COMPLETE", variable)
        .replace("migration-lint)", f"{name})")
    )
    done = subprocess.run(
        [bash, "--norc", "-c", f"{line}\ncomplete -p {name}"],
        env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.rstrip().endswith(f" {name}")
