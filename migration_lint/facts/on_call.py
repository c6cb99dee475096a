"""What somebody on call has to know of a statement, in one line.

Which statement takes which locks on which tables, what waits for them and for how long, and which earlier
statements of the transaction hold theirs all the while:

    ALTER TABLE … SET NOT NULL takes ACCESS EXCLUSIVE on audit: reads and writes wait while all rows of audit
    are read, the longer the more there are, and then until the transaction ends; SHARE ROW EXCLUSIVE on teams
    is held since ALTER TABLE … ADD FOREIGN KEY in line 12: writes wait
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from migration_lint.effects.model import Effect
from migration_lint.effects.transaction import Held
from migration_lint.effects.words import Blocks, LockMode, blocks
from migration_lint.named_tuple import NamedTuple
from migration_lint.operations import Dialect
from migration_lint.wording import listed

MOST = 3  # earlier statements that are named; a transaction of many would fill the screen
#: Statements that lock rows, whatever they lock of tables, and the servers on which that is all they lock.
_ROWS = frozenset(("UPDATE", "DELETE", "MERGE"))
_BY_ROW = frozenset(("postgresql", "mysql", "mariadb", "oracle"))
_WAITING: dict[Blocks, str] = {"everything": "reads and writes wait", "writes": "writes wait"}


class Situation(NamedTuple):
    """A statement, and what it finds. Tables are called by their labels."""

    dialect: Dialect
    statement: str  # "ALTER TABLE … ADD COLUMN"
    effect: Effect
    locks: tuple[tuple[LockMode, str], ...]  # those that others wait for, and the table of each
    through: tuple[str, ...]  # the tables all of whose rows it reads, or writes anew
    open: bool  # it runs in a transaction, which goes on after it
    held: tuple[tuple[Held, str], ...] = ()  # earlier locks of the transaction, and the table of each
    path: str = ""  # the script that it stands in
    estimate: str = ""  # "about 4 min (61 GB read at 250 MB/s)"; "": nobody has measured
    writes: float = 0  # rows of the locked tables that are written in a second, as far as that is known


def on_call(situation: Situation) -> str:
    """The line; "" where nobody waits."""
    if not situation.locks and not situation.held and not _locks_rows(situation):
        return ""
    return "; ".join(_own(situation) + _earlier(situation))


def _locks_rows(situation: Situation) -> bool:
    return situation.statement in _ROWS and situation.dialect in _BY_ROW


def _own(situation: Situation) -> list[str]:
    duration = _duration(situation)
    if not situation.locks and _locks_rows(situation):
        long = situation.estimate or "the longer, the more rows it changes"
        after = ", and then until the transaction ends" if situation.open else ""
        return [f"{situation.statement} locks each row that it changes: writes to these wait, {long}{after}"]
    if not situation.locks:
        return [f"{situation.statement} runs {duration}"] if situation.statement else []
    taken = listed(
        (f"{mode} on {listed(tables, 'and')}" for mode, tables in _by_mode(situation.locks)),
        "and",
    )
    waits = max((blocks(mode) for mode, _ in situation.locks), key=("nothing", "writes", "everything").index)
    if situation.dialect != "postgresql":
        lock = "EXCLUSIVE" if waits == "everything" else "SHARED"
        taken = f"LOCK={lock} on {listed((table for _, table in situation.locks), 'and')}"
    return [f"{situation.statement} takes {taken}: {_waiting(waits, situation.writes)} {duration}"]


def _waiting(waits: Blocks, writes: float) -> str:
    if writes < 1:
        return _WAITING[waits]
    return f"{'reads and ' if waits == 'everything' else ''}{writes:,.0f} writes a second wait"


def _by_mode(locks: Iterable[tuple[LockMode, str]]) -> Iterable[tuple[LockMode, tuple[str, ...]]]:
    found: dict[LockMode, dict[str, None]] = {}
    for mode, table in locks:
        found.setdefault(mode, {})[table] = None
    return ((mode, tuple(tables)) for mode, tables in found.items())


def _duration(situation: Situation) -> str:
    """How long they wait, and on what that depends."""
    work = _work(situation.effect, listed(situation.through, "and") or "the table")
    if not work and not situation.locks:
        return "the longer, the more rows it changes"
    if not work:
        return "until the transaction ends" if situation.open else "for as long as the statement takes"
    long = situation.estimate or "the longer the more there are"
    after = ", and then until the transaction ends" if situation.open and situation.locks else ""
    return f"while {work}, {long}{after}"


def _work(effect: Effect, tables: str) -> str:
    if effect.rewrites:
        return f"all rows of {tables} are written anew, and all indexes"
    if effect.rebuilds:
        return f"{listed(effect.rebuilds, 'and')} {_is(effect.rebuilds)} built anew from all rows of {tables}"
    if effect.builds_all:
        return f"all indexes are built anew from all rows of {tables}"
    if effect.builds:
        return f"an index is built from all rows of {tables}"
    return f"all rows of {tables} are read" if effect.scans else ""


def _is(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"


def _earlier(situation: Situation) -> list[str]:
    """What earlier statements of the transaction hold: of each statement one clause."""
    found: dict[tuple[str, int, str, LockMode], list[str]] = {}
    for held, table in situation.held:
        found.setdefault((held.path, held.line, held.statement, held.mode), []).append(table)
    clauses = []
    for (path, line, statement, mode), tables in tuple(found.items())[:MOST]:
        where = f"line {line}" if path == situation.path else f"line {line} of {path}"
        waits = _WAITING[blocks(mode)]
        clauses.append(f"{mode} on {listed(tables, 'and')} is held since {statement} in {where}: {waits}")
    more = len(found) - MOST
    return [*clauses, f"{more} more hold other locks"] if more > 0 else clauses
