package store

func (s *Store) Broken( {
	s.db.Exec("DELETE FROM events WHERE id = $1", 1)

func fine() {
	db.Exec("SELEC id FROM events")
	db.Exec("INSERT INTO events (id) VALUES ($1", 1)
}
