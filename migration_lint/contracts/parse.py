"""One contract file → a contract, or every error that it holds."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from migration_lint.contracts.format import (
    CONTRACT,
    OWN_SIDE,
    VERSION,
    Choice,
    Flag,
    JsonSchema,
    List,
    Marker,
    Named,
    Record,
    Shape,
    Text,
    Variants,
)
from migration_lint.contracts.model import Contract
from migration_lint.errors import CannotJudge, Problem
from migration_lint.lazy_pattern import lazy_pattern
from migration_lint.wording import did_you_mean, listed, near
from migration_lint.yaml_document import (
    KINDS,
    Broken,
    Document,
    Items,
    Node,
    Pairs,
    Scalar,
    plain_data,
    read_document,
)


def parse_contract(data: bytes, path: str, content_id: str = "") -> Contract:
    """The contract that the bytes of one file hold.

    Raises CannotJudge with every problem of the file, in the order of its lines.
    """
    document = read_document(path, data, "contract")
    problems = list(document.problems)
    contract: Contract | None = None
    if not isinstance(document.root, Pairs):
        if not isinstance(document.root, Broken):
            message = "the file is not a contract: it holds no keys"
            problems.append(document.problem(document.root, message, f"begin it with contract: {VERSION}"))
    else:
        root = _in_our_format(document, document.root, problems)
        if root is not None:
            contract = _Reader(document, problems).record(root, CONTRACT, {}, "the contract")
            if root is not document.root:
                contract = _outlined(contract)
    if contract is not None and not problems:
        problems += _contradictions(contract)
    if contract is None or problems:
        raise CannotJudge(*sorted(problems, key=lambda problem: (problem.line, problem.column)))
    return contract._replace(path=path, content_id=content_id)


def _in_our_format(document: Document, root: Pairs, problems: list[Problem]) -> Pairs | None:
    """The file's keys as `CONTRACT` describes them; None where its format is not known."""
    keys = {key.text: value for key, value in root.pairs}
    version = keys.get("contract")
    if isinstance(version, Scalar) and not version.null and version.text != VERSION:
        message = f'unknown contract format "{_short(version.text)}"'
        fix = f"write {VERSION}, or use a release of migration-lint that knows this format"
        problems.append(document.problem(version, message, fix))
        return None
    if version is None:
        from migration_lint.contracts import odcs

        if odcs.is_standard(root):
            return odcs.as_contract(document, root, problems)
    return root


def _outlined(contract: Contract) -> Contract:
    """The contract of a standard's document, whose types may leave out what stands in parentheses."""
    tables = [
        entry._replace(columns=tuple([column._replace(outlined=True) for column in entry.columns]))
        for entry in contract.tables
    ]
    return contract._replace(tables=tuple(tables))


def _contradictions(contract: Contract) -> list[Problem]:
    """What no single key shows, and an editor's schema only in part."""
    problems = []
    own = OWN_SIDE[contract.role]
    for entry in contract.tables:
        if getattr(entry, own) is not None:
            problems.append(
                Problem(
                    f'a {contract.role} cannot say "{own}: none" of {entry.name}: it is one of them itself',
                    contract.path,
                    entry.line,
                    fix=f"remove {own}",
                )
            )
        problems += [
            Problem(
                f"{entry.name}.{name.name} is retired and declared at once",
                contract.path,
                name.line,
                fix=f"remove {name.name} from columns or from retired",
            )
            for name in entry.retired
            if entry.column(name.name) is not None
        ]
        problems += [
            Problem(
                f'the reason for {each.revision} says nothing: "{_short(each.reason)}"',
                contract.path,
                each.line,
                fix=f"say in words why {each.revision} is safe for {contract.id}",
            )
            for each in entry.acknowledges
            if not _says_something(each.reason)
        ]
        problems += [
            Problem(
                f'{entry.name}.{name.name} is retired since "{_short(name.since)}", which is no date',
                contract.path,
                name.line,
                fix="write the day as YYYY-MM-DD, or say in words since when",
            )
            for name in entry.retired
            if not _may_be_since(name.since)
        ]
    return problems


#: What stands where a reason is still to come.
_PLACEHOLDERS = frozenset("todo tbd tba fixme none null nil nothing yes okay reason".split())


def _says_something(reason: str) -> bool:
    """Whether a reason holds a word that is no placeholder: of three letters, or of two signs of a script
    that has signs for words.
    """
    words = (word.lower() for word in re.findall(r"[^\W\d_]{2,}", reason))
    return any(
        len(set(word)) > 1 and (len(word) > 2 or not word.isascii()) and word not in _PLACEHOLDERS
        for word in words
    )


#: A day or a month in digits, in whatever order. 1.2.3 is a version; with a year at its end, or with parts of
#: two digits behind one, it is a day.
_DAY = lazy_pattern(
    r"\s*(\d+[-/]\d+(?:[-/]\d+)?|\d{8}|(?:\d{1,2}[. ]\s?){1,2}\d{4}|\d{4}\.\d\d\.\d\d|\d{4} \d\d? \d\d?)"
    r"(?:[T ,;(].*)?\s*",
    re.DOTALL,
)


def _may_be_since(text: str) -> bool:
    """Whether a text is a day or a month that there is, or words."""
    written = _DAY.fullmatch(text)
    if written is None:
        return True
    day = written[1] if written[1].count("-") == 2 else f"{written[1]}-01"
    if re.fullmatch(r"\d{4}(\.\d\d){2}", written[1]):
        day = written[1].replace(".", "-")  # a version may be written like a day, and a day like a version
    try:
        return re.fullmatch(r"\d{4}-\d\d-\d\d", day) is not None and bool(date.fromisoformat(day))
    except ValueError:
        return False


#: How else people write true and false.
_MEANT = dict.fromkeys(("true", "yes", "on", "y"), "true") | dict.fromkeys(
    ("false", "no", "off", "n"), "false"
)


def _short(text: str) -> str:
    first = text.split("\n", 1)[0]
    return text if len(text) <= 60 and first == text else first[:57] + "..."


class _Reader:
    """Walks nodes by their shapes. What a walk returns counts only if it added no problem."""

    def __init__(self, document: Document, problems: list[Problem]) -> None:
        self._document = document
        self._problems = problems

    def read(self, node: Node, shape: Shape, where: str) -> Any:
        if isinstance(node, Broken):
            return None
        if isinstance(shape, Text):
            return self._text(node, shape, where)
        if isinstance(shape, Choice):
            return self._choice(node, shape.words, where)
        if isinstance(shape, Marker):
            return self._choice(node, (shape.word,), where) is not None
        if isinstance(shape, Flag):
            return self._flag(node, where)
        if isinstance(shape, JsonSchema):
            return self._json_schema(node, where)
        if isinstance(shape, List):
            return self._list(node, shape, where)
        if isinstance(shape, Named):
            return self._named(node, shape, where)
        if isinstance(shape, Variants):
            return self._variant(node, shape, where)
        if isinstance(shape, Record):
            return self.record(node, shape, {}, where)
        if isinstance(node, Pairs):
            return self.record(node, shape.mapping, {}, where)
        return self._text(node, shape.scalar, where)

    def record(
        self, node: Node, shape: Record, said: dict[str, Any], where: str, place: Scalar | None = None
    ) -> Any:
        if isinstance(node, Broken):
            return None
        at: Scalar | Node = place or node
        if not isinstance(node, Pairs):
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
                said[key.field or key.name] = self.read(value, key.shape, _under(where, name.text))
        for key in shape.keys:
            if key.required and key.name not in present:
                self._say(f'"{key.name}" is missing in {where}', at, _how_to_add(key.name, key.shape))
        if len(self._problems) > before:
            return None
        if shape is CONTRACT:
            del said["_format"]
            said["path"] = self._document.path
            at = next(name for name, _ in node.pairs if name.text == "id")
        if shape.place:
            said["line"] = at.line
        return shape.make(**said)

    def _text(self, node: Node, shape: Text, where: str) -> str | None:
        if not isinstance(node, Scalar):
            self._wrong(node, where, f"must be {shape.expected}")
        elif node.text == "" or node.null and not shape.null:
            self._say(f"{where} is empty", node, f"write {shape.expected}")
        elif not re.search(shape.pattern, node.text):
            if node.text.strip().startswith("<"):
                self._say(f"{where} still holds {_short(node.text)}", node, f"write {shape.expected}")
            elif not node.text.strip():
                self._say(f"{where} is empty", node, f"write {shape.expected}")
            else:
                self._wrong(node, where, f"must be {shape.expected}")
        else:
            return node.text
        return None

    def _choice(self, node: Node, words: tuple[str, ...], where: str) -> str | None:
        if isinstance(node, Scalar) and node.text in words:
            return node.text
        self._wrong(node, where, f"must be {listed(words, 'or')}", did_you_mean(_nearest(node, words)))
        return None

    def _flag(self, node: Node, where: str) -> bool | None:
        if isinstance(node, Scalar) and node.truth is not None:
            return node.truth
        word = _MEANT.get(node.text.lower()) if isinstance(node, Scalar) else None
        self._wrong(node, where, "must be true or false", f"write {word}" if word else "")
        return None

    def _json_schema(self, node: Node, where: str) -> Any:
        schema = plain_data(node, self._document.path, self._problems)
        if not isinstance(schema, (dict, bool)):
            self._wrong(node, where, "must be a JSON Schema", "write it as keys, such as type: array")
        return schema

    def _list(self, node: Node, shape: List, where: str) -> tuple[Any, ...]:
        if not isinstance(node, Items):
            self._wrong(node, where, "must be a list", "write [a, b], or a line with a dash for each")
            return ()
        if len(node.items) < shape.least:
            self._say(f"{where} is empty", node, "list something, or remove the key")
        found = []
        for number, item in enumerate(node.items, 1):
            value = self.read(item, shape.item, f"{where}[{number}]")
            if shape.distinct and value is not None and value in found:
                self._say(f"{where} lists {_short(str(value))} twice", item, "remove one of the two")
            found.append(value)
        return tuple(found)

    def _named(self, node: Node, shape: Named, where: str) -> tuple[Any, ...]:
        if not isinstance(node, Pairs):
            hint = "write {} for none, or remove the key" if isinstance(node, Scalar) and node.null else ""
            self._wrong(node, where, "must map names to what is said of them", hint)
            return ()
        found = []
        for key, value in node.pairs:
            before = len(self._problems)
            name = self._text(key, shape.name, f'the key "{_short(key.text)}" in {where}')
            under = _under(where, key.text)
            said: dict[str, Any] = {shape.name_field: name}
            if isinstance(shape.value, Record):
                found.append(self.record(value, shape.value, said, under, place=key))
            else:
                said[shape.value_field] = self.read(value, shape.value, under)
                made = None if len(self._problems) > before else shape.make(line=key.line, **said)
                found.append(made)
        return tuple(found)

    def _variant(self, node: Node, shape: Variants, where: str) -> Any:
        firsts = [record.keys[0].name for record in shape.records]
        if not isinstance(node, Pairs):
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
        self._say(f'unknown key "{_short(name.text)}" in {where}', name, fix)
        return near

    def _wrong(self, node: Node, where: str, must: str, fix: str = "") -> None:
        if isinstance(node, Broken):
            return
        found = KINDS[type(node)]
        if isinstance(node, Scalar):
            found = f'"{_short(node.text)}"' if node.text else "nothing"
        self._say(f"{where} {must}, found {found}", node, fix)

    def _say(self, message: str, at: Node, fix: str) -> None:
        self._problems.append(self._document.problem(at, message, fix))


def _under(where: str, name: str) -> str:
    return _short(name) if where == "the contract" else f"{where}.{_short(name)}"


def _nearest(node: Node, words: list[str] | tuple[str, ...]) -> str:
    if not isinstance(node, Scalar) or not node.text:
        return ""
    return near(node.text, words)


def _how_to_add(key: str, shape: Shape) -> str:
    if isinstance(shape, Choice):
        return f"add {key}: {listed(shape.words, 'or')}"
    if isinstance(shape, Named):
        return f"add {key}: with an entry for each"
    return f"add {key}:"
