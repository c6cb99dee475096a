fun put(db: JdbcTemplate, x: Int?, k: Kind) {
    val hint = if (x != null) "late" else null
    val kind = when (k) { Kind.A -> "a"; else -> "b" }
    db.update("INSERT INTO t (hint, kind) VALUES (?, ?)", hint, kind)
}
