"""The abstract heap: what objects hold, forked for the arms of a branch and joined after them.

Objects are addresses; what they hold belongs to whoever runs. `HeapStore` keeps, for each arm that is open,
what the
objects held before the arm changed them (an undo log), so that a join costs what changed and not what
exists. An
object that is made inside an arm is neither logged nor joined: nobody outside can hold it, except through
an older
one that is joined.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from migration_lint.reading.python.containers import Heap, gather, join_held, widen_held
from migration_lint.reading.python.values import (
    NUMBERS,
    Choice,
    Dict,
    Instance,
    List,
    Maybe,
    NameScope,
    Value,
    alternatives,
    distinct,
)

#: What objects hold at the end of an arm, as far as it differs from what they held at its beginning.
Delta = dict[Heap, Value]


class Exit:
    """A path that left a block by `return`, `break` or `continue`, with the heap at that point.

    `why` is the path condition under which the rest of the block runs all the same.
    """

    __slots__ = ("delta", "kind", "value", "why")

    def __init__(self, kind: str, value: Value, delta: Delta, why: Value = None) -> None:
        self.kind = kind
        self.value = value
        self.delta = delta
        self.why = why


class Log:
    """An undo log: what objects held when an arm began, or when early `exits` were parked."""

    __slots__ = ("before", "exits", "mark")

    def __init__(self, exits: Iterable[Exit] = ()) -> None:
        self.before: Delta = {}
        self.exits: list[Exit] = list(exits)
        self.mark = NUMBERS.mark()


class Watch:
    """All states since a `try` began: what its handlers may find."""

    __slots__ = ("mark", "seen")

    def __init__(self) -> None:
        self.seen: Delta = {}
        self.mark = NUMBERS.mark()

    def see(self, of: Heap, held: Value) -> None:
        """Note what an object held at one time."""
        if of.number < self.mark:
            known = self.seen.get(of)
            self.seen[of] = held if known is None else join_held(of, known, held)


class Own:
    """The objects that a module's top level allocated, as spans of their numbers, and its names.

    The names of another module are not, though they are there from the moment when this one asks for it.
    """

    def __init__(self, names: Heap) -> None:
        self._names = names
        # The spans lie one behind the other: a module that walks another one's top makes nothing meanwhile.
        self._first: list[int] = []
        self._last: list[int] = []

    def begin(self) -> None:
        """Count what is allocated from now on as the module's."""
        self._first.append(NUMBERS.next())
        self._last.append(_NEVER)

    def end(self) -> None:
        """Stop counting allocations as the module's."""
        self._last[-1] = NUMBERS.next()

    def holds(self, of: Heap) -> bool:
        """Whether the module has made an object."""
        if isinstance(of, NameScope) and type(of) is not NameScope:  # the names of a module
            return of is self._names
        before = bisect_left(self._first, of.number)  # so many spans begin before it was made
        return before > 0 and of.number < self._last[before - 1]


_NEVER = 2**63


class Followed:
    """What a loop goes through, and whether that was changed meanwhile."""

    __slots__ = ("changed", "drawn", "source")

    def __init__(self, source: Value, drawn: Iterable[Heap]) -> None:
        self.source = source
        self.drawn = frozenset(drawn)
        self.changed = False


class HeapStore:
    """The state of the heap: forks, joins, and the paths that are parked since they left early."""

    def __init__(self) -> None:
        self.logs: list[Log] = []
        self.watches: list[Watch] = []
        self.followed: list[Followed] = []
        self.changes = 0  # how often anything was changed
        self.asked = 0  # how often an iterator was asked for entries, nobody knows how many
        self.rehearsing: int | None = None  # how often before something was made that is only looked at now
        self.own: Own | None = None  # of the module whose top runs; None: the script runs
        self.stirred = False  # something was changed that another module may have made

    def touch(self, of: Heap) -> None:
        """Announce that what an object holds is about to change."""
        self.changes += 1
        for each in self.followed:
            if of in each.drawn:
                each.changed = True
        if self.logs:
            log = self.logs[-1]
            if of.number < log.mark and of not in log.before:
                log.before[of] = of.snapshot()
        if self.watches:
            held = of.snapshot()
            for watch in self.watches:
                watch.see(of, held)

    @contextmanager
    def change(self, of: Heap, weak: bool = False) -> Iterator[None]:
        """Change an object inside of this; `weak` where it may be another that is changed."""
        self.touch(of)
        if not self.stirred:
            self.stirred = of.number < 0 if self.own is None else not self.own.holds(of)
        if not (weak or of.summary):
            yield
            return
        before = of.snapshot()
        yield
        of.restore(join_held(of, before, of.snapshot()))

    # Arms

    @property
    def depth(self) -> int:
        """How many arms are open, and how often ways are parked."""
        return len(self.logs)

    def is_gone_through(self, of: Value) -> bool:
        """Whether a loop is at some entry of it, which may be any."""
        return any(each.source is of for each in self.followed)

    def fork(self) -> Log:
        """Begin an arm: its changes are logged, and undone when it ends."""
        log = Log()
        self.logs.append(log)
        return log

    def end(self, log: Log) -> tuple[Delta, list[Exit]]:
        """End an arm: what it changed, and the ways that left it early. The heap is as it was before it."""
        exits = self._taken(self.logs.index(log) + 1)
        self.logs.pop()
        delta = {of: of.snapshot() for of in log.before}
        for exit in exits:
            for of, held in delta.items():
                exit.delta.setdefault(of, held)
        for watch in self.watches:
            for of, held in delta.items():
                watch.see(of, held)
        for of, held in log.before.items():
            of.restore(held)
        return delta, exits

    def _taken(self, depth: int) -> list[Exit]:
        """Take all parked ways above a depth off; what objects held in each is said of all that changed
        since."""
        parked, self.logs[depth:] = self.logs[depth:], []
        changed = dict.fromkeys(of for log in parked for of in log.before)
        touched = dict.fromkeys(
            (*changed, *(of for log in parked for exit in log.exits for of in exit.delta))
        )
        view = {of: of.snapshot() for of in touched}
        exits: list[Exit] = []
        for log in reversed(parked):
            view.update(log.before)
            for exit in log.exits:
                exit.delta = {**view, **exit.delta}
                exits.append(exit)
        if self.logs:
            below = self.logs[-1]
            for of in changed:
                if of.number < below.mark:
                    below.before.setdefault(of, view[of])
        return exits[::-1]

    def go_on(self, deltas: Iterable[Delta], exits: list[Exit]) -> None:
        """Join the heaps that several arms left; paths that left them early are parked."""
        if exits:
            self.logs.append(Log(exits))
        ways = list(deltas)
        for of in dict.fromkeys(of for delta in ways for of in delta):
            before = of.snapshot()
            held: Value = None
            for number, delta in enumerate(ways):
                each = delta.get(of, before)
                held = each if number == 0 else join_held(of, held, each)
            self._hold(of, before, held)

    def _hold(self, of: Heap, before: Value, held: Value) -> None:
        if held is not before:
            self.touch(of)
            of.restore(held)

    def leaves(self, depth: int, kinds: tuple[str, ...]) -> bool:
        """Whether a path of the given kinds is parked above a depth."""
        return any(exit.kind in kinds for log in self.logs[depth:] for exit in log.exits)

    def settle(
        self, depth: int, kinds: tuple[str, ...], alive: bool, leaving: Exit | None = None
    ) -> tuple[list[Exit], list[Exit]]:
        """Join the ways of some kinds that were parked above a depth: those, and the others, which stay
        parked.

        `alive`: whether what runs now goes on itself; `leaving`: it leaves, and is parked with the others.
        """
        exits = self._taken(depth)
        joined = [exit for exit in exits if exit.kind in kinds]
        others = [exit for exit in exits if exit.kind not in kinds]
        touched = dict.fromkeys(of for exit in exits for of in exit.delta)
        if leaving is not None:
            leaving.delta = {of: of.snapshot() for of in touched}
            others.append(leaving)
        new: dict[Heap, tuple[Value, Value]] = {}
        for of in touched:
            before = of.snapshot()
            held = before if alive else None
            for number, exit in enumerate(joined):
                each = exit.delta.get(of, before)
                held = each if number == 0 and not alive else join_held(of, held, each)
            new[of] = before, held
        for exit in others:
            for of, (before, _) in new.items():
                exit.delta.setdefault(of, before)
        if others:
            self.logs.append(Log(others))
        for of, (before, held) in new.items():
            self._hold(of, before, held)
        return joined, others

    def see_out(self, depth: int) -> list[Exit]:
        """The ways that were parked above a depth, which go through what ran since, as through a `finally`.

        What they hold is joined with what is held now; they stay parked.
        """
        exits = self._taken(depth)
        for exit in exits:
            for of, held in exit.delta.items():
                exit.delta[of] = join_held(of, held, of.snapshot())
        if exits:
            self.logs.append(Log(exits))
        return exits

    # Handlers

    def watch(self) -> Watch:
        """Begin to record every state, for a handler that may run after any of them."""
        watch = Watch()
        self.watches.append(watch)
        return watch

    def fail(self, watch: Watch) -> None:
        """Join the current state with all that were recorded."""
        for of, seen in watch.seen.items():
            now = of.snapshot()
            held = join_held(of, now, seen)
            if held is not now:
                self.touch(of)
                of.restore(held)


class Invariant:
    """What holds at the head of a loop, however often it has run."""

    def __init__(self, store: HeapStore) -> None:
        self._store = store
        self._mark = NUMBERS.mark()
        self._rounds = 0
        self._summaries: dict[Value, Heap] = {}

    def hold(self, delta: Delta) -> bool:
        """Widen the invariant by one more round; gives whether it held already (the fixpoint)."""
        self._rounds += 1
        held = True
        for of, after in delta.items():
            before = of.snapshot()
            after = self._summed(after)
            joined = join_held(of, before, after)
            if joined is not before:
                if self._rounds > 2:
                    joined = widen_held(of, before, joined)
                elif isinstance(of, List):
                    joined = gather(before, joined)
            if joined is not before:
                held = False
                self._store.touch(of)
                of.restore(joined)
        return held

    def _summed(self, held: Value) -> Value:
        """A summary object: the contents of all objects that a loop allocates at one place."""
        kind = type(held)
        if kind is tuple:
            return tuple([self._summed(each) for each in held])
        if kind is dict:
            return {key: self._summary(each) for key, each in held.items()}
        return self._summary(held)

    def _summary(self, value: Value) -> Value:
        if type(value) is Maybe:
            return Maybe(self._summary(value.value))
        if type(value) is Choice:
            found = distinct(map(self._summary, alternatives(value)))
            return found[0] if len(found) == 1 else Choice(tuple(found))
        if type(value) is Instance:
            names = self._summary(value.names)
            return value if names is value.names else Instance(value.of, names)
        if not isinstance(value, (List, Dict)) or value.number < self._mark:
            return value
        key = type(value), value.site
        known = self._summaries.setdefault(key, value)
        known.summary = True
        if known is not value:
            before = known.snapshot()
            joined = join_held(known, before, value.snapshot())
            if joined is not before:
                self._store.touch(known)
                known.restore(joined if self._rounds < 3 else widen_held(known, before, joined))
        return known
