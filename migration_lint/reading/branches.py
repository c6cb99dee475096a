"""Branches, loops, `match` and `try`: which way a script goes, as far as that is known."""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from migration_lint.reading.assignments import unknown_item
from migration_lint.reading.running import MOST_PASSES, Arguments, Flow, shown
from migration_lint.reading.statements import exception_name, may_keep
from migration_lint.reading.values import Dict, Dotted, Frame, List, Unknown, Value, hashable, join, reaches

if TYPE_CHECKING:
    from migration_lint.reading.interpreter import Interpreter


def do_if(run: Interpreter, node: ast.If, frame: Frame) -> Flow | None:
    test = run.evaluate(node.test, frame)
    truth = run.truth(test)
    if truth is not None:
        return run.block(node.body if truth else node.orelse, frame)
    reason = f"whether `{shown(node.test)}` holds is not known before it runs"
    return run.arms(
        frame,
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
        if found is True and case.guard is not None:
            found = run.truth(run.evaluate(case.guard, frame))
        if found is False:
            continue
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
    return run.arms(frame, arms)


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
            frame.locals[pattern.name] = subject
        return matched
    if isinstance(pattern, ast.MatchSequence):
        return matches_sequence(run, pattern, subject, frame)
    if (
        isinstance(pattern, ast.MatchMapping)
        and isinstance(subject, Dict)
        and not (subject.more or subject.perhaps)
    ):
        found = []
        for key, inner_pattern in zip(pattern.keys, pattern.patterns, strict=True):
            wanted = run.evaluate(key, frame)
            if not hashable(wanted) or wanted not in subject:
                return False
            found.append(matches(run, inner_pattern, subject[wanted], frame))
        return False if False in found else None if None in found else True
    if isinstance(pattern, ast.MatchClass) and not pattern.patterns and not pattern.kwd_patterns:
        kind = run.evaluate(pattern.cls, frame)
        return run.truth(run.call(Dotted("builtins.isinstance"), Arguments([subject, kind], {})))
    for inner in ast.walk(pattern):
        name = getattr(inner, "name", None) or getattr(inner, "rest", None)
        if isinstance(name, str):
            frame.locals[name] = Unknown("it is bound by a pattern", pattern.lineno, reaches(subject))
    return None


def matches_sequence(
    run: Interpreter, pattern: ast.MatchSequence, subject: Value, frame: Frame
) -> bool | None:
    if isinstance(subject, (str, int, float, bytes, bool, Dict, type(None))):
        return False
    items, maybe, more = run.items(subject)
    star = next((n for n, each in enumerate(pattern.patterns) if isinstance(each, ast.MatchStar)), None)
    plain = len(pattern.patterns) - (star is not None)
    if maybe or more or not isinstance(subject, (List, tuple)):
        unknown = unknown_item(run, subject)
        for each in pattern.patterns:
            matches(run, each, unknown, frame)
        return None
    if len(items) < plain or (star is None and len(items) != plain):
        return False
    found: list[bool | None] = []
    after = plain if star is None else plain - star
    for number, each in enumerate(pattern.patterns):
        if isinstance(each, ast.MatchStar):
            if each.name is not None:
                frame.locals[each.name] = List(items[number : len(items) - after])
        else:
            at = number if star is None or number < star else number - len(pattern.patterns)
            found.append(matches(run, each, items[at], frame))
    return False if False in found else None if None in found else True


def do_for(run: Interpreter, node: ast.For | ast.AsyncFor, frame: Frame) -> Flow | None:
    source = run.evaluate(node.iter, frame)
    items, maybe, more = run.items(source)
    outer = frame.left_loop
    kept = frame.left_loop

    def once(item: Value) -> Flow | None:
        frame.left_loop = kept
        run.assign(node.target, item, frame)
        return run.block(node.body, frame)

    reason = f"how often the loop over `{shown(node.iter)}` runs is not known"
    may_have_left = None
    for item in items:
        run.spend()
        if maybe or may_have_left:
            why = may_have_left or reason
            flow = run.arms(
                frame,
                (
                    (f"{node.lineno}:loop", why, partial(once, item)),
                    (f"{node.lineno}:no loop", why, lambda: None),
                ),
            )
        else:
            flow = once(item)
        if frame.left_loop is not kept:
            may_have_left = (frame.left_loop or ":").partition(":")[2] or reason
        if flow is not None and flow.kind != "continue":
            if frame.left_loop is not kept:  # this pass may have ended before it came here
                _perhaps_left(flow, frame, node.lineno, may_have_left or reason)
                continue
            frame.left_loop = outer
            return None if flow.kind == "break" else flow
    flow = None
    if more:
        flow = loop_unknown(
            run, node.lineno, node.body, reason, frame, node.target, lambda: unknown_item(run, source)
        )
    frame.left_loop = outer
    if flow is not None and flow.kind in ("return", "raise"):
        return flow
    return _else_of_loop(run, node, frame, may_have_left or (reason if more else None))


def _else_of_loop(
    run: Interpreter, node: ast.For | ast.AsyncFor | ast.While, frame: Frame, why: str | None
) -> Flow | None:
    """Walk the `else` of a loop. `why` it is not known whether a `break` went past it; None: none did."""
    if not node.orelse:
        return None
    if why is None or not any(isinstance(each, ast.Break) for part in node.body for each in ast.walk(part)):
        return run.block(node.orelse, frame)
    return run.arms(
        frame,
        (
            (f"{node.lineno}:else", why, lambda: run.block(node.orelse, frame)),
            (f"{node.lineno}:break", why, lambda: None),
        ),
    )


def _perhaps_left(flow: Flow, frame: Frame, line: int, why: str) -> None:
    """A pass of a loop that may have been cut short before, and else leaves the function by `flow`."""
    if flow.kind == "return":
        frame.returns.append(flow.value)
        frame.escaped = frame.escaped or f"{line}:{why}"


def loop_unknown(
    run: Interpreter,
    line: int,
    body: list[ast.stmt],
    reason: str,
    frame: Frame,
    target: ast.expr | None,
    item: Callable[[], Value],
) -> Flow | None:
    """Walk the body of a loop that runs nobody knows how often: once, and marked as conditional."""
    for name in _assigned(body):
        if name in frame.locals:
            # What one pass leaves is what the next one starts with.
            frame.locals[name] = join(
                frame.locals[name], Unknown(f"`{name}` changes while a loop runs", line)
            )

    def once() -> Flow | None:
        session = run.sql_session
        flow = one_round()
        if run.sql_session != session:
            # The next round begins with what this one leaves, so that its SQL may mean something else.
            run.sql_session = session.join(run.sql_session)
            flow = one_round()
        return flow

    def one_round() -> Flow | None:
        if target is not None:
            run.assign(target, item(), frame)
        flow = run.block(body, frame)
        return None if flow is not None and flow.kind in ("break", "continue") else flow

    return run.arms(frame, ((f"{line}:loop", reason, once), (f"{line}:no loop", reason, lambda: None)))


def do_while(run: Interpreter, node: ast.While, frame: Frame) -> Flow | None:
    outer = frame.left_loop
    escaped, returns = frame.escaped, len(frame.returns)
    for _ in range(MOST_PASSES):
        run.spend()
        truth = run.truth(run.evaluate(node.test, frame))
        if truth is False:
            return run.block(node.orelse, frame) if node.orelse else None
        # Once a pass may have been the last, how many come after it is not known.
        if truth is None or frame.left_loop is not outer or frame.escaped is not escaped:
            break
        if len(frame.returns) != returns:
            break
        flow = run.block(node.body, frame)
        if flow is not None and flow.kind != "continue":
            if frame.left_loop is not outer:  # this pass may have ended before it came here
                _perhaps_left(flow, frame, node.lineno, frame.left_loop or "")
                break
            return None if flow.kind == "break" else flow
    reason = f"how often `while {shown(node.test)}` runs is not known"
    flow = loop_unknown(run, node.lineno, node.body, reason, frame, None, lambda: None)
    frame.left_loop = outer
    if flow is not None and flow.kind in ("return", "raise"):
        return flow
    return _else_of_loop(run, node, frame, reason)


def do_try(run: Interpreter, node: ast.Try, frame: Frame) -> Flow | None:
    before = dict(frame.locals)
    goes_on = any(not isinstance(handler.body[-1], ast.Raise) for handler in node.handlers)
    if goes_on:
        run.tries.append(object())
    try:
        flow = run.block(node.body, frame)
    finally:
        if goes_on:
            run.tries.pop()
    raised = flow is not None and flow.kind == "raise"
    if flow is None and node.orelse:
        flow = run.block(node.orelse, frame)
    handlers = [] if cannot_fail(run, node, frame) and not raised else node.handlers
    if handlers:
        after = frame.locals
        reason = f"whether the `try` at line {node.lineno} fails is not known before it runs"
        arms: list[tuple[str, str, Callable[[], Flow | None]]] = []
        if not raised:
            arms.append((f"{node.lineno}:try", reason, lambda: flow))
        for number, handler in enumerate(handlers):
            arms.append(
                (
                    f"{node.lineno}:except{number}",
                    reason,
                    partial(partial(run_handler, run), handler, before, frame),
                )
            )
        frame.locals = after
        if raised and flow is not None and not _catches(handlers[0], flow.value):
            arms.append((f"{node.lineno}:try", reason, partial(_same_flow, flow)))
        if raised and len(arms) == 1:
            flow = run_handler(run, handlers[0], before, frame)
        else:
            flow = run.arms(frame, arms)
    if node.finalbody:
        last = run.block(node.finalbody, frame)
        return last if last is not None else flow
    return flow


def _same_flow(flow: Flow) -> Flow:
    return flow


def _catches(handler: ast.ExceptHandler, raised: Value) -> bool:
    """Whether a handler certainly takes an exception of this name: another may stand above or below it."""
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    names = {exception_name(kind) for kind in kinds}
    return handler.type is None or bool(names & {raised or None, "Exception", "BaseException"})


def run_handler(
    run: Interpreter, handler: ast.ExceptHandler, before: dict[str, Value], frame: Frame
) -> Flow | None:
    may_keep(before, frame)
    if handler.name:
        frame.locals[handler.name] = Unknown("it is an exception", handler.lineno)
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


def _assigned(body: list[ast.stmt]) -> set[str]:
    first = body[0]
    known: set[str] | None = getattr(first, _ASSIGNED, None)
    if known is None:
        known = {
            node.id
            for statement in body
            for node in ast.walk(statement)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        }
        setattr(first, _ASSIGNED, known)  # a loop inside a loop is come to again and again
    return known


_ASSIGNED = "_assigned"
