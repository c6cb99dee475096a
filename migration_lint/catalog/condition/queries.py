"""Queries inside an expression, as far as they are told without their table."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Literal

from migration_lint.catalog.condition.tree import Node
from migration_lint.named_tuple import NamedTuple

#: `*`.
EVERY = Node("row")
_TRUE, _FALSE = Node("literal", value=True), Node("literal", value=False)
#: Without GROUP BY they give one row, whatever there is.
_AGGREGATES = frozenset("count sum min max avg bool_and bool_or every string_agg array_agg json_agg".split())


class Query(NamedTuple):
    """What a query gives: the outputs for the rows of a table, or one row where it reads none."""

    outputs: tuple[Node, ...] = ()
    names: tuple[str, ...] = ()  # of the outputs; "": none
    table: str = ""
    where: Node | None = None
    known: bool = True  # False: it is not read
    text: str = ""
    rows: Literal["all", "first", "some"] = "all"  # some may be none
    others: tuple[Query, ...] = ()  # what UNION adds

    # How it is made

    def told(self, text: str) -> Query:
        return self._replace(text=text, others=tuple(each.told(text) for each in self.others))

    def united(self, other: Query) -> Query:
        return self._replace(others=(*self.others, other._replace(others=()), *other.others))

    def called(self, columns: Sequence[str]) -> Query:
        """A query whose outputs have other names."""
        known = self.known and len(columns) == len(self.outputs) and EVERY not in self.outputs
        others = tuple(each.called(columns) for each in self.others)
        return self._replace(names=tuple(columns), known=known, others=others)

    def counted(self, passing: bool, count: Node) -> Query:
        """With no more rows than a number, or, where it is `passing`, without so many."""
        if count == Node("literal") or (passing and count.value == Decimal(0)):
            return self
        number = count.value if count.operation == "literal" and isinstance(count.value, Decimal) else None
        if number == 0:
            return self._replace(where=_FALSE, others=()) if not self.aggregates else Query(known=False)
        rows: Literal["first", "some"] = (
            "first" if number is not None and not passing and self.rows != "some" else "some"
        )
        return self._replace(rows=rows, others=tuple(each._replace(rows=rows) for each in self.others))

    def selecting(self, outputs: tuple[Node, ...], names: tuple[str, ...], where: Node | None) -> Query:
        """What a SELECT from it gives."""
        if self.others:
            first, *others = (
                each.selecting(outputs, names, where) for each in (self._replace(others=()), *self.others)
            )
            aggregates = any(each.aggregates for each in (first, *others))
            return Query(known=False) if aggregates else first._replace(others=tuple(others))
        listed = unnested(outputs[0].parts[0]) if [_unnests(each) for each in outputs] == [True] else None
        if listed is not None and self == Query() and where is None:
            return listed.called(names)
        made = Query(outputs, names, self.table, where)
        if self in (Query(), Query((EVERY,), ("",), self.table)):
            return made
        renamed = any(
            output != EVERY and (output.operation, output.name) != ("column", name)
            for output, name in zip(self.outputs, self.names, strict=False)
        )
        fewer = where is not None and (renamed or self.rows != "all")
        if not self.known or fewer or (self.aggregates and (where is not None or made.aggregates)):
            return Query(known=False)
        if made.aggregates and self.rows != "all":
            return Query(known=False)
        return self._with(outputs, names, where)

    def _with(self, outputs: tuple[Node, ...], names: tuple[str, ...], where: Node | None) -> Query:
        """The same rows with other outputs, of those that it has."""
        own = dict(zip(self.names, self.outputs, strict=False))
        made: list[tuple[Node, str]] = []
        for output, name in zip(outputs, names, strict=True):
            if output == EVERY:
                made += zip(self.outputs, self.names, strict=False)
            else:
                made.append((_in_terms_of(output, own), name))
        both = [each for each in (self.where, where) if each is not None]
        return self._replace(
            outputs=tuple(output for output, _ in made),
            names=tuple(name for _, name in made),
            where=Node("and", (both[0], both[1])) if len(both) == 2 else (both[0] if both else None),
        )

    # What an expression makes of it

    @property
    def condition(self) -> Node:
        """Its WHERE, which leaves out what it is not TRUE for."""
        return _TRUE if self.where is None else Node("is", (self.where,), "true")

    @property
    def aggregates(self) -> bool:
        return self.known and any(
            each.operation == "call" and each.name in _AGGREGATES for each in self.outputs
        )

    def exists(self) -> Node:
        """Whether it has a row."""
        found = self._exists()
        for each in self.others:
            found = Node("or", (found, each._exists()))
        return found

    def _exists(self) -> Node:
        if not self.known or self.rows == "some":
            return Node("exists", (self.condition,), "", self.text)
        if self.aggregates:
            return _TRUE
        return Node("exists", (self.condition,), self.table, self.text) if self.table else self.condition

    def value(self) -> Node:
        """Its only value."""
        if not self.known or len(self.outputs) != 1 or self.others or self.rows == "some":
            return Node("query", value=self.text)
        (output,) = self.outputs
        if self.aggregates:
            return self._aggregate(output)
        if self.table:
            return Node("query", value=self.text)
        return output if self.where is None else Node("case", (self.condition, output, Node("literal")))

    def _aggregate(self, output: Node) -> Node:
        if output.name == "count":
            given = tuple(Node("is", (each,), "not null") for each in output.parts)
            condition = Node("and", (self.condition, *given)) if given else self.condition
            return Node("count", (condition,), self.table, self.text)
        if self.table and output.name in ("max", "min") and len(output.parts) == 1:
            return Node(output.name, (output.parts[0], self.condition), self.table, self.text)
        if self.table and output.name == "array_agg" and len(output.parts) == 1:
            return Node("collected", (output.parts[0], self.condition), self.table, self.text)
        return Node("query", value=self.text)

    def collected(self) -> Node:
        """All of its values, as an array."""
        plain = self.known and self.rows == "all" and not (self.others or self.aggregates)
        if plain and self.table and len(self.outputs) == 1:
            return Node("collected", (self.outputs[0], self.condition), self.table, self.text)
        return Node("query", value=self.text)


def unnested(array: Node) -> Query | None:
    """The query whose values an array holds; None: it is not made of one."""
    if array.operation == "cast":
        return unnested(array.parts[0])
    if array.operation != "collected":
        return None
    output, condition = array.parts
    return Query((output,), (output.name,), array.name, condition, text=str(array.value))


def _unnests(output: Node) -> bool:
    return output.operation == "call" and output.name == "unnest" and len(output.parts) == 1


def _in_terms_of(node: Node, own: dict[str, Node]) -> Node:
    if node.operation == "column":
        return own.get(node.name, node)
    return node._replace(parts=tuple(_in_terms_of(each, own) for each in node.parts))


def among(left: Node, mark: str, query: Query) -> Node:
    """IN and ANY over a query."""
    found = _among(left, mark, query)
    for each in query.others:
        found = Node("or", (found, _among(left, mark, each)))
    return found


def _among(left: Node, mark: str, query: Query) -> Node:
    if query.aggregates and len(query.outputs) == 1 and query.rows == "all" and not query.others:
        return Node("operator", (left, query.value()), mark)
    held = _held(left, mark, query)
    if held is None:
        return Node("among", (left,), "", query.text)
    found = Node("and", (query.condition, held))
    return found if not query.table else Node("among", (found, query.condition), query.table, query.text)


def among_all(left: Node, mark: str, query: Query) -> Node:
    """ALL over a query: what holds for no row at all, and else for each."""
    held = _held(left, mark, query)
    if held is None or query.table or query.others:
        return Node("among", (left,), "", query.text)
    return Node("or", (Node("not", (query.condition,)), held))


def _held(left: Node, mark: str, query: Query) -> Node | None:
    """A value, or a row of values, beside what a query gives; None: that is not known."""
    width = len(left.parts) if left.operation == "row" else 1
    none = query.where == _FALSE
    if not query.known or query.aggregates or (query.rows != "all" and not none):
        return None
    if len(query.outputs) != width or (EVERY in query.outputs and not none):
        return None
    return Node("operator", (left, query.outputs[0] if width == 1 else Node("row", query.outputs)), mark)
