"""Files that people write in YAML: their shape as data, read strictly, and printed as a JSON Schema."""
