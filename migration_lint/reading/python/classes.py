"""Classes of the project, their objects, and the methods that Python calls by itself."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from migration_lint.reading.python.containers import inside
from migration_lint.reading.python.escapes import acts
from migration_lint.reading.python.functions import ClassFrame, decorate
from migration_lint.reading.python.names import bind_name
from migration_lint.reading.python.running import Arguments
from migration_lint.reading.python.values import (
    BoundFunction,
    Class,
    Dict,
    Dotted,
    Frame,
    Function,
    Instance,
    List,
    Unknown,
    Value,
    ancestors,
    fields_of,
    lookup,
    reaches,
)

if TYPE_CHECKING:
    from migration_lint.reading.python.interpreter import Interpreter

#: Special methods that are called where a script uses them; others may be called by anything.
_FOLLOWED = frozenset(
    "__init__ __post_init__ __enter__ __exit__ __aenter__ __aexit__ __call__ __getattr__ __getitem__ "
    "__iter__".split()
)


#: What the import of an application may call of its own classes. Its classes compare, show and copy their
#: objects, too, but nothing of that happens by itself.
_OPERATING = (
    frozenset(name for of in (int, list, dict, set) for name in dir(of)) - frozenset(dir(object))
    | frozenset(
        "__class_getitem__ __get__ __set__ __delete__ __set_name__ __del__ __next__ __aiter__ __anext__ "
        "__await__ __matmul__ __rmatmul__ __instancecheck__ __subclasscheck__ __prepare__ __missing__".split()
    )
) - {"__len__"}


#: By these methods an enumeration makes its members.
_OF_MEMBERS = ("__new__", "__init__", "_generate_next_value_")


def do_classdef(run: Interpreter, node: ast.ClassDef, frame: Frame) -> None:
    inside = ClassFrame(frame.module, frame)
    keywords: dict[str, Value] = {}
    spread: list[Value] = []
    made = Class(
        node.name,
        tuple(_bases(run, node, frame, keywords, spread)),
        inside.locals,
        frame,
        node=node,
        meta=keywords.pop("metaclass", None),
    )
    if made.bases:
        run.classes.append(made)
    run.block(node.body, inside)
    for value in made.names.every():
        if isinstance(value, Function) and value.owner is None:
            value.owner = made
    judge(run, made)
    _register(run, made, spread)
    result: Value = _hooked(run, made, Arguments([], keywords))
    for decorator in reversed(node.decorator_list):
        result = decorate(run, decorator, result, frame)
    bind_name(run, node.name, result, frame)


def judge(run: Interpreter, made: Class) -> None:
    """Follow the special methods of a class once it is used, if any may do more than compute."""
    judged = run.judged[run.recorder.application]
    if run.recorder.calm or made in judged:
        return
    judged.add(made)
    special_methods(run, made)
    for base in (*made.bases, made.meta):
        above = run.resolve(base)
        if isinstance(above, Class):
            judge(run, above)


def _hooked(run: Interpreter, made: Class, keywords: Arguments) -> Value:
    """Call `__set_name__` of attributes, `__init_subclass__` of a base, decorators; gives the class."""
    if run.recorder.calm:
        return made
    for name, value in made.names.plain().items():
        if isinstance(value, Instance):
            hook = lookup(value.of, "__set_name__", run.resolve)
            if isinstance(hook, Function):
                run.call(BoundFunction(hook, (value,)), Arguments([made, name], {}))
    for base in made.bases:
        above = run.resolve(base)
        hook = lookup(above, "__init_subclass__", run.resolve) if isinstance(above, Class) else None
        if isinstance(hook, Function):
            run.call(BoundFunction(hook, (made,)), keywords)
            break
    _members(run, made)
    meta = run.resolve(made.meta)
    if isinstance(meta, (Function, BoundFunction, Unknown)) or (isinstance(meta, Dotted) and reaches(meta)):
        return run.call(meta, Arguments([made.name, made.bases, made.names], keywords.kwargs))
    return made


def _register(run: Interpreter, made: Class, spread: list[Value]) -> None:
    """Code that cannot be read makes the class: a base of another library, or a metaclass, may run it."""
    if run.recorder.calm:
        return
    for each in (*made.bases, made.meta, *spread):
        of = run.resolve(each)
        if isinstance(of, Dotted) and run.library.unreadable(run, of.path):
            run.recorder.unread(f"`{of.path}` makes a class, and its code cannot be read")
            return


def _members(run: Interpreter, made: Class) -> None:
    """Follow what an enumeration's own `__new__` and `__init__` do for its members."""
    hooks = {name: lookup(made, name, run.resolve) for name in _OF_MEMBERS}
    if not made.bases or not any(isinstance(each, Function) for each in hooks.values()):
        return
    members = run.library.attribute(run, made, "__members__")
    init, naming = hooks["__init__"], hooks["_generate_next_value_"]
    for name, member in members.plain().items() if isinstance(members, Dict) else ():
        value = run.attribute(member, "value")
        if isinstance(naming, Function) and isinstance(value, Unknown):
            run.call(naming, Arguments([name, 1, Unknown("how many there are is not known"), List()], {}))
        for hook in (hooks["__new__"], init):
            if isinstance(hook, Function):
                first = member if hook is init else made
                given = value if isinstance(value, tuple) else (value,)
                run.call(hook, Arguments([first, *given], {}))


def meta_of(run: Interpreter, of: Class) -> Class | None:
    """The metaclass of a class, where it is one of the project."""
    for each in ancestors(of, run.resolve):
        meta = run.resolve(each.meta) if isinstance(each, Class) else None
        if isinstance(meta, Class):
            return meta
    return None


def _bases(
    run: Interpreter, node: ast.ClassDef, frame: Frame, keywords: dict[str, Value], spread: list[Value]
) -> Iterator[Value]:
    """The classes that it derives from; keywords are evaluated with them, as Python does.

    `spread` gets what stands behind `*` and `**`.
    """
    for base in node.bases:
        if isinstance(base, ast.Starred):
            spread.append(run.evaluate(base.value, frame))
            yield from run.items(spread[-1]).every()
        else:
            yield run.evaluate(base, frame)
    for keyword in node.keywords:
        value = run.evaluate(keyword.value, frame)
        if keyword.arg is not None:
            keywords[keyword.arg] = value
            continue
        spread.append(value)
        if isinstance(value, Dict):
            keywords.update({key: inside(slot) for key, slot in value.items() if isinstance(key, str)})


def special_methods(run: Interpreter, made: Class) -> None:
    """Follow implicit calls (`__add__`, `__del__`) that could do more than compute."""
    meta = _is_meta(made)
    for name, value in _special(run, made):
        if meta:
            run.library.call_back(run, value)
        else:
            any_of_it = Instance(made, Dict(rest=Unknown(f"which `{made.name}` it is, is not known")))
            run.library.call_back(run, BoundFunction(value, (made if name in _OF_CLASSES else any_of_it,)))


def _is_meta(of: Class) -> bool:
    return any(isinstance(base, Dotted) and base.path == "builtins.type" for base in of.bases)


def _special(run: Interpreter, of: Class) -> list[tuple[str, Function]]:
    """The methods of a class itself that Python calls by itself, and that could do more than compute."""
    found: list[tuple[str, Function]] = []
    meta = _is_meta(of)
    for name, value in of.names.plain().items():
        special = name.startswith("__") and name.endswith("__") and (meta or name not in _FOLLOWED)
        if run.recorder.application and name not in _OPERATING:
            continue
        if special and isinstance(value, Function) and acts(run, value):
            found.append((name, value))
    return found


#: Special methods that are given the class.
_OF_CLASSES = frozenset(("__class_getitem__", "__init_subclass__", "__new__", "__prepare__"))


def _follow_special(run: Interpreter, of: Instance) -> None:
    """Follow what a new object's class does when it is compared, shown or hashed."""
    if run.recorder.calm or run.recorder.application:
        return
    for name, value in _special(run, of.of):
        if name not in _OF_CLASSES:
            run.library.call_back(run, BoundFunction(value, (of,)))


def instantiate(run: Interpreter, of: Class, arguments: Arguments) -> Value:
    meta = meta_of(run, of)
    called = None if meta is None else lookup(meta, "__call__", run.resolve)
    if isinstance(called, Function) and not any(
        frame.called is not None and frame.called[0] is called for frame in run.stack
    ):
        return run.call(BoundFunction(called, (of,)), arguments)
    made = run.library.make(run, of, arguments)
    if made is not None:
        return made
    names = Dict()
    names.site = run.recorder.place
    instance = Instance(of, names)
    new = lookup(of, "__new__", run.resolve)
    if isinstance(new, Function):
        given = run.call(new, arguments._replace(args=[of, *arguments.args]))
        if isinstance(given, Instance) and given.of is of:
            instance = given
    init = lookup(of, "__init__")
    if isinstance(init, Function):
        run.call(BoundFunction(init, (instance,)), arguments)
    elif (fields := fields_of(of)) is not None:
        missing = Unknown(f"an argument of `{of.name}` is not given", reach=arguments.reach)
        for position, name in enumerate(fields):
            if position < len(arguments.args) or name in arguments.kwargs:
                instance.names[name] = arguments.get(position, name)
            else:
                instance.names[name] = missing if arguments.more else _default(run, of, name)
        after = lookup(of, "__post_init__", run.resolve)
        if isinstance(after, Function):
            wanted = after.node.args.args[1:]  # what is `InitVar` is not kept, but handed over
            given = [instance.names.get(each.arg, missing) for each in wanted]
            run.call(BoundFunction(after, (instance,)), Arguments(given, {}))
    else:
        # The constructor is a library's: what it is given, the object may keep.
        instance.names.update(arguments.kwargs)
        instance.names.update({f"*{n}": value for n, value in enumerate(arguments.args)})
    _follow_special(run, instance)
    return instance


def _default(run: Interpreter, of: Class, name: str, depth: int = 12) -> Value:
    """What a field of a dataclass is when it is not given."""
    if name in of.names:
        default = inside(of.names[name])
        if isinstance(default, BoundFunction) and default.function == Dotted("dataclasses.field"):
            factory = default.kwargs.get("default_factory")
            if factory is not None:
                return run.call(factory, Arguments([], {}))
            return default.kwargs.get("default", Unknown(f"`{name}` is not given"))
        return default
    for base in of.bases:
        above = run.resolve(base)
        if isinstance(above, Class) and depth and name in (fields_of(above) or above.names):
            return _default(run, above, name, depth - 1)
    return Unknown(f"`{name}` is not given")


def from_class(run: Interpreter, of: Instance, start: Class, name: str) -> Value:
    found = lookup(start, name, run.resolve)
    if isinstance(found, Function):
        if found.kind == "property":
            return run.call(found, Arguments([of], {}))
        if found.kind == "static":
            return found
        return BoundFunction(found, (of.of if found.kind == "class" else of,))
    if found is not None:
        return found
    return run.library.attribute(run, of, name)


def attributes(of: Instance) -> Dict:
    """`of.__dict__`: what is put into it is an attribute of the object."""
    if not any(isinstance(name, str) and name.startswith("*") for name in of.names):
        return of.names
    # What a library's class makes of its arguments is not known.
    return Dict(of.names, rest=Unknown("an attribute is not known", reach=reaches(of)))


def method_of(run: Interpreter, of: Value, name: str, arguments: Arguments) -> Value:
    method = run.attribute(of, name)
    return method if isinstance(method, Unknown) else run.call(method, arguments)
