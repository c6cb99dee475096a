package worker

func fill(db DB) {
	db.Exec(`INSERT INTO deployment_events (deployment_id, remark) VALUES ('1', 'x')`)
}
