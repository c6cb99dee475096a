"""Is one contract, bound by what it declared at base, updated for one outcome? If not, what should it say?"""

from __future__ import annotations

from collections.abc import Callable

from migration_lint.catalog.outcome import Outcome, TableName
from migration_lint.catalog.types import same_type
from migration_lint.contracts.meaning import (
    acknowledgement_text,
    column_meaning,
    column_text,
    declares,
    entry_text,
    table_meaning,
)
from migration_lint.contracts.model import ColumnDeclaration, Contract, ContractSet, Role, TableDeclaration
from migration_lint.named_tuple import NamedTuple
from migration_lint.operations import Dialect
from migration_lint.settings.model import Require


class HeadColumn(NamedTuple):
    """What the catalog of head knows of a column. None: not known."""

    exists: bool | None = None
    type: str | None = None
    nullable: bool | None = None
    values: tuple[str, ...] = ()  # the only ones that its type has; empty: any


#: Looks a column up in the catalog of head. Of a table that is not there, no column exists.
HeadLookup = Callable[[TableName, str], HeadColumn]


class UpdateTerms(NamedTuple):
    """What counts as updated, and what the catalog of head says."""

    dialect: Dialect
    head_column: HeadLookup
    require: Require = "agrees"
    accept_earlier_consent: bool = False  # what a contract said before the change counts too
    default_schema: str | None = None  # whose types need no schema; None: the dialect's own

    def declares(self, column: ColumnDeclaration, type: str) -> bool:
        """Whether a type is the one that a column is declared with."""
        return declares(column, type, self.dialect, self.default_schema)


class Behind(NamedTuple):
    """A contract that is not updated. `found` and `expected` are YAML, or a phrase where there is none."""

    contract: str  # id
    role: Role
    path: str  # at head, or at base where head has none
    line: int  # of the declaration that is behind, in head's file; 0: nothing there to point at
    found: str
    expected: str


class Gap(NamedTuple):
    """Why a contract does not follow: the place, what it says there, and what it should say."""

    line: int
    found: str
    expected: str


def same_contract(contracts: ContractSet, contract: Contract) -> Contract | None:
    """The contract of another tree that has the same identity: its id and its side."""
    found = contracts.by_id(contract.id)
    return found if found is not None and found.role == contract.role else None


def agrees(column: ColumnDeclaration, known: HeadColumn, terms: UpdateTerms) -> bool:
    """Whether a declaration agrees with the catalog, as far as both say something."""
    return (
        known.exists is not False
        and (known.type is None or terms.declares(column, known.type))
        and (known.nullable is None or column.nullable is None or column.nullable == known.nullable)
    )


def declared_as(column: ColumnDeclaration, name: str, known: HeadColumn) -> str:
    """The declaration with the catalog's type and nullability, where it says anything of the latter.

    Of the values that it lists, those that the type has not are left out.
    """
    nullable = known.nullable if column.nullable is not None else None
    values = tuple(each for each in column.values if not known.values or each in known.values)
    return column_text(column, name=name, type=known.type, nullable=nullable, values=values)


def behind(
    outcome: Outcome, contract: Contract, base: ContractSet, head: ContractSet, terms: UpdateTerms
) -> Behind | None:
    """How a contract of base that names the outcome's table is behind at head; None: it is updated."""
    after = same_contract(head, contract)
    if after is None:
        # Base still protects, unless the table went too.
        return None if outcome.new_table is None else _gone(outcome, contract, base, head, terms)
    case = _Case(
        outcome,
        terms,
        base_old=base.entry(contract, outcome.table),
        base_new=base.entry(contract, outcome.new_table),
        head_old=head.entry(after, outcome.table),
        head_new=head.entry(after, outcome.new_table),
        names=head,
    )
    gap = case.gap() or case.stray()
    if gap is None or case.acknowledged():
        return None
    if outcome.new_table is None or case.head_entry is not None:
        if terms.require == "touched" and contract.content_id != after.content_id:
            return None
        if terms.require == "changed" and case.changed():
            return None
    return Behind(contract.id, contract.role, after.path, *gap)


def _gone(
    outcome: Outcome, contract: Contract, base: ContractSet, head: ContractSet, terms: UpdateTerms
) -> Behind:
    namesake = head.by_id(contract.id)
    if namesake is not None:
        gap = Gap(namesake.line, f"role: {namesake.role}", f"role: {contract.role}")
        return Behind(contract.id, contract.role, namesake.path, *gap)
    heir = next((other for other in head.contracts if other.path == contract.path), None)
    if heir is not None and base.by_id(heir.id) is None:
        return Behind(
            contract.id, contract.role, heir.path, heir.line, f"id: {heir.id}", f"id: {contract.id}"
        )
    entry = base.entry(contract, outcome.table) or base.entry(contract, outcome.new_table)
    case = _Case(outcome, terms, entry, None, None, None, head)
    return Behind(contract.id, contract.role, contract.path, 0, "the contract is deleted", case.whole_entry())


class _Case(NamedTuple):
    """One contract and one outcome: its entries for the table under the old name and under the new."""

    outcome: Outcome
    terms: UpdateTerms
    base_old: TableDeclaration | None
    base_new: TableDeclaration | None
    head_old: TableDeclaration | None
    head_new: TableDeclaration | None
    names: ContractSet  # for the way that names are written

    @property
    def base_entry(self) -> TableDeclaration | None:
        """The entry that binds. One under the new name may be of a table that had it before."""
        return self.base_old or self.base_new

    @property
    def head_entry(self) -> TableDeclaration | None:
        """The entry to hold against head. One left under the old name is behind for the rename alone."""
        return self.head_new or self.head_old

    def gap(self) -> Gap | None:
        """What keeps the contract from following; None: it follows."""
        outcome = self.outcome
        if outcome.kind == "table_dropped":
            return self._dropped_table()
        if self.head_entry is None:
            if outcome.new_table is None:
                return None
            return Gap(0, f"no entry for {self._spelled(outcome.new_table)}", self.whole_entry())
        if outcome.kind in ("table_renamed", "table_moved"):
            return self._renamed_table()
        if outcome.column is not None:
            if outcome.kind == "column_dropped":
                return self._dropped_column(self.head_entry, outcome.column)
            if outcome.kind == "column_renamed" and outcome.new_column is not None:
                return self._renamed_column(self.head_entry, outcome.column, outcome.new_column)
            if outcome.kind == "column_retyped":
                return self._retyped_column(
                    self.head_entry, outcome.column, outcome.new_column or outcome.column
                )
        return self._only_acknowledged(self.head_entry)

    def stray(self) -> Gap | None:
        """A declaration of the changed entry that the catalog of head does not have; None: there is none.

        To follow is to agree with head. What the change leaves as it was is another outcome's business.
        """
        base, entry = self.base_entry, self.head_entry
        if self.outcome.new_table is None or base is None or entry is None:
            return None
        if not entry.columns and any(self._known(column.name).exists for column in base.columns):
            return Gap(entry.line, f"no columns of {entry.name}", self.whole_entry())
        judged = [self._in(entry, name) for name in (self.outcome.column, self.outcome.new_column)]
        for column in entry.columns:
            names = (column.name,)
            if column in judged or self._columns(base, names) == self._columns(entry, names):
                continue
            known = self._known(column.name)
            if known.exists is False:
                return Gap(column.line, column_text(column), f"no entry for {column.name}")
            if known.type is not None and not self.terms.declares(column, known.type):
                return Gap(column.line, column_text(column), declared_as(column, column.name, known))
        return None

    def acknowledged(self) -> bool:
        """Whether the contract gained an acknowledgement of the revision in this change."""
        if not any(self._acknowledges(entry) for entry in (self.head_old, self.head_new)):
            return False
        return self.terms.accept_earlier_consent or not self._acknowledged_at_base()

    def changed(self) -> bool:
        """Whether the declaration of the element means something else than at base."""
        if self.outcome.column is None:
            spelling = (self.terms.dialect, self.terms.default_schema)
            base = [table_meaning(entry, *spelling) for entry in (self.base_old, self.base_new)]
            return base != [table_meaning(entry, *spelling) for entry in (self.head_old, self.head_new)]
        names = (self.outcome.column, self.outcome.new_column or self.outcome.column)
        return self._columns(self.base_entry, names) != self._columns(self.head_entry, names)

    def whole_entry(self) -> str:
        """The table's entry as head should hold it, by what base's declares."""
        outcome, entry = self.outcome, self.base_entry
        table = outcome.new_table or outcome.table
        lines = []
        for column in entry.columns if entry else ():
            name = column.name
            if column is self._in(entry, outcome.column):
                if outcome.kind == "column_dropped":
                    continue
                name = outcome.new_column or name
            known = self._known(name)
            lines.append(declared_as(column, name, known))
        return entry_text(self._spelled(table), lines)

    def _dropped_table(self) -> Gap | None:
        entry = self.head_old
        if entry is None:
            return None
        if self._alive(entry):  # another table has the name now: what stands there says nothing of the old
            return Gap(entry.line, f"{entry.name}:", self._acknowledgement())
        return Gap(entry.line, f"{entry.name}:", f"no entry for {entry.name}")

    def _renamed_table(self) -> Gap | None:
        old, new, table = self.head_old, self.head_new, self.outcome.new_table
        if table is None:
            return None
        spelled = self._spelled(table)
        if new is None:
            return Gap(old.line if old else 0, f"{old.name if old else ''}:", f"{spelled}:")
        if old is not None and not self.outcome.kept and not self._alive(old):
            return Gap(old.line, f"{old.name}:", f"no entry for {old.name}, only for {new.name}")
        return self._unless_earlier(new.line, f"{new.name}:")

    def _dropped_column(self, entry: TableDeclaration, name: str) -> Gap | None:
        declared = self._in(entry, name)
        if declared is not None:
            # Where another column has the name now, the entry may be right, but says nothing of the drop.
            alive = self._known(name).exists is True
            return Gap(
                declared.line,
                column_text(declared),
                self._acknowledgement() if alive else f"no entry for {name}",
            )
        if self.terms.accept_earlier_consent or (self._at_base(name)):
            return None
        return Gap(entry.line, f"no entry for {name}", self._acknowledgement())

    def _renamed_column(self, entry: TableDeclaration, old: str, new: str) -> Gap | None:
        known = self._known(new)
        before, after = self._in(entry, old), self._in(entry, new)
        if after is None:
            was = before or self._at_base(old) or self._at_base(new)
            if was is None:
                return Gap(entry.line, f"no entry for {old}", self._acknowledgement())
            if before is None:
                return Gap(entry.line, f"no entry for {new}", declared_as(was, new, known))
            return Gap(before.line, column_text(before), declared_as(before, new, known))
        if not agrees(after, known, self.terms):
            return Gap(after.line, column_text(after), declared_as(after, new, known))
        if before is not None and not self.outcome.kept and self._known(old).exists is not True:
            return Gap(before.line, column_text(before), f"no entry for {old}, only for {new}")
        return self._unless_earlier(after.line, column_text(after))

    def _retyped_column(self, entry: TableDeclaration, old: str, new: str) -> Gap | None:
        before = self._at_base(old) or self._at_base(new)
        # Under its old name it is behind for the rename, which is an outcome of its own.
        after = self._in(entry, new) or self._in(entry, old)
        known = self._known(new)
        if known.type is None:
            known = known._replace(type=self.outcome.new_type)
        if after is None:
            if before is None or known.type is None:
                return Gap(entry.line, f"no entry for {new}", self._acknowledgement())
            return Gap(entry.line, f"no entry for {new}", declared_as(before, new, known))
        if known.type is None:
            return Gap(after.line, column_text(after), self._acknowledgement())
        if not self.terms.declares(after, known.type):
            return Gap(after.line, column_text(after), declared_as(after, new, known))
        if (
            before is None
            or not same_type(before.type, after.type, self.terms.dialect, self.terms.default_schema)
            or self.terms.accept_earlier_consent
        ):
            return None
        return self._earlier(after.line, column_text(after))

    def _only_acknowledged(self, entry: TableDeclaration) -> Gap:
        declared = self._in(entry, self.outcome.new_column) or self._in(entry, self.outcome.column)
        if declared is not None:
            return Gap(declared.line, column_text(declared), self._acknowledgement())
        return Gap(entry.line, f"{entry.name}:", self._acknowledgement())

    def _unless_earlier(self, line: int, found: str) -> Gap | None:
        """No gap, if the change made the declaration what it is."""
        if self.terms.accept_earlier_consent or self.changed():
            return None
        return self._earlier(line, found)

    def _earlier(self, line: int, found: str) -> Gap:
        return Gap(line, f"{found} since before this change", self._acknowledgement())

    def _acknowledgement(self) -> str:
        revision = self.outcome.revision
        if not revision:
            return "a new revision that does this: without one, nothing can be acknowledged"
        if self._acknowledged_at_base():
            return f"a new revision that does this: {revision} was acknowledged before this change"
        return acknowledgement_text(revision)

    def _acknowledges(self, entry: TableDeclaration | None) -> bool:
        return (
            entry is not None
            and bool(self.outcome.revision)
            and entry.acknowledgement(self.outcome.revision) is not None
        )

    def _acknowledged_at_base(self) -> bool:
        return any(self._acknowledges(entry) for entry in (self.base_old, self.base_new))

    def _at_base(self, name: str) -> ColumnDeclaration | None:
        return self._in(self.base_entry, name)

    def _in(self, entry: TableDeclaration | None, name: str | None) -> ColumnDeclaration | None:
        return entry.column(name, self.names.fold) if entry else None

    def _known(self, column: str) -> HeadColumn:
        return self.terms.head_column(self.outcome.new_table or self.outcome.table, column)

    def _alive(self, entry: TableDeclaration) -> bool:
        """Whether head has a table under an entry's name that knows one of its columns."""
        table = self.names.name_of(entry)
        return any(self.terms.head_column(table, column.name).exists is True for column in entry.columns)

    def _columns(
        self, entry: TableDeclaration | None, names: tuple[str, ...]
    ) -> list[tuple[str, ...] | None]:
        spelling = (self.terms.dialect, self.terms.default_schema)
        return [column_meaning(self._in(entry, name), *spelling) for name in names]

    def _spelled(self, table: TableName) -> str:
        return table.name if table.schema == self.names.default_schema else f"{table.schema}.{table.name}"
