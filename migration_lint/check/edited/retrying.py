"""IF EXISTS and IF NOT EXISTS that an edit adds: whether they change what a history comes to.

Where the replay has it that a thing is there before it is dropped, or is not before it is made, the statement
does with them what it did without.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from migration_lint.catalog.model import Catalog
from migration_lint.catalog.recording import Stage
from migration_lint.operations import Operation

#: What makes a thing; what else has IF EXISTS takes one away.
_MAKING = frozenset(("create_table", "create_index", "add_column"))


def idle(stage: Stage, before: Sequence[Operation], after: Sequence[Operation]) -> frozenset[int]:
    """The places of the operations at which the second version has such words and they decide nothing.

    `stage`: the replay of the first one.
    """
    if len(before) != len(after):
        return frozenset()
    places = {
        id(old): place
        for place, (old, new) in enumerate(zip(before, after, strict=True))
        if new.if_exists and not old.if_exists and not new.conditional and old.kind == new.kind
    }
    return frozenset(_decided(stage, places)) if places else frozenset()


def _decided(stage: Stage, places: dict[int, int]) -> Iterator[int]:
    for moment in stage.moments():
        place = places.get(id(moment.operation))
        if place is not None:
            makes = moment.operation.kind in _MAKING
            there = _is_there(moment.before, moment.operation)
            if there is not None and there is not makes:
                yield place


def _is_there(catalog: Catalog, operation: Operation) -> bool | None:
    """Whether what an operation makes or takes away is there; None: that is not asked of its kind."""
    key = catalog.key(operation.schema, operation.table or "")
    table = catalog.get(key)
    match operation.kind:
        case "create_table" | "drop_table":
            return key in catalog.rows or key in catalog.views
        case "drop_view":
            return key in catalog.views
        case "add_column" | "drop_column":
            name = operation.columns[0].name if operation.columns else operation.column
            return table is not None and catalog.fold(name or "") in table.columns
        case "create_index" | "drop_index":
            index = operation.index.name if operation.index is not None else None
            folded = catalog.fold(index or operation.name or "")
            named = [catalog.fold(each.name or "") for one in catalog.tables() for each in one.indexes]
            return folded in named
        case "drop_constraint":
            folded = catalog.fold(operation.name or "")
            return table is not None and any(
                catalog.fold(each.name or "") == folded for each in table.constraints
            )
    return None
