"""Whose code a statement is: services are told apart by the folders that their code lies in.

Where folders do not tell them apart, a statement may be any of theirs: what writes is then drafted for each
that is said to write the table, and what reads for each that is said to read it.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Sequence

from migration_lint.parity.unbound import SHELVES
from migration_lint.writing.seen import Seen


def own_statements(seen: Sequence[Seen], service: str, services: Collection[str]) -> list[Seen]:
    """Those of a service, of `services` that are known.

    What lies in a folder that is called like a service is that service's. A service without such a folder has
    what lies in no other service's.
    """
    owners = [each.services or (_owner(each.path, services),) for each in seen]
    own = [each for each, of in zip(seen, owners, strict=True) if any(_is(one, service) for one in of)]
    if own:
        return own
    others = [each for each in services if not _is(each, service)]
    return [
        each
        for each, of in zip(seen, owners, strict=True)
        if not any(_is(one, other) for one in of for other in others)
    ]


def not_told_apart(seen: Sequence[Seen], asked: Sequence[str], services: Collection[str]) -> list[str]:
    """Those of some services that folders do not tell from each other: a statement may be of any of them."""
    mine = {service: {id(each) for each in own_statements(seen, service, services)} for service in asked}
    return [
        service
        for service in asked
        if any(mine[service] & mine[other] for other in asked if not _is(other, service))
    ]


def _owner(path: str, services: Collection[str]) -> str:
    """The service whose folder a file lies in, the innermost first; "" for none."""
    folders = posixpath.dirname(path).split("/")
    for number in reversed(range(len(folders))):
        named = next((each for each in services if _is(each, folders[number])), "")
        if named:
            return named
        if number and folders[number - 1] in SHELVES:
            return folders[number]
    return ""


def _is(one: str, other: str) -> bool:
    return _plain(one) == _plain(other) != ""


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
