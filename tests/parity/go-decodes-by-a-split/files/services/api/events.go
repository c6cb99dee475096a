package api

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

type DeploymentEvent struct {
	ID           string    `json:"id"`
	DeploymentID string    `json:"deployment_id"`
	Kind         string    `json:"kind"`
	Reason       string    `json:"reason"`
	ExitCode     *int32    `json:"exit_code"`
	Event        string    `json:"event"`
	LastLines    []string  `json:"last_lines"`
	Hint         string    `json:"hint"`
	CreatedAt    time.Time `json:"created_at"`
}

// GetDeploymentEvents reads back what the worker wrote, the latest first.
func GetDeploymentEvents(ctx context.Context, pool *pgxpool.Pool, deployment string) ([]DeploymentEvent, error) {
	rows, err := pool.Query(ctx, `
		SELECT id, deployment_id, kind, reason, exit_code, event, last_lines, hint, created_at
		FROM deployment_events
		WHERE deployment_id = $1
		ORDER BY created_at DESC`, deployment)
	if err != nil {
		return nil, err
	}
	defer rows.Close()

	var events []DeploymentEvent
	for rows.Next() {
		var e DeploymentEvent
		var lines []byte
		if err := rows.Scan(&e.ID, &e.DeploymentID, &e.Kind, &e.Reason, &e.ExitCode, &e.Event, &lines, &e.Hint, &e.CreatedAt); err != nil {
			return nil, err
		}
		// An autopsy without its last lines is better than none: a row that does not decode stays silent.
		e.LastLines = strings.Split(string(lines), "\n")
		events = append(events, e)
	}
	return events, rows.Err()
}
