"""Small edits of a YAML text that leave every other character as it is.

A round trip through a YAML library keeps comments and order, but not the columns that people line up by
hand (`id:        {type: uuid}` comes back with one space), and a patch should show nothing but what
changed. So the text itself is edited, at the places that the YAML parser gives, and whoever edits checks
by parsing that the result means what was wanted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from migration_lint.named_tuple import NamedTuple

if TYPE_CHECKING:
    from yaml.nodes import MappingNode, Node, ScalarNode


#: The keys, and places in lists, that lead to a node.
Path = tuple[str | int, ...]


class Edit(NamedTuple):
    """Characters `start` to `end` of a text give way to `new`."""

    start: int
    end: int
    new: str


def apply(text: str, edits: list[Edit]) -> str:
    """The text with edits that do not overlap. Raises ValueError where they do."""
    end = len(text) + 1
    for edit in sorted(edits, reverse=True):
        if edit.end > end:
            raise ValueError("two edits overlap")
        text = text[: edit.start] + edit.new + text[edit.end :]
        end = edit.start
    return text


class Yaml:
    """A YAML text that is to be edited. Its methods raise KeyError where a path leads to nothing.

    What is JSON stays JSON.
    """

    def __init__(self, text: str) -> None:
        import yaml

        self.text = text
        self._is_json = _is_json(text)
        # YAML indents with no tabs; in JSON they stand between the tokens alone.
        readable = text.replace("\t", " ") if self._is_json else text
        self._root = yaml.compose(readable, Loader=yaml.SafeLoader)

    def rename(self, path: Path, name: str) -> list[Edit]:
        """Another key for what is at a path. What is lined up behind it stays lined up, where it can."""
        key, _ = self._found(path)
        start, end = key.start_mark.index, key.end_mark.index
        edits = [Edit(start, end, self._written(name, key=True))]
        after = self.text[end + 1 :]
        spaces = len(after) - len(after.lstrip(" "))
        if self.text[end : end + 1] == ":" and spaces > 1 and after[spaces : spaces + 1] not in ("\n", "#"):
            wanted = max(1, spaces - (len(name) - (end - start)))
            edits.append(Edit(end + 1, end + 1 + spaces, " " * wanted))
        return edits

    def replace(self, path: Path, value: str) -> list[Edit]:
        """Another value, in one line, for the scalar or the flow collection at a path."""
        _, node = self._found(path)
        return [Edit(node.start_mark.index, self._end(node), self._written(value))]

    def replace_item(self, path: Path, old: str, new: str) -> list[Edit]:
        """Another text for one item of the list at a path."""
        from yaml.nodes import ScalarNode, SequenceNode

        _, node = self._found(path)
        if not isinstance(node, SequenceNode):
            raise KeyError(".".join(map(str, path)))
        return [
            Edit(item.start_mark.index, item.end_mark.index, self._written(new))
            for item in node.value
            if isinstance(item, ScalarNode) and item.value == old
        ]

    def remove(self, path: Path) -> list[Edit]:
        """Take a key and its value out; a mapping that loses its last key becomes `{}`."""
        mapping = self._mapping(path[:-1])
        pairs = mapping.value
        at = next(number for number, (key, _) in enumerate(pairs) if key.value == path[-1])
        key, value = pairs[at]
        if mapping.flow_style:
            if at + 1 < len(pairs):
                return [Edit(key.start_mark.index, pairs[at + 1][0].start_mark.index, "")]
            start = self._end(pairs[at - 1][1]) if at else key.start_mark.index
            return [Edit(start, self._end(value), "")]
        if len(pairs) == 1:
            return self._emptied(path[:-1], mapping)
        start = self.text.rfind("\n", 0, key.start_mark.index) + 1
        return [Edit(start, self._line_end(self._end(value)), "")]

    def add(self, path: Path, name: str, value: str) -> list[Edit]:
        """A new last key of the mapping at a path, with a value in one line."""
        mapping = self._mapping(path)
        name, value = self._written(name, key=True), self._written(value)
        if not mapping.value:
            inside = f"{{{name}: {value}}}"
            return [Edit(mapping.start_mark.index, self._end(mapping), inside)]
        last_key, last = mapping.value[-1]
        if mapping.flow_style:
            end = self._end(last)
            before = self.text[
                self.text.rfind("\n", 0, last_key.start_mark.index) + 1 : last_key.start_mark.index
            ]
            line = f"\n{before}" if self._is_json and before and not before.strip() else " "
            return [Edit(end, end, f",{line}{name}: {value}")]
        indent = " " * last_key.start_mark.column
        end = self._line_end(self._end(last))
        line = f"{indent}{f'{name}: '.ljust(_value_column(mapping) - len(indent))}{value}\n"
        return [Edit(end, end, line if self.text[:end].endswith("\n") else f"\n{line}")]

    def add_block(self, path: Path, lines: list[str]) -> list[Edit]:
        """A new last key of the mapping at a path, written in block style: `lines` stand two spaces in.

        It stands behind what belongs to the key before it, comments that are indented deeper too. Raises
        KeyError where the mapping is written in braces, and holds something.
        """
        mapping = self._mapping(path)
        if mapping.flow_style and mapping.value:
            raise KeyError(".".join(map(str, path)))
        key, _ = self._found(path)
        if not mapping.value:
            column = key.start_mark.column + 2
            colon = self.text.index(":", key.end_mark.index)
            at = self._line_end(self._end(mapping))
            edits = [Edit(colon + 1, self._end(mapping), "")]
        else:
            column = mapping.value[0][0].start_mark.column
            at = self._behind_comments(self._line_end(self._end(mapping)), column)
            edits = []
        block = "".join(f"{' ' * column}{line[2:]}\n" for line in lines)
        return [*edits, Edit(at, at, block if self.text[:at].endswith("\n") else f"\n{block}")]

    def _written(self, value: str, key: bool = False) -> str:
        """A value, or a key, given in one line of YAML, as the text writes them."""
        if not self._is_json:
            return value
        import json

        from yaml import BaseLoader, SafeLoader, load

        return json.dumps(load(value, BaseLoader if key else SafeLoader), ensure_ascii=False)

    def _behind_comments(self, at: int, column: int) -> int:
        """The end of the comments that follow, as far as they are indented deeper than a column."""
        end = at
        while at < len(self.text):
            following = self._line_end(at)
            line = self.text[at:following]
            comment = line.lstrip(" ")
            if comment.startswith("#") and len(line) - len(comment) > column:
                end = following
            elif line.strip():
                break
            at = following
        return end

    def _emptied(self, path: Path, mapping: MappingNode) -> list[Edit]:
        key, _ = self._found(path)
        colon = self.text.index(":", key.end_mark.index)
        return [Edit(colon + 1, self._line_end(self._end(mapping)), " {}\n")]

    def _mapping(self, path: Path) -> MappingNode:
        from yaml.nodes import MappingNode

        node = self._node(path)
        if not isinstance(node, MappingNode):
            raise KeyError(".".join(map(str, path)))
        return node

    def _found(self, path: Path) -> tuple[ScalarNode, Node]:
        """The key at the end of a path, and its value."""
        for key, value in self._mapping(path[:-1]).value:
            if key.value == path[-1]:
                return key, value
        raise KeyError(".".join(map(str, path)))

    def _node(self, path: Path) -> Node | None:
        from yaml.nodes import SequenceNode

        if not path:
            return self._root
        if isinstance(path[-1], int):
            node = self._node(path[:-1])
            items = node.value if isinstance(node, SequenceNode) else []
            return items[path[-1]] if path[-1] < len(items) else None
        return self._found(path)[1]

    def _end(self, node: Node) -> int:
        """Where a node's own text ends: a block collection's mark stands behind what follows it too."""
        from yaml.nodes import CollectionNode

        if isinstance(node, CollectionNode) and not node.flow_style and node.value:
            last = node.value[-1]
            return self._end(last[1] if isinstance(last, tuple) else last)
        end: int = node.end_mark.index
        return max(len(self.text[:end].rstrip("\n ")), node.start_mark.index) if self._is_block(node) else end

    def _is_block(self, node: Node) -> bool:
        return self.text[node.start_mark.index : node.start_mark.index + 1] in ("|", ">")

    def _line_end(self, at: int) -> int:
        found = self.text.find("\n", at)
        return len(self.text) if found < 0 else found + 1


def _is_json(text: str) -> bool:
    if not text.lstrip().startswith("{"):
        return False
    import json

    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _value_column(mapping: MappingNode) -> int:
    """Where a new key's value begins: in the column that the others' share, else one space behind the key."""
    columns = [
        (key.end_mark.column, value.start_mark.column)
        for key, value in mapping.value
        if key.start_mark.line == value.start_mark.line
    ]
    shared = {value for _, value in columns}
    aligned = len(shared) == 1 and any(value > key + 2 for key, value in columns)
    return shared.pop() if aligned else 0
