"""The language server: judges the project of a file as it is written, explains its findings, offers to mend.

Diagnostics are pushed, or, where the client asks for them by itself (3.17), given when it asks.
"""

from __future__ import annotations

import asyncio
import copy
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from migration_lint import __version__
from migration_lint.change.discovery import project_of
from migration_lint.editor.actions import actions_for, mending
from migration_lint.editor.diagnostics import JudgedProject, judge
from migration_lint.editor.place import file_of
from migration_lint.editor.protocol import Protocol
from migration_lint.errors import CannotJudge
from migration_lint.rulebook.explain import explain
from migration_lint.store import Store, open_store

#: Files whose change on disk may change a judgement; `.git/HEAD` and the like are those of a checkout.
WATCHED = ("**/*.{py,yaml,yml,toml,ini,cfg,lock,sql}", "**/.git/HEAD", "**/.git/index", "**/.git/refs/**")

PAUSE = 0.05  # seconds without a keystroke after which is judged


class Server(LanguageServer):
    """What is shown now, by project and file: what is gone has to be taken back."""

    def __init__(self) -> None:
        super().__init__("migration-lint", __version__, protocol_cls=Protocol)
        self.base: str | None = None
        self.store = _store()
        self.shown: dict[Path, JudgedProject] = {}
        self.stale: set[Path] = set()  # projects of which something has changed since they were judged
        self.uris: dict[Path, str] = {}  # as the client spells the open files
        self.pulls = False  # the client asks for diagnostics
        self.edits: dict[Path, int] = {}  # project → so many changes of its texts have come

    def report_server_error(self, error: Exception, source: Any) -> None:
        """What went wrong outside of a request; what was no request is answered as one."""
        if isinstance(error, ValueError) and isinstance(self.protocol, Protocol):
            self.protocol.unreadable()
            return
        super().report_server_error(error, source)

    def uri_of(self, path: Path) -> str:
        """A file by the name that the client knows it by."""
        return self.uris.get(path) or path.as_uri()

    def unsaved(self) -> dict[Path, str]:
        """The texts of open files that are not those on disk."""
        found: dict[Path, str] = {}
        for path, uri in self.uris.items():
            text = self.workspace.get_text_document(uri).source
            try:
                with open(path, encoding="utf-8", newline="") as file:
                    saved: str | None = file.read()
            except (OSError, ValueError):
                saved = None
            if text != saved:
                found[path] = text
        return found

    def show(self, file: Path | None) -> None:
        """Judge the project that a file belongs to, and let the client know what is found in its files."""
        project = None if file is None else project_of(file)
        if project is not None:
            self.refresh([project])

    def refresh(self, projects: list[Path]) -> None:
        """Judge projects anew."""
        self.stale.update(projects)
        if self.pulls:
            told = self.client_capabilities.workspace
            if told is not None and told.diagnostics is not None and told.diagnostics.refresh_support:
                self.workspace_diagnostic_refresh(None)
            return
        for project in projects:
            before = self.shown.get(project, JudgedProject({}))
            now = self.judged(project)
            for path in dict.fromkeys((*before.files, *now.files)):
                found = self.counted(path, self.found(path))
                params = types.PublishDiagnosticsParams(self.uri_of(path), found)
                self.text_document_publish_diagnostics(params)

    def judged(self, project: Path) -> JudgedProject:
        """What is found in a project as it is now."""
        before = self.shown.get(project)
        if before is not None and project not in self.stale:
            return before
        now = self.shown[project] = judge(project, self.base, self.unsaved(), self.store)
        self.stale.discard(project)
        for message in now.messages:
            if before is None or message not in before.messages:
                self.window_log_message(types.LogMessageParams(types.MessageType.Info, message))
        return now

    def found(self, path: Path) -> list[types.Diagnostic]:
        """What every project that is open has found in a file: what one says does not take back another's."""
        return [each for judged in self.shown.values() for each in judged.files.get(path, [])]

    def counted(self, path: Path, diagnostics: list[types.Diagnostic]) -> list[types.Diagnostic]:
        """A file's diagnostics, with characters as the client counts them."""
        if not diagnostics:
            return []
        document = self.workspace.get_text_document(self.uri_of(path))
        made = copy.deepcopy(diagnostics)
        for each in made:
            each.range = document.position_codec.range_to_client_units(document.lines, each.range)
        return made

    def explained(self, file: Path, position: types.Position) -> str:
        """What the rules say whose diagnostics stand at a place of a file; "" where there is none."""
        found = {
            str(each.code): judged.rule(str(each.code))
            for judged in self.shown.values()
            for each in judged.files.get(file, [])
            if each.code and _within(position, each.range)
        }
        return "\n".join(explain(rule) for rule in found.values() if rule is not None)

    def actions(self, file: Path, params: types.CodeActionParams) -> list[types.CodeAction]:
        """What can be done about what stands at a place of a file."""
        project = project_of(file)
        judged = None if project is None else self.shown.get(project)
        if project is None or judged is None:
            return []
        document = self.workspace.get_text_document(params.text_document.uri)
        texts = self.unsaved()
        return actions_for(
            params.context.diagnostics,
            file,
            params.text_document.uri,
            list(document.lines),
            judged.rule,
            lambda: mending(project, self.base, texts, self.uri_of),
        )


def _store() -> Store | None:
    """One for all keys; None: each run says what is wrong with what the environment names."""
    try:
        return open_store(os.environ)
    except CannotJudge:
        return None


def make_server() -> Server:
    """A server with its features, not started."""
    server = Server()
    _follow_files(server)
    _answer(server)
    return server


def _follow_files(server: Server) -> None:
    """What a client says by itself."""

    @server.feature(types.INITIALIZE)
    def start(params: types.InitializeParams) -> None:
        given = params.initialization_options
        base = given.get("base") if isinstance(given, dict) else getattr(given, "base", None)
        server.base = base if isinstance(base, str) else None
        told = params.capabilities.text_document
        server.pulls = told is not None and told.diagnostic is not None

    @server.feature(types.INITIALIZED)
    def started(params: types.InitializedParams) -> None:
        told = server.client_capabilities.workspace
        if told is None or told.did_change_watched_files is None:
            return
        if told.did_change_watched_files.dynamic_registration:
            watchers = [types.FileSystemWatcher(pattern) for pattern in WATCHED]
            options = types.DidChangeWatchedFilesRegistrationOptions(watchers)
            name = types.WORKSPACE_DID_CHANGE_WATCHED_FILES
            server.client_register_capability(
                types.RegistrationParams([types.Registration("watched-files", name, options)])
            )

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def opened(params: types.DidOpenTextDocumentParams) -> None:
        file = file_of(params.text_document.uri)
        if file is not None:
            server.uris[file] = params.text_document.uri
        server.show(file)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    async def changed(params: types.DidChangeTextDocumentParams) -> None:
        file = file_of(params.text_document.uri)
        project = None if file is None else project_of(file)
        if project is None:
            return
        server.stale.add(project)  # whoever asks before the pause is over gets what is there by then
        edit = server.edits[project] = server.edits.get(project, 0) + 1
        await asyncio.sleep(PAUSE)
        if edit == server.edits[project]:
            server.refresh([project])

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def saved(params: types.DidSaveTextDocumentParams) -> None:
        server.show(file_of(params.text_document.uri))

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: types.DidCloseTextDocumentParams) -> None:
        file = file_of(params.text_document.uri)
        if file is not None:
            server.uris.pop(file, None)
        server.show(file)

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def touched(params: types.DidChangeWatchedFilesParams) -> None:
        server.refresh(list(server.shown))


def _answer(server: Server) -> None:
    """What a client asks."""

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    def hover(params: types.HoverParams) -> types.Hover | None:
        file = file_of(params.text_document.uri)
        text = "" if file is None else server.explained(file, params.position)
        return types.Hover(types.MarkupContent(types.MarkupKind.PlainText, text)) if text else None

    @server.feature(
        types.TEXT_DOCUMENT_CODE_ACTION,
        types.CodeActionOptions(code_action_kinds=[types.CodeActionKind.QuickFix]),
    )
    def actions(params: types.CodeActionParams) -> list[types.CodeAction]:
        file = file_of(params.text_document.uri)
        return [] if file is None else server.actions(file, params)

    @server.feature(
        types.TEXT_DOCUMENT_DIAGNOSTIC,
        types.DiagnosticOptions(
            inter_file_dependencies=True, workspace_diagnostics=True, identifier="migration-lint"
        ),
    )
    def diagnostic(params: types.DocumentDiagnosticParams) -> types.RelatedFullDocumentDiagnosticReport:
        file = file_of(params.text_document.uri)
        project = None if file is None else project_of(file)
        if file is None or project is None:
            return types.RelatedFullDocumentDiagnosticReport([])
        server.judged(project)
        return types.RelatedFullDocumentDiagnosticReport(server.counted(file, server.found(file)))

    @server.feature(types.WORKSPACE_DIAGNOSTIC)
    def every(params: types.WorkspaceDiagnosticParams) -> types.WorkspaceDiagnosticReport:
        return types.WorkspaceDiagnosticReport(list(_reports(server)))


def _reports(server: Server) -> Iterator[types.WorkspaceFullDocumentDiagnosticReport]:
    judged = [server.judged(project) for project in list(server.shown)]
    for path in dict.fromkeys(path for each in judged for path in each.files):
        found = server.counted(path, server.found(path))
        yield types.WorkspaceFullDocumentDiagnosticReport(server.uri_of(path), found)


def _within(position: types.Position, where: types.Range) -> bool:
    at = (position.line, position.character)
    return (where.start.line, where.start.character) <= at <= (where.end.line, where.end.character)
