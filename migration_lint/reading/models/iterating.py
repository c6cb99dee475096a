"""Built-in functions over whatever can be iterated: `sorted`, `zip`, `map`, `any` and the like."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from migration_lint.reading.models import table
from migration_lint.reading.models.table import Model
from migration_lint.reading.python.assignments import extend, loosen
from migration_lint.reading.python.branches import each_item, loop_unknown
from migration_lint.reading.python.containers import inside
from migration_lint.reading.python.interpreter import Interpreter
from migration_lint.reading.python.later import is_iterator
from migration_lint.reading.python.running import ENTRIES_A_STEP, Arguments, Iteration
from migration_lint.reading.python.values import (
    NOTHING,
    Data,
    Dotted,
    List,
    Maybe,
    Row,
    Rows,
    Unknown,
    Value,
    alternatives,
    chosen,
    hashable,
    join,
    join_all,
    reaches,
)


def as_list(run: Interpreter, a: Arguments) -> Value:
    given = a.args[0] if a.args else None
    if isinstance(given, Data) and not (isinstance(given, Row) and given.parts() is not None):
        return given if isinstance(given, (Row, Rows)) else Data(given.tables)
    made = run.items(a.args[0]).list() if a.args else List()
    made.site = run.recorder.place
    return made


def _iter(run: Interpreter, a: Arguments) -> Value:
    if len(a.args) != 2:
        return as_list(run, a)
    # `iter(function, sentinel)` calls the function until it gives that.
    made = List()

    def again() -> None:
        extend(run, made, Iteration((run.call(a.args[0], Arguments([], {})),)))

    loop_unknown(run, getattr(run.recorder.place, "lineno", 0), "how often it runs is not known", again)
    return made


def _tuple(run: Interpreter, a: Arguments) -> Value:
    made = as_list(run, a)
    return tuple(made) if isinstance(made, List) and made.exact else made


def _unique(run: Interpreter, a: Arguments) -> Value:
    made = as_list(run, a)
    if not isinstance(made, List):
        return made
    kept = List(rest=made.rest, tail=made.tail)
    seen: set[Value] = set()
    others: list[Value] = []  # what cannot be looked up
    for item in made:
        if hashable(item) and not isinstance(item, Dotted):
            if item not in seen and not any(run.equal(item, inside(known)) for known in others):
                kept.append(item)
            seen.add(item)
        elif not any(run.equal(inside(item), inside(known)) for known in kept):
            run.spend(len(kept) // ENTRIES_A_STEP)
            kept.append(item)
            others.append(item)
    return kept


def ordered(run: Interpreter, a: Arguments) -> Value:
    made = as_list(run, a)
    key = a.kwargs.get("key")
    if not isinstance(made, List):
        return made
    keys = List(made) if key is None else _map(run, Arguments([key, made], {}))
    backwards = run.truth(a.kwargs.get("reverse", False))
    known = run.constant(keys) if made.exact else None
    if known is not None and backwards is not None:
        try:
            order = sorted(range(len(made)), key=known.__getitem__, reverse=backwards)
        except TypeError:
            pass
        else:
            return List([made[at] for at in order])
    if made.exact and len(made) < 2:
        return made
    loosen(made)  # all of them are there, but which stands where is not known
    return made


def turned(run: Interpreter, a: Arguments) -> Value:
    made = as_list(run, a)
    if not isinstance(made, List):
        return made
    if made.open:
        return List(made.tail[::-1], rest=made.rest, tail=made[::-1])
    return List(made[::-1])


def _enumerate(run: Interpreter, a: Arguments) -> Value:
    items = run.items(a.get(0, "iterable"))
    start = a.get(1, "start", 0)
    numbers = [start + n for n in range(len(items.slots))] if isinstance(start, int) else None
    made = List()
    number = Unknown("which number an entry has is not known")
    for at, item in enumerate(items.slots):
        sure = numbers is not None and not any(type(each) is Maybe for each in items.slots[:at])
        pair = (numbers[at] if sure and numbers is not None else number, inside(item))
        made.append(Maybe(pair) if type(item) is Maybe else pair)
    if items.open:
        made.rest = (number, items.rest)
        made.tail = [like(item, (number, inside(item))) for item in items.tail]
    return made


def like(slot: Value, value: Value) -> Value:
    """A slot that holds another value, and may be empty where `slot` may."""
    return Maybe(value) if type(slot) is Maybe else value


def _zip(run: Interpreter, a: Arguments) -> Value:
    shared = [each for at, each in enumerate(a.args) if is_iterator(each) and each in a.args[:at]]
    rows = [run.items(each) for each in a.args]
    if shared:  # each takes what another would have had
        if all(each is shared[0] for each in a.args) and rows[0].exact:
            slots, width = rows[0].slots, len(rows)
            return List(tuple(slots[at : at + width]) for at in range(0, len(slots) - width + 1, width))
        return List(rest=tuple([join_all(items.every()) for items in rows]))
    run.spend(min((len(items.slots) for items in rows), default=0) * len(rows) // ENTRIES_A_STEP)
    made = List()
    for row in zip(*(items.slots for items in rows), strict=False):
        if any(type(each) is Maybe for each in row):
            break
        made.append(tuple(row))
    if not all(items.exact for items in rows):
        made.rest = tuple([join_all(items.every()) for items in rows])
        if NOTHING in made.rest:
            made.rest = NOTHING
    return made


def _map(run: Interpreter, a: Arguments) -> Value:
    if len(a.args) < 2:
        return List(rest=Unknown("what `map` gives is not known"))
    rows = run.items(a.args[1]) if len(a.args) == 2 else run.items(_zip(run, Arguments(a.args[1:], {})))
    return mapped(
        run, rows, lambda item: run.call(a.args[0], Arguments([item] if len(a.args) == 2 else [*item], {}))
    )


def mapped(run: Interpreter, items: Iteration, function: Callable[[Value], Value]) -> List:
    """What a function gives for each entry, called for it, or where it may be missing, perhaps called."""
    made = List()
    line = getattr(run.recorder.place, "lineno", 0)
    reason = "how often it runs is not known"

    def once(item: Value) -> None:
        extend(run, made, Iteration((function(item),)))

    each_item(run, items, line, reason, once)
    return made


def _filter(run: Interpreter, a: Arguments) -> Value:
    if len(a.args) < 2:
        return List(rest=Unknown("what `filter` gives is not known"))
    items = run.items(a.args[1])

    def test(item: Value) -> Value:
        return (item, item if a.args[0] is None else run.call(a.args[0], Arguments([item], {})))

    tested = mapped(run, items, test)

    def left(slots: Iterable[Value]) -> list[Value]:
        found = [(each, run.truth(inside(each)[1])) for each in slots]
        return [
            like(each, inside(each)[0]) if truth else Maybe(chosen(inside(each)[0]))
            for each, truth in found
            if truth is not False
        ]

    rest = tested.rest
    if rest is not NOTHING:
        pairs = (one if isinstance(one, tuple) else (one, one) for one in alternatives(rest))
        known = ((one[0], run.truth(one[1])) for one in pairs)
        rest = join_all(value if truth else chosen(value) for value, truth in known)
    return List(left(tested), rest=rest, tail=left(tested.tail))


def _next(run: Interpreter, a: Arguments) -> Value:
    source = a.get(0, "iterator")
    later = source.later if isinstance(source, List) else None
    asked = 0 if later is None else later.asked
    items = run.items(source)
    if later is not None:
        if asked or run.store.is_gone_through(source):
            later.mixed = True
            run.store.touch(source)
        later.asked = asked  # how many it takes is known
    if items.slots and type(items.slots[0]) is not Maybe and not run.store.is_gone_through(source):
        if isinstance(source, List):
            with run.store.change(source):
                source.pop(0)
        return items.slots[0]
    absent = Unknown("what `next` gives is not known", reach=reaches(source))
    found = join_all((absent, *items.every()))
    return join(found, a.args[1]) if len(a.args) > 1 else found


def _extreme(kind: Callable[[Value], Value]) -> Model:
    def model(run: Interpreter, a: Arguments) -> Value:
        if "key" in a.kwargs:
            ordered(run, Arguments([List(a.args) if len(a.args) > 1 else a.get(0, "iterable")], a.kwargs))
            return Unknown("which entry it is, is not known", reach=any(map(reaches, a.args)))
        known = run.constant(List(a.args) if len(a.args) > 1 else as_list(run, a))
        if known:
            try:
                return kind(known)
            except TypeError:
                pass
        return Unknown("a number is not known")

    return model


def _quantifier(wanted: bool) -> Model:
    def model(run: Interpreter, a: Arguments) -> Value:
        items = run.items(a.get(0, "iterable"))
        slots = (*items.slots, *items.tail)
        truths = [run.truth(inside(item)) for item in slots]
        if any(
            truth is wanted and type(slot) is not Maybe for truth, slot in zip(truths, slots, strict=True)
        ):
            return wanted
        if None in truths or wanted in truths or items.open:
            return Unknown("a condition is not known")
        return not wanted

    return model


table.names({
    "builtins.list": as_list, "builtins.tuple": _tuple, "builtins.set": _unique,
    "builtins.frozenset": _unique, "builtins.sorted": ordered, "builtins.reversed": turned,
    "builtins.enumerate": _enumerate, "builtins.zip": _zip, "builtins.map": _map,
    "builtins.filter": _filter, "builtins.next": _next, "builtins.iter": _iter,
    "builtins.min": _extreme(min), "builtins.max": _extreme(max), "builtins.sum": _extreme(sum),
    "builtins.any": _quantifier(True), "builtins.all": _quantifier(False),
    "collections.deque": as_list,
})  # fmt: skip
