"""A place for each finding: what cannot be opened in an editor is not read, and hosts refuse it."""

from __future__ import annotations

from collections.abc import Sequence

from migration_lint.check.finding import Finding
from migration_lint.check.schema import Schema
from migration_lint.history import Script


def placed(finding: Finding, schemas: Sequence[Schema]) -> Finding:
    """The finding with a file and a line.

    Where no line of the change is to blame, that is where the revision says its id, or the newest revision
    that is judged; then where a contract that it shows stands.
    """
    if finding.path and finding.line:
        return finding
    scripts = [script for schema in schemas for script in _scripts(schema)]
    told = [each for each in scripts if finding.path in ("", each.path)]
    own = [each for each in told if each.revision == finding.revision]
    script = next(reversed(own or told), None)
    if script is not None:
        return finding._replace(path=script.path, line=script.line or 1)
    line = next((each for each in finding.contracts if each.path and finding.path in ("", each.path)), None)
    if line is not None:
        return finding._replace(path=line.path, line=line.line or 1)
    return finding._replace(line=1) if finding.path else finding


def _scripts(schema: Schema) -> Sequence[Script]:
    if schema.fresh:
        return schema.fresh
    return schema.head.history.scripts if schema.head is not None else ()
