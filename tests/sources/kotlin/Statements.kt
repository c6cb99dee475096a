package com.example

private const val TABLE = "events"

class Statements(private val jdbc: JdbcTemplate, private val mapper: ObjectMapper) {
    companion object {
        const val FIND = "SELECT id, kind FROM $TABLE WHERE id = ?"
    }

    fun find(id: Long): Event? = jdbc.queryForObject(FIND, EventMapper(), id)

    fun save(event: Event) {
        jdbc.update(
            """
            INSERT INTO events (id, last_lines)
            VALUES (?, ?)
            """.trimIndent(),
            event.id,
            mapper.writeValueAsString(event.lines),
        )
    }

    fun removeAll(table: String) {
        var sql = "DELETE FROM ${table}"
        sql += " WHERE done"
        jdbc.execute(sql)
    }
}

interface Events {
    @Query("SELECT * FROM events WHERE kind = :kind", nativeQuery = true)
    fun byKind(@Param("kind") kind: String): List<Event>
}
