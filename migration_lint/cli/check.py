"""`check`: judge a change."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

import click

from migration_lint.cli.output import FINDINGS
from migration_lint.cli.reports import Wanted, asked_for, deliver, report_options
from migration_lint.severity import SEVERITIES, Severity


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
    no_cache: bool,
) -> int:
    """Judge a change: every contract has to follow what its migrations do.

    PROJECT is the folder with the configuration; its tree is the git repository around it.
    """
    if all_revisions and base is not None:
        raise click.UsageError("--all judges every revision, so that there is no --base to compare with.")

    reports = asked_for(wanted, output)

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
            progress=progress,
        )
    if (
        not all_revisions
        and any(each.form == "json" for each in reports)
        and any(finding.contracts for finding in report.findings)
    ):
        from migration_lint.writing.sync import contract_patches

        patches = contract_patches(project, base, head, os.environ, not no_cache)
        report = replace(report, patches=patches)
    deliver(report, reports)
    return FINDINGS if report.failed else 0
