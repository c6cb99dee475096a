using Dapper;

namespace Example.Store;

public class Statements
{
    private const string Find = @"SELECT Id, Kind FROM Events WHERE Id = @id";
    private readonly IDbConnection _db;

    public async Task<Event> Get(int id) =>
        await _db.QuerySingleAsync<Event>(Find, new { id });

    public async Task Save(Event e)
    {
        await _db.ExecuteAsync("""
            INSERT INTO Events (Id, LastLines)
            VALUES (@Id, @lines)
            """, new { e.Id, lines = JsonSerializer.Serialize(e.Lines) });
    }

    public void Command(SqlConnection connection, string kind)
    {
        using var command = new SqlCommand("UPDATE Events SET Kind = @kind WHERE Id = @id", connection);
        command.Parameters.AddWithValue("@kind", kind);
        command.ExecuteNonQuery();
        var other = connection.CreateCommand();
        other.CommandText = "DELETE FROM Events WHERE Done = 1";
        other.ExecuteNonQuery();
    }

    public void Dynamic(string table)
    {
        var sql = $"SELECT Id FROM {table}";
        _db.Query(sql);
    }
}
