package worker

import (
	"context"
	"encoding/json"

	"github.com/jackc/pgx/v5"
)

type Autopsy struct {
	DeploymentID string
	Reason       string
	ExitCode     *int32
	Event        string
	LastLines    []string
	Hint         string
}

func nullable(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// upsertAutopsyRow keeps one autopsy for each failed deployment.
func upsertAutopsyRow(ctx context.Context, tx pgx.Tx, a Autopsy) error {
	lines, err := json.Marshal(a.LastLines)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `
		INSERT INTO deployment_events (deployment_id, kind, reason, exit_code, event, last_lines, hint)
		VALUES ($1, 'failure_autopsy', $2, $3, $4, $5, $6)
		ON CONFLICT (deployment_id, kind) WHERE kind = 'failure_autopsy'
		DO UPDATE SET reason = EXCLUDED.reason, exit_code = EXCLUDED.exit_code, event = EXCLUDED.event,
			last_lines = EXCLUDED.last_lines, hint = EXCLUDED.hint`,
		a.DeploymentID, a.Reason, a.ExitCode, a.Event, lines, nullable(a.Hint))
	return err
}
