"""What Python's built-ins and standard library mean to the interpreter.

Only what scripts use to build names and SQL is modelled. Everything else of the standard library gives
an unknown value: it cannot reach a database unless it is handed a connection, and `Libraries` looks at
that before it comes here.
"""

from __future__ import annotations

import ast
import inspect
import posixpath
import re
import textwrap
from collections.abc import Callable, Iterable
from functools import partial
from typing import Protocol

from migration_lint.operations import HOLE
from migration_lint.reading.models.alembic_api import is_directive
from migration_lint.reading.python.assignments import (
    delete_attribute,
    delete_item,
    extend,
    forget,
    loosen,
    put,
    set_attribute,
    set_item,
    update,
)
from migration_lint.reading.python.branches import each_item, loop_unknown
from migration_lint.reading.python.classes import attributes
from migration_lint.reading.python.containers import inside, optional
from migration_lint.reading.python.interpreter import Interpreter
from migration_lint.reading.python.running import (
    CHARACTERS_A_STEP,
    ENTRIES_A_STEP,
    LONGEST_LIST,
    LONGEST_TEXT,
    Arguments,
    Exhausted,
    Items,
    written,
)
from migration_lint.reading.python.subscripts import Open, entry, of_sequence
from migration_lint.reading.python.values import (
    NOTHING,
    Bound,
    Choice,
    Class,
    Data,
    Dict,
    Dotted,
    FilePath,
    Function,
    Instance,
    List,
    Maybe,
    Method,
    Module,
    OpenFile,
    Outside,
    Template,
    Unknown,
    Value,
    alternatives,
    hashable,
    join,
    join_all,
    reaches,
    whole,
)


class Files(Protocol):
    """How the files of the tree under judgement are read."""

    def text(self, path: str) -> str | None:
        """The text of a file, by its path in the tree; None where there is none."""
        ...

    def listing(self, path: str) -> list[str]:
        """The names in a folder of the tree."""
        ...


Model = Callable[[Interpreter, Arguments], Value]

#: Names of builtins that are called through `MODELS`, or are types to be told apart.
BUILTINS = frozenset(
    "abs all any ascii bin bool bytes callable chr dict dir divmod enumerate filter float format "
    "frozenset getattr globals hasattr hash hex id int isinstance issubclass iter len list locals map max "
    "min next object oct open ord pow print property range repr reversed round set setattr sorted "
    "staticmethod classmethod str sum super tuple type vars zip __import__ exec eval compile input "
    "bytearray complex memoryview slice delattr Exception BaseException ValueError TypeError KeyError "
    "RuntimeError NotImplementedError AttributeError ImportError ModuleNotFoundError IndexError OSError "
    "IOError FileNotFoundError AssertionError StopIteration Warning UserWarning DeprecationWarning "
    "NotImplemented SystemExit KeyboardInterrupt LookupError ArithmeticError ZeroDivisionError "
    "PermissionError TimeoutError".split()
)


def builtin(name: str) -> Value | None:
    """The value of a built-in name."""
    if name in BUILTINS:
        return Dotted(f"builtins.{name}")
    if name == "__debug__":
        return True
    return Unknown("`...`") if name == "Ellipsis" else None


def _len(run: Interpreter, a: Arguments) -> Value:
    value = a.get(0, "obj")
    if isinstance(value, str) and not whole(value):
        return Unknown("how long a text is, is not known")
    if isinstance(value, (List, Dict)):
        return len(value) if value.exact else Unknown("how long it is, is not known")
    if isinstance(value, (str, bytes, tuple, set, frozenset, range)):
        return len(value)
    if isinstance(value, Instance):
        method = run.attribute(value, "__len__")
        if isinstance(method, (Function, Bound)):
            return run.call(method, Arguments([], {}))
    return Unknown("how long it is, is not known")


def _range(run: Interpreter, a: Arguments) -> Value:
    if a.args and all(isinstance(each, int) for each in a.args) and len(a.args) <= 3:
        try:
            made = range(*a.args)
        except ValueError:
            return Unknown("the range fails")
        # A `while` over a huge range is bounded by the steps; a list of it would be memory.
        number = Unknown("a number of a range is not known")
        return made if len(made) <= LONGEST_LIST else List(made[:100], rest=number)
    return List(rest=Unknown("a number of a range is not known"))


def _list(run: Interpreter, a: Arguments) -> Value:
    if a.args and isinstance(a.args[0], Data):
        return Data(a.args[0].tables)
    made = run.items(a.args[0]).list() if a.args else List()
    made.site = run.recorder.place
    return made


def _iter(run: Interpreter, a: Arguments) -> Value:
    if len(a.args) != 2:
        return _list(run, a)
    # `iter(function, sentinel)` calls the function until it gives that.
    made = List()

    def again() -> None:
        extend(run, made, Items((run.call(a.args[0], Arguments([], {})),)))

    loop_unknown(run, getattr(run.recorder.place, "lineno", 0), "how often it runs is not known", again)
    return made


def _tuple(run: Interpreter, a: Arguments) -> Value:
    made = _list(run, a)
    return tuple(made) if isinstance(made, List) and made.exact else made


def _unique(run: Interpreter, a: Arguments) -> Value:
    made = _list(run, a)
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


def _sorted(run: Interpreter, a: Arguments) -> Value:
    made = _list(run, a)
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


def _reversed(run: Interpreter, a: Arguments) -> Value:
    made = _list(run, a)
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
        made.tail = [_like(item, (number, inside(item))) for item in items.tail]
    return made


def _like(slot: Value, value: Value) -> Value:
    """A slot that holds another value, and may be empty where `slot` may."""
    return Maybe(value) if type(slot) is Maybe else value


def _zip(run: Interpreter, a: Arguments) -> Value:
    rows = [run.items(each) for each in a.args]
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


def _dict(run: Interpreter, a: Arguments) -> Value:
    made = Dict()
    made.site = run.recorder.place
    if a.args:
        source = a.args[0]
        if isinstance(source, Dict):
            update(made, source)
        else:
            pairs = run.items(source)
            for item in pairs.every():
                pair = run.items(item)
                if pair.exact and len(pair.slots) == 2 and pairs.exact:
                    put(made, pair.slots[0], pair.slots[1])
                elif pair.exact and len(pair.slots) == 2:
                    added = Dict()
                    put(added, pair.slots[0], pair.slots[1])
                    update(
                        made, Dict({key: optional(value) for key, value in added.items()}, rest=added.rest)
                    )
                else:
                    made.rest = join(
                        made.rest, Unknown("an entry of a dictionary is not known", reach=reaches(item))
                    )
    if a.more:
        update(made, Dict(rest=Unknown("what is spread is not known", reach=a.reach)))
    made.update(a.kwargs)
    return made


def _str(run: Interpreter, a: Arguments) -> Value:
    if not a.args:
        return ""
    value = a.args[0]
    if isinstance(value, FilePath):
        return value
    if isinstance(value, Instance):
        method = run.attribute(value, "__str__")
        if isinstance(method, (Function, Bound)):
            return run.call(method, Arguments([], {}))
    return run.text(value)


def _repr(run: Interpreter, a: Arguments) -> Value:
    known = run.constant(a.get(0, "obj"))
    return run.hole("a part of it could not be worked out") if known is None else written(known, repr)


def _number(kind: Callable[[Value], Value]) -> Model:
    def model(run: Interpreter, a: Arguments) -> Value:
        if not a.args:
            return kind(0)
        value = a.args[0]
        if (
            (isinstance(value, (int, float)) or whole(value))
            and len(a.args) == 1
            and len(written(value)) < 1000
        ):
            try:
                return kind(value)
            except (ValueError, OverflowError):
                pass
        return Unknown("a number is not known")

    return model


def _bool(run: Interpreter, a: Arguments) -> Value:
    truth = run.truth(a.get(0, "x", False))
    return Unknown("a condition is not known") if truth is None else truth


def _getattr(run: Interpreter, a: Arguments) -> Value:
    if len(a.args) < 2:
        return Unknown("an attribute is not known")
    of, name = a.args[0], a.args[1]
    if isinstance(name, Choice):
        return run.lift(lambda each: _getattr(run, Arguments([of, each, *a.args[2:]], {})), name)
    if not whole(name):
        return Unknown("which attribute is taken is not known", reach=reaches(of))
    found = run.attribute(of, name)
    if len(a.args) > 2 and (isinstance(found, Unknown) or _may_lack(of, name)):
        return join(found, a.args[2])
    return found


def _may_lack(of: Value, name: str) -> bool:
    """Whether an attribute that is known may not be there."""
    return isinstance(of, (Instance, Class)) and type(of.names.get(name)) is Maybe


def _setattr(run: Interpreter, a: Arguments) -> Value:
    of, name = a.get(0, "obj"), a.get(1, "name")
    if whole(name):
        set_attribute(run, of, name, a.get(2, "value"))
    elif isinstance(of, (Instance, Class)):
        value = a.get(2, "value")
        with run.store.change(of.names, weak=True):  # all at once: a class may have hundreds of names
            for known in [*of.names] if not isinstance(name, Choice) else alternatives(name):
                if isinstance(known, str):
                    of.names[known] = value
    return None


def _delattr(run: Interpreter, a: Arguments) -> Value:
    of, name = a.get(0, "obj"), a.get(1, "name")
    if whole(name):
        delete_attribute(run, of, name)
    elif isinstance(of, (Instance, Class)):
        with run.store.change(of.names, weak=True):
            of.names.clear()
    return None


def _is_directive(value: Value) -> bool:
    name = value.path if isinstance(value, Dotted) else ""
    return name.startswith("alembic.op.") and is_directive(name[len("alembic.op.") :], False)


def _hasattr(run: Interpreter, a: Arguments) -> Value:
    if len(a.args) == 2 and whole(a.args[1]):
        of, name = a.args
        if of == Dotted("alembic.op") and is_directive(name, False):
            return True
        if isinstance(of, (Instance, Class, Module)):
            found = run.attribute(of, name)
            unknown = any(isinstance(each, Unknown) for each in alternatives(found))
            if not unknown and not _may_lack(of, name):
                return True
    return Unknown("whether there is such an attribute is not known")


def _isinstance(run: Interpreter, a: Arguments) -> Value:
    value = a.get(0, "obj")
    kinds: dict[str, type | tuple[type, ...]] = {
        "builtins.str": str, "builtins.int": int, "builtins.list": List, "builtins.tuple": tuple,
        "builtins.dict": Dict, "builtins.bool": bool, "builtins.float": float, "builtins.bytes": bytes,
    }  # fmt: skip
    wanted = a.get(1, "cls")
    for each in wanted if isinstance(wanted, tuple) else (wanted,):
        if isinstance(each, Dotted) and each.path in kinds:
            if isinstance(value, kinds[each.path]):
                return True
            plain = isinstance(value, (str, int, float, bytes, List, tuple, Dict, type(None)))
            if not plain and not (isinstance(value, Instance) and _is_own(run, value.of)):
                return Unknown("of what type a value is, is not known")
        elif isinstance(each, Class) and isinstance(value, Instance):
            if _derives(run, value.of, each):
                return True
        else:
            return Unknown("of what type a value is, is not known")
    return False


def _is_own(run: Interpreter, of: Class, depth: int = 12) -> bool:
    """Whether a class derives from nothing but classes that can be read."""
    bases = [run.resolve(base) for base in of.bases]
    return bool(depth) and all(isinstance(base, Class) and _is_own(run, base, depth - 1) for base in bases)


def _derives(run: Interpreter, of: Class, wanted: Class, depth: int = 12) -> bool:
    if of is wanted:
        return True
    bases = [run.resolve(base) for base in of.bases]
    return depth > 0 and any(
        isinstance(base, Class) and _derives(run, base, wanted, depth - 1) for base in bases
    )


def _map(run: Interpreter, a: Arguments) -> Value:
    if len(a.args) < 2:
        return List(rest=Unknown("what `map` gives is not known"))
    rows = run.items(a.args[1]) if len(a.args) == 2 else run.items(_zip(run, Arguments(a.args[1:], {})))
    return mapped(
        run, rows, lambda item: run.call(a.args[0], Arguments([item] if len(a.args) == 2 else [*item], {}))
    )


def mapped(run: Interpreter, items: Items, function: Callable[[Value], Value]) -> List:
    """What a function gives for each entry, called for it, or where it may be missing, perhaps called."""
    made = List()
    line = getattr(run.recorder.place, "lineno", 0)
    reason = "how often it runs is not known"

    def once(item: Value) -> None:
        extend(run, made, Items((function(item),)))

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
            _like(each, inside(each)[0]) if truth else Maybe(inside(each)[0])
            for each, truth in found
            if truth is not False
        ]

    rest = tested.rest if tested.rest is NOTHING else join_all(one[0] for one in alternatives(tested.rest))
    return List(left(tested), rest=rest, tail=left(tested.tail))


def _next(run: Interpreter, a: Arguments) -> Value:
    source = a.get(0, "iterator")
    items = run.items(source)
    if items.slots and type(items.slots[0]) is not Maybe:
        if isinstance(source, List):
            with run.store.change(source):
                source.pop(0)
        return items.slots[0]
    absent = Unknown("what `next` gives is not known", reach=reaches(source))
    found = join_all((absent, *items.every()))
    return join(found, a.args[1]) if len(a.args) > 1 else found


def _first(run: Interpreter, a: Arguments) -> Value:
    return a.args[0] if a.args else None


def _extreme(kind: Callable[[Value], Value]) -> Model:
    def model(run: Interpreter, a: Arguments) -> Value:
        if "key" in a.kwargs:
            _sorted(run, Arguments([List(a.args) if len(a.args) > 1 else a.get(0, "iterable")], a.kwargs))
            return Unknown("which entry it is, is not known", reach=any(map(reaches, a.args)))
        known = run.constant(List(a.args) if len(a.args) > 1 else _list(run, a))
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
    mapped(run, Items(rest, unknown), once)
    return join_all(made)


def _operator(op: ast.operator) -> Model:
    def model(run: Interpreter, a: Arguments) -> Value:
        return run.binary(op, a.args[0], a.args[1]) if len(a.args) == 2 else Unknown("it fails")

    return model


def _from_keys(run: Interpreter, a: Arguments) -> Value:
    items, value = run.items(a.get(0, "iterable")), a.get(1, "value")
    made = Dict()
    for slot in items.slots:
        put(made, inside(slot), _like(slot, value) if hashable(inside(slot)) else value)
    if items.open:
        made.rest = join(made.rest, value)
    return made


def _default_dict(run: Interpreter, a: Arguments) -> Value:
    factory = a.get(0, "default_factory")
    return Open(_dict(run, a._replace(args=a.args[1:])), lambda key: run.call(factory, Arguments([], {})))


def _partial(run: Interpreter, a: Arguments) -> Value:
    return Bound(a.args[0], tuple(a.args[1:]), dict(a.kwargs)) if a.args else Unknown("it fails")


def _identity_decorator(run: Interpreter, a: Arguments) -> Value:
    return a.args[0] if a.args and not isinstance(a.args[0], (int, str)) else Dotted("builtins.property.same")


def _methodcaller(run: Interpreter, a: Arguments) -> Value:
    return Bound(Dotted("<made>.methodcaller"), tuple(a.args), dict(a.kwargs))


def _called(run: Interpreter, a: Arguments) -> Value:
    if len(a.args) < 2:
        return Unknown("it fails")
    method = _getattr(run, Arguments([a.args[-1], a.args[0]], {}))
    return run.call(method, Arguments(a.args[1:-1], a.kwargs))


def _attrgetter(run: Interpreter, a: Arguments) -> Value:
    return Bound(Dotted("<made>.attrgetter"), tuple(a.args), {})


def _got(run: Interpreter, a: Arguments) -> Value:
    *names, of = a.args
    if len(names) > 1:
        return tuple(_got(run, Arguments([name, of], {})) for name in names)
    for part in str(names[0]).split(".") if names and whole(names[0]) else ():
        of = run.attribute(of, part)
    return of if names and whole(names[0]) else Unknown("which attribute is taken is not known", reach=True)


def _itemgetter(run: Interpreter, a: Arguments) -> Value:
    return Bound(Dotted("<made>.itemgetter"), tuple(a.args), {})


def _taken(run: Interpreter, a: Arguments) -> Value:
    *keys, of = a.args
    return run.item(of, keys[0]) if len(keys) == 1 else tuple(run.item(of, key) for key in keys)


def _vars(run: Interpreter, a: Arguments) -> Value:
    of = a.get(0, "object")
    if isinstance(of, Instance):
        return attributes(of)
    if isinstance(of, Class):
        return of.names
    if isinstance(of, Module):
        return of.frame.locals
    return run.attribute(of, "__dict__")


def _callable(run: Interpreter, a: Arguments) -> Value:
    of = a.get(0, "object")
    if isinstance(of, (Function, Bound, Class, Method)) or _is_directive(of):
        return True
    return Unknown("whether something can be called is not known")


def _top(run: Interpreter, a: Arguments) -> Value:
    """`__import__("a.b")` gives `a`, unless it is told what to take from `a.b`."""
    found = _import(run, a)
    if isinstance(found, Dotted) and not a.get(3, "fromlist"):
        return Dotted(found.path.partition(".")[0])
    return found


def _import(run: Interpreter, a: Arguments) -> Value:
    """`importlib.import_module("a.b")`: the module, whose top runs."""
    name, package = a.get(0, "name"), a.get(1, "package")
    if whole(name) and name.startswith("."):
        depth = len(name) - len(name.lstrip("."))
        above = package.split(".") if whole(package) else []
        name = ".".join([*above[: len(above) - depth + 1], name.lstrip(".")]) if above else None
    if not whole(name):
        run.recorder.unread("a module is imported, and which one could not be worked out")
        return Unknown("which module is imported is not known", reach=True)
    run.library.imported(run, name)
    return Dotted(name)


def environment_variable(run: Interpreter, name: Value, default: Value = None) -> Value:
    """A variable of the environment: what the configuration states for it, or else its default."""
    if not whole(name):
        return Unknown("which variable of the environment is read is not known")
    stated = run.library.outside(name)
    text = default if stated is None else stated
    reason = f"what the environment gives as `{name}` is not known"
    if isinstance(text, Outside):
        return Outside(reason, text.text)
    return Outside(reason, text) if whole(text) else Unknown(reason)


def _getenv(run: Interpreter, a: Arguments) -> Value:
    return environment_variable(run, a.get(0, "key"), a.get(1, "default"))


def _opaque_code(run: Interpreter, a: Arguments) -> Value:
    run.recorder.unread("code that is made while it runs cannot be read")
    return Unknown("code that is made while it runs cannot be read", reach=True)


def _textwrap(function: Callable[..., str]) -> Model:
    def model(run: Interpreter, a: Arguments) -> Value:
        value = a.get(0, "text")
        if isinstance(value, Choice):
            return run.lift(lambda each: model(run, Arguments([each, *a.args[1:]], {})), value)
        rest = [each for each in a.args[1:] if isinstance(each, str)]
        return function(value, *rest) if isinstance(value, str) else run.text(value)

    return model


def _re_sub(run: Interpreter, a: Arguments) -> Value:
    # A pattern of an unapproved change could take for ever: it is not run.
    return run.hole("what a regular expression makes of a text is not worked out")


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


def _namedtuple(run: Interpreter, a: Arguments) -> Value:
    name, fields = a.get(0, "typename"), a.get(1, "field_names")
    known = fields.replace(",", " ").split() if whole(fields) else run.constant(fields)
    if not isinstance(known, list) or not all(isinstance(each, str) for each in known):
        return Unknown("the fields of a named tuple are not known")
    return Class(str(name), (), {}, run.script.frame, fields=tuple(known))


_PLACEHOLDER = re.compile(r"\$(?:(\$)|(\w+)|\{(\w+)\})")


def substitute(run: Interpreter, text: Value, a: Arguments) -> Value:
    """`Template.substitute`."""
    if not isinstance(text, str):
        return run.hole("the text of a template is not known")
    given = a.get(0, "mapping")
    names = {**(given if isinstance(given, Dict) else {}), **a.kwargs}
    names = {key: inside(value) for key, value in names.items()}
    parts: list[Value] = []
    at = 0
    for found in _PLACEHOLDER.finditer(text):
        name = found[2] or found[3]
        value = names.get(name, Unknown(f"`{name}` is not given")) if name else "$"
        parts += (text[at : found.start()], run.text(value))
        at = found.end()
    return run.concatenate([*parts, text[at:]])


# Files


def _file_path(run: Interpreter, value: Value) -> str | None:
    if isinstance(value, FilePath):
        return value.path
    return value if whole(value) else None


def _join_path(run: Interpreter, a: Arguments) -> Value:
    if not a.args:
        return FilePath("")
    made = a.args[0]
    for part in a.args[1:]:
        made = join_paths(run, made, part)
    return made


def join_paths(run: Interpreter, first: Value, second: Value) -> Value:
    """`os.path.join` of two, or `Path / name`."""
    if isinstance(first, Choice) or isinstance(second, Choice):
        return run.lift(lambda a, b: join_paths(run, a, b), first, second)
    if isinstance(second, FilePath):
        return second if isinstance(first, (FilePath, str)) else Unknown("a path is not known")
    if isinstance(first, FilePath) and isinstance(second, str):
        return FilePath(posixpath.normpath(posixpath.join(first.path, second)))
    if isinstance(first, str) and isinstance(second, str):
        return posixpath.join(first, second)
    return Unknown("a path is not known")


def _dirname(run: Interpreter, a: Arguments) -> Value:
    value = a.get(0, "path")
    if isinstance(value, FilePath):
        return FilePath(posixpath.dirname(value.path))
    return posixpath.dirname(value) if whole(value) else Unknown("a path is not known")


def _basename(run: Interpreter, a: Arguments) -> Value:
    value = _file_path(run, a.get(0, "path"))
    return Unknown("a path is not known") if value is None else posixpath.basename(value)


def _splitext(run: Interpreter, a: Arguments) -> Value:
    value = _file_path(run, a.get(0, "path"))
    return Unknown("a path is not known") if value is None else posixpath.splitext(value)


def _working_folder(run: Interpreter, a: Arguments) -> Value:
    return FilePath("")


def _path(run: Interpreter, a: Arguments) -> Value:
    made = _join_path(run, a)
    return FilePath(posixpath.normpath(made)) if whole(made) else made


MODELS: dict[str, Model] = {
    "builtins.len": _len, "builtins.range": _range, "builtins.list": _list, "builtins.tuple": _tuple,
    "builtins.set": _unique, "builtins.frozenset": _unique, "builtins.sorted": _sorted,
    "builtins.reversed": _reversed, "builtins.enumerate": _enumerate, "builtins.zip": _zip,
    "builtins.dict": _dict, "builtins.str": _str, "builtins.repr": _repr, "builtins.int": _number(int),
    "builtins.float": _number(float), "builtins.bool": _bool, "builtins.getattr": _getattr,
    "builtins.setattr": _setattr, "builtins.delattr": _delattr,
    "builtins.hasattr": _hasattr, "builtins.isinstance": _isinstance,
    "builtins.map": _map, "builtins.filter": _filter, "builtins.next": _next, "builtins.iter": _iter,
    "builtins.min": _extreme(min), "builtins.max": _extreme(max), "builtins.sum": _extreme(sum),
    "builtins.any": _quantifier(True), "builtins.all": _quantifier(False),
    "builtins.exec": _opaque_code, "builtins.eval": _opaque_code, "builtins.compile": _opaque_code,
    "builtins.__import__": _top, "importlib.import_module": _import,
    "builtins.property.same": _first,
    "builtins.dict.fromkeys": _from_keys,
    "operator.add": _operator(ast.Add()), "operator.concat": _operator(ast.Add()),
    "operator.iadd": _operator(ast.Add()), "operator.iconcat": _operator(ast.Add()),
    "operator.mod": _operator(ast.Mod()), "operator.mul": _operator(ast.Mult()),
    "operator.or_": _operator(ast.BitOr()),
    "functools.partial": _partial, "functools.reduce": _reduce,
    "functools.wraps": lambda run, a: Dotted("builtins.property.same"),
    "functools.lru_cache": _identity_decorator, "functools.cache": _first,
    "operator.methodcaller": _methodcaller, "<made>.methodcaller": _called,
    "builtins.vars": _vars, "builtins.callable": _callable,
    "operator.itemgetter": _itemgetter, "<made>.itemgetter": _taken,
    "operator.attrgetter": _attrgetter, "<made>.attrgetter": _got,
    "typing.cast": lambda run, a: a.args[1] if len(a.args) > 1 else None,
    "textwrap.dedent": _textwrap(textwrap.dedent), "inspect.cleandoc": _textwrap(inspect.cleandoc),
    "re.sub": _re_sub, "copy.copy": _first, "copy.deepcopy": _first,
    "itertools.chain": _chain, "itertools.chain.from_iterable": _chain_all, "itertools.product": _product,
    "collections.namedtuple": _namedtuple,
    "dataclasses.field": lambda run, a: Bound(Dotted("dataclasses.field"), (), a.kwargs),
    "string.Template": lambda run, a: Template(a.get(0, "template")),
    "collections.OrderedDict": _dict, "collections.deque": _list,
    "collections.defaultdict": _default_dict,
    "os.path.join": _join_path, "os.path.dirname": _dirname, "os.path.basename": _basename,
    "os.path.abspath": _path, "os.path.realpath": _path, "os.path.normpath": _path,
    "os.path.splitext": _splitext,
    "os.getenv": _getenv, "os.environ.get": _getenv, "os.environ.setdefault": _getenv,
    "os.getcwd": _working_folder, "pathlib.Path": _path, "pathlib.PurePath": _path,
    "pathlib.PurePosixPath": _path, "pathlib.Path.cwd": _working_folder,
    "contextlib.suppress": lambda run, a: Bound(Dotted("contextlib.suppress")),
    "contextlib.nullcontext": _first, "contextlib.closing": _first,
}  # fmt: skip


def open_file(run: Interpreter, files: Files, a: Arguments) -> OpenFile:
    """`open(…)`: the file of the tree, read; a path outside the tree is never opened."""
    path = _file_path(run, a.get(0, "file"))
    if path is None:
        return OpenFile(Unknown("which file is read is not known"))
    text = files.text(path)
    return OpenFile(Unknown(f"there is no file {path} in the project") if text is None else text)


#: Functions that give a file which lies beside a package's modules: its text, the file open, or its path.
RESOURCES: dict[str, str] = {
    "importlib.resources.read_text": "text", "importlib.resources.read_binary": "text",
    "importlib.resources.open_text": "open", "importlib.resources.open_binary": "open",
    "importlib.resources.files": "path", "importlib.resources.path": "path",
    "importlib_resources.read_text": "text", "importlib_resources.files": "path",
    "pkgutil.get_data": "text",
    "pkg_resources.resource_string": "text", "pkg_resources.resource_filename": "path",
    "pkg_resources.resource_stream": "open",
}  # fmt: skip


def resource(run: Interpreter, files: Files, kind: str, a: Arguments) -> Value:
    """A file of a package of the tree, as one of `RESOURCES` gives it."""
    package = a.get(0, "package", a.kwargs.get("anchor"))
    if isinstance(package, (Module, Dotted)):
        package = package.name if isinstance(package, Module) else package.path
    named = [a.kwargs[key] for key in ("resource", "resource_name") if key in a.kwargs]
    names = [package, *a.args[1:2], *named]
    if not all(map(whole, names)):
        return Unknown("which file is read is not known")
    folder = names[0].removesuffix(".__init__").replace(".", "/")
    found = FilePath(posixpath.normpath(posixpath.join(folder, *names[1:])))
    if kind == "path":
        return found
    opened = open_file(run, files, Arguments([found], {}))
    return opened if kind == "open" else opened.text


def path_attribute(run: Interpreter, of: FilePath, name: str) -> Value:
    """An attribute of a `Path`."""
    if name == "parent":
        return FilePath(posixpath.dirname(of.path))
    if name == "parents":
        above, made = of.path, List()
        while above:
            above = posixpath.dirname(above)
            made.append(FilePath(above))
        return made
    parts = {"name": posixpath.basename(of.path), "suffix": posixpath.splitext(of.path)[1]}
    parts["stem"] = parts["name"][: len(parts["name"]) - len(parts["suffix"])]
    return parts[name] if name in parts else Method(of, name)


def path_method(run: Interpreter, files: Files, of: FilePath, name: str, a: Arguments) -> Value:
    """Call a method of a `Path`."""
    if name in ("read_text", "read_bytes", "open"):
        opened = open_file(run, files, Arguments([of], {}))
        return opened if name == "open" else opened.text
    if name == "joinpath":
        return _join_path(run, Arguments([of, *a.args], {}))
    if name == "__truediv__":
        return join_paths(run, of, a.args[0])
    if name in ("resolve", "absolute", "expanduser"):
        return of
    if name in ("with_name", "with_suffix") and a.args and whole(a.args[0]):
        if name == "with_name":
            return FilePath(posixpath.join(posixpath.dirname(of.path), a.args[0]))
        return FilePath(posixpath.splitext(of.path)[0] + a.args[0])
    if name in ("exists", "is_file"):
        return True if files.text(of.path) is not None else Unknown("whether a file is there is not known")
    if name in ("glob", "rglob", "iterdir"):
        from fnmatch import fnmatchcase

        pattern = a.args[0] if a.args and whole(a.args[0]) else "*"
        return List(
            FilePath(posixpath.join(of.path, each))
            for each in sorted(files.listing(of.path))
            if fnmatchcase(each, pattern.removeprefix("**/"))
        )
    return Unknown("what a path gives is not known")


def file_method(run: Interpreter, of: OpenFile, name: str) -> Value:
    """Call a method of an open file."""
    if name == "read":
        return of.text
    if name in ("readlines", "__iter__"):
        return List(of.text.splitlines(keepends=True)) if isinstance(of.text, str) else of.text
    return of if name == "__enter__" else None


# Methods of constants and containers

_TEXT_METHODS = frozenset(
    "capitalize casefold center count encode endswith expandtabs find index isalnum isalpha isdigit "
    "isidentifier islower isspace isupper join ljust lower lstrip partition removeprefix removesuffix "
    "replace rfind rindex rjust rpartition rsplit rstrip split splitlines startswith strip swapcase title "
    "translate upper zfill format format_map decode isnumeric isdecimal".split()
)
#: What keeps a text's meaning even where the text has holes.
_HOLE_PROOF = frozenset(
    "strip lstrip rstrip replace lower upper encode decode removesuffix removeprefix".split()
)


def text_method(run: Interpreter, of: str, name: str, a: Arguments) -> Value:
    """Call a method of a str."""
    if name not in _TEXT_METHODS:
        return Unknown("a text has no such method")
    run.spend(len(of) // CHARACTERS_A_STEP)
    if name == "join":
        return _join_text(run, of, a)
    if name in ("format", "format_map"):
        if name == "format_map":
            names = a.get(0, "mapping")
            a = Arguments([], names.plain() if isinstance(names, Dict) else {}, not isinstance(names, Dict))
        return format_text(run, of, a)
    if any(isinstance(each, Choice) for each in a.args):
        return run.lift(lambda *row: text_method(run, of, name, Arguments(list(row), a.kwargs)), *a.args)
    known = [run.constant(each) for each in a.args]
    if name in ("encode", "decode"):
        return of  # bytes of a script are text all the same
    usable = all(each is not None or value is None for each, value in zip(known, a.args, strict=True))
    if not usable or a.more or not (whole(of) or name in _HOLE_PROOF or _sure(of, name, known)):
        if name in _HOLE_PROOF or name in (
            "format",
            "center",
            "title",
            "capitalize",
            "zfill",
            "ljust",
            "rjust",
        ):
            if name == "replace" and len(a.args) >= 2 and whole(a.args[0]) and HOLE not in of:
                return of.replace(a.args[0], run.text(a.args[1]))
            return run.hole("a part of a text is not known")
        return Unknown("what a text gives is not known")
    if (
        name in ("center", "ljust", "rjust", "zfill")
        and known
        and isinstance(known[0], int)
        and known[0] > 10_000
    ):
        raise Exhausted("a string of the script grows too long")
    if name == "replace" and len(known) > 1 and len(of) * max(len(str(known[1])), 1) > LONGEST_TEXT:
        raise Exhausted("a string of the script grows too long")
    named = {key: value for key, value in a.kwargs.items() if isinstance(value, (int, str, bool))}
    wide = next(iter([*known, *named.values()]), 8)
    if name == "expandtabs" and isinstance(wide, int) and of.count("\t") * wide > LONGEST_TEXT:
        raise Exhausted("a string of the script grows too long")
    try:
        made = getattr(of, name)(*known, **named)
    except Exception:  # what Python itself would raise here: the script could not run
        return Unknown("a text's method fails")
    run.spend(len(made) // ENTRIES_A_STEP if isinstance(made, list) else 0)
    return List(made) if isinstance(made, list) else made


def _sure(of: str, name: str, known: list[Value]) -> bool:
    """Whether a test on a text with holes has an answer all the same."""
    if name == "startswith" and known and isinstance(known[0], str):
        head = of.partition(HOLE)[0]
        return head.startswith(known[0]) or not known[0].startswith(head)
    return name in ("split", "splitlines", "partition")


def _join_text(run: Interpreter, of: str, a: Arguments) -> Value:
    source = a.get(0, "iterable")
    if isinstance(source, Choice):
        return run.lift(lambda each: _join_text(run, of, Arguments([each], {})), source)
    items = run.items(source)
    if any(type(each) is Maybe for each in items.slots):
        return run.hole("what is joined is not known")
    parts: list[Value] = []
    for item in items.slots:
        if parts:
            parts.append(of)
        parts.append(run.text(item))
    if items.open:
        parts.append(run.hole("what is joined is not known"))
    return run.concatenate(parts) if parts else ""


_FIELD = re.compile(r"\{\{|\}\}|\{([^{}:!]*)(![rsa])?(?::((?:[^{}]|\{[^{}]*\})*))?\}")


def format_text(run: Interpreter, of: str, a: Arguments) -> Value:
    """`str.format`, without the attribute tricks."""
    values: list[Value] = []
    pieces: list[str | int] = []
    at = automatic = 0
    for found in _FIELD.finditer(of):
        pieces.append(of[at : found.start()])
        at = found.end()
        if found.group(0) in ("{{", "}}"):
            pieces.append(found.group(0)[0])
            continue
        name = (found.group(1) or "").strip()
        if not name:
            name, automatic = str(automatic), automatic + 1
        value = _field(run, name, a)
        if found.group(3):
            value = run.lift(partial(run.formatted, spec=found.group(3)), value)
        pieces.append(len(values))
        values.append(value)
    pieces.append(of[at:])
    return run.lift(
        lambda *row: run.concatenate([run.text(row[p]) if isinstance(p, int) else p for p in pieces]), *values
    )


def _field(run: Interpreter, name: str, a: Arguments) -> Value:
    first, *rest = re.split(r"\.|\[", name)
    if first.isdigit():
        found = (
            a.args[int(first)] if len(first) < 4 and int(first) < len(a.args) else Unknown("it is not given")
        )
    else:
        found = a.kwargs.get(first, Unknown(f"`{first}` is not given"))
    for part in rest:
        if part.endswith("]"):
            key = part[:-1]
            found = run.item(found, int(key) if key.isdigit() and len(key) < 6 else key)
        else:
            found = run.attribute(found, part)
    return found


def list_method(run: Interpreter, of: List, name: str, a: Arguments) -> Value:
    """Call a method of a list (or set: sets are kept as lists without duplicates)."""
    model = _LIST_METHODS.get(name)
    if model is None:
        return None
    made = model(run, of, a)
    if len(of) > LONGEST_LIST:
        raise Exhausted("a list of the script grows too long")
    return made


def _append(run: Interpreter, of: List, a: Arguments) -> Value:
    extend(run, of, Items((a.get(0, "object"),)))


def _append_left(run: Interpreter, of: List, a: Arguments) -> Value:
    with run.store.change(of):
        of.insert(0, a.get(0, "object"))


def _extend(run: Interpreter, of: List, a: Arguments) -> Value:
    for each in a.args:
        extend(run, of, run.items(each))


def _union(run: Interpreter, of: List, a: Arguments) -> Value:
    made = List(of, rest=of.rest, tail=of.tail)
    _extend(run, made, a)
    return made


def _insert(run: Interpreter, of: List, a: Arguments) -> Value:
    if len(a.args) != 2:
        return
    at, value = a.args
    with run.store.change(of):
        if isinstance(at, int) and (of.exact or at == 0):
            of.insert(at, value)
        else:
            loosen(of, (value,))


def _remove(run: Interpreter, of: List, a: Arguments) -> Value:
    wanted = a.get(0, "value")
    with run.store.change(of):
        if of.exact and whole(wanted):
            of[:] = [item for item in of if run.equal(item, wanted) is not True]
        else:
            of[:] = map(optional, of)
            of.tail = list(map(optional, of.tail))


def _clear(run: Interpreter, of: List, a: Arguments) -> Value:
    with run.store.change(of):
        of.clear()
        of.rest, of.tail = NOTHING, []


def _pop(run: Interpreter, of: List, a: Arguments) -> Value:
    return _taken_from(run, of, a.get(0, "index", -1))


def _taken_from(run: Interpreter, of: List, at: Value) -> Value:
    found = of_sequence(of, at)
    with run.store.change(of):
        if isinstance(at, int) and of.exact and -len(of) <= at < len(of):
            del of[at]
        elif at == 0 and of and type(of[0]) is not Maybe:
            del of[0]
        elif at == -1 and of.tail and type(of.tail[-1]) is not Maybe:
            del of.tail[-1]
        else:
            of[:] = map(optional, of)
            of.tail = list(map(optional, of.tail))
    return found


def _copied(run: Interpreter, of: List, a: Arguments) -> Value:
    return List(of, rest=of.rest, tail=of.tail)


def _some(run: Interpreter, of: List, a: Arguments) -> Value:
    others = [item for each in a.args for item in run.items(each).every()]
    return List(map(optional, of), rest=join_all((of.rest, *others)), tail=map(optional, of.tail))


def _sort(run: Interpreter, of: List, a: Arguments) -> Value:
    ordered = _sorted(run, Arguments([of], a.kwargs))
    with run.store.change(of):
        of.restore(ordered.snapshot())


def _reverse(run: Interpreter, of: List, a: Arguments) -> Value:
    ordered = _reversed(run, Arguments([of], {}))
    with run.store.change(of):
        of.restore(ordered.snapshot())


def _found(name: str) -> Callable[[Interpreter, List, Arguments], Value]:
    def model(run: Interpreter, of: List, a: Arguments) -> Value:
        known = run.constant(of)
        if known is not None and a.args and whole(a.args[0]):
            return getattr(known, name)(a.args[0]) if a.args[0] in known else Unknown("it fails")
        return Unknown("what a list gives is not known")

    return model


_LIST_METHODS: dict[str, Callable[[Interpreter, List, Arguments], Value]] = {
    "append": _append, "add": _append, "appendleft": _append_left, "extend": _extend, "update": _extend,
    "union": _union, "__or__": _union, "insert": _insert, "remove": _remove, "discard": _remove,
    "difference_update": lambda run, of, a: _remove(run, of, Arguments([None], {})),
    "intersection_update": lambda run, of, a: _remove(run, of, Arguments([None], {})),
    "clear": _clear, "pop": _pop, "popleft": lambda run, of, a: _taken_from(run, of, 0),
    "copy": _copied, "__iter__": _copied, "intersection": _some, "difference": _some,
    "symmetric_difference": _some, "sort": _sort, "reverse": _reverse, "index": _found("index"),
    "count": _found("count"),
    "__getitem__": lambda run, of, a: run.item(of, a.get(0, "key")),
    **{name: lambda run, of, a: Unknown("what a list gives is not known")
       for name in ("issubset", "issuperset", "isdisjoint", "__contains__", "__len__")},
}  # fmt: skip


def dict_method(run: Interpreter, of: Dict, name: str, a: Arguments) -> Value:
    """Call a method of a dictionary."""
    if name in ("items", "values", "keys"):
        return _view(of, name)
    if name in ("get", "pop", "setdefault"):
        return _looked_up(run, of, name, a.get(0, "key"), a.get(1, "default"))
    if name == "__getitem__":
        return run.item(of, a.get(0, "key"))
    if name in ("__setitem__", "__delitem__"):
        (set_item if name == "__setitem__" else delete_item)(run, of, *a.args)
        return None
    if name == "update":
        with run.store.change(of):
            update(of, _dict(run, a))
        return None
    if name == "copy":
        return Dict(of)
    if name == "clear":
        with run.store.change(of):
            of.clear()
            of.rest = NOTHING
        return None
    if name == "popitem":
        with run.store.change(of):
            found = join_all(of.every(), Unknown("an entry of a dictionary is not known"))
            forget(of, tuple(of))
        return Unknown("a key is not known"), found
    return Unknown("what a dictionary gives is not known", reach=reaches(of))


def _view(of: Dict, name: str) -> List:
    """The keys, values or both of a dictionary."""
    unknown = Unknown("which entries a dictionary has is not known")
    if name == "keys":
        return List(map(_like, of.values(), of), rest=unknown if of.open else NOTHING)
    if name == "values":
        return List(of.values(), rest=of.rest)
    pairs = [_like(value, (key, inside(value))) for key, value in of.items()]
    return List(pairs, rest=(unknown, of.rest) if of.open else NOTHING)


def _looked_up(run: Interpreter, of: Dict, name: str, key: Value, default: Value) -> Value:
    """`get`, `pop` and `setdefault`: what is there, or the default, or either."""
    keys = alternatives(key)
    known = all(hashable(each) for each in keys)
    found: list[Value] = []
    for each in keys:
        if known and each in of:
            found.append(inside(of[each]))
            if type(of[each]) is Maybe:
                found.append(default)
        else:
            if not known or of.open:
                found.append(entry(run, of, each))
            found.append(default)
    result = join_all(found)
    if name == "get":
        return result
    with run.store.change(of):
        if name == "pop":
            forget(of, keys if known else tuple(of))
        elif known and len(keys) == 1:
            of[key] = result
        else:
            put(of, key, result)
    return result
