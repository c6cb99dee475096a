"""The languages in which the suites are written: a module for each takes files apart into statements."""

from __future__ import annotations

from typing import NamedTuple


class Statement(NamedTuple):
    text: str
    line: int  # from 1
