package billing

func charge(db DB) {
	db.Exec(`INSERT INTO invoices (id) VALUES ('1')`)
}
