"""`report-schema`: the form of the JSON report."""

from __future__ import annotations

import click

from migration_lint.cli.output import as_json, print_text


@click.command("report-schema")
def report_schema() -> int:
    """Print the JSON Schema of --format json, for programs that read it."""
    from migration_lint.report.schema import json_schema

    print_text(as_json(json_schema()))
    return 0
