"""The parts of a type's canonical spelling: `numeric(10,2)[]` → numeric, (10, 2), an array."""

from __future__ import annotations

from migration_lint.named_tuple import NamedTuple


class Spelled(NamedTuple):
    """A canonical type in its parts; `limits` are its numbers, empty where it has none or other arguments."""

    name: str
    limits: tuple[int, ...] = ()
    array: bool = False


def spelled(type: str) -> Spelled:
    """The parts of what `catalog.types.canonical` wrote."""
    array = type.endswith("[]")
    name, _, rest = type.removesuffix("[]").partition("(")
    inner, _, tail = rest.partition(")")
    parts = inner.split(",") if inner else []
    numbers = all(each.strip().lstrip("-").isdigit() for each in parts)
    return Spelled(name + tail, tuple(int(each) for each in parts) if numbers else (), array)
