"""Models of SQLAlchemy against the schema that migrations make, without a database or an import."""
