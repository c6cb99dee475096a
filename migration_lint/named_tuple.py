"""`typing.NamedTuple`, whose classes are made in a third of the time.

A check makes some 160 of them before it begins. `typing` compiles each annotation, which nobody asks for
here: annotations are texts in every module of this package.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import NamedTuple as NamedTuple
else:
    from collections import namedtuple

    #: What `namedtuple` sets itself.
    _ITS_OWN = frozenset(("__annotations__", "__classcell__", "__module__", "__qualname__"))

    class _Making(type):
        """Makes a tuple of each class that derives from `NamedTuple`."""

        def __new__(cls, name, bases, body):
            if not bases:
                return super().__new__(cls, name, bases, body)
            fields = body.get("__annotations__", {})
            defaults = [body[each] for each in fields if each in body]
            made = namedtuple(name, fields, defaults=defaults, module=body["__module__"])
            made.__annotations__ = fields
            made.__qualname__ = body["__qualname__"]
            for each, value in body.items():
                if each not in fields and each not in _ITS_OWN:
                    setattr(made, each, value)
            return made

    class NamedTuple(metaclass=_Making):
        """See `typing.NamedTuple`. It does not look at the order of fields with defaults: mypy does."""
