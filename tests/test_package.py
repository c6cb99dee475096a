from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

from migration_lint import __version__

from .documented import ROOT

RULES = sorted(path.stem for path in (ROOT / "rules").glob("*/*.yaml"))


def built(kind: str, folder: Path) -> Path:
    """What the build backend makes: `wheel`, `editable` or `sdist`."""
    code = f"import sys, hatchling.build; print(hatchling.build.build_{kind}(sys.argv[1]))"
    ran = subprocess.run(
        [sys.executable, "-c", code, str(folder)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return folder / ran.stdout.split()[-1]


def rules_listed_by(path: Path, cwd: Path) -> list[str]:
    """The rules that the package at `path` finds."""
    ran = subprocess.run(
        [sys.executable, "-m", "migration_lint", "rules"],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(path)},
        capture_output=True,
        text=True,
        check=True,
    )
    return sorted(line.split()[0] for line in ran.stdout.splitlines() if line.startswith("  "))


def test_a_wheel_holds_the_rules_and_finds_them(tmp_path: Path) -> None:
    with zipfile.ZipFile(built("wheel", tmp_path)) as wheel:
        wheel.extractall(tmp_path / "installed")
    tops = {path.name for path in (tmp_path / "installed").iterdir()}
    assert tops == {"migration_lint", f"migration_contract_lint-{__version__}.dist-info"}
    assert rules_listed_by(tmp_path / "installed", tmp_path) == RULES


def test_a_wheel_holds_the_rules_read_and_checked(tmp_path: Path) -> None:
    with zipfile.ZipFile(built("wheel", tmp_path)) as wheel:
        wheel.extractall(tmp_path / "installed")
    code = (
        "import sys\nfrom migration_lint.rulebook.shipped import shipped_rules\nshipped = shipped_rules()\n"
        "assert 'yaml' not in sys.modules\n"
        "from migration_lint.rulebook.files import builtin_files\n"
        "from migration_lint.rulebook.load import load\n"
        "print(len(shipped), shipped == tuple(each._replace(examples=()) for each in load(builtin_files())))"
    )
    path = {**os.environ, "PYTHONPATH": str(tmp_path / "installed")}
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=path, capture_output=True, text=True, check=True
    )
    assert ran.stdout.split() == [str(len(RULES)), "True"]


def test_an_editable_install_points_to_the_checkout(tmp_path: Path) -> None:
    with zipfile.ZipFile(built("editable", tmp_path)) as wheel:
        (pointer,) = [name for name in wheel.namelist() if name.endswith(".pth")]
        target = Path(wheel.read(pointer).decode().strip())
    assert target == ROOT
    assert rules_listed_by(target, tmp_path) == RULES


def test_the_sdist_holds_all_that_a_wheel_is_made_of(tmp_path: Path) -> None:
    with tarfile.open(built("sdist", tmp_path)) as sdist:
        names = {name.partition("/")[2] for name in sdist.getnames()}
    assert {
        f"rules/{path.relative_to(ROOT / 'rules')}" for path in (ROOT / "rules").glob("*/*.yaml")
    } <= names
    assert {"LICENSE", "README.md", "pyproject.toml", "migration_lint/py.typed"} <= names
