"""Models and migrations at both ends of a change: what differs at head, and did not at base.

What a project lives with stays its own affair. A table that could not be read whole, at either end, is passed
over: what is seen of it at one end alone would look new.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set

from migration_lint.catalog.model import Catalog, Table
from migration_lint.catalog.outcome import TableName
from migration_lint.change import Change, Tree
from migration_lint.check.models import environment_of
from migration_lint.check.schema import Schema
from migration_lint.facts.build import Background, Place, model_occurrence
from migration_lint.facts.model import Occurrence
from migration_lint.models.chosen import chosen
from migration_lint.models.compare import compare
from migration_lint.models.difference import ModelDifference, ModelPlace
from migration_lint.sources import Codebase
from migration_lint.sources.sqlalchemy.mapping import Mapped, ModelTable
from migration_lint.sources.sqlalchemy.metadata import Collections
from migration_lint.sources.sqlalchemy.models import Models
from migration_lint.sources.sqlalchemy.project import Project
from migration_lint.sources.sqlalchemy.terms import Class, Listed, Made, Term, options


def new_differences(
    change: Change, schemas: Sequence[Schema], paths: Set[str], background: Background
) -> Iterator[Occurrence]:
    """An occurrence for each difference that is new; `paths`: the models that the change edits."""
    before, after = _End(change.base), _End(change.head)
    if not before.models.all_tables() and not after.models.all_tables():
        return
    edited = before.declared_in(paths) | after.declared_in(paths)
    found: dict[tuple[str, ...], tuple[ModelDifference, Schema]] = {}
    for schema in schemas:
        for each in _of_database(before, after, schema, several=len(schemas) > 1):
            found.setdefault(each.key, (each, schema))
    for each, schema in found.values():
        place = each.place
        if each.kind == "remove_table":
            place = ModelPlace(next(iter(before.paths_of(each.table) & change.head.files().keys()), ""), 0)
        table = schema.after.table(*_split(each.table)) or schema.before.table(*_split(each.table))
        name = table.full_name if table is not None else TableName(*_named(each.table, schema))
        yield model_occurrence(each, name, Place(place.path, place.line), each.table in edited, background)


class _End:
    """The models of one tree."""

    def __init__(self, tree: Tree) -> None:
        self.models = Models(Project(Codebase(tree)))
        self.collections = Collections(self.models)
        self._mapped: dict[str, list[Mapped]] = {}
        for each in self.models.all_mapped():
            for table in each.tables:
                self._mapped.setdefault(table.written, []).append(each)
        self.tables: dict[str, list[ModelTable]] = {}
        for one in self.models.all_tables():
            self.tables.setdefault(one.written, []).append(one)

    def paths_of(self, table: str) -> set[str]:
        """The files that say something of a table: its class, those that this inherits from, its enums."""
        there = self.tables.get(table, [])
        columns = [each for one in there for each in one.columns.values()]
        found = {each.place.path for each in there} | {each.place.path for each in columns}
        found |= {one.path for each in columns for one in _classes(each.type)}
        classes = self.models.machine.classes
        for mapped in self._mapped.get(table, ()):
            found |= {each.path for each in classes.project_ancestors(mapped.of)}
        return found

    def declared_in(self, paths: Set[str]) -> set[str]:
        """The tables that files of some paths say something of."""
        return {table for table in self.tables if not paths.isdisjoint(self.paths_of(table))}

    def is_read(self, table: str) -> bool:
        """Whether nothing of a table is left open."""
        there = self.tables.get(table, [])
        if any(each.unresolved for each in there):
            return False
        if any(each.unresolved for each in self._mapped.get(table, ())):
            return False
        # a file that cannot be parsed may be the one of its model
        return bool(there) or not self.models.project.problems

    def base_of(self, table: str) -> Class | None:
        """The class of the project that a table's model and others are mapped by."""
        mapped = next(iter(self._mapped.get(table, ())), None)
        if mapped is None:
            return None
        above = list(self.models.machine.classes.project_ancestors(mapped.of))
        return above[-1] if above and above[-1] is not mapped.of else None

    def is_migrated(self, table: str, catalog: Catalog) -> bool:
        """Whether migrations make other tables of the same base, where a base is known at all."""
        base = self.base_of(table)
        if base is None:
            return True
        return any(
            catalog.table(*_split(name)) is not None
            for name in self.tables
            if name != table and self.base_of(name) is base
        )


def _of_database(before: _End, after: _End, schema: Schema, *, several: bool) -> Iterator[ModelDifference]:
    """What is new of one database; where there are `several`, of the tables that it has."""
    if schema.head is None:
        return
    hidden, everything = _hidden(schema)
    if everything:
        return
    known: set[tuple[str, ...]] | None = None
    mine, _ = chosen(after.collections, environment_of(schema), schema.after)
    for each in compare(after.models, mine, schema.after, _nowhere):
        if each.kind == "not_read" or not (before.is_read(each.table) and after.is_read(each.table)):
            continue
        if _split(each.table)[1] in hidden:
            continue
        if each.kind == "add_table" and (several or not _is_lacking(after, each.table, schema.after)):
            continue
        if known is None:
            were, _ = chosen(before.collections, environment_of(schema), schema.before)
            known = {one.key for one in compare(before.models, were, schema.before, _nowhere)}
        if each.key not in known:
            yield each


def _is_lacking(after: _End, table: str, catalog: Catalog) -> bool:
    """Whether it is for migrations to make the table of a model, and they make nothing of its name."""
    return catalog.view(*_split(table)) is None and after.is_migrated(table, catalog)


def _hidden(schema: Schema) -> tuple[set[str], bool]:
    """The tables that operations of the change may alter which were not read; True: it may be any."""
    tables: set[str] = set()
    if schema.head is None:
        return tables, False
    for script in schema.fresh:
        for operation in schema.head.operations(script):
            if operation.kind == "opaque":
                if not operation.table:
                    return tables, True
                tables.add(operation.table)
    return tables, False


def _classes(term: Term | None) -> Iterator[Class]:
    """The classes that a column's type names: of its values, or its own."""
    for each in options(term) if term is not None else ():
        if isinstance(each, Class):
            yield each
        elif isinstance(each, Made):
            for one in (each.callee, *each.args):
                yield from _classes(one)
        elif isinstance(each, Listed):
            for one in each.items:
                yield from _classes(one)


def _split(written: str) -> tuple[str | None, str]:
    schema, _, name = written.rpartition(".")
    return schema or None, name


def _named(written: str, schema: Schema) -> tuple[str, str]:
    own, name = _split(written)
    return own or schema.settings.default_schema, name


def _nowhere(table: Table, column: str) -> ModelPlace | None:
    """No place of a migration: to look for one reads every script."""
    return None
