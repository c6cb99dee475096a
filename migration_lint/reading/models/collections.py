"""Lists, sets, dictionaries, and what Python's `collections` makes of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from migration_lint.reading.models import table
from migration_lint.reading.models.iterating import like, ordered, turned
from migration_lint.reading.python.assignments import (
    delete_item,
    extend,
    forget,
    loosen,
    put,
    set_item,
    update,
)
from migration_lint.reading.python.containers import inside, optional
from migration_lint.reading.python.escapes import hand_over
from migration_lint.reading.python.expressions import as_mapping
from migration_lint.reading.python.interpreter import Interpreter
from migration_lint.reading.python.later import viewed
from migration_lint.reading.python.running import LONGEST_LIST, Arguments, Exhausted, Iteration
from migration_lint.reading.python.subscripts import Open, entry, of_sequence
from migration_lint.reading.python.values import (
    NOTHING,
    Class,
    Dict,
    List,
    Maybe,
    Unknown,
    Value,
    alternatives,
    hashable,
    join,
    join_all,
    reaches,
    whole,
)


def as_dict(run: Interpreter, a: Arguments) -> Value:
    made = Dict()
    made.site = run.recorder.place
    if a.args:
        source = as_mapping(run, a.args[0])
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


def _from_keys(run: Interpreter, a: Arguments) -> Value:
    items, value = run.items(a.get(0, "iterable")), a.get(1, "value")
    made = Dict()
    for slot in items.slots:
        put(made, inside(slot), like(slot, value) if hashable(inside(slot)) else value)
    if items.open:
        made.rest = join(made.rest, value)
    return made


def _default_dict(run: Interpreter, a: Arguments) -> Value:
    factory = a.get(0, "default_factory")
    return Open(as_dict(run, a._replace(args=a.args[1:])), lambda key: run.call(factory, Arguments([], {})))


def _namedtuple(run: Interpreter, a: Arguments) -> Value:
    name, fields = a.get(0, "typename"), a.get(1, "field_names")
    known = fields.replace(",", " ").split() if whole(fields) else run.constant(fields)
    if not isinstance(known, list) or not all(isinstance(each, str) for each in known):
        return Unknown("the fields of a named tuple are not known")
    return Class(str(name), (), {}, run.script.frame, fields=tuple(known))


@table.method(List)
def list_method(run: Interpreter, of: List, name: str, a: Arguments) -> Value:
    """Call a method of a list (or set: sets are kept as lists without duplicates)."""
    model = _LIST_METHODS.get(name)
    if model is None:
        return _sent(run, of, a) if name in _OF_GENERATORS else _unmodelled(run, of, name, a)
    made = model(run, of, a)
    if len(of) > LONGEST_LIST:
        raise Exhausted("a list of the script grows too long")
    return made


def _unmodelled(run: Interpreter, of: List | Dict, name: str, a: Arguments) -> Value:
    """A method that no model knows: what it gives is not known, nor what it leaves in the container."""
    given = [*a.values()]
    for each in a.values():
        given += run.items(each).every() if isinstance(each, (List, tuple)) else ()
        given += each.every() if isinstance(each, Dict) else ()
    result = Unknown(f"what `{name}` of a container does is not known", reach=any(map(reaches, (of, *given))))
    if name not in _TELLING:
        with run.store.change(of):
            if isinstance(of, List):
                loosen(of, (result, *given))
            else:
                update(of, Dict(rest=join_all((result, *given))))
    return result


#: Methods of containers that tell something, and change nothing.
_TELLING = frozenset(
    """
    __and__ __class__ __contains__ __eq__ __format__ __ge__ __getattribute__ __gt__ __hash__ __le__ __len__
    __lt__ __mul__ __ne__ __or__ __reduce__ __repr__ __reversed__ __rmul__ __sizeof__ __str__ __sub__ __xor__
    close count elements fromkeys index isdisjoint issubset issuperset most_common total
    """.split()
)
_OF_GENERATORS = frozenset(("send", "throw", "asend", "athrow"))


def _sent(run: Interpreter, of: List, a: Arguments) -> Value:
    """`generator.send(…)`: what it does with that was walked without knowing what it would be."""
    reaching = any(map(reaches, a.values()))
    for each in a.values():
        hand_over(run, each)
    if reaching:
        run.recorder.opaque("a generator is sent what reaches the database")
    return Unknown("what a generator gives is not known", reach=reaching or reaches(of))


def _append(run: Interpreter, of: List, a: Arguments) -> Value:
    extend(run, of, Iteration((a.get(0, "object"),)))


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


def _extended(run: Interpreter, of: List, a: Arguments) -> Value:
    _extend(run, of, a)
    return of


def _set(run: Interpreter, of: List, a: Arguments) -> Value:
    if len(a.args) == 2 and not a.more and isinstance(a.args[0], int):
        return set_item(run, of, *a.args)
    return _unmodelled(run, of, "__setitem__", a)


def _deleted(run: Interpreter, of: List, a: Arguments) -> Value:
    return delete_item(run, of, a.get(0, "key"))


def _some(run: Interpreter, of: List, a: Arguments) -> Value:
    others = [item for each in a.args for item in run.items(each).every()]
    return List(map(optional, of), rest=join_all((of.rest, *others)), tail=map(optional, of.tail))


def _sort(run: Interpreter, of: List, a: Arguments) -> Value:
    made = ordered(run, Arguments([of], a.kwargs))
    with run.store.change(of):
        of.restore(made.snapshot())


def _reverse(run: Interpreter, of: List, a: Arguments) -> Value:
    made = turned(run, Arguments([of], {}))
    with run.store.change(of):
        of.restore(made.snapshot())


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
    "__iadd__": _extended, "__ior__": _extended, "__setitem__": _set, "__delitem__": _deleted,
}  # fmt: skip


@table.method(Dict)
def dict_method(run: Interpreter, of: Dict, name: str, a: Arguments) -> Value:
    """Call a method of a dictionary."""
    if name in ("items", "values", "keys"):
        return viewed(run, partial(_view, of, name), (of,), once=False)
    if name in ("get", "pop", "setdefault"):
        return _looked_up(run, of, name, a.get(0, "key"), a.get(1, "default"))
    if name == "__getitem__":
        return run.item(of, a.get(0, "key"))
    if name in ("__setitem__", "__delitem__") and not a.more:
        (set_item if name == "__setitem__" else delete_item)(run, of, *a.args)
        return None
    if name in ("update", "__ior__"):
        with run.store.change(of):
            update(of, as_dict(run, a))
        return None if name == "update" else of
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
    return _view(of, "keys") if name == "__iter__" else _unmodelled(run, of, name, a)


def _view(of: Dict, name: str) -> List:
    """The keys, values or both of a dictionary."""
    unknown = Unknown("which entries a dictionary has is not known")
    if name == "keys":
        return List(map(like, of.values(), of), rest=unknown if of.open else NOTHING)
    if name == "values":
        return List(of.values(), rest=of.rest)
    pairs = [like(value, (key, inside(value))) for key, value in of.items()]
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


@table.method(tuple)
def _tuple_method(run: Interpreter, of: tuple[Value, ...], name: str, a: Arguments) -> Value:
    return list_method(run, List(of), name, a)


table.names({
    "builtins.dict": as_dict, "builtins.dict.fromkeys": _from_keys, "collections.OrderedDict": as_dict,
    "collections.defaultdict": _default_dict, "collections.namedtuple": _namedtuple,
})  # fmt: skip
