use crate::events::{Event, Job as Work};

const COLUMNS: &str = "id, kind";

pub struct Lines {
    pub id: i64,
    pub kind: Kind,
    pub lines: Vec<String>,
}

async fn save(pool: &PgPool, event: &Lines) -> Result<()> {
    sqlx::query!(
        "INSERT INTO events (id, kind, lines, hint) VALUES ($1, $2, $3, $4)",
        event.id, // the key
        event.kind as Kind,
        serde_json::to_string(&event.lines)?,
        if event.id > 3 { Some("late") } else { None },
    )
    .execute(pool)
    .await?;
    Ok(())
}

async fn find(pool: &PgPool, id: i64, table: &str) -> Result<Vec<Work>> {
    sqlx::query_as!(Page<Work>, "SELECT kind FROM events WHERE id = $1", id).fetch_one(pool).await?;
    sqlx::query_file_as!(Event, "queries/latest.sql").fetch_all(pool).await?;
    let columns = COLUMNS;
    client.query(&format!("SELECT {columns} FROM events"), &[]).await?;
    client.query(&format!("SELECT {COLUMNS} FROM {table}", table = "jobs"), &[]).await?;
    client.query(&format!("SELECT id FROM {table}"), &[]).await
}

macro_rules! forget {
    ($id:expr) => {
        sqlx::query!("DELETE FROM events WHERE id = $1", $id)
    };
}
