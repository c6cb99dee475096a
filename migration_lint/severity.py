"""How grave a finding is."""

from __future__ import annotations

from typing import Literal, get_args

Severity = Literal["error", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)  # the gravest first


def at_least(severity: Severity, threshold: Severity) -> bool:
    """Whether a finding of `severity` is as grave as `threshold`, or graver."""
    return SEVERITIES.index(severity) <= SEVERITIES.index(threshold)
