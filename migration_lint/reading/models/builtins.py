"""Python's built-in functions, types and exceptions."""

from __future__ import annotations

from collections.abc import Callable

from migration_lint.reading.models import table
from migration_lint.reading.models.alembic_api import is_directive
from migration_lint.reading.models.database import Failed
from migration_lint.reading.models.strangers import call_stranger
from migration_lint.reading.models.table import Model
from migration_lint.reading.python.assignments import delete_attribute, set_attribute
from migration_lint.reading.python.classes import attributes
from migration_lint.reading.python.escapes import hand_over
from migration_lint.reading.python.interpreter import Interpreter
from migration_lint.reading.python.running import LONGEST_LIST, Arguments, written
from migration_lint.reading.python.values import (
    BoundFunction,
    Choice,
    Class,
    Dict,
    Dotted,
    FilePath,
    Function,
    Instance,
    List,
    Maybe,
    Method,
    Module,
    Unknown,
    Value,
    alternatives,
    ancestors,
    join,
    reaches,
    whole,
)

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
        if isinstance(method, (Function, BoundFunction)):
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


def _str(run: Interpreter, a: Arguments) -> Value:
    if not a.args:
        return ""
    value = a.args[0]
    if isinstance(value, FilePath):
        return value
    if isinstance(value, Instance):
        method = run.attribute(value, "__str__")
        if isinstance(method, (Function, BoundFunction)):
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


def get_attribute(run: Interpreter, a: Arguments) -> Value:
    if len(a.args) < 2:
        return Unknown("an attribute is not known")
    of, name = a.args[0], a.args[1]
    if isinstance(name, Choice):
        return run.lift(lambda each: get_attribute(run, Arguments([of, each, *a.args[2:]], {})), name)
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
    else:
        for each in alternatives(of):
            run.library.alter(run, each, "an attribute that is not known", a.get(2, "value"), weak=True)
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


def _is_own(run: Interpreter, of: Class) -> bool:
    """Whether a class derives from nothing but classes that can be read."""
    return all(isinstance(each, Class) for each in ancestors(of, run.resolve))


def _derives(run: Interpreter, of: Class, wanted: Class) -> bool:
    return any(each is wanted for each in ancestors(of, run.resolve))


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
    if isinstance(of, (Function, BoundFunction, Class, Method)) or _is_directive(of):
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


def _opaque_code(run: Interpreter, a: Arguments) -> Value:
    run.recorder.opaque("code that is made while it runs cannot be read")
    return Unknown("code that is made while it runs cannot be read", reach=True)


def _type(run: Interpreter, a: Arguments) -> Value:
    """`type(object)`, and `type(name, bases, names)`, which makes a class."""
    if len(a.args) == 3:
        name, bases, names = a.args
        if whole(name) and isinstance(bases, tuple) and isinstance(names, Dict):
            return Class(name, bases, dict(names), run.script.frame)
    if len(a.args) == 1 and isinstance(a.args[0], Instance):
        return a.args[0].of
    return call_stranger(run, "builtins.type", a)


@table.method(int, float)
def _of_number(run: Interpreter, of: Value, name: str, a: Arguments) -> Value:
    return Unknown("a number's method is not followed")


@table.attribute(type(None))
def _of_none(run: Interpreter, of: None, name: str) -> Value:
    return Failed("an attribute of None is taken")


def _property(run: Interpreter, a: Arguments) -> Value:
    """`property(f)`, whose function is called wherever the attribute is asked for."""
    getter = a.get(0, "fget")
    for each in a.values():
        if each is not getter:
            hand_over(run, each)
    if not isinstance(getter, Function):
        hand_over(run, getter)
        return Unknown("what a property gives is not known", reach=reaches(getter))
    of = getter
    return Function(of.name, of.node, of.frame, of.defaults, of.keyword_defaults, "property", of.owner)


table.names({
    "builtins.property": _property,
    "builtins.len": _len, "builtins.range": _range, "builtins.str": _str, "builtins.repr": _repr,
    "builtins.int": _number(int), "builtins.float": _number(float), "builtins.bool": _bool,
    "builtins.getattr": get_attribute, "builtins.setattr": _setattr, "builtins.delattr": _delattr,
    "builtins.object.__setattr__": _setattr, "builtins.type.__setattr__": _setattr,
    "builtins.object.__delattr__": _delattr, "builtins.type.__delattr__": _delattr,
    "builtins.object.__getattribute__": get_attribute, "builtins.type.__getattribute__": get_attribute,
    "builtins.hasattr": _hasattr, "builtins.isinstance": _isinstance,
    "builtins.exec": _opaque_code, "builtins.eval": _opaque_code, "builtins.compile": _opaque_code,
    "builtins.__import__": _top, "importlib.import_module": _import,
    "builtins.vars": _vars, "builtins.callable": _callable, "builtins.type": _type,
    "typing.cast": lambda run, a: a.args[1] if len(a.args) > 1 else None,
    "dataclasses.field": lambda run, a: BoundFunction(Dotted("dataclasses.field"), (), a.kwargs),
})  # fmt: skip
