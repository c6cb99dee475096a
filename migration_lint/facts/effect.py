"""Builds the facts of what a statement does to a busy database, and of the transaction that it runs in."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Sequence

from migration_lint.catalog.model import Catalog, Key
from migration_lint.effects.duration import Estimate
from migration_lint.effects.environment import Running
from migration_lint.effects.model import Effect
from migration_lint.effects.statements import Setting, effect, effects
from migration_lint.effects.transaction import Held, State, Transaction
from migration_lint.effects.words import MODES, Blocks, LockMode, blocks
from migration_lint.facts.context import may_write
from migration_lint.facts.model import OTHER_OPERATIONS, EffectFacts, Told, TransactionFacts, TypeChangeFacts
from migration_lint.facts.on_call import Situation, on_call
from migration_lint.facts.scale import NO_SCALE, Scale
from migration_lint.operations import WRITING, Dialect, Operation

#: Since when a value that ALTER TYPE adds can be used in the transaction that makes the type: 16 refuses
#: it, and 18 does not.
OWN_VALUES_SINCE = (17,)
_RANK: dict[Blocks, int] = {"nothing": 0, "writes": 1, "everything": 2}


class Course:
    """The statements of a run of `upgrade`, one operation after the other.

    `is_old` says of a key whether its table was made before the change: nobody waits for a new one.
    `scale` says how large one is.
    """

    def __init__(
        self,
        running: Running,
        dialect: Dialect,
        version: tuple[int, ...],
        is_old: Callable[[Key, Catalog], bool],
        label: Callable[[Key], str],
        scale: Scale = NO_SCALE,
    ) -> None:
        self._transaction = Transaction(running)
        self._setting = (dialect, version)
        self._was_there = is_old
        self._scale = scale
        self._empty: set[Key] = set()  # made by the change, and nothing has written a row yet
        self._own: set[Key] = set()  # temporary tables, and views of the change: nobody else uses them
        self._label = label
        self._unchecked = False  # MySQL: foreign_key_checks is off
        self._issued: set[Key] = set()  # enums that a table has made
        self._path = ""  # of the revision's script
        self._by_hand = False  # the script sets the driver's autocommit
        self._unlimited = False  # a statement has kept work waiting, with no limit to its own waiting

    def begin_revision(self, path: str, *, by_hand: bool = False) -> None:
        """Another revision's statements follow; `path` is its script's.

        `by_hand`: it sets the driver's autocommit, so that it may end the transaction where it wants to.
        """
        self._transaction.begin_revision(path)
        self._by_hand = by_hand
        self._path = path

    def tell(self, operation: Operation, now: Catalog, made_by: Operation | None = None) -> Told:
        """The facts of an operation; `now` is the catalog just before it."""
        setting = Setting(now, *self._setting, self._unchecked, frozenset(self._issued))
        state = self._transaction.before(made_by or operation)
        found = effect(operation, setting, made_by)
        about_one = operation.table and operation.kind not in OTHER_OPERATIONS
        own = setting.key(operation) if about_one else None
        through = _through(found, operation, own, now)
        length = self._scale.estimate(found, [_names(key, now) for key in through])
        line = on_call(self._situation(found, operation, through, length, now, state))
        return Told(
            self._effect(found, own, now, state)._replace(
                on_call=line,
                estimate="" if length is None else length.text,
                overlong=self._scale.is_long(length),
                brief=bool(through)
                and all(key in self._empty or self._scale.is_small(_names(key, now)) for key in through),
            ),
            self._in_transaction(state, found, operation, own, now),
            _type_change(found),
        )

    def passed(self, operation: Operation, now: Catalog) -> None:
        """The operation has run."""
        setting = Setting(now, *self._setting, self._unchecked, frozenset(self._issued))
        found = effects(operation, setting)
        if operation.name == "foreign_key_checks" and operation.action == "set":
            self._unchecked = re.search(r"(?i)=\s*(0|off|false)\b", operation.sql or "") is not None
        if not self._unlimited and not self._transaction.before(operation).lock_timeout:
            self._unlimited = any(self._waits(each, now) for each in found)
        key = setting.key(operation) if operation.table else None
        makes = not setting.before(OWN_VALUES_SINCE) and (
            operation.kind == "create_enum"
            and now.key(operation.schema, operation.name or "") not in now.enums
        )
        self._transaction.after(operation, found, key, makes=makes)
        if operation.kind == "create_enum" and operation.sql is None:
            self._issued.add(now.key(operation.schema, operation.name or ""))
        if key is not None and (operation.kind == "create_view" or operation.temporary):
            self._own.add(key)
        if operation.kind in WRITING:
            self._empty = {each for each in self._empty if not may_write(operation, each, now)}
        is_new = operation.kind == "create_table" and operation.sql is None and not operation.if_exists
        if is_new and key is not None and now.identity_at(key) is None:
            self._empty.add(key)

    def _is_old(self, key: Key, now: Catalog) -> bool:
        return key not in self._own and self._was_there(key, now)

    def _waits(self, found: Effect, now: Catalog) -> bool:
        return bool(self._awaited(found, None, now)) or bool(found.elsewhere)

    def _awaited(self, found: Effect, own: Key | None, now: Catalog) -> tuple[str, ...]:
        """The table whose lock it has to wait for, or if that is not one, the others."""
        keys = [
            lock.table
            for lock in found.locks
            if blocks(lock.mode) != "nothing"
            and self._is_old(lock.table, now)
            and not self._scale.is_called_small((lock.table,))
        ]
        if own in keys:
            return (self._label(own),) if own is not None else ()
        labels = [*map(self._label, keys), *([found.elsewhere] if found.elsewhere else [])]
        return tuple(dict.fromkeys(labels))

    def _situation(
        self,
        found: Effect,
        operation: Operation,
        through: Sequence[Key],
        length: Estimate | None,
        now: Catalog,
        state: State,
    ) -> Situation:
        """What somebody on call is told of a statement that goes `through` tables."""
        locked = [
            lock for lock in found.locks if blocks(lock.mode) != "nothing" and self._is_old(lock.table, now)
        ]
        locks = [(lock.mode, self._label(lock.table)) for lock in locked]
        if found.elsewhere and blocks(found.elsewhere_mode) != "nothing":
            locks.append((found.elsewhere_mode, found.elsewhere))
        return Situation(
            self._setting[0],
            found.statement or ((operation.action or "").upper() if operation.kind == "dml" else ""),
            found,
            tuple(locks),
            tuple(map(self._label, through)) or ((found.elsewhere,) if found.elsewhere else ()),
            state.open,
            tuple((each, self._label(each.table)) for each in self._held(state, now)),
            operation.path or self._path,
            "" if length is None else length.text,
            self._scale.writes(_names(key, now) for key in {lock.table for lock in locked}),
        )

    def _held(self, state: State, now: Catalog) -> list[Held]:
        """The locks of earlier statements that somebody may wait for."""
        return [each for each in state.held if self._is_old(each.table, now)]

    def _effect(self, found: Effect, own: Key | None, now: Catalog, state: State) -> EffectFacts:
        modes = [lock.mode for lock in found.locks if lock.table == own or own is None]
        mode = max(modes, key=MODES.index, default=None)
        if found.elsewhere and not modes:
            mode = found.elsewhere_mode
        others = [
            self._label(lock.table)
            for lock in found.locks
            if lock.table != own and blocks(lock.mode) != "nothing" and self._is_old(lock.table, now)
        ]
        if found.elsewhere and blocks(found.elsewhere_mode) != "nothing":
            others.append(found.elsewhere)
        strongest = max(
            [
                *(lock.mode for lock in found.locks if self._is_old(lock.table, now)),
                *([mode] if mode else []),
            ],
            key=MODES.index,
            default=None,
        )
        return EffectFacts(
            statement=found.statement,
            lock=mode or "",
            blocks=_blocks(mode),
            others=tuple(dict.fromkeys(others)),
            awaited=self._awaited(found, own, now),
            stops_reads=_blocks(strongest) == "everything",
            rewrites=found.rewrites,
            scans=found.scans,
            builds=found.builds,
            rebuilds=found.rebuilds,
            long=found.long,
            certain=found.certain,
            usual=found.judgement is not None and found.judgement.usual,
            fails=f"{found.statement} cannot run in one"
            if found.alone and state.open and not self._by_hand
            else found.fails,
            refused=found.refused,
            why=found.why,
            algorithm=found.algorithm,
            lost=found.lost,
            obstacle=found.obstacle[0],
            obstacle_table=found.obstacle[1],
        )

    def _in_transaction(
        self, state: State, found: Effect, operation: Operation, own: Key | None, now: Catalog
    ) -> TransactionFacts:
        held = self._held(state, now)
        enum, used_value = _used(operation, state.added_values)
        return TransactionFacts(
            open=state.open,
            waiting=tuple(self._label(each.table) for each in held),
            everything=any(blocks(each.mode) == "everything" for each in held),
            since=held[0].statement if held else "",
            own=any(each.table == (own or _written(operation, now)) for each in held),
            lock_timeout=state.lock_timeout,
            statement_timeout=state.statement_timeout,
            unlimited=not self._unlimited and not state.lock_timeout and self._waits(found, now),
            added_values=tuple(value for _, value in state.added_values),
            committed=state.committed,
            enum=enum,
            used_value=used_value,
        )


def _through(found: Effect, operation: Operation, own: Key | None, now: Catalog) -> tuple[Key, ...]:
    """The tables all of whose rows a statement goes through, or may."""
    if operation.kind == "dml":
        return tuple(map(now.key_of, operation.tables))
    locked = tuple(lock.table for lock in found.locks)
    return found.through or ((own,) if own is not None else locked)


def _written(operation: Operation, now: Catalog) -> Key | None:
    """The table whose rows a statement writes."""
    is_one = operation.kind == "dml" and operation.tables
    return now.key_of(operation.tables[0]) if is_one else None


def _names(key: Key, now: Catalog) -> list[Key]:
    """What a table is called, and was before."""
    table = now.get(key)
    return [key, *(table.all_names if table is not None else ())]


def _blocks(mode: LockMode | None) -> Blocks:
    return "nothing" if mode is None else blocks(mode)


def _type_change(found: Effect) -> TypeChangeFacts:
    judged = found.judgement
    if judged is None:
        return TypeChangeFacts()
    return TypeChangeFacts(judged.work, judged.lossy, judged.certain, judged.why)


def _used(operation: Operation, values: Sequence[tuple[str, str]]) -> tuple[str, str]:
    """Which of the values stands in the operation as a literal, with its enum."""
    if not values or operation.kind == "alter_enum":
        return "", ""
    texts = [operation.sql, operation.default, operation.using]
    texts += [column.default for column in operation.columns]
    texts += [constraint.expression for constraint in operation.constraints]
    texts += [operation.index.where] if operation.index is not None else []
    for enum, value in values:
        quoted = "'" + value.replace("'", "''") + "'"
        if any(text is not None and quoted in text for text in texts):
            return enum, value
        if operation.kind == "dml" and value in operation.values:
            return enum, value
    return "", ""


def env_path(script_location: str) -> str:
    """Where an environment's env.py is."""
    return posixpath.join(script_location, "env.py")
