"""What an editor offers to do about a finding: mend the contracts, or silence it at its place."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from lsprotocol import types

from migration_lint.editor.diagnostics import SOURCE, edited, root_of
from migration_lint.errors import CannotJudge
from migration_lint.rulebook.rule import Rule
from migration_lint.writing.sync import FileChange, sync_contracts


def actions_for(
    diagnostics: Iterable[types.Diagnostic],
    file: Path,
    uri: str,
    lines: list[str],
    rule: Callable[[str], Rule | None],
    contracts: Callable[[], Iterable[types.CodeAction]],
) -> list[types.CodeAction]:
    """The actions for diagnostics of a file; `contracts` gives those that mend, and is asked if needed."""
    ours = [each for each in diagnostics if each.source == SOURCE and isinstance(each.code, str)]
    made: list[types.CodeAction] = []
    if any(str(each.code).startswith("contract-") for each in ours):
        for action in contracts():
            action.diagnostics = ours
            made.append(action)
    for each in ours:
        known = rule(str(each.code))
        if known is not None and known.inline and file.suffix == ".py":
            made.append(_silencing(each, uri, lines))
    return made


def mending(
    project: Path,
    base: str | None,
    texts: Mapping[Path, str],
    uri_of: Callable[[Path], str],
) -> Iterator[types.CodeAction]:
    """One action that writes what `contract sync` would; none where there is nothing that it can write."""
    try:
        made = sync_contracts(
            project, base=base, head="worktree", environ=os.environ, edited=edited(project, texts)
        )
    except CannotJudge:
        return
    if made.changes:
        root = root_of(project)
        changes = {uri_of(root / each.path): [_whole(each)] for each in made.changes}
        yield types.CodeAction(
            "Let the contracts follow, as contract sync does",
            kind=types.CodeActionKind.QuickFix,
            edit=types.WorkspaceEdit(changes=changes),
        )


def _whole(change: FileChange) -> types.TextEdit:
    """The lines that differ, from the first to the last: what people have selected elsewhere stays."""
    before = (change.before or "").split("\n")
    after = change.after.split("\n")
    start = 0
    while start < min(len(before), len(after)) and before[start] == after[start]:
        start += 1
    end = 0
    while end < min(len(before), len(after)) - start and before[-1 - end] == after[-1 - end]:
        end += 1
    kept = after[start : len(after) - end]
    where = types.Range(types.Position(start, 0), types.Position(len(before) - end, 0))
    return types.TextEdit(where, "".join(f"{line}\n" for line in kept))


def _silencing(diagnostic: types.Diagnostic, uri: str, lines: list[str]) -> types.CodeAction:
    """A comment above the line. Its reason is left to the person: without one it silences nothing."""
    at = diagnostic.range.start.line
    line = lines[at] if at < len(lines) else ""
    indent = line[: len(line) - len(line.lstrip())].replace("\n", "")
    place = types.Position(at, 0)
    text = f"{indent}# migration-lint: ignore[{diagnostic.code}] \n"
    return types.CodeAction(
        f"Silence {diagnostic.code} here, with a reason",
        kind=types.CodeActionKind.QuickFix,
        diagnostics=[diagnostic],
        edit=types.WorkspaceEdit(changes={uri: [types.TextEdit(types.Range(place, place), text)]}),
    )
