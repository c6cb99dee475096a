"""The command as it is installed beside this Python, and a hook, an action or a script that finds it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from ..documented import ROOT


@pytest.fixture
def environ(_a_machine_of_its_own: None) -> dict[str, str]:
    """What a host's process gets: `migration-lint` and the tools of the tests are on PATH."""
    return {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
    }
