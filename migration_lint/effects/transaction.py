"""The transaction that a revision's statements run in, as it stands before each of them.

Alembic opens one transaction for all pending revisions, or with `transaction_per_migration` one for each, on
a database whose DDL can be taken back. `autocommit_block` commits what came before, runs its statements one
by one, and begins anew. A lock is held until the transaction ends.
"""

from __future__ import annotations

from collections.abc import Sequence

from migration_lint.catalog.model import Key
from migration_lint.effects.environment import Running
from migration_lint.effects.limits import done_by
from migration_lint.effects.model import Effect
from migration_lint.effects.words import MODES, LockMode, blocks
from migration_lint.named_tuple import NamedTuple
from migration_lint.operations import TRAITS, Operation, kinds_of

#: What may be a statement of any kind, such as one that sets a limit.
_STATEMENTS = kinds_of("statement", "rows", "anything")


class Held(NamedTuple):
    """A lock that an earlier statement took, and where that stands."""

    table: Key
    mode: LockMode
    line: int
    statement: str = ""  # "ALTER TABLE … ADD COLUMN"
    path: str = ""  # of its script


class State(NamedTuple):
    """What a statement finds."""

    open: bool  # it runs in a transaction
    held: tuple[Held, ...] = ()  # the strongest of each table that keeps others waiting
    lock_timeout: bool = False
    statement_timeout: bool = False
    added_values: tuple[tuple[str, str], ...] = ()  # enums, and values that the same transaction added
    committed: int = 0  # the line of the first statement of the revision that is committed already; 0: none


class Transaction:
    """The transactions of a run of `upgrade`, fed with one operation after the other."""

    def __init__(self, running: Running) -> None:
        self._running = running
        self._held: dict[Key, Held] = {}
        self._new: set[Key] = set()  # made in the transaction: nobody else can see them
        self._values: list[tuple[str, str]] = []
        self._timeouts = {
            "lock_timeout": running.lock_timeout,
            "statement_timeout": running.statement_timeout,
        }
        self._local: dict[str, bool] = {}  # limits that end with the transaction, and whether they limit
        self._made: set[tuple[str, str]] = (
            set()
        )  # enums made in the transaction: all their values can be used
        self._committed = False  # by hand, so that nothing is open any more
        self._first = 0  # the line of the revision's first statement that cannot be run twice
        self._path = ""  # of the revision's script

    def begin_revision(self, path: str) -> None:
        """Another revision's statements follow; `path` is its script's."""
        self._first = 0
        self._path = path
        if self._running.per_migration or not self._running.transactional:
            self._end()
            self._committed = False

    def before(self, operation: Operation) -> State:
        """What the operation finds. An autocommit_block has committed by then."""
        if operation.autocommit:
            self._end()
        is_open = self._running.transactional and not operation.autocommit and not self._committed
        return State(
            is_open,
            tuple(self._held.values()),
            self._local.get("lock_timeout", self._timeouts["lock_timeout"]),
            self._local.get("statement_timeout", self._timeouts["statement_timeout"]),
            tuple(self._values),
            0 if is_open else self._first,
        )

    def after(
        self, operation: Operation, effects: Sequence[Effect], key: Key | None, *, makes: bool = False
    ) -> None:
        """The operation has run; `key` is the table that it names, `makes` whether it makes a new enum."""
        action = operation.action or ""
        if self._first == 0 and not TRAITS[operation.kind].repeatable and not operation.if_exists:
            self._first = operation.line
        if operation.kind == "other_ddl" and action in ("commit", "end", "rollback"):
            self._end()
            self._committed = True
        elif operation.kind == "other_ddl" and action.startswith(("begin", "start transaction")):
            self._committed = False
        self._set(operation)
        if operation.autocommit or not self._running.transactional or self._committed:
            return
        if operation.kind == "create_table" and key is not None:
            self._new.add(key)
        own = (operation.schema or "", operation.name or "")
        if makes and not operation.conditional:
            self._made.add(own)
        if operation.kind == "alter_enum" and action == "add_value" and own not in self._made:
            enum = ".".join(each for each in (operation.schema, operation.name) if each)
            self._values += [(enum, value) for value in operation.values]
        for effect in effects:
            for lock in effect.locks:
                path = operation.path or self._path
                self._take(Held(lock.table, lock.mode, operation.line, effect.statement, path))

    def _take(self, held: Held) -> None:
        if held.table in self._new or blocks(held.mode) == "nothing":
            return
        earlier = self._held.get(held.table)
        if earlier is None or MODES.index(earlier.mode) < MODES.index(held.mode):
            self._held[held.table] = held

    def _set(self, operation: Operation) -> None:
        if operation.kind not in _STATEMENTS or operation.sql is None:
            return
        for name in self._timeouts:
            done = done_by(operation.sql, name)
            if done.endswith("local"):
                if not operation.autocommit:
                    self._local[name] = done == "set local"
            elif done != "nothing":
                self._timeouts[name] = done == "set"
                self._local.pop(name, None)

    def _end(self) -> None:
        self._held.clear()
        self._new.clear()
        self._values.clear()
        self._local.clear()
        self._made.clear()
