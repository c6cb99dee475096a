"""The modules of the project that is read: where they are found, and what importing them does."""

from __future__ import annotations
