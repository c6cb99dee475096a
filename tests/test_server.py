"""The language server, asked by a client over standard input and output."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from lsprotocol import types
from pygls.lsp.client import BaseLanguageClient

from .projects import CONSUMER, PRODUCER, PROJECT, Repository, revision

SECOND = "migrations/versions/b2.py"
FOUND = {SECOND: [("contract-column-dropped", types.DiagnosticSeverity.Error)]}
BOTH = {path: [("contract-column-dropped", types.DiagnosticSeverity.Hint)] for path in (CONSUMER, PRODUCER)}


class Editor:
    """A client that keeps what the server publishes."""

    def __init__(self, client: BaseLanguageClient, root: Path) -> None:
        self.client = client
        self.root = root
        self.diagnostics: dict[str, list[types.Diagnostic]] = {}
        self.messages: list[str] = []

        @client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        def published(params: types.PublishDiagnosticsParams) -> None:
            self._publish(params)

        @client.feature(types.WINDOW_LOG_MESSAGE)
        def said(params: types.LogMessageParams) -> None:
            self.messages.append(params.message)

    def _publish(self, params: types.PublishDiagnosticsParams) -> None:
        path = Path(params.uri.removeprefix("file://")).relative_to(self.root).as_posix()
        self.diagnostics[path] = list(params.diagnostics)

    def uri(self, path: str) -> str:
        return (self.root / path).as_uri()

    def open(self, path: str) -> None:
        item = types.TextDocumentItem(self.uri(path), "python", 1, (self.root / path).read_text())
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))

    def save(self, path: str) -> None:
        which = types.TextDocumentIdentifier(self.uri(path))
        self.client.text_document_did_save(types.DidSaveTextDocumentParams(which))

    async def hover(self, path: str, line: int, character: int) -> str | None:
        which = types.TextDocumentIdentifier(self.uri(path))
        params = types.HoverParams(which, types.Position(line, character))
        found = await self.client.text_document_hover_async(params)
        return None if found is None else found.contents.value

    async def until(self, shown: dict[str, list[tuple[str | None, types.DiagnosticSeverity]]]) -> None:
        """Wait until just these diagnostics are shown."""
        for _ in range(300):
            now = {
                path: [(each.code, each.severity) for each in found]
                for path, found in self.diagnostics.items()
            }
            if {path: found for path, found in now.items() if found} == shown:
                return
            await asyncio.sleep(0.1)
        raise AssertionError(f"shown: {now}; said: {self.messages}")


def in_editor(root: Path, act: Callable[[Editor], Awaitable[None]]) -> None:
    """Start the server, let a client act, and stop both."""

    async def run() -> None:
        client = BaseLanguageClient("test", "1")
        editor = Editor(client, root)
        await client.start_io(sys.executable, "-m", "migration_lint", "server")
        capabilities = types.ClientCapabilities()
        await client.initialize_async(
            types.InitializeParams(
                capabilities, root_uri=root.as_uri(), initialization_options={"base": "HEAD"}
            )
        )
        client.initialized(types.InitializedParams())
        try:
            await act(editor)
        finally:
            await client.shutdown_async(None)
            client.exit(None)
            await client.stop()

    asyncio.run(asyncio.wait_for(run(), 60))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return Repository.new(tmp_path / "repository", PROJECT).path


def test_findings_come_and_go_as_files_are_saved(root: Path) -> None:
    (drop,) = revision('op.drop_column("deployment_events", "hint")').values()
    (root / SECOND).write_text(drop)
    declared = {path: (root / path).read_text() for path in (PRODUCER, CONSUMER)}

    async def act(editor: Editor) -> None:
        editor.open(SECOND)
        await editor.until({**FOUND, **BOTH})
        (found,) = editor.diagnostics[SECOND]
        line = drop.split("\n")[found.range.start.line]
        assert line[found.range.start.character : found.range.end.character] == (
            'op.drop_column("deployment_events", "hint")'
        )
        assert found.related_information is not None
        assert [each.location.uri for each in found.related_information] == [
            editor.uri(CONSUMER),
            editor.uri(PRODUCER),
        ]
        hovered = await editor.hover(SECOND, found.range.start.line, found.range.start.character + 3)
        assert hovered is not None
        assert hovered.startswith("contract-column-dropped")
        assert await editor.hover(SECOND, 0, 0) is None
        for path, text in declared.items():
            kept = [each for each in text.splitlines(keepends=True) if not each.strip().startswith("hint:")]
            (root / path).write_text("".join(kept))
            editor.save(path)
        await editor.until({})

    in_editor(root, act)


def test_a_contract_that_cannot_be_read_says_so_at_its_line(root: Path) -> None:
    async def act(editor: Editor) -> None:
        text = (root / CONSUMER).read_text()
        (root / CONSUMER).write_text(text.replace("role: consumer", "role: consumr"))
        editor.open(CONSUMER)
        await editor.until({CONSUMER: [(None, types.DiagnosticSeverity.Error)]})
        (found,) = editor.diagnostics[CONSUMER]
        assert text.split("\n")[found.range.start.line] == "role: consumer"
        assert found.message.endswith("did you mean consumer?")
        (root / CONSUMER).write_text(text)
        editor.save(CONSUMER)
        await editor.until({})

    in_editor(root, act)


def test_characters_count_as_the_client_counts_them(root: Path) -> None:
    (drop,) = revision('x = "\U0001f40d"; op.drop_column("deployment_events", "hint")').values()
    (root / SECOND).write_text(drop)

    async def act(editor: Editor) -> None:
        editor.open(SECOND)
        await editor.until({**FOUND, **BOTH})
        (found,) = editor.diagnostics[SECOND]
        line = drop.split("\n")[found.range.start.line]
        before = line[: line.index("op.drop")]
        assert found.range.start.character == len(before.encode("utf-16-le")) // 2

    in_editor(root, act)


def test_a_file_outside_of_any_repository_is_left_alone(tmp_path: Path, root: Path) -> None:
    apart = tmp_path / "apart.py"
    apart.write_text('"""Nothing."""\n')

    async def act(editor: Editor) -> None:
        item = types.TextDocumentItem(apart.as_uri(), "python", 1, apart.read_text())
        editor.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        assert await editor.hover(CONSUMER, 0, 0) is None
        assert editor.diagnostics == {}

    in_editor(root, act)
