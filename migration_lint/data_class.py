"""`dataclass`, whose classes are made in a tenth of the time.

`dataclasses` compiles six methods for each class, of which most runs call few. Here some are shared, and the
others compiled when they are first called. What `dataclasses` offers besides, such as `fields`, works on them
too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from dataclasses import dataclass as dataclass
    from dataclasses import field as field
    from dataclasses import replace as replace
    from typing import Any

    def fields_of(of: type[Any]) -> Mapping[str, Any]: ...

else:
    #: Stands where there is no default.
    _NONE = object()

    class _Field:
        """What `field` gives: each object has a value of its own."""

        def __init__(self, *, default_factory, init=True, repr=True, compare=True):
            self.default_factory, self.init, self.repr, self.compare = default_factory, init, repr, compare

    field = _Field

    def dataclass(*, frozen, slots=False, kw_only=False, eq=True):
        """See `dataclasses.dataclass`, which makes those that inherit fields."""
        return lambda of: _made(of, frozen, slots, kw_only, eq)

    def replace(of, /, **changed):
        """See `dataclasses.replace`. What an object does not hold, the copy does not hold either."""
        kind = type(of)
        held = {name: getattr(of, name) for name in kind._given} if hasattr(kind, "__slots__") else vars(of)
        return kind(**{**held, **changed})

    def fields_of(of):
        """The default of each field by its name, in order; `...`: it has none."""
        return {name: of._defaults.get(name, ...) for name in of._names}

    def _made(of, frozen, slots, kw_only, eq):
        body = {name: value for name, value in vars(of).items() if name not in ("__dict__", "__weakref__")}
        names = tuple(of.__annotations__)
        defaults = {name: body[name] for name in names if name in body}
        given = [name for name in names if getattr(defaults.get(name), "init", True)]
        compared = [name for name in names if getattr(defaults.get(name), "compare", True)]
        methods = dict(_METHODS)
        if frozen:
            methods |= _FREEZING
        if eq:
            methods |= _COMPARING if frozen else {**_COMPARING, "__hash__": None}
        if slots:
            methods |= _COPYING
            body = {name: value for name, value in body.items() if name not in defaults}
            body["__slots__"] = names
        made = type(of.__name__, of.__bases__, methods | body)
        made.__qualname__ = of.__qualname__
        made.__match_args__ = () if kw_only else names
        made._names, made._given, made._compared, made._defaults = names, given, compared, defaults
        made.__dataclass_fields__ = _Fields()
        return made

    class _Fields:
        """What `dataclasses` knows of a class, found out when it is asked for."""

        def __get__(self, of, kind):
            import dataclasses  # which takes as long to import as a whole stage of this package

            body = {"__annotations__": kind.__annotations__}
            for name, default in kind._defaults.items():
                body[name] = dataclasses.field(**vars(default)) if isinstance(default, _Field) else default
            kw_only = kind.__match_args__ != kind._names
            same = dataclasses.dataclass(init=False, repr=False, eq=False, kw_only=kw_only)
            kind.__dataclass_fields__ = same(type(kind.__name__, (), body)).__dataclass_fields__
            return kind.__dataclass_fields__

    def _compiled(of, name, parameters, body, names):
        made = {}
        exec("\n    ".join([f"def {name}({parameters}):", *body]), names, made)
        made[name].__qualname__ = f"{of.__qualname__}.{name}"
        setattr(of, name, made[name])

    def _construct(self, /, *given, **named):
        of = type(self)
        names = {"_absent": object(), "_set": object.__setattr__}
        parameters, body = ["self"], []
        if of.__match_args__ != of._names:
            parameters.append("*")
        for name in of._names:
            default = of._defaults.get(name, _NONE)
            value = name
            if isinstance(default, _Field):  # each object has one of its own
                names[f"_make_{name}"] = default.default_factory
                value = f"_make_{name}()"
                if default.init:
                    parameters.append(f"{name}=_absent")
                    value += f" if {name} is _absent else {name}"
            elif default is _NONE:
                parameters.append(name)
            else:
                names[f"_default_{name}"] = default
                parameters.append(f"{name}=_default_{name}")
            body.append(f"_set(self, {name!r}, {value})")
        _compiled(of, "__init__", ", ".join(parameters), body or ["pass"], names)
        of.__init__(self, *given, **named)  # the next time, that is what is called

    def _equal(self, other):
        of = type(self)
        one, two = (f"({''.join(f'{each}.{name}, ' for name in of._compared)})" for each in ("self", "other"))
        body = ["if other.__class__ is not self.__class__:", "    return NotImplemented"]
        _compiled(of, "__eq__", "self, other", [*body, f"return {one} == {two}"], {})
        return of.__eq__(self, other)

    def _hash(self):
        of = type(self)
        listed = "".join(f"self.{name}, " for name in of._compared)
        _compiled(of, "__hash__", "self", [f"return hash(({listed}))"], {})
        return of.__hash__(self)

    def _repr(self):
        shown = (name for name in self._names if getattr(self._defaults.get(name), "repr", True))
        said = (f"{name}={getattr(self, name)!r}" for name in shown)
        return f"{type(self).__qualname__}({', '.join(said)})"

    def _set(self, name, value):
        from dataclasses import FrozenInstanceError

        raise FrozenInstanceError(f"cannot assign to field {name!r}")

    def _delete(self, name):
        from dataclasses import FrozenInstanceError

        raise FrozenInstanceError(f"cannot delete field {name!r}")

    def _state(self):
        return [getattr(self, name) for name in self._names]

    def _set_state(self, state):
        for name, value in zip(self._names, state, strict=True):
            object.__setattr__(self, name, value)

    _METHODS = {
        "__init__": _construct,
        "__repr__": _repr,
    }
    _FREEZING = {"__setattr__": _set, "__delattr__": _delete}
    _COPYING = {"__getstate__": _state, "__setstate__": _set_state}
    _COMPARING = {"__eq__": _equal, "__hash__": _hash}
