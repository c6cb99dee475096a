package com.example;

import java.util.List;
import org.springframework.jdbc.core.JdbcTemplate;

@Repository
public class Statements {
    private static final String COLUMNS = "id, " + "kind";
    private static final String FIND = "SELECT " + COLUMNS + " FROM " + Names.TABLE + " WHERE id = ?";
    private final JdbcTemplate jdbc;
    private final ObjectMapper mapper;

    public Event find(long id) {
        return jdbc.queryForObject(FIND, new Object[]{id}, new EventMapper());
    }

    public void save(Event event, int exitCode) throws Exception {
        jdbc.update("""
            INSERT INTO events (id, last_lines, exit_code, kind)
            VALUES (?, ?, ?, 'x')
            """, event.id(), mapper.writeValueAsString(event.lines()), exitCode);
    }

    public void prepared(java.sql.Connection connection, String kind) throws Exception {
        PreparedStatement ps = connection.prepareStatement("UPDATE events SET kind = ?, seen = ? WHERE id = ?");
        ps.setString(1, kind);
        ps.setBoolean(2, true);
        ps.executeUpdate();
    }

    public List<Event> built(String kind, boolean recent) {
        StringBuilder sql = new StringBuilder("SELECT id FROM events");
        sql.append(" WHERE kind = ?");
        if (recent) {
            sql.append(" AND recent");
        }
        return jdbc.query(sql.toString(), mapper(), kind);
    }

    public void formatted(String table) {
        jdbc.execute(String.format("DELETE FROM %s WHERE done", table));
    }
}

interface Events extends Repository<Event> {
    @Query(value = "SELECT e.id, e.kind FROM events e " + "WHERE e.kind = :kind", nativeQuery = true)
    List<Event> byKind(@Param("kind") String kind);

    @Insert({"INSERT INTO events (id)", "VALUES (#{id})"})
    void insert(Event event);
}
