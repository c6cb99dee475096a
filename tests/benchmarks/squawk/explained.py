from __future__ import annotations

from typing import Literal, NamedTuple

Verdict = Literal["right", "false alarm", "taste", "missed by us", "said otherwise"]


class Why(NamedTuple):
    verdict: Verdict
    why: str


SUBJECTS = {}
THEIRS = {}
OURS = {}
