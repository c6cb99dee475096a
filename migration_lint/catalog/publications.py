"""Whether PostgreSQL refuses to UPDATE a table, because it is published and nothing tells its rows apart.

Source: PostgreSQL's manual, "Logical Replication: Publication".
"""

from __future__ import annotations

import re

from migration_lint.catalog.model import AMBIENT, Catalog, Key

#: The kinds of the hooks that remember it: of a table, and of a publication, which hangs on none.
IDENTITY, PUBLISHED = "replica identity", "published"
# Texts, which `re` compiles when they are first needed.
_PUBLISH = r"(?i)\bpublish\s*=\s*'([^']*)'"
_ALL = r"(?i)\bfor\s+all\s+tables\b"
_SCHEMAS = r"(?is)\btables\s+in\s+schema\s+(.*?)(?=\s*(?:;|$|\bwith\b|,\s*table\b))"
_TABLES = r"(?is)(?<!all\s)\btable\s+(.*?)(?=\s*(?:;|$|\bwith\b|,\s*tables\s+in\b))"


def is_refused(catalog: Catalog, key: Key) -> bool:
    """Whether an UPDATE or DELETE of a table fails, whoever sends it."""
    said = next((each.name for each in catalog.hooks.get(key, ()) if each.kind == IDENTITY), "default")
    table = catalog.get(key)
    if said == "default":
        keyed = table is None or any(each.kind == "primary_key" for each in table.constraints)
        if table is None or keyed or table.implied or not table.complete or table.uncertain:
            return False
    elif said != "nothing":
        return False
    return any(
        each.kind == PUBLISHED and _publishes(catalog, each.made, key)
        for each in catalog.hooks.get(AMBIENT, ())
    )


def _publishes(catalog: Catalog, said: str, key: Key) -> bool:
    """Whether a publication passes on the UPDATEs of a table."""
    changes = re.findall(_PUBLISH, said)
    if changes and "update" not in changes[-1].lower():
        return False
    if re.search(_ALL, said):
        return True
    schemas = [name for each in re.findall(_SCHEMAS, said) for name in _names(each)]
    tables = [name for each in re.findall(_TABLES, said) for name in _names(each)]
    return key[0] in {catalog.key(each, "")[0] for each in schemas} or key in map(catalog.key_of, tables)


def _names(listed: str) -> list[str]:
    plain = re.sub(r"\([^)]*\)", " ", listed)
    names = [re.sub(r"(?i)^only\s+", "", each.strip()).split(" ")[0] for each in plain.split(",")]
    return [each.rstrip("*").replace('"', "") for each in names if each]
