def sweep(cursor, deployment_id: str) -> None:
    cursor.execute("DELETE FROM deployment_events WHERE deployment_id = %s AND reasons = ''", (deployment_id,))
