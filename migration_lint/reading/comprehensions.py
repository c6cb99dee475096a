"""Comprehensions and generator expressions."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING

from migration_lint.reading.assignments import set_item, unknown_item
from migration_lint.reading.recorder import Condition
from migration_lint.reading.running import LONGEST_LIST, Exhausted, shown
from migration_lint.reading.values import Dict, Frame, List, Value

if TYPE_CHECKING:
    from migration_lint.reading.interpreter import Interpreter


def of_listcomp(run: Interpreter, node: ast.ListComp | ast.SetComp | ast.GeneratorExp, frame: Frame) -> Value:
    inside = Frame(frame.module, frame)
    made = List()
    generate(run, node.generators, inside, made, lambda: made.append(run.evaluate(node.elt, inside)))
    return made


def of_dictcomp(run: Interpreter, node: ast.DictComp, frame: Frame) -> Value:
    inside = Frame(frame.module, frame)
    made = Dict()
    made.born = run.moment()
    flags = List()

    def add() -> None:
        set_item(run, made, run.evaluate(node.key, inside), run.evaluate(node.value, inside))

    generate(run, node.generators, inside, flags, add)
    made.more = made.more or flags.more
    return made


def generate(
    run: Interpreter, generators: list[ast.comprehension], inside: Frame, made: List, add: Callable[[], None]
) -> None:
    if not generators:
        run.spend()
        add()
        if len(made) > LONGEST_LIST:
            raise Exhausted("a list of the script grows too long")
        return
    generator, rest = generators[0], generators[1:]
    source = run.evaluate(generator.iter, inside)
    items, maybe, more = run.items(source)
    made.maybe = made.maybe or maybe
    line = generator.iter.lineno
    runs: list[tuple[Value, bool]] = [(item, maybe) for item in items]
    if more:
        made.more = True
        made.maybe = True
        runs += [(unknown_item(run, source), True)] * 2
    session = run.sql_session
    for number, (item, uncertain) in enumerate(runs):
        if number == len(items) + 1 and run.sql_session == session:
            break  # one more round on what is not known would do the same again
        run.spend()
        run.assign(generator.target, item, inside)
        truths = [run.truth(run.evaluate(test, inside)) for test in generator.ifs]
        if False in truths:
            continue
        if None in truths:
            made.maybe = uncertain = True
        if uncertain:
            reason = f"what `{shown(generator.iter)}` holds is not known before it runs"
            run.recorder.conditions.append(Condition(f"{line}:loop", reason))
        try:
            generate(run, rest, inside, made, add)
        finally:
            if uncertain:
                run.recorder.conditions.pop()
