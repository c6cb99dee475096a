package api

import (
	"context"

	"github.com/jackc/pgx/v5/pgxpool"
)

// Reads what the contract declares: it holds for this statement, too.
func countEvents(ctx context.Context, pool *pgxpool.Pool, kind string) (int, error) {
	var n int
	err := pool.QueryRow(ctx, `SELECT count(*) FROM deployment_events WHERE kind = $1`, kind).Scan(&n)
	return n, err
}
