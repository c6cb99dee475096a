const queries = {
  all: "SELECT id, kind FROM events",
};

module.exports.list = function (db) {
  return db.prepare(queries.all).all();
};

exports.insert = (db, event) => db.run("INSERT INTO events VALUES (?, ?)", event.id, event.kind);
