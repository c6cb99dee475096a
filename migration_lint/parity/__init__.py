"""Parity: contracts held against each other, the schema, the code and the database."""
