"""What a catalog knows of partitions, policies, triggers and domains."""

from __future__ import annotations

import re
from collections.abc import Iterator

from migration_lint.catalog.expressions import canonical_expression, mentions
from migration_lint.catalog.model import Catalog, Key, View

_NARROWING = r"(?i)\b(?:where|limit|offset|fetch|group|having|distinct)\b"

#: `LIST (kind)`, and the bounds of a partition.
_KEY = r"(?is)(list|range)\s*\((\s*\w+\s*|.*\).*)\)"
_IN_PARENTHESES = r"\([^()]*(?:\([^()]*\)[^()]*)*\)"
_LISTED = r"(?is)for\s+values\s+in\s*\((.*)\)"
_FROM_TO = r"(?is)for\s+values\s+from\s*\(([^(),]*)\)\s*to\s*\(([^(),]*)\)"


def partition_key(catalog: Catalog, key: Key) -> str:
    """What a table is partitioned by, `RANGE (at)`; "" if it is not, or that is not known."""
    return next(_said(catalog, key, "partition by"), "")


def partitions(catalog: Catalog, key: Key) -> Iterator[Key]:
    """The partitions of a table, and theirs."""
    for child in catalog.children(key) if partition_key(catalog, key) else ():
        yield child
        yield from partitions(catalog, child)


def default_partition(catalog: Catalog, key: Key) -> Key | None:
    """The partition that takes what no other one does."""
    for child in catalog.children(key):
        if (_bounds(catalog, child) or "").upper().startswith("DEFAULT"):
            return child
    return None


def lost_partitions(before: Catalog, was: Key, after: Catalog, now: Key) -> list[str]:
    """The partitions of a table of base whose rows no partition of head is known to take."""
    if not partition_key(after, now) or default_partition(after, now) is not None:
        return []
    bounds = {canonical_expression(_bounds(after, each), after.fold) for each in partitions(after, now)}
    return [
        child[1]
        for child in partitions(before, was)
        if canonical_expression(_bounds(before, child), after.fold) not in bounds - {None}
    ]


def taken_by_partitions(catalog: Catalog, key: Key) -> str | None:
    """The condition of the rows that a table has a place for, as its partitions say it; None: not known."""
    said = partition_key(catalog, key)
    if not said or default_partition(catalog, key) is not None:
        return "true"
    by = re.fullmatch(_KEY, said.strip())
    if by is None or "," in re.sub(_IN_PARENTHESES, "", by[2]):
        return None
    taken: list[str] = []
    for child in catalog.children(key):
        own = _taken(by[1].upper(), by[2], _bounds(catalog, child) or "")
        below = taken_by_partitions(catalog, child)
        if own is None or below is None:
            return None
        taken.append(own if below == "true" else f"{own} AND ({below})")
    return f"({' OR '.join(f'({each})' for each in taken) or 'false'}) IS TRUE"


def taken_as_partition(catalog: Catalog, key: Key) -> Iterator[tuple[str, str | None]]:
    """Of what a table is a partition, as `name bounds`, with the condition of the rows that it takes for it.

    None: that condition is not known.
    """
    for parent in catalog.parents.get(key, ()) if key in catalog.partitions else ():
        yield f"{parent[1]} {_bounds(catalog, key) or ''}".strip(), _taken_of(catalog, parent, key)
        yield from taken_as_partition(catalog, parent)


def _taken_of(catalog: Catalog, parent: Key, key: Key) -> str | None:
    bounds = _bounds(catalog, key) or ""
    by = re.fullmatch(_KEY, partition_key(catalog, parent).strip())
    simple = by is not None and "," not in re.sub(_IN_PARENTHESES, "", by[2])
    if not bounds.upper().startswith("DEFAULT"):
        own = _taken(by[1].upper(), by[2], bounds) if by is not None and simple else None
        return own and f"({own}) IS TRUE"
    others = [_taken_of(catalog, parent, each) for each in catalog.children(parent) if each != key]
    if None in others:
        return None
    return " AND ".join(f"NOT ({each})" for each in others) or "true"


def _taken(way: str, key: str, bounds: str) -> str | None:
    """The condition of the rows that a partition takes."""
    if way == "LIST":
        found = re.fullmatch(_LISTED, bounds.strip())
        if found is None:
            return None
        null = f" OR ({key}) IS NULL" if re.search(r"(?i)\bnull\b", found[1]) else ""
        return f"({key}) IN ({found[1]}){null}"
    found = re.fullmatch(_FROM_TO, bounds.strip())
    if found is None:
        return None
    parts = [f"({key}) IS NOT NULL"]
    for mark, limit in zip((">=", "<"), found.groups(), strict=True):
        if limit.strip().upper() not in ("MINVALUE", "MAXVALUE"):
            parts.append(f"({key}) {mark} {limit}")
    return " AND ".join(parts)


def wholes(catalog: Catalog, key: Key) -> Iterator[Key]:
    """The tables that a partition is a part of."""
    for parent in catalog.parents.get(key, ()) if key in catalog.partitions else ():
        yield parent
        yield from wholes(catalog, parent)


def updated_through(catalog: Catalog, key: Key) -> Key | None:
    """What a DELETE from a view deletes from; None: more than one, or a trigger or rule sees to it."""
    reads = catalog.views[key].reads
    instead = any(each.kind in ("trigger", "rule") for each in catalog.hooks.get(key, ()))
    return catalog.key_of(reads[0]) if len(reads) == 1 and not instead else None


def gives_every_row(view: View) -> bool:
    """Whether a view is known to give out each row of the table that it reads."""
    return bool(re.search(r"(?i)\bselect\b", view.made)) and not re.search(_NARROWING, view.made)


def _bounds(catalog: Catalog, child: Key) -> str | None:
    return next(_said(catalog, child, "partition of"), None)


def _said(catalog: Catalog, key: Key, action: str) -> Iterator[str]:
    for hook in catalog.hooks.get(key, ()):
        for each in hook.does:
            if each.action == action and each.sql is not None:
                yield each.sql


def policies(catalog: Catalog, key: Key, column: str | None = None) -> tuple[str, ...]:
    """The policies of a table; with a column, those whose conditions name it."""
    return _naming(catalog, key, "policy", column)


def triggers(catalog: Catalog, key: Key, column: str) -> tuple[str, ...]:
    """The triggers of a table in whose WHEN a column stands."""
    return _naming(catalog, key, "trigger", column)


def _naming(catalog: Catalog, key: Key, kind: str, column: str | None) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(
            hook.name
            for hook in catalog.hooks.get(key, ())
            if hook.kind == kind
            and (column is None or any(mentions(each.sql, column) for each in hook.does if each.sql))
        )
    )


def is_constrained_domain(catalog: Catalog, type: str | None) -> bool:
    """Whether a type is a domain with a CHECK or NOT NULL."""
    return any(each.constraints or not each.nullable for each in catalog.domains_of(type))
