import base64
import json
from pathlib import Path

from sqlalchemy import text

from .names import EVENTS, COLUMNS

QUERY = Path(__file__).with_name("latest.sql").read_text()

UPSERT = """
    INSERT INTO events (id, payload, at)
    VALUES (%(id)s, %(payload)s, %(at)s)
    ON CONFLICT (id) DO UPDATE SET payload = EXCLUDED.payload, at = now()
    RETURNING id
"""


class Repo:
    SELECT = f"SELECT {', '.join(COLUMNS)} FROM {EVENTS}"

    def __init__(self, connection):
        self.connection = connection

    def get(self, id: int):
        cursor = self.connection.cursor()
        cursor.execute(self.SELECT + " WHERE id = %s", (id,))
        row = cursor.fetchone()
        identity, payload = row
        return identity, json.loads(payload)

    def save(self, event: "Event"):
        with self.connection.cursor() as cursor:
            cursor.execute(
                UPSERT,
                {"id": event.id, "payload": json.dumps(event.lines), "at": event.at.isoformat()},
            )

    async def many(self, conn, events: list["Event"]):
        await conn.executemany(
            "INSERT INTO events (id, payload) VALUES ($1, $2)",
            [(e.id, base64.b64encode(e.raw)) for e in events],
        )

    def with_text(self, session, kind: str):
        return session.execute(
            text("UPDATE events SET kind = :kind, seen = true WHERE id = :id").bindparams(x=1),
            {"kind": kind, "id": 1},
        )

    def table_of(self, table, columns):
        self.connection.execute("SELECT a FROM {}".format(table))
        self.connection.execute("SELECT %s FROM events" % ", ".join(columns))
        self.connection.execute(f"DELETE FROM events WHERE {table} = 1")

    def nested(self, db):
        def run(txn):
            for (name, count) in txn.execute("SELECT name, count(*) FROM runs GROUP BY name"):
                print(name, count)
            rows = txn.execute("SELECT id, payload FROM events").fetchall()
            return [json.loads(row["payload"]) for row in rows]

        return db.run(run)

    def latest(self):
        return self.connection.execute(QUERY)

    def prose(self):
        raise ValueError("select a table from the list")


class Event:
    id: int
    lines: list[str]
