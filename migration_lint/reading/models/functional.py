"""Functions that take or make functions: `functools`, `itertools`, `operator`, `contextlib`, `copy`."""

from __future__ import annotations

import ast

from migration_lint.reading.models import table
from migration_lint.reading.models.builtins import get_attribute
from migration_lint.reading.models.iterating import mapped
from migration_lint.reading.models.table import Model
from migration_lint.reading.python.assignments import extend, set_item
from migration_lint.reading.python.escapes import hand_over
from migration_lint.reading.python.interpreter import Interpreter
from migration_lint.reading.python.running import LONGEST_LIST, Arguments, Exhausted, Iteration
from migration_lint.reading.python.values import (
    NOTHING,
    BoundFunction,
    Dotted,
    List,
    Module,
    Unknown,
    Value,
    join,
    join_all,
    reaches,
    whole,
)


def first(run: Interpreter, a: Arguments) -> Value:
    return a.args[0] if a.args else None


def _reduce(run: Interpreter, a: Arguments) -> Value:
    if len(a.args) < 2:
        return Unknown("it fails")
    items = run.items(a.args[1])
    rest = list(items.slots) if items.exact else items.every()
    result: Value
    if len(a.args) > 2:
        result = a.args[2]
    elif rest:
        result = rest.pop(0)
    else:
        result = Unknown("what `reduce` runs over is not known", reach=reaches(a.args[1]))
    made = [result]

    def once(item: Value) -> None:
        made.append(run.call(a.args[0], Arguments([made[-1], item], {})))

    if items.exact:
        for item in rest:
            once(item)
        return made[-1]
    unknown = Unknown("what `reduce` runs over is not known", reach=reaches(a.args[1]))
    mapped(run, Iteration(rest, unknown), once)
    return join_all(made)


def _operator(op: ast.operator) -> Model:
    def model(run: Interpreter, a: Arguments) -> Value:
        return run.binary(op, a.args[0], a.args[1]) if len(a.args) == 2 else Unknown("it fails")

    return model


def _extended(run: Interpreter, a: Arguments) -> Value:
    """`a += b`: a list is the same afterwards, and longer."""
    if len(a.args) == 2 and isinstance(a.args[0], List):
        extend(run, a.args[0], run.items(a.args[1]))
        return a.args[0]
    if len(a.args) != 2:
        return Unknown("it fails")
    return run.binary(ast.Add(), a.args[0], a.args[1], inplace=True)


def _partial(run: Interpreter, a: Arguments) -> Value:
    return BoundFunction(a.args[0], tuple(a.args[1:]), dict(a.kwargs)) if a.args else Unknown("it fails")


def _identity_decorator(run: Interpreter, a: Arguments) -> Value:
    return a.args[0] if a.args and not isinstance(a.args[0], (int, str)) else Dotted("builtins.property.same")


def _closing(run: Interpreter, a: Arguments) -> Value:
    hand_over(run, a.args[0] if a.args else None)  # its `close` is called in the end
    return first(run, a)


def _starmap(run: Interpreter, a: Arguments) -> Value:
    rows = run.items(a.get(1, "iterable"))

    def one(row: Value) -> Value:
        items = run.items(row)
        return run.call(a.args[0], Arguments(items.every(), {}, more=not items.exact, reach=reaches(row)))

    return mapped(run, rows, one) if a.args else Unknown("it fails")


def _accumulate(run: Interpreter, a: Arguments) -> Value:
    function = a.get(1, "func")
    if function is None:
        return List(rest=Unknown("a sum is not known"))
    start = [a.kwargs["initial"]] if a.kwargs.get("initial") is not None else []
    last = _reduce(run, Arguments([function, a.get(0, "iterable"), *start], {}))
    return List(rest=join(last, Unknown("a sum is not known", reach=reaches(a.get(0, "iterable")))))


def _get_item(run: Interpreter, a: Arguments) -> Value:
    return run.item(a.args[0], a.args[1]) if len(a.args) == 2 else Unknown("it fails")


def _set_item(run: Interpreter, a: Arguments) -> Value:
    if len(a.args) == 3:
        set_item(run, *a.args)


def _call(run: Interpreter, a: Arguments) -> Value:
    return run.call(a.args[0], a._replace(args=a.args[1:])) if a.args else Unknown("it fails")


def _module_type(run: Interpreter, a: Arguments) -> Value:
    name = a.get(0, "name")
    return Module(name if whole(name) else "module", run.script.path)


def _resolve_name(run: Interpreter, a: Arguments) -> Value:
    """`pkgutil.resolve_name("a.b:c.d")`: what is under that name of the module, whose top runs."""
    name = a.get(0, "name")
    module, _, inside = name.partition(":") if whole(name) else ("", "", "")
    if not module:
        run.recorder.unread("something of a module is taken, and which one could not be worked out")
        return Unknown("what is taken from a module is not known", reach=True)
    run.library.imported(run, module)
    made: Value = Dotted(module)
    for each in inside.split(".") if inside else ():
        made = run.attribute(made, each)
    return made


def _methodcaller(run: Interpreter, a: Arguments) -> Value:
    return BoundFunction(Dotted("<made>.methodcaller"), tuple(a.args), dict(a.kwargs))


def _called(run: Interpreter, a: Arguments) -> Value:
    if len(a.args) < 2:
        return Unknown("it fails")
    method = get_attribute(run, Arguments([a.args[-1], a.args[0]], {}))
    return run.call(method, Arguments(a.args[1:-1], a.kwargs))


def _attrgetter(run: Interpreter, a: Arguments) -> Value:
    return BoundFunction(Dotted("<made>.attrgetter"), tuple(a.args), {})


def _got(run: Interpreter, a: Arguments) -> Value:
    *names, of = a.args
    if len(names) > 1:
        return tuple(_got(run, Arguments([name, of], {})) for name in names)
    for part in str(names[0]).split(".") if names and whole(names[0]) else ():
        of = run.attribute(of, part)
    return of if names and whole(names[0]) else Unknown("which attribute is taken is not known", reach=True)


def _itemgetter(run: Interpreter, a: Arguments) -> Value:
    return BoundFunction(Dotted("<made>.itemgetter"), tuple(a.args), {})


def _taken(run: Interpreter, a: Arguments) -> Value:
    *keys, of = a.args
    return run.item(of, keys[0]) if len(keys) == 1 else tuple(run.item(of, key) for key in keys)


def _chain(run: Interpreter, a: Arguments) -> Value:
    made = List()
    for each in a.args:
        extend(run, made, run.items(each))
    return made


def _chain_all(run: Interpreter, a: Arguments) -> Value:
    rows = run.items(a.get(0, "iterable"))
    if rows.exact:
        return _chain(run, Arguments(list(rows.slots), {}))
    return List(rest=join_all(item for row in rows.every() for item in run.items(row).every()))


def _product(run: Interpreter, a: Arguments) -> Value:
    given = [run.items(each) for each in a.args]
    if not all(items.exact for items in given):
        row = tuple([join_all(items.every()) for items in given])
        return List(rest=NOTHING if NOTHING in row else row)
    rows: list[tuple[Value, ...]] = [()]
    for items in given:
        if len(rows) * len(items.slots) > LONGEST_LIST:
            raise Exhausted("a list of the script grows too long")
        rows = [(*row, item) for row in rows for item in items.slots]
    return List(rows)


table.names({
    "builtins.property.same": first,
    "operator.add": _operator(ast.Add()), "operator.concat": _operator(ast.Add()),
    "operator.iadd": _extended, "operator.iconcat": _extended,
    "operator.mod": _operator(ast.Mod()), "operator.mul": _operator(ast.Mult()),
    "operator.or_": _operator(ast.BitOr()),
    "operator.methodcaller": _methodcaller, "<made>.methodcaller": _called,
    "operator.itemgetter": _itemgetter, "<made>.itemgetter": _taken,
    "operator.attrgetter": _attrgetter, "<made>.attrgetter": _got,
    "functools.partial": _partial, "functools.reduce": _reduce,
    "functools.wraps": lambda run, a: Dotted("builtins.property.same"),
    "functools.lru_cache": _identity_decorator, "functools.cache": first,
    "copy.copy": first, "copy.deepcopy": first,
    "itertools.chain": _chain, "itertools.chain.from_iterable": _chain_all, "itertools.product": _product,
    "contextlib.suppress": lambda run, a: BoundFunction(Dotted("contextlib.suppress")),
    "contextlib.nullcontext": first, "contextlib.closing": _closing,
    "itertools.starmap": _starmap, "itertools.accumulate": _accumulate,
    "operator.getitem": _get_item, "operator.setitem": _set_item, "operator.call": _call,
    "types.ModuleType": _module_type, "pkgutil.resolve_name": _resolve_name,
})  # fmt: skip
