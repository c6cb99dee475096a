"""Comprehensions and generator expressions."""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from migration_lint.reading.python.assignments import extend, set_item
from migration_lint.reading.python.later import delayed
from migration_lint.reading.python.running import Flow, Iteration, shown
from migration_lint.reading.python.values import Dict, Frame, Inside, List, Value

if TYPE_CHECKING:
    from migration_lint.reading.python.interpreter import Interpreter


def of_generatorexp(run: Interpreter, node: ast.GeneratorExp, frame: Frame) -> Value:
    return delayed(run, partial(of_listcomp, run, node, frame))


def of_listcomp(run: Interpreter, node: ast.ListComp | ast.SetComp | ast.GeneratorExp, frame: Frame) -> Value:
    inside = Inside(frame.module, frame)
    made = List()
    made.site = node

    def add() -> None:
        extend(run, made, Iteration((run.evaluate(node.elt, inside),)))

    generate(run, node.generators, inside, add)
    return made


def of_dictcomp(run: Interpreter, node: ast.DictComp, frame: Frame) -> Value:
    inside = Inside(frame.module, frame)
    made = Dict()
    made.site = node

    def add() -> None:
        set_item(run, made, run.evaluate(node.key, inside), run.evaluate(node.value, inside))

    generate(run, node.generators, inside, add)
    return made


def generate(
    run: Interpreter, generators: list[ast.comprehension], inside: Frame, add: Callable[[], None]
) -> None:
    """Run the loops of a comprehension; `add` takes what one round gives."""
    if not generators:
        run.spend()
        add()
        return
    generator, rest = generators[0], generators[1:]
    source = run.evaluate(generator.iter, inside)
    line = generator.iter.lineno
    reason = f"what `{shown(generator.iter)}` holds is not known before it runs"

    def once(item: Value) -> Flow | None:
        run.assign(generator.target, item, inside)
        filtered(generator.ifs)
        return None

    def filtered(tests: list[ast.expr]) -> Flow | None:
        if not tests:
            generate(run, rest, inside, add)
            return None
        truth = run.decided(tests[0], run.evaluate(tests[0], inside))
        if truth is None:
            run.arms(
                (
                    (f"{line}:loop", reason, partial(filtered, tests[1:])),
                    (f"{line}:no loop", reason, lambda: None),
                )
            )
        elif truth:
            filtered(tests[1:])
        return None

    run.follow(generator, source, reason, once)
