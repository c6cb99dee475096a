"""Producers against consumers: what one side writes, and what the other side takes it for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from migration_lint.catalog.model import Catalog
from migration_lint.catalog.outcome import TableName
from migration_lint.contracts.meaning import column_text, declares
from migration_lint.contracts.model import ColumnDeclaration, Contract, ContractSet, TableDeclaration
from migration_lint.named_tuple import NamedTuple
from migration_lint.operations import Dialect
from migration_lint.parity.model import Disparity, Place, SideEvent
from migration_lint.parity.schema import made_by_database
from migration_lint.wording import near

_ENCODING_EVENTS: dict[str, SideEvent] = {
    "encoding": "encoding_clash",
    "example": "example_undecodable",
    "undecided": "encoding_undecided",
    "untried": "encoding_undecided",
}


class Said(NamedTuple):
    """What one contract says of the table at hand."""

    contract: Contract
    entry: TableDeclaration

    def place(self, line: int, text: str) -> Place:
        """A place in the contract."""
        return Place(self.contract.path, line, self.contract.id, text)


def side_disparities(
    contracts: ContractSet, catalogs: Sequence[Catalog], dialect: Dialect
) -> Iterator[Disparity]:
    """Everything that a consumer takes otherwise than a producer writes it.

    `catalogs` tell which columns the database fills in; without them only the contracts do.
    """
    for table, covering in contracts.tables().items():
        said = [
            Said(contract, entry)
            for contract in covering
            if (entry := contracts.entry(contract, table)) is not None
        ]
        producers = [each for each in said if each.contract.role == "producer"]
        consumers = [each for each in said if each.contract.role == "consumer"]
        for consumer in consumers if producers else ():
            yield from _Pairing(contracts, table, producers, consumer, catalogs, dialect).disparities()


class _Pairing(NamedTuple):
    """One consumer of a table, and all its producers."""

    contracts: ContractSet
    table: TableName
    producers: Sequence[Said]
    consumer: Said
    catalogs: Sequence[Catalog]
    dialect: Dialect

    def disparities(self) -> Iterator[Disparity]:
        for column in self.consumer.entry.columns:
            writers = [
                (producer, written)
                for producer in self.producers
                if (written := producer.entry.column(column.name, self.contracts.fold)) is not None
            ]
            if not writers and not self._filled(column):
                yield self._unwritten(column)
            for producer, written in writers:
                yield from self._column(column, producer, written)
        for producer in self.producers:
            yield from self._order(producer)

    def _filled(self, column: ColumnDeclaration) -> bool:
        if column.from_database:
            return True
        for catalog in self.catalogs:
            table = catalog.table(self.table.schema, self.table.name)
            known = None if table is None else table.columns.get(catalog.fold(column.name))
            if known is not None and made_by_database(known):
                return True
        return False

    def _unwritten(self, column: ColumnDeclaration) -> Disparity:
        others, meant = [], ""
        for producer in self.producers:
            written = producer.entry.column(near(column.name, (each.name for each in producer.entry.columns)))
            if written is not None:
                meant = meant or written.name
                others.append(producer.place(written.line, f"writes {column_text(written)}"))
            else:
                others.append(producer.place(producer.entry.line, f"does not write {column.name}"))
        return self._disparity(
            "column_unwritten", column, others, declared=column_text(column), found=meant,
            other=self.producers[0].contract.id,
        )  # fmt: skip

    def _column(
        self, column: ColumnDeclaration, producer: Said, written: ColumnDeclaration
    ) -> Iterator[Disparity]:
        schema = self.contracts.default_schema or None
        if not (
            declares(column, written.type, self.dialect, schema)
            or declares(written, column.type, self.dialect, schema)
        ):
            yield self._against(
                "side_type_differs", column, producer, written, declared=column.type, found=written.type
            )
        if written.nullable and column.nullable is False:
            yield self._against(
                "null_unexpected", column, producer, written,
                declared="nullable: false", found="nullable: true",
            )  # fmt: skip
        unknown = [value for value in written.values if value not in column.values] if column.values else []
        for value in unknown:
            yield self._against(
                "value_unexpected", column, producer, written,
                declared=_listed(column.values), found=_listed(written.values), example=value,
            )  # fmt: skip
        yield from self._encoding(column, producer, written)

    def _encoding(
        self, column: ColumnDeclaration, producer: Said, written: ColumnDeclaration
    ) -> Iterator[Disparity]:
        if column.encoding is None and written.encoding is None:
            return
        from migration_lint.encodings import EncodingSide, clashes, spoken

        mine = EncodingSide(column.encoding, column.examples)
        theirs = EncodingSide(written.encoding, written.examples)
        for clash in clashes(theirs, mine):
            yield self._against(
                _ENCODING_EVENTS[clash.kind], column, producer, written,
                declared=spoken(column.encoding), found=spoken(written.encoding),
                example=clash.reason if clash.example is None else f"`{clash.example}` {clash.reason}",
            )._replace(certain=clash.kind != "untried")  # fmt: skip

    def _order(self, producer: Said) -> Iterator[Disparity]:
        if not (_bound_in_order(producer.entry) and _bound_in_order(self.consumer.entry)):
            return
        shared = {each.name for each in producer.entry.columns} & {
            each.name for each in self.consumer.entry.columns
        }
        written = [each for each in producer.entry.columns if each.name in shared]
        read = [each for each in self.consumer.entry.columns if each.name in shared]
        for one, other in zip(read, written, strict=True):
            if one.name != other.name:
                yield self._against(
                    "side_order_differs", one, producer, other,
                    declared=", ".join(each.name for each in read),
                    found=", ".join(each.name for each in written),
                )  # fmt: skip
                return

    def _against(
        self, event: SideEvent, column: ColumnDeclaration, producer: Said, written: ColumnDeclaration,
        *, declared: str, found: str, example: str = "",
    ) -> Disparity:  # fmt: skip
        there = producer.place(written.line, f"writes {column_text(written)}")
        return self._disparity(
            event, column, [there], declared=declared, found=found, example=example,
            other=producer.contract.id,
        )  # fmt: skip

    def _disparity(
        self, event: SideEvent, column: ColumnDeclaration, others: Iterable[Place],
        *, declared: str, found: str, other: str, example: str = "",
    ) -> Disparity:  # fmt: skip
        place = self.consumer.place(column.line, f"reads {column_text(column)}")
        return Disparity(
            event, self.table, self.consumer.contract.id, place, tuple(others), column.name,
            declared, found, other, example,
        )  # fmt: skip


def _bound_in_order(entry: TableDeclaration) -> bool:
    return any(binding.order == "exact" for binding in entry.code)


def _listed(values: Iterable[str]) -> str:
    return ", ".join(values)
