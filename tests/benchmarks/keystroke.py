"""How long after a keystroke an editor has the findings, in a history of 1,000 revisions.

    python -m tests.benchmarks.keystroke [--revisions N] [--keys N]

A language server is started, a new migration of the history that `speed` makes up is opened, and text is
typed into it: each time, the server has to judge the whole project with the text that is not saved. Timed is
from the change that the client sends to the diagnostics that come back, without the pause in which the server
waits for the next key. Compared is `ast.parse` of the same files in one process: whoever read them all anew
with each key could not be faster. Aim: at most 150 ms.
"""

from __future__ import annotations

import argparse
import ast
import asyncio
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from lsprotocol import types
from pygls.lsp.client import BaseLanguageClient

from migration_lint.editor.server import PAUSE
from tests.benchmarks.long_history import FOLDER, Benchmark

AIM = 0.150  # seconds


async def typed(root: Path, path: Path, base: str, keys: int) -> list[float]:
    """Seconds from each key to what is found, the first one apart: it reads the history."""
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
    for key in range(-1, keys):
        told.clear()
        begun = time.perf_counter()
        if key < 0:
            client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        else:
            which = types.VersionedTextDocumentIdentifier(key + 2, path.as_uri())
            new = types.TextDocumentContentChangeWholeDocument(f"{text}# {'x' * (key + 1)}\n")
            client.text_document_did_change(types.DidChangeTextDocumentParams(which, [new]))
        await asyncio.wait_for(told.wait(), 120)
        took.append(time.perf_counter() - begun - (PAUSE if key >= 0 else 0.0))
    await client.shutdown_async(None)
    client.exit(None)
    await client.stop()
    return took


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
    with tempfile.TemporaryDirectory() as place:
        root = Path(place).resolve() / "history"
        history = Benchmark(root, asked.revisions)
        subprocess.run(["git", "checkout", "--quiet", history.touching], cwd=root, check=True)
        [path] = {*(root / FOLDER).glob("*.py")} - {*history.paths}
        opened, *keys = asyncio.run(typed(root, path, history.base, asked.keys))
        parse = parsed(root / FOLDER)
    median = statistics.median(keys)
    print(f"{asked.revisions} revisions; ast.parse of them: {parse * 1_000:.0f} ms\n")
    print("| | ms | × parse |\n|---|---|---|")
    for name, seconds in (("opened", opened), ("a key, median", median), ("a key, longest", max(keys))):
        print(f"| {name} | {seconds * 1_000:.0f} | {seconds / parse:.2f} |")
    print(f"\na key, median: {median / AIM:.2f} × of the {AIM * 1_000:.0f} ms that are allowed")
    return int(median > AIM)


if __name__ == "__main__":
    sys.exit(main())
