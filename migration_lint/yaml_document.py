"""YAML text → nodes that know their places, for contracts and for rules.

Only YAML's events are used: nothing is constructed, no tag is obeyed, and an alias is an error, so a
few bytes cannot unfold into gigabytes. Scalars stay the text that was written: a plain `on` is "on".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Union

from migration_lint.errors import CannotJudge, Problem, merge_conflict
from migration_lint.lazy_pattern import lazy_pattern
from migration_lint.named_tuple import NamedTuple

if TYPE_CHECKING:
    import yaml

#: Far beyond what people write, and short enough to read at once.
MAX_BYTES = 1_000_000
MAX_DEPTH = 60

#: JSON data, which a node may stand for.
Json = Union[None, bool, int, float, str, "list[Json]", "dict[str, Json]"]


class Scalar(NamedTuple):
    """Text as written. `plain`: without quotes, so that YAML may give it another meaning."""

    text: str
    plain: bool
    line: int
    column: int
    start: int  # where it stands in the document's text, in characters from 0, quotes included
    end: int

    @property
    def null(self) -> bool:
        """Whether it stands for nothing."""
        return self.plain and self.text in _NULLS

    @property
    def truth(self) -> bool | None:
        """true or false, if that is what is written."""
        return self.text in _TRUE if self.plain and self.text in _TRUE | _FALSE else None


class ListNode(NamedTuple):
    """A list."""

    items: tuple[Node, ...]
    line: int
    column: int


class MappingNode(NamedTuple):
    """A mapping; each key once."""

    pairs: tuple[tuple[Scalar, Node], ...]
    line: int
    column: int


class Broken(NamedTuple):
    """Stands where a problem was reported already: say nothing more of it."""

    line: int
    column: int


Node = Scalar | ListNode | MappingNode | Broken

#: What messages call the nodes.
KINDS: dict[type[Node], str] = {Scalar: "a text", ListNode: "a list", MappingNode: "a mapping"}

_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE = frozenset({"true", "True", "TRUE"})
_FALSE = frozenset({"false", "False", "FALSE"})
#: Numbers of YAML 1.2's core schema. A longer one is no limit or length that a schema can mean.
_INTEGER = lazy_pattern(r"[-+]?[0-9]{1,300}|0o[0-7]{1,300}|0x[0-9a-fA-F]{1,300}")
_FLOAT = lazy_pattern(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_UNREADABLE = lazy_pattern("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x84\x86-\x9f\ufeff\ufffe\uffff]")
_INDENT_TAB = lazy_pattern(r" *\t")


class Document(NamedTuple):
    """One file: its text, its nodes, and what is wrong with it but leaves them readable."""

    path: str
    text: str
    root: Node
    problems: tuple[Problem, ...] = ()

    def problem(self, at: Node, message: str, fix: str = "") -> Problem:
        """A problem with a node."""
        return Problem(message, self.path, at.line, at.column, fix)

    def problem_within(self, at: Scalar, start: int, end: int, message: str, fix: str = "") -> Problem:
        """A problem with the characters `start` to `end` of a text, with a caret under them in its line."""
        places = self._places(at)
        last = len(places) - 1
        if last < 0:
            return self.problem(at, message, fix)
        first, until = places[min(start, last)], places[min(max(end - 1, start), last)] + 1
        begin = self.text.rfind("\n", 0, first) + 1
        stop = self.text.find("\n", first)
        line = self.text[begin : stop if stop >= 0 else len(self.text)].rstrip("\r").replace("\t", " ")
        width = max(min(until - begin, len(line)) - (first - begin), 1)
        shown = line.lstrip()
        cut = len(line) - len(shown)
        caret = " " * (first - begin - cut) + "^" * width
        number = self.text.count("\n", 0, first) + 1
        return Problem(f"{message}\n    {shown}\n    {caret}", self.path, number, first - begin + 1, fix)

    def _places(self, at: Scalar) -> list[int]:
        """Where each character of a text stands in the file.

        YAML folds lines, strips indents and resolves escapes; what it leaves stands in the file in the
        same order, so that walking both side by side finds every character again.
        """
        places: list[int] = []
        here = at.start
        if here < at.end and self.text[here] in "|>":
            here = self.text.find("\n", here) + 1
        for character in at.text:
            there = here
            while there < at.end and self.text[there] != character:
                if character == " " and self.text[there] == "\n":
                    break
                there += 1
            if there >= at.end:
                there = here = min(here, max(at.end - 1, 0))
                places.append(there)
                continue
            places.append(there)
            here = there + 1
        return places


def read_document(path: str, data: bytes, noun: str) -> Document:
    """The one document that `data` holds; `noun` is what people call such a file, "contract" or "rule".

    Raises CannotJudge with what makes it unreadable. What is wrong with an otherwise readable file (tags,
    aliases, keys that stand there twice) is in the document's `problems`.
    """
    text = _decoded(path, data, noun)
    if path.endswith(".json"):
        text = text.replace(
            "\t", " "
        )  # YAML indents with no tabs; in JSON they stand between the tokens alone
    import yaml

    builder = _Builder(path, noun)
    # The C parser is ten times as fast; not every build of PyYAML has it.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        for event in yaml.parse(text, Loader=loader):
            if isinstance(event, yaml.CollectionEndEvent):
                builder.close()
                continue
            place = _place(event.start_mark)
            if isinstance(event, yaml.ScalarEvent):
                builder.marked(event.tag, event.anchor, place)
                start, end = _offset(event.start_mark), _offset(event.end_mark)
                builder.add(Scalar(event.value, bool(event.implicit[0]), *place, start, end))
            elif isinstance(event, yaml.CollectionStartEvent):
                builder.marked(event.tag, event.anchor, place)
                builder.open(isinstance(event, yaml.MappingStartEvent), place)
            elif isinstance(event, yaml.AliasEvent):
                builder.alias(event.anchor or "", place)
            elif isinstance(event, yaml.DocumentStartEvent):
                builder.begin(place)
    except yaml.YAMLError as error:
        # It reads ahead, and may meet a limit of its own before anything comes here to be counted.
        builder.check_depth(text[: _offset(getattr(error, "problem_mark", None))])
        broken = merge_conflict(path, text) or _syntax(path, text, error)
        raise CannotJudge(*builder.problems, broken) from None
    if builder.root is None or isinstance(builder.root, Scalar) and builder.root.null:
        raise CannotJudge(
            *builder.problems,
            Problem("the file is empty", path, fix=f"write a {noun} into it, or delete the file"),
        )
    return Document(path, text, builder.root, tuple(builder.problems))


def plain_data(node: Node, path: str, problems: list[Problem]) -> Json:
    """The node as JSON data, by YAML 1.2's core schema; what JSON cannot hold becomes a problem."""
    if isinstance(node, MappingNode):
        return {key.text: plain_data(value, path, problems) for key, value in node.pairs}
    if isinstance(node, ListNode):
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
        message = f"{_short(node.text)} is too large a number"
        problems.append(Problem(message, path, node.line, node.column, "write a smaller one"))
    return node.text


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:37] + "..."


def _decoded(path: str, data: bytes, noun: str) -> str:
    if len(data) > MAX_BYTES:
        message = f"the file has {len(data):,} bytes; a {noun} has at most {MAX_BYTES:,}"
        fix = f"split it into several {noun}s, or take it out of the {noun}s setting"
        raise CannotJudge(Problem(message, path, fix=fix))
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        message = f"the file is not UTF-8: byte 0x{data[error.start]:02x}"
        raise CannotJudge(Problem(message, path, line, fix="save it as UTF-8")) from None
    found = _UNREADABLE.search(text)
    if found:
        line = text.count("\n", 0, found.start()) + 1
        column = found.start() - text.rfind("\n", 0, found.start())
        message = f"found a control character, U+{ord(found.group()):04X}"
        fix = "remove it, or write it as an escape between double quotes"
        raise CannotJudge(Problem(message, path, line, column, fix))
    return text


def _syntax(path: str, text: str, error: yaml.YAMLError) -> Problem:
    mark = getattr(error, "problem_mark", None)
    context = getattr(error, "context_mark", None)
    said = getattr(error, "problem", None) or "it cannot be read"
    if mark is None:
        return Problem(f"not YAML: {said}", path, fix="mend the syntax")
    lines = text.split("\n")
    first = min(mark.line, context.line) if context else mark.line
    for number, line in enumerate(lines[first : mark.line + 1], first + 1):
        tab = _INDENT_TAB.match(line)
        if tab:
            return Problem("found a tab", path, number, tab.end(), "indent with spaces")
    since = getattr(error, "context", None)
    if since and context:
        said = f"{said} ({since} in line {context.line + 1})"
    value = lines[mark.line].partition(": ")[2].lstrip() if mark.line < len(lines) else ""
    # By far the commonest slip: `message: {table} is dropped`, `description: it is: so`.
    quotable = value[:1] in tuple("{[%@`") or (value[:1] not in tuple("'\"|>") and ": " in value)
    fix = "put the text in quotes, or close its bracket" if quotable else "mend the syntax of this line"
    return Problem(f"not YAML: {said}", path, mark.line + 1, mark.column + 1, fix)


#: What depth is told by without parsing: brackets; where a line, or an item in it, begins; and, to be passed
#: over, comments and texts between quotes.
_STRUCTURE = lazy_pattern(
    r"""(?P<over>(?<![^\s\[{,:])(?:"(?:[^"\\]|\\.)*"|'[^']*')|(?<!\S)\#[^\n]*)"""
    r"""|(?P<opens>[\[{])|(?P<closes>[\]}])|(?P<item>(?:^|(?<=[-?]))[ ]*(?=[^\s\#]))(?:[-?](?=\s))?""",
    re.MULTILINE | re.DOTALL,
)


def _too_deep_at(text: str) -> int | None:
    """Where a text has more than MAX_DEPTH lists and mappings in each other; None if nowhere.

    Nearly: it is asked of what cannot be parsed, where only the message depends on it.
    """
    columns: list[int] = []  # of the lists and mappings that are open, from the outermost
    brackets = 0
    for found in _STRUCTURE.finditer(text):
        if found["opens"]:
            brackets += 1
        elif found["closes"]:
            brackets = max(brackets - 1, 0)
        elif found["item"] is not None and not brackets:
            column = found.end("item") - text.rfind("\n", 0, found.end("item")) - 1
            while columns and columns[-1] >= column:
                columns.pop()
            columns.append(column)
        if len(columns) + brackets > MAX_DEPTH:
            return found.end("item") if found["item"] is not None else found.start()
    return None


Mark = Union["yaml.error.Mark", "yaml._yaml.Mark", None]


class _Place(NamedTuple):
    line: int
    column: int


def _place(mark: Mark) -> _Place:
    return _Place(mark.line + 1, mark.column + 1) if mark else _Place(0, 0)


def _offset(mark: Mark) -> int:
    return mark.index if mark else 0


class _Open(NamedTuple):
    """A list or a mapping that has not ended; `parts` of a mapping are keys and values in turn."""

    mapping: bool
    place: _Place
    parts: list[Node]


class _Builder:
    """Puts the events together, without recursion: the depth of a document is its author's choice."""

    def __init__(self, path: str, noun: str) -> None:
        self.root: Node | None = None
        self.problems: list[Problem] = []
        self._path = path
        self._noun = noun
        self._open: list[_Open] = []
        self._documents = 0

    def begin(self, place: _Place) -> None:
        self._documents += 1
        if self._documents > 1:
            self._say("a second document begins here", place, f"write one {self._noun} per file")
            raise CannotJudge.of(self.problems)

    def marked(self, tag: str | None, anchor: str | None, place: _Place) -> None:
        """Reports what stands before a node and is no part of its text."""
        if tag is not None:
            shown = _short(tag.replace("tag:yaml.org,2002:", "!!"))
            self._say(f"found a tag, {shown}", place, f"remove it: {self._noun}s have no use for tags")
        if anchor is not None:
            fix = "remove it, or quote it with the text that it begins"
            self._say(f"found an anchor, &{_short(anchor)}", place, fix)

    def alias(self, name: str, place: _Place) -> None:
        fix = "write the value out, or quote it if it is a text"
        self._say(f"found an alias, *{_short(name)}", place, fix)
        self.add(Broken(*place))

    def open(self, mapping: bool, place: _Place) -> None:
        if len(self._open) >= MAX_DEPTH:
            self._too_deep(place)
        self._open.append(_Open(mapping, place, []))

    def check_depth(self, text: str) -> None:
        """Says that a text whose end was not understood is nested too deeply, if it is."""
        at = _too_deep_at(text)
        if at is not None:
            self._too_deep(_Place(text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)))

    def _too_deep(self, place: _Place) -> None:
        self._say(f"nested deeper than {MAX_DEPTH} levels", place, "make it flatter")
        raise CannotJudge.of(self.problems)

    def close(self) -> None:
        done = self._open.pop()
        if done.mapping:
            self.add(MappingNode(self._pairs(done.parts), *done.place))
        else:
            self.add(ListNode(tuple(done.parts), *done.place))

    def add(self, node: Node) -> None:
        if self._open:
            self._open[-1].parts.append(node)
        else:
            self.root = node

    def _pairs(self, parts: list[Node]) -> tuple[tuple[Scalar, Node], ...]:
        found: dict[str, tuple[Scalar, Node]] = {}
        for key, value in zip(parts[::2], parts[1::2], strict=True):
            if isinstance(key, Broken):
                continue
            place = _Place(key.line, key.column)
            if not isinstance(key, Scalar):
                message = f"a key must be text, not {KINDS[type(key)]}"
                self._say(message, place, "write the key as one word, or quote it")
            elif key.text in found:
                first = found[key.text][0].line
                message = f'the key "{_short(key.text)}" stands here again: it is in line {first} already'
                self._say(message, place, "keep one of the two")
            else:
                found[key.text] = (key, value)
        return tuple(found.values())

    def _say(self, message: str, place: _Place, fix: str) -> None:
        self.problems.append(Problem(message, self._path, place.line, place.column, fix))
