"""SQLAlchemy-Utils 0.43: `sqlalchemy_utils.models`."""

from __future__ import annotations

from datetime import datetime, timezone

from sqlalchemy import Column, DateTime


class Timestamp:
    """A listener to `before_update` sets `updated`, as if it were an onupdate."""

    created = Column(
        DateTime, default=lambda: datetime.now(tz=timezone.utc).replace(tzinfo=None), nullable=False
    )
    updated = Column(
        DateTime, default=lambda: datetime.now(tz=timezone.utc).replace(tzinfo=None), nullable=False
    )
