"""Drafts held against all that `parity` holds contracts against, before they are written.

What of a draft cannot be kept is said less of: a schema may promise what nobody can tell of the code. What is
wrong in the code itself stays, and is told by `parity`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from migration_lint.check.parity import State, disparities
from migration_lint.contracts.model import Contract
from migration_lint.named_tuple import NamedTuple
from migration_lint.parity.model import Disparity
from migration_lint.settings import Settings
from migration_lint.writing.draft import Draft, DraftColumn

#: A draft says less once for its encoding and values, and once for NULL; another round shows what is left.
_MOST_ROUNDS = 4
#: What a column says too much for, and which of it is said less of first.
_ENCODING = frozenset(
    ("code_encoding_differs", "encoding_clash", "encoding_undecided", "example_undecodable")
)
_VALUES = frozenset(("code_value_unexpected", "value_unexpected", "value_unwritable"))
_NULL = frozenset(("code_null_unexpected", "null_unexpected"))


class Held(NamedTuple):
    """Drafts that agree, and what of them was taken back, a sentence each."""

    drafts: tuple[Draft, ...]
    notes: tuple[str, ...]


def agreeing(
    drafts: Sequence[Draft],
    contract: Callable[[Draft], Contract],
    against: tuple[State, Settings],
    project: str,
) -> Held:
    """The drafts, each as far as all else agrees with it. `contract` makes a contract of one."""
    state, settings = against
    notes: list[str] = []
    held = list(drafts)
    for _ in range(_MOST_ROUNDS):
        made = [contract(draft) for draft in held]
        tables = {state.contracts.name_of(each.tables[0]) for each in made}
        others = [
            each._replace(
                tables=tuple(entry for entry in each.tables if state.contracts.name_of(entry) in tables)
            )
            for each in state.contracts.contracts
            if each.id not in {one.id for one in made}
        ]
        contracts = state.contracts._replace(contracts=(*made, *others))
        found = list(disparities(state._replace(contracts=contracts), project, settings))
        changed = False
        for number, draft in enumerate(held):
            less = _less(draft, [each for each in found if each.contract == draft.id], notes)
            changed = changed or less != draft
            held[number] = less
        if not changed:
            break
    return Held(tuple(held), tuple(dict.fromkeys(notes)))


def _less(draft: Draft, found: Iterable[Disparity], notes: list[str]) -> Draft:
    for each in found:
        if each.event == "side_order_differs":
            draft = draft._replace(ordered=False)
            continue
        names = {name.strip() for name in each.element.split(",")}
        columns = tuple(
            _said_less(column, each, draft, notes) if column.name in names else column
            for column in draft.columns
        )
        draft = draft._replace(columns=columns)
    return draft


def _said_less(column: DraftColumn, each: Disparity, draft: Draft, notes: list[str]) -> DraftColumn:
    """A column that says no more than what is not contradicted."""
    if each.event in _NULL:
        notes.append(f"{draft.id}: whether {column.name} is NULL is not said: {each.example or each.found}")
        return column._replace(nullable=None)
    if each.event in _ENCODING:
        return column._replace(encoding=None)
    if each.event in _VALUES:
        return column._replace(values=())
    if each.event == "code_value_unresolved":
        if column.encoding is not None:
            return column._replace(encoding=None)
        if column.values:
            return column._replace(values=())
        return column._replace(nullable=None)
    return column
