import React from "react";

export const View = ({ db }) => {
  const load = () => db.query("SELECT id FROM events WHERE kind = ?", ["x"]);
  return <button onClick={load}>Select one from the list</button>;
};
