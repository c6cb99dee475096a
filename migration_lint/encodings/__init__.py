"""How the bytes of a column are to be read, and whether one side can read what the other writes.

An encoding is a plain name (`base64`) or `{"json": ⟨JSON Schema⟩}`, as contracts hold it. Nothing here
knows of contracts.
"""

from __future__ import annotations

from migration_lint.encodings.compare import Clash, EncodingSide, clashes, spoken
from migration_lint.encodings.names import NAMES

__all__ = ["NAMES", "Clash", "EncodingSide", "clashes", "spoken"]
