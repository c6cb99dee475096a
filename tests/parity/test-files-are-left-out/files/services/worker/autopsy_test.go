package worker

const bad = `INSERT INTO deployment_events (nonsense) VALUES ($1)`
