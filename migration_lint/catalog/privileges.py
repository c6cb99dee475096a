"""GRANT and REVOKE on tables, as their text says."""

from __future__ import annotations

import re

from migration_lint.named_tuple import NamedTuple

PUBLIC = "public"
#: What a service needs of a table.
_RIGHTS = ("select", "insert", "update", "delete")
# A text, which `re` compiles when it is first needed.
_OTHERS = (
    "all|database|domain|foreign|function|language|large|parameter|procedure|routine|sequence|tablespace|type"
)
_STATEMENT = (
    r"(?is)^\s*(?P<verb>grant|revoke)\s+(?P<option>grant\s+option\s+for\s+)?(?P<rights>.+?)\s+on\s+"
    rf"(?:(?P<all>all\s+tables\s+in\s+schema)|(?P<schema>schema)|(?:table\s+)?(?!(?:{_OTHERS})\s+\w))\s*(?P<on>.+?)"
    r"\s+(?:from|to)\s+(?P<roles>.+?)"
    r"\s*(?:\b(?:cascade|restrict|with\s+grant\s+option|granted\s+by\s+\S+)\s*)*;?\s*$"
)


class Privileges(NamedTuple):
    """What one statement gives or takes, of tables by name or of all in some schemas."""

    grants: bool
    rights: tuple[str, ...]  # in small letters
    roles: tuple[str, ...]
    tables: tuple[str, ...] = ()  # as they are written
    schemas: tuple[str, ...] = ()


def privileges(statement: str) -> Privileges | None:
    """What a statement does to the rights on tables; None where it is about something else."""
    found = re.match(_STATEMENT, statement)
    if found is None or found["option"]:
        return None
    named = re.findall(r"[a-z]+", re.sub(r"\([^)]*\)", " ", found["rights"].lower()))
    whole = {"usage", "all"} if found["schema"] else {"all"}
    each_right = not found["schema"]
    rights = tuple(each for each in _RIGHTS if whole & {*named} or (each_right and each in named))
    objects = tuple(re.sub(r'"', "", each.strip()) for each in found["on"].split(","))
    roles = tuple(re.sub(r"(?i)^group\s+", "", each.strip()).strip('"') for each in found["roles"].split(","))
    if not rights:
        return None
    by_schema = bool(found["schema"] or found["all"])
    return Privileges(
        found["verb"].lower() == "grant",
        rights,
        tuple(PUBLIC if each.lower() == PUBLIC else each for each in roles),
        () if by_schema else objects,
        objects if by_schema else (),
    )
