"""What iterating gives of what changes meanwhile: a list that a loop over it adds to, a view, a generator.

What Python works out an entry at a time is worked out again where something has changed when it is asked for.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING

from migration_lint.data_class import replace
from migration_lint.operations import Operation
from migration_lint.reading.python.branches import each_item, loop_unknown
from migration_lint.reading.python.later import Later
from migration_lint.reading.python.running import MOST_PASSES, Flow, Iteration
from migration_lint.reading.python.store import Followed, Watch
from migration_lint.reading.python.values import NOTHING, Dict, List, Maybe, Value, join_all, same

if TYPE_CHECKING:
    from migration_lint.reading.python.interpreter import Interpreter


def entries(run: Interpreter, made: List, later: Later) -> Iteration:
    """The entries of a list that Python makes an entry at a time, now that they are asked for."""
    held = Iteration(tuple(made), made.rest, tuple(made.tail))
    if later.when != run.store.changes:
        held = _again(run, held, later)
    if later.once:
        before = run.store.rehearsing  # what asked later than this is what is looked at itself
        if later.mixed or 0 < later.asked <= (later.asked if before is None else before):
            return Iteration((), join_all((*later.whole.every(), *held.every())))
        if before is None:
            run.store.asked += 1
            later.asked = run.store.asked
    return held


def _again(run: Interpreter, held: Iteration, later: Later) -> Iteration:
    """What a list holds that is made now, and not when it was. What making it does is recorded, if new."""
    recorder = run.recorder
    position, conditions = recorder.position(), len(recorder.conditions)
    log = run.store.fork()
    try:
        as_before = _undone(run, later)
        fresh = rehearsed(run, later)
    finally:
        del recorder.conditions[conditions:]
        run.store.end(log)
    did = recorder.operations[position:]
    recorder.cut(position)
    if list(map(_plain, did)) != list(map(_plain, later.did)):
        reason = "when it runs is not known"
        line = getattr(recorder.place, "lineno", 0)

        def really() -> None:
            _undone(run, later)
            rehearsed(run, later)

        run.arms(((f"{line}:later", reason, really), (f"{line}:before", reason, lambda: None)))
    if _alike(held, fresh) or _alike(later.whole, fresh):
        return held
    if as_before and _alike(held, later.whole):  # nothing was taken off it yet
        return fresh
    return Iteration((), join_all((*held.every(), *fresh.every())))


def rehearsed(run: Interpreter, later: Later) -> Iteration:
    """What a list would hold if it were made now, of which nobody takes any."""
    store = run.store
    before = store.rehearsing
    store.rehearsing = later.began if before is None else min(before, later.began)
    try:
        return run.items(later.again())
    finally:
        store.rehearsing = before


def _undone(run: Interpreter, later: Later) -> bool:
    """Undo what making a list changed; whether that could be told from what changed since."""
    sure = True
    for of, (before, after) in later.changed.items():
        if of.snapshot() == after:
            run.store.touch(of)
            of.restore(before)
        else:
            sure = False
    return sure


def _plain(operation: Operation) -> Operation:
    return replace(operation, conditional=False, branch=None, reason=None)


def follow(
    run: Interpreter,
    node: ast.For | ast.AsyncFor | ast.comprehension,
    source: Value,
    reason: str,
    once: Callable[[Value], Flow | None],
) -> Flow | None:
    """Run something for each entry of what a loop is over, as it is when the loop comes to that entry."""
    line: int = getattr(node, "lineno", node.iter.lineno)
    items = run.items(source)
    if not (items.slots or items.tail or items.open):
        run.ledger.empty.add(id(node))
    later: Later | None = source.later if isinstance(source, List) else None
    drawn = (source,) if later is None and isinstance(source, (List, Dict)) else ()
    followed = Followed(source, drawn if later is None or later.drawn is None else later.drawn)
    run.store.followed.append(followed)
    try:
        if later is not None and later.drawn is None:
            return _of_generator(run, source, items, (line, reason), once)
        if not followed.drawn:
            return each_item(run, items, line, reason, once)
        return _of_container(run, source, items, followed, (line, reason), once)
    finally:
        run.store.followed.remove(followed)


def _of_container(
    run: Interpreter,
    source: Value,
    items: Iteration,
    followed: Followed,
    told: tuple[int, str],
    once: Callable[[Value], Flow | None],
) -> Flow | None:
    """A loop over a container, or a view of one. The next entry is the next of what is there by then."""
    seen: list[Value] = []

    def now() -> Iteration:
        later = source.later if isinstance(source, List) else None
        return run.items(source) if later is None else rehearsed(run, later)

    def watched(item: Value) -> Flow | None:
        flow = once(item)
        if followed.changed:
            seen.extend(now().every())
        return flow

    at, passes, exact = 0, 0, items.exact
    while exact and at < len(items.slots) and passes < MOST_PASSES:
        flow = each_item(run, Iteration((items.slots[at],)), *told, once)
        if flow is not None:
            return flow
        at += 1
        if followed.changed:
            items, passes = now(), passes + 1
            exact = items.exact
            followed.changed = not exact
    if exact and at >= len(items.slots):
        return None
    flow = None
    followed.changed = followed.changed or passes >= MOST_PASSES
    if not followed.changed:
        flow = each_item(run, Iteration(items.slots[at:], items.rest, items.tail), *told, watched)
    if flow is not None or not followed.changed:
        return flow

    def any_entry() -> Flow | None:
        return watched(join_all((*seen, *now().every())))

    return loop_unknown(run, *told, any_entry)


def _of_generator(
    run: Interpreter,
    source: List,
    items: Iteration,
    told: tuple[int, str],
    once: Callable[[Value], Flow | None],
) -> Flow | None:
    """A loop over what is worked out between its rounds: again in whatever state there was between them."""
    store, recorder, later = run.store, run.recorder, source.later
    position, conditions = recorder.position(), len(recorder.conditions)
    watch, log = store.watch(), store.fork()
    fresh = items
    try:
        flow = each_item(run, items, *told, once)
        if watch.seen:
            fresh = _in_any_state(run, watch, items, later)
    finally:
        store.watches.remove(watch)
        delta, exits = store.end(log)
    if _alike(items, fresh):
        store.go_on((delta,), exits)
        return flow
    recorder.cut(position)
    del recorder.conditions[conditions:]
    return loop_unknown(
        run, *told, lambda: once(join_all((*fresh.every(), *_again(run, items, later).every())))
    )


def _in_any_state(run: Interpreter, watch: Watch, items: Iteration, later: Later) -> Iteration:
    """What a list would hold if it were made in any of the states that were watched."""
    log = run.store.fork()
    try:
        run.store.fail(watch)
        return _again(run, items, later)
    finally:
        run.store.end(log)


def _alike(first: Iteration, second: Iteration) -> bool:
    """Whether two have the same entries, in the same places."""
    return (
        _equal(tuple(first.slots), tuple(second.slots))
        and _equal(first.rest, second.rest)
        and _equal(tuple(first.tail), tuple(second.tail))
    )


def _equal(first: Value, second: Value) -> bool:
    """Whether two values are the same, or are containers that were made alike."""
    if first is second:
        return True
    if first is NOTHING or second is NOTHING or type(first) is not type(second):
        return False
    if isinstance(first, tuple):
        return len(first) == len(second) and all(map(_equal, first, second))
    if isinstance(first, Maybe):
        return _equal(first.value, second.value)
    if isinstance(first, List):
        return first.site is second.site and _equal(first.snapshot(), second.snapshot())
    if isinstance(first, Dict):
        return (
            first.site is second.site
            and list(first) == list(second)
            and _equal(tuple(first.values()), tuple(second.values()))
            and _equal(first.rest, second.rest)
        )
    return same(first, second)
