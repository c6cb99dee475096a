"""One file: each statement is run, read and replayed, and the two differences are held together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from migration_lint.catalog.model import Catalog
from migration_lint.catalog.replay import steps
from migration_lint.operations import ANY_TABLE, Operation
from migration_lint.reading.sql import SqlSession, read_sql
from tests.benchmarks.catalog_suite.facts import UNKNOWN, Column, Fact, Facts, Name
from tests.benchmarks.catalog_suite.languages import Statement
from tests.benchmarks.catalog_suite.ours import Ours
from tests.benchmarks.catalog_suite.servers import Lost, Server, Snapshot

Verdict = Literal["agrees", "unknown", "wrong"]

#: Rows of the table beside the facts.
CHANGING, IDLE = "statements that change something", "statements that change nothing"

#: Statements that make nothing, unless what they call does.
_DATA = (
    *("SELECT", "INSERT", "UPDATE", "DELETE", "REPLACE", "VALUES", "TABLE", "FETCH", "MOVE", "CLOSE", "SHOW"),
    *("EXPLAIN", "DESC"),
)
#: After these the catalog may be what it was before: it is taken from the server.
_BACK = ("ROLLBACK", "ABORT", "COMMIT", "END", "PREPARE TRANSACTION", "ATTACH", "DETACH")


class Difference(NamedTuple):
    """What is not the same on both sides after a statement."""

    path: str
    line: int
    sql: str
    verdict: Verdict
    fact: Fact
    server: object  # None: it is not there
    ours: object
    why: str = ""  # unknown: the reason that was given


@dataclass
class Result:
    """What was found in one file or in several."""

    counts: Counter[tuple[str, Verdict]] = field(default_factory=Counter)
    differences: list[Difference] = field(default_factory=list)
    idle: list[tuple[str, int, str, str]] = field(default_factory=list)  # opaque, and changes nothing
    ran: int = 0
    refused: int = 0
    lost: list[str] = field(default_factory=list)  # files that were not judged to their end

    def add(self, other: Result) -> None:
        self.counts.update(other.counts)
        self.differences += other.differences
        self.idle += other.idle
        self.ran += other.ran
        self.refused += other.refused
        self.lost += other.lost


class Judge:
    """One file against one connection."""

    def __init__(self, server: Server, path: str) -> None:
        self.server, self.path = server, path
        self.ours = Ours(server.empty(), server.kinds)
        self.session = SqlSession(autocommit=True)
        self.result = Result()
        self.steps: list[Operation] = []
        self.before = server.snapshot()
        self.adopt(self.before)

    def adopt(self, snapshot: Snapshot) -> None:
        """Have all that the server has."""
        catalog = self.ours.catalog
        for key in {*catalog.rows, *catalog.views} - set(snapshot.relations):
            self.ours.take(Name(*key), None)
        for name, relation in snapshot.relations.items():
            self.ours.take(name, self.server.whole(relation))
        for key in {*catalog.enums} - set(snapshot.enums):
            self.ours.take_enum(Name(*key), None)
        for name, values in snapshot.enums.items():
            self.ours.take_enum(name, values)
        for key in {*catalog.sequences} - snapshot.sequences:
            self.ours.take_sequence(Name(*key), False)
        for name in snapshot.sequences:
            self.ours.take_sequence(name, True)

    def run(self, statements: Iterable[Statement]) -> Result:
        """Judge all statements. Ends early where the server hangs up."""
        try:
            for operation in steps(self.ours.catalog, "suite", self._operations(statements)):
                self.steps.append(operation)
        except Lost as lost:
            self.result.lost.append(f"{self.path}: {lost}")
        return self.result

    def _operations(self, statements: Iterable[Statement]) -> Iterator[Operation]:
        """What the statements do, one after the other; between two of them the replay is up to date."""
        for statement in statements:
            if not self.server.run(statement.text):
                self.result.refused += 1
                self._refused()
                continue
            self.result.ran += 1
            words = " ".join(statement.text.upper().split()[:2])
            session = self.session
            if words.startswith(("BEGIN", "START TRANSACTION")):
                session = session.in_autocommit(False)
            reading = read_sql(statement.text, self.ours.catalog.dialect, session)
            self.session = reading.session
            if not self.server.in_transaction and self.session.autocommit is False:
                self.session = self.session.in_autocommit(True)
            if self.server.failed:
                continue
            if words.startswith(_BACK):
                after = self.server.snapshot(self.before)
                if after is not self.before or words.startswith(("ROLLBACK", "ABORT", "ATTACH", "DETACH")):
                    self.adopt(after)
                self.before = after
                continue
            if words.startswith(_DATA) and all(
                each.kind == "dml" and not each.calls for each in reading.operations
            ):
                continue
            facts, catalog = self.ours.facts(), self.ours.catalog.copy()
            self.steps.clear()
            yield from reading.operations
            self._judge(statement, facts, catalog)

    def _refused(self) -> None:
        """SQLite may end a transaction with a statement that it refuses, MariaDB do a part of one."""
        after = self.before if self.server.failed else self.server.snapshot(self.before)
        if after is not self.before:
            self.before = after
            self.adopt(after)

    def _judge(self, statement: Statement, facts: Facts, catalog: Catalog) -> None:
        after = self.server.snapshot(self.before)
        before, self.before = self.before, after
        was = Ours(catalog, self.server.kinds)
        now = self.ours.facts()
        opaque = [each for each in self.steps if each.kind == "opaque" or each.conditional]
        if after is before and now == facts:
            unread = [each for each in opaque if each.kind == "opaque"]
            self.result.counts[IDLE, "unknown" if unread else "agrees"] += 1
            if unread:
                place = (self.path, statement.line, statement.text)
                self.result.idle.append((*place, unread[0].reason or ""))
            return
        one = _Statement(self.path, statement, was, self.ours, opaque, self.result)
        theirs = dict(before.facts)
        one.renamed(before, after, theirs, facts)
        one.compare(theirs, after.facts, facts, now)
        row = IDLE if after.facts == before.facts else CHANGING
        verdicts: tuple[Verdict, ...] = ("wrong", "unknown")
        self.result.counts[row, next((each for each in verdicts if each in one.verdicts), "agrees")] += 1
        for kind, name in one.apart:
            if kind == "enumeration":
                self.ours.take_enum(name, after.enums.get(name))
            elif kind == "sequence":
                self.ours.take_sequence(name, name in after.sequences)
            else:
                relation = after.relations.get(name)
                self.ours.take(name, None if relation is None else self.server.whole(relation))


class _Statement:
    """The comparison after one statement."""

    def __init__(
        self,
        path: str,
        statement: Statement,
        was: Ours,
        ours: Ours,
        opaque: list[Operation],
        result: Result,
    ) -> None:
        self.path, self.statement = path, statement
        self.was, self.ours = was, ours
        self.opaque, self.result = opaque, result
        self.apart: set[tuple[str, Name]] = set()  # with what they are, where it is no table or view
        self.verdicts: set[Verdict] = set()
        #: Views that the server itself cannot say anything of: what they read is not there.
        self.broken: set[Name] = set()

    def tell(self, fact: Fact, server: object, ours: object, agrees: bool) -> None:
        why = "" if agrees else self._unknown(fact, ours)
        verdict: Verdict = "agrees" if agrees else "unknown" if why else "wrong"
        self.result.counts[fact.kind, verdict] += 1
        self.verdicts.add(verdict)
        if not agrees:
            self.set_apart(fact.of, fact.kind)
            line, sql = self.statement.line, self.statement.text
            self.result.differences.append(Difference(self.path, line, sql, verdict, fact, server, ours, why))

    def set_apart(self, name: Name, kind: str = "") -> None:
        """Have the server's word for a name from now on."""
        self.apart.add((kind if kind in ("enumeration", "sequence") else "", name))

    def _unknown(self, fact: Fact, ours: object) -> str:
        """Why our side does not claim to know; empty: it does."""
        for each in self.opaque:
            named = {table.rpartition(".")[2] for table in each.tables} | {each.table, each.name}
            if ANY_TABLE in each.tables or fact.of.name in named:
                return each.reason or each.kind
        if ours == UNKNOWN:
            return "not known"
        return "incomplete" if self.was.unsure(fact.of) or self.ours.unsure(fact.of) else ""

    def renamed(self, before: Snapshot, after: Snapshot, theirs: Facts, facts: Facts) -> None:
        """Judge what is called otherwise, and call it so in what was before on both sides."""
        now = {each.oid: each for each in after.relations.values() if each.oid is not None}
        for snapshot in (before, after):
            self.broken |= {
                each.name for each in snapshot.relations.values() if each.is_view and not each.columns
            }
        for old, relation in before.relations.items():
            new = now.get(relation.oid)
            if new is None:
                continue
            if new.name != old and (old in after.relations or new.name in before.relations):
                continue  # what has the place of another one by now
            if new.name != old:
                agrees = self._follows(old, new.name, relation.is_view)
                kind = "view renamed" if relation.is_view else "table renamed"
                self.tell(Fact(kind, old), new.name, new.name if agrees else None, agrees)
                if agrees:
                    _call(theirs, old, new.name)
                    _call(facts, old, new.name)
                else:
                    self.set_apart(new.name)
            if not relation.is_view:
                self._columns(relation.columns, new.columns, old, new.name, (theirs, facts))

    def _follows(self, old: Name, new: Name, is_view: bool) -> bool:
        if is_view:
            return new in self.ours.catalog.views and old not in self.ours.catalog.views
        identity = self.was.identity(old)
        return identity is not None and self.ours.identity(new) == identity

    def _columns(
        self, was: Iterable[Column], now: Iterable[Column], old: Name, new: Name, both: tuple[Facts, ...]
    ) -> None:
        fold = self.ours.catalog.fold
        names = {each.number: fold(each.name) for each in now if each.number is not None}
        for each in was:
            column = fold(each.name)
            called = names.get(each.number, column)
            if called == column:
                continue
            identity = self.was.identity(old, column)
            agrees = identity is not None and self.ours.identity(new, called) == identity
            self.tell(Fact("column renamed", new, column), called, called if agrees else None, agrees)
            if agrees:
                for facts in both:
                    for fact in [each for each in facts if each.of == new and each.what == column]:
                        facts[fact._replace(what=called)] = facts.pop(fact)

    def compare(self, theirs: Facts, after: Facts, facts: Facts, now: Facts) -> None:
        changed = {fact for fact, _ in theirs.items() ^ after.items()}
        changed |= {fact for fact, _ in facts.items() ^ now.items()}
        changed -= {fact for fact in changed if fact.kind == "column of a view" and fact.of in self.broken}
        for fact in sorted(changed, key=repr):
            server, ours = after.get(fact), now.get(fact)
            self.tell(fact, server, ours, self._same(fact, server, ours))

    def _same(self, fact: Fact, server: object, ours: object) -> bool:
        if server == ours or fact.kind not in ("type", "column of a view"):
            return server == ours
        if not isinstance(server, str) or not isinstance(ours, str):
            return False
        if not server:  # SQLite says no type of an expression in a view, and a column may have none
            return fact.kind == "column of a view" or ours == UNKNOWN
        named = self.ours.catalog.canonical(server) or ""
        return named == ours or named.rpartition(".")[2] == ours  # the search path finds it


def _call(facts: Facts, old: Name, new: Name) -> None:
    for fact in [each for each in facts if each.of == old]:
        facts[fact._replace(of=new)] = facts.pop(fact)
