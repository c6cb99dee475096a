"""A report in the form that its reader wants; one format a module, each with its `render`."""

from __future__ import annotations

from typing import Literal, get_args

from migration_lint.check.finding import Report

Format = Literal["text", "json", "github"]
FORMATS: tuple[Format, ...] = get_args(Format)


def render(report: Report, form: Format, colour: bool = False) -> str:
    """The report in one of the FORMATS; only text has colour."""
    if form == "json":
        from migration_lint.report import json

        return json.render(report)
    if form == "github":
        from migration_lint.report import github

        return github.render(report)
    from migration_lint.report import text

    return text.render(report, colour)
