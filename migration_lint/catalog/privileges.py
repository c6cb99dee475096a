"""GRANT, REVOKE and DENY on tables, and on what their defaults call, as their text says."""

from __future__ import annotations

import re

from migration_lint.named_tuple import NamedTuple

PUBLIC = "public"
#: What a service needs of a table.
_RIGHTS = ("select", "insert", "update", "delete")
# A text, which `re` compiles when it is first needed.
_OTHERS = "all|database|domain|foreign|language|large|parameter|tablespace|type"
_CALLED = "function|procedure|routine|sequence"
_STATEMENT = (
    r"(?is)^\s*(?P<verb>grant|revoke|deny)\s+(?P<option>grant\s+option\s+for\s+)?(?P<rights>.+?)\s+on\s+"
    rf"(?:object\s*::\s*)?(?:(?P<all>all\s+tables\s+in\s+schema)|(?P<schema>schema)|(?P<called>{_CALLED})\s|(?:table\s+)?(?!(?:{_OTHERS})\s+\w))\s*(?P<on>.+?)"
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
    called: tuple[str, ...] = ()  # functions and sequences


def privileges(statement: str) -> Privileges | None:
    """What a statement does to the rights on tables; None where it is about something else."""
    found = re.match(_STATEMENT, statement)
    if found is None or found["option"]:
        return None
    named = re.findall(r"[a-z]+", re.sub(r"\([^)]*\)", " ", found["rights"].lower()))
    whole = {"usage", "all"} if found["schema"] else {"all"}
    each_right = not found["schema"]
    if found["called"]:
        right = "usage" if found["called"].lower() == "sequence" else "execute"
        names = re.sub(r"\([^)]*\)", " ", found["on"]).split(",")
        called = tuple(re.sub(r'["\s]', "", each).rpartition(".")[2] for each in names)
        given = (right,) if {right, "all"} & {*named} else ()
        return Privileges(found["verb"].lower() == "grant", given, _roles(found["roles"]), called=called)
    rights = tuple(each for each in _RIGHTS if whole & {*named} or (each_right and each in named))
    objects = tuple(re.sub(r'["`\[\]]', "", each.strip()) for each in found["on"].split(","))
    if not rights:
        return None
    by_schema = bool(found["schema"] or found["all"])
    if not by_schema and all(each.endswith(".*") for each in objects):  # MySQL: a database
        by_schema, objects = True, tuple(each.removesuffix(".*") for each in objects)
    return Privileges(
        found["verb"].lower() == "grant",
        rights,
        _roles(found["roles"]),
        () if by_schema else objects,
        objects if by_schema else (),
    )


def _roles(said: str) -> tuple[str, ...]:
    names = (re.sub(r"(?i)^group\s+|[`\[\]]", "", each.strip()).strip('"') for each in said.split(","))
    return tuple(PUBLIC if each.lower() == PUBLIC else each for each in names)
