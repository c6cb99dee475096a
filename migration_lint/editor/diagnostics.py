"""What a run of `check` says, file by file, in the terms of the Language Server Protocol 3.17.

Lines and characters count from 0 there. Characters count code points here; `server` turns them into the units
that the client counts.
"""

from __future__ import annotations

import contextlib
import gc
import itertools
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from lsprotocol import types

from migration_lint.change.discovery import discover
from migration_lint.change.folder import OTHERS
from migration_lint.change.objects import close_all
from migration_lint.check.finding import Finding
from migration_lint.check.pipeline import run_check
from migration_lint.errors import CannotJudge, Problem
from migration_lint.named_tuple import NamedTuple
from migration_lint.report.screen import visible
from migration_lint.rulebook.rule import Rule
from migration_lint.severity import Severity
from migration_lint.store import Store

SOURCE = "migration-lint"

_SEVERITIES: dict[Severity, types.DiagnosticSeverity] = {
    "error": types.DiagnosticSeverity.Error,
    "warning": types.DiagnosticSeverity.Warning,
    "info": types.DiagnosticSeverity.Information,
}
RUNS_OF_GARBAGE = 20
_RUNS = itertools.count(1)
_LINE_S_END = 1_000_000  # clients cut it to the line's


class JudgedProject(NamedTuple):
    """The diagnostics of a project's files, and what is not about any of them."""

    files: Mapping[Path, list[types.Diagnostic]]
    messages: tuple[str, ...] = ()
    rule: Callable[[str], Rule | None] = lambda name: None  # a rule of the project by its name


def judge(
    project: Path, base: str | None, texts: Mapping[Path, str], store: Store | None = None
) -> JudgedProject:
    """Judge the work tree of a project against `base`, or against what `check` finds out by itself.

    `project` is an absolute folder in a git repository; `texts` are those of open files that are not saved;
    `store` is one that remembers what it gave for an earlier key.
    What keeps the run from judging is a diagnostic of the file that it is about, or a message: nothing is
    raised for it.
    """
    root = root_of(project)
    try:
        with nothing_left():
            report = run_check(
                project,
                base=base,
                head="worktree",
                environ=os.environ,
                edited=edited(project, texts),
                store=store,
            )
    except CannotJudge as error:
        about = [
            each
            for each in error.problems
            if each.path and (root / each.path) in {*texts, *_files(root, each)}
        ]
        files: dict[Path, list[types.Diagnostic]] = {}
        for problem in about:
            files.setdefault(root / problem.path, []).append(_of_problem(problem))
        return JudgedProject(files, tuple(visible(str(each)) for each in error.problems if each not in about))
    found: dict[Path, list[types.Diagnostic]] = {}
    for finding in report.findings:
        for path, diagnostic in _of_finding(finding, root):
            found.setdefault(path, []).append(diagnostic)
    return JudgedProject(found, tuple(map(visible, report.notes)), report.rule)


@contextlib.contextmanager
def nothing_left() -> Iterator[None]:
    """Clean up after a run inside a long-lived process: end its git, collect its garbage.

    What `read_history` has kept out of the collector's way makes it think that there is little to do.
    """
    try:
        yield
    finally:
        close_all()
        gc.unfreeze()
        if next(_RUNS) % RUNS_OF_GARBAGE == 0:
            gc.collect()


def edited(project: Path, texts: Mapping[Path, str]) -> dict[str, bytes]:
    """Texts by their paths in the tree that a project is part of; those of other folders are left out."""
    root = root_of(project)
    return {
        path.relative_to(root).as_posix(): text.encode("utf-8", "surrogatepass")
        for path, text in texts.items()
        if path.is_relative_to(root) and OTHERS.isdisjoint(path.relative_to(root).parts)
    }


def root_of(project: Path) -> Path:
    """The folder that paths in a report count from: the work tree of git, or the project itself."""
    with contextlib.suppress(CannotJudge):
        place = discover(project, os.environ)
        if place and place.top:
            return place.top
    return project


def _files(root: Path, problem: Problem) -> tuple[Path, ...]:
    path = root / problem.path
    return (path,) if path.is_file() else ()


def _of_finding(finding: Finding, root: Path) -> Iterator[tuple[Path, types.Diagnostic]]:
    related = [
        types.DiagnosticRelatedInformation(
            types.Location((root / place.path).as_uri(), _line(place.line)),
            f"{place.id} {place.text}".strip(),
        )
        for place in finding.contracts
    ]
    message = "\n".join([finding.message, *([f"fix: {finding.fix}"] if finding.fix else []), *finding.notes])
    yield (
        root / finding.path,
        types.Diagnostic(
            _range(finding),
            message,
            severity=_SEVERITIES[finding.severity],
            code=finding.rule,
            source=SOURCE,
            related_information=related,
        ),
    )
    for place in finding.contracts:
        # Whoever has the contract open sees there what it lacks.
        yield (
            root / place.path,
            types.Diagnostic(
                _line(place.line),
                f"{finding.message}\n{place.text}",
                severity=types.DiagnosticSeverity.Hint,
                code=finding.rule,
                source=SOURCE,
            ),
        )


def _of_problem(problem: Problem) -> types.Diagnostic:
    message = f"{problem.message}\nfix: {problem.fix}" if problem.fix else problem.message
    return types.Diagnostic(
        _line(problem.line), message, severity=types.DiagnosticSeverity.Error, source=SOURCE
    )


def _range(finding: Finding) -> types.Range:
    if not (finding.line and finding.column and finding.end_column):
        return _line(finding.line)
    return types.Range(
        types.Position(finding.line - 1, finding.column - 1),
        types.Position((finding.end_line or finding.line) - 1, finding.end_column - 1),
    )


def _line(line: int) -> types.Range:
    at = max(line, 1) - 1
    return types.Range(types.Position(at, 0), types.Position(at, _LINE_S_END))
