"""Sequences: which one numbers a column, and whether its numbers last."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from migration_lint.catalog.model import Catalog, CatalogColumn, Key, Sequence, Table
from migration_lint.lazy_pattern import find
from migration_lint.named_tuple import NamedTuple
from migration_lint.operations import NUMBERED

#: `nextval('s')`, `currval('s'::regclass)`; of other servers `NEXT VALUE FOR s`, `nextval(s)`, `s.nextval`.
_ASKED = r"\b(?:nextval|currval)\s*\(+\s*'([^']+)'\s*(?:::|as\s+)?\s*(\w*)"
_ASKED_ELSEWHERE = (
    r"(?i)\bnext\s+value\s+for\s+([\w.\"`\[\]]+)|\bnextval\s*\(\s*([\w.\"`\[\]]+)|([\w.\"]+)\.nextval\b"
)


class Asked(NamedTuple):
    """A sequence that an expression asks for a number."""

    key: Key
    by_name: bool  # whatever has the name when it asks; else it knows the sequence by whatever name


def asked(catalog: Catalog, text: str | None) -> Asked | None:
    """The sequence that a default asks; None: it asks none."""
    if text is None:
        return None
    if catalog.dialect != "postgresql":
        found = re.search(_ASKED_ELSEWHERE, text)
        name = None if found is None else next(each for each in found.groups() if each is not None)
        return None if name is None else Asked(catalog.key_of(re.sub(r'["`\[\]]', "", name)), True)
    found = find("val", _ASKED, text, re.I)
    if found is None:
        return None
    by_name = found[2].lower() in ("text", "varchar", "character", "name")
    return Asked(catalog.key_of(found[1].replace('"', "")), by_name)


def owned_by(catalog: Catalog, column: str) -> Iterator[Key]:
    """The sequences that go with a column, which has this identity."""
    for key, sequence in catalog.sequences.items():
        if sequence.owner == column:
            yield key


def numbering(catalog: Catalog, column: CatalogColumn) -> Key | None:
    """Where the sequence is that numbers a column; None: none does, or no revision says which."""
    if column.generated in NUMBERED and column.default is None:
        return next((key for key in owned_by(catalog, column.identity)), None)
    found = asked(catalog, column.default)
    return None if found is None else found.key


def runs_out(
    was: Sequence, now: Sequence, table: Table, column: CatalogColumn, fold: Callable[[str], str]
) -> str:
    """Why a sequence that did may number a column no more, in a sentence; "": it still does."""
    if now.most is not None and (was.most is None or now.most < was.most):
        return f"{now.name} gives no number above {now.most}"
    if was.rising and not now.rising:
        return f"the numbers of {now.name} fall"
    again = now.restarts > was.restarts or (now.cycles and not was.cycles)
    if again and table.is_unique_on((column.name,), fold=fold):
        return f"{now.name} begins again, and {column.name} is unique"
    return ""
