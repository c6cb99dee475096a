"""Shapes: what a YAML file may hold, as data, so that one table reads a file and prints its JSON Schema.

Text is what is written: a column called `no`, a revision called `0012` or `1e10` and a day like
2026-03-02 are text here, whatever YAML makes of them elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from migration_lint.data_class import dataclass


@dataclass(frozen=True, slots=True)
class TextShape:
    """A scalar, taken as written. `pattern` holds for Python and for JSON Schema alike."""

    pattern: str = r"\S"
    expected: str = "text"
    null: bool = False  # `null` and `~` are text too: names


@dataclass(frozen=True, slots=True)
class Number:
    """A number that is at least 0; `whole`: without a fraction."""

    whole: bool = True


@dataclass(frozen=True, slots=True)
class WordChoice:
    """One of some words."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MarkerWord:
    """One word; to say it makes a field true."""

    word: str


@dataclass(frozen=True, slots=True)
class Flag:
    """true or false, and no other way to spell them."""


@dataclass(frozen=True, slots=True)
class JsonSchema:
    """A JSON Schema, kept as data."""


@dataclass(frozen=True, slots=True)
class ListShape:
    """A list of one shape."""

    item: Shape
    least: int = 0
    distinct: bool = False


@dataclass(frozen=True, slots=True)
class Key:
    """One key of a record. `field` is the model's name for it, where that is another."""

    name: str
    shape: Shape
    description: str
    required: bool = False
    field: str = ""


@dataclass(frozen=True, slots=True)
class RecordShape:
    """A mapping with known keys; `make` takes their values by the names of the model's fields."""

    title: str
    keys: tuple[Key, ...]
    make: Callable[..., Any]
    place: bool = True  # `make` takes the line too
    at: str = ""  # the key whose line that is; "": where the record begins


@dataclass(frozen=True, slots=True)
class Variants:
    """A mapping that is one of several records, by which of their first keys it has."""

    records: tuple[RecordShape, ...]


@dataclass(frozen=True, slots=True)
class Named:
    """A mapping from names to records, or to text. `make` takes the name as `name`, unless `name_field`."""

    name: TextShape
    value: RecordShape | TextShape
    make: Callable[..., Any]
    name_field: str = "name"
    value_field: str = ""  # of text


@dataclass(frozen=True, slots=True)
class Either:
    """A scalar of one shape, or a mapping of another."""

    scalar: TextShape
    mapping: RecordShape


Shape = (
    TextShape
    | Number
    | WordChoice
    | MarkerWord
    | Flag
    | JsonSchema
    | ListShape
    | RecordShape
    | Variants
    | Named
    | Either
)
