"""The values that a call hands over by name: keywords, dictionaries, a model of Pydantic that is dumped."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from migration_lint.sources.sqlalchemy.annotations import read_annotation
from migration_lint.sources.sqlalchemy.models import Models
from migration_lint.sources.sqlalchemy.terms import (
    Class,
    External,
    Instance,
    Item,
    Known,
    Listed,
    Made,
    Pairs,
    Parameter,
    Part,
    Place,
    Spread,
    Term,
    options,
)

_DUMPS = frozenset(("model_dump", "dict", "asdict", "to_dict", "_asdict"))
_FOREIGN_BASES = frozenset(
    "BaseModel object Generic SQLModel Protocol NamedTuple TypedDict BaseSettings".split()
)


@dataclass(frozen=True, slots=True)
class Entry:
    """`key`: a term, for what is no name. `why`: instead of both, why there may be more."""

    key: Term | str
    value: Term
    place: Place | None = None
    why: str = ""


class Names:
    """Takes apart what is handed over by name."""

    def __init__(self, models: Models) -> None:
        self._models = models

    def keywords(self, made: Made) -> Iterator[Entry]:
        """The keywords of a call, `**` of what is known with its entries."""
        nodes = made.place.node.keywords if isinstance(made.place.node, ast.Call) else []
        for at, (name, value) in enumerate(made.keywords):
            node = nodes[at].value if at < len(nodes) and len(nodes) == len(made.keywords) else None
            if name is not None:
                yield Entry(name, value, Place(made.place.path, node) if node is not None else None)
            else:
                yield from self.entries(value, f"**{self._shown(made.place.path, node)}")

    def rows(self, term: Term) -> Iterator[Entry]:
        """A dictionary, or each of a list of them."""
        for each in options(term):
            if isinstance(each, Listed):
                for item in each.items:
                    yield from self.rows(item.of if isinstance(item, Spread) else item)
            else:
                yield from self.entries(each, "its values")

    def entries(self, term: Term, shown: str) -> Iterator[Entry]:
        """The entries of what a term holds, and why there may be more of them."""
        for each in options(term):
            if isinstance(each, Pairs):
                yield from self._pairs(each, shown)
                continue
            fields = self._fields(each)
            if fields is None:
                yield Entry("", each, why=f"what {shown} holds is not known")
            else:
                yield from fields

    def _pairs(self, term: Pairs, shown: str) -> Iterator[Entry]:
        node = term.place.node if term.place is not None else None
        values = node.values if isinstance(node, ast.Dict) else []
        same = term.place is not None and len(values) == len(term.pairs)
        for at, (key, value) in enumerate(term.pairs):
            if key is None:
                yield from self.entries(value, shown)
                continue
            for one in options(key):
                name = one.value if isinstance(one, Known) and isinstance(one.value, str) else None
                if name is None and not isinstance(one, (Part, Item)):
                    yield Entry("", value, why=f"the names in {shown} are worked out when it runs")
                    continue
                place = Place(term.place.path, values[at]) if same and term.place is not None else None
                yield Entry(name if name is not None else one, value, place)

    def _fields(self, term: Term) -> list[Entry] | None:
        """The fields of a value that is dumped to a dictionary; None where they are not known."""
        of: Term | None = None
        if isinstance(term, Made):
            if isinstance(term.callee, Part) and term.callee.name in _DUMPS:
                of = term.callee.of
            elif (
                isinstance(term.callee, External)
                and term.callee.name.endswith(("asdict", "builtins.vars"))
                and term.args
                or term.callee is not None
                and isinstance(term.callee, External)
                and term.callee.name.endswith("jsonable_encoder")
                and term.args
            ):
                of = term.args[0]
        elif isinstance(term, Part) and term.name == "__dict__":
            of = term.of
        stated = self._class_of(of) if of is not None else None
        if stated is None:
            return None
        left_out = _texts(term.keyword("exclude")) if isinstance(term, Made) else frozenset()
        if left_out is None or (isinstance(term, Made) and term.keyword("include") is not None):
            return None
        found = self._members(stated)
        return None if found is None else [each for each in found if each.key not in left_out]

    def _class_of(self, term: Term) -> Class | None:
        match term:
            case Parameter(annotation=stated) if stated is not None:
                core = read_annotation(stated).core
                return core if isinstance(core, Class) else None
            case Made(callee=Class() as of) | Instance(of=of):
                return of
            case _:
                return None

    def _members(self, of: Class) -> list[Entry] | None:
        found: dict[str, Entry] = {}
        for owner in self._models.machine.classes.ancestors(of):
            if isinstance(owner, Class):
                for name, statement in self._models.machine.classes.members(owner).items():
                    if (
                        isinstance(statement, ast.AnnAssign)
                        and name not in found
                        and not name.startswith("model_config")
                    ):
                        stated = self._models.machine.annotation(
                            statement.annotation, self._models.machine.module_frame(owner.path)
                        )
                        found[name] = Entry(name, Parameter(name, stated))
            elif isinstance(owner, External) and owner.name.rpartition(".")[2] not in _FOREIGN_BASES:
                return None
        return list(found.values())

    def _shown(self, path: str, node: ast.expr | None) -> str:
        module = self._models.project.module(path)
        return (
            " ".join(module.text(node).split()) if module is not None and node is not None else "its keywords"
        )


def _texts(term: Term | None) -> frozenset[str] | None:
    """The texts of a set that is written out; none where there is no set; None where it is not known."""
    if term is None:
        return frozenset()
    if isinstance(term, Listed):
        return frozenset(
            each.value for each in term.items if isinstance(each, Known) and isinstance(each.value, str)
        )
    return None
