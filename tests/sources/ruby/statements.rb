module Store
  class Events
    TABLE = "events"
    FIND = <<~SQL.freeze
      SELECT id, kind
      FROM #{TABLE}
      WHERE id = $1
    SQL

    def find(id)
      @conn.exec_params(FIND, [id])
    end

    def save(event)
      @conn.exec_params(<<~SQL, [event.id, event.lines.to_json])
        INSERT INTO events (id, last_lines)
        VALUES ($1, $2)
      SQL
    end

    def remove(kind, old)
      sql = "DELETE FROM events" + " WHERE kind = ?"
      sql << " AND old" if old
      @conn.execute(sql, kind)
    end

    def dynamic(column)
      ActiveRecord::Base.connection.execute("UPDATE events SET #{column} = 1")
    end
  end
end
