import json
from typing import NamedTuple, TypedDict

import psycopg


class Base(TypedDict):
    kind: str


class Line(Base):
    text: str


class Autopsy(NamedTuple):
    deployment_id: str
    reason: str
    exit_code: int | None
    event: str
    last_lines: list[Line]
    hint: str


def upsert_autopsy_row(connection: psycopg.Connection, autopsy: Autopsy) -> None:
    """Keeps one autopsy for each failed deployment."""
    connection.execute(
        """
        INSERT INTO deployment_events (deployment_id, kind, reason, exit_code, event, last_lines, hint)
        VALUES (%s, 'failure_autopsy', %s, %s, %s, %s, %s)
        ON CONFLICT (deployment_id, kind) WHERE kind = 'failure_autopsy'
        DO UPDATE SET reason = EXCLUDED.reason, exit_code = EXCLUDED.exit_code, event = EXCLUDED.event,
            last_lines = EXCLUDED.last_lines, hint = EXCLUDED.hint
        """,
        (*autopsy[:4], json.dumps(autopsy.last_lines), autopsy.hint),
    )
