"""SQL text as code holds it: the placeholders of every driver, and holes for what is not known.

Before it is parsed, each placeholder and hole becomes an identifier that no text holds, so that the
parser takes it wherever an expression, a table or a column may stand. Where it stood is then known from
where the identifier is found.
"""

from __future__ import annotations

import re
from typing import TypeAlias

from migration_lint.named_tuple import NamedTuple


class Hole(NamedTuple):
    """A part of a text that is not known: the expression, as written, and why."""

    text: str
    reason: str


Piece: TypeAlias = str | Hole


class Marker(NamedTuple):
    """What an identifier stands for. `key`: of a placeholder, the name or number that it goes by.

    `position` counts the placeholders without name or number, from 0.
    """

    text: str
    key: str = ""
    position: int = -1
    hole: Hole | None = None


class Marked(NamedTuple):
    """A text that can be parsed. A hole that fills a gap between words may also be left out."""

    text: str
    markers: tuple[Marker, ...]


_STATEMENT = re.compile(
    r"""^(?:\s|--[^\n]*\n|/\*.*?\*/|\(|\#[^\n]*\n)*
    (?:
        (?P<verb>INSERT)\b(?:\s+\w+){0,3}?\s+(?:INTO\b|OVERWRITE\b) | (?P<verb2>REPLACE)\s+INTO\b
      | (?P<verb3>INSERT)\s+(?=[\w"`\[.{]+\s*\() (?!\s)
      | (?P<verb4>UPDATE)\s+(?:(?!\bSET\b).){1,200}?\sSET\b
      | (?P<verb5>DELETE)\s+(?:\S+\s+){0,2}?FROM\b
      | (?P<verb6>MERGE)\s+INTO\b
      | (?P<verb7>SELECT)\b\s*(?=[^\s:.,;]).*?(?:\bFROM\b|$)
      | (?P<verb8>WITH)\s+(?:RECURSIVE\s+)?[\w"`\[\]\ue000\ue001]+\s*(?:\([^)]*\)\s*)?
        AS\s+(?:(?:NOT\s+)?MATERIALIZED\s*)?\(
    )""",
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)
_WITHOUT_TABLE = re.compile(r"\bFROM\b", re.IGNORECASE)

_TOKEN = re.compile(
    r"""
    (?P<hole>\ue000\d+\ue001)
  | (?P<comment>--[^\n]*|/\*.*?(?:\*/|\Z)|(?<=\s)\#\s[^\n]*)
  | (?P<dollar>\$(?P<tag>[A-Za-z_]*)\$.*?\$(?P=tag)\$)
  | (?P<string>[eE]?'(?:[^'\\]|''|\\.)*'?)
  | (?P<quoted>"(?:[^"]|"")*"?|`[^`]*`?)
  | (?P<value>
        \$\d+ | %\(\w+\)[sdfbt] | %[sdfbtvqi](?![A-Za-z0-9_]) | \#\{[^}]*\} | :\#\{[^}]*\}
      | sqlc\.n?arg\(\s*'?\w+'?\s*\) | sqlc\.slice\(\s*'?\w+'?\s*\)
      | (?<![:\w\]\)]):[A-Za-z_]\w*(?:\.\w+)* | (?<![:\w\]\)]):\d+
      | (?<![<@\w\\])@[A-Za-z_]\w* | \?\d+ | \?(?![|&?]|\s*')
    )
  | (?P<raw>\$\{[^}]*\} | \{\{.*?\}\} | \{[A-Za-z_][\w.\[\]'"()!:]*\} | \{\d*\} | %\[\d+\][svdq])
  | (?P<escaped>%%)
    """,
    re.DOTALL | re.VERBOSE,
)
_WORD = re.compile(r"\w")
_PREFIX = "zqk"
_MARKER = re.compile(rf"{_PREFIX}(\d+)z", re.IGNORECASE)


def looks_like_sql(pieces: tuple[Piece, ...], certain: bool = False) -> bool:
    """Whether a text is a statement that reads or writes rows, and no prose.

    `certain`: the code hands it to something that runs SQL, so that any spelling of the verb will do.
    """
    text = "".join(piece if isinstance(piece, str) else "\ue000\ue001" for piece in pieces[:40])
    match = _STATEMENT.match(text[:20000])
    if match is None:
        return False
    verb = next(value for value in match.groupdict().values() if value)
    if not certain and not (verb.isupper() or verb.islower()):
        return False
    if verb.upper() == "SELECT" and not _WITHOUT_TABLE.search(text):
        # SELECT f(x) has no table; SELECT {columns} may get one later
        return verb.isupper() and any(isinstance(piece, Hole) for piece in pieces)
    return certain or verb.isupper() or not _PROSE.search(text)


_PROSE = re.compile(r"\b(?:the|an|your|from the|this|please|cannot|could not)\b", re.IGNORECASE)


def shown(pieces: tuple[Piece, ...]) -> str:
    """The text with `{expression}` for each hole."""
    return "".join(piece if isinstance(piece, str) else f"{{{piece.text}}}" for piece in pieces)


def marked(pieces: tuple[Piece, ...], left_out: frozenset[int] = frozenset()) -> Marked:
    """The text with identifiers for its placeholders and holes; those of `left_out` are dropped."""
    holes: list[Hole] = []
    raw: list[str] = []
    for piece in pieces:
        if isinstance(piece, str):
            raw.append(piece.replace("\ue000", "").replace("\ue001", ""))
        else:
            raw.append(f"\ue000{len(holes)}\ue001")
            holes.append(piece)
    text = "".join(raw)
    markers: list[Marker] = []
    written: list[str] = []
    unnumbered = 0
    at = 0

    def add(marker: Marker) -> None:
        number = len(markers)
        markers.append(marker)
        if number in left_out:
            return
        name = f"{_PREFIX}{number}z"
        before = "".join(written[-6:])[-40:]
        # a list of values that is built elsewhere stands for one row
        written.append(f"({name})" if _ROWS.search(before) else name)

    for match in _TOKEN.finditer(text):
        written.append(text[at : match.start()])
        at = match.end()
        found = match.group()
        kind = match.lastgroup if match.lastgroup != "tag" else "dollar"
        if kind == "hole":
            add(Marker("", hole=holes[int(found[1:-1])]))
        elif kind == "comment":
            written.append(" ")
        elif kind == "value":
            key = _key(found)
            if _WORD.search(text[:at][-len(found) - 1 : -len(found)]):
                written.append(" ")
            add(Marker(found, key, -1 if key else unnumbered))
            unnumbered += not key
            if _WORD.match(text[at : at + 1]):  # `x < ?AND y`, as SQLite takes it
                written.append(" ")
        elif kind == "raw":
            add(Marker("", hole=Hole(found.strip("${}"), "is put in at run time")))
        elif kind == "escaped":
            written.append("%")
        elif kind == "quoted":
            written.append(_with_holes(found, holes, markers))
        else:
            # what stands in a text is a value, whatever it holds
            written.append(re.sub(r"\ue000\d+\ue001", "?", found))
    written.append(text[at:])
    return Marked("".join(written), tuple(markers))


def _with_holes(text: str, holes: list[Hole], markers: list[Marker]) -> str:
    """A quoted identifier; a hole in it, or a `%s`, is a part of the name."""

    def put(match: re.Match[str]) -> str:
        found = match.group()
        hole = holes[int(found[1:-1])] if found[0] == "\ue000" else Hole(found, "is put in at run time")
        markers.append(Marker("", hole=hole))
        return f"{_PREFIX}{len(markers) - 1}z"

    return re.sub(r"\ue000\d+\ue001|%s|\{\w*\}", put, text)


_ROWS = re.compile(r"\bVALUES\s*$|\bIN\s*$", re.IGNORECASE)


def _key(placeholder: str) -> str:
    match = re.search(r"[A-Za-z_0-9][\w.]*", placeholder.removeprefix("sqlc."))
    if match is None or re.fullmatch(r"%\w", placeholder):
        return ""
    if placeholder.startswith("sqlc."):
        inner = re.search(r"\(\s*'?(\w+)", placeholder)
        return inner[1] if inner else ""
    return match.group()


def marker_of(name: str) -> int | None:
    """The number of the marker that a whole identifier is; None for another name."""
    match = _MARKER.fullmatch(name)
    return int(match[1]) if match else None


def markers_in(name: str) -> tuple[int, ...]:
    """The numbers of the markers that an identifier is put together from."""
    return tuple(int(number) for number in _MARKER.findall(name))


def restored(text: str, markers: tuple[Marker, ...]) -> str:
    """A piece of SQL with its placeholders and holes as they were written."""

    def put(match: re.Match[str]) -> str:
        number = int(match[1])
        if number >= len(markers):
            return match.group()
        marker = markers[number]
        return marker.text if marker.hole is None else f"{{{marker.hole.text}}}"

    return _MARKER.sub(put, text)
