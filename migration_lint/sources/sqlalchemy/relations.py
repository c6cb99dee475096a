"""The other sides of relationships: what `backref` gives to the classes that they lead to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from migration_lint.sources.sqlalchemy.declarative import loaded
from migration_lint.sources.sqlalchemy.mapping import Mapped, RelationAttribute
from migration_lint.sources.sqlalchemy.naming import made_name
from migration_lint.sources.sqlalchemy.terms import Known, Made, options, text_of

if TYPE_CHECKING:
    from migration_lint.sources.sqlalchemy.models import Models


def add_backrefs(models: Models) -> None:
    """Give each class, and those that inherit from it, what the relationships of others say that it has."""
    every = models.all_mapped()
    for mapped in every:
        for attribute in list(mapped.attributes.values()):
            if not isinstance(attribute, RelationAttribute) or attribute.reverse_of is not None:
                continue
            for name, back in _backrefs(mapped, attribute):
                target = models.target(attribute)
                for each in every:
                    if any(one is target for one in _line(each)):
                        each.attributes.setdefault(name, back)


def _backrefs(mapped: Mapped, relation: RelationAttribute) -> Iterator[tuple[str, RelationAttribute]]:
    """`backref="name"`, `backref=backref("name", lazy=…)`"""
    stated = relation.made.keyword("backref")
    for each in options(stated) if stated is not None else ():
        made = each if isinstance(each, Made) and made_name(each) == "backref" else None
        name = text_of(made.argument(0, "name") if made is not None else each)
        if name is not None:
            many = uses_list(made) if made is not None else None
            lazy = loaded(made) if made is not None else "select"
            yield name, RelationAttribute(mapped.of, many, lazy, relation.made, (mapped, relation))


def uses_list(made: Made) -> bool | None:
    """Whether a relationship says that it leads to many; None where it does not say."""
    stated = made.keyword("uselist")
    return stated.value is not False if isinstance(stated, Known) else None


def _line(mapped: Mapped) -> Iterator[Mapped]:
    at: Mapped | None = mapped
    while at is not None:
        yield at
        at = at.parent
