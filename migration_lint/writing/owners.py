"""Whose code a statement is: services are told apart by the folders that their code lies in."""

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
    owners = [each.service or _owner(each.path, services) for each in seen]
    own = [each for each, owner in zip(seen, owners, strict=True) if _is(owner, service)]
    if own:
        return own
    others = [each for each in services if not _is(each, service)]
    return [
        each
        for each, owner in zip(seen, owners, strict=True)
        if not any(_is(owner, other) for other in others)
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
