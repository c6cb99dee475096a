"""Records and regular expressions that are made in a cheaper way behave as Python's own."""

from __future__ import annotations

import copy
import dataclasses
import pickle
import re
import typing
from collections.abc import Callable

import pytest

from migration_lint import data_class
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


@data_class.dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Whose it is."""

    name: str
    roles: tuple[str, ...] = ()
    said: dict[str, int] = data_class.field(default_factory=dict)
    seen: list[str] = data_class.field(default_factory=list, compare=False)
    _known: list[str] = data_class.field(default_factory=list, init=False, repr=False, compare=False)

    @property
    def first(self) -> str:
        return self.roles[0]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Likewise:
    """Whose it is."""

    name: str
    roles: tuple[str, ...] = ()
    said: dict[str, int] = dataclasses.field(default_factory=dict)
    seen: list[str] = dataclasses.field(default_factory=list, compare=False)
    _known: list[str] = dataclasses.field(default_factory=list, init=False, repr=False, compare=False)

    @property
    def first(self) -> str:
        return self.roles[0]


@data_class.dataclass(frozen=True, slots=True)
class Pair:
    one: int
    two: int | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Couple:
    one: int
    two: int | None = None


@data_class.dataclass(frozen=True, slots=True)
class Mark:
    """It stands for itself."""


@data_class.dataclass(frozen=False)
class Tally:
    count: int = 0
    seen: list[str] = data_class.field(default_factory=list)


def attempt(done: Callable[[], object]) -> str:
    """The error that it raises."""
    with pytest.raises((TypeError, AttributeError)) as raised:
        done()
    return f"{type(raised.value).__name__}: {raised.value}"


@pytest.mark.parametrize(
    "asked",
    [
        lambda of: of(name="a"),
        lambda of: of(name="a", roles=("b",)).first,
        lambda of: (of(name="a") == of(name="a"), of(name="a") == of(name="b"), of(name="a") != "a"),
        lambda of: of(name="a", seen=["b"]) == of(name="a"),
        lambda of: of(name="a").said is of(name="a").said,
        lambda of: dataclasses.replace(of(name="a"), name="b"),
        lambda of: [(each.name, each.default, each.kw_only) for each in dataclasses.fields(of)],
        lambda of: dataclasses.asdict(of(name="a")),
        lambda of: pickle.loads(pickle.dumps(of(name="a"))) == copy.copy(of(name="a")),
        lambda of: (of.__doc__, of.__module__, of.__match_args__),
        lambda of: attempt(lambda: of()),
        lambda of: attempt(lambda: of("a")),
        lambda of: attempt(lambda: of(name="a", other=1)),
        lambda of: attempt(lambda: hash(of(name="a"))),
        lambda of: attempt(lambda: setattr(of(name="a"), "name", "b")),
        lambda of: attempt(lambda: delattr(of(name="a"), "name")),
    ],
)
def test_a_dataclass_is_as_python_makes_it(asked: Callable[[type], object]) -> None:
    assert repr(asked(Account)).replace("Account", "Likewise") == repr(asked(Likewise))


@pytest.mark.parametrize(
    "asked",
    [
        lambda of: (of(1), of(1, 2), of(two=2, one=1)),
        lambda of: hash(of(1, 2)) == hash((1, 2)),
        lambda of: len({of(1), of(1, None), of(2)}),
        lambda of: dataclasses.astuple(of(1)),
        lambda of: of.__match_args__,
        lambda of: attempt(lambda: of()),
    ],
)
def test_a_dataclass_takes_what_is_given_in_order(asked: Callable[[type], object]) -> None:
    assert repr(asked(Pair)).replace("Pair", "Couple") == repr(asked(Couple))


def test_a_copy_of_a_dataclass_differs_in_what_is_said() -> None:
    assert data_class.replace(Pair(1, 2), one=3) == Pair(3, 2)
    assert data_class.replace(Account(name="a", seen=["c"]), name="b").seen == ["c"]


def test_a_dataclass_may_be_changed() -> None:
    tally, other = Tally(), Tally(seen=["a"])
    tally.count += 1
    tally.seen.append("a")
    assert (tally.count, tally == other, Tally().seen) == (1, False, [])
    other.count = 1
    assert tally == other
    assert attempt(lambda: hash(tally)) == "TypeError: unhashable type: 'Tally'"


def test_a_dataclass_may_have_no_fields() -> None:
    assert Mark() == Mark()
    assert (repr(Mark()), {Mark(): 1}[Mark()], data_class.fields_of(Mark)) == ("Mark()", 1, {})


def test_a_dataclass_says_its_fields_and_their_defaults() -> None:
    assert data_class.fields_of(Pair) == {"one": ..., "two": None}


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
