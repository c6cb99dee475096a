"""Which real column each name in a query means: aliases, joins, subqueries, CTEs, set operations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlglot import exp

from migration_lint.named_tuple import NamedTuple
from migration_lint.sources.sql.markers import Marker, marker_of, markers_in

DEEPEST = 40
RUN_TIME_COLUMNS = "the column list is built at run time"


class Ref(NamedTuple):
    """A column of a real table."""

    table: str
    column: str


@dataclass
class Touched:
    """What was found out about one table so far."""

    columns: list[str] = field(default_factory=list)
    named: list[str] = field(default_factory=list)
    star: bool = False
    unresolved: str = ""


class Output(NamedTuple):
    """One column of a result. `plain`: the column that it is, unchanged. `star`: all of a relation."""

    name: str
    refs: tuple[Ref, ...] = ()
    plain: Ref | None = None
    star: Relation | None = None


@dataclass(frozen=True)
class Relation:
    """What a name in FROM stands for: a real table, a query's result, or something without known columns."""

    name: str
    table: str = ""
    outputs: tuple[Output, ...] | None = None

    def column(self, name: str, known: Mapping[str, Sequence[str]]) -> Output | None:
        """What a column of it is; None where it surely has none of that name."""
        if self.table:
            columns = known.get(self.table)
            if columns is not None and not _holds(columns, name):
                return None
            ref = Ref(self.table, name)
            return Output(name, (ref,), ref)
        if self.outputs is None:
            return Output(name)
        for output in self.outputs:
            if output.name.lower() == name.lower() and output.star is None:
                return output
        stars = [output.star for output in self.outputs if output.star is not None]
        found = [star.column(name, known) for star in stars]
        return next((output for output in found if output is not None), None) if len(stars) == 1 else None

    @property
    def is_closed(self) -> bool:
        """Whether all of its columns are known by name."""
        return self.outputs is not None and all(output.star is None for output in self.outputs)

    def tables(self) -> tuple[str, ...]:
        """The real tables that all of it comes from."""
        if self.table:
            return (self.table,)
        stars = [output.star for output in self.outputs or () if output.star is not None]
        return tuple(table for star in stars for table in star.tables())


def _holds(columns: Iterable[str], name: str) -> bool:
    return any(column.lower() == name.lower() for column in columns)


class Scope(NamedTuple):
    """The names that can be seen: relations by alias, innermost scope first."""

    relations: dict[str, Relation]
    outer: Scope | None
    shared: frozenset[str] = frozenset()  # columns of USING


class Reads:
    """Reads queries, and collects what they touch."""

    def __init__(self, markers: tuple[Marker, ...], known: Mapping[str, Sequence[str]]) -> None:
        self.markers = markers
        self.known = known
        self.tables: dict[str, Touched] = {}
        self.notes: list[str] = []

    def touched(self, table: str) -> Touched:
        return self.tables.setdefault(table, Touched())

    def note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)

    # -- names

    def name_of(self, table: exp.Table) -> str:
        """The table's name as written; "" for a function, or a name that is not known."""
        if not isinstance(table.this, exp.Identifier):
            return ""
        parts = [part.name for part in (table.args.get("db"), table.this) if isinstance(part, exp.Identifier)]
        holes = [marker for part in parts for marker in markers_in(part)]
        if not holes:
            return ".".join(part for part in parts if part)
        if not markers_in(parts[-1]):
            self.note(f"the schema of {parts[-1]} is built at run time: {self.shown(holes)}")
            return parts[-1]
        self.note(f"the table name is built at run time: {self.shown(holes)}")
        return ""

    def shown(self, numbers: Iterable[int]) -> str:
        shown: list[str] = []
        for number in numbers:
            marker = self.markers[number] if number < len(self.markers) else Marker("?")
            hole = marker.hole
            shown.append(marker.text if hole is None else f"{' '.join(hole.text.split())[:60]} {hole.reason}")
        return ", ".join(shown)

    # -- relations

    def relation(
        self, node: exp.Expression, ctes: dict[str, Relation], scope: Scope | None, depth: int
    ) -> Relation:
        if isinstance(node, exp.Table):
            if markers_in(node.alias):
                self.note(f"a part after FROM is built at run time: {self.shown(markers_in(node.alias))}")
            alias = node.name if markers_in(node.alias) else node.alias_or_name
            cte = ctes.get(node.name.lower()) if not node.args.get("db") else None
            if cte is not None:
                return Relation(alias, cte.table, cte.outputs)
            name = self.name_of(node)
            if not name:
                if not isinstance(node.this, exp.Identifier) and isinstance(node.this, exp.Expression):
                    self.condition(node.this, scope, ctes, depth)
                return Relation(alias)
            self.touched(name)
            return Relation(alias, table=name)
        if isinstance(node, exp.Subquery):
            inner = node.this
            if isinstance(inner, exp.Query):
                outputs = self.query(inner, ctes, scope, depth + 1)
                return Relation(node.alias, outputs=self._renamed(outputs, node))
            if isinstance(inner, exp.Table):
                return self.relation(inner, ctes, scope, depth + 1)
        if isinstance(node, exp.Lateral) and isinstance(node.this, exp.Subquery):
            inner = node.this.this
            if isinstance(inner, exp.Query):
                return Relation(
                    node.alias, outputs=self._renamed(self.query(inner, ctes, scope, depth + 1), node)
                )
        if isinstance(node, exp.Values):
            columns = [column.name for column in node.args["alias"].columns] if node.args.get("alias") else []
            return Relation(node.alias, outputs=tuple(Output(name) for name in columns) if columns else None)
        for child in node.iter_expressions():
            if not isinstance(child, exp.TableAlias):
                self.condition(child, scope, ctes, depth)
        return Relation(node.alias)

    def _renamed(self, outputs: tuple[Output, ...], node: exp.Expression) -> tuple[Output, ...]:
        alias = node.args.get("alias")
        names = [column.name for column in alias.columns] if isinstance(alias, exp.TableAlias) else []
        if not names or any(output.star for output in outputs):
            return outputs
        return tuple(
            output._replace(name=names[index]) if index < len(names) else output
            for index, output in enumerate(outputs)
        )

    def ctes_of(
        self, node: exp.Expression | exp.Query, ctes: dict[str, Relation], depth: int
    ) -> dict[str, Relation]:
        """The CTEs that a statement sees. Those that change rows are read by `statements`."""
        clause = node.args.get("with_")
        if not isinstance(clause, exp.With):
            return ctes
        seen = dict(ctes)
        for cte in clause.expressions:
            name = cte.alias.lower()
            if isinstance(cte.this, exp.Query):
                seen[name] = Relation(name)  # for a recursive one, while it is read
                outputs = self.query(cte.this, seen, None, depth + 1)
                seen[name] = Relation(name, outputs=self._renamed(outputs, cte))
            else:
                seen[name] = Relation(name)
        return seen

    # -- queries

    def query(
        self, node: exp.Expression | exp.Query, ctes: dict[str, Relation], outer: Scope | None, depth: int = 0
    ) -> tuple[Output, ...]:
        """What the columns of a query's result are. Everything in it is noted as named."""
        if depth > DEEPEST:
            self.note("it is nested too deeply to be read")
            return ()
        if isinstance(node, exp.Subquery):
            return self.query(node.this, ctes, outer, depth + 1)
        ctes = self.ctes_of(node, ctes, depth)
        if isinstance(node, exp.SetOperation):
            return self._set_operation(node, ctes, outer, depth)
        if not isinstance(node, exp.Select):
            return ()
        scope = self.scope(node, ctes, outer, depth)
        outputs: list[Output] = []
        for projection in node.expressions:
            outputs += self.projection(projection, scope, ctes, depth)
        names = frozenset(output.name.lower() for output in outputs if output.name)
        for key, part in node.args.items():
            if key in ("expressions", "from_", "joins", "with_", "laterals", "hint", "kind", "into"):
                continue
            aliases = names if key in ("order", "group", "having", "qualify", "distinct") else frozenset()
            for child in part if isinstance(part, list) else [part]:
                if isinstance(child, exp.Expression):
                    self.condition(child, scope, ctes, depth, aliases)
        for output in outputs:
            self.name(output.refs)
        return tuple(outputs)

    def _set_operation(
        self, node: exp.SetOperation, ctes: dict[str, Relation], outer: Scope | None, depth: int
    ) -> tuple[Output, ...]:
        arms: list[tuple[Output, ...]] = []
        at: exp.Expression = node
        while isinstance(at, exp.SetOperation):  # a long UNION leans to the left
            arms.append(self.query(at.expression, ctes, outer, depth + 1))
            at = at.this
        arms.append(self.query(at, ctes, outer, depth + 1))
        arms.reverse()
        first, *rest = arms
        for other in rest:
            if len(other) == len(first) and not any(output.star for output in (*first, *other)):
                first = tuple(
                    Output(a.name, tuple(dict.fromkeys((*a.refs, *b.refs))), a.plain)
                    for a, b in zip(first, other, strict=True)
                )
            else:
                first = (*first, *other)
        return first

    def scope(
        self, node: exp.Expression, ctes: dict[str, Relation], outer: Scope | None, depth: int
    ) -> Scope:
        """The relations of FROM and JOIN, with their conditions read."""
        relations: dict[str, Relation] = {}
        shared: set[str] = set()
        scope = Scope(relations, outer)
        joins: list[exp.Join] = []

        def add(source: exp.Expression) -> None:
            relation = self.relation(source, ctes, scope, depth)
            relations[(relation.name or f"#{len(relations)}").lower()] = relation
            waiting = list(source.args.get("joins") or [])
            inner = source.this if isinstance(source, exp.Subquery) else None
            if isinstance(inner, exp.Table):
                waiting += inner.args.get("joins") or []
            for join in waiting:
                joins.append(join)
                add(join.this)
            for lateral in source.args.get("laterals") or []:
                add(lateral)

        start = node.args.get("from_")
        if isinstance(start, exp.From):
            add(start.this)
        for join in node.args.get("joins") or []:
            joins.append(join)
            add(join.this)
        for lateral in node.args.get("laterals") or []:
            add(lateral)
        for join in joins:
            for column in join.args.get("using") or []:
                name = column.name
                shared.add(name.lower())
                for relation in relations.values():
                    found = relation.column(name, self.known)
                    if found is not None:
                        self.name(found.refs)
        scope = Scope(relations, outer, frozenset(shared))
        for join in joins:
            condition = join.args.get("on")
            if isinstance(condition, exp.Expression):
                self.condition(condition, scope, ctes, depth)
        return scope

    # -- expressions

    def projection(
        self, node: exp.Expression, scope: Scope, ctes: dict[str, Relation], depth: int
    ) -> list[Output]:
        alias = node.alias if isinstance(node, exp.Alias) else ""
        inner = node.this if isinstance(node, exp.Alias) else node
        if markers_in(alias):
            self.columns_unknown(scope, markers_in(alias))
            alias = ""
        if isinstance(inner, exp.Star) or (
            isinstance(inner, exp.Column) and isinstance(inner.this, exp.Star)
        ):
            return self._stars(inner, scope)
        if isinstance(inner, exp.Column):
            number = marker_of(inner.name)
            if number is not None and not inner.table:
                marker = self.markers[number]
                if marker.hole is not None or marker.text.startswith("%"):
                    self.columns_unknown(scope, (number,))
                return [Output(alias)]
            found = self.column(inner, scope, result=True)
            return [found._replace(name=alias or inner.name)]
        refs: list[Ref] = []
        self._expression(inner, scope, ctes, depth, refs, frozenset(), result=True)
        unwrapped = inner
        while isinstance(unwrapped, (exp.Paren, exp.Cast)):
            unwrapped = unwrapped.this
        return [Output(alias or inner.alias_or_name, tuple(dict.fromkeys(refs)))]

    def _stars(self, node: exp.Expression, scope: Scope) -> list[Output]:
        if isinstance(node, exp.Column) and node.table:
            relation = _seen(scope, node.table.lower())
            if relation is None:
                if markers_in(node.table):
                    self.columns_unknown(scope, markers_in(node.table))
                return []
            return self._all_of(relation)
        return [output for relation in scope.relations.values() for output in self._all_of(relation)]

    def _all_of(self, relation: Relation) -> list[Output]:
        if relation.outputs is not None:
            return list(relation.outputs)
        return [Output("", star=relation)]

    def columns_unknown(self, scope: Scope, numbers: Iterable[int]) -> None:
        why = f"{RUN_TIME_COLUMNS}: {self.shown(numbers)}"
        tables = [table for relation in scope.relations.values() for table in relation.tables()]
        for table in tables:
            touched = self.touched(table)
            touched.unresolved = touched.unresolved or why
        self.note(why)

    def column(self, node: exp.Column, scope: Scope | None, result: bool = False) -> Output:
        """What a column reference means; an empty Output where that cannot be told, with a note."""
        name, qualifier = node.name, node.table
        holes = markers_in(name)
        if holes:
            if marker_of(name) is None or qualifier:
                self.note(f"a column name is built at run time: {self.shown(holes)}")
                if result and scope is not None:
                    self.columns_unknown(scope, holes)
            return Output("")
        if qualifier and not markers_in(qualifier):
            relation = _seen(scope, qualifier.lower())
            if relation is None:
                if node.args.get("db") or qualifier.lower() in (
                    "excluded",
                    "new",
                    "old",
                    "inserted",
                    "deleted",
                ):
                    return Output(name)
                self.note(f"{qualifier} in {qualifier}.{name} is no table of the statement")
                return Output(name)
            return relation.column(name, _NOTHING) or Output(name)
        found = self._unqualified(name, scope, result, node, self.known)
        if found is None and self.known:
            # A name that no table is known to have is still read from one: what is known may be out of date.
            found = self._unqualified(name, scope, result, node, _NOTHING)
        return found or Output(name)

    def _unqualified(
        self,
        name: str,
        scope: Scope | None,
        result: bool,
        node: exp.Column,
        known: Mapping[str, Sequence[str]],
    ) -> Output | None:
        """What a name without a table means; None where no relation is known to have it."""
        at = scope
        while at is not None:
            relations = list(at.relations.values())
            named = [
                r
                for r in relations
                if r.outputs is not None and any(o.name.lower() == name.lower() for o in r.outputs)
            ]
            if named:
                return named[0].column(name, known) or Output(name)
            if name.lower() in at.relations and not node.this.args.get("quoted"):
                relation = at.relations[name.lower()]  # a whole row: row_to_json(t)
                if relation.column(name, known) is None or not relation.table:
                    return Output(name)
                if known.get(relation.table) is None and isinstance(node.parent, exp.Func):
                    self.touched(relation.table).star = True
                    return Output(name)
            open_ones = [r for r in relations if not r.is_closed and r.column(name, known) is not None]
            certain = [r for r in open_ones if r.table and _holds(known.get(r.table, ()), name)]
            if len(certain) == 1 or (certain and name.lower() in at.shared):
                open_ones = certain[:1]
            elif name.lower() in at.shared:
                open_ones = open_ones[:1]
            if len({(r.table or r.name) for r in open_ones}) == 1:
                return open_ones[0].column(name, known) or Output(name)
            if open_ones:
                tables = [table for relation in open_ones for table in relation.tables()]
                if name.lower() in _PSEUDO or not tables:
                    return Output(name)
                whose = " or ".join(dict.fromkeys(r.table or r.name or "a function" for r in open_ones))
                why = f"whose column {name} is cannot be told: {whose}"
                self.note(why)
                if result:
                    for table in tables:
                        self.touched(table).unresolved = self.touched(table).unresolved or why
                return Output(name)
            at = at.outer
        return None

    def condition(
        self,
        node: exp.Expression,
        scope: Scope | None,
        ctes: dict[str, Relation],
        depth: int,
        aliases: frozenset[str] = frozenset(),
    ) -> None:
        refs: list[Ref] = []
        self._expression(node, scope, ctes, depth, refs, aliases, result=False)
        self.name(refs)

    def _expression(
        self,
        node: exp.Expression,
        scope: Scope | None,
        ctes: dict[str, Relation],
        depth: int,
        refs: list[Ref],
        aliases: frozenset[str],
        result: bool,
    ) -> None:
        """The columns in an expression, in the order they are written, without recursion into itself."""
        waiting: list[exp.Expression] = [node]
        while waiting:
            at = waiting.pop()
            if isinstance(at, exp.Query):
                stars = isinstance(at.parent, exp.Exists)
                outputs = self.query(at, ctes, scope, depth + 1)
                for output in outputs:
                    refs += output.refs
                    if output.star is not None and not stars:
                        for table in output.star.tables():
                            self.touched(table).star = True
                continue
            if isinstance(at, exp.Column):
                number = marker_of(at.name)
                if number is not None and not at.table:
                    if self.markers[number].hole is not None and _is_condition(at):
                        self.note(f"a condition is built at run time: {self.shown((number,))}")
                    continue
                if isinstance(at.this, exp.Star) or (not at.table and at.name.lower() in aliases):
                    continue
                refs += self.column(at, scope, result).refs
                continue
            if isinstance(at, exp.DataType):
                continue
            waiting += reversed(list(at.iter_expressions()))

    def name(self, refs: Iterable[Ref]) -> None:
        for ref in refs:
            named = self.touched(ref.table).named
            if ref.column not in named:
                named.append(ref.column)


_NOTHING: Mapping[str, Sequence[str]] = {}

_PSEUDO = frozenset("rownum sysdate systimestamp level ctid xmax xmin rowid oid tableoid user now".split())


def _is_condition(node: exp.Expression) -> bool:
    at = node.parent
    while isinstance(at, exp.Paren):
        at = at.parent
    return isinstance(
        at, (exp.And, exp.Or, exp.Where, exp.Join, exp.Not, exp.Having, exp.Order, exp.Ordered, exp.Group)
    )


def _seen(scope: Scope | None, name: str) -> Relation | None:
    at = scope
    while at is not None:
        if name in at.relations:
            return at.relations[name]
        for relation in at.relations.values():
            if relation.table.lower() == name or relation.table.lower().endswith(f".{name}"):
                return relation
        at = at.outer
    return None
