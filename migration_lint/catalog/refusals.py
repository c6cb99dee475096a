"""What of a table refuses the rows of an INSERT: checks, those that are NOT VALID too, keys, and triggers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from migration_lint.catalog.acts import Acting, Deed
from migration_lint.catalog.attached import partitions, taken_as_partition, taken_by_partitions
from migration_lint.catalog.called import Reason, called_by_insert, cannot_pass
from migration_lint.catalog.computing import computed, failure
from migration_lint.catalog.condition import NotRead, Row, columns_of, judge, parsed
from migration_lint.catalog.condition.values import NULL, Value, known
from migration_lint.catalog.expressions import mentions
from migration_lint.catalog.inserted import Written, inserted, inserted_of, row_over, written_as
from migration_lint.catalog.insertion import Writing, insertion
from migration_lint.catalog.model import Catalog, Table
from migration_lint.catalog.repeated import repeated
from migration_lint.catalog.replay.copying import same_constraint
from migration_lint.named_tuple import NamedTuple
from migration_lint.operations import Constraint

#: How many tables away a row may be that a trigger writes of one that a trigger writes.
_DEEPEST = 3


class Refusal(NamedTuple):
    """What refuses the rows of an INSERT, or may: a CHECK, or a trigger."""

    constraint: Constraint  # of a trigger: one that is not known, with its name
    because: str
    column: str = (
        ""  # the one that it leaves out, or writes with a value that is refused; "": none decides it
    )
    writing: Writing = "other"
    values: tuple[str | None, ...] = ()  # those that it writes and that are refused; None: NULL
    certain: bool = True  # False: it may; what decides it was not worked out
    beside: frozenset[str] = frozenset()  # names and identities of what makes it so, beside the table
    deed: Deed | None = None  # what a trigger does that refuses it


def _by_partitions(table: Table, written: Mapping[str, Written], catalog: Catalog) -> Iterator[Refusal]:
    """What a partition demands beside its table: of the rows that go there."""
    key = catalog.key(table.schema, table.name)
    for each in partitions(catalog, key) if catalog.partitions else ():
        child = catalog.get(each)
        if child is None:
            continue
        row = inserted(table, written, catalog)
        of = f" of the partition {child.name}"
        for name, column in child.columns.items():
            demands = (
                column.nullable is False and table.columns[name].nullable if name in table.columns else False
            )
            if demands and name not in written and row.values[name].is_null:
                constraint = Constraint("not_null", columns=(column.name,))
                yield Refusal(constraint, f"NOT NULL{of}", column.name, "must", certain=False)
        for own in child.constraints:
            shared = any(same_constraint(catalog, own, other) for other in table.constraints)
            if own.kind == "check" and own.expression is not None and not own.unenforced and not shared:
                check = _Check(own, row, {name: name for name in table.columns}, of)
                for refusal in _refused(table, check, own.expression, written, catalog):
                    yield refusal._replace(certain=False)


def _without_place(table: Table, written: Mapping[str, Written], catalog: Catalog) -> Iterator[Refusal]:
    """Rows that no partition takes."""
    key = catalog.key(table.schema, table.name)
    condition = taken_by_partitions(catalog, key) if catalog.dialect == "postgresql" else None
    if condition is None or condition == "true":
        return
    check = _Check(
        Constraint("check", expression=condition),
        inserted(table, written, catalog),
        {name: name for name in table.columns},
        said=f"the partitions of {table.name}",
    )
    for refusal in _refused(table, check, condition, written, catalog):
        yield refusal._replace(beside=frozenset((table.identity,)))


def _out_of_bounds(table: Table, written: Mapping[str, Written], catalog: Catalog) -> Iterator[Refusal]:
    """Rows that do not go into the table because it is a partition, which takes some rows alone."""
    for parent, condition in taken_as_partition(catalog, catalog.key(table.schema, table.name)):
        of = f"it is a partition of {parent}"
        beside = frozenset((table.identity, table.name))
        if condition is None:
            yield refusal_for(Reason(f"{of}, and which rows go there is not read", beside))
        elif condition != "true":
            constraint = Constraint("check", expression=condition)
            columns = {name: name for name in table.columns}
            check = _Check(constraint, inserted(table, written, catalog), columns, said=of)
            for refusal in _refused(table, check, condition, written, catalog):
                yield refusal._replace(beside=beside)


def _not_computed(table: Table, written: Mapping[str, Written], catalog: Catalog) -> Iterator[Refusal]:
    """Rows for which a generated column or what an index is over cannot be worked out."""
    if catalog.dialect != "postgresql":
        return
    row = row_over(inserted_of(table, written, catalog), catalog)
    checks = (each.expression for each in table.constraints if each.kind == "check" and not each.unenforced)
    row = row._replace(checks=tuple(each for each in checks if each is not None))
    for each in computed(table, row, catalog):
        found = failure(each, row, table, catalog)
        if found == "no":
            continue
        constraint = Constraint("unknown", each.by, expression=each.text)
        of = f"{each.by} ({each.text})"
        for name in (name for name in table.columns if mentions(each.text, name)):
            refused = tuple(
                text
                for value, text in _values(table, name, written, catalog)
                if failure(each, row.having(name, value), table, catalog) == "fails"
            )
            if refused:
                yield Refusal(constraint, f"{_listed(refused)} by {of}", name, values=refused)
                break
        else:
            certain = found == "fails"
            because = f"{of}, which {'fails' if certain else 'may fail'}"
            yield Refusal(constraint, because, certain=certain)


class _Check(NamedTuple):
    """A condition that the rows of an INSERT have to pass, of a table or of a domain."""

    constraint: Constraint
    row: Row  # what it is worked out over
    columns: dict[str, str]  # the names of that row: the columns of the table that they are, both folded
    of: str = ""  # whose it is, where it is not the table's
    said: str = ""  # where it is no CHECK


def refusals(
    table: Table, written: Mapping[str, Written], catalog: Catalog, depth: int = 0
) -> Iterator[Refusal]:
    """What of a table refuses the rows of an INSERT; `written` by folded names."""
    acting = Acting.of(table, written, catalog)
    for because in _by_triggers(table, acting):
        yield refusal_for(Reason(because, frozenset()))
    yield from map(refusal_by, acting.deeds())
    yield from _by_inner(acting, catalog, depth)
    for again in repeated(table, written, catalog):
        where = f" WHERE {again.where}" if again.where else ""
        named = ", ".join(again.columns)
        constraint = Constraint("unique", columns=again.columns, expression=f"({named}){where}")
        yield Refusal(constraint, again.because, certain=again.certain)
    for called in called_by_insert(table, written, catalog):
        yield from map(refusal_for, cannot_pass(called, table, catalog))
    yield from _by_partitions(table, written, catalog)
    yield from _without_place(table, written, catalog)
    yield from _out_of_bounds(table, written, catalog) if catalog.partitions else ()
    yield from _not_computed(table, written, catalog)
    for each in _checks(table, written, catalog):
        constraint, condition = each.constraint, each.constraint.expression
        if condition is None:
            named = f" named {constraint.name}" if constraint.name else ""
            because = f"a CHECK{named}{each.of} whose condition is not known"
            yield Refusal(constraint, because, certain=False)
        else:
            yield from _refused(table, each, condition, written, catalog)


def refusal_for(reason: Reason) -> Refusal:
    """That of something which nobody can tell without the server."""
    return Refusal(Constraint("unknown", reason.because), reason.because, certain=False, beside=reason.beside)


def refusal_by(deed: Deed) -> Refusal:
    """That of what a trigger or a rule does."""
    return refusal_for(Reason(deed.because, frozenset()))._replace(deed=deed)


def _by_inner(acting: Acting, catalog: Catalog, depth: int) -> Iterator[Refusal]:
    """What refuses the rows that triggers write into other tables."""
    for by, table, written, again in acting.inner() if depth < _DEEPEST else ():
        behind = f" of {table.name}, into which {by} writes"
        beside = frozenset((table.identity, table.name))
        for name, said in written.items():
            column = table.columns.get(name)
            if column is not None and column.nullable is False and said.nullable:
                yield refusal_for(Reason(f"NOT NULL of {column.name}{behind}", beside))
        for refusal in refusals(table, written, catalog, depth + 1):
            if refusal.certain and not (again and refusal.constraint.kind == "unique"):
                yield refusal_for(Reason(refusal.because + behind, beside))


def _by_triggers(table: Table, acting: Acting) -> Iterator[str]:
    """What the triggers of a table do to a row in any case."""
    for fired in acting.fired:
        if fired.raises:
            yield f"what the trigger {fired.hook.name} runs may raise, or is not read"
        if fired.skips and "instead" in fired.times:
            yield f"the trigger {fired.hook.name} runs instead of it, and writes no row"
        elif fired.skips:
            yield f"the trigger {fired.hook.name} may return NULL, and then the row is left out in silence"
        for column in (table.columns[name] for name in sorted(fired.nulls & table.columns.keys())):
            if column.nullable is False:
                yield f"the trigger {fired.hook.name} sets {column.name} to NULL, which is NOT NULL"


def _checks(table: Table, written: Mapping[str, Written], catalog: Catalog) -> Iterator[_Check]:
    own = [each for each in table.constraints if each.kind == "check" and not each.unenforced]
    if not own and not catalog.domains:
        return
    row = inserted(table, written, catalog)
    for each in own:
        yield _Check(each, row, {name: name for name in table.columns})
    value = catalog.fold("value")
    for name, column in table.columns.items():
        over = row_over({value: row.values[name]}, catalog)
        for domain in catalog.domains_of(column.type):
            filled = () if domain.nullable else (Constraint("check", expression="VALUE IS NOT NULL"),)
            for each in (*filled, *domain.constraints):
                yield _Check(each, over, {value: name}, f" of {domain.name}")


def _refused(
    table: Table, check: _Check, condition: str, written: Mapping[str, Written], catalog: Catalog
) -> Iterator[Refusal]:
    row, found = check.row, judge(condition, check.row)
    said = check.said or f"CHECK ({condition}){check.of}"
    named = _named(check, condition, catalog)
    left = [column for column in named.values() if column not in written]
    if found.verdict == "depends":
        unread, declared = "", inserted_of(table, written, catalog)
        values = {**row.values, **{name: declared[column] for name, column in named.items()}}
        none_passes = judge(condition, row._replace(values=values)).verdict == "refuses"
        for name, column in named.items():
            judged = [
                (text, judge(condition, row._replace(values={**values, name: value})))
                for value, text in _values(table, column, written, catalog)
            ]
            refused = tuple(text for text, each in judged if each.verdict == "refuses")
            if refused:
                because = f"{_listed(refused)} by {said}"
                yield Refusal(check.constraint, because, table.columns[column].name, values=refused)
                if none_passes:
                    break
            unread = unread or next((each.why for _, each in judged if each.verdict == "unread"), "")
        if unread:
            yield Refusal(check.constraint, f"{said}: {unread}", certain=False)
    elif found.verdict == "refuses" or (found.verdict == "unread" and (left or not named)):
        certain = found.verdict == "refuses"
        if left and _must(table, left[0], catalog):
            return  # for another reason, too, which is told apart from this one
        because = said if certain else f"{said}: {found.why}"
        if left:
            yield Refusal(check.constraint, because, table.columns[left[0]].name, "must", certain=certain)
        else:
            yield Refusal(check.constraint, because, certain=certain)


def _listed(values: tuple[str | None, ...]) -> str:
    return ", ".join("NULL" if text is None else f"'{text}'" for text in values)


def _named(check: _Check, condition: str, catalog: Catalog) -> dict[str, str]:
    """The columns that a condition names, in the order of the table, by the names that it has for them."""
    try:
        names = set(map(catalog.fold, columns_of(parsed(condition, catalog.dialect))))
    except NotRead:
        return {name: column for name, column in check.columns.items() if mentions(condition, name)}
    return {name: column for name, column in check.columns.items() if name in names}


def _must(table: Table, name: str, catalog: Catalog) -> bool:
    found = insertion(table, table.columns[name], catalog)
    return found is not None and found.writing == "must" and found.certain


def _values(
    table: Table, name: str, written: Mapping[str, Written], catalog: Catalog
) -> Iterator[tuple[Value, str | None]]:
    """What an INSERT says that it writes into a column, one value at a time."""
    said = written.get(name, Written())
    if said.held is not None:
        for option in said.held.options if not said.held.open else ():
            yield known(option), None if option is None else str(option)
        return
    if said.nullable:
        yield NULL, None
    for text in said.values:
        value = written_as(text, table.columns[name], catalog)
        if value is not None:
            yield value, text
