"""One table of a contract, to hold statements and values against."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from migration_lint.contracts.model import ColumnDeclaration, Contract, TableDeclaration
from migration_lint.contracts.parse import parse_contract
from migration_lint.errors import CannotJudge, MissingExtra, Problem
from migration_lint.operations import DIALECTS, Dialect
from migration_lint.parity.language_types import column_held, held, type_clash
from migration_lint.wording import listed

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection, Engine

    from migration_lint.sources.model import TableUse
    from migration_lint.sources.sql import Marker, ParsedUse

Parameters = Sequence[Any] | Mapping[str, Any] | None


class ContractBroken(AssertionError):
    """A statement or a value does not keep a contract; the text says everything that is wrong with it."""


def contract_table(path: str | Path, table: str | None = None, dialect: str | None = None) -> TableContract:
    """A table of the contract in a file; `table` may be left out where there is only one.

    `dialect` is postgresql by default. Raises CannotJudge for a file that is no contract of such a table.
    """
    name: Dialect = "postgresql"
    for known in DIALECTS:
        if known == dialect:
            name = known
    if dialect not in (None, name):
        raise CannotJudge(Problem(f"unknown dialect {dialect}", fix=f"name one of {listed(DIALECTS, 'or')}"))
    contract = parse_contract(Path(path).read_bytes(), str(path))
    entries = [each for each in contract.tables if table in (None, each.name, each.table)]
    if len(entries) != 1:
        names = [each.name for each in contract.tables]
        said = f"{contract.id} has no table {table}" if table else f"{contract.id} has {len(names)} tables"
        raise CannotJudge(Problem(said, str(path), fix=f"name one of {listed(names, 'or')}" if names else ""))
    return TableContract(contract, entries[0], name)


class TableContract:
    """What a contract says of one table. Every check raises ContractBroken, and returns nothing."""

    def __init__(self, contract: Contract, entry: TableDeclaration, dialect: Dialect = "postgresql") -> None:
        self.contract = contract
        self.entry = entry
        self.dialect = dialect

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that this side writes, or reads, in the contract's order."""
        return tuple(
            column.name
            for column in self.entry.columns
            if self.contract.role == "consumer" or not column.from_database
        )

    def examples(self, column: str) -> tuple[str, ...]:
        """The texts that the contract gives as examples of a column, exactly as they are stored."""
        return self._declared(column).examples

    def check(self, sql: str, parameters: Parameters = None) -> None:
        """A statement, with what is bound in it if that is given: a sequence, or a mapping by name."""
        problems = self.problems(sql, parameters)
        if problems:
            raise ContractBroken("\n".join([f"{self.contract.id} is broken by: {_short(sql)}", *problems]))

    def check_value(self, column: str, value: object) -> None:
        """One value, as it is bound to a column or read from it."""
        why = self._value(self._declared(column), value)
        if why:
            raise ContractBroken(f"{self.contract.id}: {why}")

    def check_row(self, row: Mapping[str, object]) -> None:
        """A row as it is read: every declared column is there, and holds what the contract says."""
        problems = [f"the row has no {name}" for name in self.columns if name not in row]
        declared = (self.entry.column(name) for name in row)
        problems += [
            why
            for column in declared
            if column is not None and (why := self._value(column, row[column.name]))
        ]
        if problems:
            raise ContractBroken("\n".join([f"{self.contract.id} is broken by a row", *problems]))

    def check_round_trip(
        self, column: str, encode: Callable[[Any], str | bytes], decode: Callable[[str], Any]
    ) -> None:
        """Every example of a column, decoded and encoded again, is the same bytes."""
        examples = self.examples(column)
        if not examples:
            raise ContractBroken(f"{self.contract.id} gives no examples of {column}: nothing is checked")
        for text in examples:
            made = encode(decode(text))
            made = made.decode() if isinstance(made, bytes) else made
            if made != text:
                raise ContractBroken(f"{self.contract.id}: {column} is {made!r}, the contract says {text!r}")

    @contextmanager
    def watching(self, engine: Engine | Connection) -> Iterator[list[str]]:
        """Check every statement on the table that SQLAlchemy sends inside the block, at its end.

        Gives the list that these statements are put in. That there was none breaks the contract too.
        """
        from sqlalchemy import event

        sent: list[str] = []
        problems: list[str] = []

        def heard(_: Any, __: Any, sql: str, parameters: Any, ___: Any, many: bool) -> None:
            for row in parameters if many else [parameters]:
                if self._uses(sql):
                    sent.append(sql)
                    problems.extend(f"{_short(sql)}: {why}" for why in self.problems(sql, row))

        event.listen(engine, "before_cursor_execute", heard)
        try:
            yield sent
        finally:
            event.remove(engine, "before_cursor_execute", heard)
        if problems:
            raise ContractBroken("\n".join([f"{self.contract.id} is broken", *dict.fromkeys(problems)]))
        if not sent:
            raise ContractBroken(f"no statement on {self.entry.name} was sent: nothing is checked")

    def problems(self, sql: str, parameters: Parameters = None) -> list[str]:
        """Everything in which a statement does not keep the contract, a sentence each."""
        uses = self._uses(sql)
        if not uses:
            return [f"it does not use {self.entry.name}"]
        return [why for use, markers in uses for why in self._use(use, markers, parameters)]

    def _uses(self, sql: str) -> list[tuple[ParsedUse, tuple[Marker, ...]]]:
        try:
            from migration_lint.sources.sql import read
        except ImportError:
            raise MissingExtra("parity", "reading statements") from None
        reading = read((sql,), self.dialect)
        if reading.unresolved:
            raise ContractBroken(f"the statement cannot be read: {reading.unresolved}")
        return [
            (use, reading.markers)
            for statement in reading.statements
            for use in statement.uses
            if use.use.table.rpartition(".")[2] == self.entry.table
        ]

    def _use(self, parsed: ParsedUse, markers: tuple[Marker, ...], parameters: Parameters) -> Iterator[str]:
        use = parsed.use
        if use.unresolved:
            yield f"its columns are not known: {use.unresolved}"
        if use.star:
            yield "it names no columns"
        names = (*use.columns, *use.updated, *use.returning, *use.named)
        for name in dict.fromkeys(names):
            if name != "*" and self.entry.column(name) is None:
                yield f"{name} is not declared"
        yield from self._order(use)
        for fill in parsed.fills:
            column = self.entry.column(fill.column)
            if column is None:
                continue
            if fill.marker is not None:
                found, value = _bound(markers[fill.marker], parameters)
            else:
                found, value = fill.literal is not None, None if fill.literal == "NULL" else fill.literal
            why = self._value(column, value) if found else ""
            if why:
                yield why

    def _order(self, use: TableUse) -> Iterator[str]:
        kind = use.kind
        exact = any(each.order == "exact" and each.statement == kind for each in self.entry.code)
        if exact and use.columns and not use.star and use.columns != self.columns:
            yield f"its columns are {', '.join(use.columns)}; the contract says {', '.join(self.columns)}"

    def _declared(self, column: str) -> ColumnDeclaration:
        found = self.entry.column(column)
        if found is None:
            raise ContractBroken(f"{self.contract.id} declares no {column}")
        return found

    def _value(self, column: ColumnDeclaration, value: object) -> str:
        """What is wrong with a value, as a sentence; "" if nothing is."""
        if value is None:
            return f"{column.name} is NULL, which the contract rules out" if column.nullable is False else ""
        text = _text(value, column)
        if column.encoding is not None and text is not None:
            why = _undecodable(column.encoding, text)
            if why:
                return f"{column.name} does not decode: {text!r} {why}"
            return ""
        if column.values and str(value) not in column.values:
            return f"{column.name} is {value!r}; the contract lists {', '.join(column.values)}"
        why = type_clash(
            held(type(value).__name__, "python"),
            column_held(column.type, self.dialect, None),
            column.nullable,
            reads=False,
        )
        return f"{column.name} is bound to {value!r}: {why}" if why else ""


def _bound(marker: Marker, parameters: Parameters) -> tuple[bool, object]:
    """Whether the value of a placeholder is known, and the value."""
    if isinstance(parameters, Mapping):
        return marker.key in parameters, parameters.get(marker.key)
    if parameters is None:
        return False, None
    digits = marker.key.lstrip("p$@:")
    at = int(digits) - 1 if digits.isdecimal() else marker.position
    return 0 <= at < len(parameters), parameters[at] if 0 <= at < len(parameters) else None


def _text(value: object, column: ColumnDeclaration) -> str | None:
    """The text that is stored for a value; None where that is the driver's secret."""
    if isinstance(value, str):
        return value
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value).decode(errors="replace")
    for wrapped in (
        "obj",
        "adapted",
    ):  # psycopg's and psycopg2's Json, which call json.dumps when they are sent
        if hasattr(value, wrapped):
            value = getattr(value, wrapped)
    if isinstance(value, (dict, list, bool, int, float)) and isinstance(column.encoding, Mapping):
        return json.dumps(value)
    return None


def _undecodable(encoding: str | Mapping[str, Any], text: str) -> str:
    from migration_lint.encodings.worker import problem

    try:
        return problem(encoding, text)
    except ImportError:
        raise MissingExtra("parity", "decoding values") from None


def _short(sql: str) -> str:
    text = " ".join(sql.split())
    return text if len(text) <= 100 else f"{text[:97]}..."
