"""One source file to its statements: every function walked, every SQL text that is left over read too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from migration_lint.operations import Dialect
from migration_lint.sources.binding import Binder
from migration_lint.sources.code import (
    Assign,
    Branch,
    Call,
    Closure,
    Evaluate,
    Expr,
    Function,
    Joined,
    Leave,
    Loop,
    Member,
    Module,
    Percent,
    Stmt,
    Text,
    dotted,
    inside,
)
from migration_lint.sources.codebase import Codebase
from migration_lint.sources.folding import Folded, Folder
from migration_lint.sources.model import Source, Statement, Symbol, TableUse
from migration_lint.sources.queries import queries
from migration_lint.sources.sql import looks_like_sql, read, shown
from migration_lint.sources.sqlalchemy import with_orm
from migration_lint.sources.walking import Env, Found, Walk

_MOST_WAYS = 8

Known = Mapping[str, Sequence[str]]


def extract(codebase: Codebase, path: str, dialect: Dialect, known: Known | None = None) -> Source | None:
    """What a file of the tree holds; None if the tree has no such source file."""
    if path.endswith(".sql"):
        text = codebase.text(path)
        return _sql_file(path, text, dialect, known) if text is not None else None
    module = codebase.module(path)
    if module is None:
        return None
    reader = _FileReader(codebase, module, dialect, known)
    source = Source(path, module.language, statements=reader.statements(), problem=reader.problem)
    source = source._replace(symbols=reader.symbols())
    return with_orm(codebase, source) if module.language == "Python" else source


def _sql_file(path: str, text: str, dialect: Dialect, known: Known | None) -> Source:
    statements: list[Statement] = []
    symbols: dict[str, Symbol] = {}
    for query in queries(text):
        if not looks_like_sql((query.text,), certain=True):
            continue
        if query.name and query.name not in symbols:
            symbols[query.name] = Symbol(query.name, query.line, query.end_line)
        reading = read((query.text,), dialect, known)
        uses = tuple(parsed.use for one in reading.statements for parsed in one.uses)
        why = reading.unresolved or "; ".join(one.unresolved for one in reading.statements if one.unresolved)
        statements.append(Statement(path, query.line, query.end_line, query.name, query.text, uses, why))
    return Source(path, "SQL", tuple(symbols.values()), tuple(statements))


class _FileReader:
    def __init__(self, codebase: Codebase, module: Module, dialect: Dialect, known: Known | None) -> None:
        self._codebase = codebase
        self._module = module
        self._dialect = dialect
        self._known = known
        self._covered: set[tuple[str, int]] = set()
        self._constants: dict[str, Symbol] = {}
        self.problem = module.problem

    def symbols(self) -> tuple[Symbol, ...]:
        named = [
            Symbol(function.symbol, function.span.line, function.span.end_line)
            for function in self._module.functions
            if function.symbol
        ]
        return tuple(
            sorted([*named, *self._constants.values()], key=lambda symbol: (symbol.line, symbol.name))
        )

    def statements(self) -> tuple[Statement, ...]:
        found: list[Statement] = []
        for function in self._module.functions:
            if function.symbol:
                found += self._function(function)
        found += self._definitions()
        for function in self._module.functions:
            if not function.symbol:
                found += self._function(function)
        return tuple(sorted(found, key=lambda statement: (statement.line, statement.end_line)))

    def _function(self, function: Function) -> Iterator[Statement]:
        walk = Walk(self._codebase, self._module, function)
        walk.run()
        self.problem = self.problem or walk.problem
        binder = Binder(self._codebase, self._module, function.owner, function=function)
        self._covered |= walk.covered
        yield from self._deduplicated(walk, function.symbol, binder)
        for mark in function.marks:
            yield from self._left_over(mark, function, walk.folder, in_mark=True)
        for statement in function.body:
            for expression in _expressions(statement):
                yield from self._left_over(expression, function, walk.folder)

    def _deduplicated(self, walk: Walk, symbol: str, binder: Binder) -> Iterator[Statement]:
        """One statement a place and text, with what the paths that know most bind to it."""
        ways: dict[tuple[int, int, str], list[Found]] = {}
        for one in walk.found:
            ways.setdefault((one.span.start, one.span.end, shown(one.text.pieces)), []).append(one)
        for found in ways.values():
            most = max(_known_of(one) for one in found)
            found[:] = [one for one in found if _known_of(one) == most][:_MOST_WAYS]
        for found in ways.values():
            first = found[0]
            # a text that another call wraps: execute(text("…")) is one statement
            if any(
                other is not first
                and other.text.pieces == first.text.pieces
                and other.span.start <= first.span.start
                and first.span.end <= other.span.end
                for other, *_ in ways.values()
            ):
                continue
            yield self._statement(
                first.text, found, symbol, first.span.line, first.span.end_line, binder, walk
            )

    def _statement(
        self,
        text: Folded,
        found: list[Found],
        symbol: str,
        line: int,
        end_line: int,
        binder: Binder | None,
        walk: Walk | None = None,
    ) -> Statement:
        reading = read(text.pieces, self._dialect, self._known)
        uses: list[TableUse] = []
        for one in reading.statements:
            if binder is None:
                uses += [parsed.use for parsed in one.uses]
                continue
            calls = walk.calls if walk is not None else []
            ways_here: list[Found | None] = [*found] or [None]
            each_way = [binder.uses(one.uses, reading.markers, way, calls) for way in ways_here]
            uses += [_merged(ways) for ways in zip(*each_way, strict=True)]
        why = reading.unresolved or "; ".join(one.unresolved for one in reading.statements if one.unresolved)
        constant = text.constant if text.constant != symbol else ""
        return Statement(
            self._module.path, line, end_line, symbol, shown(text.pieces), tuple(uses), why, constant
        )

    def _left_over(
        self, expression: Expr, function: Function, folder: Folder, in_mark: bool = False
    ) -> Iterator[Statement]:
        """SQL in a text that no call was seen to run: returned, kept in a list, handed on."""
        for text in _texts(expression):
            folded = folder.text(text, Env())
            if folded is None or not looks_like_sql(folded.pieces, in_mark):
                continue
            if (_own(text) or folded.literals) & self._covered:
                continue
            self._covered |= folded.literals
            binder = Binder(self._codebase, self._module, function.owner)
            yield self._statement(folded, [], function.symbol, text.span.line, text.span.end_line, binder)

    def _definitions(self) -> Iterator[Statement]:
        """SQL in constants that no function of the file uses; those that one uses go by its name."""
        for name, definition in self._module.definitions.items():
            if (
                not isinstance(definition.value, (Text, Joined, Call, Percent, Member))
                and not definition.embeds
            ):
                continue
            folded = Folder(self._codebase, self._module, name.rpartition(".")[0]).constant(definition)
            if folded is None or not looks_like_sql(folded.pieces):
                continue
            self._constants[name] = Symbol(name, definition.span.line, definition.span.end_line)
            if folded.literals and folded.literals <= self._covered:
                continue
            self._covered |= folded.literals
            span = definition.span
            yield self._statement(folded, [], name, span.line, span.end_line, None)


def _own(text: Expr) -> frozenset[tuple[str, int]]:
    """Where the text itself stands, not the constants in it."""
    if isinstance(text, Joined):
        parts = [part for part in text.parts if isinstance(part, Text)]
    elif isinstance(text, Percent):
        return _own(text.template)
    else:
        return frozenset({(text.span.path, text.span.start)})
    return frozenset((part.span.path, part.span.start) for part in parts)


def _merged(ways: tuple[TableUse, ...]) -> TableUse:
    """One use of a table, with all that the ways to it bind."""
    bound = dict.fromkeys(each for way in ways for each in way.bound)
    miscounted = dict.fromkeys(each for way in ways for each in way.miscounted)
    return ways[0]._replace(bound=tuple(bound), miscounted=tuple(miscounted))


def _known_of(found: Found) -> int:
    return len(found.args) + len(found.targets) + len(found.keywords) + len(found.numbered)


def _expressions(statement: Stmt) -> Iterator[Expr]:
    if isinstance(statement, (Assign, Evaluate)):
        yield statement.value
    elif isinstance(statement, Leave):
        if statement.value is not None:
            yield statement.value
    elif isinstance(statement, Branch):
        for arm in statement.arms:
            for inner in arm:
                yield from _expressions(inner)
    elif isinstance(statement, Loop):
        if statement.over is not None:
            yield statement.over
        for inner in statement.body:
            yield from _expressions(inner)


def _texts(expression: Expr) -> Iterator[Expr]:
    """The outermost texts in an expression."""
    waiting = [expression]
    while waiting:
        at = waiting.pop()
        if isinstance(at, (Text, Joined)):
            yield at
            if isinstance(at, Joined):
                waiting += [part for part in at.parts if not isinstance(part, Text)]
        elif isinstance(at, Percent):
            yield at
            waiting.append(at.values)
        elif isinstance(at, Call) and dotted(at.callee).rpartition(".")[2] in ("Sprintf", "format", "Format"):
            yield at
            waiting += at.args[1:]
        elif isinstance(at, Closure):
            for statement in at.body:
                waiting += _expressions(statement)
        else:
            waiting += inside(at)
