package store

import (
	"context"
	"database/sql"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

const eventColumns = "id, kind, " +
	"last_lines"

const selectEvent = `SELECT ` + eventColumns + ` FROM events WHERE id = $1`

const unusedHere = "DELETE FROM events WHERE kind = $1"

//go:embed queries/latest.sql
var latest string

type Event struct {
	ID        int64 `db:"id"`
	Kind      string
	LastLines []string
	Payload   []byte
	At        time.Time
	Hint      *string
}

type Store struct {
	db     *sql.DB
	insert *sql.Stmt
}

// A constant of the file, rows scanned, a column decoded.
func (s *Store) Get(ctx context.Context, id int64) (*Event, error) {
	var e Event
	var lines []byte
	err := s.db.QueryRowContext(ctx, selectEvent, id).Scan(&e.ID, &e.Kind, &lines)
	if err != nil {
		return nil, err
	}
	return &e, json.Unmarshal(lines, &e.LastLines)
}

// A prepared statement, values in other encodings.
func (s *Store) Add(ctx context.Context, e Event) error {
	stmt, err := s.db.Prepare("INSERT INTO events (kind, last_lines, payload, at) VALUES ($1, $2, $3, $4)")
	if err != nil {
		return err
	}
	joined := strings.Join(e.LastLines, "\n")
	_, err = stmt.Exec(e.Kind, joined, base64.StdEncoding.EncodeToString(e.Payload), e.At.Format(time.RFC3339))
	return err
}

// Conditions add to the text; each form is a statement.
func (s *Store) List(ctx context.Context, kind string, limit int) (*sql.Rows, error) {
	query := "SELECT id, kind FROM events"
	args := []any{}
	if kind != "" {
		query += " WHERE kind = $1"
		args = append(args, kind)
	}
	return s.db.QueryContext(ctx, query, args...)
}

// A table and columns that are not known.
func (s *Store) Copy(ctx context.Context, table string, columns []string) error {
	_, err := s.db.ExecContext(ctx, fmt.Sprintf("INSERT INTO %s (%s) SELECT id FROM events", table, strings.Join(columns, ", ")))
	return err
}

func (s *Store) Columns(ctx context.Context, column string) error {
	_, err := s.db.ExecContext(ctx, fmt.Sprintf("SELECT id, %s FROM events", column))
	if err != nil {
		return fmt.Errorf("select from events failed: %w", err)
	}
	return nil
}

// A builder, a known list, a loop.
func (s *Store) Build(ctx context.Context, ids []int64) error {
	var b strings.Builder
	b.WriteString("UPDATE events SET ")
	b.WriteString(strings.Join([]string{"hint = $1", "kind = $2"}, ", "))
	b.WriteString(" WHERE id IN (")
	for i := range ids {
		fmt.Fprintf(&b, "$%d,", i+3)
	}
	b.WriteString("0)")
	_, err := s.db.ExecContext(ctx, b.String(), nil, "x")
	return err
}

func (s *Store) Latest(ctx context.Context) error {
	_, err := s.db.QueryContext(ctx, latest)
	return err
}

func (s *Store) Elsewhere(ctx context.Context) error {
	_, err := s.db.ExecContext(ctx, fmt.Sprintf(deleteFrom, "runs"))
	return err
}

// All of a table; a join whose columns cannot be told apart.
func (s *Store) Joined(ctx context.Context) {
	s.db.QueryContext(ctx, "SELECT e.*, d.name FROM events e JOIN deployments AS d ON d.id = e.deployment_id")
	s.db.QueryContext(ctx, "SELECT kind FROM events JOIN deployments ON deployments.id = deployment_id")
	s.db.QueryContext(ctx, `WITH latest AS (SELECT deployment_id, max(at) AS at FROM events GROUP BY deployment_id)
		SELECT d.name, l.at, COALESCE(d.owner, '') AS owner, count(*) FROM latest l JOIN deployments d ON d.id = l.deployment_id`)
}
