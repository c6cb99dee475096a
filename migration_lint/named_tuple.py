"""`typing.NamedTuple`, whose classes are made in a fifth of the time.

A check makes some 230 of them before it begins, and makes objects of few. `typing` compiles each annotation,
which nobody asks for here: annotations are texts in every module of this package. `collections.namedtuple`
compiles a constructor for each class: here a class gets it with its first object.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import NamedTuple as NamedTuple
else:
    from collections import namedtuple
    from types import FunctionType

    #: What reads the first, the second, … of a tuple; they are the same for all classes.
    _GETTERS = []

    def _getters(count):
        if len(_GETTERS) < count:
            wide = namedtuple("wide", [f"field_{number}" for number in range(max(32, 2 * count))])
            _GETTERS[:] = [vars(wide)[field] for field in wide._fields]
        return _GETTERS[:count]

    class _Named(tuple):
        """What all of them have in common. They are tuples, with the fields `_fields`."""

        __slots__ = ()
        _fields = ()
        _field_defaults = {}

        def __new__(cls, /, *given, **named):
            of = next(each for each in cls.__mro__ if "_fields" in vars(each))
            of.__new__ = staticmethod(_constructor(of))  # the next time, this is not come to
            return cls.__new__(cls, *given, **named)

        @classmethod
        def _make(cls, values):
            made = tuple.__new__(cls, values)
            if len(made) != len(cls._fields):
                raise TypeError(f"Expected {len(cls._fields)} arguments, got {len(made)}")
            return made

        def _replace(self, /, **changed):
            made = self._make(map(changed.pop, self._fields, self))
            if changed:
                raise TypeError(f"Got unexpected field names: {list(changed)!r}")
            return made

        def _asdict(self):
            return dict(zip(self._fields, self, strict=True))

        def __getnewargs__(self):  # for copy and pickle
            return tuple(self)

        def __repr__(self):
            said = (f"{name}={value!r}" for name, value in zip(self._fields, self, strict=True))
            return f"{type(self).__name__}({', '.join(said)})"

    #: The code of a constructor, by how many fields there are: only the names of parameters tell two apart.
    _CODES = {}

    def _constructor(of):
        """What `__new__` of a class is."""
        count = len(of._fields)
        if count not in _CODES:
            listed = "".join(f"field_{number}, " for number in range(count))
            _CODES[count] = eval(f"lambda _cls, {listed}: _new(_cls, ({listed}))").__code__
        code = _CODES[count].replace(co_name="__new__", co_varnames=("_cls", *of._fields))
        made = FunctionType(code, {"_new": tuple.__new__}, "__new__", tuple(of._field_defaults.values()))
        made.__qualname__ = f"{of.__qualname__}.__new__"
        return made

    class _Making(type):
        """Makes a tuple of each class that derives from `NamedTuple`."""

        def __new__(cls, name, bases, body):
            if not bases:
                return super().__new__(cls, name, bases, body)
            fields = tuple(body.get("__annotations__", ()))
            defaults = {field: body[field] for field in fields if field in body}
            body.update(zip(fields, _getters(len(fields)), strict=True))
            body.update(__slots__=(), _fields=fields, _field_defaults=defaults, __match_args__=fields)
            return type(name, (_Named,), body)

    class NamedTuple(metaclass=_Making):
        """See `typing.NamedTuple`. It does not look at the order of fields with defaults: mypy does."""
