"""Statements that the code of a project makes through SQLAlchemy, by the functions that make them.

A statement is known by the call that begins it. What any path through a function adds to it counts: a column
of a condition that only one branch sets is a column that the function needs.
"""

from __future__ import annotations

from collections.abc import Iterator

from migration_lint.sources.model import Kind, Statement
from migration_lint.sources.sqlalchemy.drafts import (
    Draft,
    Group,
)
from migration_lint.sources.sqlalchemy.entities import (
    Entities,
    Entity,
)
from migration_lint.sources.sqlalchemy.frames import (
    Event,
)
from migration_lint.sources.sqlalchemy.given import (
    Entry,
    Names,
)
from migration_lint.sources.sqlalchemy.mapping import (
    Mapped,
    RelationAttribute,
)
from migration_lint.sources.sqlalchemy.models import (
    Models,
)
from migration_lint.sources.sqlalchemy.naming import (
    made_name,
    method_name,
)
from migration_lint.sources.sqlalchemy.rows import (
    Changed,
    Rows,
)
from migration_lint.sources.sqlalchemy.terms import (
    Class,
    External,
    Instance,
    Made,
    Parameter,
    Part,
    Place,
    Term,
    Unknown,
    options,
    text_of,
)
from migration_lint.sources.sqlalchemy.uses import (
    Uses,
)
from migration_lint.sources.sqlalchemy.values import (
    Values,
)

_Key = tuple[object, ...]
_Where = tuple[str, str]  # path and symbol

#: Methods that add to a statement, whatever begins it.
_ADDING = frozenset("join outerjoin filter where having order_by group_by select_from add_columns".split())
#: Methods of a relationship that is no list which load nothing.
_PUTTING = frozenset("append add add_all extend remove".split())
_NEVER = frozenset(("raise", "raise_on_sql", "noload", "write_only"))


class Collector:
    """Listens to the machine, and keeps what concerns statements, by function."""

    def __init__(self, models: Models, entities: Entities, values: Values) -> None:
        self._models = models
        self._entities = entities
        self._values = values
        self._names = Names(models)
        self._rows = Rows(models, entities, values)
        self._origins: dict[_Key, _Where] = {}
        self._groups: dict[tuple[_Where, _Key], Group] = {}
        self._inserted: dict[tuple[_Where, _Key], Changed] = {}
        self._updated: dict[tuple[_Where, int], Changed] = {}
        self._added: dict[tuple[_Where, _Key], tuple[Place, Uses]] = {}
        self._others: dict[tuple[_Where, _Key, str], tuple[Place, Kind, Mapped | Entity, list[Entry]]] = {}

    # -- hearing

    def __call__(self, event: Event) -> None:
        where = (event.frame.path, event.frame.symbol)
        if event.kind == "call" and isinstance(event.term, Made):
            self._call(event, event.term, where)
        elif event.kind == "get" and isinstance(event.term, Part):
            self._get(event, event.term, where)
        elif event.kind == "set" and isinstance(event.term, Part) and event.value is not None:
            self._set(event, event.term, event.value, where)

    def _call(self, event: Event, made: Made, where: _Where) -> None:
        entities = self._entities
        if entities.is_root(made):
            self._origins.setdefault(made.place.key, where)
            self._group(where, made, made.place)
        roots, calls = entities.roots(made)
        if not roots and event.frame.depth == 0:
            self._onwards(made, where)
        for root in roots:
            self._chained(event, where, root, calls)
        for each in (*made.args, *(value for _, value in made.keywords)):
            of, made_by = (
                entities.roots(each)
                if isinstance(each, (Made, Part)) or hasattr(each, "options")
                else ([], [])
            )
            for root in of:
                group = self._chained(event, where, root, made_by)
                if group is not None and method_name(made) in ("execute", "scalars", "scalar", "stream"):
                    group.parameters += made.args[1:2]
        if isinstance(made.callee, Class):
            mapped = self._models.mapped(made.callee)
            if mapped is not None:
                self._inserted.setdefault(
                    (where, made.place.key), Changed(made.place, mapped)
                ).entries += self._names.keywords(made)
        elif isinstance(made.callee, (Parameter, Part, Unknown)):
            self._method(event, made, where)
        elif (
            isinstance(made.callee, External)
            and made.callee.name == "builtins.setattr"
            and len(made.args) == 3
        ):
            self._set_by_name(event, made, where)

    def _onwards(self, made: Made, where: _Where) -> None:
        """What a call adds to a statement that begins where nobody sees it: one that is handed in."""
        if method_name(made) not in _ADDING or not isinstance(made.callee, Part):
            return
        begin: Term = made
        while isinstance(begin, Made) and isinstance(begin.callee, Part):
            begin = begin.callee.of
        if self._entities.entities(begin):
            return  # a join of tables is a part of what selects from it
        for each in (*made.args, *(value for _, value in made.keywords)):
            named = list(self._entities.columns_in(each))
            found = self._entities.entities(each)
            if not named and not found:
                continue
            node = made.place.node
            start = (where, (made.place.path, node.lineno, node.col_offset))
            place, uses = self._added.setdefault(start, (made.place, Uses()))
            if _extent(made.place) > _extent(place):
                self._added[start] = (made.place, uses)
            for entity in found:
                uses.of(entity.table, "select")
            for pair in named:
                uses.naming(pair)

    def _chained(self, event: Event, where: _Where, root: Term, calls: list[Made]) -> Group | None:
        key = _place_of(root).key
        here = self._origins.get(key) == where
        if event.frame.depth > 0 and not here:
            return None
        group = self._group(where, root, _place_of(root) if here else event.place)
        group.calls.update((id(each), each) for each in calls)
        return group

    def _group(self, where: _Where, root: Term, place: Place) -> Group:
        group = self._groups.setdefault((where, _place_of(root).key), Group(place))
        group.roots[id(root)] = root
        return group

    def _method(self, event: Event, made: Made, where: _Where) -> None:
        """What a session does to instances, and to mappings in bulk."""
        name = method_name(made)
        first = made.args[0] if made.args else None
        if isinstance(made.callee, Parameter) or first is None:
            entity = self._entities.entity(made.callee)
            if entity is not None and entity.mapped is not None:  # a class that is handed in
                self._inserted.setdefault(
                    (where, made.place.key), Changed(made.place, entity.mapped)
                ).entries += self._names.keywords(made)
                return
        if first is None:
            return
        if name in ("bulk_insert_mappings", "bulk_update_mappings"):
            self._bulk(made, first, where, "insert" if "insert" in name else "update")
            return
        if name in ("get", "get_one", "get_or_404"):
            entity = self._entities.entity(first)
            if entity is not None and entity.mapped is not None:
                self._other(where, made.place, "select", entity.mapped)
            return
        if name in ("delete", "merge", "refresh"):
            shape = self._entities.shape(first)
            instance = shape.instance if shape is not None else None
            if instance is not None:
                if name == "merge":
                    self._other(where, made.place, "select", instance)
                    changed = self._updated.setdefault((where, id(instance)), Changed(made.place, instance))
                    keys = {each.name for each in instance.table.primary_key}
                    changed.entries += (
                        each for one in options(first) if isinstance(one, Made)
                        for each in self._names.keywords(one) if each.key not in keys
                    )  # fmt: skip
                else:
                    self._other(where, made.place, "delete" if name == "delete" else "select", instance)

    def _bulk(self, made: Made, of: Term, where: _Where, kind: Kind) -> None:
        entity = self._entities.entity(of)
        rows = made.argument(1, "mappings")
        if entity is not None:
            entries = list(self._names.rows(rows)) if rows is not None else []
            key = (where, made.place.key, kind)
            self._others[key] = (made.place, kind, entity, entries)

    def _other(self, where: _Where, place: Place, kind: Kind, of: Mapped) -> None:
        self._others.setdefault((where, place.key, kind), (place, kind, of, []))

    def _get(self, event: Event, part: Part, where: _Where) -> None:
        if self._entities.is_root(part):
            self._origins.setdefault(_place_of(part).key, where)
            self._group(where, part, _place_of(part))
            return
        if isinstance(part.of, (Class, External)):
            return
        shape = self._entities.shape(part.of)
        instance = shape.instance if shape is not None else None
        relation = instance.attributes.get(part.name) if instance is not None else None
        if isinstance(relation, RelationAttribute) and relation.lazy not in _NEVER:
            target = self._models.target(relation)
            if target is not None:
                self._other(where, event.place, "select", target)

    def _set(self, event: Event, part: Part, value: Term, where: _Where) -> None:
        if where[1].endswith(".__init__") and isinstance(part.of, Instance):
            return  # what a constructor sets belongs to the calls of it
        written = Place(event.place.path, event.source) if event.source is not None else event.place
        entry = Entry(part.name, value, written)
        self._changed(part.of, [entry], event.place, where)

    def _changed(self, of: Term, entries: list[Entry], place: Place, where: _Where) -> None:
        shape = self._entities.shape(of)
        instance = shape.instance if shape is not None else None
        if instance is None:
            return
        known = [each for each in entries if each.why or str(each.key) in instance.attributes]
        if not known:
            return
        for each in options(of):
            fresh = self._inserted.get((where, each.place.key)) if isinstance(each, Made) else None
            changed = fresh or self._updated.setdefault((where, id(instance)), Changed(place, instance))
            changed.entries += known

    def _set_by_name(self, event: Event, made: Made, where: _Where) -> None:
        name = text_of(made.args[1])
        if name is None:
            entry = Entry(
                "", made.args[2], why="attributes are set by names that are worked out when it runs"
            )
        else:
            entry = Entry(name, made.args[2], made.place)
        self._changed(made.args[0], [entry], made.place, where)

    # -- telling

    def statements(self) -> Iterator[Statement]:
        """All that was heard, as statements."""
        for (where, _), group in self._groups.items():
            yield from self._of_group(where, group)
        for (where, _), changed in self._inserted.items():
            yield self._statement(where, changed.place, self._rows.new_instance(changed))
        for (where, _), changed in self._updated.items():
            uses = Uses()
            self._rows.update(
                uses, Entity(changed.mapped.table, changed.mapped), changed.entries, changed.place
            )
            if list(uses):
                yield self._statement(where, changed.place, uses)
        for (where, _), (place, uses) in self._added.items():
            yield self._statement(where, place, uses, "what begins it is not seen here")
        for (where, _, _), (place, kind, of, entries) in self._others.items():
            yield self._statement(where, place, self._other_uses(place, kind, of, entries))

    def _statement(
        self, where: _Where, place: Place, uses: Uses, unresolved: str = "", last: Place | None = None
    ) -> Statement:
        module = self._models.project.module(place.path)
        node = (last or place).node
        text = module.text(node) if module is not None else ""
        whole = [each for each in uses if not each.whole()]
        return Statement(
            where[0], place.line, node.end_lineno or place.line, where[1], text, uses.finished(),
            unresolved if whole or not list(uses) else "", by_model=True,
        )  # fmt: skip

    def _of_group(self, where: _Where, group: Group) -> Iterator[Statement]:
        first = next(iter(group.roots.values()))
        name = made_name(first) or method_name(first) or "query"
        kind: Kind = name if name in ("insert", "update", "delete") else "select"  # type: ignore[assignment]
        draft = Draft(self._models, self._entities, self._values, self._rows, group, kind)
        draft.read()
        if not list(draft.uses) and not draft.unknown or self._only_adds(group):
            return
        calls = [each for each in group.calls.values() if each.place.path == group.place.path]
        last = max((each.place for each in calls), key=_extent, default=group.place)
        if _extent(last) < _extent(group.place) or not _contains(last, group.place):
            last = group.place
        yield self._statement(where, group.place, draft.uses, "; ".join(draft.unknown), last)

    def _only_adds(self, group: Group) -> bool:
        """Whether rows are put into a relationship, or taken out of it, that is not loaded for that."""
        names = {method_name(each) for each in group.calls.values()}
        led = any(self._entities.led_to(each) is not None for each in group.roots.values())
        return led and bool(names) and names <= _PUTTING

    # -- instances

    def _other_uses(self, place: Place, kind: Kind, of: Mapped | Entity, entries: list[Entry]) -> Uses:
        uses = Uses()
        if isinstance(of, Entity):
            if kind == "insert":
                self._rows.insert(uses, of, entries, place)
            else:
                self._rows.update(uses, of, entries, place)
            return uses
        if kind == "select":
            self._rows.read_entity(uses, Entity(of.table, of), place.line)
        else:
            for table in of.tables:
                uses.of(table, kind).named |= dict.fromkeys(each.name for each in table.primary_key)
        return uses


def _place_of(root: Term) -> Place:
    place = root.place if isinstance(root, (Made, Part)) else None
    assert place is not None
    return place


def _extent(place: Place) -> int:
    node = place.node
    lines = (node.end_lineno or node.lineno) - node.lineno
    return lines * 10_000 + (node.end_col_offset or 0) - (node.col_offset if lines == 0 else 0)


def _contains(outer: Place, inside: Place) -> bool:
    a, b = outer.node, inside.node
    return (
        outer.path == inside.path
        and (a.lineno, a.col_offset) <= (b.lineno, b.col_offset)
        and ((a.end_lineno or 0), (a.end_col_offset or 0)) >= ((b.end_lineno or 0), (b.end_col_offset or 0))
    )
