import { Pool } from "pg";
import { TABLE } from "./names";

interface Event {
  id: string;
  lines: string[];
}

const SELECT = `SELECT id, last_lines FROM ${TABLE}`;

export class Repo {
  private static readonly REMOVE = "DELETE FROM events WHERE id = $1";

  constructor(private readonly pool: Pool) {}

  async get(id: string): Promise<Event> {
    const { rows } = await this.pool.query<Event>(SELECT + " WHERE id = $1", [id]);
    return rows.map((row) => ({ id: row.id, lines: JSON.parse(row.last_lines) }))[0];
  }

  async save(event: Event) {
    await this.pool.query({
      text: "INSERT INTO events (id, last_lines) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING",
      values: [event.id, JSON.stringify(event.lines)],
    });
  }

  remove = async (id: string) => this.pool.query(Repo.REMOVE, [id]);
}

export const tagged = async (sql: any, kind: string, id: string) => {
  await sql`UPDATE events SET kind = ${kind} WHERE id = ${id}`;
};

export function dynamic(db: Pool, columns: string[], desc: boolean) {
  let query = `SELECT ${columns.join(", ")} FROM events`;
  if (desc) {
    query += " ORDER BY id DESC";
  }
  return db.query(query);
}
