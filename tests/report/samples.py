"""Reports to render, over scripts that are awkward to show."""

from __future__ import annotations

from migration_lint.change.identity import Identity
from migration_lint.check.finding import (
    ContractPatch,
    ContractPlace,
    Database,
    Finding,
    Judged,
    Report,
    Severity,
)
from migration_lint.writing.patch import patch

DROP_HINT = '''\
"""drop hint

Revision ID: 4f1c2a9d7b31
"""
from alembic import op

revision = "4f1c2a9d7b31"


def upgrade() -> None:
    op.drop_column("deployment_events", "hint")
'''

AWKWARD = (
    "def upgrade() -> None:\n"
    '\top.drop_column("tab", "before")\n'
    '    x = "日本語"; op.drop_column("日本", "e\u0301")\n'
    '    op.drop_column("\x1b[31mred", "\u202eturned\ufeff")\n'
    "    op.alter_column(\n"
    '        "deployment_events",\n'
    '        "hint",\n'
    '        new_column_name="hint_text",\n'
    "    )\n"
    "    op.create_table(\n"
    + "".join(f'        sa.Column("c{number}"),\n' for number in range(20))
    + "    )\n"
    f'    op.execute("{"a" * 200}"); op.drop_table("far_to_the_right")\n'
)


def finding(
    message: str,
    line: int = 0,
    column: int = 0,
    end_line: int = 0,
    end_column: int = 0,
    severity: Severity = "error",
) -> Finding:
    return Finding(
        rule="contract-column-dropped",
        severity=severity,
        message=message,
        path="migrations/versions/a.py",
        line=line,
        column=column,
        end_line=end_line or line,
        end_column=end_column,
    )


CONTRACT = """\
id: api.consumer
tables:
  deployment_events:
    columns:
      kind: text, not null
      exit_code: int4
      reason: text, not null
      event: text, not null
      hint: text, not null
"""
MENDED = CONTRACT.replace("      hint: text, not null\n", "")
HEAD = Identity("commit", "HEAD (1111111)", "1" * 40, "7" * 40, ("2" * 40, "3" * 40))
BASE = Identity("commit", "the first parent of 1111111 (2222222)", "2" * 40, "8" * 40, ("4" * 40,))
JUDGED = Judged("services", HEAD, BASE, (Database("services/alembic.ini", "postgresql", "15", 12),))

TWO_PLACES = Report(
    findings=(
        Finding(
            rule="contract-column-dropped",
            severity="error",
            message="deployment_events.hint is dropped, but api.consumer did not change with it",
            path="migrations/versions/4f1c2a9d7b31_drop_hint.py",
            line=11,
            column=5,
            end_line=11,
            end_column=48,
            revision="4f1c2a9d7b31",
            table="deployment_events",
            element="hint",
            contracts=(
                ContractPlace(
                    "contracts/api.consumer.yaml", 9, "api.consumer", "still reads hint: text, not null"
                ),
            ),
            fix="remove hint from api.consumer in this change, once api no longer reads it",
            notes=("order: deploy api, then worker, then this migration",),
            fingerprint="0f3a",
        ),
        Finding(
            rule="history-two-heads",
            severity="warning",
            message="there are two heads: 4f1c2a9d7b31 and a6d3b8e15f42",
            path="migrations/versions",
            fix="merge them:\n  alembic merge heads",
        ),
    ),
    notes=('migration-lint.toml: require = "touched" takes effect once it is merged',),
    suppressed=1,
    revisions=3,
    patches=(
        ContractPatch(
            "contracts/api.consumer.yaml", patch([("contracts/api.consumer.yaml", CONTRACT, MENDED)])
        ),
    ),
    source={
        "migrations/versions/4f1c2a9d7b31_drop_hint.py": DROP_HINT,
        "contracts/api.consumer.yaml": CONTRACT,
    }.get,
    judged=lambda: JUDGED,
)

AWKWARD_LINES = Report(
    findings=(
        finding("a tab before it", 2, 2, 2, 33),
        finding("wide and combining characters", 3, 16, 3, 42),
        finding("escapes \x1b[31m, a forged\nerror: line, a turn \u202e and the like \ue000", 4, 5, 4, 43),
        finding("several lines", 5, 5, 9, 6, severity="warning"),
        finding("very many lines", 10, 5, 31, 6, severity="info"),
        finding("far to the right", 32, 221, 32, 254),
        finding("a long line from its start", 32, 5, 32, 254),
        finding("no column", 2),
        finding("a line that the file does not have", 999),
    ),
    revisions=1,
    source=lambda path: AWKWARD,
)

FORGED = Report(
    findings=(
        Finding(
            rule="contract-column-dropped",
            severity="error",
            message="100% of\r\n::error::forged, with a : and a ,",
            path="migrations/a:b,c%\n.py",
            line=3,
            contracts=(ContractPlace("contracts/a.yaml", 0, "a", "is gone"),),
        ),
        finding("several lines", 5, 5, 9, 6, severity="warning"),
        finding("an info", 2, 2, 2, 33, severity="info"),
        finding("of the whole file"),
    ),
    notes=("a note with 100%",),
    revisions=1,
)
