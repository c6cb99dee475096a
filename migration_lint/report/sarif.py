"""The report as SARIF 2.1.0, for GitHub code scanning and other hosts that take it.

Beyond the standard it keeps to what GitHub asks of a file ("SARIF support for code scanning"): relative
paths, a region for every result, a fingerprint, help in Markdown, at most 25,000 results, of which it shows
5,000.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from urllib.parse import quote

from migration_lint import __version__
from migration_lint.check.finding import ContractPatch, Finding, Report, gravest_first
from migration_lint.report.hunks import Replacement, replacements
from migration_lint.report.line_hash import line_hashes
from migration_lint.report.links import HOME, rule_url
from migration_lint.report.markdown_text import code, fence, inline
from migration_lint.report.screen import visible
from migration_lint.rulebook.rule import Rule
from migration_lint.rulebook.template import generic
from migration_lint.severity import Severity

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
MOST_RESULTS = 25_000

_LEVELS: dict[Severity, str] = {"error": "error", "warning": "warning", "info": "note"}
#: One finding of ours is one of these for those who sort by it; GitHub shows it beside the rule.
_PROBLEMS: dict[Severity, str] = {"error": "error", "warning": "warning", "info": "recommendation"}

Json = dict[str, object]


def render(report: Report) -> str:
    """The report as one SARIF log with one run, in ASCII, with a line end."""
    findings = gravest_first(report.findings)
    left_out = len(findings) - MOST_RESULTS
    findings = findings[:MOST_RESULTS]
    names = list(dict.fromkeys(finding.rule for finding in findings))
    hashes = _Hashes(report.source)
    fixes = _fixes(report.patches, findings)
    notes = list(report.notes)
    if left_out > 0:
        notes.append(f"{left_out} findings are left out: a host takes {MOST_RESULTS:,} at most")
    run: Json = {
        "tool": {
            "driver": {
                "name": "migration-lint",
                "semanticVersion": __version__,
                "informationUri": HOME,
                "rules": [_rule(name, report, findings) for name in names],
            }
        },
        "automationDetails": {"id": _category(report)},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "The root of the repository."}}},
        "invocations": [
            {
                "executionSuccessful": True,
                "exitCode": int(report.failed),
                "toolExecutionNotifications": [
                    {"level": "note", "message": {"text": visible(note)}} for note in notes
                ],
            }
        ],
        "results": [
            _result(finding, names.index(finding.rule), hashes, fixes.get(finding)) for finding in findings
        ],
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2) + "\n"


def _category(report: Report) -> str:
    """What tells the runs of several projects in one repository apart; what it ends in is one run's own."""
    judged = report.judged()
    return (
        f"migration-lint/{visible(judged.project)}/"
        if judged is not None and judged.project
        else "migration-lint/"
    )


class _Hashes:
    """The line hashes of the files that findings stand in, each file read once."""

    def __init__(self, source: Callable[[str], str | None]) -> None:
        self._source = source
        self._files: dict[str, Sequence[str]] = {}

    def at(self, finding: Finding) -> str:
        """That of a finding's first line; "" where the file cannot be shown."""
        if finding.path not in self._files:
            text = self._source(finding.path)
            self._files[finding.path] = [] if text is None else line_hashes(text)
        hashes = self._files[finding.path]
        line = finding.line or 1
        return hashes[line - 1] if line <= len(hashes) else ""


def _fixes(patches: Iterable[ContractPatch], findings: Iterable[Finding]) -> dict[Finding, list[Json]]:
    """Finding → what mends the contracts that it names."""
    changes: dict[str, Json] = {}
    for patch in patches:
        parts = [_replacement(each) for each in replacements(patch.diff)]
        if parts:
            changes[patch.path] = {"artifactLocation": _artifact(patch.path), "replacements": parts}
    made: dict[Finding, list[Json]] = {}
    for finding in findings:
        paths = [path for path in dict.fromkeys(each.path for each in finding.contracts) if path in changes]
        if paths:
            said = "What migration-lint contract sync would write"
            made[finding] = [
                {"description": {"text": said}, "artifactChanges": [changes[path] for path in paths]}
            ]
    return made


def _replacement(part: Replacement) -> Json:
    region = {"startLine": part.first, "startColumn": 1, "endLine": part.last + 1, "endColumn": 1}
    text = "".join(f"{line}\n" for line in part.after)
    return {"deletedRegion": region, "insertedContent": {"text": text}}


def _rule(name: str, report: Report, findings: Iterable[Finding]) -> Json:
    rule = report.rule(name)
    severity = next(finding.severity for finding in findings if finding.rule == name)
    summary = name if rule is None else rule.summary
    found: Json = {
        "id": visible(name),
        "shortDescription": {"text": visible(summary)},
        "fullDescription": {"text": visible(summary)},
        "defaultConfiguration": {"level": _LEVELS[severity]},
        "properties": {
            "tags": ["database", "migration", *([] if rule is None else [rule.group])],
            "precision": "very-high" if rule is not None and rule.builtin else "high",
            "problem.severity": _PROBLEMS[severity],
        },
    }
    if url := rule_url(rule):
        found["helpUri"] = url
    found["help"] = {"text": visible(summary)}
    if rule is not None:
        found["help"] = {"text": _help(rule), "markdown": _help_markdown(rule)}
    return found


def _help(rule: Rule) -> str:
    fixes = [generic(choice.then) for choice in rule.fix]
    return "\n\n".join(_shown(text) for text in (rule.why.strip(), *fixes))


def _help_markdown(rule: Rule) -> str:
    blocks = [_prose(paragraph) for paragraph in rule.why.strip().split("\n\n")]
    for choice in rule.fix:
        first, *more = generic(choice.then).strip().split("\n")
        blocks.append(f"**What to do:** {inline(first)}")
        if more:
            blocks.append(fence(_shown("\n".join(more)), "python"))
    blocks.append(f"{code(f'migration-lint explain {rule.name}')} shows its examples.")
    return "\n\n".join(blocks)


def _prose(paragraph: str) -> str:
    return inline(" ".join(line.strip() for line in paragraph.split("\n")))


def _shown(text: str) -> str:
    return "\n".join(visible(line) for line in text.split("\n"))


def _result(finding: Finding, index: int, hashes: _Hashes, fix: list[Json] | None) -> Json:
    said = [finding.message, *(f"{each.where}  {each.text}" for each in finding.contracts)]
    more = [f"fix: {finding.fix}"] if finding.fix else []
    said += [line for text in (*more, *finding.notes) for line in text.splitlines()]
    result: Json = {
        "ruleId": visible(finding.rule),
        "ruleIndex": index,
        "level": _LEVELS[finding.severity],
        "message": {"text": "\n".join(_plain(line) for line in said)},
        "locations": [{"physicalLocation": _location(finding)}],
        "partialFingerprints": {"migrationLint/v1": finding.fingerprint},
    }
    if at := hashes.at(finding):
        result["partialFingerprints"] = {
            "primaryLocationLineHash": at,
            "migrationLint/v1": finding.fingerprint,
        }
    if fix:
        result["fixes"] = fix
    if finding.contracts:
        result["relatedLocations"] = [
            {
                "id": number,
                "message": {"text": _plain(f"{each.id} {each.text}".strip())},
                "physicalLocation": {
                    "artifactLocation": _artifact(each.path),
                    "region": {"startLine": each.line or 1},
                },
            }
            for number, each in enumerate(finding.contracts)
        ]
    about = {"revision": finding.revision, "table": finding.table}
    if any(about.values()):
        result["properties"] = {name: visible(value) for name, value in about.items() if value}
    return result


def _plain(text: str) -> str:
    # `[text](target)` is a link even in a plain message (SARIF 2.1.0, 3.11.6).
    return visible(text).replace("](", "] (")


def _location(finding: Finding) -> Json:
    region: Json = {"startLine": finding.line or 1}
    if finding.line and finding.column:
        region["startColumn"] = finding.column
    if finding.end_line > finding.line > 0:
        region["endLine"] = finding.end_line
    if finding.line and finding.end_column:
        region["endColumn"] = finding.end_column
    return {"artifactLocation": _artifact(finding.path), "region": region}


def _artifact(path: str) -> Json:
    return {"uri": quote(path.lstrip("/").encode("utf-8", "surrogatepass")), "uriBaseId": "%SRCROOT%"}
