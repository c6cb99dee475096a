"""What an annotation of a mapped attribute says: the type of its column, whether it may be NULL, and more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from migration_lint.sources.sqlalchemy.classes import Classes
from migration_lint.sources.sqlalchemy.naming import made_name, spelled
from migration_lint.sources.sqlalchemy.terms import (
    Class,
    Combined,
    External,
    Item,
    Known,
    Listed,
    Made,
    Place,
    Term,
)

#: The map that a registry has where it says nothing.
#: https://docs.sqlalchemy.org/en/20/orm/declarative_tables.html#mapped-column-derives-the-datatype-and-nullability-from-the-mapped-annotation
_TYPES: Mapping[str, str] = {
    "bool": "Boolean", "bytes": "LargeBinary", "date": "Date", "datetime": "DateTime", "Decimal": "Numeric",
    "float": "Float", "int": "Integer", "str": "String", "time": "Time", "timedelta": "Interval",
    "UUID": "Uuid",
}  # fmt: skip
_WRAPPERS = frozenset("Mapped DynamicMapped WriteOnlyMapped InitVar Required ClassVar Final".split())
_COLLECTIONS = frozenset("list set dict List Set Dict Sequence Collection Iterable deque Mapping".split())


@dataclass(frozen=True, slots=True)
class Annotation:
    """`core`: without Mapped, Optional and Annotated. `whole`: what may be a key of a type_annotation_map."""

    core: Term
    whole: tuple[Term, ...]
    optional: bool
    mapped: str = ""  # Mapped, DynamicMapped …; "": it is no mapped attribute by its annotation
    made: Made | None = None  # the mapped_column of an Annotated


def read_annotation(term: Term) -> Annotation:
    """An annotation taken apart."""
    mapped, optional, made = "", False, None
    whole: list[Term] = []
    for _ in range(10):
        name = spelled(term.of) if isinstance(term, Item) and isinstance(term.of, External) else ""
        if isinstance(term, Item) and name in _WRAPPERS:
            mapped, term = mapped or name, term.key
            continue
        bare = without_none(term)
        if bare is not None:
            optional = True
            whole.append(term)
            term = bare
            continue
        whole.append(term)
        if isinstance(term, Item) and name == "Annotated" and isinstance(term.key, Listed):
            first, *rest = term.key.items
            made = next(
                (
                    each
                    for each in rest
                    if isinstance(each, Made) and made_name(each) in ("mapped_column", "Column")
                ),
                made,
            )
            term = first
            continue
        break
    return Annotation(term, tuple(whole), optional, mapped, made)


def shown(annotation: Annotation) -> str:
    """The type that it stands for, as Python writes it, aliases and wrappers taken off: `str | None`."""
    core = written(annotation.core)
    return f"{core} | None" if annotation.optional else core


def written(term: Term) -> str:
    """An annotation as it would be written: `list[Line]`."""
    match term:
        case Class():
            return term.name
        case Item():
            return f"{written(term.of)}[{written(term.key)}]"
        case Listed():
            return ", ".join(map(written, term.items))
        case Combined(operator="BitOr"):
            return " | ".join(map(written, term.parts))
        case Known(value=None):
            return "None"
        case External() | Known():
            return spelled(term)
        case _:
            return ""


def without_none(term: Term) -> Term | None:
    """What a term is beside None; None where it is never None."""
    parts: tuple[Term, ...] = ()
    if isinstance(term, Item) and isinstance(term.of, External):
        name = spelled(term.of)
        if name == "Optional":
            return term.key
        parts = term.key.items if name == "Union" and isinstance(term.key, Listed) else ()
    elif isinstance(term, Combined) and term.operator == "BitOr":
        parts = tuple(_flat(term))
    rest = [each for each in parts if not (isinstance(each, Known) and each.value is None)]
    if not parts or len(rest) == len(parts):
        return None
    return rest[0] if len(rest) == 1 else Combined("BitOr", tuple(rest))


def _flat(term: Term) -> list[Term]:
    if isinstance(term, Combined) and term.operator == "BitOr":
        return [each for part in term.parts for each in _flat(part)]
    return [term]


def element_of(term: Term) -> tuple[Term, bool]:
    """What a relationship's annotation leads to, and whether to many of them."""
    if isinstance(term, Item) and isinstance(term.of, External) and spelled(term.of) in _COLLECTIONS:
        key = term.key.items[-1] if isinstance(term.key, Listed) and term.key.items else term.key
        return key, True
    return term, False


def column_type(
    annotation: Annotation, types: Mapping[str, Term], classes: Classes, place: Place
) -> Term | None:
    """The type that a column gets by its annotation; `types`: a type_annotation_map, by spelling."""
    for key in annotation.whole:
        found = types.get(spelled(key))
        if found is not None:
            return found
    core = annotation.core
    if isinstance(core, Class):
        names = [spelled(each) for each in classes.ancestors(core)]
        for name in names:
            if name in types:
                return types[name]
        if "Enum" in names or "StrEnum" in names or "IntEnum" in names:
            return Made(External("sqlalchemy.Enum"), (core,), (), place)
        return next((External(f"sqlalchemy.{_TYPES[name]}") for name in names if name in _TYPES), None)
    if isinstance(core, Item) and spelled(core.of) == "Literal":
        values = core.key.items if isinstance(core.key, Listed) else (core.key,)
        keywords: tuple[tuple[str | None, Term], ...] = (("native_enum", Known(False)),)
        return Made(External("sqlalchemy.Enum"), values, keywords, place)
    name = spelled(core)
    return External(f"sqlalchemy.{_TYPES[name]}") if name in _TYPES else None
