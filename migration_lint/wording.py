"""How messages list things, and how code writes them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

LONGEST = 100  # characters of a name that are compared

#: How near a name has to be to be asked about, from 0, anything, to 1.
OF_FEW = 0.6  # one of a list that somebody made, whose names are unlike
OF_MANY = 0.75  # one of a project's files or tables, of which some are near by chance
BESIDE_RIGHT = 0.85  # where the name itself may well be right


def listed(words: Iterable[str], last: Literal["and", "or"]) -> str:
    """`a`, `a and b`, `a, b and c`; nothing for no words."""
    *before, final = list(words) or [""]
    return f"{', '.join(before)} {last} {final}" if before else final


def python_text(value: str) -> str:
    """A Python literal of a text, in double quotes."""
    import json  # which starting does not need

    return json.dumps(value, ensure_ascii=False)


def nearest(name: str, names: Iterable[str], most: int = 1, cutoff: float = OF_FEW) -> list[str]:
    """Those of some names that were probably meant by one that is none of them, the likeliest first.

    Case, and whether words are joined by `-` or `_`, make no difference. `cutoff` is one of those above.
    """
    from difflib import get_close_matches  # a run in which every name is right needs it for nothing

    plain: dict[str, list[str]] = {}
    for each in names:
        if each != name:
            plain.setdefault(_plain(each), []).append(each)
    close = get_close_matches(_plain(name[:LONGEST]), plain, n=most, cutoff=cutoff)
    return [each for key in close for each in plain[key]][:most]


def near(name: str, names: Iterable[str], cutoff: float = OF_FEW) -> str:
    """The nearest of some names, as the one that was probably meant; "" for none."""
    return next(iter(nearest(name, names, 1, cutoff)), "")


def did_you_mean(names: str | Iterable[str], otherwise: str = "") -> str:
    """The question after a name, or names, that were probably meant; `otherwise` where there are none."""
    names = tuple(filter(None, (names,) if isinstance(names, str) else names))
    return f"did you mean {listed(names, 'or')}?" if names else otherwise


def _plain(name: str) -> str:
    return name.casefold().replace("_", "-")
