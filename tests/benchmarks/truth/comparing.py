"""What a script did beside what the product reads: matched, missed, covered by an opaque operation, extra."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from migration_lint.catalog.types import same_type
from migration_lint.operations import ANY_TABLE, HOLE, Dialect, Operation
from migration_lint.reading.sql import SqlSession, read_sql
from tests.benchmarks.truth.running import Run

#: What breaks readers of a table, and may never be missed.
GRAVE = ("drop_table", "rename_table", "move_table", "drop_column", "rename_column", "alter_type")

#: Data is not the schema's; what is opaque in truth is raw SQL that the product's reader cannot read either;
#: what a script caught is nothing that it did.
_NOT_COMPARED = ("dml", "opaque", "caught")

UNKNOWN_TYPE = "TRUTH_UNKNOWN_TYPE"


class Fact(NamedTuple):
    """What an operation is compared by. An index goes by its name, a constraint by its table too."""

    kind: str
    schema: str | None
    table: str | None
    name: str | None
    to: str | None

    def __str__(self) -> str:
        place = ".".join(part for part in (self.schema, self.table, self.name) if part)
        return f"{self.kind} {place}{f' -> {self.to}' if self.to else ''}"


class Read(NamedTuple):
    """An operation as the product reads it, or as a text of SQL in truth reads."""

    fact: Fact
    operation: Operation


class Done(NamedTuple):
    """An operation that ran."""

    fact: Fact
    type: str | None
    sql: str | None


def _fact(kind: str, get: Any) -> Fact:
    schema, table = get("schema") or None, get("table")
    if kind in ("create_table", "drop_table", "create_view", "drop_view"):
        return Fact(kind, schema, table, None, None)
    if kind == "rename_table":
        return Fact(kind, schema, table, None, get("new_name"))
    if kind == "move_table":
        return Fact(kind, schema, table, None, get("new_schema"))
    if kind in ("add_column", "drop_column", "alter_type", "set_default", "set_comment"):
        return Fact(kind, schema, table, get("column"), None)
    if kind == "rename_column":
        return Fact(kind, schema, table, get("column"), get("new_name"))
    if kind == "set_nullable":
        return Fact(kind, schema, table, get("column"), "null" if get("nullable") else "not null")
    if kind in ("create_index", "drop_index"):
        return Fact(kind, None, None, get("name"), None)
    if kind in ("rename_index", "rename_constraint", "rename_schema"):
        return Fact(kind, None, None, get("name"), get("new_name"))
    if kind in ("add_constraint", "drop_constraint", "validate_constraint"):
        return Fact(kind, schema, table, get("name"), None)
    if kind in ("create_enum", "drop_enum"):
        return Fact(kind, schema, None, get("name"), None)
    if kind == "alter_enum":
        return Fact(kind, schema, None, get("name"), get("action"))
    if kind == "drop_schema":
        return Fact(kind, None, None, get("name"), None)
    return Fact(kind, None, None, None, None)


def read_fact(operation: Operation) -> Fact:
    """What an operation of the product is compared by."""
    return _fact(operation.kind, lambda name: getattr(operation, name))


def _done(run: Run, dialect: Dialect) -> Iterator[Done]:
    session: SqlSession | None = None
    for record in run.records:
        if "raw" in record:
            result = read_sql(record["raw"], dialect, session)
            session = result.session
            for operation in result.operations:
                if operation.kind not in _NOT_COMPARED:
                    yield Done(read_fact(operation), operation.type, operation.sql)
        elif record["kind"] not in _NOT_COMPARED and not _refused(record):
            yield Done(_fact(record["kind"], record.get), record.get("type"), None)


def _refused(record: dict[str, Any]) -> bool:
    """A type without a name, which no database takes: the script was written for another dialect."""
    return record["kind"] in ("create_enum", "drop_enum") and not record.get("name")


@dataclass
class Comparison:
    """One direction of one script. Each list holds what was found, in words or as it is."""

    ran: bool = False  # at least one run came to its end
    truth: Counter[str] = field(default_factory=Counter)
    matched: Counter[str] = field(default_factory=Counter)
    conditional: Counter[str] = field(default_factory=Counter)  # of the matched
    covered: list[Fact] = field(default_factory=list)
    missed: list[tuple[Fact, str]] = field(default_factory=list)  # and what stands nearest
    imprecise: list[tuple[Fact, str]] = field(default_factory=list)
    extra: list[Read] = field(default_factory=list)
    extra_conditional: list[Read] = field(default_factory=list)
    extra_after_failure: list[Read] = field(
        default_factory=list
    )  # in a `try`, and something failed before it
    unmarked: list[Read] = field(default_factory=list)  # does not happen in a run, and says no condition
    opaque: list[Operation] = field(default_factory=list)


def compare(
    runs: Sequence[Run], operations: Sequence[Operation], dialect: Dialect, path: str = ""
) -> Comparison:
    """Compare what one direction of the script at `path` did in its runs with what the product reads."""
    result = Comparison()
    result.opaque = [operation for operation in operations if operation.kind == "opaque"]
    left = [Read(read_fact(each), each) for each in operations if each.kind not in _NOT_COMPARED]
    known = list(left)
    implied = list(_implied(operations))
    complete = [run for run in runs if run.error is None]
    result.ran = bool(complete)
    facts, by_run = _most(runs, dialect)
    result.truth = Counter(each.fact.kind for each in facts)
    pending: list[Done] = []
    heard: set[int] = set()  # what says something in other words
    for done in facts:  # the same in every word
        same = [each for each in left if each.fact == done.fact and _type_fits(each, done, dialect)]
        found = min(same, key=lambda each: each.operation.conditional, default=None)
        if found is None:
            pending.append(done)
        else:
            _match(result, left, found)
    for done in pending:
        near = [each for each in left if each.fact.kind == done.fact.kind and _near(each.fact, done.fact)]
        if near:
            found = near[0]
            _match(result, left, found)
            detail = f"read as {found.fact}"
            if done.fact.kind == "alter_type":
                detail += f": {found.operation.type!r} for {done.type!r}"
            result.imprecise.append((done.fact, detail))
        elif any(each.operation.conditional and _any_name(each.fact, done.fact) for each in known):
            result.matched[done.fact.kind] += 1  # a loop over what the database holds: one stands for all
            result.conditional[done.fact.kind] += 1
        elif done.fact in implied:
            implied.remove(done.fact)
            result.matched[done.fact.kind] += 1
        elif (nameless := next((each for each in implied if _any_name(each, done.fact)), None)) is not None:
            implied.remove(nameless)  # an event of the project's own type may give the name
            result.matched[done.fact.kind] += 1
            result.imprecise.append((done.fact, "read without its name"))
        elif (spoken := [each for each in operations if _spoken_of(each, done)]) != []:
            heard.update(map(id, spoken))
            result.matched[done.fact.kind] += 1
            result.imprecise.append((done.fact, "read in other words"))
        elif any(_may_touch(each, done.fact) for each in result.opaque):
            result.covered.append(done.fact)
        else:
            result.missed.append((done.fact, _nearest(done, operations)))
    if complete:
        for each in (each for each in left if id(each.operation) not in heard):
            if each.operation.conditional:
                result.extra_conditional.append(each)
            elif any(_left_out(run, each.operation, path) for run in complete):
                result.extra_after_failure.append(each)
            else:
                result.extra.append(each)
        online = [
            (run, facts)
            for run, facts in zip(runs, by_run, strict=True)
            if run.error is None and run.mode != "offline"
        ]
        result.unmarked += _unmarked(result, operations, online, path)
    return result


def _unmarked(
    result: Comparison,
    operations: Iterable[Operation],
    online: Sequence[tuple[Run, Counter[Fact]]],
    path: str,
) -> Iterator[Read]:
    """What one run on a connection does and another does not, and what says nothing of that.

    `if_exists` does say it: so the reader puts SQLAlchemy's `checkfirst`, which asks before it acts.
    """
    extra = {id(each.operation) for each in (*result.extra, *result.extra_after_failure)}
    for operation in operations:
        said = operation.conditional or operation.if_exists
        if said or operation.kind in _NOT_COMPARED or id(operation) in extra:
            continue
        fact = read_fact(operation)
        without = [run for run, facts in online if fact not in facts]
        if 0 < len(without) < len(online) and not any(_left_out(run, operation, path) for run in without):
            yield Read(fact, operation)


def _left_out(run: Run, operation: Operation, path: str) -> bool:
    """Whether a run did not come to an operation's place, because something before it in a `try` failed."""
    return operation.path == path and any(
        first <= operation.line <= last
        for record in run.records
        if record.get("kind") == "caught"
        for first, last in record["lines"]
    )


def _match(result: Comparison, left: list[Read], found: Read) -> None:
    left.remove(found)
    result.matched[found.fact.kind] += 1
    if found.operation.conditional:
        result.conditional[found.fact.kind] += 1


def _most(runs: Sequence[Run], dialect: Dialect) -> tuple[list[Done], list[Counter[Fact]]]:
    """Each operation as often as the run has it that has it most often."""
    best: dict[Fact, list[Done]] = {}
    counts = []
    for run in runs:
        mine: dict[Fact, list[Done]] = {}
        for each in _done(run, dialect):
            mine.setdefault(each.fact, []).append(each)
        for fact, found in mine.items():
            if len(found) > len(best.get(fact, ())):
                best[fact] = found
        counts.append(Counter({fact: len(found) for fact, found in mine.items()}))
    return [each for found in best.values() for each in found], counts


def _type_fits(read: Read, done: Done, dialect: Dialect) -> bool:
    if done.fact.kind != "alter_type" or done.type is None or UNKNOWN_TYPE in done.type:
        return True
    return read.operation.type is not None and same_type(read.operation.type, done.type, dialect)


def _near(read: Fact, done: Fact) -> bool:
    """The same but for a schema that is not said, or a name that was not worked out."""
    return (
        (read.schema is None or done.schema is None or read.schema == done.schema)
        and (read.table is None or done.table is None or read.table == done.table)
        and (read.name == done.name or (done.kind in _NAMELESS and (read.name is None or done.name is None)))
        and (read.to == done.to or (read.to is None and done.kind == "rename_column"))
    )


def _any_name(read: Fact, done: Fact) -> bool:
    return (
        read.kind == done.kind
        and read.name is None
        and done.kind in _NAMELESS
        and read.table == done.table
        and (read.schema is None or read.schema == done.schema)
    )


#: Names that nobody's data hangs on, and that the database or a naming convention may make up.
_NAMELESS = ("add_constraint", "drop_constraint", "create_index", "drop_index")


def _implied(operations: Iterable[Operation]) -> Iterator[Fact]:
    """What comes with another operation: a constraint or a comment that is written into a column."""
    for operation in operations:
        if operation.kind in ("add_column", "create_table"):
            at = (operation.schema, operation.table)
            for constraint in operation.constraints:
                yield Fact("add_constraint", *at, constraint.name, None)
            for column in operation.columns:
                if column.comment is not None:
                    yield Fact("set_comment", *at, column.name, None)


#: What one call may do of which the reader says that it alters a column, and does not know which.
_OF_A_COLUMN = ("set_nullable", "set_default", "set_comment")


def _spoken_of(operation: Operation, done: Done) -> bool:
    """Whether an operation says in other words what happened: one without a known name is `other_ddl`."""
    kind = done.fact.kind
    return (
        operation.kind == "other_ddl"
        and kind not in GRAVE
        and (kind in _NAMELESS or operation.reason is not None)
        and (
            operation.action == kind.replace("_", " ")
            or (operation.action == "alter column" and kind in _OF_A_COLUMN)
        )
        and _may_touch(operation, done.fact)
    )


def _may_touch(operation: Operation, fact: Fact) -> bool:
    if fact.table is None or not operation.tables:
        return True
    for table in operation.tables:
        if table == ANY_TABLE:
            return True
        schema, _, name = table.rpartition(".")
        if fnmatchcase(fact.table, name.replace(HOLE, "*")):
            return True
        if schema and fnmatchcase(fact.table, table.replace(HOLE, "*")):
            return True
    return False


def _nearest(done: Done, operations: Sequence[Operation]) -> str:
    same = [read_fact(each) for each in operations if each.kind == done.fact.kind]
    close = [each for each in same if each.table == done.fact.table or each.name == done.fact.name]
    said = f" sql: {' '.join(done.sql.split())[:160]}" if done.sql else ""
    return f"nearest: {close[0]}{said}" if close else said.strip()
