"""Records and regular expressions that are made in a cheaper way behave as Python's own."""

from __future__ import annotations

import copy
import pickle
import re
import typing
from collections.abc import Callable

import pytest

from migration_lint.lazy_pattern import lazy_pattern
from migration_lint.named_tuple import NamedTuple


class Point(NamedTuple):
    """A place."""

    x: int
    y: int = 0
    name: str | None = None

    @property
    def far(self) -> bool:
        return self.x + self.y > 10


class Same(typing.NamedTuple):
    """A place."""

    x: int
    y: int = 0
    name: str | None = None


@pytest.mark.parametrize(
    "asked",
    [
        lambda of: of(1),
        lambda of: of(1, name="a"),
        lambda of: of(x=3)._replace(y=4),
        lambda of: of._make((1, 2, "b"))._asdict(),
        lambda of: (of._fields, of._field_defaults, of.__doc__),
        lambda of: sorted([of(2), of(1, 5)]),
        lambda of: hash(of(1, 2)) == hash((1, 2, None)),
        lambda of: typing.get_type_hints(of),
        lambda of: pickle.loads(pickle.dumps(of(1))) == copy.copy(of(1)),
    ],
)
def test_a_named_tuple_is_as_that_of_typing(asked: Callable[[type], object]) -> None:
    made: object = asked(Point)
    assert made == asked(Same)
    assert repr(made).replace("Point", "Same") == repr(asked(Same))


def test_a_named_tuple_has_what_its_class_says_besides() -> None:
    assert Point(9, 2).far
    assert not Point(1).far
    assert (Point.__module__, Point.__qualname__) == (__name__, "Point")
    with pytest.raises(TypeError):
        Point()  # type: ignore[call-arg]


def test_a_lazy_pattern_finds_what_a_compiled_one_does() -> None:
    text, flags = r"(?P<word>[a-z]+)-(\d+)", re.IGNORECASE
    lazy, compiled = lazy_pattern(text, flags), re.compile(text, flags)
    for _ in range(2):  # the first use compiles it
        assert lazy.findall("AB-12 c-3") == compiled.findall("AB-12 c-3")
        assert lazy.sub(r"\2", "x-1") == "1"
    assert (lazy.pattern, lazy.flags, lazy.groupindex) == (text, compiled.flags, compiled.groupindex)
    assert lazy_pattern(rb"\d").search(b"a1") is not None


def test_a_pattern_that_is_wrong_says_so_at_its_first_use() -> None:
    wrong = lazy_pattern("(")
    with pytest.raises(re.error):
        wrong.search("")
