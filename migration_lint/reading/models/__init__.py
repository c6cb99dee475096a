"""What the libraries do that scripts call: Python's own, Alembic, SQLAlchemy and their companions."""

from __future__ import annotations
