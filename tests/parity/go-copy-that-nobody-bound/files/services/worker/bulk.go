package worker

import (
	"context"

	"github.com/jackc/pgx/v5"
)

func storeMany(ctx context.Context, tx pgx.Tx, rows [][]any) error {
	_, err := tx.CopyFrom(ctx, pgx.Identifier{"deployment_events"}, []string{"deployment_id", "reason"}, pgx.CopyFromRows(rows))
	return err
}
