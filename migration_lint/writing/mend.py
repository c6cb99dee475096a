"""A contract that a migration left behind → the contract's text as it should be.

What only a person can say is never written: that a revision is safe (an acknowledgement), what a new column
means, whether code has followed. A mended text is parsed again, and is given only if it then says what it
was mended for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial

from migration_lint.catalog.outcome import Outcome
from migration_lint.contracts.following import HeadColumn, HeadLookup
from migration_lint.contracts.meaning import column_text, flow
from migration_lint.contracts.model import ColumnDeclaration, Contract, ContractSet, TableDeclaration
from migration_lint.contracts.parse import parse_contract
from migration_lint.errors import CannotJudge
from migration_lint.named_tuple import NamedTuple
from migration_lint.parity.model import Disparity
from migration_lint.writing.edit import Edit, Yaml, apply

#: What a column's declaration can follow. Anything else has to be acknowledged.
_FOLLOWED = frozenset(("column_dropped", "column_renamed", "column_retyped"))


class Mended(NamedTuple):
    """One contract file, mended as far as that goes."""

    path: str
    before: str
    after: str
    left: tuple[str, ...] = ()  # what a person has to write: a sentence each


class _File:
    """A contract's text on the way, with what is left to a person."""

    def __init__(self, contract: Contract, text: str) -> None:
        self.contract = contract
        self.before = self.text = text
        self.left: list[str] = []

    def edit(self, what: str, make: Callable[[Yaml], list[Edit]], wanted: Callable[[Contract], bool]) -> None:
        """Make one edit if it comes out as wanted; else leave it to a person."""
        try:
            text = apply(self.text, make(Yaml(self.text)))
            contract = parse_contract(text.encode(), self.contract.path)
        except (CannotJudge, KeyError, ValueError, IndexError):
            self.left.append(what)
            return
        if not wanted(contract):
            self.left.append(what)
            return
        self.text, self.contract = text, contract

    def mended(self) -> Mended:
        return Mended(self.contract.path, self.before, self.text, tuple(dict.fromkeys(self.left)))


def mend_outcomes(
    contract: Contract, text: str, outcomes: Iterable[Outcome], names: ContractSet, head: HeadLookup
) -> Mended:
    """A contract that follows what a change does, where a declaration can.

    `outcomes` are those that the contract is behind for, `names` says how tables are written, and `head`
    what the catalog of head knows of a column.
    """
    file = _File(contract, text)
    for outcome in outcomes:
        _follow(file, outcome, names, head)
    return file.mended()


def _follow(file: _File, outcome: Outcome, names: ContractSet, head: HeadLookup) -> None:
    tables = {names.folded(outcome.table)} | (
        {names.folded(outcome.new_table)} if outcome.new_table is not None else set()
    )
    entry = next((each for each in file.contract.tables if names.name_of(each) in tables), None)
    if entry is None:
        return
    at = ("tables", entry.name)
    if outcome.kind == "table_dropped":
        file.edit(f"remove the entry for {entry.name}", lambda yaml: yaml.remove(at),
                  lambda made: all(each.name != entry.name for each in made.tables))  # fmt: skip
    elif outcome.kind in ("table_renamed", "table_moved") and outcome.new_table is not None:
        new = outcome.new_table
        spelled = new.name if new.schema in ("", names.default_schema) else f"{new.schema}.{new.name}"
        file.edit(f"rename the entry {entry.name} to {spelled}", lambda yaml: yaml.rename(at, flow(spelled)),
                  lambda made: any(each.name == spelled for each in made.tables))  # fmt: skip
    elif outcome.column is not None and outcome.kind in (
        "column_dropped",
        "column_renamed",
        "column_retyped",
    ):
        _follow_column(file, outcome, entry, outcome.column, names, head)
    else:
        _to_acknowledge(file, outcome, entry)


def _follow_column(
    file: _File, outcome: Outcome, entry: TableDeclaration, name: str, names: ContractSet, head: HeadLookup
) -> None:
    declared = entry.column(name, names.fold)
    if declared is None:
        _to_acknowledge(file, outcome, entry)
        return
    at = ("tables", entry.name, "columns", declared.name)
    table = outcome.new_table or outcome.table
    if outcome.kind == "column_dropped":
        if head(table, name).exists:
            _to_acknowledge(file, outcome, entry)  # another column has the name now
            return
        file.edit(f"remove {entry.name}.{declared.name}", lambda yaml: yaml.remove(at),
                  lambda made: _column(made, entry.name, declared.name) is None)  # fmt: skip
        now = _entry(file.contract, entry.name)
        if now is not None and not now.columns:
            file.left.append(
                f"{entry.name} has no column left that {file.contract.id} relies on: "
                "declare those that it does, or take the entry out"
            )
        return
    new = outcome.new_column or declared.name
    if new != declared.name:
        file.edit(f"rename {entry.name}.{declared.name} to {new}", lambda yaml: yaml.rename(at, flow(new)),
                  lambda made: _column(made, entry.name, new) is not None)  # fmt: skip
        _rename_in_needs(file, entry.name, declared.name, new)
    set_to(file, entry.name, new, head(table, new), names)


def _rename_in_needs(file: _File, table: str, old: str, new: str) -> None:
    entry = _entry(file.contract, table)
    for number, need in enumerate(entry.needs if entry else ()):
        if old not in need.columns:
            continue
        columns = tuple(new if each == old else each for each in need.columns)

        def made(contract: Contract, number: int = number, columns: tuple[str, ...] = columns) -> bool:
            now = _entry(contract, table)
            return now is not None and now.needs[number].columns == columns

        at = ("tables", table, "needs", number, need.kind)
        file.edit(f"name {new} instead of {old} in need {number + 1} of {table}",
                  partial(Yaml.replace_item, path=at, old=old, new=flow(new)), made)  # fmt: skip


def set_to(file: _File, table: str, name: str, known: HeadColumn, names: ContractSet) -> None:
    """Give a declaration the type and the nullability that head knows, where it says anything of it."""
    declared = _column(file.contract, table, name)
    if declared is None:
        return
    at = ("tables", table, "columns", name)
    if known.type is not None and known.type != declared.type:
        type = known.type
        file.edit(f"declare {table}.{name} as {type}",
                  lambda yaml: yaml.replace((*at, "type"), flow(type)),
                  lambda made: getattr(_column(made, table, name), "type", None) == type)  # fmt: skip
    if known.nullable is not None and declared.nullable not in (None, known.nullable):
        wanted, said = known.nullable, "true" if known.nullable else "false"
        file.edit(f"declare {table}.{name} as nullable: {said}",
                  lambda yaml: yaml.replace((*at, "nullable"), said),
                  lambda made: getattr(_column(made, table, name), "nullable", 0) == wanted)  # fmt: skip


def _to_acknowledge(file: _File, outcome: Outcome, entry: TableDeclaration) -> None:
    revision = outcome.revision or "the revision"
    file.left.append(
        f"acknowledge {revision} under {entry.name}, with the reason why it is safe: no declaration says it"
    )


def mend_disparities(
    contract: Contract, text: str, found: Sequence[Disparity], names: ContractSet, head: HeadLookup
) -> Mended:
    """A contract that agrees with the schema, as far as a declaration can.

    `found` are the contract's own disparities with the schema.
    """
    file = _File(contract, text)
    for each in found:
        entry = next((e for e in file.contract.tables if names.name_of(e) == each.table), None)
        if entry is None:
            continue
        known = head(each.table, each.element)
        if each.event in ("schema_type_differs", "schema_null_differs"):
            set_to(file, entry.name, each.element, known, names)
        elif each.event == "column_unfilled" and known.type is not None:
            _declare(file, entry.name, ColumnDeclaration(each.element, 0, known.type, nullable=False))
        elif each.event == "column_unwritable":
            _leave_to_database(file, entry.name, each.element)
        elif each.event == "column_missing":
            meant = f" ({each.found})" if each.found else ""
            file.left.append(
                f"remove or rename {entry.name}.{each.element}: the schema has no such column{meant}"
            )
        else:
            file.left.append(f"see to {each.element} of {entry.name}: {each.event.replace('_', ' ')}")
    return file.mended()


def _declare(file: _File, table: str, column: ColumnDeclaration) -> None:
    said = column_text(column).partition(": ")[2]
    file.edit(f"declare {table}.{column.name}",
              lambda yaml: yaml.add(("tables", table, "columns"), flow(column.name), said),
              lambda made: _column(made, table, column.name) is not None)  # fmt: skip


def _leave_to_database(file: _File, table: str, column: str) -> None:
    file.edit(f"let the database fill {table}.{column}",
              lambda yaml: yaml.add(("tables", table, "columns", column), "from", "database"),
              lambda made: getattr(_column(made, table, column), "from_database", False))  # fmt: skip


def _entry(contract: Contract, table: str) -> TableDeclaration | None:
    return next((each for each in contract.tables if each.name == table), None)


def _column(contract: Contract, table: str, name: str) -> ColumnDeclaration | None:
    entry = _entry(contract, table)
    return None if entry is None else entry.column(name)
