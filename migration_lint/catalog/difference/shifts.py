"""What breaks only who relies on it: nullability, defaults, enum values, indexes and constraints."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from migration_lint.catalog.composites import enums_within
from migration_lint.catalog.difference.blame import blame
from migration_lint.catalog.difference.comparison import Comparison
from migration_lint.catalog.difference.rebuilt import rebuilding
from migration_lint.catalog.difference.result import Shift, ShiftKind
from migration_lint.catalog.expressions import canonical_expression, renamed_all
from migration_lint.catalog.journal import Effect, Entry
from migration_lint.catalog.model import CatalogColumn, Table, is_implied
from migration_lint.catalog.outcome import Step
from migration_lint.catalog.sequences import asked
from migration_lint.operations import NUMBERED, Constraint, Index


def judge_shifts(
    comparison: Comparison, table: Table, now: Table, column: CatalogColumn, same: CatalogColumn
) -> None:
    """The column's nullability, default and enum values; `same` is the column as head has it."""
    identities = dict.fromkeys((column.identity, same.identity))
    entries = [entry for identity in identities for entry in comparison.by_column.get(identity, ())]

    def shift(kind: ShiftKind, old: str | None, new: str | None, effects: Sequence[Effect]) -> None:
        steps = [entry.step for entry in entries if entry.effect in effects]
        comparison.shifts.append(
            Shift(
                kind=kind,
                table=table.full_name,
                new_table=now.full_name,
                column=column.name,
                new_column=same.name,
                old=old,
                new=new,
                step=steps[-1] if steps else _step_for(comparison, table, now, column),
            )
        )

    changed = {entry.effect for entry in entries}
    if same.nullable not in (None, column.nullable) and (
        column.nullable is not None or "column_nullable" in changed
    ):
        effects: Sequence[Effect] = ("column_nullable", "column_added")
        shift("nullable", _null(column.nullable), _null(same.nullable), effects)
    old, new = _default(column), _default(same)
    fold = comparison.head.fold
    same_default = canonical_expression(old, fold) == canonical_expression(new, fold) or _same_sequence(
        comparison, old, new
    )
    if not same_default and (not is_implied(column.identity) or "column_default" in changed):
        shift("default", old, new, ("column_default", "column_added"))
    for value in lost_values(comparison, column, same):
        renamed = _renaming(comparison, entries, value)
        if renamed is not None:
            comparison.shifts.append(
                Shift(
                    "values",
                    table.full_name,
                    now.full_name,
                    column.name,
                    same.name,
                    value,
                    renamed[0],
                    None,
                    renamed[1],
                )
            )
        else:
            # Its type was made anew, and the column was moved to it, or another took the column's place.
            shift("values", value, None, ("column_retyped", "column_added", "column_dropped"))


def _same_sequence(comparison: Comparison, old: str | None, new: str | None) -> bool:
    """Whether two defaults ask the same sequence, whatever it is called."""
    found = [asked(catalog, text) for catalog, text in ((comparison.base, old), (comparison.head, new))]
    sequences = [
        None if each is None or each.by_name else catalog.sequences.get(each.key)
        for catalog, each in zip((comparison.base, comparison.head), found, strict=True)
    ]
    one, other = sequences
    return one is not None and other is not None and one.identity == other.identity


def _step_for(comparison: Comparison, table: Table, now: Table, column: CatalogColumn) -> Step | None:
    revision, operation, _ = blame(
        comparison, rebuilding(comparison, table, now), table, column, now.full_name
    )
    return None if operation is None else Step(revision, operation)


def lost_values(comparison: Comparison, column: CatalogColumn, same: CatalogColumn) -> Iterator[str]:
    """Values of an enum that head's has no more: of the same name, or without one in the same place."""
    before, after = comparison.base.enum_of(column.type), comparison.head.enum_of(same.type)
    unnamed = before is not None and after is not None and not before.name and not after.name
    if not unnamed and comparison.base.canonical(column.type) != comparison.head.canonical(same.type):
        return
    if before is not None and after is not None and after.values:
        yield from (value for value in before.values if value not in after.values)
    elif before is None:
        now = {enum[:2]: enum.values for enum in enums_within(comparison.head, same.type)}
        for enum in enums_within(comparison.base, column.type):
            yield from (value for value in enum.values if value not in now.get(enum[:2], enum.values))


def _renaming(comparison: Comparison, entries: Sequence[Entry], value: str) -> tuple[str | None, Step] | None:
    """What a value of an enum is called now, and the step that renames it, or casts it to another."""
    for entry in comparison.entries:
        if entry.effect == "enum_value_renamed" and entry.old == value:
            return entry.new, entry.step
    literal = re.escape("'" + value.replace("'", "''") + "'")
    becomes = rf"{literal}(?:::\S+)? THEN ('(?:[^']|'')*')|array_replace\(.*?, {literal}, ('(?:[^']|'')*')\)"
    for entry in entries:
        using = entry.operation.using if entry.effect == "column_retyped" else None
        found = re.search(becomes, using, re.IGNORECASE) if using is not None else None
        if found is not None:
            return (found[1] or found[2])[1:-1].replace("''", "'"), entry.step
    return None


def _null(nullable: bool | None) -> str | None:
    return None if nullable is None else "null" if nullable else "not null"


def _default(column: CatalogColumn) -> str | None:
    if column.default is None and column.generated in NUMBERED:
        return f"({column.generated})"
    return column.default


def judge_needs(comparison: Comparison, table: Table, now: Table, names: Mapping[str, str]) -> None:
    """Indexes and constraints that head has no more; `names` leads from base's columns to head's."""
    if table.constraints == now.constraints and table.indexes == now.indexes:
        return
    fold = comparison.head.fold
    folded = {fold(old): new for old, new in names.items()}

    def called(name: str) -> str:
        """What a column of base is called in head, as names are compared there."""
        return fold(folded.get(fold(name), name))

    left = {_index_key(index, {}, fold, fold) for index in now.indexes}
    left |= {_constraint_key(constraint, {}, fold, fold) for constraint in now.constraints}
    keys: list[tuple[ShiftKind, Index | Constraint, tuple[object, ...]]] = [
        *(("index_dropped", index, _index_key(index, names, called, fold)) for index in table.indexes),
        *(
            ("constraint_dropped", item, _constraint_key(item, names, called, fold))
            for item in table.constraints
        ),
    ]
    for kind, lost, key in keys:
        if key not in left:
            comparison.shifts.append(
                Shift(
                    kind=kind,
                    table=table.full_name,
                    new_table=now.full_name,
                    lost=lost,
                    step=_step_losing(comparison, table, lost),
                )
            )


def _step_losing(comparison: Comparison, table: Table, lost: Index | Constraint) -> Step | None:
    for entry in reversed(comparison.by_table.get(table.identity, ())):
        before = entry.before
        if (
            entry.effect in ("index_dropped", "constraint_dropped")
            and isinstance(before, (Index, Constraint))
            and (before == lost or (lost.name is not None and before.name == lost.name))
        ):
            return entry.step
    return None


def _index_key(
    index: Index, names: Mapping[str, str], called: Callable[[str], str], fold: Callable[[str], str]
) -> tuple[object, ...]:
    where = canonical_expression(renamed_all(index.where, names), fold)
    if index.expressions:
        columns = tuple(canonical_expression(renamed_all(text, names), fold) for text in index.columns)
        return "expressions", index.unique, columns, where
    columns = tuple(map(called, index.columns))
    if index.unique:
        return "unique", frozenset(columns), where
    return "index", columns, where, index.using


def _constraint_key(
    constraint: Constraint, names: Mapping[str, str], called: Callable[[str], str], fold: Callable[[str], str]
) -> tuple[object, ...]:
    columns = tuple(map(called, constraint.columns))
    if constraint.kind == "unique":
        return "unique", frozenset(columns), None
    return (
        constraint.kind,
        columns,
        constraint.referred_columns,  # the table itself may have been renamed
        canonical_expression(renamed_all(constraint.expression, names), fold),
    )
