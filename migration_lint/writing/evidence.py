"""What the statements of one side show of a column beyond its type: its encoding, and its values.

Only what all of them show is said. A value that one of them leaves open says nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from migration_lint.encodings.names import NAMES
from migration_lint.parity.language_types import json_schema
from migration_lint.sources import Bound
from migration_lint.writing.seen import Seen
from migration_lint.yaml_document import Json

#: More values than that are no list that anybody keeps.
_MOST_VALUES = 12
#: Names of what code does that say nothing of how a text is to be read.
_NO_ENCODING = ("", "text")


def encoding_of(bound: Sequence[Seen], name: str, type: str) -> str | Mapping[str, Json] | None:
    """How a column is encoded by all statements that write it, or read it; None where that is not shown."""
    found = [_encoding(value, each.language, type) for each, value in _values(bound, name)]
    found = [each for each in found if each != ""]
    if not found or any(each != found[0] for each in found):
        return None
    return found[0]


def _encoding(value: Bound, language: str, type: str) -> str | Mapping[str, Json] | None:
    """None: not known; "": it says nothing of the encoding."""
    if value.literal is not None:
        return ""
    if value.unknown:
        return None
    if value.encoding == "json" or (not value.encoding and type.startswith("json")):
        of = value.of if value.encoding else value.type
        schema = json_schema(of, language, value.records, reads=value.read)
        return None if schema is None else {"json": schema}
    if value.encoding in _NO_ENCODING or value.encoding not in NAMES:
        return None
    return value.encoding


def values_of(bound: Sequence[Seen], name: str, otherwise: str | None) -> tuple[str, ...]:
    """The only texts that statements write into a column; none where one of them may write another.

    `otherwise` is what a row gets that says nothing of it, "" where that is NULL; None: not known.
    """
    found: dict[str, None] = {}
    for each in bound:
        if name not in each.columns:
            if each.statement == "insert" and otherwise is None:
                return ()
            if each.statement == "insert" and otherwise:
                found[otherwise] = None
            continue
        written = [value for value in each.bound if value.column == name and not value.read]
        if not written:
            return ()
        for value in written:
            if value.literal == "NULL":
                continue
            if value.literal is None and not value.values:
                return ()
            found.update(dict.fromkeys(value.values or (value.literal or "",)))
    return tuple(found) if len(found) <= _MOST_VALUES else ()


def _values(bound: Iterable[Seen], name: str) -> Iterator[tuple[Seen, Bound]]:
    for each in bound:
        for value in each.bound:
            if value.column == name:
                yield each, value
