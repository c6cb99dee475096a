package worker

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// note keeps a remark beside the autopsy.
func note(ctx context.Context, tx pgx.Tx, id, text string) error {
	_, err := tx.Exec(ctx, `INSERT INTO deployment_events (deployment_id, kind, reason, remark) VALUES ($1, 'note', $2, $2)`, id, text)
	return err
}
