"""Parses Python that is newer than the one that this runs on, as far as its grammar can be said in the older.

What a service is written in is seldom what its linter runs on. Three things are put otherwise, each on its
own lines: `except A, B:` (3.14), type parameters and `type X = …` (3.12), and quotes inside of f-strings
(3.12). A text that still cannot be parsed raises what it raised before.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

_STRING = re.compile(r"([rRbBuUfF]{0,2})('''|\"\"\"|'|\")")
_NAME = re.compile(r"[^\W\d]\w*")
_SPACE = re.compile(r"(?:[ \t\f]|\\\r?\n)+")
_OPEN, _CLOSE = "([{", ")]}"


class TypeParameter(NamedTuple):
    """A type parameter of a class or function, as `ast.TypeVar` has its name."""

    name: str


class Parsed(NamedTuple):
    """`text`: what the tree's positions are in, line for line that which was given."""

    tree: ast.Module
    text: str


def parse(text: str) -> Parsed:
    """The tree of a module; raises SyntaxError as `ast.parse` does."""
    try:
        return Parsed(ast.parse(text), text)
    except SyntaxError:
        lowered = _Lowering(text)
        older = lowered.text()
        if older == text:
            raise
        try:
            tree = ast.parse(older)
        except SyntaxError:
            tree = None
        if tree is None:
            raise
    for node in ast.walk(tree):
        if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            names = lowered.parameters.get((node.lineno, node.name))
            if names is not None:
                vars(node)["type_params"] = [TypeParameter(each) for each in names]
    return Parsed(tree, older)


class _Token(NamedTuple):
    kind: str  # "name", "string", "end" of a logical line, "other"
    start: int
    end: int
    text: str
    depth: int  # of brackets; an opening and its closing bracket have that of what is inside


class _Lowering:
    """Works out what has to be written otherwise."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._edits: list[tuple[int, int, str]] = []
        self.parameters: dict[tuple[int, str], list[str]] = {}  # by line and name of what has them

    def text(self) -> str:
        line: list[_Token] = []
        for token in self._tokens():
            if token.kind != "end":
                line.append(token)
                continue
            self._line(line)
            line = []
        self._line(line)
        found = self._text
        for start, end, other in sorted(self._edits, reverse=True):
            found = found[:start] + other + found[end:]
        return found

    # -- statements

    def _line(self, line: Sequence[_Token]) -> None:
        words = [each.text for each in line[:4]]
        if words[:1] == ["async"]:
            line, words = line[1:], words[1:]
        if words[:1] in (["class"], ["def"]) and words[2:3] == ["["]:
            number = self._text.count("\n", 0, line[0].start) + 1
            self.parameters[(number, words[1])] = self._without(line, 2)
        elif words[:1] == ["type"] and words[2:3] in (["="], ["["]) and line[1].kind == "name":
            self._edits.append((line[0].start, line[1].start, ""))
            if words[2] == "[":
                self._without(line, 2)
        elif words[:1] == ["except"]:
            self._except(line)

    def _without(self, line: Sequence[_Token], at: int) -> list[str]:
        """Take the brackets of type parameters away; their names."""
        opened = line[at]
        inside: list[_Token] = []
        for each in line[at + 1 :]:
            if each.text == "]" and each.depth == opened.depth:
                lines = self._text.count("\n", opened.start, each.end)
                self._edits.append((opened.start, each.end, "\\\n" * lines))
                break
            inside.append(each)
        names: list[str] = []
        begins = True
        for each in inside:
            if begins and each.kind == "name":
                names.append(each.text)
            begins = each.depth == opened.depth and (each.text == "," or (begins and each.text == "*"))
        return names

    def _except(self, line: Sequence[_Token]) -> None:
        """`except A, B:` is `except (A, B):`"""
        rest = line[2:] if line[1:2] and line[1].text == "*" else line[1:]
        classes: list[_Token] = []
        for each in rest:
            if each.depth == 0 and each.text == ":":
                break
            classes.append(each)
        plain = {each.text for each in classes if each.depth == 0}
        if "," in plain and "as" not in plain:
            self._edits.append((classes[0].start, classes[0].start, "("))
            self._edits.append((classes[-1].end, classes[-1].end, ")"))

    # -- tokens

    def _tokens(self) -> Iterator[_Token]:
        text, at, depth = self._text, 0, 0
        while at < len(text):
            space = _SPACE.match(text, at)
            if space is not None:
                at = space.end()
                continue
            character = text[at]
            if character == "#":
                at = _end_of_line(text, at)
                continue
            begin = _STRING.match(text, at)
            if begin is not None:
                end = self._string(begin, ())
                yield _Token("string", at, end, "", depth)
                at = end
                continue
            name = _NAME.match(text, at)
            end = name.end() if name is not None else at + 1
            if character in _OPEN:
                depth += 1
            if character in "\n;" and depth == 0:
                yield _Token("end", at, end, character, 0)
            elif character not in "\r\n":
                yield _Token("name" if name is not None else "other", at, end, text[at:end], depth)
            if character in _CLOSE:
                depth = max(0, depth - 1)
            at = end

    # -- strings

    def _string(self, begin: re.Match[str], around: tuple[str, ...]) -> int:
        """Where a string ends; `around`: the quotes of the f-strings that it stands in."""
        text, quote = self._text, begin[2]
        formatted = "f" in begin[1].lower()
        at = begin.end()
        edits = len(self._edits)
        inner: list[str] = []  # the quotes and the ends of lines inside its replacement fields
        while at < len(text):
            if text.startswith(quote, at):
                end = at + len(quote)
                if len(quote) == 1 and not {quote, quote * 3, "\n"}.isdisjoint(inner):
                    self._requote(begin, at, around, edits)
                return end
            if text[at] == "\\":
                at += 2
            elif formatted and text[at] == "{":
                at = at + 2 if text.startswith("{{", at) else self._field(at + 1, (*around, quote), inner)
            else:
                at += 1
        return at

    def _field(self, at: int, around: tuple[str, ...], inner: list[str]) -> int:
        """Where a replacement field ends, after its brace; `inner`: what no older Python has there."""
        text, depth, specified = self._text, 0, False
        while at < len(text):
            character = text[at]
            begin = _STRING.match(text, at) if not specified else None
            if begin is not None:
                inner.append(begin[2])
                at = self._string(begin, around)
                continue
            if character == "}" and depth == 0:
                return at + 1
            if specified and character == "{":
                at = self._field(at + 1, around, inner)
                continue
            if specified and text.startswith(around[-1], at):
                return at  # it is never closed
            name = _NAME.match(text, at) if not specified else None
            if character in _OPEN:
                depth += 1
            elif character in _CLOSE:
                depth -= 1
            elif character == "\n":
                inner.append(character)
            elif character == ":" and depth == 0:
                specified = True
            at = name.end() if name is not None else at + 1
        return at

    def _requote(self, begin: re.Match[str], end: int, around: tuple[str, ...], edits: int) -> None:
        """Write three quotes for one, where what is inside allows that."""
        used = {each * 3 if len(each) == 1 else each for each in around}
        inside = self._text[begin.end() : end] + "".join(each for _, _, each in self._edits[edits:])
        for quote in (begin[2] * 3, "'''", '"""'):
            if quote not in used and quote not in inside and not inside.endswith(quote[0]):
                self._edits.append((begin.start(2), begin.end(2), quote))
                self._edits.append((end, end + 1, quote))
                return


def _end_of_line(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end
