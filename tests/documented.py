"""The commands that the documentation shows, run again: `python tests/documented.py` writes their output.

A fenced block that begins with `$ python …` holds a command, to be run in the document's own folder, and
below it what the command prints.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
DOCUMENTS = [ROOT / "README.md", ROOT / "examples/deployment_events/README.md"]

_BLOCK = re.compile(r"^```\n\$ python (?P<arguments>[^\n]+)\n(?P<output>.*?)^```$", re.MULTILINE | re.DOTALL)


def commands(document: Path) -> list[str]:
    """The commands of a document, without their `python`."""
    return [block["arguments"] for block in _BLOCK.finditer(document.read_text(encoding="utf-8"))]


def run(document: Path, arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs one command of a document; what it prints to either stream is in `stdout`."""
    return subprocess.run(
        [sys.executable, *shlex.split(arguments)],
        cwd=document.parent,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", "NO_COLOR": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )


def renewed(document: Path) -> str:
    """The document with what its commands print today."""

    def renew(block: re.Match[str]) -> str:
        arguments = block["arguments"]
        return f"```\n$ python {arguments}\n{run(document, arguments).stdout}```"

    return _BLOCK.sub(renew, document.read_text(encoding="utf-8"))


if __name__ == "__main__":
    for each in DOCUMENTS:
        each.write_text(renewed(each), encoding="utf-8")
