"""The limits of hosts: how long they ask to wait.

GitHub: docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api; GitLab:
docs.gitlab.com/administration/settings/user_and_ip_rate_limits.
"""

from __future__ import annotations

from collections.abc import Mapping

UNSAID = 60.0  # seconds: what GitHub asks for where a limit does not say how long
_BEGINNING = 2_000  # bytes of an answer in which a limit is named

#: What GitHub says of limits that have no headers; the second is what older servers say.
_SECONDARY = (b"secondary rate limit", b"abuse detection")
_TOO_QUICKLY = b"submitted too quickly"


def limit_wait(
    status: int, headers: Mapping[str, str], body: bytes, now: float, attempt: int
) -> float | None:
    """How many seconds to wait before asking again; None: the answer is not about a limit.

    `now` is in seconds since the epoch; `attempt` counts from 0. GraphQL says it with status 200.
    """
    beginning = body[:_BEGINNING].lower()
    if status == 422 and _TOO_QUICKLY in beginning:
        return UNSAID * (attempt + 1)
    if status == 200 and b'"rate_limited"' not in beginning or status not in (200, 403, 429):
        return None
    after = headers.get("retry-after", "")
    if after.isdecimal():
        return float(after) + 1
    reset = headers.get("x-ratelimit-reset") or headers.get("ratelimit-reset") or ""
    left = headers.get("x-ratelimit-remaining") or headers.get("ratelimit-remaining")
    if left == "0" and reset.isdecimal():
        return max(float(reset) - now, 0.0) + 1
    if status != 403 or any(each in beginning for each in _SECONDARY):
        return UNSAID * (attempt + 1)
    return None
