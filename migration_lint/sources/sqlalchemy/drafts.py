"""One statement of Core or of Query, read from all the calls that make it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from migration_lint.sources.model import Kind
from migration_lint.sources.sqlalchemy.entities import (
    Entities,
    Entity,
)
from migration_lint.sources.sqlalchemy.given import (
    Entry,
    Names,
)
from migration_lint.sources.sqlalchemy.mapping import (
    ModelTable,
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
    Rows,
    count_entity,
    tell_apart,
)
from migration_lint.sources.sqlalchemy.tables import (
    sql_text,
)
from migration_lint.sources.sqlalchemy.terms import (
    Class,
    Combined,
    External,
    Function,
    Instance,
    Known,
    Listed,
    Made,
    Pairs,
    Parameter,
    Part,
    Place,
    Spread,
    Term,
    Unknown,
    inner,
    is_open,
    options,
    text_of,
)
from migration_lint.sources.sqlalchemy.uses import (
    Use,
    Uses,
)
from migration_lint.sources.sqlalchemy.values import (
    Values,
)

_LOADERS = frozenset("joinedload selectinload subqueryload contains_eager immediateload lazyload".split())
_OUTPUTS = frozenset(("add_columns", "with_only_columns", "with_entities", "add_entity", "add_column"))
#: Those that leave nothing of what was selected before.
_REPLACING = frozenset(("with_only_columns", "with_entities"))
_WRITES = frozenset(("values", "on_conflict_do_update", "on_conflict_do_nothing", "on_duplicate_key_update",
                     "from_select", "ordered_values", "return_defaults"))  # fmt: skip
_JOINS = frozenset(("join", "outerjoin", "join_from", "outerjoin_from", "select_from"))
_BY_NAME = frozenset(("order_by", "group_by"))
_FILTERS = frozenset(("where", "filter", "having", "order_by", "group_by", "distinct"))
_READING = frozenset(
    "all first one one_or_none scalar get count exists scalars paginate subquery yield_per first_or_404"
    " one_or_404 get_or_404 cte as_scalar scalar_subquery".split()
)


@dataclass(slots=True)
class Group:
    """All that is seen of one statement in one function."""

    place: Place
    roots: dict[int, Term] = field(default_factory=dict)
    calls: dict[int, Made] = field(default_factory=dict)
    parameters: list[Term] = field(default_factory=list)


class Draft:
    """Reads one group of calls as a statement."""

    def __init__(
        self, models: Models, entities: Entities, values: Values, rows: Rows, group: Group, kind: Kind
    ) -> None:
        self._models = models
        self._entities = entities
        self._values = values
        self._rows = rows
        self._handed = Names(models)
        self._group = group
        self._kind = kind
        self.uses = Uses()
        self.unknown: dict[str, None] = {}
        self._only: dict[int, set[str]] = {}
        self._without: set[tuple[int, str]] = set()

    def read(self) -> None:
        """Fill `uses`."""
        for each in self._group.calls.values():
            if each.callee is not None and method_name(each) == "options":
                self._options(each)
        mains = [entity for root in self._group.roots.values() for entity in self._main(root)]
        if self._kind == "insert":
            self._insert(mains)
        elif self._kind in ("update", "delete"):
            self._change(
                mains,
                self._kind,
                [
                    each
                    for each in self._group.calls.values()
                    if method_name(each) in ("values", "ordered_values")
                ],
            )
        else:
            self._select()
        self._through_relations()
        self._conditions()
        for each in self._group.calls.values():
            if method_name(each) in ("returning", "return_defaults"):
                self._returning(each)

    def _through_relations(self) -> None:
        """A statement that a relationship begins is about the rows of one instance."""
        for root in self._group.roots.values():
            led = self._entities.led_to(root)
            for pair in self._entities.joined_by(led[0], led[1]) if led is not None else ():
                if led is not None and pair[0] not in led[0].tables:
                    self.uses.naming(pair)

    def _main(self, root: Term) -> list[Entity]:
        outputs = self._entities.outputs(root)
        found = [entity for each in outputs for entity in self._entities.entities(each)]
        if self._kind != "select":
            if not found:
                self._say_unknown(outputs[0] if outputs else None, "its table is not known")
            return found[:1]
        return found

    def _say_unknown(self, term: Term | None, what: str) -> None:
        if len(self._group.roots) == 1 or not any(
            self._entities.entity(out) is not None
            for root in self._group.roots.values()
            for out in self._entities.outputs(root)
        ):
            shown = shown_term(term) if term is not None else ""
            self.unknown[f"{what}: {shown}" if shown else what] = None

    # -- SELECT

    def _select(self) -> None:
        queries = [
            each
            for each in self._group.calls.values()
            if method_name(each) in ("update", "delete") and self._is_query()
        ]
        others = [each for each in self._group.calls.values() if method_name(each) in _READING]
        reads = not queries or bool(others)
        for root in self._group.roots.values():
            name = made_name(root)
            if name in ("union", "union_all", "intersect", "except_"):
                continue  # each of its parts is a statement of its own
            for each in self._entities.outputs(root):
                if name == "exists" or self._is_replaced(root):
                    self._name(each)
                elif reads:
                    self._output(each)
        for call in self._group.calls.values():
            if method_name(call) in _OUTPUTS:
                for each in call.args:
                    self._output(each)
        for call in queries:
            mains = {e.key: e for root in self._group.roots.values() for each in self._entities.outputs(root)
                     for e in self._entities.entities(each)}  # fmt: skip
            self._change([*mains.values()], method_name(call), [call])  # type: ignore[arg-type]

    def _is_replaced(self, root: Term) -> bool:
        """Whether what a statement selects is another thing before anybody can run it: in one expression."""
        begin = root.place if isinstance(root, (Made, Part)) else None
        return begin is not None and any(
            method_name(call) in _REPLACING
            and call.place.path == begin.path
            and any(node is begin.node for node in ast.walk(call.place.node))
            for call in self._group.calls.values()
        )

    def _is_query(self) -> bool:
        root = next(iter(self._group.roots.values()))
        return isinstance(root, Part) or method_name(root) == "query" or made_name(root) == "Query"

    def _output(self, term: Term) -> None:
        """One thing that a SELECT gives."""
        for each in options(term):
            if isinstance(each, Spread):
                each = each.of
            if isinstance(each, Listed):
                for one in each.items:
                    self._output(one)
                continue
            found = self._entities.entities(each)
            for entity in found:
                self._entity(entity)
            if found or self._entities.is_root(each):
                continue
            for entity in self._entities.entities_in(each):
                if entity.mapped is not None:
                    tell_apart(self.uses, entity.mapped)
            pairs = list(self._entities.columns_in(each))
            for pair in pairs:
                self.uses.reading(pair)
                bound = self._values.read(pair[1], self._group.place.line)
                if bound is not None and isinstance(each, Part):
                    self.uses.of(pair[0], "select").bound.append(bound)
            if not pairs and (is_open(each) or isinstance(each, Class)):
                self._say_unknown(each, "what it selects is not known")

    def _entity(self, entity: Entity) -> None:
        only = self._only.get(id(entity.mapped)) if entity.mapped is not None else None
        if only is None:
            if self._only_counts():
                count_entity(self.uses, entity)
            else:
                self._rows.read_entity(self.uses, entity, self._group.place.line)
            for left_out, name in self._without:
                for use in self.uses:
                    if id(use.table) == left_out:
                        use.columns.pop(name, None)
                        use.bound = [each for each in use.bound if each.column != name]
            return
        assert entity.mapped is not None
        for table, column in entity.columns():
            use = self.uses.of(table, "select")
            if column.name in only or column.primary_key:
                use.columns[column.name] = None

    def _only_counts(self) -> bool:
        """Whether rows are only counted, by `Query.count`."""
        reading = {method_name(each) for each in self._group.calls.values()} & _READING
        return reading == {"count"}

    def _options(self, call: Made) -> None:
        """Loader options: which columns are loaded, and which relationships with them."""
        for each in (one for arg in call.args for one in options(arg)):
            at: Term = each
            while isinstance(at, Made):
                self._option(at)
                at = at.callee.of if isinstance(at.callee, Part) else Unknown()

    def _option(self, made: Made) -> None:
        name = made_name(made) or method_name(made)
        if name == "load_only":
            for each in made.args:
                for entity in self._entities.entities(each.of) if isinstance(each, Part) else ():
                    only = self._only.setdefault(id(entity.mapped), set())
                    only |= {pair[1].name for pair in self._entities.column(each)}
        elif name == "defer":
            self._without |= {
                (id(table), column.name)
                for each in made.args
                for table, column in self._entities.column(each)
            }
        elif name == "undefer":
            for each in made.args:
                for pair in self._entities.column(each):
                    self.uses.reading(pair)
        elif name in _LOADERS:
            for each in made.args:
                self._loaded(each)

    def _loaded(self, term: Term) -> None:
        """A relationship that is loaded with the rest."""
        if not isinstance(term, Part):
            return
        for entity in self._entities.entities(term.of):
            relation = entity.mapped.attributes.get(term.name) if entity.mapped is not None else None
            target = self._models.target(relation) if isinstance(relation, RelationAttribute) else None
            if target is not None:
                for pair in self._entities.column(term):
                    self.uses.naming(pair)
                self._entity(Entity(target.table, target))

    # -- INSERT, UPDATE, DELETE

    def _insert(self, mains: list[Entity]) -> None:
        names = self._handed
        calls = list(self._group.calls.values())
        entries: list[Entry] = []
        for call in calls:
            if method_name(call) == "values":
                entries += names.keywords(call)
                entries += (each for arg in call.args for each in names.rows(arg))
            elif method_name(call) == "from_select" and call.args:
                entries += self._from_select(call)
        for root in self._group.roots.values():
            if isinstance(root, Made):
                entries += self._in_root(root)
        for each in self._group.parameters:
            entries += names.rows(each)
        for main in mains:
            self._rows.insert(self.uses, main, entries, self._group.place)
            for call in calls:
                if method_name(call).startswith("on_"):
                    self._conflict(call, main)

    def _in_root(self, root: Made) -> Iterator[Entry]:
        """`table.insert().values` may be said in the call itself: `table.insert({…})`."""
        for value in (*(root.args if isinstance(root.callee, Part) else ()), root.keyword("values")):
            if value is not None:
                yield from self._handed.rows(value)

    def _from_select(self, call: Made) -> Iterator[Entry]:
        names = call.args[0]
        if not isinstance(names, Listed):
            yield Entry("", names, why="the columns that it fills from a SELECT are not known")
            return
        for each in names.items:
            yield Entry(text_of(each) or each, Unknown("it comes from a SELECT"))

    def _conflict(self, call: Made, main: Entity) -> None:
        use = self.uses.of(main.table, "insert")
        name = method_name(call)
        if name == "on_duplicate_key_update":
            use.conflict = ()
            entries = [
                *self._handed.keywords(call),
                *(e for a in call.args for e in self._handed.rows(a)),
            ]
            self._updated_on_conflict(use, main, entries)
            return
        elements = call.argument(1, "index_elements")
        constraint = call.argument(0, "constraint")
        columns: list[str] = []
        for each in elements.items if isinstance(elements, Listed) else ():
            text = text_of(each)
            named = main.column(text) if text is not None else None
            pairs = self._entities.column(each) if named is None else [named]
            columns += [column.name for _, column in pairs] or ([text] if text else [])
        stated = text_of(constraint)
        if stated is not None:
            columns += next((each.columns for each in main.table.constraints if each.name == stated), ())
            if not columns:
                use.unresolved[f"the constraint {stated} of its ON CONFLICT is not among the model's"] = None
        use.conflict = tuple(columns)
        where = call.keyword("index_where")
        if where is not None:
            use.conflict_where = sql_text(where) or self._condition(where)
        given = call.keyword("set_")
        if given is not None:
            self._updated_on_conflict(use, main, list(self._handed.rows(given)))
        for key in ("index_where", "where"):
            condition = call.keyword(key)
            for pair in self._entities.columns_in(condition) if condition is not None else ():
                use.named[pair[1].name] = None

    def _condition(self, term: Term) -> str | None:
        """A plain comparison as SQL: `kind = 'failure_autopsy'`."""
        if isinstance(term, Combined) and term.operator == "Compare" and len(term.parts) == 2:
            pairs, other = self._entities.column(term.parts[0]), term.parts[1]
            if len(pairs) == 1 and isinstance(other, Known):
                value = other.value
                said = "'" + value.replace("'", "''") + "'" if isinstance(value, str) else str(value).lower()
                return f"{pairs[0][1].name} = {said}"
        return None

    def _updated_on_conflict(self, use: Use, main: Entity, entries: list[Entry]) -> None:
        given, open_ones = self._rows.of_core(main, entries, self._group.place)
        for (_, name), values in given.items():
            use.updated[name] = None
            use.bound += (
                bound
                for each in values
                if not _is_excluded(each.term)
                for bound in self._values.written(each)
            )
        use.unresolved |= dict.fromkeys(f"of ON CONFLICT DO UPDATE, {each}" for each in open_ones)

    def _change(self, mains: list[Entity], kind: Kind, calls: list[Made]) -> None:
        names = self._handed
        for main in mains:
            if kind == "delete":
                self.uses.of(main.table, "delete")
                continue
            entries: list[Entry] = []
            for call in calls:
                entries += (each for each in names.keywords(call) if each.key != "synchronize_session")
                entries += (each for arg in call.args for each in names.rows(arg))
            for root in self._group.roots.values():
                if isinstance(root, Made) and root.keyword("values") is not None:
                    entries += names.rows(root.keyword("values") or Unknown())
            for each in self._group.parameters:
                entries += names.rows(each)
            self._update(main, entries)

    def _update(self, main: Entity, entries: list[Entry]) -> None:
        given, open_ones = self._rows.of_core(main, entries, self._group.place)
        use = self.uses.of(main.table, "update")
        for (of, name), values in given.items():
            tables = main.mapped.tables if main.mapped is not None else ()
            target = self.uses.of(next((each for each in tables if id(each) == of), main.table), "update")
            target.columns[name] = None
            target.bound += (bound for each in values for bound in self._values.written(each))
        for name, column in main.table.columns.items():
            if column.onupdate is not None and name not in use.columns:
                use.columns[name] = None
        if not given and not open_ones:
            open_ones = ["its values are not seen to be handed over"]
        use.unresolved |= dict.fromkeys(open_ones)

    def _returning(self, call: Made) -> None:
        for each in call.args:
            for entity in self._entities.entities(each):
                for table, column in entity.columns():
                    self._back(table, column.name)
            for table, column in (
                self._entities.columns_in(each) if self._entities.entity(each) is None else ()
            ):
                self._back(table, column.name)

    def _back(self, table: ModelTable, name: str) -> None:
        self.uses.of(table, self._kind).returning[name] = None

    # -- conditions

    def _conditions(self) -> None:
        joined: list[Entity] = [
            entity
            for root in self._group.roots.values()
            for each in self._entities.outputs(root)
            for entity in self._entities.entities_in(each)
        ]
        for call in self._group.calls.values():
            for each in (*call.args, *(value for _, value in call.keywords)):
                for entity in self._entities.entities(each):
                    joined.append(entity)
        for call in reversed(list(self._group.calls.values())):
            name = method_name(call)
            if name in _WRITES or name in _OUTPUTS or name in ("options", "returning", "update"):
                if name in ("values", "update"):
                    self._named_in_values(call)
                continue
            if name in ("filter_by", "get"):
                self._by_keyword(call, joined)
            terms = (*call.args, *(value for _, value in call.keywords))
            for each in terms:
                self._name(each)
                if name in _BY_NAME:
                    self._by_text(each, joined)
                if name in _FILTERS and any(
                    is_open(one.of if isinstance(one, Spread) else one) for one in options(each)
                ):
                    self._open_condition(name, each)
        self._joins()
        for root in self._group.roots.values():
            if isinstance(root, Made) and made_name(root) == "exists":
                continue
            for word in (word for each in inner(root) for word in self._entities.texts_in(each)):
                self._word(word)
        for call in self._group.calls.values():
            for word in (
                word
                for each in (*call.args, *(v for _, v in call.keywords))
                for word in self._entities.texts_in(each)
            ):
                self._word(word)

    def _named_in_values(self, call: Made) -> None:
        for each in (*call.args, *(value for _, value in call.keywords)):
            values = [value for _, value in each.pairs] if isinstance(each, Pairs) else [each]
            for value in values:
                for pair in self._entities.columns_in(value):
                    self.uses.naming(pair)

    def _name(self, term: Term) -> None:
        for entity in self._entities.entities(term):
            if not any(each.table is entity.table for each in self.uses):
                self.uses.of(entity.table, "select")
        for pair in self._entities.columns_in(term):
            self.uses.naming(pair)

    def _by_keyword(self, call: Made, joined: list[Entity]) -> None:
        for name, _ in call.keywords:
            if name is None:
                self._open_condition("filter_by", Unknown())
                continue
            for entity in reversed(joined):
                pair = entity.column(name)
                pairs = [pair] if pair else self._entities._attribute(entity, name)
                if pairs:
                    for each in pairs:
                        self.uses.naming(each)
                    break

    def _by_text(self, term: Term, joined: list[Entity]) -> None:
        for text in _texts(term):
            for entity in joined:
                pair = entity.column(text)
                if pair is not None:
                    self.uses.naming(pair)
                    break

    def _joins(self) -> None:
        """Joins that say no condition go by the foreign keys to what stands in FROM before them."""
        before = [
            table
            for root in self._group.roots.values()
            for each in self._entities.outputs(root)
            for entity in self._entities.entities_in(each)
            for table in entity.tables
        ]
        path = self._group.place.path
        joins = [each for each in self._group.calls.values() if method_name(each) in _JOINS]
        for call in sorted(joins, key=lambda each: (each.place.path != path, each.place.end)):
            name = method_name(call)
            stated = (
                len(call.args) > (2 if name == "join_from" else 1) or call.keyword("onclause") is not None
            )
            for each in call.args:
                named = self._entities.entities(each)
                tables = [table for entity in named or self._led_to(each) for table in entity.tables]
                tables += self._from_clause(each) if not named else []
                if named and not stated and name != "select_from":
                    self._by_keys(before, tables)
                before += tables

    def _from_clause(self, term: Term) -> list[ModelTable]:
        """The tables of joins that are made before they are selected from; names what those go by."""
        return [table for each in self._sides(term) for table in each]

    def _sides(self, term: Term) -> list[list[ModelTable]]:
        """What is joined, side by side: a join without a condition goes by the last of them if it can."""
        found: list[list[ModelTable]] = []
        for each in options(term):
            sides: tuple[Term, ...] = ()
            if (
                isinstance(each, Made)
                and method_name(each) in ("join", "outerjoin")
                and isinstance(each.callee, Part)
            ):
                sides = (each.callee.of, *each.args)
            elif isinstance(each, Made) and made_name(each) in ("join", "outerjoin"):
                sides = each.args
            if len(sides) < 2 or not isinstance(each, Made):
                found += [list(entity.tables) for entity in self._entities.entities(each)]
                continue
            left, right = self._sides(sides[0]), self._from_clause(sides[1])
            every = [table for one in left for table in one]
            for table in (*every, *right):
                if table not in self.uses.tables():
                    self.uses.of(table, "select")
            if left and right and len(sides) == 2 and each.keyword("onclause") is None:
                nearest = self._entities.keys_between(tuple(left[-1]), tuple(right))
                self._by_keys(left[-1] if nearest else every, right)
            found += [*left, right]
        return found

    def _by_keys(self, before: list[ModelTable], tables: list[ModelTable]) -> None:
        others = tuple(each for each in before if each not in tables)
        found = self._entities.keys_between(others, tuple(tables))
        if not found:  # what stands before is not all seen
            others = tuple(each for each in self.uses.tables() if each not in tables)
            found = self._entities.keys_between(others, tuple(tables))
        for pair in found:
            self.uses.naming(pair)

    def _led_to(self, term: Term) -> Iterator[Entity]:
        """What a relationship brings that is joined."""
        for each in options(term):
            if not isinstance(each, Part):
                continue
            for entity in self._entities.entities(each.of):
                relation = entity.mapped.attributes.get(each.name) if entity.mapped is not None else None
                target = self._models.target(relation) if isinstance(relation, RelationAttribute) else None
                if target is not None:
                    yield Entity(target.table, target)

    def _open_condition(self, name: str, term: Term) -> None:
        shown = shown_term(term)
        self.unknown[f"what {name} is given is not known{': ' + shown if shown else ''}"] = None

    def _word(self, word: str) -> None:
        for use in self.uses:
            if word in use.table.columns:
                use.named[word] = None


def _is_excluded(term: Term) -> bool:
    """`stmt.excluded.name`: the value that the INSERT has, which is told there."""
    return isinstance(term, Part) and isinstance(term.of, Part) and term.of.name in ("excluded", "inserted")


def _texts(term: Term) -> Iterator[str]:
    text = text_of(term)
    if text is not None:
        yield text
    elif isinstance(term, Made) and made_name(term) in ("desc", "asc"):
        yield from (found for each in term.args if (found := text_of(each)) is not None)


def shown_term(term: Term) -> str:
    """A term as a person would write it, where that is short."""
    match term:
        case Parameter(name=name):
            return name
        case Part(of=of, name=name):
            inside = "self" if isinstance(of, Instance) else shown_term(of)
            return f"{inside}.{name}" if inside else name
        case Spread(of=of):
            return f"*{shown_term(of)}"
        case Made(callee=callee):
            inside = shown_term(callee)
            return f"{inside}(…)" if inside else ""
        case Function(name=name) | Class(name=name):
            return name.rpartition(".")[2]
        case External(name=name):
            return name.rpartition(".")[2]
        case _:
            return ""
