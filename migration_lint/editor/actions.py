"""What an editor offers to do about a finding: mend the contracts, or silence it at its place."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from lsprotocol import types

from migration_lint.editor.diagnostics import SOURCE, edited, nothing_left, root_of
from migration_lint.errors import CannotJudge
from migration_lint.report.screen import visible
from migration_lint.rulebook.rule import Rule
from migration_lint.writing.sync import FileChange, sync_contracts

TITLE = "Let the contracts follow, as contract sync does"


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
    """One action that writes what `contract sync` would; none where there is nothing that it can write.

    Where it cannot tell, the action is there, cannot be chosen, and says why.
    """
    try:
        unsaved = edited(project, texts)
        with nothing_left():
            made = sync_contracts(project, base=base, head="worktree", environ=os.environ, edited=unsaved)
    except CannotJudge as error:
        reason = "; ".join(visible(str(each)).replace("\n", " ") for each in error.problems)
        yield types.CodeAction(
            TITLE, kind=types.CodeActionKind.QuickFix, disabled=types.CodeActionDisabled(reason)
        )
        return
    if made.changes:
        root = root_of(project)
        changes = {uri_of(root / each.path): [whole(each)] for each in made.changes}
        yield types.CodeAction(
            TITLE,
            kind=types.CodeActionKind.QuickFix,
            edit=types.WorkspaceEdit(changes=changes),
        )


def whole(change: FileChange) -> types.TextEdit:
    """The lines that differ, from the first to the last: what people have selected elsewhere stays."""
    before = _lines(change.before or "")
    after = _lines(change.after)
    start = 0
    while start < min(len(before), len(after)) and before[start] == after[start]:
        start += 1
    end = 0
    while end < min(len(before), len(after)) - start and before[-1 - end] == after[-1 - end]:
        end += 1
    where = types.Range(_begin(before, start), _begin(before, len(before) - end))
    return types.TextEdit(where, "".join(after[start : len(after) - end]))


def _lines(text: str) -> list[str]:
    """With their ends, of which the last line may have none."""
    return [line for line in re.split(r"(?<=\n)", text) if line]


def _begin(lines: Sequence[str], number: int) -> types.Position:
    """Where a line begins; behind the last one, where that ends."""
    if number < len(lines) or not lines or lines[-1].endswith("\n"):
        return types.Position(number, 0)
    # In the units of UTF-16, which every client knows.
    return types.Position(len(lines) - 1, len(lines[-1].encode("utf-16-le", "surrogatepass")) // 2)


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
