"""Which reports a run writes, and where to: `--format` and `--output`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from migration_lint.cli.output import as_bytes, print_text
from migration_lint.cli.usage import one_of, wrong_usage
from migration_lint.named_tuple import NamedTuple

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from migration_lint.check.finding import Report
    from migration_lint.report import Format


ELSEWHERE = "name another file with --output"


class WantedReport(NamedTuple):
    """One report. `file`: None stands for standard output, or for --output."""

    form: Format
    file: Path | None


class _Wanted(click.ParamType):  # type: ignore[type-arg]  # not generic in every release
    """FORMAT or FORMAT=FILE."""

    name = "FORMAT[=FILE]"

    def convert(
        self, value: Any, param: click.Parameter | None, context: click.Context | None
    ) -> WantedReport:
        if isinstance(value, WantedReport):
            return value
        from migration_lint.report import FORMATS

        form, equals, file = str(value).partition("=")
        if form not in FORMATS:
            raise wrong_usage(f"--format cannot be {form}", one_of(form, FORMATS))
        if equals and not file:
            raise wrong_usage(f"--format {value} does not name a file", f"write {form} or {form}=FILE")
        return WantedReport(form, Path(file) if file else None)

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """The formats that a word may be the beginning of."""
        from migration_lint.cli.completion import beginning
        from migration_lint.report import FORMATS

        return beginning(incomplete, FORMATS)


class ReportOptions(NamedTuple):
    """What the options of a command say of its reports."""

    wanted: tuple[WantedReport, ...]
    output: Path | None
    most: int
    statistics: bool
    quiet: bool
    verbose: bool


def report_options(command: Callable[..., int]) -> Callable[..., int]:
    """The options of a command that reports, which it gets as one, `asked`."""

    @wraps(command)
    def gathered(**given: Any) -> int:
        return command(
            asked=ReportOptions(**{each: given.pop(each) for each in ReportOptions._fields}), **given
        )

    made: Callable[..., int] = gathered
    for option in (
        click.option("-v", "--verbose", is_flag=True, help="Say on standard error what was judged."),
        click.option("-q", "--quiet", is_flag=True,
                     help="In text: findings alone, no notes; nothing where nothing is found."),
        click.option("--statistics", is_flag=True,
                     help="In text: how many findings there are by rule and by file, in place of them."),
        click.option("--most", metavar="NUMBER", type=click.IntRange(0), default=100, show_default=True,
                     help="In text: how many findings are shown, the gravest; the others are counted."),
        click.option("--output", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
                     help="Write the report to FILE, where its format names none."),
        click.option("--format", "wanted", type=_Wanted(), multiple=True,
                     help="text, json, github, sarif, gitlab, junit, rdjson or markdown; several times for "
                     "several reports, each to a file of its own but one.  [default: text]"),
    ):  # fmt: skip
        made = option(made)
    return made


def asked_for(asked: ReportOptions) -> list[WantedReport]:
    """The reports to write.

    Raises CannotJudge where two of them have one place to go to, and where one may not go to its place:
    before anything is judged.
    """
    output = asked.output
    reports = list(asked.wanted) or [WantedReport("text", None)]
    if asked.statistics and all(report.form != "text" for report in reports):
        raise wrong_usage("--statistics is of text, and no report is", "add --format text")
    apart = [report for report in reports if report.file is None]
    if len(apart) > 1:
        named = " and ".join(report.form for report in apart)
        raise wrong_usage("only one report can go to one place", f"write one of {named} as FORMAT=FILE")
    if output is not None and not apart:
        raise wrong_usage("--output has nothing to write: every format names its own file", "leave it out")
    placed = [report._replace(file=report.file or output) for report in reports]
    files = [report.file for report in placed if report.file is not None]
    if files:
        from migration_lint import disk

        for file in files:
            disk.check_place(file, ELSEWHERE)
    if len(set(map(os.path.realpath, files))) < len(files):
        raise wrong_usage("two reports cannot go to one file", "name another file for one of them")
    return placed


def deliver(report: Report, wanted: Sequence[WantedReport], asked: ReportOptions) -> None:
    """Write each report: files first, so that all are there when the one on the screen is."""
    from migration_lint import disk
    from migration_lint.report import render
    from migration_lint.report.screen import terminal_width, wants_colour
    from migration_lint.report.text import ReportView

    view = ReportView(asked.most, asked.statistics, asked.quiet)
    on_screen = view._replace(width=terminal_width(sys.stdout))
    files = [
        disk.named(file, as_bytes(render(report, form, view=view)))
        for form, file in wanted
        if file is not None
    ]
    disk.save(files, fix=ELSEWHERE)
    for form, file in wanted:
        if file is None:
            print_text(render(report, form, wants_colour(sys.stdout, os.environ), on_screen))
    if asked.verbose:
        _say_judged(report)


def _say_judged(report: Report) -> None:
    """What the run was about, on standard error."""
    judged = report.judged()
    if judged is None:
        return
    from migration_lint.report.screen import visible

    lines = [f"judged: {judged.project or '.'} in {judged.head.name}"]
    if judged.base is not None:
        lines.append(f"compared with: {judged.base.name}")
    for each in judged.databases:
        server = f"{each.dialect} {each.version}".rstrip()
        lines.append(f"database: {each.name}, {server}, {each.revisions:,} revisions")
    print(*map(visible, lines), sep="\n", file=sys.stderr)
