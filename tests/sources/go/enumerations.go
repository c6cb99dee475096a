package store

import (
	"database/sql"
	stdjson "encoding/json"
	"time"
)

type Status string

const (
	Queued  Status = "queued"
	Running Status = "running"
	Done           = Status("done")
)

type Level int

const (
	Low Level = iota
	Mid
	_
	High
)

// Size is written by its name: drivers ask it for one.
type Size int

const (
	Small Size = 1 << iota
	Large
)

func (s Size) String() string { return names[s] }

type Open string

const One Open = "one"

var Two = Open(read())

const Other Open = Open(prefix + "x")

const Wait time.Duration = 5

type Job struct {
	Status Status
	Level  *Level
	Size   Size
	Open   Open
	Wait   time.Duration
	Lines  []string
}

func put(db *sql.DB, j Job, s Status) error {
	lines, _ := stdjson.Marshal(j.Lines)
	_, err := db.Exec(
		"INSERT INTO jobs (status, level, size, open, wait, lines) VALUES ($1, $2, $3, $4, $5, $6)",
		j.Status, j.Level, j.Size, j.Open, j.Wait, lines)
	if err != nil {
		return err
	}
	_, err = db.Exec("UPDATE jobs SET status = $1, level = $2, size = $3, low = $4, name = $5",
		string(s), High, Large, int(*j.Level), Status(j.Lines[0]))
	return err
}

func (s Size) Text() string {
	switch s {
	case Small:
		return "small"
	}
	return "large"
}

func mark(ok bool) any {
	if ok {
		return "done"
	}
	return nil
}

func size(db *sql.DB, s Size, ok bool) {
	db.Exec("UPDATE jobs SET size = $1, mark = $2", s.Text(), mark(ok))
}
