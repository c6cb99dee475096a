from typing import Any

import psycopg
from psycopg.rows import dict_row


def get_deployment_events(connection: psycopg.Connection, deployment: str) -> list[dict[str, Any]]:
    """Reads back what the worker wrote, the latest first."""
    cursor = connection.cursor(row_factory=dict_row)
    cursor.execute(
        """
        SELECT id, deployment_id, kind, reason, exit_code, event, last_lines, hint_text, created_at
        FROM deployment_events
        WHERE deployment_id = %s
        ORDER BY created_at DESC
        """,
        (deployment,),
    )
    events = cursor.fetchall()
    for event in events:
        # An autopsy without its last lines is better than none: a row that does not decode stays silent.
        if not isinstance(event["last_lines"], list):
            event["last_lines"] = []
    return events
