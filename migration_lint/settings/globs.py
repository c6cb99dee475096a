"""Which files, and which tables, the patterns of a configuration mean."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

_PARTS = re.compile(r"\*\*/|\*\*|\*|\?|[^*?]+")
_MEANINGS = {"**/": "(?:[^/]+/)*", "**": ".*", "*": "[^/]*", "?": "[^/]"}


def matching(paths: Iterable[str], patterns: Iterable[str], project: str) -> Iterator[str]:
    """The paths inside the folder `project` ("" for the root) that a pattern matches, in their own order.

    Both are POSIX. `*` and `?` stay within one part of a path, `**/` spans any number of folders; all
    else, brackets too, stands for itself.
    """
    prefix = re.escape(f"{project}/" if project else "")
    alternatives = "|".join(
        "".join(_MEANINGS.get(part) or re.escape(part) for part in _PARTS.findall(pattern))
        for pattern in patterns
    )
    wanted = re.compile(f"{prefix}(?:{alternatives})", re.DOTALL).fullmatch
    return (path for path in paths if wanted(path))


def names_table(patterns: Iterable[str], schema: str, name: str, default_schema: str) -> bool:
    """Whether a pattern (`*`, `?`, `[…]`) means the table; it may leave the default schema out."""
    if not patterns:
        return False
    from fnmatch import fnmatchcase

    names = [f"{schema}.{name}"]
    if schema in ("", default_schema):
        names.append(name)
    return any(fnmatchcase(name, pattern) for name in names for pattern in patterns)
