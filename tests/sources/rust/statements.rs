use sqlx::PgPool;

const FIND: &str = "SELECT id, kind \
    FROM events WHERE id = $1";

pub struct Event {
    pub id: i64,
    pub kind: String,
}

pub struct Store {
    pool: PgPool,
}

impl Store {
    pub async fn find(&self, id: i64) -> Result<Event> {
        sqlx::query_as::<_, Event>(FIND).bind(id).fetch_one(&self.pool).await
    }

    pub async fn save(&self, event: &Event) -> Result<()> {
        sqlx::query!(
            r#"INSERT INTO events (id, kind) VALUES ($1, $2)"#,
            event.id,
            serde_json::to_string(&event.kind)?
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    pub async fn update(&self, client: &Client, kind: String, id: i64) {
        client.execute("UPDATE events SET kind = $1 WHERE id = $2", &[&kind, &id]).await;
        let mut query = String::from("DELETE FROM events");
        query.push_str(" WHERE done");
        client.execute(&query, &[]).await;
        let sql = format!("SELECT id FROM {}", self.table);
        client.query(&sql, &[]).await;
        sqlx::query_file!("queries/latest.sql").fetch_all(&self.pool).await;
    }
}

#[cfg(test)]
mod tests {
    fn not_read() {
        query("SELECT a FROM only_in_tests");
    }
}
