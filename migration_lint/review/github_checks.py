"""A check run with annotations: docs.github.com/rest/checks/runs.

Annotations can be added to a check run and never taken away, at most 50 with a request. So one that is to say
something else is made anew, under the same name; one that was left in the middle is gone on with.
"""

from __future__ import annotations

from collections.abc import Sequence

from migration_lint.check.finding import Finding
from migration_lint.report.screen import visible
from migration_lint.report.text import closing_line
from migration_lint.review.answers import maybe_text, number, text
from migration_lint.review.host import Conclusion
from migration_lint.review.marker import digest
from migration_lint.review.target import ReviewTarget
from migration_lint.review.transport import Json, Transport, Unsure
from migration_lint.severity import Severity

BATCH = 50  # annotations of one request
MOST = 500  # annotations
LONGEST_MESSAGE = 10_000  # characters; GitHub takes 64 KB
LONGEST_TITLE = 255
LONGEST_SUMMARY = 65_535

_LEVELS: dict[Severity, str] = {"error": "failure", "warning": "warning", "info": "notice"}


def conclude_check_run(
    transport: Transport, repository: str, target: ReviewTarget, viewer: str, conclusion: Conclusion
) -> bool:
    """Bring the check run of the commit up to date; whether there was anything to do.

    `viewer` is the login that the token stands for. Raises Refused, Unsure and CannotJudge.
    """
    given = conclusion.given
    placed, left_out = conclusion.annotated(MOST)
    annotations = [_annotation(finding) for finding in placed]
    more = f"\n\n*{left_out}.*" if left_out else ""
    output: dict[str, Json] = {
        "title": closing_line(given.report),
        "summary": conclusion.summary[: LONGEST_SUMMARY - len(more)] + more,
    }
    ending = "failure" if given.failed else "neutral" if given.report.findings else "success"
    prefix = f"migration-lint/{target.scope}/"
    name = prefix + digest(repr(annotations), repr(output), ending)
    runs = [
        run
        for run in transport.pages(
            f"{repository}/commits/{target.commit}/check-runs",
            "check_runs", check_name=target.title, filter="all",
        )
        if maybe_text(run, "external_id").startswith(prefix)
        and f"{maybe_text(run, 'app', 'slug')}[bot]" == viewer
    ]  # fmt: skip
    runs.sort(key=lambda run: number(run, "id"))
    _close_others(transport, repository, runs, name)
    # The one that counts is the one that was begun last.
    if runs and text(runs[-1], "external_id") == name:
        if text(runs[-1], "status") == "completed":
            return False
        made = text(runs[-1], "id")
        done = number(runs[-1], "output", "annotations_count")
    else:
        begun = transport.write(
            "POST",
            f"{repository}/check-runs",
            {
                "name": target.title,
                "head_sha": target.commit,
                "external_id": name,
                "status": "in_progress",
                "output": {**output, "annotations": _batch(annotations, 0)},
            },
        )
        made, done = "" if begun is None else text(begun, "id"), min(BATCH, len(annotations))
        if not made and transport.dry is None:
            raise Unsure("an answer that does not name the check run")
    path = f"{repository}/check-runs/{made or '{check_run_id}'}"
    while done < len(annotations):
        # Those that came through count, so that a run which is cut off repeats none.
        added: dict[str, Json] = {"output": {**output, "annotations": _batch(annotations, done)}}
        transport.write("PATCH", path, added)
        done += BATCH
    transport.write("PATCH", path, {"status": "completed", "conclusion": ending, "output": output})
    return True


def _close_others(transport: Transport, repository: str, runs: Sequence[Json], name: str) -> None:
    """What was left in the middle and says something else by now would seem to go on for ever."""
    for run in runs:
        if text(run, "status") != "completed" and text(run, "external_id") != name:
            body: dict[str, Json] = {"status": "completed", "conclusion": "neutral"}
            transport.write("PATCH", f"{repository}/check-runs/{text(run, 'id')}", body)


def _batch(annotations: Sequence[dict[str, Json]], start: int) -> list[Json]:
    return list(annotations[start : start + BATCH])


def _annotation(finding: Finding) -> dict[str, Json]:
    first = finding.line or 1
    last = max(finding.end_line, first)
    made: dict[str, Json] = {
        "path": visible(finding.path),
        "start_line": first,
        "end_line": last,
        "annotation_level": _LEVELS[finding.severity],
        "title": visible(finding.rule)[:LONGEST_TITLE],
        "message": _message(finding)[:LONGEST_MESSAGE],
    }
    if finding.line and finding.column and first == last:
        made["start_column"] = finding.column
        if finding.end_column:
            made["end_column"] = finding.end_column
    return made


def _message(finding: Finding) -> str:
    """Plain text: annotations know no Markdown."""
    lines = [finding.message]
    lines += [f"{place.where}  {place.text}" for place in finding.contracts]
    if finding.fix:
        lines.append(f"fix: {finding.fix}")
    return "\n".join(visible(line) for part in (*lines, *finding.notes) for line in part.splitlines())
