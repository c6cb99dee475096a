"""Each file of `drafts/` is a project: what `contract init` writes for it, and what `parity` says of that.

    drafts/<name>.yaml   `upgrade`: statements of its migration (without: it has none), `files` by path, and
                         `init`: the arguments of the command, of one run a line
    drafts/<name>.txt    what the command prints, the files that it writes, and what `parity` prints

`UPDATE_EXPECTED=1 pytest tests/test_drafts.py` writes every `.txt` anew: read the difference.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import yaml

from .projects import report, script, write

DRAFTS = Path(__file__).parent / "drafts"
MORE = "from sqlalchemy.dialects.postgresql import ARRAY, JSONB"
SILENT = "exit status 0\n\n"


def project(folder: Path, name: str) -> list[str]:
    """Writes a project, and gives the runs of the command."""
    said = yaml.safe_load((DRAFTS / f"{name}.yaml").read_text(encoding="utf-8"))
    files: dict[str, str] = dict(said["files"])
    if "upgrade" in said:
        files["alembic.ini"] = "[alembic]\nscript_location = migrations\n"
        files["migrations/versions/a1.py"] = script(said["upgrade"], "a1", None, MORE)
    write(folder, files)
    return str(said["init"]).splitlines()


@pytest.mark.parametrize("name", sorted(path.stem for path in DRAFTS.glob("*.yaml")))
def test_a_draft_passes_parity(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = project(tmp_path, name)
    monkeypatch.chdir(tmp_path)
    told = [report(capsys, "contract", "init", *arguments.split()) for arguments in runs]
    for path in sorted((tmp_path / "contracts").glob("*")):
        told.append(f"--- {path.name}\n{path.read_text(encoding='utf-8')}")
    parity = report(capsys, "parity")
    told.append(f"--- parity\n{parity}")
    found = "\n".join(told)
    expected = DRAFTS / f"{name}.txt"
    if os.environ.get("UPDATE_EXPECTED"):
        expected.write_text(found, encoding="utf-8")
    assert found == expected.read_text(encoding="utf-8")
    assert parity.startswith(SILENT), parity
    # without migrations nothing shows what one side alone names
    unheld = parity.count("warning[schema-unknown]") if not (tmp_path / "migrations").exists() else 0
    assert parity.count("warning[") == unheld, parity


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("--code servises", "there is no folder servises"),
        ("--code worker=servises", "there is no folder servises"),
        ("--code ../elsewhere", "../elsewhere is not in this repository"),
        ("--code ELSEWHERE", "is not in this repository"),
        ("--code link", "there is no folder link"),
        ("--code services/api/README", "no statement on orders was found"),
        ("--code services --directory ../elsewhere", "../elsewhere is no folder of the project"),
        ("--code services --directory link", "link"),
    ],
)
def test_what_is_not_there_is_an_error_and_nothing_is_written(
    arguments: str,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    elsewhere = write(tmp_path / "elsewhere", {"store.sql": "SELECT id FROM orders"})
    here = tmp_path / "project"
    project(here, "go-orders")
    write(here, {"services/api/README": "nothing"})
    (here / "link").symlink_to(elsewhere)
    monkeypatch.chdir(here)
    before = sorted(path for path in tmp_path.rglob("*"))
    given = arguments.replace("ELSEWHERE", str(elsewhere)).split()
    told = report(capsys, "contract", "init", "orders", "--producer", "worker", "--consumer", "api", *given)
    assert told.startswith("exit status 2"), told
    assert said in told
    assert sorted(path for path in tmp_path.rglob("*")) == before


def test_a_table_of_a_contract_that_has_it_is_left_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (run,) = project(tmp_path, "go-orders")
    monkeypatch.chdir(tmp_path)
    report(capsys, "contract", "init", *run.split())
    before = {path: path.read_bytes() for path in (tmp_path / "contracts").iterdir()}
    again = report(capsys, "contract", "init", *run.split())
    assert again.startswith("exit status 2")
    assert {path: path.read_bytes() for path in (tmp_path / "contracts").iterdir()} == before
