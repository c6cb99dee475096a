"""How the tables of keywords are written down: words with spaces between, phrases with `|` between."""

from __future__ import annotations

Phrases = dict[str, list[tuple[str, ...]]]


def words(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


def phrases(text: str) -> Phrases:
    """The phrases of a text by their first word, the longer first."""
    found: Phrases = {}
    for phrase in sorted((tuple(part.split()) for part in text.split("|")), key=len, reverse=True):
        found.setdefault(phrase[0], []).append(phrase)
    return found
