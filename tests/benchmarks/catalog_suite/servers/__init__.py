"""The databases whose own catalogs are the judge: a module for each."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import NamedTuple, Protocol

from migration_lint.catalog.model import Catalog
from tests.benchmarks.catalog_suite.facts import Fact, Facts, Name, Relation, facts_of


class Lost(Exception):
    """The connection is gone."""


class Snapshot(NamedTuple):
    """What a server's catalog holds at one moment."""

    state: object  # equal states are equal catalogs
    facts: Facts
    relations: dict[Name, Relation]
    enums: dict[Name, tuple[str, ...]]
    sequences: frozenset[Name]


class Server(Protocol):
    """One connection to one database."""

    #: Of its facts, those that are judged.
    kinds: frozenset[str]

    def run(self, statement: str) -> bool:
        """Whether the server took the statement. Raises Lost."""

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction was begun, and goes on."""

    @property
    def failed(self) -> bool:
        """Whether a transaction waits to be taken back."""

    def snapshot(self, before: Snapshot | None = None) -> Snapshot:
        """The catalog by now; the very `before` where nothing has changed. Raises Lost."""

    def whole(self, relation: Relation) -> Relation:
        """The relation with what no fact is made of: texts, indexes, what a view reads."""

    def empty(self) -> Catalog:
        """A catalog of ours as it is before the file."""


#: What gives a fresh database for a file.
Opener = Callable[[Path], AbstractContextManager[Server]]


def taken(
    state: object,
    relations: dict[Name, Relation],
    enums: dict[Name, tuple[str, ...]],
    sequences: frozenset[Name],
    kinds: frozenset[str],
    fold: Callable[[str], str],
) -> Snapshot:
    """A snapshot, with the facts of it that are of these kinds."""
    facts: Facts = {Fact("enumeration", name): values for name, values in enums.items()}
    if "sequence" in kinds:
        facts.update({Fact("sequence", name): True for name in sequences})
    for relation in relations.values():
        facts.update(facts_of(relation, fold, kinds))
    return Snapshot(state, facts, relations, enums, sequences)
