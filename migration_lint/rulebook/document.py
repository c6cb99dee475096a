"""YAML as a tree that remembers where everything stands, and that holds nothing surprising.

Built from the parser's events, not from its objects: so no tag can make anything, no alias can multiply
(`*name` is an error), nesting has a limit, a plain `on` stays the text "on", and every problem of a file can
be reported with its line.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from migration_lint.errors import CannotJudge, Problem

if TYPE_CHECKING:
    import yaml

MAX_BYTES = 200_000
MAX_DEPTH = 12


@dataclass(slots=True)
class Node:
    """A text, a list or a map. Lines and columns count from 1; `start` and `end` are offsets in the file."""

    kind: Literal["text", "list", "map"]
    line: int
    column: int
    start: int
    end: int
    text: str = ""
    plain: bool = False  # a text without quotes: `null` and `3` may mean more than their letters
    items: list[Node] = field(default_factory=list)
    entries: dict[str, tuple[Node, Node]] = field(default_factory=dict)  # key → the key's node, the value's

    def get(self, key: str) -> Node | None:
        """The value under a key of a map."""
        found = self.entries.get(key)
        return found[1] if found else None

    @property
    def is_null(self) -> bool:
        """An empty value, `~` or `null`."""
        return self.plain and self.text in ("", "~", "null")

    def value(self) -> object:
        """What the node means: str, int, bool, None, list or dict."""
        if self.kind == "map":
            return {key: each.value() for key, (_, each) in self.entries.items()}
        if self.kind == "list":
            return [each.value() for each in self.items]
        if self.is_null:
            return None
        if self.plain and self.text in ("true", "false"):
            return self.text == "true"
        if self.plain and self.text.lstrip("-").isdecimal() and len(self.text) < 19:
            return int(self.text) if str(int(self.text)) == self.text else self.text
        return self.text


@dataclass(frozen=True, slots=True)
class Document:
    """A file's text, and its tree."""

    path: str
    text: str
    root: Node

    def problem(self, at: Node, message: str, fix: str = "") -> Problem:
        """A problem with a node."""
        return Problem(message, self.path, at.line, at.column, fix)

    def problem_within(self, at: Node, start: int, end: int, message: str, fix: str = "") -> Problem:
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

    def _places(self, at: Node) -> list[int]:
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


def read_document(path: str, data: bytes) -> Document:
    """The file as a tree. Raises CannotJudge with what makes it unreadable, or with every duplicate key."""
    import yaml

    if len(data) > MAX_BYTES:
        raise CannotJudge(Problem(f"it has {len(data)} bytes, and {MAX_BYTES} is the most", path))
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise CannotJudge(Problem("it is not UTF-8", path, line, fix="save it as UTF-8")) from None
    # The C parser is ten times as fast; not every build of PyYAML has it.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    builder = _Builder(path)
    try:
        builder.run(iter(yaml.parse(text, Loader=loader)))
    except yaml.MarkedYAMLError as error:
        raise CannotJudge(_syntax_problem(path, text, error)) from None
    except yaml.YAMLError as error:
        said = str(error).splitlines()[0]
        raise CannotJudge(Problem(f"it is not valid YAML: {said}", path)) from None
    if builder.problems:
        raise CannotJudge.of(builder.problems)
    if builder.root is None:
        raise CannotJudge(Problem("it is empty", path))
    return Document(path, text, builder.root)


def _syntax_problem(path: str, text: str, error: yaml.MarkedYAMLError) -> Problem:
    mark = error.problem_mark or error.context_mark
    said = error.problem or error.context or "it cannot be parsed"
    if mark is None:
        return Problem(f"it is not valid YAML: {said}", path)
    lines = text.split("\n")
    line = lines[mark.line] if mark.line < len(lines) else ""
    indent = line[: len(line) - len(line.lstrip())]
    if "\t" in indent:
        column = indent.index("\t") + 1
        return Problem("it is indented with a tab", path, mark.line + 1, column, "indent with spaces")
    value = line.partition(": ")[2].lstrip()
    # By far the commonest slip in a rule file: `message: {table} is dropped`.
    plain = value[:1] not in ("'", '"', "|", ">")
    fix = (
        "put the text in quotes, or close its bracket"
        if value[:1] in ("{", "[", "%", "@", "`") or (plain and ": " in value)
        else ""
    )
    return Problem(f"it is not valid YAML: {said}", path, mark.line + 1, mark.column + 1, fix)


class _Builder:
    """The tree that a stream of parser events stands for."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.root: Node | None = None
        self.problems: list[Problem] = []

    def run(self, events: Iterator[yaml.Event]) -> None:
        import yaml

        documents = 0
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise self._stop(event, "a second document begins here", "keep one document in a file")
            elif not isinstance(event, (yaml.StreamStartEvent, yaml.StreamEndEvent, yaml.DocumentEndEvent)):
                self.root = self._node(event, events, 0)

    def _node(self, event: yaml.Event, events: Iterator[yaml.Event], depth: int) -> Node:
        import yaml

        if depth > MAX_DEPTH:
            raise self._stop(event, "this is nested too deeply")
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            name = getattr(event, "anchor", "")
            mark = "*" if isinstance(event, yaml.AliasEvent) else "&"
            raise self._stop(
                event, f"{mark}{name} refers to another place", "write the value out, or quote it"
            )
        if getattr(event, "tag", None) is not None:
            tag = str(getattr(event, "tag", "")).replace("tag:yaml.org,2002:", "!!")
            raise self._stop(event, f"the tag {tag} has no meaning here", "remove it")
        node = Node("text", *_place(event), _index(event.start_mark), _index(event.end_mark))
        if isinstance(event, yaml.ScalarEvent):
            node.text, node.plain = event.value, bool(event.implicit[0])
        elif isinstance(event, yaml.SequenceStartEvent):
            node.kind = "list"
            while not isinstance(event := next(events), yaml.SequenceEndEvent):
                node.items.append(self._node(event, events, depth + 1))
            node.end = _index(event.end_mark)
        else:
            node.kind = "map"
            while not isinstance(event := next(events), yaml.MappingEndEvent):
                self._entry(node, self._node(event, events, depth + 1), next(events), events, depth)
            node.end = _index(event.end_mark)
        return node

    def _entry(
        self, into: Node, key: Node, event: yaml.Event, events: Iterator[yaml.Event], depth: int
    ) -> None:
        value = self._node(event, events, depth + 1)
        if key.kind != "text":
            self.problems.append(
                self._problem(key, f"a {key.kind} cannot be a key", "quote it if it is a text")
            )
        elif key.text in into.entries:
            first = into.entries[key.text][0].line
            message = f"{key.text} is there twice: the first is in line {first}"
            self.problems.append(self._problem(key, message, "keep one of them"))
        else:
            into.entries[key.text] = (key, value)

    def _problem(self, at: Node, message: str, fix: str) -> Problem:
        return Problem(message, self.path, at.line, at.column, fix)

    def _stop(self, event: yaml.Event, message: str, fix: str = "") -> CannotJudge:
        return CannotJudge(Problem(message, self.path, *_place(event), fix))


def _place(event: yaml.Event) -> tuple[int, int]:
    mark = event.start_mark
    return (mark.line + 1, mark.column + 1) if mark else (0, 0)


def _index(mark: yaml.error.Mark | yaml._yaml.Mark | None) -> int:
    return mark.index if mark else 0
