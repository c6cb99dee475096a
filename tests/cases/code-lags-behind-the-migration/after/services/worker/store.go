package worker

import (
	"context"
	"database/sql"
)

func store(ctx context.Context, db *sql.DB, e Event) error {
	_, err := db.ExecContext(ctx, `
		INSERT INTO deployment_events (kind, exit_code, hint)
		VALUES ($1, $2, $3)`,
		e.Kind, e.ExitCode, e.Hint)
	return err
}
