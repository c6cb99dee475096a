"""What each statement of a SQL text does to which table."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from sqlglot import exp

from migration_lint.named_tuple import NamedTuple
from migration_lint.operations import Dialect
from migration_lint.sources.model import TableUse
from migration_lint.sources.sql.markers import Marker, Piece, marked, marker_of, markers_in, restored
from migration_lint.sources.sql.parsing import Parsed, parse
from migration_lint.sources.sql.scopes import RUN_TIME_COLUMNS, Reads, Relation, Scope
from migration_lint.sources.sql.scopes import Output as Column


class Fill(NamedTuple):
    """What an INSERT or UPDATE puts into a column: a placeholder, by its marker, or a literal."""

    column: str
    text: str
    marker: int | None = None
    literal: str | None = None
    around: tuple[str, ...] = ()
    """The functions around what it puts in, the outermost first: `to_jsonb`, `coalesce`."""


class Output(NamedTuple):
    """The place of a column in the rows that come back, from 0."""

    position: int
    column: str
    name: str
    """What the row calls it: its alias, or its own name."""


class ParsedUse(NamedTuple):
    use: TableUse
    fills: tuple[Fill, ...] = ()
    outputs: tuple[Output, ...] = ()
    width: int = -1
    """How many columns the rows have that come back; -1 where that cannot be told."""


class SqlStatement(NamedTuple):
    uses: tuple[ParsedUse, ...]
    unresolved: str = ""


class SqlReading(NamedTuple):
    """`unresolved`: why the text as a whole is not known; then it has no statements."""

    statements: tuple[SqlStatement, ...]
    markers: tuple[Marker, ...]
    unresolved: str = ""


_NOTHING: Mapping[str, Sequence[str]] = {}
_CHANGES = (exp.Insert, exp.Update, exp.Delete, exp.Merge)


def read(
    pieces: tuple[Piece, ...], dialect: Dialect, known: Mapping[str, Sequence[str]] | None = None
) -> SqlReading:
    """The statements of a text that read or write rows; others, such as DDL, are left out.

    `known`: the columns of tables, as the statement names them, to tell whose an unqualified column is.
    """
    replaces = (
        re.match(r"(\s*)REPLACE(\s+INTO\b)", pieces[0], re.I)
        if pieces and isinstance(pieces[0], str)
        else None
    )
    if replaces is not None:
        start = str(pieces[0])
        pieces = (f"{replaces[1]}INSERT{start[replaces.start(2) :]}", *pieces[1:])
    parsed = parse(pieces, dialect)
    if parsed.problem:
        return SqlReading((), parsed.markers, parsed.problem)
    statements: list[SqlStatement] = []
    for root in parsed.roots:
        if isinstance(root, (exp.Query, *_CHANGES)):
            reader = _Reader(parsed, pieces, known or _NOTHING)
            statements.append(reader.statement(root, replaces is not None))
    return SqlReading(tuple(statements), parsed.markers)


class _Reader:
    def __init__(self, parsed: Parsed, pieces: tuple[Piece, ...], known: Mapping[str, Sequence[str]]) -> None:
        self._parsed = parsed
        self._pieces = pieces
        self._reads = Reads(parsed.markers, known)
        self._found: list[ParsedUse] = []
        self._width = -1

    def statement(self, root: exp.Expression, replaces: bool) -> SqlStatement:
        try:
            self._change(root, {}, replaces)
        except RecursionError:
            return SqlStatement((), "it is nested too deeply to be read")
        in_columns = self._left_out()
        uses = [*self._found, *self._selected()]
        if in_columns:
            uses = [p._replace(use=p.use._replace(unresolved=p.use.unresolved or in_columns)) for p in uses]
        notes = self._reads.notes
        return SqlStatement(tuple(uses), "; ".join(notes))

    def _left_out(self) -> str:
        """Notes the holes that the text only parses without; those in a column list make it unknown."""
        in_columns = ""
        for number in sorted(self._parsed.left_out):
            text = marked(self._pieces).text
            before = text[: text.lower().find(f"zqk{number}z")]
            clauses = re.findall(
                r"\b(SELECT|SET|INTO|INSERT|RETURNING|FROM|WHERE|VALUES|ORDER|GROUP|ON)\b", before, re.I
            )
            clause = clauses[-1].upper() if clauses else ""
            if clause in ("SELECT", "SET", "INTO", "RETURNING"):
                in_columns = f"{RUN_TIME_COLUMNS}: {self._reads.shown((number,))}"
                self._reads.note(in_columns)
            else:
                self._reads.note(f"a part of it is built at run time: {self._reads.shown((number,))}")
        return in_columns

    def _selected(self) -> list[ParsedUse]:
        """A use for each table that was only read."""
        uses: list[ParsedUse] = []
        changed = {parsed.use.table for parsed in self._found}
        for table, touched in self._reads.tables.items():
            if table in changed and not touched.columns and not touched.star:
                continue
            named = tuple(name for name in touched.named if name not in touched.columns)
            if table in changed:
                named = ()
            use = TableUse(
                table,
                "select",
                tuple(touched.columns),
                touched.star,
                named=named,
                unresolved=touched.unresolved,
            )
            outputs = tuple(self._outputs.get(table, ())) if not self._found else ()
            uses.append(ParsedUse(use, outputs=outputs, width=self._width if not self._found else -1))
        return uses

    # -- statements

    def _change(self, root: exp.Expression, ctes: dict[str, Relation], replaces: bool = False) -> None:
        self._outputs: dict[str, list[Output]] = {}
        clause = root.args.get("with_")
        if isinstance(clause, exp.With):
            for cte in clause.expressions:
                if isinstance(cte.this, _CHANGES):
                    names = (other.alias.lower() for other in clause.expressions)
                    self._change(cte.this, {name: Relation(name) for name in names})
            # what such a part returns goes on into the statement, not out of it
            self._found = [parsed._replace(outputs=()) for parsed in self._found]
            self._outputs = {}
        if isinstance(root, exp.Insert):
            self._insert(root, ctes, replaces)
        elif isinstance(root, exp.Update):
            self._update(root, ctes)
        elif isinstance(root, exp.Delete):
            self._delete(root, ctes)
        elif isinstance(root, exp.Merge):
            self._merge(root, ctes)
        elif isinstance(root, exp.Query):
            self._result(self._reads.query(root, ctes, None))

    def _result(self, outputs: tuple[Column, ...]) -> None:
        """The rows that come back: their columns, in order, and where each stands in a row."""
        countable = all(output.star is None for output in outputs)
        self._width = len(outputs) if countable and not self._parsed.left_out else -1
        for position, output in enumerate(outputs):
            for ref in output.refs:
                touched = self._reads.touched(ref.table)
                if ref.column not in touched.columns:
                    touched.columns.append(ref.column)
            if output.star is not None:
                for table in output.star.tables():
                    self._reads.touched(table).star = True
            if output.plain is not None:
                place = Output(position if countable else -1, output.plain.column, output.name)
                self._outputs.setdefault(output.plain.table, []).append(place)

    def _target(self, node: exp.Expression | None) -> tuple[str, Relation]:
        if not isinstance(node, exp.Table):
            return "", Relation("")
        name = self._reads.name_of(node)
        if name:
            self._reads.touched(name)
        alias = node.alias_or_name
        return name, Relation(alias if not markers_in(alias) else node.name, name)

    def _add(
        self, use: TableUse, fills: list[Fill], outputs: tuple[Output, ...] = (), width: int = -1
    ) -> None:
        touched = self._reads.tables.get(use.table)
        named = [name for name in (touched.named if touched else []) if name not in use.columns]
        unresolved = use.unresolved or (touched.unresolved if touched else "")
        self._found.append(
            ParsedUse(use._replace(named=tuple(named), unresolved=unresolved), tuple(fills), outputs, width)
        )

    def _returning(
        self, root: exp.Expression, scope: Scope, table: str
    ) -> tuple[tuple[str, ...], tuple[Output, ...], int]:
        """The columns that come back, where each stands, and how many the rows have."""
        clause = root.args.get("returning")
        if not isinstance(clause, exp.Returning):
            return (), (), -1
        names: list[str] = []
        outputs: list[Output] = []
        position = 0
        for projection in clause.expressions:
            for output in self._reads.projection(projection, scope, {}, 0):
                if output.star is not None:
                    names.append("*")
                    continue
                names += [ref.column for ref in output.refs if ref.table == table]
                if output.plain is not None and output.plain.table == table:
                    outputs.append(Output(position, output.plain.column, output.name))
                position += 1
        if "*" in names:
            outputs = [output._replace(position=-1) for output in outputs]
        width = -1 if "*" in names or self._parsed.left_out else position
        return tuple(dict.fromkeys(names)), tuple(outputs), width

    def _insert(self, root: exp.Insert, ctes: dict[str, Relation], replaces: bool) -> None:
        schema = root.this
        table, relation = self._target(schema.this if isinstance(schema, exp.Schema) else schema)
        columns = [column.name for column in schema.expressions] if isinstance(schema, exp.Schema) else []
        unresolved = self._unknown_columns(columns)
        source = root.expression
        fills: list[Fill] = []
        miscounted: list[str] = []
        if isinstance(source, exp.Values):
            for row in source.expressions:
                values = row.expressions if isinstance(row, exp.Tuple) else [row]
                if not unresolved and self._is_miscounted(columns, values):
                    miscounted.append(f"{len(columns)} columns and {len(values)} values")
                if len(values) == len(columns):
                    fills += [self._fill(c, v) for c, v in zip(columns, values, strict=True)]
                for value in values:
                    self._reads.condition(value, None, ctes, 0)
        elif isinstance(source, (exp.Query, exp.Subquery)):
            outputs = self._reads.query(source, self._reads.ctes_of(root, ctes, 0), None)
            self._result(outputs)
            select = source
            while isinstance(select, exp.Subquery):
                select = select.this
            if isinstance(select, exp.Select) and len(select.expressions) == len(columns):
                fills += [
                    self._fill(c, v.unalias()) for c, v in zip(columns, select.expressions, strict=True)
                ]
        scope = Scope({(relation.name or table or "#").lower(): relation}, None)
        conflict, where, updated = self._conflict(root, scope, ctes, fills)
        if replaces or root.args.get("alternative") == "REPLACE":
            conflict = conflict if conflict is not None else ()
        returning, outputs_back, width = self._returning(root, scope, table)
        if not table:
            return
        if not columns and self._parsed.left_out:
            unresolved = unresolved or RUN_TIME_COLUMNS
        named_columns = tuple(column for column in columns if not markers_in(column))
        default = source is None and not columns
        use = TableUse(
            table,
            "insert",
            named_columns,
            not columns and not default,
            conflict,
            where,
            updated,
            returning,
            unresolved=unresolved,
            miscounted=tuple(dict.fromkeys(miscounted)),
        )
        self._add(use, [fill for fill in fills if not markers_in(fill.column)], outputs_back, width)

    def _is_miscounted(self, columns: list[str], values: list[exp.Expression]) -> bool:
        """Whether an INSERT has more columns than values, or fewer. What one hole stands for may be many."""
        if not columns or len(columns) == len(values) or self._parsed.left_out:
            return False
        markers = [
            number for value in values for c in value.find_all(exp.Column) for number in markers_in(c.name)
        ]
        if any(self._reads.markers[number].hole is not None for number in markers):
            return False
        return len(values) > 1 or not markers

    def _conflict(
        self, root: exp.Insert, scope: Scope, ctes: dict[str, Relation], fills: list[Fill]
    ) -> tuple[tuple[str, ...] | None, str | None, tuple[str, ...]]:
        node = root.args.get("conflict")
        if not isinstance(node, exp.OnConflict):
            return None, None, ()
        keys: list[str] = []
        for key in node.args.get("conflict_keys") or []:
            inner = key.this if isinstance(key, exp.Ordered) else key
            keys.append(inner.name if isinstance(inner, (exp.Column, exp.Identifier)) else inner.sql())
        constraint = node.args.get("constraint")
        if isinstance(constraint, exp.Expression):
            self._reads.note(f"its conflict is named by the constraint {constraint.name}")
        predicate = node.args.get("index_predicate")
        where = None
        if isinstance(predicate, exp.Where):
            where = restored(predicate.this.sql("postgres"), self._reads.markers)
            self._reads.condition(predicate.this, scope, ctes, 0)
        updated, sets = self._sets(node.expressions, scope, ctes)
        fills += sets
        condition = node.args.get("where")
        if isinstance(condition, exp.Expression):
            self._reads.condition(condition, scope, ctes, 0)
        return tuple(keys), where, tuple(updated)

    def _sets(
        self, assignments: list[exp.Expression], scope: Scope, ctes: dict[str, Relation]
    ) -> tuple[list[str], list[Fill]]:
        columns: list[str] = []
        fills: list[Fill] = []
        for assignment in assignments:
            if not isinstance(assignment, exp.EQ):
                numbers = [n for c in assignment.find_all(exp.Column) for n in markers_in(c.name)]
                self._reads.columns_unknown(scope, numbers)
                continue
            left, right = assignment.this, assignment.expression
            lefts = left.expressions if isinstance(left, exp.Tuple) else [left]
            rights = right.expressions if isinstance(right, exp.Tuple) else [right]
            for index, column in enumerate(lefts):
                if isinstance(column, exp.Paren):
                    column = column.this
                if markers_in(column.name):
                    self._reads.columns_unknown(scope, markers_in(column.name))
                    continue
                while isinstance(column, (exp.Bracket, exp.Dot)):
                    column = column.this
                columns.append(column.name)
                if len(rights) == len(lefts):
                    value = rights[index]
                    excluded = isinstance(value, exp.Column) and value.table.lower() == "excluded"
                    if not excluded:
                        fills.append(self._fill(column.name, value))
            self._reads.condition(right, scope, ctes, 0)
        return columns, fills

    def _update(self, root: exp.Update, ctes: dict[str, Relation]) -> None:
        ctes = self._reads.ctes_of(root, ctes, 0)
        table, relation = self._target(root.this)
        scope = self._reads.scope(root, ctes, None, 0)
        listed = scope.relations.get(relation.name.lower())
        if listed is not None and listed.table and listed.table != table:
            # UPDATE alias … FROM table alias, of T-SQL
            self._reads.tables.pop(table, None)
            table, relation = listed.table, listed
        relations = {relation.name.lower() or "#": relation}
        joined = (
            exp.Select(joins=root.this.args.get("joins") or []) if isinstance(root.this, exp.Table) else None
        )
        if joined is not None and joined.args["joins"]:
            relations |= self._reads.scope(joined, ctes, Scope(relations, None), 0).relations
        scope = Scope({**relations, **scope.relations}, None)
        # an assignment's column is the target's, whatever else is joined
        columns, fills = self._sets(root.expressions, scope, ctes)
        for key in ("where", "order", "limit"):
            part = root.args.get(key)
            if isinstance(part, exp.Expression):
                self._reads.condition(part, scope, ctes, 0)
        returning, outputs, width = self._returning(root, scope, table)
        if table:
            self._add(
                TableUse(table, "update", tuple(dict.fromkeys(columns)), returning=returning),
                fills,
                outputs,
                width,
            )

    def _delete(self, root: exp.Delete, ctes: dict[str, Relation]) -> None:
        ctes = self._reads.ctes_of(root, ctes, 0)
        table, relation = self._target(root.this)
        relations = {relation.name.lower() or "#": relation}
        for other in [*(root.args.get("using") or [])]:
            found = self._reads.relation(other, ctes, Scope(relations, None), 0)
            relations[found.name.lower()] = found
        joins = root.this.args.get("joins") if isinstance(root.this, exp.Table) else None
        if joins:
            relations |= self._reads.scope(exp.Select(joins=joins), ctes, Scope(relations, None), 0).relations
        scope = Scope(relations, None)
        for key in ("where", "order", "limit"):
            part = root.args.get(key)
            if isinstance(part, exp.Expression):
                self._reads.condition(part, scope, ctes, 0)
        returning, outputs, width = self._returning(root, scope, table)
        targets = [
            relations[t.name.lower()].table
            for t in root.args.get("tables") or []
            if t.name.lower() in relations
        ]
        for name in targets or [table]:
            if name:
                self._add(TableUse(name, "delete", returning=returning), [], outputs, width)

    def _merge(self, root: exp.Merge, ctes: dict[str, Relation]) -> None:
        ctes = self._reads.ctes_of(root, ctes, 0)
        table, relation = self._target(root.this)
        relations = {relation.name.lower() or "#": relation}
        using = root.args.get("using")
        if isinstance(using, exp.Expression):
            source = self._reads.relation(using, ctes, None, 0)
            relations[source.name.lower() or "#using"] = source
        scope = Scope(relations, None)
        condition = root.args.get("on")
        if isinstance(condition, exp.Expression):
            self._reads.condition(condition, scope, ctes, 0)
        whens = root.args.get("whens")
        for when in whens.expressions if isinstance(whens, exp.Whens) else []:
            action = when.args.get("then")
            extra = when.args.get("condition")
            if isinstance(extra, exp.Expression):
                self._reads.condition(extra, scope, ctes, 0)
            if isinstance(action, exp.Insert) and table:
                names = (
                    [c.name for c in action.this.expressions] if isinstance(action.this, exp.Tuple) else []
                )
                values = action.expression.expressions if isinstance(action.expression, exp.Tuple) else []
                fills = [self._fill(c, v) for c, v in zip(names, values, strict=False)]
                for value in values:
                    self._reads.condition(value, scope, ctes, 0)
                self._add(TableUse(table, "insert", tuple(names), not names), fills)
            elif isinstance(action, exp.Update) and table:
                columns, fills = self._sets(action.expressions, scope, ctes)
                self._add(TableUse(table, "update", tuple(columns)), fills)
            elif table:
                self._add(TableUse(table, "delete"), [])

    def _unknown_columns(self, columns: list[str]) -> str:
        holes = [number for column in columns for number in markers_in(column)]
        if not holes:
            return ""
        why = f"{RUN_TIME_COLUMNS}: {self._reads.shown(holes)}"
        self._reads.note(why)
        return why

    def _fill(self, column: str, value: exp.Expression) -> Fill:
        text = restored(value.sql("postgres"), self._reads.markers)
        at = value
        around: list[str] = []
        while True:
            if isinstance(at, (exp.Cast, exp.Paren)):
                at = at.this
                continue
            inside = _taken(at)
            if inside is None:
                break
            around.append(at.name.lower() if isinstance(at, exp.Anonymous) else at.key.lower())
            at = inside
        within = tuple(around)
        if isinstance(at, exp.Column) and not at.table:
            marker = marker_of(at.name)
            return Fill(column, text, marker, around=within if marker is not None else (*within, "column"))
        if within:
            return Fill(column, text, around=within)
        if isinstance(at, exp.Literal):
            return Fill(column, text, literal=at.name)
        if isinstance(at, exp.Null):
            return Fill(column, text, literal="NULL")
        if isinstance(at, exp.Boolean):
            return Fill(column, text, literal="true" if at.this else "false")
        if isinstance(at, exp.Neg) and isinstance(at.this, exp.Literal):
            return Fill(column, text, literal=f"-{at.this.name}")
        return Fill(column, text, around=("expression",))


def _taken(call: exp.Expression) -> exp.Expression | None:
    """The value that a function takes; None for what is none, or takes none that is a value."""
    if isinstance(call, exp.Anonymous):
        return (
            call.expressions[0]
            if call.expressions and isinstance(call.expressions[0], exp.Expression)
            else None
        )
    if isinstance(call, exp.Func) and not isinstance(call, (exp.Cast, exp.Case, exp.And, exp.Or)):
        return call.this if isinstance(call.this, exp.Expression) else None
    return None
