"""How long after a keystroke an editor has the findings, in a history of 1,000 revisions.

    python -m tests.benchmarks.keystroke [--revisions N] [--keys N]

A language server is started, a new migration of the history that `speed` makes up is opened, and text is
typed into it: each time, the server has to judge the whole project with the text that is not saved. Timed is
from the change that the client sends to the diagnostics that come back, without the pause in which the server
waits for the next key; and, where the system tells it, what the server and its git spend of the processor,
which does not hang on what else the machine does. Compared is `ast.parse` of the same files in one process:
whoever read them all anew with each key could not be faster; and the same in a history of 50 revisions, since
a key should not cost more for what it does not touch. Aim: at most 150 ms.
"""

from __future__ import annotations

import argparse
import ast
import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from lsprotocol import types
from pygls.lsp.client import BaseLanguageClient

from migration_lint.editor.server import PAUSE
from tests.benchmarks.long_history import FOLDER, Benchmark

AIM = 0.150  # seconds
FEW = 50  # revisions


class Typed(NamedTuple):
    """What keys took, in seconds."""

    opened: float  # before the first one: the history is read
    keys: list[float]  # from each to what is found
    spent: float | None  # of the processor for one, on average; None: the system does not tell


def spent(pid: int) -> float | None:
    """Seconds of the processor that a process and those that it has waited for have had."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except OSError:
        return None
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


async def typed(root: Path, path: Path, base: str, keys: int) -> Typed:
    """Types into a file that is open in a server of its own."""
    client = BaseLanguageClient("benchmark", "1")
    told = asyncio.Event()

    @client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
    def published(params: types.PublishDiagnosticsParams) -> None:
        if params.uri == path.as_uri():
            told.set()

    await client.start_io(sys.executable, "-m", "migration_lint", "server")
    folders = [types.WorkspaceFolder(root.as_uri(), "history")]
    initialize = types.InitializeParams(
        types.ClientCapabilities(),
        root_uri=root.as_uri(),
        workspace_folders=folders,
        initialization_options={"base": base},
    )
    await client.initialize_async(initialize)
    client.initialized(types.InitializedParams())
    text = path.read_text(encoding="utf-8")
    item = types.TextDocumentItem(path.as_uri(), "python", 1, text)
    took: list[float] = []
    pid = client._server.pid if client._server is not None else 0
    begun_with: float | None = None
    for key in range(-2, keys):
        if key == 0:
            begun_with = spent(pid)
        told.clear()
        begun = time.perf_counter()
        if key == -2:
            client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        else:
            which = types.VersionedTextDocumentIdentifier(key + 3, path.as_uri())
            new = types.TextDocumentContentChangeWholeDocument(f"{text}# {'x' * (key + 2)}\n")
            client.text_document_did_change(types.DidChangeTextDocumentParams(which, [new]))
        await asyncio.wait_for(told.wait(), 120)
        took.append(time.perf_counter() - begun - (PAUSE if key > -2 else 0.0))
    ended_with = spent(pid)
    await client.shutdown_async(None)
    client.exit(None)
    await client.stop()
    each = None if begun_with is None or ended_with is None else (ended_with - begun_with) / keys
    return Typed(took[0], took[2:], each)


def parsed(folder: Path) -> float:
    """Seconds that `ast.parse` needs for the same files."""
    begun = time.perf_counter()
    for path in sorted(folder.glob("*.py")):
        ast.parse(path.read_bytes(), path.name)
    return time.perf_counter() - begun


def main() -> int:
    """The table; 1 where the aim is missed."""
    parser = argparse.ArgumentParser(description="How long after a keystroke an editor has the findings.")
    parser.add_argument("--revisions", type=int, default=1_000)
    parser.add_argument("--keys", type=int, default=20)
    asked = parser.parse_args()
    few, _ = measured(FEW, asked.keys)
    many, parse = measured(asked.revisions, asked.keys)
    print(f"{asked.revisions} revisions; ast.parse of them: {parse * 1_000:.0f} ms\n")
    print(f"| | ms | × parse | of {FEW}, ms |\n|---|---|---|---|")
    for name, seconds, least in (
        ("opened", many.opened, few.opened),
        ("a key, median", statistics.median(many.keys), statistics.median(few.keys)),
        ("a key, longest", max(many.keys), max(few.keys)),
        ("a key, of the processor", many.spent, few.spent),
    ):
        if seconds is not None and least is not None:
            print(f"| {name} | {seconds * 1_000:.0f} | {seconds / parse:.2f} | {least * 1_000:.0f} |")
    said, took = "of the processor", many.spent
    if took is None:
        said, took = "median", statistics.median(many.keys)
    print(f"\na key, {said}: {took / AIM:.2f} × of the {AIM * 1_000:.0f} ms that are allowed")
    return int(took > AIM)


def measured(revisions: int, keys: int) -> tuple[Typed, float]:
    """What keys take in a history of so many revisions, and what `ast.parse` of them does."""
    with tempfile.TemporaryDirectory() as place:
        root = Path(place).resolve() / "history"
        history = Benchmark(root, revisions)
        subprocess.run(["git", "checkout", "--quiet", history.touching], cwd=root, check=True)
        [path] = {*(root / FOLDER).glob("*.py")} - {*history.paths}
        return asyncio.run(typed(root, path, history.base, keys)), parsed(root / FOLDER)


if __name__ == "__main__":
    sys.exit(main())
