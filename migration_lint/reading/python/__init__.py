"""The abstract interpreter of Python: domain, store, state and machine."""

from __future__ import annotations
