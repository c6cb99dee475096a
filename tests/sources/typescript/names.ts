export const TABLE = "events";
