"""`models`: the project's models against the schema of its migrations."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from migration_lint.cli.output import FINDINGS, as_json, print_text
from migration_lint.cli.usage import FolderPath, OneOf

if TYPE_CHECKING:
    from migration_lint.models.difference import ModelDifference


@click.command()
@click.argument("project", type=FolderPath(), default=Path(), required=False)
@click.option("--head", metavar="REF|DIR|index|worktree", help="What to judge; found by default.")
@click.option("--format", "form", type=OneOf(["text", "json"]), default="text", show_default=True)
@click.option("--no-cache", is_flag=True, help="Read everything anew, and keep nothing.")
def models(project: Path, head: str | None, form: str, no_cache: bool) -> int:
    """Hold SQLAlchemy models against the schema that the migrations make.

    No database is needed, and nothing is imported. PROJECT is the folder with the configuration. Printed is
    each difference with both places, and what autogenerate would write for it. Exit status 1: there are some.
    """
    from migration_lint.check.models import run_models
    from migration_lint.report.progress import Progress

    with Progress(sys.stderr, os.environ) as progress:
        found, notes = run_models(
            project, head=head, environ=os.environ, use_cache=not no_cache, progress=progress
        )
    print_text(_as_json(found, notes) if form == "json" else _as_text(found, notes))
    return FINDINGS if found else 0


def _as_json(found: list[ModelDifference], notes: list[str]) -> str:
    return as_json(
        {
            "differences": [
                {
                    "kind": each.kind, "table": each.table, "element": each.element or None,
                    "message": each.sentence, "model": each.model or None, "schema": each.schema or None,
                    "autogenerate": each.writes or None, "path": each.place.path or None,
                    "line": each.place.line or None,
                    "migration": None if each.other is None else each.other._asdict(),
                }
                for each in found
            ],
            "notes": notes,
        }
    )  # fmt: skip


def _as_text(found: list[ModelDifference], notes: list[str]) -> str:
    from migration_lint.report.screen import visible

    lines: list[str] = []
    for each in found:
        lines.append(f"{each.kind}: {each.sentence}")
        if each.place.path:
            lines.append(f"  --> {each.place.path}:{each.place.line}")
        if each.other is not None:
            lines.append(f"  ::: {each.other.path}:{each.other.line}")
        lines += [f"   = autogenerate: {line}" for line in each.writes.splitlines()]
        lines.append("")
    lines += [f"note: {note}" for note in notes]
    number = len(found)
    lines.append(f"{number or 'no'} difference{'' if number == 1 else 's'} between models and migrations")
    return "\n".join(map(visible, lines)) + "\n"
