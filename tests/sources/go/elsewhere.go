package store

const deleteFrom = "DELETE FROM %s WHERE finished < now() RETURNING id, state"
