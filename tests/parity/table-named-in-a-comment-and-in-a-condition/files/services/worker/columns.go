package worker

// hasHint asks for the column of the table "deployment_events".
func hasHint(db Queryer) bool {
	const question = `
		SELECT EXISTS (SELECT 1 FROM information_schema.columns
		WHERE table_name = 'deployment_events' AND column_name = 'hint')`
	return db.QueryRow(question).Exists()
}
