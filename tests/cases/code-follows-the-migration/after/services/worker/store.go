package worker

import (
	"context"
	"database/sql"
)

func store(ctx context.Context, db *sql.DB, e Event) error {
	_, err := db.ExecContext(ctx, `
		INSERT INTO deployment_events (kind, exit_code)
		VALUES ($1, $2)`,
		e.Kind, e.ExitCode)
	return err
}
