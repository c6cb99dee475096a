"""The tools of hosts, which only the extra `test-all` installs."""

from __future__ import annotations

import shutil
from collections.abc import Mapping

import pytest


def need(tool: str, environ: Mapping[str, str]) -> None:
    """Skips the test where a tool is not on PATH."""
    if shutil.which(tool, path=environ["PATH"]) is None:
        pytest.skip(f"{tool} is not installed, or has no program for this system: the extra test-all has it")
