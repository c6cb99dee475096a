"""The time of a code host: it says when things happened, and nobody else does."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

BEGIN = datetime(2026, 3, 1, 9, 0, tzinfo=timezone.utc)


class Calendar:
    """Something happens each minute, never two things at once."""

    def __init__(self) -> None:
        self._minutes = 0

    def now(self) -> datetime:
        """The time of what happens next."""
        self._minutes += 1
        return BEGIN + timedelta(minutes=self._minutes)
