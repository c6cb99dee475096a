"""Rule files → checked rules, and what they say about an occurrence."""
