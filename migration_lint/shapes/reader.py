"""A YAML document → what its shape makes of it, and everything that is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from migration_lint.errors import Problem
from migration_lint.shapes.model import (
    Either,
    Flag,
    JsonSchema,
    ListShape,
    MarkerWord,
    Named,
    Number,
    RecordShape,
    Shape,
    TextShape,
    Variants,
    WordChoice,
)
from migration_lint.wording import did_you_mean, listed, near
from migration_lint.yaml_document import (
    KINDS,
    Broken,
    Document,
    ListNode,
    MappingNode,
    Node,
    Scalar,
    plain_data,
)

#: How else people write true and false.
_MEANT = dict.fromkeys(("true", "yes", "on", "y"), "true") | dict.fromkeys(
    ("false", "no", "off", "n"), "false"
)


def short(text: str) -> str:
    """A text as messages repeat it: its beginning, in one line."""
    first = text.split("\n", 1)[0]
    return text if len(text) <= 60 and first == text else first[:57] + "..."


class Reader:
    """Walks nodes by their shapes. What a walk returns counts only if it added no problem."""

    def __init__(self, document: Document, problems: list[Problem], noun: str) -> None:
        """`noun` is what messages call the whole: "the contract"; what is wrong is added to `problems`."""
        self._document = document
        self._problems = problems
        self._noun = noun

    def whole(self, node: Node, shape: RecordShape) -> Any:
        """What the record makes of the whole file; None, with problems, where it is not one."""
        return self.record(node, shape, {}, self._noun)

    def read(self, node: Node, shape: Shape, where: str) -> Any:
        if isinstance(node, Broken):
            return None
        return _READERS[type(shape)](self, node, shape, where)

    def record(
        self, node: Node, shape: RecordShape, said: dict[str, Any], where: str, place: Scalar | None = None
    ) -> Any:
        if isinstance(node, Broken):
            return None
        at: Scalar | Node = place or node
        if not isinstance(node, MappingNode):
            self._wrong(node, where, f"must have keys ({', '.join(key.name for key in shape.keys)})")
            return None
        before = len(self._problems)
        keys = {key.name: key for key in shape.keys}
        present = {name.text for name, _ in node.pairs}
        for name, value in node.pairs:
            key = keys.get(name.text)
            if key is None:
                # A misspelt key is one mistake: it is not missing as well.
                present.add(self._unknown(name, list(keys), where))
            else:
                said[key.field or key.name] = self.read(value, key.shape, self._under(where, name.text))
        for key in shape.keys:
            if key.required and key.name not in present:
                self._say(f'"{key.name}" is missing in {where}', at, _how_to_add(key.name, key.shape))
        if len(self._problems) > before:
            return None
        if shape.place:
            at = next((name for name, _ in node.pairs if name.text == shape.at), at)
            said["line"] = at.line
        return shape.make(**said)

    def _text(self, node: Node, shape: TextShape, where: str) -> str | None:
        if not isinstance(node, Scalar):
            self._wrong(node, where, f"must be {shape.expected}")
        elif node.text == "" or node.null and not shape.null:
            self._say(f"{where} is empty", node, f"write {shape.expected}")
        elif not re.search(shape.pattern, node.text):
            if node.text.strip().startswith("<"):
                self._say(f"{where} still holds {short(node.text)}", node, f"write {shape.expected}")
            elif not node.text.strip():
                self._say(f"{where} is empty", node, f"write {shape.expected}")
            else:
                self._wrong(node, where, f"must be {shape.expected}")
        else:
            return node.text
        return None

    def _number(self, node: Node, shape: Number, where: str) -> float | None:
        pattern = r"\d{1,18}" if shape.whole else r"\d{1,18}(\.\d{1,9})?"
        if isinstance(node, Scalar) and node.plain and re.fullmatch(pattern, node.text, re.ASCII):
            return int(node.text) if shape.whole else float(node.text)
        self._wrong(node, where, f"must be {'a whole number' if shape.whole else 'a number'}, 0 or more")
        return None

    def _either(self, node: Node, shape: Either, where: str) -> Any:
        return self.read(node, shape.mapping if isinstance(node, MappingNode) else shape.scalar, where)

    def _record(self, node: Node, shape: RecordShape, where: str) -> Any:
        return self.record(node, shape, {}, where)

    def _marker(self, node: Node, shape: MarkerWord, where: str) -> bool:
        return self._choice(node, WordChoice((shape.word,)), where) is not None

    def _choice(self, node: Node, shape: WordChoice, where: str) -> str | None:
        if isinstance(node, Scalar) and node.text in shape.words:
            return node.text
        fix = did_you_mean(_nearest(node, shape.words))
        self._wrong(node, where, f"must be {listed(shape.words, 'or')}", fix)
        return None

    def _flag(self, node: Node, shape: Flag, where: str) -> bool | None:
        if isinstance(node, Scalar) and node.truth is not None:
            return node.truth
        word = _MEANT.get(node.text.lower()) if isinstance(node, Scalar) else None
        self._wrong(node, where, "must be true or false", f"write {word}" if word else "")
        return None

    def _json_schema(self, node: Node, shape: JsonSchema, where: str) -> Any:
        schema = plain_data(node, self._document.path, self._problems)
        if not isinstance(schema, (dict, bool)):
            self._wrong(node, where, "must be a JSON Schema", "write it as keys, such as type: array")
        return schema

    def _list(self, node: Node, shape: ListShape, where: str) -> tuple[Any, ...]:
        if not isinstance(node, ListNode):
            self._wrong(node, where, "must be a list", "write [a, b], or a line with a dash for each")
            return ()
        if len(node.items) < shape.least:
            self._say(f"{where} is empty", node, "list something, or remove the key")
        found = []
        for number, item in enumerate(node.items, 1):
            value = self.read(item, shape.item, f"{where}[{number}]")
            if shape.distinct and value is not None and value in found:
                self._say(f"{where} lists {short(str(value))} twice", item, "remove one of the two")
            found.append(value)
        return tuple(found)

    def _named(self, node: Node, shape: Named, where: str) -> tuple[Any, ...]:
        if not isinstance(node, MappingNode):
            hint = "write {} for none, or remove the key" if isinstance(node, Scalar) and node.null else ""
            self._wrong(node, where, "must map names to what is said of them", hint)
            return ()
        found = []
        for key, value in node.pairs:
            before = len(self._problems)
            name = self._text(key, shape.name, f'the key "{short(key.text)}" in {where}')
            under = self._under(where, key.text)
            said: dict[str, Any] = {shape.name_field: name}
            if isinstance(shape.value, RecordShape):
                found.append(self.record(value, shape.value, said, under, place=key))
            else:
                said[shape.value_field] = self.read(value, shape.value, under)
                made = None if len(self._problems) > before else shape.make(line=key.line, **said)
                found.append(made)
        return tuple(found)

    def _variant(self, node: Node, shape: Variants, where: str) -> Any:
        firsts = [record.keys[0].name for record in shape.records]
        if not isinstance(node, MappingNode):
            self._wrong(node, where, f"must have one of the keys {listed(firsts, 'or')}")
            return None
        present = {key.text for key, _ in node.pairs}
        chosen = [record for record in shape.records if record.keys[0].name in present]
        if len(chosen) == 1:
            return self.record(node, chosen[0], {}, where)
        known = sorted({key.name for record in shape.records for key in record.keys})
        for key, _ in node.pairs:
            if key.text not in known:
                self._unknown(key, known, where)
        must = f"{where} must have one of the keys {listed(firsts, 'or')}"
        self._say(f"{must}, found {len(chosen)}", node, "write one of them")
        return None

    def _unknown(self, name: Scalar, known: list[str], where: str) -> str:
        """Returns the key that was probably meant, or nothing."""
        near = _nearest(name, known)
        fix = did_you_mean(near, f"remove it: the keys here are {', '.join(known)}")
        self._say(f'unknown key "{short(name.text)}" in {where}', name, fix)
        return near

    def _wrong(self, node: Node, where: str, must: str, fix: str = "") -> None:
        if isinstance(node, Broken):
            return
        found = KINDS[type(node)]
        if isinstance(node, Scalar):
            found = f'"{short(node.text)}"' if node.text else "nothing"
        self._say(f"{where} {must}, found {found}", node, fix)

    def _say(self, message: str, at: Node, fix: str) -> None:
        self._problems.append(self._document.problem(at, message, fix))

    def _under(self, where: str, name: str) -> str:
        return short(name) if where == self._noun else f"{where}.{short(name)}"


def _nearest(node: Node, words: list[str] | tuple[str, ...]) -> str:
    if not isinstance(node, Scalar) or not node.text:
        return ""
    return near(node.text, words)


def _how_to_add(key: str, shape: Shape) -> str:
    if isinstance(shape, WordChoice):
        return f"add {key}: {listed(shape.words, 'or')}"
    if isinstance(shape, Named):
        return f"add {key}: with an entry for each"
    return f"add {key}:"


#: Who reads a shape.
_READERS: dict[type, Callable[[Reader, Node, Any, str], Any]] = {
    TextShape: Reader._text,
    Number: Reader._number,
    WordChoice: Reader._choice,
    MarkerWord: Reader._marker,
    Flag: Reader._flag,
    JsonSchema: Reader._json_schema,
    ListShape: Reader._list,
    Named: Reader._named,
    Variants: Reader._variant,
    RecordShape: Reader._record,
    Either: Reader._either,
}
