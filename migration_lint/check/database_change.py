"""What is judged at once: a change of one database, or one of its revisions as if it alone were new."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence, Set

from migration_lint.catalog.difference import Difference
from migration_lint.catalog.model import Catalog, Table
from migration_lint.catalog.outcome import Outcome, TableName
from migration_lint.check.around import Around
from migration_lint.check.declared_rows import declared_outcomes
from migration_lint.check.pairs import alive
from migration_lint.check.protection import Contracts, Protection
from migration_lint.check.schema import Schema
from migration_lint.check.timeline import Timeline
from migration_lint.contracts.judgement import HeadColumn, Judgement, UpdateTerms, judge
from migration_lint.facts.build import Background
from migration_lint.named_tuple import NamedTuple
from migration_lint.settings import Settings


class DatabaseChange(NamedTuple):
    """A change, and all that those who make occurrences of it draw on."""

    schema: Schema
    timeline: Timeline  # what is judged of the schema, which is all that is new, or one revision
    back: Timeline  # the same, taken back
    before: Catalog
    after: Catalog
    difference: Difference  # on balance, for protected tables
    judgements: Sequence[Judgement]  # of the outcomes of the difference
    contracts: Contracts
    agreed: UpdateTerms  # what counts as updated
    settings: Settings
    background: Background
    protection: Protection
    around: Around
    wanted: Callable[[str], bool]  # whether any rule hangs on an event
    #: The names, old and new, of tables that a downgrade calls as they were called before: head's contracts
    #: know them by the new name, and follow the upgrade.
    restored: Set[TableName] = frozenset()

    def late(self) -> dict[str, list[Outcome]]:
        """The outcomes that contracts are behind for, by the contracts' ids."""
        found: dict[str, list[Outcome]] = {}
        for outcome, judgement in zip(self.difference.outcomes, self.judgements, strict=True):
            for each in judgement.behind:
                found.setdefault(each.contract, []).append(outcome)
        return found

    def taken_back(self) -> DatabaseChange:
        """The same with head as the downgrades leave it, which must not be less than what was there."""
        schema = self.schema._replace(after=self.back.end, journal=self.back.journal, rewritten=())
        restored = frozenset(_restored(self.schema, schema, self.contracts))
        return judged(self._replace(restored=restored), schema)


def whole_change(
    schema: Schema,
    contracts: Contracts,
    settings: Settings,
    background: Background,
    protection: Protection,
    wanted: Callable[[str], bool],
) -> DatabaseChange:
    """What happened to a database between base and head."""
    return judged(
        DatabaseChange(
            schema,
            schema.timeline,
            schema.back,
            schema.before,
            schema.after,
            Difference((), (), ()),
            (),
            contracts,
            terms(schema, settings),
            settings,
            background,
            protection,
            Around(schema.head, settings.dialect),
            wanted,
        ),
        schema,
    )


def judged(change: DatabaseChange, schema: Schema) -> DatabaseChange:
    """The change with head as another schema has it, and what that comes to."""
    contracts = change.contracts
    agreed = terms(schema, change.settings)
    found = schema.difference(change.protection, contracts.named())
    emptied = {each.table for each in found.outcomes if each.kind == "table_emptied"}
    declared = (each for each in declared_outcomes(schema, contracts) if each.table not in emptied)
    found = found._replace(outcomes=(*found.outcomes, *declared))
    judgements = judge(found.outcomes, contracts.base, contracts.head, agreed)
    return change._replace(
        schema=schema, after=schema.after, difference=found, judgements=judgements, agreed=agreed
    )


def terms(schema: Schema, settings: Settings) -> UpdateTerms:
    """What counts as updated, with a look-up over the catalog of head."""

    def look_up(table: TableName, column: str) -> HeadColumn:
        key = schema.after.key(table.schema, table.name)
        found = schema.after.relation(key)
        if found is not None:
            return _column(schema, found, column)
        return HeadColumn() if key not in schema.after.gone else HeadColumn(exists=False)

    return UpdateTerms(
        settings.dialect,
        look_up,
        settings.require,
        settings.accept_earlier_consent,
        settings.default_schema,
    )


def _column(schema: Schema, table: Table, name: str) -> HeadColumn:
    column = table.columns.get(schema.after.fold(name))
    if column is None:
        return HeadColumn(None if not table.complete or table.uncertain else False)
    exists = None if column.uncertain else True
    enum = schema.after.enum_of(column.type)
    values = () if enum is None else enum.values
    return HeadColumn(exists, schema.after.canonical(column.type), column.nullable, values)


def _restored(there: Schema, back: Schema, contracts: Contracts) -> Iterator[TableName]:
    """The names, old and new, of tables that `there` renames and `back` calls as they were called."""
    for name in contracts.base.tables():
        before = there.before.table(*name)
        after, again = (None, None) if before is None else (alive(there, before), alive(back, before))
        if before is None or after is None or again is None:
            continue
        if after.full_name != before.full_name == again.full_name:
            yield contracts.head.folded(before.full_name)
            yield contracts.head.folded(after.full_name)
