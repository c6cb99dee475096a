"""A report in the form that its reader wants; one format a module, each with its `render`."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Literal, get_args

from migration_lint.check.finding import Report

if TYPE_CHECKING:
    from migration_lint.report.text import ReportView

Format = Literal["text", "json", "github", "sarif", "gitlab", "junit", "rdjson", "markdown"]
FORMATS: tuple[Format, ...] = get_args(Format)

#: Those that hold what would mend the contracts.
WITH_PATCHES: frozenset[Format] = frozenset({"json", "sarif", "rdjson"})


def render(report: Report, form: Format, colour: bool = False, view: ReportView | None = None) -> str:
    """The report in one of the FORMATS; only text has colour, and leaves out what `view` does not want."""
    if form == "text":
        from migration_lint.report import text

        return text.render(report, colour, view or text.ReportView())
    made: str = import_module(f"migration_lint.report.{form}").render(report)
    return made
