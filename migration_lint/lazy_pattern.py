"""Regular expressions that are compiled when they are first used: most runs use few of them.

To compile one takes a tenth of a millisecond, as long as to look for a word in a megabyte.
"""

from __future__ import annotations

import re
from typing import Any, AnyStr, cast


def lazy_pattern(text: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """`re.compile(text, flags)`, but that nothing is compiled, nor found wrong, before its first use."""
    return cast("re.Pattern[AnyStr]", _Later(text, flags))


def find(word: AnyStr, pattern: AnyStr, text: AnyStr, flags: int = 0) -> re.Match[AnyStr] | None:
    """`re.search(pattern, text, flags)`, but that nothing is compiled where a word is not there.

    Every match holds `word`, which is in lower case where the flags say that case does not count.
    """
    return re.search(pattern, text, flags) if word in (text.lower() if flags & re.I else text) else None


class _Later:
    """What a compiled pattern has, from the first use of it on."""

    def __init__(self, text: Any, flags: int) -> None:
        self._given = text, flags

    def __getattr__(self, name: str) -> Any:
        # Only what was not asked for yet comes here: an object's own attributes are found without.
        found = getattr(re.compile(*self._given), name)
        setattr(self, name, found)
        return found
