"""YAML text → nodes that know their places.

Only YAML's events are used: nothing is constructed, no tag is obeyed, and an alias is an error, so a
few bytes cannot unfold into gigabytes. Scalars stay the text that was written.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from migration_lint.contracts.model import Json
from migration_lint.errors import CannotJudge, Problem

#: Far beyond what people write, and short enough to read at once.
MAX_BYTES = 1_000_000
MAX_DEPTH = 60


@dataclass(frozen=True, slots=True)
class Scalar:
    """Text as written. `plain`: without quotes, so that YAML may give it another meaning."""

    text: str
    plain: bool
    line: int
    column: int

    @property
    def null(self) -> bool:
        """Whether it stands for nothing."""
        return self.plain and self.text in _NULLS

    @property
    def truth(self) -> bool | None:
        """true or false, if that is what is written."""
        return self.text in _TRUE if self.plain and self.text in _TRUE | _FALSE else None


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    items: tuple[Node, ...]
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Pairs:
    """A mapping; each key once."""

    pairs: tuple[tuple[Scalar, Node], ...]
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Broken:
    """Stands where a problem was reported already: say nothing more of it."""

    line: int
    column: int


Node = Scalar | Items | Pairs | Broken

_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE = frozenset({"true", "True", "TRUE"})
_FALSE = frozenset({"false", "False", "FALSE"})
#: Numbers of YAML 1.2's core schema. A longer one is no limit or length that a schema can mean.
_INTEGER = re.compile(r"[-+]?[0-9]{1,300}|0o[0-7]{1,300}|0x[0-9a-fA-F]{1,300}")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_UNREADABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x84\x86-\x9f\ufeff\ufffe\uffff]")
_INDENT_TAB = re.compile(r" *\t")


def read_document(data: bytes, path: str, problems: list[Problem]) -> Node:
    """The one document that `data` holds.

    Adds to `problems` whatever is wrong but leaves the rest readable; raises CannotJudge where it does not.
    """
    text = _decode(data, path)
    import yaml

    builder = _Builder(path, problems)
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        for event in yaml.parse(text, Loader=loader):
            mark = event.start_mark
            line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
            if isinstance(event, yaml.ScalarEvent):
                builder.tagged(event.tag, line, column)
                builder.add(Scalar(event.value, bool(event.implicit[0]), line, column))
            elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
                builder.tagged(event.tag, line, column)
                builder.open(isinstance(event, yaml.MappingStartEvent), line, column)
            elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
                builder.close()
            elif isinstance(event, yaml.AliasEvent):
                builder.alias(event.anchor or "", line, column)
            elif isinstance(event, yaml.DocumentStartEvent):
                builder.begin(line, column)
    except yaml.YAMLError as error:
        raise CannotJudge(_syntax(error, text, path)) from None
    if builder.root is None or isinstance(builder.root, Scalar) and builder.root.null:
        raise CannotJudge(
            Problem("the file is empty", path, fix="write a contract into it, or delete the file")
        )
    return builder.root


def plain_data(node: Node, path: str, problems: list[Problem]) -> Json:
    """The node as JSON data, by YAML 1.2's core schema; what JSON cannot hold becomes a problem."""
    if isinstance(node, Pairs):
        return {key.text: plain_data(value, path, problems) for key, value in node.pairs}
    if isinstance(node, Items):
        return [plain_data(item, path, problems) for item in node.items]
    if isinstance(node, Broken) or node.null:
        return None
    if not node.plain:
        return node.text
    if node.truth is not None:
        return node.truth
    if _INTEGER.fullmatch(node.text):
        return int(node.text, 0 if node.text[:2] in ("0o", "0x") else 10)
    if _FLOAT.fullmatch(node.text):
        number = float(node.text)
        if abs(number) != float("inf"):
            return number
        problems.append(
            Problem(
                f"{_short(node.text)} is too large a number",
                path,
                node.line,
                node.column,
                "write a smaller one",
            )
        )
    return node.text


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:37] + "..."


def _decode(data: bytes, path: str) -> str:
    if len(data) > MAX_BYTES:
        raise CannotJudge(
            Problem(
                f"the file has {len(data):,} bytes; a contract has at most {MAX_BYTES:,}",
                path,
                fix="split it into several contracts, or take it out of the contracts setting",
            )
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise CannotJudge(
            Problem(
                f"the file is not UTF-8: byte 0x{data[error.start]:02x}", path, line, fix="save it as UTF-8"
            )
        ) from None
    found = _UNREADABLE.search(text)
    if found:
        line = text.count("\n", 0, found.start()) + 1
        column = found.start() - text.rfind("\n", 0, found.start())
        raise CannotJudge(
            Problem(
                f"found a control character, U+{ord(found.group()):04X}",
                path,
                line,
                column,
                "remove it, or write it as an escape between double quotes",
            )
        )
    return text


def _syntax(error: Exception, text: str, path: str) -> Problem:
    mark = getattr(error, "problem_mark", None)
    context = getattr(error, "context_mark", None)
    said = getattr(error, "problem", None) or "it cannot be read"
    if mark is None:
        return Problem(f"not YAML: {said}", path, fix="mend the syntax")
    first = min(mark.line, context.line) if context else mark.line
    for number, line in enumerate(text.split("\n")[first : mark.line + 1], first + 1):
        tab = _INDENT_TAB.match(line)
        if tab:
            return Problem("found a tab", path, number, tab.end(), "indent with spaces")
    since = getattr(error, "context", None)
    if since and context:
        said = f"{said} ({since} in line {context.line + 1})"
    return Problem(f"not YAML: {said}", path, mark.line + 1, mark.column + 1, "mend the syntax of this line")


class _Builder:
    """Puts the events together, without recursion: the depth of a document is its author's choice."""

    def __init__(self, path: str, problems: list[Problem]) -> None:
        self.root: Node | None = None
        self._path = path
        self._problems = problems
        self._open: list[tuple[bool, int, int, list[Node]]] = []
        self._documents = 0

    def begin(self, line: int, column: int) -> None:
        self._documents += 1
        if self._documents > 1:
            raise CannotJudge(
                *self._problems,
                Problem(
                    "a second document begins here", self._path, line, column, "write one contract per file"
                ),
            )

    def tagged(self, tag: str | None, line: int, column: int) -> None:
        if tag is not None:
            shown = tag.replace("tag:yaml.org,2002:", "!!")
            self._say(
                f"found a tag, {_short(shown)}", line, column, "remove it: contracts have no use for tags"
            )

    def alias(self, name: str, line: int, column: int) -> None:
        self._say(f"found an alias, *{_short(name)}", line, column, "write the value out")
        self.add(Broken(line, column))

    def open(self, mapping: bool, line: int, column: int) -> None:
        if len(self._open) >= MAX_DEPTH:
            raise CannotJudge(
                *self._problems,
                Problem(
                    f"nested deeper than {MAX_DEPTH} levels", self._path, line, column, "make it flatter"
                ),
            )
        self._open.append((mapping, line, column, []))

    def close(self) -> None:
        mapping, line, column, parts = self._open.pop()
        if mapping:
            self.add(Pairs(self._pairs(parts), line, column))
        else:
            self.add(Items(tuple(parts), line, column))

    def add(self, node: Node) -> None:
        if self._open:
            self._open[-1][3].append(node)
        else:
            self.root = node

    def _pairs(self, parts: list[Node]) -> tuple[tuple[Scalar, Node], ...]:
        found: dict[str, tuple[Scalar, Node]] = {}
        for key, value in zip(parts[::2], parts[1::2], strict=True):
            if isinstance(key, Broken):
                continue
            if not isinstance(key, Scalar):
                self._say("a key must be text", key.line, key.column, "write the key as one word")
            elif key.text in found:
                first = found[key.text][0].line
                self._say(
                    f'the key "{_short(key.text)}" stands here again: it is in line {first} already',
                    key.line,
                    key.column,
                    "keep one of the two",
                )
            else:
                found[key.text] = (key, value)
        return tuple(found.values())

    def _say(self, message: str, line: int, column: int, fix: str) -> None:
        self._problems.append(Problem(message, self._path, line, column, fix))
