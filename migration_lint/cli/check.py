"""`check`: judge a change."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from migration_lint.cli.output import FINDINGS, as_bytes
from migration_lint.cli.reports import Wanted, asked_for, deliver, report_options
from migration_lint.severity import SEVERITIES, Severity

if TYPE_CHECKING:
    from migration_lint.check.finding import Report

ELSEWHERE = "name another file with --write-baseline"


@click.command()
@click.argument(
    "project", type=click.Path(exists=True, file_okay=False, path_type=Path), default=Path(), required=False
)
@click.option("--base", metavar="REF|DIR", help="What to compare with; found by default.")
@click.option("--head", metavar="REF|DIR|index|worktree", help="What to judge; found by default.")
@click.option("--fetch", is_flag=True, help="Get from origin what a shallow clone lacks for that.")
@click.option("--all", "all_revisions", is_flag=True, help="Judge every revision as if it were new.")
@report_options
@click.option("--fail-on", type=click.Choice(SEVERITIES), help="The least severity that fails.")
@click.option(
    "--write-baseline",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="With --all: list what is found in FILE, to report only what is new from now on.",
)
@click.option("--no-cache", is_flag=True, help="Read everything anew, and keep nothing.")
def check(
    project: Path,
    base: str | None,
    head: str | None,
    fetch: bool,
    all_revisions: bool,
    wanted: tuple[Wanted, ...],
    output: Path | None,
    fail_on: Severity | None,
    write_baseline: Path | None,
    no_cache: bool,
) -> int:
    """Judge a change: every contract has to follow what its migrations do.

    PROJECT is the folder with the configuration; its tree is the git repository around it.
    """
    if all_revisions and base is not None:
        raise click.UsageError("--all judges every revision, so that there is no --base to compare with.")
    if write_baseline is not None and not all_revisions:
        raise click.UsageError("--write-baseline lists what every revision is found to do: say --all too.")

    reports = asked_for(wanted, output)
    if write_baseline is not None:
        from migration_lint.disk import check_place

        check_place(write_baseline, ELSEWHERE)
        if os.path.realpath(write_baseline) in [os.path.realpath(each.file) for each in reports if each.file]:
            raise click.UsageError("a report and the baseline cannot go to one file.")

    from migration_lint.check.pipeline import run_check
    from migration_lint.report.progress import Progress

    with Progress(sys.stderr, os.environ) as progress:
        report = run_check(
            project,
            base=base,
            head=head,
            all_revisions=all_revisions,
            environ=os.environ,
            fail_on=fail_on,
            may_fetch=fetch,
            use_cache=not no_cache,
            with_baseline=write_baseline is None,
            progress=progress,
        )
    if write_baseline is not None:
        report = listed(report, write_baseline)
    from migration_lint.report import WITH_PATCHES

    if (
        not all_revisions
        and any(each.form in WITH_PATCHES for each in reports)
        and any(finding.contracts for finding in report.findings)
    ):
        from migration_lint.writing.sync import mending

        made = mending(project, base, head, os.environ, not no_cache)
        report = replace(report, patches=made.patches, acknowledging=made.acknowledging)
    deliver(report, reports)
    return FINDINGS if report.failed else 0


def listed(report: Report, path: Path) -> Report:
    """Write the baseline; gives what is left of the report: what no baseline may list."""
    from migration_lint import disk
    from migration_lint.check.baseline import can_be_listed, parse, write

    before = path.read_bytes() if path.is_file() else None
    earlier = () if before is None else parse(path.as_posix(), before)
    data = disk.with_line_ends_of(before, as_bytes(write(report.findings, earlier)))
    disk.save([disk.named(path, data)], fix=ELSEWHERE)
    left = tuple(finding for finding in report.findings if not can_be_listed(finding.rule))
    count = len(report.findings) - len(left)
    note = f'{path.as_posix()} lists {count} findings; name it in the configuration: baseline = "…"'
    return replace(report, findings=left, baselined=count, notes=(*report.notes, note))
