"""`contract`: write and check contract files."""

from __future__ import annotations

import click

from migration_lint.cli.output import as_json, print_text


@click.group()
def contract() -> None:
    """Write and check contract files."""


@contract.command()
def schema() -> int:
    """Print the JSON Schema of contract files, for editors."""
    from migration_lint.contracts.schema import json_schema

    print_text(as_json(json_schema()))
    return 0
