"""PostgreSQL's regular expressions, and SIMILAR TO: whether a text matches one.

The manual, 9.7: advanced regular expressions differ from Python's in what `$`, `.`, braces and escapes mean.
What is read here means the same in every locale; anything else, and any text beyond ASCII, raises
NotWorkedOut. A match is a walk over sets of places, which takes no more than polynomial time on any pattern.
"""

from __future__ import annotations

import re
import string
from collections.abc import Callable, Iterable
from functools import lru_cache

from migration_lint.catalog.condition.tree import NotWorkedOut

#: From the places in a text at which a part may begin to those at which it may end.
_Part = Callable[[str, frozenset[int]], frozenset[int]]
_Holds = Callable[[str], bool]

_WORD = frozenset(string.ascii_letters + string.digits + "_")
_CLASSES: dict[str, frozenset[str]] = {
    "alpha": frozenset(string.ascii_letters),
    "digit": frozenset(string.digits),
    "alnum": frozenset(string.ascii_letters + string.digits),
    "upper": frozenset(string.ascii_uppercase),
    "lower": frozenset(string.ascii_lowercase),
    "space": frozenset(" \t\n\v\f\r"),
    "blank": frozenset(" \t"),
    "punct": frozenset(string.punctuation),
    "xdigit": frozenset(string.hexdigits),
    "print": frozenset(map(chr, range(32, 127))),
    "graph": frozenset(map(chr, range(33, 127))),
    "cntrl": frozenset([*map(chr, range(32)), "\x7f"]),
}
_ESCAPED = {"d": _CLASSES["digit"], "s": _CLASSES["space"], "w": _WORD}
_CONTROLS = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "v": "\v"}
_BOUND = r"\{(\d{1,3})(,?)(\d{0,3})\}"
#: What takes no character, and cannot be repeated.
_CONSTRAINT = r"[$^]|\\[AZymM]"
_MOST_REPEATED = 255
_LONGEST = 256
_DEEPEST = 20
_NOT_READ = NotWorkedOut("a pattern is not worked out")


def matches(text: str, pattern: str, *, ignoring_case: bool = False) -> bool:
    """Whether `text ~ pattern`. Raises NotWorkedOut."""
    _read_in_every_locale(text, pattern)
    part = _compiled(pattern, ignoring_case, False)
    return bool(part(text, frozenset(range(len(text) + 1))))


def is_similar(text: str, pattern: str) -> bool:
    """Whether `text SIMILAR TO pattern`. Raises NotWorkedOut."""
    _read_in_every_locale(text, pattern)
    return len(text) in _compiled(pattern, False, True)(text, frozenset((0,)))


def _read_in_every_locale(*texts: str) -> None:
    if any(not each.isascii() or len(each) > _LONGEST or each.count("(") > _DEEPEST for each in texts):
        raise _NOT_READ


@lru_cache(maxsize=256)
def _compiled(pattern: str, ignoring_case: bool, similar: bool) -> _Part:
    reader = _Pattern(pattern, ignoring_case, similar)
    found = reader.alternatives()
    if reader.at < len(pattern):
        raise _NOT_READ
    return found


class _Pattern:
    def __init__(self, text: str, ignoring_case: bool, similar: bool) -> None:
        self.text = text
        self.at = 0
        self.ignoring_case = ignoring_case
        self.similar = similar

    @property
    def mark(self) -> str:
        return self.text[self.at : self.at + 1]

    def take(self, mark: str) -> bool:
        if self.text.startswith(mark, self.at):
            self.at += len(mark)
            return True
        return False

    def alternatives(self) -> _Part:
        found = [self.sequence()]
        while self.take("|"):
            found.append(self.sequence())
        return found[0] if len(found) == 1 else _any_of(found)

    def sequence(self) -> _Part:
        parts: list[_Part] = []
        while self.mark and self.mark not in "|)":
            parts.append(self.repeated())
        return _one_by_one(parts)

    def repeated(self) -> _Part:
        constraint = "%" if self.similar else _CONSTRAINT
        constrains = re.match(constraint, self.text[self.at :]) is not None
        part = self.atom()
        least, most = self.bounds()
        if (least, most) == (1, 1):
            return part
        self.take("?")  # whether it takes as much as it can: the same texts match
        if constrains or self.mark in ("*", "+", "?") or re.match(_BOUND, self.text[self.at :]):
            raise _NOT_READ
        return _repeating(part, least, most)

    def bounds(self) -> tuple[int, int | None]:
        for mark, least, most in (("*", 0, None), ("+", 1, None), ("?", 0, 1)):
            if self.take(mark):
                return least, most
        found = re.match(_BOUND, self.text[self.at :])
        if found is None:
            if re.match(r"\{\d", self.text[self.at :]):
                raise _NOT_READ
            return 1, 1
        self.at += found.end()
        least = int(found[1])
        bound = (int(found[3]) if found[3] else None) if found[2] else least
        if max(least, bound or 0) > _MOST_REPEATED or (bound is not None and bound < least):
            raise _NOT_READ
        return least, bound

    def atom(self) -> _Part:
        if self.take("("):
            if self.mark == "?" and (self.similar or not self.take("?:")):
                raise _NOT_READ
            inner = self.alternatives()
            if not self.take(")"):
                raise _NOT_READ
            return inner
        if self.take("["):
            return _of_characters(self.bracket())
        mark = self.mark
        self.at += 1
        if mark == "\\":
            return self.escaped()
        if self.similar and mark in "%_":
            return _any_character if mark == "_" else _repeating(_any_character, 0, None)
        if not self.similar and mark in "^$.":
            return _any_character if mark == "." else _at_start if mark == "^" else _at_end
        if mark in "*+?" or (mark == "{" and self.mark.isdigit()):
            raise _NOT_READ
        return _of_characters(self.cased((mark,)))

    def escaped(self) -> _Part:
        mark = self.mark
        self.at += 1
        if mark and not mark.isalnum():
            return _of_characters(self.cased((mark,)))
        if mark in _CONTROLS and not self.similar:
            return _of_characters(self.cased((_CONTROLS[mark],)))
        if not mark or self.similar:
            raise _NOT_READ
        if mark in _ESCAPED:
            return _of_characters(_ESCAPED[mark].__contains__)
        if mark.lower() in _ESCAPED and mark.isupper():
            kept = _ESCAPED[mark.lower()]
            return _of_characters(lambda character: character not in kept)
        ends = {"A": _at_start, "Z": _at_end, "y": _at_word(None), "m": _at_word(True), "M": _at_word(False)}
        if mark in ends:
            return ends[mark]
        raise _NOT_READ

    def bracket(self) -> _Holds:
        """What stands in [ ], whose first ] is one of the characters."""
        negated = self.take("^")
        start, found = self.at, set[str]()
        while self.mark and (self.mark != "]" or self.at == start):
            named = re.match(r"\[:(\w+):\]", self.text[self.at :])
            if named is not None and named[1] in _CLASSES:
                self.at += named.end()
                found |= _CLASSES[named[1]]
                if self.similar:  # servers do not agree on it
                    raise _NOT_READ
            elif self.mark == "[" and self.text[self.at + 1 : self.at + 2] in (":", ".", "="):
                raise _NOT_READ
            else:
                found.update(self.listed())
        if not self.take("]"):
            raise _NOT_READ
        holds = self.cased(found)
        return (lambda character: not holds(character)) if negated else holds

    def listed(self) -> Iterable[str]:
        """A character, a range, or what a backslash stands for."""
        first = self.character()
        if len(first) != 1 or self.mark != "-" or self.text[self.at + 1 : self.at + 2] in ("]", ""):
            return first
        self.at += 1
        last = self.character()
        if self.mark == "-" or len(last) != 1 or last < first:
            raise _NOT_READ
        return map(chr, range(ord(first), ord(last) + 1))

    def character(self) -> str:
        mark = self.mark
        self.at += 1
        if mark != "\\":
            return mark
        mark = self.mark
        self.at += 1
        if mark in _ESCAPED and not self.similar:
            return "".join(sorted(_ESCAPED[mark]))
        if mark in _CONTROLS and not self.similar:
            return _CONTROLS[mark]
        if not mark or mark.isalnum():
            raise _NOT_READ
        return mark

    def cased(self, characters: Iterable[str]) -> _Holds:
        kept = frozenset(characters)
        if self.ignoring_case:
            kept |= {each for one in kept for each in (one.lower(), one.upper())}
        return kept.__contains__


def _of_characters(holds: _Holds) -> _Part:
    def part(text: str, places: frozenset[int]) -> frozenset[int]:
        return frozenset(place + 1 for place in places if place < len(text) and holds(text[place]))

    return part


def _one_by_one(parts: list[_Part]) -> _Part:
    def part(text: str, places: frozenset[int]) -> frozenset[int]:
        for each in parts:
            places = each(text, places)
        return places

    return part


def _any_of(parts: list[_Part]) -> _Part:
    def part(text: str, places: frozenset[int]) -> frozenset[int]:
        return frozenset[int]().union(*(each(text, places) for each in parts))

    return part


def _repeating(inner: _Part, least: int, most: int | None) -> _Part:
    def part(text: str, places: frozenset[int]) -> frozenset[int]:
        for _ in range(least):
            following = inner(text, places)
            if following == places:
                break
            places = following
        found, rounds = places, least
        while places and (most is None or rounds < most):
            places = inner(text, places) - found
            found |= places
            rounds += 1
        return found

    return part


def _at_word(begins: bool | None) -> _Part:
    """Where a word begins, ends (False), or either."""

    def part(text: str, places: frozenset[int]) -> frozenset[int]:
        found = set()
        for place in places:
            before = place > 0 and text[place - 1] in _WORD
            behind = place < len(text) and text[place] in _WORD
            if before != behind and begins in (None, behind):
                found.add(place)
        return frozenset(found)

    return part


def _at_start(text: str, places: frozenset[int]) -> frozenset[int]:
    return places & {0}


def _at_end(text: str, places: frozenset[int]) -> frozenset[int]:
    return places & {len(text)}


def _any_character(text: str, places: frozenset[int]) -> frozenset[int]:
    return frozenset(place + 1 for place in places if place < len(text))
