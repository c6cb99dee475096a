import { Kind, Level, Status as State, Work } from "./jobs";
import { stringify as written } from "yaml";

export async function put(db: Pool, job: Work) {
  await db.query(
    "INSERT INTO jobs (status, level, made, kind, mode, way, text) VALUES ($1, $2, $3, $4, $5, $6, $7)",
    [job.status, job.level, job.made, job.kind, job.mode, job.way, job.text],
  );
}

export async function update(db: Pool, { status, hint: text }: Work, work: Work) {
  const { mode, way } = work;
  await db.query("UPDATE jobs SET status = $1, hint = $2, mode = $3, way = $4, level = $5, kind = $6, lines = $7", [
    status,
    text,
    mode,
    way,
    Level.High,
    Kind.Oom,
    written(work),
  ]);
  await db.query("UPDATE jobs SET status = $1", [State.Running]);
}
