"""Types that are made of others: composites, the rows of tables, and domains over them.

What reads or writes a column of such a type depends on all that it is made of, however deep.
"""

from __future__ import annotations

from collections.abc import Iterator

from migration_lint.catalog.model import Catalog, Enum, Key

#: Of a type and of those that it is made of, no more than these are looked at.
_DEEPEST = 12


def made_of(catalog: Catalog, type: str | None) -> str:
    """A type with all that it is made of, as text; "": it is made of nothing, or that is not known."""
    found = _made_of(catalog, type, ())
    return f"{catalog.canonical(type)} {found}" if found else ""


def _made_of(catalog: Catalog, type: str | None, within: tuple[Key, ...]) -> str:
    key = None if type is None else _key(catalog, type)
    if key is None or key in within or len(within) > _DEEPEST:
        return ""
    within = (*within, key)
    domain = catalog.domains.get(key)
    if domain is not None:
        if domain.type is None:  # no migration says over which type it is made
            return ""
        return f"over {catalog.canonical(domain.type)} {_made_of(catalog, domain.type, within)}".rstrip()
    composite = catalog.composites.get(key)
    if composite is not None:
        said = [_told(catalog, name, of, within) for name, of in composite.attributes]
        return f"({', '.join([*said, *composite.unheard])})"
    table = catalog.relation(key)
    if table is None:
        return ""
    return f"({', '.join(_told(catalog, each.name, each.type, within) for each in table.columns.values())})"


def _told(catalog: Catalog, name: str, type: str | None, within: tuple[Key, ...]) -> str:
    return f"{name} {catalog.canonical(type)} {_made_of(catalog, type, within)}".rstrip()


def types_within(catalog: Catalog, type: str | None) -> Iterator[Key]:
    """A type of the project's own, and those that it is made of."""
    left, done = [type], set[Key]()
    while left:
        each = left.pop()
        key = None if each is None else _key(catalog, each)
        if key is None or key in done:
            continue
        done.add(key)
        yield key
        domain, composite = catalog.domains.get(key), catalog.composites.get(key)
        table = None if domain or composite else catalog.relation(key)
        left += [domain.type] if domain is not None else []
        left += [of for _, of in composite.attributes] if composite is not None else []
        left += [column.type for column in table.columns.values()] if table is not None else []


def enums_within(catalog: Catalog, type: str | None) -> Iterator[Enum]:
    """The enum that a type, or an entry of its arrays, is, or those that it is made of."""
    own = catalog.enum_of(type)
    if own is not None:
        yield own
    for key in types_within(catalog, type) if catalog.enums else ():
        for _, of in composite.attributes if (composite := catalog.composites.get(key)) else ():
            enum = catalog.enum_of(of)
            if enum is not None:
                yield enum


def _key(catalog: Catalog, type: str) -> Key | None:
    """Where a type is looked up; None: no project makes one of that name."""
    if catalog.dialect != "postgresql":
        return None
    key = catalog.key_of_type(type)
    parts = (catalog.composites, catalog.domains, catalog.rows, catalog.views)
    return key if any(key in part for part in parts) else None
