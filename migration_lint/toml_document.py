"""TOML text → its tables, and the lines of its keys: for our own settings and for Alembic's."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping

from migration_lint.errors import CannotJudge, Problem, merge_conflict
from migration_lint.named_tuple import NamedTuple

# Compiled when there is a file to look at, not by every run.
_HEADER = r"\s*\[\s*([^\[\]]+?)\s*\]\s*(?:#.*)?$"
_PART = r"""(?:[\w-]+|"[^"]*"|'[^']*')"""
_KEY = rf"\s*({_PART}(?:\s*\.\s*{_PART})*)\s*="


class TomlDocument(NamedTuple):
    """One file."""

    path: str
    text: str
    root: Mapping[str, object]

    def under(self, section: str) -> object:
        """What stands under a dotted name, "" for the whole file; None where nothing does."""
        value: object = self.root
        for part in section.split(".") if section else ():
            value = value.get(part) if isinstance(value, dict) else None
        return value

    def line(self, section: str) -> int:
        """The first line of a table, or of what is said in it; 0 where none is found."""
        known = self.lines("")
        return known.get(
            section, next((at for name, at in known.items() if name.startswith(f"{section}.")), 0)
        )

    def lines(self, section: str) -> dict[str, int]:
        """The line of each key under a dotted name, and of each of its sub-keys as `key.sub`.

        A text search, because tomllib does not tell: a key that is not found, as inside an inline table,
        has no line.
        """
        is_header, is_key = re.compile(_HEADER).match, re.compile(_KEY).match
        lines: dict[str, int] = {}
        prefix = ""
        for number, line in enumerate(self.text.split("\n"), 1):
            header = is_header(line)
            match = header or is_key(line)
            if not match:
                continue
            name = ".".join(part.strip().strip("\"'") for part in match[1].split("."))
            if header:
                prefix = name + "."
                name = ""
            full = (prefix + name).strip(".")
            if section:
                if not full.startswith(section + "."):
                    continue
                full = full[len(section) + 1 :]
            lines.setdefault(full, number)
            lines.setdefault(full.split(".")[0], number)
        return lines


def read_toml(path: str, data: bytes) -> TomlDocument:
    """The file that `data` holds. Raises CannotJudge where it is not TOML."""
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        text = data.decode("utf-8").replace("\r\n", "\n")
        return TomlDocument(path, text, tomllib.loads(text))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise CannotJudge(Problem("this is not UTF-8", path, line, fix="save it as UTF-8")) from None
    except tomllib.TOMLDecodeError as error:
        raise CannotJudge(merge_conflict(path, text) or _syntax(path, text, str(error))) from None
    except RecursionError:
        raise CannotJudge(
            Problem("this is nested too deeply to be read", path, fix="make it flatter")
        ) from None


def _syntax(path: str, text: str, said: str) -> Problem:
    line, column = text.rstrip("\n").count("\n") + 1, 0  # "at end of document"
    place = re.search(r" \(at (?:line (\d+), column (\d+)|end of document)\)$", said)
    if place:
        said = said[: place.start()]
        if place[1]:
            line, column = int(place[1]), int(place[2])
    return Problem(f"this is not TOML: {said[:1].lower()}{said[1:]}", path, line, column, "mend the line")
