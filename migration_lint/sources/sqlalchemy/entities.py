"""What terms mean to SQLAlchemy: mapped classes and tables, columns of theirs, and what queries give back."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from migration_lint.sources.sqlalchemy.annotations import element_of, read_annotation
from migration_lint.sources.sqlalchemy.columns import COLUMN_CALLS
from migration_lint.sources.sqlalchemy.frames import Frame
from migration_lint.sources.sqlalchemy.mapping import (
    ColumnAttribute,
    ExpressionAttribute,
    Mapped,
    ModelColumn,
    ModelTable,
    RelationAttribute,
)
from migration_lint.sources.sqlalchemy.models import Models
from migration_lint.sources.sqlalchemy.naming import made_name, method_name, spelled
from migration_lint.sources.sqlalchemy.tables import sql_text
from migration_lint.sources.sqlalchemy.terms import (
    Choice,
    Class,
    Element,
    External,
    Function,
    Instance,
    Item,
    Known,
    Listed,
    Made,
    Parameter,
    Part,
    Term,
    inner,
    is_open,
    options,
    text_of,
)

Pair = tuple[ModelTable, ModelColumn]

#: Calls that begin a statement.
ROOTS = frozenset("select insert update delete exists union union_all intersect except_ Query".split())
_TABLE_ROOTS = frozenset("select insert update delete".split())
_ALIASES = frozenset("aliased alias with_polymorphic tablesample flat_alias".split())
#: Methods that give one thing of a result, and those that give all of them, or hand the result on.
_ONE = frozenset(
    "first one one_or_none scalar scalar_one scalar_one_or_none get get_one fetchone first_or_404 one_or_404"
    " get_or_404 get_or_create pop next scalar_subquery merge".split()
)
_MANY = frozenset(
    "all fetchall fetchmany unique partitions yield_per tuples mappings scalars execute stream stream_scalars"
    " exec columns freeze items paginate get_many".split()
)
_SENDING = frozenset("execute scalars scalar stream stream_scalars".split())
_SCALARS = frozenset("scalars scalar stream_scalars scalar_one scalar_one_or_none exec".split())
_PASSING = frozenset(
    "builtins.list builtins.sorted builtins.tuple builtins.set builtins.iter builtins.reversed".split()
)
#: `Account.id` in the text of a relationship.
_ATTRIBUTE = re.compile(r"\b([A-Za-z_]\w*)\.(?:c\.)?([A-Za-z_]\w*)\b")
_WORD = re.compile(r"[A-Za-z_]\w*")
_SESSION = re.compile(r"(?:^|[._])(?:db_?)?(?:session|sess|db)(?:local|maker)?$", re.IGNORECASE)
#: Attributes that every mapped class has, or that extensions give it.
_OF_LIBRARY = frozenset("metadata registry query query_class objects c columns".split())


@dataclass(frozen=True, slots=True, eq=False)
class Entity:
    """Something with columns: a mapped class, or a table of Core."""

    table: ModelTable
    mapped: Mapped | None = None

    @property
    def key(self) -> tuple[int, int]:
        return id(self.table), id(self.mapped)

    @property
    def tables(self) -> tuple[ModelTable, ...]:
        """Its table, and those of the classes that it inherits from by a join."""
        return self.mapped.tables if self.mapped is not None else (self.table,)

    def column(self, name: str) -> Pair | None:
        """A column by the name that an attribute, or Core, gives it."""
        if self.mapped is not None:
            attribute = self.mapped.attributes.get(name)
            if isinstance(attribute, ColumnAttribute):
                return attribute.columns[0]
            if attribute is not None:
                return None
        column = self.table.by_key(name) or self.table.columns.get(name)
        return None if column is None else (self.table, column)

    def columns(self) -> list[Pair]:
        """All that a SELECT of it reads."""
        if self.mapped is None:
            return [(self.table, each) for each in self.table.columns.values()]
        return [
            pair
            for _, each in self.mapped.columns()
            if not (each.deferred or each.columns[0][1].deferred)
            for pair in each.columns
        ]


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """What a query gives: one row or many. `scalar`: not the row, but the one thing in it."""

    items: tuple[Mapped | None, ...]
    many: bool
    scalar: bool

    @property
    def instance(self) -> Mapped | None:
        return self.items[0] if self.scalar and not self.many and self.items else None


class Entities:
    """Asks about terms, over the models of one project."""

    def __init__(self, models: Models) -> None:
        self.models = models
        self._backrefs: set[str] | None = None
        self._dynamic: frozenset[str] | None = None
        self._named: dict[str, ModelTable] | None = None
        self._hybrids: dict[int, list[Pair]] = {}
        self._begins: dict[Term, bool] = {}
        self._columns: dict[Term, list[Pair]] = {}
        self._shapes: dict[Term, Shape | None] = {}

    # -- entities

    def entity(self, term: Term | None) -> Entity | None:
        """The class or table that a term stands for, not an instance of it."""
        for each in options(term) if term is not None else ():
            found = self._entity(each)
            if found is not None:
                return found
        return None

    def entities(self, term: Term) -> list[Entity]:
        """All that a term may stand for."""
        found = {each.key: each for option in options(term) if (each := self._entity(option)) is not None}
        return list(found.values())

    def _entity(self, term: Term) -> Entity | None:
        match term:
            case Class():
                mapped = self.models.mapped(term)
                return Entity(mapped.table, mapped) if mapped is not None else None
            case Instance():
                return None
            case Parameter(annotation=Item() as stated) if spelled(stated.of) in ("type", "Type"):
                return self.entity(stated.key)
            case Made():
                if made_name(term) in _ALIASES and term.args:
                    return self.entity(term.args[0])
                if method_name(term) in _ALIASES and isinstance(term.callee, Part):
                    return self.entity(term.callee.of)
                if made_name(term) == "with_parent":
                    return None
            case Part(name="__class__"):
                shape = self.shape(term.of)
                mapped = shape.instance if shape is not None else None
                return Entity(mapped.table, mapped) if mapped is not None else None
            case _:
                pass
        table = self.models.table(term)
        return Entity(table) if table is not None else None

    # -- columns

    def column(self, term: Term) -> list[Pair]:
        """The columns that one attribute stands for; [] where it is none."""
        if not isinstance(term, (Item, Part)):
            return []
        if term not in self._columns:
            self._columns[term] = []
            self._columns[term] = self._column(term)
        return self._columns[term]

    def _column(self, term: Item | Part) -> list[Pair]:
        if isinstance(term, Item):
            of, name = term.of, text_of(term.key)
        else:
            of, name = term.of, term.name
        if name is None:
            return []
        if isinstance(of, Part) and of.name in ("c", "columns"):
            found = [each.column(name) for each in self.entities(of.of)]
            return [each for each in found if each is not None]
        if isinstance(term, Item):
            return []
        pairs: list[Pair] = []
        for each in self.entities(of):
            pairs += self._attribute(each, name) or self._strange(each, name, term)
        return pairs

    def _strange(self, entity: Entity, name: str, term: Part) -> list[Pair]:
        """An attribute that nothing gives a class, as a column of the name that the code has."""
        mapped = entity.mapped
        if mapped is None or term.place is None or not isinstance(term.of, Class) or name.startswith("_"):
            return []
        if name in mapped.attributes or name in _OF_LIBRARY or name in self._from_elsewhere():
            return []
        if mapped.unresolved or any(each.unresolved for each in mapped.tables):
            return []
        machine = self.models.machine
        if machine.classes.member(mapped.of, name) is not None:
            return []
        return [(entity.table, ModelColumn(name, term.place, name))]

    def _from_elsewhere(self) -> set[str]:
        """The attributes that other classes' relationships give to classes: their backrefs."""
        if self._backrefs is None:
            self._backrefs = set()
            for mapped in self.models.all_mapped():
                for each in mapped.attributes.values():
                    stated = each.made.keyword("backref") if isinstance(each, RelationAttribute) else None
                    self._backrefs.update(_texts_within(stated) if stated is not None else ())
        return self._backrefs

    def _attribute(self, entity: Entity, name: str) -> list[Pair]:
        attribute = entity.mapped.attributes.get(name) if entity.mapped is not None else None
        if isinstance(attribute, RelationAttribute):
            assert entity.mapped is not None
            return self.joined_by(entity.mapped, attribute)
        if isinstance(attribute, ExpressionAttribute):
            assert entity.mapped is not None
            return self._expression(entity.mapped, attribute)
        found = entity.column(name)
        return [] if found is None else [found]

    def _expression(self, mapped: Mapped, attribute: ExpressionAttribute) -> list[Pair]:
        """The columns that a hybrid, a column_property, a synonym or a composite is made of."""
        key = id(attribute.term)
        if key in self._hybrids:
            return self._hybrids[key]
        self._hybrids[key] = []
        entity = Entity(mapped.table, mapped)
        term = attribute.term
        found: list[Pair] = []
        for each in term.items if isinstance(term, Listed) else ():
            if isinstance(each, Function):
                bound = Function(each.path, each.name, each.node, each.owner, mapped.of)
                found += self.columns_in(self.models.machine.returned(bound))
        if isinstance(term, Made):
            for each in term.args:
                name = text_of(each)
                if name is not None and attribute.kind in ("synonym", "composite", "proxy"):
                    found += self._attribute(entity, name)
                else:
                    found += self.columns_in(each)
                    found += [(mapped.table, one) for one in mapped.table.columns.values()
                              if isinstance(each, Made) and one.place.key == each.place.key]  # fmt: skip
        self._hybrids[key] = found
        return found

    def joined_by(self, mapped: Mapped, relation: RelationAttribute) -> list[Pair]:
        """The columns by which a relationship joins: those that it says, or the foreign keys."""
        if relation.reverse_of is not None:
            return self.joined_by(*relation.reverse_of)
        stated = [relation.made.keyword(each) for each in ("primaryjoin", "secondaryjoin")]
        target = self.models.target(relation)
        ends = [each for each in (mapped, target) if each is not None]
        found = [pair for each in stated if each is not None for pair in self._said(ends, each)]
        keys = relation.made.keyword("foreign_keys")
        foreign = [] if keys is None else list(self._said(ends, keys))
        if found or target is None:
            return [*found, *foreign]
        if foreign:
            return self.keys_between(mapped.tables, target.tables, foreign) or foreign
        secondary = relation.made.keyword("secondary")
        between = self._between(self._late(secondary)) if secondary is not None else None
        if between is not None:
            return [
                *self.keys_between(mapped.tables, (between,)),
                *self.keys_between(target.tables, (between,)),
            ]
        return self.keys_between(mapped.tables, target.tables)

    def to_many(self, mapped: Mapped, relation: RelationAttribute) -> bool:
        """Whether a relationship leads to many rows: unless its class has the foreign key, or it says so."""
        if relation.many is not None:
            return relation.many
        if relation.made.keyword("secondary") is not None:
            return True
        if relation.reverse_of is not None:
            return self._has_key(*relation.reverse_of)
        return not self._has_key(mapped, relation)

    def _has_key(self, mapped: Mapped, relation: RelationAttribute) -> bool:
        target = self.models.target(relation)
        if target is None:
            return False
        if target.table is mapped.table:
            return relation.made.keyword("remote_side") is not None
        joined = {(id(table), column.name) for table, column in self.joined_by(mapped, relation)}
        referred = {each.name for each in target.tables}
        return any(
            each.kind == "foreign_key"
            and each.referred_table in referred
            and {(id(table), name) for name in each.columns} <= joined
            for table in mapped.tables
            for each in table.constraints
        )

    def _said(self, ends: Sequence[Mapped], term: Term) -> Iterator[Pair]:
        """The columns that a relationship says: as attributes, as the class's body has them, or as text."""
        term = self._late(term)
        yield from self.columns_in(term)
        for each in (term, *(term.items if isinstance(term, Listed) else ())):
            if isinstance(each, Made) and made_name(each) in COLUMN_CALLS:
                yield from self._declared_by(ends[0], each)
            for name, attribute in _ATTRIBUTE.findall(text_of(each) or ""):
                other = next((each for each in ends if each.of.node.name == name), None)
                if other is None and (of := self.models.class_named(name)) is not None:
                    other = self.models.mapped(of)
                column = other.attributes.get(attribute) if other is not None else None
                if isinstance(column, ColumnAttribute):
                    yield column.columns[0]

    @staticmethod
    def _declared_by(mapped: Mapped, made: Made) -> Iterator[Pair]:
        """The column of a class that a call in its body makes."""
        for _, attribute in mapped.columns():
            table, column = attribute.columns[0]
            node = column.place.node
            if not isinstance(node, ast.ClassDef) and any(each is made.place.node for each in ast.walk(node)):
                yield table, column

    def _between(self, term: Term) -> ModelTable | None:
        """The table between two that a relationship goes through, as it is named or as it is written."""
        name = text_of(term)
        if name is None:
            return self.models.table(term)
        if self._named is None:
            tables = self.models.all_tables()
            self._named = {**{each.name: each for each in tables}, **{each.written: each for each in tables}}
        return self._named.get(name)

    def _late(self, term: Term) -> Term:
        """What a lambda gives, as relationships take them for what is defined later."""
        if isinstance(term, Function):
            machine = self.models.machine
            return machine.run(term, machine.enter(term, (), (), 1))
        return term

    def keys_between(
        self, one: tuple[ModelTable, ...], other: tuple[ModelTable, ...], among: Collection[Pair] = ()
    ) -> list[Pair]:
        """The columns of the foreign keys that lead from one of the tables to the other.

        `among`: only of those keys whose own columns are among these.
        """
        found: list[Pair] = []
        allowed = {(id(table), column.name) for table, column in among}
        for here, there in [(a, b) for a in one for b in other] + [(b, a) for a in one for b in other]:
            for each in here.constraints:
                if allowed and not {(id(here), name) for name in each.columns} <= allowed:
                    continue
                if each.kind == "foreign_key" and each.referred_table == there.name:
                    found += [(here, here.columns[name]) for name in each.columns if name in here.columns]
                    found += [
                        (there, there.columns[name])
                        for name in each.referred_columns
                        if name in there.columns
                    ]
        return found

    def entities_in(self, term: Term) -> Iterator[Entity]:
        """The classes and tables that an expression is about, but for those inside other statements."""
        waiting: list[Term] = [term]
        seen: set[int] = set()
        while waiting:
            at = waiting.pop()
            if id(at) in seen or self._is_statement(at):
                continue
            seen.add(id(at))
            found = self.entities(at)
            yield from found
            if not found:
                waiting += inner(at)

    def columns_in(self, term: Term) -> Iterator[Pair]:
        """The columns that an expression names, but for those inside a statement of their own."""
        waiting: list[Term] = [term]
        seen: set[int] = set()
        while waiting:
            at = waiting.pop()
            if id(at) in seen or self._is_statement(at) or _is_sent(at):
                continue
            seen.add(id(at))
            found = self.column(at) if isinstance(at, (Part, Item)) else []
            yield from found
            if isinstance(at, Part) and found:
                continue
            waiting += [each for each in inner(at) if not isinstance(each, (Class, Instance))]

    def texts_in(self, term: Term) -> Iterator[str]:
        """The words of SQL that stands as text in an expression."""
        waiting: list[Term] = [term]
        seen: set[int] = set()
        while waiting:
            at = waiting.pop()
            if id(at) in seen or self._is_statement(at):
                continue
            seen.add(id(at))
            if made_name(at) in ("text", "literal_column", "column"):
                yield from _WORD.findall(
                    sql_text(at) or text_of(at.args[0] if isinstance(at, Made) and at.args else None) or ""
                )
            waiting += inner(at)

    # -- statements

    def _is_statement(self, term: Term) -> bool:
        """Whether a term is a statement of its own, or what one gives: the begin and all calls after it."""
        return self.is_root(term) or (isinstance(term, Made) and bool(self.roots(term)[0]))

    def is_root(self, term: Term) -> bool:
        """Whether a term is the call, or the attribute, that begins a statement."""
        if not isinstance(term, (Made, Part)):
            return False
        if term not in self._begins:
            self._begins[term] = False
            self._begins[term] = self._is_root(term)
        return self._begins[term]

    def _is_root(self, term: Made | Part) -> bool:
        if isinstance(term, Part):
            if term.name == "query":
                return self.entity(term.of) is not None
            return self._loads_as(term, "dynamic")
        if made_name(term) in ROOTS:
            return True
        if not isinstance(term.callee, Part):
            return False
        name = term.callee.name
        if name == "query":
            if _is_session(term.callee.of) and any(is_open(each) for each in term.args):
                return True  # what it selects is said to be not known
            return any(self.entity(each) is not None or any(self.columns_in(each)) for each in term.args)
        if name not in _TABLE_ROOTS:
            return False
        return self.models.table(term.callee.of) is not None or self._loads_as(term.callee.of, "write_only")

    def _loads_as(self, term: Term, lazy: str) -> bool:
        """Whether a term is a relationship of an instance that stands for a statement of its own."""
        found = self._relation(term)
        return found is not None and found[1].lazy == lazy

    def _relation(self, term: Term) -> tuple[Mapped, RelationAttribute] | None:
        """The relationship that an attribute of an instance is, of those that are statements."""
        if (
            not isinstance(term, Part)
            or isinstance(term.of, Class)
            or term.name not in self._own_statements()
        ):
            return None
        shape = self.shape(term.of)
        instance = shape.instance if shape is not None else None
        found = instance.attributes.get(term.name) if instance is not None else None
        return (instance, found) if instance is not None and isinstance(found, RelationAttribute) else None

    def _own_statements(self) -> frozenset[str]:
        """The names of the relationships that are statements: `lazy="dynamic"` and `lazy="write_only"`."""
        if self._dynamic is None:
            self._dynamic = frozenset(
                name
                for mapped in self.models.all_mapped()
                for name, each in mapped.attributes.items()
                if isinstance(each, RelationAttribute) and each.lazy in ("dynamic", "write_only")
            )
        return self._dynamic

    def roots(self, term: Term) -> tuple[list[Term], list[Made]]:
        """The beginnings of the statements that a term is, and the calls of methods that it is made by."""
        roots: list[Term] = []
        calls: list[Made] = []
        waiting: list[Term] = [term]
        seen: set[int] = set()
        while waiting:
            at = waiting.pop()
            if id(at) in seen:
                continue
            seen.add(id(at))
            if self.is_root(at):
                roots.append(at)
            elif isinstance(at, Choice):
                waiting += at.options
            elif isinstance(at, Made) and isinstance(at.callee, Part):
                calls.append(at)
                waiting.append(at.callee.of)
            elif isinstance(at, Part) and at.name in ("c", "columns"):
                waiting.append(at.of)
        return roots, calls if roots else []

    def outputs(self, root: Term) -> tuple[Term, ...]:
        """What a statement is begun with."""
        led = self.led_to(root)
        if led is not None:
            return (led[2].of,)
        if isinstance(root, Part):
            return (root.of,)
        if not isinstance(root, Made):
            return ()
        if isinstance(root.callee, Part) and root.callee.name in _TABLE_ROOTS:
            return (root.callee.of,)
        return tuple(
            one
            for each in root.args
            for one in (each.items if isinstance(each, Listed) and each.kind != "each" else (each,))
        )

    def led_to(self, root: Term) -> tuple[Mapped, RelationAttribute, Mapped] | None:
        """The relationship that begins a statement, with the classes on its sides; None for another begin."""
        term = root.callee.of if isinstance(root, Made) and isinstance(root.callee, Part) else root
        found = self._relation(term)
        target = self.models.target(found[1]) if found is not None else None
        return (*found, target) if found is not None and target is not None else None

    # -- what comes back

    def shape(self, term: Term) -> Shape | None:
        """What a term is, of what queries give; None where it is nothing of the kind."""
        if term not in self._shapes:
            self._shapes[term] = None
            self._shapes[term] = next((found for each in options(term) if (found := self._shape(each))), None)
        return self._shapes[term]

    def _shape(self, term: Term) -> Shape | None:
        match term:
            case Instance():
                return self._instance(self.models.mapped(term.of))
            case Parameter(annotation=stated) if stated is not None:
                return self._stated(stated)
            case Element():
                found = self.shape(term.of)
                return None if found is None else Shape(found.items, False, found.scalar)
            case Item():
                return self._item(term)
            case Part():
                return self._part(term)
            case Listed():
                found = self.shape(term.items[0]) if term.items else None
                return None if found is None else Shape(found.items, True, found.scalar)
            case Made():
                return self._made(term)
            case _:
                return None

    @staticmethod
    def _instance(mapped: Mapped | None) -> Shape | None:
        return None if mapped is None else Shape((mapped,), False, True)

    def _stated(self, annotation: Term) -> Shape | None:
        read = read_annotation(annotation)
        core, many = element_of(read.core)
        mapped = self.models.mapped(core) if isinstance(core, Class) else None
        return None if mapped is None else Shape((mapped,), many, True)

    def _item(self, term: Item) -> Shape | None:
        found = self.shape(term.of)
        if found is None:
            return None
        if found.many:
            return Shape(found.items, False, found.scalar)
        if not found.scalar and isinstance(term.key, Known) and isinstance(term.key.value, int):
            at = term.key.value
            return self._instance(found.items[at]) if -len(found.items) <= at < len(found.items) else None
        return None

    def _part(self, term: Part) -> Shape | None:
        found = self.shape(term.of)
        if found is None:
            return None
        instance = found.instance
        if instance is not None:
            relation = instance.attributes.get(term.name)
            if isinstance(relation, RelationAttribute):
                target = self.models.target(relation)
                return None if target is None else Shape((target,), self.to_many(instance, relation), True)
            return None
        if term.name == "items":
            return found
        if not found.scalar and not found.many:
            return next(
                (
                    self._instance(each)
                    for each in found.items
                    if each is not None and each.of.node.name == term.name
                ),
                None,
            )
        return None

    def _made(self, term: Made) -> Shape | None:
        if isinstance(term.callee, Class):
            return self._instance(self.models.mapped(term.callee))
        if self.is_root(term):
            return self._rows(term)
        if isinstance(term.callee, External):
            if term.callee.name in _PASSING and term.args:
                return self.shape(term.args[0])
            if term.callee.name == "builtins.next" and term.args:
                found = self.shape(term.args[0])
                return None if found is None else Shape(found.items, False, found.scalar)
            return None
        if isinstance(term.callee, Function):
            node = term.callee.node
            returns = getattr(node, "returns", None)
            if returns is None:
                return None
            frame = Frame(term.callee.path, owner=term.callee.owner)
            stated = self.models.machine.annotation(returns, frame)
            return self._stated(stated) if stated is not None else None
        return self._method(term) if isinstance(term.callee, Part) else None

    def _method(self, term: Made) -> Shape | None:
        assert isinstance(term.callee, Part)
        name = term.callee.name
        if name in ("get", "get_one", "get_or_404") and term.args:
            named = self.entity(term.args[0])
            if named is not None and named.mapped is not None:
                return self._instance(named.mapped)
        if name == "merge" and term.args:
            return self.shape(term.args[0])
        found = self.shape(term.args[0]) if term.args and name in (*_SCALARS, *_MANY) else None
        if found is None or not self.roots(term.args[0])[0]:
            found = self.shape(term.callee.of)
        if found is None:
            return None
        scalar = found.scalar or name in _SCALARS
        if name in _ONE:
            return Shape(found.items, False, scalar)
        # whatever else is called on a query or a result is taken to hand it on
        return Shape(found.items, True, scalar)

    def _rows(self, root: Term) -> Shape | None:
        items: list[Mapped | None] = []
        for each in self.outputs(root):
            found = self.entity(each)
            items.append(found.mapped if found is not None else None)
        query = isinstance(root, Part) or method_name(root) == "query" or made_name(root) == "Query"
        return Shape(tuple(items), True, query and len(items) == 1)


def _is_sent(term: Term) -> bool:
    """Whether a term is what a statement gave when it ran: what that named is no part of another one."""
    return method_name(term) in _SENDING and isinstance(term, Made) and bool(term.args)


def _is_session(term: Term) -> bool:
    """Whether a term is called what sessions are."""
    while isinstance(term, Made):
        term = term.callee
    name = term.name if isinstance(term, (Part, Parameter, External, Function)) else ""
    return _SESSION.search(name) is not None


def _texts_within(term: Term) -> Iterator[str]:
    """The texts in an expression: of `"name"`, and of `backref("name", …)`."""
    text = text_of(term)
    if text is not None:
        yield text
    for each in inner(term):
        yield from _texts_within(each)


def is_enum(models: Models, of: Class) -> bool:
    """Whether a class is an enumeration."""
    names = (spelled(each) for each in models.machine.classes.ancestors(of) if isinstance(each, External))
    return any(name in ("Enum", "StrEnum", "IntEnum", "Flag", "IntFlag") for name in names)
