EVENTS = "events"
COLUMNS = ["id", "payload"]
