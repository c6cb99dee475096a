def put(conn, x):
    hint = "late" if x else None
    conn.execute("INSERT INTO t (hint) VALUES (%s)", (hint,))
