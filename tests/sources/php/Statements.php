<?php

namespace Example;

class Statements
{
    private const TABLE = 'events';
    const FIND = 'SELECT id, kind FROM ' . self::TABLE . ' WHERE id = ?';

    public function __construct(private \PDO $db)
    {
    }

    public function find(int $id): array
    {
        $statement = $this->db->prepare(self::FIND);
        $statement->execute([$id]);
        return $statement->fetch();
    }

    public function save(Event $event): void
    {
        $sql = <<<SQL
            INSERT INTO events (id, last_lines)
            VALUES (:id, :lines)
            SQL;
        $statement = $this->db->prepare($sql);
        $statement->execute(['id' => $event->id, 'lines' => json_encode($event->lines)]);
    }

    public function dynamic(string $column): void
    {
        $query = "SELECT id, {$column} FROM events";
        $query .= " WHERE done";
        $this->db->query($query);
        DB::update('UPDATE events SET kind = ? WHERE id = ?', ['x', 1]);
    }
}
