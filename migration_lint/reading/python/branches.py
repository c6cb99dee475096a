"""Branches, loops, `match` and `try`: known tests pick an arm, unknown ones fork the state."""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from migration_lint.reading.python.assignments import unknown_item
from migration_lint.reading.python.recorder import Condition, Loop
from migration_lint.reading.python.running import MOST_PASSES, MOST_ROUNDS, Arguments, Flow, Iteration, shown
from migration_lint.reading.python.statements import exception_name
from migration_lint.reading.python.store import Exit, Invariant
from migration_lint.reading.python.values import (
    Dict,
    Dotted,
    Frame,
    List,
    Maybe,
    Unknown,
    Value,
    hashable,
    reaches,
)

if TYPE_CHECKING:
    from migration_lint.reading.python.interpreter import Interpreter


def do_if(run: Interpreter, node: ast.If, frame: Frame) -> Flow | None:
    test = run.evaluate(node.test, frame)
    truth = run.decided(node.test, test)
    if truth is not None:
        return run.block(node.body if truth else node.orelse, frame)
    reason = f"whether `{shown(node.test)}` holds is not known before it runs"
    return run.arms(
        (
            (f"{node.lineno}:then", reason, lambda: run.block(node.body, frame)),
            (f"{node.lineno}:else", reason, lambda: run.block(node.orelse, frame)),
        ),
    )


def do_match(run: Interpreter, node: ast.Match, frame: Frame) -> Flow | None:
    subject = run.evaluate(node.subject, frame)
    arms: list[tuple[str, str, Callable[[], Flow | None]]] = []
    reason = f"which case `{shown(node.subject)}` takes is not known before it runs"
    sure = False
    for number, case in enumerate(node.cases):
        found = matches(run, case.pattern, subject, frame)
        if found is not False and case.guard is not None:
            guard = run.decided(case.guard, run.evaluate(case.guard, frame))
            found = guard if found is True or guard is False else None
        run.ledger.decide(case, found)
        if found is False:
            continue
        if found is True:
            for later in node.cases[number + 1 :]:
                run.ledger.decide(later, False)
        if found is True and not arms:
            return run.block(case.body, frame)
        arms.append((f"{node.lineno}:case{number}", reason, partial(run.block, case.body, frame)))
        if found is True:
            sure = True
            break
    if not arms:
        return None
    if not sure:
        arms.append((f"{node.lineno}:else", reason, lambda: None))
    return run.arms(arms)


def matches(run: Interpreter, pattern: ast.pattern, subject: Value, frame: Frame) -> bool | None:
    if isinstance(pattern, ast.MatchValue):
        return run.equal(subject, run.evaluate(pattern.value, frame))
    if isinstance(pattern, ast.MatchSingleton):
        return run.equal(subject, pattern.value)
    if isinstance(pattern, ast.MatchOr):
        found = [matches(run, each, subject, frame) for each in pattern.patterns]
        return True if True in found else None if None in found else False
    if isinstance(pattern, ast.MatchAs):
        matched = True if pattern.pattern is None else matches(run, pattern.pattern, subject, frame)
        if pattern.name is not None and matched is not False:
            run.bind(pattern.name, subject, frame)
        return matched
    if isinstance(pattern, ast.MatchSequence):
        return matches_sequence(run, pattern, subject, frame)
    if isinstance(pattern, ast.MatchMapping) and isinstance(subject, Dict) and subject.exact:
        found = []
        for key, inner_pattern in zip(pattern.keys, pattern.patterns, strict=True):
            wanted = run.evaluate(key, frame)
            if not hashable(wanted) or wanted not in subject:
                return False
            found.append(matches(run, inner_pattern, subject[wanted], frame))
        return False if False in found else None if None in found else True
    if isinstance(pattern, ast.MatchClass):
        return matches_class(run, pattern, subject, frame)
    for inner in ast.walk(pattern):
        if isinstance(inner, (ast.MatchValue, ast.MatchClass)):
            run.evaluate(inner.value if isinstance(inner, ast.MatchValue) else inner.cls, frame)
        elif isinstance(inner, ast.MatchMapping):
            for key in inner.keys:
                run.evaluate(key, frame)
        name = getattr(inner, "name", None) or getattr(inner, "rest", None)
        if isinstance(name, str):
            run.bind(name, Unknown("it is bound by a pattern", pattern.lineno, reaches(subject)), frame)
    return None


def matches_class(run: Interpreter, pattern: ast.MatchClass, subject: Value, frame: Frame) -> bool | None:
    kind = run.evaluate(pattern.cls, frame)
    found: list[bool | None] = [
        run.truth(run.call(Dotted("builtins.isinstance"), Arguments([subject, kind], {})))
    ]
    if found[0] is False:
        return False
    names = run.attribute(kind, "__match_args__") if pattern.patterns else ()
    names = run.items(names).slots if isinstance(names, (tuple, List)) else ()
    positional = [names[at] if at < len(names) else None for at in range(len(pattern.patterns))]
    for name, inner in zip(
        (*positional, *pattern.kwd_attrs), (*pattern.patterns, *pattern.kwd_patterns), strict=True
    ):
        part = (
            run.attribute(subject, name)
            if isinstance(name, str)
            else Unknown("it is bound by a pattern", pattern.lineno, reaches(subject))
        )
        found.append(matches(run, inner, part, frame))
    return False if False in found else None if None in found else True


def matches_sequence(
    run: Interpreter, pattern: ast.MatchSequence, subject: Value, frame: Frame
) -> bool | None:
    if isinstance(subject, (str, int, float, bytes, bool, Dict, type(None))):
        return False
    items = run.items(subject)
    star = next((n for n, each in enumerate(pattern.patterns) if isinstance(each, ast.MatchStar)), None)
    plain = len(pattern.patterns) - (star is not None)
    if not items.exact or not isinstance(subject, (List, tuple)):
        unknown = unknown_item(run, subject)
        for each in pattern.patterns:
            matches(run, each, unknown, frame)
        return None
    if len(items.slots) < plain or (star is None and len(items.slots) != plain):
        return False
    found: list[bool | None] = []
    after = plain if star is None else plain - star
    for number, each in enumerate(pattern.patterns):
        if isinstance(each, ast.MatchStar):
            if each.name is not None:
                rest = List(items.slots[number : len(items.slots) - after])
                run.bind(each.name, rest, frame)
        else:
            at = number if star is None or number < star else number - len(pattern.patterns)
            found.append(matches(run, each, items.slots[at], frame))
    return False if False in found else None if None in found else True


# Loops


def do_for(run: Interpreter, node: ast.For | ast.AsyncFor, frame: Frame) -> Flow | None:
    source = run.evaluate(node.iter, frame)
    depth, conditions = run.store.depth, len(run.recorder.conditions)
    reason = f"how often the loop over `{shown(node.iter)}` runs is not known"

    def once(item: Value) -> Flow | None:
        run.assign(node.target, item, frame)
        return run.block(node.body, frame)

    flow = run.follow(node, source, reason, once)
    return _behind(run, node, frame, (depth, conditions), flow)


def each_item(
    run: Interpreter, items: Iteration, line: int, reason: str, once: Callable[[Value], Flow | None]
) -> Flow | None:
    """Run something for each entry: in turn, perhaps where it may be missing, and however often for the
    rest."""

    def round(item: Value) -> Flow | None:
        inner, known = run.store.depth, len(run.recorder.conditions)
        return run.rejoin(inner, known, ("continue",), once(item))

    def slot(item: Value) -> Flow | None:
        run.spend()
        if type(item) is not Maybe:
            return round(item)
        return run.arms(
            (
                (f"{line}:loop", reason, partial(round, item.value)),
                (f"{line}:no loop", reason, lambda: None),
            ),
        )

    for item in items.slots:
        flow = slot(item)
        if flow is not None:
            return flow
    if items.open:
        run.spend()
        loop_unknown(run, line, reason, partial(once, items.rest))
    for item in items.tail:
        flow = slot(item)
        if flow is not None:
            return flow
    return None


def _behind(
    run: Interpreter,
    node: ast.For | ast.AsyncFor | ast.While,
    frame: Frame,
    start: tuple[int, int],
    flow: Flow | None,
) -> Flow | None:
    """What follows a loop: its `else`, unless a `break` went past it. `flow`: how its last round ended."""
    depth, conditions = start
    if flow is None and node.orelse:
        flow = run.block(node.orelse, frame)
    return run.rejoin(depth, conditions, ("break",), flow)


def loop_unknown(
    run: Interpreter, line: int, reason: str, once: Callable[[], Flow | None], loop: Loop = "for"
) -> Flow | None:
    """Walk the body of a loop with an unknown number of rounds to a fixpoint of its invariant.

    What it does is recorded in the last round, as conditional. The state after it is that of its head;
    ways that
    leave it by `break` or `return` are parked.
    """
    store, recorder = run.store, run.recorder
    invariant = Invariant(store)
    leaving: list[Exit] = []
    for number in range(MOST_ROUNDS):
        position = recorder.position()
        conditions = len(recorder.conditions)
        recorder.conditions.append(Condition(f"{line}:loop", reason, loop))
        log = store.fork()
        try:
            flow = once()
        finally:
            del recorder.conditions[conditions:]
            delta, exits = store.end(log)
        going = [exit.delta for exit in exits if exit.kind == "continue"]
        leaving = [exit for exit in exits if exit.kind != "continue"]
        if flow is None or flow.kind == "continue":
            going.append(delta)
        elif flow.kind != "raise":
            leaving.append(Exit(flow.kind, flow.value, delta))
        held = [invariant.hold(each) for each in going]
        if all(held):
            break
        if number < MOST_ROUNDS - 1:
            recorder.cut(position)
    else:
        recorder.unread("what a loop changes from round to round is not worked out")
    if leaving:
        run.park(leaving, Condition(f"{line}:rest", reason))
    return None


def do_while(run: Interpreter, node: ast.While, frame: Frame) -> Flow | None:
    start = run.store.depth, len(run.recorder.conditions)
    reason = f"how often `while {shown(node.test)}` runs is not known"
    for _ in range(MOST_PASSES):
        run.spend()
        truth = run.decided(node.test, run.evaluate(node.test, frame))
        if truth is False:
            return _behind(run, node, frame, start, None)
        # Once a pass may have been the last, how many come after it is not known.
        if truth is None or run.store.leaves(start[0], ("break", "return")):
            break
        inner, known = run.store.depth, len(run.recorder.conditions)
        flow = run.rejoin(inner, known, ("continue",), run.block(node.body, frame))
        if flow is not None:
            return _behind(run, node, frame, start, flow)

    def again() -> Flow | None:
        flow = run.block(node.body, frame)
        if flow is None:
            run.decided(node.test, run.evaluate(node.test, frame))
        return flow

    loop_unknown(run, node.lineno, reason, again, "while")
    return _behind(run, node, frame, start, None)


# `try`


def do_try(run: Interpreter, node: ast.Try, frame: Frame) -> Flow | None:
    watch = run.store.watch() if node.handlers else None
    start = run.store.depth
    try:
        flow = run.block(node.body, frame)
    finally:
        if watch is not None:
            run.store.watches.remove(watch)
    raised = flow is not None and flow.kind == "raise"
    if flow is None and node.orelse:
        flow = run.block(node.orelse, frame)
    handlers = node.handlers
    if cannot_fail(run, node, frame) and not raised:
        handlers = []
        run.ledger.settled.add(id(node))
    if handlers and watch is not None:
        reason = f"whether the `try` at line {node.lineno} fails is not known before it runs"
        arms: list[tuple[str, str, Callable[[], Flow | None]]] = []
        ended = flow
        if not raised:
            arms.append((f"{node.lineno}:try", reason, lambda: ended))

        def handled(handler: ast.ExceptHandler) -> Flow | None:
            run.store.fail(watch)
            return run_handler(run, handler, frame)

        for number, handler in enumerate(handlers):
            arms.append((f"{node.lineno}:except{number}", reason, partial(handled, handler)))
        if raised and flow is not None and not _catches(run, handlers[0], flow.value, frame):
            arms.append((f"{node.lineno}:try", reason, partial(_same_flow, flow)))
        flow = handled(handlers[0]) if raised and len(arms) == 1 else run.arms(arms)
    if node.finalbody:
        last = run.block(node.finalbody, frame)
        if run.store.depth > start:
            run.store.see_out(start)
        return last if last is not None else flow
    return flow


def _same_flow(flow: Flow) -> Flow:
    return flow


def _catches(run: Interpreter, handler: ast.ExceptHandler, raised: Value, frame: Frame) -> bool:
    """Whether a handler certainly takes an exception of this name: another may stand above or below it."""
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    names = {exception_name(kind) for kind in kinds}
    return handler.type is None or bool(names & {raised or None, "Exception", "BaseException"})


def run_handler(run: Interpreter, handler: ast.ExceptHandler, frame: Frame) -> Flow | None:
    if handler.type is not None:
        run.evaluate(handler.type, frame)
    if handler.name:
        run.bind(handler.name, Unknown("it is an exception", handler.lineno, reach=run.thrown), frame)
    return run.block(handler.body, frame)


def cannot_fail(run: Interpreter, node: ast.Try, frame: Frame) -> bool:
    """Whether the body only imports what is certainly there."""
    for statement in node.body:
        if isinstance(statement, ast.Import):
            names = [alias.name for alias in statement.names]
        elif isinstance(statement, ast.ImportFrom) and not statement.level:
            names = [statement.module or ""]
        else:
            return False
        if not all(name.partition(".")[0] in ("alembic", "sqlalchemy") for name in names):
            return False
    return True
