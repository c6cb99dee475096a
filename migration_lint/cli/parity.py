"""`parity`: contracts against each other, the schema, the code and the database."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from migration_lint.cli.output import FINDINGS
from migration_lint.cli.reports import ReportOptions, asked_for, deliver, report_options
from migration_lint.cli.usage import CONFIG, FolderPath, OneOf, from_project
from migration_lint.severity import SEVERITIES, Severity

URL_VARIABLE = "MIGRATION_LINT_DATABASE_URL"


@click.command()
@click.argument("project", type=FolderPath(), default=Path(), required=False)
@click.option("--head", metavar="REF|DIR|index|worktree", help="What to judge; found by default.")
@click.option(
    "--database-url",
    metavar="URL",
    envvar=URL_VARIABLE,
    help=f"Hold the contracts against this database, not the migrations. Also from {URL_VARIABLE}.",
)
@CONFIG
@report_options
@click.option("--fail-on", type=OneOf(SEVERITIES), help="The least severity that fails.")
@click.option("--no-cache", is_flag=True, help="Read everything anew, and keep nothing.")
def parity(
    project: Path,
    head: str | None,
    database_url: str | None,
    config: Path | None,
    asked: ReportOptions,
    fail_on: Severity | None,
    no_cache: bool,
) -> int:
    """Hold contracts against each other, the schema, the code and a database.

    PROJECT is the folder with the configuration; its tree is the git repository around it.
    """
    reports = asked_for(asked)

    from migration_lint.check.pipeline import run_parity
    from migration_lint.report.progress import Progress

    with Progress(sys.stderr, os.environ, quiet=asked.quiet) as progress:
        report = run_parity(
            project,
            head=head,
            database_url=database_url,
            environ=os.environ,
            config=from_project(config, project),
            fail_on=fail_on,
            use_cache=not no_cache,
            progress=progress,
        )
    deliver(report, reports, asked)
    return FINDINGS if report.failed else 0
