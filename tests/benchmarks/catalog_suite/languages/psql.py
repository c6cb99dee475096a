"""A file as psql reads it → statements. psql's own commands and the data of COPY are dropped."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.benchmarks.catalog_suite.languages import Statement

_TOKEN = re.compile(
    r"""
  (?P<space>\s+|--[^\n]*)
| (?P<comment>/\*)
| (?P<string>[eE]'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*")
| (?P<dollar>\$(?:[^\W\d]\w*)?\$)
| (?P<variable>(?<!:):(?:'\w+'|"\w+"|[^\W\d]\w*))
| (?P<word>[^\W\d][\w$]*)
| (?P<number>\d[\w.]*)
| (?P<command>\\[^\n]*)
| (?P<mark>.)
""",
    re.VERBOSE | re.DOTALL,
)
_COMMENT = re.compile(r"/\*|\*/")
_DATA = re.compile(r"^\\\.[ \t]*\n?", re.MULTILINE)
_SET = re.compile(r"\\set\s+(\w+)\s*(.*)")


def statements(text: str) -> Iterator[Statement]:
    """The statements of a file in order; a variable that `\\set` gave a value is replaced by it."""
    return _File(text).statements()


class _File:
    def __init__(self, text: str) -> None:
        self.text = text
        self.variables: dict[str, str] = {}
        self.start_over()

    def start_over(self) -> None:
        self.parts: list[str] = []
        self.words: list[str] = []
        self.start: int | None = None
        self.parentheses = 0
        self.blocks = 0  # of BEGIN ATOMIC, and the CASE in it

    def statements(self) -> Iterator[Statement]:
        at, text = 0, self.text
        while at < len(text):
            found = _TOKEN.match(text, at)
            assert found is not None
            kind, value, start = found.lastgroup, found.group(), at
            at = found.end()
            if kind == "comment":
                at, value = self._comment_end(at), " "
            elif kind == "dollar":
                end = text.find(value, at)
                at = len(text) if end < 0 else end + len(value)
                value = text[start:at]
            elif kind == "command":
                self._command(value)
                if value.startswith(("\\g", "\\;", "\\crosstab", "\\watch", "\\bind", "\\parse")):
                    at = start + 2 if value.startswith("\\;") else at
                    yield from self._finished()
                elif value.startswith("\\\\"):
                    at = start + 2
                continue
            elif kind == "variable":
                value = self._variable(value)
            if kind in ("space", "comment") and self.start is None:
                continue
            if value == ";" and self.parentheses <= 0 and not self.blocks:
                copies = self.words[:1] == ["COPY"] and "STDIN" in self.words
                yield from self._finished()
                end_of_data = _DATA.search(text, at) if copies else None
                at = at if end_of_data is None else end_of_data.end()
                continue
            self._keep(kind or "", value, start)
        yield from self._finished()

    def _keep(self, kind: str, value: str, start: int) -> None:
        if self.start is None:
            self.start = start
        self.parts.append(value)
        self.parentheses += (value == "(") - (value == ")")
        if kind == "word":
            word = value.upper()
            self.blocks += word == "ATOMIC" and self.words[-1:] == ["BEGIN"]
            self.blocks += bool(self.blocks) and word == "CASE"
            self.blocks -= bool(self.blocks) and word == "END"
            self.words.append(word)

    def _finished(self) -> Iterator[Statement]:
        text = "".join(self.parts).strip()
        if text and self.start is not None and self.words[:1] != ["COPY"]:
            yield Statement(text, self.text.count("\n", 0, self.start) + 1)
        self.start_over()

    def _comment_end(self, at: int) -> int:
        depth = 1
        while depth:
            found = _COMMENT.search(self.text, at)
            if found is None:
                return len(self.text)
            depth += 1 if found.group() == "/*" else -1
            at = found.end()
        return at

    def _command(self, line: str) -> None:
        found = _SET.match(line)
        if found is not None:
            pieces = re.findall(r"'((?:[^']|'')*)'|:(\w+)|(\S+)", found[2])
            self.variables[found[1]] = "".join(
                quoted.replace("''", "'") or self.variables.get(name, "") or plain
                for quoted, name, plain in pieces
            )

    def _variable(self, written: str) -> str:
        name = written[1:].strip("'\"")
        if name not in self.variables:
            return written
        value, quote = self.variables[name], written[1]
        return quote + value.replace(quote, quote * 2) + quote if quote in "'\"" else value
