"""Which libraries are trusted to do nothing to a database, each for a reason that stands beside its name.

What is not on the list can do anything: a call of it is opaque. Names are dotted where a package is two
things
(`yaml.safe_load`, but not `yaml.load`). Names that are denied are never trusted, wherever they stand.
"""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path

#: The reason of libraries that call what they are given.
CALLBACK = "callback"
#: Libraries whose functions change the lists, dictionaries and objects that they are given.
CHANGING = frozenset(("random", "heapq", "bisect", "operator", "copy", "collections"))


@cache
def _listed(name: str) -> dict[str, str]:
    text = Path(__file__).with_name(name).read_text(encoding="utf-8")
    return dict(line.split("\t") for line in text.splitlines()[1:])


@lru_cache(maxsize=4096)
def trusted(path: str) -> str | None:
    """Why something of a library, by its dotted name, does nothing to a database; None: it may do
    anything."""
    if path.startswith("builtins."):
        return "builtin"
    return None if denied(path) is not None else _longest(_listed("trusted-libraries.tsv"), path)


@lru_cache(maxsize=4096)  # a history calls the same names again and again
def denied(path: str) -> str | None:
    """Why something is never trusted; None where it is not denied."""
    return _longest(_listed("denied-names.tsv"), path)


def _longest(names: dict[str, str], path: str) -> str | None:
    while path:
        found = names.get(path)
        if found is not None:
            return found
        path = path.rpartition(".")[0]
    return None
