"""A change that is under review, and reports about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from migration_lint.change.identity import Identity
from migration_lint.check.finding import (
    Acknowledging,
    ContractPatch,
    ContractPlace,
    Finding,
    Judged,
    Report,
)
from migration_lint.report import render
from migration_lint.writing.patch import patch

from .diffs import Change

MIGRATION = "migrations/versions/b2.py"
OLD_MIGRATION = "migrations/versions/a1.py"
CONSUMER = "contracts/api.consumer.yaml"
PRODUCER = "contracts/worker.producer.yaml"

SCRIPT = """\
from alembic import op

revision = "b2"
down_revision = "a1"


def upgrade():
    op.drop_column("deployment_events", "hint")
    op.alter_column(
        "deployment_events",
        "kind",
        new_column_name="sort",
    )
    op.drop_table("audit")
"""

CONTRACT = """\
contract: migration-lint/v1
id: api.consumer
service: api
role: consumer
tables:
  deployment_events:
    columns:
      id: {type: uuid, nullable: false, from: database}
      kind: {type: text, nullable: false}
      exit_code: {type: int4, nullable: true}
      hint: {type: text, nullable: false}
"""
TOUCHED = CONTRACT.replace("exit_code: {type: int4", "exit_code: {type: int8")
MENDED = TOUCHED.replace("      hint: {type: text, nullable: false}\n", "").replace("kind:", "sort:")

#: What the request changes: a new script, and a line of one contract.
FILES = {MIGRATION: Change("", SCRIPT), CONSUMER: Change(CONTRACT, TOUCHED)}

DROPPED = Finding(
    rule="contract-column-dropped",
    severity="error",
    message="deployment_events.hint is dropped, but api.consumer and worker.producer did not change with it",
    path=MIGRATION,
    line=8,
    column=5,
    end_line=8,
    end_column=48,
    revision="b2",
    table="deployment_events",
    element="hint",
    contracts=(
        ContractPlace(CONSUMER, 11, "api.consumer", "still reads hint: {type: text, nullable: false}"),
        ContractPlace(PRODUCER, 10, "worker.producer", "still writes hint: {type: text, nullable: false}"),
    ),
    fix="remove hint from api.consumer and worker.producer in this change",
    notes=("order: deploy api, then worker, then this migration",),
    fingerprint="d" * 32,
)
RENAMED = Finding(
    rule="contract-column-renamed",
    severity="error",
    message="deployment_events.kind is renamed to sort, but api.consumer did not change with it",
    path=MIGRATION,
    line=9,
    column=5,
    end_line=13,
    end_column=6,
    revision="b2",
    table="deployment_events",
    element="kind",
    contracts=(
        ContractPlace(CONSUMER, 9, "api.consumer", "still reads kind: {type: text, nullable: false}"),
    ),
    fix="write sort for kind:\n  sort: {type: text, nullable: false}",
    fingerprint="e" * 32,
)
AUDIT = Finding(
    rule="data-loss-table-dropped",
    severity="warning",
    message="audit is dropped with everything in it",
    path=MIGRATION,
    line=14,
    column=5,
    end_line=14,
    end_column=27,
    revision="b2",
    table="audit",
    fingerprint="a" * 32,
)
ELSEWHERE = Finding(
    rule="history-edited-revision",
    severity="warning",
    message="a1 was edited after it was merged",
    path=OLD_MIGRATION,
    line=3,
    end_line=3,
    revision="a1",
    fix="write a new revision",
    fingerprint="c" * 32,
)
WHOLE = Finding(
    rule="history-two-heads",
    severity="info",
    message="there are two heads: b2 and b3",
    path="migrations/versions",
    fingerprint="b" * 32,
)
ALL = (DROPPED, RENAMED, AUDIT, ELSEWHERE, WHOLE)

PATCHES = (
    ContractPatch(CONSUMER, patch([(CONSUMER, TOUCHED, MENDED)])),
    ContractPatch(PRODUCER, patch([(PRODUCER, "a: 1\nhint: 2\n", "a: 1\n")])),
)


def acknowledging(path: str, contract: str, text: str) -> Acknowledging:
    """What would make a contract acknowledge the revision at its end, as `check` writes it."""
    after = f"{text}    acknowledges:\n      b2: <why this is safe>\n"
    return Acknowledging(contract, path, (("deployment_events", "b2"),), patch([(path, text, after)]))


ACKNOWLEDGING = (
    acknowledging(CONSUMER, "api.consumer", TOUCHED),
    acknowledging(PRODUCER, "worker.producer", "a: 1\nhint: 2\n"),
)


def many(number: int) -> tuple[Finding, ...]:
    """So many findings on one line that the diff shows."""
    return tuple(
        AUDIT._replace(message=f"finding {place}", fingerprint=f"{place:032x}") for place in range(number)
    )


#: The commit that a request's head is at first.
HEAD = "1" * 40


def report(
    findings: Sequence[Finding] = ALL,
    patches: Sequence[ContractPatch] = PATCHES,
    *,
    commit: str = HEAD,
    parents: Sequence[str] = (),
    files: Mapping[str, str] | None = None,
    project: str = "",
    acknowledging: Sequence[Acknowledging] = ACKNOWLEDGING,
) -> bytes:
    """The JSON of a report with these findings, as `check` writes it of a commit with these files."""
    texts = {path: change.after for path, change in FILES.items()} if files is None else files
    made = Report(
        findings=tuple(findings),
        patches=tuple(patches),
        acknowledging=tuple(acknowledging),
        revisions=1,
        notes=("a note",),
        source=texts.get,
        judged=lambda: Judged(project, Identity("commit", "HEAD", commit, "7" * 40, tuple(parents))),
    )
    return render(made, "json").encode()
