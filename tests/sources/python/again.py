def put(connection, node):
    node = node.strip().first()
    last = node.go()
    while last:
        last = last.next()
    connection.execute("INSERT INTO nodes (first, last) VALUES (%s, %s)", (node, last))
