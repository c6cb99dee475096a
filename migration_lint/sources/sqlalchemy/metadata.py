"""Which MetaData tables are in: a project may keep several, each for a database of its own."""

from __future__ import annotations

import ast
from collections.abc import Hashable, Iterator

from migration_lint.sources.sqlalchemy.mapping import ModelTable
from migration_lint.sources.sqlalchemy.models import Models
from migration_lint.sources.sqlalchemy.terms import Class, External, Listed, Made, Part, Term, options

#: What a MetaData is told by: where it is made, or the base that has it.
Homes = frozenset[Hashable]


class Collections:
    """The MetaData of each table of a project's models."""

    def __init__(self, models: Models) -> None:
        self._models = models
        found: dict[ModelTable, set[Hashable]] = {}
        for mapped in models.all_mapped():
            own = found.setdefault(mapped.table, set())
            own.update(self._of_class(mapped.of))
            own.update(self._of(models.metadata_of(mapped.of)))
        for table in models.all_tables():
            if table not in found:
                found[table] = set(self._of(table.metadata))
        self._homes = {table: frozenset(keys) for table, keys in found.items()}

    def of_environment(self, path: str) -> Homes | None:
        """What the env.py at a path hands to Alembic as `target_metadata`; None where that is not known."""
        module = self._models.project.module(path)
        if module is None:
            return None
        term = self._models.machine.named(path, "target_metadata")
        for node in ast.walk(module.tree) if term is None else ():
            if isinstance(node, ast.keyword) and node.arg == "target_metadata":
                term = self._models.machine.evaluate(node.value, self._models.machine.module_frame(path))
        keys = frozenset(self._of(term))
        return keys if keys and any(keys & each for each in self._homes.values()) else None

    def within(self, homes: Homes) -> list[ModelTable]:
        """The tables of some MetaData, and those of which it is not known whose they are."""
        return [table for table, own in self._homes.items() if not own or own & homes]

    def groups(self) -> list[list[ModelTable]]:
        """The tables of one MetaData each, as far as that is known."""
        groups: list[tuple[set[Hashable], list[ModelTable]]] = []
        for table, own in self._homes.items():
            joined = [each for each in groups if each[0] & own]
            keys = {*own, *(key for each in joined for key in each[0])}
            tables = [*(one for each in joined for one in each[1]), table]
            groups = [each for each in groups if each not in joined] + [(keys, tables)]
        return [tables for _, tables in groups]

    def _of(self, term: Term | None) -> Iterator[Hashable]:
        for each in options(term) if term is not None else ():
            if isinstance(each, Listed):
                for item in each.items:
                    yield from self._of(item)
            elif isinstance(each, Part) and each.name == "metadata":
                if isinstance(each.of, Class):
                    yield from self._of_class(each.of)
                    yield from self._of(self._models.metadata_of(each.of))
                else:
                    yield from _keys(each.of)
            elif isinstance(each, Made):
                yield from _keys(each)

    def _of_class(self, of: Class) -> Iterator[Hashable]:
        """The bases that a class is mapped by; mixins beside them may be of several."""
        for each in self._models.machine.classes.ancestors(of):
            if not isinstance(each, Class):
                yield from _keys(each)
            elif self._models.is_base(each):
                yield each.path, each.name


def _keys(term: Term) -> Iterator[Hashable]:
    """What a base, a registry or a MetaData is told by that is no class of the project."""
    if isinstance(term, Made):
        yield term.place.key
        given = term.keyword("metadata")
        if given is not None:
            yield from _keys(given)
    elif isinstance(term, Part):  # `db.Model`, `db.metadata`
        yield from _keys(term.of)
    elif isinstance(term, External) and term.name.endswith(".SQLModel"):
        yield term.name
