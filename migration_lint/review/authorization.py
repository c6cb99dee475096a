"""How a token is sent where a host has several kinds of them."""

from __future__ import annotations

from base64 import b64encode


def authorization(token: str) -> str:
    """The header's value: a token as it is, or a user and a password with a colon between them."""
    return f"Basic {b64encode(token.encode()).decode()}" if ":" in token else f"Bearer {token}"
