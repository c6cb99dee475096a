"""What triggers do about the rows of an INSERT under a condition, as far as the row is known to meet it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from migration_lint.catalog.attached import partitions
from migration_lint.catalog.condition import (
    NotRead,
    Row,
    columns_of,
    evaluate,
    holds,
    judge,
    never_holds,
    parsed,
)
from migration_lint.catalog.condition.values import WRITTEN, WRITTEN_NOT_NULL, Value
from migration_lint.catalog.expressions import mentions
from migration_lint.catalog.inserted import Written, inserted_of, row_over
from migration_lint.catalog.model import Catalog, Key, Table
from migration_lint.catalog.triggers import Fired, fired_by_insert, rules
from migration_lint.named_tuple import NamedTuple

_CLOCKS = frozenset(("CURRENT_TIMESTAMP", "CURRENT_DATE", "LOCALTIMESTAMP"))
_OF_ROW = r'"(new|old)\.\??([^"]*)"'
_ROW_NUMBERS = frozenset(("rowid", "oid", "_rowid_"))
_SHOWN = 100


class Deed(NamedTuple):
    """What a trigger or a rule does about a row, with every condition under which it does."""

    act: tuple[str, ...]  # an act without its condition: what is done, whichever trigger does it
    by: str  # in words: "the trigger t may raise"
    guards: tuple[str, ...]  # one of them holds; "": in any case

    @property
    def because(self) -> str:
        """In the words of a finding."""
        return self.by + ", or".join(_where(each) for each in self.guards)


class Inner(NamedTuple):
    """An INSERT that a trigger runs into another table."""

    by: str
    table: Table
    written: dict[str, Written]
    again: bool  # where such a row is there, it is another statement


def all_fired(table: Table, catalog: Catalog) -> list[Fired]:
    """The triggers of a table, and those that a partition has beside them."""
    key = catalog.key(table.schema, table.name)
    found = [*fired_by_insert(catalog, key)]
    for part in partitions(catalog, key) if catalog.partitions else ():
        found += [each for each in fired_by_insert(catalog, part) if each not in found]
    return found


class Acting(NamedTuple):
    """The triggers that fire for a row, and the row as they find it."""

    table: Table
    fired: list[Fired]
    row: Row  # of the columns of NEW
    stored: Row  # the same, and as a statement finds it in the table
    values: Mapping[str, Value]  # of the columns, as triggers leave them
    written: Mapping[str, Written]
    catalog: Catalog

    @classmethod
    def of(cls, table: Table, written: Mapping[str, Written], catalog: Catalog) -> Acting:
        found = all_fired(table, catalog)
        ruled = any(rules(catalog, catalog.key(table.schema, table.name), "insert"))
        if not ruled and not any(each.when or each.acts for each in found):
            return cls(table, found, row_over({}, catalog), row_over({}, catalog), {}, written, catalog)
        values = inserted_of(table, written, catalog)
        if catalog.dialect == "sqlite":
            values |= dict.fromkeys(_ROW_NUMBERS - values.keys(), WRITTEN_NOT_NULL._replace(term="new rowid"))
        for each in found:
            changed = values.keys() if each.fills_any else each.fills & values.keys()
            values |= dict.fromkeys(changed, WRITTEN)
        values = {name: value._replace(term=value.term or f"new {name}") for name, value in values.items()}
        new = {catalog.fold(f"new.{name}"): value for name, value in values.items()}
        row, stored = row_over(new, catalog), row_over({**values, **new}, catalog)
        fired = [each for each in found if not _never(each.when, row)]
        return cls(table, fired, row, stored, values, written, catalog)

    def deeds(self) -> list[Deed]:
        """Why rows are refused, lost or changed; what is done under several conditions is one."""
        found: dict[tuple[tuple[str, ...], str], list[str]] = {}
        for act, by, guard in self._done():
            found.setdefault((act, by), []).append(guard)
        return [Deed(act, by, tuple(dict.fromkeys(guards))) for (act, by), guards in found.items()]

    def _done(self) -> Iterator[tuple[tuple[str, ...], str, str]]:
        for name, rule in rules(self.catalog, self.catalog.key(self.table.schema, self.table.name), "insert"):
            if "instead" in rule.fires and not _never(rule.when, self.row):
                by = f"the rule {name} does something else instead of the INSERT"
                yield ("instead", name), by, rule.when
        for each in self.fired:
            for kind, condition, *rest in each.acts:
                guard = _both(each.when, condition)
                if _never(guard, self.row):
                    continue
                by = f"the trigger {each.hook.name}"
                if kind == "raises" and condition:
                    yield (kind,), f"{by} may raise", guard
                elif kind == "skips" and condition and "row" in each.times:
                    yield (kind,), f"{by} leaves the row out in silence", guard
                elif kind == "replaces" and self._replaces(guard, *rest):
                    what = f"{shown(rest[1])} into {rest[0]}"
                    yield (kind, *rest), f"{by} writes {what}, whatever the INSERT says", ""
                elif kind == "deletes" and "before" not in each.times and self._deletes(*rest):
                    yield (kind,), f"{by} deletes the row again", guard
                elif kind == "takes" and self.catalog.fold_table(rest[0]) == self._own:
                    yield ("deletes",), f"{by} deletes the row again", guard
                for column, expression in self._set(kind, rest, each):
                    told = kind == "replaces" and expression == "NULL"  # for itself
                    what = "" if told else self._refused(column, expression)
                    if what:
                        said = f"{by} writes {shown(expression)} into {what}"
                        yield (kind, column, expression), said, guard

    @property
    def _own(self) -> str:
        return self.catalog.key(self.table.schema, self.table.name)[1]

    def _set(self, kind: str, rest: list[str], by: Fired) -> Iterator[tuple[str, str]]:
        """The columns of the row that an act sets, each with the expression that it writes."""
        if kind == "replaces":
            yield rest[0], rest[1]
        elif kind == "updates" and "before" not in by.times and self._deletes(*rest[:2]):
            yield from zip(rest[2::2], rest[3::2], strict=False)

    def _refused(self, column: str, expression: str) -> str:
        """What refuses a value that a trigger writes, with its column; "": nothing is known to."""
        own = self.table.columns.get(self.catalog.fold(column))
        if own is None:
            return ""
        value = _value(expression, self.stored)
        if value.is_null and own.nullable is False:
            return f"{own.name}, which is NULL there, and NOT NULL"
        name, values = self.catalog.fold(own.name), self.values
        for check in self.table.constraints if not value.open and values else ():
            if check.kind != "check" or check.unenforced or not mentions(check.expression, own.name):
                continue
            set_so = row_over({**values, name: value}, self.catalog)
            if judge(check.expression or "true", set_so).verdict == "refuses":
                return f"{own.name}, which CHECK ({check.expression}) refuses"
        return ""

    def _replaces(self, guard: str, column: str, expression: str) -> bool:
        """Whether something else takes the place of what the INSERT writes."""
        name, own = self.catalog.fold(column), f'"new.{column}"'
        if name not in self.written or own in expression or own in guard or own[:5] + "?" + own[5:] in guard:
            return False
        if guard and not holds(guard, self.row):  # it may be the row of another kind
            return False
        value, declared = _value(expression, self.row), self.written[name].values
        same = not value.open and bool(declared) and all(str(each) in declared for each in value.options)
        return value.term not in _CLOCKS and not same

    def _deletes(self, name: str, condition: str) -> bool:
        """Whether a DELETE takes the row that fires the trigger."""
        key = self.catalog.key(self.table.schema, self.table.name)
        return self.catalog.fold_table(name) == key[1] and (
            not condition or bool(holds(condition, self.stored))
        )

    def inner(self) -> Iterator[Inner]:
        """The INSERTs into other tables whose values are written out."""
        own = self.catalog.key(self.table.schema, self.table.name)
        for each in self.fired:
            for kind, condition, *rest in each.acts:
                if kind not in ("inserts", "upserts") or _never(_both(each.when, condition), self.row):
                    continue
                for key in _named(self.catalog, rest[0]):
                    table = self.catalog.get(key)
                    if table is not None and key != own:
                        written = self._written(table, rest[1:])
                        yield Inner(f"the trigger {each.hook.name}", table, written, kind == "upserts")

    def _written(self, table: Table, pairs: list[str]) -> dict[str, Written]:
        """What an INSERT writes: a column and an expression in turn."""
        columns = pairs[::2] if pairs[0] else [*table.columns]
        return {
            self.catalog.fold(column): self._of_expression(text)
            for column, text in zip(columns, pairs[1::2], strict=False)
        }

    def _of_expression(self, text: str) -> Written:
        found = re.fullmatch(_OF_ROW, text)
        said = self.written.get(self.catalog.fold(found[2])) if found is not None else None
        value = _value(text, self.row)
        nullable = True if value.is_null or (said is not None and said.nullable) else None
        return Written((), nullable, held=value)


def is_met(guard: str, guards: Collection[str], catalog: Catalog) -> bool:
    """Whether one of the other conditions is known to hold wherever this one does.

    What is asked is asked of the values of the row alone: what else a body names, it may have from anywhere.
    """
    if guard in guards:
        return True
    kept = [each for each in (guard, *guards) if _is_of_row(each, catalog)]
    if guard not in kept or len(kept) < 2:
        return False
    others = " OR ".join(f"({each}) IS TRUE" for each in kept[1:])
    return holds(f"({guard}) IS NOT TRUE OR {others}", row_over({}, catalog)) is True


def _is_of_row(condition: str, catalog: Catalog) -> bool:
    try:
        names = columns_of(parsed(condition, catalog.dialect))
    except NotRead:
        return False
    return all(re.fullmatch(r"new\.[^?].*", name) for name in names)


def _where(condition: str) -> str:
    return f" where {shown(condition)}" if condition else ""


def _value(expression: str, row: Row) -> Value:
    try:
        return evaluate(parsed(expression, row.dialect), row)
    except NotRead:
        return WRITTEN


def _named(catalog: Catalog, name: str) -> list[Key]:
    return [key for key in catalog.rows if key[1] == catalog.fold_table(name)]


def _never(condition: str, row: Row) -> bool:
    return bool(condition) and never_holds(condition, row)


def _both(one: str, other: str) -> str:
    return f"({one}) AND {other}" if one and other else one or other


def shown(text: str) -> str:
    """A condition or an expression with the names of the body, cut off where it is long."""
    plain = re.sub(_OF_ROW, lambda found: f"{found[1].upper()}.{found[2]}", text)
    while len(plain) > 2 and plain[0] == "(" and re.fullmatch(r"\((?:[^()]|\([^()]*\))*\)", plain):
        plain = plain[1:-1].strip()
    return plain if len(plain) <= _SHOWN else f"{plain[:_SHOWN]} …"
