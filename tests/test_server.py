"""The language server, asked by a client over standard input and output."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from lsprotocol import types
from pygls.lsp.client import BaseLanguageClient

from migration_lint.editor.diagnostics import judge
from migration_lint.editor.place import path_of
from migration_lint.store import Store

from .projects import CONSUMER, FIRST, PRODUCER, PROJECT, Repository, revision

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
        self.versions: dict[str, int] = {}
        self.registered: list[types.Registration] = []
        self.refreshed = 0

        @client.feature(types.CLIENT_REGISTER_CAPABILITY)
        def register(params: types.RegistrationParams) -> None:
            self.registered += params.registrations

        @client.feature(types.WORKSPACE_DIAGNOSTIC_REFRESH)
        def refresh(params: None) -> None:
            self.refreshed += 1

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
        text = (self.root / path).read_text() if (self.root / path).exists() else ""
        item = types.TextDocumentItem(self.uri(path), "python", 1, text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        self.versions[path] = 1

    def type(self, path: str, text: str) -> None:
        """Change an open file, and do not save it."""
        self.versions[path] += 1
        which = types.VersionedTextDocumentIdentifier(self.versions[path], self.uri(path))
        whole = types.TextDocumentContentChangeWholeDocument(text)
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(which, [whole]))

    def save(self, path: str) -> None:
        if path in self.versions:
            self.type(path, (self.root / path).read_text())
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


def in_editor(
    root: Path,
    act: Callable[[Editor], Awaitable[None]],
    capabilities: types.ClientCapabilities = types.ClientCapabilities(),  # noqa: B008
) -> None:
    """Start the server, let a client act, and stop both."""

    async def run() -> None:
        client = BaseLanguageClient("test", "1")
        editor = Editor(client, root)
        await client.start_io(sys.executable, "-m", "migration_lint", "server")
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


HINT = 'op.drop_column("deployment_events", "hint")'
AUDIT = 'op.execute("SELECT 1")'


def script(statement: str) -> str:
    (text,) = revision(statement).values()
    assert isinstance(text, str)
    return text


def without_hint(root: Path, path: str) -> str:
    lines = (root / path).read_text().splitlines(keepends=True)
    return "".join(line for line in lines if not line.strip().startswith("hint:"))


def test_what_is_not_saved_is_judged(root: Path) -> None:
    (root / SECOND).write_text(script(AUDIT))

    async def act(editor: Editor) -> None:
        editor.open(SECOND)
        editor.type(SECOND, script(HINT))
        await editor.until({**FOUND, **BOTH})
        for path in (CONSUMER, PRODUCER):
            editor.open(path)
            editor.type(path, without_hint(root, path))
        await editor.until({})
        assert "hint:" in (root / CONSUMER).read_text()
        # A file that is closed without being saved is what it was.
        closed = types.TextDocumentIdentifier(editor.uri(CONSUMER))
        editor.client.text_document_did_close(types.DidCloseTextDocumentParams(closed))
        await editor.until({**FOUND, CONSUMER: BOTH[CONSUMER]})

    in_editor(root, act)


def test_a_new_file_is_judged_before_it_is_there(root: Path) -> None:
    async def act(editor: Editor) -> None:
        editor.open(SECOND)
        editor.type(SECOND, script(HINT))
        await editor.until({**FOUND, **BOTH})
        assert not (root / SECOND).exists()

    in_editor(root, act)


def test_the_contracts_can_be_let_follow(root: Path) -> None:
    (root / SECOND).write_text(script(AUDIT))

    async def act(editor: Editor) -> None:
        editor.open(SECOND)
        editor.type(SECOND, script(HINT))
        await editor.until({**FOUND, **BOTH})
        found = editor.diagnostics[SECOND]
        params = types.CodeActionParams(
            types.TextDocumentIdentifier(editor.uri(SECOND)), found[0].range, types.CodeActionContext(found)
        )
        offered = await editor.client.text_document_code_action_async(params)
        assert offered is not None
        # A contract rule cannot be silenced.
        assert [each.title for each in offered] == ["Let the contracts follow, as contract sync does"]
        changes = offered[0].edit.changes  # type: ignore[union-attr]
        assert sorted(changes or {}) == sorted([editor.uri(CONSUMER), editor.uri(PRODUCER)])
        for path in (CONSUMER, PRODUCER):
            lines = (root / path).read_text().split("\n")
            (edit,) = changes[editor.uri(path)]  # type: ignore[index]
            lines[edit.range.start.line : edit.range.end.line] = edit.new_text.split("\n")[:-1]
            editor.open(path)
            editor.type(path, "\n".join(lines))
        await editor.until({})

    in_editor(root, act)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a: 1", "a: 1\nb: 2\n"),
        ("a: 1", "a: 2"),
        ("a: 1\nb: 2", "a: 1"),
        ("a: 1\nb: 2", "a: 1\n"),
        ("a: 1\r\nb: 2\r\n", "a: 1\r\n"),
        ("a: 1\nb: 2\nc: 3\n", "a: 1\nc: 3\n"),
        ("", "a: 1\n"),
        ("a: 1\n", "a: 1\nb: 2"),
    ],
)
def test_an_edit_makes_just_what_is_to_be_written(before: str, after: str) -> None:
    """Files whose last line has no end, and those with the line ends of Windows."""
    from pygls.workspace import TextDocument

    from migration_lint.editor.actions import whole
    from migration_lint.writing.sync import FileChange

    edit = whole(FileChange("x.yaml", before, after))
    document = TextDocument("file:///x.yaml", before)
    document.apply_change(types.TextDocumentContentChangePartial(edit.range, edit.new_text))
    assert document.source == after


def test_two_projects_are_kept_apart(root: Path) -> None:
    """Somebody types in one, and at once in the other."""
    for name in ("one", "two"):
        inner = root / name
        inner.mkdir()
        for path, text in PROJECT.items():
            (inner / path).parent.mkdir(parents=True, exist_ok=True)
            (inner / path).write_text(text if isinstance(text, str) else text.decode())
        (inner / "migration-lint.toml").write_text("")
    Repository(root).commit({})

    async def act(editor: Editor) -> None:
        for name in ("one", "two"):
            editor.open(f"{name}/{SECOND}")
        for name in ("one", "two"):
            editor.type(f"{name}/{SECOND}", script('op.drop_column("deployment_events", "hint")'))
        expected = {
            f"{name}/{path}": found for name in ("one", "two") for path, found in {**FOUND, **BOTH}.items()
        }
        await editor.until(expected)
        editor.type(f"two/{SECOND}", script("pass"))
        await editor.until({path: found for path, found in expected.items() if path.startswith("one/")})

    in_editor(root, act)


def test_why_the_contracts_cannot_follow_is_said(root: Path) -> None:
    async def act(editor: Editor) -> None:
        (root / SECOND).write_text(script('op.drop_column("deployment_events", "hint")'))
        editor.open(SECOND)
        await editor.until({**FOUND, **BOTH})
        [diagnostic] = editor.diagnostics[SECOND]
        (root / CONSUMER).write_text("contract: [")
        which = types.TextDocumentIdentifier(editor.uri(SECOND))
        context = types.CodeActionContext([diagnostic])
        params = types.CodeActionParams(which, diagnostic.range, context)
        found = await editor.client.text_document_code_action_async(params)
        [action] = [
            each for each in found or [] if isinstance(each, types.CodeAction) and "follow" in each.title
        ]
        assert action.edit is None
        assert action.disabled is not None
        assert CONSUMER in action.disabled.reason

    in_editor(root, act)


def test_a_finding_can_be_silenced_with_a_reason(root: Path) -> None:
    text = script('op.drop_table("audit")')
    (root / SECOND).write_text(text)

    async def act(editor: Editor) -> None:
        editor.open(SECOND)
        for _ in range(300):
            if editor.diagnostics.get(SECOND):
                break
            await asyncio.sleep(0.1)
        (found, *_) = editor.diagnostics[SECOND]
        params = types.CodeActionParams(
            types.TextDocumentIdentifier(editor.uri(SECOND)), found.range, types.CodeActionContext([found])
        )
        (offered,) = await editor.client.text_document_code_action_async(params)  # type: ignore[misc]
        (edit,) = offered.edit.changes[editor.uri(SECOND)]
        assert edit.new_text == f"    # migration-lint: ignore[{found.code}] \n"
        lines = text.split("\n")
        lines.insert(edit.range.start.line, edit.new_text.rstrip("\n") + "the table was never used")
        editor.type(SECOND, "\n".join(lines))
        await editor.until({})

    in_editor(root, act)


def test_a_checkout_leaves_nothing_stale(root: Path) -> None:
    """What the client sees happen on disk, without a file being opened or saved."""
    (root / SECOND).write_text(script(HINT))
    watched = types.DidChangeWatchedFilesClientCapabilities(dynamic_registration=True)
    capabilities = types.ClientCapabilities(
        types.WorkspaceClientCapabilities(did_change_watched_files=watched)
    )

    async def act(editor: Editor) -> None:
        editor.open(PRODUCER)
        await editor.until({**FOUND, **BOTH})
        (registration,) = editor.registered
        assert registration.method == "workspace/didChangeWatchedFiles"
        (root / SECOND).unlink()
        event = types.FileEvent(editor.uri(SECOND), types.FileChangeType.Deleted)
        editor.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([event]))
        await editor.until({})

    in_editor(root, act, capabilities)


def test_a_client_that_asks_is_told_what_it_asks_for(root: Path) -> None:
    (root / SECOND).write_text(script(HINT))
    capabilities = types.ClientCapabilities(
        types.WorkspaceClientCapabilities(
            diagnostics=types.DiagnosticWorkspaceClientCapabilities(refresh_support=True)
        ),
        types.TextDocumentClientCapabilities(diagnostic=types.DiagnosticClientCapabilities()),
    )

    async def asked(editor: Editor, path: str) -> list[str | int | None]:
        params = types.DocumentDiagnosticParams(types.TextDocumentIdentifier(editor.uri(path)))
        found = await editor.client.text_document_diagnostic_async(params)
        return [each.code for each in found.items]  # type: ignore[union-attr]

    async def act(editor: Editor) -> None:
        editor.open(SECOND)
        assert await asked(editor, SECOND) == ["contract-column-dropped"]
        whole = await editor.client.workspace_diagnostic_async(types.WorkspaceDiagnosticParams([]))
        assert {each.uri for each in whole.items} == {
            editor.uri(path) for path in (SECOND, CONSUMER, PRODUCER)
        }
        editor.type(SECOND, script(AUDIT))
        assert await asked(editor, SECOND) == []
        assert editor.diagnostics == {}  # nothing is told twice
        assert editor.refreshed

    in_editor(root, act, capabilities)


@pytest.mark.parametrize(
    "uri", ["untitled:Untitled-1", "git:/x/a.py?%7B%7D", "", "file://[", "http://x/a.py", "file://other/a.py"]
)
def test_what_is_no_file_here_is_left_alone(root: Path, uri: str) -> None:
    async def act(editor: Editor) -> None:
        which = types.TextDocumentIdentifier(uri)
        editor.client.text_document_did_save(types.DidSaveTextDocumentParams(which))
        params = types.HoverParams(which, types.Position(0, 0))
        assert await editor.client.text_document_hover_async(params) is None
        assert editor.diagnostics == {}

    in_editor(root, act)


@pytest.mark.parametrize(
    "request_",
    [
        {"method": "textDocument/hover", "params": {"textDocument": {}}},
        {"method": "textDocument/hover", "params": [1, 2]},
        {"method": "textDocument/hover"},
        {"method": "no/such/method", "params": {}},
        {"method": 3},
        {},
        "text",
        b"{",
        b"\xff\xfe",
    ],
)
def test_a_malformed_request_is_answered_and_the_next_one_too(root: Path, request_: object) -> None:
    def framed(value: object) -> bytes:
        if isinstance(value, dict):
            value = {"jsonrpc": "2.0", "id": 7, **value}
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        return b"Content-Length: %d\r\n\r\n" % len(body) + body

    begin = {
        "id": 1,
        "method": "initialize",
        "params": {"capabilities": {}, "processId": None, "rootUri": None},
    }
    end = {"id": 9, "method": "shutdown"}
    leave = {"jsonrpc": "2.0", "method": "exit"}
    sent = [framed(begin), framed(request_), framed(end), framed(leave).replace(b'"id": 7, ', b"")]
    ran = subprocess.run(
        [sys.executable, "-m", "migration_lint", "server"],
        input=b"".join(sent),
        capture_output=True,
        cwd=root,
        timeout=60,
    )
    answers = [
        json.loads(part[part.index("{") :]) for part in re.split(r"Content-Length", ran.stdout.decode())[1:]
    ]
    by_id = {each.get("id"): each for each in answers}
    assert "result" in by_id[1]
    assert by_id[9]["result"] is None
    if isinstance(request_, dict) and "method" in request_:
        assert by_id[7]["error"]["code"] in (-32600, -32601, -32602)
    elif not isinstance(request_, dict):
        assert by_id[None]["error"]["code"] == (-32700 if isinstance(request_, bytes) else -32600)


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("file:///c%3A/work/a%20b.py", "C:\\work\\a b.py"),
        ("file:///C:/work/a.py", "C:\\work\\a.py"),
        ("file:///c:/work/%E6%97%A5.py", "C:\\work\\日.py"),
        ("file://server/share/a.py", "\\\\server\\share\\a.py"),
        ("file:///no-drive/a.py", None),
        ("untitled:x", None),
    ],
)
def test_files_of_windows_by_their_uris(uri: str, path: str | None) -> None:
    assert path_of(uri, windows=True) == path


def test_files_of_other_systems_by_their_uris() -> None:
    assert path_of("file:///work/a%20b%25.py", windows=False) == "/work/a b%.py"
    assert path_of("file://localhost/work/a.py", windows=False) == "/work/a.py"
    assert path_of("file://elsewhere/work/a.py", windows=False) is None
    assert path_of("file:///a%00b", windows=False) is None


def named(statement: str, name: str, down: str) -> str:
    (text,) = revision(statement, name, down).values()
    assert isinstance(text, str)
    return text


def typed_texts() -> list[dict[str, str]]:
    """What is open and not saved, key after key: a migration, what it calls, contracts, other migrations."""
    helped = script("import shop\nshop.drop(op)")
    drop = "def drop(op):\n    op.drop_column('deployment_events', '{}')\n"
    third = "migrations/versions/c3.py"
    return [
        {SECOND: script(AUDIT)},
        {SECOND: script(HINT)},
        {SECOND: script(HINT)[:-3]},
        {SECOND: helped},
        {SECOND: helped, "shop.py": drop.format("hint")},
        {SECOND: helped, "shop.py": drop.format("kind")},
        {SECOND: script(HINT), CONSUMER: PROJECT[CONSUMER].replace("hint", "tip")},
        {SECOND: script(HINT), third: named(AUDIT, "c3", "b2")},
        {SECOND: script(HINT), third: named(AUDIT, "c3", "a1")},
        {SECOND: script(HINT), third: named(AUDIT, "b2", "a1")},
        {SECOND: named(HINT, "b2", "b2")},
        {SECOND: named(HINT, "b2", "zz")},
        {SECOND: script(HINT), FIRST: PROJECT[FIRST].replace("hint", "tip")},
        {SECOND: script(HINT)},
    ]


def test_what_is_remembered_from_key_to_key_changes_nothing_of_what_is_found(
    root: Path, tmp_path: Path
) -> None:
    """One store for all keys, and none at all, come to the same."""
    store = Store(tmp_path / "cache")
    found = []
    for texts in typed_texts() * 2:
        there = {root / path: text for path, text in texts.items()}
        now, alone = judge(root, "HEAD", there, store), judge(root, "HEAD", there, Store(None))
        assert (now.files, now.messages) == (alone.files, alone.messages)
        found.append((now.files, now.messages))
    assert len({str(each) for each in found}) > 8


def test_what_is_typed_is_nothing_to_keep(root: Path, tmp_path: Path) -> None:
    """The next key makes another text of it: each would be written beside all that were there before."""

    def kept() -> dict[Path, bytes]:
        files = (each for each in (tmp_path / "cache").rglob("*") if each.is_file())
        return {each: each.read_bytes() for each in files if each.parent.name != "contracts"}

    store = Store(tmp_path / "cache")
    judge(root, "HEAD", {root / SECOND: script(AUDIT)}, store)
    before = kept()
    for key in range(5):
        judge(root, "HEAD", {root / SECOND: script(AUDIT) + "#" * key}, store)
    assert kept() == before


def children() -> str:
    """The processes that this one has started and that are there still."""
    return Path(f"/proc/{os.getpid()}/task/{threading.get_native_id()}/children").read_text()


@pytest.mark.skipif(sys.platform != "linux", reason="it is asked of /proc")
def test_no_git_is_left_of_a_key(root: Path) -> None:
    """What is read of a script refers to the repository, and the other way round: nothing lets go of it."""
    before = children()
    for key in range(3):
        judge(root, "HEAD", {root / SECOND: script(HINT) + "#" * key})
    assert children() == before
