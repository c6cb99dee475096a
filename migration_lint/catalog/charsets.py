"""What MySQL's and MariaDB's CONVERT TO CHARACTER SET makes of a column's type.

A text type that would not hold as many characters as before becomes the next one that does (MySQL's manual,
ALTER TABLE; the server does it by the longest character of both sets). `binary` makes bytes of all text.
"""

from __future__ import annotations

import re

from migration_lint.catalog.types import canonical
from migration_lint.named_tuple import NamedTuple
from migration_lint.operations import Dialect

#: The bytes of the longest character, where there is more than one.
_LONGEST = {
    "utf8": 3, "utf8mb3": 3, "utf8mb4": 4, "ucs2": 2, "utf16": 4, "utf16le": 4, "utf32": 4, "gb18030": 4,
    "big5": 2, "cp932": 2, "eucjpms": 3, "euckr": 2, "gb2312": 2, "gbk": 2, "sjis": 2, "ujis": 3,
}  # fmt: skip
_SINGLE = frozenset(
    """
    armscii8 ascii binary cp1250 cp1251 cp1256 cp1257 cp850 cp852 cp866 dec8 geostd8 greek hebrew hp8 keybcs2
    koi8r koi8u latin1 latin2 latin5 latin7 macce macroman swe7 tis620
    """.split()
)
#: The bytes that each text type holds, the smallest first.
_TEXTS = {"tinytext": 2**8 - 1, "text": 2**16 - 1, "mediumtext": 2**24 - 1, "longtext": 2**32 - 1}
_BINARY = {"char": "binary", "varchar": "varbinary"}
_TYPE = r"(\w+)\s*(\(\d+\))?\Z"


class Converted(NamedTuple):
    """What becomes of a column."""

    type: str
    sure: bool  # False: it hangs on the character set that the column has now


def converted(type: str, was: str | None, now: str | None, dialect: Dialect) -> Converted | None:
    """The type of a column that is converted from one character set to another; None: it stays.

    Both are names as SHOW CHARACTER SET has them; None: not known.
    """
    found = re.match(_TYPE, canonical(type, dialect))
    if found is None:
        return None
    name, length = found[1], found[2] or ""
    if now == "binary":
        made = name.replace("text", "blob") if name in _TEXTS else _BINARY.get(name)
        return None if made is None else Converted(made + length, True)
    if name not in _TEXTS:
        return None
    before, after = _width(was), _width(now)
    known = before is not None and after is not None
    held = _TEXTS[name] // (before or 1) * (after or 4)
    if held <= _TEXTS[name]:
        return None
    wider = next(each for each, most in _TEXTS.items() if most >= held or each == "longtext")
    return None if wider == name else Converted(wider, known)


def _width(charset: str | None) -> int | None:
    if charset is None:
        return None
    return 1 if charset in _SINGLE else _LONGEST.get(charset)
