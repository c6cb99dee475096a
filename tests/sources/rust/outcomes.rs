async fn put(db: &Pool, x: Option<i32>, k: Kind) {
    let hint = if x.is_some() { Some("late") } else { None };
    let kind = match k { Kind::A => "a", Kind::B => "b" };
    sqlx::query!("INSERT INTO t (hint, kind, c) VALUES ($1, $2, $3)", hint, kind, match k { Kind::A => 1, _ => 2 }).execute(db).await?;
}
