"""The commands that the documentation shows, run again: `python -m tests.documented` writes their output.

A fenced block that begins with `$ python …` holds a command, to be run in the document's own folder, and
below it what the command prints. In a page, a block of `console` holds several, and all blocks of a page
are one session of a shell, in a folder with the examples; a block of `yaml` that begins with a path is
written there.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1]
DOCUMENTS = [ROOT / "README.md", ROOT / "examples/deployment_events/README.md"]
#: For each kind of user one.
PAGES = {name: ROOT / "examples" / name / "README.md" for name in ("ci", "pre-commit", "review")}

_BLOCK = re.compile(r"^```\n\$ python (?P<arguments>[^\n]+)\n(?P<output>.*?)^```$", re.MULTILINE | re.DOTALL)
_STEP = re.compile(r"^```(?P<kind>console|yaml)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_COMMAND = re.compile(r"^\$ ((?:.*\\\n)*.*)\n", re.MULTILINE)
_MARK = "--- the next command ---"


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


def session(
    page: Path, folder: Path, environ: Mapping[str, str], written: Callable[[str], str] = lambda text: text
) -> str:
    """The page with what its commands print today, one after the other, in a folder that is empty.

    `written` is what a file of the page holds in place of what is printed.
    """
    (folder / "examples").symlink_to(ROOT / "examples")
    text = page.read_text(encoding="utf-8")
    ran = subprocess.run(
        ["bash", "--norc", "-c", "\n".join(_script(text, written))],
        cwd=folder,
        env={**environ, "NO_COLOR": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )
    told = iter(ran.stdout.split(f"{_MARK}\n")[1:])

    def renew(block: re.Match[str]) -> str:
        if block["kind"] == "yaml":
            return block[0]
        lines = [f"$ {command}\n{next(told, '')}" for command in _COMMAND.findall(block["text"])]
        return f"```console\n{''.join(lines)}```"

    return _STEP.sub(renew, text)


def _script(text: str, written: Callable[[str], str]) -> Iterator[str]:
    """The lines of a shell's script that runs a page."""
    for block in _STEP.finditer(text):
        if block["kind"] == "console":
            for command in _COMMAND.findall(block["text"]):
                # `echo $?` is about the command before, not about the mark.
                yield f"(status=$?; echo {shlex.quote(_MARK)}; exit $status)"
                yield command
        elif named := re.match(r"# ([\w./-]+)\n", block["text"]):
            path = shlex.quote(named[1])
            yield f'mkdir -p "$(dirname {path})" && printf %s {shlex.quote(written(block["text"]))} > {path}'


if __name__ == "__main__":
    for each in DOCUMENTS:
        each.write_text(renewed(each), encoding="utf-8")
    from .test_pages import renewed_page

    for name, page in PAGES.items():
        with tempfile.TemporaryDirectory() as folder:
            page.write_text(renewed_page(name, Path(folder)), encoding="utf-8")
