-- name: GetEvent :one
SELECT id, kind FROM events WHERE id = $1;

-- name: SaveEvent :exec
INSERT INTO events (id, kind, hint)
VALUES (sqlc.arg(id), @kind, sqlc.narg('hint'));

--name: list-events
-- All of them; even the old ones.
SELECT * FROM events WHERE note <> 'a;b';

CREATE TABLE unnamed (id int);

MERGE INTO events e USING incoming i ON e.id = i.id
WHEN MATCHED THEN UPDATE SET kind = i.kind
WHEN NOT MATCHED THEN INSERT (id, kind) VALUES (i.id, i.kind);
