"""`Column(…)`, `mapped_column(…)` and SQLModel's `Field(…)` as columns of a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from migration_lint.sources.sqlalchemy.annotations import Annotation, column_type
from migration_lint.sources.sqlalchemy.classes import Classes
from migration_lint.sources.sqlalchemy.mapping import ModelColumn
from migration_lint.sources.sqlalchemy.naming import library_name, made_name
from migration_lint.sources.sqlalchemy.terms import External, Known, Made, Pairs, Place, Spread, Term, text_of

_ITEMS = frozenset(
    "ForeignKey Identity Computed Sequence CheckConstraint FetchedValue DefaultClause ColumnDefault".split()
)
COLUMN_CALLS = frozenset(("Column", "mapped_column", "MappedColumn"))


def core_column(made: Made, attribute: str) -> ModelColumn | None:
    """A column that a call states; `attribute`: its name where the call has none. None: it has no name."""
    return _column(made, attribute, None, None)


def mapped_column(
    made: Made | None,
    attribute: str,
    annotation: Annotation,
    annotated: str,
    types: Mapping[str, Term],
    classes: Classes,
    place: Place,
) -> ModelColumn | None:
    """The column of an attribute that is declared with an annotation, by itself and by what it is set to."""
    implied = column_type(annotation, types, classes, place)
    outer = made or Made(External("sqlalchemy.orm.mapped_column"), (), (), place)
    if annotation.made is not None:
        outer = _merged(outer, annotation.made)
    found = _column(outer, attribute, implied, annotation.optional)
    return None if found is None else replace(found, annotation=annotated, place=place)


def _merged(own: Made, pattern: Made) -> Made:
    """What an attribute says itself, and else what its Annotated says."""
    own_names = {name for name, _ in own.keywords}
    keywords = (*own.keywords, *(pair for pair in pattern.keywords if pair[0] not in own_names))
    named = [each for each in own.args if text_of(each) is not None]
    rest = [each for each in own.args if text_of(each) is None]
    has_type = any(not _is_item(each) for each in rest)
    taken = [each for each in pattern.args if _is_left(each, bool(named), has_type)]
    ordered = sorted((*named, *rest, *taken), key=lambda each: text_of(each) is None)
    return Made(own.callee, tuple(ordered), keywords, own.place)


def _is_left(term: Term, named: bool, typed: bool) -> bool:
    """Whether an argument of a pattern counts, where the attribute itself may state a name or a type."""
    if text_of(term) is not None:
        return not named
    return _is_item(term) or not typed


def _is_item(term: Term) -> bool:
    return made_name(term) in _ITEMS or library_name(term) in _ITEMS


def _column(made: Made, attribute: str, implied: Term | None, optional: bool | None) -> ModelColumn | None:
    args = [each for each in made.args if not isinstance(each, Spread)]
    name = text_of(made.keyword("name"))
    if args and text_of(args[0]) is not None:
        name = text_of(args.pop(0))
    elif args and isinstance(args[0], Known) and args[0].value is None:
        args.pop(0)
    name = name or attribute
    if not name:
        return None
    type = made.keyword("type_") or next((each for each in args if not _is_item(each)), None)
    items = [each for each in args if isinstance(each, Made) and _is_item(each)]
    references = tuple(each for each in items if made_name(each) == "ForeignKey")
    if type is None and not references:  # with a ForeignKey it has the type of what that refers to
        type = implied
    primary = _truth(made.keyword("primary_key")) is True
    nullable = _nullable(made, primary, optional)
    by_name: dict[str, Made] = {made_name(each): each for each in items}
    server_default = made.keyword("server_default")
    key = text_of(made.keyword("key")) or name
    return ModelColumn(
        name=name,
        place=made.place,
        key=key,
        type=type,
        nullable=nullable,
        primary_key=primary,
        default=_given(made.keyword("default")) or _given(made.keyword("insert_default")),
        server_default=_given(server_default) or by_name.get("DefaultClause") or by_name.get("FetchedValue"),
        onupdate=_given(made.keyword("onupdate")),
        unique=_truth(made.keyword("unique")) is True,
        index=_truth(made.keyword("index")) is True,
        references=references,
        checks=tuple(each for each in items if made_name(each) == "CheckConstraint"),
        computed=by_name.get("Computed"),
        identity=by_name.get("Identity"),
        sequence=by_name.get("Sequence"),
        autoincrement=_constant(made.keyword("autoincrement"), "auto"),
        deferred=_truth(made.keyword("deferred")) is True or made.keyword("deferred_group") is not None,
        sort_order=_number(made.keyword("sort_order")),
        comment=text_of(made.keyword("comment")),
    )


def _nullable(made: Made, primary: bool, optional: bool | None) -> bool | None:
    stated = made.keyword("nullable")
    if stated is not None:
        return _truth(stated)
    identity = any(made_name(each) == "Identity" and isinstance(each, Made)
                   and _truth(each.keyword("nullable")) is not True for each in made.args)  # fmt: skip
    if optional is not None and not primary:
        return optional and not identity
    return not primary and not identity


def field_column(
    made: Made | None,
    attribute: str,
    annotation: Annotation,
    annotated: str,
    classes: Classes,
    place: Place,
) -> ModelColumn | None:
    """The column of a field of SQLModel; None where it is a relationship's, or no column can be told."""
    whole = made.keyword("sa_column") if made is not None else None
    if isinstance(whole, Made) and made_name(whole) in COLUMN_CALLS:
        found = core_column(whole, attribute)
        return None if found is None else replace(found, annotation=annotated, place=place)
    type = _field_type(made, annotation, classes, place)
    if made is None:
        return ModelColumn(attribute, place, attribute, type, annotation.optional, annotation=annotated)
    primary = _truth(made.keyword("primary_key")) is True
    stated = made.keyword("nullable")
    nullable = _truth(stated) if stated is not None else annotation.optional and not primary
    default = made.args[0] if made.args else made.keyword("default")
    references = made.keyword("foreign_key")
    keyed: tuple[Made, ...] = ()
    if references is not None:
        rules: tuple[tuple[str | None, Term], ...] = tuple(
            (name, value) for name, value in made.keywords if name == "ondelete"
        )
        keyed = (Made(External("sqlalchemy.ForeignKey"), (references,), rules, place),)
    column = ModelColumn(
        attribute, place, attribute, type, nullable, primary,
        default=_given(default) or made.keyword("default_factory"),
        unique=_truth(made.keyword("unique")) is True,
        index=_truth(made.keyword("index")) is True,
        references=keyed, annotation=annotated,
    )  # fmt: skip
    return _with_column_keywords(column, made)


def _with_column_keywords(column: ModelColumn, made: Made) -> ModelColumn:
    """`sa_column_kwargs={"server_default": …}`"""
    more = made.keyword("sa_column_kwargs")
    if not isinstance(more, Pairs):
        return column
    keywords = tuple((text_of(key) if key is not None else None, value) for key, value in more.pairs)
    said = _column(Made(made.callee, (), keywords, made.place), column.name, column.type, column.nullable)
    if said is None:
        return column
    names = {name for name, _ in keywords}
    changed = {
        name: getattr(said, name)
        for name in (
            "name",
            "server_default",
            "onupdate",
            "server_onupdate",
            "unique",
            "index",
            "comment",
            "nullable",
        )
        if name in names
    }
    return replace(column, **changed)


def _field_type(made: Made | None, annotation: Annotation, classes: Classes, place: Place) -> Term | None:
    if made is not None:
        stated = made.keyword("sa_type")
        if stated is not None:
            return stated
    found = column_type(annotation, {}, classes, place)
    length = made.keyword("max_length") if made is not None else None
    if found is not None and library_name(found) == "String" and length is not None:
        return Made(found, (length,), (), place)
    digits = [made.keyword(each) for each in ("max_digits", "decimal_places")] if made is not None else []
    if found is not None and library_name(found) == "Numeric" and any(digits):
        return Made(found, tuple(each or Known(None) for each in digits), (), place)
    return found


def _given(term: Term | None) -> Term | None:
    """A default that is stated, and not as None."""
    return None if isinstance(term, Known) and term.value is None else term


def _truth(term: Term | None) -> bool | None:
    return term.value if isinstance(term, Known) and isinstance(term.value, bool) else None


def _number(term: Term | None) -> int:
    return term.value if isinstance(term, Known) and isinstance(term.value, int) else 0


def _constant(term: Term | None, default: object) -> object:
    return term.value if isinstance(term, Known) else default if term is None else None
