"""The language server: judges the project of a file when it is opened or saved, and explains its findings."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from migration_lint import __version__
from migration_lint.editor.diagnostics import Judged, judge
from migration_lint.rulebook.explain import explain

#: What marks the folder of a project, the nearest above a file first.
MARKS = ("migration-lint.toml", "alembic.ini", "pyproject.toml", ".git")


class Server(LanguageServer):
    """What is shown now, by project and file: what is gone has to be taken back."""

    def __init__(self) -> None:
        super().__init__("migration-lint", __version__)
        self.base: str | None = None
        self.shown: dict[Path, Judged] = {}

    def show(self, file: Path) -> None:
        """Judge the project that a file belongs to, and publish what is found in any of its files."""
        project = project_of(file)
        if project is None:
            return
        before = self.shown.get(project, Judged({}))
        now = self.shown[project] = judge(project, self.base)
        for path in before.files | now.files:
            self.publish(path, now.files.get(path, []))
        for message in now.messages:
            if message not in before.messages:
                self.window_log_message(types.LogMessageParams(types.MessageType.Info, message))

    def publish(self, path: Path, diagnostics: list[types.Diagnostic]) -> None:
        """Send a file's diagnostics, with characters as the client counts them."""
        uri = path.as_uri()
        document = self.workspace.get_text_document(uri)
        codec = document.position_codec
        lines = document.lines if diagnostics else []
        for each in diagnostics:
            each.range = codec.range_to_client_units(lines, each.range)
        self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, diagnostics))

    def explained(self, file: Path, position: types.Position) -> str:
        """What the rules say whose diagnostics stand at a place of a file; "" where there is none."""
        found = {
            str(each.code): judged.rule(str(each.code))
            for judged in self.shown.values()
            for each in judged.files.get(file, [])
            if each.code and _within(position, each.range)
        }
        return "\n".join(explain(rule) for rule in found.values() if rule is not None)


def project_of(file: Path) -> Path | None:
    """The folder whose configuration and history a file belongs to; None where there is no repository."""
    above = [each for each in file.parents if any((each / ".git").exists() for each in (each, *each.parents))]
    for mark in MARKS:
        for folder in above:
            if (folder / mark).exists():
                return folder
    return None


def make_server() -> Server:
    """A server with its features, not started."""
    server = Server()

    @server.feature(types.INITIALIZE)
    def start(params: types.InitializeParams) -> None:
        given = params.initialization_options
        base = given.get("base") if isinstance(given, dict) else getattr(given, "base", None)
        server.base = base if isinstance(base, str) else None

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def opened(params: types.DidOpenTextDocumentParams) -> None:
        server.show(_path(params.text_document.uri))

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def saved(params: types.DidSaveTextDocumentParams) -> None:
        server.show(_path(params.text_document.uri))

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    def hover(params: types.HoverParams) -> types.Hover | None:
        text = server.explained(_path(params.text_document.uri), params.position)
        return types.Hover(types.MarkupContent(types.MarkupKind.PlainText, text)) if text else None

    return server


def _path(uri: str) -> Path:
    return Path(unquote(urlsplit(uri).path))


def _within(position: types.Position, where: types.Range) -> bool:
    at = (position.line, position.character)
    return (where.start.line, where.start.character) <= at <= (where.end.line, where.end.character)
