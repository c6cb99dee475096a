"""What a statement, or a text of the configuration, does to a limit such as `lock_timeout`."""

from __future__ import annotations

import re
from typing import Literal

#: In milliseconds. Whoever waits longer for a lock keeps others waiting as if without a limit.
LONGEST = 5 * 60 * 1000
_UNITS = {"us": 0.001, "ms": 1, "s": 1000, "min": 60_000, "h": 3_600_000, "d": 86_400_000, "": 1}

#: What a statement does: sets the limit for the session, or for the transaction; takes it away; nothing.
Does = Literal["set", "set local", "end", "end local", "nothing"]


def done_by(sql: str, name: str) -> Does:
    """What a statement of PostgreSQL does to the limit `name`."""
    text = " ".join(sql.lower().split())
    if re.match(rf"(reset ({name}|all)|discard all)\b", text):
        return "end"
    said = re.match(rf"set (session |local )?{name} ?(?:=|to\b) ?(.+?);?$", text)
    if said is not None:
        return _does(_is_limit(said[2]), said[1] == "local ")
    said = re.search(rf"\bset_config ?\( ?'{name}' ?, ?('[^']*'|[^,]*), ?(\w+)", text)
    if said is not None:
        return _does(_is_limit(said[1]), said[2] in ("true", "'t'", "'on'"))
    return "nothing"


def _does(limit: bool, local: bool) -> Does:
    if local:
        return "set local" if limit else "end local"
    return "set" if limit else "end"


def is_set_in(text: str, name: str) -> bool:
    """Whether a text, of env.py or of an address, sets a limit; a value that is not known is one."""
    if name not in text:
        return False  # in most texts, and no pattern is compiled
    for found in re.finditer(rf"(?<![a-z_]){name}\b(.{{0,40}})", text.replace("%%", "%"), re.S):
        before = text[max(0, found.start() - 12) : found.start()].lower()
        if re.search(r"(\bshow|\breset)\s+$", before):
            continue
        value = re.match(r"(?:%3D|[\s\"'\]=:,]|\bto\b)*(\d+(?:\.\d+)?\s*[a-z]*)", found[1], re.I)
        if value is None or _is_limit(value[1]):
            return True
    return False


def _is_limit(value: str) -> bool:
    """Whether a value is a limit that helps: not zero, not the default, not hours. An unknown one is."""
    plain = value.strip().strip("'\" ").lower()
    if plain in ("default", "-1"):
        return False
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([a-z]*)", plain)
    if found is None or found[2] not in _UNITS:
        return True
    return 0 < float(found[1]) * _UNITS[found[2]] <= LONGEST
