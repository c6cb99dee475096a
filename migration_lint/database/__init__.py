"""What a live database holds of the tables under contract, read with SQLAlchemy's inspector."""

from __future__ import annotations

from migration_lint.database.inspect import Live, read_database

__all__ = ["Live", "read_database"]
